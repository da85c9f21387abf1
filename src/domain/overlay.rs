//! One preview's directory: what it holds, closed over everything that base refers to.

mod external_secrets;

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::base::{Base, HELM_GROUP};
use super::configuration::{Configuration, ConfigurationError, PreviewSecret};
use super::identity::Identity;
use super::names::ImageName;
use super::path::RepoPath;
use super::record::Record;
use super::yaml;

/// The kustomization of one overlay.
pub const KUSTOMIZATION: &str = "kustomization.yaml";
/// The patch that makes base this preview, and carries the record.
pub const PATCH: &str = "patch-helmrelease-values.yaml";
/// The preview's own namespace.
pub const NAMESPACE: &str = "namespace.yaml";
/// What makes the preview's Secrets. Only where there are any.
pub const EXTERNAL_SECRETS: &str = "external-secrets.yaml";
/// Every file that an overlay may have.
pub const FILES: [&str; 4] = [KUSTOMIZATION, NAMESPACE, PATCH, EXTERNAL_SECRETS];

/// Where the previews of a root are.
#[must_use]
pub fn previews_directory(root: &RepoPath) -> RepoPath {
    root.join("overlays").join("ephemeral")
}

/// The files of one overlay, by name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Overlay {
    /// Name and text of each file.
    pub files: BTreeMap<&'static str, String>,
}

/// Why base can not be made a preview.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OverlayError {
    /// The configuration yields impossible values.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// A reference would change its meaning in the preview's namespace.
    #[error(
        "the HelmRelease `{release}` refers to `{name}` in `{field}` without a namespace, and base states none to take it from"
    )]
    NoNamespace {
        /// The `HelmRelease`.
        release: String,
        /// The field.
        field: &'static str,
        /// What it refers to.
        name: String,
    },
    /// References to objects that would not be there.
    #[error("the HelmRelease `{release}` needs what nothing puts into the preview's namespace: {}", missing.join(", "))]
    NotProvided {
        /// The `HelmRelease`.
        release: String,
        /// Each missing object, and the field that refers to it.
        missing: Vec<String>,
    },
    /// References to Secrets that a fork's preview does not get.
    #[error(
        "the HelmRelease `{release}` needs what `secrets` makes for previews of the repository's own branches, and not for those of forks: {}",
        missing.join(", ")
    )]
    NotForForks {
        /// The `HelmRelease`.
        release: String,
        /// Each missing Secret, and the field that refers to it.
        missing: Vec<String>,
    },
    /// A Secret that two would make.
    #[error("base brings the Secret `{name}`, which `secrets` in `bivouac.yaml` would make as well")]
    MadeTwice {
        /// The Secret.
        name: String,
    },
}

/// What an overlay is made of.
#[derive(Debug, Clone, Copy)]
pub struct Ingredients<'a> {
    /// The configuration of the root.
    pub configuration: &'a Configuration,
    /// The canonical release.
    pub base: &'a Base,
    /// What the preview is called.
    pub identity: &'a Identity,
    /// The tag of each image.
    pub tags: &'a BTreeMap<ImageName, String>,
}

impl Ingredients<'_> {
    /// Writes the overlay that carries `record`.
    ///
    /// # Errors
    ///
    /// When base leans on something that would not be there for a preview.
    pub fn render(&self, record: &Record) -> Result<Overlay, OverlayError> {
        let comment = format!(
            "Written by Bivouac for pull request {}. Changes made here are lost at the next push.",
            self.identity.number
        );
        let write = |value: &Value| yaml::write_with_comment(&comment, value);
        let mut files = BTreeMap::from([
            (KUSTOMIZATION, write(&self.kustomization(record))),
            (PATCH, write(&self.patch(record)?)),
            (NAMESPACE, write(&self.namespace())),
        ]);
        let secrets = self.secrets(record);
        if !secrets.is_empty() {
            let secret = |secret| yaml::write(&external_secrets::external_secret(secret, &self.identity.name));
            let documents: Vec<_> = secrets.iter().map(secret).collect();
            files.insert(EXTERNAL_SECRETS, format!("# {comment}\n{}", documents.join("---\n")));
        }
        Ok(Overlay { files })
    }

    /// The Secrets that the preview gets: none if it is a fork's, which is so exactly when it had to be approved.
    fn secrets(&self, record: &Record) -> &[PreviewSecret] {
        if record.approval.is_some() { &[] } else { &self.configuration.document().secrets }
    }

    fn kustomization(&self, record: &Record) -> Value {
        let root = self.configuration.root();
        let directory = previews_directory(&root).join(self.identity.name.as_str());
        let base = directory.relative(&root.join("base"));
        let secrets = (!self.secrets(record).is_empty()).then(|| EXTERNAL_SECRETS.to_owned());
        let resources: Vec<_> = [NAMESPACE.to_owned()].into_iter().chain(secrets).chain([base]).collect();
        let mut kustomization = json!({
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "namespace": self.identity.namespace.as_str(),
            "resources": resources,
        });
        let components = &self.configuration.document().preview.components;
        if !components.is_empty() {
            let path = |component: &super::configuration::Component| {
                directory.relative(&root.resolve(component.0.as_str()).unwrap_or_default())
            };
            kustomization["components"] = components.iter().map(path).collect();
        }
        // Without a target, kustomize does not find a HelmRelease whose base states a namespace.
        kustomization["patches"] = json!([{
            "path": PATCH,
            "target": {"group": HELM_GROUP, "kind": "HelmRelease", "name": self.base.release_name()},
        }]);
        kustomization
    }

    fn patch(&self, record: &Record) -> Result<Value, OverlayError> {
        let values = self.configuration.preview_values(self.identity, self.tags, &record.commit)?;
        let mut spec = self.closure(record)?;
        spec.insert("values".to_owned(), Value::Object(values));
        Ok(json!({
            "apiVersion": self.base.api_version(),
            "kind": "HelmRelease",
            "metadata": {
                "name": self.base.release_name(),
                "annotations": record.annotations(self.identity),
            },
            "spec": spec,
        }))
    }

    fn namespace(&self) -> Value {
        json!({
            "apiVersion": "v1",
            "kind": "Namespace",
            "metadata": {
                "name": self.identity.namespace.as_str(),
                "labels": {
                    "app.kubernetes.io/managed-by": "bivouac",
                    "bivouac.dev/application": self.configuration.document().application.as_str(),
                    "bivouac.dev/pull-request": self.identity.number.to_string(),
                },
            },
        })
    }

    /// The parts of the specification that keep their meaning only when they are said anew in another namespace.
    fn closure(&self, record: &Record) -> Result<Map<String, Value>, OverlayError> {
        self.refuse_what_is_made_twice(record)?;
        self.refuse_what_is_not_provided(record)?;
        let mut spec = Map::new();
        for field in ["targetNamespace", "storageNamespace"] {
            if self.base.spec(&format!("/{field}")).is_some() {
                spec.insert(field.to_owned(), self.identity.namespace.as_str().into());
            }
        }
        if let Some(namespace) = self.namespace_for("/chart/spec/sourceRef", "spec.chart.spec.sourceRef")? {
            spec.insert("chart".to_owned(), json!({"spec": {"sourceRef": {"namespace": namespace}}}));
        }
        if let Some(namespace) = self.namespace_for("/chartRef", "spec.chartRef")? {
            spec.insert("chartRef".to_owned(), json!({"namespace": namespace}));
        }
        if let Some(entries) = self.base.spec("/dependsOn").and_then(Value::as_array) {
            let closed = entries.iter().map(|entry| self.closed_dependency(entry)).collect::<Result<Vec<_>, _>>()?;
            // A merge patch replaces a list whole, so all of it is said as soon as one entry changes.
            if closed != *entries {
                spec.insert("dependsOn".to_owned(), closed.into());
            }
        }
        Ok(spec)
    }

    /// The namespace that a reference without one has to be given, if any.
    fn namespace_for(&self, pointer: &str, field: &'static str) -> Result<Option<String>, OverlayError> {
        let Some(reference) = self.base.spec(pointer) else { return Ok(None) };
        let text = |key: &str| reference.get(key).and_then(Value::as_str).filter(|text| !text.is_empty());
        let name = text("name").unwrap_or_default();
        // What base itself includes moves into the preview's namespace: a reference without a namespace moves along with it,
        // one with the former namespace is left behind.
        let source = self.base.object(text("kind").unwrap_or_default(), name);
        match (text("namespace"), source) {
            (Some(stated), Some(source)) if source.namespace.as_deref() == Some(stated) => {
                Ok(Some(self.identity.namespace.to_string()))
            }
            (Some(_), _) | (None, Some(_)) => Ok(None),
            (None, None) => self.namespace_of_base(field, name).map(Some),
        }
    }

    fn closed_dependency(&self, entry: &Value) -> Result<Value, OverlayError> {
        let mut entry = entry.clone();
        if let Some(fields) = entry.as_object_mut().filter(|fields| states_no_namespace(fields)) {
            let name = fields.get("name").and_then(Value::as_str).unwrap_or_default();
            let namespace = self.namespace_of_base("spec.dependsOn", name)?;
            fields.insert("namespace".to_owned(), namespace.into());
        }
        Ok(entry)
    }

    fn namespace_of_base(&self, field: &'static str, name: &str) -> Result<String, OverlayError> {
        self.base.namespace().map(str::to_owned).ok_or_else(|| OverlayError::NoNamespace {
            release: self.base.release_name().to_owned(),
            field,
            name: name.to_owned(),
        })
    }

    /// What kustomize would refuse, for all previews at once, or the operator, which takes no Secret that is somebody else's.
    fn refuse_what_is_made_twice(&self, record: &Record) -> Result<(), OverlayError> {
        let has = |kind: &str, name: &str| self.base.object(kind, name).is_some();
        let is_made = |secret: &&PreviewSecret| {
            let name = secret.name.as_str();
            has("Secret", name) || has("ExternalSecret", name)
        };
        match self.secrets(record).iter().find(is_made) {
            Some(secret) => Err(OverlayError::MadeTwice { name: secret.name.to_string() }),
            None => Ok(()),
        }
    }

    fn refuse_what_is_not_provided(&self, record: &Record) -> Result<(), OverlayError> {
        let document = self.configuration.document();
        let has = |secrets: &[PreviewSecret], (_, kind, name): &Reference| {
            kind == "Secret" && secrets.iter().any(|secret| secret.name.as_str() == name)
        };
        let is_provided = |reference: &Reference| {
            let (_, kind, name) = reference;
            document.preview.provided.contains(name)
                || self.base.object(kind, name).is_some()
                || has(self.secrets(record), reference)
        };
        let missing = self.references().into_iter().filter(|reference| !is_provided(reference));
        // What is missing of `secrets` is so because the preview is a fork's.
        let (kept, missing): (Vec<_>, Vec<_>) = missing.partition(|reference| has(&document.secrets, reference));
        let release = || self.base.release_name().to_owned();
        let words = |references: Vec<Reference>| {
            let words = references.into_iter().map(|(field, kind, name)| format!("the {kind} `{name}` (`{field}`)"));
            words.collect()
        };
        if !missing.is_empty() {
            return Err(OverlayError::NotProvided { release: release(), missing: words(missing) });
        }
        if !kept.is_empty() {
            return Err(OverlayError::NotForForks { release: release(), missing: words(kept) });
        }
        Ok(())
    }

    /// The objects that helm-controller looks for beside the `HelmRelease`.
    /// <https://fluxcd.io/flux/components/helm/helmreleases/>
    fn references(&self) -> Vec<Reference> {
        let mut references = Vec::new();
        let no_entries = Vec::new();
        for entry in self.base.spec("/valuesFrom").and_then(Value::as_array).unwrap_or(&no_entries) {
            let text = |key: &str| entry.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            if entry.get("optional").and_then(Value::as_bool) != Some(true) {
                references.push(("spec.valuesFrom", text("kind"), text("name")));
            }
        }
        let single = [
            ("spec.kubeConfig.secretRef", "/kubeConfig/secretRef/name", "Secret"),
            ("spec.kubeConfig.configMapRef", "/kubeConfig/configMapRef/name", "ConfigMap"),
            ("spec.serviceAccountName", "/serviceAccountName", "ServiceAccount"),
        ];
        for (field, pointer, kind) in single {
            // Every namespace has the ServiceAccount `default`.
            let name = self.base.spec(pointer).and_then(Value::as_str);
            if let Some(name) = name.filter(|name| (kind, *name) != ("ServiceAccount", "default")) {
                references.push((field, kind.to_owned(), name.to_owned()));
            }
        }
        references
    }
}

/// What the `HelmRelease` refers to: field, kind and name.
type Reference = (&'static str, String, String);

/// For Kubernetes, a namespace that is empty is none.
fn states_no_namespace(fields: &Map<String, Value>) -> bool {
    fields.get("namespace").and_then(Value::as_str).is_none_or(str::is_empty)
}

#[cfg(test)]
mod tests;
