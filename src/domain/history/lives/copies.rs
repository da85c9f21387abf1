//! What was said before: by a commit of which another one is a copy.

use std::collections::HashSet;
use std::hash::{DefaultHasher, Hash, Hasher as _};

use crate::domain::history::Logged;
use crate::domain::history::claims::Claim;

/// How something that is said stands to what was said before.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Seen {
    /// Nobody has said it.
    Never,
    /// The same was said, of the same commit and the same time.
    Alike,
    /// This is a copy.
    Before,
}

/// All that was said, by what two copies have in common.
#[derive(Debug, Default)]
pub(super) struct Copies {
    known: HashSet<u128>,
    /// What the commit that is read now says: it may say the same of two times.
    own: Vec<u128>,
}

impl Copies {
    /// Whether somebody has said this before. What a commit does not say by its `own` words, but by what it reverts, may be said
    /// again by the same generation.
    ///
    /// Copies have the generation in common, or else the time at which the first of them was made; and a squash that tells of its
    /// commits one by one names these.
    pub(super) fn see(&mut self, commit: &Logged, claim: &Claim, is_own: bool) -> Seen {
        let number = claim.number.as_u32();
        let told = (claim.told, &claim.application, &claim.preview, number, &claim.commit);
        let repository = claim.repository.to_string().to_ascii_lowercase();
        let mut keys = Vec::new();
        if is_own {
            keys.extend(claim.generation.map(|generation| digest(&(1, told, &repository, generation))));
        }
        keys.extend(claim.origin.as_ref().map(|origin| digest(&(2, told, &repository, origin))));
        let at_that_time = digest(&(0, told, &repository, &claim.run, commit.authored_at));
        let by_this_commit = digest(&(2, told, &repository, &commit.id));
        let seen = if keys.iter().chain([&by_this_commit]).any(|key| self.known.contains(key)) {
            Seen::Before
        } else if self.known.contains(&at_that_time) {
            // Who copies a commit does it later than it was made.
            if commit.at == commit.authored_at { Seen::Alike } else { Seen::Before }
        } else {
            Seen::Never
        };
        self.known.extend(keys);
        self.own.extend([at_that_time, by_this_commit]);
        seen
    }

    /// Whether nobody has reverted this before at the same time.
    pub(super) fn is_first_revert(&mut self, commit: &Logged, id: &str) -> bool {
        self.known.insert(digest(&(3, id, commit.authored_at)))
    }

    /// Says that a commit has been read.
    pub(super) fn end_commit(&mut self) {
        self.known.extend(self.own.drain(..));
    }
}

/// What stands for a value among all others: 128 bits, which nobody makes alike by chance.
fn digest(value: &impl Hash) -> u128 {
    let half = |salt: u8| {
        let mut hasher = DefaultHasher::new();
        (salt, value).hash(&mut hasher);
        u128::from(hasher.finish())
    };
    half(0) << 64 | half(1)
}
