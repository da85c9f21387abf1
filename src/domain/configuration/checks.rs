//! `checks:` of `bivouac.yaml`: what has to hold before a commit. The doc comments here are the reference that users read.

use std::collections::BTreeMap;
use std::fmt;

use schemars::JsonSchema;
use serde::de::{self, Unexpected, Visitor};
use serde::{Deserialize, Deserializer, Serialize};

use super::not_secret::NotSecret;
use super::ready::Ready;
use crate::domain::path::RepoPath;
use crate::domain::text_type::text_type;

/// What has to hold before a commit, and when a preview counts as ready.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Checks {
    /// Whether the overlay builds with kustomize. Without it, `require` where kustomize is found.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub build: Option<Strictness>,
    /// Whether every line of the roster leads to something.
    pub roster: Strictness,
    /// Whether the whole roster builds, and not this overlay alone.
    pub roster_build: Strictness,
    /// Whether helm templates the chart with the preview's values.
    pub chart: Strictness,
    /// Whether everything that is rendered is valid for `kubernetes`, and for the CRDs that are found.
    pub schemas: Strictness,
    /// Whether the Rego policies in `policy-folders` have nothing to say.
    pub policies: Strictness,
    /// Policies that Bivouac brings, each with how strict it is.
    pub rules: BTreeMap<Rule, Strictness>,
    /// Whether every image is in its registry. It is waited for up to `--image-timeout`.
    pub images: Strictness,
    /// The version of Kubernetes that the cluster has: `"1.34"`, in quotation marks.
    #[schemars(with = "String")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kubernetes: Option<KubernetesVersion>,
    /// Folders, from the root, with CRDs or JSON Schemas.
    #[schemars(with = "Vec<String>")]
    pub schema_folders: Vec<Folder>,
    /// Archives (`.tar.gz`) with CRDs or JSON Schemas, fetched before they are needed.
    pub schema_archives: Vec<SchemaArchive>,
    /// Folders, from the root, with policies in Rego, as conftest reads them.
    #[schemars(with = "Vec<String>")]
    pub policy_folders: Vec<Folder>,
    /// The labels that the rule `mandatory-labels` asks of every workload.
    pub mandatory_labels: Vec<String>,
    /// The folder of the chart, from the root, where the `HelmRelease`'s source does not lead to it.
    #[schemars(with = "Option<String>")]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub chart_folder: Option<Folder>,
    /// What looks like a secret and is none, so that it may be committed. A secret that a run knows may never be.
    pub not_secret: Vec<NotSecret>,
    /// When a preview counts as ready, for `--wait` and `bivouac wait`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ready: Option<Ready>,
}

/// How strict a check is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Strictness {
    /// It is not made.
    #[default]
    Off,
    /// What it finds is told.
    Warn,
    /// What it finds is told, and nothing is committed.
    Require,
}

impl<'de> Deserialize<'de> for Strictness {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(StrictnessVisitor)
    }
}

struct StrictnessVisitor;

impl Visitor<'_> for StrictnessVisitor {
    type Value = Strictness;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("`off`, `warn` or `require`")
    }

    /// `off` without quotation marks is `false` to YAML.
    fn visit_bool<E: de::Error>(self, value: bool) -> Result<Strictness, E> {
        if value { Err(E::invalid_value(Unexpected::Bool(true), &self)) } else { Ok(Strictness::Off) }
    }

    fn visit_str<E: de::Error>(self, value: &str) -> Result<Strictness, E> {
        match value {
            "off" => Ok(Strictness::Off),
            "warn" => Ok(Strictness::Warn),
            "require" => Ok(Strictness::Require),
            other => Err(E::unknown_variant(other, &["off", "warn", "require"])),
        }
    }
}

impl Default for Checks {
    fn default() -> Self {
        Self {
            build: None,
            roster: Strictness::Require,
            roster_build: Strictness::Off,
            chart: Strictness::Off,
            schemas: Strictness::Off,
            policies: Strictness::Off,
            rules: BTreeMap::new(),
            images: Strictness::Off,
            kubernetes: None,
            schema_folders: Vec::new(),
            schema_archives: Vec::new(),
            policy_folders: vec![Folder(RepoPath::top().join("policy"))],
            mandatory_labels: Vec::new(),
            chart_folder: None,
            not_secret: Vec::new(),
            ready: None,
        }
    }
}

impl Checks {
    /// How strict the build is, where kustomize is found or not.
    #[must_use]
    pub fn build(&self, has_kustomize: bool) -> Strictness {
        self.build.unwrap_or(if has_kustomize { Strictness::Require } else { Strictness::Off })
    }

    /// How strict the strictest check is that looks at what is rendered.
    #[must_use]
    pub fn of_rendered(&self) -> Strictness {
        let rules = self.rules.values().copied();
        rules.chain([self.chart, self.schemas, self.policies]).max().unwrap_or_default()
    }
}

/// A policy that Bivouac brings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Rule {
    /// No Secret holds its data in the manifests.
    NoInlineSecrets,
    /// Every container says which resources it requests, and how much memory it may have.
    Resources,
    /// No container is privileged, may become more than it is, or runs as root.
    SecurityContext,
    /// Every workload has the labels in `mandatory-labels`.
    MandatoryLabels,
    /// Nothing but the preview's own namespace is cluster-scoped.
    NoClusterScope,
    /// Every host of an Ingress, an `HTTPRoute` and the like is within the domain.
    HostInDomain,
}

/// An archive with CRDs or JSON Schemas.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct SchemaArchive {
    /// Where it is: an `https://` address.
    pub url: String,
    /// The SHA-256 of the file, in hexadecimal. Anything else is refused.
    pub sha256: Sha256,
}

/// A folder, as a path from the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Folder(pub RepoPath);

impl Serialize for Folder {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Folder {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

text_type! {
    /// A version of Kubernetes, without its patch: `1.34`.
    KubernetesVersion, check_version
}

text_type! {
    /// A SHA-256 in hexadecimal: 64 digits.
    Sha256, check_sha256
}

fn check_version(text: &str) -> Result<(), String> {
    let is_number = |part: &str| !part.is_empty() && part.len() <= 3 && part.bytes().all(|byte| byte.is_ascii_digit());
    match text.split_once('.') {
        Some(("1", minor)) if is_number(minor) => Ok(()),
        _ => Err(format!("`{text}` is not a version of Kubernetes: write it as `\"1.34\"`, in quotation marks")),
    }
}

fn check_sha256(text: &str) -> Result<(), String> {
    let is_digit = |byte: u8| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte);
    if text.len() == 64 && text.bytes().all(is_digit) {
        return Ok(());
    }
    Err(format!("`{text}` is not a SHA-256: use 64 digits, lower-case hexadecimal, as `sha256sum` prints them"))
}
