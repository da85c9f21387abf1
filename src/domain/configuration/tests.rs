//! What `bivouac.yaml` may say and what comes of it.

mod later;
mod listeners;
mod properties;
mod refusals;
mod secrets;
mod words;

use indoc::indoc;
use serde_json::json;

use super::*;

/// The least that is a configuration: seven lines, so that what a test adds starts on line 7.
const LEAST: &str = indoc! {"
    version: 1
    application: wildside
    repository: acme/wildside
    domain: preview.example.com
    images:
      backend: {repository: ghcr.io/acme/wildside-backend, values: backend.image}
"};

/// Every key of version 1, with its default where it has one.
const WHOLE: &str = indoc! {r#"
    version: 1
    application: wildside
    repository: acme/wildside              # whose pull requests may have previews here; nobody else's
    domain: wildside.preview.example.com
    preview:                               # all optional; these are the defaults
      name: "pr-{number}"
      namespace: "{application}-pr-{number}"
      host: "{name}.{domain}"
      ttl: none                            # 12h, 7d …
      ttl-warning: 24h
      limit: 50
      labels: {require: [], exclude: [no-preview], keep: [keep-preview]}
      branches: {include: ["**"], exclude: []}
      paths: {include: ["**"], exclude: []}
      drafts: true
      forks: refused                       # or approved
      bots: false
      provided: []
      components: []
    delivery: roster                       # reserved: flux-kustomization, argocd
    images:                                # at least one
      backend:  {repository: ghcr.io/acme/wildside-backend,  values: backend.image}
      frontend: {repository: ghcr.io/acme/wildside-frontend, values: frontend.image}
    ingress:
      host: ingress.hostname               # optional: where in the values the host goes; a list of paths is fine
    values:                                # merged into every preview's values; strings may hold placeholders
      replicaCount: 1
      ingress: {hosts: [{host: "{host}", paths: [{path: /, pathType: Prefix}]}]}
    secrets: []
    checks: {}
    notify: []
"#};

fn parse(text: &str) -> Result<Configuration, ConfigurationError> {
    Configuration::parse("bivouac.yaml".parse().unwrap(), text)
}

/// The least, and more.
fn with(more: &str) -> String {
    format!("{LEAST}{more}")
}

/// The least, with one part of it said otherwise.
fn but(part: &str, otherwise: &str) -> String {
    assert!(LEAST.contains(part), "{part}");
    LEAST.replace(part, otherwise)
}

fn refusal(text: &str) -> String {
    match parse(text) {
        Ok(_) => panic!("this was accepted:\n{text}"),
        Err(error) => error.to_string(),
    }
}

fn commit() -> CommitId {
    "5f2c9d1a".repeat(5).parse().unwrap()
}

/// The values of the preview of pull request 7.
fn values_of(text: &str) -> Value {
    let configuration = parse(text).unwrap_or_else(|error| panic!("{error}\n{text}"));
    let identity = configuration.identity("7".parse().unwrap()).unwrap();
    let tags = configuration.tags(&BTreeMap::new(), &commit()).unwrap();
    Value::Object(configuration.preview_values(&identity, &tags, &commit()).unwrap())
}

#[test]
fn the_configuration_of_the_design_is_read_whole() {
    let configuration = parse(WHOLE).unwrap();
    assert!(configuration.root().is_top());
    let document = configuration.document();
    assert_eq!(document.application.as_str(), "wildside");
    assert_eq!(document.repository, "acme/wildside".parse().unwrap());
    assert_eq!(document.domain.as_str(), "wildside.preview.example.com");
    assert_eq!(document.delivery, Delivery::Roster);
    let images: Vec<_> = document.images.keys().map(ImageName::as_str).collect();
    assert_eq!(images, ["backend", "frontend"]);
    let identity = configuration.identity("123".parse().unwrap()).unwrap();
    assert_eq!(identity.name.as_str(), "pr-123");
    assert_eq!(identity.namespace.as_str(), "wildside-pr-123");
    assert_eq!(identity.url(), "https://pr-123.wildside.preview.example.com");
    let image = |name: &str| json!({"repository": format!("ghcr.io/acme/wildside-{name}"), "tag": commit()});
    let host = "pr-7.wildside.preview.example.com";
    let hosts = json!([{"host": host, "paths": [{"path": "/", "pathType": "Prefix"}]}]);
    let expected = json!({
        "replicaCount": 1,
        "backend": {"image": image("backend")},
        "frontend": {"image": image("frontend")},
        "ingress": {"hostname": host, "hosts": hosts},
    });
    assert_eq!(values_of(WHOLE), expected);
}

#[test]
fn what_is_left_out_is_what_the_design_calls_the_default() {
    let (least, whole) = (parse(LEAST).unwrap(), parse(WHOLE).unwrap());
    let settings = |configuration: &Configuration| format!("{:?}", configuration.document().preview);
    assert_eq!(settings(&least), settings(&whole));
    assert_eq!(least.document().delivery, whole.document().delivery);
    let image = json!({"repository": "ghcr.io/acme/wildside-backend", "tag": commit()});
    assert_eq!(values_of(LEAST), json!({"backend": {"image": image}}));
}

#[test]
fn line_endings_and_a_byte_order_mark_make_no_difference() {
    for text in [WHOLE.replace('\n', "\r\n"), format!("\u{feff}{WHOLE}"), format!("---\n{WHOLE}...\n")] {
        assert_eq!(values_of(&text), values_of(WHOLE));
    }
}

#[test]
fn placeholders_are_filled_in_wherever_a_string_stands() {
    let more = indoc! {r#"
        values:
          about: "{application} {domain} {number} {name} {namespace} {host} {commit} {short-commit}"
          nested: {deeper: {list: ["{number}", [{url: "https://{host}/{number}"}], 7, true, null]}}
          braces: "{{number}} {{{number}}} {{}}"
          unquoted: pr-{number}
    "#};
    let mut values = values_of(&with(more));
    values.as_object_mut().unwrap().remove("backend");
    let about = format!(
        "wildside preview.example.com 7 pr-7 wildside-pr-7 pr-7.preview.example.com {} {}",
        commit(),
        commit().short()
    );
    let list = json!(["7", [{"url": "https://pr-7.preview.example.com/7"}], 7, true, null]);
    let expected = json!({
        "about": about,
        "nested": {"deeper": {"list": list}},
        "braces": "{number} {7} {}",
        "unquoted": "pr-7",
    });
    assert_eq!(values, expected);
}

#[test]
fn a_string_stays_a_string_and_a_number_a_number() {
    let more = "values: {a: \"1\", b: 1, c: \"true\", d: true, e: \"{number}\", f: 1.5, g: \"1e3\", h: null}\n";
    let mut values = values_of(&with(more));
    values.as_object_mut().unwrap().remove("backend");
    let expected = json!({"a": "1", "b": 1, "c": "true", "d": true, "e": "7", "f": 1.5, "g": "1e3", "h": null});
    assert_eq!(values, expected);
}

#[test]
fn the_host_goes_to_one_place_or_to_several() {
    let host = json!("pr-7.preview.example.com");
    let one = values_of(&with("ingress: {host: ingress.hostname}\n"));
    assert_eq!(one["ingress"], json!({"hostname": host}));
    let several = values_of(&with("ingress: {host: [ingress.hostname, web.env.PUBLIC_HOST]}\n"));
    assert_eq!((&several["ingress"]["hostname"], &several["web"]["env"]["PUBLIC_HOST"]), (&host, &host));
    assert_eq!(values_of(&with("ingress: {host: []}\n")), values_of(LEAST));
    assert_eq!(values_of(&with("ingress: {}\n")), values_of(LEAST));
}

#[test]
fn a_dot_within_a_key_is_escaped() {
    let host = json!("pr-7.preview.example.com");
    let values = values_of(&with("ingress: {host: 'ingress.annotations.example\\.com/host'}\n"));
    assert_eq!(values["ingress"], json!({"annotations": {"example.com/host": host}}));
    let values = values_of(&with("ingress: {host: \"a\\\\.b\"}\n"));
    assert_eq!(values["a.b"], host);
}

#[test]
fn a_chosen_tag_takes_the_place_of_the_commit() {
    let configuration = parse(WHOLE).unwrap();
    let chosen = BTreeMap::from([("backend".parse().unwrap(), "v1.2".parse().unwrap())]);
    let tags = configuration.tags(&chosen, &commit()).unwrap();
    let tags: Vec<_> = tags.iter().map(|(name, tag)| (name.as_str(), tag.as_str())).collect();
    assert_eq!(tags, [("backend", "v1.2"), ("frontend", commit().as_str())]);
    let unknown = BTreeMap::from([("worker".parse().unwrap(), "v1.2".parse().unwrap())]);
    let error = configuration.tags(&unknown, &commit()).unwrap_err().to_string();
    insta::assert_snapshot!(error, @"`bivouac.yaml` has no image `worker`: it has `backend`, `frontend`");
}

#[test]
fn the_tags_of_a_preview_are_read_back_from_its_patch() {
    let configuration = parse(WHOLE).unwrap();
    let tags = |patch: &str| -> Vec<_> {
        configuration.tags_in(patch).into_iter().map(|(name, tag)| format!("{name} {tag}")).collect()
    };
    let values = values_of(WHOLE);
    let patch = yaml::write(&json!({"kind": "HelmRelease", "spec": {"values": values}}));
    assert_eq!(tags(&patch), [format!("backend {}", commit()), format!("frontend {}", commit())]);
    let other = "spec: {values: {frontend: {image: {tag: v1}}, backend: {image: {repository: x}}, worker: {tag: v2}}}";
    assert_eq!(tags(other), ["frontend v1"]);
    for odd in ["", "a: [", "- a", "spec: 7", "spec: {values: [a]}", "spec: {values: {backend: {image: {tag: 7}}}}"] {
        assert_eq!(tags(odd), [""; 0], "{odd}");
    }
}

#[test]
fn a_repository_that_is_not_named_is_not_admitted() {
    let configuration = parse(LEAST).unwrap();
    assert!(configuration.admit(&"Acme/Wildside".parse().unwrap()).is_ok());
    let error = configuration.admit(&"mallory/wildside".parse().unwrap()).unwrap_err().to_string();
    insta::assert_snapshot!(error, @"`bivouac.yaml` is for pull requests of `acme/wildside`, not of `mallory/wildside`");
}

#[test]
fn the_root_is_the_directory_of_the_file() {
    let configuration = Configuration::parse("apps/wildside/bivouac.yaml".parse().unwrap(), LEAST).unwrap();
    assert_eq!(configuration.root().as_str(), "apps/wildside");
}

#[test]
fn two_roots_have_the_same_hosts_when_their_pull_requests_would_share_one() {
    let least = parse(LEAST).unwrap();
    let same = |text: &str| parse(text).unwrap().has_the_hosts_of(&least);
    assert!(same(LEAST));
    assert!(same(&but("application: wildside", "application: other").replace("acme/wildside\n", "acme/other\n")));
    assert!(!same(&but("preview.example.com", "other.example.com")));
    assert!(!same(&with("preview: {name: \"other-{number}\"}\n")));
    assert!(!same(&with("preview: {host: \"other-{name}.{domain}\"}\n")));
    assert!(same(&with("preview: {namespace: \"other-{number}\"}\n")));
}

#[test]
fn a_name_that_the_host_does_not_hold_does_not_tell_two_roots_apart() {
    let host = "  host: \"{number}.{domain}\"\n";
    let one = parse(&with(&format!("preview:\n  name: \"one-{{number}}\"\n{host}"))).unwrap();
    let two = parse(&with(&format!("preview:\n  name: \"two-{{number}}\"\n{host}"))).unwrap();
    let number = "7".parse().unwrap();
    assert_eq!(one.identity(number).unwrap().host, two.identity(number).unwrap().host);
    assert!(one.has_the_hosts_of(&two));
}

#[test]
fn two_roots_whose_hosts_hold_the_application_do_not_share_one() {
    let more = "preview: {host: \"{number}.{application}.{domain}\"}\n";
    let one = parse(&with(more)).unwrap();
    let two = parse(&with(more).replace("application: wildside", "application: other")).unwrap();
    let number = "7".parse().unwrap();
    assert_ne!(one.identity(number).unwrap().host, two.identity(number).unwrap().host);
    assert!(!one.has_the_hosts_of(&two));
}

#[test]
fn a_host_may_hold_the_namespace() {
    let configuration = parse(&with("preview: {host: \"{namespace}.{domain}\"}\n")).unwrap();
    let identity = configuration.identity("7".parse().unwrap()).unwrap();
    assert_eq!(identity.host.as_str(), "wildside-pr-7.preview.example.com");
}
