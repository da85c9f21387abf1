//! A repository's comments, to be found by their pull request too.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::super::model::Comment;

/// The comments by number, and the numbers by pull request.
#[derive(Clone, Default)]
pub(crate) struct Comments {
    all: BTreeMap<u64, Arc<Comment>>,
    by_pull_request: BTreeMap<u64, Vec<u64>>,
}

impl Comments {
    pub(crate) fn get(&self, id: u64) -> Option<&Arc<Comment>> {
        self.all.get(&id)
    }

    pub(crate) fn get_mut(&mut self, id: u64) -> Option<&mut Comment> {
        self.all.get_mut(&id).map(Arc::make_mut)
    }

    /// The comments on a pull request, the oldest first.
    pub(crate) fn on(&self, number: u64) -> impl ExactSizeIterator<Item = &Arc<Comment>> {
        let identifiers = self.by_pull_request.get(&number).map_or(&[][..], Vec::as_slice);
        identifiers.iter().map(|id| &self.all[id])
    }

    /// Adds a comment that is newer than all others.
    pub(crate) fn push(&mut self, comment: Comment) {
        self.by_pull_request.entry(comment.pull_request).or_default().push(comment.id);
        self.all.insert(comment.id, Arc::new(comment));
    }

    pub(crate) fn remove(&mut self, id: u64) -> Option<Arc<Comment>> {
        let removed = self.all.remove(&id)?;
        if let Some(identifiers) = self.by_pull_request.get_mut(&removed.pull_request) {
            identifiers.retain(|known| *known != id);
        }
        Some(removed)
    }

    pub(crate) fn remove_all_on(&mut self, number: u64) {
        for id in self.by_pull_request.remove(&number).unwrap_or_default() {
            self.all.remove(&id);
        }
    }
}
