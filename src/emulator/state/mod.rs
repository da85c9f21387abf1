//! What the forge remembers.

mod comments;
mod deployments;
mod runs;

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use jiff::Timestamp;

use super::EmulatorError;
use super::commit_status::CommitStatus;
use super::deployment::Environment;
use super::model::{Actor, ActorKind, NewPullRequest, PullRequest, PullRequestState};
use super::names::RepositoryName;
use super::role::Role;
use comments::Comments;
use deployments::{Deployments, Environments};
use runs::Runs;

/// Above 32 bits, where GitHub's identifiers are, so that nobody gets away with an `i32`.
const FIRST_IDENTIFIER: u64 = 5_000_000_001;
/// Within 32 bits: GraphQL has no other number of a deployment or an environment than an `Int`.
const FIRST_SMALL_IDENTIFIER: u64 = 1_700_000_001;

/// A repository as the API knows it.
///
/// A copy is what a request looks at while others change it; what there is many of is shared between the copies.
#[derive(Clone)]
pub(super) struct Repository {
    pub(super) id: u64,
    pub(super) node_id: String,
    pub(super) name: RepositoryName,
    pub(super) created_at: Timestamp,
    pub(super) pull_requests: BTreeMap<u64, Arc<PullRequest>>,
    pub(super) comments: Comments,
    pub(super) deployments: Deployments,
    pub(super) environments: Environments,
    /// What was said of commits, by commit, the oldest first.
    pub(super) statuses: BTreeMap<String, Vec<CommitStatus>>,
    /// The workflows, their runs, and what these left.
    pub(super) runs: Runs,
    /// The roles that people were given, by login in small letters.
    pub(super) roles: BTreeMap<String, Role>,
    /// Counts on when a pull request is removed: a number is given once.
    pub(super) last_number: u64,
    /// Every commit that was a pull request's head or base.
    commits: BTreeSet<Arc<str>>,
    /// The bare repository.
    folder: PathBuf,
}

/// Everything, under the forge's lock.
pub(super) struct State {
    pub(super) repositories: BTreeMap<String, Arc<Repository>>,
    /// The names of the people that are known, by the same in small letters: the forge does not tell these from capitals.
    pub(super) people: BTreeMap<String, String>,
    next_identifier: u64,
    pub(super) next_small_identifier: u64,
}

impl Default for State {
    fn default() -> Self {
        Self {
            repositories: BTreeMap::new(),
            people: BTreeMap::new(),
            next_identifier: FIRST_IDENTIFIER,
            next_small_identifier: FIRST_SMALL_IDENTIFIER,
        }
    }
}

impl Repository {
    pub(super) fn new(id: u64, name: RepositoryName, folder: PathBuf, created_at: Timestamp) -> Self {
        Self {
            id,
            node_id: format!("R_{id:x}"),
            name,
            created_at,
            pull_requests: BTreeMap::new(),
            comments: Comments::default(),
            deployments: Deployments::default(),
            environments: Environments::default(),
            statuses: BTreeMap::new(),
            runs: Runs::default(),
            roles: BTreeMap::new(),
            last_number: 0,
            commits: BTreeSet::new(),
            folder,
        }
    }

    pub(super) fn folder(&self) -> &Path {
        &self.folder
    }

    /// The bare repository, opened.
    pub(super) fn git(&self) -> Result<git2::Repository, git2::Error> {
        git2::Repository::open_bare(&self.folder)
    }

    /// Remembers the commits of a pull request, which stay when it moves on.
    pub(super) fn note_commits_of(&mut self, number: u64) {
        if let Some(pull_request) = self.pull_requests.get(&number) {
            for sha in [&pull_request.head_sha, &pull_request.base_sha] {
                if is_commit(sha) && !self.commits.contains(sha.as_str()) {
                    self.commits.insert(sha.as_str().into());
                }
            }
        }
    }

    /// The commit of this whole identifier, if it is one of a pull request or of the bare repository.
    pub(super) fn commit(&self, sha: &str) -> Option<String> {
        let sha = sha.to_ascii_lowercase();
        let in_git = || self.git().ok()?.find_commit(git2::Oid::from_str(&sha).ok()?).ok().map(drop);
        let is_known = is_commit(&sha) && (self.commits.contains(sha.as_str()) || in_git().is_some());
        is_known.then_some(sha)
    }

    /// The commits, of pull requests or of the bare repository, whose identifiers begin with these digits in small letters.
    pub(super) fn commits_beginning(&self, prefix: &str) -> BTreeSet<String> {
        let begins = |sha: &str| sha.starts_with(prefix);
        let mut found: BTreeSet<String> =
            self.commits.iter().filter(|sha| begins(sha)).map(ToString::to_string).collect();
        let read = self.git().and_then(|git| {
            let odb = git.odb()?;
            odb.foreach(|oid| {
                let sha = oid.to_string();
                if begins(&sha) && git.find_commit(*oid).is_ok() {
                    found.insert(sha);
                }
                true
            })
        });
        // What can not be read has no commits.
        drop(read);
        found
    }

    /// The commit that a branch, a tag or a whole identifier means. A branch is one of the bare repository, or the one
    /// that an open pull request comes from.
    pub(super) fn resolve(&self, reference: &str) -> Option<String> {
        let in_git = || {
            let repository = self.git().ok()?;
            let found = repository.resolve_reference_from_short_name(reference).ok()?;
            Some(found.peel_to_commit().ok()?.id().to_string())
        };
        let branch = reference.strip_prefix("refs/heads/").unwrap_or(reference);
        let own_name = self.name.to_string();
        let is_head = |of: &&Arc<PullRequest>| {
            of.state == PullRequestState::Open
                && of.head_ref == branch
                && of.head_repository.as_ref() == Some(&own_name)
        };
        let of_pull_request = || self.pull_requests.values().rfind(is_head).map(|of| of.head_sha.clone());
        self.commit(reference).or_else(in_git).or_else(of_pull_request)
    }
}

/// Whether this is a whole identifier, and not the one of nothing.
fn is_commit(sha: &str) -> bool {
    sha.len() == 40 && sha.bytes().all(|byte| byte.is_ascii_hexdigit()) && sha.bytes().any(|byte| byte != b'0')
}

impl State {
    pub(super) fn next_identifier(&mut self) -> u64 {
        let identifier = self.next_identifier;
        self.next_identifier += 1;
        identifier
    }

    pub(super) fn next_small_identifier(&mut self) -> u64 {
        let identifier = self.next_small_identifier;
        self.next_small_identifier += 1;
        identifier
    }

    /// Takes note of whoever has done something, if it is a person.
    pub(super) fn note(&mut self, actor: &Actor) {
        if actor.kind == ActorKind::User {
            self.note_person(&actor.login);
        }
    }

    /// Takes note of a person, whose name stays as it was written first.
    pub(super) fn note_person(&mut self, login: &str) {
        self.people.entry(login.to_lowercase()).or_insert_with(|| login.to_owned());
    }

    /// A repository to look at.
    pub(super) fn known(&self, repository: &str) -> Result<&Arc<Repository>, EmulatorError> {
        self.repositories.get(repository).ok_or_else(|| EmulatorError::UnknownRepository(repository.to_owned()))
    }

    /// A repository to change; it is copied if a request is looking at it.
    pub(super) fn repository(&mut self, repository: &str) -> Result<&mut Repository, EmulatorError> {
        let found = self.repositories.get_mut(repository).map(Arc::make_mut);
        found.ok_or_else(|| EmulatorError::UnknownRepository(repository.to_owned()))
    }

    /// A pull request to look at.
    pub(super) fn known_pull_request(&self, repository: &str, number: u64) -> Result<&PullRequest, EmulatorError> {
        let found = self.known(repository)?.pull_requests.get(&number).map(AsRef::as_ref);
        found.ok_or_else(|| unknown_pull_request(repository, number))
    }

    /// A pull request to change.
    pub(super) fn pull_request(&mut self, repository: &str, number: u64) -> Result<&mut PullRequest, EmulatorError> {
        let found = self.repository(repository)?.pull_requests.get_mut(&number).map(Arc::make_mut);
        found.ok_or_else(|| unknown_pull_request(repository, number))
    }

    /// Makes an environment known, if it is not.
    pub(super) fn add_environment(&mut self, repository: &str, name: &str) -> Result<(), EmulatorError> {
        if self.known(repository)?.environments.get(name).is_none() {
            let id = self.next_small_identifier();
            self.repository(repository)?.environments.insert(Environment::new(id, name));
        }
        Ok(())
    }
}

/// Why there is no such pull request.
pub(super) fn unknown_pull_request(repository: &str, number: u64) -> EmulatorError {
    EmulatorError::UnknownPullRequest { repository: repository.to_owned(), number }
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
        files: new.files,
        created_at: now,
        updated_at: now,
        closed_at: None,
        merged_at: None,
    }
}
