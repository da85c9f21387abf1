//! What Bivouac reads of a kustomize file.

use serde::Deserialize;
use serde_json::Value;

use super::yaml::{self, YamlError};

/// The names under which kustomize finds its file in a directory, in its order.
pub const FILES: [&str; 3] = ["kustomization.yaml", "kustomization.yml", "Kustomization"];

/// The parts of a kustomization that decide what is in it and where it goes.
/// Fields: <https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/>
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct Kustomization {
    /// Files, directories and addresses of what is included.
    pub resources: Vec<String>,
    /// The former name of `resources`, which still works.
    pub bases: Vec<String>,
    /// Directories of components.
    pub components: Vec<String>,
    /// `Kustomization`, `Component`, or nothing.
    pub kind: Option<String>,
    /// The namespace that everything is moved into.
    pub namespace: Option<String>,
    /// What every name begins with.
    pub name_prefix: String,
    /// What every name ends with.
    pub name_suffix: String,
    /// How references follow names that change, for kinds that kustomize does not know.
    pub configurations: Vec<String>,
    /// Patches of what is included.
    pub patches: Vec<Patch>,
    /// Patches in their former form: a path, or the patch itself.
    pub patches_strategic_merge: Vec<String>,
    /// Patches in their former form: lists of operations.
    pub patches_json6902: Vec<Patch>,
    /// Plugins that change what is included. They are not followed.
    pub transformers: Vec<String>,
    /// Values that are carried from one object to another. They are not followed.
    pub replacements: Vec<Value>,
    /// What holds for all generators.
    pub generator_options: GeneratorOptions,
    /// Generated `ConfigMaps`.
    pub config_map_generator: Vec<Generator>,
    /// Generated Secrets.
    pub secret_generator: Vec<Generator>,
}

/// One generated object.
#[derive(Debug, Clone, Deserialize)]
pub struct Generator {
    /// Its name, before a hash is appended.
    pub name: String,
    /// What holds for it alone.
    #[serde(default)]
    pub options: GeneratorOptions,
}

/// How objects are generated.
#[derive(Debug, Clone, Copy, Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
pub struct GeneratorOptions {
    /// Whether the name stays without a hash.
    pub disable_name_suffix_hash: bool,
}

/// A patch of what a kustomization includes.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Patch {
    /// The file that holds it.
    pub path: Option<String>,
    /// The patch itself.
    pub patch: Option<String>,
    /// What it is for; without it, the object that the patch itself names.
    pub target: Option<Target>,
}

/// What a patch is for. What is not said matches everything.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Target {
    /// The API group.
    pub group: Option<String>,
    /// The kind.
    pub kind: Option<String>,
    /// The name, or a regular expression for the whole of it.
    pub name: Option<String>,
}

impl Kustomization {
    /// Reads the text of a kustomization; an empty one includes nothing.
    ///
    /// # Errors
    ///
    /// When the text is not YAML, or one of the fields that are read is of the wrong type.
    pub fn parse(text: &str) -> Result<Self, YamlError> {
        if yaml::parse_all(text)?.is_empty() {
            return Ok(Self::default());
        }
        yaml::parse::<WithoutNulls>(text).map(|found| found.0)
    }
}

/// A kustomization in which an explicit null counts as absent, as for kustomize.
struct WithoutNulls(Kustomization);

impl<'de> Deserialize<'de> for WithoutNulls {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let mut map = serde_json::Map::deserialize(deserializer)?;
        map.retain(|_, value| !value.is_null());
        Kustomization::deserialize(Value::Object(map)).map(Self).map_err(serde::de::Error::custom)
    }
}

/// Whether kustomize would fetch this resource from elsewhere.
#[must_use]
pub fn is_remote(resource: &str) -> bool {
    resource.contains("://")
        || resource.contains("?ref=")
        || resource.starts_with("git@")
        || resource.starts_with("github.com/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_not_said_is_empty() {
        assert!(Kustomization::parse("# nothing\n").unwrap().resources.is_empty());
        assert!(Kustomization::parse("resources:\nnamespace: x\n").unwrap().resources.is_empty());
        let found =
            Kustomization::parse("kind: Kustomization\nresources: [a.yaml]\nsecretGenerator: [{name: s}]\n").unwrap();
        assert_eq!((found.resources, found.secret_generator[0].name.as_str()), (vec!["a.yaml".to_owned()], "s"));
    }

    #[test]
    fn addresses_are_told_from_paths() {
        for address in [
            "https://example.com/x.yaml",
            "github.com/a/b?ref=v1",
            "github.com/a/b",
            "git@github.com:a/b",
            "ssh://git@example.com/a",
            "example.com/a/b?ref=main",
        ] {
            assert!(is_remote(address), "{address}");
        }
        for path in ["../github.com/a", "a.yaml", "github.com", "git", "a@b/c.yaml", "../base"] {
            assert!(!is_remote(path), "{path}");
        }
    }

    #[test]
    fn what_is_no_kustomization_is_refused_where_it_stands() {
        for (text, line) in [("kind: K\nresources: [", 2), ("- a.yaml\n", 1), ("7\n", 1)] {
            assert_eq!(Kustomization::parse(text).unwrap_err().line, line, "{text:?}");
        }
        assert!(Kustomization::parse("resources: a.yaml\n").is_err());
        assert!(Kustomization::parse("patches: [{target: a}]\n").is_err());
    }

    #[test]
    fn patches_are_read_in_all_their_forms() {
        let text = "patches: [{path: a.yaml, target: {kind: HelmRelease, version: v2}, options: {}}, {patch: b}]\n\
                    patchesStrategicMerge: [c.yaml]\npatchesJson6902: [{path: d.yaml, target: {name: x}}]\n";
        let found = Kustomization::parse(text).unwrap();
        let target = found.patches[0].target.as_ref().unwrap();
        assert_eq!((target.kind.as_deref(), target.name.as_deref(), &target.group), (Some("HelmRelease"), None, &None));
        assert_eq!((found.patches[0].path.as_deref(), found.patches[1].patch.as_deref()), (Some("a.yaml"), Some("b")));
        assert!(found.patches[1].target.is_none());
        assert_eq!(found.patches_strategic_merge, ["c.yaml"]);
        assert_eq!(found.patches_json6902[0].target.as_ref().unwrap().name.as_deref(), Some("x"));
    }
}
