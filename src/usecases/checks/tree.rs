//! The files of the apps repository that a check needs, as they would be after the commit.

use std::collections::{BTreeMap, BTreeSet};

use crate::domain::checks::closure;
use crate::domain::kustomization;
use crate::domain::path::RepoPath;
use crate::domain::plan::Edit;
use crate::error::Error;
use crate::ports::{Entry, EntryKind, Files, Need, Snapshot};

/// A commit with edits on top of it.
pub(super) struct Edited<'a, S> {
    snapshot: &'a S,
    written: BTreeMap<&'a RepoPath, &'a str>,
    removed: Vec<&'a RepoPath>,
}

impl<'a, S: Snapshot> Edited<'a, S> {
    pub(super) fn new(snapshot: &'a S, edits: &'a [Edit]) -> Self {
        let (mut written, mut removed) = (BTreeMap::new(), Vec::new());
        for edit in edits {
            match edit {
                Edit::Write { path, after, .. } => drop(written.insert(path, after.as_str())),
                Edit::RemoveFile { path, .. } | Edit::RemoveDirectory { path, .. } => removed.push(path),
            }
        }
        Self { snapshot, written, removed }
    }

    /// Everything that the kustomizations at `starts` lead to. What is missing is left to kustomize to tell.
    pub(super) async fn closure(&self, starts: &[RepoPath]) -> Result<Files, Error> {
        let (mut files, mut seen) = (Files::new(), BTreeSet::new());
        let mut waiting: Vec<RepoPath> = starts.to_vec();
        while !waiting.is_empty() {
            waiting.retain(|path| seen.insert(path.clone()));
            let needs: Vec<_> = waiting.iter().cloned().map(Need::Content).collect();
            self.snapshot.gather_at_once(&needs).await?;
            let mut further = Vec::new();
            for path in std::mem::take(&mut waiting) {
                if self.is_directory(&path).await? {
                    further.extend(self.enter(&path, &mut files).await?);
                } else if let Some(bytes) = self.bytes(&path).await? {
                    files.insert(path, bytes);
                }
            }
            waiting = further;
        }
        Ok(files)
    }

    /// Has everything below some directories at hand, by one request.
    pub(super) async fn gather(&self, directories: Vec<RepoPath>) -> Result<(), Error> {
        let needs: Vec<_> = directories.into_iter().map(Need::Whole).collect();
        Ok(self.snapshot.gather_at_once(&needs).await?)
    }

    /// Everything below a directory.
    pub(super) async fn whole(&self, directory: &RepoPath) -> Result<Files, Error> {
        self.all(directory, false).await
    }

    /// The same, where nothing may be left out: a symbolic link is refused.
    pub(super) async fn whole_strictly(&self, directory: &RepoPath) -> Result<Files, Error> {
        self.all(directory, true).await
    }

    async fn all(&self, directory: &RepoPath, is_strict: bool) -> Result<Files, Error> {
        self.snapshot.gather_at_once(&[Need::Whole(directory.clone())]).await?;
        let (mut files, mut waiting) = (Files::new(), vec![directory.clone()]);
        while let Some(here) = waiting.pop() {
            for (name, kind) in self.snapshot.list(&here).await? {
                let path = here.join(&name);
                match kind {
                    EntryKind::Directory => waiting.push(path),
                    EntryKind::File => files.extend(self.bytes(&path).await?.map(|bytes| (path, bytes))),
                    EntryKind::Symlink if is_strict => return Err(Error::InTheWay { path, kind }),
                    EntryKind::Symlink | EntryKind::Submodule => {}
                }
            }
        }
        Ok(files)
    }

    /// The names in a directory.
    pub(super) async fn names(&self, directory: &RepoPath) -> Result<BTreeSet<String>, Error> {
        let there = self.snapshot.list(directory).await?.into_iter().map(|(name, _)| name);
        let is_gone = |name: &String| self.removed.contains(&&directory.join(name));
        let mut names: BTreeSet<_> = there.filter(|name| !is_gone(name)).collect();
        let inside =
            |path: &&RepoPath| path.as_str().strip_prefix(directory.as_str())?.strip_prefix('/').map(str::to_owned);
        let written = self.written.keys().filter_map(inside);
        names.extend(written.filter_map(|path| path.split('/').next().map(str::to_owned)));
        Ok(names)
    }

    /// Takes in the kustomization of a directory, and returns what it leads to.
    async fn enter(&self, directory: &RepoPath, files: &mut Files) -> Result<Vec<RepoPath>, Error> {
        let mut found = Vec::new();
        for name in kustomization::FILES {
            let path = directory.join(name);
            let Some(bytes) = self.bytes(&path).await? else { continue };
            let references = std::str::from_utf8(&bytes).ok().and_then(|text| closure::references(text).ok());
            found.extend(references.into_iter().flatten().filter_map(|reference| directory.resolve(&reference)));
            files.insert(path, bytes);
        }
        Ok(found)
    }

    async fn is_directory(&self, path: &RepoPath) -> Result<bool, Error> {
        let is_within = |written: &&RepoPath| {
            written.as_str().strip_prefix(path.as_str()).is_some_and(|rest| rest.starts_with('/'))
        };
        if self.written.keys().any(is_within) {
            return Ok(true);
        }
        if self.written.contains_key(path) {
            return Ok(false);
        }
        // Asked for by name, so that a file that is no text is not read as one.
        let Some(parent) = path.parent() else { return Ok(true) };
        let siblings = self.snapshot.list(&parent).await?;
        Ok(siblings.iter().any(|(name, kind)| *kind == EntryKind::Directory && path.file_name() == Some(name)))
    }

    /// The bytes of a file; nothing when there is none.
    pub(super) async fn file(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, Error> {
        self.snapshot.gather_at_once(&[Need::Content(path.clone())]).await?;
        self.bytes(path).await
    }

    async fn bytes(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, Error> {
        if let Some(text) = self.written.get(path) {
            return Ok(Some(text.as_bytes().to_vec()));
        }
        if self.is_removed(path) {
            return Ok(None);
        }
        Ok(self.snapshot.bytes(path).await?)
    }

    fn is_removed(&self, path: &RepoPath) -> bool {
        let rest = |removed: &&RepoPath| path.as_str().strip_prefix(removed.as_str());
        self.removed.iter().filter_map(rest).any(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// The text of a file, for messages about it; nothing when there is none, or it is no text.
    pub(super) async fn text(&self, path: &RepoPath) -> Option<String> {
        String::from_utf8(self.bytes(path).await.ok()??).ok()
    }

    /// Whether there is a file or a directory.
    pub(super) async fn has(&self, path: &RepoPath) -> Result<bool, Error> {
        Ok(self.is_directory(path).await? || self.has_file(path).await?)
    }

    /// Whether there is a file.
    pub(super) async fn has_file(&self, path: &RepoPath) -> Result<bool, Error> {
        let entry = || async { Ok::<_, Error>(matches!(self.snapshot.entry(path).await?, Entry::File(_))) };
        Ok(self.written.contains_key(path) || (!self.is_removed(path) && entry().await?))
    }
}
