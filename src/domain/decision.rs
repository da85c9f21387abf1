//! Whether a pull request should have a preview, and why not.

use super::names::CommitId;
use super::pull_request::{PullRequest, PullRequestState};

/// What somebody wants of one pull request's preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Put it up, or bring it up to date. `made_for` is the head that the run was started for, where that is known.
    Deploy {
        /// The head commit of the event.
        made_for: Option<CommitId>,
    },
    /// Take it down. With `force`, even when the pull request is open.
    Teardown {
        /// Whether an open pull request is taken down too.
        force: bool,
    },
}

/// What should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A preview that shows this commit.
    Preview(CommitId),
    /// No preview.
    NoPreview(Reason),
    /// Whatever is there now: this run has no say.
    AsItIs(Reason),
}

/// Why there should be no preview, or none of this run's making.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Reason {
    /// The pull request was closed.
    Closed,
    /// The pull request was merged.
    Merged,
    /// Somebody asked for it with `--force`.
    Forced,
    /// The pull request comes from a fork.
    Fork,
    /// The pull request is open, so its preview stays.
    StillOpen,
    /// The pull request has moved on to another commit, whose own run brings it up to date.
    Superseded {
        /// The commit of this run.
        made_for: CommitId,
        /// The commit that is the head now.
        head: CommitId,
    },
}

impl Reason {
    /// The reason as half a sentence that people read after "because".
    #[must_use]
    pub fn sentence(&self) -> String {
        match self {
            Self::Closed => "the pull request is closed".to_owned(),
            Self::Merged => "the pull request is merged".to_owned(),
            Self::Forced => "`--force` was given".to_owned(),
            Self::Fork => "the pull request comes from a fork, and previews for forks are refused".to_owned(),
            Self::StillOpen => "the pull request is open; `--force` takes the preview down all the same".to_owned(),
            Self::Superseded { made_for, head } => {
                format!("the pull request has moved on from {} to {}", made_for.short(), head.short())
            }
        }
    }
}

/// Decides what should be for one pull request.
#[must_use]
pub fn decide(intent: &Intent, pull_request: &PullRequest) -> Wanted {
    let gone = match pull_request.state {
        PullRequestState::Open => None,
        PullRequestState::Closed => Some(Reason::Closed),
        PullRequestState::Merged => Some(Reason::Merged),
    };
    match (intent, gone) {
        (_, Some(gone)) => Wanted::NoPreview(gone),
        (Intent::Teardown { force: true }, None) => Wanted::NoPreview(Reason::Forced),
        (Intent::Teardown { force: false }, None) => Wanted::AsItIs(Reason::StillOpen),
        (Intent::Deploy { .. }, None) if pull_request.is_from_fork => Wanted::NoPreview(Reason::Fork),
        (Intent::Deploy { made_for: Some(made_for) }, None) if *made_for != pull_request.head => {
            Wanted::AsItIs(Reason::Superseded { made_for: made_for.clone(), head: pull_request.head.clone() })
        }
        (Intent::Deploy { .. }, None) => Wanted::Preview(pull_request.head.clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use PullRequestState::{Closed, Merged, Open};

    fn commit(digit: &str) -> CommitId {
        digit.repeat(40).parse().unwrap()
    }

    fn pull_request(state: PullRequestState, is_from_fork: bool) -> PullRequest {
        PullRequest {
            number: "7".parse().unwrap(),
            state,
            head: commit("a"),
            is_from_fork,
            title: String::new(),
            url: String::new(),
        }
    }

    #[test]
    fn every_combination_is_decided() {
        let deploy = |digit: &str| Intent::Deploy { made_for: Some(commit(digit)) };
        let teardown = |force| Intent::Teardown { force };
        let superseded = || Wanted::AsItIs(Reason::Superseded { made_for: commit("b"), head: commit("a") });
        let table = [
            (deploy("a"), Open, false, Wanted::Preview(commit("a"))),
            (Intent::Deploy { made_for: None }, Open, false, Wanted::Preview(commit("a"))),
            (deploy("b"), Open, false, superseded()),
            (deploy("a"), Open, true, Wanted::NoPreview(Reason::Fork)),
            (deploy("a"), Closed, false, Wanted::NoPreview(Reason::Closed)),
            (deploy("b"), Closed, false, Wanted::NoPreview(Reason::Closed)),
            (deploy("a"), Merged, true, Wanted::NoPreview(Reason::Merged)),
            (teardown(false), Open, false, Wanted::AsItIs(Reason::StillOpen)),
            (teardown(true), Open, false, Wanted::NoPreview(Reason::Forced)),
            (teardown(false), Closed, false, Wanted::NoPreview(Reason::Closed)),
            (teardown(true), Merged, false, Wanted::NoPreview(Reason::Merged)),
        ];
        for (intent, state, fork, wanted) in table {
            assert_eq!(decide(&intent, &pull_request(state, fork)), wanted, "{intent:?} {state:?} fork={fork}");
        }
    }
}
