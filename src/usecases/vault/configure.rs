//! Configures an unsealed Vault through its active node.

use super::login::{Kind, Session};
use super::{Mode, Run, left_over};
use crate::domain::escrow::{Contents, Phase, Record};
use crate::domain::vault::address::NodeAddress;
use crate::domain::vault::seen::NodeSeen;
use crate::error::BootstrapError;
use crate::ports::vault::{HandOver, Mark, Vault};
use crate::ports::{EscrowCipher, EscrowSink};

impl<V, S, C, H> Run<'_, V, S, C, H>
where
    V: Vault,
    S: EscrowSink + Sync,
    C: EscrowCipher + Sync,
    H: HandOver,
{
    pub(super) async fn configure(
        &mut self,
        node: &NodeAddress,
        is_foreign: bool,
        cluster_id: Option<String>,
        nodes: &[NodeSeen],
    ) -> Result<(), BootstrapError> {
        self.outcome.active = Some(node.clone());
        let session = self.log_in(node).await?;
        let result = self.configure_as(&session, is_foreign, cluster_id, nodes).await;
        // The tokens are given back on both paths, and a failure of that does not hide the first one.
        let elevated = self.elevated.take();
        let mut given_back = self.log_out(&session).await;
        if let Some(elevated) = elevated {
            given_back = given_back.and(self.log_out(&elevated).await);
        }
        self.world.hands.release();
        result?;
        given_back?;
        if let Some(obstacle) = left_over(nodes) {
            return Err(BootstrapError::Obstacle(obstacle));
        }
        self.end_of_check()
    }

    async fn configure_as(
        &mut self,
        session: &Session,
        is_foreign: bool,
        cluster_id: Option<String>,
        nodes: &[NodeSeen],
    ) -> Result<(), BootstrapError> {
        self.wait_for_votes(&session.access).await?;
        if is_foreign {
            self.adopt(cluster_id, nodes).await?;
        } else {
            self.verify(session, cluster_id).await?;
        }
        self.level().await?;
        self.recipients();
        let mounted = self.mounted(&session.access).await?;
        self.audit(session).await?;
        self.mounts(session, &mounted).await?;
        self.settings(session).await?;
        self.secrets(session).await?;
        self.retire_root(session).await
    }

    /// A Vault that was unsealed with what was decrypted from the escrow has shown which cluster it is.
    async fn verify(&mut self, session: &Session, cluster_id: Option<String>) -> Result<(), BootstrapError> {
        let is_verified = self.ledger.current().is_none_or(|record| record.phase == Phase::Verified);
        let Some(contents) = self.contents().cloned() else { return Ok(()) };
        if is_verified || self.request.mode != Mode::Apply {
            return Ok(());
        }
        if !self.is_proven(session, &contents).await? {
            return Err(BootstrapError::NotProven { node: session.access.node.clone() });
        }
        let what = "escrow";
        self.begin(what);
        let mut verified = self.record(Phase::Verified);
        self.inherit(&mut verified);
        verified.cluster_id = cluster_id;
        self.keep_contents(verified, &contents).await?;
        self.report(what, Mark::Changed, "verified: its keys are those of this Vault");
        Ok(())
    }

    /// Whether what the escrow holds is of this Vault: it was unsealed with it, or takes a login out of it.
    async fn is_proven(&self, session: &Session, contents: &Contents) -> Result<bool, BootstrapError> {
        if self.has_unsealed || session.kind == Kind::Root {
            return Ok(true);
        }
        let Some(root) = contents.root_token.clone() else { return Ok(false) };
        self.is_known(&session.access.node)?;
        self.is_good(&self.access(&session.access.node, root)).await
    }

    /// Tells when others than those who are named can open the escrow. Only `escrow rekey` changes that.
    fn recipients(&mut self) {
        let Some(record) = self.ledger.current() else { return };
        let wanted = &self.request.wanted.recipients;
        let is_same =
            record.recipients.len() == wanted.len() && wanted.iter().all(|one| record.recipients.contains(one));
        if wanted.is_empty() || is_same {
            return;
        }
        let what = "recipients of the escrow";
        let detail =
            "others than those who are named can open it: mend the configuration, or run `bivouac escrow rekey`";
        if self.differs(what, detail) {
            self.report(what, Mark::Warned, detail);
        }
    }

    /// Takes over a Vault that somebody else has initialised: the escrow will hold the operator's login, and no shares.
    async fn adopt(&mut self, cluster_id: Option<String>, nodes: &[NodeSeen]) -> Result<(), BootstrapError> {
        let what = "escrow";
        if self.world.sinks.is_empty() || self.request.wanted.recipients.is_empty() {
            self.report(what, Mark::Warned, "none is named: a later run needs a token again");
            return Ok(());
        }
        if !self.differs(what, "knows nothing of this Vault") {
            return Ok(());
        }
        self.begin(what);
        self.world.cipher.try_out(&self.request.wanted.recipients)?;
        let seal = nodes.iter().find_map(NodeSeen::status).map(|status| status.seal.clone()).unwrap_or_default();
        let mut record = self.record(Phase::Verified);
        (record.cluster_id, record.seal_type) = (cluster_id, seal.kind);
        (record.shares, record.threshold) = (seal.shares, seal.threshold);
        self.keep_contents(record, &Contents::default()).await?;
        self.report(what, Mark::Changed, "adopted; it has no shares of this Vault");
        Ok(())
    }

    /// Gives a new record what stays the same of the one that counts.
    pub(super) fn inherit(&self, record: &mut Record) {
        let Some(old) = self.ledger.current() else { return };
        record.seal_type.clone_from(&old.seal_type);
        record.cluster_id.clone_from(&old.cluster_id);
        record.pgp_shares.clone_from(&old.pgp_shares);
        (record.shares, record.threshold) = (old.shares, old.threshold);
        // Who can open it is changed by `escrow rekey`, and by nothing that happens beside.
        record.recipients.clone_from(&old.recipients);
        // An address that keys may go to stays one, and no other becomes one unless somebody says so.
        let more = self.request.acknowledged.iter().filter(|address| !old.addresses.contains(address));
        record.addresses = old.addresses.iter().chain(more).cloned().collect();
    }

    /// Whether what differs is to be changed; where nothing may be written, it is reported and left.
    pub(super) fn differs(&mut self, what: &str, detail: &str) -> bool {
        let mark = match self.request.mode {
            Mode::Apply => return true,
            Mode::Check => Mark::Differs,
            Mode::DryRun => Mark::Planned,
        };
        self.report(what, mark, detail);
        false
    }
}
