//! What can go wrong while the emulator is set up.

use std::io;

/// Why the emulator did not start, or did not take what it was set up with.
#[derive(Debug, thiserror::Error)]
pub enum EmulatorError {
    /// No port could be had.
    #[error("cannot listen on 127.0.0.1")]
    Listen(#[source] io::Error),
    /// The folder for the repositories could not be made or written.
    #[error("cannot write the emulator's folder")]
    Folder(#[source] io::Error),
    /// `git` could not be started.
    #[error("cannot run `git`")]
    Git(#[source] io::Error),
    /// `git` ran and failed.
    #[error("`git {arguments}` failed: {output}")]
    GitFailed {
        /// What git was asked to do.
        arguments: String,
        /// What it said.
        output: String,
    },
    /// `git` came without the program that serves repositories over HTTP.
    #[error("`git` has no `http-backend` at `{0}`")]
    NoHttpBackend(String),
    /// Not a name that GitHub allows.
    #[error("`{0}` is not a repository name: use `owner/name` of letters, digits, `-`, `_` and `.`")]
    InvalidName(String),
    /// The repository exists.
    #[error("the repository `{0}` exists already")]
    RepositoryExists(String),
    /// There is no such repository.
    #[error("there is no repository `{0}`")]
    UnknownRepository(String),
    /// There is no such pull request.
    #[error("there is no pull request {number} in `{repository}`")]
    UnknownPullRequest {
        /// The repository that was asked.
        repository: String,
        /// The number that it does not have.
        number: u64,
    },
    /// The number belongs to another pull request.
    #[error("`{repository}` has a pull request {number} already")]
    NumberTaken {
        /// The repository.
        repository: String,
        /// The number that was wanted.
        number: u64,
    },
    /// A merged pull request stays merged.
    #[error("pull request {number} of `{repository}` is merged")]
    Merged {
        /// The repository.
        repository: String,
        /// The pull request's number.
        number: u64,
    },
    /// There is no such comment.
    #[error("there is no comment {0}")]
    UnknownComment(u64),
    /// There is no such run of a workflow.
    #[error("there is no run {0}")]
    UnknownRun(u64),
    /// No run has left this.
    #[error("there is no artifact {0}")]
    UnknownArtifact(u64),
    /// There is no such deployment.
    #[error("there is no deployment {0}")]
    UnknownDeployment(u64),
    /// There is no such environment.
    #[error("there is no environment `{0}`")]
    UnknownEnvironment(String),
    /// Nothing can be deployed by this name.
    #[error("no ref found for `{0}`")]
    UnknownReference(String),
    /// Nobody has this login.
    #[error("there is no account `{0}`")]
    UnknownAccount(String),
}
