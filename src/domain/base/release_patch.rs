//! Patches that base's kustomizations make to its own `HelmRelease`.

use serde_json::Value;

use super::{BaseError, HELM_GROUP, group, text};
use crate::domain::kustomization::Target;
use crate::domain::path::RepoPath;
use crate::domain::yaml;

/// A patch, in either of the forms that kustomize knows.
#[derive(Debug, Clone)]
pub struct ReleasePatch {
    /// The file that it stands in.
    pub path: RepoPath,
    /// What it says.
    pub text: String,
    /// What it is for; without it, the object that the patch itself names.
    pub target: Option<Target>,
}

impl ReleasePatch {
    /// Changes the release as kustomize would, if the patch is for it.
    pub(super) fn apply(&self, release: &mut Value) -> Result<(), BaseError> {
        let not_yaml = |source| BaseError::NotYaml { path: self.path.clone(), source };
        for document in yaml::parse_all(&self.text).map_err(not_yaml)? {
            match document {
                Value::Array(_) if self.is_for(release) => self.operate(release, document)?,
                Value::Object(_) if self.is_for(release) || self.names(&document, release) => merge(release, document),
                _ => {}
            }
        }
        Ok(())
    }

    fn is_for(&self, release: &Value) -> bool {
        let Some(target) = &self.target else { return false };
        let name = text(release, "/metadata/name").unwrap_or_default();
        // All three are regular expressions. One that is more than a word is taken to fit: what a patch too many states is
        // only said anew, what one too few states would be missed.
        let is_pattern = |wanted: &str| wanted.contains(|character: char| "*+?^$|()[]\\".contains(character));
        let fits = |wanted: &Option<String>, found: &str| {
            wanted.as_deref().is_none_or(|wanted| wanted.is_empty() || wanted == found || is_pattern(wanted))
        };
        fits(&target.group, HELM_GROUP) && fits(&target.kind, "HelmRelease") && fits(&target.name, name)
    }

    /// Whether the patch is for the release beyond doubt, so that kustomize would fail as well where it can not be applied.
    fn is_surely_for(&self, release: &Value) -> bool {
        let name = self.target.as_ref().and_then(|target| target.name.as_deref());
        name == text(release, "/metadata/name")
    }

    fn names(&self, patch: &Value, release: &Value) -> bool {
        self.target.is_none()
            && group(patch) == HELM_GROUP
            && text(patch, "/kind") == Some("HelmRelease")
            && text(patch, "/metadata/name") == text(release, "/metadata/name")
    }

    /// Applies a list of operations (RFC 6902).
    fn operate(&self, release: &mut Value, operations: Value) -> Result<(), BaseError> {
        let refused = |message: String| BaseError::Patch {
            path: self.path.clone(),
            release: text(release, "/metadata/name").unwrap_or_default().to_owned(),
            message,
        };
        let operations: json_patch::Patch =
            serde_json::from_value(operations).map_err(|why| refused(why.to_string()))?;
        let mut patched = release.clone();
        match json_patch::patch(&mut patched, &operations) {
            Ok(()) => *release = patched,
            Err(why) if self.is_surely_for(release) => return Err(refused(why.to_string())),
            Err(_) => {}
        }
        Ok(())
    }
}

/// Applies a strategic merge. kustomize has no schema for a `HelmRelease`, so this is a plain merge (RFC 7386). The name stays.
fn merge(release: &mut Value, mut patch: Value) {
    if let Some(metadata) = patch.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("name");
    }
    json_patch::merge(release, &patch);
}
