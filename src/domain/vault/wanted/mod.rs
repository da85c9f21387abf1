//! What is wanted of a Vault: a file, the options of the command line, and what they prove to mean together.

mod applications;
mod document;
mod lifetime;
mod names;
mod settle;
mod shares;
mod shortcuts;
mod source;

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde_json::Value;

pub use applications::{ApplicationSettings, WantedApplication, Workflows};
pub use document::{AuditDevice, Document};
pub use lifetime::Lifetime;
pub use names::{
    Environment, MountPath, PolicyName, RepositoryId, RoleName, SecretPath, WebAddress, WorkflowReference,
};
pub use shares::KeyShares;

use document::VaultSettings;
use source::Source;

use super::address::NodeAddress;

/// What editors are told of the file, and what it is held against.
static SCHEMA: LazyLock<Value> = LazyLock::new(|| schemars::schema_for!(Document).into());

/// The desired state of a Vault: every value is one that can be.
#[derive(Debug, Clone)]
pub struct Wanted {
    /// The environment that it is for.
    pub environment: Option<Environment>,
    /// The nodes. At least one, and none twice.
    pub addresses: Vec<NodeAddress>,
    /// The certificate of their authority: PEM, base64 of it, or a path from the file.
    pub ca_certificate: Option<String>,
    /// Where the encrypted keys are kept, as written.
    pub escrows: Vec<String>,
    /// Who opens them, as written. Two different ones or more where there is an escrow.
    pub recipients: Vec<String>,
    /// The PGP keys of custody by people, as written: none, or one a share.
    pub pgp_keys: Vec<String>,
    /// How the key is split.
    pub key_shares: KeyShares,
    /// Where KV version 2 is mounted.
    pub kv_mount: MountPath,
    /// The audit device, unless none is asked for.
    pub audit: Option<AuditDevice>,
    /// Where AppRole is mounted, below `auth/`.
    pub approle_mount: MountPath,
    /// The path within the secrets engine below which the deployer writes.
    pub prefix: SecretPath,
    /// Who writes previews' secrets.
    pub deployer: Login,
    /// Who reads them: External Secrets. Its secret-id does not end.
    pub reader: Login,
    /// Who runs this again. Its secret-id lives in the escrow and does not end.
    pub operator: Login,
    /// The login by GitHub's OIDC, if there is one.
    pub github: Option<GitHubLogin>,
    /// The applications that log in by themselves, in the order of their names.
    pub applications: Vec<WantedApplication>,
    /// Further policies, by name.
    pub policies: BTreeMap<PolicyName, String>,
}

/// One who logs in by AppRole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Login {
    /// The name of the AppRole.
    pub role: RoleName,
    /// The name of the policy.
    pub policy_name: PolicyName,
    /// The text of the policy, where the usual one is not wanted.
    pub policy: Option<String>,
    /// How long a token lives.
    pub token_ttl: Lifetime,
    /// How long a token lives at most; none is Vault's own limit.
    pub token_max_ttl: Lifetime,
    /// How long a secret-id lives; none is for ever.
    pub secret_id_ttl: Lifetime,
}

/// The login by GitHub's OIDC.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GitHubLogin {
    /// Where the auth method is mounted, below `auth/`.
    pub mount: MountPath,
    /// The audience of the tokens.
    pub audience: String,
    /// Who issues them.
    pub issuer: WebAddress,
    /// How they are proven.
    pub keys: IssuerKeys,
    /// The role of the deployer.
    pub role: RoleName,
    /// Who logs in as the deployer, if somebody does.
    pub deployer: Option<WorkflowLogin>,
    /// Who logs in as the operator, if somebody does. The role has the name of the operator's `AppRole`.
    pub operator: Option<WorkflowLogin>,
}

/// The workflows that log in under one role.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct WorkflowLogin {
    /// The repository whose workflows they are.
    pub repository_id: RepositoryId,
    /// Which of them. At least one.
    pub workflows: Vec<WorkflowReference>,
}

/// Where the keys come from that a token is proven by.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssuerKeys {
    /// The issuer says where.
    Discovery,
    /// From here.
    Jwks(WebAddress),
    /// These, in PEM.
    Pem(Vec<String>),
}

/// The file of the desired state.
#[derive(Debug, Clone, Copy)]
pub struct File<'a> {
    /// What messages call it.
    pub name: &'a str,
    /// What stands in it.
    pub text: &'a str,
}

/// What the command line says. Each value that is given replaces the file's, wholly: a list is not added to.
#[derive(Debug, Clone, Default)]
pub struct Shortcuts {
    /// `--vault-address`, for `addresses`.
    pub vault_addresses: Vec<String>,
    /// `--environment`.
    pub environment: Option<String>,
    /// `--ca-certificate`.
    pub ca_certificate: Option<String>,
    /// `--escrow`.
    pub escrows: Vec<String>,
    /// `--recipient`, for `recipients`.
    pub recipients: Vec<String>,
    /// `--pgp-key`, for `pgp-keys`.
    pub pgp_keys: Vec<String>,
    /// `--key-shares`.
    pub key_shares: Option<u32>,
    /// `--key-threshold`.
    pub key_threshold: Option<u32>,
    /// `--single-share`. Not giving it leaves the file's.
    pub single_share: bool,
    /// `--kv-mount`, for `kv.mount`.
    pub kv_mount: Option<String>,
    /// `--approle-name`, for `deployer.name`.
    pub approle_name: Option<String>,
    /// `--approle-policy-name`, for `deployer.policy-name`.
    pub approle_policy_name: Option<String>,
    /// The text of the file that `--approle-policy` names, for `deployer.policy` and `deployer.policy-file`.
    pub approle_policy: Option<String>,
    /// `--token-ttl`, for `deployer.token-ttl`.
    pub token_ttl: Option<String>,
    /// `--token-max-ttl`, for `deployer.token-max-ttl`.
    pub token_max_ttl: Option<String>,
    /// `--secret-id-ttl`, for `deployer.secret-id-ttl`.
    pub secret_id_ttl: Option<String>,
    /// `--github-repository-id`, for `github.repository-id`.
    pub github_repository_id: Option<String>,
    /// `--job-workflow-ref`, for `github.job-workflow-ref`.
    pub job_workflow_ref: Option<String>,
}

/// The desired state can not be used: where, what is wrong, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum WantedError {
    /// The file has it.
    #[error("`{file}` line {line}, column {column}: {message}")]
    File {
        /// The file, as it was named.
        file: String,
        /// The line, counted from 1.
        line: usize,
        /// The column, counted from 1 in characters.
        column: usize,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// An option has it.
    #[error("`--{option}`: {message}")]
    Option {
        /// The option, without its dashes.
        option: &'static str,
        /// What is wrong, and what would be right.
        message: String,
    },
    /// Nothing has it, and something must.
    #[error("{0}")]
    Nowhere(String),
}

impl Wanted {
    /// Puts the file and the command line together, and proves that they can be. `read` gives the text of a policy's file
    /// by the path that was written, or why it can not be read.
    ///
    /// # Errors
    ///
    /// For anything that is unknown, of the wrong type, impossible or contradictory.
    pub fn new(
        file: Option<File<'_>>,
        shortcuts: &Shortcuts,
        read: impl Fn(&str) -> Result<String, String>,
    ) -> Result<Self, WantedError> {
        let mut source = Source::new(file.as_ref());
        let mut settings = match file {
            Some(file) => source.settings(file.text)?,
            None => VaultSettings::default(),
        };
        shortcuts.replace(&mut settings, &mut source)?;
        settle::settle(settings, &source, &read)
    }
}

#[cfg(test)]
mod tests;
