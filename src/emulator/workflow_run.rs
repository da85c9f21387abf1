//! Runs of workflows, and what they leave.

use std::fmt;
use std::sync::Arc;

use jiff::Timestamp;

use super::model::Actor;

/// How far a run is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunStatus {
    /// It was asked for.
    Requested,
    /// It waits for somebody or something.
    Waiting,
    /// It waits for another run of its concurrency group.
    Pending,
    /// It waits for a runner.
    Queued,
    /// It is under way.
    InProgress,
    /// It is over, or was not allowed to begin.
    Completed,
}

impl RunStatus {
    /// What REST calls it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Requested => "requested",
            Self::Waiting => "waiting",
            Self::Pending => "pending",
            Self::Queued => "queued",
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
        }
    }
}

/// How a run ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunConclusion {
    /// It did not begin: somebody who may push has to let it.
    ActionRequired,
    /// Somebody, or a newer run, ended it.
    Cancelled,
    /// It failed.
    Failure,
    /// Neither well nor badly.
    Neutral,
    /// Nothing of it ran.
    Skipped,
    /// It was forgotten.
    Stale,
    /// It went well.
    Success,
    /// It took too long.
    TimedOut,
}

impl RunConclusion {
    /// What REST calls it.
    pub(super) fn word(self) -> &'static str {
        match self {
            Self::ActionRequired => "action_required",
            Self::Cancelled => "cancelled",
            Self::Failure => "failure",
            Self::Neutral => "neutral",
            Self::Skipped => "skipped",
            Self::Stale => "stale",
            Self::Success => "success",
            Self::TimedOut => "timed_out",
        }
    }
}

/// A run that is to be there.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct NewWorkflowRun {
    /// The name of the workflow's file in `.github/workflows`.
    pub workflow: String,
    /// The event that it is for, such as `pull_request`.
    pub event: String,
    /// The commit that it is for; for a pull request the head, not the merge commit.
    pub head_sha: String,
    /// The branch of that commit.
    pub head_branch: String,
    /// The `owner/name` of that branch; none when that fork was deleted.
    pub head_repository: Option<String>,
    /// How far it is.
    pub status: RunStatus,
    /// How it ended; none as long as it has not.
    pub conclusion: Option<RunConclusion>,
    /// Who caused it.
    pub actor: Actor,
}

impl NewWorkflowRun {
    /// A run for a pull request from `head_repository`, which went well.
    pub fn for_pull_request(
        workflow: impl Into<String>,
        head_repository: impl Into<String>,
        head_branch: impl Into<String>,
        head_sha: impl Into<String>,
    ) -> Self {
        Self {
            workflow: workflow.into(),
            event: "pull_request".to_owned(),
            head_sha: head_sha.into(),
            head_branch: head_branch.into(),
            head_repository: Some(head_repository.into()),
            status: RunStatus::Completed,
            conclusion: Some(RunConclusion::Success),
            actor: Actor::user("octocat"),
        }
    }

    /// The same run, as far as this.
    #[must_use]
    pub fn at(self, status: RunStatus, conclusion: Option<RunConclusion>) -> Self {
        Self { status, conclusion, ..self }
    }
}

/// A run of a workflow.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct WorkflowRun {
    /// The database's number; larger than 32 bits hold.
    pub id: u64,
    /// How many runs of the workflow there were with it.
    pub number: u64,
    /// What it is, and how far.
    pub said: NewWorkflowRun,
    /// When it was asked for.
    pub created_at: Timestamp,
    /// When it changed last.
    pub updated_at: Timestamp,
}

/// What a run has left.
#[derive(Clone, PartialEq, Eq)]
pub struct Artifact {
    /// The database's number; larger than 32 bits hold.
    pub id: u64,
    /// The run.
    pub run: u64,
    /// The name.
    pub name: String,
    /// What is fetched: the bytes of a zip archive, or whatever a test takes for one.
    pub zip: Arc<[u8]>,
    /// Whether it was thrown away.
    pub is_expired: bool,
    /// When it was left.
    pub created_at: Timestamp,
}

impl fmt::Debug for Artifact {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "artifact {} `{}` of run {} ({} bytes)", self.id, self.name, self.run, self.zip.len())
    }
}
