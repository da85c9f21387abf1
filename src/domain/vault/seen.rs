//! What the nodes of a Vault say of themselves, without credentials.

use super::address::NodeAddress;

/// What one node says, or that it says nothing.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeSeen {
    /// Where it is.
    pub address: NodeAddress,
    /// What it says.
    pub view: View,
}

/// What the node at an address says, if it answers.
#[must_use]
pub fn status_of<'n>(nodes: &'n [NodeSeen], address: &NodeAddress) -> Option<&'n Status> {
    nodes.iter().find(|seen| seen.address == *address).and_then(NodeSeen::status)
}

/// Whether a node answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum View {
    /// It can not be reached, or what answers is not a Vault.
    Silent {
        /// What happened.
        why: String,
    },
    /// It answers.
    Answers(Status),
}

/// The status of a node.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Status {
    /// What it does in its cluster.
    pub health: Health,
    /// Whether it was ever initialised, as it said itself, in each of the answers that tell it.
    pub is_initialised: bool,
    /// Its seal.
    pub seal: Seal,
    /// Where the active node of its cluster is, if it knows.
    pub leader: Option<String>,
    /// Whether it is the active node.
    pub is_active: bool,
}

/// The role of a node, as the code of its health tells it.
///
/// The codes are of `GET /sys/health` in the API documentation of both servers: 200, 429, 472, 473, 501, 503; 474 and 530 are
/// HashiCorp Vault's alone (1.17 and later).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Health {
    /// 200: initialised, unsealed, active.
    Active,
    /// 429: unsealed, standing by.
    Standby,
    /// 472: of a cluster that is there for disaster recovery.
    DisasterRecovery,
    /// 473: standing by, and answering reads itself (Enterprise).
    PerformanceStandby,
    /// 474: standing by without a connection to the active node.
    Lonely,
    /// 501: not initialised.
    Uninitialised,
    /// 503: sealed.
    Sealed,
    /// 530: removed from its cluster.
    Removed,
}

impl Health {
    /// The role for a code, if it is one.
    #[must_use]
    pub fn of(code: u16) -> Option<Self> {
        Some(match code {
            200 => Self::Active,
            429 => Self::Standby,
            472 => Self::DisasterRecovery,
            473 => Self::PerformanceStandby,
            474 => Self::Lonely,
            501 => Self::Uninitialised,
            503 => Self::Sealed,
            530 => Self::Removed,
            _ => return None,
        })
    }
}

/// The seal of a node.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Seal {
    /// `shamir`, or what unseals it by itself: `awskms`, `transit`, `static` …
    pub kind: String,
    /// Whether it is sealed.
    pub is_sealed: bool,
    /// How many shares open it.
    pub threshold: u32,
    /// How many shares there are.
    pub shares: u32,
    /// How many it has been given.
    pub progress: u32,
    /// What names this attempt to open it.
    pub nonce: String,
    /// Whether it is on its way to another seal.
    pub is_migrating: bool,
    /// Whether the shares are for recovery, and can not open it.
    pub has_recovery: bool,
    /// Which cluster it is of; not told while it is sealed.
    pub cluster_id: Option<String>,
    /// Where it keeps its data: `raft`, `inmem` …; blank where it does not say.
    pub storage: String,
    /// The version of the server.
    pub version: String,
}

impl Seal {
    /// Whether the node opens its seal by itself.
    #[must_use]
    pub fn is_automatic(&self) -> bool {
        self.has_recovery || self.kind != "shamir"
    }
}

impl NodeSeen {
    /// Its status, if it answers.
    #[must_use]
    pub fn status(&self) -> Option<&Status> {
        match &self.view {
            View::Answers(status) => Some(status),
            View::Silent { .. } => None,
        }
    }
}
