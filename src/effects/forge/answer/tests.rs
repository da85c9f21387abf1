use std::time::Duration;

use http::{HeaderName, HeaderValue};
use jiff::Timestamp;
use serde_json::json;

use super::*;

fn answer(status: u16, text: &str) -> Answer {
    Answer::new(status, &HeaderMap::new(), text)
}

fn with(header: (&'static str, &'static str), status: u16, text: &str) -> Answer {
    let headers = [(HeaderName::from_static(header.0), HeaderValue::from_static(header.1))];
    Answer::new(status, &headers.into_iter().collect(), text)
}

fn kind(error: &ForgeError) -> &'static str {
    match error {
        ForgeError::BadCredentials { .. } => "credentials",
        ForgeError::RateLimited { .. } => "limited",
        ForgeError::Forbidden { .. } => "forbidden",
        ForgeError::NotFound { .. } => "not found",
        ForgeError::Failed { .. } => "failed",
        ForgeError::Senseless { .. } => "senseless",
        _ => "other",
    }
}

#[test]
fn refusals_are_told_apart() {
    let kind = |answer: Answer| kind(&answer.refusal("x"));
    assert_eq!(kind(answer(401, r#"{"message":"Bad credentials"}"#)), "credentials");
    assert_eq!(kind(answer(403, r#"{"message":"API rate limit exceeded"}"#)), "limited");
    assert_eq!(kind(answer(429, "<html>")), "limited");
    assert_eq!(kind(answer(403, r#"{"message":"Resource not accessible by integration"}"#)), "forbidden");
    assert_eq!(kind(with(("x-ratelimit-remaining", "0"), 403, "{}")), "limited");
    assert_eq!(kind(with(("x-ratelimit-remaining", "1"), 403, "{}")), "forbidden");
    assert_eq!(kind(with(("retry-after", "9"), 403, "{}")), "limited");
    assert_eq!(kind(answer(502, "<html>")), "failed");
    assert_eq!(kind(answer(422, "{}")), "failed");
    assert_eq!(kind(answer(404, "{}")), "not found");
    assert_eq!(kind(answer(410, "{}")), "not found");
}

#[test]
fn what_passes_is_told_from_what_stays() {
    let limited = |seconds| Some(Failure::Limited(Some(Duration::from_secs(seconds))));
    let errors = |kind: &str, message: &str| json!({"errors": [{"type": kind, "message": message}]}).to_string();
    let partly = r#"{"data":{"repository":{}},"errors":[{"type":"OTHER","message":"no rate limit"}]}"#;
    let table = [
        (answer(500, ""), Some(Failure::Ambiguous)),
        (answer(503, "{}"), Some(Failure::Ambiguous)),
        (with(("retry-after", "9"), 503, "{}"), Some(Failure::Ambiguous)),
        (answer(429, ""), Some(Failure::Limited(None))),
        (with(("retry-after", "9"), 429, ""), limited(9)),
        (with(("retry-after", "9"), 403, ""), limited(9)),
        (answer(403, r#"{"message":"You have exceeded a secondary rate limit"}"#), Some(Failure::Limited(None))),
        (with(("retry-after", "9"), 200, &errors("RATE_LIMITED", "slowly")), limited(9)),
        (answer(200, &errors("", "You have exceeded a secondary rate limit")), Some(Failure::Limited(None))),
        (answer(200, &errors("", &format!("{TOOK_TOO_LONG}. Please"))), Some(Failure::Ambiguous)),
        (answer(200, partly), None),
        (answer(200, &errors("FORBIDDEN", "no")), None),
        (answer(200, "<html>"), None),
        (answer(404, "{}"), None),
        (answer(204, ""), None),
    ];
    for (answer, expected) in table {
        assert_eq!(answer.failure(), expected, "{} {:?}", answer.status, answer.body);
    }
    match with(("retry-after", "90"), 200, &errors("RATE_LIMITED", "slowly")).refusal("x") {
        ForgeError::RateLimited { message, retry_after } => {
            assert_eq!((message.as_str(), retry_after), ("slowly", Some(Duration::from_secs(90))));
        }
        other => panic!("{other}"),
    }
}

#[test]
fn the_time_is_what_the_date_says() {
    let at = |date| with(("date", date), 200, r#"{"data":{"repository":{}}}"#).graphql("x").unwrap().at;
    assert_eq!(at("Thu, 01 Jan 1970 00:16:40 GMT"), Timestamp::from_second(1000).ok());
    for senseless in ["", "now", "1000", "Thu, 99 Jan 1970 00:16:40 GMT"] {
        assert_eq!(at(senseless), None, "{senseless}");
    }
    assert_eq!(answer(200, r#"{"data":{"repository":{}}}"#).graphql("x").unwrap().at, None);
}

#[test]
fn a_repository_that_is_not_told_of_is_an_error() {
    let failing = |data: Value, kind_told: &str, message: &str| {
        let body = json!({"data": data, "errors": [{"type": kind_told, "message": message, "path": ["repository"]}]});
        kind(&answer(200, &body.to_string()).graphql("x").err().unwrap())
    };
    let none = json!({"repository": null});
    assert_eq!(failing(none.clone(), "NOT_FOUND", "no a/b"), "not found");
    assert_eq!(failing(none.clone(), "", "Could not resolve to a Repository"), "not found");
    assert_eq!(failing(none.clone(), "FORBIDDEN", "no"), "forbidden");
    assert_eq!(failing(none.clone(), "INSUFFICIENT_SCOPES", "no"), "forbidden");
    assert_eq!(failing(none, "INTERNAL", "no"), "failed");
    assert_eq!(failing(Value::Null, "undefinedField", "no such field"), "failed");
    for senseless in ["{}", "[]", "null", "<html>", r#"{"data":{"repository":7}}"#, r#"{"data":null}"#] {
        assert_eq!(kind(&answer(200, senseless).graphql("x").err().unwrap()), "senseless", "{senseless}");
    }
    assert_eq!(kind(&answer(401, "{}").graphql("x").err().unwrap()), "credentials");
}

/// What is told of `p7`, with an error of that kind at that path beside it.
fn part(repository: &Value, error: Option<(&str, Value)>) -> Result<Option<Value>, String> {
    let errors: Vec<_> = error
        .map(|(kind, path)| json!({"type": kind, "message": format!("told {kind}"), "path": path}))
        .into_iter()
        .collect();
    let body = json!({"data": {"repository": repository}, "errors": errors});
    let mut reply = answer(200, &body.to_string()).graphql("x").unwrap();
    reply.take("p7").map_err(|trouble| trouble.message)
}

#[test]
fn only_what_the_forge_says_is_missing_is_missing() {
    let (none, some) = (json!({"p7": null}), json!({"p7": {"number": 7}}));
    let at_p7 = || json!(["repository", "p7"]);
    assert_eq!(part(&some, None), Ok(Some(json!({"number": 7}))));
    assert_eq!(part(&none, Some(("NOT_FOUND", at_p7()))), Ok(None));
    assert_eq!(part(&none, None), Err("the forge says nothing of it".to_owned()));
    assert_eq!(part(&json!({}), None), Err("the forge says nothing of it".to_owned()));
    // An error of another part is none of this one.
    assert_eq!(
        part(&none, Some(("NOT_FOUND", json!(["repository", "p8"])))),
        Err("the forge says nothing of it".into())
    );
    assert_eq!(part(&none, Some(("NOT_FOUND", Value::Null))), Err("the forge says nothing of it".into()));
    // Something within it is missing, not the pull request.
    let within = json!(["repository", "p7", "headRefOid"]);
    assert_eq!(part(&none, Some(("NOT_FOUND", within))), Err("told NOT_FOUND".to_owned()));
    assert_eq!(part(&none, Some(("FORBIDDEN", at_p7()))), Err("told FORBIDDEN".to_owned()));
    let within = json!(["repository", "p7", "labels", "nodes", 0]);
    assert_eq!(part(&some, Some(("INTERNAL", within))), Err("told INTERNAL".to_owned()));
    let files = json!(["repository", "p7", "files"]);
    assert_eq!(part(&some, Some(("INTERNAL", files))), Ok(Some(json!({"number": 7}))));
}

#[test]
fn a_repository_is_whole_when_nothing_is_missing_but_what_is_not_there() {
    let told = |kind: &str, path: &[&str]| {
        let message = if kind == "NOT_FOUND" { "Could not resolve file for path 'x'." } else { "Too much." };
        let error = json!({"type": kind, "path": path, "message": message});
        let told = json!({"data": {"repository": {"first": {"target": {"f0": null}}}}, "errors": [error]});
        answer(200, &told.to_string()).graphql("x").ok().and_then(|reply| reply.whole().ok())
    };
    // GitHub says so of every file that is asked for and not there.
    let absent = told("NOT_FOUND", &["repository", "first", "target", "f0"]);
    assert_eq!(absent, Some(json!({"first": {"target": {"f0": null}}})));
    assert_eq!(told("RESOURCE_LIMITS_EXCEEDED", &["repository", "first"]), None);
    assert_eq!(told("NOT_FOUND", &["repository"]), None);
}
