//! What an archive tells of a commit: of the directories and files whose ids are known, and of nothing else.

use super::super::archive::{Archive, Child, Kind};
use super::{File, Known, Listing, Node, Text};
use crate::domain::path::RepoPath;
use crate::ports::EntryKind;

impl Known {
    /// Whether the id of a directory is known.
    pub(in super::super) fn has_directory_id(&self, directory: &RepoPath) -> bool {
        self.directories.contains_key(directory)
    }

    /// Whether an archive was taken in.
    pub(in super::super) fn has_archive(&self) -> bool {
        self.archive.is_some()
    }

    /// Takes in an archive: with it, everything in it is known that is below a directory whose id is.
    pub(in super::super) fn take_in(&mut self, archive: Archive) {
        self.archive = Some(archive);
        for (directory, id) in self.directories.clone() {
            self.spread(&directory, &id);
        }
        let mut nodes = std::mem::take(&mut self.nodes);
        for node in nodes.values_mut() {
            self.find_in_archive(node);
        }
        self.nodes = nodes;
    }

    /// Remembers the id of a directory, and with it all that is below, where that is in the archive.
    pub(in super::super) fn learn_directory_id(&mut self, directory: &RepoPath, id: Option<String>) {
        let Some(id) = id else { return };
        self.spread(directory, &id);
        self.directories.insert(directory.clone(), id);
    }

    /// The bytes of a file in the archive.
    pub(in super::super) fn archived(&self, id: &str) -> Option<&[u8]> {
        self.archive.as_ref()?.file(id)
    }

    /// Sees that the text of a file is in the archive.
    pub(super) fn find_in_archive(&self, node: &mut Node) {
        if let Node::File(file) = node
            && matches!(file.text, Text::Unread | Text::Other | Text::Withheld)
            && self.archived(&file.oid).is_some()
        {
            file.text = Text::Archived;
        }
    }

    fn spread(&mut self, directory: &RepoPath, id: &str) {
        let Some(archive) = self.archive.take() else { return };
        let mut waiting = vec![(directory.clone(), id.to_owned())];
        while let Some((directory, id)) = waiting.pop() {
            let Some(children) = archive.directory(&id) else { continue };
            let mut listing = Listing { names: Vec::with_capacity(children.len()), has_nameless: false };
            for child in children {
                let Ok(name) = std::str::from_utf8(&child.name) else {
                    listing.has_nameless = true;
                    continue;
                };
                let below = directory.join(name);
                listing.names.push((name.to_owned(), child.entry_kind()));
                if child.kind == Kind::Directory {
                    waiting.push((below, child.id.to_string()));
                } else {
                    self.learn(&below, child.node());
                }
            }
            self.learn(&directory, Node::Directory(Some(listing)));
        }
        self.archive = Some(archive);
    }
}

impl Child {
    fn entry_kind(&self) -> EntryKind {
        match self.kind {
            Kind::File | Kind::Executable => EntryKind::File,
            Kind::Symlink => EntryKind::Symlink,
            Kind::Directory => EntryKind::Directory,
        }
    }

    fn node(&self) -> Node {
        match self.kind {
            Kind::Symlink => Node::Symlink,
            Kind::Directory => Node::Directory(None),
            Kind::File | Kind::Executable => Node::File(File {
                oid: self.id.to_string(),
                is_executable: self.kind == Kind::Executable,
                text: Text::Archived,
            }),
        }
    }
}
