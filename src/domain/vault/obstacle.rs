//! What can be in the way of a Vault.

use super::address::NodeAddress;

/// What is in the way.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Obstacle {
    /// A node that does not answer.
    #[error("`{node}` can not be reached: {why}")]
    Unreachable {
        /// Which.
        node: NodeAddress,
        /// What happened.
        why: String,
    },
    /// None of the nodes is the active one.
    #[error("no node of the Vault is active yet")]
    NoActiveNode,
    /// The active node is not among those that were named.
    #[error("the active node of the Vault is `{leader}`, which is not among the addresses")]
    StrangeLeader {
        /// Where it is.
        leader: String,
    },
    /// A node without a connection to the active one.
    #[error("`{node}` stands by and has no connection to the active node")]
    Lonely {
        /// Which.
        node: NodeAddress,
    },
    /// A node that unseals itself, and does not.
    #[error("`{node}` is sealed, and is unsealed by `{kind}` alone: recovery keys can not do it")]
    AutoUnseal {
        /// Which.
        node: NodeAddress,
        /// The kind of its seal.
        kind: String,
    },
    /// Keys of a Vault that is gone.
    #[error(
        "the Vault is not initialised, but the escrow has the keys of the cluster `{cluster}`: its data may be lost"
    )]
    DataLost {
        /// What names the old cluster.
        cluster: String,
    },
    /// An initialisation whose answer nobody has.
    #[error("the Vault was initialised, and the answer with its keys was lost on the way")]
    InitLost {
        /// Which node.
        node: NodeAddress,
    },
    /// In use, and none of its keys are known.
    #[error("`{node}` is unsealed, and the escrow has an intent and no keys of it")]
    NoKeys {
        /// Which node.
        node: NodeAddress,
    },
    /// The escrow belongs to an initialisation of another node.
    #[error("the escrow has the intent to initialise `{begun}`, which is none of the addresses")]
    IntentElsewhere {
        /// Which one was to be initialised.
        begun: NodeAddress,
    },
    /// Initialised by somebody else.
    #[error("the Vault was initialised by somebody else, and there is no token for it")]
    Foreign,
    /// Another cluster than the escrow's.
    #[error("the Vault is the cluster `{found}`, and the escrow has the keys of `{held}`")]
    WrongCluster {
        /// The one that is there.
        found: String,
        /// The one that the escrow knows.
        held: String,
    },
    /// Two clusters.
    #[error("the addresses lead to two clusters, `{one}` and `{other}`")]
    Split {
        /// The one.
        one: String,
        /// The other.
        other: String,
    },
    /// A node whose storage is its own.
    #[error("`{node}` is not initialised while others are, and its storage (`{storage}`) can not join theirs")]
    NotOfCluster {
        /// Which.
        node: NodeAddress,
        /// The kind of its storage.
        storage: String,
    },
    /// A seal that is being changed.
    #[error("`{node}` is on its way from one seal to another")]
    Migrating {
        /// Which.
        node: NodeAddress,
    },
    /// A cluster for disaster recovery.
    #[error("`{node}` is of a cluster that is there for disaster recovery, which is configured through its primary")]
    DisasterRecovery {
        /// Which.
        node: NodeAddress,
    },
    /// Removed from its cluster.
    #[error("`{node}` was removed from its cluster")]
    Removed {
        /// Which.
        node: NodeAddress,
    },
    /// Answers that contradict each other.
    #[error("`{node}` contradicts itself: one answer says that it is initialised, another that it is not")]
    Contradiction {
        /// Which.
        node: NodeAddress,
    },
    /// No shares.
    #[error("`{node}` is sealed, and there are no shares for it")]
    NoShares {
        /// Which.
        node: NodeAddress,
    },
    /// No identity.
    #[error("no identity at hand opens the escrow, and `{node}` needs what is in it")]
    NoIdentity {
        /// Which.
        node: NodeAddress,
    },
}
