//! The life of previews, as the commits of the apps repository tell it.
//!
//! The order of the commits counts, each after its parents, and not their clocks: anybody may set these. What makes no sense is
//! told and left out, or used as far as it makes sense; nothing stops the reading.

mod claims;
mod filter;
mod lives;
mod pull_requests;
mod statistics;
mod words;

pub use filter::Filter;

use std::collections::BTreeSet;

use jiff::{SignedDuration, Timestamp};

use super::names::{Application, CommitId, PreviewName, PullRequestNumber, RepositoryName};

/// A commit of the apps repository, without what is in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Logged {
    /// The commit.
    pub id: CommitId,
    /// When it was made, by its committer's clock.
    pub at: Timestamp,
    /// When its change was first made, by its author's clock: a copy of a commit keeps it.
    pub authored_at: Timestamp,
    /// The name of its author. Anybody may choose any.
    pub author: String,
    /// Its message. Anybody may write anything.
    pub message: String,
}

/// A preview that is there, at the tip.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct There {
    /// Whose preview.
    pub application: Application,
    /// The name of its directory.
    pub preview: String,
    /// The application repository.
    pub repository: RepositoryName,
    /// The pull request.
    pub number: PullRequestNumber,
    /// The generation that it is at.
    pub generation: u64,
    /// The head commit that it shows.
    pub commit: CommitId,
    /// When it was put up.
    pub created_at: Timestamp,
}

/// What is there, at the tip: the commits are held against it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tip {
    /// The applications whose previews could be read.
    pub applications: BTreeSet<Application>,
    /// Their previews.
    pub previews: Vec<There>,
    /// The directories beside them in which no preview can be read, with whose they would be: nobody knows what is there.
    pub unread: BTreeSet<(Application, String)>,
    /// Whether all roots could be read, and there is one: an application that has none there has no preview any more.
    pub is_whole: bool,
}

/// From when a preview was put up to when it went.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Life {
    /// Whose preview, where a commit says it.
    pub application: Option<Application>,
    /// The preview.
    pub preview: PreviewName,
    /// The application repository.
    pub repository: RepositoryName,
    /// The pull request.
    pub number: PullRequestNumber,
    /// What happened, in the order of the commits.
    pub moments: Vec<Moment>,
    /// How it ended.
    pub end: End,
    /// When it was put up: by its commit, or else by its record. Nothing where neither says it.
    pub began_at: Option<Timestamp>,
}

/// How a life ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// It did not: the preview is there. Whether it was looked for at the tip, or only no commit says that it went.
    StillUp {
        /// Whether it was seen at the tip.
        is_seen: bool,
    },
    /// A commit took it down.
    Removed {
        /// When.
        at: Timestamp,
    },
    /// It is not there, and no commit says when it went: somebody took it down by hand, or put up another one in its place.
    Unsaid,
}

/// Something that a commit says of a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Moment {
    /// What the commit did.
    pub change: Told,
    /// When.
    pub at: Timestamp,
    /// The commit of the apps repository.
    pub apps_commit: CommitId,
    /// The name of that commit's author.
    pub author: String,
    /// The head commit that the preview shows, or showed.
    pub commit: Option<CommitId>,
    /// The generation of the preview.
    pub generation: Option<u64>,
    /// Who made the run, where the commit says it.
    pub by: Option<String>,
    /// Who approved the head commit, where it needed an approval.
    pub approved_by: Option<String>,
    /// The page of the run.
    pub run: Option<String>,
    /// Why, in one word, where the commit says it.
    pub reason: Option<String>,
    /// When the head commit was pushed, where the commit says it.
    pub pushed_at: Option<Timestamp>,
}

/// What a commit did to a preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Told {
    /// It put it up.
    PutUp,
    /// It brought it up to date.
    Updated,
    /// It gave it a later end.
    Prolonged,
    /// It took it down.
    Removed,
}

impl Told {
    /// All of them, in the order of a life.
    pub const ALL: [Self; 4] = [Self::PutUp, Self::Updated, Self::Prolonged, Self::Removed];

    /// The word in trailers.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::PutUp => "put-up",
            Self::Updated => "updated",
            Self::Prolonged => "prolonged",
            Self::Removed => "removed",
        }
    }
}

/// What the commits tell.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct History {
    /// All lives, the one that began last first.
    pub lives: Vec<Life>,
    /// How many commits were read.
    pub commits: usize,
    /// The commits that say something of a preview which makes no sense, or which another one says again: each with why.
    pub odd: Vec<(CommitId, String)>,
}

/// How previews lived, in numbers.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Statistics {
    /// How many lives there were.
    pub lives: usize,
    /// How many of them have not ended.
    pub up: usize,
    /// How many previews were put up in each week, the oldest first, none left out in between.
    pub weeks: Vec<Week>,
    /// How long the middle one of those lived that have ended, and of how many.
    pub life: Option<Median>,
    /// How long it took from a push to the commit of the apps repository, in the middle, and of how many.
    pub push_to_commit: Option<Median>,
}

/// The previews of one week.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Week {
    /// Its Monday, in UTC.
    pub monday: jiff::civil::Date,
    /// How many were put up.
    pub put_up: usize,
}

/// The middle of several lengths of time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Median {
    /// The length in the middle.
    pub length: SignedDuration,
    /// Of how many.
    pub of: usize,
}
