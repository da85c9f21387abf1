//! A Vault beside a forge and an apps repository, whose application takes secrets from it.

use std::fs::{self, File};
use std::path::PathBuf;
use std::process::Command;

use serde_json::{Value, json};

use crate::vault::bao::Bao;
use crate::vault::settings::Settings;
use crate::world::{Run, World, sha};

/// A value that must never be seen.
pub(crate) const CANARY: &str = "canary-8c1f-of-a-value";

/// What the configuration says of secrets.
const CONFIGURATION: &str =
    "preview: {ttl: 7d}\nsecrets:\n  - {name: wildside-env, store: vault, path: previews/wildside}\n";

/// What a login may do: everything below the prefix of all previews.
const POLICY: &str = r#"
path "secret/data/previews/*" { capabilities = ["create", "read", "update", "delete", "list"] }
path "secret/metadata/previews/*" { capabilities = ["create", "read", "update", "delete", "list"] }
"#;

/// One test's world. Everything in it goes when it is dropped.
pub(crate) struct SecretsWorld {
    pub(crate) world: World,
    pub(crate) bao: Bao,
    /// The root token of the Vault.
    pub(crate) root: String,
    pub(crate) secret_id: String,
    keys: Vec<String>,
}

impl SecretsWorld {
    /// A Vault with a role by `AppRole`, and pull request 7, whose head is all `a`, without a preview.
    pub(crate) fn new() -> Self {
        Self::configured(CONFIGURATION)
    }

    /// The same, with other lines in `bivouac.yaml`.
    pub(crate) fn configured(lines: &str) -> Self {
        let world = World::new();
        world.configure(lines);
        world.open(7, &sha('a'));
        let bao = Bao::start(Settings::in_memory().audited());
        let (keys, root) = bao.initialise(1, 1);
        bao.unseal(&keys);
        let put = |path: &str, body: Value| bao.done("PUT", path, Some(&root), Some(body));
        put("sys/mounts/secret", json!({"type": "kv", "options": {"version": "2"}}));
        put("sys/policies/acl/bivouac-deployer", json!({"policy": POLICY}));
        put("sys/auth/approle", json!({"type": "approle"}));
        let role = "auth/approle/role/bivouac-deployer";
        put(role, json!({"token_policies": "bivouac-deployer", "token_ttl": "1h"}));
        let role_id = bao.done("GET", &format!("{role}/role-id"), Some(&root), None);
        let secret_id = put(&format!("{role}/secret-id"), json!({}));
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        let (role_id, secret_id) = (text(&role_id["data"]["role_id"]), text(&secret_id["data"]["secret_id"]));
        world.give("BIVOUAC_VAULT_ADDRESSES", bao.address());
        world.give("BIVOUAC_VAULT_ROLE_ID", role_id);
        world.give("BIVOUAC_VAULT_SECRET_ID", secret_id.clone());
        Self { world, bao, root, secret_id, keys }
    }

    /// A run of `bivouac secrets` for pull request 7.
    pub(crate) fn command(&self, arguments: &[&str]) -> Command {
        let mut command = self.world.bivouac(&[&["secrets"], arguments].concat());
        if !arguments.contains(&"--pull-request") && arguments[0] != "list" {
            command.args(["--pull-request", "7"]);
        }
        command
    }

    /// The same, to its end. No value and no login is seen of it.
    pub(crate) fn secrets(&self, arguments: &[&str]) -> Run {
        self.run(self.command(arguments))
    }

    /// The same, with something at standard input.
    pub(crate) fn secrets_of(&self, input: &str, arguments: &[&str]) -> Run {
        let mut command = self.command(arguments);
        command.stdin(self.input(input));
        self.run(command)
    }

    /// A file with that in it, opened.
    pub(crate) fn input(&self, input: &str) -> File {
        File::open(self.file("input", input)).unwrap()
    }

    /// Writes a file into the home of all runs.
    pub(crate) fn file(&self, name: &str, text: &str) -> PathBuf {
        let path = self.world.home.path().join(name);
        fs::write(&path, text).unwrap();
        path
    }

    /// Runs a command to its end. No value and no login is seen of it.
    pub(crate) fn run(&self, command: Command) -> Run {
        let run = self.world.run(command);
        self.shows_nothing(&run);
        run
    }

    /// No value and no login is anywhere but in the lines that ask the runner to hide it.
    pub(crate) fn shows_nothing(&self, run: &Run) {
        let log: String = run.stderr.lines().filter(|line| !line.starts_with("::add-mask::")).collect();
        let outputs: String = run.outputs.values().cloned().collect();
        for secret in [CANARY, &self.secret_id, &self.root] {
            for text in [&log, &run.stdout, &outputs, &run.summary] {
                assert!(!text.contains(secret), "a secret was shown:\n{run:#?}");
            }
        }
    }

    /// What somebody else puts at a path.
    pub(crate) fn by_hand(&self, path: &str, values: &Value) {
        let body = json!({ "data": values });
        self.bao.done("PUT", &format!("secret/data/{path}"), Some(&self.root), Some(body));
    }

    /// What somebody else says of a path.
    pub(crate) fn describe(&self, path: &str, metadata: &Value) {
        let body = json!({ "custom_metadata": metadata });
        self.bao.done("PUT", &format!("secret/metadata/{path}"), Some(&self.root), Some(body));
    }

    /// The values at a path, and their version; nothing when there are none.
    pub(crate) fn values(&self, path: &str) -> Option<(Value, u64)> {
        let (status, answer) = self.bao.api("GET", &format!("secret/data/{path}"), Some(&self.root), None);
        (status == 200)
            .then(|| (answer["data"]["data"].clone(), answer["data"]["metadata"]["version"].as_u64().unwrap()))
    }

    /// What is said of a path; nothing when there is nothing at it.
    pub(crate) fn metadata(&self, path: &str) -> Option<Value> {
        let (status, answer) = self.bao.api("GET", &format!("secret/metadata/{path}"), Some(&self.root), None);
        (status == 200).then(|| answer["data"]["custom_metadata"].clone())
    }

    /// How many tokens there are that a login made and nobody has given back.
    pub(crate) fn tokens_left(&self) -> usize {
        let accessors = self.bao.done("LIST", "auth/token/accessors", Some(&self.root), None);
        let accessors = accessors["data"]["keys"].as_array().unwrap().clone();
        let is_of_a_login = |accessor: &Value| {
            let body = Some(json!({ "accessor": accessor }));
            let (status, found) = self.bao.api("POST", "auth/token/lookup-accessor", Some(&self.root), body);
            status == 200 && found["data"]["path"].as_str().is_some_and(|path| path.ends_with("/login"))
        };
        accessors.iter().filter(|accessor| is_of_a_login(accessor)).count()
    }

    /// How many logins there were.
    pub(crate) fn logins(&self) -> usize {
        let lines = self.bao.audit_lines();
        let is_login = |line: &&Value| {
            line["type"] == "request" && line["request"]["path"].as_str().is_some_and(|path| path.ends_with("/login"))
        };
        lines.iter().filter(is_login).count()
    }

    /// Seals the Vault.
    pub(crate) fn seal(&self) {
        self.bao.seal(&self.root);
    }

    /// Opens it again.
    pub(crate) fn unseal(&self) {
        self.bao.unseal(&self.keys);
    }
}
