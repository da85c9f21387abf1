//! What the use cases need of the world: few, small traits, in the words of the domain.

use std::future::Future;

use jiff::Timestamp;

use crate::domain::names::{BranchName, CommitId, PullRequestNumber};
use crate::domain::path::RepoPath;
use crate::domain::plan::Edit;
use crate::domain::pull_request::PullRequest;

/// The pull requests of one application repository.
pub trait PullRequests {
    /// The pull request as it is now, and what we said on it before. Nothing when there is no such pull request.
    fn look_up(
        &self,
        number: PullRequestNumber,
    ) -> impl Future<Output = Result<Option<Conversation>, ForgeError>> + Send;

    /// Writes a new comment and returns its address.
    fn comment(&self, number: PullRequestNumber, body: &str)
    -> impl Future<Output = Result<String, ForgeError>> + Send;

    /// Replaces what a comment of ours says.
    fn edit_comment(&self, id: CommentId, body: &str) -> impl Future<Output = Result<(), ForgeError>> + Send;

    /// Deletes a comment of ours; one that is gone already is fine.
    fn delete_comment(&self, id: CommentId) -> impl Future<Output = Result<(), ForgeError>> + Send;
}

/// A pull request, and our own comments on it.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// The pull request as it is now.
    pub pull_request: PullRequest,
    /// The comments that were written by who we are, oldest first.
    pub our_comments: Vec<OurComment>,
}

/// A comment that was written by who we are.
#[derive(Debug, Clone)]
pub struct OurComment {
    /// What it is edited by.
    pub id: CommentId,
    /// Its address.
    pub url: String,
    /// What it says.
    pub body: String,
}

/// The forge's number of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommentId(pub u64);

/// Why the forge could not be asked or told.
#[derive(Debug, thiserror::Error)]
pub enum ForgeError {
    /// The token is not known.
    #[error("the forge does not accept the token{}", words(.message))]
    BadCredentials {
        /// The forge's words.
        message: String,
    },
    /// The token may not do this.
    #[error("the forge does not allow to {what}{}", words(.message))]
    Forbidden {
        /// What was tried.
        what: &'static str,
        /// The forge's words.
        message: String,
    },
    /// There is no such thing, or the token can not see it.
    #[error("the forge has no such thing, or the token can not see it, while trying to {what}{}", words(.message))]
    NotFound {
        /// What was tried.
        what: &'static str,
        /// The forge's words.
        message: String,
    },
    /// The forge asks to come back later.
    #[error("the forge limits how often it is asked{}", words(.message))]
    RateLimited {
        /// The forge's words.
        message: String,
    },
    /// The forge answered with an error.
    #[error("the forge failed to {what}: status {status}{}", words(.message))]
    Failed {
        /// What was tried.
        what: &'static str,
        /// The status of the answer.
        status: u16,
        /// The forge's words.
        message: String,
    },
    /// The forge could not be reached.
    #[error("the forge at `{address}` can not be reached")]
    Unreachable {
        /// Where it was looked for.
        address: String,
        /// Why.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
    /// The answer was not what the forge's description says.
    #[error("the forge's answer makes no sense while trying to {what}: {message}")]
    Senseless {
        /// What was tried.
        what: &'static str,
        /// What is wrong.
        message: String,
    },
    /// The address of the forge can not be used.
    #[error("the forge's address `{address}` can not be used: {message}")]
    Address {
        /// The address.
        address: String,
        /// Why.
        message: String,
    },
}

/// The apps repository: one branch of it.
pub trait AppsRepository {
    /// The tip of the branch, to look at.
    type Snapshot: Snapshot + Sync;

    /// Reads the branch's tip as it is now.
    fn observe(&self) -> impl Future<Output = Result<Self::Snapshot, AppsError>> + Send;

    /// Puts a commit with `edits` on top of `snapshot`, provided that the branch has not moved since.
    fn commit(
        &self,
        snapshot: &Self::Snapshot,
        edits: &[Edit],
        message: &str,
        at: Timestamp,
    ) -> impl Future<Output = Result<Committed, AppsError>> + Send;
}

/// One commit of the apps repository.
pub trait Snapshot {
    /// What is at `path`. A path that leads through a file, a symbolic link or a submodule ends there.
    fn entry(&self, path: &RepoPath) -> impl Future<Output = Result<Entry, AppsError>> + Send;

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

/// The other side's own words after a colon, where it said any.
fn words(message: &str) -> String {
    if message.is_empty() { String::new() } else { format!(": {message}") }
}
