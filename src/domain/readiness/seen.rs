//! What was seen of a preview, in words for people.

use std::fmt;

use crate::domain::names::CommitId;
use crate::domain::visible::{disarmed, in_one_line};

/// The fewest digits that stand for a commit.
const DIGITS: usize = 7;
/// The most characters of what somebody else said that are shown.
const SHOWN: usize = 40;
/// The most characters of the whole.
const LONGEST: usize = 300;

/// What was seen, in one line. Nothing in it can leave that line, turn it around, or be a workflow command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen(String);

impl Seen {
    /// What was seen, in these words. What others said in them should have been quoted as such.
    #[must_use]
    pub fn new(words: &str) -> Self {
        Self(plain(words, LONGEST))
    }

    /// Both, one after the other.
    #[must_use]
    pub fn and(&self, other: &Self) -> Self {
        Self::new(&format!("{self}; {other}"))
    }

    /// The words.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Seen {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// What follows from what was seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Judgement {
    /// The preview is ready for the commit.
    Ready(Seen),
    /// It is not, or not yet.
    NotYet(Seen),
}

impl Judgement {
    /// What was seen.
    #[must_use]
    pub fn seen(&self) -> &Seen {
        match self {
            Self::Ready(seen) | Self::NotYet(seen) => seen,
        }
    }

    /// Whether it is ready.
    #[must_use]
    pub fn is_ready(&self) -> bool {
        matches!(self, Self::Ready(_))
    }

    /// Both have to hold.
    #[must_use]
    pub fn and(self, other: &Self) -> Self {
        let seen = self.seen().and(other.seen());
        if self.is_ready() && other.is_ready() { Self::Ready(seen) } else { Self::NotYet(seen) }
    }
}

/// Whether a text holds the commit: a run of seven hexadecimal digits or more in it is the commit, or its beginning.
#[must_use]
pub fn holds(text: &str, commit: &CommitId) -> bool {
    let commit = commit.as_str().to_ascii_lowercase();
    let mut runs = text.split(|character: char| !character.is_ascii_hexdigit());
    runs.any(|run| run.len() >= DIGITS && commit.starts_with(&run.to_ascii_lowercase()))
}

/// Somebody else's text between quotation marks, cut short.
pub(super) fn quoted(text: &str) -> String {
    format!("`{}`", plain(text, SHOWN).replace('`', "'"))
}

/// A text without control characters or what turns it around, in which no runner finds a command, cut short.
fn plain(text: &str, most: usize) -> String {
    let mut visible = in_one_line(text);
    let mut shown: String = visible.by_ref().take(most).collect();
    if visible.next().is_some() {
        shown.push('…');
    }
    disarmed(shown.trim())
}
