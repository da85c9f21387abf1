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
        // All three are regular expressions. One that is more than a word is taken to fit: what a patch too many states is
        // only said anew, what one too few states would be missed. A dot is ordinary in a group alone.
        let fits = |wanted: &Option<String>, found: &str, special: &str| {
            let is_pattern = |wanted: &str| wanted.contains(|character: char| special.contains(character));
            wanted.as_deref().is_none_or(|wanted| wanted.is_empty() || calls(wanted, found) || is_pattern(wanted))
        };
        fits(&target.group, HELM_GROUP, "*+?^$|()[]{}\\")
            && fits(&target.kind, "HelmRelease", ".*+?^$|()[]{}\\")
            && fits(&target.name, name(release), ".*+?^$|()[]{}\\")
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
            && calls(text(patch, "/metadata/name").unwrap_or_default(), name(release))
    }

    /// Applies a list of operations (RFC 6902).
    fn operate(&self, release: &mut Value, operations: Value) -> Result<(), BaseError> {
        let refused =
            |message: String| BaseError::Patch { path: self.path.clone(), release: name(release).to_owned(), message };
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

/// Whether a patch that says this means what base calls `found`. The kustomizations further in may have put something before
/// the name, or behind it.
fn calls(wanted: &str, found: &str) -> bool {
    wanted.contains(found)
}

fn name(release: &Value) -> &str {
    text(release, "/metadata/name").unwrap_or_default()
}

/// Applies a strategic merge. kustomize has no schema for a `HelmRelease`, so this is a plain merge (RFC 7386). The name stays.
fn merge(release: &mut Value, mut patch: Value) {
    if let Some(metadata) = patch.get_mut("metadata").and_then(Value::as_object_mut) {
        metadata.remove("name");
    }
    json_patch::merge(release, &patch);
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    const HELM: &str = "apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\n";
    const OPERATION: &str = "[{op: add, path: /spec/interval, value: 5m}]";

    fn release() -> Value {
        json!({
            "apiVersion": "helm.toolkit.fluxcd.io/v2",
            "kind": "HelmRelease",
            "metadata": {"name": "wildside", "labels": {"team": "web"}},
            "spec": {"interval": "10m", "valuesFrom": [{"kind": "Secret", "name": "a"}], "values": {"replicas": 1}},
        })
    }

    /// What a patch makes of the release; `target` is in braces, empty for none.
    fn apply(target: &str, text: &str) -> Result<Value, BaseError> {
        let target = (!target.is_empty()).then(|| yaml::parse(target).unwrap());
        let mut release = release();
        let patch = ReleasePatch { path: "base/patch.yaml".parse().unwrap(), text: text.to_owned(), target };
        patch.apply(&mut release).map(|()| release)
    }

    /// Whether it makes any difference.
    fn changes(target: &str, text: &str) -> bool {
        apply(target, text).unwrap() != release()
    }

    #[test]
    fn a_merge_says_maps_in_part_and_lists_whole_and_takes_away_with_null() {
        let spec = "spec: {interval: null, valuesFrom: [{kind: ConfigMap, name: b}], values: {host: x}}\n";
        let expected = json!({
            "valuesFrom": [{"kind": "ConfigMap", "name": "b"}],
            "values": {"replicas": 1, "host": "x"},
        });
        let found = apply("", &format!("{HELM}metadata: {{name: wildside}}\n{spec}")).unwrap();
        assert_eq!((&found["spec"], &found["metadata"]), (&expected, &release()["metadata"]));
    }

    #[test]
    fn a_merge_with_a_target_changes_all_but_the_name() {
        let patch = format!("{HELM}metadata: {{name: any, namespace: apps, labels: {{tier: preview}}}}\n");
        let expected = json!({"name": "wildside", "namespace": "apps", "labels": {"team": "web", "tier": "preview"}});
        assert_eq!(apply("{kind: HelmRelease}", &patch).unwrap()["metadata"], expected);
        let bare = apply("{kind: HelmRelease}", &format!("{HELM}spec: {{suspend: true}}\n")).unwrap();
        assert_eq!((&bare["metadata"], &bare["spec"]["suspend"]), (&release()["metadata"], &json!(true)));
    }

    #[test]
    fn a_merge_without_a_target_is_for_the_object_that_it_names() {
        let spec = "spec: {interval: 5m}";
        for (head, is_for) in [
            (format!("{HELM}metadata: {{name: wildside}}"), true),
            (format!("{}metadata: {{name: wildside}}", HELM.replace("v2", "v2beta2")), true),
            (format!("{HELM}metadata: {{name: before-wildside-behind}}"), true),
            (format!("{HELM}metadata: {{name: other}}"), false),
            (format!("{HELM}metadata: {{}}"), false),
            (format!("{}metadata: {{name: wildside}}", HELM.replace("HelmRelease", "HelmChart")), false),
            ("apiVersion: example.com/v1\nkind: HelmRelease\nmetadata: {name: wildside}".to_owned(), false),
            ("apiVersion: v1\nkind: HelmRelease\nmetadata: {name: wildside}".to_owned(), false),
        ] {
            assert_eq!(changes("", &format!("{head}\n{spec}\n")), is_for, "{head}");
        }
    }

    #[test]
    fn the_target_alone_decides_where_there_is_one() {
        let named = format!("{HELM}metadata: {{name: wildside}}\nspec: {{interval: 5m}}\n");
        assert!(!changes("{kind: Deployment}", &named));
        assert!(changes("{kind: HelmRelease}", &named.replace("wildside", "other")));
    }

    #[test]
    fn what_a_target_does_not_say_matches_and_what_it_says_has_to_fit() {
        for (target, is_for) in [
            ("{}", true),
            ("{group: \"\", kind: \"\", name: \"\"}", true),
            ("{kind: HelmRelease}", true),
            ("{group: helm.toolkit.fluxcd.io, kind: HelmRelease, name: wildside}", true),
            ("{group: source.toolkit.fluxcd.io}", false),
            ("{kind: Deployment, name: wildside}", false),
            ("{kind: HelmRelease, name: other}", false),
            ("{kind: HelmRelease, name: wild}", false),
            ("{kind: HelmRelease, name: before-wildside-behind}", true),
            ("{group: apps, name: wildside}", false),
        ] {
            assert_eq!(changes(target, OPERATION), is_for, "{target}");
        }
    }

    #[test]
    fn a_pattern_is_taken_to_fit() {
        for pattern in [
            "wild.*",
            "^wildside$",
            "(wildside|other)",
            "wildsid[a-e]",
            "wilds?ide",
            "wild.ide",
            "wildsi{1}de",
            "w\\\\w+",
            "other.*",
        ] {
            assert!(changes(&format!("{{name: \"{pattern}\"}}"), OPERATION), "{pattern}");
        }
        assert!(changes("{group: \".*fluxcd.io\", kind: Helm.+}", OPERATION));
    }

    #[test]
    fn operations_are_applied_in_their_order_in_yaml_or_json() {
        let json = r#"[{"op": "test", "path": "/spec/interval", "value": "10m"},
            {"op": "move", "from": "/spec/interval", "path": "/spec/timeout"},
            {"op": "add", "path": "/spec/valuesFrom/-", "value": {"kind": "Secret", "name": "b"}},
            {"op": "remove", "path": "/spec/valuesFrom/0"}]"#;
        let yaml = yaml::write(&serde_json::from_str(json).unwrap());
        let spec = json!({
            "timeout": "10m", "values": {"replicas": 1}, "valuesFrom": [{"kind": "Secret", "name": "b"}],
        });
        for text in [json, &yaml] {
            assert_eq!(apply("{kind: HelmRelease}", text).unwrap()["spec"], spec);
        }
    }

    #[test]
    fn operations_without_a_target_are_for_nobody() {
        assert!(!changes("", OPERATION));
    }

    #[test]
    fn operations_that_fail_are_an_error_where_kustomize_would_fail_and_else_change_nothing() {
        let failing = "[{op: add, path: /spec/suspend, value: true}, {op: remove, path: /spec/nothing}]";
        for target in ["{kind: HelmRelease}", "{name: \".*\"}", "{name: before-wildside}"] {
            assert!(!changes(target, failing), "{target}");
        }
        let error = apply("{kind: HelmRelease, name: wildside}", failing).unwrap_err().to_string();
        assert!(error.starts_with("the patch in `base/patch.yaml` can not be applied to the HelmRelease `wildside`: "));
        assert!(error.contains("/spec/nothing"), "{error}");
    }

    #[test]
    fn a_list_that_holds_no_operations_is_refused() {
        for list in ["[a]", "[{op: jump, path: /spec}]", "[{op: add, path: /spec/a}]"] {
            let error = apply("{kind: HelmRelease}", list).unwrap_err();
            assert!(matches!(error, BaseError::Patch { .. }), "{error}");
        }
    }

    #[test]
    fn a_patch_that_is_not_yaml_is_refused_with_its_file() {
        let error = apply("{kind: HelmRelease}", "spec: [").unwrap_err();
        assert_eq!(error.to_string(), "`base/patch.yaml` is not YAML");
    }

    #[test]
    fn a_file_of_several_patches_gives_the_release_what_is_its_own() {
        let one = |name: &str, spec: &str| format!("{HELM}metadata: {{name: {name}}}\nspec: {spec}\n");
        let parts = [one("wildside", "{a: 1}"), one("other", "{b: 2}"), one("wildside", "{c: 3}"), "7\n".to_owned()];
        let spec = apply("", &parts.join("---\n")).unwrap()["spec"].clone();
        assert_eq!((&spec["a"], &spec["b"], &spec["c"]), (&json!(1), &Value::Null, &json!(3)));
    }

    proptest! {
        #[test]
        fn whatever_a_merge_states_the_release_says_afterwards_and_once_is_enough(
            stated in prop::collection::btree_map(
                "[a-c]", prop::sample::select(vec![json!(null), json!("x"), json!({"d": 1})]), 0..4,
            ),
        ) {
            let patch = yaml::write(&json!({"metadata": {"name": "any"}, "spec": {"values": stated}}));
            let once = apply("{kind: HelmRelease}", &patch).unwrap();
            for (key, value) in &stated {
                prop_assert_eq!(&once["spec"]["values"][key], value);
            }
            let twice = apply("{kind: HelmRelease}", &format!("{patch}---\n{patch}")).unwrap();
            prop_assert_eq!(&once, &twice);
            prop_assert_eq!(&once["spec"]["values"]["replicas"], &json!(1));
        }
    }
}
