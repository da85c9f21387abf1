//! The event of a comment: what it says, who wrote it, and on what.

use serde_json::Value;

use super::event::{field, payload};
use crate::domain::conversation::CommentId;
use crate::domain::slash_command::{Heard, SlashCommand, Spoken};
use crate::env::{self, Environment};
use crate::error::Error;

/// Reads the command of the event that the environment names.
///
/// # Errors
///
/// When there is none, it is not the event of a comment, or it makes no sense.
pub fn hear(environment: &Environment) -> Result<Heard, Error> {
    let name = environment.get(env::GITHUB_EVENT_NAME);
    let payload = payload(environment)?;
    if !matches!(name, None | Some("issue_comment")) || payload.get("comment").is_none() {
        return Err(usage("the event is not that of a comment".to_owned()));
    }
    parse(&payload)
}

fn parse(payload: &Value) -> Result<Heard, Error> {
    let text = |pointer: &str| payload.pointer(pointer).and_then(Value::as_str).unwrap_or_default();
    let Some(command) = SlashCommand::read(text("/comment/body")) else {
        return Ok(Heard::Nothing("its first line is no command of `/preview`"));
    };
    if text("/action") != "created" {
        return Ok(Heard::Nothing("only a new comment is followed, not what becomes of it"));
    }
    if payload.pointer("/issue/pull_request").is_none_or(Value::is_null) {
        return Ok(Heard::Nothing("it is on an issue, and not on a pull request"));
    }
    if text("/comment/user/type") != "User" || text("/comment/user/login").ends_with("[bot]") {
        return Ok(Heard::Nothing("it was not written by a person"));
    }
    if payload.pointer("/comment/user/id") != payload.pointer("/sender/id") {
        return Ok(Heard::Nothing("it was not its author who sent it"));
    }
    let missing = |what: &str| usage(format!("the event of the comment holds no {what}"));
    let number_of = |pointer: &str| payload.pointer(pointer).and_then(Value::as_u64);
    Ok(Heard::Command(Box::new(Spoken {
        repository: field(payload, "/repository/full_name")?.ok_or_else(|| missing("repository"))?,
        number: field(payload, "/issue/number")?.ok_or_else(|| missing("pull request"))?,
        comment: number_of("/comment/id").map(CommentId).ok_or_else(|| missing("number of it"))?,
        author: field(payload, "/comment/user/login")?.ok_or_else(|| missing("author"))?,
        account: number_of("/comment/user/id").ok_or_else(|| missing("account of its author"))?,
        command,
    })))
}

fn usage(message: String) -> Error {
    Error::Usage { message, hint: "run it in a workflow for `issue_comment`" }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn event() -> Value {
        json!({
            "action": "created",
            "comment": {"id": 5_000_000_001_u64, "body": "/preview deploy", "user": {"login": "ada", "id": 7, "type": "User"}},
            "issue": {"number": 12, "pull_request": {"url": "https://api.github.com/repos/acme/wildside/pulls/12"}},
            "repository": {"full_name": "acme/wildside"},
            "sender": {"login": "ada", "id": 7, "type": "User"},
        })
    }

    fn with(pointer: &str, value: Value) -> Value {
        let mut event = event();
        *event.pointer_mut(pointer).unwrap() = value;
        event
    }

    #[test]
    fn a_command_is_heard_with_who_gave_it_and_where() {
        let Heard::Command(spoken) = parse(&event()).unwrap() else { panic!("it is a command") };
        assert_eq!((spoken.number.as_u32(), spoken.comment.0, spoken.account), (12, 5_000_000_001, 7));
        assert_eq!((spoken.author.as_str(), spoken.command), ("ada", Ok(SlashCommand::Deploy)));
        let Heard::Command(spoken) = parse(&with("/comment/body", json!("/preview x"))).unwrap() else {
            panic!("it is meant as one")
        };
        assert!(spoken.command.is_err());
    }

    #[test]
    fn what_is_no_command_of_a_person_on_a_pull_request_is_passed_over() {
        for (pointer, value, why) in [
            ("/comment/body", json!("Nice!"), "no command"),
            ("/comment/body", json!("> /preview deploy"), "no command"),
            ("/comment/body", Value::Null, "no command"),
            ("/action", json!("edited"), "only a new comment"),
            ("/action", json!("deleted"), "only a new comment"),
            ("/issue/pull_request", Value::Null, "on an issue"),
            ("/comment/user/type", json!("Bot"), "by a person"),
            ("/comment/user/type", json!("Organization"), "by a person"),
            ("/comment/user/login", json!("helper[bot]"), "by a person"),
            ("/sender/id", json!(8), "its author"),
        ] {
            let Heard::Nothing(told) = parse(&with(pointer, value)).unwrap() else { panic!("{pointer}") };
            assert!(told.contains(why), "{pointer}: {told}");
        }
    }

    #[test]
    fn an_event_that_makes_no_sense_is_refused() {
        for (pointer, value) in [
            ("/comment/id", json!("7")),
            ("/issue/number", json!(0)),
            ("/repository/full_name", json!("wildside")),
            ("/comment/user/login", json!("a b")),
            ("/repository/full_name", Value::Null),
        ] {
            assert!(parse(&with(pointer, value)).is_err(), "{pointer}");
        }
    }
}
