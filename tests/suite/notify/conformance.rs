//! What is received are `CloudEvents` 1.0, by the specification and by the official SDK for JavaScript.
//! <https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md>

use std::io::Write as _;
use std::process::{Command, Stdio};

use bivouac::domain::configuration::{ContentMode, ListenerKind};
use bivouac::domain::lifecycle::{LifecycleEvent, Step};
use bivouac::ports::Listeners as _;
use jiff::Timestamp;
use serde_json::{Map, Value, json};
use url::Url;

use super::receiver::{Received, Receiver};
use super::{PATIENT, event, here, listener, notifier};
use crate::files::top;
use crate::world::tools;

/// Every step, as it is received in that mode.
async fn received(mode: ContentMode) -> Vec<(LifecycleEvent, Received)> {
    let receiver = Receiver::content();
    let notifier = notifier(&format!("ops={}", receiver.url()), "", here(PATIENT));
    let events = Step::ALL.map(event);
    for event in &events {
        notifier.tell(&[listener("ops", ListenerKind::CloudEvents, Some(mode))], event);
    }
    assert_eq!(notifier.end().await, []);
    events.into_iter().zip(receiver.received()).collect()
}

/// The context attributes and the data in binary mode: headers and the body.
fn binary(request: &Received) -> (Map<String, Value>, Value) {
    assert_eq!(request.header("content-type"), "application/json");
    let named = request.headers.iter().filter_map(|(name, value)| {
        let value = value.to_str().unwrap();
        assert!(value.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'"'), "{value}");
        Some((name.as_str().strip_prefix("ce-")?.to_owned(), Value::from(decoded(value))))
    });
    let mut attributes: Map<_, _> = named.collect();
    assert!(!attributes.contains_key("datacontenttype"), "it is the type of the body");
    attributes.insert("datacontenttype".to_owned(), request.header("content-type").into());
    (attributes, request.json())
}

fn decoded(value: &str) -> String {
    let as_query = format!("x={}", value.replace('+', "%2B").replace('&', "%26"));
    url::form_urlencoded::parse(as_query.as_bytes()).next().unwrap().1.into_owned()
}

/// The same in structured mode: members of one object.
fn structured(request: &Received) -> (Map<String, Value>, Value) {
    assert_eq!(request.header("content-type"), "application/cloudevents+json; charset=utf-8");
    assert!(request.headers.keys().all(|name| !name.as_str().starts_with("ce-")));
    let Value::Object(mut members) = request.json() else { panic!("it is no object") };
    assert!(!members.contains_key("data_base64"));
    let data = members.remove("data").unwrap();
    (members, data)
}

/// The rules of the specification for each attribute.
fn check(attributes: &Map<String, Value>) {
    let known =
        ["specversion", "id", "source", "type", "subject", "time", "dataschema", "datacontenttype", "correlationid"];
    for (name, value) in attributes {
        assert!(known.contains(&name.as_str()), "`{name}` is nothing that we tell");
        // Section "Naming conventions" and "Type system".
        assert!(
            name.len() <= 20 && name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit()),
            "{name}"
        );
        let text = value.as_str().unwrap();
        assert!(!text.is_empty() && !text.chars().any(char::is_control), "{name} is {text:?}");
    }
    let text = |name: &str| attributes[name].as_str().unwrap();
    assert_eq!(text("specversion"), "1.0");
    assert!(Url::parse("https://example.com").unwrap().join(text("source")).is_ok());
    assert!(Url::parse(text("dataschema")).is_ok());
    assert!(text("time").parse::<Timestamp>().is_ok() && text("time").contains('T'));
    assert_eq!(text("datacontenttype"), "application/json");
}

#[tokio::test]
async fn both_modes_keep_the_specification_and_say_the_same() {
    let modes = [received(ContentMode::Structured).await, received(ContentMode::Binary).await];
    for ((event, structured_one), (_, binary_one)) in modes[0].iter().zip(&modes[1]) {
        let (attributes, data) = structured(structured_one);
        let (headers, body) = binary(binary_one);
        check(&attributes);
        check(&headers);
        let expected = event.cloud_event();
        assert_eq!((&data, &body), (&expected.data, &expected.data));
        for (name, value) in [
            ("id", &expected.id),
            ("source", &expected.source),
            ("type", &expected.kind),
            ("subject", &expected.subject),
            ("dataschema", &expected.data_schema),
            ("correlationid", &expected.correlation_id),
        ] {
            assert_eq!((&attributes[name], &headers[name]), (&json!(value), &json!(value)), "{name}");
        }
        for attributes in [&attributes, &headers] {
            assert_eq!(attributes["time"].as_str().unwrap().parse::<Timestamp>().unwrap(), expected.time);
        }
    }
}

/// What the official SDK for JavaScript reads of requests. It fails for one that breaks a rule.
fn read_by_javascript(requests: &[Received]) -> Vec<Value> {
    let requests: Vec<_> = requests
        .iter()
        .map(|request| {
            let headers = request.headers.iter().map(|(name, value)| (name.as_str(), value.to_str().unwrap()));
            json!({ "headers": headers.collect::<std::collections::BTreeMap<_, _>>(), "body": String::from_utf8_lossy(&request.body) })
        })
        .collect();
    let read =
        run_javascript("tests/parts/read_cloud_events.cjs", "cloudevents/cloudevents.js", &Value::from(requests));
    read.as_array().unwrap().clone()
}

/// Runs a script of ours with a part from npm; it reads JSON and writes JSON.
pub(super) fn run_javascript(script: &str, part: &str, input: &Value) -> Value {
    let mut command = Command::new("node");
    command.arg(top().join(script)).arg(tools().join(part)).stdin(Stdio::piped()).stdout(Stdio::piped());
    let mut child = command.spawn().expect("`node` is there, as `npm` is");
    child.stdin.take().unwrap().write_all(input.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "`{script}` failed: run `make tools` if its part is missing");
    serde_json::from_slice(&output.stdout).unwrap()
}

#[tokio::test]
async fn the_official_sdk_for_javascript_reads_both_modes() {
    for mode in [ContentMode::Structured, ContentMode::Binary] {
        let (events, requests): (Vec<_>, Vec<_>) = received(mode).await.into_iter().unzip();
        let read = read_by_javascript(&requests);
        assert_eq!(read.len(), 7);
        for (event, read) in events.iter().zip(read) {
            let expected = event.cloud_event();
            assert_eq!(read["data"], expected.data);
            let time = read["time"].as_str().unwrap().parse::<Timestamp>().unwrap();
            assert_eq!(time, expected.time);
            for (name, value) in [
                ("specversion", "1.0"),
                ("id", &expected.id),
                ("source", &expected.source),
                ("type", &expected.kind),
                ("subject", &expected.subject),
                ("dataschema", &expected.data_schema),
                ("correlationid", &expected.correlation_id),
                ("datacontenttype", "application/json"),
            ] {
                assert_eq!(read[name], value, "{name}");
            }
        }
    }
}

#[tokio::test]
async fn the_official_sdk_for_javascript_would_notice() {
    let requests: Vec<_> = received(ContentMode::Binary).await.into_iter().map(|(_, request)| request).collect();
    let mut broken = requests[0].clone();
    broken.headers.remove("ce-id");
    let read = read_by_javascript(&[broken]);
    assert!(read[0]["invalid"].is_string(), "{read:?}");
}
