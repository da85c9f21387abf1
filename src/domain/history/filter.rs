//! The lives that somebody asks for.

use jiff::Timestamp;

use super::{End, History, Life};
use crate::domain::names::{Application, PreviewName, PullRequestNumber};

/// What somebody asks for: everything without a word.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Filter {
    /// The previews that were up at this time or later.
    pub since: Option<Timestamp>,
    /// The previews that were up before this time.
    pub until: Option<Timestamp>,
    /// The previews of this application.
    pub application: Option<Application>,
    /// The previews of this pull request.
    pub pull_request: Option<PullRequestNumber>,
    /// The previews of this name.
    pub preview: Option<PreviewName>,
}

impl Filter {
    /// Whether a life is asked for. One of which nobody knows when it ended counts up to what was heard of it last.
    #[must_use]
    pub fn admits(&self, life: &Life) -> bool {
        let first = life.since();
        let last = match life.end {
            End::StillUp { .. } => None,
            End::Removed { at } => Some(at),
            End::Unsaid => life.moments.iter().map(|moment| moment.at).max().or(first),
        };
        // By clocks that run backwards, a life may end before it begins.
        let last = last.max(first.filter(|_| last.is_some()));
        self.since.is_none_or(|since| last.is_none_or(|last| last >= since))
            && self.until.is_none_or(|until| first.is_none_or(|first| first < until))
            && self.application.as_ref().is_none_or(|application| life.application.as_ref() == Some(application))
            && self.pull_request.is_none_or(|number| life.number == number)
            && self.preview.as_ref().is_none_or(|preview| life.preview == *preview)
    }

    /// Whether a time is within what is asked for.
    #[must_use]
    pub fn covers(&self, time: Timestamp) -> bool {
        self.since.is_none_or(|since| time >= since) && self.until.is_none_or(|until| time < until)
    }
}

impl Life {
    /// Since when it is known: when it began, or else what was heard of it first.
    #[must_use]
    pub fn since(&self) -> Option<Timestamp> {
        self.began_at.or_else(|| self.moments.first().map(|moment| moment.at))
    }
}

impl History {
    /// The lives that are asked for, of as many commits.
    #[must_use]
    pub fn only(mut self, filter: &Filter) -> Self {
        self.lives.retain(|life| filter.admits(life));
        self
    }
}
