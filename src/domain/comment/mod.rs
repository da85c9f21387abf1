//! The sticky comment: a hidden marker, and what people read.

mod marker;
#[cfg(test)]
mod tests;

use std::fmt::Write as _;

use jiff::Timestamp;

pub use marker::{Marker, Rollout, State, is_untouched};

use super::expiry::Expiry;
use super::identity::Identity;
use super::names::CommitId;
use super::pull_request::PullRequest;
use super::reason::{Reason, code, minute};
use super::record::Record;

/// The most of a comment that its parts may fill; a forge takes 65,536 characters.
const LONGEST: usize = 60_000;
/// The most images, or holders of places, that are shown.
pub(super) const SHOWN: usize = 50;
/// The most characters of a tag that are shown: a commit's.
const TAG: usize = 64;

/// What there is to tell of a preview.
#[derive(Debug, Clone)]
pub struct Comment<'a> {
    /// Whose comment, and what it tells.
    pub marker: Marker,
    /// What the preview is called.
    pub identity: &'a Identity,
    /// The pull request.
    pub pull_request: &'a PullRequest,
    /// What happened.
    pub story: Story<'a>,
    /// What was seen last of a preview that was waited for.
    pub seen: Option<&'a str>,
    /// What somebody is answered who asked for something in a comment: a line of Markdown.
    pub answer: Option<&'a str>,
    /// Who made the run, where that is known.
    pub by: Option<&'a str>,
    /// When the run was made.
    pub at: Timestamp,
    /// The page of the run.
    pub run: Option<&'a str>,
}

/// What happened to a preview.
#[derive(Debug, Clone)]
pub enum Story<'a> {
    /// It is there.
    Up {
        /// What is remembered of it.
        record: &'a Record,
        /// The tag of each image, by the name of the image.
        tags: &'a [(String, String)],
        /// When its time is up.
        expiry: &'a Expiry,
        /// The label that would keep it.
        keep: Option<&'a str>,
    },
    /// It was taken down.
    Removed {
        /// Why, where that is known.
        reason: Option<&'a Reason>,
        /// What was remembered of it.
        record: Option<&'a Record>,
    },
    /// There is none.
    Refused {
        /// Why.
        reason: &'a Reason,
    },
}

impl Comment<'_> {
    /// The comment as Markdown. What people outside can choose is in code spans that it can not leave.
    #[must_use]
    pub fn body(&self) -> String {
        let heading = format!("### Preview of {}: {}", self.marker.application, self.heading());
        let told = match &self.story {
            Story::Up { record, tags, expiry, keep } => self.up(record, tags, expiry, *keep),
            Story::Removed { reason, record } => self.removed(*reason, *record),
            Story::Refused { reason } => self.refused(reason),
        };
        let answer = self.answer.map_or_else(String::new, |answer| format!("\n\n{answer}"));
        let text = format!("{heading}\n\n{}{answer}", told.trim_end());
        debug_assert!(text.len() < LONGEST, "a comment has no part without an end");
        self.marker.above(text.trim_end())
    }

    fn heading(&self) -> &'static str {
        match self.marker.state {
            State::Refused => "none",
            state => state.word(),
        }
    }

    fn up(&self, record: &Record, tags: &[(String, String)], expiry: &Expiry, keep: Option<&str>) -> String {
        let mut text = String::new();
        if let Some(head) = &self.marker.unapproved {
            let _ = writeln!(
                text,
                "> **The head, {}, is not approved: the preview stays at {}.** {}\n",
                self.commit(head),
                self.commit(&record.commit),
                how_to_approve(head),
            );
        }
        if let (State::Expiring, Expiry::At { end, .. }) = (self.marker.state, expiry) {
            let label = keep.map_or_else(String::new, |label| format!(", or add the label {}", code(label)));
            let push = if record.approval.is_some() { "Have another commit approved" } else { "Push a commit" };
            let _ = writeln!(text, "> **It will be taken down on {}.** {push}{label} to keep it.\n", minute(*end));
        }
        let rows = [
            ("Address", Some(self.identity.url())),
            ("Commit", Some(self.commit(&record.commit))),
            ("Approved by", record.approval.as_ref().map(|approval| code(approval.by.as_str()))),
            (if tags.len() == 1 { "Image" } else { "Images" }, images(tags, &record.commit)),
            ("Namespace", Some(code(self.identity.namespace.as_str()))),
            ("Updated", Some(self.moment())),
            ("Run", self.run.map(run)),
            ("Expires", expires(expiry, record.approval.is_some())),
            ("Last answer", self.seen.map(code)),
        ];
        text.push_str(&table(&rows));
        text.push('\n');
        text.push_str(&self.checked());
        text
    }

    /// What is known of a preview that is there.
    fn checked(&self) -> String {
        let after = |took: Option<u64>| took.map(length);
        match (self.marker.rollout, self.marker.state) {
            (Some(Rollout { is_ready: true, took }), _) => {
                let after = after(took).map_or_else(String::new, |length| format!(", after a wait of {length}"));
                format!("Ready: it was seen to show this commit{after}.")
            }
            (Some(Rollout { is_ready: false, took }), _) => {
                let within = after(took).map_or_else(String::new, |length| format!(" within {length}"));
                let namespace = &self.identity.namespace;
                format!(
                    "It was not seen to show this commit{within}. `flux get helmreleases -n {namespace}` and \
                     `kubectl get pods -n {namespace}` may say why. A push, or waiting again, looks again."
                )
            }
            (None, State::Expiring) => {
                "Committed; not checked: nobody has looked whether the address answers.".to_owned()
            }
            (None, _) => {
                "Committed; Flux is rolling it out; not checked: the address may take a while to answer.".to_owned()
            }
        }
    }

    fn removed(&self, reason: Option<&Reason>, record: Option<&Record>) -> String {
        let because = reason.map_or_else(String::new, |reason| format!(" because {}", reason.sentence()));
        let advice = reason.and_then(advice).map_or_else(String::new, |advice| format!(" {advice}"));
        let mut text = format!("Taken down{because}.{advice}\n\n");
        let rows = [
            ("Was at", Some(code(record.map_or(self.identity.host.as_str(), Record::host)))),
            ("Last commit", record.map(|record| self.commit(&record.commit))),
            ("Put up", record.map(|record| minute(record.created_at))),
            ("Taken down", Some(self.moment())),
            ("Run", self.run.map(run)),
        ];
        text.push_str(&table(&rows));
        text
    }

    fn refused(&self, reason: &Reason) -> String {
        let mut text = match reason {
            Reason::Limit { limit, holders } if !holders.is_empty() => {
                format!("There is no preview because the limit of {limit} is reached. These are there:\n\n")
            }
            _ => format!("There is no preview because {}. ", reason.sentence()),
        };
        if let Reason::Limit { holders, .. } = reason {
            for holder in holders.iter().take(SHOWN) {
                let _ = writeln!(text, "- [{}]({})", holder.name, self.pull_request.url_of(holder.number));
            }
            if let Some(more) = holders.len().checked_sub(SHOWN).filter(|more| *more > 0) {
                let _ = writeln!(text, "- and {more} more");
            }
            text.push('\n');
        }
        text.push_str(&advice(reason).unwrap_or_default());
        text
    }

    fn commit(&self, commit: &CommitId) -> String {
        format!("[`{}`]({}/commits/{commit})", commit.short(), self.pull_request.url)
    }

    /// When, and by whom. The name is not written as a mention: nobody is to be told twice.
    fn moment(&self) -> String {
        self.by.map_or_else(|| minute(self.at), |by| format!("{} by {}", minute(self.at), code(by)))
    }
}

/// What people can do to have a preview all the same, where they can.
fn advice(reason: &Reason) -> Option<String> {
    match reason {
        Reason::Unapproved { head } => Some(how_to_approve(head)),
        _ => reason.advice().map(str::to_owned),
    }
}

/// What to do for a commit of a fork to have a preview. All digits are given, since somebody may make two commits that begin
/// alike.
fn how_to_approve(head: &CommitId) -> String {
    format!("Somebody who may push to the repository, and has read that commit, can comment `/preview approve {head}`.")
}

/// A table of those rows that there are. The first is its head: an empty one would show as an empty strip.
fn table(rows: &[(&str, Option<String>)]) -> String {
    let mut text = String::new();
    let there = rows.iter().filter_map(|(name, value)| Some((name, value.as_ref()?)));
    for (index, (name, value)) in there.enumerate() {
        let rule = if index == 0 { "|:---|:---|\n" } else { "" };
        let _ = write!(text, "| {name} | {value} |\n{rule}");
    }
    text
}

/// The images with their tags. A tag that is the commit is as short as the commit above it.
fn images(tags: &[(String, String)], commit: &CommitId) -> Option<String> {
    let shown = tags.iter().take(SHOWN).map(|(name, tag)| {
        let tag = if tag == commit.as_str() { commit.short().to_owned() } else { tag.chars().take(TAG).collect() };
        format!("{} {}", code(name), code(&tag))
    });
    let more = tags.len().checked_sub(SHOWN).filter(|more| *more > 0).map(|more| format!("and {more} more"));
    let all: Vec<_> = shown.chain(more).collect();
    (!all.is_empty()).then(|| all.join("<br>"))
}

fn run(address: &str) -> String {
    let number = address.rsplit('/').next().unwrap_or_default();
    format!("[{number}]({address})")
}

/// A length of time, in words.
#[must_use]
pub fn length(seconds: u64) -> String {
    match (seconds / 60, seconds % 60) {
        (0, seconds) => format!("{seconds} s"),
        (minutes, 0) => format!("{minutes} min"),
        (minutes, seconds) => format!("{minutes} min {seconds} s"),
    }
}

/// What people are told of a preview's end, where it may have one. A push to a fork `needs_approval` to change anything.
#[must_use]
pub fn expires(expiry: &Expiry, needs_approval: bool) -> Option<String> {
    let push = if needs_approval { "a push that is approved" } else { "a push" };
    match expiry {
        Expiry::Never => None,
        Expiry::Kept { label } => Some(format!("never, as long as it has the label {}", code(label))),
        Expiry::At { end, .. } => Some(format!("{}; {push} prolongs it", minute(*end))),
    }
}
