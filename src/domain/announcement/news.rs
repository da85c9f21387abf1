//! What is news of a preview for those who listen: what this run did or saw, and what the comment does not say yet, which is the
//! memory. An answer, a comment that somebody has edited and another deployment are no news.

use super::{Holding, is_same, is_spoken_for};
use crate::domain::comment::{Marker, State, is_untouched};
use crate::domain::conversation::{Conversation, OurComment};
use crate::domain::deployment::{Deployment, Standing};
use crate::domain::lifecycle::Step;
use crate::domain::reason::Reason;

/// The steps that are news, in the order in which they were taken.
#[must_use]
pub fn news(holding: &Holding<'_>, said: &Conversation) -> Vec<Step> {
    let Holding { marker, number, taken, .. } = holding;
    let ours: Vec<_> =
        said.deployments.iter().flatten().filter(|known| known.is_of(&marker.application, *number)).collect();
    let comments: Vec<_> = said.comments_of(&marker.application).collect();
    if is_spoken_for(marker, &comments, &ours) {
        return taken.or(holding.sighting()).into_iter().collect();
    }
    let (told, is_broken) = match comments.into_iter().next() {
        // What somebody has made of this marker remembers nothing.
        Some((_, told)) if told.state.is_up() && told.generation == 0 => (None, true),
        told => (told, false),
    };
    let memory = Memory { holding, told, is_broken, ours };
    let (first, second) = match marker.state {
        State::Removed => (memory.removal(), None),
        State::Refused => (memory.removal(), memory.refusal()),
        State::Deploying | State::Ready | State::Failed | State::Expiring => {
            let step = if holding.seen.is_some() { memory.sighting() } else { memory.change() };
            (step, memory.warning())
        }
    };
    first.into_iter().chain(second).collect()
}

/// What was told before, beside what holds.
struct Memory<'a> {
    holding: &'a Holding<'a>,
    /// The comment that people read.
    told: Option<(&'a OurComment, Marker)>,
    /// Whether there is one that nothing can be read of.
    is_broken: bool,
    /// The deployments of the preview that were read.
    ours: Vec<&'a Deployment>,
}

impl Memory<'_> {
    /// That it was put up or brought up to date: by this run, or by one that was stopped before it could say so.
    fn change(&self) -> Option<Step> {
        let generation = self.holding.marker.generation;
        let has_told = |known: &&Deployment| {
            let payload = known.payload.as_ref();
            known.standing != Standing::Begun && payload.is_some_and(|payload| payload.generation == generation)
        };
        let missed = match &self.told {
            Some((_, told)) if told.generation < generation => {
                let is_first = !told.state.is_up() && told.generation + 1 == generation;
                Some(if is_first { Step::Deploying } else { Step::Updated })
            }
            Some(_) => None,
            // The deployment is told of after the comment: somebody has deleted it since.
            None if self.is_broken || self.ours.iter().any(has_told) => None,
            None => Some(if generation == 1 { Step::Deploying } else { Step::Updated }),
        };
        self.holding.taken.or(missed.filter(|_| !self.holding.is_prolonged))
    }

    /// What this run saw, unless another one has seen the same.
    fn sighting(&self) -> Option<Step> {
        let marker = &self.holding.marker;
        let is_told = self.told.as_ref().is_some_and(|(comment, told)| {
            let is_of_it = told.state.is_up() && told.generation == marker.generation;
            let says_it = !is_untouched(&comment.body) || self.holding.tells_what_was_seen(comment);
            is_of_it && is_same(told.rollout, marker.rollout) && says_it
        });
        self.holding.sighting().filter(|_| !is_told)
    }

    /// That its time is nearly up.
    fn warning(&self) -> Option<Step> {
        let Holding { marker, .. } = self.holding;
        let is_told = self.told.as_ref().map_or(self.is_broken, |(comment, told)| {
            let is_of_this_end = if is_untouched(&comment.body) {
                self.holding.tells_the_end(comment)
            } else {
                told.generation == marker.generation
            };
            told.state == State::Expiring && is_of_this_end
        });
        (marker.state == State::Expiring && !is_told).then_some(Step::Expiring)
    }

    /// That it was taken down: by this run, or by one that was stopped before it could say so.
    fn removal(&self) -> Option<Step> {
        let is_open = |known: &&Deployment| {
            let generation = known.payload.as_ref().map(|payload| payload.generation);
            let is_later = self.told.as_ref().is_none_or(|(_, told)| generation > Some(told.generation));
            known.standing != Standing::Inactive && is_later
        };
        let is_told_to_be_up = self.told.as_ref().is_some_and(|(_, told)| told.state.is_up());
        let is_missed = is_told_to_be_up || self.ours.iter().any(is_open);
        self.holding.taken.or_else(|| is_missed.then_some(Step::Removed))
    }

    /// That there is none, for a reason that was not given yet.
    fn refusal(&self) -> Option<Step> {
        let reason = self.holding.reason?;
        let is_told = self.told.as_ref().map_or(self.is_broken, |(comment, told)| {
            let is_same = match &told.reason {
                Some(word) => word == reason.word(),
                None => told.state == State::Refused,
            };
            // The previews that hold the places come and go.
            let is_in_other_words = is_untouched(&comment.body) && !matches!(reason, Reason::Limit { .. });
            !told.state.is_up() && is_same && (!is_in_other_words || self.holding.gives_the_reason(comment))
        });
        (!is_told).then_some(Step::Refused)
    }
}

impl Holding<'_> {
    /// What was seen by who waited for it just now.
    #[must_use]
    pub fn sighting(&self) -> Option<Step> {
        let rollout = self.marker.rollout.filter(|_| self.seen.is_some())?;
        Some(if rollout.is_ready { Step::Ready } else { Step::Failed })
    }
}
