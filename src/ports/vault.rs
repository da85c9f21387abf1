//! A Vault: what is asked of its nodes, and what is written through its active one.

use std::future::Future;

use serde_json::Value;

use super::words;
use crate::domain::escrow::{Ledger, Record};
use crate::domain::names::Application;
use crate::domain::vault::address::NodeAddress;
use crate::domain::vault::seen::{NodeSeen, Seal};
use crate::error::Error;
use crate::secret::Secret;

/// The nodes of a Vault.
pub trait Vault: Sync {
    /// What a node says of itself, without credentials: health, seal, initialisation, and the leader if it is not itself.
    fn look(&self, node: &NodeAddress) -> impl Future<Output = NodeSeen> + Send;

    /// Initialises a node: one request, which is never sent twice.
    fn initialise(
        &self,
        node: &NodeAddress,
        how: &Initialisation,
    ) -> impl Future<Output = Result<Initialised, InitialiseError>> + Send;

    /// Gives a sealed node a share of its key.
    fn submit(&self, node: &NodeAddress, share: &Secret) -> impl Future<Output = Result<Seal, VaultError>> + Send;

    /// Makes a sealed node forget the shares that it was given.
    fn forget_shares(&self, node: &NodeAddress) -> impl Future<Output = Result<Seal, VaultError>> + Send;

    /// Makes a node join the cluster of the active one.
    fn join(&self, node: &NodeAddress, leader: &NodeAddress) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Logs in at `auth/<mount>/login`, and returns the token.
    fn login(
        &self,
        node: &NodeAddress,
        mount: &str,
        login: &Login,
    ) -> impl Future<Output = Result<Secret, VaultError>> + Send;

    /// Reads a path below `/v1/`: the answer's `data`, or the answer itself where it has none. Nothing when there is nothing.
    fn read(&self, access: &Access, path: &str) -> impl Future<Output = Result<Option<Value>, VaultError>> + Send;

    /// Lists the keys at a path; empty when there is nothing.
    fn list(&self, access: &Access, path: &str) -> impl Future<Output = Result<Vec<String>, VaultError>> + Send;

    /// Deletes what is at a path.
    fn delete(&self, access: &Access, path: &str) -> impl Future<Output = Result<(), VaultError>> + Send;

    /// Writes to a path; the answer's `data` where it has any.
    fn write(
        &self,
        access: &Access,
        path: &str,
        body: &Value,
    ) -> impl Future<Output = Result<Option<Value>, VaultError>> + Send;
}

/// Which node is asked, and as whom.
#[derive(Debug, Clone)]
pub struct Access {
    /// The node.
    pub node: NodeAddress,
    /// The token; none for what needs no login.
    pub token: Option<Secret>,
}

/// How a node is to be initialised.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initialisation {
    /// How many shares there will be.
    pub shares: u32,
    /// How many of them are needed.
    pub threshold: u32,
    /// Whether the node unseals itself, so that the shares are for recovery.
    pub is_automatic: bool,
    /// The keys that the shares are encrypted to, one a share; none for custody by the escrow alone.
    pub pgp_keys: Vec<String>,
}

/// What an initialisation returned. Nobody else has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Initialised {
    /// The shares that unseal; encrypted, if keys were given.
    pub unseal_shares: Vec<Secret>,
    /// The shares for recovery, where the node unseals itself; encrypted, if keys were given.
    pub recovery_shares: Vec<Secret>,
    /// The first token, which may do everything; none when the server has forgotten it.
    pub root_token: Option<Secret>,
}

/// Who logs in.
#[derive(Debug, Clone)]
pub enum Login {
    /// By an `AppRole`.
    AppRole {
        /// Which.
        role_id: Secret,
        /// Its password.
        secret_id: Secret,
    },
    /// By a token of GitHub's OIDC provider.
    Jwt {
        /// The role.
        role: String,
        /// The token.
        token: Secret,
    },
}

/// Why an initialisation did not return keys.
#[derive(Debug, thiserror::Error)]
pub enum InitialiseError {
    /// Somebody else was faster.
    #[error("`{node}` is initialised already")]
    Already {
        /// Which node.
        node: NodeAddress,
    },
    /// The server refused it: it is as it was.
    #[error("`{node}` refused to be initialised{}", words(.message))]
    Refused {
        /// Which node.
        node: NodeAddress,
        /// The server's words.
        message: String,
    },
    /// Nobody knows whether it was done.
    #[error("the connection to `{node}` broke while it was being initialised: {message}")]
    Broken {
        /// Which node.
        node: NodeAddress,
        /// What happened.
        message: String,
    },
}

/// Why a node can not be reached that listens without TLS where its address has `https://`.
pub const NO_TLS: &str = "it does not speak TLS there";

/// Why a Vault could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum VaultError {
    /// The node can not be reached, or keeps failing.
    #[error("`{node}` can not be reached: {message}")]
    Unreachable {
        /// Which node.
        node: NodeAddress,
        /// What happened.
        message: String,
    },
    /// The token may not do it, or there is no such login.
    #[error("`{node}` does not allow to {what}{}", words(.message))]
    Forbidden {
        /// Which node.
        node: NodeAddress,
        /// What was tried.
        what: String,
        /// The server's words.
        message: String,
    },
    /// The server refused it.
    #[error("`{node}` refused to {what} ({status}){}", words(.message))]
    Refused {
        /// Which node.
        node: NodeAddress,
        /// What was tried.
        what: String,
        /// The status of the answer.
        status: u16,
        /// The server's words.
        message: String,
    },
    /// An answer that makes no sense.
    #[error("`{node}` answered {what} with something that is no answer of a Vault")]
    Senseless {
        /// Which node.
        node: NodeAddress,
        /// What was asked.
        what: String,
    },
}

/// Who gets a secret-id beside the deployer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taker {
    /// The External Secrets reader.
    Reader,
    /// An application.
    Application(Application),
}

/// What leaves a bootstrap for the people and the jobs after it.
pub trait HandOver: Sync {
    /// From now on a signal to stop waits: what is under way can not be repeated.
    fn hold(&self);

    /// From now on a signal to stop counts again.
    fn release(&self);

    /// Makes sure that secrets can be left at all, before the first is made.
    ///
    /// # Errors
    ///
    /// When they can not.
    fn is_ready(&self) -> Result<(), Box<Error>>;

    /// Keeps a secret from the log, at the moment it is made or read.
    fn mask(&self, secret: &Secret);

    /// Gives the deployer's login to those who are to have it, before an older one is destroyed.
    fn deliver(
        &self,
        role_id: &str,
        secret_id: &Secret,
    ) -> impl Future<Output = Result<Vec<String>, Box<Error>>> + Send;

    /// Leaves the secret of somebody else than the deployer in a file.
    ///
    /// # Errors
    ///
    /// When it can not be written.
    fn deliver_apart(&self, taker: &Taker, secret_id: &Secret) -> Result<String, Box<Error>>;

    /// Keeps an encrypted record on this machine until the escrow has it.
    ///
    /// # Errors
    ///
    /// When it can not be written.
    fn set_aside(&self, record: &Record) -> Result<(), Box<Error>>;

    /// The encrypted records that earlier runs set aside on this machine, of whichever Vault.
    fn aside(&self) -> Vec<Record>;

    /// Removes this record from those that were set aside: the escrow has it.
    fn forget_aside(&self, record: &Record);

    /// Shows an escrow, whose last record is encrypted and new, in the log and the step summary: no other place took that one.
    fn show(&self, escrow: &Ledger);

    /// A token of GitHub's OIDC provider for an audience, where the job may ask for one.
    fn oidc_token(&self, audience: &str) -> impl Future<Output = Result<Option<Secret>, Box<Error>>> + Send;
}

/// Hears how far a bootstrap has come.
pub trait Progress: Sync {
    /// A piece of work begins.
    fn begins(&self, what: &str);

    /// It has ended.
    fn ends(&self, done: &Done);
}

/// A piece of work that has ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Done {
    /// What it was about, such as ``policy `bivouac-deployer` ``.
    pub what: String,
    /// How it ended.
    pub mark: Mark,
    /// What was found or done; blank where there is nothing to say.
    pub detail: String,
}

/// How a piece of work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    /// It was as wanted.
    Fine,
    /// It is as wanted now.
    Changed,
    /// It is not as wanted, and was left so: nothing was to be written.
    Differs,
    /// It is as it is, and somebody should know.
    Warned,
    /// It would be done, if this were not a dry run.
    Planned,
}
