//! What takes long, on threads of its own: reading from a server, and pushing to it.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use git2::{Oid, Signature};
use jiff::Timestamp;

use super::connection::Connection;
use super::fetch::{Reader, Tip};
use super::push::{Push, Pushed};
use super::server::Server;
use super::snapshot::GitSnapshot;
use super::store::{Missing, Place, Store};
use super::{Author, local};
use crate::domain::names::{BranchName, CommitId};
use crate::domain::plan::Edit;
use crate::ports::{AppsError, Committed, Need};

/// How often a push is sent of which nobody knows how it ended.
const PUSHES: u32 = 3;
/// How long after the first of them another one is sent: a server that takes longer may still be at it.
const PUSHED_AGAIN_WITHIN: Duration = Duration::from_secs(30);

/// One branch of a repository, and what is known of it.
pub(super) struct Work {
    pub(super) url: String,
    pub(super) branch: Option<BranchName>,
    pub(super) author: Author,
    pub(super) connection: Connection,
    pub(super) server: Mutex<Server>,
    /// What was fetched last.
    pub(super) fetched: Mutex<Option<Fetched>>,
}

/// A branch, where it was last, and what was fetched of it.
#[derive(Clone)]
pub(super) struct Fetched {
    store: Arc<Store>,
    branch: BranchName,
    tip: Oid,
}

/// Runs what takes long where it stops nobody.
pub(super) async fn in_background<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, AppsError> + Send + 'static,
) -> Result<T, AppsError> {
    let outcome = tokio::task::spawn_blocking(work).await;
    outcome.unwrap_or_else(|why| Err(AppsError::Local { message: format!("the Git library stopped: {why}") }))
}

impl Work {
    /// Reads the branch's tip, with what is needed of it.
    pub(super) fn observe(self: &Arc<Self>, needs: &[Need]) -> Result<GitSnapshot, AppsError> {
        let mut server = lock(&self.server);
        let mut reader = Reader::open(&self.connection, &mut server, &self.url)?;
        let known = lock(&self.fetched).clone();
        // Whatever becomes of the default branch meanwhile: a run is about one branch.
        let wanted = self.branch.as_ref().or(known.as_ref().map(|known| &known.branch));
        let (branch, tip) = reader.tip(wanted)?;
        let store = match &known {
            Some(known) if known.tip == tip => Arc::clone(&known.store),
            Some(known) => {
                reader.fetch(&known.store, Tip { id: tip, known: Some(known.tip), depth: None })?;
                Arc::clone(&known.store)
            }
            None => {
                let store = Arc::new(Store::new()?);
                reader.fetch(&store, Tip { id: tip, known: None, depth: depth(needs) })?;
                store
            }
        };
        *lock(&self.fetched) = Some(Fetched { store: Arc::clone(&store), branch: branch.clone(), tip });
        tracing::debug!(%branch, %tip, "read the apps repository");
        let snapshot = GitSnapshot { work: Arc::clone(self), store, branch, tip };
        complete(&mut reader, &snapshot, needs)?;
        Ok(snapshot)
    }

    /// Fetches what is needed and not there.
    pub(super) fn gather(&self, snapshot: &GitSnapshot, needs: &[Need]) -> Result<(), AppsError> {
        let mut server = lock(&self.server);
        let mut reader = Reader::open(&self.connection, &mut server, &self.url)?;
        complete(&mut reader, snapshot, needs)
    }

    /// Puts a commit on top of a snapshot, provided that the branch is still there.
    pub(super) fn commit(
        &self,
        snapshot: &GitSnapshot,
        edits: &[Edit],
        message: &str,
        at: Timestamp,
    ) -> Result<Committed, AppsError> {
        let ways = edits.iter().map(|edit| Ok((edit.path(), snapshot.store.place(snapshot.tip, edit.path())?)));
        let ways: Vec<_> = ways.collect::<Result<_, AppsError>>()?;
        let unfetched = ways.into_iter().filter(|(_, place)| matches!(place, Place::Unfetched(_)));
        let needs: Vec<_> = unfetched.map(|(path, _)| Need::Content(path.clone())).collect();
        if !needs.is_empty() {
            self.gather(snapshot, &needs)?;
        }
        let time = git2::Time::new(at.as_second(), 0);
        let author = Signature::new(&self.author.name, &self.author.mail, &time).map_err(|why| local(&why))?;
        let commit = snapshot.store.write_commit(snapshot.tip, edits, message, &author)?;
        let push = Push { branch: &snapshot.branch, from: snapshot.tip, to: commit };
        let (mut attempt, started) = (1, Instant::now());
        loop {
            // Not every server knows how to put a thin pack together.
            let pack = snapshot.store.pack(commit, snapshot.tip, attempt == 1)?;
            let error = match push.send(&self.connection, &self.url, &pack)? {
                Pushed::Landed => return committed(commit),
                Pushed::TipMoved => return Ok(Committed::TipMoved),
                Pushed::Unknown(error) => error,
            };
            tracing::debug!(attempt, %error, "nobody knows how the push ended: looking");
            match self.whereabouts(snapshot, commit) {
                Ok(Whereabouts::Landed) => return committed(commit),
                Ok(Whereabouts::TipMoved) => return Ok(Committed::TipMoved),
                Ok(Whereabouts::NotThere) if attempt < PUSHES && started.elapsed() < PUSHED_AGAIN_WITHIN => {
                    std::thread::sleep(Duration::from_millis(100) * 4_u32.pow(attempt - 1));
                    attempt += 1;
                }
                Ok(Whereabouts::NotThere) | Err(_) => return Err(error),
            }
        }
    }

    /// What became of a push of which nobody knows how it ended.
    fn whereabouts(&self, snapshot: &GitSnapshot, commit: Oid) -> Result<Whereabouts, AppsError> {
        let mut server = lock(&self.server);
        let mut reader = Reader::open(&self.connection, &mut server, &self.url)?;
        let (_, tip) = reader.tip(Some(&snapshot.branch))?;
        if tip == commit {
            return Ok(Whereabouts::Landed);
        }
        if tip == snapshot.tip {
            return Ok(Whereabouts::NotThere);
        }
        reader.fetch_history(&snapshot.store, tip, snapshot.tip)?;
        let has_landed = snapshot.store.led_to(tip, commit);
        Ok(if has_landed { Whereabouts::Landed } else { Whereabouts::TipMoved })
    }
}

/// Where a commit is.
enum Whereabouts {
    /// On the branch.
    Landed,
    /// Not on the branch, which has moved on without it.
    TipMoved,
    /// Not on the branch, which is where it was.
    NotThere,
}

/// Fetches what is missing until nothing is.
fn complete(reader: &mut Reader<'_>, snapshot: &GitSnapshot, needs: &[Need]) -> Result<(), AppsError> {
    let (store, mut before) = (&snapshot.store, Missing::default());
    loop {
        let missing = store.missing(snapshot.tip, needs)?;
        if missing.is_empty() {
            return Ok(());
        }
        if missing == before {
            return Err(reader.left_out());
        }
        before.clone_from(&missing);
        if let Err(error) = fetch(reader, store, missing) {
            // One that hands out no single objects still hands out all of them.
            if !reader.leaves_nothing_out() {
                return Err(error);
            }
            reader.fetch(store, Tip { id: snapshot.tip, known: None, depth: None })?;
        }
    }
}

fn fetch(reader: &mut Reader<'_>, store: &Store, missing: Missing) -> Result<(), AppsError> {
    for (ids, alone) in [(missing.whole, false), (missing.alone, true)] {
        if !ids.is_empty() {
            reader.fetch_objects(store, &ids.into_iter().collect::<Vec<_>>(), alone)?;
        }
    }
    Ok(())
}

/// How deep the directories are through which the way leads to all that is needed.
fn depth(needs: &[Need]) -> Option<usize> {
    let depth = |need: &Need| need.path().components().count() + usize::from(matches!(need, Need::Names(_)));
    needs.iter().map(depth).max()
}

fn committed(commit: Oid) -> Result<Committed, AppsError> {
    commit.to_string().parse::<CommitId>().map(Committed::At).map_err(|why| local(&why))
}

pub(super) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
