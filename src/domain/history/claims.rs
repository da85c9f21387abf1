//! What one message says of previews: trailers from every paragraph, and where they do not say it, the words before them.

use std::collections::HashMap;
use std::str::FromStr;

use jiff::Timestamp;

use super::Told;
use super::words::{self, Subject};
use crate::domain::approval::Login;
use crate::domain::commit_message::trailer;
use crate::domain::names::{Application, CommitId, PreviewName, PullRequestNumber, RepositoryName};
use crate::domain::reason::code;
use crate::domain::record::LAST_GENERATION;

/// The longest address of a run that is believed, in bytes.
const LONGEST_RUN: usize = 2000;
/// The longest word of a reason that is believed, in bytes.
const LONGEST_REASON: usize = 40;
/// The fewest digits of a commit's id that name it where it is reverted.
const FEWEST_DIGITS: usize = 7;

/// The trailers of one preview, in the order of [`Key`].
const NAMES: [&str; 11] = [
    trailer::PREVIEW,
    trailer::PULL_REQUEST,
    trailer::COMMIT,
    trailer::APPLICATION,
    trailer::CHANGE,
    trailer::GENERATION,
    trailer::REASON,
    trailer::PUSHED_AT,
    trailer::APPROVED_BY,
    trailer::BY,
    trailer::RUN,
];

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Key {
    Preview,
    PullRequest,
    Commit,
    Application,
    Change,
    Generation,
    Reason,
    PushedAt,
    ApprovedBy,
    By,
    Run,
}

impl Key {
    const ALL: [Self; 11] = [
        Self::Preview,
        Self::PullRequest,
        Self::Commit,
        Self::Application,
        Self::Change,
        Self::Generation,
        Self::Reason,
        Self::PushedAt,
        Self::ApprovedBy,
        Self::By,
        Self::Run,
    ];
}

/// What is said of one preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Claim {
    /// What becomes of it, where that is said.
    pub(super) told: Option<Told>,
    pub(super) application: Option<Application>,
    pub(super) preview: PreviewName,
    pub(super) repository: RepositoryName,
    pub(super) number: PullRequestNumber,
    pub(super) commit: Option<CommitId>,
    pub(super) generation: Option<u64>,
    pub(super) by: Option<String>,
    pub(super) approved_by: Option<String>,
    pub(super) run: Option<String>,
    pub(super) reason: Option<String>,
    pub(super) pushed_at: Option<Timestamp>,
    /// The commit that said it first, where this one repeats it.
    pub(super) origin: Option<CommitId>,
}

/// One thing that a message says.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Item {
    /// Something of a preview.
    Claim(Box<Claim>),
    /// That it reverts the commit whose id begins so.
    Reverts(String),
}

/// All that a message says.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    /// In its order.
    pub(super) items: Vec<Item>,
    /// What makes no sense, in sentences.
    pub(super) odd: Vec<String>,
}

/// Reads a message.
pub(super) fn read(message: &str) -> Said {
    let mut reader = Reader::default();
    for line in message.lines() {
        match line.trim() {
            "" => reader.end_paragraph(),
            // What is set in is quoted, but in what Git makes of several messages.
            _ if reader.origin.is_none() && is_set_in(line) => {}
            line => reader.line(line),
        }
    }
    reader.end_paragraph();
    // A squash by Git tells of its commits one by one, of the youngest first.
    reader.items.sort_by_key(|(section, _)| (*section > 0, usize::MAX - section));
    Said { items: reader.items.into_iter().map(|(_, item)| item).collect(), odd: reader.odd }
}

/// The commits that a message says it reverts: the first digits of each, or all of them.
pub(super) fn reverted(message: &str) -> impl Iterator<Item = String> {
    message.lines().filter_map(|line| reverted_by(line.trim()))
}

#[derive(Default)]
struct Reader<'m> {
    /// What it says, each with the section that it stands in: none of them, or that of one of the commits of a squash.
    items: Vec<(usize, Item)>,
    odd: Vec<String>,
    section: usize,
    has_begun: bool,
    /// The nearest subject before.
    subject: Subject,
    is_prolonged: bool,
    /// The reason that is given for all.
    reason: Option<&'static str>,
    /// The reasons that are given by the names of previews.
    reasons: HashMap<&'m str, &'static str>,
    /// The commit whose message this was, before it was put together with others.
    origin: Option<CommitId>,
    /// The trailers of this paragraph.
    trailers: Vec<(Key, &'m str)>,
}

impl<'m> Reader<'m> {
    fn line(&mut self, line: &'m str) {
        let is_first = !std::mem::replace(&mut self.has_begun, true);
        if let Some(found) = trailer_in(line) {
            self.trailers.push(found);
        } else if let Some(subject) = words::subject(line) {
            self.begin(subject);
        } else if let Some(commit) = reverted_by(line) {
            self.end_paragraph();
            self.items.push((self.section, Item::Reverts(commit)));
        } else if is_first {
            // Other words than ours: those that begin and end a life are hard to mistake.
            let told = words::verb(line).filter(|told| matches!(told, Told::PutUp | Told::Removed));
            self.begin(Subject { application: None, told });
        } else if let Some(id) = line.strip_prefix("commit ").and_then(|id| id.parse().ok()) {
            self.begin(Subject::default());
            self.origin = Some(id);
            self.section += 1;
        } else if let Some(sentence) = line.strip_prefix("Because ") {
            self.is_prolonged |= words::is_later_end(sentence);
            self.reason = words::reason(sentence).or(self.reason);
        } else if let Some((name, sentence)) = line.strip_prefix("- ").and_then(|item| item.split_once(": ")) {
            self.reasons.extend(words::reason(sentence).map(|reason| (name, reason)));
        }
    }

    fn begin(&mut self, subject: Subject) {
        self.end_paragraph();
        (self.subject, self.is_prolonged, self.reason) = (subject, false, None);
        self.reasons.clear();
    }

    fn end_paragraph(&mut self) {
        let trailers = std::mem::take(&mut self.trailers);
        let Some(first) = trailers.iter().position(|(key, _)| *key == Key::Preview) else {
            if trailers.iter().any(|(key, _)| *key == Key::PullRequest) {
                self.odd.push("it names a pull request, and no preview".to_owned());
            }
            return;
        };
        let (before, after) = trailers.split_at(first);
        let mut groups: Vec<Group<'m>> = Vec::new();
        for (key, value) in after {
            if *key == Key::Preview {
                groups.push(Group::default());
            }
            if let Some(group) = groups.last_mut() {
                group.take(*key, value, &mut self.odd);
            }
        }
        share(before, &mut groups);
        for group in groups {
            match self.claim(&group) {
                Ok(claim) => self.items.push((self.section, Item::Claim(Box::new(claim)))),
                Err(why) => self.odd.push(why),
            }
        }
    }

    fn claim(&mut self, group: &Group<'_>) -> Result<Claim, String> {
        let name = group.value(Key::Preview).unwrap_or_default();
        let preview: PreviewName = name.parse().map_err(|_| format!("{} is not the name of a preview", code(name)))?;
        let pull_request = group.value(Key::PullRequest).ok_or_else(|| format!("`{preview}` has no pull request"))?;
        let parsed = pull_request.rsplit_once('#').and_then(|(repository, number)| {
            Some((repository.parse::<RepositoryName>().ok()?, number.parse::<PullRequestNumber>().ok()?))
        });
        let (repository, number) = parsed
            .ok_or_else(|| format!("{} is not the pull request of a preview: `{preview}`", code(pull_request)))?;
        let mut told = self.subject.told;
        if told == Some(Told::Updated) && self.is_prolonged {
            told = Some(Told::Prolonged);
        }
        if let Some(word) = group.value(Key::Change) {
            let found = Told::of(word);
            if found.is_none() {
                self.tell(&preview, "says that it was", word);
            }
            told = found.or(told);
            if told.is_none() {
                return Err(format!("what became of `{preview}` is not known: that is left out"));
            }
        }
        let reason = self.reasons.get(name).copied().or(self.reason).filter(|_| told == Some(Told::Removed));
        let is_reason = |word: &String| {
            word.len() <= LONGEST_REASON && word.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'-')
        };
        let is_run = |run: &String| {
            let is_address = run.starts_with("https://") || run.starts_with("http://");
            is_address && run.len() <= LONGEST_RUN && run.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'@')
        };
        let generation = self.parsed(group, &preview, Key::Generation, |number: &u64| *number <= LAST_GENERATION);
        let login = |login: Login| login.to_string();
        Ok(Claim {
            told,
            application: self
                .parsed(group, &preview, Key::Application, |_| true)
                .or_else(|| self.subject.application.clone()),
            commit: self.parsed(group, &preview, Key::Commit, |_| true),
            generation,
            by: self.parsed(group, &preview, Key::By, |_| true).map(login),
            approved_by: self.parsed(group, &preview, Key::ApprovedBy, |_| true).map(login),
            run: self.parsed(group, &preview, Key::Run, is_run),
            reason: self.parsed(group, &preview, Key::Reason, is_reason).or_else(|| reason.map(str::to_owned)),
            pushed_at: self.parsed(group, &preview, Key::PushedAt, |_| true),
            origin: self.origin.clone(),
            preview,
            repository,
            number,
        })
    }

    /// The value of a trailer. One that makes no sense is told, and is none.
    fn parsed<T: FromStr>(
        &mut self,
        group: &Group<'_>,
        preview: &PreviewName,
        key: Key,
        is_fine: impl Fn(&T) -> bool,
    ) -> Option<T> {
        let text = group.value(key)?;
        let value = text.parse().ok().filter(is_fine);
        if value.is_none() {
            self.tell(preview, &format!("has a `{}` that makes no sense:", NAMES[key as usize]), text);
        }
        value
    }

    fn tell(&mut self, preview: &PreviewName, what: &str, text: &str) {
        self.odd.push(format!("`{preview}` {what} {}", code(text)));
    }
}

/// The trailers of one preview: of several of the same name the first.
#[derive(Default)]
struct Group<'m>([Option<&'m str>; NAMES.len()]);

impl<'m> Group<'m> {
    fn value(&self, key: Key) -> Option<&'m str> {
        self.0[key as usize]
    }

    fn take(&mut self, key: Key, value: &'m str, odd: &mut Vec<String>) {
        match self.0[key as usize] {
            _ if value.is_empty() => {}
            None => self.0[key as usize] = Some(value),
            Some(first) if first == value => {}
            Some(first) => {
                let name = NAMES[key as usize];
                odd.push(format!("`{name}` is {} and {} at once: the first counts", code(first), code(value)));
            }
        }
    }
}

/// Gives what stands before all previews to the first, and the run, with whoever made it, to all that have none themselves.
fn share<'m>(before: &[(Key, &'m str)], groups: &mut [Group<'m>]) {
    for key in [Key::Run, Key::By] {
        let mut shared = None;
        for group in groups.iter_mut().rev() {
            let own = &mut group.0[key as usize];
            *own = own.or(shared);
            shared = *own;
        }
    }
    for (key, value) in before {
        let many = if matches!(key, Key::Run | Key::By) { groups.len() } else { 1 };
        for group in groups.iter_mut().take(many) {
            group.0[*key as usize].get_or_insert(value);
        }
    }
}

fn is_set_in(line: &str) -> bool {
    line.starts_with("    ") || line.starts_with('\t')
}

/// The trailer in a line, where it is one of ours.
fn trailer_in(line: &str) -> Option<(Key, &str)> {
    let is_ours = line.as_bytes().get(..8).is_some_and(|start| start.eq_ignore_ascii_case(b"bivouac-"));
    let (name, value) = line.split_once(':').filter(|_| is_ours)?;
    let name = name.trim_end();
    let index = NAMES.iter().position(|known| known.eq_ignore_ascii_case(name))?;
    Some((Key::ALL[index], value.trim()))
}

/// The commit that a line says is reverted.
fn reverted_by(line: &str) -> Option<String> {
    let rest = line.strip_prefix("This reverts commit ")?;
    let digits = rest.bytes().take_while(u8::is_ascii_hexdigit).count();
    (FEWEST_DIGITS..=64).contains(&digits).then(|| rest[..digits].to_ascii_lowercase())
}

#[cfg(test)]
mod tests;
