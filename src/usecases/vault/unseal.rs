//! Gives a sealed node its shares, and nobody else.

use std::time::Duration;

use super::Run;
use crate::domain::vault::address::NodeAddress;
use crate::domain::vault::seen::{NodeSeen, Seal, status_of};
use crate::error::BootstrapError;
use crate::ports::vault::{HandOver, Mark, Vault, VaultError};
use crate::ports::{EscrowCipher, EscrowSink};

/// How long somebody else's attempt to unseal may stand still before it is taken for abandoned.
const STANDSTILL: Duration = Duration::from_secs(5);

impl<V, S, C, H> Run<'_, V, S, C, H>
where
    V: Vault,
    S: EscrowSink + Sync,
    C: EscrowCipher + Sync,
    H: HandOver,
{
    pub(super) async fn unseal(&mut self, node: &NodeAddress, nodes: &[NodeSeen]) -> Result<(), BootstrapError> {
        let what = format!("unseal `{node}`");
        self.begin(&what);
        self.is_known(node)?;
        let status = status_of(nodes, node);
        let mut seal = status.map(|status| status.seal.clone()).unwrap_or_default();
        let has_enough = self.usable_shares().len() >= seal.threshold as usize;
        if has_enough && seal.progress > 0 && seal.is_sealed {
            seal = self.others_first(node, seal).await?;
        }
        if seal.is_sealed {
            seal = match self.submit_all(node, &seal).await? {
                Submitted::Good(seal) => seal,
                // Somebody else's share was among them. All of ours are enough: once more from the start.
                Submitted::Mixed if has_enough => {
                    self.world.vault.forget_shares(node).await?;
                    match self.submit_all(node, &Seal { progress: 0, ..seal }).await? {
                        Submitted::Good(seal) => seal,
                        Submitted::Mixed => return Err(BootstrapError::WrongShares { node: node.clone() }),
                    }
                }
                Submitted::Mixed => return Err(BootstrapError::WrongShares { node: node.clone() }),
            };
        }
        if seal.is_sealed {
            let (given, threshold) = (seal.progress, seal.threshold);
            let holders = self.holders();
            return Err(BootstrapError::TooFewShares { node: node.clone(), given, threshold, holders });
        }
        self.has_unsealed |= self.request.shares.is_empty();
        self.report(&what, Mark::Changed, "unsealed");
        Ok(())
    }

    /// Waits while somebody else is unsealing, and makes the node forget the shares if they have stopped.
    async fn others_first(&self, node: &NodeAddress, mut seal: Seal) -> Result<Seal, BootstrapError> {
        tracing::info!("somebody else has given `{node}` {} of {} shares: waiting", seal.progress, seal.threshold);
        let mut moved = tokio::time::Instant::now();
        while moved.elapsed() < STANDSTILL.min(self.request.patience) {
            tokio::time::sleep(Duration::from_millis(500)).await;
            let Some(now) = self.world.vault.look(node).await.status().map(|status| status.seal.clone()) else {
                continue;
            };
            if !now.is_sealed || now.progress == 0 {
                return Ok(now);
            }
            if (&now.nonce, now.progress) != (&seal.nonce, seal.progress) {
                moved = tokio::time::Instant::now();
            }
            seal = now;
        }
        Ok(self.world.vault.forget_shares(node).await?)
    }

    /// Submits one share after the other, until the node is unsealed or there are none left.
    async fn submit_all(&self, node: &NodeAddress, seal: &Seal) -> Result<Submitted, BootstrapError> {
        let mut last = seal.clone();
        for share in self.usable_shares() {
            let now = match self.world.vault.submit(node, share).await {
                Ok(now) => now,
                // The shares did not fit together, or this is none: the node has forgotten all of them.
                Err(VaultError::Refused { status: 400, .. }) => return Ok(Submitted::Mixed),
                Err(error) => return Err(error.into()),
            };
            if !now.is_sealed {
                return Ok(Submitted::Good(now));
            }
            // The last share was taken. A node that joins a cluster opens a moment later.
            if now.progress == 0 && last.progress.saturating_add(1) >= now.threshold {
                return self.opened(node, now).await;
            }
            // The attempt that our shares were for is gone: somebody has made the node forget them.
            if !last.nonce.is_empty() && now.nonce != last.nonce || now.progress < last.progress {
                return Ok(Submitted::Mixed);
            }
            last = now;
        }
        Ok(Submitted::Good(last))
    }

    /// Waits for a node that was given all that it needs.
    async fn opened(&self, node: &NodeAddress, mut seal: Seal) -> Result<Submitted, BootstrapError> {
        let until = tokio::time::Instant::now() + self.request.patience;
        while seal.is_sealed && tokio::time::Instant::now() < until {
            // Somebody has made it forget them, and gives it others.
            if seal.progress > 0 {
                return Ok(Submitted::Mixed);
            }
            tokio::time::sleep(Duration::from_millis(250)).await;
            if let Some(status) = self.world.vault.look(node).await.status() {
                seal = status.seal.clone();
            }
        }
        if seal.is_sealed { Err(BootstrapError::NotOpened { node: node.clone() }) } else { Ok(Submitted::Good(seal)) }
    }

    /// Who has shares.
    pub(super) fn holders(&self) -> Vec<String> {
        let record = self.ledger.current();
        record
            .map(|record| record.pgp_shares.iter().map(|share| share.fingerprint.clone()).collect())
            .unwrap_or_default()
    }
}

enum Submitted {
    /// All were taken.
    Good(Seal),
    /// They did not fit together.
    Mixed,
}
