//! The files of a preview's directory, as they are and as they shall be.

use super::{Directory, Edit};
use crate::domain::overlay::Overlay;
use crate::domain::path::RepoPath;

impl Directory {
    /// Whether the directory says what the overlay says, and no more.
    pub(super) fn holds(&self, overlay: &Overlay) -> bool {
        overlay.files.iter().all(|(name, text)| self.files.get(*name) == Some(text))
            && self.beyond(overlay).next().is_none()
    }

    /// The files that Bivouac knows and the overlay has not any more.
    fn beyond<'a>(&'a self, overlay: &'a Overlay) -> impl Iterator<Item = (&'a String, &'a String)> {
        self.files.iter().filter(|(name, _)| !overlay.files.contains_key(name.as_str()))
    }
}

impl Overlay {
    /// What makes the files in the directory at `path` those of the overlay.
    pub(super) fn edits(&self, path: &RepoPath, existing: Option<&Directory>) -> Vec<Edit> {
        let before = |name: &str| existing.and_then(|directory| directory.files.get(name)).cloned();
        let written = self
            .files
            .iter()
            .map(|(name, after)| (path.join(name), before(name), after.clone()))
            .filter(|(_, before, after)| before.as_ref() != Some(after))
            .map(|(path, before, after)| Edit::Write { path, before, after });
        let stale = existing.into_iter().flat_map(|directory| directory.beyond(self));
        let removed = stale.map(|(name, text)| Edit::RemoveFile { path: path.join(name), before: text.clone() });
        written.chain(removed).collect()
    }
}
