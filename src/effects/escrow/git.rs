//! The escrow in the apps repository: one file, changed by compare-and-swap on the branch's tip.

use std::time::{Duration, Instant};

use jiff::Timestamp;

use crate::domain::escrow::{EscrowMessage, Ledger, Record};
use crate::domain::guard::Guard;
use crate::domain::path::RepoPath;
use crate::domain::plan::Edit;
use crate::domain::retry::RetryPolicy;
use crate::ports::{
    Appended, AppsError, AppsRepository, Committed, Entry, EntryKind, EscrowError, EscrowSink, Need, Snapshot,
};
use crate::secret::KnownSecrets;

/// A file in the apps repository.
pub struct GitSink<A> {
    apps: A,
    path: RepoPath,
    patience: Duration,
    now: Timestamp,
    secrets: KnownSecrets,
}

impl<A: AppsRepository> GitSink<A> {
    /// The file at `path`. A commit is tried again for as long as `patience` while the tip moves; `now` is the time of commits, and
    /// none of the `secrets` is ever committed.
    #[must_use]
    pub fn new(apps: A, path: RepoPath, patience: Duration, now: Timestamp, secrets: KnownSecrets) -> Self {
        Self { apps, path, patience, now, secrets }
    }

    fn sink(&self) -> String {
        format!("git:{}", self.path)
    }

    fn failed(&self, source: AppsError) -> EscrowError {
        EscrowError::Apps { sink: self.sink(), source }
    }

    async fn look(&self) -> Result<(A::Snapshot, Option<String>, Ledger), EscrowError> {
        let snapshot = self.apps.observe(&[Need::Content(self.path.clone())]).await.map_err(|why| self.failed(why))?;
        let text = match snapshot.entry(&self.path).await.map_err(|why| self.failed(why))? {
            Entry::Absent => None,
            Entry::File(text) => Some(text),
            Entry::Directory => return Err(in_the_way(&self.path, EntryKind::Directory)),
            Entry::InTheWay { path, kind } => return Err(in_the_way(&path, kind)),
        };
        let ledger = Ledger::parse(text.as_deref().unwrap_or_default());
        let ledger = ledger.map_err(|source| EscrowError::Broken { sink: self.sink(), source })?;
        Ok((snapshot, text, ledger))
    }
}

impl<A> EscrowSink for GitSink<A>
where
    A: AppsRepository + Sync,
    A::Snapshot: Send,
{
    fn name(&self) -> String {
        self.sink()
    }

    async fn read(&self) -> Result<Ledger, EscrowError> {
        Ok(self.look().await?.2)
    }

    async fn append(&self, seen: &Ledger, record: &Record) -> Result<Appended, EscrowError> {
        let policy = RetryPolicy::for_a_moving_tip(self.patience);
        let started = Instant::now();
        let mut attempts = 0;
        loop {
            let (snapshot, before, found) = self.look().await?;
            if found != *seen {
                // An answer may have been lost on the way, and the commit be there.
                let is_ours = attempts > 0 && found == seen.with(record.clone());
                return Ok(if is_ours { Appended::Done } else { Appended::Moved });
            }
            let after = found.with(record.clone()).to_text();
            let edits = [Edit::Write { path: self.path.clone(), before, after }];
            let message = EscrowMessage { path: &self.path, record }.to_string();
            let known = self.secrets.known();
            let leak = |source| EscrowError::Leak { sink: self.sink(), source };
            let change = Guard::new(&known).of_ciphertext().clear(&edits, &message).map_err(leak)?;
            let at = self.now.max(record.at);
            match self.apps.commit(&snapshot, &change, at).await.map_err(|why| self.failed(why))? {
                Committed::At(commit) => {
                    tracing::debug!(%commit, "the escrow has a new record");
                    return Ok(Appended::Done);
                }
                Committed::TipMoved => attempts += 1,
            }
            let Some(wait) = policy.wait(attempts, started.elapsed(), rand::random()) else {
                return Err(EscrowError::Contended { sink: self.sink(), attempts, patience: self.patience });
            };
            tracing::info!(attempts, ?wait, "the apps repository's tip has moved: looking again");
            tokio::time::sleep(wait).await;
        }
    }
}

/// What is in the way is named by its own path: it may be a directory above the file.
fn in_the_way(path: &RepoPath, kind: EntryKind) -> EscrowError {
    EscrowError::InTheWay { sink: format!("git:{path}"), kind: Some(kind) }
}
