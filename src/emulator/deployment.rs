//! Deployments, their statuses, and the environments that they are made to.

use std::collections::BTreeMap;

use crypto_box::SecretKey;
use crypto_box::aead::OsRng;
use jiff::{SignedDuration, Timestamp};
use serde_json::Value;

use super::model::Actor;

/// After this long a pending deployment that nobody touched counts as abandoned.
const PATIENCE: SignedDuration = SignedDuration::from_mins(30);

/// What a status says of its deployment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeploymentStatusState {
    /// It could not be carried out.
    Error,
    /// It was carried out and failed.
    Failure,
    /// It is no longer there, or another one took its place.
    Inactive,
    /// It is being carried out.
    InProgress,
    /// It waits for something.
    Pending,
    /// It waits for its turn.
    Queued,
    /// It is there.
    Success,
}

impl DeploymentStatusState {
    const ALL: [Self; 7] =
        [Self::Error, Self::Failure, Self::Inactive, Self::InProgress, Self::Pending, Self::Queued, Self::Success];

    /// The state that REST calls so.
    pub(super) fn named(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.word() == word)
    }

    /// What REST calls it; GraphQL writes the same in capitals.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Failure => "failure",
            Self::Inactive => "inactive",
            Self::InProgress => "in_progress",
            Self::Pending => "pending",
            Self::Queued => "queued",
            Self::Success => "success",
        }
    }
}

/// What somebody said of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DeploymentStatus {
    /// The database's number; larger than 32 bits hold.
    pub id: u64,
    /// The GraphQL identifier.
    pub node_id: String,
    /// What it says.
    pub state: DeploymentStatusState,
    /// The environment of the deployment at that time.
    pub environment: String,
    /// Where the deployed thing answers; empty when nothing was said.
    pub environment_url: String,
    /// Where the output is; empty when nothing was said.
    pub log_url: String,
    /// A short text; empty when nothing was said.
    pub description: String,
    /// Who said it.
    pub creator: Actor,
    /// When it was said.
    pub created_at: Timestamp,
}

/// A deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deployment {
    /// The database's number.
    pub id: u64,
    /// The GraphQL identifier.
    pub node_id: String,
    /// What was asked to be deployed: a branch, a tag or a commit.
    pub reference: String,
    /// The commit that it was then.
    pub sha: String,
    /// What is to be done; `deploy` if nothing was said.
    pub task: String,
    /// Whatever was handed over: an object or a string.
    pub payload: Value,
    /// The environment that it was made to.
    pub original_environment: String,
    /// The environment as the latest status has it.
    pub environment: String,
    /// A short text, if there is one.
    pub description: Option<String>,
    /// Whether the environment will be gone some day.
    pub transient: bool,
    /// Whether it is where the users are.
    pub production: bool,
    /// Who made it.
    pub creator: Actor,
    /// When it was made.
    pub created_at: Timestamp,
    /// When it was made or got its latest status.
    pub updated_at: Timestamp,
    /// What was said of it, the oldest first.
    pub statuses: Vec<DeploymentStatus>,
}

impl Deployment {
    /// The state of the latest status, if there is one.
    #[must_use]
    pub fn latest(&self) -> Option<DeploymentStatusState> {
        self.statuses.last().map(|status| status.state)
    }

    /// GraphQL's `DeploymentState`, as the schema describes its values: an inactive transient deployment is
    /// `DESTROYED`, and one that is pending and was not touched for half an hour is `ABANDONED`.
    pub(super) fn state(&self, now: Timestamp) -> &'static str {
        let is_abandoned = now.duration_since(self.updated_at) > PATIENCE;
        match self.latest() {
            None | Some(DeploymentStatusState::Pending) if is_abandoned => "ABANDONED",
            None | Some(DeploymentStatusState::Pending) => "PENDING",
            Some(DeploymentStatusState::Inactive) if self.transient => "DESTROYED",
            Some(DeploymentStatusState::Inactive) => "INACTIVE",
            Some(DeploymentStatusState::InProgress) => "IN_PROGRESS",
            Some(DeploymentStatusState::Queued) => "QUEUED",
            Some(DeploymentStatusState::Success) => "ACTIVE",
            Some(DeploymentStatusState::Failure) => "FAILURE",
            Some(DeploymentStatusState::Error) => "ERROR",
        }
    }
}

/// A deployment to be made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDeployment {
    /// A branch, a tag or a commit.
    pub reference: String,
    /// What is to be done.
    pub task: String,
    /// Whatever is handed over: an object or a string.
    pub payload: Value,
    /// The environment.
    pub environment: String,
    /// A short text, if there is one.
    pub description: Option<String>,
    /// Whether the environment will be gone some day.
    pub transient: bool,
    /// Whether it is where the users are.
    pub production: bool,
    /// Who makes it.
    pub creator: Actor,
}

impl NewDeployment {
    /// A deployment by `octocat`, as it is when only the reference and the environment are given.
    pub fn to(environment: impl Into<String>, reference: impl Into<String>) -> Self {
        let environment = environment.into();
        Self {
            reference: reference.into(),
            task: "deploy".to_owned(),
            payload: "".into(),
            production: environment == "production",
            environment,
            description: None,
            transient: false,
            creator: Actor::user("octocat"),
        }
    }
}

/// Something to be said of a deployment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewDeploymentStatus {
    /// What it says.
    pub state: DeploymentStatusState,
    /// The environment, if it is to be another one.
    pub environment: Option<String>,
    /// Where the deployed thing answers; empty for nothing.
    pub environment_url: String,
    /// Where the output is; empty for nothing.
    pub log_url: String,
    /// A short text; empty for nothing.
    pub description: String,
    /// Whether a success makes the environment's earlier deployments inactive.
    pub auto_inactive: bool,
    /// Who says it.
    pub creator: Actor,
}

impl NewDeploymentStatus {
    /// A status by `octocat`, as it is when only the state is given.
    #[must_use]
    pub fn of(state: DeploymentStatusState) -> Self {
        Self {
            state,
            environment: None,
            environment_url: String::new(),
            log_url: String::new(),
            description: String::new(),
            auto_inactive: true,
            creator: Actor::user("octocat"),
        }
    }
}

/// Where deployments are made to.
#[derive(Clone, Debug)]
pub(super) struct Environment {
    pub(super) id: u64,
    pub(super) node_id: String,
    pub(super) name: String,
    /// What its secrets are encrypted to.
    pub(super) key: SecretKey,
    /// The secrets as they were encrypted, by their names in capitals.
    pub(super) secrets: BTreeMap<String, Vec<u8>>,
}

impl Environment {
    pub(super) fn new(id: u64, name: &str) -> Self {
        let key = SecretKey::generate(&mut OsRng);
        Self { id, node_id: format!("EN_{id:x}"), name: name.to_owned(), key, secrets: BTreeMap::new() }
    }

    /// The number of its key, which is too large for a JSON number, and a text.
    pub(super) fn key_id(&self) -> String {
        format!("5682501{:011}", self.id)
    }
}
