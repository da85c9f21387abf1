//! Statuses of commits, as Flux's notification controller and others post them.

use jiff::Timestamp;

use super::model::Actor;

/// What a status says of its commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CommitStatusState {
    /// Something went wrong.
    Error,
    /// It failed.
    Failure,
    /// It is on its way.
    Pending,
    /// It is there.
    Success,
}

impl CommitStatusState {
    /// What REST calls it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Failure => "failure",
            Self::Pending => "pending",
            Self::Success => "success",
        }
    }
}

/// A status that is to be posted.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewCommitStatus {
    /// What it is about, such as `helmrelease/wildside/0c9c2e41`.
    pub context: String,
    /// What it says.
    pub state: CommitStatusState,
    /// A short text.
    pub description: String,
    /// Who says it.
    pub creator: Actor,
}

impl NewCommitStatus {
    /// A status by a bot.
    #[must_use]
    pub fn new(context: &str, state: CommitStatusState, description: &str) -> Self {
        let creator = Actor::bot("flux[bot]");
        Self { context: context.to_owned(), state, description: description.to_owned(), creator }
    }
}

/// A status of a commit.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommitStatus {
    /// The database's number; larger than 32 bits hold.
    pub id: u64,
    /// What was posted.
    pub said: NewCommitStatus,
    /// When.
    pub created_at: Timestamp,
}
