//! Whether manifests are what Kubernetes and its CRDs take: schemas from files, and a validator for what they use of JSON Schema.
//!
//! Why it is our own: `docs/decisions/0037-schemas.md`.

mod document;
mod index;
mod keywords;
mod layout;
mod pattern;
#[cfg(test)]
mod tests;
mod validator;
mod words;

use std::collections::HashMap;
use std::sync::Mutex;

use regex::Regex;
use serde_json::{Value, json};

use self::index::Index;
use self::validator::Validator;
use super::{Check, Finding, Manifest, Severity};
use crate::domain::configuration::KubernetesVersion;
use crate::domain::path::RepoPath;

/// So many violations of one object are told.
const MOST_TOLD: usize = 20;

/// Why schemas can not be used. It says nothing about the manifests.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SchemaError {
    /// A file that should hold schemas does not.
    #[error("the schemas in `{file}` can not be read: {why}")]
    Unreadable {
        /// The file.
        file: String,
        /// What the parser says.
        why: String,
    },
    /// There are schemas of Kubernetes, but of other versions.
    #[error("there are no schemas of Kubernetes {wanted}: there are those of {there}")]
    NoVersion {
        /// What `checks.kubernetes` says.
        wanted: String,
        /// What is there.
        there: String,
    },
    /// There are schemas of several versions, and nothing says which.
    #[error(
        "there are schemas of Kubernetes {there}, and `checks.kubernetes` does not say which version the cluster has"
    )]
    NoVersionNamed {
        /// What is there.
        there: String,
    },
    /// A schema refers to what is not there.
    #[error("the schemas in `{file}` refer to `{to}`, which is not there")]
    Reference {
        /// The file.
        file: String,
        /// The reference.
        to: String,
    },
    /// A schema refers to itself without end.
    #[error("the schemas in `{file}` refer to themselves without end")]
    Endless {
        /// The file.
        file: String,
    },
    /// A schema has so many forms within forms that an object can not be held against it.
    #[error("the schemas in `{file}` take more than {most} steps for one object")]
    TooCostly {
        /// The file.
        file: String,
        /// So many steps it may take, which grows with the object.
        most: usize,
    },
    /// A schema has a pattern that is no regular expression.
    #[error("the schemas in `{file}` have a `pattern` that can not be read: {why}")]
    Pattern {
        /// The file.
        file: String,
        /// What is wrong with it.
        why: String,
    },
}

/// What a look at one manifest yields.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Verdict {
    /// It is valid.
    Valid,
    /// There is no schema for it: its version and kind, as `helm.toolkit.fluxcd.io/v2 HelmRelease`.
    Unknown(String),
    /// What is wrong, each with its path.
    Invalid(Vec<String>),
}

/// Schemas of Kubernetes and of CRDs.
#[derive(Debug)]
pub struct Schemas {
    index: Index,
    patterns: Mutex<HashMap<String, Regex>>,
}

impl Schemas {
    /// Whether a file may hold schemas, so that it has to be read: by its name, and for the version that is wanted.
    #[must_use]
    pub fn concerns(path: &str, kubernetes: Option<&KubernetesVersion>) -> bool {
        let minor = kubernetes.and_then(|version| version.as_str().split_once('.')?.1.parse::<u16>().ok());
        let is_other = minor.is_some_and(|minor| layout::release(path).is_some_and(|(_, found)| found.minor != minor));
        let ending = path.rsplit_once('.').map_or("", |(_, ending)| ending);
        !is_other && matches!(ending, "json" | "yaml" | "yml")
    }

    /// Takes files with schemas, each with its path: CRDs (YAML or JSON, several in a file, lists), the layouts of
    /// `kubernetes-json-schema` and of the CRDs catalog, and Kubernetes' own OpenAPI. Of two schemas for a kind the first counts.
    ///
    /// Of the folders that are named after a version of Kubernetes, the one that fits `kubernetes` is used.
    ///
    /// # Errors
    ///
    /// When a file can not be read, or there are schemas of Kubernetes, but not for that version.
    pub fn read(files: Vec<(String, String)>, kubernetes: Option<&KubernetesVersion>) -> Result<Self, SchemaError> {
        Ok(Self { index: Index::new(files, kubernetes)?, patterns: Mutex::default() })
    }

    /// Whether a manifest is valid, as strictly as the API server validates fields.
    ///
    /// # Errors
    ///
    /// When the schema itself is broken.
    pub fn check(&self, manifest: &Manifest) -> Result<Verdict, SchemaError> {
        let (kind, api_version) = (manifest.kind(), manifest.api_version());
        if kind.is_empty() || api_version.is_empty() {
            return Ok(Verdict::Invalid(vec!["apiVersion and kind: required, as strings".to_owned()]));
        }
        let (group, version) = api_version.rsplit_once('/').unwrap_or(("", api_version));
        let Some(located) = self.index.find(group, version, kind)? else {
            return Ok(self.without(group, version, kind));
        };
        if let Some(real) = self.index.real_kind(located, group, kind)?.filter(|real| *real != kind) {
            let wrong = words::quoted(&Value::from(kind));
            return Ok(Verdict::Invalid(vec![format!("kind: {wrong} is not known: use {real}")]));
        }
        // What a Secret holds is not repeated.
        let validator =
            Validator::new(&self.index, &self.patterns, located.dialect, !kind.eq_ignore_ascii_case("Secret"));
        let mut found = validator.check(located, &manifest.object)?;
        let more = found.len().saturating_sub(MOST_TOLD);
        if more > 0 {
            found.truncate(MOST_TOLD);
            found.push(format!("and {more} more"));
        }
        Ok(if found.is_empty() { Verdict::Valid } else { Verdict::Invalid(found) })
    }

    /// The same as findings about an overlay, before any strictness, each object of a list by itself; and the kinds that
    /// there is no schema for.
    ///
    /// # Errors
    ///
    /// When the schema itself is broken.
    pub fn findings(
        &self,
        manifest: &Manifest,
        overlay: &RepoPath,
    ) -> Result<(Vec<Finding>, Vec<String>), SchemaError> {
        let (mut found, mut unknown) = (Vec::new(), Vec::new());
        for part in manifest.unfolded() {
            let finding = |message| Finding::about(&part, overlay, Check::Schemas, Severity::Refusal, message);
            match self.check(&part)? {
                Verdict::Valid => {}
                Verdict::Unknown(kind) => unknown.push(kind),
                Verdict::Invalid(messages) => found.extend(messages.into_iter().map(finding)),
            }
        }
        Ok((found, unknown))
    }

    fn without(&self, group: &str, version: &str, kind: &str) -> Verdict {
        let join = |version: &str| if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
        let there = self.index.versions(group, kind);
        if there.is_empty() {
            return Verdict::Unknown(format!("{} {kind}", join(version)));
        }
        let there: Vec<_> = there.into_iter().map(join).collect();
        let wrong = words::quoted(&Value::from(join(version)));
        Verdict::Invalid(vec![format!("apiVersion: {wrong} is not served for {kind}: use {}", there.join(" or "))])
    }
}

/// What every object's metadata holds, as `io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta` has it.
fn object_meta() -> Value {
    let texts = json!({"type": "object", "additionalProperties": {"type": "string"}});
    let time = json!({"type": "string", "format": "date-time"});
    json!({"type": "object", "properties": {
        "name": {"type": "string"}, "generateName": {"type": "string"}, "namespace": {"type": "string"},
        "labels": texts, "annotations": texts,
        "finalizers": {"type": "array", "items": {"type": "string"}},
        "ownerReferences": {"type": "array", "items": {"type": "object", "required": ["apiVersion", "kind", "name", "uid"],
            "properties": {
                "apiVersion": {"type": "string"}, "kind": {"type": "string"}, "name": {"type": "string"},
                "uid": {"type": "string"}, "controller": {"type": "boolean"}, "blockOwnerDeletion": {"type": "boolean"},
            }}},
        "creationTimestamp": time, "deletionTimestamp": time, "deletionGracePeriodSeconds": {"type": "integer"},
        "generation": {"type": "integer"}, "resourceVersion": {"type": "string"}, "selfLink": {"type": "string"},
        "uid": {"type": "string"}, "managedFields": {"type": "array", "items": {"type": "object"}},
    }})
}
