use std::fmt::Write as _;

use proptest::prelude::*;
use serde_json::Value;

use super::*;
use crate::domain::lifecycle::{Cause, Sighting};
use crate::domain::tests::{NOON, at, hostile, identity, pull_request, record};

/// A step with everything that is known at it.
fn event(step: Step) -> LifecycleEvent {
    let mut pull_request = pull_request();
    pull_request.title = "Add search".to_owned();
    let gone = Cause { word: "merged".to_owned(), sentence: "the pull request is merged".to_owned() };
    let draft = Cause { word: "draft".to_owned(), sentence: "the pull request is a draft".to_owned() };
    LifecycleEvent {
        step,
        at: at(NOON),
        application: "wildside".parse().unwrap(),
        repository: "acme/wildside".parse().unwrap(),
        pull_request,
        identity: identity(),
        overlay: "overlays/ephemeral/pr-123".parse().unwrap(),
        generation: 3,
        record: (step != Step::Refused).then(record),
        images: Vec::new(),
        apps_commit: None,
        reason: match step {
            Step::Removed => Some(gone),
            Step::Refused => Some(draft),
            _ => None,
        },
        expires_at: (step == Step::Expiring).then(|| at("2026-11-22T12:00:00Z")),
        seen: match step {
            Step::Ready => Some(Sighting { seconds: 95, last: "200".to_owned() }),
            Step::Failed => Some(Sighting { seconds: 600, last: "status 503, wanted 200".to_owned() }),
            _ => None,
        },
        by: (step == Step::Deploying).then(|| "ada".to_owned()),
        run: Some("https://github.com/acme/wildside/actions/runs/7".to_owned()),
    }
}

/// An event of which others chose every text that they can choose.
fn chosen(step: Step, text: &str) -> LifecycleEvent {
    let mut event = event(step);
    event.pull_request.title = text.to_owned();
    event.pull_request.url = format!("https://github.com/{text}");
    event.pull_request.author.as_mut().unwrap().login = text.to_owned();
    event.reason = Some(Cause { word: "x".to_owned(), sentence: text.to_owned() });
    event.seen = Some(Sighting { seconds: u64::MAX, last: text.to_owned() });
    event.by = Some(text.to_owned());
    event.run = Some(format!("https://github.com/run/{text}"));
    event
}

/// A message as people would tell it to each other.
fn told(event: &LifecycleEvent) -> String {
    let Message { headline, sentence, facts, links, tone } = Message::of(event);
    let mut told = format!("{headline} ({tone:?})\n  {sentence}\n");
    for Fact { name, value, .. } in facts {
        writeln!(told, "  {name}: {value}").unwrap();
    }
    for Link { label, address } in links {
        writeln!(told, "  [{label}] {address}").unwrap();
    }
    told
}

#[test]
fn each_step_reads_well() {
    insta::assert_snapshot!(Step::ALL.map(|step| told(&event(step))).join("\n"), @"@@STEPS@@");
}

#[test]
fn slack_gets_blocks_and_a_text_for_notifications() {
    let shown: Vec<_> = Step::ALL.map(|step| slack(&Message::of(&event(step))).to_string()).to_vec();
    insta::assert_snapshot!(shown.join("\n"), @"@@SLACK@@");
}

#[test]
fn teams_gets_an_adaptive_card() {
    let shown: Vec<_> = Step::ALL.map(|step| teams(&Message::of(&event(step))).to_string()).to_vec();
    insta::assert_snapshot!(shown.join("\n"), @"@@TEAMS@@");
}

#[test]
fn a_title_that_means_harm_stands_there_as_it_is() {
    let title = "<!channel> <@U1> @here *bold* _it_ `code` <https://evil.example|Slack> &amp; [a](https://evil.example)\r\n## x\u{202e}\u{200b}";
    let message = Message::of(&chosen(Step::Failed, title));
    insta::assert_snapshot!(slack(&message), @"@@HOSTILE_SLACK@@");
    insta::assert_snapshot!(teams(&message), @"@@HOSTILE_TEAMS@@");
}

/// The members of that name, anywhere in it.
fn members<'a>(value: &'a Value, name: &str, found: &mut Vec<&'a Value>) {
    match value {
        Value::Object(object) => {
            found.extend(object.get(name));
            object.values().for_each(|value| members(value, name, found));
        }
        Value::Array(array) => array.iter().for_each(|value| members(value, name, found)),
        _ => {}
    }
}

fn all<'a>(value: &'a Value, name: &str) -> Vec<&'a Value> {
    let mut found = Vec::new();
    members(value, name, &mut found);
    found
}

fn length(text: &Value) -> usize {
    text.as_str().unwrap().chars().count()
}

/// <https://docs.slack.dev/reference/block-kit/blocks/>
fn keeps_slacks_limits(message: &Value) {
    let blocks = message["blocks"].as_array().unwrap();
    assert!(blocks.len() <= 50 && length(&message["text"]) <= 4000);
    for block in blocks {
        match block["type"].as_str().unwrap() {
            "header" => assert!((1..=150).contains(&length(&block["text"]["text"]))),
            "section" => {
                let text = block.get("text").map_or(1, |text| length(&text["text"]));
                assert!((1..=3000).contains(&text));
                let fields = block.get("fields").map_or(&[][..], |fields| fields.as_array().unwrap());
                assert!(fields.len() <= 10 && (block.get("text").is_some() || !fields.is_empty()));
                assert!(fields.iter().all(|field| (1..=2000).contains(&length(&field["text"]))));
            }
            "context" => {
                let elements = block["elements"].as_array().unwrap();
                assert!((1..=10).contains(&elements.len()));
                assert!(elements.iter().all(|element| (1..=3000).contains(&length(&element["text"]))));
            }
            other => panic!("`{other}` has no limits here"),
        }
    }
}

#[test]
fn the_longest_texts_are_cut_to_what_the_services_take() {
    let long = "x".repeat(63);
    for text in ["&".repeat(70_000), "🎪".repeat(70_000), "<a> ".repeat(20_000), String::new()] {
        for step in Step::ALL {
            let mut event = chosen(step, &text);
            event.application = long.parse().unwrap();
            event.identity.name = long.parse().unwrap();
            event.identity.host = [&long[..], &long, &long, &long[..60]].join(".").parse().unwrap();
            let message = Message::of(&event);
            keeps_slacks_limits(&slack(&message));
            let card = teams(&message).to_string();
            assert!(card.len() <= 28 * 1024, "{}", card.len());
        }
    }
}

proptest! {
    #[test]
    fn slack_never_gets_markup_of_others(text in hostile()) {
        let message = slack(&Message::of(&chosen(Step::Failed, &text)));
        keeps_slacks_limits(&message);
        for text in all(&message, "text").into_iter().filter_map(Value::as_str) {
            prop_assert!(!text.contains(char::is_control) && !text.contains('\u{202e}'), "{}", text);
        }
        for block in message["blocks"].as_array().unwrap() {
            let fields = block.get("fields").or(block.get("elements")).and_then(Value::as_array);
            for field in fields.into_iter().flatten().filter(|field| field["type"] == "mrkdwn") {
                // Ours are names between asterisks, and links.
                let text = field["text"].as_str().unwrap();
                let inner = text.trim_matches('*');
                let is_name = inner.chars().all(|character| character.is_ascii_alphabetic() || character == ' ');
                let is_link = text.starts_with("<https://") && text.ends_with('>') && text.matches(['<', '>', '|']).count() == 3;
                prop_assert!(is_name || is_link, "{}", text);
            }
            if let Some(sentence) = block.get("text") {
                prop_assert_eq!(&sentence["type"], "plain_text");
                prop_assert!(!sentence["text"].as_str().unwrap().contains(['<', '>']));
            }
        }
        prop_assert!(!message["text"].as_str().unwrap().contains(['<', '>']));
    }

    #[test]
    fn teams_never_gets_markdown_of_others(text in hostile()) {
        let message = teams(&Message::of(&chosen(Step::Failed, &text)));
        let body = message["attachments"][0]["content"]["body"].as_array().unwrap();
        for element in body.iter().filter(|element| element["type"] != "RichTextBlock") {
            for name in ["text", "value", "title"] {
                for text in all(element, name).into_iter().filter_map(Value::as_str) {
                    let is_plain = text.chars().all(|character| character.is_ascii_alphanumeric() || " .:/-".contains(character));
                    prop_assert!(is_plain, "{}", text);
                }
            }
        }
        for url in all(&message, "url").into_iter().filter_map(Value::as_str) {
            prop_assert!(url.starts_with("https://") && url.bytes().all(|byte| byte.is_ascii_graphic()), "{}", url);
        }
    }
}
