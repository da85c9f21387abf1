//! A GitHub on loopback: pull requests, comments, deployments and the runs of workflows by REST and GraphQL, repositories by
//! real git over real HTTP.
//!
//! The paths are those of GitHub Enterprise, so that one address serves all three. What is here is what Bivouac uses,
//! with GitHub's status codes and error texts; anything else is answered as something that does not exist.

mod accounts;
mod answer;
mod archive;
mod bare;
mod commit;
mod commit_status;
mod connection;
mod deployment;
mod error;
mod forge;
mod git_http;
mod graphql;
mod model;
mod names;
mod percent;
mod rest;
mod role;
mod server;
mod state;
mod traffic;
mod workflow_run;

use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;

pub use accounts::{Access, Account, Token};
pub use answer::Answer;
pub use commit_status::{CommitStatus, CommitStatusState, NewCommitStatus};
pub use deployment::{Deployment, DeploymentStatus, DeploymentStatusState, NewDeployment, NewDeploymentStatus};
pub use error::EmulatorError;
pub use forge::Forge;
pub use model::{Actor, ActorKind, Comment, NewPullRequest, PullRequest, PullRequestState, Reaction};
pub use role::Role;
pub use traffic::{Guard, IncomingRequest, ReceivedRequest, RequestKind, Verdict};
pub use workflow_run::{Artifact, NewWorkflowRun, RunConclusion, RunStatus, WorkflowRun};

use accounts::Accounts;
use bare::GitPrograms;
use names::RepositoryName;
use server::Context;
use traffic::RequestLog;

/// How long `stop` waits for answers that are still being given.
const STOP_PATIENCE: Duration = Duration::from_secs(2);

/// What tells the emulator the time.
pub type Clock = Arc<dyn Fn() -> Timestamp + Send + Sync>;

/// Who may talk to the emulator, and what happens to a request before it is handled.
#[derive(Clone)]
pub struct Settings {
    /// Everybody who has a token.
    pub accounts: Vec<Account>,
    /// Sees every request first; may answer in the emulator's place.
    pub guard: Option<Guard>,
    /// Where the times of pull requests, comments and deployments come from, and the `Date` of every answer. It is asked
    /// each time, so that one over an atomic can be set while the emulator runs.
    pub clock: Clock,
}

impl Settings {
    /// Settings for these accounts, without a guard and with the system's clock.
    #[must_use]
    pub fn new(accounts: Vec<Account>) -> Self {
        Self { accounts, guard: None, clock: Arc::new(Timestamp::now) }
    }

    /// The same settings with a guard.
    #[must_use]
    pub fn with_guard(self, guard: impl Fn(&IncomingRequest) -> Verdict + Send + Sync + 'static) -> Self {
        Self { guard: Some(Arc::new(guard)), ..self }
    }

    /// The same settings with another clock.
    #[must_use]
    pub fn with_clock(self, clock: impl Fn() -> Timestamp + Send + Sync + 'static) -> Self {
        Self { clock: Arc::new(clock), ..self }
    }
}

/// A running emulator; its repositories vanish with it.
///
/// It answers on the runtime that started it, so that a test which blocks a thread (to run a program that talks to the
/// emulator) needs a runtime of several threads.
pub struct Emulator {
    address: SocketAddr,
    forge: Forge,
    accounts: Accounts,
    log: RequestLog,
    git: Arc<GitPrograms>,
    shutdown: oneshot::Sender<()>,
    server: JoinHandle<()>,
    // Held for its end: it removes the repositories.
    _folder: TempDir,
}

impl Emulator {
    /// Starts answering on a free port of 127.0.0.1.
    ///
    /// # Errors
    ///
    /// When no port or folder can be had, or `git` or its `http-backend` is missing.
    pub async fn start(settings: Settings) -> Result<Self, EmulatorError> {
        let folder = tempfile::Builder::new().prefix("bivouac-emulator-").tempdir().map_err(EmulatorError::Folder)?;
        let git = Arc::new(GitPrograms::find(folder.path()).await?);
        let listener = TcpListener::bind(("127.0.0.1", 0)).await.map_err(EmulatorError::Listen)?;
        let address = listener.local_addr().map_err(EmulatorError::Listen)?;
        let forge = Forge::new(format!("http://{address}"), settings.clock);
        let (accounts, log) = (Accounts::new(settings.accounts), RequestLog::default());
        let context = Context {
            forge: forge.clone(),
            accounts: accounts.clone(),
            git: Arc::clone(&git),
            guard: settings.guard,
            log: log.clone(),
            archive_key: format!("{:032x}", rand::random::<u128>()).into(),
        };
        // Dropping the sender ends the server as well as sending does.
        let (shutdown, stopped) = oneshot::channel();
        let server = tokio::spawn(server::serve(listener, context, stopped));
        Ok(Self { address, forge, accounts, log, git, shutdown, server, _folder: folder })
    }

    /// What `GITHUB_SERVER_URL` is to be.
    #[must_use]
    pub fn server_url(&self) -> String {
        format!("http://{}", self.address)
    }

    /// What `GITHUB_API_URL` is to be.
    #[must_use]
    pub fn api_url(&self) -> String {
        format!("{}/api/v3", self.server_url())
    }

    /// What `GITHUB_GRAPHQL_URL` is to be.
    #[must_use]
    pub fn graphql_url(&self) -> String {
        format!("{}/api/graphql", self.server_url())
    }

    /// The pull requests, comments and deployments, to set up and to look at.
    #[must_use]
    pub fn forge(&self) -> &Forge {
        &self.forge
    }

    /// The folder of the bare repositories, each at `{owner}/{name}.git`.
    #[must_use]
    pub fn repositories(&self) -> &Path {
        self.git.repositories()
    }

    /// Makes an empty bare repository that can be pushed to, and makes it known to the forge; returns its folder.
    ///
    /// # Errors
    ///
    /// When the name is not one that GitHub allows, is taken, or `git` fails.
    pub async fn create_repository(&self, owner: &str, name: &str) -> Result<PathBuf, EmulatorError> {
        let name = RepositoryName::new(owner, name)?;
        let folder = self.git.create(&name).await?;
        self.forge.add_repository(&name, folder.clone())?;
        Ok(folder)
    }

    /// Changes what somebody's token may do, from the next request on. With no access to a repository, all of it
    /// answers as if it did not exist.
    ///
    /// # Errors
    ///
    /// When nobody has this login.
    pub fn change_account(&self, login: &str, change: impl FnOnce(&mut Account)) -> Result<(), EmulatorError> {
        let is_known = self.accounts.change(login, change);
        if is_known { Ok(()) } else { Err(EmulatorError::UnknownAccount(login.to_owned())) }
    }

    /// Every request since the start or `forget_requests`, in the order of arrival.
    #[must_use]
    pub fn requests(&self) -> Vec<ReceivedRequest> {
        self.log.all()
    }

    /// Empties the list of requests.
    pub fn forget_requests(&self) {
        self.log.clear();
    }

    /// Stops answering; what is still being answered gets two seconds to end.
    pub async fn stop(self) {
        let Self { shutdown, mut server, .. } = self;
        drop(shutdown);
        if tokio::time::timeout(STOP_PATIENCE, &mut server).await.is_err() {
            server.abort();
        }
    }
}
