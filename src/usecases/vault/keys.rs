//! What the escrow holds, as far as it can be opened.

use super::Run;
use crate::domain::escrow::check::check_sealed;
use crate::domain::escrow::{Contents, Ledger, Phase, Record};
use crate::domain::vault::address::NodeAddress;
use crate::domain::vault::decision::{Held, Shares};
use crate::error::{BootstrapError, Error};
use crate::ports::vault::{HandOver, Mark, Vault};
use crate::ports::{CipherError, EscrowCipher, EscrowSink};
use crate::secret::Secret;
use crate::usecases::escrow::{self, Put};

/// The contents of the record that counts.
pub(super) enum Keys {
    /// There is none.
    Nothing,
    /// It is encrypted to others, or there is no identity.
    Locked,
    /// Open.
    Open {
        /// Of which generation.
        generation: u64,
        /// What is inside.
        contents: Box<Contents>,
    },
}

/// Whether the last that was written down is an intent: an initialisation was begun, and its keys are not there.
fn is_begun(ledger: &Ledger) -> bool {
    ledger.latest().is_some_and(|record| record.phase == Phase::Intent)
}

/// The record of the run that has announced keys in this escrow, the newest of them if there are several. Others are of
/// other Vaults.
fn of_intent(ledger: &Ledger, aside: Vec<Record>) -> Option<Record> {
    let announced = |record: &Record| {
        ledger.records().iter().rposition(|known| known.phase == Phase::Intent && known.run == record.run)
    };
    let known = aside.into_iter().filter_map(|record| Some((announced(&record)?, record)));
    known.max_by_key(|(place, _)| *place).map(|(_, record)| record)
}

impl<V, S, C, H> Run<'_, V, S, C, H>
where
    V: Vault,
    S: EscrowSink + Sync,
    C: EscrowCipher + Sync,
    H: HandOver,
{
    /// Opens the record that counts, if it is not open yet; takes in what an earlier run had to set aside.
    pub(super) async fn open_escrow(&mut self) -> Result<(), BootstrapError> {
        self.take_in().await?;
        let Some(record) = self.ledger.current() else {
            self.keys = Keys::Nothing;
            return Ok(());
        };
        if matches!(&self.keys, Keys::Open { generation, .. } if *generation == record.generation) {
            return Ok(());
        }
        let generation = record.generation;
        self.keys = match self.world.cipher.decrypt(record.ciphertext.as_deref().unwrap_or_default()) {
            Ok(contents) => {
                mask_all(self.world.hands, &contents);
                // Before any share goes to an address that only an edited record knows.
                check_sealed(record, &contents).map_err(|why| Box::new(Error::from(why)))?;
                Keys::Open { generation, contents: Box::new(contents) }
            }
            Err(CipherError::NoIdentity | CipherError::NotForIdentity) => Keys::Locked,
            Err(error) => return Err(error.into()),
        };
        Ok(())
    }

    /// Writes into the escrow what an earlier run on this machine could only set aside.
    async fn take_in(&mut self) -> Result<(), BootstrapError> {
        if !is_begun(&self.ledger) || self.request.mode != super::Mode::Apply {
            return Ok(());
        }
        let Some(mut record) = of_intent(&self.ledger, self.world.hands.aside()) else { return Ok(()) };
        record.generation = self.ledger.next_generation();
        self.keep(record.clone()).await?;
        self.world.hands.forget_aside(&record);
        Ok(())
    }

    /// Writes a record to every sink; one of them is enough, and the others are told of. `false` when another run has written
    /// meanwhile, and everything has to be looked at again.
    pub(super) async fn keep(&mut self, mut record: Record) -> Result<bool, BootstrapError> {
        loop {
            match escrow::put(self.world.sinks, &self.ledger, &record).await? {
                Put::Kept { failed } => {
                    for (sink, why) in failed {
                        tracing::warn!("the escrow `{sink}` did not take generation {}: {why}", record.generation);
                    }
                    self.ledger = self.ledger.with(record);
                    self.outcome.has_changed = true;
                    return Ok(true);
                }
                Put::Moved => {
                    self.ledger = escrow::load(self.world.sinks).await?;
                    // Keys that nobody else has are never given up; all else depends on what others have written.
                    if record.phase != Phase::Captured {
                        return Ok(false);
                    }
                    record.generation = self.ledger.next_generation();
                }
                Put::NotKept { failed } => {
                    let failed = failed.into_iter().map(|(sink, why)| format!("`{sink}`: {why}")).collect();
                    return Err(BootstrapError::NotKept { failed });
                }
            }
        }
    }

    /// Encrypts contents, writes them as the next generation, and takes what can be decrypted of it from then on.
    pub(super) async fn keep_contents(
        &mut self,
        mut record: Record,
        contents: &Contents,
    ) -> Result<(), BootstrapError> {
        record.ciphertext = Some(self.world.cipher.encrypt(&contents.sealed_with(&record), &record.recipients)?);
        if !self.keep(record).await? {
            return Err(BootstrapError::EscrowMoves);
        }
        self.open_escrow().await
    }

    pub(super) fn held(&self) -> Held {
        if let Some(record) = self.ledger.current() {
            let (cluster_id, generation) = (record.cluster_id.clone(), record.generation);
            return Held::Keys { cluster_id, generation, is_given_up: is_begun(&self.ledger) };
        }
        match self.ledger.latest() {
            Some(record) => {
                // Another run's may be under way; one's own, or an old one, is not waited for.
                Held::Intent { node: record.addresses.first().cloned(), is_recent: self.has_company() }
            }
            None => Held::Nothing,
        }
    }

    /// Whether another run has written into the escrow so short a time ago that it may be under way.
    pub(super) fn has_company(&self) -> bool {
        let is_recent =
            |record: &Record| self.request.now.duration_since(record.at) < jiff::SignedDuration::from_mins(5);
        self.ledger.records().iter().any(|record| record.run != self.request.run && is_recent(record))
    }

    /// Brings the places of the escrow that lag behind up to the others.
    pub(super) async fn level(&mut self) -> Result<(), BootstrapError> {
        for lagging in escrow::lagging(self.world.sinks, &self.ledger).await {
            let what = format!("escrow `{}`", lagging.name());
            if !self.differs(&what, "lags behind the others") {
                continue;
            }
            match escrow::catch_up(lagging, &self.ledger).await {
                Ok(()) => self.report(&what, Mark::Changed, "has caught up with the others"),
                Err(why) => self.report(&what, Mark::Warned, &format!("lags behind the others: {why}")),
            }
        }
        Ok(())
    }

    pub(super) fn shares(&self) -> Shares {
        let given = u32::try_from(self.request.shares.len()).unwrap_or(u32::MAX);
        match (&self.keys, given) {
            (_, given) if given > 0 => Shares::Open(given),
            (Keys::Open { .. }, _) => match u32::try_from(self.usable_shares().len()).unwrap_or(u32::MAX) {
                0 => Shares::None,
                count => Shares::Open(count),
            },
            // What people keep, no identity opens.
            (Keys::Locked, _) if self.is_for_people() => Shares::None,
            (Keys::Locked, _) => Shares::Locked,
            (Keys::Nothing, _) => Shares::None,
        }
    }

    /// The shares that can be submitted: those given by hand, or those of the escrow unless they are encrypted to people.
    pub(super) fn usable_shares(&self) -> &[Secret] {
        if !self.request.shares.is_empty() {
            return &self.request.shares;
        }
        match &self.keys {
            Keys::Open { contents, .. } if !self.is_for_people() => &contents.unseal_shares,
            _ => &[],
        }
    }

    /// Whether the shares in the escrow are encrypted to a person each.
    pub(super) fn is_for_people(&self) -> bool {
        self.ledger.current().is_some_and(|record| !record.pgp_shares.is_empty())
    }

    /// Nothing out of the escrow goes to an address that it does not know, unless somebody says so.
    pub(super) fn is_known(&self, node: &NodeAddress) -> Result<(), BootstrapError> {
        let is_recorded = match self.ledger.current() {
            Some(record) => record.addresses.contains(node),
            // Given by hand, and nothing to compare the address with.
            None => node.is_loopback(),
        };
        if is_recorded || self.request.acknowledged.contains(node) {
            return Ok(());
        }
        Err(BootstrapError::UnknownAddress { node: node.clone() })
    }

    /// What is inside of the escrow, if it is open.
    pub(super) fn contents(&self) -> Option<&Contents> {
        match &self.keys {
            Keys::Open { contents, .. } => Some(contents),
            Keys::Nothing | Keys::Locked => None,
        }
    }
}

fn mask_all<H: HandOver>(hands: &H, contents: &Contents) {
    let operator = contents.operator.iter().map(|login| &login.secret_id);
    let shares = contents.unseal_shares.iter().chain(&contents.recovery_shares);
    shares.chain(&contents.root_token).chain(operator).for_each(|secret| hands.mask(secret));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::escrow::tests::record;

    #[test]
    fn of_what_was_set_aside_only_what_this_escrow_has_announced_is_taken_the_newest_first() {
        let intents = [record(1, Phase::Intent), record(2, Phase::Intent)];
        let ledger = intents.into_iter().fold(Ledger::default(), |ledger, intent| ledger.with(intent));
        let [first, second, foreign] = [1, 2, 7].map(|run| record(run, Phase::Captured));
        assert_eq!(of_intent(&ledger, vec![foreign.clone()]), None);
        assert_eq!(of_intent(&ledger, vec![foreign.clone(), first.clone()]), Some(first.clone()));
        assert_eq!(of_intent(&ledger, vec![second.clone(), foreign, first]), Some(second));
    }
}
