//! The desired state of a Vault, version 1, as it is written. The doc comments here are the reference that users read.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::de::value::MapAccessDeserializer;
use serde::{Deserialize, Deserializer, Serialize};

use super::applications::ApplicationSettings;
use super::lifetime::Lifetime;
use super::names::{
    Environment, MountPath, PolicyName, RepositoryId, RoleName, SecretPath, WebAddress, WorkflowReference,
};
use crate::domain::configuration::Version;
use crate::domain::names::Application;
use crate::domain::text_type::text_default;
use crate::domain::vault::address::NodeAddress;

/// The desired state of a Vault, version 1: what `bootstrap-vault --config FILE` reads.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "The desired state of a Vault")]
pub struct Document {
    /// The version of this format. Always `1`.
    #[schemars(with = "u32", range(min = 1, max = 1))]
    pub version: Version,
    /// The Vault. An option of the command line replaces the value here.
    #[serde(default)]
    pub vault: VaultSettings,
}

/// What is wanted of one Vault.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct VaultSettings {
    /// The environment that the Vault is for: a DNS label. It names the record, the group and the comments.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub environment: Option<Environment>,
    /// The address of each node, never of a load balancer.
    #[schemars(with = "Vec<String>")]
    pub addresses: Vec<NodeAddress>,
    /// The certificate of the authority that vouches for the nodes: PEM, base64 of it, or a path from this file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub ca_certificate: Option<String>,
    /// Where the encrypted keys are kept: `file:PATH`, or `git:PATH` in the apps repository.
    pub escrow: Vec<String>,
    /// Who can open the escrow: `age1…` or SSH public keys. At least two.
    pub recipients: Vec<String>,
    /// Custody by people: one PGP public key a share, each a path from this file, base64 or armoured text.
    pub pgp_keys: Vec<String>,
    /// How many shares the key of the Vault is split into.
    #[schemars(range(min = 1, max = 255))]
    pub key_shares: u32,
    /// How many of them unseal it.
    #[schemars(range(min = 1, max = 255))]
    pub key_threshold: u32,
    /// Whether a key in one piece is wanted, with `key-shares: 1` and `key-threshold: 1`.
    pub single_share: bool,
    /// The secrets engine.
    pub kv: Kv,
    /// The audit device, or `none`.
    pub audit: AuditSetting,
    /// How previews' secrets are written.
    pub deployer: DeployerSettings,
    /// How External Secrets reads.
    pub reader: ReaderSettings,
    /// How a later run logs in once the root token is revoked.
    pub operator: OperatorSettings,
    /// The auth method AppRole.
    pub approle: Approle,
    /// The login by GitHub's OIDC. None without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "GitHubSettings")]
    pub github: Option<GitHubSettings>,
    /// The applications whose previews have secrets of their own, by name: a DNS label each. Each logs in by itself, and writes below
    /// its own prefix only.
    #[schemars(with = "BTreeMap<String, ApplicationSettings>")]
    pub applications: BTreeMap<Application, ApplicationSettings>,
    /// Further policies, by name, in HCL.
    #[schemars(with = "BTreeMap<String, String>")]
    pub policies: BTreeMap<PolicyName, String>,
}

impl Default for VaultSettings {
    fn default() -> Self {
        Self {
            environment: None,
            addresses: Vec::new(),
            ca_certificate: None,
            escrow: Vec::new(),
            recipients: Vec::new(),
            pgp_keys: Vec::new(),
            key_shares: 5,
            key_threshold: 3,
            single_share: false,
            kv: Kv::default(),
            audit: AuditSetting::Device(AuditDevice::default()),
            deployer: DeployerSettings::default(),
            reader: ReaderSettings::default(),
            operator: OperatorSettings::default(),
            approle: Approle::default(),
            github: None,
            applications: BTreeMap::new(),
            policies: BTreeMap::new(),
        }
    }
}

/// The secrets engine.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Kv {
    /// Where KV version 2 is mounted.
    pub mount: MountPath,
}

impl Default for Kv {
    fn default() -> Self {
        Self { mount: text_default("secret") }
    }
}

/// The auth method AppRole.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Approle {
    /// Where it is mounted, below `auth/`.
    pub mount: MountPath,
}

impl Default for Approle {
    fn default() -> Self {
        Self { mount: text_default("approle") }
    }
}

/// The audit device, or none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(untagged)]
pub enum AuditSetting {
    /// Nothing is asked of the audit log.
    Off(Off),
    /// This device.
    Device(AuditDevice),
}

/// The word that switches something off.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Off {
    /// Not wanted.
    None,
}

/// An audit device.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct AuditDevice {
    /// Its name.
    pub path: MountPath,
    /// Its type: `file`, `syslog`, `socket` or `http`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Its options, as Vault names them.
    pub options: BTreeMap<String, String>,
}

impl Default for AuditDevice {
    fn default() -> Self {
        let options = BTreeMap::from([("file_path".to_owned(), "stdout".to_owned())]);
        Self { path: text_default("file"), kind: "file".to_owned(), options }
    }
}

impl<'de> Deserialize<'de> for AuditSetting {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Either;

        impl<'de> serde::de::Visitor<'de> for Either {
            type Value = AuditSetting;

            fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
                formatter.write_str("a map, or `none`")
            }

            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<AuditSetting, E> {
                if text == "none" { Ok(AuditSetting::Off(Off::None)) } else { Err(E::custom("use a map, or `none`")) }
            }

            fn visit_map<A: serde::de::MapAccess<'de>>(self, map: A) -> Result<AuditSetting, A::Error> {
                AuditDevice::deserialize(MapAccessDeserializer::new(map)).map(AuditSetting::Device)
            }
        }

        deserializer.deserialize_any(Either)
    }
}

/// How previews' secrets are written.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct DeployerSettings {
    /// Its AppRole.
    pub name: RoleName,
    /// Its policy.
    pub policy_name: PolicyName,
    /// The text of its policy, in HCL. Without it: everything below `prefix`, and nothing else.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub policy: Option<String>,
    /// The text of its policy, as a path from this file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub policy_file: Option<String>,
    /// The path within the secrets engine below which it writes.
    pub prefix: SecretPath,
    /// How long its token lives.
    pub token_ttl: Lifetime,
    /// How long its token lives at most, however often it is renewed; `0` is Vault's own limit.
    pub token_max_ttl: Lifetime,
    /// How long its secret-id lives; `0` is for ever.
    pub secret_id_ttl: Lifetime,
}

impl Default for DeployerSettings {
    fn default() -> Self {
        Self {
            name: text_default("bivouac-deployer"),
            policy_name: text_default("bivouac-deployer"),
            policy: None,
            policy_file: None,
            prefix: text_default("previews"),
            token_ttl: Lifetime::from_seconds(3600),
            token_max_ttl: Lifetime::from_seconds(4 * 3600),
            secret_id_ttl: Lifetime::from_seconds(4 * 3600),
        }
    }
}

/// How External Secrets reads.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ReaderSettings {
    /// Its AppRole.
    pub name: RoleName,
    /// Its policy.
    pub policy_name: PolicyName,
    /// The text of its policy, in HCL. Without it: read, over the whole secrets engine.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub policy: Option<String>,
    /// The text of its policy, as a path from this file.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub policy_file: Option<String>,
    /// How long its token lives.
    pub token_ttl: Lifetime,
    /// How long its token lives at most, however often it is renewed; `0` is Vault's own limit.
    pub token_max_ttl: Lifetime,
}

impl Default for ReaderSettings {
    fn default() -> Self {
        Self {
            name: text_default("bivouac-reader"),
            policy_name: text_default("bivouac-reader"),
            policy: None,
            policy_file: None,
            token_ttl: Lifetime::from_seconds(3600),
            token_max_ttl: Lifetime::from_seconds(4 * 3600),
        }
    }
}

/// How a later run logs in once the root token is revoked.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct OperatorSettings {
    /// Its AppRole, and its role for GitHub's OIDC.
    pub name: RoleName,
    /// Its policy.
    pub policy_name: PolicyName,
    /// How long its token lives.
    pub token_ttl: Lifetime,
    /// How long its token lives at most, however often it is renewed; `0` is Vault's own limit.
    pub token_max_ttl: Lifetime,
}

impl Default for OperatorSettings {
    fn default() -> Self {
        Self {
            name: text_default("bivouac-operator"),
            policy_name: text_default("bivouac-operator"),
            token_ttl: Lifetime::from_seconds(15 * 60),
            token_max_ttl: Lifetime::from_seconds(3600),
        }
    }
}

/// The login by GitHub's OIDC.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct GitHubSettings {
    /// Where the auth method is mounted, below `auth/`.
    pub mount: MountPath,
    /// The number of the repository whose workflows log in. Needed here or on the command line, unless applications alone log in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "RepositoryId")]
    pub repository_id: Option<RepositoryId>,
    /// The workflow that logs in as the deployer: `owner/name/.github/workflows/file.yml@refs/heads/main`. Needed here
    /// or on the command line, unless applications alone log in.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub job_workflow_ref: Option<WorkflowReference>,
    /// The audience of the tokens. Without it: the first address.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub audience: Option<String>,
    /// Who issues the tokens, and where their keys are discovered. An Enterprise Server has its own.
    pub issuer: WebAddress,
    /// The role of the deployer.
    pub role: RoleName,
    /// Where the keys of the issuer are, in place of discovery.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub jwks_url: Option<WebAddress>,
    /// The keys of the issuer in PEM, in place of discovery.
    pub jwt_validation_pubkeys: Vec<String>,
    /// The workflow that logs in as the operator. None without it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(with = "String")]
    pub operator_workflow_ref: Option<WorkflowReference>,
}

impl Default for GitHubSettings {
    fn default() -> Self {
        Self {
            mount: text_default("jwt"),
            repository_id: None,
            job_workflow_ref: None,
            audience: None,
            issuer: text_default("https://token.actions.githubusercontent.com"),
            role: text_default("bivouac-deployer"),
            jwks_url: None,
            jwt_validation_pubkeys: Vec::new(),
            operator_workflow_ref: None,
        }
    }
}
