//! Secrets that are not written as they are.

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};

use super::*;
use crate::domain::hexadecimal::hexadecimal;

fn wrapped(text: &str, at: usize, margin: &str) -> String {
    let lines = text.as_bytes().chunks(at).map(|line| format!("{margin}{}\n", String::from_utf8_lossy(line)));
    lines.collect::<Vec<_>>().concat()
}

#[test]
fn a_secret_of_this_run_is_found_in_every_form() {
    let json = serde_json::json!({"auths": {"ghcr.io": {"auth": CANARY}}}).to_string();
    let twice = STANDARD.encode(STANDARD.encode(CANARY));
    for text in [
        format!("a: {CANARY}"),
        format!("a: x{CANARY}y"),
        format!("{CANARY}: a"),
        format!("a: {{{CANARY}: {{b: c}}}}"),
        format!("a: 1 # {CANARY}"),
        format!("a: {}", STANDARD.encode(CANARY)),
        format!("a: {}", STANDARD.encode(format!("x{CANARY}"))),
        format!("a: {}", URL_SAFE.encode(format!("xy{CANARY}z"))),
        format!("a: {}", hexadecimal(CANARY.as_bytes())),
        format!("a: {twice}"),
        format!("a: '{json}'"),
        format!("a: {}", STANDARD.encode(&json)),
        format!("a: |\n{}", wrapped(&STANDARD.encode(CANARY.repeat(4)), 20, "  ")),
        format!("a: \"{}\\\n  {}\"", &CANARY[..9], &CANARY[9..]),
        format!("a: \"\\x63{}\"", &CANARY[1..]),
        format!("a: !!binary {}", STANDARD.encode(CANARY)),
        format!("a: |\r\n  x\r\n  {CANARY}\r\n"),
        format!("a: >-\n{}\n", wrapped(CANARY, 7, "  ")),
        format!("a: {}", CANARY.replace('-', "%2D")),
        format!("a: &x {CANARY}\nb: *x\n"),
        format!("- &x {{a: {CANARY}}}\n- {{<<: *x}}\n"),
        format!("a: [unclosed\nb: {CANARY}\n"),
        format!("---\na: b\n---\n{CANARY}\n"),
    ] {
        assert_eq!(kinds(&text), [Kind::Known], "{text}");
    }
}

#[test]
fn what_is_random_is_found_within_other_texts() {
    for text in [
        "config: '{\"db\": {\"password\": \"q9Zrkk31aaXX\"}}'".to_owned(),
        "config: |\n  db:\n    password: q9Zrkk31aaXX\n".to_owned(),
        format!("config: {}", STANDARD.encode("{\"password\": \"q9Zrkk31aaXX\"}")),
        "x-anchor: &x q9Zrkk31aaXX\npassword: *x\n".to_owned(),
        "a: [\npassword: q9Zrkk31aaXX\n".to_owned(),
        "password:\n  - - q9Zrkk31aaXX\n".to_owned(),
    ] {
        assert_eq!(kinds(&text), [Kind::Random], "{text}");
    }
}

#[test]
fn a_secret_manifest_is_found_wherever_it_stands() {
    for text in [
        "apiVersion: v1\nkind: Secret\nmetadata: {name: a}\ndata: {a: aGk=}\n",
        "kind: Secret\nstringData:\n  a: hi\napiVersion: v1\n",
        "---\na: b\n---\napiVersion: v1\nkind: Secret\nstringData: {a: hi, b: 'ENC[x]'}\nsops: {}\n",
        "apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Secret, data: {a: aGk=}}\n",
        "spec: {values: {extraObjects: [{apiVersion: v1, kind: Secret, data: {a: aGk=}}]}}\n",
        "extra: |\n  apiVersion: v1\n  kind: Secret\n  stringData: {a: hi}\n",
        "extra: '{\"apiVersion\": \"v1\", \"kind\": \"Secret\", \"data\": {\"a\": \"aGk=\"}}'\n",
        "x: &x {a: aGk=}\ny: {apiVersion: v1, kind: Secret, data: *x}\n",
        "x: &x {apiVersion: v1, kind: Secret}\ny: {<<: *x, data: {a: aGk=}}\n",
        "y: {<<: {apiVersion: v1, kind: Secret}, data: {a: aGk=}}\n",
        "\"kind\": !!str Secret\n'apiVersion': \"v1\"\ndata: {a: !!binary aGk=}\n",
    ] {
        assert_eq!(kinds(text), [Kind::Manifest], "{text}");
    }
}
