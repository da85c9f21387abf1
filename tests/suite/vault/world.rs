//! A Vault, an escrow, two people who can open it, and runs of `bivouac bootstrap-vault` in a home of their own.

use std::fs;
use std::path::PathBuf;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use bivouac::domain::escrow::{Contents, Ledger, Phase};
use bivouac::effects::escrow::AgeCipher;
use bivouac::ports::EscrowCipher as _;
use bivouac::secret::Secret;
use rcgen::KeyPair;
use serde_json::{Value, json};
use tempfile::TempDir;

use super::bao::Bao;
use super::settings::Settings;
use crate::escrow::Person;
use crate::world::{Run, read_outputs};

/// The environment of every Vault here.
pub(crate) const ENVIRONMENT: &str = "staging";

/// One test's Vault, and all that is around it. Everything in it goes when it is dropped.
pub(crate) struct VaultWorld {
    pub(crate) bao: Bao,
    /// The addresses that a run is given: the server's own, unless a test says otherwise.
    pub(crate) addresses: Vec<String>,
    /// The person whose identity a run has, unless a test says otherwise.
    pub(crate) online: Person,
    /// The other one who can open the escrow.
    pub(crate) offline: Person,
    pub(crate) home: TempDir,
}

impl VaultWorld {
    /// A server in memory that is not initialised, with an audit device from the start.
    pub(crate) fn new() -> Self {
        Self::with(Settings::in_memory().audited())
    }

    /// A server that is like this, and is not initialised.
    pub(crate) fn with(settings: Settings) -> Self {
        Self::around(Bao::start(settings))
    }

    /// A server that runs already.
    pub(crate) fn around(bao: Bao) -> Self {
        let home = TempDir::new().unwrap();
        fs::create_dir(home.path().join("temporary")).unwrap();
        let (online, offline) = (Person::new(), Person::with_ssh("ed25519", ""));
        Self { addresses: vec![bao.address()], bao, online, offline, home }
    }

    /// A server that is like this, that somebody else has initialised with two of three shares and unsealed, and that a run has
    /// adopted with the root token, which stays good.
    pub(crate) fn adopted(settings: Settings, arguments: &[&str]) -> (Self, String) {
        let (world, root) = Self::foreign(settings);
        world.bootstrap_with(&[("BIVOUAC_VAULT_TOKEN", &root)], arguments).ok();
        (world, root)
    }

    /// A server that is like this, that somebody else has initialised and unsealed, and its root token.
    pub(crate) fn foreign(settings: Settings) -> (Self, String) {
        let world = Self::with(settings);
        let (keys, root) = world.bao.initialise(3, 2);
        world.bao.unseal(&keys);
        (world, root)
    }

    /// A server that a run has brought up, and that was sealed then.
    pub(crate) fn sealed() -> Self {
        let world = Self::with(Settings::in_memory().audited().lenient());
        world.bootstrap(&[]).ok();
        world.bao.seal(&world.new_root());
        world
    }

    /// A file with a desired state, in YAML, below `vault`.
    pub(crate) fn config(&self, settings: &str) -> String {
        let file = self.home.path().join("vault.yaml");
        let settings: Vec<_> = settings.lines().map(|line| format!("  {line}")).collect();
        fs::write(&file, format!("version: 1\nvault:\n{}\n", settings.join("\n"))).unwrap();
        file.display().to_string()
    }

    /// A file whose desired state has the login by GitHub's OIDC, with a key of its own in place of GitHub's.
    pub(crate) fn config_with_github(&self) -> String {
        self.config(&github())
    }

    /// The same with an application that logs in by itself.
    pub(crate) fn config_with_application(&self) -> String {
        let workflow = "acme/wildside/.github/workflows/preview-sweep.yml@refs/heads/main";
        self.config(&format!(
            "{}\napplications:\n  wildside: {{repository-id: 123456, job-workflow-ref: {workflow}}}",
            github()
        ))
    }

    /// Where the escrow is.
    pub(crate) fn escrow_file(&self) -> PathBuf {
        self.home.path().join("vault.escrow")
    }

    /// `RUNNER_TEMP` of every run.
    pub(crate) fn temporary(&self) -> PathBuf {
        self.home.path().join("temporary")
    }

    /// A run with the addresses, the escrow, both recipients and the identity of the one who is online.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.bare(&["--environment", ENVIRONMENT]);
        command.arg("--escrow").arg(format!("file:{}", self.escrow_file().display()));
        command.args(["--recipient", &self.online.public, "--recipient", &self.offline.public]);
        for address in &self.addresses {
            command.args(["--vault-address", address]);
        }
        command.env("BIVOUAC_AGE_IDENTITY", &self.online.secret);
        command.args(arguments);
        command
    }

    /// A run with nothing but patience for ten seconds.
    pub(crate) fn bare(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bivouac"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("TMPDIR", self.temporary())
            .env("RUNNER_TEMP", self.temporary())
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_RUN_ID", "42")
            .env("GITHUB_OUTPUT", self.home.path().join("outputs"))
            .env("GITHUB_STEP_SUMMARY", self.home.path().join("summary"))
            .arg("bootstrap-vault")
            .args(arguments)
            .stdin(Stdio::null());
        if !arguments.contains(&"--patience") {
            command.env("BIVOUAC_PATIENCE", "10s");
        }
        command
    }

    /// Runs it to its end, with these further arguments.
    pub(crate) fn bootstrap(&self, arguments: &[&str]) -> Run {
        self.run(self.command(arguments))
    }

    /// The same with further variables; one that is blank is as good as absent.
    pub(crate) fn bootstrap_with(&self, variables: &[(&str, &str)], arguments: &[&str]) -> Run {
        let mut command = self.command(arguments);
        command.envs(variables.iter().copied());
        self.run(command)
    }

    /// Runs a command to its end. What it has the runner mask is nowhere else.
    pub(crate) fn run(&self, mut command: Command) -> Run {
        let (outputs, summary) = (self.home.path().join("outputs"), self.home.path().join("summary"));
        for file in [&outputs, &summary] {
            fs::write(file, "").unwrap();
        }
        let output = command.output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        let run = Run {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            outputs: read_outputs(&fs::read_to_string(outputs).unwrap()),
            summary: fs::read_to_string(summary).unwrap(),
        };
        keeps_secrets(&run);
        run
    }

    /// What the escrow holds; nothing when there is none.
    pub(crate) fn ledger(&self) -> Ledger {
        Ledger::parse(&fs::read_to_string(self.escrow_file()).unwrap_or_default()).unwrap()
    }

    /// The phase of each record, the oldest first.
    pub(crate) fn phases(&self) -> Vec<Phase> {
        self.ledger().records().iter().map(|record| record.phase).collect()
    }

    /// What is inside of each record that has contents, the oldest first, as this person reads it.
    pub(crate) fn all_contents(&self, person: &Person) -> Vec<Contents> {
        let cipher = AgeCipher::new(Secret::new(&person.secret).as_ref()).unwrap();
        let ledger = self.ledger();
        let ciphertexts = ledger.records().iter().filter_map(|record| record.ciphertext.as_deref());
        ciphertexts.map(|ciphertext| cipher.decrypt(ciphertext).unwrap()).collect()
    }

    /// What is inside of the newest record that has contents.
    pub(crate) fn contents(&self) -> Contents {
        self.all_contents(&self.online).pop().expect("a record has contents")
    }

    /// The shares in the escrow.
    pub(crate) fn shares(&self) -> Vec<String> {
        self.contents().unseal_shares.iter().map(|share| share.expose().to_owned()).collect()
    }

    /// A root token made of the shares in the escrow, by a server that is lenient.
    pub(crate) fn new_root(&self) -> String {
        new_root(&self.bao, &self.shares())
    }
}

/// The login by GitHub's OIDC, with a key of its own in place of GitHub's.
fn github() -> String {
    let key = KeyPair::generate().unwrap().public_key_pem();
    let key = key.lines().map(|line| format!("      {line}")).collect::<Vec<_>>().join("\n");
    format!(
        "github:\n  repository-id: 123456\n  job-workflow-ref: acme/wildside/.github/workflows/preview.yml@refs/heads/main\n  \
         operator-workflow-ref: acme/wildside/.github/workflows/vault.yml@refs/heads/main\n  \
         jwt-validation-pubkeys:\n    - |\n{key}"
    )
}

/// A root token made of shares, by a server that is lenient.
pub(crate) fn new_root(bao: &Bao, shares: &[String]) -> String {
    let begun = bao.done("PUT", "sys/generate-root/attempt", None, Some(json!({})));
    for share in shares {
        let body = json!({ "key": share, "nonce": begun["nonce"] });
        let answer = bao.done("PUT", "sys/generate-root/update", None, Some(body));
        if answer["complete"] == true {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            let encoded = STANDARD_NO_PAD.decode(text(&answer["encoded_token"]).trim_end_matches('=')).unwrap();
            let token = encoded.iter().zip(text(&begun["otp"]).bytes()).map(|(byte, key)| byte ^ key).collect();
            return String::from_utf8(token).unwrap();
        }
    }
    panic!("{} shares are too few to make a root token of", shares.len());
}

/// What the runner is to mask is in no other line, and not in the summary.
fn keeps_secrets(run: &Run) {
    let (masks, others): (Vec<_>, Vec<_>) = run.stderr.lines().partition(|line| line.starts_with("::add-mask::"));
    let all = format!("{}\n{}\n{}", others.join("\n"), run.stdout, run.summary);
    for secret in masks.iter().filter_map(|line| line.strip_prefix("::add-mask::")).filter(|secret| secret.len() > 8) {
        assert!(!all.contains(secret), "a secret was shown:\n{run:#?}");
    }
}
