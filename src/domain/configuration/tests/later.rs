//! Keys whose feature is not there yet: accepted as long as they say the default, refused when they are used.

use super::{parse, refusal, with};

/// Each key, its default in two spellings where there are two, and a use of it.
const LATER: [(&str, &[&str], &[&str]); 13] = [
    ("preview.ttl", &["preview: {ttl: none}"], &["preview: {ttl: 7d}", "preview: {ttl: 12h}"]),
    (
        "preview.ttl-warning",
        &["preview: {ttl-warning: 24h}", "preview: {ttl-warning: 1d}"],
        &["preview: {ttl-warning: 12h}"],
    ),
    ("preview.limit", &["preview: {limit: 50}"], &["preview: {limit: 10}", "preview: {limit: 0}"]),
    (
        "preview.labels",
        &["preview: {labels: {require: [], exclude: [no-preview], keep: [keep-preview]}}", "preview: {labels: {}}"],
        &[
            "preview: {labels: {require: [preview]}}",
            "preview: {labels: {exclude: []}}",
            "preview: {labels: {keep: []}}",
        ],
    ),
    (
        "preview.branches",
        &["preview: {branches: {include: [\"**\"], exclude: []}}", "preview: {branches: {}}"],
        &["preview: {branches: {include: [main]}}", "preview: {branches: {exclude: [dev]}}"],
    ),
    (
        "preview.paths",
        &["preview: {paths: {include: [\"**\"], exclude: []}}"],
        &["preview: {paths: {exclude: [\"docs/**\"]}}", "preview: {paths: {include: []}}"],
    ),
    ("preview.drafts", &["preview: {drafts: true}"], &["preview: {drafts: false}"]),
    ("preview.forks", &["preview: {forks: refused}"], &["preview: {forks: approved}"]),
    ("preview.bots", &["preview: {bots: false}"], &["preview: {bots: true}"]),
    ("delivery", &["delivery: roster"], &["delivery: flux-kustomization", "delivery: argocd"]),
    ("secrets", &["secrets: []"], &["secrets: [{path: a}]", "secrets: [a]"]),
    ("checks", &["checks: {}"], &["checks: {url: /healthz}"]),
    ("notify", &["notify: []"], &["notify: [{url: https://example.com}]"]),
];

#[test]
fn a_later_feature_that_is_not_used_is_accepted() {
    for (key, defaults, _) in LATER {
        for default in defaults {
            assert!(parse(&with(default)).is_ok(), "{key}: {}", refusal(&with(default)));
        }
    }
}

#[test]
fn a_later_feature_that_is_used_is_refused_where_it_stands() {
    for (key, _, uses) in LATER {
        for used in uses {
            let column = if key.starts_with("preview.") { 11 } else { 1 };
            let expected =
                format!("`bivouac.yaml` line 7, column {column}: `{key}` is not available yet: leave it out");
            assert_eq!(refusal(&with(used)), expected, "{used}");
        }
    }
}

#[test]
fn provided_and_components_are_available() {
    let configuration = parse(&with("preview: {provided: [registry], components: [components/quota]}\n")).unwrap();
    let preview = &configuration.document().preview;
    assert_eq!(preview.provided, ["registry"]);
    assert_eq!(preview.components[0].0.as_str(), "components/quota");
}
