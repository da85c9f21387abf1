//! What the emulator's tests share: an emulator with accounts, a client, and git without anybody's configuration.

use std::path::Path;
use std::process::{Command, Output};

use bivouac::emulator::{Access, Account, Emulator, NewPullRequest, Settings};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::files::GIT;
use crate::world::DESCRIBED;

pub(crate) const REPOSITORY: &str = "acme/wildside";

pub(crate) fn accounts() -> Vec<Account> {
    vec![
        Account::user("octocat", "writer-token", Access::Write),
        Account::user("hubot", "reader-token", Access::Read),
        Account::user("mallory", "stranger-token", Access::None),
        Account::bot("github-actions[bot]", "actions-token", Access::Read).with_access_to(REPOSITORY, Access::Write),
    ]
}

pub(crate) async fn started(settings: Settings) -> Emulator {
    let emulator = Emulator::start(settings).await.unwrap();
    emulator.create_repository("acme", "wildside").await.unwrap();
    emulator.create_repository("acme", "apps").await.unwrap();
    emulator
}

pub(crate) struct Answered {
    pub status: u16,
    pub link: Option<String>,
    pub text: String,
    pub json: Value,
}

pub(crate) async fn call(method: &str, url: &str, token: Option<&str>, body: Option<String>) -> Answered {
    let method = reqwest::Method::from_bytes(method.as_bytes()).unwrap();
    let mut request = reqwest::Client::new().request(method, url);
    if let Some(token) = token {
        request = request.bearer_auth(token);
    }
    if let Some(body) = body {
        request = request.header("content-type", "application/json").body(body);
    }
    let response = request.send().await.unwrap();
    let status = response.status().as_u16();
    let link = response.headers().get("link").map(|value| value.to_str().unwrap().to_owned());
    let text = response.text().await.unwrap();
    let json = serde_json::from_str(&text).unwrap_or_default();
    Answered { status, link, text, json }
}

pub(crate) async fn graphql(emulator: &Emulator, token: &str, query: &str, variables: Value) -> Value {
    let body = json!({"query": query, "variables": variables}).to_string();
    let answered = call("POST", &emulator.graphql_url(), Some(token), Some(body)).await;
    assert_eq!(answered.status, 200, "{}", answered.text);
    answered.json
}

/// A folder with a home of its own, in which git runs as if nothing was configured.
pub(crate) struct Workshop(TempDir);

impl Workshop {
    pub(crate) fn new() -> Self {
        Self(tempfile::tempdir().unwrap())
    }

    pub(crate) fn path(&self) -> &Path {
        self.0.path()
    }

    pub(crate) fn git(&self, folder: &str, arguments: &[&str]) -> Output {
        Command::new(&*GIT)
            .args(arguments)
            .current_dir(self.path().join(folder))
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap())
            .env("HOME", self.path())
            .env("GIT_CONFIG_NOSYSTEM", "1")
            .env("GIT_TERMINAL_PROMPT", "0")
            .env("GIT_AUTHOR_NAME", "A")
            .env("GIT_AUTHOR_EMAIL", "a@example.com")
            .env("GIT_COMMITTER_NAME", "A")
            .env("GIT_COMMITTER_EMAIL", "a@example.com")
            .output()
            .unwrap()
    }

    /// Runs git, which must succeed, and returns what it printed.
    pub(crate) fn done(&self, folder: &str, arguments: &[&str]) -> String {
        let output = self.git(folder, arguments);
        assert!(output.status.success(), "git {arguments:?}: {}", said(&output));
        String::from_utf8(output.stdout).unwrap().trim().to_owned()
    }

    /// A clone with one new commit in it.
    pub(crate) fn clone_with_commit(&self, url: &str, folder: &str) {
        self.done(".", &["clone", "--quiet", url, folder]);
        std::fs::write(self.path().join(folder).join("file"), folder).unwrap();
        self.done(folder, &["add", "."]);
        self.done(folder, &["commit", "--quiet", "--message", folder]);
    }
}

pub(crate) fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

pub(crate) fn git_url(emulator: &Emulator, token: &str, path: &str) -> String {
    emulator.server_url().replace("http://", &format!("http://x-access-token:{token}@")) + path
}

/// An emulator with pull request 123, at a time of its own.
pub(crate) async fn with_pull_request() -> Emulator {
    let settings = Settings::new(accounts()).with_clock(|| "2026-11-21T10:00:00.75Z".parse().unwrap());
    let emulator = started(settings).await;
    let new = NewPullRequest {
        number: Some(123),
        labels: vec!["keep-preview".to_owned()],
        ..NewPullRequest::from_branch("topic", "5f2c".repeat(10))
    };
    emulator.forge().open_pull_request(REPOSITORY, new).unwrap();
    emulator
}

pub(crate) async fn rest(emulator: &Emulator, method: &str, path: &str, token: &str, body: Option<Value>) -> Answered {
    let url = format!("{}/repos/{REPOSITORY}{path}", emulator.api_url());
    call(method, &url, Some(token), body.map(|body| body.to_string())).await
}

/// A request and its answer, both held against GitHub's description; what is refused need not be a described request.
pub(crate) async fn held(emulator: &Emulator, method: &str, path: &str, token: &str, body: Option<Value>) -> Answered {
    let answered = rest(emulator, method, path, token, body.clone()).await;
    let path = format!("/repos/{REPOSITORY}{path}");
    if answered.status < 400 {
        let body = body.map(|body| body.to_string());
        DESCRIBED.check_rest(method, &path, body.as_deref().map(str::as_bytes)).unwrap();
    }
    let text = without_empty_addresses(&answered);
    DESCRIBED.check_rest_answer(method, &path, answered.status, text.as_bytes()).unwrap();
    answered
}

/// GitHub answers with the default of an address that was not given, which is described as empty, and as an address.
fn without_empty_addresses(answered: &Answered) -> String {
    let mut json = answered.json.clone();
    let objects: Vec<&mut Value> = match &mut json {
        Value::Array(items) => items.iter_mut().collect(),
        Value::Object(_) => vec![&mut json],
        _ => return answered.text.clone(),
    };
    for object in objects {
        for name in ["environment_url", "log_url", "target_url"] {
            if object[name] == "" {
                object[name] = "https://example.com".into();
            }
        }
    }
    json.to_string()
}

/// The data that a query gets, both held against GitHub's schema.
pub(crate) async fn data(emulator: &Emulator, query: &str) -> Value {
    let request = json!({"query": query, "variables": {}}).to_string();
    DESCRIBED.check_graphql(request.as_bytes()).unwrap();
    let mut answer = graphql(emulator, "reader-token", query, json!({})).await;
    DESCRIBED.check_graphql_answer(request.as_bytes(), answer.to_string().as_bytes()).unwrap();
    answer["data"]["repository"].take()
}

/// A query on the repository.
pub(crate) fn query(selections: &str) -> String {
    format!("{{ repository(owner: \"acme\", name: \"wildside\") {{ {selections} }} }}")
}
