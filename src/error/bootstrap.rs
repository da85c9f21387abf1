//! What can end a bootstrap of a Vault.

use super::Error;
use super::secrets::LET_IT_SPEAK_TLS;
use crate::contract::ExitCode;
use crate::domain::vault::address::NodeAddress;
use crate::domain::vault::decision::Obstacle;
use crate::ports::vault::{NO_TLS, VaultError};
use crate::ports::{CipherError, EscrowError};

/// Why a Vault is not as wanted.
#[derive(Debug, thiserror::Error)]
pub enum BootstrapError {
    /// Something is in the way.
    #[error(transparent)]
    Obstacle(#[from] Obstacle),
    /// A node, or the token that is used.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The escrow can not be read or written.
    #[error(transparent)]
    Escrow(#[from] EscrowError),
    /// The escrow can not be opened, or not be encrypted.
    #[error(transparent)]
    Cipher(#[from] CipherError),
    /// Something outside of the Vault.
    #[error(transparent)]
    Other(#[from] Box<Error>),
    /// `--check` found differences.
    #[error("{count} {} as wanted", if *count == 1 { "thing is not" } else { "things are not" })]
    Drift {
        /// How many.
        count: usize,
    },
    /// Nowhere to write keys.
    #[error("the Vault is not initialised, and there is no escrow for its keys")]
    NoEscrow,
    /// No sink took a record.
    #[error("no escrow took the record: {}", failed.join("; "))]
    NotKept {
        /// Each sink, and why.
        failed: Vec<String>,
    },
    /// The keys are in the log only.
    #[error("the Vault is initialised, and no escrow took its keys: the only copy is the encrypted record in this log")]
    EscrowInLog {
        /// Why no escrow took it.
        source: Box<BootstrapError>,
    },
    /// Another run writes into the escrow.
    #[error("another run has written into the escrow meanwhile")]
    EscrowMoves,
    /// Another run changes the same things.
    #[error("another run has changed {what} at the same time")]
    OtherRun {
        /// What was changed.
        what: String,
    },
    /// The server said no.
    #[error("`{node}` refused to be initialised: {message}")]
    InitialiseRefused {
        /// Which node.
        node: NodeAddress,
        /// The server's words.
        message: String,
    },
    /// The connection broke, and the node does not say whether it was initialised; or it broke again and again.
    #[error("the connection to `{node}` broke while it was being initialised, and whether it was is not known")]
    InitialiseUnknown {
        /// Which node.
        node: NodeAddress,
    },
    /// Shares of something else.
    #[error("the shares do not unseal `{node}`: they are of another Vault, or not all of one key")]
    WrongShares {
        /// Which node.
        node: NodeAddress,
    },
    /// Shares were given to a Vault that has none.
    #[error("`{node}` is not initialised, and shares were given to unseal it")]
    SharesForNothing {
        /// Which node.
        node: NodeAddress,
    },
    /// The keys in the escrow may be of another Vault.
    #[error("nothing shows that the keys in the escrow are those of `{node}`")]
    NotProven {
        /// Which node.
        node: NodeAddress,
    },
    /// It took all shares, and stays sealed.
    #[error("`{node}` has taken the shares, and is still sealed")]
    NotOpened {
        /// Which node.
        node: NodeAddress,
    },
    /// It does not come to rest.
    #[error("the Vault keeps changing its state: what was done is undone again")]
    Restless,
    /// Some shares, and not enough.
    #[error("`{node}` was given {given} of {threshold} shares{}", of(holders))]
    TooFewShares {
        /// Which node.
        node: NodeAddress,
        /// How many it has.
        given: u32,
        /// How many it needs.
        threshold: u32,
        /// Whose shares there are, where each person has one.
        holders: Vec<String>,
    },
    /// An address that the escrow does not know.
    #[error("the escrow does not know the address `{node}`, and keys and logins go to no other")]
    UnknownAddress {
        /// Which node.
        node: NodeAddress,
    },
    /// It said that it had joined, and has not.
    #[error("`{node}` was told to join the cluster, and has not")]
    NotJoined {
        /// Which node.
        node: NodeAddress,
    },
    /// Not all nodes vote.
    #[error("{voters} of {count} nodes vote in the cluster")]
    NoVote {
        /// How many vote.
        voters: usize,
        /// How many there are.
        count: usize,
    },
    /// The token that was given.
    #[error("`{node}` does not take the token that was given")]
    BadToken {
        /// Which node.
        node: NodeAddress,
    },
    /// No way to log in.
    #[error("nobody can log in to `{node}`: {why}")]
    NoLogin {
        /// Which node.
        node: NodeAddress,
        /// Why not.
        why: String,
    },
    /// What the operator may not repair.
    #[error("{what} is not as wanted, and is not the operator's to change: {why}")]
    NotOfOperator {
        /// What.
        what: String,
        /// Why there is no other way.
        why: String,
    },
    /// Where the keys of GitHub's tokens come from.
    #[error(
        "`{node}` could not get the keys that GitHub's tokens are proven by ({message}): what comes after that was not done, so that no secret-id was minted, and a root token that is still in the escrow was not revoked"
    )]
    NoIssuer {
        /// Which node.
        node: NodeAddress,
        /// The server's words.
        message: String,
    },
    /// The root token is still good.
    #[error("the root token was revoked, and is still good")]
    RootNotRevoked,
    /// Something else is mounted.
    #[error("`{path}` holds `{kind}`, where `{wanted}` belongs")]
    OtherMount {
        /// Where.
        path: String,
        /// What is there.
        kind: String,
        /// What should be.
        wanted: &'static str,
    },
    /// An older version of KV.
    #[error("`{path}` is KV version 1")]
    KvVersion1 {
        /// Where.
        path: String,
    },
    /// What was written is not what is read.
    #[error("{what} was written, and what is read back is not that")]
    NotReadBack {
        /// What.
        what: String,
    },
    /// The answer to an initialisation is not what was asked for.
    #[error("the Vault is initialised, and its keys are not as they were asked for: {what}")]
    OddKeys {
        /// What is odd.
        what: String,
    },
}

fn of(holders: &[String]) -> String {
    if holders.is_empty() { String::new() } else { format!("; there are shares of {}", holders.join(", ")) }
}

impl BootstrapError {
    /// What the program ends with.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Obstacle(obstacle) => obstacle_code(obstacle),
            Self::Vault(VaultError::Forbidden { .. })
            | Self::BadToken { .. }
            | Self::NoLogin { .. }
            | Self::NotOfOperator { .. } => ExitCode::NotAllowed,
            Self::Vault(
                VaultError::Unreachable { .. }
                | VaultError::Senseless { .. }
                | VaultError::Refused { status: 500.., .. },
            )
            | Self::InitialiseUnknown { .. }
            | Self::NoIssuer { .. }
            | Self::NotJoined { .. }
            | Self::NotOpened { .. }
            | Self::Restless
            | Self::NoVote { .. } => ExitCode::Unreachable,
            Self::Escrow(error) => super::escrow::code(error),
            Self::Cipher(error) => super::escrow::cipher_code(error),
            Self::Other(error) => error.exit_code(),
            Self::Drift { .. } => ExitCode::Drift,
            Self::EscrowInLog { .. } => ExitCode::EscrowInLog,
            Self::TooFewShares { .. } => ExitCode::Waiting,
            Self::NoEscrow => ExitCode::Usage,
            Self::EscrowMoves | Self::OtherRun { .. } => ExitCode::Contended,
            Self::WrongShares { .. }
            | Self::UnknownAddress { .. }
            | Self::SharesForNothing { .. }
            | Self::NotProven { .. }
            | Self::OtherMount { .. }
            | Self::KvVersion1 { .. }
            | Self::OddKeys { .. } => ExitCode::Unsafe,
            Self::Vault(VaultError::Refused { .. })
            | Self::NotKept { .. }
            | Self::InitialiseRefused { .. }
            | Self::RootNotRevoked
            | Self::NotReadBack { .. } => ExitCode::Failed,
        }
    }

    /// What the reader can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Obstacle(obstacle) => obstacle_hint(obstacle),
            Self::Escrow(error) => return super::escrow::hint(error),
            Self::Cipher(error) => super::escrow::cipher_hint(error),
            Self::Other(error) => return error.hint(),
            Self::Vault(VaultError::Unreachable { message, .. }) if message.contains(NO_TLS) => LET_IT_SPEAK_TLS,
            Self::Vault(VaultError::Unreachable { .. }) => {
                "check the address, the certificate (`--ca-certificate`) and the firewall, then run it again"
            }
            Self::Vault(VaultError::Forbidden { .. }) => {
                "give a token that may do it in `BIVOUAC_VAULT_TOKEN`, for this run only"
            }
            Self::Vault(VaultError::Senseless { .. }) => {
                "what answers there is a proxy, or no Vault: name the node itself"
            }
            Self::Drift { .. } => "run it without `--check` to make them so",
            Self::NoEscrow => "give `--escrow` (`file:PATH` or `git:PATH`) and two or more `--recipient`",
            Self::EscrowInLog { .. } => {
                "copy all lines of the record from the log into a new file, give that as `--escrow file:PATH`, and run it again: see \"The escrow is in the log only\" in docs/vault.md"
            }
            Self::EscrowMoves | Self::OtherRun { .. } => {
                "run it again, one run at a time (a `concurrency` group that does not cancel)"
            }
            Self::InitialiseUnknown { .. } => {
                "look at `sys/init` of the node: `false`, and it can be run again; `true`, and its keys are lost: see \"The keys were lost\" in docs/vault.md"
            }
            Self::InitialiseRefused { .. } => "nothing was initialised: mend what the server says, and run it again",
            Self::WrongShares { .. } => {
                "check which escrow and which shares belong to this Vault; the node has forgotten them"
            }
            Self::TooFewShares { .. } => {
                "whoever has another share runs this too, with it in `BIVOUAC_UNSEAL_SHARES`; what was given is kept by the node"
            }
            Self::UnknownAddress { .. } => {
                "make sure that it is a node of this Vault, then give `--acknowledge-address` with it"
            }
            Self::NotJoined { .. } | Self::NotOpened { .. } | Self::NoVote { .. } => {
                "look at the log of the node: it has to reach the active one at its cluster address (port 8201)"
            }
            Self::SharesForNothing { .. } => "check the address; to initialise it, take `BIVOUAC_UNSEAL_SHARES` away",
            Self::NotProven { .. } => {
                "check the address and the escrow; let it be unsealed by a run with the identity, so that its keys are proven"
            }
            Self::Restless => "see who seals or restarts its nodes, then run it again",
            Self::BadToken { .. } => {
                "the token in `BIVOUAC_VAULT_TOKEN` or `VAULT_TOKEN` is wrong or expired: unset it, or give another"
            }
            Self::NoLogin { .. } => {
                "give a token in `BIVOUAC_VAULT_TOKEN`, or let the server make root tokens (`disable_unauthed_generate_root_endpoints = false`) for one run"
            }
            Self::NotOfOperator { .. } => {
                "give a root token in `BIVOUAC_VAULT_TOKEN` for this run, or the identity of the escrow"
            }
            Self::OtherMount { .. } => "choose another path in the configuration, or unmount what is there by hand",
            Self::KvVersion1 { .. } => {
                "give `--allow-kv-upgrade` (what reads it has to speak version 2 from then on), or choose another `--kv-mount`"
            }
            Self::NoIssuer { .. } => {
                "let the server reach the issuer, or give `github.jwks-url` with an address that it reaches, or `github.jwt-validation-pubkeys` with the keys themselves; then run it again, and it goes on from there"
            }
            Self::RootNotRevoked => "revoke it by hand: `bao token revoke` with the token of the escrow",
            Self::OddKeys { .. } => {
                "what the server returned is in the escrow, encrypted: look at the server's log before anything else"
            }
            Self::NotReadBack { .. } => "somebody else may be writing it: see who, then run it again",
            Self::NotKept { .. } | Self::Vault(VaultError::Refused { .. }) => return None,
        })
    }
}

fn obstacle_code(obstacle: &Obstacle) -> ExitCode {
    match obstacle {
        Obstacle::Unreachable { .. }
        | Obstacle::NoActiveNode
        | Obstacle::StrangeLeader { .. }
        | Obstacle::AutoUnseal { .. } => ExitCode::Unreachable,
        Obstacle::NoShares { .. } | Obstacle::NoIdentity { .. } => ExitCode::Waiting,
        _ => ExitCode::Unsafe,
    }
}

fn obstacle_hint(obstacle: &Obstacle) -> &'static str {
    match obstacle {
        Obstacle::Unreachable { why, .. } if why.contains(NO_TLS) => LET_IT_SPEAK_TLS,
        Obstacle::Unreachable { .. } | Obstacle::Lonely { .. } => {
            "check that the node runs, and that its address and certificate (`--ca-certificate`) are right"
        }
        Obstacle::NoActiveNode => "look at the logs of the nodes, then run it again",
        Obstacle::StrangeLeader { .. } => "name every node with its own `--vault-address`, as its `api_addr` says it",
        Obstacle::AutoUnseal { .. } => "look at what unseals it (the key service, its credentials) in the server's log",
        Obstacle::DataLost { .. } => {
            "restore the storage; only if the old data may go, give `--acknowledge-new-cluster` with the name of the old cluster"
        }
        Obstacle::InitLost { .. } => {
            "if it was ever unsealed, leave its storage alone and look for the whole escrow; else nobody can open it: see \"The keys were lost\" in docs/vault.md"
        }
        Obstacle::NoKeys { .. } => {
            "if it was ever in use, leave its storage alone: look for the whole escrow (its history, another place, the log of its first run), or give an administrator's token in `BIVOUAC_VAULT_TOKEN`"
        }
        Obstacle::IntentElsewhere { .. } => {
            "one escrow is for one Vault: name another place; if that node is no more, give `--acknowledge-new-cluster` with its address"
        }
        Obstacle::Foreign => {
            "check that `--escrow` is where its keys are; if it has none, give a token of its administrator in `BIVOUAC_VAULT_TOKEN`, and it is adopted"
        }
        Obstacle::WrongCluster { .. } => {
            "check `--vault-address` and `--escrow`: one of them is of another environment"
        }
        Obstacle::Split { .. } | Obstacle::NotOfCluster { .. } => "name the nodes of one cluster only",
        Obstacle::Migrating { .. } => "finish the migration of its seal first",
        Obstacle::DisasterRecovery { .. } => "give the addresses of the primary cluster",
        Obstacle::Removed { .. } => "take its address away, or let it join anew with empty storage",
        Obstacle::Contradiction { .. } => "name the node itself: a load balancer answers for several",
        Obstacle::NoShares { .. } => {
            "whoever has shares gives them in `BIVOUAC_UNSEAL_SHARES`, one a line, for one run"
        }
        Obstacle::NoIdentity { .. } => {
            "somebody whose key is among the recipients (`bivouac escrow show`) gives it in `BIVOUAC_AGE_IDENTITY`"
        }
    }
}
