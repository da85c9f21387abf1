//! Commits in the order in which they were made: each after its parents.

use std::cmp::Reverse;
use std::collections::{BinaryHeap, HashMap};

use git2::Oid;
use jiff::Timestamp;

use crate::domain::history::Logged;

/// The commits that led to `tip`, each after its parents, as `find` finds them. A history that ends earlier than it began is read
/// as far as it goes.
pub(super) fn walk(tip: Oid, find: impl Fn(Oid) -> Option<Commit>) -> Vec<Logged> {
    let mut walk = Walk::default();
    let (mut waiting, mut missing) = (vec![tip], 0_usize);
    while let Some(id) = waiting.pop() {
        if walk.known.contains_key(&id) {
            continue;
        }
        match find(id) {
            Some(commit) => {
                waiting.extend(&commit.parents);
                walk.add(id, commit);
            }
            None => missing += 1,
        }
    }
    if missing > 0 {
        tracing::warn!(missing, "commits of the apps repository are not there: its history is read up to them");
    }
    walk.finish()
}

/// A commit, and what it came after.
pub(super) struct Commit {
    logged: Logged,
    parents: Vec<Oid>,
}

/// The commits that were read.
#[derive(Default)]
struct Walk {
    commits: Vec<Commit>,
    known: HashMap<Oid, usize>,
}

impl Walk {
    fn add(&mut self, id: Oid, commit: Commit) {
        self.known.insert(id, self.commits.len());
        self.commits.push(commit);
    }

    /// The commits, each after its parents; of those that are beside each other, the older one before the younger one.
    fn finish(self) -> Vec<Logged> {
        let Self { commits, known } = self;
        let mut children = vec![Vec::new(); commits.len()];
        let mut unread: Vec<usize> = vec![0; commits.len()];
        for (index, commit) in commits.iter().enumerate() {
            for parent in commit.parents.iter().filter_map(|parent| known.get(parent)) {
                children[*parent].push(index);
                unread[index] += 1;
            }
        }
        let due = |index: usize| Reverse((commits[index].logged.at, Reverse(index)));
        let roots = (0..commits.len()).filter(|index| unread[*index] == 0);
        let mut ready: BinaryHeap<_> = roots.map(due).collect();
        let mut order = Vec::with_capacity(commits.len());
        while let Some(Reverse((_, Reverse(index)))) = ready.pop() {
            order.push(index);
            for child in &children[index] {
                unread[*child] -= 1;
                if unread[*child] == 0 {
                    ready.push(due(*child));
                }
            }
        }
        let mut commits: Vec<_> = commits.into_iter().map(|commit| Some(commit.logged)).collect();
        order.into_iter().filter_map(|index| commits[index].take()).collect()
    }
}

impl Commit {
    /// Reads a commit as Git writes it. What is not UTF-8 in it is read as far as it is.
    pub(super) fn parse(id: Oid, bytes: &[u8]) -> Option<Self> {
        let text = String::from_utf8_lossy(bytes);
        let (head, message) = text.split_once("\n\n").unwrap_or((text.trim_end_matches('\n'), ""));
        let (mut parents, mut author, mut committer) = (Vec::new(), None, None);
        for line in head.lines() {
            match line.split_once(' ') {
                Some(("parent", parent)) => parents.extend(Oid::from_str(parent).ok()),
                Some(("author", who)) => author = author.or(Some(signature(who))),
                Some(("committer", who)) => committer = committer.or(Some(signature(who))),
                _ => {}
            }
        }
        let (name, authored_at) = author.unwrap_or_default();
        let (_, at) = committer.unwrap_or_default();
        let at = at.or(authored_at).unwrap_or_default();
        let logged = Logged {
            id: id.to_string().parse().ok()?,
            at,
            authored_at: authored_at.unwrap_or(at),
            author: name.to_owned(),
            message: message.to_owned(),
        };
        Some(Self { logged, parents })
    }
}

/// A name, and a time: one that no calendar has counts as the first or the last that it has.
fn signature(text: &str) -> (&str, Option<Timestamp>) {
    let (name, rest) = text.split_once('<').unwrap_or((text, ""));
    let time = rest.rsplit_once('>').and_then(|(_, time)| time.split_whitespace().next());
    let second = time.and_then(|second| second.parse::<i128>().ok());
    let within =
        second.map(|second| second.clamp(Timestamp::MIN.as_second().into(), Timestamp::MAX.as_second().into()));
    let moment = within.and_then(|second| Timestamp::from_second(i64::try_from(second).ok()?).ok());
    (name.trim(), moment)
}

#[cfg(test)]
mod tests;
