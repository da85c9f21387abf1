//! The apps repository: what is read of it, and how it is written.

use std::future::Future;
use std::time::Duration;

use jiff::Timestamp;

use super::{until, words};
use crate::domain::guard::Cleared;
use crate::domain::names::{BranchName, CommitId};
use crate::domain::path::RepoPath;

/// The apps repository: one branch of it.
pub trait AppsRepository {
    /// The tip of the branch, to look at.
    type Snapshot: Snapshot + Sync;

    /// Reads the branch's tip as it is now, with what is needed of it: whatever else is asked for later costs a request more.
    fn observe(&self, needs: &[Need]) -> impl Future<Output = Result<Self::Snapshot, AppsError>> + Send;

    /// Puts a commit on top of `snapshot`, provided that the branch has not moved since. It is of a change that was searched for
    /// secrets.
    fn commit(
        &self,
        snapshot: &Self::Snapshot,
        change: &Cleared<'_>,
        at: Timestamp,
    ) -> impl Future<Output = Result<Committed, AppsError>> + Send;
}

/// What is going to be looked at in a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Need {
    /// The text of a file; the names in a directory, and the texts of the files directly in it.
    Content(RepoPath),
    /// The names in a directory, and nothing else of it.
    Names(RepoPath),
    /// The names in a directory, and in the directories directly in it.
    Surroundings(RepoPath),
    /// Everything below a directory.
    Whole(RepoPath),
}

impl Need {
    /// Where to look.
    #[must_use]
    pub fn path(&self) -> &RepoPath {
        let (Self::Content(path) | Self::Names(path) | Self::Surroundings(path) | Self::Whole(path)) = self;
        path
    }
}

/// One commit of the apps repository.
pub trait Snapshot {
    /// Reads what is needed and not at hand, in as few requests as can be.
    fn gather(&self, needs: &[Need]) -> impl Future<Output = Result<(), AppsError>> + Send;

    /// The same in one request, at the cost of reading more than what is needed: for a look at most of a commit. Nothing is asked
    /// when nothing is missing, and more than once only where the server leaves things out of what it hands over at once.
    fn gather_at_once(&self, needs: &[Need]) -> impl Future<Output = Result<(), AppsError>> + Send;

    /// What is at `path`. A path that leads through a file, a symbolic link or a submodule ends there.
    fn entry(&self, path: &RepoPath) -> impl Future<Output = Result<Entry, AppsError>> + Send;

    /// The bytes of the file at `path`, text or not. Nothing when there is no file: a symbolic link is none.
    fn bytes(&self, path: &RepoPath) -> impl Future<Output = Result<Option<Vec<u8>>, AppsError>> + Send;

    /// The names and kinds in a directory; empty when there is none.
    fn list(&self, directory: &RepoPath) -> impl Future<Output = Result<Vec<(String, EntryKind)>, AppsError>> + Send;
}

/// What is at a path.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Entry {
    /// Nothing.
    Absent,
    /// A file with this text.
    File(String),
    /// A directory.
    Directory,
    /// Something that is neither, at this path or on the way to it.
    InTheWay {
        /// Where.
        path: RepoPath,
        /// What.
        kind: EntryKind,
    },
}

/// The kinds of entries in a tree.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    /// A file.
    File,
    /// A directory.
    Directory,
    /// A symbolic link.
    Symlink,
    /// A commit of another repository.
    Submodule,
}

impl EntryKind {
    /// The kind with its article, for messages.
    #[must_use]
    pub fn with_article(self) -> &'static str {
        match self {
            Self::File => "a file",
            Self::Directory => "a directory",
            Self::Symlink => "a symbolic link",
            Self::Submodule => "a submodule",
        }
    }
}

/// How an attempt to commit ended. A moved tip is an answer, not an error.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Committed {
    /// The branch is at this commit now.
    At(CommitId),
    /// Somebody else was faster: look again.
    TipMoved,
}

/// Why the apps repository could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum AppsError {
    /// The credentials are wrong or missing.
    #[error("the apps repository `{repository}` does not accept the credentials{}", words(.message))]
    BadCredentials {
        /// The repository.
        repository: String,
        /// The server's words.
        message: String,
    },
    /// The credentials may not do this.
    #[error("the apps repository `{repository}` does not allow to {what}{}", words(.message))]
    Forbidden {
        /// The repository.
        repository: String,
        /// What was tried.
        what: &'static str,
        /// The server's words.
        message: String,
    },
    /// No such repository, or the credentials can not see it.
    #[error("there is no apps repository `{repository}`, or the credentials can not see it{}", words(.message))]
    NoRepository {
        /// The repository.
        repository: String,
        /// The server's words.
        message: String,
    },
    /// A hook or a rule of the server refused the push.
    #[error("the apps repository `{repository}` refused the push: {reason}{}", words(.message))]
    Refused {
        /// The repository.
        repository: String,
        /// The reason that the server gave.
        reason: String,
        /// What its hook said.
        message: String,
    },
    /// No branch at all.
    #[error("the apps repository `{repository}` is empty: it has no branch")]
    Empty {
        /// The repository.
        repository: String,
    },
    /// Not that branch.
    #[error("the apps repository `{repository}` has no branch `{branch}`: it has {known}")]
    NoBranch {
        /// The repository.
        repository: String,
        /// The branch that was asked for.
        branch: BranchName,
        /// Some of the branches it has.
        known: String,
    },
    /// Several branches, and none of them is the default one.
    #[error("the apps repository `{repository}` names no default branch: it has {known}")]
    NoDefaultBranch {
        /// The repository.
        repository: String,
        /// Some of the branches it has.
        known: String,
    },
    /// Something that can not be read as text.
    #[error("`{path}` in the apps repository is not UTF-8 text")]
    NotText {
        /// The file.
        path: RepoPath,
    },
    /// The server can not be reached, or keeps failing.
    #[error("the apps repository `{repository}` can not be reached: {message}")]
    Unreachable {
        /// The repository.
        repository: String,
        /// What happened.
        message: String,
    },
    /// The forge asks to come back later than a run should wait.
    #[error(
        "the forge limits how often it is asked for the apps repository `{repository}`{}{}",
        words(.message),
        until(*.retry_after)
    )]
    RateLimited {
        /// The repository.
        repository: String,
        /// The forge's words.
        message: String,
        /// After how long it may be asked again, where it says so.
        retry_after: Option<Duration>,
    },
    /// The forge's interfaces can not do it; Git can.
    #[error("the forge's API can not do this for the apps repository `{repository}`: {message}")]
    Unsupported {
        /// The repository.
        repository: String,
        /// What it can not do.
        message: String,
    },
    /// The address can not be used.
    #[error("the apps repository `{repository}` can not be used: {message}")]
    Address {
        /// The repository.
        repository: String,
        /// Why, and what to do.
        message: String,
    },
    /// The local part failed: the disk, or the Git library.
    #[error("work on the apps repository failed: {message}")]
    Local {
        /// What happened.
        message: String,
    },
}
