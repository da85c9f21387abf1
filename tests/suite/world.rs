//! A forge, a Git server and an apps repository on loopback, and the real program run against them.
//!
//! Every request to the forge, and every answer of the emulator's, is held against GitHub's published descriptions.

mod run;

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, LazyLock, Mutex};

use bivouac::emulator::{
    Access, Account, Answer, Emulator, IncomingRequest, NewPullRequest, ReceivedRequest, RequestKind, Settings, Verdict,
};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use tempfile::TempDir;
use tokio::runtime::Runtime;

use crate::described::Described;
use crate::files::{GIT, top, write_program};
pub(crate) use crate::import::commit;
use crate::on_github;
use crate::webhooks::Webhooks;
pub(crate) use run::{Run, read_outputs};

/// The application repository of every test.
pub(crate) const APPLICATION: &str = "acme/wildside";
/// A token that may do everything.
pub(crate) const TOKEN: &str = "token-of-the-bot";
/// A token that may read only.
pub(crate) const READER: &str = "token-of-a-reader";

/// GitHub's descriptions, parsed once.
pub(crate) static DESCRIBED: LazyLock<Described> = LazyLock::new(|| Described::load(&tools().join("github")));

/// GitHub's own examples of events, read once.
pub(crate) static WEBHOOKS: LazyLock<Webhooks> = LazyLock::new(|| Webhooks::load(&tools().join("github")));

/// Where the real parts are.
pub(crate) fn tools() -> PathBuf {
    top().join("target/tools")
}

type Interceptor = Arc<dyn Fn(&IncomingRequest) -> Verdict + Send + Sync>;

/// One test's world. Everything in it goes when it is dropped.
pub(crate) struct World {
    pub(crate) emulator: Emulator,
    /// The bare apps repository, `acme/apps`.
    pub(crate) apps: PathBuf,
    /// `HOME` of everything that is run.
    pub(crate) home: TempDir,
    /// The backend that is chosen, unless a command says otherwise.
    pub(crate) backend: &'static str,
    runtime: Runtime,
    /// Further variables of every command.
    variables: Mutex<BTreeMap<&'static str, String>>,
    refused: Arc<Mutex<Vec<String>>>,
    interceptor: Arc<Mutex<Option<Interceptor>>>,
    /// How many seconds the forge's clock is ahead of this machine's, or of the moment that it was stopped at.
    ahead: Arc<AtomicI64>,
    stopped: Arc<Mutex<Option<Timestamp>>>,
}

impl World {
    /// A world whose apps repository holds the wildside application.
    pub(crate) fn new() -> Self {
        let world = Self::empty();
        world.commit_apps(&wildside(), "Lay out the apps repository");
        world
    }

    /// A world whose apps repository has no commit yet.
    pub(crate) fn empty() -> Self {
        let runtime = Runtime::new().unwrap();
        let refused = Arc::new(Mutex::new(Vec::new()));
        let interceptor = Arc::new(Mutex::new(None::<Interceptor>));
        let (notes, intercept) = (Arc::clone(&refused), Arc::clone(&interceptor));
        let settings = Settings::new(vec![
            Account::bot("github-actions[bot]", TOKEN, Access::Write),
            Account::user("reader", READER, Access::Read),
        ]);
        let settings = settings.with_guard(move |request| guard(request, &notes, &intercept));
        let ahead = Arc::new(AtomicI64::new(0));
        let stopped = Arc::new(Mutex::new(None));
        let (seconds, moment) = (Arc::clone(&ahead), Arc::clone(&stopped));
        let settings = settings.with_clock(move || {
            let now = moment.lock().unwrap().unwrap_or_else(Timestamp::now);
            now + SignedDuration::from_secs(seconds.load(Ordering::SeqCst))
        });
        let (emulator, apps) = runtime.block_on(async {
            let emulator = Emulator::start(settings).await.unwrap();
            emulator.create_repository("acme", "wildside").await.unwrap();
            let apps = emulator.create_repository("acme", "apps").await.unwrap();
            (emulator, apps)
        });
        let home = TempDir::new().unwrap();
        let (backend, variables) = (on_github::backend(), Mutex::default());
        Self { emulator, apps, home, backend, runtime, variables, refused, interceptor, ahead, stopped }
    }

    /// Gives every command that is made from now on a variable.
    pub(crate) fn give(&self, variable: &'static str, value: String) {
        self.variables.lock().unwrap().insert(variable, value);
    }

    /// Sets the forge's clock ahead of this machine's, or behind.
    pub(crate) fn set_ahead(&self, by: SignedDuration) {
        self.ahead.store(by.as_secs(), Ordering::SeqCst);
    }

    /// Stops the forge's clock, which then moves on only with [`World::pass_hours`].
    pub(crate) fn stop_clock(&self, at: Timestamp) {
        *self.stopped.lock().unwrap() = Some(at);
    }

    /// Lets `interceptor` see every request before it is handled, on top of the descriptions.
    pub(crate) fn intercept(&self, interceptor: impl Fn(&IncomingRequest) -> Verdict + Send + Sync + 'static) {
        *self.interceptor.lock().unwrap() = Some(Arc::new(interceptor));
    }

    /// Lets hours pass on the forge, whose clock counts where this machine's is far off.
    pub(crate) fn pass_hours(&self, hours: i64) {
        self.ahead.fetch_add(hours * 3600, Ordering::SeqCst);
    }

    /// Opens a pull request whose head is `sha` (40 digits made of one letter).
    pub(crate) fn open(&self, number: u64, sha: &str) {
        self.open_titled(number, sha, "A change");
    }

    pub(crate) fn open_titled(&self, number: u64, sha: &str, title: &str) {
        let branch = NewPullRequest::from_branch(format!("branch-{number}"), sha);
        let new = NewPullRequest { number: Some(number), title: title.to_owned(), ..branch };
        self.emulator.forge().open_pull_request(APPLICATION, new).unwrap();
    }

    pub(crate) fn push(&self, number: u64, sha: &str) {
        self.emulator.forge().push(APPLICATION, number, sha).unwrap();
    }

    /// A command of the program, in the environment of a runner.
    pub(crate) fn bivouac(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bivouac"));
        command
            .env_clear()
            .env("PATH", std::env::var_os("PATH").unwrap_or_default())
            .env("HOME", self.home.path())
            .env("TMPDIR", self.home.path())
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_REPOSITORY", APPLICATION)
            .env("GITHUB_RUN_ID", "42")
            .env("GITHUB_SERVER_URL", self.emulator.server_url())
            .env("GITHUB_API_URL", self.emulator.api_url())
            .env("GITHUB_GRAPHQL_URL", self.emulator.graphql_url())
            .env("GITHUB_TOKEN", TOKEN)
            .env("BIVOUAC_APPS_REPOSITORY", "acme/apps")
            .env("BIVOUAC_BACKEND", self.backend)
            // What a machine happens to have on its `PATH` is not for the tests to depend on.
            .env("BIVOUAC_KUSTOMIZE", tools().join("bin/kubectl"))
            .envs(&*self.variables.lock().unwrap())
            .args(arguments)
            .stdin(Stdio::null());
        command
    }

    /// Runs a command to its end. Fails the test when a request was not as described.
    pub(crate) fn run(&self, command: Command) -> Run {
        self.run_at_home(command, self.home.path())
    }

    /// Runs a command in a home of its own, so that several can run at the same time.
    pub(crate) fn run_at_home(&self, mut command: Command, home: &Path) -> Run {
        let (outputs, summary) = (home.join("outputs"), home.join("summary"));
        for file in [&outputs, &summary] {
            fs::write(file, "").unwrap();
        }
        command.env("HOME", home).env("TMPDIR", home);
        command.env("GITHUB_OUTPUT", &outputs).env("GITHUB_STEP_SUMMARY", &summary);
        let output = command.output().unwrap();
        self.accepts_all();
        let run = Run {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            outputs: read_outputs(&fs::read_to_string(outputs).unwrap()),
            summary: fs::read_to_string(summary).unwrap(),
        };
        run.keeps_secrets();
        run
    }

    /// Fails the test when a request was not as GitHub describes it.
    pub(crate) fn accepts_all(&self) {
        let refused = self.refused.lock().unwrap();
        assert!(refused.is_empty(), "requests that GitHub does not describe: {refused:#?}");
    }

    /// Runs a verb for an event of pull request `number` whose head was `sha` then.
    pub(crate) fn on_event(&self, verb: &str, action: &str, number: u64, sha: &str, more: &[&str]) -> Run {
        self.run(self.event_command(verb, action, number, sha, more))
    }

    pub(crate) fn event_command(&self, verb: &str, action: &str, number: u64, sha: &str, more: &[&str]) -> Command {
        let event = WEBHOOKS.pull_request(action).numbered(number).at(sha).in_repository(APPLICATION);
        let path = self.write_event(&event.into_value());
        let mut arguments = vec![verb];
        arguments.extend(more);
        let mut command = self.bivouac(&arguments);
        command.env("GITHUB_EVENT_NAME", "pull_request").env("GITHUB_EVENT_PATH", path);
        command
    }

    pub(crate) fn write_event(&self, event: &Value) -> PathBuf {
        let path = self.home.path().join("event.json");
        fs::write(&path, event.to_string()).unwrap();
        path
    }

    pub(crate) fn deploy(&self, number: u64, sha: &str) -> Run {
        self.on_event("deploy", "synchronize", number, sha, &[])
    }

    pub(crate) fn teardown(&self, number: u64, sha: &str) -> Run {
        self.on_event("teardown", "closed", number, sha, &[])
    }

    /// Commits files to the apps repository's `main`, as a person would.
    pub(crate) fn commit_apps(&self, files: &BTreeMap<String, String>, message: &str) {
        commit(&self.apps, self.home.path(), files, message);
    }

    /// Adds lines to `bivouac.yaml`.
    pub(crate) fn configure(&self, more: &str) {
        let configuration = self.file("bivouac.yaml").unwrap() + more;
        self.commit_apps(&[("bivouac.yaml".to_owned(), configuration)].into(), "Configure");
    }

    /// The tip of the apps repository's `main`.
    pub(crate) fn tip(&self) -> String {
        self.git(&["rev-parse", "main"]).trim().to_owned()
    }

    /// What a file says at the tip; nothing when there is none.
    pub(crate) fn file(&self, path: &str) -> Option<String> {
        let output =
            git_command(&self.apps, self.home.path()).args(["show", &format!("main:{path}")]).output().unwrap();
        output.status.success().then(|| text(&output.stdout))
    }

    /// Runs git on the apps repository.
    pub(crate) fn git(&self, arguments: &[&str]) -> String {
        checked(&git_command(&self.apps, self.home.path()).args(arguments).output().unwrap())
    }

    /// Writes a hook into the apps repository.
    pub(crate) fn hook(&self, name: &str, script: &str) {
        write_program(&self.apps.join("hooks").join(name), &format!("#!/bin/sh\n{script}\n"));
    }

    /// The tree at the tip, in a folder of its own.
    pub(crate) fn checkout(&self) -> TempDir {
        let folder = TempDir::new().unwrap();
        let target = folder.path().join("tree");
        self.git(&["clone", "--quiet", &self.apps.to_string_lossy(), &target.to_string_lossy()]);
        folder
    }

    /// The bodies of the comments on a pull request.
    pub(crate) fn comments(&self, number: u64) -> Vec<String> {
        let comments = self.emulator.forge().comments(APPLICATION, number).unwrap();
        comments.into_iter().map(|comment| comment.body).collect()
    }

    /// The requests since the last call, of one kind.
    pub(crate) fn requests(&self, kind: RequestKind) -> Vec<ReceivedRequest> {
        let requests = self.emulator.requests();
        requests.into_iter().filter(|request| request.kind == kind).collect()
    }

    /// Runs something asynchronous on the world's own runtime.
    pub(crate) fn block_on<T>(&self, future: impl Future<Output = T>) -> T {
        self.runtime.block_on(future)
    }
}

/// Holds a request against GitHub's descriptions, then lets the test have a look.
fn guard(request: &IncomingRequest, refused: &Mutex<Vec<String>>, interceptor: &Mutex<Option<Interceptor>>) -> Verdict {
    let checked = match request.kind {
        RequestKind::Git | RequestKind::Archive => Ok(()),
        RequestKind::Graphql => DESCRIBED.check_graphql(&request.body),
        RequestKind::Api => {
            let path = request.path.strip_prefix("/api/v3").unwrap_or(&request.path);
            let path = if request.query.is_empty() { path.to_owned() } else { format!("{path}?{}", request.query) };
            let body = (!request.body.is_empty()).then_some(request.body.as_slice());
            DESCRIBED.check_rest(&request.method, &path, body)
        }
    };
    if let Err(why) = checked {
        refused.lock().unwrap().push(format!("{} {}: {why}", request.method, request.path));
        return Verdict::Answer(Answer::json(500, &json!({"message": why})));
    }
    // Not held while it runs: what it does may make requests itself.
    let interceptor = interceptor.lock().unwrap().clone();
    interceptor.map_or(Verdict::Pass, |interceptor| interceptor(request))
}

/// A commit's id made of one hexadecimal digit.
pub(crate) fn sha(digit: char) -> String {
    digit.to_string().repeat(40)
}

/// The files of an apps repository with one application of two images.
pub(crate) fn wildside() -> BTreeMap<String, String> {
    let files = [
        (
            "bivouac.yaml",
            "version: 1\napplication: wildside\nrepository: acme/wildside\ndomain: preview.example.com\nimages:\n  \
             backend: {repository: ghcr.io/acme/wildside-backend, values: backend.image}\n  \
             frontend: {repository: ghcr.io/acme/wildside-frontend, values: frontend.image}\n\
             ingress: {host: ingress.hostname}\n",
        ),
        (
            "base/kustomization.yaml",
            "kind: Kustomization\napiVersion: kustomize.config.k8s.io/v1beta1\nresources: [helmrelease.yaml]\n",
        ),
        ("base/helmrelease.yaml", BASE),
        (
            "overlays/ephemeral/kustomization.yaml",
            "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nresources: []\n",
        ),
    ];
    files.map(|(path, text)| (path.to_owned(), text.to_owned())).into()
}

/// A `HelmRelease` that names everything it refers to with a namespace.
pub(crate) const BASE: &str = "\
apiVersion: helm.toolkit.fluxcd.io/v2
kind: HelmRelease
metadata:
  name: wildside
spec:
  interval: 10m
  chart:
    spec:
      chart: wildside
      sourceRef: {kind: HelmRepository, name: charts, namespace: flux-system}
  values: {replicaCount: 2}
";

/// git in a folder, by itself and without anybody's configuration.
pub(crate) fn git_command(folder: &Path, home: &Path) -> Command {
    let mut command = Command::new(&*GIT);
    command
        .current_dir(folder)
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", home)
        .env("GIT_CONFIG_NOSYSTEM", "1")
        .env("GIT_TERMINAL_PROMPT", "0");
    for who in ["AUTHOR", "COMMITTER"] {
        command.env(format!("GIT_{who}_NAME"), "A person").env(format!("GIT_{who}_EMAIL"), "person@example.com");
    }
    command
}

/// The standard output of a command that must have ended well.
pub(crate) fn checked(output: &Output) -> String {
    assert!(output.status.success(), "{}", text(&output.stderr));
    text(&output.stdout)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
