//! Bases as people lay them out: wherever the `HelmRelease` is, it is found and patched.

use serde_json::json;

use super::*;

const SPEC: &str = "{interval: 10m, values: {replicaCount: 2}}";
const SETTINGS: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: settings}\ndata: {a: \"1\"}\n";

fn is_patched(objects: &[Value]) {
    let values = &only(objects, "HelmRelease")["spec"]["values"];
    assert_eq!(values["replicaCount"], 2);
    assert_eq!(values["backend"]["image"]["tag"], sha('a'));
    assert_eq!(values["ingress"]["hostname"], "pr-7.preview.example.com");
}

/// A base whose release is in a file of another name.
fn filed(path: &str, text: &str) -> Layout {
    Layout::new().without("base/helmrelease.yaml").with(path, text)
}

#[test]
fn the_release_is_found_in_a_file_of_any_name() {
    for name in ["helmrelease.yml", "app.yaml"] {
        let layout = filed(&format!("base/{name}"), &release("{name: wildside}", SPEC));
        is_patched(&layout.base(&format!("resources: [{name}]")).deployed());
    }
}

#[test]
fn the_release_is_found_among_several_documents_of_a_file() {
    let text = format!("# all of it\n---\n{SETTINGS}---\n{}---\n# the end\n", release("{name: wildside}", SPEC));
    let objects = filed("base/all.yaml", &text).base("resources: [all.yaml]").deployed();
    is_patched(&objects);
    assert_eq!(names(&objects, "ConfigMap"), ["settings"]);
}

#[test]
fn the_release_is_found_among_several_files() {
    let layout = Layout::specified(SPEC)
        .base("resources:\n- settings.yaml\n- ./helmrelease.yaml\n")
        .with("base/settings.yaml", SETTINGS);
    is_patched(&layout.deployed());
}

#[test]
fn the_release_is_found_in_a_nested_directory_and_beside_base() {
    let text = release("{name: wildside}", SPEC);
    let nested = filed("base/deep/er/app.yaml", &text)
        .base("resources: [deep]")
        .with("base/deep/kustomization.yml", &kustomization("resources: [er/]"))
        .with("base/deep/er/Kustomization", &kustomization("resources: [app.yaml]"));
    is_patched(&nested.deployed());
    let beside = filed("shared/app.yaml", &text)
        .base("resources: [../shared]")
        .with("shared/kustomization.yaml", &kustomization("resources: [app.yaml]"));
    is_patched(&beside.deployed());
}

#[test]
fn the_release_is_found_under_the_former_name_of_resources() {
    let layout = filed("shared/app.yaml", &release("{name: wildside}", SPEC))
        .base("bases: [../shared]")
        .with("shared/kustomization.yaml", &kustomization("resources: [app.yaml]"));
    is_patched(&layout.deployed());
}

#[test]
fn the_release_is_found_in_a_list_of_objects() {
    let item = format!(
        "{{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {{name: wildside}}, spec: {SPEC}}}"
    );
    let layout = filed("base/list.yaml", &format!("apiVersion: v1\nkind: List\nitems: [{item}]\n"));
    is_patched(&layout.base("resources: [list.yaml]").deployed());
}

#[test]
fn a_namespace_in_a_list_of_objects_is_refused() {
    let item = "{apiVersion: v1, kind: Namespace, metadata: {name: wildside}}";
    let layout = Layout::new()
        .base("resources: [helmrelease.yaml, list.yaml]")
        .with("base/list.yaml", &format!("apiVersion: v1\nkind: List\nitems: [{item}]\n"));
    assert!(layout.refused().stderr.contains("Namespace `wildside`"));
}

#[test]
fn a_file_that_base_does_not_list_is_none_of_it() {
    let other = release("{name: other}", SPEC);
    let layout = Layout::specified(SPEC).with("base/other.yaml", &other).with("base/broken.yaml", "a: [");
    is_patched(&layout.deployed());
    let run = layout.base("resources: [helmrelease.yaml, other.yaml]").refused();
    assert!(
        run.stderr.contains("`wildside` in `base/helmrelease.yaml`, `other` in `base/other.yaml`"),
        "{}",
        run.stderr
    );
}

#[test]
fn names_that_base_puts_before_and_after_do_not_keep_the_patch_away() {
    let layout = Layout::specified(SPEC).base("namePrefix: acme-\nnameSuffix: -app\nresources: [helmrelease.yaml]");
    let objects = layout.deployed();
    is_patched(&objects);
    assert_eq!(names(&objects, "HelmRelease"), ["acme-wildside-app"]);
}

#[test]
fn labels_and_images_of_base_do_not_keep_the_patch_away() {
    let layout = Layout::specified(SPEC).base(
        "resources: [helmrelease.yaml]\nlabels: [{pairs: {team: web}}]\ncommonAnnotations: {owner: web}\nimages: [{name: x, newTag: \"1\"}]",
    );
    let objects = layout.deployed();
    is_patched(&objects);
    let metadata = &only(&objects, "HelmRelease")["metadata"];
    assert_eq!((&metadata["labels"]["team"], &metadata["annotations"]["owner"]), (&json!("web"), &json!("web")));
    assert_eq!(metadata["annotations"]["bivouac.dev/pull-request"], "7");
}

#[test]
fn a_base_without_a_release_is_refused_with_what_was_looked_at() {
    let layout = Layout::new().base("resources: [settings.yaml]").with("base/settings.yaml", SETTINGS);
    let run = layout.refused();
    assert!(run.stderr.contains("looked at `base/settings.yaml`"), "{}", run.stderr);
}

#[test]
fn a_file_that_base_lists_and_that_is_not_there_is_refused() {
    let run = Layout::new().base("resources: [helmrelease.yaml, nope.yaml]").refused();
    assert!(run.stderr.contains("`base/kustomization.yaml` includes `base/nope.yaml`"), "{}", run.stderr);
}
