//! What the forge remembers.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::EmulatorError;
use super::model::{Comment, NewPullRequest, PullRequest, PullRequestState};
use super::names::RepositoryName;

/// Above 32 bits, where GitHub's identifiers are, so that nobody gets away with an `i32`.
const FIRST_IDENTIFIER: u64 = 5_000_000_001;

/// A repository as the API knows it.
#[derive(Clone)]
pub(super) struct Repository {
    pub(super) id: u64,
    pub(super) node_id: String,
    pub(super) name: RepositoryName,
    pub(super) created_at: Timestamp,
    pub(super) pull_requests: BTreeMap<u64, PullRequest>,
    pub(super) comments: BTreeMap<u64, Comment>,
}

/// Everything, under the forge's lock.
pub(super) struct State {
    pub(super) repositories: BTreeMap<String, Repository>,
    next_identifier: u64,
}

impl Default for State {
    fn default() -> Self {
        Self { repositories: BTreeMap::new(), next_identifier: FIRST_IDENTIFIER }
    }
}

impl Repository {
    pub(super) fn new(id: u64, name: RepositoryName, created_at: Timestamp) -> Self {
        Self {
            id,
            node_id: format!("R_{id:x}"),
            name,
            created_at,
            pull_requests: BTreeMap::new(),
            comments: BTreeMap::new(),
        }
    }

    pub(super) fn comments_on(&self, number: u64) -> Vec<Comment> {
        self.comments.values().filter(|comment| comment.pull_request == number).cloned().collect()
    }
}

impl State {
    pub(super) fn next_identifier(&mut self) -> u64 {
        let identifier = self.next_identifier;
        self.next_identifier += 1;
        identifier
    }

    pub(super) fn repository(&mut self, repository: &str) -> Result<&mut Repository, EmulatorError> {
        self.repositories.get_mut(repository).ok_or_else(|| EmulatorError::UnknownRepository(repository.to_owned()))
    }

    pub(super) fn pull_request(&mut self, repository: &str, number: u64) -> Result<&mut PullRequest, EmulatorError> {
        let unknown = || EmulatorError::UnknownPullRequest { repository: repository.to_owned(), number };
        self.repository(repository)?.pull_requests.get_mut(&number).ok_or_else(unknown)
    }
}

/// The two numbers of a pull request: the database's and its repository's.
pub(super) struct Numbers {
    pub(super) id: u64,
    pub(super) number: u64,
}

/// A pull request in its first state.
pub(super) fn opened(
    new: NewPullRequest,
    repository: &str,
    Numbers { id, number }: Numbers,
    url: String,
    now: Timestamp,
) -> PullRequest {
    PullRequest {
        number,
        id,
        node_id: format!("PR_{id:x}"),
        title: new.title,
        body: new.body,
        url,
        state: PullRequestState::Open,
        is_draft: new.is_draft,
        head_sha: new.head_sha,
        head_ref: new.head_ref,
        head_repository: Some(new.fork.unwrap_or_else(|| repository.to_owned())),
        base_ref: new.base_ref,
        base_sha: new.base_sha,
        base_repository: repository.to_owned(),
        author: new.author,
        labels: new.labels,
        created_at: now,
        updated_at: now,
        closed_at: None,
        merged_at: None,
    }
}
