//! What there is to do next, from what was seen of a Vault and what the escrow holds.

use super::address::NodeAddress;
pub use super::obstacle::Obstacle;
use super::seen::{Health, NodeSeen, Status, View};

/// Everything that the next step depends on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Seen<'a> {
    /// What each node says, in the order in which they were named.
    pub nodes: &'a [NodeSeen],
    /// What the escrow holds.
    pub escrow: Held,
    /// Which shares there are.
    pub shares: Shares,
    /// Whether somebody gave a token to log in with.
    pub has_token: bool,
    /// The cluster that may be given up for lost, as somebody says.
    pub given_up: Option<&'a str>,
}

/// What the escrow holds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Held {
    /// Nothing at all.
    Nothing,
    /// That an initialisation was begun, at this node.
    Intent {
        /// Where.
        node: Option<NodeAddress>,
        /// Whether another run wrote it so short a time ago that it may be under way.
        is_recent: bool,
    },
    /// The keys of a cluster.
    Keys {
        /// Which one; not known before it was unsealed with them.
        cluster_id: Option<String>,
        /// The generation of the record that holds them.
        generation: u64,
        /// Whether an initialisation was begun after them: somebody has given the cluster up.
        is_given_up: bool,
    },
}

/// Which shares of the unseal key there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shares {
    /// None, and no way to any.
    None,
    /// The escrow has some, which no identity at hand opens.
    Locked,
    /// So many, out of the escrow or given by hand.
    Open(u32),
}

/// What to do next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Step {
    /// Look again in a while: what is in the way may pass.
    Wait(Obstacle),
    /// Initialise this node.
    Initialise {
        /// Which.
        node: NodeAddress,
    },
    /// Make this node join the cluster.
    Join {
        /// Which.
        node: NodeAddress,
        /// The active node.
        leader: NodeAddress,
    },
    /// Give this node the shares.
    Unseal {
        /// Which.
        node: NodeAddress,
    },
    /// Configure the cluster through its active node.
    Configure {
        /// Which.
        node: NodeAddress,
        /// Whether it was initialised by somebody else.
        is_foreign: bool,
        /// The cluster.
        cluster_id: Option<String>,
    },
    /// Do nothing: it is not safe.
    Refuse(Obstacle),
    /// Do nothing more: somebody else has to.
    Ask(Obstacle),
}

/// The next step. Touches nothing.
#[must_use]
pub fn decide(seen: &Seen<'_>) -> Step {
    let answering: Vec<(&NodeAddress, &Status)> =
        seen.nodes.iter().filter_map(|node| Some((&node.address, node.status()?))).collect();
    let Some(silent) = silent(seen.nodes) else { return decide_all(seen, &answering) };
    // A node that says nothing could be initialised: nothing is concluded from the silence.
    if answering.iter().any(|(_, status)| status.is_initialised) {
        decide_all(seen, &answering)
    } else {
        Step::Wait(silent)
    }
}

fn silent(nodes: &[NodeSeen]) -> Option<Obstacle> {
    nodes.iter().find_map(|node| match &node.view {
        View::Silent { why } => Some(Obstacle::Unreachable { node: node.address.clone(), why: why.clone() }),
        View::Answers(_) => None,
    })
}

fn decide_all(seen: &Seen<'_>, nodes: &[(&NodeAddress, &Status)]) -> Step {
    if let Some(refusal) = refusal(nodes) {
        return Step::Refuse(refusal);
    }
    if let Some(contradiction) = contradiction(nodes) {
        return Step::Wait(contradiction);
    }
    if let Some(refusal) = other_cluster(seen, nodes) {
        return Step::Refuse(refusal);
    }
    if !nodes.iter().any(|(_, status)| status.is_initialised) {
        return uninitialised(seen, nodes);
    }
    let is_serving = |status: &Status| status.is_initialised && !status.seal.is_sealed;
    if nodes.iter().any(|(_, status)| is_serving(status)) { serving(seen, nodes) } else { all_sealed(seen, nodes) }
}

/// What no step may go over, whatever the escrow holds.
fn refusal(nodes: &[(&NodeAddress, &Status)]) -> Option<Obstacle> {
    nodes.iter().find_map(|(node, status)| {
        let node = (*node).clone();
        match status.health {
            Health::DisasterRecovery => Some(Obstacle::DisasterRecovery { node }),
            Health::Removed => Some(Obstacle::Removed { node }),
            _ if status.seal.is_migrating => Some(Obstacle::Migrating { node }),
            _ => None,
        }
    })
}

/// A node whose answers do not fit together: it may have been initialised between two of them.
fn contradiction(nodes: &[(&NodeAddress, &Status)]) -> Option<Obstacle> {
    let contradicts = |status: &Status| status.is_initialised == (status.health == Health::Uninitialised);
    let (node, _) = nodes.iter().find(|(_, status)| contradicts(status))?;
    Some(Obstacle::Contradiction { node: (*node).clone() })
}

/// Two clusters among the nodes, or another one than the escrow's.
fn other_cluster(seen: &Seen<'_>, nodes: &[(&NodeAddress, &Status)]) -> Option<Obstacle> {
    let mut ids = nodes.iter().filter_map(|(_, status)| status.seal.cluster_id.as_ref());
    let Some(found) = ids.next() else { return nameless(seen, nodes) };
    if let Some(other) = ids.find(|id| *id != found) {
        return Some(Obstacle::Split { one: found.clone(), other: other.clone() });
    }
    match &seen.escrow {
        Held::Keys { cluster_id: Some(held), .. } if held != found => {
            Some(Obstacle::WrongCluster { found: found.clone(), held: held.clone() })
        }
        _ => None,
    }
}

/// An unsealed node that does not say which cluster it is of, where that is known: it may be anybody's.
fn nameless(seen: &Seen<'_>, nodes: &[(&NodeAddress, &Status)]) -> Option<Obstacle> {
    let Held::Keys { cluster_id: Some(held), .. } = &seen.escrow else { return None };
    let is_open = |status: &Status| status.is_initialised && !status.seal.is_sealed;
    nodes
        .iter()
        .any(|(_, status)| is_open(status))
        .then(|| Obstacle::WrongCluster { found: "unknown".to_owned(), held: held.clone() })
}

fn uninitialised(seen: &Seen<'_>, nodes: &[(&NodeAddress, &Status)]) -> Step {
    let first = || nodes.first().map(|(node, _)| (*node).clone());
    let node = match &seen.escrow {
        Held::Nothing | Held::Keys { is_given_up: true, .. } => first(),
        // The node that was begun with: another could be initialised beside it.
        Held::Intent { node: Some(begun), .. } if !nodes.iter().any(|(known, _)| *known == begun) => {
            if seen.given_up != Some(begun.as_str()) {
                return Step::Refuse(Obstacle::IntentElsewhere { begun: begun.clone() });
            }
            first()
        }
        // The node that was begun with: another could be initialised beside it.
        Held::Intent { node, .. } => node.clone().or_else(first),
        Held::Keys { cluster_id, generation, .. } => {
            let cluster = cluster_id.clone().unwrap_or_else(|| format!("generation-{generation}"));
            if seen.given_up != Some(&cluster) {
                return Step::Refuse(Obstacle::DataLost { cluster });
            }
            first()
        }
    };
    node.map_or(Step::Wait(Obstacle::NoActiveNode), |node| Step::Initialise { node })
}

/// No node is unsealed: one of them has to be.
fn all_sealed(seen: &Seen<'_>, nodes: &[(&NodeAddress, &Status)]) -> Step {
    let mut sealed = nodes.iter().filter(|(_, status)| status.is_initialised);
    sealed.next().map_or(Step::Wait(Obstacle::NoActiveNode), |(node, status)| unseal(seen, node, status))
}

fn unseal(seen: &Seen<'_>, node: &NodeAddress, status: &Status) -> Step {
    let node = node.clone();
    if status.seal.is_automatic() {
        return Step::Wait(Obstacle::AutoUnseal { node, kind: status.seal.kind.clone() });
    }
    match (seen.shares, &seen.escrow) {
        (Shares::Open(_), _) => Step::Unseal { node },
        (Shares::Locked, _) => Step::Ask(Obstacle::NoIdentity { node }),
        (Shares::None, Held::Intent { is_recent, .. }) => init_lost(node, *is_recent),
        (Shares::None, _) => Step::Ask(Obstacle::NoShares { node }),
    }
}

/// An initialisation whose keys are not in the escrow: another run may be about to write them down.
fn init_lost(node: NodeAddress, is_recent: bool) -> Step {
    let obstacle = Obstacle::InitLost { node };
    if is_recent { Step::Wait(obstacle) } else { Step::Refuse(obstacle) }
}

/// At least one node is unsealed.
fn serving(seen: &Seen<'_>, nodes: &[(&NodeAddress, &Status)]) -> Step {
    let Some((active, status)) = nodes.iter().find(|(_, status)| status.is_active) else {
        return no_active_node(seen, nodes);
    };
    if let Some((other, _)) = nodes.iter().filter(|(_, status)| status.is_active).nth(1) {
        return Step::Refuse(Obstacle::Split { one: active.to_string(), other: other.to_string() });
    }
    for (node, other) in nodes {
        if !other.is_initialised {
            return join(node, other, active);
        }
        if other.seal.is_sealed && !matches!(seen.shares, Shares::None if seen.has_token) {
            return unseal(seen, node, other);
        }
        if other.health == Health::Lonely {
            return Step::Wait(Obstacle::Lonely { node: (*node).clone() });
        }
    }
    let node = (*active).clone();
    let cluster_id = status.seal.cluster_id.clone();
    match &seen.escrow {
        Held::Keys { .. } => Step::Configure { node, is_foreign: false, cluster_id },
        _ if seen.has_token => Step::Configure { node, is_foreign: true, cluster_id },
        Held::Intent { is_recent: true, .. } => Step::Wait(Obstacle::NoKeys { node }),
        Held::Intent { .. } => Step::Refuse(Obstacle::NoKeys { node }),
        Held::Nothing => Step::Refuse(Obstacle::Foreign),
    }
}

fn join(node: &NodeAddress, status: &Status, leader: &NodeAddress) -> Step {
    let storage = &status.seal.storage;
    if storage.is_empty() || storage == "raft" {
        return Step::Join { node: node.clone(), leader: leader.clone() };
    }
    Step::Refuse(Obstacle::NotOfCluster { node: node.clone(), storage: storage.clone() })
}

/// The nodes that are unsealed stand by: the active one is sealed, about to be chosen, or was not named.
fn no_active_node(seen: &Seen<'_>, nodes: &[(&NodeAddress, &Status)]) -> Step {
    let sealed = nodes.iter().find(|(_, status)| status.is_initialised && status.seal.is_sealed);
    if let Some((node, status)) = sealed {
        return unseal(seen, node, status);
    }
    if let Some((node, _)) = nodes.iter().find(|(_, status)| status.health == Health::Lonely) {
        return Step::Wait(Obstacle::Lonely { node: (*node).clone() });
    }
    let leader = nodes.iter().find_map(|(_, status)| status.leader.clone());
    let is_named = |leader: &String| nodes.iter().any(|(node, _)| node.as_str() == leader.trim_end_matches('/'));
    let leader = leader.filter(|leader| !leader.is_empty() && !is_named(leader));
    Step::Wait(leader.map_or(Obstacle::NoActiveNode, |leader| Obstacle::StrangeLeader { leader }))
}

#[cfg(test)]
mod tests;
