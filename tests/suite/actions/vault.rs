//! A Vault that is brought up in a workflow, by a real runner and a real server.

mod by_hand;
mod ends;
mod inputs;

use std::fs;
use std::path::PathBuf;

use bivouac::contract::VAULT_OUTPUTS;
use bivouac::domain::escrow::Contents;
use bivouac::effects::escrow::AgeCipher;
use bivouac::ports::EscrowCipher as _;
use bivouac::secret::Secret;
use serde_json::{Value, json};

use super::{Caller, Ended};
use crate::escrow::Person;
use crate::vault::bao::Bao;
use crate::vault::settings::Settings;

/// A step that logs in with what the step before has left.
const LOG_IN: &str = r#"
      - env:
          ADDRESS: ${{ steps.vault.outputs.vault-address }}
          ROLE_ID: ${{ steps.vault.outputs.approle-role-id }}
          SECRET_ID_FILE: ${{ steps.vault.outputs.approle-secret-id-file }}
          SECRET_ID: ${{ steps.vault.outputs.approle-secret-id }}
        run: |
          log_in() {
            printf '{"role_id": "%s", "secret_id": "%s"}' "$ROLE_ID" "$2" |
              curl --silent --output /dev/null --write-out "by the $1: %{http_code}\n" --data @- "$ADDRESS/v1/auth/approle/login"
          }
          log_in file "$(cat "$SECRET_ID_FILE")"
          log_in output "$SECRET_ID"
          echo "the secret-id is [$SECRET_ID], of $(stat --format %a "$SECRET_ID_FILE")"
"#;

/// The steps that end a job, whatever came of it; the last one tells what is still there.
const CLEAN_UP: &str = r#"
      - if: always()
        uses: bivouac-dev/bivouac/actions/vault-cleanup@PIN
      - if: always()
        run: echo "left over [$(ls "$RUNNER_TEMP/bivouac-vault" 2> /dev/null)]"
"#;

/// An application repository, a server that nobody has touched yet, and two who can open the escrow.
struct Site {
    caller: Caller,
    bao: Bao,
    people: [Person; 2],
}

impl Site {
    fn new(settings: Settings) -> Self {
        let (mut caller, people) = (Caller::with_workflows(), [Person::new(), Person::new()]);
        caller.set_secret("BIVOUAC_AGE_IDENTITY", &people[0].secret);
        Self { caller, bao: Bao::start(settings), people }
    }

    /// The file with the escrow, of runs that keep it in one.
    fn escrow(&self) -> PathBuf {
        self.caller.machine.path().join("escrow.jsonl")
    }

    /// The public keys, one a line.
    fn recipients(&self) -> String {
        self.people.each_ref().map(|person| person.public.clone()).join("\n")
    }

    /// A job whose first step brings the Vault up, with these inputs on top of what it needs, and then has `steps`.
    fn job(&self, more: &Value, steps: &str) -> String {
        let mut with = json!({
            "vault-addresses": self.bao.address(),
            "environment": "preview",
            "escrows": format!("file:{}", self.escrow().display()),
            "recipients": self.recipients(),
            "age-identity": "${{ secrets.BIVOUAC_AGE_IDENTITY }}",
            "patience": "5s",
        });
        for (name, value) in more.as_object().unwrap() {
            with[name] = value.clone();
        }
        format!(
            "name: Vault\non: workflow_dispatch\njobs:\n  vault:\n    runs-on: ubuntu-latest\n    outputs:\n      \
             changed: ${{{{ steps.vault.outputs.changed }}}}\n      state: ${{{{ steps.vault.outputs.state }}}}\n      \
             vault-address: ${{{{ steps.vault.outputs.vault-address }}}}\n    steps:\n      - id: vault\n        \
             uses: bivouac-dev/bivouac/actions/bootstrap-vault@PIN\n        with: {with}{steps}"
        )
    }

    /// Runs such a job.
    fn run(&self, more: &Value, steps: &str) -> Ended {
        self.caller.add_workflow("vault.yml", &self.job(more, steps));
        self.caller.dispatch("vault.yml", &json!({}))
    }

    /// What is inside of an escrow of this text.
    fn open(&self, text: &str) -> Contents {
        let record = text.lines().filter_map(|line| serde_json::from_str::<Value>(line).ok());
        let ciphertext =
            record.filter_map(|record| record["ciphertext"].as_str().map(str::to_owned)).next_back().unwrap();
        let identity = Secret::new(&self.people[0].secret);
        AgeCipher::new(identity.as_ref()).unwrap().decrypt(&ciphertext).unwrap()
    }

    /// The shares and logins that the escrow of this text holds, and the identity that opens it.
    fn secrets(&self, text: &str) -> Vec<String> {
        let contents = self.open(text);
        let logins = contents.operator.iter().map(|operator| &operator.secret_id);
        let secrets = contents.unseal_shares.iter().chain(&contents.root_token).chain(logins);
        let secrets: Vec<_> = secrets.map(|secret| secret.expose().to_owned()).collect();
        assert!(secrets.len() > 3, "there is something to look for");
        secrets.into_iter().chain([self.people[0].secret.clone()]).collect()
    }

    /// Fails the test if a secret of the escrow is in the log or in the summary.
    fn kept_its_secrets(&self, ended: &Ended) {
        let escrow = fs::read_to_string(self.escrow()).unwrap();
        for secret in self.secrets(&escrow) {
            assert!(!shown(ended).contains(&secret), "a secret was shown: {}", shown(ended));
        }
    }

    /// The token of somebody who logs in with these.
    fn log_in(&self, role_id: &str, secret_id: &str) -> String {
        let body = json!({"role_id": role_id, "secret_id": secret_id});
        let answer = self.bao.done("POST", "auth/approle/login", None, Some(body));
        answer["auth"]["client_token"].as_str().unwrap().to_owned()
    }
}

/// What anybody sees of a run. The commands that ask for a mask are not shown.
fn shown(ended: &Ended) -> String {
    let log = ended.log.lines().filter(|line| !line.contains("::add-mask::"));
    format!("{}\n{}", log.collect::<Vec<_>>().join("\n"), ended.summary)
}

#[test]
fn a_vault_is_brought_up_and_the_steps_that_follow_log_in() {
    let site = Site::new(Settings::in_memory());
    let second = "  second:\n    needs: vault\n    runs-on: ubuntu-latest\n    steps:\n      - run: echo \"$OUTPUTS\"\n        \
                  env: {OUTPUTS: \"${{ toJSON(needs.vault.outputs) }}\"}\n";
    let steps = format!("{LOG_IN}{CLEAN_UP}{second}");
    let ended = site.run(&json!({"output-secret-id": true, "mint-reader-secret-id": true}), &steps).green();

    // No application is wanted here.
    for (name, _) in VAULT_OUTPUTS.iter().filter(|(name, _)| !name.starts_with("application-")) {
        assert!(!ended.output(&format!("vault.{name}")).is_empty(), "`{name}` was not set: {:?}", ended.outputs);
    }

    for line in ["by the file: 200\n", "by the output: 200\n", "the secret-id is [***], of 600\n", "left over []\n"] {
        assert!(ended.log.contains(line), "{line}: {}", ended.log);
    }
    let handed: Value = serde_json::from_str(&ended.logs["second"]).unwrap();
    let expected = json!({"changed": "true", "state": "uninitialised", "vault-address": site.bao.address()});
    assert_eq!(handed, expected);
    site.kept_its_secrets(&ended);
    let secret_id = ended.output("vault.approle-secret-id");
    assert!(secret_id.is_empty() || !shown(&ended).contains(secret_id), "{}", shown(&ended));
    assert!(ended.summary.contains("now as wanted") && ended.summary.contains("|---"), "{}", ended.summary);
    let groups = ended.log.matches("::group::").count();
    assert!(groups > 3 && groups == ended.log.matches("::endgroup::").count(), "{}", ended.log);

    let again = site.run(&json!({"output-secret-id": true}), CLEAN_UP).green();
    assert_eq!((again.output("vault.changed"), again.output("vault.state")), ("false", "unsealed"), "{}", again.log);
    assert!(!again.log.contains("by the file"), "no new secret-id was minted: {}", again.log);
}
