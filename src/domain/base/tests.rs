//! What base may hold, and what it is found to be.

use indoc::indoc;
use serde_json::json;

use super::*;

const RELEASE: &str = indoc! {"
    apiVersion: helm.toolkit.fluxcd.io/v2
    kind: HelmRelease
    metadata: {name: wildside}
    spec: {chart: {spec: {chart: ./chart}}}
"};

fn find(files: &[(&str, &str)]) -> Result<Base, BaseError> {
    let file = |(path, text): &(&str, &str)| Source {
        path: path.parse().unwrap(),
        text: (*text).to_owned(),
        ..Source::default()
    };
    let sources = Sources { files: files.iter().map(file).collect(), ..Sources::default() };
    Base::find(&"base".parse().unwrap(), &sources)
}

#[test]
fn the_release_is_found_in_any_file_and_among_other_documents() {
    let several = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings}}\n---\n{RELEASE}");
    let base = find(&[("base/a.yaml", "# nothing\n"), ("base/helmrelease.yml", &several)]).unwrap();
    assert_eq!(base.release_name(), "wildside");
    assert!(base.object("ConfigMap", "settings").is_some() && base.object("Secret", "settings").is_none());
}

#[test]
fn without_a_release_the_files_that_were_looked_at_are_named() {
    let error = find(&[("base/a.yaml", "kind: Service\n"), ("base/b.yaml", "")]).unwrap_err().to_string();
    insta::assert_snapshot!(error, @"`base` includes no HelmRelease (helm.toolkit.fluxcd.io): looked at `base/a.yaml`, `base/b.yaml`");
}

#[test]
fn two_releases_are_one_too_many() {
    let other = RELEASE.replace("wildside", "second");
    let error = find(&[("base/a.yaml", RELEASE), ("base/b.yaml", &other)]).unwrap_err().to_string();
    insta::assert_snapshot!(error, @"`base` includes 2 HelmReleases, a preview patches exactly one: `wildside` in `base/a.yaml`, `second` in `base/b.yaml`");
}

#[test]
fn a_namespace_in_base_is_refused() {
    let error =
        find(&[("base/ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n"), ("base/a.yaml", RELEASE)]);
    assert!(matches!(error, Err(BaseError::HasNamespace { .. })));
}

#[test]
fn an_external_secret_stands_for_the_secret_it_makes() {
    let external = "kind: ExternalSecret\nmetadata: {name: a}\nspec: {target: {name: made}}\n";
    let base = find(&[("base/a.yaml", RELEASE), ("base/s.yaml", external)]).unwrap();
    assert!(base.object("Secret", "made").is_some() && base.object("Secret", "a").is_none());
}

fn file(path: &str, text: &str) -> Source {
    Source { path: path.parse().unwrap(), text: text.to_owned(), ..Source::default() }
}

fn base(sources: &Sources) -> Result<Base, BaseError> {
    Base::find(&"base".parse().unwrap(), sources)
}

fn patch(text: &str) -> ReleasePatch {
    let text =
        format!("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {{name: wildside}}\n{text}");
    ReleasePatch { path: "base/patch.yaml".parse().unwrap(), text, target: None }
}

#[test]
fn a_base_of_nothing_says_so_and_what_is_elsewhere_is_named() {
    insta::assert_snapshot!(base(&Sources::default()).unwrap_err(), @"`base` includes no HelmRelease (helm.toolkit.fluxcd.io): its kustomization lists no resources");
    let remote = vec!["https://example.com/release.yaml".to_owned()];
    let sources = Sources { files: vec![file("base/a.yaml", "")], remote, ..Sources::default() };
    insta::assert_snapshot!(base(&sources).unwrap_err(), @"`base` includes no HelmRelease (helm.toolkit.fluxcd.io): looked at `base/a.yaml`, `https://example.com/release.yaml` (elsewhere, not looked into)");
}

#[test]
fn a_release_without_a_name_is_refused_with_its_file() {
    for name in ["metadata: {}", "metadata: {name: \"\"}", "metadata: {name: 7}"] {
        let error = find(&[("base/a.yaml", &RELEASE.replace("metadata: {name: wildside}", name))]).unwrap_err();
        assert_eq!(error.to_string(), "the HelmRelease in `base/a.yaml` has no `metadata.name`");
    }
}

#[test]
fn a_file_that_is_not_yaml_is_refused_by_its_name() {
    let error = find(&[("base/a.yaml", RELEASE), ("base/b.yaml", "a: [")]).unwrap_err();
    assert_eq!(error.to_string(), "`base/b.yaml` is not YAML");
}

#[test]
fn a_release_of_another_api_is_none() {
    let other = RELEASE.replace("helm.toolkit.fluxcd.io", "example.com");
    assert_eq!(find(&[("base/a.yaml", RELEASE), ("base/b.yaml", &other)]).unwrap().release_name(), "wildside");
    assert!(matches!(find(&[("base/b.yaml", &other)]), Err(BaseError::NoRelease { .. })));
}

#[test]
fn the_items_of_a_list_are_objects_of_their_own() {
    let list = indoc! {"
        apiVersion: v1
        kind: List
        items:
          - {apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {name: wildside}}
          - {apiVersion: v1, kind: Secret, metadata: {name: passwords}}
    "};
    let base = find(&[("base/a.yaml", list)]).unwrap();
    assert_eq!(base.release_name(), "wildside");
    assert!(base.object("Secret", "passwords").is_some());
    let namespace = "kind: NamespaceList\nitems: [{apiVersion: v1, kind: Namespace, metadata: {name: x}}]\n";
    let error = find(&[("base/a.yaml", RELEASE), ("base/b.yaml", namespace)]).unwrap_err();
    assert!(matches!(error, BaseError::HasNamespace { name, .. } if name == "x"));
}

#[test]
fn an_object_that_happens_to_have_items_is_itself() {
    let widget = "kind: Widget\nmetadata: {name: a}\nitems: [{kind: Secret, metadata: {name: inner}}]\n";
    let base = find(&[("base/a.yaml", RELEASE), ("base/b.yaml", widget)]).unwrap();
    assert!(base.object("Widget", "a").is_some() && base.object("Secret", "inner").is_none());
}

#[test]
fn a_sealed_secret_stands_for_the_secret_it_becomes() {
    for (spec, made) in [("{template: {metadata: {name: made}}}", "made"), ("{}", "a")] {
        let sealed = format!("kind: SealedSecret\nmetadata: {{name: a}}\nspec: {spec}\n");
        let base = find(&[("base/a.yaml", RELEASE), ("base/s.yaml", &sealed)]).unwrap();
        assert!(base.object("Secret", made).is_some(), "{spec}");
    }
}

#[test]
fn a_reference_has_to_have_the_changed_name_unless_kustomize_carries_names_over() {
    for (are_followed, of_file, generated) in [(false, "pre-settings-v1", "pre-made-v1"), (true, "settings", "made")] {
        let names = Names { prefix: "pre-".to_owned(), suffix: "-v1".to_owned(), are_followed };
        let settings =
            Source { names: names.clone(), ..file("base/b.yaml", "kind: ConfigMap\nmetadata: {name: settings}\n") };
        let external = Source {
            names: names.clone(),
            ..file("base/c.yaml", "kind: ExternalSecret\nmetadata: {name: a}\nspec: {target: {name: fixed}}\n")
        };
        let files = vec![file("base/a.yaml", RELEASE), settings, external];
        let made = vec![Object::generated("Secret", "made", &names)];
        let base = base(&Sources { files, generated: made, ..Sources::default() }).unwrap();
        assert!(base.object("ConfigMap", of_file).is_some() && base.object("Secret", generated).is_some());
        assert!(base.object("Secret", "fixed").is_some(), "an operator gives the name that it was told");
    }
}

#[test]
fn objects_are_in_the_namespace_of_the_kustomization_before_their_own() {
    let text = "kind: Secret\nmetadata: {name: a, namespace: own}\n";
    for (above, expected) in [(None, "own"), (Some("apps"), "apps")] {
        let source = Source { namespace: above.map(str::to_owned), ..file("base/b.yaml", text) };
        let release = Source { namespace: above.map(str::to_owned), ..file("base/a.yaml", RELEASE) };
        let base = base(&Sources { files: vec![release, source], ..Sources::default() }).unwrap();
        assert_eq!(base.object("Secret", "a").unwrap().namespace.as_deref(), Some(expected));
        assert_eq!(base.namespace(), above);
    }
}

#[test]
fn the_outermost_patch_has_the_last_word() {
    let outer = vec![patch("spec: {interval: outer}"), patch("spec: {timeout: outer}")];
    let inner = vec![patch("spec: {interval: inner, timeout: inner, suspend: true}")];
    let sources =
        Sources { files: vec![file("base/a.yaml", RELEASE)], patches: vec![outer, inner], ..Sources::default() };
    let base = base(&sources).unwrap();
    let spec = |pointer| base.spec(pointer).cloned();
    assert_eq!((spec("/interval"), spec("/timeout")), (Some(json!("outer")), Some(json!("outer"))));
    assert_eq!(spec("/suspend"), Some(json!(true)));
    assert_eq!(spec("/chart/spec/chart"), Some(json!("./chart")));
}

#[test]
fn components_bring_objects_and_patches_but_no_namespace() {
    let plain = find(&[("base/a.yaml", RELEASE)]).unwrap();
    let secret = file("components/a/secret.yaml", "kind: Secret\nmetadata: {name: passwords}\n");
    let patches = vec![vec![patch("spec: {targetNamespace: elsewhere}")]];
    let with = plain.clone().with_components(&Sources { files: vec![secret], patches, ..Sources::default() }).unwrap();
    assert!(with.object("Secret", "passwords").is_some() && plain.object("Secret", "passwords").is_none());
    assert_eq!(with.spec("/targetNamespace"), Some(&json!("elsewhere")));
    let namespace = file("components/a/ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n");
    let error = plain.clone().with_components(&Sources { files: vec![namespace], ..Sources::default() }).unwrap_err();
    assert!(matches!(error, BaseError::HasNamespace { .. }));
    let broken = ReleasePatch { text: "a: [".to_owned(), ..patch("") };
    let error = plain.with_components(&Sources { patches: vec![vec![broken]], ..Sources::default() }).unwrap_err();
    assert!(matches!(error, BaseError::NotYaml { .. }));
}
