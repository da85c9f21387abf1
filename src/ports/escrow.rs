//! The escrow: where its records are kept, and what encrypts them.

use std::future::Future;
use std::io;
use std::time::Duration;

use super::{AppsError, EntryKind};
use crate::domain::escrow::{Contents, ContentsError, Disagreement, Ledger, LedgerError, Record};
use crate::domain::guard::Leak;

/// One place that keeps the escrow's records, and never loses one.
pub trait EscrowSink {
    /// What people call it, such as `file:vault.escrow`.
    fn name(&self) -> String;

    /// What it holds now; an empty ledger only where there is certainly none yet.
    fn read(&self) -> impl Future<Output = Result<Ledger, EscrowError>> + Send;

    /// Adds a record to what was `seen` there, provided that it still is what is there.
    fn append(&self, seen: &Ledger, record: &Record) -> impl Future<Output = Result<Appended, EscrowError>> + Send;
}

/// How an attempt to add a record ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Appended {
    /// It is there.
    Done,
    /// Something else is there than what was seen: look again.
    Moved,
}

/// Why the escrow could not be read or written.
#[derive(Debug, thiserror::Error)]
pub enum EscrowError {
    /// This machine does not let it be read.
    #[error("the escrow `{sink}` can not be read")]
    Unreadable {
        /// Which one.
        sink: String,
        /// Why.
        source: io::Error,
    },
    /// This machine does not let it be written. What was there is untouched.
    #[error("the escrow `{sink}` can not be written; what it held is as it was")]
    Unwritable {
        /// Which one.
        sink: String,
        /// Why.
        source: io::Error,
    },
    /// Another program has it.
    #[error("another program has held the escrow `{sink}` for {patience:?}")]
    Locked {
        /// Which one.
        sink: String,
        /// How long it was waited for.
        patience: Duration,
    },
    /// Something else is in its place.
    #[error("the escrow `{sink}` is {}, which Bivouac does not follow or replace", .kind.map_or("no file", EntryKind::with_article))]
    InTheWay {
        /// Which one.
        sink: String,
        /// What is there, where there is a word for it.
        kind: Option<EntryKind>,
    },
    /// What would be committed holds a secret in plain sight.
    #[error("the escrow `{sink}` was not written")]
    Leak {
        /// Which one.
        sink: String,
        /// What was found.
        source: Leak,
    },
    /// The apps repository can not be read or written.
    #[error("the escrow `{sink}` can not be read or written")]
    Apps {
        /// Which one.
        sink: String,
        /// Why.
        source: AppsError,
    },
    /// The apps repository's tip kept moving.
    #[error(
        "the tip under the escrow `{sink}` moved {attempts} times in a row, for longer than the patience of {patience:?}"
    )]
    Contended {
        /// Which one.
        sink: String,
        /// How many commits were tried.
        attempts: u32,
        /// How long was allowed.
        patience: Duration,
    },
    /// What is there is no ledger.
    #[error("the escrow `{sink}` is broken")]
    Broken {
        /// Which one.
        sink: String,
        /// What is wrong.
        source: LedgerError,
    },
    /// Two places say different things.
    #[error("the escrow `{sink}` disagrees with `{other}`")]
    Disagreement {
        /// One of them.
        sink: String,
        /// The other one, or others.
        other: String,
        /// About what.
        source: Disagreement,
    },
    /// What was written is not what is read.
    #[error("the escrow `{sink}` took generation {generation}, and does not give it back")]
    NotReadBack {
        /// Which one.
        sink: String,
        /// What was written.
        generation: u64,
    },
    /// Somebody else has written there meanwhile.
    #[error("the escrow `{sink}` was written by somebody else meanwhile")]
    Moved {
        /// Which one.
        sink: String,
    },
}

/// Encrypts to several people, and decrypts for one of them.
pub trait EscrowCipher {
    /// Encrypts to all of `recipients`, so that each of them can open it alone. In armour.
    ///
    /// # Errors
    ///
    /// When a recipient is none, or stands twice, or there are fewer than two.
    fn encrypt(&self, contents: &Contents, recipients: &[String]) -> Result<String, CipherError>;

    /// Decrypts with the identity.
    ///
    /// # Errors
    ///
    /// When there is no identity, or it does not open it, or what is inside is something else.
    fn decrypt(&self, ciphertext: &str) -> Result<Contents, CipherError>;

    /// Decrypts, and encrypts the very same text to others.
    ///
    /// # Errors
    ///
    /// Those of both.
    fn encrypt_anew(&self, ciphertext: &str, recipients: &[String]) -> Result<String, CipherError> {
        self.encrypt(&self.decrypt(ciphertext)?, recipients)
    }

    /// Whether there is an identity, so that something can be decrypted at all.
    fn has_identity(&self) -> bool;

    /// Encrypts a test to each recipient, and decrypts one that is to all of them where there is an identity.
    ///
    /// # Errors
    ///
    /// When a recipient is none, stands twice, or the identity does not open what is encrypted to all.
    fn try_out(&self, recipients: &[String]) -> Result<(), CipherError>;
}

/// Why something was not encrypted or decrypted. It never quotes a secret.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CipherError {
    /// Nothing to decrypt with.
    #[error("there is no identity to open the escrow with")]
    NoIdentity,
    /// It is encrypted to others.
    #[error("the identity does not open the escrow: it is encrypted to others")]
    NotForIdentity,
    /// Not somebody that can be encrypted to.
    #[error("`{which}` is no recipient: {why}")]
    BadRecipient {
        /// What was given.
        which: String,
        /// What is wrong.
        why: String,
    },
    /// One person could lose it.
    #[error("an escrow needs two recipients or more, one of them kept offline, and there is {given}")]
    TooFewRecipients {
        /// How many there are.
        given: usize,
    },
    /// Not something to decrypt with.
    #[error("the identity can not be used: {why}")]
    BadIdentity {
        /// What is wrong.
        why: String,
    },
    /// Not what was encrypted.
    #[error("the ciphertext of the escrow is broken: it was changed, or cut")]
    Broken,
    /// It opens, and something else is inside.
    #[error("the escrow opens, and what is inside makes no sense")]
    Contents(#[from] ContentsError),
}
