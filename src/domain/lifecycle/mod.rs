//! What becomes of a preview, step by step, for whoever wants to follow along.

mod cloud_event;
mod data;
pub mod message;

use std::fmt;

pub use cloud_event::{CloudEvent, DATA_SCHEMA};
pub use data::PreviewEvent;
use jiff::Timestamp;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::identity::Identity;
use super::names::{Application, CommitId, RepositoryName};
use super::path::RepoPath;
use super::pull_request::PullRequest;
use super::record::Record;

/// A step in the life of a preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Step {
    /// It was put up: committed, and being rolled out.
    Deploying,
    /// It was brought up to date: committed, and being rolled out.
    Updated,
    /// It was seen to show its commit.
    Ready,
    /// It was waited for, and was not seen to show its commit.
    Failed,
    /// Its time is nearly up.
    Expiring,
    /// It was taken down.
    Removed,
    /// The pull request gets none.
    Refused,
}

impl Step {
    /// All steps, in the order of a life.
    pub const ALL: [Self; 7] =
        [Self::Deploying, Self::Updated, Self::Ready, Self::Failed, Self::Expiring, Self::Removed, Self::Refused];

    /// The word in configurations and types of events.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Deploying => "deploying",
            Self::Updated => "updated",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Expiring => "expiring",
            Self::Removed => "removed",
            Self::Refused => "refused",
        }
    }
}

impl fmt::Display for Step {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// That a preview took a step. The texts of its pull request are hostile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LifecycleEvent {
    /// The step.
    pub step: Step,
    /// When it was taken, as far as is known: by the forge's clock.
    pub at: Timestamp,
    /// Whose preview.
    pub application: Application,
    /// The application repository.
    pub repository: RepositoryName,
    /// The pull request as it was found.
    pub pull_request: PullRequest,
    /// What the preview is called.
    pub identity: Identity,
    /// Its directory in the apps repository.
    pub overlay: RepoPath,
    /// Counts up with every change of the preview, over removals too; 0 where there never was one.
    pub generation: u64,
    /// What is remembered of the preview; of one that was taken down, what was.
    pub record: Option<Record>,
    /// The tag of each image, by the name of the image.
    pub images: Vec<(String, String)>,
    /// The commit in the apps repository, where this run made one.
    pub apps_commit: Option<CommitId>,
    /// Why there is no preview.
    pub reason: Option<Cause>,
    /// When its time is up, where it has an end.
    pub expires_at: Option<Timestamp>,
    /// What was seen of a preview that was waited for.
    pub seen: Option<Sighting>,
    /// Who made the run, where that is known.
    pub by: Option<String>,
    /// The page of the run.
    pub run: Option<String>,
}

/// Why there is no preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cause {
    /// In one word, such as `merged`.
    pub word: String,
    /// As half a sentence that people read after "because".
    pub sentence: String,
}

/// What was seen of a preview that was waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sighting {
    /// For how many seconds it was waited for.
    pub seconds: u64,
    /// What was seen last.
    pub last: String,
}

#[cfg(test)]
mod tests;
