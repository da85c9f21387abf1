//! A server that is not initialised, a proxy before it, an escrow in a file, and machines that the program runs on.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use bivouac::domain::escrow::{Contents, Ledger, Phase};
use bivouac::effects::escrow::AgeCipher;
use bivouac::ports::EscrowCipher as _;
use bivouac::secret::Secret;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::escrow::Person;
use crate::vault::bao::Bao;
use crate::vault::proxy::Proxy;
use crate::vault::settings::Settings;
use crate::world::{Run, read_outputs};

/// Where one test's Vault and its keys are.
pub(super) struct Ground {
    pub(super) bao: Bao,
    pub(super) proxy: Proxy,
    pub(super) people: [Person; 2],
    folder: TempDir,
}

impl Ground {
    pub(super) fn new() -> Self {
        Self::with(Settings::in_memory().lenient())
    }

    pub(super) fn with(settings: Settings) -> Self {
        let bao = Bao::start(settings);
        let proxy = Proxy::before(&bao);
        let folder = TempDir::new().unwrap();
        fs::create_dir(folder.path().join("keys")).unwrap();
        Self { bao, proxy, people: [Person::new(), Person::new()], folder }
    }

    /// The file with the escrow, alone in its folder.
    pub(super) fn escrow(&self) -> PathBuf {
        self.folder.path().join("keys/vault.escrow")
    }

    pub(super) fn ledger(&self) -> Ledger {
        ledger_of(&self.escrow())
    }

    /// What the first person finds in the escrow.
    pub(super) fn contents(&self) -> Contents {
        self.opened(&self.ledger())
    }

    pub(super) fn opened(&self, ledger: &Ledger) -> Contents {
        let cipher = AgeCipher::new(Secret::new(&self.people[0].secret).as_ref()).unwrap();
        let record = ledger.current().expect("there are keys in the escrow");
        cipher.decrypt(record.ciphertext.as_ref().unwrap()).unwrap()
    }

    /// The home on a machine, and the runner's folder for temporary files.
    pub(super) fn machine(&self, name: &str) -> [PathBuf; 2] {
        let folders = ["home", "runner"].map(|kind| self.folder.path().join(name).join(kind));
        folders.iter().for_each(|folder| fs::create_dir_all(folder).unwrap());
        folders
    }

    /// The program, at the proxy and with the escrow in the file, on a machine; in the environment of a job.
    pub(super) fn command_on(&self, machine: &str, arguments: &[&str]) -> Command {
        let address = self.proxy.address();
        let escrow = format!("file:{}", self.escrow().display());
        let mut command = self.bare_command_on(machine);
        command.args(["--vault-address", &address, "--escrow", &escrow]).args(arguments);
        if !arguments.contains(&"--patience") {
            command.args(["--patience", "3s"]);
        }
        command
    }

    /// The same without an address, an escrow, and a limit of time.
    pub(super) fn bare_command_on(&self, machine: &str) -> Command {
        let [home, runner] = self.machine(machine);
        let mut command = Command::new(env!("CARGO_BIN_EXE_bivouac"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", &home)
            .env("TMPDIR", &runner)
            .env("RUNNER_TEMP", &runner)
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_OUTPUT", home.join("outputs"))
            .env("GITHUB_STEP_SUMMARY", home.join("summary"))
            .env("BIVOUAC_AGE_IDENTITY", &self.people[0].secret)
            .args(["bootstrap-vault", "--environment", "production"])
            .stdin(Stdio::null());
        for person in &self.people {
            command.args(["--recipient", &person.public]);
        }
        command
    }

    pub(super) fn command(&self, arguments: &[&str]) -> Command {
        self.command_on("one", arguments)
    }

    pub(super) fn run(&self, arguments: &[&str]) -> Run {
        run(self.command(arguments))
    }

    /// Runs it once more: it ends well, and after it nothing is left to do and nobody has a root token.
    pub(super) fn is_finished(&self, what: &str) {
        let run = self.run(&[]);
        assert_eq!(run.code, 0, "{what}: {run:#?}");
        self.is_sound(what);
    }

    /// Everything is as wanted, which another run sees too; no root token is good, and no operator's login but the escrow's.
    pub(super) fn is_sound(&self, what: &str) {
        let before = fs::read(self.escrow()).unwrap();
        let run = self.run(&[]);
        assert_eq!((run.code, run.output("changed")), (0, "false"), "{what}: {run:#?}");
        assert_eq!(fs::read(self.escrow()).unwrap(), before, "{what}");
        let (ledger, contents) = (self.ledger(), self.contents());
        assert_eq!(ledger.latest().unwrap().phase, Phase::Verified, "{what}");
        assert!(contents.root_token.is_none(), "{what}: the escrow still has a root token");
        for root in self.root_tokens() {
            assert_eq!(self.bao.api("GET", "auth/token/lookup-self", Some(&root), None).0, 403, "{what}: a root token");
        }
        let operator = contents.operator.expect("the operator has a login");
        let accessors = self.operators_accessors(&contents.unseal_shares);
        assert_eq!(accessors, [operator.accessor], "{what}");
    }

    /// The root tokens that the server has made, as the proxy has seen.
    pub(super) fn root_tokens(&self) -> Vec<String> {
        let mut password = String::new();
        let mut tokens = Vec::new();
        for request in self.proxy.requests() {
            let text = |name: &str| request.answer[name].as_str().filter(|text| !text.is_empty()).map(str::to_owned);
            password = text("otp").unwrap_or(password);
            tokens.extend(text("root_token"));
            tokens.extend(text("encoded_token").map(|encoded| decoded(&encoded, &password)));
        }
        tokens
    }

    /// How many initialisations the server has done.
    pub(super) fn initialisations(&self) -> usize {
        self.proxy.requests().iter().filter(|request| request.answer["root_token"].is_string()).count()
    }

    /// The accessors of the operator's secret-ids, seen with a root token of the shares where the server makes one.
    fn operators_accessors(&self, shares: &[Secret]) -> Vec<String> {
        let begun = self.bao.done("PUT", "sys/generate-root/attempt", None, Some(json!({})));
        let mut answer = Value::Null;
        for share in shares.iter().take(3) {
            let body = json!({"key": share.expose(), "nonce": begun["nonce"]});
            answer = self.bao.done("PUT", "sys/generate-root/update", None, Some(body));
        }
        let root = decoded(answer["encoded_token"].as_str().unwrap(), begun["otp"].as_str().unwrap());
        let list = self.bao.done("LIST", "auth/approle/role/bivouac-operator/secret-id", Some(&root), None);
        self.bao.done("POST", "auth/token/revoke-self", Some(&root), None);
        let keys = list["data"]["keys"].as_array().unwrap();
        keys.iter().map(|key| key.as_str().unwrap().to_owned()).collect()
    }

    /// All secrets that there ever were: what the proxy has seen, and the person's identity.
    pub(super) fn secrets(&self) -> BTreeSet<String> {
        let mut secrets = BTreeSet::from([self.people[0].secret.clone(), self.people[1].secret.clone()]);
        secrets.extend(self.root_tokens());
        for request in self.proxy.requests() {
            for value in [&request.sent, &request.answer] {
                collect(value, &mut secrets);
            }
        }
        secrets
    }
}

/// The secrets in what was sent or answered, by the names that a Vault gives them.
fn collect(value: &Value, secrets: &mut BTreeSet<String>) {
    const NAMES: [&str; 10] = [
        "root_token",
        "keys",
        "keys_base64",
        "key",
        "secret_id",
        "client_token",
        "encoded_token",
        "otp",
        "token",
        "jwt",
    ];
    match value {
        Value::Object(fields) => {
            for (name, value) in fields {
                if NAMES.contains(&name.as_str()) {
                    let values = value.as_array().cloned().unwrap_or_else(|| vec![value.clone()]);
                    secrets.extend(
                        values.iter().filter_map(Value::as_str).filter(|text| text.len() > 15).map(str::to_owned),
                    );
                }
                collect(value, secrets);
            }
        }
        Value::Array(values) => values.iter().for_each(|value| collect(value, secrets)),
        _ => {}
    }
}

pub(super) fn ledger_of(file: &Path) -> Ledger {
    Ledger::parse(&fs::read_to_string(file).unwrap_or_default()).unwrap()
}

/// Runs the program to its end.
pub(super) fn run(mut command: Command) -> Run {
    let started = start(&mut command);
    ended(&command, started)
}

/// Starts it, with nothing in the files that it hands things over in.
pub(super) fn start(command: &mut Command) -> Child {
    for file in ["GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY"] {
        fs::write(variable(command, file), "").unwrap();
    }
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// How what was started ends. It neither panics nor is killed by a signal.
pub(super) fn ended(command: &Command, child: Child) -> Run {
    let Output { status, stdout, stderr } = child.wait_with_output().unwrap();
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
    let read = |name| fs::read_to_string(variable(command, name)).unwrap();
    let run = Run {
        code: status.code().unwrap_or(-1),
        stdout: text(&stdout),
        stderr: text(&stderr),
        outputs: read_outputs(&read("GITHUB_OUTPUT")),
        summary: read("GITHUB_STEP_SUMMARY"),
    };
    assert!((0..=10).contains(&run.code) && !run.stderr.contains("panicked"), "{run:#?}");
    run
}

fn variable(command: &Command, name: &str) -> PathBuf {
    let found = command.get_envs().find(|(known, _)| *known == name);
    found.and_then(|(_, value)| value).expect("the variable is set").into()
}

/// A token as a server makes it of shares: Base64 of it, each byte changed by the one-time password.
fn decoded(encoded: &str, password: &str) -> String {
    use base64::Engine as _;
    let bytes = base64::engine::general_purpose::STANDARD_NO_PAD.decode(encoded.trim_end_matches('=')).unwrap();
    bytes.iter().zip(password.bytes()).map(|(byte, key)| char::from(byte ^ key)).collect()
}
