//! The state behind the API: repositories, pull requests, comments and deployments.

mod comments;
mod deployments;
mod people;
mod runs;
mod secrets;
mod statuses;

use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use jiff::Timestamp;

use super::model::{NewPullRequest, PullRequest, PullRequestState};
use super::names::RepositoryName;
use super::state::{Numbers, Repository, State, opened, unknown_pull_request};
use super::{Clock, EmulatorError};

/// The pull requests, comments and deployments; clones share them.
///
/// Repositories are named by `owner/name`. Every change sets the times as GitHub would.
#[derive(Clone)]
pub struct Forge {
    server_url: Arc<str>,
    clock: Clock,
    state: Arc<Mutex<State>>,
}

impl Forge {
    pub(super) fn new(server_url: String, clock: Clock) -> Self {
        Self { server_url: server_url.into(), clock, state: Arc::default() }
    }

    /// Opens a pull request and returns it.
    ///
    /// # Errors
    ///
    /// When the repository is unknown or the number is taken.
    pub fn open_pull_request(&self, repository: &str, new: NewPullRequest) -> Result<PullRequest, EmulatorError> {
        let now = (self.clock)();
        let mut state = self.lock();
        let id = state.next_identifier();
        state.note(&new.author);
        let known = state.repository(repository)?;
        let number = new.number.unwrap_or(known.last_number + 1);
        if known.pull_requests.contains_key(&number) {
            return Err(EmulatorError::NumberTaken { repository: repository.to_owned(), number });
        }
        let url = format!("{}/{repository}/pull/{number}", self.server_url);
        let opened = opened(new, repository, Numbers { id, number }, url, now);
        known.pull_requests.insert(number, Arc::new(opened.clone()));
        known.last_number = known.last_number.max(number);
        known.note_commits_of(number);
        Ok(opened)
    }

    /// A pull request as it is now.
    ///
    /// # Errors
    ///
    /// When there is none of this number.
    pub fn pull_request(&self, repository: &str, number: u64) -> Result<PullRequest, EmulatorError> {
        self.lock().known_pull_request(repository, number).cloned()
    }

    /// Changes anything about a pull request and returns it.
    ///
    /// # Errors
    ///
    /// When there is none of this number.
    pub fn change(
        &self,
        repository: &str,
        number: u64,
        change: impl FnOnce(&mut PullRequest),
    ) -> Result<PullRequest, EmulatorError> {
        let now = (self.clock)();
        let mut state = self.lock();
        let pull_request = state.pull_request(repository, number)?;
        change(pull_request);
        pull_request.updated_at = now;
        let changed = pull_request.clone();
        state.repository(repository)?.note_commits_of(number);
        Ok(changed)
    }

    /// Takes a pull request away, with its comments, as if it had never been; its number is not given again.
    ///
    /// # Errors
    ///
    /// When there is none of this number.
    pub fn remove_pull_request(&self, repository: &str, number: u64) -> Result<(), EmulatorError> {
        let mut state = self.lock();
        let known = state.repository(repository)?;
        known.pull_requests.remove(&number).ok_or_else(|| unknown_pull_request(repository, number))?;
        known.comments.remove_all_on(number);
        Ok(())
    }

    /// Moves a pull request's head, as a push to its branch does.
    ///
    /// # Errors
    ///
    /// When there is none of this number.
    pub fn push(&self, repository: &str, number: u64, head_sha: &str) -> Result<PullRequest, EmulatorError> {
        self.change(repository, number, |pull_request| {
            head_sha.clone_into(&mut pull_request.head_sha);
        })
    }

    /// Closes a pull request without a merge; one that is not open stays as it is.
    ///
    /// # Errors
    ///
    /// When there is none of this number.
    pub fn close(&self, repository: &str, number: u64) -> Result<PullRequest, EmulatorError> {
        self.finish(repository, number, PullRequestState::Closed)
    }

    /// Merges a pull request; no commit is made. One that is not open stays as it is.
    ///
    /// # Errors
    ///
    /// When there is none of this number.
    pub fn merge(&self, repository: &str, number: u64) -> Result<PullRequest, EmulatorError> {
        self.finish(repository, number, PullRequestState::Merged)
    }

    /// Opens a closed pull request again.
    ///
    /// # Errors
    ///
    /// When there is none of this number, or it is merged.
    pub fn reopen(&self, repository: &str, number: u64) -> Result<PullRequest, EmulatorError> {
        if self.pull_request(repository, number)?.state == PullRequestState::Merged {
            return Err(EmulatorError::Merged { repository: repository.to_owned(), number });
        }
        self.change(repository, number, |pull_request| {
            pull_request.state = PullRequestState::Open;
            pull_request.closed_at = None;
        })
    }

    /// Puts a label on a pull request, if it is not there.
    ///
    /// # Errors
    ///
    /// When there is none of this number.
    pub fn label(&self, repository: &str, number: u64, label: &str) -> Result<PullRequest, EmulatorError> {
        self.change(repository, number, |pull_request| {
            if !pull_request.labels.iter().any(|known| is_same_label(known, label)) {
                pull_request.labels.push(label.to_owned());
            }
        })
    }

    /// Takes a label off a pull request, if it is there.
    ///
    /// # Errors
    ///
    /// When there is none of this number.
    pub fn unlabel(&self, repository: &str, number: u64, label: &str) -> Result<PullRequest, EmulatorError> {
        self.change(repository, number, |pull_request| {
            pull_request.labels.retain(|known| !is_same_label(known, label));
        })
    }

    /// Makes a pull request a draft, or ready for review.
    ///
    /// # Errors
    ///
    /// When there is none of this number.
    pub fn mark_draft(&self, repository: &str, number: u64, is_draft: bool) -> Result<PullRequest, EmulatorError> {
        self.change(repository, number, |pull_request| {
            pull_request.is_draft = is_draft;
        })
    }

    pub(super) fn add_repository(&self, name: &RepositoryName, folder: PathBuf) -> Result<(), EmulatorError> {
        let created_at = (self.clock)();
        let mut state = self.lock();
        let id = state.next_identifier();
        if state.repositories.contains_key(&name.to_string()) {
            return Err(EmulatorError::RepositoryExists(name.to_string()));
        }
        let repository = Repository::new(id, name.clone(), folder, created_at);
        state.repositories.insert(name.to_string(), Arc::new(repository));
        Ok(())
    }

    /// Everything about a repository as it is now; it does not follow what is changed later.
    pub(super) fn repository(&self, repository: &str) -> Option<Arc<Repository>> {
        self.lock().repositories.get(repository).cloned()
    }

    /// The repository of this GraphQL identifier.
    pub(super) fn repository_of_node(&self, node_id: &str) -> Option<Arc<Repository>> {
        self.lock().repositories.values().find(|repository| repository.node_id == node_id).cloned()
    }

    pub(super) fn server_url(&self) -> &str {
        &self.server_url
    }

    pub(super) fn now(&self) -> Timestamp {
        (self.clock)()
    }

    fn finish(&self, repository: &str, number: u64, state: PullRequestState) -> Result<PullRequest, EmulatorError> {
        let now = (self.clock)();
        self.change(repository, number, |pull_request| {
            if pull_request.state == PullRequestState::Open {
                pull_request.state = state;
                pull_request.closed_at = Some(now);
                pull_request.merged_at = (state == PullRequestState::Merged).then_some(now);
            }
        })
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The forge does not tell capitals from small letters in the names of labels.
pub(crate) fn is_same_label(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}
