//! Makes further nodes join the cluster of the first.

use std::time::Duration;

use serde_json::Value;

use super::Run;
use crate::domain::vault::address::NodeAddress;
use crate::error::BootstrapError;
use crate::ports::vault::{Access, HandOver, Mark, Vault};
use crate::ports::{EscrowCipher, EscrowSink};

impl<V, S, C, H> Run<'_, V, S, C, H>
where
    V: Vault,
    S: EscrowSink + Sync,
    C: EscrowCipher + Sync,
    H: HandOver,
{
    pub(super) async fn join(&mut self, node: &NodeAddress, leader: &NodeAddress) -> Result<(), BootstrapError> {
        let what = format!("join `{node}`");
        self.begin(&what);
        if self.joined.contains(node) {
            return Err(BootstrapError::NotJoined { node: node.clone() });
        }
        self.world.vault.join(node, leader).await?;
        self.joined.push(node.clone());
        self.report(&what, Mark::Changed, "joined the cluster");
        Ok(())
    }

    /// Waits until every node that joined in this run votes.
    pub(super) async fn wait_for_votes(&mut self, access: &Access) -> Result<(), BootstrapError> {
        if self.joined.is_empty() {
            return Ok(());
        }
        let what = "cluster";
        self.begin(what);
        let count = self.request.wanted.addresses.len();
        let until = tokio::time::Instant::now() + self.request.patience;
        loop {
            let configuration = self.world.vault.read(access, "sys/storage/raft/configuration").await?;
            let voters = configuration.as_ref().map_or(0, voters);
            if voters >= count {
                self.report(what, Mark::Changed, &format!("{voters} nodes vote"));
                return Ok(());
            }
            if tokio::time::Instant::now() >= until {
                return Err(BootstrapError::NoVote { voters, count });
            }
            tokio::time::sleep(Duration::from_millis(500)).await;
        }
    }
}

fn voters(configuration: &Value) -> usize {
    let servers = configuration.pointer("/config/servers").and_then(Value::as_array);
    servers.into_iter().flatten().filter(|server| server.get("voter").and_then(Value::as_bool) == Some(true)).count()
}
