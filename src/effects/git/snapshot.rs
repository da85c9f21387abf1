//! One commit of a repository, read from and written to the object database.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use git2::build::TreeUpdateBuilder;
use git2::{FileMode, ObjectType, Oid, Repository, Signature, Tree, TreeEntry};

use super::local;
use crate::domain::names::BranchName;
use crate::domain::path::RepoPath;
use crate::domain::plan::Edit;
use crate::effects::scratch::Scratch;
use crate::ports::{AppsError, Entry, EntryKind, Need, Snapshot};

/// The tip of a branch as it was fetched. The throw-away repository goes with the last clone of this.
#[derive(Clone)]
pub struct GitSnapshot {
    shared: Arc<Shared>,
}

struct Shared {
    // Dropped before the directory that it is in.
    repository: Mutex<Repository>,
    branch: BranchName,
    tip: Oid,
    _directory: Scratch,
}

impl GitSnapshot {
    pub(super) fn new(directory: Scratch, repository: Mutex<Repository>, branch: BranchName, tip: Oid) -> Self {
        Self { shared: Arc::new(Shared { repository, branch, tip, _directory: directory }) }
    }

    pub(super) fn repository(&self) -> MutexGuard<'_, Repository> {
        self.shared.repository.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn branch(&self) -> &BranchName {
        &self.shared.branch
    }

    pub(super) fn tip(&self) -> Oid {
        self.shared.tip
    }

    /// Writes the objects of a commit that makes `edits` on top of this one.
    pub(super) fn write_commit(
        &self,
        repository: &Repository,
        edits: &[Edit],
        message: &str,
        author: &Signature<'_>,
    ) -> Result<Oid, AppsError> {
        let write = || {
            let parent = repository.find_commit(self.shared.tip)?;
            let tree = parent.tree()?;
            let mut update = TreeUpdateBuilder::new();
            for edit in edits {
                match edit {
                    Edit::Write { path, after, .. } => {
                        let mode = mode_of(&tree, path);
                        update.upsert(path.as_str(), repository.blob(after.as_bytes())?, mode);
                    }
                    Edit::RemoveDirectory { path, .. } => {
                        update.remove(path.as_str());
                    }
                }
            }
            let tree = repository.find_tree(update.create_updated(repository, &tree)?)?;
            repository.commit(None, author, author, message, &tree, &[&parent])
        };
        write().map_err(|why: git2::Error| local(&why))
    }

    fn read(&self, path: &RepoPath) -> Result<Entry, git2::Error> {
        let repository = self.repository();
        let mut tree = repository.find_commit(self.shared.tip)?.tree()?;
        let mut here = RepoPath::top();
        let mut components = path.components().peekable();
        while let Some(component) = components.next() {
            let Some(entry) = tree.get_name(component).map(|entry| entry.to_owned()) else { return Ok(Entry::Absent) };
            here = here.join(component);
            let is_last = components.peek().is_none();
            match kind_of(&entry) {
                EntryKind::Directory => tree = repository.find_tree(entry.id())?,
                EntryKind::File if is_last => {
                    let blob = repository.find_blob(entry.id())?;
                    let text = String::from_utf8(blob.content().to_vec());
                    return text.map(Entry::File).map_err(|_| git2::Error::from_str(NOT_TEXT));
                }
                kind => return Ok(Entry::InTheWay { path: here, kind }),
            }
        }
        Ok(Entry::Directory)
    }

    fn names(&self, directory: &RepoPath) -> Result<Vec<(String, EntryKind)>, git2::Error> {
        let repository = self.repository();
        let tree = repository.find_commit(self.shared.tip)?.tree()?;
        let tree = if directory.is_top() {
            tree
        } else {
            match tree.get_path(std::path::Path::new(directory.as_str())) {
                Ok(entry) if entry.kind() == Some(ObjectType::Tree) => repository.find_tree(entry.id())?,
                Ok(_) => return Ok(Vec::new()),
                Err(why) if why.code() == git2::ErrorCode::NotFound => return Ok(Vec::new()),
                Err(why) => return Err(why),
            }
        };
        // A name that is not UTF-8 is nobody's preview.
        Ok(tree.iter().filter_map(|entry| Some((entry.name().ok()?.to_owned(), kind_of(&entry)))).collect())
    }
}

/// Marks an error of [`GitSnapshot::read`] that is about a file's text and not about the Git library.
const NOT_TEXT: &str = "not UTF-8 text";

/// A file that is there keeps its mode.
fn mode_of(tree: &Tree<'_>, path: &RepoPath) -> FileMode {
    let existing = tree.get_path(std::path::Path::new(path.as_str())).ok();
    let is_executable = existing.is_some_and(|entry| entry.filemode() == i32::from(FileMode::BlobExecutable));
    if is_executable { FileMode::BlobExecutable } else { FileMode::Blob }
}

fn kind_of(entry: &TreeEntry<'_>) -> EntryKind {
    match entry.kind() {
        Some(ObjectType::Tree) => EntryKind::Directory,
        Some(ObjectType::Commit) => EntryKind::Submodule,
        _ if entry.filemode() == i32::from(FileMode::Link) => EntryKind::Symlink,
        _ => EntryKind::File,
    }
}

impl Snapshot for GitSnapshot {
    async fn gather(&self, _needs: &[Need]) -> Result<(), AppsError> {
        Ok(())
    }

    // Both read local objects, which takes some microseconds: no thread of its own is worth it.
    async fn entry(&self, path: &RepoPath) -> Result<Entry, AppsError> {
        self.read(path).map_err(|why| match why.message() {
            NOT_TEXT => AppsError::NotText { path: path.clone() },
            _ => local(&why),
        })
    }

    async fn list(&self, directory: &RepoPath) -> Result<Vec<(String, EntryKind)>, AppsError> {
        self.names(directory).map_err(|why| local(&why))
    }
}
