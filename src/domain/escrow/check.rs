//! Whether what was decrypted is what the record promises.

use std::collections::BTreeSet;

use super::contents::Contents;
use super::record::Record;
use crate::secret::Secret;

/// The shares that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Held {
    /// How many, each counted once.
    pub shares: usize,
    /// Whether each person has one, encrypted with PGP: nobody can count what is inside of them.
    pub is_by_person: bool,
}

/// Fewer shares, or more, than the record says; or a record that says something else than when it was encrypted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Shortfall {
    /// Not as many as there should be.
    #[error("generation {generation} holds {found} different shares, and its record says {said}")]
    NotAsMany {
        /// Of the record.
        generation: u64,
        /// How many are there.
        found: usize,
        /// How many should be.
        said: u32,
    },
    /// So few that they never unseal it.
    #[error("generation {generation} holds {found} different shares, and {threshold} are needed to unseal")]
    TooFew {
        /// Of the record.
        generation: u64,
        /// How many are there.
        found: usize,
        /// How many are needed.
        threshold: u32,
    },
    /// What everybody may see was changed afterwards.
    #[error("the escrow was edited: in generation {generation}, its `{field}` is not what was encrypted with the keys")]
    Edited {
        /// Of the record.
        generation: u64,
        /// What was changed.
        field: &'static str,
    },
}

/// Holds what a record says against what was encrypted with the keys, where it was.
///
/// # Errors
///
/// When somebody has edited the record.
pub fn check_sealed(record: &Record, contents: &Contents) -> Result<(), Shortfall> {
    let Some(sealed) = &contents.sealed else { return Ok(()) };
    let differing = [
        ("addresses", record.addresses.iter().any(|address| !sealed.addresses.contains(address))),
        ("threshold", record.threshold != sealed.threshold),
        ("shares", record.shares != sealed.shares),
        ("seal_type", record.seal_type != sealed.seal_type),
        ("environment", record.environment != sealed.environment),
        // It is not known before the Vault was unsealed with the keys.
        ("cluster_id", sealed.cluster_id.is_some() && record.cluster_id != sealed.cluster_id),
    ];
    match differing.into_iter().find(|(_, differs)| *differs) {
        Some((field, _)) => Err(Shortfall::Edited { generation: record.generation, field }),
        None => Ok(()),
    }
}

/// Counts the shares, and holds them against the record.
///
/// # Errors
///
/// When there are not as many as the record says, or fewer than are needed; or the record was edited.
pub fn check(record: &Record, contents: &Contents) -> Result<Held, Shortfall> {
    check_sealed(record, contents)?;
    let is_by_person = !record.pgp_shares.is_empty();
    let found = if is_by_person {
        record.pgp_shares.iter().map(|share| share.share.as_str()).collect::<BTreeSet<_>>().len()
    } else if contents.unseal_shares.is_empty() {
        different(&contents.recovery_shares)
    } else {
        different(&contents.unseal_shares)
    };
    let generation = record.generation;
    let is_fewer_than = |wanted: u32| usize::try_from(wanted).map_or(true, |wanted| found < wanted);
    if is_fewer_than(record.threshold.max(1)) {
        return Err(Shortfall::TooFew { generation, found, threshold: record.threshold.max(1) });
    }
    if usize::try_from(record.shares).ok() != Some(found) {
        return Err(Shortfall::NotAsMany { generation, found, said: record.shares });
    }
    Ok(Held { shares: found, is_by_person })
}

fn different(secrets: &[Secret]) -> usize {
    secrets.iter().map(Secret::expose).collect::<BTreeSet<_>>().len()
}
