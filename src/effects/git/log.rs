//! The commits of a branch, with nothing of what is in them.

mod pack;
mod walk;

use std::sync::Arc;

use git2::{ObjectType, Oid};

use super::fetch::Reader;
use super::packets::{Fault, Packets};
use super::snapshot::GitSnapshot;
use super::store::Store;
use super::work::{Work, in_background, lock};
use super::{GitRepository, local};
use crate::domain::history::Logged;
use crate::ports::{AppsError, CommitLog};
use pack::Commits;

impl CommitLog for GitRepository {
    async fn commits(&self, snapshot: &GitSnapshot) -> Result<Vec<Logged>, AppsError> {
        let (work, snapshot) = (Arc::clone(&self.work), snapshot.clone());
        in_background(move || work.commits(&snapshot)).await
    }
}

impl Work {
    /// Reads the commits that led to a snapshot.
    fn commits(&self, snapshot: &GitSnapshot) -> Result<Vec<Logged>, AppsError> {
        let mut server = lock(&self.server);
        let mut reader = Reader::open(&self.connection, &mut server, &self.url)?;
        reader.fetch_commits(snapshot.tip)?.walk(snapshot.tip)
    }
}

/// The commits that a server has sent.
pub(super) enum Sent {
    /// By themselves.
    Alone(Commits),
    /// With all that is in them.
    Whole(Store),
}

impl Sent {
    /// Takes in commits that come by themselves.
    pub(super) fn alone(packets: &mut Packets<'_>, tip: Oid) -> Result<Self, Fault> {
        let mut bytes = Vec::new();
        packets.bands(|more| {
            bytes.extend_from_slice(more);
            let is_too_large = bytes.len() > pack::LARGEST_PACK;
            if is_too_large { Err(Fault::Senseless("its pack is too large".to_owned())) } else { Ok(()) }
        })?;
        tracing::debug!(size = bytes.len(), "fetched commits");
        let commits = Commits::read(&bytes)?;
        let is_there = commits.text(tip).is_some();
        if is_there { Ok(Self::Alone(commits)) } else { Err(left_out()) }
    }

    /// Takes in commits that come with all that is in them.
    pub(super) fn whole(packets: &mut Packets<'_>, tip: Oid) -> Result<Self, Fault> {
        // A store of its own: what else was fetched of these commits is not whole.
        let store = Store::new()?;
        store.take_in(packets)?;
        if store.has_commit(tip) { Ok(Self::Whole(store)) } else { Err(left_out()) }
    }

    /// The commits that led to `tip`, each after its parents.
    fn walk(&self, tip: Oid) -> Result<Vec<Logged>, AppsError> {
        match self {
            Self::Alone(commits) => Ok(walk::walk(tip, |id| walk::Commit::parse(id, commits.text(id)?))),
            Self::Whole(store) => {
                let repository = store.repository();
                let objects = repository.odb().map_err(|why| local(&why))?;
                Ok(walk::walk(tip, |id| {
                    let object = objects.read(id).ok().filter(|object| object.kind() == ObjectType::Commit)?;
                    walk::Commit::parse(id, object.data())
                }))
            }
        }
    }
}

fn left_out() -> Fault {
    Fault::Senseless("it leaves out what it was asked for".to_owned())
}
