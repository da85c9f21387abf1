//! The commits in a pack, read in memory: to write a pack to the disk, with an index, takes much longer than to look through it
//! once. <https://git-scm.com/docs/gitformat-pack>

use std::collections::HashMap;
use std::ops::Range;

use aws_lc_rs::digest;
use flate2::{Decompress, FlushDecompress, Status};
use git2::Oid;

use super::super::packets::Fault;

/// The largest pack of commits that is read, in bytes: some two million commits.
pub(super) const LARGEST_PACK: usize = 512 << 20;
/// The largest commit that is read, in bytes.
const LARGEST_COMMIT: usize = 32 << 20;
/// The most bytes that all commits together may be.
const LARGEST_SUM: usize = 2 << 30;
/// What a pack begins with: its name and its version.
const HEAD: &[u8] = b"PACK\0\0\0\x02";
/// The length of an object's id, and of the sum at the end, in bytes.
const ID_LENGTH: usize = 20;

/// The commits of a pack.
#[derive(Default)]
pub(in crate::effects::git) struct Commits {
    /// What all of them say, one after the other.
    text: Vec<u8>,
    /// Where each is in the pack, and in that text; in the order of the pack.
    places: Vec<(usize, Range<usize>)>,
    by_id: HashMap<Oid, usize>,
}

impl Commits {
    /// Reads a pack. What is no commit is passed over.
    pub(super) fn read(pack: &[u8]) -> Result<Self, Fault> {
        let end = pack.len().checked_sub(ID_LENGTH).ok_or_else(|| broken("it is too short"))?;
        let (content, sum) = pack.split_at(end);
        if digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, content).as_ref() != sum {
            return Err(broken("its sum is wrong"));
        }
        let count = content.strip_prefix(HEAD).and_then(|rest| rest.first_chunk().copied());
        let count = u32::from_be_bytes(count.ok_or_else(|| broken("it is of another kind"))?);
        let mut reader = Reader { rest: &content[HEAD.len() + 4..], decompress: Decompress::new(true) };
        let mut commits = Self::default();
        for _ in 0..count {
            let at = end - reader.rest.len();
            commits.take(&mut reader, at)?;
        }
        Ok(commits)
    }

    /// What a commit says; nothing when it is not there.
    pub(super) fn text(&self, id: Oid) -> Option<&[u8]> {
        let (_, range) = self.places.get(*self.by_id.get(&id)?)?;
        self.text.get(range.clone())
    }

    /// Takes in the object that is `at` some place of the pack.
    fn take(&mut self, reader: &mut Reader<'_>, at: usize) -> Result<(), Fault> {
        let (kind, size) = reader.head()?;
        if size > LARGEST_COMMIT || self.text.len() > LARGEST_SUM {
            return Err(Fault::Senseless("its commits are too large".to_owned()));
        }
        let start = self.text.len();
        let base = match kind {
            6 => {
                let distance = reader.distance()?;
                let place = at.checked_sub(distance).ok_or_else(|| broken("an object is nowhere"))?;
                Some(self.places.binary_search_by_key(&place, |(at, _)| *at).ok())
            }
            7 => Some(reader.id()?).map(|id| self.by_id.get(&id).copied()),
            1..=4 => None,
            _ => return Err(broken("an object is of no kind")),
        };
        reader.inflate(size, &mut self.text)?;
        match base {
            None if kind == 1 => {}
            Some(Some(base)) => {
                let difference = self.text.split_off(start);
                let base = self.places[base].1.clone();
                apply(&difference, base, &mut self.text).ok_or_else(|| broken("a difference makes no sense"))?;
            }
            // A tree, a file or a tag, or what sets one apart from another.
            _ => {
                self.text.truncate(start);
                return Ok(());
            }
        }
        self.by_id.insert(id_of(&self.text[start..]), self.places.len());
        self.places.push((at, start..self.text.len()));
        Ok(())
    }
}

fn broken(why: &str) -> Fault {
    Fault::Broken(format!("its pack can not be read: {why}"))
}

fn id_of(commit: &[u8]) -> Oid {
    let mut context = digest::Context::new(&digest::SHA1_FOR_LEGACY_USE_ONLY);
    context.update(format!("commit {}\0", commit.len()).as_bytes());
    context.update(commit);
    Oid::from_bytes(context.finish().as_ref()).unwrap_or(Oid::ZERO_SHA1)
}

/// What is left of a pack.
struct Reader<'p> {
    rest: &'p [u8],
    decompress: Decompress,
}

impl Reader<'_> {
    fn byte(&mut self) -> Result<u8, Fault> {
        let (first, rest) = self.rest.split_first().ok_or_else(|| broken("it ends too early"))?;
        self.rest = rest;
        Ok(*first)
    }

    /// The kind and the size: three bits and four of the first byte, then seven of each further one.
    fn head(&mut self) -> Result<(u8, usize), Fault> {
        let mut byte = self.byte()?;
        let (kind, mut size, mut shift) = (byte >> 4 & 7, usize::from(byte & 15), 4);
        while byte & 0x80 != 0 {
            byte = self.byte()?;
            if shift > 46 {
                return Err(broken("an object is too large"));
            }
            size |= usize::from(byte & 0x7f) << shift;
            shift += 7;
        }
        Ok((kind, size))
    }

    /// How far before this object the one is that it differs from.
    fn distance(&mut self) -> Result<usize, Fault> {
        let mut byte = self.byte()?;
        let mut distance = usize::from(byte & 0x7f);
        while byte & 0x80 != 0 {
            byte = self.byte()?;
            let next = distance.checked_add(1).and_then(|next| next.checked_mul(128));
            distance = next.ok_or_else(|| broken("an object is nowhere"))? | usize::from(byte & 0x7f);
        }
        Ok(distance)
    }

    fn id(&mut self) -> Result<Oid, Fault> {
        let (id, rest) = self.rest.split_at_checked(ID_LENGTH).ok_or_else(|| broken("it ends too early"))?;
        self.rest = rest;
        Oid::from_bytes(id).map_err(|why| broken(why.message()))
    }

    /// Adds the content of an object, which has `size` bytes.
    fn inflate(&mut self, size: usize, to: &mut Vec<u8>) -> Result<(), Fault> {
        let start = to.len();
        self.decompress.reset(true);
        // With one more, so that the end is seen also of what is empty.
        to.reserve(size + 1);
        let status = self.decompress.decompress_vec(self.rest, to, FlushDecompress::Finish);
        if !matches!(status, Ok(Status::StreamEnd)) || to.len() - start != size {
            return Err(broken("an object can not be unpacked"));
        }
        let read = usize::try_from(self.decompress.total_in()).unwrap_or(usize::MAX);
        self.rest = self.rest.get(read..).unwrap_or_default();
        Ok(())
    }
}

/// Adds what a difference makes of what is in `base` of the same text.
fn apply(difference: &[u8], base: Range<usize>, text: &mut Vec<u8>) -> Option<()> {
    let (mut rest, start) = (difference.iter().copied(), text.len());
    let number = |rest: &mut dyn Iterator<Item = u8>| {
        let (mut number, mut shift) = (0_usize, 0_u32);
        loop {
            let byte = rest.next()?;
            number |= usize::from(byte & 0x7f).checked_shl(shift)?;
            shift += 7;
            if byte & 0x80 == 0 {
                return Some(number);
            }
        }
    };
    let (before, after) = (number(&mut rest)?, number(&mut rest)?);
    if before != base.len() || after > LARGEST_COMMIT {
        return None;
    }
    while let Some(order) = rest.next() {
        if order & 0x80 == 0 {
            let from = text.len();
            text.extend(rest.by_ref().take(order.into()));
            if order == 0 || text.len() - from != usize::from(order) {
                return None;
            }
            continue;
        }
        let mut part = |bits: Range<u32>| {
            let first = bits.start;
            bits.filter(|bit| order >> bit & 1 == 1)
                .try_fold(0_usize, |number, bit| Some(number | usize::from(rest.next()?) << (8 * (bit - first))))
        };
        let (offset, length) = (part(0..4)?, part(4..7)?);
        let length = if length == 0 { 0x10000 } else { length };
        let from = base.start.checked_add(offset)?;
        let to = from.checked_add(length).filter(|to| *to <= base.end)?;
        if text.len() - start + length > LARGEST_COMMIT {
            return None;
        }
        text.extend_from_within(from..to);
    }
    (text.len() - start == after).then_some(())
}

#[cfg(test)]
mod tests;
