//! What was read of a commit, and what follows from it. Nothing is asked here.

use std::collections::{BTreeMap, BTreeSet};

use super::archive::Archive;
use super::questions::{Ask, Depth};
use crate::domain::path::RepoPath;
use crate::ports::{EntryKind, Need};

/// What is known of a commit's tree.
#[derive(Debug, Default)]
pub(super) struct Known {
    nodes: BTreeMap<RepoPath, Node>,
    /// The ids of directories, as far as they were told.
    directories: BTreeMap<RepoPath, String>,
    archive: Option<Archive>,
}

/// What is at a path, as far as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Absent,
    File(File),
    Directory(Option<Listing>),
    Symlink,
    Submodule,
}

/// A file, with its text where that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct File {
    pub(super) oid: String,
    pub(super) is_executable: bool,
    pub(super) text: Text,
}

/// The text of a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Text {
    /// Nobody has asked for it.
    Unread,
    /// This.
    Is(String),
    /// None: the file holds something else.
    Other,
    /// GraphQL does not tell it whole.
    Withheld,
    /// It is in the archive.
    Archived,
}

/// The names in a directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Listing {
    pub(super) names: Vec<(String, EntryKind)>,
    /// Whether there are names besides that are not UTF-8.
    pub(super) has_nameless: bool,
}

/// What there is to say of a path.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Look<'a> {
    /// This path on the way has to be asked for first.
    Unknown(RepoPath),
    Absent,
    File(&'a File),
    Directory(Option<&'a Listing>),
    InTheWay(RepoPath, EntryKind),
}

impl Known {
    /// What is at a path: it ends at the first thing on the way that is no directory.
    pub(super) fn look(&self, path: &RepoPath) -> Look<'_> {
        let mut here = RepoPath::top();
        let mut listing = self.listing(&here);
        let mut components = path.components().peekable();
        while let Some(component) = components.next() {
            here = here.join(component);
            let is_last = components.peek().is_none();
            match self.nodes.get(&here) {
                None if listing.is_some() => return Look::Absent,
                None => return Look::Unknown(here),
                Some(Node::Absent) => return Look::Absent,
                Some(Node::File(file)) if is_last => return Look::File(file),
                Some(Node::File(_)) => return Look::InTheWay(here, EntryKind::File),
                Some(Node::Symlink) => return Look::InTheWay(here, EntryKind::Symlink),
                Some(Node::Submodule) => return Look::InTheWay(here, EntryKind::Submodule),
                Some(Node::Directory(names)) => listing = names.as_ref(),
            }
        }
        Look::Directory(listing)
    }

    fn listing(&self, directory: &RepoPath) -> Option<&Listing> {
        match self.nodes.get(directory) {
            Some(Node::Directory(listing)) => listing.as_ref(),
            _ => None,
        }
    }

    /// Whether the names beside a path are known, and with them what kind of thing it is.
    pub(super) fn has_beside(&self, path: &RepoPath) -> bool {
        path.parent().is_none_or(|parent| self.listing(&parent).is_some())
    }

    /// Remembers what is at a path, and with it that all above are directories. What was known before in more detail stays.
    pub(super) fn learn(&mut self, path: &RepoPath, mut node: Node) {
        self.find_in_archive(&mut node);
        if node != Node::Absent {
            for above in std::iter::successors(path.parent(), RepoPath::parent) {
                self.nodes.entry(above).or_insert(Node::Directory(None));
            }
        }
        let is_worse = match (self.nodes.get(path), &mut node) {
            (Some(Node::File(known)), Node::File(new)) => {
                new.is_executable |= known.is_executable;
                new.text == Text::Unread && known.text != Text::Unread
            }
            // The text of a link is told as if it were a file's, and a submodule as if it were nothing.
            (Some(Node::Directory(Some(_))), Node::Directory(None))
            | (Some(Node::Symlink | Node::Submodule), Node::File(_)) => true,
            (Some(known), Node::Absent) => *known != Node::Absent,
            _ => false,
        };
        if !is_worse {
            self.nodes.insert(path.clone(), node);
        }
    }

    /// Puts the text of a file in the place of one that was withheld.
    pub(super) fn learn_text(&mut self, path: &RepoPath, text: Text) {
        if let Some(Node::File(file)) = self.nodes.get_mut(path) {
            file.text = text;
        }
    }

    /// What has to be asked for next to meet the needs. Nothing when they are met.
    pub(super) fn missing(&self, needs: &[Need]) -> Vec<Ask> {
        let mut found = BTreeSet::new();
        for need in needs {
            match need {
                Need::Content(path) => self.missing_content(path, &mut found),
                Need::Names(path) => self.add_missing_listing(path, &mut found),
                Need::Surroundings(path) => self.missing_surroundings(path, &mut found),
                Need::Whole(path) => self.missing_whole(path, &mut found),
            }
        }
        self.asks(&found)
    }

    /// The same for the names in everything below a directory.
    pub(super) fn missing_names(&self, directory: &RepoPath) -> Vec<Ask> {
        let mut found = BTreeSet::new();
        self.add_missing_names(directory, &mut found);
        self.asks(&found)
    }

    /// The same for the names in a directory.
    pub(super) fn missing_listing(&self, directory: &RepoPath) -> Vec<Ask> {
        let mut found = BTreeSet::new();
        self.add_missing_listing(directory, &mut found);
        self.asks(&found)
    }

    /// The questions: each asks for the kind too, where nothing that is known or asked for tells it.
    fn asks(&self, found: &BTreeSet<(RepoPath, Depth)>) -> Vec<Ask> {
        let listed: BTreeSet<_> =
            found.iter().filter(|(_, depth)| *depth != Depth::Kind).map(|(path, _)| path).collect();
        let nested: BTreeSet<_> =
            found.iter().filter(|(_, depth)| *depth == Depth::Surroundings).map(|(path, _)| path).collect();
        let is_told = |path: &RepoPath| {
            let parent = path.parent();
            let above = parent.as_ref().and_then(RepoPath::parent);
            self.has_beside(path)
                || self.nodes.get(path).is_some_and(|node| *node != Node::Absent)
                || parent.is_none_or(|parent| listed.contains(&parent))
                || above.is_some_and(|above| nested.contains(&above))
        };
        let asks =
            found.iter().map(|(path, depth)| Ask { path: path.clone(), depth: *depth, with_kind: !is_told(path) });
        asks.collect()
    }

    /// Something on the way to a path, or at it, is not known. Once it was asked for in vain, everything on the way is asked
    /// for.
    fn add_unknown(&self, path: &RepoPath, at: &RepoPath, depth: Depth, found: &mut BTreeSet<(RepoPath, Depth)>) {
        if !self.nodes.contains_key(path) {
            found.insert((path.clone(), depth));
            return;
        }
        let way = std::iter::successors(path.parent(), RepoPath::parent);
        let unknown =
            way.take_while(|above| above != at).chain([at.clone()]).filter(|above| !self.nodes.contains_key(above));
        found.extend(unknown.map(|above| (above, Depth::Kind)));
    }

    fn add_missing_listing(&self, directory: &RepoPath, found: &mut BTreeSet<(RepoPath, Depth)>) {
        match self.look(directory) {
            Look::Unknown(at) => self.add_unknown(directory, &at, Depth::Names, found),
            Look::Directory(None) => drop(found.insert((directory.clone(), Depth::Names))),
            _ => {}
        }
    }

    fn missing_content(&self, path: &RepoPath, found: &mut BTreeSet<(RepoPath, Depth)>) {
        let is_missing = match self.look(path) {
            Look::Unknown(at) => return self.add_unknown(path, &at, Depth::Content, found),
            Look::File(file) => file.text == Text::Unread,
            Look::Directory(None) => true,
            Look::Directory(Some(listing)) => self.has_unread(path, listing),
            Look::Absent | Look::InTheWay(..) => false,
        };
        if is_missing {
            found.insert((path.clone(), Depth::Content));
        }
    }

    fn has_unread(&self, directory: &RepoPath, listing: &Listing) -> bool {
        listing.names.iter().any(|(name, _)| {
            matches!(self.nodes.get(&directory.join(name)), Some(Node::File(File { text: Text::Unread, .. })))
        })
    }

    fn missing_surroundings(&self, path: &RepoPath, found: &mut BTreeSet<(RepoPath, Depth)>) {
        let is_missing = match self.look(path) {
            Look::Unknown(at) => return self.add_unknown(path, &at, Depth::Surroundings, found),
            Look::Directory(None) => true,
            Look::Directory(Some(listing)) => {
                directories(path, listing).any(|below| self.look(&below) == Look::Directory(None))
            }
            Look::File(_) | Look::Absent | Look::InTheWay(..) => false,
        };
        if is_missing {
            found.insert((path.clone(), Depth::Surroundings));
        }
    }

    fn missing_whole(&self, path: &RepoPath, found: &mut BTreeSet<(RepoPath, Depth)>) {
        self.missing_content(path, found);
        if let Look::Directory(Some(listing)) = self.look(path) {
            directories(path, listing).for_each(|below| self.missing_whole(&below, found));
        }
    }

    fn add_missing_names(&self, path: &RepoPath, found: &mut BTreeSet<(RepoPath, Depth)>) {
        self.add_missing_listing(path, found);
        if let Look::Directory(Some(listing)) = self.look(path) {
            directories(path, listing).for_each(|below| self.add_missing_names(&below, found));
        }
    }

    /// Everything below a directory that is no directory. Nothing when the name of some of it is not UTF-8, with the directory
    /// that it is in.
    pub(super) fn files_below(&self, directory: &RepoPath) -> Result<Vec<RepoPath>, RepoPath> {
        let Look::Directory(Some(listing)) = self.look(directory) else { return Ok(Vec::new()) };
        if listing.has_nameless {
            return Err(directory.clone());
        }
        let mut files = Vec::new();
        for (name, kind) in &listing.names {
            let path = directory.join(name);
            if *kind == EntryKind::Directory {
                files.extend(self.files_below(&path)?);
            } else {
                files.push(path);
            }
        }
        Ok(files)
    }
}

fn directories<'a>(path: &'a RepoPath, listing: &'a Listing) -> impl Iterator<Item = RepoPath> + 'a {
    listing.names.iter().filter(|(_, kind)| *kind == EntryKind::Directory).map(|(name, _)| path.join(name))
}

mod archived;

#[cfg(test)]
mod tests;
