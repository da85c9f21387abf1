//! One generation of the escrow. Everything in it may be seen by everybody.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

use crate::domain::vault::address::NodeAddress;

/// The newest shape of a record that is known here.
pub const SCHEMA: u32 = 1;

/// How far an initialisation had come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Phase {
    /// It is about to begin: there are no keys yet.
    Intent,
    /// The keys are here, encrypted; nobody has tried them.
    Captured,
    /// The Vault was unsealed with what was decrypted from here.
    Verified,
}

impl fmt::Display for Phase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::Intent => "intent",
            Self::Captured => "captured",
            Self::Verified => "verified",
        })
    }
}

/// One person's share, as the server encrypted it to that person's PGP key.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PgpShare {
    /// Whose key.
    pub fingerprint: String,
    /// The ciphertext, as the server gave it.
    pub share: String,
}

/// One generation of the escrow.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Record {
    /// The shape of the record.
    pub schema: u32,
    /// Counts up from 1.
    pub generation: u64,
    /// How far the initialisation had come.
    pub phase: Phase,
    /// 32 hexadecimal digits, drawn anew by each run, so that a run knows its own records.
    pub run: String,
    /// When it was written.
    pub at: Timestamp,
    /// The environment that the Vault is for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub environment: Option<String>,
    /// Where the nodes are. Shares go to these only.
    pub addresses: Vec<NodeAddress>,
    /// What seals the Vault, such as `shamir`.
    pub seal_type: String,
    /// How many shares unseal it.
    pub threshold: u32,
    /// How many shares there are.
    pub shares: u32,
    /// The address of the run.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run_url: Option<String>,
    /// The public keys, as they were given.
    pub recipients: Vec<String>,
    /// Which cluster it is. A sealed server does not show it, so it is known from `verified` on.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cluster_id: Option<String>,
    /// The shares, where each person has one.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub pgp_shares: Vec<PgpShare>,
    /// The contents, encrypted to the recipients, in armour. There is none in an intent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ciphertext: Option<String>,
}

impl Record {
    /// Whether keys are in it.
    #[must_use]
    pub fn has_keys(&self) -> bool {
        self.ciphertext.is_some() || !self.pgp_shares.is_empty()
    }

    /// Whether it is encrypted to these very keys, whatever their order and comments.
    #[must_use]
    pub fn is_to(&self, recipients: &[String]) -> bool {
        let keys = |recipients: &[String]| recipients.iter().map(|text| key(text)).collect::<BTreeSet<_>>();
        keys(&self.recipients) == keys(recipients)
    }
}

/// A public key without the comment that follows an SSH key.
fn key(recipient: &str) -> String {
    recipient.split_whitespace().take(2).collect::<Vec<_>>().join(" ")
}
