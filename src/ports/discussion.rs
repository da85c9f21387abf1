//! What a command in a comment, or an approval, needs of the forge.

use std::future::Future;

use crate::domain::approval::{CommitPrefix, Login};
use crate::domain::conversation::CommentId;
use crate::domain::fork_build::Permission;
use crate::domain::names::{CommitId, PullRequestNumber};
use crate::domain::slash_command::Reaction;
use crate::ports::ForgeError;

/// The people of one repository, and what is done on pull requests in their name.
pub trait Discussion {
    /// What an account may do in the repository. Nothing when there is no such account, or it has no part in the repository.
    fn permission(&self, login: &Login) -> impl Future<Output = Result<Option<Permission>, ForgeError>> + Send;

    /// Reacts to a comment; the same again is fine, and so is a comment that is gone.
    fn react(&self, comment: CommentId, reaction: Reaction) -> impl Future<Output = Result<(), ForgeError>> + Send;

    /// Puts a label on a pull request; one that it has already is fine.
    fn add_label(&self, number: PullRequestNumber, label: &str) -> impl Future<Output = Result<(), ForgeError>> + Send;

    /// Takes a label off a pull request; one that it does not have is fine.
    fn remove_label(
        &self,
        number: PullRequestNumber,
        label: &str,
    ) -> impl Future<Output = Result<(), ForgeError>> + Send;

    /// The one commit that the forge knows whose id begins like that. Nothing when there is none, or more than one.
    fn commit_of(&self, prefix: &CommitPrefix) -> impl Future<Output = Result<Option<CommitId>, ForgeError>> + Send;
}
