//! The state that a Vault was found in: the row of the table that applies.

use std::fmt;

use super::decision::{Obstacle, Step};
use super::seen::NodeSeen;

/// The state that a Vault was found in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum State {
    /// No node was ever initialised.
    Uninitialised,
    /// No node is initialised, and the escrow has keys.
    DataLost,
    /// Initialised, with keys that nobody has.
    InitLost,
    /// Sealed, and no share was given yet.
    Sealed,
    /// Sealed, and some shares were given.
    HalfUnsealed,
    /// Unsealed, with nodes that have not joined yet.
    NotJoined,
    /// Unsealed.
    Unsealed,
    /// Unsealed, and initialised by somebody else.
    Foreign,
    /// The cluster of somebody else, or more than one.
    WrongCluster,
    /// Something that nothing is done about: a migration, a secondary cluster, a removed node.
    NotSupported,
    /// Not to be reached, or without an active node.
    Unreachable,
}

impl State {
    /// The state that led to the first step.
    #[must_use]
    pub fn of(step: &Step, nodes: &[NodeSeen]) -> Self {
        let has_progress = || nodes.iter().filter_map(NodeSeen::status).any(|status| status.seal.progress > 0);
        match step {
            Step::Initialise { .. } => Self::Uninitialised,
            Step::Join { .. } => Self::NotJoined,
            Step::Unseal { .. } if has_progress() => Self::HalfUnsealed,
            Step::Unseal { .. } => Self::Sealed,
            Step::Configure { is_foreign: true, .. } => Self::Foreign,
            Step::Configure { .. } => Self::Unsealed,
            Step::Wait(obstacle) | Step::Refuse(obstacle) | Step::Ask(obstacle) => match obstacle {
                Obstacle::Unreachable { .. }
                | Obstacle::NoActiveNode
                | Obstacle::StrangeLeader { .. }
                | Obstacle::Contradiction { .. }
                | Obstacle::Lonely { .. } => Self::Unreachable,
                Obstacle::AutoUnseal { .. } | Obstacle::NoShares { .. } | Obstacle::NoIdentity { .. } => {
                    if has_progress() { Self::HalfUnsealed } else { Self::Sealed }
                }
                Obstacle::DataLost { .. } => Self::DataLost,
                Obstacle::InitLost { .. } | Obstacle::NoKeys { .. } | Obstacle::IntentElsewhere { .. } => {
                    Self::InitLost
                }
                Obstacle::Foreign => Self::Foreign,
                Obstacle::WrongCluster { .. } | Obstacle::Split { .. } | Obstacle::NotOfCluster { .. } => {
                    Self::WrongCluster
                }
                Obstacle::Migrating { .. } | Obstacle::DisasterRecovery { .. } | Obstacle::Removed { .. } => {
                    Self::NotSupported
                }
            },
        }
    }
}

impl fmt::Display for State {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Uninitialised => "uninitialised",
            Self::DataLost => "data-lost",
            Self::InitLost => "init-lost",
            Self::Sealed => "sealed",
            Self::HalfUnsealed => "half-unsealed",
            Self::NotJoined => "not-joined",
            Self::Unsealed => "unsealed",
            Self::Foreign => "foreign",
            Self::WrongCluster => "wrong-cluster",
            Self::NotSupported => "not-supported",
            Self::Unreachable => "unreachable",
        })
    }
}
