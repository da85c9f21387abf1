//! One preview's directory: what it holds, closed over everything that base refers to.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::base::{Base, HELM_GROUP};
use super::configuration::{Configuration, ConfigurationError};
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
        let files = BTreeMap::from([
            (KUSTOMIZATION, write(&self.kustomization())),
            (PATCH, write(&self.patch(record)?)),
            (NAMESPACE, write(&self.namespace())),
        ]);
        Ok(Overlay { files })
    }

    fn kustomization(&self) -> Value {
        let root = self.configuration.root();
        let directory = previews_directory(&root).join(self.identity.name.as_str());
        let mut kustomization = json!({
            "apiVersion": "kustomize.config.k8s.io/v1beta1",
            "kind": "Kustomization",
            "namespace": self.identity.namespace.as_str(),
            "resources": [NAMESPACE, directory.relative(&root.join("base"))],
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
        let mut spec = self.closure()?;
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
    fn closure(&self) -> Result<Map<String, Value>, OverlayError> {
        self.refuse_what_is_not_provided()?;
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

    fn refuse_what_is_not_provided(&self) -> Result<(), OverlayError> {
        let provided = &self.configuration.document().preview.provided;
        let missing: Vec<_> = self
            .references()
            .into_iter()
            .filter(|(_, kind, name)| !provided.contains(name) && self.base.object(kind, name).is_none())
            .map(|(field, kind, name)| format!("the {kind} `{name}` (`{field}`)"))
            .collect();
        if missing.is_empty() {
            return Ok(());
        }
        Err(OverlayError::NotProvided { release: self.base.release_name().to_owned(), missing })
    }

    /// The objects that helm-controller looks for beside the `HelmRelease`: field, kind and name.
    /// <https://fluxcd.io/flux/components/helm/helmreleases/>
    fn references(&self) -> Vec<(&'static str, String, String)> {
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

/// For Kubernetes, a namespace that is empty is none.
fn states_no_namespace(fields: &Map<String, Value>) -> bool {
    fields.get("namespace").and_then(Value::as_str).is_none_or(str::is_empty)
}

#[cfg(test)]
mod tests;
