use std::collections::BTreeSet;

use proptest::prelude::*;
use serde_json::{Value, json};

use super::*;
use crate::domain::approval::Approval;
use crate::domain::pull_request::PullRequestState;
use crate::domain::tests::{NOON, at, commit, hostile, identity, pull_request, record};

fn event(step: Step) -> LifecycleEvent {
    let is_refused = step == Step::Refused;
    let is_gone = matches!(step, Step::Removed | Step::Refused);
    let is_seen = matches!(step, Step::Ready | Step::Failed);
    LifecycleEvent {
        step,
        at: at(NOON),
        application: "wildside".parse().unwrap(),
        repository: "acme/wildside".parse().unwrap(),
        pull_request: pull_request(),
        identity: identity(),
        overlay: "overlays/ephemeral/pr-123".parse().unwrap(),
        generation: 3,
        record: (!is_refused).then(record),
        images: vec![("backend".to_owned(), "v1".to_owned())],
        apps_commit: Some(commit('c')),
        reason: is_gone.then(|| Cause { word: "draft".to_owned(), sentence: "the pull request is a draft".to_owned() }),
        expires_at: (!is_gone).then(|| at("2026-11-28T12:00:00Z")),
        seen: is_seen.then(|| Sighting { seconds: 42, last: "status 200".to_owned() }),
        by: Some("ada".to_owned()),
        run: Some("https://github.com/acme/wildside/actions/runs/1".to_owned()),
    }
}

fn schema() -> Value {
    schemars::schema_for!(PreviewEvent).into()
}

/// What the published schema has against an event's data.
fn objections(event: &LifecycleEvent) -> Vec<String> {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    validator.iter_errors(&event.cloud_event().data).map(|error| error.to_string()).collect()
}

#[test]
fn an_event_says_of_itself_what_it_is() {
    let told = event(Step::Ready).cloud_event();
    assert_eq!(told.kind, "dev.bivouac.preview.ready");
    assert_eq!(told.source, "https://github.com/acme/wildside");
    assert_eq!(told.subject, "pr-123");
    assert_eq!(told.correlation_id, "wildside:acme/wildside#123");
    assert_eq!(told.time, at(NOON));
    assert!(told.data_schema.ends_with("/docs/reference/preview-event.v1.schema.json"), "{}", told.data_schema);
    assert!(told.id.len() == 32 && told.id.bytes().all(|byte| byte.is_ascii_hexdigit()), "{}", told.id);
    let kinds: BTreeSet<_> = Step::ALL.into_iter().map(|step| event(step).kind()).collect();
    assert_eq!(kinds.len(), Step::ALL.len());
}

#[test]
fn the_data_are_for_programs() {
    insta::assert_snapshot!(format!("{:#}", event(Step::Ready).cloud_event().data), @r#"
    {
      "step": "ready",
      "application": "wildside",
      "repository": "acme/wildside",
      "pull-request": {
        "number": 123,
        "url": "https://github.com/acme/wildside/pull/123",
        "title": "A title",
        "author": "ada",
        "state": "open",
        "head": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
      },
      "preview": {
        "name": "pr-123",
        "namespace": "wildside-pr-123",
        "host": "pr-123.preview.example.com",
        "url": "https://pr-123.preview.example.com",
        "overlay": "overlays/ephemeral/pr-123",
        "generation": 3,
        "commit": "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
        "created-at": "2026-11-21T12:00:00Z",
        "expires-at": "2026-11-28T12:00:00Z"
      },
      "images": {
        "backend": "v1"
      },
      "apps-commit": "cccccccccccccccccccccccccccccccccccccccc",
      "seen": {
        "seconds": 42,
        "last": "status 200"
      },
      "by": "ada",
      "run": "https://github.com/acme/wildside/actions/runs/1"
    }
    "#);
}

#[test]
fn what_has_nothing_to_say_is_left_out() {
    let mut bare = event(Step::Refused);
    (bare.images, bare.apps_commit, bare.reason, bare.by, bare.run) = (Vec::new(), None, None, None, None);
    bare.pull_request.author = None;
    bare.generation = 0;
    insta::assert_snapshot!(bare.cloud_event().data.to_string(), @r#"{"step":"refused","application":"wildside","repository":"acme/wildside","pull-request":{"number":123,"url":"https://github.com/acme/wildside/pull/123","title":"A title","state":"open","head":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"},"preview":{"name":"pr-123","namespace":"wildside-pr-123","host":"pr-123.preview.example.com","overlay":"overlays/ephemeral/pr-123","generation":0}}"#);
    assert!(objections(&bare).is_empty());
}

#[test]
fn a_preview_that_is_gone_has_no_address_and_still_its_host() {
    for step in Step::ALL {
        let told = event(step).cloud_event().data;
        let is_there = !matches!(step, Step::Removed | Step::Refused);
        assert_eq!(told["preview"].get("url").is_some(), is_there, "{step}");
        assert_eq!(told["preview"]["host"], "pr-123.preview.example.com");
        assert_eq!(told["step"], step.word());
    }
}

#[test]
fn every_event_keeps_the_published_schema() {
    for step in Step::ALL {
        for state in [PullRequestState::Open, PullRequestState::Closed, PullRequestState::Merged] {
            let mut event = event(step);
            event.pull_request.state = state;
            if let Some(record) = &mut event.record {
                record.approval = Some(Approval { commit: commit('a'), by: "grace".parse().unwrap() });
            }
            assert_eq!(objections(&event), Vec::<String>::new(), "{step}");
        }
    }
    let mut wrong = event(Step::Ready).cloud_event().data;
    wrong["pull-request"] = json!({"number": "seven"});
    assert!(!jsonschema::validator_for(&schema()).unwrap().is_valid(&wrong), "the schema asks for something");
}

#[test]
fn the_schema_is_where_the_events_say_that_it_is() {
    assert_eq!(schema()["$id"], DATA_SCHEMA);
    assert_eq!(event(Step::Ready).cloud_event().data_schema, DATA_SCHEMA);
}

fn id(step: Step, change: impl FnOnce(&mut LifecycleEvent)) -> String {
    let mut event = event(step);
    change(&mut event);
    event.cloud_event().id
}

/// Who tells it is no fact, and when is one of what was seen alone: a preview may be seen to be there, not there, and there.
#[test]
fn the_same_facts_have_the_same_id_whoever_tells_them() {
    for step in Step::ALL {
        let known = id(step, |_| {});
        let is_sighting = matches!(step, Step::Ready | Step::Failed);
        assert_eq!(id(step, |it| it.at = at("2026-11-22T12:00:00Z")) != known, is_sighting, "{step}");
        assert_eq!(id(step, |it| it.by = None), known, "{step}");
        assert_eq!(id(step, |it| it.apps_commit = None), known, "{step}");
        assert_eq!(id(step, |it| it.images.clear()), known, "{step}");
        assert_eq!(id(step, |it| it.pull_request.title = "Another".to_owned()), known, "{step}");
        assert_eq!(id(step, |it| it.pull_request.state = PullRequestState::Closed), known, "{step}");
        assert_eq!(id(step, |it| it.pull_request.author = None), known, "{step}");
    }
    for step in [Step::Deploying, Step::Updated, Step::Expiring, Step::Removed] {
        assert_eq!(id(step, |it| it.run = None), id(step, |_| {}), "{step}");
    }
    let later = |it: &mut LifecycleEvent| it.seen = Some(Sighting { seconds: 50, last: "status 200".to_owned() });
    assert_eq!(id(Step::Ready, later), id(Step::Ready, |_| {}));
}

#[test]
fn who_finds_a_removal_knows_less_and_tells_the_same() {
    let found = |it: &mut LifecycleEvent| (it.record, it.reason, it.expires_at) = (None, None, None);
    assert_eq!(id(Step::Removed, found), id(Step::Removed, |_| {}));
}

#[test]
fn other_facts_have_another_id() {
    type Change = (&'static str, fn(&mut LifecycleEvent), &'static [Step]);
    use Step::{Deploying, Expiring, Failed, Ready, Refused, Updated};
    let changes: [Change; 12] = [
        ("generation", |it| it.generation = 4, &Step::ALL),
        ("application", |it| it.application = "other".parse().unwrap(), &Step::ALL),
        ("repository", |it| it.repository = "acme/other".parse().unwrap(), &Step::ALL),
        ("server", |it| it.pull_request.url = "https://git.example.com/acme/wildside/pull/123".to_owned(), &Step::ALL),
        ("preview", |it| it.identity.name = "pr-7".parse().unwrap(), &Step::ALL),
        (
            "commit",
            |it| it.record.as_mut().unwrap().commit = commit('b'),
            &[Deploying, Updated, Ready, Failed, Expiring],
        ),
        (
            "another life",
            |it| it.record.as_mut().unwrap().created_at = at("2026-11-22T12:00:00Z"),
            &[Deploying, Updated, Ready, Failed, Expiring],
        ),
        ("end", |it| it.expires_at = Some(at("2026-11-29T12:00:00Z")), &[Expiring]),
        ("what was seen", |it| it.seen.as_mut().unwrap().last = "status 502".to_owned(), &[Ready, Failed]),
        (
            "run",
            |it| it.run = Some("https://github.com/acme/wildside/actions/runs/2".to_owned()),
            &[Ready, Failed, Refused],
        ),
        ("reason", |it| it.reason.as_mut().unwrap().sentence = "it is".to_owned(), &[Refused]),
        ("head", |it| it.pull_request.head = commit('b'), &[Refused]),
    ];
    for (what, change, steps) in changes {
        for step in steps {
            assert_ne!(id(*step, change), id(*step, |_| {}), "{what} of {step}");
        }
    }
    let ids: BTreeSet<_> = Step::ALL.into_iter().map(|step| id(step, |_| {})).collect();
    assert_eq!(ids.len(), Step::ALL.len());
}

#[test]
fn facts_do_not_run_into_each_other() {
    let of = |word: &str, sentence: &str| {
        id(Step::Refused, |it| it.reason = Some(Cause { word: word.to_owned(), sentence: sentence.to_owned() }))
    };
    assert_ne!(of("a", "b c"), of("a b", "c"));
    assert_ne!(of("a\",\"b", "c"), of("a", "b\",\"c"));
}

#[test]
fn a_page_that_is_none_is_not_the_source() {
    for page in ["", "/pull/123", "https://github.com/acme/wild side/pull/123", "https://git.example.com/ü/pull/1", "x"]
    {
        let mut it = event(Step::Ready);
        page.clone_into(&mut it.pull_request.url);
        assert_eq!(it.cloud_event().source, "acme/wildside", "{page}");
    }
}

#[test]
fn a_title_is_one_line_of_at_most_256_characters() {
    let mut it = event(Step::Ready);
    it.pull_request.title = format!("a\r\n\u{202e}b\u{1b}[31m{}", "ü".repeat(300));
    let told = it.cloud_event().data;
    let title = told["pull-request"]["title"].as_str().unwrap();
    assert!(title.starts_with("a  b [31mü") && title.chars().count() == 256, "{title}");
}

proptest! {
    #[test]
    fn no_text_of_others_gets_out_of_an_event(title in hostile(), login in hostile(), url in hostile(), word in hostile()) {
        for step in Step::ALL {
            let mut it = event(step);
            it.pull_request.title = title.clone();
            it.pull_request.author.as_mut().unwrap().login = login.clone();
            it.pull_request.url = url.clone();
            it.images = vec![(word.clone(), word.clone())];
            it.by = Some(word.clone());
            it.run = Some(word.clone());
            let told = it.cloud_event();
            prop_assert_eq!(objections(&it), Vec::<String>::new());
            let attributes =
                [&told.id, &told.source, &told.kind, &told.subject, &told.data_schema, &told.correlation_id];
            for attribute in attributes {
                prop_assert!(!attribute.is_empty() && attribute.bytes().all(|byte| byte.is_ascii_graphic()), "{attribute}");
            }
            prop_assert!(!told.data.to_string().chars().any(char::is_control));
        }
    }
}
