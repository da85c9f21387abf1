//! One commit of a repository on GitHub, read as far as it is needed.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use super::known::{Known, Look, Text};
use super::questions::{Ask, Question, Revision};
use super::reading::{self, Tip};
use super::remote::Remote;
use crate::domain::path::RepoPath;
use crate::ports::{AppsError, Entry, EntryKind, Need, Snapshot};

/// The paths in one question.
const PATHS: usize = 50;
/// The most rounds of questions for one need: as many as directories may be in one another, and then some.
const ROUNDS: usize = 200;

/// The tip of a branch, and what was read of it.
#[derive(Clone)]
pub struct GitHubSnapshot {
    pub(super) remote: Arc<Remote>,
    pub(super) tip: Tip,
    known: Arc<Mutex<Known>>,
}

impl GitHubSnapshot {
    pub(super) fn new(remote: Arc<Remote>, tip: Tip, known: Known) -> Self {
        Self { remote, tip, known: Arc::new(Mutex::new(known)) }
    }

    /// The branch.
    pub(in crate::effects) fn branch(&self) -> &str {
        &self.tip.branch
    }

    /// The commit.
    pub(in crate::effects) fn commit_id(&self) -> &str {
        &self.tip.oid
    }

    pub(super) fn known(&self) -> MutexGuard<'_, Known> {
        self.known.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Reads what is needed and not at hand.
    pub(super) async fn read(&self, needs: &[Need]) -> Result<(), AppsError> {
        self.read_missing(|known| known.missing(needs)).await
    }

    /// Asks until nothing is missing any more.
    pub(super) async fn read_missing(&self, missing: impl Fn(&Known) -> Vec<Ask>) -> Result<(), AppsError> {
        for _ in 0..ROUNDS {
            let asks = missing(&self.known());
            if asks.is_empty() {
                return Ok(());
            }
            for asks in asks.chunks(PATHS) {
                self.ask(asks).await?;
            }
        }
        Err(self.remote.senseless("it does not tell what it is asked for"))
    }

    async fn ask(&self, asks: &[Ask]) -> Result<(), AppsError> {
        let question = Question::new(Revision::Commit(&self.tip.oid), asks);
        let what = "read it";
        let mut told = self.remote.ask(question.name, &question.text, question.variables, what).await?;
        reading::learn(&mut self.known(), &mut told, asks).map_err(|why| self.remote.senseless(&why))
    }

    /// What is known of a path: its entry, or the file whose text is still to be read.
    fn found(&self, path: &RepoPath) -> Found {
        let known = self.known();
        match known.look(path) {
            Look::Absent => Found::Entry(Entry::Absent),
            Look::Directory(_) => Found::Entry(Entry::Directory),
            Look::InTheWay(path, kind) => Found::Entry(Entry::InTheWay { path, kind }),
            Look::Unknown(_) => Found::Unread,
            Look::File(file) => match &file.text {
                Text::Is(text) => Found::Entry(Entry::File(text.clone())),
                Text::Other => Found::NotText,
                Text::Unread => Found::Unread,
                Text::Withheld => Found::Withheld(file.oid.clone()),
                Text::Archived => match known.archived(&file.oid).map(str::from_utf8) {
                    Some(Ok(text)) => Found::Entry(Entry::File(text.to_owned())),
                    Some(Err(_)) => Found::NotText,
                    None => Found::Unread,
                },
            },
        }
    }

    /// The bytes of a file as far as they are known, or what it takes to read them.
    fn found_bytes(&self, path: &RepoPath) -> Bytes {
        let known = self.known();
        match known.look(path) {
            Look::File(file) => match &file.text {
                Text::Is(text) => Bytes::Are(text.clone().into_bytes()),
                Text::Archived => known.archived(&file.oid).map_or(Bytes::Unread, |bytes| Bytes::Are(bytes.to_vec())),
                Text::Unread | Text::Other | Text::Withheld => Bytes::Of(file.oid.clone()),
            },
            Look::Unknown(_) => Bytes::Unread,
            Look::Absent | Look::Directory(_) | Look::InTheWay(..) => Bytes::None,
        }
    }
}

enum Found {
    Entry(Entry),
    NotText,
    Unread,
    Withheld(String),
}

enum Bytes {
    Are(Vec<u8>),
    /// Those of the file with this id.
    Of(String),
    /// There is no file.
    None,
    Unread,
}

impl Snapshot for GitHubSnapshot {
    async fn gather(&self, needs: &[Need]) -> Result<(), AppsError> {
        self.read(needs).await
    }

    async fn gather_at_once(&self, needs: &[Need]) -> Result<(), AppsError> {
        let (is_missing, has_archive) = {
            let known = self.known();
            (!known.missing(needs).is_empty(), known.has_archive())
        };
        if is_missing && !has_archive {
            // What is in an archive counts by its id: that of the top has to be known.
            if !self.known().has_directory_id(&RepoPath::top()) {
                self.read(&[Need::Names(RepoPath::top())]).await?;
            }
            let archive = self.remote.archive(&self.tip.oid).await?;
            self.known().take_in(archive);
        }
        self.read(needs).await
    }

    async fn entry(&self, path: &RepoPath) -> Result<Entry, AppsError> {
        let mut found = self.found(path);
        if matches!(found, Found::Unread) {
            self.read(&[Need::Content(path.clone())]).await?;
            found = self.found(path);
        }
        if let Found::Withheld(oid) = found {
            let bytes = self.remote.blob(&oid).await?;
            let text = String::from_utf8(bytes).map_or(Text::Other, Text::Is);
            self.known().learn_text(path, text);
            found = self.found(path);
        }
        match found {
            Found::Entry(entry) => Ok(entry),
            Found::NotText => Err(AppsError::NotText { path: path.clone() }),
            Found::Unread | Found::Withheld(_) => Err(self.remote.senseless("it does not tell what it is asked for")),
        }
    }

    async fn bytes(&self, path: &RepoPath) -> Result<Option<Vec<u8>>, AppsError> {
        let mut found = self.found_bytes(path);
        if matches!(found, Bytes::Unread) {
            self.read(&[Need::Content(path.clone())]).await?;
            found = self.found_bytes(path);
        }
        match found {
            Bytes::Are(bytes) => Ok(Some(bytes)),
            Bytes::Of(oid) => self.remote.blob(&oid).await.map(Some),
            Bytes::None => Ok(None),
            Bytes::Unread => Err(self.remote.senseless("it does not tell what it is asked for")),
        }
    }

    async fn list(&self, directory: &RepoPath) -> Result<Vec<(String, EntryKind)>, AppsError> {
        self.read_missing(|known| known.missing_listing(directory)).await?;
        match self.known().look(directory) {
            Look::Directory(Some(listing)) => Ok(listing.names.clone()),
            _ => Ok(Vec::new()),
        }
    }
}
