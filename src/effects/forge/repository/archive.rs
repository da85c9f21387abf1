//! An archive of a commit, by the ids that Git has for what is in it.
//!
//! An archive is not the commit: attributes such as `export-ignore`, `export-subst` or `eol` leave files out of it and change
//! others, and of a submodule nothing is told. So nothing in it counts for its path. It counts for its id, which is the hash of
//! what it is: where the commit says that a file or directory has that id, this is it.

use std::cmp::Reverse;
use std::collections::{BTreeMap, HashMap};
use std::fmt;
use std::io::{self, Read};

use flate2::read::GzDecoder;
use git2::{ObjectType, Oid};
use tar::{Entry, EntryType};

/// The longest path that is read, in bytes: as long as Linux takes.
const LONGEST_PATH: usize = 4096;

/// The files and directories of an archive.
#[derive(Default)]
pub(super) struct Archive {
    files: HashMap<Oid, Vec<u8>>,
    directories: HashMap<Oid, Vec<Child>>,
}

/// Something in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Child {
    pub(super) name: Vec<u8>,
    pub(super) kind: Kind,
    pub(super) id: Oid,
}

/// What is in a directory, as the modes of Git's trees tell it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    File,
    Executable,
    Symlink,
    Directory,
}

/// Why an archive can not be read.
#[derive(Debug, thiserror::Error)]
pub(super) enum Unreadable {
    /// It ends early, or is no archive.
    #[error("it can not be unpacked ({0})")]
    Broken(#[from] io::Error),
    /// Another attempt would find the same.
    #[error("{0}")]
    Refused(String),
}

/// The directories that are still to be closed, the deepest first, by the number of their components and their path.
type Open = BTreeMap<(Reverse<usize>, Vec<u8>), Vec<Child>>;

/// A directory, and the name of something in it.
type Place = (Vec<u8>, Vec<u8>);

impl Archive {
    /// Reads a compressed archive whose one top folder is the commit.
    ///
    /// # Errors
    ///
    /// When it is none, ends early, has more than `limit` bytes when unpacked, or has a path that leads out of it.
    pub(super) fn read(compressed: impl Read, limit: u64) -> Result<Self, Unreadable> {
        let mut unpacked = tar::Archive::new(GzDecoder::new(compressed).take(limit + 1));
        let (mut archive, mut open, mut left) = (Self::default(), Open::new(), limit);
        let read = (|| {
            for entry in unpacked.entries()? {
                archive.add(entry?, &mut open, &mut left, limit)?;
            }
            Ok(())
        })();
        // To its very end, where the sums are.
        let mut rest = unpacked.into_inner();
        let drained = io::copy(&mut rest, &mut io::sink());
        if rest.limit() == 0 {
            return Err(too_large(limit));
        }
        read.and(drained.map(drop).map_err(Unreadable::from))?;
        archive.close(open);
        Ok(archive)
    }

    /// The bytes of the file that has this id, if it is here.
    pub(super) fn file(&self, id: &str) -> Option<&[u8]> {
        Some(self.files.get(&Oid::from_str(id).ok()?)?)
    }

    /// What is in the directory that has this id, if it is here.
    pub(super) fn directory(&self, id: &str) -> Option<&[Child]> {
        Some(self.directories.get(&Oid::from_str(id).ok()?)?)
    }

    fn add(
        &mut self,
        mut entry: Entry<'_, impl Read>,
        open: &mut Open,
        left: &mut u64,
        limit: u64,
    ) -> Result<(), Unreadable> {
        *left = left.checked_sub(entry.size()).ok_or_else(|| too_large(limit))?;
        let kind = match entry.header().entry_type() {
            EntryType::Regular if entry.header().mode()? & 0o100 != 0 => Kind::Executable,
            EntryType::Regular => Kind::File,
            EntryType::Symlink => Kind::Symlink,
            // A directory is what has something in it; a submodule looks like an empty one. Nothing else is in a commit.
            _ => return Ok(()),
        };
        let Some((directory, name)) = place(&entry.path_bytes())? else { return Ok(()) };
        let mut bytes = Vec::new();
        if kind == Kind::Symlink {
            bytes.extend_from_slice(&entry.link_name_bytes().unwrap_or_default());
        } else {
            entry.read_to_end(&mut bytes)?;
        }
        let id = Oid::hash_object(ObjectType::Blob, &bytes).map_err(refused)?;
        self.files.insert(id, bytes);
        let depth = directory.split(|byte| *byte == b'/').filter(|component| !component.is_empty()).count();
        open.entry((Reverse(depth), directory)).or_default().push(Child { name, kind, id });
        Ok(())
    }

    /// Works out the ids of the directories, from the deepest up to the top.
    fn close(&mut self, mut open: Open) {
        open.entry((Reverse(0), Vec::new())).or_default();
        while let Some(((Reverse(depth), path), mut children)) = open.pop_first() {
            children.sort_by_cached_key(Child::sorted_as);
            let Ok(id) = Oid::hash_object(ObjectType::Tree, &tree(&children)) else { continue };
            self.directories.insert(id, children);
            if depth > 0 {
                let (above, name) = parted(&path);
                let child = Child { name: name.to_vec(), kind: Kind::Directory, id };
                open.entry((Reverse(depth - 1), above.to_vec())).or_default().push(child);
            }
        }
    }
}

impl Child {
    /// Git sorts a directory as if its name ended in a slash.
    fn sorted_as(&self) -> Vec<u8> {
        let end: &[u8] = if self.kind == Kind::Directory { b"/" } else { b"" };
        [&self.name, end].concat()
    }
}

impl Kind {
    fn mode(self) -> &'static [u8] {
        match self {
            Self::File => b"100644",
            Self::Executable => b"100755",
            Self::Symlink => b"120000",
            Self::Directory => b"40000",
        }
    }
}

/// A directory as Git writes it.
/// <https://git-scm.com/book/en/v2/Git-Internals-Git-Objects>
fn tree(children: &[Child]) -> Vec<u8> {
    let lines =
        children.iter().map(|child| [child.kind.mode(), b" ", &child.name, b"\0", child.id.as_bytes()].concat());
    lines.collect::<Vec<_>>().concat()
}

/// The directory and the name of a path, without the top folder. Nothing for that folder, and for what nobody could look at.
fn place(path: &[u8]) -> Result<Option<Place>, Unreadable> {
    let mut components = path.split(|byte| *byte == b'/');
    if path.len() > LONGEST_PATH || components.any(|component| matches!(component, b"" | b"." | b"..")) {
        let shown = String::from_utf8_lossy(&path[..path.len().min(100)]).escape_debug().to_string();
        return Err(Unreadable::Refused(format!("it holds `{shown}`, which is no path in a commit")));
    }
    let Some(top) = path.iter().position(|byte| *byte == b'/') else { return Ok(None) };
    let (directory, name) = parted(&path[top + 1..]);
    Ok(Some((directory.to_vec(), name.to_vec())))
}

fn parted(path: &[u8]) -> (&[u8], &[u8]) {
    path.iter().rposition(|byte| *byte == b'/').map_or((&[], path), |slash| (&path[..slash], &path[slash + 1..]))
}

fn too_large(limit: u64) -> Unreadable {
    Unreadable::Refused(format!("it has more than {} MiB when it is unpacked", limit / (1024 * 1024)))
}

#[expect(clippy::needless_pass_by_value, reason = "it is what `map_err` hands over")]
fn refused(why: git2::Error) -> Unreadable {
    Unreadable::Refused(why.message().to_owned())
}

impl fmt::Debug for Archive {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} files, {} directories", self.files.len(), self.directories.len())
    }
}

#[cfg(test)]
mod tests;
