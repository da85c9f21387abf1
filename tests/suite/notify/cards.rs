//! What Teams gets are Adaptive Cards, by Microsoft's own parser.

use bivouac::domain::lifecycle::message::{Message, teams};
use bivouac::domain::lifecycle::{Cause, LifecycleEvent, Sighting, Step};
use serde_json::{Value, json};

use super::conformance::run_javascript;
use super::event;

fn card(event: &LifecycleEvent) -> Value {
    teams(&Message::of(event))["attachments"][0]["content"].clone()
}

fn read(cards: &[Value]) -> Vec<Value> {
    let read = run_javascript("tests/parts/read_cards.cjs", "adaptivecards/adaptivecards.js", &json!(cards));
    read.as_array().unwrap().clone()
}

#[test]
fn microsofts_parser_finds_nothing_wrong_with_any_card_and_knows_all_of_it() {
    let full = |step| LifecycleEvent {
        reason: Some(Cause { word: "merged".to_owned(), sentence: "the pull request is merged".to_owned() }),
        seen: Some(Sighting { seconds: 61, last: "**503** [a](https://example.com)".to_owned() }),
        expires_at: Some("2026-11-22T12:00:00Z".parse().unwrap()),
        ..event(step)
    };
    let cards: Vec<_> = Step::ALL.iter().flat_map(|step| [card(&event(*step)), card(&full(*step))]).collect();
    for (card, read) in cards.iter().zip(read(&cards)) {
        assert_eq!(read["faults"], json!([]), "{card:#}");
        assert_eq!(without_defaults(&read["written"]), without_defaults(card));
    }
}

/// Without what is the same as nothing, which a parser may leave out.
fn without_defaults(value: &Value) -> Value {
    match value {
        Value::Object(object) => {
            let is_said = |(name, value): &(&String, &Value)| {
                name.as_str() != "$schema" && !matches!(value.as_str(), Some("Default"))
            };
            object.iter().filter(is_said).map(|(name, value)| (name.clone(), without_defaults(value))).collect()
        }
        Value::Array(array) => array.iter().map(without_defaults).collect(),
        other => other.clone(),
    }
}

#[test]
fn microsofts_parser_would_notice() {
    let mut broken = card(&event(Step::Ready));
    broken["actions"][0].as_object_mut().unwrap().remove("url");
    broken["body"][0]["size"] = "Huge".into();
    broken["body"][1]["type"] = "Nothing".into();
    let faults = read(&[broken])[0]["faults"].as_array().unwrap().len();
    assert!(faults >= 3, "{faults}");
}
