//! A pack: objects, whole or as what sets them apart from one that the other side has.
//! <https://git-scm.com/docs/gitformat-pack>

use std::io::{self, Write as _};

use aws_lc_rs::digest;
use flate2::Compression;
use flate2::write::ZlibEncoder;
use git2::{ObjectType, Oid};
use similar::{Algorithm, DiffOp, capture_diff_slices};

/// The largest piece that one instruction copies, in bytes: more is not understood everywhere.
const LARGEST_COPY: usize = 0xffff;
/// The largest piece that one instruction inserts, in bytes.
const LARGEST_INSERT: usize = 0x7f;
/// The length of an object's id in a directory, in bytes.
const ID_LENGTH: usize = 20;
/// The kind of an entry that says how an object differs from another one.
const DIFFERENCE: u8 = 7;

/// Objects on their way into a pack.
pub(super) struct Pack {
    entries: Vec<u8>,
    count: u32,
}

impl Pack {
    pub(super) fn new() -> Self {
        Self { entries: Vec::new(), count: 0 }
    }

    /// Adds an object as it is.
    pub(super) fn add(&mut self, kind: ObjectType, content: &[u8]) -> io::Result<()> {
        let kind = match kind {
            ObjectType::Commit => 1,
            ObjectType::Tree => 2,
            ObjectType::Blob | ObjectType::Any => 3,
            ObjectType::Tag => 4,
        };
        self.head(kind, content.len());
        self.compress(content)
    }

    /// Adds an object as what sets it apart from `base`, which is of the same kind and says `before`.
    pub(super) fn add_difference(
        &mut self,
        kind: ObjectType,
        base: Oid,
        before: &[u8],
        after: &[u8],
    ) -> io::Result<()> {
        let difference = difference(kind, before, after);
        self.head(DIFFERENCE, difference.len());
        self.entries.extend_from_slice(base.as_bytes());
        self.compress(&difference)
    }

    /// The whole pack.
    pub(super) fn finish(self) -> Vec<u8> {
        let mut bytes = b"PACK".to_vec();
        bytes.extend_from_slice(&2_u32.to_be_bytes());
        bytes.extend_from_slice(&self.count.to_be_bytes());
        bytes.extend_from_slice(&self.entries);
        let sum = digest::digest(&digest::SHA1_FOR_LEGACY_USE_ONLY, &bytes);
        bytes.extend_from_slice(sum.as_ref());
        bytes
    }

    /// The kind and the size: three bits and four of the first byte, then seven of each further one.
    fn head(&mut self, kind: u8, size: usize) {
        self.count += 1;
        let (first, rest) = (kind << 4 | low_bits(size, 4), size >> 4);
        if rest == 0 {
            self.entries.push(first);
        } else {
            self.entries.push(first | 0x80);
            number(&mut self.entries, rest);
        }
    }

    fn compress(&mut self, content: &[u8]) -> io::Result<()> {
        let mut encoder = ZlibEncoder::new(&mut self.entries, Compression::default());
        encoder.write_all(content)?;
        encoder.finish().map(|_| ())
    }
}

/// What makes `before` `after`, piece by piece: what is in both is copied, the rest is said.
fn difference(kind: ObjectType, before: &[u8], after: &[u8]) -> Vec<u8> {
    let (old, new) = (pieces(kind, before), pieces(kind, after));
    let mut bytes = Vec::new();
    number(&mut bytes, before.len());
    number(&mut bytes, after.len());
    for operation in capture_diff_slices(Algorithm::Myers, &old, &new) {
        match operation {
            DiffOp::Equal { old_index, len, .. } => {
                let from = old[..old_index].iter().map(|piece| piece.len()).sum();
                copy(&mut bytes, from, old[old_index..old_index + len].iter().map(|piece| piece.len()).sum());
            }
            DiffOp::Insert { new_index, new_len, .. } | DiffOp::Replace { new_index, new_len, .. } => {
                for piece in new[new_index..new_index + new_len].concat().chunks(LARGEST_INSERT) {
                    bytes.push(low_bits(piece.len(), 7));
                    bytes.extend_from_slice(piece);
                }
            }
            DiffOp::Delete { .. } => {}
        }
    }
    bytes
}

/// The entries of a directory, or the lines of anything else.
fn pieces(kind: ObjectType, mut content: &[u8]) -> Vec<&[u8]> {
    let mut pieces = Vec::new();
    while !content.is_empty() {
        let end = match kind {
            ObjectType::Tree => content.iter().position(|byte| *byte == 0).map(|at| at + 1 + ID_LENGTH),
            _ => content.iter().position(|byte| *byte == b'\n').map(|at| at + 1),
        };
        let (piece, rest) = content.split_at(end.unwrap_or(content.len()).min(content.len()));
        pieces.push(piece);
        content = rest;
    }
    pieces
}

/// The instructions that copy a part of what was before: which bytes of the place and the size follow, and those that are not
/// zero.
fn copy(bytes: &mut Vec<u8>, mut from: usize, mut size: usize) {
    while size > 0 {
        let piece = size.min(LARGEST_COPY);
        let place = bytes.len();
        bytes.push(0x80);
        for (bit, byte) in (0..4).map(|at| (at, from >> (8 * at))).chain((0..2).map(|at| (at + 4, piece >> (8 * at)))) {
            if low_bits(byte, 8) != 0 {
                bytes[place] |= 1 << bit;
                bytes.push(low_bits(byte, 8));
            }
        }
        from += piece;
        size -= piece;
    }
}

/// A number, seven bits in each byte, the lowest first; all but the last byte have their highest bit set.
fn number(bytes: &mut Vec<u8>, mut value: usize) {
    while value >= 0x80 {
        bytes.push(low_bits(value, 7) | 0x80);
        value >>= 7;
    }
    bytes.push(low_bits(value, 7));
}

#[expect(clippy::cast_possible_truncation, reason = "what is cut off is what is not asked for")]
fn low_bits(value: usize, count: u32) -> u8 {
    (value & ((1 << count) - 1)) as u8
}

#[cfg(test)]
mod tests {
    use std::io::Write as _;

    use git2::Repository;
    use proptest::prelude::*;

    use super::*;

    /// Lets the Git library read a pack that changes `before` into `after`, and returns what it makes of it.
    fn read_back(before: &[u8], after: &[u8]) -> (bool, Vec<u8>) {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::init_bare(folder.path()).unwrap();
        let base = repository.blob(before).unwrap();
        let mut pack = Pack::new();
        pack.add(ObjectType::Blob, b"beside").unwrap();
        pack.add(ObjectType::Blob, before).unwrap();
        pack.add_difference(ObjectType::Blob, base, before, after).unwrap();
        let objects = repository.odb().unwrap();
        let mut writer = objects.packwriter().unwrap();
        writer.write_all(&pack.finish()).unwrap();
        writer.commit().unwrap();
        drop(writer);
        objects.refresh().unwrap();
        let after = Oid::hash_object(ObjectType::Blob, after).unwrap();
        let beside = Oid::hash_object(ObjectType::Blob, b"beside").unwrap();
        (objects.exists(beside), repository.find_blob(after).unwrap().content().to_vec())
    }

    #[test]
    fn large_objects_with_little_that_is_new_are_told_in_few_bytes() {
        let line = |number: u32| format!("  - pr-{number}\n");
        let before: String = (0..40_000).map(line).collect();
        let after = before.replace("pr-1\n", "pr-one\n").replace(&line(17), "").replace(&line(30_000), "a\nb\n");
        assert!(difference(ObjectType::Blob, before.as_bytes(), after.as_bytes()).len() < 100);
        assert_eq!(read_back(before.as_bytes(), after.as_bytes()), (true, after.into_bytes()));
    }

    #[test]
    fn a_directory_is_told_entry_by_entry() {
        let folder = tempfile::tempdir().unwrap();
        let repository = Repository::init_bare(folder.path()).unwrap();
        let mut tree = repository.treebuilder(None).unwrap();
        let mut insert = |name: &str, content: &str| {
            tree.insert(name, repository.blob(content.as_bytes()).unwrap(), 0o100_644).unwrap();
            repository.odb().unwrap().read(tree.write().unwrap()).unwrap().data().to_vec()
        };
        for number in 0..500 {
            insert(&format!("pr-{number}"), &number.to_string());
        }
        let before = insert("kustomization.yaml", "the list");
        insert("kustomization.yaml", "another list");
        let after = insert("pr-300x", "new");
        let told = difference(ObjectType::Tree, &before, &after);
        assert!(told.len() < 150, "{}", told.len());
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn what_was_told_as_a_difference_is_read_back(
            before in proptest::collection::vec(any::<u8>(), 0..400),
            at in any::<prop::sample::Index>(),
            gone in 0..200_usize,
            new in proptest::collection::vec(any::<u8>(), 0..300),
        ) {
            let at = at.index(before.len() + 1);
            let mut after = before.clone();
            after.splice(at..(at + gone).min(before.len()), new);
            prop_assert_eq!(read_back(&before, &after), (true, after));
        }
    }
}
