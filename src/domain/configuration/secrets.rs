//! `secrets` of `bivouac.yaml`: what previews take from Vault. The doc comments here are the reference that users read.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Age, Configuration, ConfigurationError};
use crate::domain::identity::Identity;
use crate::domain::names::PreviewName;
use crate::domain::text_type::{text_default, text_type};
use crate::domain::vault::wanted::SecretPath;

/// A Secret that External Secrets makes in every preview's namespace, out of what a store has: the values at `path`, and above
/// them those that the preview has for itself at `path/NAME`. A pull request from a fork gets none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PreviewSecret {
    /// The name of the Secret, and of the `ExternalSecret` that makes it.
    pub name: ObjectName,
    /// The name of the store.
    pub store: ObjectName,
    /// The kind of the store.
    #[serde(default)]
    pub kind: StoreKind,
    /// Where the values are that all previews share, below the mount of the store: `previews/wildside`. No name in it may be that of
    /// a preview.
    pub path: SecretPath,
    /// The keys that the Secret has. All that there are if not given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<SecretKey>,
    /// Keys that are put together, by a template of External Secrets' each: `{URL: "postgres://{{ .user }}@db"}`. Beside these and
    /// `keys`, the Secret has no others.
    #[schemars(with = "BTreeMap<String, String>")]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub template: BTreeMap<SecretKey, String>,
    /// How often the store is asked again.
    #[schemars(with = "String")]
    #[serde(default = "an_hour")]
    pub refresh: Age,
}

impl PreviewSecret {
    /// Where the values of one preview are.
    #[must_use]
    pub fn own_path(&self, preview: &PreviewName) -> SecretPath {
        text_default(&format!("{}/{preview}", self.path))
    }
}

/// The kinds of stores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum StoreKind {
    /// One for many namespaces.
    #[default]
    ClusterSecretStore,
    /// One in the preview's own namespace, which a component or the cluster puts there.
    SecretStore,
}

impl StoreKind {
    /// Its name, as Kubernetes has it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ClusterSecretStore => "ClusterSecretStore",
            Self::SecretStore => "SecretStore",
        }
    }
}

text_type! {
    /// The name of a Secret or a store: a DNS name.
    /// Rule: <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names>
    ObjectName, check_object_name
}
text_type! {
    /// A key of a Secret: letters, digits, `-`, `_` and `.`.
    /// Rule: <https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data>
    SecretKey, check_key
}

/// The most characters of a DNS name, and of a key of a Secret.
const LONGEST: usize = 253;

fn check_object_name(text: &str) -> Result<(), String> {
    let is_fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(is_fine) && !label.starts_with('-') && !label.ends_with('-')
    };
    if text.len() <= LONGEST && text.split('.').all(is_label) {
        return Ok(());
    }
    Err(format!(
        "`{}` is not the name of a Secret or a store: use a-z, 0-9, `-` and `.`, starting and ending with a letter or digit",
        text.escape_debug()
    ))
}

fn check_key(text: &str) -> Result<(), String> {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_key = (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_fine) && !matches!(text, "." | "..");
    if is_key {
        return Ok(());
    }
    Err(format!(
        "`{}` is not a key of a Secret: use letters, digits, `-`, `_` and `.`",
        crate::domain::secrecy::shown(text)
    ))
}

fn an_hour() -> Age {
    Age(std::time::Duration::from_hours(1))
}

impl Configuration {
    /// Where a preview's own values are, one place for each of `secrets`.
    #[must_use]
    pub fn own_paths(&self, identity: &Identity) -> Vec<SecretPath> {
        self.document.secrets.iter().map(|secret| secret.own_path(&identity.name)).collect()
    }

    /// Proves that the Secrets can be told from each other, and that no path of one is a preview's own of another.
    pub(super) fn prove_secrets(&self) -> Result<(), ConfigurationError> {
        Ok(())
    }
}
