//! The lives of previews, put together from what commits say, one after the other, and from what is there at the tip.
//!
//! - What two commits say (a cherry-picked one, one on both sides of a merge, a squash of what was merged as well) counts once.
//! - A revert undoes what the reverted commit said.
//! - A preview that is put up where it is up, and of which nothing says that it went, is brought up to date.
//! - One that is changed where it is not up begins to live, at a time that nobody knows.

mod copies;
mod tip;

use std::collections::{HashMap, HashSet};

use jiff::SignedDuration;

use super::claims::{self, Claim, Item};
use super::pull_requests::Tracks;
use super::{End, History, Life, Logged, Moment, Tip, Told};
use crate::domain::names::CommitId;
use copies::{Copies, Seen};

/// The most characters of an author's name that are kept: anybody may choose any.
const LONGEST_AUTHOR: usize = 100;
/// The most claims that reverts undo, all together: a chain of reverts of what says much would grow without end.
const MOST_UNDONE: usize = 50_000;
/// By how much clocks may run backwards before it is told: those of two machines differ.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

impl History {
    /// The history that `commits` tell, each of them after its parents, held against what is there at the tip.
    #[must_use]
    pub fn of(commits: &[Logged], tip: &Tip) -> Self {
        let reverted = commits.iter().flat_map(|commit| claims::reverted(&commit.message)).collect();
        let mut builder = Builder { reverted: Reverted::new(reverted), ..Builder::default() };
        for commit in commits {
            builder.read(commit);
        }
        if let Some(last) = commits.last() {
            builder.hold_against(tip, &last.id);
        }
        builder.finish(commits.len())
    }
}

#[derive(Default)]
struct Builder {
    tracks: Tracks,
    /// All lives, each with the preview that it is of.
    lives: Vec<(usize, Life)>,
    copies: Copies,
    reverted: Reverted,
    /// How many claims reverts have undone.
    undone: usize,
    odd: Vec<(CommitId, String)>,
}

impl Builder {
    fn read(&mut self, commit: &Logged) {
        let said = claims::read(&commit.message);
        self.odd.extend(said.odd.into_iter().map(|why| (commit.id.clone(), why)));
        for item in said.items {
            match item {
                Item::Claim(claim) => self.take(commit, *claim, true),
                Item::Reverts(id) => self.undo(commit, &id),
            }
        }
        self.copies.end_commit();
    }

    /// Undoes what a commit said, the last of it first.
    fn undo(&mut self, commit: &Logged, id: &str) {
        if !self.copies.is_first_revert(commit, id) {
            return;
        }
        let claims = self.reverted.said_by(id);
        self.undone += claims.len();
        if self.undone > MOST_UNDONE {
            return self.tell(commit, "more is reverted than is followed".to_owned());
        }
        for claim in claims.into_iter().rev() {
            let told = claim.told.map(Told::undone);
            let generation = claim.generation.filter(|_| told == Some(Told::PutUp));
            let (by, approved_by, run, reason, pushed_at, origin) = (None, None, None, None, None, None);
            // What it shows after a change was undone, nobody says.
            let head = claim.commit.filter(|_| told != Some(Told::Updated));
            let undone =
                Claim { told, commit: head, generation, by, approved_by, run, reason, pushed_at, origin, ..claim };
            self.take(commit, undone, false);
        }
    }

    /// Takes in what a commit says, by its own words or by what it reverts.
    fn take(&mut self, commit: &Logged, claim: Claim, is_own: bool) {
        if self.is_copy(commit, &claim, is_own) {
            self.tell(commit, format!("what it says of `{}` was said before: it counts once", claim.preview));
            self.reverted.keep(&commit.id, claim.told, &claim);
            return;
        }
        let track = self.tracks.of(&claim);
        let open = self.tracks[track].open;
        let Some(told) = self.told(commit, &claim, open.is_some()) else { return };
        let index = open.unwrap_or_else(|| self.begin(commit, track, told, &claim));
        for id in [Some(&commit.id), claim.origin.as_ref()].into_iter().flatten() {
            self.reverted.keep(id, Some(told), &claim);
        }
        self.go_on(commit, index, told, claim);
        if told == Told::Removed {
            self.tracks[track].open = None;
        }
    }

    /// Whether what a commit says was said before.
    fn is_copy(&mut self, commit: &Logged, claim: &Claim, is_own: bool) -> bool {
        match self.copies.see(commit, claim, is_own) {
            Seen::Never => false,
            Seen::Before => true,
            // Somebody may do the same twice within a second, or by a clock that stands still: it counts where it changes something.
            Seen::Alike => {
                let track = self.tracks.of(claim);
                let is_up = self.tracks[track].open.is_some();
                matches!((claim.told, is_up), (Some(Told::PutUp), true) | (Some(Told::Removed), false))
            }
        }
    }

    /// What a commit did to a preview that is up, or not; nothing where that makes no sense.
    fn told(&mut self, commit: &Logged, claim: &Claim, is_up: bool) -> Option<Told> {
        let name = &claim.preview;
        match (claim.told, is_up) {
            (None, false) => Some(Told::PutUp),
            (None, true) => Some(Told::Updated),
            (Some(Told::PutUp), true) => {
                let why = format!("`{name}` is put up, and was up already: it counts as brought up to date");
                self.tell(commit, why);
                Some(Told::Updated)
            }
            (Some(Told::Removed), false) => {
                self.tell(commit, format!("`{name}` is taken down, and was not up: that is left out"));
                None
            }
            (told, _) => told,
        }
    }

    /// Begins a life.
    fn begin(&mut self, commit: &Logged, track: usize, told: Told, claim: &Claim) -> usize {
        if told != Told::PutUp {
            let why = format!("`{}` is changed, and nothing says that it was put up", claim.preview);
            self.tell(commit, why);
        }
        let life = Life {
            application: None,
            preview: claim.preview.clone(),
            repository: claim.repository.clone(),
            number: claim.number,
            moments: Vec::new(),
            end: End::StillUp { is_seen: false },
            began_at: (told == Told::PutUp).then_some(commit.at),
        };
        let index = self.lives.len();
        self.lives.push((track, life));
        let track = &mut self.tracks[track];
        (track.open, track.last) = (Some(index), Some(index));
        index
    }

    /// Adds what happened to a life.
    fn go_on(&mut self, commit: &Logged, index: usize, told: Told, claim: Claim) {
        if claim.pushed_at.is_some_and(|pushed| pushed.duration_since(commit.at) > TOLERANCE) {
            self.tell(commit, format!("`{}` shows what was pushed later", claim.preview));
        }
        let (_, life) = &mut self.lives[index];
        let before = life.moments.last().map(|moment| moment.at);
        let runs_backwards = before.is_some_and(|before| before.duration_since(commit.at) > TOLERANCE);
        life.preview.clone_from(&claim.preview);
        life.moments.push(Moment {
            change: told,
            at: commit.at,
            apps_commit: commit.id.clone(),
            author: commit.author.chars().take(LONGEST_AUTHOR).collect(),
            commit: claim.commit,
            generation: claim.generation,
            by: claim.by,
            approved_by: claim.approved_by,
            run: claim.run,
            reason: claim.reason.filter(|_| told == Told::Removed),
            pushed_at: claim.pushed_at.filter(|_| matches!(told, Told::PutUp | Told::Updated)),
        });
        if told == Told::Removed {
            life.end = End::Removed { at: commit.at };
        }
        if runs_backwards {
            self.tell(commit, format!("it is older than what happened to `{}` before it", claim.preview));
        }
    }

    fn tell(&mut self, commit: &Logged, why: String) {
        self.odd.push((commit.id.clone(), why));
    }

    fn finish(self, commits: usize) -> History {
        let tracks = self.tracks;
        let with_application =
            |(track, life): (usize, Life)| Life { application: tracks[track].application.clone(), ..life };
        let mut lives: Vec<_> = self.lives.into_iter().map(with_application).collect();
        // Of those that began at the same time, the one that commits tell of last.
        lives.reverse();
        lives.sort_by_key(|life| std::cmp::Reverse(life.since()));
        History { lives, commits, odd: self.odd }
    }
}

/// What the commits said that are reverted later.
#[derive(Default)]
struct Reverted {
    /// The first digits of the ids of these commits, or all of them.
    ids: HashSet<String>,
    /// How many digits these have, without repetition.
    lengths: Vec<usize>,
    said: HashMap<String, Vec<Claim>>,
}

impl Reverted {
    fn new(ids: HashSet<String>) -> Self {
        let mut lengths: Vec<_> = ids.iter().map(String::len).collect();
        lengths.sort_unstable();
        lengths.dedup();
        Self { ids, lengths, said: HashMap::new() }
    }

    /// Keeps what a commit says, where it is reverted later.
    fn keep(&mut self, id: &CommitId, told: Option<Told>, claim: &Claim) {
        let names: Vec<_> = self.names_of(id).collect();
        for name in names {
            self.said.entry(name).or_default().push(Claim { told, ..claim.clone() });
        }
    }

    fn said_by(&self, id: &str) -> Vec<Claim> {
        self.said.get(id).cloned().unwrap_or_default()
    }

    /// By which digits a commit is reverted, if it is.
    fn names_of(&self, id: &CommitId) -> impl Iterator<Item = String> {
        let names = self.lengths.iter().filter_map(|length| id.as_str().get(..*length));
        names.filter(|name| self.ids.contains(*name)).map(str::to_owned)
    }
}

#[cfg(test)]
mod tests;
