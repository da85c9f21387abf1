//! What is refused, with the whole message: where, what is wrong, and what would be right.

use super::{but, refusal, with};

#[test]
fn an_unknown_key_is_refused_with_the_keys_that_there_are() {
    insta::assert_snapshot!(refusal(&with("colour: red\n")), @"`bivouac.yaml` line 7, column 1: there is no key `colour` here: use `version`, `application`, `repository`, `domain`, `preview`, `delivery`, `images`, `ingress`, `values`, `secrets`, `checks`, `notify`");
    insta::assert_snapshot!(refusal(&with("preview:\n  nmae: x\n")), @"`bivouac.yaml` line 8, column 3: there is no key `nmae` here: did you mean `name`?");
    insta::assert_snapshot!(refusal(&with("preview:\n  labels: {requires: [x]}\n")), @"`bivouac.yaml` line 8, column 12: there is no key `requires` here: did you mean `require`?");
    insta::assert_snapshot!(refusal(&but("  backend: {repository: ghcr.io/acme/wildside-backend, values: backend.image}", "  backend: {repository: ghcr.io/acme/wildside-backend, values: backend.image, tag: x}")), @"`bivouac.yaml` line 6, column 79: there is no key `tag` here: use `repository`, `values`, `pin`");
    insta::assert_snapshot!(refusal(&with("ingress: {hosts: x}\n")), @"`bivouac.yaml` line 7, column 11: there is no key `hosts` here: did you mean `host`?");
    insta::assert_snapshot!(refusal(&with("preview:\n  ttl_warning: 24h\n")), @"`bivouac.yaml` line 8, column 3: there is no key `ttl_warning` here: did you mean `ttl-warning`?");
}

#[test]
fn a_key_that_stands_twice_is_refused_at_the_second() {
    insta::assert_snapshot!(refusal(&with("application: other\n")), @"`bivouac.yaml` line 7, column 1: duplicate mapping key `application` is not allowed here");
    insta::assert_snapshot!(refusal(&with("preview:\n  name: \"a-{number}\"\n  name: \"b-{number}\"\n")), @"`bivouac.yaml` line 9, column 3: duplicate mapping key `name` is not allowed here");
    insta::assert_snapshot!(refusal(&with("  backend: {repository: a/b, values: c}\n")), @"`bivouac.yaml` line 7, column 3: duplicate mapping key `backend` is not allowed here");
    insta::assert_snapshot!(refusal(&with("values:\n  a: 1\n  a: 2\n")), @"`bivouac.yaml` line 9, column 3: duplicate mapping key `a` is not allowed here");
    insta::assert_snapshot!(refusal(&with("values:\n  x:\n    a: 1\n    a: 2\n")), @"`bivouac.yaml` line 10, column 5: duplicate mapping key `a` is not allowed here");
}

#[test]
fn an_image_needs_both_its_repository_and_its_place() {
    insta::assert_snapshot!(refusal(&but("  backend: {repository: ghcr.io/acme/wildside-backend, values: backend.image}", "  backend: {repository: ghcr.io/acme/wildside-backend}")), @"`bivouac.yaml` line 6, column 12: the key `values` is missing");
    insta::assert_snapshot!(refusal(&but("  backend: {repository: ghcr.io/acme/wildside-backend, values: backend.image}", "  backend: {values: backend.image}")), @"`bivouac.yaml` line 6, column 12: the key `repository` is missing");
    insta::assert_snapshot!(refusal(&but("images:\n  backend: {repository: ghcr.io/acme/wildside-backend, values: backend.image}", "images: {}")), @"`bivouac.yaml` line 5, column 1: `images` is empty: name at least one image, with its `repository` and its path in the `values`");
}

#[test]
fn another_version_is_refused() {
    insta::assert_snapshot!(refusal(&but("version: 1", "version: 2")), @"`bivouac.yaml` line 1, column 10: version `2` is not known: this Bivouac reads version 1");
}

#[test]
fn a_bad_application_is_refused_with_the_rule() {
    insta::assert_snapshot!(refusal(&but("application: wildside", "application: Wild_side")), @"`bivouac.yaml` line 2, column 14: `Wild_side` is not an application name: use 1-63 of a-z, 0-9 and `-`, starting and ending with a letter or digit");
    insta::assert_snapshot!(refusal(&but("application: wildside", "application: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")), @"`bivouac.yaml` line 2, column 14: `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa` is not an application name, it has 64 characters: use 1-63 of a-z, 0-9 and `-`, starting and ending with a letter or digit");
}

#[test]
fn a_bad_domain_is_refused_with_the_rule() {
    insta::assert_snapshot!(refusal(&but("domain: preview.example.com", "domain: https://preview.example.com")), @"`bivouac.yaml` line 4, column 9: `https://preview.example.com` is not a domain: `https://preview` is not a DNS label: use 1-63 of a-z, 0-9 and `-`, starting and ending with a letter or digit");
    insta::assert_snapshot!(refusal(&but("domain: preview.example.com", "domain: \"*.example.com\"")), @"`bivouac.yaml` line 4, column 9: `*.example.com` is not a domain: `*` is not a DNS label: use 1-63 of a-z, 0-9 and `-`, starting and ending with a letter or digit");
    insta::assert_snapshot!(refusal(&but("domain: preview.example.com", "domain: preview.example.com.")), @"`bivouac.yaml` line 4, column 9: `preview.example.com.` is not a domain: `` is not a DNS label: use 1-63 of a-z, 0-9 and `-`, starting and ending with a letter or digit");
    insta::assert_snapshot!(refusal(&but("domain: preview.example.com", "domain: preview.example.com:8080")), @"`bivouac.yaml` line 4, column 9: `preview.example.com:8080` is not a domain: `com:8080` is not a DNS label: use 1-63 of a-z, 0-9 and `-`, starting and ending with a letter or digit");
    insta::assert_snapshot!(refusal(&but("domain: preview.example.com", "domain: Preview.example.com")), @"`bivouac.yaml` line 4, column 9: `Preview.example.com` is not a domain: `Preview` is not a DNS label: use 1-63 of a-z, 0-9 and `-`, starting and ending with a letter or digit");
}

#[test]
fn a_bad_repository_is_refused_with_the_rule() {
    insta::assert_snapshot!(refusal(&but("repository: acme/wildside", "repository: wildside")), @"`bivouac.yaml` line 3, column 13: `wildside` is not a repository: write it as `owner/name`");
    insta::assert_snapshot!(refusal(&but("repository: acme/wildside", "repository: https://github.com/acme/wildside")), @"`bivouac.yaml` line 3, column 13: `https://github.com/acme/wildside` is not a repository: write it as `owner/name`");
}

#[test]
fn a_bad_image_is_refused_with_the_rule() {
    insta::assert_snapshot!(refusal(&but("  backend: {repository: ghcr.io/acme/wildside-backend, values: backend.image}", "  Back_end: {repository: ghcr.io/acme/wildside-backend, values: backend.image}")), @"`bivouac.yaml` line 6, column 13: `Back_end` is not an image name: use 1-63 of a-z, 0-9 and `-`, starting and ending with a letter or digit");
    insta::assert_snapshot!(refusal(&but("  backend: {repository: ghcr.io/acme/wildside-backend, values: backend.image}", "  backend: {repository: ghcr.io/acme/wildside-backend:latest, values: backend.image}")), @"`bivouac.yaml` line 6, column 25: `ghcr.io/acme/wildside-backend:latest` is not the repository of an image: use `registry/path` in lower case, without a tag or digest");
    insta::assert_snapshot!(refusal(&but("  backend: {repository: ghcr.io/acme/wildside-backend, values: backend.image}", "  backend: {repository: ghcr.io/Acme/wildside-backend, values: backend.image}")), @"`bivouac.yaml` line 6, column 25: `ghcr.io/Acme/wildside-backend` is not the repository of an image: use `registry/path` in lower case, without a tag or digest");
}

#[test]
fn a_component_outside_the_repository_is_refused() {
    insta::assert_snapshot!(refusal(&with("preview: {components: [../quota]}\n")), @"`bivouac.yaml` line 7, column 24: `../quota` is not a path in the repository: give it from the top, without `..`, such as `apps/wildside`");
}

#[test]
fn a_bad_length_of_time_is_refused_with_the_rule() {
    insta::assert_snapshot!(refusal(&with("preview:\n  ttl: soon\n")), @"`bivouac.yaml` line 8, column 8: `soon` is not a length of time: use a whole number and m, h, d or w, such as `12h` or `7d`");
    insta::assert_snapshot!(refusal(&with("preview:\n  ttl: 7\n")), @r#"`bivouac.yaml` line 8, column 8: `7` is not a text: quote it, `"7"`"#);
    insta::assert_snapshot!(refusal(&with("preview:\n  ttl: 0d\n")), @"`bivouac.yaml` line 8, column 8: `0d` is not a length of time: use a whole number and m, h, d or w, such as `12h` or `7d`");
    insta::assert_snapshot!(refusal(&with("preview:\n  ttl: 7ü\n")), @"`bivouac.yaml` line 8, column 8: `7ü` is not a length of time: use a whole number and m, h, d or w, such as `12h` or `7d`");
}

#[test]
fn a_placeholder_that_there_is_not_is_refused_with_those_that_there_are() {
    insta::assert_snapshot!(refusal(&with("preview:\n  name: \"pr-{nmber}\"\n")), @"`bivouac.yaml` line 8, column 9: `pr-{nmber}` holds the unknown placeholder `{nmber}`: use {application}, {domain}, {number}, {name}, {namespace}, {host}, {commit}, {short-commit}, or double the brace to mean a brace");
    insta::assert_snapshot!(refusal(&with("preview:\n  name: \"pr-{number\"\n")), @"`bivouac.yaml` line 8, column 9: `pr-{number` holds a `{` that is not closed by `}`: double it to mean a brace");
    insta::assert_snapshot!(refusal(&with("values:\n  a: 1\n  b: {c: [\"{hots}\"]}\n")), @"`bivouac.yaml` line 9, column 3: `{hots}` holds the unknown placeholder `{hots}`: use {application}, {domain}, {number}, {name}, {namespace}, {host}, {commit}, {short-commit}, or double the brace to mean a brace");
}

#[test]
fn a_placeholder_that_would_go_in_circles_is_refused() {
    insta::assert_snapshot!(refusal(&with("preview:\n  name: \"{host}-{number}\"\n")), @"`bivouac.yaml` line 8, column 3: `preview.name` can not hold `{host}`: use `{application}`, `{number}`");
    insta::assert_snapshot!(refusal(&with("preview:\n  name: \"{name}-{number}\"\n")), @"`bivouac.yaml` line 8, column 3: `preview.name` can not hold `{name}`: use `{application}`, `{number}`");
    insta::assert_snapshot!(refusal(&with("preview:\n  host: \"{short-commit}-{number}.{domain}\"\n")), @"`bivouac.yaml` line 8, column 3: `preview.host` can not hold `{short-commit}`: use `{application}`, `{domain}`, `{number}`, `{name}`, `{namespace}`");
}

#[test]
fn a_template_that_is_the_same_for_every_pull_request_is_refused() {
    insta::assert_snapshot!(refusal(&with("preview:\n  name: preview\n")), @"`bivouac.yaml` line 8, column 3: `preview.name: preview` is the same for every pull request: put `{number}` into it");
    insta::assert_snapshot!(refusal(&with("preview:\n  namespace: previews\n")), @"`bivouac.yaml` line 8, column 3: `preview.namespace: previews` is the same for every pull request: put `{number}` or `{name}` into it");
    insta::assert_snapshot!(refusal(&with("preview:\n  host: \"preview.{domain}\"\n")), @"`bivouac.yaml` line 8, column 3: `preview.host: preview.{domain}` is the same for every pull request: put `{number}` or `{name}` or `{namespace}` into it");
    insta::assert_snapshot!(refusal(&with("preview:\n  name: 7\n")), @r#"`bivouac.yaml` line 8, column 9: `7` is not a text: quote it, `"7"`"#);
}

#[test]
fn a_template_that_can_not_give_a_name_is_refused() {
    insta::assert_snapshot!(refusal(&with("preview:\n  name: \"PR-{number}\"\n")), @"`bivouac.yaml` line 8, column 3: `preview.name: PR-{number}` does not work for pull request 1: `PR-1` is not a preview name: use 1-63 of a-z, 0-9 and `-`, starting and ending with a letter or digit");
    insta::assert_snapshot!(refusal(&with("preview:\n  name: \"feature/{number}\"\n")), @"`bivouac.yaml` line 8, column 3: `preview.name: feature/{number}` does not work for pull request 1: `feature/1` is not a preview name: use 1-63 of a-z, 0-9 and `-`, starting and ending with a letter or digit");
    insta::assert_snapshot!(refusal(&with("preview:\n  name: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-{number}\"\n")), @"`bivouac.yaml` line 8, column 3: `preview.name: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-{number}` does not work for pull request 1: `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-1` is not a preview name, it has 65 characters: use 1-63 of a-z, 0-9 and `-`, starting and ending with a letter or digit");
    insta::assert_snapshot!(refusal(&with("preview:\n  host: \"{domain}/{name}\"\n")), @"`bivouac.yaml` line 8, column 3: `preview.host: {domain}/{name}` does not work for pull request 1: `preview.example.com/pr-1` is not a host: `com/pr-1` is not a DNS label: use 1-63 of a-z, 0-9 and `-`, starting and ending with a letter or digit");
}

#[test]
fn a_namespace_that_is_too_long_because_of_the_application_is_refused_at_the_application() {
    insta::assert_snapshot!(refusal(&but("application: wildside", "application: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa")), @"`bivouac.yaml` line 2, column 1: `preview.namespace: {application}-pr-{number}` does not work for pull request 1: `aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa-pr-1` is not a namespace, it has 65 characters: use 1-63 of a-z, 0-9 and `-`, starting and ending with a letter or digit");
}

#[test]
fn a_path_into_the_values_that_can_not_be_is_refused() {
    insta::assert_snapshot!(refusal(&with("ingress:\n  host: \"ingress.hosts[0].host\"\n")), @"`bivouac.yaml` line 8, column 9: `ingress.hosts[0].host` is not a path into the values: lists can not be reached into, set them whole under `values`; join map keys by dots, such as `backend.image`");
    insta::assert_snapshot!(refusal(&with("ingress:\n  host:\n    - ingress.hostname\n    - a..b\n")), @"`bivouac.yaml` line 10, column 7: `a..b` is not a path into the values: a key is empty; join map keys by dots, such as `backend.image`");
}

#[test]
fn values_that_are_set_twice_are_refused() {
    insta::assert_snapshot!(refusal(&with("values:\n  replicaCount: 1\n  backend: {image: {tag: latest}}\n")), @"`bivouac.yaml` line 9, column 3: `backend.image.tag` is set twice in the values");
    insta::assert_snapshot!(refusal(&with("ingress: {host: ingress.hostname}\nvalues:\n  ingress: {hostname: x}\n")), @"`bivouac.yaml` line 9, column 3: `ingress.hostname` is set twice in the values");
    insta::assert_snapshot!(refusal(&with("  frontend: {repository: a/b, values: backend.image}\n")), @"`bivouac.yaml` line 7, column 3: `backend.image.repository` is set twice in the values");
    insta::assert_snapshot!(refusal(&with("  frontend: {repository: a/b, values: backend.image.tag}\n")), @"`bivouac.yaml` line 7, column 3: `backend.image.tag` is set twice in the values");
    insta::assert_snapshot!(refusal(&with("ingress: {host: [a.b, a.b]}\n")), @"`bivouac.yaml` line 7, column 11: `a.b` is set twice in the values");
    insta::assert_snapshot!(refusal(&with("ingress: {host: [a.b, a.b.c]}\n")), @"`bivouac.yaml` line 7, column 11: `a.b` is set twice in the values");
}

#[test]
fn what_is_not_yaml_is_refused_where_it_stops_being_yaml() {
    insta::assert_snapshot!(refusal(&with("preview:\n\tname: x\n")), @"`bivouac.yaml` line 8, column 2: tabs disallowed within this context (block indentation)");
    insta::assert_snapshot!(refusal(&with("values: {a: [\n")), @"`bivouac.yaml` line 7, column 13: unclosed bracket '['");
    insta::assert_snapshot!(refusal(&with("values: {a: \"x}\n")), @"`bivouac.yaml` line 7, column 13: unclosed quote");
    insta::assert_snapshot!(refusal(&with("values:\n  a: 1\n b: 2\n")), @"`bivouac.yaml` line 9, column 2: while parsing a block mapping, did not find expected key");
    insta::assert_snapshot!(refusal(&with("ingress: {host: \"a.b\\.c\"}\n")), @"`bivouac.yaml` line 7, column 17: while parsing a quoted scalar, found unknown escape character");
    insta::assert_snapshot!(refusal(&with("values: {a: *x}\n")), @"`bivouac.yaml` line 7, column 13: reference to unknown value");
    insta::assert_snapshot!(refusal(&with("values: {a: .inf, b: 1.0, c: 12345678901234567890123, d: 0x10, e: 010, f: 1_000, g: yes, h: 2026-01-01, i: ~, j: 1e3}\n")), @"`bivouac.yaml` line 7, column 13: value `.inf` is not a finite number");
}
