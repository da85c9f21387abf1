//! `notify`: who is told what becomes of previews.

use super::{parse, refusal, with};
use crate::domain::configuration::{ContentMode, Listener, ListenerKind};
use crate::domain::lifecycle::Step;

fn listeners(notify: &str) -> Vec<Listener> {
    let text = with(&format!("notify: {notify}"));
    parse(&text).unwrap_or_else(|error| panic!("{error}: {notify}")).document().notify.clone()
}

#[test]
fn listeners_of_every_kind_are_named_and_their_addresses_are_not() {
    let found = listeners(
        "[{name: platform, kind: cloudevents, mode: binary}, {name: chat, kind: slack, events: [ready, failed]}, \
         {name: board, kind: teams}]",
    );
    assert_eq!(found.iter().map(|found| found.name.as_str()).collect::<Vec<_>>(), ["platform", "chat", "board"]);
    let kinds = [ListenerKind::CloudEvents, ListenerKind::Slack, ListenerKind::Teams];
    assert_eq!(found.iter().map(|found| found.kind).collect::<Vec<_>>(), kinds);
    assert_eq!((found[0].mode, found[1].mode), (Some(ContentMode::Binary), None));
    for step in Step::ALL {
        assert!(found[0].hears(step) && found[2].hears(step), "{step}");
        assert_eq!(found[1].hears(step), matches!(step, Step::Ready | Step::Failed), "{step}");
    }
    assert!(listeners("[]").is_empty() && listeners("").is_empty());
}

#[test]
fn every_step_can_be_named() {
    let words = Step::ALL.map(Step::word).join(", ");
    assert_eq!(
        listeners(&format!("[{{name: a, kind: slack, events: [{words}]}}]"))[0].events,
        Some(Step::ALL.to_vec())
    );
}

#[test]
fn listeners_are_written_so_that_they_read_back() {
    let found = listeners("[{name: a, kind: cloudevents, events: [ready], mode: structured}, {name: b, kind: teams}]");
    let written = serde_json::to_string(&found).unwrap();
    assert_eq!(listeners(&written), found, "{written}");
}

#[test]
fn a_listener_that_makes_no_sense_is_refused_where_it_stands() {
    let refused = |notify: &str| refusal(&with(&format!("notify: {notify}")));
    insta::assert_snapshot!(refused("[{name: a, kind: slack}, {name: a, kind: teams}]"), @"`bivouac.yaml` line 7, column 41: two listeners are called `a`: give each its own name");
    insta::assert_snapshot!(refused("[{name: A b, kind: slack}]"), @"`bivouac.yaml` line 7, column 17: `A b` is not a name for a listener: use 1-63 of a-z, 0-9 and `-`, starting and ending with a letter or digit");
    insta::assert_snapshot!(refused("[{name: a, kind: mail}]"), @"`bivouac.yaml` line 7, column 26: `mail` is none of the choices: use `cloudevents` or `slack` or `teams`");
    insta::assert_snapshot!(refused("[{name: a}]"), @"`bivouac.yaml` line 7, column 10: the key `kind` is missing");
    insta::assert_snapshot!(refused("[{kind: slack}]"), @"`bivouac.yaml` line 7, column 10: the key `name` is missing");
    insta::assert_snapshot!(refused("[{name: a, kind: slack, mode: binary}]"), @"`bivouac.yaml` line 7, column 39: `mode` is for `kind: cloudevents` only: leave it out");
    insta::assert_snapshot!(refused("[{name: a, kind: cloudevents, mode: batch}]"), @"`bivouac.yaml` line 7, column 45: `batch` is none of the choices: use `structured` or `binary`");
    insta::assert_snapshot!(refused("[{name: a, kind: slack, events: []}]"), @"`bivouac.yaml` line 7, column 41: `a` would hear of nothing: name an event, or leave `events` out for all");
    insta::assert_snapshot!(refused("[{name: a, kind: slack, events: [ready, removed, ready]}]"), @"`bivouac.yaml` line 7, column 58: `ready` stands here twice: name each event once");
    insta::assert_snapshot!(refused("[{name: a, kind: slack, events: [deployed]}]"), @"`bivouac.yaml` line 7, column 42: `deployed` is none of the choices: use `deploying` or `updated` or `ready` or `failed` or `expiring` or `removed` or `refused`");
    insta::assert_snapshot!(refused("[{name: a, kind: slack, events: ready}]"), @"`bivouac.yaml` line 7, column 41: `ready` is not a list: write it as `[ready]`");
    insta::assert_snapshot!(refused("{name: a, kind: slack}"), @"`bivouac.yaml` line 7, column 9: a map is not a list: write it as `[…]`");
    insta::assert_snapshot!(refused("\n  - name: a\n    kind: slack\n    event: [ready]"), @"`bivouac.yaml` line 10, column 5: there is no key `event` here: did you mean `events`?");
}

#[test]
fn an_address_in_the_file_is_refused_without_saying_it() {
    for key in ["url", "address", "webhook", "webhook-url", "secret", "URL", "token"] {
        let told =
            refusal(&with(&format!("notify:\n  - name: a\n    kind: slack\n    {key}: https://hush.example.com\n")));
        let place = format!(
            "`bivouac.yaml` line 10, column 5: there is no key `{key}` here: whoever reads this file would have it: "
        );
        assert!(told.starts_with(&place), "{told}");
        assert!(told.contains("BIVOUAC_NOTIFY_ADDRESSES") && told.contains("BIVOUAC_NOTIFY_SECRETS"), "{told}");
        assert!(!told.contains("hush"), "{told}");
    }
    let elsewhere = refusal(&with("values: {}\nurl: https://hush.example.com\n"));
    assert!(!elsewhere.contains("BIVOUAC_NOTIFY"), "{elsewhere}");
}
