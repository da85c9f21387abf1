//! Applications that log in by themselves: each reaches its own prefix, and nothing else.

mod changes;
mod logins;
mod reach;
mod spellings;

use std::collections::BTreeMap;
use std::fs;

use serde_json::{Value, json};

use super::issuer::Issuer;
use super::settings::Settings;
use super::world::VaultWorld;
use crate::world::Run;

const WORKFLOW: &str = "acme/wildside/.github/workflows/preview-sweep.yml@refs/heads/main";
const OTHER_WORKFLOW: &str = "acme/wildside/.github/workflows/preview.yml@refs/heads/main";
const POLICY: &str = "sys/policies/acl/bivouac-wildside";

/// What stands in the Vault before: paths below `secret`, each with one value that is nowhere else.
const THERE: [&str; 11] = [
    "previews",
    "previews/wildside",
    "previews/wildside/backend",
    "previews/wildside/pr-7",
    "previews/other",
    "previews/other/pr-7",
    "previews/wildside-evil/x",
    "previews/wild",
    "staging/x",
    "staging/wildside",
    "staging/wildside/deeper",
];

/// A Vault with two applications, and what stands in it.
struct Site {
    world: VaultWorld,
    root: String,
    issuer: Issuer,
    config: String,
}

impl Site {
    fn new() -> Self {
        Self::with(Settings::in_memory().audited())
    }

    fn with(settings: Settings) -> Self {
        let (world, root) = VaultWorld::foreign(settings);
        let issuer = Issuer::new();
        let config = world.config(&wanted(&issuer));
        let site = Self { world, root, issuer, config };
        site.bootstrap_as_root(&[]).ok();
        site.fill();
        site
    }

    fn fill(&self) {
        for path in THERE {
            let body = json!({ "data": { "value": canary(path) } });
            self.world.bao.done("POST", &format!("secret/data/{path}"), Some(&self.root), Some(body));
        }
        let bao = &self.world.bao;
        bao.done("POST", "sys/mounts/elsewhere", Some(&self.root), Some(json!({ "type": "kv" })));
        bao.done(
            "POST",
            "elsewhere/previews/wildside/pr-7",
            Some(&self.root),
            Some(json!({ "value": canary("elsewhere") })),
        );
    }

    fn bootstrap_as_root(&self, arguments: &[&str]) -> Run {
        let token = [("BIVOUAC_VAULT_TOKEN", self.root.as_str())];
        self.world.bootstrap_with(&token, &[&["--config", &self.config], arguments].concat())
    }

    /// A run that logs in as the operator.
    fn bootstrap(&self, arguments: &[&str]) -> Run {
        self.world.bootstrap(&[&["--config", &self.config], arguments].concat())
    }

    /// A token of `bivouac-wildside`, by its `AppRole`.
    fn by_approle(&self) -> String {
        let run = self.bootstrap(&["--mint-application-secret-id", "wildside"]).ok();
        let (role_id, secret_id) = left(&run, "wildside");
        let answer = self.log_in("approle", &json!({ "role_id": role_id, "secret_id": secret_id }));
        token(&answer.1)
    }

    /// A token of `bivouac-wildside`, by GitHub's OIDC.
    fn by_jwt(&self) -> String {
        token(&self.log_in_by_jwt("bivouac-wildside", &self.issuer.token(&self.claims())).1)
    }

    /// What GitHub says of a run that may log in.
    fn claims(&self) -> Value {
        Issuer::claims("123456", WORKFLOW, &self.world.bao.address())
    }

    fn log_in_by_jwt(&self, role: &str, jwt: &str) -> (u16, Value) {
        self.log_in("jwt", &json!({ "role": role, "jwt": jwt }))
    }

    fn log_in(&self, mount: &str, body: &Value) -> (u16, Value) {
        self.world.bao.api("POST", &format!("auth/{mount}/login"), None, Some(body.clone()))
    }

    /// Everything below `secret`, with all that is known of it.
    fn everything(&self) -> BTreeMap<String, Value> {
        let mut found = BTreeMap::new();
        let mut folders = vec![String::new()];
        while let Some(folder) = folders.pop() {
            let (status, answer) =
                self.world.bao.api("LIST", &format!("secret/metadata/{folder}"), Some(&self.root), None);
            assert!(status == 200 || status == 404, "{folder}: {answer}");
            for name in answer["data"]["keys"].as_array().into_iter().flatten().map(|name| name.as_str().unwrap()) {
                let path = format!("{folder}{name}");
                if path.ends_with('/') {
                    folders.push(path);
                    continue;
                }
                let read = |kind: &str| {
                    self.world.bao.api("GET", &format!("secret/{kind}/{path}"), Some(&self.root), None).1["data"]
                        .clone()
                };
                found.insert(path.clone(), json!([read("data"), read("metadata")]));
            }
        }
        found
    }
}

/// The desired state of the tests.
fn wanted(issuer: &Issuer) -> String {
    format!(
        "github:\n  jwt-validation-pubkeys:\n{}\napplications:\n  wildside:\n    repository-id: 123456\n    \
         job-workflow-ref: [{WORKFLOW}, {OTHER_WORKFLOW}]\n    shared: [previews/wildside/backend, previews/wildside/a/b]\n    \
         reads: [staging/wildside]\n  other: {{repository-id: 654321, job-workflow-ref: {WORKFLOW}}}",
        issuer.entry(4)
    )
}

/// The value at a path.
fn canary(path: &str) -> String {
    format!("canary-of-{}", path.replace('/', "-"))
}

fn token(answer: &Value) -> String {
    answer["auth"]["client_token"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

/// The role-id and the secret-id that a run has left of an application.
fn left(run: &Run, application: &str) -> (String, String) {
    let of = |output: &str| {
        let mut lines = run.output(output).lines().filter_map(|line| line.split_once('='));
        lines.find(|(name, _)| *name == application).unwrap_or_else(|| panic!("{run:#?}")).1.to_owned()
    };
    let secret_id = fs::read_to_string(of("application-secret-id-files")).unwrap();
    (of("application-role-ids"), secret_id.trim().to_owned())
}
