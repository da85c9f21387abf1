//! The escrow in a file on this machine.
//!
//! A record is added by writing the whole text beside the file and renaming it into place, not by appending: a full disk or
//! a power cut then leaves the old file or the new one, and never a part. Whoever does that holds the lock on a second file,
//! `PATH.lock`, which stays: a lock on the file itself would be one on what is about to be replaced.

use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::str::Utf8Error;
use std::thread;
use std::time::{Duration, Instant};

use tempfile::NamedTempFile;

use crate::domain::escrow::{Ledger, LedgerError, Record};
use crate::ports::{Appended, EntryKind, EscrowError, EscrowSink};

/// How long another program may hold the lock.
const PATIENCE: Duration = Duration::from_secs(30);
/// How often it is looked whether it still does.
const PAUSE: Duration = Duration::from_millis(20);

/// A file that only its owner may read.
#[derive(Debug, Clone)]
pub struct FileSink {
    path: PathBuf,
}

impl FileSink {
    /// The file at `path`, whose directory must exist.
    #[must_use]
    pub fn new(path: PathBuf) -> Self {
        Self { path }
    }

    fn unreadable(&self, source: io::Error) -> EscrowError {
        EscrowError::Unreadable { sink: self.name(), source }
    }

    fn unwritable(&self, source: io::Error) -> EscrowError {
        EscrowError::Unwritable { sink: self.name(), source }
    }

    fn directory(&self) -> &Path {
        self.path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."))
    }

    fn lock_file(&self) -> PathBuf {
        let mut name = self.path.clone().into_os_string();
        name.push(".lock");
        name.into()
    }

    /// Whether there is a file at `path`; something else there is refused.
    fn is_there(&self, path: &Path) -> Result<bool, EscrowError> {
        let kind = match fs::symlink_metadata(path) {
            Ok(metadata) if metadata.is_file() => return Ok(true),
            Ok(metadata) if metadata.is_symlink() => Some(EntryKind::Symlink),
            Ok(metadata) if metadata.is_dir() => Some(EntryKind::Directory),
            Ok(_) => None,
            Err(why) if why.kind() == io::ErrorKind::NotFound => return Ok(false),
            Err(why) => return Err(self.unreadable(why)),
        };
        Err(EscrowError::InTheWay { sink: format!("file:{}", path.display()), kind })
    }

    fn read_now(&self) -> Result<Ledger, EscrowError> {
        let text = if self.is_there(&self.path)? {
            let bytes = fs::read(&self.path).map_err(|why| self.unreadable(why))?;
            String::from_utf8(bytes).map_err(|why| EscrowError::Broken {
                sink: self.name(),
                source: no_text(why.as_bytes(), why.utf8_error()),
            })?
        } else {
            // Where the directory is missing too, the path is wrong rather than the escrow empty.
            fs::metadata(self.directory()).map_err(|why| self.unreadable(why))?;
            String::new()
        };
        Ledger::parse(&text).map_err(|source| EscrowError::Broken { sink: self.name(), source })
    }

    fn append_now(&self, seen: &Ledger, record: &Record) -> Result<Appended, EscrowError> {
        // What is refused leaves no lock behind.
        self.is_there(&self.path)?;
        let lock = self.lock()?;
        let found = self.read_now()?;
        let wanted = found.with(record.clone());
        let appended = if found == *seen {
            self.replace(&wanted.to_text()).map_err(|why| self.unwritable(why))?;
            Appended::Done
        } else {
            Appended::Moved
        };
        drop(lock);
        Ok(appended)
    }

    /// Waits until no other program is writing. The lock goes when the file is closed, also by a program that dies.
    fn lock(&self) -> Result<File, EscrowError> {
        let path = self.lock_file();
        self.is_there(&path)?;
        let file = private(&path).map_err(|why| self.unwritable(why))?;
        let started = Instant::now();
        loop {
            match file.try_lock() {
                Ok(()) => return Ok(file),
                Err(TryLockError::WouldBlock) if started.elapsed() < PATIENCE => thread::sleep(PAUSE),
                Err(TryLockError::WouldBlock) => {
                    return Err(EscrowError::Locked { sink: self.name(), patience: PATIENCE });
                }
                Err(TryLockError::Error(why)) => return Err(self.unwritable(why)),
            }
        }
    }

    /// Puts a file with `text` in the place of the old one. It is on the disk when this returns.
    fn replace(&self, text: &str) -> io::Result<()> {
        // Made with the mode 0600.
        let mut new = NamedTempFile::with_prefix_in(".bivouac-escrow-", self.directory())?;
        new.write_all(text.as_bytes())?;
        new.as_file().sync_all()?;
        new.persist(&self.path).map_err(|kept| kept.error)?;
        sync(self.directory())
    }
}

impl EscrowSink for FileSink {
    fn name(&self) -> String {
        format!("file:{}", self.path.display())
    }

    async fn read(&self) -> Result<Ledger, EscrowError> {
        let sink = self.clone();
        let done = tokio::task::spawn_blocking(move || sink.read_now()).await;
        done.unwrap_or_else(|why| Err(self.unreadable(io::Error::other(why))))
    }

    async fn append(&self, seen: &Ledger, record: &Record) -> Result<Appended, EscrowError> {
        let (sink, seen, record) = (self.clone(), seen.clone(), record.clone());
        let done = tokio::task::spawn_blocking(move || sink.append_now(&seen, &record)).await;
        done.unwrap_or_else(|why| Err(self.unwritable(io::Error::other(why))))
    }
}

/// What is wrong with a file whose bytes are no text.
fn no_text(bytes: &[u8], error: Utf8Error) -> LedgerError {
    let line = String::from_utf8_lossy(&bytes[..error.valid_up_to()]).matches('\n').count() + 1;
    LedgerError::NotARecord { line, why: "it is no text".to_owned() }
}

/// Opens a file of ours for writing, made where there is none.
fn private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Makes a rename last: the name is in the directory, which is written by itself.
#[cfg(unix)]
fn sync(directory: &Path) -> io::Result<()> {
    File::open(directory)?.sync_all()
}

/// A directory can not be opened here, and renames are written through.
#[cfg(not(unix))]
#[expect(clippy::unnecessary_wraps, reason = "on Unix it can fail")]
fn sync(_: &Path) -> io::Result<()> {
    Ok(())
}

#[cfg(test)]
mod tests;
