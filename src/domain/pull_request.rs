//! A pull request as it is now.

use super::names::{CommitId, PullRequestNumber};

/// What previews need to know of a pull request. All texts in it are hostile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: PullRequestNumber,
    /// Whether it can still be merged.
    pub state: PullRequestState,
    /// The commit at the head of its branch; never the merge commit.
    pub head: CommitId,
    /// Whether its branch is in another repository.
    pub is_from_fork: bool,
    /// Its title.
    pub title: String,
    /// Its page.
    pub url: String,
}

/// Whether a pull request is still open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PullRequestState {
    /// It is.
    Open,
    /// It was closed without a merge.
    Closed,
    /// It was merged.
    Merged,
}
