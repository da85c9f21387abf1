//! What the `HelmRelease` refers to means the same in the preview's namespace.

use serde_json::json;

use super::*;

const SOURCE: &str = "{chart: {spec: {chart: wildside, sourceRef: {kind: HelmRepository, name: charts}}}}";
const REPOSITORY: &str = "apiVersion: source.toolkit.fluxcd.io/v1\nkind: HelmRepository\nmetadata: {name: charts}\n\
                          spec: {url: https://charts.example.com}\n";
const LISTED: &str = "resources: [helmrelease.yaml]";

fn source_ref(layout: &Layout) -> Value {
    layout.spec()["chart"]["spec"]["sourceRef"].clone()
}

fn charts_in(namespace: &str) -> Value {
    json!({"kind": "HelmRepository", "name": "charts", "namespace": namespace})
}

#[test]
fn a_base_whose_release_states_a_namespace_is_moved() {
    let chart = SOURCE.replace("name: charts", "name: charts, namespace: flux-system");
    let layout = Layout::new().with("base/helmrelease.yaml", &release("{name: wildside, namespace: apps}", &chart));
    assert_eq!(source_ref(&layout), charts_in("flux-system"));
}

#[test]
fn a_base_whose_kustomization_states_a_namespace_is_moved() {
    let layout = Layout::new().base(&format!("namespace: apps\n{LISTED}"));
    assert_eq!(source_ref(&layout), charts_in("flux-system"));
}

#[test]
fn the_namespaces_of_the_release_and_its_storage_are_the_previews() {
    let layout = Layout::specified("{targetNamespace: wildside, storageNamespace: flux-system, releaseName: wildside}");
    let spec = layout.spec();
    assert_eq!((&spec["targetNamespace"], &spec["storageNamespace"]), (&json!(NAMESPACE), &json!(NAMESPACE)));
    assert_eq!(spec["releaseName"], "wildside");
}

#[test]
fn a_source_without_a_namespace_stays_in_the_one_that_the_release_states() {
    let text = release("{name: wildside, namespace: apps}", SOURCE);
    assert_eq!(source_ref(&Layout::new().with("base/helmrelease.yaml", &text)), charts_in("apps"));
}

#[test]
fn a_source_without_a_namespace_stays_in_the_one_that_bases_kustomization_states() {
    let layout = Layout::specified(SOURCE).base(&format!("namespace: apps\n{LISTED}"));
    assert_eq!(source_ref(&layout), charts_in("apps"));
}

#[test]
fn a_source_without_a_namespace_stays_in_the_one_that_a_nested_kustomization_states() {
    let layout = Layout::new()
        .base("resources: [release]")
        .without("base/helmrelease.yaml")
        .with("base/release/kustomization.yaml", &kustomization("namespace: nested\nresources: [helmrelease.yaml]"))
        .with("base/release/helmrelease.yaml", &release("{name: wildside}", SOURCE));
    assert_eq!(source_ref(&layout), charts_in("nested"));
    let layout = layout.base("namespace: outer\nresources: [release]");
    assert_eq!(source_ref(&layout), charts_in("outer"));
}

#[test]
fn a_source_without_a_namespace_is_refused_when_base_states_none() {
    let run = Layout::specified(SOURCE).refused();
    assert!(run.stderr.contains("`charts` in `spec.chart.spec.sourceRef`"), "{}", run.stderr);
    assert!(run.stderr.contains("state a namespace"), "{}", run.stderr);
}

#[test]
fn a_source_that_base_brings_moves_along() {
    let layout = Layout::specified(SOURCE)
        .base("resources: [helmrelease.yaml, repository.yaml]")
        .with("base/repository.yaml", REPOSITORY);
    let objects = layout.deployed();
    assert_eq!(names(&objects, "HelmRepository"), ["charts"]);
    let found = &only(&objects, "HelmRelease")["spec"]["chart"]["spec"]["sourceRef"];
    assert!([json!(null), json!(NAMESPACE)].contains(&found["namespace"]), "{found}");
}

#[test]
fn a_source_that_base_brings_is_found_even_if_its_former_namespace_is_stated() {
    let chart = SOURCE.replace("name: charts", "name: charts, namespace: flux-system");
    let layout = Layout::specified(&chart)
        .base("resources: [helmrelease.yaml, repository.yaml]")
        .with("base/repository.yaml", &REPOSITORY.replace("name: charts", "name: charts, namespace: flux-system"));
    let objects = layout.deployed();
    let (source, release) = (only(&objects, "HelmRepository"), only(&objects, "HelmRelease"));
    let found = &release["spec"]["chart"]["spec"]["sourceRef"]["namespace"];
    assert_eq!(found, &source["metadata"]["namespace"], "no HelmRepository is where the release looks for it");
}

#[test]
fn a_chart_reference_without_a_namespace_stays_in_the_one_of_base() {
    let reference = "{chartRef: {kind: OCIRepository, name: chart}}";
    let layout = Layout::specified(reference).base(&format!("namespace: apps\n{LISTED}"));
    let expected = json!({"kind": "OCIRepository", "name": "chart", "namespace": "apps"});
    assert_eq!(layout.spec()["chartRef"], expected);
    let run = Layout::specified(reference).refused();
    assert!(run.stderr.contains("`chart` in `spec.chartRef`"), "{}", run.stderr);
}

#[test]
fn dependencies_without_a_namespace_stay_in_the_one_of_base_and_the_others_where_they_are() {
    let depends =
        "{dependsOn: [{name: postgres}, {name: issuer, namespace: cert-manager}, {name: redis, readyExpr: x}]}";
    let layout = Layout::specified(depends).base(&format!("namespace: apps\n{LISTED}"));
    let expected = json!([
        {"name": "postgres", "namespace": "apps"},
        {"name": "issuer", "namespace": "cert-manager"},
        {"name": "redis", "namespace": "apps", "readyExpr": "x"},
    ]);
    assert_eq!(layout.spec()["dependsOn"], expected);
    let run = Layout::specified(depends).refused();
    assert!(run.stderr.contains("`postgres` in `spec.dependsOn`"), "{}", run.stderr);
}

#[test]
fn a_namespace_in_base_is_refused_with_what_to_do() {
    let namespace = "apiVersion: v1\nkind: Namespace\nmetadata: {name: wildside}\n";
    let layout =
        Layout::new().base("resources: [helmrelease.yaml, namespace.yaml]").with("base/namespace.yaml", namespace);
    let run = layout.refused();
    assert!(run.stderr.contains("`base/namespace.yaml` holds the Namespace `wildside`"), "{}", run.stderr);
    assert!(run.stderr.contains("move it to the overlays that need it"), "{}", run.stderr);
}
