//! The apps repository by whichever backend fits it.

use std::sync::atomic::{AtomicBool, Ordering};

use jiff::Timestamp;

use super::forge::{GitHubRepository, GitHubSnapshot};
use super::git::{GitRepository, GitSnapshot};
use crate::domain::guard::Cleared;
use crate::domain::path::RepoPath;
use crate::ports::{AppsError, AppsRepository, Committed, Entry, EntryKind, Need, Snapshot};

/// The apps repository.
pub enum Apps {
    /// Any Git server.
    Git(GitRepository),
    /// GitHub's API, and nothing else.
    GitHub(GitHubRepository),
    /// GitHub's API as long as it can do what is asked of it, else Git.
    Auto(Box<Auto>),
}

/// GitHub's API, and what there is to fall back on.
pub struct Auto {
    github: GitHubRepository,
    git: GitRepository,
    /// Whether it came to that in this run.
    has_fallen_back: AtomicBool,
}

/// One commit of the apps repository.
pub enum AppsSnapshot {
    /// As Git has it.
    Git(GitSnapshot),
    /// As GitHub's API tells it.
    GitHub(GitHubSnapshot),
}

impl Apps {
    /// GitHub's API, with Git to fall back on.
    #[must_use]
    pub fn auto(github: GitHubRepository, git: GitRepository) -> Self {
        Self::Auto(Box::new(Auto { github, git, has_fallen_back: AtomicBool::new(false) }))
    }
}

impl Auto {
    fn falls_back(&self, message: &str) {
        tracing::info!("the forge's API can not do this ({message}): going on with `git`");
        self.has_fallen_back.store(true, Ordering::Relaxed);
    }

    async fn observe(&self, needs: &[Need]) -> Result<AppsSnapshot, AppsError> {
        if !self.has_fallen_back.load(Ordering::Relaxed) {
            match self.github.observe(needs).await {
                Err(AppsError::Unsupported { message, .. }) => self.falls_back(&message),
                result => return result.map(AppsSnapshot::GitHub),
            }
        }
        self.git.observe(needs).await.map(AppsSnapshot::Git)
    }

    async fn commit(
        &self,
        snapshot: &AppsSnapshot,
        change: &Cleared<'_>,
        at: Timestamp,
    ) -> Result<Committed, AppsError> {
        let snapshot = match snapshot {
            AppsSnapshot::Git(snapshot) => return self.git.commit(snapshot, change, at).await,
            AppsSnapshot::GitHub(snapshot) => snapshot,
        };
        match self.github.commit(snapshot, change, at).await {
            Err(AppsError::Unsupported { message: why, .. }) => {
                self.falls_back(&why);
                self.commit_with_git(snapshot, change, at).await
            }
            result => result,
        }
    }

    /// Puts a commit by Git on top of what GitHub's API told, if Git finds the branch there.
    async fn commit_with_git(
        &self,
        snapshot: &GitHubSnapshot,
        change: &Cleared<'_>,
        at: Timestamp,
    ) -> Result<Committed, AppsError> {
        let needs: Vec<_> = change.edits().iter().map(|edit| Need::Content(edit.path().clone())).collect();
        let seen = self.git.observe(&needs).await?;
        if seen.is(snapshot.branch(), snapshot.commit_id()) {
            self.git.commit(&seen, change, at).await
        } else {
            Ok(Committed::TipMoved)
        }
    }
}

impl AppsRepository for Apps {
    type Snapshot = AppsSnapshot;

    async fn observe(&self, needs: &[Need]) -> Result<AppsSnapshot, AppsError> {
        match self {
            Self::Git(git) => git.observe(needs).await.map(AppsSnapshot::Git),
            Self::GitHub(github) => github.observe(needs).await.map(AppsSnapshot::GitHub),
            Self::Auto(auto) => auto.observe(needs).await,
        }
    }

    async fn commit(
        &self,
        snapshot: &AppsSnapshot,
        change: &Cleared<'_>,
        at: Timestamp,
    ) -> Result<Committed, AppsError> {
        match (self, snapshot) {
            (Self::Git(git), AppsSnapshot::Git(snapshot)) => git.commit(snapshot, change, at).await,
            (Self::GitHub(github), AppsSnapshot::GitHub(snapshot)) => github.commit(snapshot, change, at).await,
            (Self::Auto(auto), snapshot) => auto.commit(snapshot, change, at).await,
            (Self::Git(_), AppsSnapshot::GitHub(_)) | (Self::GitHub(_), AppsSnapshot::Git(_)) => {
                Err(AppsError::Local { message: "a commit can not be made on top of another backend's".to_owned() })
            }
        }
    }
}

impl Snapshot for AppsSnapshot {
    async fn gather(&self, needs: &[Need]) -> Result<(), AppsError> {
        match self {
            Self::Git(snapshot) => snapshot.gather(needs).await,
            Self::GitHub(snapshot) => snapshot.gather(needs).await,
        }
    }

    async fn gather_at_once(&self, needs: &[Need]) -> Result<(), AppsError> {
        match self {
            Self::Git(snapshot) => snapshot.gather_at_once(needs).await,
            Self::GitHub(snapshot) => snapshot.gather_at_once(needs).await,
        }
    }

    async fn entry(&self, path: &RepoPath) -> Result<Entry, AppsError> {
        match self {
            Self::Git(snapshot) => snapshot.entry(path).await,
            Self::GitHub(snapshot) => snapshot.entry(path).await,
        }
    }

    async fn bytes(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, AppsError> {
        match self {
            Self::Git(snapshot) => snapshot.bytes(path).await,
            Self::GitHub(snapshot) => snapshot.bytes(path).await,
        }
    }

    async fn list(&self, directory: &RepoPath) -> Result<Vec<(String, EntryKind)>, AppsError> {
        match self {
            Self::Git(snapshot) => snapshot.list(directory).await,
            Self::GitHub(snapshot) => snapshot.list(directory).await,
        }
    }
}
