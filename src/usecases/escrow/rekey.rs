//! The same contents, encrypted to other people.

use jiff::Timestamp;

use super::{Put, load, put};
use crate::domain::escrow::check::check;
use crate::domain::escrow::{Contents, Ledger, Record};
use crate::error::Error;
use crate::ports::{CipherError, EscrowCipher, EscrowError, EscrowSink};

/// How often it is begun anew when somebody else writes meanwhile.
const ATTEMPTS: u32 = 3;

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Rekey {
    /// The public keys of those who shall be able to open it.
    pub recipients: Vec<String>,
    /// The environment that it must be of, where one was named.
    pub environment: Option<String>,
    /// 32 hexadecimal digits of this run's own.
    pub run: String,
    /// The address of the run.
    pub run_url: Option<String>,
    /// The time.
    pub now: Timestamp,
    /// Whether to write nothing.
    pub dry_run: bool,
}

/// Whether what was encrypted was also decrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Proof {
    /// It was, with the identity that was given.
    Opened,
    /// The identity is none of the new recipients', so one of them has to.
    NotOurs,
}

/// What came of it.
#[derive(Debug)]
pub enum Rekeyed {
    /// The recipients are the same already.
    Unchanged {
        /// The generation that is.
        generation: u64,
    },
    /// A record with the new ciphertext is in the sinks, or would be.
    Done {
        /// The record.
        record: Box<Record>,
        /// Whether somebody has opened it.
        proof: Proof,
        /// The sinks that did not take it, and why.
        failed: Vec<(String, EscrowError)>,
    },
}

/// Encrypts the newest contents to other recipients, as the next generation. Earlier ones stay as they are.
///
/// # Errors
///
/// When there is nothing to encrypt, the identity does not open it, a recipient is none, or no sink takes it.
pub async fn rekey<S: EscrowSink>(sinks: &[S], cipher: &impl EscrowCipher, request: &Rekey) -> Result<Rekeyed, Error> {
    for _ in 0..ATTEMPTS {
        let ledger = load(sinks).await?;
        of_environment(&ledger, request.environment.as_deref())?;
        let current = ledger.current().ok_or(Error::NoKeys)?;
        let ciphertext = current.ciphertext.as_deref().unwrap_or_default();
        let contents = cipher.decrypt(ciphertext)?;
        check(current, &contents)?;
        if current.is_to(&request.recipients) {
            return Ok(Rekeyed::Unchanged { generation: current.generation });
        }
        let anew = cipher.encrypt_anew(ciphertext, &request.recipients)?;
        let proof = prove(cipher, &anew, &contents)?;
        let record = Record {
            generation: ledger.next_generation(),
            run: request.run.clone(),
            at: request.now,
            run_url: request.run_url.clone(),
            recipients: request.recipients.clone(),
            ciphertext: Some(anew),
            ..current.clone()
        };
        let done = |record, failed| Ok(Rekeyed::Done { record: Box::new(record), proof, failed });
        if request.dry_run {
            return done(record, Vec::new());
        }
        match put(sinks, &ledger, &record).await? {
            Put::Kept { failed } => return done(record, failed),
            Put::NotKept { mut failed } if !failed.is_empty() => return Err(failed.swap_remove(0).1.into()),
            Put::NotKept { .. } | Put::Moved => {}
        }
    }
    let sink = sinks.iter().map(EscrowSink::name).collect::<Vec<_>>().join("`, `");
    Err(EscrowError::Moved { sink }.into())
}

fn prove(cipher: &impl EscrowCipher, ciphertext: &str, contents: &Contents) -> Result<Proof, CipherError> {
    match cipher.decrypt(ciphertext) {
        Ok(opened) if opened == *contents => Ok(Proof::Opened),
        Ok(_) => Err(CipherError::Broken),
        Err(CipherError::NotForIdentity) => Ok(Proof::NotOurs),
        Err(why) => Err(why),
    }
}

/// Refuses an escrow that is of another environment than the one that was named.
///
/// # Errors
///
/// When it is.
pub fn of_environment(ledger: &Ledger, wanted: Option<&str>) -> Result<(), Error> {
    let found = ledger.latest().and_then(|record| record.environment.as_deref());
    match (found, wanted) {
        (Some(found), Some(wanted)) if found != wanted => {
            Err(Error::OtherEnvironment { found: found.escape_debug().to_string(), wanted: wanted.to_owned() })
        }
        _ => Ok(()),
    }
}
