//! The escrow behind its ports: `age`, a file on this machine, a file in the apps repository.

mod age;
mod file;
mod git;

pub use age::{AgeCipher, new_identity};
pub use file::FileSink;
pub use git::GitSink;

use crate::domain::escrow::{Ledger, Record};
use crate::effects::apps::Apps;
use crate::ports::{Appended, EscrowError, EscrowSink};

/// One place that keeps the escrow.
pub enum Sink {
    /// A file on this machine.
    File(FileSink),
    /// A file in the apps repository.
    Git(Box<GitSink<Apps>>),
}

impl EscrowSink for Sink {
    fn name(&self) -> String {
        match self {
            Self::File(file) => file.name(),
            Self::Git(git) => git.name(),
        }
    }

    async fn read(&self) -> Result<Ledger, EscrowError> {
        match self {
            Self::File(file) => file.read().await,
            Self::Git(git) => git.read().await,
        }
    }

    async fn append(&self, seen: &Ledger, record: &Record) -> Result<Appended, EscrowError> {
        match self {
            Self::File(file) => file.append(seen, record).await,
            Self::Git(git) => git.append(seen, record).await,
        }
    }
}
