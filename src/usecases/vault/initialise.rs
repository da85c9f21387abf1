//! The one step that can not be repeated: its answer is never lost, and never lies about in the clear.

use std::collections::BTreeSet;
use std::time::Duration;

use super::Run;
use crate::domain::escrow::{Contents, PgpShare, Phase, Record};
use crate::domain::vault::address::NodeAddress;
use crate::domain::vault::decision::Obstacle;
use crate::domain::vault::seen::{NodeSeen, Seal, status_of};
use crate::error::BootstrapError;
use crate::ports::vault::{HandOver, Initialisation, InitialiseError, Initialised, Mark, Vault};
use crate::ports::{EscrowCipher, EscrowSink};
use crate::secret::Secret;
use crate::usecases::escrow::{self, Put};

/// How often an initialisation may be begun in one run.
const ATTEMPTS: u32 = 3;
/// How long a server may go on with an initialisation after the connection broke.
const SETTLING: Duration = Duration::from_secs(3);

impl<V, S, C, H> Run<'_, V, S, C, H>
where
    V: Vault,
    S: EscrowSink + Sync,
    C: EscrowCipher + Sync,
    H: HandOver,
{
    pub(super) async fn initialise(&mut self, node: &NodeAddress, nodes: &[NodeSeen]) -> Result<(), BootstrapError> {
        let what = format!("initialise `{node}`");
        self.begin(&what);
        if self.world.sinks.is_empty() {
            return Err(BootstrapError::NoEscrow);
        }
        if !self.request.shares.is_empty() {
            return Err(BootstrapError::SharesForNothing { node: node.clone() });
        }
        self.world.cipher.try_out(&self.request.wanted.recipients)?;
        let seal = status_of(nodes, node).map(|status| &status.seal);
        let kind = seal.map(|seal| seal.kind.clone()).unwrap_or_default();
        let how = self.how(seal.is_some_and(Seal::is_automatic));
        let mut intent = self.record(Phase::Intent);
        intent.seal_type.clone_from(&kind);
        // The node that is going to be initialised stands first.
        intent.addresses.sort_by_key(|address| address != node);
        if !self.keep_everywhere(intent).await? {
            return Ok(());
        }
        // From the request to the last escrow, nobody else has the keys.
        self.world.hands.hold();
        let initialised = match self.world.vault.initialise(node, &how).await {
            Ok(initialised) => Ok(self.capture(&how, &kind, initialised).await),
            Err(error) => Err(error),
        };
        self.world.hands.release();
        match initialised {
            Ok(captured) => captured?,
            Err(InitialiseError::Already { .. }) => {
                tracing::info!("`{node}` was initialised by another run meanwhile");
                // Its intent is newer than what was read: it is the run to be waited for.
                self.ledger = escrow::load(self.world.sinks).await?;
                return Ok(());
            }
            Err(InitialiseError::Refused { node, message }) => {
                return Err(BootstrapError::InitialiseRefused { node, message });
            }
            Err(error @ InitialiseError::Broken { .. }) => return self.broken(node, error).await,
        }
        self.report(&what, Mark::Changed, "initialised; its keys are in the escrow, encrypted");
        Ok(())
    }

    fn how(&self, is_automatic: bool) -> Initialisation {
        let wanted = &self.request.wanted;
        Initialisation {
            shares: u32::from(wanted.key_shares.shares()),
            threshold: u32::from(wanted.key_shares.threshold()),
            is_automatic,
            pgp_keys: self.request.pgp_keys.iter().map(|key| key.base64.clone()).collect(),
        }
    }

    /// Writes the intent to every sink: before anything irreversible, all of them have to work.
    async fn keep_everywhere(&mut self, intent: Record) -> Result<bool, BootstrapError> {
        match escrow::put(self.world.sinks, &self.ledger, &intent).await? {
            Put::Kept { failed } if failed.is_empty() => {
                self.ledger = self.ledger.with(intent);
                self.outcome.has_changed = true;
                Ok(true)
            }
            Put::Kept { failed } | Put::NotKept { failed } => match failed.into_iter().next() {
                Some((_, error)) => Err(error.into()),
                None => Err(BootstrapError::NoEscrow),
            },
            Put::Moved => {
                self.ledger = escrow::load(self.world.sinks).await?;
                Ok(false)
            }
        }
    }

    /// Encrypts what was returned, and writes it down. Only then is it forgotten.
    async fn capture(
        &mut self,
        how: &Initialisation,
        kind: &str,
        initialised: Initialised,
    ) -> Result<(), BootstrapError> {
        let shares = initialised.unseal_shares.iter().chain(&initialised.recovery_shares);
        shares.chain(&initialised.root_token).for_each(|secret| self.world.hands.mask(secret));
        let oddity = oddity(how, &initialised);
        let mut record = self.record(Phase::Captured);
        kind.clone_into(&mut record.seal_type);
        let encrypted = if how.is_automatic { &initialised.recovery_shares } else { &initialised.unseal_shares };
        if !how.pgp_keys.is_empty() {
            let shares = self.request.pgp_keys.iter().zip(encrypted);
            record.pgp_shares = shares
                .map(|(key, share)| PgpShare { fingerprint: key.fingerprint.clone(), share: share.expose().to_owned() })
                .collect();
        }
        let contents = Contents {
            unseal_shares: initialised.unseal_shares,
            recovery_shares: initialised.recovery_shares,
            root_token: initialised.root_token,
            ..Contents::default()
        };
        record.ciphertext = Some(self.world.cipher.encrypt(&contents.sealed_with(&record), &record.recipients)?);
        // A run that is killed while a sink is far away has not lost it.
        if let Err(why) = self.world.hands.set_aside(&record) {
            tracing::warn!("the encrypted keys could not be set aside on this machine: {why}");
        }
        match self.keep(record.clone()).await {
            Ok(_) => {
                self.world.hands.forget_aside(&record);
                let Some(what) = oddity else { return Ok(()) };
                self.report("keys", Mark::Warned, &format!("{what}; what it returned is in the escrow, encrypted"));
                Err(BootstrapError::OddKeys { what })
            }
            Err(error) => {
                // With all that came before it, it can be an escrow by itself.
                record.generation = self.ledger.next_generation();
                self.world.hands.show(&self.ledger.with(record));
                Err(BootstrapError::EscrowInLog { source: Box::new(error) })
            }
        }
    }

    /// The connection broke: the server may have done it, may be about to, or may never have heard of it.
    async fn broken(&mut self, node: &NodeAddress, error: InitialiseError) -> Result<(), BootstrapError> {
        self.broken += 1;
        tracing::warn!("{error}");
        let until = tokio::time::Instant::now() + SETTLING;
        let mut answers = 0;
        loop {
            let seen = self.world.vault.look(node).await;
            match seen.status() {
                Some(status) if status.is_initialised => {
                    self.ledger = escrow::load(self.world.sinks).await?;
                    let others = self.ledger.records().iter().any(|record| record.run != self.request.run);
                    // With another run about, its keys may still come: the next look decides.
                    return if others {
                        Ok(())
                    } else {
                        Err(BootstrapError::Obstacle(Obstacle::InitLost { node: node.clone() }))
                    };
                }
                Some(_) => answers += 1,
                None => {}
            }
            if tokio::time::Instant::now() >= until && answers > 0 {
                break;
            }
            if tokio::time::Instant::now() >= until + self.request.patience {
                return Err(BootstrapError::InitialiseUnknown { node: node.clone() });
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
        }
        if self.broken >= ATTEMPTS {
            return Err(BootstrapError::InitialiseUnknown { node: node.clone() });
        }
        tracing::info!("`{node}` is still not initialised: it is begun again");
        Ok(())
    }
}

/// What is odd about what was returned, where anything is. It never quotes it.
fn oddity(how: &Initialisation, initialised: &Initialised) -> Option<String> {
    let shares = if how.is_automatic { &initialised.recovery_shares } else { &initialised.unseal_shares };
    let texts: Vec<_> = shares.iter().map(Secret::expose).collect();
    let different = texts.iter().collect::<BTreeSet<_>>().len();
    let is_key = |text: &&str| text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_".contains(&byte));
    if u32::try_from(texts.len()) != Ok(how.shares) {
        return Some(format!("the server returned {} of {} shares", texts.len(), how.shares));
    }
    if different < texts.len() {
        return Some(format!("the server returned {different} different shares of {}", how.shares));
    }
    if !texts.iter().all(is_key) {
        return Some("the server returned a share that is neither Base64 nor hexadecimal".to_owned());
    }
    initialised.root_token.is_none().then(|| "the server returned no root token".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_odd_about_an_answer_is_told_and_not_quoted() {
        let how = |is_automatic| Initialisation { shares: 3, threshold: 2, is_automatic, pgp_keys: Vec::new() };
        let all = |texts: &[&str]| texts.iter().filter_map(|text| Secret::new(text)).collect::<Vec<_>>();
        let told = |texts: &[&str], token: &str| {
            let [unseal, recovery] = [false, true].map(|is_automatic| {
                let (mut unseal_shares, mut recovery_shares) = (all(texts), Vec::new());
                if is_automatic {
                    std::mem::swap(&mut unseal_shares, &mut recovery_shares);
                }
                let root_token = Secret::new(token);
                oddity(&how(is_automatic), &Initialised { unseal_shares, recovery_shares, root_token })
            });
            assert_eq!(unseal, recovery);
            unseal.unwrap_or_default()
        };
        assert_eq!(told(&["YQ==", "Yg+/", "63"], "t"), "");
        assert_eq!(told(&["YQ=="], "t"), "the server returned 1 of 3 shares");
        assert_eq!(told(&["YQ==", "Yg==", "Yw==", "ZA=="], "t"), "the server returned 4 of 3 shares");
        assert_eq!(told(&["YQ==", "YQ==", "Yw=="], "t"), "the server returned 2 different shares of 3");
        assert!(told(&["YQ==", "Yg==", "{\"a\":1}"], "t").contains("neither Base64 nor hexadecimal"));
        assert_eq!(told(&["YQ==", "Yg==", "Yw=="], ""), "the server returned no root token");
    }
}
