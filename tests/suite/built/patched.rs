//! Bases that patch their own `HelmRelease`: the preview is closed over what comes out, not over what the file says.

use serde_json::json;

use super::*;

const PLAIN: &str = "{interval: 10m}";

/// A base whose kustomization patches the release with this specification, from a file.
fn patched(spec: &str) -> Layout {
    Layout::specified(PLAIN)
        .base("resources: [helmrelease.yaml]\npatches: [{path: patch.yaml}]")
        .with("base/patch.yaml", &release("{name: wildside}", spec))
}

#[test]
fn a_patch_of_the_release_is_not_a_second_release() {
    let spec = patched("{interval: 5m, values: {replicaCount: 3}}").spec();
    assert_eq!((&spec["interval"], &spec["values"]["replicaCount"]), (&json!("5m"), &json!(3)));
    assert_eq!(spec["values"]["backend"]["image"]["tag"], sha('a'));
}

#[test]
fn a_target_namespace_that_a_patch_of_base_states_is_the_previews() {
    assert_eq!(patched("{targetNamespace: wildside}").spec()["targetNamespace"], NAMESPACE);
}

#[test]
fn a_target_namespace_that_an_inline_patch_of_base_states_is_the_previews() {
    let patch = "- {op: add, path: /spec/targetNamespace, value: wildside}";
    let layout = Layout::specified(PLAIN).base(&format!(
        "resources: [helmrelease.yaml]\npatches:\n- target: {{kind: HelmRelease}}\n  patch: |\n    {patch}\n"
    ));
    assert_eq!(layout.spec()["targetNamespace"], NAMESPACE);
}

#[test]
fn a_target_namespace_that_a_component_of_base_states_is_the_previews() {
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: patch.yaml}]\n";
    let layout = Layout::specified(PLAIN)
        .base("resources: [helmrelease.yaml]\ncomponents: [target]")
        .with("base/target/kustomization.yaml", component)
        .with("base/target/patch.yaml", &release("{name: wildside}", "{targetNamespace: wildside}"));
    assert_eq!(layout.spec()["targetNamespace"], NAMESPACE);
}

#[test]
fn a_source_that_a_patch_of_base_names_stays_in_the_namespace_of_base() {
    let source = "{chart: {spec: {chart: wildside, sourceRef: {kind: HelmRepository, name: charts}}}}";
    let layout = patched(source).base("namespace: apps\nresources: [helmrelease.yaml]\npatches: [{path: patch.yaml}]");
    assert_eq!(layout.spec()["chart"]["spec"]["sourceRef"]["namespace"], "apps");
}

#[test]
fn values_that_a_patch_of_base_needs_and_nothing_provides_are_refused() {
    let run = patched("{valuesFrom: [{kind: Secret, name: passwords}]}").refused();
    assert!(run.stderr.contains("the Secret `passwords`"), "{}", run.stderr);
}
