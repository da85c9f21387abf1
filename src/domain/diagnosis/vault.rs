//! What the nodes of a Vault say of themselves, in words.

use super::{Diagnosis, Topic};
use crate::domain::vault::seen::{Health, NodeSeen, View};

/// What there is to say of a node.
#[must_use]
pub fn judge(node: &NodeSeen) -> Diagnosis {
    let (topic, address) = (Topic::Vault, node.address.as_str());
    let status = match &node.view {
        View::Silent { why } => {
            let mend = "see that the runner reaches it and trusts its certificate (`--ca-certificate`)";
            return Diagnosis::set_up(topic, format!("`{address}` can not be looked at: {why}"), mend);
        }
        View::Answers(status) => status,
    };
    let role = match status.health {
        Health::Active => "is active",
        Health::Standby => "stands by",
        Health::PerformanceStandby => "stands by, and answers reads itself",
        Health::DisasterRecovery => {
            let what = format!("`{address}` is of a cluster for disaster recovery, which answers nobody");
            return Diagnosis::set_up(topic, what, "name a node of the cluster that is in use");
        }
        Health::Lonely => {
            let what = format!("`{address}` stands by, and does not reach the active node");
            return Diagnosis::blocking(topic, what, "see to the network between the nodes");
        }
        Health::Uninitialised => {
            let what = format!("`{address}` is not initialised");
            return Diagnosis::blocking(topic, what, "run `bivouac bootstrap-vault`");
        }
        Health::Sealed => {
            let (what, mend) = (
                format!("`{address}` is sealed"),
                "unseal it: `bivouac bootstrap-vault` does, where it has the shares",
            );
            return Diagnosis::blocking(topic, what, mend);
        }
        Health::Removed => {
            let what = format!("`{address}` was removed from its cluster");
            return Diagnosis::set_up(topic, what, "name a node that is still in it");
        }
    };
    let version = if status.seal.version.is_empty() { "" } else { status.seal.version.as_str() };
    let comma = if version.is_empty() { "" } else { ", version " };
    Diagnosis::fine(topic, format!("`{address}` is unsealed and {role}{comma}{version}"))
}
