//! The event that started a run. It is a snapshot from then: what holds now is asked of the forge.

use jiff::Timestamp;
use serde_json::Value;

use crate::domain::approval::Login;
use crate::domain::fork_build::RunHead;
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
    /// That somebody put a label on a pull request of a fork.
    pub labelled: Option<Labelled>,
    /// The head that a run was for, whose end this is the event of.
    pub head: Option<RunHead>,
    /// When that head was pushed, as the forge has it, where this is the event of a push or of what began a pull request.
    pub pushed_at: Option<Timestamp>,
}

/// That somebody put a label on a pull request of a fork.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// The label.
    pub label: String,
    /// Who did it.
    pub by: Login,
    /// The forge's number of their account.
    pub account: u64,
    /// The head when it happened.
    pub commit: CommitId,
}

const HINT: &str = "run it in a workflow for `pull_request`, `pull_request_target`, `workflow_run` or `workflow_dispatch`, or give `--pull-request`";

impl Event {
    /// Reads the event that the environment names.
    ///
    /// # Errors
    ///
    /// When there is none, it can not be read, or it is not about a pull request.
    pub fn read(environment: &Environment) -> Result<Self, Error> {
        Self::parse(environment.get(env::GITHUB_EVENT_NAME), &payload(environment)?)
    }

    fn parse(name: Option<&str>, payload: &Value) -> Result<Self, Error> {
        let repository = field(payload, "/repository/full_name")?;
        match name {
            Some("pull_request" | "pull_request_target") => Self::of_pull_request(payload, repository),
            None if payload.get("pull_request").is_some() => Self::of_pull_request(payload, repository),
            Some("workflow_dispatch") => Self::of_dispatch(payload, repository),
            Some("workflow_run") => Self::of_run(payload, repository),
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
        let labelled = commit.clone().and_then(|commit| labelled(payload, commit));
        let pushed_at = pushed_at(payload);
        Ok(Self { repository, number, commit, is_of_pull_request: true, labelled, head: None, pushed_at })
    }

    /// The end of a run for a pull request. Which one it was is not said where it comes from a fork: its head is.
    fn of_run(payload: &Value, repository: Option<RepositoryName>) -> Result<Self, Error> {
        let text = |pointer: &str| payload.pointer(pointer).and_then(Value::as_str);
        if text("/workflow_run/event") != Some("pull_request") {
            return Err(usage("the run that has ended was not for a pull request".to_owned()));
        }
        let commit: Option<CommitId> = field(payload, "/workflow_run/head_sha")?;
        let of: Option<RepositoryName> = field(payload, "/workflow_run/head_repository/full_name")?;
        let branch = text("/workflow_run/head_branch").filter(|branch| !branch.is_empty());
        let (Some(commit), Some(branch)) = (commit, branch) else {
            return Err(usage("the event holds no run with a commit and a branch".to_owned()));
        };
        let head = RunHead { repository: of, branch: branch.to_owned(), commit: commit.clone() };
        Ok(Self { repository, commit: Some(commit), is_of_pull_request: true, head: Some(head), ..Self::default() })
    }

    fn of_dispatch(payload: &Value, repository: Option<RepositoryName>) -> Result<Self, Error> {
        let mut number = None;
        for input in ["/inputs/pull-request", "/inputs/pull_request", "/inputs/number"] {
            number = number.or(field(payload, input)?);
        }
        Ok(Self { repository, number, ..Self::default() })
    }
}

/// When the head was pushed: a pull request is changed at that moment. What makes no sense says nothing.
fn pushed_at(payload: &Value) -> Option<Timestamp> {
    let text = |pointer: &str| payload.pointer(pointer).and_then(Value::as_str);
    let is_of_a_push = matches!(text("/action"), Some("opened" | "reopened" | "synchronize"));
    text("/pull_request/updated_at").filter(|_| is_of_a_push)?.parse().ok()
}

/// That a person put a label on a pull request of a fork.
fn labelled(payload: &Value, commit: CommitId) -> Option<Labelled> {
    let text = |pointer: &str| payload.pointer(pointer).and_then(Value::as_str);
    let is_of_a_fork = text("/pull_request/head/repo/full_name") != text("/repository/full_name");
    if text("/action") != Some("labeled") || !is_of_a_fork || text("/sender/type") != Some("User") {
        return None;
    }
    let label = text("/label/name")?.to_owned();
    let account = payload.pointer("/sender/id").and_then(Value::as_u64)?;
    Some(Labelled { label, by: text("/sender/login")?.parse().ok()?, account, commit })
}

/// The event that the environment names, whatever it is about.
pub(super) fn payload(environment: &Environment) -> Result<Value, Error> {
    let Some(path) = environment.get(env::GITHUB_EVENT_PATH) else {
        return Err(usage("there is no event file: `GITHUB_EVENT_PATH` is not set".to_owned()));
    };
    let text = std::fs::read_to_string(path)
        .map_err(|why| usage(format!("the event file `{path}` can not be read: {why}")))?;
    serde_json::from_str(&text).map_err(|why| usage(format!("the event file `{path}` is not JSON: {why}")))
}

/// A text or a number at a JSON pointer. A blank one is an absent one.
pub(super) fn field<T: std::str::FromStr<Err: std::fmt::Display>>(
    payload: &Value,
    pointer: &str,
) -> Result<Option<T>, Error> {
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

pub(super) fn usage(message: String) -> Error {
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

    fn labelled_event() -> Value {
        json!({
            "action": "labeled",
            "label": {"name": "preview"},
            "pull_request": {
                "number": 7, "head": {"sha": "a".repeat(40), "repo": {"full_name": "stranger/wildside"}}
            },
            "repository": {"full_name": "acme/wildside"},
            "sender": {"login": "ada", "id": 9, "type": "User"},
        })
    }

    #[test]
    fn a_label_that_a_person_puts_on_a_forks_pull_request_is_noticed_and_no_other() {
        let noticed = |payload: &Value| Event::parse(Some("pull_request_target"), payload).unwrap().labelled;
        let labelled = Labelled {
            label: "preview".to_owned(),
            by: "ada".parse().unwrap(),
            account: 9,
            commit: "a".repeat(40).parse().unwrap(),
        };
        assert_eq!(noticed(&labelled_event()), Some(labelled));
        let mut gone = labelled_event();
        gone["pull_request"]["head"]["repo"] = Value::Null;
        assert!(noticed(&gone).is_some(), "its fork is gone");
        for (pointer, value) in [
            ("/action", json!("unlabeled")),
            ("/action", json!("synchronize")),
            ("/sender/type", json!("Bot")),
            ("/pull_request/head/repo/full_name", json!("acme/wildside")),
            ("/label/name", Value::Null),
            ("/sender/login", json!("a b")),
        ] {
            let mut payload = labelled_event();
            *payload.pointer_mut(pointer).unwrap() = value;
            assert_eq!(noticed(&payload), None, "{pointer}");
        }
    }

    #[test]
    fn when_a_head_was_pushed_is_known_of_a_push_and_of_nothing_else() {
        let event = |action: &str, updated_at: Value| {
            let head = json!({"number": 7, "head": {"sha": "a".repeat(40)}, "updated_at": updated_at});
            Event::parse(Some("pull_request"), &json!({"action": action, "pull_request": head})).unwrap().pushed_at
        };
        let at = json!("2026-11-21T12:00:00Z");
        for action in ["opened", "reopened", "synchronize"] {
            assert_eq!(event(action, at.clone()), Some("2026-11-21T12:00:00Z".parse().unwrap()), "{action}");
        }
        for action in ["closed", "labeled", "edited", ""] {
            assert_eq!(event(action, at.clone()), None, "{action}");
        }
        for nonsense in [Value::Null, json!(7), json!("yesterday"), json!("2026-11-21")] {
            assert_eq!(event("synchronize", nonsense), None);
        }
    }

    #[test]
    fn the_end_of_a_run_says_which_head_it_was_for() {
        let run = json!({
            "workflow_run": {
                "event": "pull_request", "head_sha": "B".repeat(40), "head_branch": "fix",
                "head_repository": {"full_name": "stranger/wildside"}, "pull_requests": [],
            },
            "repository": {"full_name": "acme/wildside"},
        });
        let event = Event::parse(Some("workflow_run"), &run).unwrap();
        let head = event.head.unwrap();
        assert_eq!((head.branch.as_str(), head.commit.as_str()), ("fix", "b".repeat(40).as_str()));
        assert_eq!((event.number, event.commit, event.is_of_pull_request), (None, Some(head.commit), true));
        let mut gone = run.clone();
        gone["workflow_run"]["head_repository"] = Value::Null;
        assert_eq!(Event::parse(Some("workflow_run"), &gone).unwrap().head.unwrap().repository, None);
        for (pointer, value) in [
            ("/workflow_run/event", json!("push")),
            ("/workflow_run/head_sha", json!("main")),
            ("/workflow_run/head_branch", Value::Null),
            ("/workflow_run/head_repository/full_name", json!("a b")),
        ] {
            let mut run = run.clone();
            *run.pointer_mut(pointer).unwrap() = value;
            assert!(Event::parse(Some("workflow_run"), &run).is_err(), "{pointer}");
        }
    }

    #[test]
    fn a_number_that_makes_no_sense_is_refused() {
        let payload = json!({"pull_request": {"number": 0, "head": {"sha": "x"}}});
        assert!(Event::parse(Some("pull_request"), &payload).is_err());
    }
}
