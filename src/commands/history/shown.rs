//! What is shown of a life, in every form.

use jiff::{SignedDuration, Timestamp};

use crate::domain::history::{End, History, Life, Moment, Told};

/// Who did something.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By<'a> {
    /// Who made the run, as the commit says.
    Run(&'a str),
    /// The author of the commit, where it does not say it.
    Author(&'a str),
}

impl By<'_> {
    /// The name; that of an author is in brackets.
    #[must_use]
    pub fn text(self) -> String {
        match self {
            Self::Run(name) => name.to_owned(),
            Self::Author(name) => format!("({name})"),
        }
    }
}

impl Moment {
    /// Who did it. Nothing where the commit has no author's name.
    #[must_use]
    pub fn who(&self) -> Option<By<'_>> {
        let author = Some(self.author.as_str()).filter(|name| !name.trim().is_empty()).map(By::Author);
        self.by.as_deref().map(By::Run).or(author)
    }
}

impl Told {
    /// What was done, in words.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::PutUp => "put up",
            Self::Updated => "updated",
            Self::Prolonged => "prolonged",
            Self::Removed => "removed",
        }
    }
}

impl Life {
    /// When it ended, where that is said.
    #[must_use]
    pub fn ended_at(&self) -> Option<Timestamp> {
        match self.end {
            End::Removed { at } => Some(at),
            End::StillUp { .. } | End::Unsaid => None,
        }
    }

    /// How long it lived, or has lived by now. Nothing where its beginning or its end is not known.
    #[must_use]
    pub fn lived(&self, now: Timestamp) -> Option<SignedDuration> {
        let end = match self.end {
            End::Removed { at } => at,
            End::StillUp { .. } => now,
            End::Unsaid => return None,
        };
        Some(end.duration_since(self.began_at?))
    }

    /// How often it was brought up to date.
    #[must_use]
    pub fn updates(&self) -> usize {
        self.moments.iter().filter(|moment| moment.change == Told::Updated).count()
    }

    /// Who put it up, or who is the first that anything is said of.
    #[must_use]
    pub fn who(&self) -> Option<By<'_>> {
        let put_up = self.moments.iter().find(|moment| moment.change == Told::PutUp);
        put_up.or(self.moments.first())?.who()
    }

    /// Why it was removed, in a word.
    #[must_use]
    pub fn reason(&self) -> Option<&str> {
        let removed = self.moments.iter().rev().find(|moment| moment.change == Told::Removed);
        removed.filter(|_| self.ended_at().is_some())?.reason.as_deref()
    }

    /// How it ended, in a word.
    #[must_use]
    pub fn state(&self) -> &'static str {
        match self.end {
            End::StillUp { .. } => "up",
            End::Removed { .. } => "removed",
            End::Unsaid => "gone",
        }
    }

    /// How it ended, in words.
    #[must_use]
    pub fn ending(&self) -> String {
        match (self.end, self.reason()) {
            (End::StillUp { is_seen: true }, _) => "up".to_owned(),
            (End::StillUp { is_seen: false }, _) => "up, as far as the commits say".to_owned(),
            (End::Removed { .. }, Some(reason)) => format!("removed ({reason})"),
            (End::Removed { .. }, None) => "removed".to_owned(),
            (End::Unsaid, _) => "gone, nobody said when".to_owned(),
        }
    }
}

impl History {
    /// Whether there are previews of more than one application, or of one that no commit names.
    #[must_use]
    pub fn has_applications(&self) -> bool {
        let mut names = self.lives.iter().map(|life| &life.application);
        let first = names.next();
        names.any(|name| Some(name) != first)
    }
}
