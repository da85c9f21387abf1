//! The one decision: whether a pull request should have a preview, and why not.
//!
//! `deploy`, `teardown` and `sweep` ask it alike. It knows the configuration, the pull request as it is now, its preview as it
//! is recorded, and the time.

use jiff::Timestamp;

use super::configuration::{PreviewSettings, Ttl};
use super::expiry;
use super::filter::Filter;
use super::names::CommitId;
use super::pull_request::{Changes, PullRequest};
use super::reason::{Holder, Reason};
use super::record::Record;

/// What somebody wants of a pull request's preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Intent {
    /// Put it up, or bring it up to date.
    Deploy {
        /// The head that the run was started for, where that is known.
        made_for: Option<CommitId>,
        /// Whether a person asked for it, rather than an event.
        is_explicit: bool,
    },
    /// Take it down. With `force`, even when the pull request should have it.
    Teardown {
        /// Whether an open pull request is taken down too.
        force: bool,
    },
    /// Take it down if it should not be there; put nothing up.
    Sweep,
}

impl Intent {
    /// Whether a person asked for a preview, rather than an event.
    #[must_use]
    pub fn is_explicit(&self) -> bool {
        matches!(self, Self::Deploy { is_explicit: true, .. })
    }
}

/// All that the decision depends on.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// What the configuration says of previews.
    pub settings: &'a PreviewSettings,
    /// The pull request as it is now.
    pub pull_request: &'a PullRequest,
    /// Its preview, if it has one.
    pub recorded: Option<&'a Record>,
    /// The commit of the preview that was taken down because its time was up, if that was the last that was said of it.
    pub expired: Option<&'a CommitId>,
    /// The other previews of the root, if there may be as many as there may be.
    pub holders: &'a [Holder],
    /// The time.
    pub now: Timestamp,
}

impl Situation<'_> {
    /// Whether the time of the recorded preview is up.
    #[must_use]
    pub fn is_expired(&self) -> bool {
        self.end().is_some()
    }

    /// Whether the recorded preview has no end although one is configured: it was put up before that was.
    #[must_use]
    pub fn lacks_an_end(&self) -> bool {
        self.settings.ttl != Ttl::None && self.recorded.is_some_and(|record| record.expires_at.is_none())
    }

    /// Since when the time of the recorded preview is up, if it is.
    fn end(&self) -> Option<Timestamp> {
        self.recorded.and_then(|record| expiry::of(self.settings, self.pull_request, record).since(self.now))
    }
}

/// What should be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wanted {
    /// A preview that shows this commit.
    Preview(CommitId),
    /// No preview.
    NoPreview(Reason),
    /// Whatever is there now: this run has no say.
    AsItIs(Reason),
}

/// Decides what should be for one pull request.
#[must_use]
pub fn decide(intent: &Intent, situation: &Situation<'_>) -> Wanted {
    let Situation { settings, pull_request, .. } = situation;
    if let Some(gone) = Reason::of_the_end(pull_request.state) {
        return Wanted::NoPreview(gone);
    }
    if *intent == (Intent::Teardown { force: true }) {
        return Wanted::NoPreview(Reason::Forced);
    }
    if let Some(refusal) = refusal(settings, pull_request) {
        return Wanted::NoPreview(refusal);
    }
    match intent {
        Intent::Deploy { made_for, is_explicit } => deploy(made_for.as_ref(), *is_explicit, situation),
        Intent::Teardown { .. } | Intent::Sweep => match situation.end() {
            Some(since) => Wanted::NoPreview(Reason::Expired { since: Some(since) }),
            None => Wanted::AsItIs(Reason::StillOpen),
        },
    }
}

fn deploy(made_for: Option<&CommitId>, is_explicit: bool, situation: &Situation<'_>) -> Wanted {
    let head = &situation.pull_request.head;
    if let Some(made_for) = made_for.filter(|made_for| *made_for != head) {
        return Wanted::AsItIs(Reason::Superseded { made_for: made_for.clone(), head: head.clone() });
    }
    if let Some(expired) = expired(situation).filter(|_| !is_explicit) {
        return Wanted::NoPreview(expired);
    }
    let limit = situation.settings.limit;
    if situation.recorded.is_none() && situation.holders.len() >= limit as usize {
        return Wanted::NoPreview(Reason::Limit { limit, holders: situation.holders.to_vec() });
    }
    Wanted::Preview(head.clone())
}

/// Why an open pull request gets no preview for what it is.
fn refusal(settings: &PreviewSettings, pull_request: &PullRequest) -> Option<Reason> {
    let labels = &settings.labels;
    let bot = pull_request.author.as_ref().filter(|author| author.is_bot && !settings.bots);
    let missing = labels.require.iter().find(|label| !pull_request.has_label(label));
    if pull_request.is_from_fork {
        Some(Reason::Fork)
    } else if let Some(author) = bot {
        Some(Reason::Bot { login: author.login.clone() })
    } else if pull_request.is_draft && !settings.drafts {
        Some(Reason::Draft)
    } else if let Some(label) = pull_request.label_of(&labels.exclude) {
        Some(Reason::Excluded { label: label.to_owned() })
    } else if let Some(label) = missing {
        Some(Reason::Unlabelled { label: label.clone() })
    } else if !settings.branches.lets_through_any([pull_request.target.as_str()]) {
        Some(Reason::Branch { target: pull_request.target.clone() })
    } else if leaves_out(&settings.paths, &pull_request.changes) {
        Some(Reason::Paths)
    } else {
        None
    }
}

/// Whether none of the changes is meant. What is not known in full is not left out, and neither is a pull request without a
/// change where all are meant.
fn leaves_out(paths: &Filter, changes: &Changes) -> bool {
    let is_chosen = *paths != Filter::default() && changes.are_complete;
    is_chosen && !paths.lets_through_any(changes.paths.iter().map(String::as_str))
}

/// Whether the time of what the head shows was up already: only a push, or somebody who asks for it, brings it back.
fn expired(situation: &Situation<'_>) -> Option<Reason> {
    let head = &situation.pull_request.head;
    match situation.recorded {
        Some(record) if record.commit == *head => situation.end().map(|since| Reason::Expired { since: Some(since) }),
        Some(_) => None,
        None => (situation.expired == Some(head)).then_some(Reason::Expired { since: None }),
    }
}

#[cfg(test)]
mod tests;
