//! One commit of a repository, of which more is fetched when more is asked for.

use std::sync::Arc;

use git2::Oid;

use super::store::{Place, Store};
use super::work::{Work, in_background};
use crate::domain::names::BranchName;
use crate::domain::path::RepoPath;
use crate::ports::{AppsError, Entry, EntryKind, Need, Snapshot};

/// The tip of a branch as it was fetched.
#[derive(Clone)]
pub struct GitSnapshot {
    pub(super) work: Arc<Work>,
    pub(super) store: Arc<Store>,
    pub(super) branch: BranchName,
    pub(super) tip: Oid,
}

impl GitSnapshot {
    /// Whether this is that commit of that branch.
    pub(in crate::effects) fn is(&self, branch: &str, commit: &str) -> bool {
        self.branch.as_str() == branch && self.tip.to_string() == commit
    }

    /// Where a path leads, with the file that is there.
    async fn content(&self, path: &RepoPath) -> Result<Place, AppsError> {
        let place = self.store.place(self.tip, path)?;
        let is_unfetched = match &place {
            Place::Unfetched(_) => true,
            Place::File(blob) => !self.store.has(*blob)?,
            _ => false,
        };
        if is_unfetched { self.place(path, Need::Content(path.clone())).await } else { Ok(place) }
    }

    /// Where a path leads, with all that is needed there.
    async fn place(&self, path: &RepoPath, need: Need) -> Result<Place, AppsError> {
        self.gather(&[need]).await?;
        self.store.place(self.tip, path)
    }
}

impl Snapshot for GitSnapshot {
    async fn gather(&self, needs: &[Need]) -> Result<(), AppsError> {
        // To look takes some microseconds: no thread of its own is worth it.
        if self.store.missing(self.tip, needs)?.is_empty() {
            return Ok(());
        }
        let (snapshot, needs) = (self.clone(), needs.to_vec());
        in_background(move || snapshot.work.gather(&snapshot, &needs)).await
    }

    async fn gather_at_once(&self, needs: &[Need]) -> Result<(), AppsError> {
        // Git sends single files as it sends all of them: by the pack.
        self.gather(needs).await
    }

    async fn entry(&self, path: &RepoPath) -> Result<Entry, AppsError> {
        Ok(match self.content(path).await? {
            Place::Absent => Entry::Absent,
            Place::Directory(_) | Place::Unfetched(_) => Entry::Directory,
            Place::InTheWay(path, kind) => Entry::InTheWay { path, kind },
            Place::File(blob) => {
                let text = String::from_utf8(self.store.file(blob)?);
                Entry::File(text.map_err(|_| AppsError::NotText { path: path.clone() })?)
            }
        })
    }

    async fn bytes(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, AppsError> {
        match self.content(path).await? {
            Place::File(blob) => self.store.file(blob).map(Some),
            _ => Ok(None),
        }
    }

    async fn list(&self, directory: &RepoPath) -> Result<Vec<(String, EntryKind)>, AppsError> {
        let mut place = self.store.place(self.tip, directory)?;
        let is_unfetched = match &place {
            Place::Unfetched(_) => true,
            Place::Directory(tree) => !self.store.has(*tree)?,
            _ => false,
        };
        if is_unfetched {
            place = self.place(directory, Need::Names(directory.clone())).await?;
        }
        match place {
            Place::Directory(tree) => self.store.directory(tree),
            _ => Ok(Vec::new()),
        }
    }
}
