//! What counts as an answer for a commit.

use jiff::Timestamp;
use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::names::{CommitId, Namespace};
use crate::domain::tests::hostile;

const COMMIT: &str = "5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a";

fn commit() -> CommitId {
    COMMIT.parse().unwrap()
}

#[test]
fn a_text_holds_a_commit_by_seven_of_its_first_digits_or_more() {
    for (text, expected) in [
        (COMMIT, true),
        ("5f2c9d1", true),
        ("5F2C9D1A", true),
        ("v1.2.3-5f2c9d1", true),
        ("sha: 5f2c9d1a5f.", true),
        ("abcdef0 5f2c9d1", true),
        ("5f2c9d", false),
        ("f2c9d1a", false),
        ("5f2c9d1b", false),
        ("05f2c9d1", false),
        ("5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a0", false),
        ("abcdef0123", false),
        ("", false),
        ("latest", false),
    ] {
        assert_eq!(holds(text, &commit()), expected, "{text}");
    }
}

fn probe(header: Option<&str>, json: Option<&str>) -> Probe {
    let probe = Probe::new("https://pr-7.example.com/", None, None).unwrap();
    Probe { header: header.map(|name| name.parse().unwrap()), json: json.map(|at| at.parse().unwrap()), ..probe }
}

fn answer(status: u16, header: Option<&str>, body: Body) -> Answer {
    Answer { status, location: None, header: header.map(str::to_owned), body }
}

fn words(probe: &Probe, answer: &Answer) -> String {
    let judgement = probe.judge(answer, &commit());
    format!("{}: {}", if judgement.is_ready() { "ready" } else { "not yet" }, judgement.seen())
}

#[test]
fn an_answer_is_held_against_status_header_and_body() {
    let (header, json) = (probe(Some("x-commit"), None), probe(None, Some("/build/commit")));
    let both = probe(Some("x-commit"), Some("/commit"));
    let body = |value: Value| answer(200, Some("5f2c9d1"), Body::Json(value));
    let cases = [
        words(&header, &answer(200, Some("5f2c9d1"), Body::Unread)),
        words(&header, &answer(200, Some("abcdef0"), Body::Unread)),
        words(&header, &answer(200, None, Body::Unread)),
        words(&header, &answer(502, Some("5f2c9d1"), Body::Unread)),
        words(&header, &Answer { location: Some("/login".to_owned()), ..answer(302, None, Body::Unread) }),
        words(&json, &body(json!({"build": {"commit": COMMIT}}))),
        words(&json, &body(json!({"build": {"commit": ["5f2c9d1"]}}))),
        words(&json, &body(json!({"build": {"commit": null}}))),
        words(&json, &body(json!({"commit": COMMIT}))),
        words(&json, &answer(200, None, Body::Junk("expected value at line 1 column 1".to_owned()))),
        words(&json, &answer(200, None, Body::TooLong)),
        words(&both, &body(json!({"commit": COMMIT}))),
        words(&both, &body(json!({"commit": "old"}))),
    ];
    insta::assert_snapshot!(cases.join("\n"), @"
    ready: status 200, header x-commit holds 5f2c9d1
    not yet: status 200, header x-commit holds `abcdef0`, not 5f2c9d1
    not yet: status 200, no header x-commit
    not yet: status 502, not 200
    not yet: status 302 to `/login`, not 200
    ready: status 200, `/build/commit` holds 5f2c9d1
    not yet: status 200, `/build/commit` is a list
    not yet: status 200, `/build/commit` holds `null`, not 5f2c9d1
    not yet: status 200, nothing at `/build/commit`
    not yet: status 200, the body is no JSON: `expected value at line 1 column 1`
    not yet: status 200, the body is longer than 1 MiB
    ready: status 200, header x-commit holds 5f2c9d1, `/commit` holds 5f2c9d1
    not yet: status 200, header x-commit holds 5f2c9d1, `/commit` holds `old`, not 5f2c9d1
    ");
}

#[test]
fn what_a_preview_says_is_one_short_line_that_is_no_command() {
    let value = format!("\u{1b}[31m::error::x\r\n##[error]y `z` \u{202e} {}", "a".repeat(500));
    let said = words(&probe(Some("x-commit"), None), &answer(200, Some(&value), Body::Unread));
    insta::assert_snapshot!(said, @"not yet: status 200, header x-commit holds `[31m::error::x  # #[error]y 'z'  aaaaaaa…`, not 5f2c9d1");
}

proptest! {
    #[test]
    fn nothing_that_is_said_leaves_its_line(text in hostile()) {
        let header = words(&probe(Some("x-commit"), None), &answer(200, Some(&text), Body::Unread));
        let body = words(&probe(None, Some("/c")), &answer(200, None, Body::Json(json!({"c": text}))));
        let status = CommitStatus { context: "helmrelease/shop".to_owned(), state: StatusState::Pending, description: text, at: None };
        let flux = judge(&[status]).seen().to_string();
        for said in [header, body, flux] {
            prop_assert!(!said.chars().any(char::is_control), "{said:?}");
            prop_assert!(!said.contains("##[") && said.chars().count() < 310, "{said:?}");
            prop_assert!(said.matches('`').count() <= 4, "{said:?}");
        }
    }
}

#[test]
fn a_question_that_can_not_be_asked_is_refused() {
    let error = |url: &str, host: Option<&str>, address: Option<&str>| {
        Probe::new(url, host, address.map(|text| text.parse().unwrap())).unwrap_err().to_string()
    };
    let cases = [
        error("pr-7.example.com", None, None),
        error("ftp://pr-7.example.com", None, None),
        error("http://pr-7.example.com/", None, None),
        error("http://pr-7.example.com/", None, Some("203.0.113.7")),
        error("https://user:pass@pr-7.example.com/", None, None),
        error("https://user@pr-7.example.com/", None, None),
        error("https://203.0.113.7/", None, Some("203.0.113.8")),
        error("https://pr-7.example.com/", Some("a b"), None),
        error("https://pr-7.example.com/", Some("user@host"), None),
        error("mailto:a@example.com", None, None),
    ];
    insta::assert_snapshot!(cases.join("\n"), @"
    `pr-7.example.com` is not an address: write it as `https://{host}/` (relative URL without a base)
    `ftp://pr-7.example.com` is not `https://`
    `http://pr-7.example.com/` is plain HTTP over a network, where anybody on the way can answer in place of the preview: use `https://`
    `http://pr-7.example.com/` is plain HTTP over a network, where anybody on the way can answer in place of the preview: use `https://`
    the address holds a name or a password: nothing secret is sent to a preview
    the address holds a name or a password: nothing secret is sent to a preview
    `url` names an address already: give one of the two
    `a b` is not a host
    `user@host` is not a host
    `mailto:a@example.com` is not `https://`
    ");
}

#[test]
fn plain_http_is_for_where_nobody_is_on_the_way() {
    for (url, address) in [
        ("http://127.0.0.1:8080/", None),
        ("http://[::1]/", None),
        ("http://localhost/", None),
        ("http://10.1.2.3/", None),
        ("http://web.shop-pr-7.svc:8080/", None),
        ("http://web.shop-pr-7.svc.cluster.local/", None),
        ("http://pr-7.example.com/", Some("192.168.1.5:80")),
        ("https://pr-7.example.com/", Some("203.0.113.7")),
    ] {
        let address = address.map(|text| text.parse().unwrap());
        assert!(Probe::new(url, None, address).is_ok(), "{url}");
    }
}

#[test]
fn names_pointers_statuses_and_addresses_are_parsed_once() {
    for (text, port) in [
        ("203.0.113.7", None),
        ("203.0.113.7:8443", Some(8443)),
        ("[2001:db8::7]:443", Some(443)),
        ("[::1]", None),
        ("::1", None),
    ] {
        let address: FixedAddress = text.parse().unwrap();
        assert_eq!(address.port, port, "{text}");
        let written = serde_json::to_value(address).unwrap();
        assert_eq!(written.as_str().unwrap().parse::<FixedAddress>().unwrap(), address);
    }
    for broken in ["", "example.com", "203.0.113.7:", "203.0.113.7:99999", "203.0.113", ":443"] {
        assert!(broken.parse::<FixedAddress>().is_err(), "{broken}");
    }
    for broken in ["", "commit", "a/b", "/a~", "/a~2"] {
        assert!(broken.parse::<JsonPointer>().is_err(), "{broken}");
    }
    for fine in ["/", "/a", "/a~1b/0/c~0"] {
        assert!(fine.parse::<JsonPointer>().is_ok(), "{fine}");
    }
    for broken in ["", "a b", "x:y", "x\n", "ü"] {
        assert!(broken.parse::<FieldName>().is_err(), "{broken}");
    }
    assert!(ExpectedStatus::try_from(199).is_err() && ExpectedStatus::try_from(600).is_err());
    assert_eq!(u16::from(ExpectedStatus::try_from(204).unwrap()), 204);
}

fn at(second: i64) -> Timestamp {
    Timestamp::from_second(1_000_000 + second).unwrap()
}

fn judge(statuses: &[CommitStatus]) -> Judgement {
    let namespace: Namespace = "shop-pr-7".parse().unwrap();
    judge_statuses(statuses, "shop", &namespace, at(0))
}

#[test]
fn fluxs_latest_word_on_each_context_counts() {
    use StatusState::{Failure, Pending, Success};
    let status = |context: &str, state, second| CommitStatus {
        context: context.to_owned(),
        state,
        description: "Helm says".to_owned(),
        at: Some(at(second)),
    };
    let (own, other, exact) =
        ("helmrelease/shop/0c9c2e41", "helmrelease/shop/11111111", "HelmRelease/shop-pr-7/shop/0c9c2e41");
    let table = [
        (vec![], "Flux has said nothing of the release shop on this commit"),
        (
            vec![status("ci/build", Success, 9), status("helmrelease/web/1", Success, 9)],
            "Flux has said nothing of the release shop on this commit",
        ),
        (vec![status("kustomization/shop/1", Success, 9)], "Flux has said nothing of the release shop on this commit"),
        (vec![status(own, Pending, 9)], "Flux: pending: `Helm says`"),
        (vec![status(own, Failure, 9), status(own, Success, 8)], "Flux: failure: `Helm says`"),
        (vec![status(own, Success, 9), status(own, Failure, 8)], "ready"),
        (vec![status("helmrelease/shop", Success, 9)], "ready"),
        (vec![status(own, Success, 9), status(other, Pending, 8)], "Flux: pending: `Helm says`"),
        (vec![status(exact, Success, 9), status(other, Failure, 8)], "ready"),
        (
            vec![status("helmrelease/other-ns/shop", Success, 9)],
            "Flux has said nothing of the release shop on this commit",
        ),
        (vec![status(own, Success, -600)], "Flux has said nothing of the release shop on this commit"),
        (vec![status(own, Success, -200)], "ready"),
    ];
    for (statuses, expected) in table {
        match judge(&statuses) {
            Judgement::Ready(_) => assert_eq!("ready", expected, "{statuses:?}"),
            Judgement::NotYet(seen) => assert_eq!(seen.as_str(), expected, "{statuses:?}"),
        }
    }
}

#[test]
fn both_have_to_hold_where_both_are_asked() {
    let (ready, not) = (Judgement::Ready(Seen::new("a")), Judgement::NotYet(Seen::new("b")));
    assert!(ready.clone().and(&ready).is_ready());
    for (one, other) in [(&ready, &not), (&not, &ready), (&not, &not)] {
        assert!(!one.clone().and(other).is_ready());
    }
    assert_eq!(ready.and(&not).seen().as_str(), "a; b");
}
