//! What GitHub's answers mean.

use std::fmt;

use http::HeaderMap;
use serde::Deserialize;
use serde_json::Value;

use super::Page;
use crate::domain::names::{PullRequestNumber, RepositoryName};
use crate::domain::pull_request::{PullRequest, PullRequestState};
use crate::ports::{CommentId, ForgeError, OurComment};

/// The most of GitHub's words that are shown.
const SHOWN: usize = 300;

/// An answer as it came.
pub(super) struct Answer {
    pub(super) status: u16,
    pub(super) is_limited: bool,
    pub(super) text: String,
}

impl Answer {
    /// The JSON of an answer that says that it was done.
    pub(super) fn success(&self, what: &'static str) -> Result<Value, ForgeError> {
        match self.status {
            204 => Ok(Value::Null),
            200..300 => self.json(what),
            _ => Err(self.refusal(what)),
        }
    }

    /// The data of a GraphQL answer. Errors count when there is no data beside them.
    pub(super) fn graphql(&self, what: &'static str) -> Result<Value, ForgeError> {
        let mut answer = self.success(what)?;
        let errors = answer.get("errors").and_then(Value::as_array).cloned().unwrap_or_default();
        let message = shown(&errors.iter().map(|error| text(error, "/message")).collect::<Vec<_>>().join("; "));
        let has_type = |wanted: &str| errors.iter().any(|error| error.get("type").is_some_and(|found| found == wanted));
        if has_type("RATE_LIMITED") {
            return Err(ForgeError::RateLimited { message });
        }
        if has_type("FORBIDDEN") || has_type("INSUFFICIENT_SCOPES") {
            return Err(ForgeError::Forbidden { what, message });
        }
        let is_missing = has_type("NOT_FOUND") || message.starts_with("Could not resolve to");
        let data = answer.get_mut("data").map(Value::take).unwrap_or_default();
        let has_no_pull_request = data.pointer("/repository/pullRequest").is_none_or(Value::is_null);
        if !errors.is_empty() && !is_missing && has_no_pull_request {
            return Err(ForgeError::Failed { what, status: self.status, message });
        }
        match data.get("repository") {
            Some(Value::Object(_)) => Ok(data),
            _ if errors.is_empty() => Err(ForgeError::Senseless { what, message: "it holds no repository".to_owned() }),
            Some(Value::Null) => Err(ForgeError::NotFound { what, message }),
            _ => Err(ForgeError::Senseless { what, message }),
        }
    }

    /// Why an answer of that status is no success.
    pub(super) fn refusal(&self, what: &'static str) -> ForgeError {
        let said = self.json(what).map(|value| text(&value, "/message")).unwrap_or_default();
        let message = shown(&said);
        match self.status {
            401 => ForgeError::BadCredentials { message },
            429 => ForgeError::RateLimited { message },
            403 if self.is_limited || said.to_ascii_lowercase().contains("rate limit") => {
                ForgeError::RateLimited { message }
            }
            403 => ForgeError::Forbidden { what, message },
            404 | 410 => ForgeError::NotFound { what, message },
            status => ForgeError::Failed { what, status, message },
        }
    }

    fn json(&self, what: &'static str) -> Result<Value, ForgeError> {
        serde_json::from_str(&self.text).map_err(|why| ForgeError::Senseless { what, message: why.to_string() })
    }
}

/// Whether the headers say that the limit is used up.
/// <https://docs.github.com/en/rest/using-the-rest-api/rate-limits-for-the-rest-api>
pub(super) fn is_rate_limited(headers: &HeaderMap) -> bool {
    headers.contains_key("retry-after") || headers.get("x-ratelimit-remaining").is_some_and(|left| left == "0")
}

/// Reads the answer to `ObservePullRequest`. Nothing when there is no such pull request.
pub(super) fn page(data: &Value, repository: &RepositoryName) -> Result<Option<Page>, ForgeError> {
    let Some(found) = data.pointer("/repository/pullRequest").filter(|found| !found.is_null()) else { return Ok(None) };
    let senseless = |message: String| ForgeError::Senseless { what: "read the pull request", message };
    let node = Node::deserialize(found).map_err(|why| senseless(why.to_string()))?;
    let head = node.head_ref_oid.parse().map_err(|why| senseless(format!("{why}")))?;
    let number: PullRequestNumber = node.number.to_string().parse().map_err(|why| senseless(format!("{why}")))?;
    let ours = node.comments.nodes.into_iter().flatten().filter(|comment| comment.viewer_did_author);
    let our_comments = ours.filter_map(|comment| {
        Some(OurComment { id: CommentId(comment.full_database_id?.number()?), url: comment.url, body: comment.body })
    });
    let info = node.comments.page_info;
    let url = if node.url.is_empty() { format!("https://github.com/{repository}/pull/{number}") } else { node.url };
    Ok(Some(Page {
        pull_request: PullRequest {
            number,
            state: node.state.into(),
            head,
            is_from_fork: node.is_cross_repository,
            title: node.title,
            url,
        },
        our_comments: our_comments.collect(),
        next: info.end_cursor.filter(|_| info.has_next_page),
    }))
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Node {
    number: u64,
    state: State,
    head_ref_oid: String,
    #[serde(default)]
    is_cross_repository: bool,
    #[serde(default)]
    title: String,
    #[serde(default)]
    url: String,
    comments: Comments,
}

#[derive(Deserialize)]
#[serde(rename_all = "UPPERCASE")]
enum State {
    Open,
    Closed,
    Merged,
}

impl From<State> for PullRequestState {
    fn from(state: State) -> Self {
        match state {
            State::Open => Self::Open,
            State::Closed => Self::Closed,
            State::Merged => Self::Merged,
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Comments {
    nodes: Vec<Option<CommentNode>>,
    page_info: PageInfo,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct CommentNode {
    full_database_id: Option<BigInteger>,
    url: String,
    body: String,
    viewer_did_author: bool,
}

/// GitHub's `BigInt`, which is written as a string.
#[derive(Deserialize)]
#[serde(untagged)]
enum BigInteger {
    Text(String),
    Number(u64),
}

impl BigInteger {
    fn number(&self) -> Option<u64> {
        match self {
            Self::Text(text) => text.parse().ok(),
            Self::Number(number) => Some(*number),
        }
    }
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct PageInfo {
    has_next_page: bool,
    end_cursor: Option<String>,
}

/// The text at a JSON pointer; empty when there is none.
pub(super) fn text(value: &Value, pointer: &str) -> String {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default().to_owned()
}

fn shown(text: &str) -> String {
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
mod tests {
    use super::*;

    fn answer(status: u16, text: &str) -> Answer {
        Answer { status, is_limited: false, text: text.to_owned() }
    }

    #[test]
    fn refusals_are_told_apart() {
        let kind = |answer: Answer| match answer.refusal("x") {
            ForgeError::BadCredentials { .. } => "credentials",
            ForgeError::RateLimited { .. } => "limited",
            ForgeError::Forbidden { .. } => "forbidden",
            ForgeError::NotFound { .. } => "not found",
            ForgeError::Failed { .. } => "failed",
            _ => "other",
        };
        assert_eq!(kind(answer(401, r#"{"message":"Bad credentials"}"#)), "credentials");
        assert_eq!(kind(answer(403, r#"{"message":"API rate limit exceeded"}"#)), "limited");
        assert_eq!(kind(answer(403, r#"{"message":"Resource not accessible by integration"}"#)), "forbidden");
        assert_eq!(kind(Answer { is_limited: true, ..answer(403, "{}") }), "limited");
        assert_eq!(kind(answer(502, "<html>")), "failed");
        assert_eq!(kind(answer(410, "{}")), "not found");
    }

    #[test]
    fn a_pull_request_that_is_not_there_is_not_a_repository_that_is_not_there() {
        let none = r#"{"data":{"repository":{"pullRequest":null}},"errors":[{"type":"NOT_FOUND","message":"no 9"}]}"#;
        let data = answer(200, none).graphql("x").unwrap();
        assert!(page(&data, &"a/b".parse().unwrap()).unwrap().is_none());
        let none = r#"{"data":{"repository":null},"errors":[{"type":"NOT_FOUND","message":"no a/b"}]}"#;
        assert!(matches!(answer(200, none).graphql("x"), Err(ForgeError::NotFound { .. })));
        assert!(matches!(answer(200, "{}").graphql("x"), Err(ForgeError::Senseless { .. })));
    }
}
