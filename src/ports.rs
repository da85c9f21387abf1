//! What the use cases need of the world: few, small traits, in the words of the domain.

mod apps;
mod builds;
mod discussion;
mod doctor;
mod escrow;
mod history;
mod keyring;
mod listeners;
mod ready;
mod registry;
mod renderer;
pub mod vault;

pub use apps::{AppsError, AppsRepository, Committed, Entry, EntryKind, Need, Snapshot};
pub use builds::{Builds, ImagePublisher, PublishError};
pub use discussion::Discussion;
pub use doctor::{PushRights, Rights, Tools};
pub use escrow::{Appended, CipherError, EscrowCipher, EscrowError, EscrowSink};
pub use history::CommitLog;
pub use keyring::Keyring;
pub use listeners::Listeners;
pub use ready::{CommitStatuses, ProbeError, Prober, Progress};
pub use registry::{Registry, RegistryError};
pub use renderer::{Built, Files, RenderError, Renderer, SchemaArchives};

use std::future::Future;
use std::path::PathBuf;
use std::time::Duration;

use jiff::Timestamp;

use crate::domain::conversation::{CommentId, Conversation};
use crate::domain::deployment::{Deployment, DeploymentId, DeploymentStatus, NewDeployment};
use crate::domain::names::{Application, PullRequestNumber, SecretName};
use crate::domain::sweep::Survey;
use crate::secret::Secret;

/// The pull requests of one application repository, and what is said of their previews.
pub trait PullRequests {
    /// The pull request as it is now, and what we said of it before. Nothing when there is no such pull request.
    fn look_up(
        &self,
        number: PullRequestNumber,
    ) -> impl Future<Output = Result<Option<Conversation>, ForgeError>> + Send;

    /// Many pull requests as they are now, in as few requests as can be. One that can not be read is told with why; their
    /// changed files are read only if `with_changes`.
    fn survey(
        &self,
        numbers: &[PullRequestNumber],
        with_changes: bool,
    ) -> impl Future<Output = Result<Surveyed, ForgeError>> + Send;

    /// Many pull requests as they are now, and our comments about an application on them; without deployments. One that can
    /// not be read is left out.
    fn conversations(
        &self,
        numbers: &[PullRequestNumber],
        application: &Application,
    ) -> impl Future<Output = Result<Vec<Conversation>, ForgeError>> + Send;

    /// The deployments to the environments of previews, the latest first.
    fn ledger(&self) -> impl Future<Output = Result<Ledger, ForgeError>> + Send;

    /// Writes a new comment and returns its address.
    fn comment(&self, number: PullRequestNumber, body: &str)
    -> impl Future<Output = Result<String, ForgeError>> + Send;

    /// Replaces what a comment of ours says.
    fn edit_comment(&self, id: CommentId, body: &str) -> impl Future<Output = Result<(), ForgeError>> + Send;

    /// Deletes a comment of ours; one that is gone already is fine.
    fn delete_comment(&self, id: CommentId) -> impl Future<Output = Result<(), ForgeError>> + Send;

    /// Makes a deployment, of which nothing is told yet.
    fn begin_deployment(
        &self,
        deployment: &NewDeployment,
    ) -> impl Future<Output = Result<DeploymentId, ForgeError>> + Send;

    /// Tells how a deployment stands, with the page of the run. One that is gone may be told to be over.
    fn tell_deployment(
        &self,
        id: DeploymentId,
        status: &DeploymentStatus,
        run: Option<&str>,
    ) -> impl Future<Output = Result<(), ForgeError>> + Send;

    /// Deletes an environment; one that is gone already is fine.
    fn delete_environment(&self, name: &str) -> impl Future<Output = Result<(), ForgeError>> + Send;
}

/// The secrets that the environments of one repository hold for its workflows.
pub trait EnvironmentSecrets {
    /// Puts a secret into an environment, in place of what it had under that name. The environment has to be there.
    fn put(
        &self,
        environment: &str,
        name: &SecretName,
        value: &Secret,
    ) -> impl Future<Output = Result<(), ForgeError>> + Send;
}

/// Many pull requests as they are now.
#[derive(Debug, Clone, Default)]
pub struct Surveyed {
    /// Each of them, or why it can not be read.
    pub pull_requests: Survey,
    /// What time it is for the forge.
    pub at: Option<Timestamp>,
}

/// The deployments to the environments of previews.
#[derive(Debug, Clone, Default)]
pub struct Ledger {
    /// The latest first.
    pub deployments: Vec<Deployment>,
    /// The environments that previews have to themselves, if such are in use.
    pub environments: Vec<String>,
    /// Whether these are all.
    pub is_whole: bool,
}

/// Why the forge could not be asked or told.
#[derive(Debug, thiserror::Error)]
pub enum ForgeError {
    /// The token is not known.
    #[error("the forge does not accept the token{}", words(.message))]
    BadCredentials {
        /// The forge's words.
        message: String,
    },
    /// The token may not do this.
    #[error("the forge does not allow to {what}{}", words(.message))]
    Forbidden {
        /// What was tried.
        what: &'static str,
        /// The forge's words.
        message: String,
    },
    /// There is no such thing, or the token can not see it.
    #[error("the forge has no such thing, or the token can not see it, while trying to {what}{}", words(.message))]
    NotFound {
        /// What was tried.
        what: &'static str,
        /// The forge's words.
        message: String,
    },
    /// The forge asks to come back later than a run should wait.
    #[error("the forge limits how often it is asked{}{}", words(.message), until(*.retry_after))]
    RateLimited {
        /// The forge's words.
        message: String,
        /// After how long it may be asked again, where it says so.
        retry_after: Option<Duration>,
    },
    /// The forge answered with an error.
    #[error("the forge failed to {what}: status {status}{}", words(.message))]
    Failed {
        /// What was tried.
        what: &'static str,
        /// The status of the answer.
        status: u16,
        /// The forge's words.
        message: String,
    },
    /// The forge could not be reached.
    #[error("the forge at `{address}` can not be reached")]
    Unreachable {
        /// Where it was looked for.
        address: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The answer was not what the forge's description says.
    #[error("the forge's answer makes no sense while trying to {what}: {message}")]
    Senseless {
        /// What was tried.
        what: &'static str,
        /// What is wrong.
        message: String,
    },
    /// The address of the forge can not be used.
    #[error("the forge's address `{address}` can not be used: {message}")]
    Address {
        /// The address.
        address: String,
        /// Why.
        message: String,
    },
    /// A file of this machine, for what the forge has, can not be written.
    #[error("`{path}` can not be written")]
    Local {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
}

impl ForgeError {
    /// Whether what was asked for may have been done all the same.
    #[must_use]
    pub fn leaves_open_what_took_effect(&self) -> bool {
        match self {
            Self::Unreachable { .. } | Self::Senseless { .. } => true,
            Self::Failed { status, .. } => *status >= 500,
            Self::BadCredentials { .. }
            | Self::Forbidden { .. }
            | Self::NotFound { .. }
            | Self::RateLimited { .. }
            | Self::Address { .. }
            | Self::Local { .. } => false,
        }
    }
}

/// The other side's own words after a colon, where it said any.
fn words(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}

/// When the forge may be asked again, where it says so.
fn until(retry_after: Option<Duration>) -> String {
    retry_after.map_or_else(String::new, |wait| {
        let minutes = wait.as_secs().div_ceil(60);
        format!("; it may be asked again in {minutes} minute{}", if minutes == 1 { "" } else { "s" })
    })
}
