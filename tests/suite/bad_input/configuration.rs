//! What can be wrong with `bivouac.yaml`.

use std::fs;

use indoc::indoc;

use super::{Refusal, configuration, deploy, files, write};
use crate::world::{World, sha};

/// What is said of a configuration in which `from` reads `to`.
fn refused(from: &str, to: &str) -> String {
    let refusal = Refusal::with_files(&[("bivouac.yaml", &configuration(from, to))]);
    assert_eq!(refusal.code, 3, "{}", refusal.said);
    refusal.said
}

#[test]
fn without_a_configuration_nothing_is_done() {
    let refusal = Refusal::after(|tree| fs::remove_file(tree.join("bivouac.yaml")).unwrap());
    assert_eq!(refusal.code, 3);
    insta::assert_snapshot!(refusal.said, @"
    error: the apps repository has no `bivouac.yaml`
      hint name its directory with `--path`, or lay the repository out with `bivouac init`
    ");
}

#[test]
fn a_root_without_a_configuration_is_named() {
    let refusal = Refusal::of_arguments(&["--path", "./apps//other/"]);
    assert_eq!(refusal.code, 3);
    insta::assert_snapshot!(refusal.said, @"
    error: the apps repository has no `apps/other/bivouac.yaml`
      hint name its directory with `--path`, or lay the repository out with `bivouac init`
    ");
}

#[test]
fn an_unknown_key_is_refused_with_its_place() {
    insta::assert_snapshot!(refused("domain:", "domian: x\ndomain:"), @"error: `bivouac.yaml` line 4, column 1: there is no key `domian` here: did you mean `domain`?");
}

/// Configurations with a value of a wrong type: the key, what is replaced, by what, and where that is.
const WRONG_TYPES: [(&str, &str, &str, &str); 4] = [
    ("version", "version: 1", "version: one", "line 1, column 10"),
    ("application", "application: wildside", "application: [wildside]", "line 2, column 14"),
    ("provided", "ingress: {host: ingress.hostname}", "preview: {provided: db}", "line 8, column 21"),
    ("limit", "ingress: {host: ingress.hostname}", "preview: {limit: many}", "line 8, column 18"),
];

#[test]
fn a_wrong_type_is_refused_with_its_place() {
    for (_, from, to, place) in WRONG_TYPES {
        let said = refused(from, to);
        assert!(said.starts_with(&format!("error: `bivouac.yaml` {place}: ")), "{said}");
    }
}

#[test]
fn a_wrong_type_is_refused_in_words_of_the_configuration_and_not_of_the_parser() {
    for (key, from, to, _) in WRONG_TYPES {
        let said = refused(from, to);
        for word in ["u64", "u32", "scalar", "sequence start"] {
            assert!(!said.contains(word), "{key}: {said}");
        }
    }
}

#[test]
fn a_version_of_the_future_is_refused() {
    insta::assert_snapshot!(refused("version: 1", "version: 2"), @"error: `bivouac.yaml` line 1, column 10: version `2` is not known: this Bivouac reads version 1");
}

#[test]
fn a_template_that_can_not_be_is_refused_with_its_place() {
    insta::assert_snapshot!(refused("images:", "preview: {name: \"pr-{nmber}\"}\nimages:"), @"error: `bivouac.yaml` line 5, column 17: `pr-{nmber}` holds the unknown placeholder `{nmber}`: use {application}, {domain}, {number}, {name}, {namespace}, {host}, {commit}, {short-commit}, or double the brace to mean a brace");
    insta::assert_snapshot!(refused("images:", "preview: {name: preview}\nimages:"), @"error: `bivouac.yaml` line 5, column 11: `preview.name: preview` is the same for every pull request: put `{number}` into it");
    insta::assert_snapshot!(refused("images:", "preview: {name: \"pr-{number}-{commit}\"}\nimages:"), @"error: `bivouac.yaml` line 5, column 11: `preview.name` can not hold `{commit}`: use `{application}`, `{number}`");
    insta::assert_snapshot!(refused("images:", "values: {a: \"{b\"}\nimages:"), @"error: `bivouac.yaml` line 5, column 10: `{b` holds a `{` that is not closed by `}`: double it to mean a brace");
}

#[test]
fn a_host_label_over_63_characters_is_refused() {
    let template = format!("{{name}}-{}.{{domain}}", "x".repeat(59));
    insta::assert_snapshot!(refused("images:", &format!("preview: {{host: \"{template}\"}}\nimages:")), @"error: `bivouac.yaml` line 5, column 11: `preview.host: {name}-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.{domain}` does not work for pull request 1: `pr-1-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx.preview.example.com` is not a host: `pr-1-xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx` is not a DNS label, it has 64 characters: use 1-63 of a-z, 0-9 and `-`, starting and ending with a letter or digit");
}

#[test]
fn a_namespace_over_63_characters_is_refused() {
    insta::assert_snapshot!(refused("application: wildside", &format!("application: {}", "w".repeat(59))), @"error: `bivouac.yaml` line 2, column 1: `preview.namespace: {application}-pr-{number}` does not work for pull request 1: `wwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwwww-pr-1` is not a namespace, it has 64 characters: use 1-63 of a-z, 0-9 and `-`, starting and ending with a letter or digit");
}

#[test]
fn a_configuration_without_images_is_refused() {
    let images = indoc! {"
        images:
          backend: {repository: ghcr.io/acme/wildside-backend, values: backend.image}
          frontend: {repository: ghcr.io/acme/wildside-frontend, values: frontend.image}
    "};
    insta::assert_snapshot!(refused(images, ""), @"error: `bivouac.yaml` line 1, column 1: the key `images` is missing");
    insta::assert_snapshot!(refused(images, "images: {}\n"), @"error: `bivouac.yaml` line 5, column 1: `images` is empty: name at least one image, with its `repository` and its path in the `values`");
}

#[test]
fn two_parts_that_want_the_same_value_are_refused() {
    insta::assert_snapshot!(refused("values: frontend.image", "values: backend.image"), @"error: `bivouac.yaml` line 7, column 3: `backend.image.repository` is set twice in the values");
}

#[test]
fn a_feature_that_comes_later_is_refused_where_it_is_used() {
    insta::assert_snapshot!(refused("images:", "delivery: argocd\nimages:"), @"error: `bivouac.yaml` line 5, column 1: `delivery` is not available yet: leave it out");
}

#[test]
fn a_listener_that_makes_no_sense_is_refused_with_its_place() {
    let said = |notify: &str| refused("images:", &format!("notify: {notify}\nimages:"));
    insta::assert_snapshot!(said("[{name: a, kind: slack}, {name: a, kind: teams}]"), @"error: `bivouac.yaml` line 5, column 41: two listeners are called `a`: give each its own name");
    insta::assert_snapshot!(said("[{name: a, kind: slack, events: []}]"), @"error: `bivouac.yaml` line 5, column 41: `a` would hear of nothing: name an event, or leave `events` out for all");
    let address = said("[{name: a, kind: slack, url: https://hush.example.com}]");
    assert!(
        address.contains("line 5, column 33: there is no key `url` here") && !address.contains("hush"),
        "{address}"
    );
    assert!(address.contains("BIVOUAC_NOTIFY_ADDRESSES"), "{address}");
}

#[test]
fn a_secret_that_makes_no_sense_is_refused_with_its_place() {
    let said = |secrets: &str| refused("images:", &format!("secrets: {secrets}\nimages:"));
    insta::assert_snapshot!(said("[{name: a, store: s, path: previews/wildside/pr-8}]"), @"error: `bivouac.yaml` line 5, column 37: `pr-8` is what a preview would be called, so that these would be its own values: name the path that all of them share, such as `previews/wildside`");
    insta::assert_snapshot!(said("[{name: a, store: s, path: b}, {name: a, store: s, path: c}]"), @"error: `bivouac.yaml` line 5, column 48: two Secrets have this name: give each its own");
}

#[test]
fn a_value_among_the_secrets_is_refused_without_being_told_anywhere() {
    for secrets in [
        "hush-7f3a9c",
        "[{name: a, value: hush-7f3a9c}]",
        "[{name: a, store: s, path: b, template: {PASSWORD: hush-7f3a9c}}]",
        "[{name: a, store: s, path: b, keys: hush-7f3a9c}]",
        "[{name: a, store: s, path: \"hush-7f3a9c!\"}]",
    ] {
        let text = configuration("images:", &format!("secrets: {secrets}\nimages:"));
        let refusal = Refusal::with_files(&[("bivouac.yaml", &text)]);
        assert_eq!(refusal.code, 3, "{}", refusal.said);
        assert!(refusal.said.starts_with("error: `bivouac.yaml` line 5, column "), "{}", refusal.said);
        assert!(!refusal.said.contains("hush"), "{}", refusal.said);
    }
}

#[test]
fn a_configuration_that_is_not_text_is_refused() {
    let refusal = Refusal::after(|tree| write(&tree.join("bivouac.yaml"), b"version: 1\napplication: w\xff\n"));
    assert_eq!(refusal.code, 3);
    insta::assert_snapshot!(refusal.said, @"error: `bivouac.yaml` in the apps repository is not UTF-8 text");
}

#[test]
fn a_configuration_that_is_empty_or_no_yaml_is_refused() {
    for text in ["", "# later\n", "version: 1\n  application: x\n", "- a\n", "version: 1\n---\nversion: 1\n"] {
        let refusal = Refusal::with_files(&[("bivouac.yaml", text)]);
        assert_eq!(refusal.code, 3, "{text:?}: {}", refusal.said);
        assert!(refusal.said.starts_with("error: `bivouac.yaml` line "), "{text:?}: {}", refusal.said);
    }
}

#[test]
fn a_component_that_is_not_there_is_refused_for_it_would_break_the_roster() {
    let with_component = configuration("images:", "preview: {components: [components/quota]}\nimages:");
    let refusal = Refusal::with_files(&[("bivouac.yaml", &with_component)]);
    assert_eq!(refusal.code, 3, "{}", refusal.said);
    assert!(refusal.said.contains("components/quota"), "{}", refusal.said);
}

#[test]
fn everything_spelled_out_as_it_is_by_default_is_accepted() {
    let world = World::new();
    world.open(7, &sha('a'));
    world.commit_apps(&files(&[("bivouac.yaml", ALL)]), "Spell it out");
    let run = world.run(deploy(&world, &[])).ok();
    assert_eq!(run.output("host"), "pr-7.wildside.preview.example.com");
    let patch = world.file("overlays/ephemeral/pr-7/patch-helmrelease-values.yaml").unwrap();
    assert!(patch.contains("host: \"pr-7.wildside.preview.example.com\""), "{patch}");
}

/// A configuration with every key.
const ALL: &str = indoc! {r#"
    # yaml-language-server: $schema=bivouac.schema.json
    version: 1
    application: wildside
    repository: acme/wildside
    domain: wildside.preview.example.com
    preview:
      name: "pr-{number}"
      namespace: "{application}-pr-{number}"
      host: "{name}.{domain}"
      ttl: none
      ttl-warning: 24h
      limit: 50
      labels: {require: [], exclude: [no-preview], keep: [keep-preview]}
      branches: {include: ["**"], exclude: []}
      paths: {include: ["**"], exclude: []}
      drafts: true
      forks: refused
      bots: false
      provided: []
      components: []
    delivery: roster
    images:
      backend:  {repository: ghcr.io/acme/wildside-backend,  values: backend.image}
      frontend: {repository: ghcr.io/acme/wildside-frontend, values: frontend.image}
    ingress:
      host: ingress.hostname
    values:
      replicaCount: 1
      ingress: {hosts: [{host: "{host}", paths: [{path: /, pathType: Prefix}]}]}
    secrets: []
    checks: {}
    notify: []
"#};
