//! A command as it reached us: who gave it, and where.

use super::{NotUnderstood, SlashCommand};
use crate::domain::approval::Login;
use crate::domain::conversation::CommentId;
use crate::domain::names::{PullRequestNumber, RepositoryName};

/// What was heard.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Heard {
    /// Nothing that concerns a preview, and why.
    Nothing(&'static str),
    /// A command.
    Command(Box<Spoken>),
}

/// A command, as it was written when the comment was new.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Spoken {
    /// The application repository.
    pub repository: RepositoryName,
    /// The pull request.
    pub number: PullRequestNumber,
    /// The comment.
    pub comment: CommentId,
    /// Who wrote it.
    pub author: Login,
    /// The forge's number of their account: a name may be somebody else's by now.
    pub account: u64,
    /// What they want.
    pub command: Result<SlashCommand, NotUnderstood>,
}
