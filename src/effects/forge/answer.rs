//! What GitHub's answers mean: statuses, refusals, and the errors of GraphQL.

use std::fmt;
use std::time::Duration;

use http::HeaderMap;
use jiff::Timestamp;
use jiff::fmt::rfc2822::DateTimeParser;
use serde_json::Value;

use super::limits::{self, Failure};
use crate::ports::ForgeError;

/// The most of GitHub's words that are shown.
const SHOWN: usize = 300;
/// What GitHub says when a question took it too long, in an answer that claims to be a success.
const TOOK_TOO_LONG: &str = "Something went wrong while executing your query";

/// An answer as it came.
pub(super) struct Answer {
    status: u16,
    /// When it was given, by the forge's clock.
    at: Option<Timestamp>,
    is_used_up: bool,
    told: Option<Duration>,
    headers: HeaderMap,
    body: serde_json::Result<Value>,
}

impl Answer {
    pub(super) fn new(status: u16, headers: &HeaderMap, text: &str) -> Self {
        let date = headers.get("date").and_then(|date| date.to_str().ok());
        let at = date.and_then(|date| DateTimeParser::new().parse_timestamp(date.trim()).ok());
        Self {
            status,
            at,
            is_used_up: limits::is_used_up(headers),
            told: limits::told(headers, at),
            headers: headers.clone(),
            body: serde_json::from_str(text),
        }
    }

    /// Whether, and how, the request failed in a way that passes.
    pub(super) fn failure(&self) -> Option<Failure> {
        let limited = Some(Failure::Limited(self.told));
        match self.status {
            500.. => Some(Failure::Ambiguous),
            429 => limited,
            403 if self.is_used_up || speaks_of_a_limit(&self.words()) => limited,
            200 => self.graphql_failure(),
            _ => None,
        }
    }

    /// The same of an answer of GraphQL's, which is a success by its status whatever it tells.
    fn graphql_failure(&self) -> Option<Failure> {
        let problems = self.problems();
        let is_whole = |body: &Value| body.pointer("/data/repository").is_some_and(Value::is_object);
        let is_empty = !self.body.as_ref().is_ok_and(is_whole);
        let is_limit = |told: &Problem| told.kind == "RATE_LIMITED" || is_empty && speaks_of_a_limit(&told.message);
        if problems.iter().any(is_limit) {
            return Some(Failure::Limited(self.told));
        }
        let took_too_long = is_empty && problems.iter().any(|told| told.message.starts_with(TOOK_TOO_LONG));
        took_too_long.then_some(Failure::Ambiguous)
    }

    /// The JSON of an answer that says that it was done.
    pub(super) fn success(self, what: &'static str) -> Result<Value, ForgeError> {
        match self.status {
            204 => Ok(Value::Null),
            200..300 => self.body.map_err(|why| ForgeError::Senseless { what, message: why.to_string() }),
            _ => Err(self.refusal(what)),
        }
    }

    /// Where an answer sends whoever asks, for this one time.
    pub(super) fn elsewhere(self, what: &'static str) -> Result<String, ForgeError> {
        let message = match (self.status, self.header("location")) {
            (302 | 307, Some(location)) => return Ok(location.to_owned()),
            (301 | 308, _) => "the repository has moved: give the name that it has now".to_owned(),
            (status @ 200..400, _) => format!("status {status} says of no other address"),
            _ => return Err(self.refusal(what)),
        };
        Err(ForgeError::Senseless { what, message })
    }

    /// The repository of a GraphQL answer, and what is wrong with parts of it.
    pub(super) fn graphql(self, what: &'static str) -> Result<Reply, ForgeError> {
        let (at, problems) = (self.at, self.problems());
        let mut answer = self.success(what)?;
        match answer.pointer_mut("/data/repository").map(Value::take) {
            Some(repository @ Value::Object(_)) => Ok(Reply { repository, problems, at }),
            _ if problems.is_empty() => {
                Err(ForgeError::Senseless { what, message: "it holds no repository".to_owned() })
            }
            _ => Err(Trouble::of(problems.iter()).error(what)),
        }
    }

    /// One of its headers, if it is there and text.
    pub(super) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name)?.to_str().ok()
    }

    /// The status it came with.
    pub(super) fn status(&self) -> u16 {
        self.status
    }

    /// What the forge says of a field that it does not know: it is older than what it was asked.
    pub(super) fn unknown_field(&self) -> Option<String> {
        let problems = self.problems();
        let found = problems.iter().find(|problem| problem.is_unknown_field())?;
        Some(shown(&found.message))
    }

    /// Why an answer is no success.
    pub(super) fn refusal(&self, what: &'static str) -> ForgeError {
        let message = shown(&self.words());
        if let Some(Failure::Limited(retry_after)) = self.failure() {
            return ForgeError::RateLimited { message, retry_after };
        }
        match self.status {
            401 => ForgeError::BadCredentials { message },
            403 => ForgeError::Forbidden { what, message },
            404 | 410 => ForgeError::NotFound { what, message },
            status => ForgeError::Failed { what, status, message },
        }
    }

    /// The forge's own words, whole.
    pub(super) fn words(&self) -> String {
        let said = self.body.as_ref().map(|body| text(body, "/message")).unwrap_or_default();
        if said.is_empty() { joined(self.problems().iter()) } else { said }
    }

    /// What is wrong with a GraphQL answer, or with parts of it.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let told = self.body.as_ref().ok().and_then(|body| body.get("errors")?.as_array());
        told.into_iter().flatten().map(Problem::read).collect()
    }
}

/// One of the errors beside the data of a GraphQL answer.
pub(super) struct Problem {
    pub(super) kind: String,
    pub(super) message: String,
    path: Vec<String>,
    /// What kind of mistake the forge finds in the question.
    code: String,
}

impl Problem {
    fn read(error: &Value) -> Self {
        let path = error.get("path").and_then(Value::as_array).into_iter().flatten();
        let step = |step: &Value| step.as_str().map_or_else(|| step.to_string(), str::to_owned);
        Self {
            kind: text(error, "/type"),
            message: text(error, "/message"),
            path: path.map(step).collect(),
            code: text(error, "/extensions/code"),
        }
    }

    fn is_unknown_field(&self) -> bool {
        self.code == "undefinedField" || self.message.contains("doesn't exist on type")
    }

    fn is_missing(&self) -> bool {
        self.kind == "NOT_FOUND" || self.message.starts_with("Could not resolve")
    }

    /// Whether it is of that part of the repository. That the files of a pull request can not be listed is no error:
    /// there may be too many for the forge. Nor is it one that a number is too large for its type.
    fn is_of(&self, key: &str) -> bool {
        let path: Vec<_> = self.path.iter().map(String::as_str).collect();
        let is_fine = path.get(2) == Some(&"files") || path.last() == Some(&"databaseId");
        matches!(path[..], ["repository", part, ..] if part == key) && !is_fine
    }
}

/// The repository as the forge tells of it, and what is wrong with parts of it.
pub(super) struct Reply {
    repository: Value,
    problems: Vec<Problem>,
    /// When it was told, by the forge's clock.
    pub(super) at: Option<Timestamp>,
}

impl Reply {
    /// Takes a part of the repository. Nothing when the forge says that there is no such thing. When anything of it
    /// could not be read, it counts as one that can not be read.
    pub(super) fn take(&mut self, key: &str) -> Result<Option<Value>, Trouble> {
        let value = self.repository.get_mut(key).map(Value::take).filter(|value| !value.is_null());
        let problems: Vec<_> = self.problems.iter().filter(|problem| problem.is_of(key)).collect();
        match value {
            Some(value) if problems.is_empty() => Ok(Some(value)),
            None if problems.is_empty() => Err(Trouble::senseless("the forge says nothing of it".to_owned())),
            None if problems.iter().all(|problem| problem.is_missing() && problem.path.len() == 2) => Ok(None),
            _ => Err(Trouble::of(problems.into_iter())),
        }
    }

    /// The whole repository, of which nothing is missing but what is not there.
    pub(super) fn whole(self) -> Result<Value, Trouble> {
        let wrong = self.problems.iter().filter(|problem| !(problem.is_missing() && problem.path.len() > 1));
        if wrong.clone().next().is_some() { Err(Trouble::of(wrong)) } else { Ok(self.repository) }
    }
}

/// Why a part of an answer can not be read.
pub(super) struct Trouble {
    kind: Kind,
    /// The forge's words.
    pub(super) message: String,
}

enum Kind {
    Forbidden,
    Missing,
    Failure,
    Senseless,
}

impl Trouble {
    fn of<'a>(problems: impl Iterator<Item = &'a Problem> + Clone) -> Self {
        let has_kind = |wanted: &str| problems.clone().any(|problem| problem.kind == wanted);
        let kind = if has_kind("FORBIDDEN") || has_kind("INSUFFICIENT_SCOPES") {
            Kind::Forbidden
        } else if problems.clone().any(Problem::is_missing) {
            Kind::Missing
        } else {
            Kind::Failure
        };
        Self { kind, message: shown(&joined(problems)) }
    }

    /// What is told is not what the forge's description says.
    pub(super) fn senseless(message: String) -> Self {
        Self { kind: Kind::Senseless, message }
    }

    /// The error, where it is all that was asked for. GraphQL tells of errors in answers of status 200.
    pub(super) fn error(self, what: &'static str) -> ForgeError {
        let message = self.message;
        match self.kind {
            Kind::Forbidden => ForgeError::Forbidden { what, message },
            Kind::Missing => ForgeError::NotFound { what, message },
            Kind::Failure => ForgeError::Failed { what, status: 200, message },
            Kind::Senseless => ForgeError::Senseless { what, message },
        }
    }
}

fn speaks_of_a_limit(words: &str) -> bool {
    words.to_ascii_lowercase().contains("rate limit")
}

fn joined<'a>(problems: impl Iterator<Item = &'a Problem>) -> String {
    problems.map(|problem| problem.message.as_str()).collect::<Vec<_>>().join("; ")
}

/// The text at a JSON pointer; empty when there is none.
pub(super) fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

/// The forge's words as they are shown: some of them, on one line.
pub(super) fn shown(text: &str) -> String {
    text.chars().filter(|character| !character.is_control()).take(SHOWN).collect()
}

/// The innermost cause of an error: the ones around it repeat it, with a backtrace.
#[derive(Debug)]
pub(super) struct Innermost(String);

impl Innermost {
    pub(super) fn of(error: &dyn std::error::Error) -> Self {
        let mut innermost = error;
        while let Some(source) = innermost.source() {
            innermost = source;
        }
        Self(shown(&innermost.to_string()))
    }
}

impl fmt::Display for Innermost {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl std::error::Error for Innermost {}

#[cfg(test)]
mod tests;
