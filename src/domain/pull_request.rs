//! A pull request as it is now.

use jiff::Timestamp;

use super::names::{CommitId, PullRequestNumber, RepositoryName};

/// What previews need to know of a pull request. All texts in it are hostile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PullRequest {
    /// Its number.
    pub number: PullRequestNumber,
    /// Whether it can still be merged.
    pub state: PullRequestState,
    /// The commit at the head of its branch; never the merge commit.
    pub head: CommitId,
    /// The repository of its branch; nothing when the fork was deleted.
    pub head_repository: Option<RepositoryName>,
    /// The branch that it is to be merged into.
    pub target: String,
    /// Whether its branch is in another repository.
    pub is_from_fork: bool,
    /// Whether it is a draft.
    pub is_draft: bool,
    /// Who opened it; nobody when the account is gone.
    pub author: Option<Author>,
    /// The names of its labels.
    pub labels: Vec<String>,
    /// The files that it changes.
    pub changes: Changes,
    /// Its title.
    pub title: String,
    /// Its page.
    pub url: String,
}

/// That a head commit was pushed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Push {
    /// The commit.
    pub commit: CommitId,
    /// When, as the forge has it.
    pub at: Timestamp,
}

/// Who opened a pull request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The name of the account.
    pub login: String,
    /// Whether it is the account of a program.
    pub is_bot: bool,
}

/// The files that a pull request changes.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Their paths.
    pub paths: Vec<String>,
    /// Whether these are all: a forge lists only so many.
    pub are_complete: bool,
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

impl PullRequest {
    /// The one of `wanted` that is among its labels. A forge knows a label in any case.
    #[must_use]
    pub fn label_of<'a>(&self, wanted: &'a [String]) -> Option<&'a str> {
        wanted.iter().find(|label| self.has_label(label)).map(String::as_str)
    }

    /// Whether it has that label, in any case.
    #[must_use]
    pub fn has_label(&self, wanted: &str) -> bool {
        self.labels.iter().any(|label| label.to_lowercase() == wanted.to_lowercase())
    }

    /// The page of another pull request of the same repository.
    #[must_use]
    pub fn url_of(&self, other: PullRequestNumber) -> String {
        let pulls = self.url.rsplit_once('/').map_or(self.url.as_str(), |(pulls, _)| pulls);
        format!("{pulls}/{other}")
    }
}

#[cfg(test)]
mod tests {
    use crate::domain::tests::{number, pull_request};

    #[test]
    fn a_label_is_known_in_any_case_and_named_as_it_was_asked_for() {
        let mut it = pull_request();
        it.labels = ["No-Preview", "größe", "ÄPFEL"].map(str::to_owned).to_vec();
        for (wanted, found) in [
            (&["no-preview"][..], Some("no-preview")),
            (&["other", "NO-PREVIEW", "größe"], Some("NO-PREVIEW")),
            (&["GRÖẞE"], Some("GRÖẞE")),
            (&["äpfel"], Some("äpfel")),
            (&["no", "preview", "no-preview "], None),
            (&[], None),
        ] {
            let wanted: Vec<_> = wanted.iter().map(|&label| label.to_owned()).collect();
            assert_eq!(it.label_of(&wanted), found, "{wanted:?}");
            assert_eq!(wanted.iter().any(|label| it.has_label(label)), found.is_some());
        }
    }

    #[test]
    fn another_pull_request_is_beside_this_one() {
        assert_eq!(pull_request().url_of(number(7)), "https://github.com/acme/wildside/pull/7");
    }
}
