//! What the `HelmRelease` needs in its namespace is there, or the preview is refused.

use serde_json::json;

use super::*;

const VALUES_FROM: &str = "{valuesFrom: [{kind: ConfigMap, name: settings}, {kind: Secret, name: passwords}]}";
const SETTINGS: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {values.yaml: \"a: 1\"}\n";
const PASSWORDS: &str =
    "apiVersion: v1\nkind: Secret\nmetadata: {name: passwords}\nstringData: {values.yaml: \"b: 1\"}\n";

/// Whether each entry of `valuesFrom` names an object that the overlay holds.
fn finds_its_values(objects: &[Value]) -> bool {
    let entries = only(objects, "HelmRelease")["spec"]["valuesFrom"].as_array().unwrap();
    let is_there = |entry: &Value| {
        let mut there = objects.iter().filter(|object| object["kind"] == entry["kind"]);
        there.any(|object| object["metadata"]["name"] == entry["name"])
    };
    entries.iter().all(is_there)
}

#[test]
fn values_that_nothing_provides_are_refused_each_by_name() {
    let run = Layout::specified(VALUES_FROM).refused();
    for name in ["the ConfigMap `settings`", "the Secret `passwords`", "`preview.provided`"] {
        assert!(run.stderr.contains(name), "{name}: {}", run.stderr);
    }
}

#[test]
fn values_that_the_cluster_provides_are_left_as_they_are() {
    let layout = Layout::specified(VALUES_FROM).configured("preview: {provided: [settings, passwords]}\n");
    let expected = json!([{"kind": "ConfigMap", "name": "settings"}, {"kind": "Secret", "name": "passwords"}]);
    assert_eq!(layout.spec()["valuesFrom"], expected);
}

#[test]
fn values_that_are_a_resource_of_base_come_along() {
    let layout = Layout::specified(VALUES_FROM)
        .base("resources: [helmrelease.yaml, values.yaml]")
        .with("base/values.yaml", &format!("{SETTINGS}---\n{PASSWORDS}"));
    assert!(finds_its_values(&layout.deployed()));
}

#[test]
fn values_that_base_generates_under_a_fixed_name_come_along() {
    let generators = "configMapGenerator: [{name: settings, literals: [values.yaml=a]}]\n\
                      secretGenerator: [{name: passwords, literals: [values.yaml=b]}]\n\
                      generatorOptions: {disableNameSuffixHash: true}\n";
    let layout = Layout::specified(VALUES_FROM).base(&format!("resources: [helmrelease.yaml]\n{generators}"));
    assert!(finds_its_values(&layout.deployed()));
}

#[test]
fn values_that_base_generates_under_a_name_that_kustomize_carries_over_come_along() {
    let reference = "nameReference: [{kind: ConfigMap, version: v1, fieldSpecs: [{path: spec/valuesFrom/name, kind: HelmRelease}]}]\n";
    let layout = Layout::specified("{valuesFrom: [{kind: ConfigMap, name: settings}]}")
        .base("resources: [helmrelease.yaml]\nconfigurations: [names.yaml]\nconfigMapGenerator: [{name: settings, literals: [values.yaml=a]}]")
        .with("base/names.yaml", reference);
    assert!(finds_its_values(&layout.deployed()));
}

#[test]
fn values_that_base_generates_under_a_name_with_a_hash_that_nothing_carries_over_are_refused() {
    let layout = Layout::specified("{valuesFrom: [{kind: ConfigMap, name: settings}]}")
        .base("resources: [helmrelease.yaml]\nconfigMapGenerator: [{name: settings, literals: [values.yaml=a]}]");
    let run = layout.refused();
    assert!(run.stderr.contains("the ConfigMap `settings`"), "{}", run.stderr);
}

#[test]
fn values_that_base_renames_without_telling_the_release_are_refused() {
    let layout = Layout::specified("{valuesFrom: [{kind: ConfigMap, name: settings}]}")
        .base("namePrefix: acme-\nresources: [helmrelease.yaml, settings.yaml]")
        .with("base/settings.yaml", SETTINGS);
    let run = layout.refused();
    assert!(run.stderr.contains("the ConfigMap `settings`"), "{}", run.stderr);
}

#[test]
fn values_that_are_optional_are_left_as_they_are() {
    let optional = "{valuesFrom: [{kind: Secret, name: passwords, optional: true}]}";
    let expected = json!([{"kind": "Secret", "name": "passwords", "optional": true}]);
    assert_eq!(Layout::specified(optional).spec()["valuesFrom"], expected);
}

#[test]
fn a_kube_config_that_nothing_provides_is_refused() {
    let layout = Layout::specified("{kubeConfig: {secretRef: {name: cluster}}}");
    let run = layout.refused();
    assert!(run.stderr.contains("the Secret `cluster` (`spec.kubeConfig.secretRef`)"), "{}", run.stderr);
    let provided = layout.configured("preview: {provided: [cluster]}\n");
    assert_eq!(provided.spec()["kubeConfig"], json!({"secretRef": {"name": "cluster"}}));
}

#[test]
fn a_service_account_that_nothing_provides_is_refused() {
    let layout = Layout::specified("{serviceAccountName: deployer}");
    let run = layout.refused();
    assert!(run.stderr.contains("the ServiceAccount `deployer` (`spec.serviceAccountName`)"), "{}", run.stderr);
    let account = "apiVersion: v1\nkind: ServiceAccount\nmetadata: {name: deployer}\n";
    let layout = layout.base("resources: [helmrelease.yaml, account.yaml]").with("base/account.yaml", account);
    assert_eq!(names(&layout.deployed(), "ServiceAccount"), ["deployer"]);
}

#[test]
fn the_default_service_account_is_in_every_namespace() {
    assert_eq!(Layout::specified("{serviceAccountName: default}").spec()["serviceAccountName"], "default");
}

#[test]
fn components_are_part_of_every_preview() {
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [quota.yaml]\n";
    let quota = "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: quota}\nspec: {hard: {pods: \"10\"}}\n";
    let layout = Layout::new()
        .configured("preview: {components: [components/quota]}\n")
        .with("components/quota/kustomization.yaml", component)
        .with("components/quota/quota.yaml", quota);
    assert_eq!(names(&layout.deployed(), "ResourceQuota"), ["quota"]);
}

#[test]
fn values_that_a_component_brings_are_provided() {
    let component = "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nresources: [values.yaml]\n";
    let layout = Layout::specified(VALUES_FROM)
        .configured("preview: {components: [components/values]}\n")
        .with("components/values/kustomization.yaml", component)
        .with("components/values/values.yaml", &format!("{SETTINGS}---\n{PASSWORDS}"));
    assert!(finds_its_values(&layout.deployed()));
}

#[test]
fn a_component_that_is_not_there_is_refused_and_does_not_break_the_roster() {
    let run = Layout::new().configured("preview: {components: [components/nope]}\n").refused();
    assert!(run.stderr.contains("`components/nope`"), "{}", run.stderr);
}

#[test]
fn a_component_that_is_none_is_refused_and_does_not_break_the_roster() {
    let quota = "apiVersion: v1\nkind: ResourceQuota\nmetadata: {name: quota}\nspec: {hard: {pods: \"10\"}}\n";
    let layout = Layout::new()
        .configured("preview: {components: [components/quota]}\n")
        .with("components/quota/kustomization.yaml", &kustomization("resources: [quota.yaml]"))
        .with("components/quota/quota.yaml", quota);
    let run = layout.refused();
    assert!(run.stderr.contains("components/quota"), "{}", run.stderr);
}
