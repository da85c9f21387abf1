//! A step of a preview as a message for people in a chat.
//!
//! Incoming webhooks of Slack and workflows of Teams say nothing that a later message could answer to or replace, so that each
//! message stands by itself.

mod slack;
mod teams;
#[cfg(test)]
mod tests;

pub use slack::slack;
pub use teams::teams;

use super::{LifecycleEvent, Step};
use crate::domain::comment::length;
use crate::domain::reason::minute;
use crate::domain::visible::in_one_line;

/// The most characters of a pull request's title that are shown. GitHub's own limit is 256.
const TITLE: usize = 256;
/// The most characters of the name of an account that are shown. GitHub's own limit is 39.
const LOGIN: usize = 100;
/// The most characters of a fact that are shown: a chat takes 2,000, and writes one as up to five.
const VALUE: usize = 400;
/// The most characters of an address that is linked to.
const ADDRESS: usize = 500;

/// What is told, before it is put into the form of a chat. The texts are hostile, and have neither line breaks nor
/// characters that are not seen.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// How good the news is.
    pub tone: Tone,
    /// Which preview took which step: of our own words and of names, so that nothing in it needs care.
    pub headline: String,
    /// The pull request.
    pub sentence: String,
    /// What else is known.
    pub facts: Vec<Fact>,
    /// Where to go from here.
    pub links: Vec<Link>,
}

/// How good news is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tone {
    /// Neither.
    Plain,
    /// It is as it should be.
    Good,
    /// Somebody may want to do something.
    Warning,
    /// It is not as it should be.
    Bad,
}

/// Something that is known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fact {
    /// What it is.
    pub name: &'static str,
    /// What is known of it.
    pub value: String,
    /// Whether others chose some of it. What is not hostile is made of letters, digits, spaces and `.:/-`.
    pub is_hostile: bool,
}

/// Somewhere to go.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Link {
    /// What is there.
    pub label: String,
    /// An address of `https` or `http`, in ASCII, without any character that could end it.
    pub address: String,
}

impl Message {
    /// What people read of that step.
    #[must_use]
    pub fn of(event: &LifecycleEvent) -> Self {
        let tone = match event.step {
            Step::Deploying | Step::Updated | Step::Removed => Tone::Plain,
            Step::Ready => Tone::Good,
            Step::Expiring | Step::Refused => Tone::Warning,
            Step::Failed => Tone::Bad,
        };
        Self { tone, headline: headline(event), sentence: sentence(event), facts: facts(event), links: links(event) }
    }
}

fn headline(event: &LifecycleEvent) -> String {
    let (preview, application) = (&event.identity.name, &event.application);
    match event.step {
        Step::Deploying => format!("Preview {preview} of {application} is being rolled out"),
        Step::Updated => format!("Preview {preview} of {application} is being updated"),
        Step::Ready => format!("Preview {preview} of {application} is ready"),
        Step::Failed => format!("Preview {preview} of {application} did not get ready"),
        Step::Expiring => format!("Preview {preview} of {application} will be removed soon"),
        Step::Removed => format!("Preview {preview} of {application} was removed"),
        Step::Refused => format!("Pull request {} gets no preview of {application}", event.identity.number),
    }
}

fn sentence(event: &LifecycleEvent) -> String {
    let (title, number) = (shown(&event.pull_request.title, TITLE), event.identity.number);
    let what = if title.is_empty() { format!("Pull request #{number}") } else { format!("{title} (#{number})") };
    match &event.pull_request.author {
        Some(author) => format!("{what}, opened by {}", shown(&author.login, LOGIN)),
        None => what,
    }
}

fn facts(event: &LifecycleEvent) -> Vec<Fact> {
    let ours = |name, value: String| Fact { name, value, is_hostile: false };
    let hostile = |name, value: &str| Fact { name, value: shown(value, VALUE), is_hostile: true };
    let commit = event.record.as_ref().map_or(&event.pull_request.head, |record| &record.commit);
    let mut facts = vec![ours("Commit", commit.short().to_owned())];
    if is_up(event.step) {
        facts.push(ours("Address", event.identity.url()));
        facts.extend(event.expires_at.map(|end| ours("Time is up on", minute(end))));
    }
    if let Some(seen) = &event.seen {
        facts.push(ours("Waited", length(seen.seconds)));
        facts.extend((event.step == Step::Failed).then(|| hostile("Last answer", &seen.last)));
    }
    facts.extend(event.reason.as_ref().map(|cause| hostile("Because", &cause.sentence)));
    facts.extend(event.by.as_ref().map(|by| hostile("Run by", by)));
    facts.retain(|fact| !fact.value.is_empty());
    facts
}

fn links(event: &LifecycleEvent) -> Vec<Link> {
    let preview = is_up(event.step).then(|| ("Preview".to_owned(), event.identity.url()));
    let pull_request = (format!("Pull request #{}", event.identity.number), event.pull_request.url.clone());
    let run = event.run.clone().map(|run| ("Run".to_owned(), run));
    let all = preview.into_iter().chain([pull_request]).chain(run);
    all.filter_map(|(label, address)| Some(Link { label, address: safe(&address)? })).collect()
}

/// Whether there is something to look at, or soon will be.
fn is_up(step: Step) -> bool {
    match step {
        Step::Deploying | Step::Updated | Step::Ready | Step::Failed | Step::Expiring => true,
        Step::Removed | Step::Refused => false,
    }
}

/// A hostile text on one line, without what is not seen or turns the text around, and not longer than that.
fn shown(text: &str, most: usize) -> String {
    let is_unseen = |character: &char| matches!(character, '\u{200b}'..='\u{200d}' | '\u{2060}' | '\u{feff}');
    let spaced: String = in_one_line(text).filter(|character| !is_unseen(character)).collect();
    let text = spaced.split_whitespace().collect::<Vec<_>>().join(" ");
    if text.chars().count() <= most {
        return text;
    }
    let mut cut: String = text.chars().take(most - 1).collect();
    cut.push('…');
    cut
}

/// The address, where a chat may link to it.
fn safe(address: &str) -> Option<String> {
    let is_web = ["https://", "http://"].iter().any(|scheme| address.starts_with(scheme));
    let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"<>|\"'`\\^{}[]()*".contains(&byte);
    (is_web && address.len() <= ADDRESS && address.bytes().all(is_plain)).then(|| address.to_owned())
}
