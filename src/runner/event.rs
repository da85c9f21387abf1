//! The event that started a run. It is a snapshot from then: what holds now is asked of the forge.

use serde_json::Value;

use crate::domain::names::{CommitId, PullRequestNumber, RepositoryName};
use crate::env::{self, Environment};
use crate::error::Error;

/// What an event says of a pull request.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Event {
    /// The application repository.
    pub repository: Option<RepositoryName>,
    /// The pull request.
    pub number: Option<PullRequestNumber>,
    /// Its head when the event happened.
    pub commit: Option<CommitId>,
    /// Whether it is an event of the pull request, rather than somebody's request.
    pub is_of_pull_request: bool,
}

const HINT: &str =
    "run it in a workflow for `pull_request`, `pull_request_target` or `workflow_dispatch`, or give `--pull-request`";

impl Event {
    /// Reads the event that the environment names.
    ///
    /// # Errors
    ///
    /// When there is none, it can not be read, or it is not about a pull request.
    pub fn read(environment: &Environment) -> Result<Self, Error> {
        let Some(path) = environment.get(env::GITHUB_EVENT_PATH) else {
            return Err(usage("there is no event file: `GITHUB_EVENT_PATH` is not set".to_owned()));
        };
        let text = std::fs::read_to_string(path)
            .map_err(|why| usage(format!("the event file `{path}` can not be read: {why}")))?;
        let payload: Value =
            serde_json::from_str(&text).map_err(|why| usage(format!("the event file `{path}` is not JSON: {why}")))?;
        Self::parse(environment.get(env::GITHUB_EVENT_NAME), &payload)
    }

    fn parse(name: Option<&str>, payload: &Value) -> Result<Self, Error> {
        let repository = field(payload, "/repository/full_name")?;
        match name {
            Some("pull_request" | "pull_request_target") => Self::of_pull_request(payload, repository),
            None if payload.get("pull_request").is_some() => Self::of_pull_request(payload, repository),
            Some("workflow_dispatch") => Self::of_dispatch(payload, repository),
            Some(other) => Err(usage(format!("the event `{}` is not about a pull request", super::plain(other)))),
            None => Err(usage("the event is not about a pull request".to_owned())),
        }
    }

    fn of_pull_request(payload: &Value, repository: Option<RepositoryName>) -> Result<Self, Error> {
        let number = field(payload, "/pull_request/number")?;
        let commit = field(payload, "/pull_request/head/sha")?;
        if number.is_none() || commit.is_none() {
            return Err(usage("the event holds no pull request with a number and a head commit".to_owned()));
        }
        Ok(Self { repository, number, commit, is_of_pull_request: true })
    }

    fn of_dispatch(payload: &Value, repository: Option<RepositoryName>) -> Result<Self, Error> {
        let mut number = None;
        for input in ["/inputs/pull-request", "/inputs/pull_request", "/inputs/number"] {
            number = number.or(field(payload, input)?);
        }
        Ok(Self { repository, number, commit: None, is_of_pull_request: false })
    }
}

/// A text or a number at a JSON pointer. A blank one is an absent one.
fn field<T: std::str::FromStr<Err: std::fmt::Display>>(payload: &Value, pointer: &str) -> Result<Option<T>, Error> {
    let text = match payload.pointer(pointer) {
        Some(Value::String(text)) => text.trim().to_owned(),
        Some(Value::Number(number)) => number.to_string(),
        _ => return Ok(None),
    };
    if text.is_empty() {
        return Ok(None);
    }
    text.parse()
        .map(Some)
        .map_err(|why| usage(format!("the event's `{}` makes no sense: {why}", pointer.trim_start_matches('/'))))
}

fn usage(message: String) -> Error {
    Error::Usage { message, hint: HINT }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_dispatch_carries_a_number_under_any_of_its_names() {
        for input in ["pull-request", "pull_request", "number"] {
            let event = Event::parse(Some("workflow_dispatch"), &json!({"inputs": {input: "12"}})).unwrap();
            assert_eq!(event.number, Some("12".parse().unwrap()), "{input}");
        }
        let none = Event::parse(Some("workflow_dispatch"), &json!({"inputs": null})).unwrap();
        assert_eq!(none, Event::default());
    }

    #[test]
    fn an_event_of_another_kind_is_named() {
        let error = Event::parse(Some("push"), &json!({"after": "x"})).unwrap_err().to_string();
        assert_eq!(error, "the event `push` is not about a pull request");
    }

    #[test]
    fn a_number_that_makes_no_sense_is_refused() {
        let payload = json!({"pull_request": {"number": 0, "head": {"sha": "x"}}});
        assert!(Event::parse(Some("pull_request"), &payload).is_err());
    }
}
