//! What can be wrong with base and with the roster.

use std::fs;

use super::{Refusal, deploy, write};
use crate::world::{BASE, World, sha, wildside};

const KUSTOMIZATION: &str = "base/kustomization.yaml";

fn refused(files: &[(&str, &str)]) -> String {
    let refusal = Refusal::with_files(files);
    assert_eq!(refusal.code, 3, "{}", refusal.said);
    refusal.said
}

#[test]
fn without_base_nothing_is_done() {
    let refusal = Refusal::after(|tree| fs::remove_dir_all(tree.join("base")).unwrap());
    assert_eq!(refusal.code, 3);
    insta::assert_snapshot!(refusal.said, @"
    error: the apps repository has no `base`
      hint a root needs `base/kustomization.yaml` with one HelmRelease: `bivouac init` writes one
    ");
}

#[test]
fn base_without_a_kustomization_is_refused() {
    let refusal = Refusal::after(|tree| fs::remove_file(tree.join(KUSTOMIZATION)).unwrap());
    assert_eq!(refusal.code, 3);
    insta::assert_snapshot!(refusal.said, @"
    error: `base` has no `kustomization.yaml`
      hint a root needs `base/kustomization.yaml` with one HelmRelease: `bivouac init` writes one
    ");
}

#[test]
fn a_file_where_base_should_be_is_refused() {
    let refusal = Refusal::after(|tree| {
        fs::remove_dir_all(tree.join("base")).unwrap();
        write(&tree.join("base"), BASE);
    });
    assert_eq!(refusal.code, 7, "{}", refusal.said);
}

#[test]
fn base_that_includes_a_missing_file_is_refused() {
    insta::assert_snapshot!(refused(&[(KUSTOMIZATION, "resources: [helmrelease.yaml, gone.yaml]\n")]), @"error: `base/kustomization.yaml` includes `base/gone.yaml`, which is not there");
}

#[test]
fn base_that_leads_out_of_the_repository_is_refused() {
    insta::assert_snapshot!(refused(&[(KUSTOMIZATION, "resources: [../../etc]\n")]), @"error: `base/kustomization.yaml` includes `../../etc`, which leads out of the repository");
}

#[test]
fn base_that_is_not_yaml_is_refused() {
    insta::assert_snapshot!(refused(&[(KUSTOMIZATION, "resources: [\n")]), @"
    error: `base/kustomization.yaml` can not be read
      because line 1, column 12: unclosed bracket '['
    ");
    insta::assert_snapshot!(refused(&[("base/helmrelease.yaml", "kind: HelmRelease\n  x: 1\n")]), @"
    error: `base/helmrelease.yaml` is not YAML
      because line 2, column 4: mapping values are not allowed in this context
    ");
}

#[test]
fn base_without_a_helm_release_is_refused() {
    insta::assert_snapshot!(refused(&[("base/helmrelease.yaml", "apiVersion: v1\nkind: ConfigMap\n")]), @"
    error: `base` includes no HelmRelease (helm.toolkit.fluxcd.io): looked at `base/helmrelease.yaml`
      hint list the file that holds it under `resources` of base's kustomization
    ");
    insta::assert_snapshot!(refused(&[(KUSTOMIZATION, "resources: []\n")]), @"
    error: `base` includes no HelmRelease (helm.toolkit.fluxcd.io): its kustomization lists no resources
      hint list the file that holds it under `resources` of base's kustomization
    ");
}

#[test]
fn base_with_two_helm_releases_is_refused() {
    let two = format!("{BASE}---\n{}", BASE.replace("name: wildside\nspec", "name: second\nspec"));
    insta::assert_snapshot!(refused(&[("base/helmrelease.yaml", &two)]), @"
    error: `base` includes 2 HelmReleases, a preview patches exactly one: `wildside` in `base/helmrelease.yaml`, `second` in `base/helmrelease.yaml`
      hint keep one in base; one root is one application
    ");
}

#[test]
fn a_namespace_in_base_is_refused_with_what_to_do() {
    let namespace = format!("{BASE}---\napiVersion: v1\nkind: Namespace\nmetadata: {{name: wildside}}\n");
    insta::assert_snapshot!(refused(&[("base/helmrelease.yaml", &namespace)]), @"
    error: `base/helmrelease.yaml` holds the Namespace `wildside`, which kustomize would rename to the preview's own and refuse as a duplicate
      hint move it to the overlays that need it, such as `overlays/production`; a preview brings its own
    ");
}

#[test]
fn a_reference_that_the_preview_would_lose_is_refused() {
    let unsaid = BASE.replace(", namespace: flux-system", "");
    insta::assert_snapshot!(refused(&[("base/helmrelease.yaml", &unsaid)]), @"
    error: the HelmRelease `wildside` refers to `charts` in `spec.chart.spec.sourceRef` without a namespace, and base states none to take it from
      hint state a namespace in the reference, or on the HelmRelease, or in base's kustomization
    ");
    let unprovided = format!("{BASE}  valuesFrom: [{{kind: Secret, name: database}}]\n");
    insta::assert_snapshot!(refused(&[("base/helmrelease.yaml", &unprovided)]), @"
    error: the HelmRelease `wildside` needs what nothing puts into the preview's namespace: the Secret `database` (`spec.valuesFrom`)
      hint include it in base, list its name under `preview.provided` if the cluster puts it into every namespace, or name it under `secrets` if it is a Secret whose values are in a Vault
    ");
}

const ROSTER: &str = "overlays/ephemeral/kustomization.yaml";

#[test]
fn a_roster_that_is_not_yaml_is_refused() {
    insta::assert_snapshot!(refused(&[(ROSTER, "resources: [pr-1\n")]), @"
    error: `overlays/ephemeral/kustomization.yaml` can not be edited
      because the roster is not YAML at line 1, column 12: correct it there
      because unclosed bracket '[' at char 11 line 1 column 12
    ");
}

#[test]
fn a_roster_whose_resources_are_a_map_is_refused() {
    insta::assert_snapshot!(refused(&[(ROSTER, "kind: Kustomization\nresources: {pr-1: true}\n")]), @r#"
    error: `overlays/ephemeral/kustomization.yaml` can not be edited
      because `resources` is not a list at line 2, column 12: write one entry a line, such as `- "pr-1"`, or `[]` for none
    "#);
}

#[test]
fn a_cause_is_told_once() {
    let world = World::empty();
    world.open(7, &sha('a'));
    let mut files = wildside();
    files.insert(ROSTER.to_owned(), "resources: {pr-1: true}\n".to_owned());
    world.commit_apps(&files, "Lay out the apps repository");
    let run = world.run(deploy(&world, &[]));
    assert_eq!(run.stderr.matches("is not a list").count(), 2, "the error and the annotation: {}", run.stderr);
}
