//! The one decision: whether a pull request should have a preview, and why not.
//!
//! `deploy`, `teardown` and `sweep` ask it alike. It knows the configuration, the pull request as it is now, its preview as it
//! is recorded, and the time.

use jiff::Timestamp;

use super::approval::{Approval, Means};
use super::configuration::{Age, Forks, PreviewSettings, Ttl};
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
    /// Let it live for at least this long from now.
    Prolong(Age),
    /// Take it down if it should not be there, and say how it stands.
    Look,
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
    /// What this run was told of an approval, by somebody who may push.
    pub approval: Option<&'a Given>,
    /// The time.
    pub now: Timestamp,
}

/// An approval, and how it was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Given {
    /// The approval.
    pub approval: Approval,
    /// How it was given.
    pub means: Means,
}

impl Given {
    /// Whether it counts under these settings.
    fn counts(&self, settings: &PreviewSettings) -> bool {
        match &self.means {
            Means::Command => true,
            Means::Label(label) => {
                settings.labels.require.iter().any(|required| required.to_lowercase() == label.to_lowercase())
            }
        }
    }
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

    /// The approval of the head, which a fork's needs: the one that was given now, or the one that is remembered.
    #[must_use]
    pub fn approval_of_the_head(&self) -> Option<&Approval> {
        let head = &self.pull_request.head;
        let given = self.approval.filter(|given| given.counts(self.settings)).map(|given| &given.approval);
        // One of another commit than is shown is none: somebody has changed the record.
        let remembered =
            self.recorded.filter(|record| record.is_approved()).and_then(|record| record.approval.as_ref());
        [remembered, given].into_iter().flatten().find(|approval| approval.commit == *head)
    }

    /// Whether the head may be shown.
    fn is_approved(&self) -> bool {
        !self.pull_request.is_from_fork || self.approval_of_the_head().is_some()
    }

    /// Whether what is shown may be.
    fn may_stay(&self) -> bool {
        self.recorded.is_some_and(|record| !self.pull_request.is_from_fork || record.is_approved())
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
    /// The preview that is there, with this end at least.
    Prolonged(Timestamp),
    /// The preview that is there, as it is; people are told how it stands, and why it does not show the head.
    Standing(Option<Reason>),
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
        _ if situation.recorded.is_some() && !situation.may_stay() => unapproved(situation),
        Intent::Prolong(age) if situation.recorded.is_some() => prolong(*age, situation),
        Intent::Look | Intent::Prolong(_) if situation.recorded.is_none() => match deploy(None, false, situation) {
            Wanted::Preview(_) => Wanted::NoPreview(Reason::NotThere),
            refused => refused,
        },
        Intent::Teardown { .. } | Intent::Sweep | Intent::Look | Intent::Prolong(_) => match situation.end() {
            Some(since) => Wanted::NoPreview(Reason::Expired { since: Some(since) }),
            None if *intent == Intent::Look => Wanted::Standing(None),
            None => Wanted::AsItIs(Reason::StillOpen),
        },
    }
}

/// An end is put off where there is one: also that of a preview whose time is up, and that is there still.
fn prolong(age: Age, situation: &Situation<'_>) -> Wanted {
    match situation.settings.ttl {
        Ttl::None => Wanted::Standing(None),
        Ttl::After(_) => Wanted::Prolonged(situation.now.saturating_add(age.0).unwrap_or(situation.now)),
    }
}

/// What is left where nobody has approved the head: the last commit that somebody did approve, as long as it may live.
fn unapproved(situation: &Situation<'_>) -> Wanted {
    let reason = Reason::Unapproved { head: situation.pull_request.head.clone() };
    match situation.end() {
        Some(since) if situation.may_stay() => Wanted::NoPreview(Reason::Expired { since: Some(since) }),
        _ if situation.may_stay() => Wanted::Standing(Some(reason)),
        _ => Wanted::NoPreview(reason),
    }
}

fn deploy(made_for: Option<&CommitId>, is_explicit: bool, situation: &Situation<'_>) -> Wanted {
    let head = &situation.pull_request.head;
    if let Some(made_for) = made_for.filter(|made_for| *made_for != head) {
        return Wanted::AsItIs(Reason::Superseded { made_for: made_for.clone(), head: head.clone() });
    }
    if !situation.is_approved() {
        return unapproved(situation);
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
    if pull_request.is_from_fork && settings.forks == Forks::Refused {
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
