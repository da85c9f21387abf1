//! The escrow in several places at once: what they hold together, and one more record for all of them.

mod rekey;
mod survey;
mod verify;

pub use rekey::{Proof, Rekey, Rekeyed, of_environment, rekey};
pub use survey::{Seen, Standing, Survey, survey};
pub use verify::{Checked, verify};

use crate::domain::escrow::{Ledger, Record};
use crate::ports::{Appended, EscrowError, EscrowSink};

/// How an attempt to keep a record ended.
#[derive(Debug)]
pub enum Put {
    /// At least one sink holds it, read back.
    Kept {
        /// The sinks that do not, and why.
        failed: Vec<(String, EscrowError)>,
    },
    /// A sink holds something newer, and none took the record: look again.
    Moved,
    /// No sink holds it.
    NotKept {
        /// All of them, and why.
        failed: Vec<(String, EscrowError)>,
    },
}

/// What all sinks hold together. One that lags behind is fine.
///
/// # Errors
///
/// When a sink can not be read, which is never taken for an empty one, or two of them disagree.
pub async fn load<S: EscrowSink>(sinks: &[S]) -> Result<Ledger, EscrowError> {
    let mut found = Vec::new();
    for sink in sinks {
        found.push((sink.name(), sink.read().await?));
    }
    union(&found.iter().map(|(name, ledger)| (name.clone(), ledger)).collect::<Vec<_>>())
}

/// What several ledgers hold together, each with its sink's name.
fn union(ledgers: &[(String, &Ledger)]) -> Result<Ledger, EscrowError> {
    let mut all = Ledger::default();
    for (index, (sink, ledger)) in ledgers.iter().enumerate() {
        all = all.merged(ledger).map_err(|source| {
            let before = ledgers[..index].iter().find(|(_, other)| other.merged(ledger).is_err());
            let other = before.map(|(name, _)| name.clone()).unwrap_or_default();
            EscrowError::Disagreement { sink: sink.clone(), other, source }
        })?;
    }
    Ok(all)
}

/// Adds a record to every sink, where `seen` is what all of them hold together. A sink that lags behind is brought up to
/// `seen` first. What was written is read back, and compared. A sink that disagrees with `seen` does not keep the others from
/// taking keys.
///
/// # Errors
///
/// When a sink disagrees with `seen`, and nothing is lost because the record holds no keys. Nothing was written then.
pub async fn put<S: EscrowSink>(sinks: &[S], seen: &Ledger, record: &Record) -> Result<Put, EscrowError> {
    let mut failed = Vec::new();
    let mut ready = Vec::new();
    // All of them are looked at before the first is written.
    let wanted = seen.with(record.clone());
    for sink in sinks {
        match sink.read().await {
            Ok(found) if found.is_start_of(&wanted) => ready.push((sink, found)),
            Ok(found) => match union(&[("what was read before".to_owned(), seen), (sink.name(), &found)]) {
                Ok(_) => return Ok(Put::Moved),
                Err(why) if record.has_keys() => failed.push((sink.name(), why)),
                Err(why) => return Err(why),
            },
            Err(why) => failed.push((sink.name(), why)),
        }
    }
    let mut is_kept = false;
    for (sink, found) in ready {
        match keep(sink, found, &wanted).await {
            Ok(()) => is_kept = true,
            Err(EscrowError::Moved { .. }) if !is_kept => return Ok(Put::Moved),
            Err(why) => failed.push((sink.name(), why)),
        }
    }
    Ok(if is_kept { Put::Kept { failed } } else { Put::NotKept { failed } })
}

/// The sinks that hold less than `all`, and nothing else. One that can not be read is not among them.
pub async fn lagging<'s, S: EscrowSink>(sinks: &'s [S], all: &Ledger) -> Vec<&'s S> {
    let mut lagging = Vec::new();
    // One sink alone is what `all` was read from.
    for sink in sinks.iter().filter(|_| sinks.len() > 1) {
        match sink.read().await {
            Ok(found) if found != *all && found.is_start_of(all) => lagging.push(sink),
            Ok(_) => {}
            Err(why) => tracing::warn!("the escrow `{}` can not be read: {why}", sink.name()),
        }
    }
    lagging
}

/// Brings a sink that lags behind up to `all`.
///
/// # Errors
///
/// When it can not be written, or somebody else is writing it.
pub async fn catch_up<S: EscrowSink>(sink: &S, all: &Ledger) -> Result<(), EscrowError> {
    keep(sink, sink.read().await?, all).await
}

/// Brings one sink from what was found in it to what is wanted, and reads it back.
async fn keep<S: EscrowSink>(sink: &S, mut found: Ledger, wanted: &Ledger) -> Result<(), EscrowError> {
    while let Some(missing) = wanted.records().get(found.records().len()) {
        match sink.append(&found, missing).await {
            Ok(Appended::Done) => found = found.with(missing.clone()),
            Ok(Appended::Moved) => return Err(EscrowError::Moved { sink: sink.name() }),
            // The answer may have been lost on the way, and the record be there.
            Err(why) => return if is_held(sink, wanted).await { Ok(()) } else { Err(why) },
        }
    }
    if is_held(sink, wanted).await {
        return Ok(());
    }
    let generation = wanted.latest().map_or(0, |record| record.generation);
    Err(EscrowError::NotReadBack { sink: sink.name(), generation })
}

/// Whether a sink gives back all that is wanted. One that can not be read does not.
async fn is_held<S: EscrowSink>(sink: &S, wanted: &Ledger) -> bool {
    sink.read().await.is_ok_and(|found| wanted.is_start_of(&found))
}

#[cfg(test)]
mod tests;
