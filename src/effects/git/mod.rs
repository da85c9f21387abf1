//! The apps repository behind any Git server: one shallow fetch, trees edited without a work tree, a push with a lease.

mod address;
mod http;
mod program;
mod refusal;
mod snapshot;
mod transport;

pub use address::{Address, is_loopback};
pub use snapshot::GitSnapshot;

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex};

use git2::{AutotagOption, Direction, FetchOptions, PushOptions, Remote, RemoteCallbacks, Repository, Signature};
use jiff::Timestamp;
use reqwest::Client;

use crate::domain::names::{BranchName, CommitId};
use crate::domain::plan::Edit;
use crate::effects::scratch::Scratch;
use crate::ports::{AppsError, AppsRepository, Committed, Need};
use crate::secret::Secret;
use http::HttpConnection;
use program::{Program, ProgramConnection, SshLogin};
use refusal::Refusal;
use transport::{Connection, Failure, through};

/// Who commits.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Author {
    /// The name.
    pub name: String,
    /// The mail address.
    pub mail: String,
}

/// How to get into the apps repository.
#[derive(Debug, Default)]
pub struct Credentials {
    /// The token for HTTP.
    pub token: Option<Secret>,
    /// The private key for SSH; the user's own set-up without it.
    pub ssh_key: Option<HeldFile>,
    /// The host keys that SSH trusts; the user's own without it.
    pub ssh_known_hosts: Option<HeldFile>,
}

/// A file that is there for as long as it is needed.
#[derive(Debug)]
pub enum HeldFile {
    /// Somebody else's.
    Named(PathBuf),
    /// Our own, which goes with this value.
    Temporary(Scratch),
}

impl HeldFile {
    /// Where it is.
    #[must_use]
    pub fn path(&self) -> &Path {
        match self {
            Self::Named(path) => path,
            Self::Temporary(scratch) => scratch.path(),
        }
    }
}

/// One branch of a repository on a Git server.
pub struct GitRepository {
    address: Address,
    branch: Option<BranchName>,
    author: Author,
    connection: Arc<Connection>,
    failure: Failure,
}

impl GitRepository {
    /// The branch of the repository at `address`, reached by `client` where that is HTTP; its default branch where none is named.
    ///
    /// # Errors
    ///
    /// When the credentials can not be sent, or the repository is a shallow clone on this machine.
    pub fn new(
        client: &Client,
        address: Address,
        branch: Option<BranchName>,
        credentials: Credentials,
        author: Author,
    ) -> Result<Self, AppsError> {
        let failure = Failure::default();
        let repository = address.url();
        let program = |program| {
            let failure = failure.clone();
            Connection::Program(ProgramConnection { program, repository: address.url(), failure })
        };
        let connection = match &address {
            Address::Http(http) => {
                // GitHub's name for whoever holds a token; other servers take any.
                let user = http.user.as_ref().map_or("x-access-token", Secret::expose);
                Connection::Http(HttpConnection::new(
                    client.clone(),
                    repository,
                    user,
                    credentials.token.as_ref(),
                    failure.clone(),
                )?)
            }
            Address::Ssh(ssh) => program(Program::Ssh(SshLogin {
                address: ssh.clone(),
                key: credentials.ssh_key,
                known_hosts: credentials.ssh_known_hosts,
            })),
            // What `git` would send of one, the Git library can not read.
            Address::File(path) if ["shallow", ".git/shallow"].iter().any(|file| path.join(file).exists()) => {
                let message = "it is a shallow clone, fetch the rest with `git fetch --unshallow`".to_owned();
                return Err(AppsError::Address { repository, message });
            }
            Address::File(path) => program(Program::Git(path.clone())),
        };
        Ok(Self { connection: Arc::new(connection), address, branch, author, failure })
    }

    fn work(&self) -> Work {
        Work {
            url: self.address.url(),
            branch: self.branch.clone(),
            author: self.author.clone(),
            connection: Arc::clone(&self.connection),
            failure: self.failure.clone(),
        }
    }
}

impl AppsRepository for GitRepository {
    type Snapshot = GitSnapshot;

    async fn observe(&self, _needs: &[Need]) -> Result<GitSnapshot, AppsError> {
        let work = self.work();
        in_background(move || work.connected(|| work.fetch())).await
    }

    async fn commit(
        &self,
        snapshot: &GitSnapshot,
        edits: &[Edit],
        message: &str,
        at: Timestamp,
    ) -> Result<Committed, AppsError> {
        let (work, snapshot, edits, message) = (self.work(), snapshot.clone(), edits.to_vec(), message.to_owned());
        in_background(move || work.connected(|| work.commit_and_push(&snapshot, &edits, &message, at))).await
    }
}

async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppsError> + Send + 'static,
) -> Result<T, AppsError> {
    let outcome = tokio::task::spawn_blocking(work).await;
    outcome.unwrap_or_else(|why| Err(AppsError::Local { message: format!("the Git library stopped: {why}") }))
}

/// The name that a commit has until it is pushed.
const COMMIT: &str = "refs/bivouac/commit";

/// What one call of the Git library needs, on a thread of its own.
struct Work {
    url: String,
    branch: Option<BranchName>,
    author: Author,
    connection: Arc<Connection>,
    failure: Failure,
}

impl Work {
    /// Runs `task` with the connection in place, and prefers the connection's own words for what went wrong.
    fn connected<T>(&self, task: impl FnOnce() -> Result<T, AppsError>) -> Result<T, AppsError> {
        let result = through(&self.connection, task);
        match (result, self.failure.take()) {
            (Err(_), Some(cause)) => Err(cause),
            (result, _) => result,
        }
    }

    fn fetch(&self) -> Result<GitSnapshot, AppsError> {
        let directory = Scratch::folder().map_err(|why| local(&why))?;
        let mut options = git2::RepositoryInitOptions::new();
        options.bare(true).external_template(false);
        let repository = Repository::init_opts(directory.path(), &options).map_err(|why| local(&why))?;
        let mut remote = repository.remote_anonymous(&self.url).map_err(|why| self.explain(&why))?;
        let heads = self.heads(&mut remote)?;
        let (branch, tip) = heads.choose(self.branch.as_ref(), &self.url)?;

        let mut fetch = FetchOptions::new();
        fetch.download_tags(AutotagOption::None).update_fetchhead(false).depth(1);
        let refspec = format!("+refs/heads/{branch}:refs/heads/{branch}");
        remote.fetch(&[refspec], Some(&mut fetch), None).map_err(|why| self.explain(&why))?;
        drop(remote);
        // The branch may have moved on between the two requests: what was fetched counts.
        let fetched = repository.refname_to_id(&format!("refs/heads/{branch}")).unwrap_or(tip);
        tracing::debug!(%branch, tip = %fetched, "read the apps repository");
        Ok(GitSnapshot::new(directory, Mutex::new(repository), branch, fetched))
    }

    fn heads(&self, remote: &mut Remote<'_>) -> Result<Heads, AppsError> {
        remote.connect(Direction::Fetch).map_err(|why| self.explain(&why))?;
        let list = remote.list().map_err(|why| self.explain(&why))?;
        let branches = list.iter().filter_map(|head| {
            let name = head.name().strip_prefix("refs/heads/")?.parse::<BranchName>().ok()?;
            Some((name, head.oid()))
        });
        let head = list.iter().find(|head| head.name() == "HEAD");
        let default = head.and_then(|head| head.symref_target()?.strip_prefix("refs/heads/")?.parse().ok());
        Ok(Heads { branches: branches.collect(), default })
    }

    fn commit_and_push(
        &self,
        snapshot: &GitSnapshot,
        edits: &[Edit],
        message: &str,
        at: Timestamp,
    ) -> Result<Committed, AppsError> {
        let time = git2::Time::new(at.as_second(), 0);
        let signature = Signature::new(&self.author.name, &self.author.mail, &time).map_err(|why| local(&why))?;
        let repository = snapshot.repository();
        let commit = snapshot.write_commit(&repository, edits, message, &signature)?;
        repository.reference(COMMIT, commit, true, message).map_err(|why| local(&why))?;
        self.push(&repository, snapshot, commit)
    }

    /// Pushes [`COMMIT`], provided that the branch is still where the snapshot was taken.
    fn push(&self, repository: &Repository, snapshot: &GitSnapshot, commit: git2::Oid) -> Result<Committed, AppsError> {
        let mut remote = repository.remote_anonymous(&self.url).map_err(|why| self.explain(&why))?;
        let (expected, target) = (snapshot.tip(), format!("refs/heads/{}", snapshot.branch()));
        let mut refusal = None;
        let mut said = Vec::new();
        let mut lost_lease = false;
        let outcome = {
            let mut callbacks = RemoteCallbacks::new();
            callbacks.push_negotiation(|updates| {
                lost_lease = updates.iter().any(|update| update.src() != expected);
                if lost_lease { Err(git2::Error::from_str("stale info")) } else { Ok(()) }
            });
            callbacks.push_update_reference(|_, status| {
                refusal = status.map(str::to_owned);
                Ok(())
            });
            callbacks.sideband_progress(|bytes| {
                said.extend_from_slice(bytes);
                true
            });
            let mut options = PushOptions::new();
            options.remote_callbacks(callbacks);
            remote.push(&[format!("{COMMIT}:{target}")], Some(&mut options))
        };
        match (outcome, refusal) {
            (Ok(()), None) => {
                let id = commit.to_string().parse::<CommitId>().map_err(|why| local(&why))?;
                Ok(Committed::At(id))
            }
            (Ok(()), Some(reason)) => self.refused(&reason, &refusal::words_of_the_server(&said)),
            (Err(_), _) if lost_lease => Ok(Committed::TipMoved),
            (Err(why), _) if why.code() == git2::ErrorCode::NotFastForward => Ok(Committed::TipMoved),
            (Err(why), _) => Err(self.explain(&why)),
        }
    }

    fn refused(&self, reason: &str, message: &str) -> Result<Committed, AppsError> {
        match refusal::classify(reason) {
            Refusal::TipMoved => Ok(Committed::TipMoved),
            Refusal::ByRule => Err(AppsError::Refused {
                repository: self.url.clone(),
                reason: refusal::words_of_the_server(reason.as_bytes()),
                message: message.to_owned(),
            }),
        }
    }

    fn explain(&self, error: &git2::Error) -> AppsError {
        let (repository, message) = (self.url.clone(), error.message().to_owned());
        match error.class() {
            git2::ErrorClass::Net | git2::ErrorClass::Http | git2::ErrorClass::Ssh => {
                AppsError::Unreachable { repository, message }
            }
            _ => AppsError::Local { message },
        }
    }
}

fn local(why: &dyn std::fmt::Display) -> AppsError {
    AppsError::Local { message: why.to_string() }
}

/// The branches of a repository.
struct Heads {
    branches: Vec<(BranchName, git2::Oid)>,
    default: Option<BranchName>,
}

impl Heads {
    fn choose(&self, wanted: Option<&BranchName>, repository: &str) -> Result<(BranchName, git2::Oid), AppsError> {
        let repository = repository.to_owned();
        let known =
            || self.branches.iter().take(10).map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let branch = match (wanted.or(self.default.as_ref()), self.branches.as_slice()) {
            (_, []) => return Err(AppsError::Empty { repository }),
            (Some(branch), _) | (None, [(branch, _)]) => branch,
            // A guess could be wrong, and then nobody would look at the branch that was written.
            (None, _) => return Err(AppsError::NoDefaultBranch { repository, known: known() }),
        };
        let found = self.branches.iter().find(|(name, _)| name == branch);
        found.cloned().ok_or_else(|| AppsError::NoBranch { repository, branch: branch.clone(), known: known() })
    }
}
