//! A commit on top of a snapshot, by GitHub's own mutation.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use super::super::operations::COMMIT_TO_APPS_REPOSITORY;
use super::known::Look;
use super::lost::Fate;
use super::snapshot::GitHubSnapshot;
use super::verdict::Verdict;
use crate::domain::guard::Cleared;
use crate::domain::names::CommitId;
use crate::domain::path::RepoPath;
use crate::domain::plan::Edit;
use crate::ports::{AppsError, Committed, ForgeError};

/// How long to wait before each look at what became of a commit whose answer was lost. As often it is sent.
const WAITS: [Duration; 3] = [Duration::from_millis(500), Duration::from_secs(2), Duration::from_secs(5)];
/// What is tried.
pub(super) const WHAT: &str = "commit to it";

impl GitHubSnapshot {
    /// Commits on top of this, provided that the branch has not moved since.
    pub(super) async fn commit(&self, change: &Cleared<'_>) -> Result<Committed, AppsError> {
        let (edits, message) = (change.edits(), change.message());
        let changes = self.changes(edits).await?;
        let body = self.mutation(&changes, message);
        let mut unanswered = None;
        for wait in WAITS {
            let verdict = match self.remote.send(body.clone(), WHAT, false).await {
                Ok(answer) => Verdict::of(answer),
                Err(error @ ForgeError::RateLimited { .. }) => return Err(self.remote.error(error)),
                Err(error) => Verdict::Lost(error),
            };
            let error = match verdict {
                Verdict::At(commit) => return Ok(Committed::At(commit)),
                // An answer that came too late for us may be the reason.
                Verdict::TipMoved if unanswered.is_some() => return self.at_or_moved(message).await,
                Verdict::TipMoved => return Ok(Committed::TipMoved),
                Verdict::Stale(reason) => return self.stale(message, reason).await,
                Verdict::Refused(reason) => return Err(self.refused(reason)),
                Verdict::Unsupported(message) => return Err(self.remote.unsupported(message)),
                Verdict::NoBranch => return Err(self.no_branch()),
                Verdict::Error(error) => return Err(self.remote.error(error)),
                Verdict::Lost(error) => error,
            };
            tracing::info!(%error, "nobody knows whether the commit has landed: looking");
            tokio::time::sleep(wait).await;
            match self.fate(message).await? {
                Fate::Landed(commit) => return Ok(Committed::At(commit)),
                Fate::Overtaken => return Ok(Committed::TipMoved),
                Fate::Open => unanswered = Some(error),
            }
        }
        let message = || "no answer came".to_owned();
        Err(self.remote.error(unanswered.unwrap_or_else(|| ForgeError::Senseless { what: WHAT, message: message() })))
    }

    /// What the branch says after an answer that it has moved, when an earlier answer was lost.
    async fn at_or_moved(&self, message: &str) -> Result<Committed, AppsError> {
        match self.fate(message).await? {
            Fate::Landed(commit) => Ok(Committed::At(commit)),
            Fate::Overtaken | Fate::Open => Ok(Committed::TipMoved),
        }
    }

    /// What the branch says after an answer that does not fit what was read of it.
    async fn stale(&self, message: &str, reason: String) -> Result<Committed, AppsError> {
        match self.fate(message).await? {
            Fate::Landed(commit) => Ok(Committed::At(commit)),
            Fate::Overtaken => Ok(Committed::TipMoved),
            Fate::Open => Err(self.refused(reason)),
        }
    }

    fn refused(&self, reason: String) -> AppsError {
        AppsError::Refused { repository: self.remote.shown.clone(), reason, message: String::new() }
    }

    pub(super) fn no_branch(&self) -> AppsError {
        let repository = self.remote.shown.clone();
        match self.tip.branch.parse() {
            Ok(branch) => AppsError::NoBranch { repository, branch, known: "lost it during this run".to_owned() },
            Err(_) => AppsError::Empty { repository },
        }
    }

    fn mutation(&self, changes: &Value, message: &str) -> Value {
        let (headline, rest) = message.split_once('\n').unwrap_or((message, ""));
        let input = json!({
            "branch": {"repositoryNameWithOwner": self.remote.name.to_string(), "branchName": self.tip.branch},
            "expectedHeadOid": self.tip.oid,
            "message": {"headline": headline, "body": rest.trim()},
            "fileChanges": changes,
        });
        let operation = COMMIT_TO_APPS_REPOSITORY;
        json!({"query": operation.text, "variables": {"input": input}, "operationName": operation.name})
    }

    /// The files that are written and deleted.
    async fn changes(&self, edits: &[Edit]) -> Result<Value, AppsError> {
        let (mut additions, mut deletions) = (Vec::new(), Vec::new());
        for edit in edits {
            match edit {
                Edit::Write { path, after, .. } => {
                    self.tell_of_mode(path);
                    additions.push(json!({"path": path.as_str(), "contents": STANDARD.encode(after)}));
                }
                Edit::RemoveFile { path, .. } => deletions.push(json!({"path": path.as_str()})),
                Edit::RemoveDirectory { path, .. } => {
                    let files = self.files_below(path).await?;
                    deletions.extend(files.iter().map(|file| json!({"path": file.as_str()})));
                }
            }
        }
        Ok(json!({"additions": additions, "deletions": deletions}))
    }

    /// GitHub writes plain files only.
    fn tell_of_mode(&self, path: &RepoPath) {
        if matches!(self.known().look(path), Look::File(file) if file.is_executable) {
            tracing::info!("`{path}` is executable, and may be no longer: GitHub's API writes plain files");
        }
    }

    async fn files_below(&self, directory: &RepoPath) -> Result<Vec<RepoPath>, AppsError> {
        self.read_missing(|known| known.missing_names(directory)).await?;
        let files = self.known().files_below(directory);
        files.map_err(|directory| {
            self.remote
                .unsupported(format!("`{directory}` holds something whose name is not UTF-8, which it can not delete"))
        })
    }
}

/// Whether a commit's message is the one that was given. The blank lines around its parts are the forge's.
pub(super) fn is_same(told: &str, given: &str) -> bool {
    let lines =
        |text: &'_ str| text.lines().map(str::trim_end).filter(|line| !line.is_empty()).map(str::to_owned).collect();
    let (told, given): (Vec<String>, Vec<String>) = (lines(told), lines(given));
    told == given
}

/// The id of a commit, as it is told.
pub(super) fn commit_id(value: Option<&Value>) -> Option<CommitId> {
    value?.as_str()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_is_known_again_whatever_the_forge_makes_of_its_blank_lines() {
        assert!(is_same("a\n\nb: c\nd: e", "a\n\nb: c\nd: e\n"));
        assert!(is_same("a\n\n\nb \n", "a\r\n\r\nb"));
        assert!(!is_same("a\n\nb: c", "a\n\nb: d") && !is_same("a", "a\n\nb"));
    }
}
