//! The commits of a branch, with nothing of what is in them.

mod walk;

use std::sync::Arc;

use super::fetch::Reader;
use super::snapshot::GitSnapshot;
use super::store::Store;
use super::work::{Work, in_background, lock};
use super::{GitRepository, local};
use crate::domain::history::Logged;
use crate::ports::{AppsError, CommitLog};
use walk::Walk;

impl CommitLog for GitRepository {
    async fn commits(&self, snapshot: &GitSnapshot) -> Result<Vec<Logged>, AppsError> {
        let (work, snapshot) = (Arc::clone(&self.work), snapshot.clone());
        in_background(move || work.commits(&snapshot)).await
    }
}

impl Work {
    /// Reads the commits that led to a snapshot.
    fn commits(&self, snapshot: &GitSnapshot) -> Result<Vec<Logged>, AppsError> {
        // A store of its own: what else was fetched of these commits is not whole.
        let store = Store::new()?;
        let mut server = lock(&self.server);
        let mut reader = Reader::open(&self.connection, &mut server, &self.url)?;
        reader.fetch_commits(&store, snapshot.tip)?;
        let repository = store.repository();
        let objects = repository.odb().map_err(|why| local(&why))?;
        let mut walk = Walk::default();
        walk.read(snapshot.tip, &objects);
        Ok(walk.finish())
    }
}
