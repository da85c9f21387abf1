//! What a node says of itself, without credentials.

use serde::Deserialize;
use serde_json::Value;

use super::call::{Answer, Call};
use super::{Access, VaultNodes};
use crate::domain::vault::address::NodeAddress;
use crate::domain::vault::seen::{Health, Seal, Status};

/// The answer of `sys/seal-status` and `sys/unseal`. Everything but these two may be missing: the servers differ.
#[derive(Deserialize)]
#[expect(clippy::struct_excessive_bools, reason = "it is the servers' answer")]
struct SealStatus {
    sealed: bool,
    initialized: bool,
    #[serde(default, rename = "type")]
    kind: String,
    #[serde(default, rename = "t")]
    threshold: u32,
    #[serde(default, rename = "n")]
    shares: u32,
    #[serde(default)]
    progress: u32,
    #[serde(default)]
    nonce: String,
    #[serde(default)]
    migration: bool,
    #[serde(default)]
    recovery_seal: bool,
    #[serde(default)]
    cluster_id: Option<String>,
    #[serde(default)]
    storage_type: String,
    #[serde(default)]
    version: String,
}

/// The seal in an answer, if it tells one.
pub(super) fn seal(answer: &Value) -> Option<Seal> {
    let status = SealStatus::deserialize(answer).ok()?;
    Some(Seal {
        kind: status.kind,
        is_sealed: status.sealed,
        threshold: status.threshold,
        shares: status.shares,
        progress: status.progress,
        nonce: status.nonce,
        is_migrating: status.migration,
        has_recovery: status.recovery_seal,
        cluster_id: status.cluster_id.filter(|id| !id.is_empty()),
        storage: status.storage_type,
        version: status.version,
    })
}

impl VaultNodes {
    /// The answers of a node: three of the active one, and four of any other. An error is never taken for "not initialised".
    pub(super) async fn status(&self, node: &NodeAddress) -> Result<Status, String> {
        let health = self.told(node, "sys/health").await?;
        let code = health.status;
        let health = Health::of(code).ok_or_else(|| format!("`sys/health` answered {code}"))?;
        let seal_answer = self.good(node, "sys/seal-status").await?;
        let told_by_seal = SealStatus::deserialize(&seal_answer).map_err(|_| no_vault("sys/seal-status"))?.initialized;
        let seal = seal(&seal_answer).ok_or_else(|| no_vault("sys/seal-status"))?;
        let told = self.good(node, "sys/init").await?;
        let told = told.get("initialized").and_then(Value::as_bool).ok_or_else(|| no_vault("sys/init"))?;
        if told != told_by_seal {
            return Err("`sys/init` and `sys/seal-status` contradict each other".to_owned());
        }
        // Who answers 200 is the active node, and is not asked who is. A sealed or uninitialised node has none, and some say so
        // by an error.
        let leader = match health {
            Health::Active => Value::Null,
            _ => self.told(node, "sys/leader").await?.json().unwrap_or_default(),
        };
        let address = leader.get("leader_address").and_then(Value::as_str);
        Ok(Status {
            health,
            is_initialised: told,
            leader: address.map(str::to_owned).filter(|address| !address.is_empty()),
            is_active: !seal.is_sealed && health == Health::Active,
            seal,
        })
    }

    async fn told(&self, node: &NodeAddress, path: &str) -> Result<Answer, String> {
        let access = Access { node: node.clone(), token: None };
        self.ask(&access, Call::get(path)).await.map_err(|failure| failure.to_string())
    }

    async fn good(&self, node: &NodeAddress, path: &str) -> Result<Value, String> {
        let answer = self.told(node, path).await?;
        if answer.status != 200 {
            return Err(format!("`{path}` answered {}", answer.status));
        }
        answer.json().filter(Value::is_object).ok_or_else(|| no_vault(path))
    }
}

fn no_vault(path: &str) -> String {
    format!("`{path}` is answered by something that is no Vault")
}

#[cfg(test)]
mod tests;
