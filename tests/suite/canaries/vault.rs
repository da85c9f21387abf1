//! The Vault's own secrets: those that are given, and those that come of it.

use std::fs;
use std::process::Command;

use bivouac::emulator::{Access, Answer, Token, Verdict};
use serde_json::json;

use super::watched::watched;
use super::{Canary, Place, leak};
use crate::command::US;
use crate::vault::issuer::Issuer;
use crate::vault::settings::Settings;
use crate::vault::world::VaultWorld;
use crate::world::{APPLICATION, Run, World};

const OPERATORS_WORKFLOW: &str = "acme/wildside/.github/workflows/vault.yml@refs/heads/main";

/// A Vault, and a forge whose provider of tokens lets its operator log in.
struct Site {
    vault: VaultWorld,
    forge: World,
    config: String,
    given: Vec<Canary>,
}

impl Site {
    fn new(vault: VaultWorld) -> Self {
        let (forge, issuer) = (World::empty(), Issuer::new());
        let config = vault.config(&format!(
            "github:\n  repository-id: 123456\n  operator-workflow-ref: {OPERATORS_WORKFLOW}\n  jwt-validation-pubkeys:\n{}\n\
             applications:\n  wildside: {{repository-id: 123456, job-workflow-ref: {}}}",
            issuer.entry(4),
            OPERATORS_WORKFLOW.replace("vault.yml", "preview-sweep.yml")
        ));
        let mut claims = Issuer::claims("123456", OPERATORS_WORKFLOW, &vault.bao.address());
        claims["event_name"] = json!("schedule");
        let jwt = issuer.token(&claims);
        let given = vec![
            Canary::word("ACTIONS_ID_TOKEN_REQUEST_TOKEN", "canary-of-the-oidc-provider"),
            Canary::word("BIVOUAC_ENVIRONMENT_TOKEN", "canary-of-the-environment-token"),
            Canary::word("GITHUB_TOKEN", "canary-of-the-workflows-token"),
            Canary::word("BIVOUAC_REGISTRY_TOKEN", "canary-of-a-registry"),
            Canary::text("BIVOUAC_AGE_IDENTITY", &vault.online.secret, &[vault.online.secret.trim()]),
            Canary::text("a token of the provider", "", &[&jwt]),
        ];
        let keeper = |account: &mut bivouac::emulator::Account| {
            account.token = Token::new("canary-of-the-environment-token");
            (account.access, account.keeps_secrets) = (Access::Write, true);
        };
        forge.emulator.change_account(US, keeper).unwrap();
        forge.emulator.forge().create_environment(APPLICATION, "preview").unwrap();
        forge.intercept(move |request| {
            let is_asked = request.path == "/oidc";
            if is_asked { Verdict::Answer(Answer::json(200, &json!({ "value": jwt }))) } else { Verdict::Pass }
        });
        Self { vault, forge, config, given }
    }

    fn bootstrap(&self, arguments: &[&str]) -> Command {
        let mut command = self.vault.command(&[&["--config", &self.config], arguments].concat());
        self.arm(&mut command);
        command
    }

    fn arm(&self, command: &mut Command) {
        let forge = &self.forge.emulator;
        command.env("GITHUB_REPOSITORY", APPLICATION).env("GITHUB_SERVER_URL", forge.server_url());
        command.env("GITHUB_API_URL", forge.api_url()).env("GITHUB_GRAPHQL_URL", forge.graphql_url());
        command.env("ACTIONS_ID_TOKEN_REQUEST_URL", format!("{}/oidc?x=1", forge.server_url()));
        for Canary { name, value, .. } in self.given.iter().filter(|canary| !canary.value.is_empty()) {
            command.env(name, value);
        }
    }

    /// Runs it; what it shows is no secret that it was given, and none that came of it.
    fn run(&self, command: Command, what: &str) -> Run {
        let (run, mut places) = watched(command, self.vault.home.path());
        let mut secrets = self.given.clone();
        secrets.extend(self.in_the_escrow());
        let handed = ["approle-secret-id-file", "reader-secret-id-file", "application-secret-id-files"];
        for file in handed.iter().map(|name| run.output(name)).filter(|file| !file.is_empty()) {
            let file = file.strip_prefix("wildside=").unwrap_or(file);
            secrets.push(Canary::word("a secret-id", fs::read_to_string(file).unwrap().trim()));
            places.retain(|place| !place.name.ends_with(file));
        }
        let requests = self.forge.emulator.requests();
        places.extend(requests.iter().map(|request| Place::new("the forge's log", format!("{request:?}"))));
        let leak = leak(&secrets, &places);
        assert!(leak.is_none(), "{what}: {}\n{run:#?}", leak.unwrap());
        run
    }

    /// What the escrow has ever held.
    fn in_the_escrow(&self) -> Vec<Canary> {
        let all = self.vault.all_contents(&self.vault.online);
        let secrets = all.iter().flat_map(|contents| {
            let operator = contents.operator.iter().map(|operator| &operator.secret_id);
            contents.unseal_shares.iter().chain(&contents.root_token).chain(operator)
        });
        secrets.map(|secret| Canary::word("what is in the escrow", secret.expose())).collect()
    }

    /// `bivouac escrow` or another verb on the same machine.
    fn verb(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bivouac"));
        command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.vault.home.path()).env("TMPDIR", self.vault.temporary());
        command.env("RUNNER_TEMP", self.vault.temporary()).env("GITHUB_ACTIONS", "true").args(arguments);
        self.arm(&mut command);
        command
    }
}

#[test]
fn a_vault_that_is_brought_up_and_its_escrow_show_no_secret() {
    let site = Site::new(VaultWorld::with(Settings::in_memory().audited().lenient()));
    let asked =
        ["--mint-reader-secret-id", "--mint-application-secret-id", "wildside", "--secrets-environment", "preview"];
    let run = site.run(site.bootstrap(&asked), "the first run").ok();
    assert!(!site.in_the_escrow().is_empty() && run.output("application-secret-id-files").starts_with("wildside="));
    let run = site.run(site.bootstrap(&["--rotate-secret-id", "--format", "json"]), "the second run").ok();
    assert_eq!(run.output("changed"), "true");
    let requests = site.forge.emulator.requests();
    assert!(requests.iter().any(|request| request.path.starts_with("/oidc")), "the operator logs in by GitHub's OIDC");

    let escrow = format!("file:{}", site.vault.escrow_file().display());
    for verb in [&["show"][..], &["show", "--format", "json"], &["verify"]] {
        site.run(site.verb(&[&["escrow"], verb, &["--escrow", &escrow]].concat()), "escrow").ok();
    }
    let people = ["--recipient", &site.vault.online.public, "--recipient", &site.vault.offline.public];
    site.run(site.verb(&[&["escrow", "rekey", "--escrow", &escrow], &people[..]].concat()), "escrow rekey").ok();
    site.run(site.verb(&["vault-cleanup"]), "vault-cleanup").ok();
}

#[test]
fn a_vault_that_is_unsealed_by_hand_shows_no_share() {
    let mut site = Site::new(VaultWorld::sealed());
    let shares = site.vault.shares();
    let text = shares.join("\n");
    site.given.push(Canary::text(
        "BIVOUAC_UNSEAL_SHARES",
        &text,
        &shares.iter().map(String::as_str).collect::<Vec<_>>(),
    ));
    let run = site.run(site.bootstrap(&[]), "unsealed by hand");
    assert_eq!(run.output("state"), "sealed", "{run:#?}");
}

#[test]
fn a_token_that_is_given_is_not_shown_whether_it_is_good_or_not() {
    let (vault, root) = VaultWorld::foreign(Settings::in_memory().audited());
    let mut site = Site::new(vault);
    for (name, value) in [
        ("BIVOUAC_VAULT_TOKEN", "canary-of-a-wrong-vault-token"),
        ("VAULT_TOKEN", root.as_str()),
        ("BIVOUAC_VAULT_TOKEN", root.as_str()),
    ] {
        site.given.retain(|canary| !canary.name.ends_with("VAULT_TOKEN"));
        site.given.push(Canary::word(name, value));
        let run = site.run(site.bootstrap(&[]), name);
        assert_eq!(run.code == 0, value == root, "{run:#?}");
    }
}
