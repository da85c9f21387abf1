//! The requests: as the guard sees them before, and as the log tells of them after.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::Value;

use super::answer::Answer;
use super::{archive, percent};

/// Decides what becomes of a request before it is handled.
///
/// It runs on a thread of its own kind, where it may block for a while: move a branch, wait for another request. When
/// it panics, the request is answered with 500.
pub type Guard = Arc<dyn Fn(&IncomingRequest) -> Verdict + Send + Sync>;

/// What a guard says of a request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The emulator handles it.
    Pass,
    /// This is the answer, and the emulator does nothing.
    Answer(Answer),
    /// The emulator does nothing, and closes the connection without a byte of an answer.
    Drop,
    /// The emulator handles it, so that it takes effect, and this is answered in its place.
    AnswerAfter(Answer),
    /// The emulator handles it, so that it takes effect, and closes the connection without a byte of an answer.
    DropAfter,
    /// The emulator handles it, sends the head of the answer and this many bytes of its body, and closes the connection.
    DropMidway(usize),
    /// The emulator handles it after this long.
    Delay(Duration),
}

/// Which part of the emulator a request is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RequestKind {
    /// REST.
    Api,
    /// GraphQL.
    Graphql,
    /// Archives of commits, and what runs left, which GitHub has on hosts of their own.
    Archive,
    /// Git, and every path that is nothing else.
    Git,
}

impl RequestKind {
    fn of(path: &str) -> Self {
        if path == "/api/graphql" {
            Self::Graphql
        } else if path.starts_with("/api/v3/") || path == "/api/v3" {
            Self::Api
        } else if archive::is_place(path) {
            Self::Archive
        } else {
            Self::Git
        }
    }
}

/// A request that was read whole and not yet handled.
#[derive(Clone)]
pub struct IncomingRequest {
    /// `GET`, `POST` …
    pub method: String,
    /// The path, as it was sent.
    pub path: String,
    /// What follows the question mark; empty without one.
    pub query: String,
    /// The headers, with names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body, still compressed if it was sent so.
    pub body: Vec<u8>,
    /// Which part it is for.
    pub kind: RequestKind,
}

impl IncomingRequest {
    pub(super) fn new(
        method: String,
        path: String,
        query: String,
        headers: Vec<(String, String)>,
        body: Vec<u8>,
    ) -> Self {
        let kind = RequestKind::of(&path);
        Self { method, path, query, headers, body, kind }
    }

    /// The value of a header, by its name in lower case.
    #[must_use]
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    /// Whether this carries the commits of a push, or asks by GraphQL for a commit on a branch; the question for the refs
    /// that comes before a push does not.
    #[must_use]
    pub fn is_push(&self) -> bool {
        match self.kind {
            RequestKind::Git => self.method == "POST" && self.path.ends_with("/git-receive-pack"),
            RequestKind::Graphql => commits(&self.json()),
            RequestKind::Api | RequestKind::Archive => false,
        }
    }

    /// The body as JSON, or null.
    #[must_use]
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_default()
    }

    /// The value of a parameter of the query, decoded.
    pub(super) fn parameter(&self, name: &str) -> Option<String> {
        let value = self.query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name)?.1;
        // In a query, and only there, a plus is a blank.
        Some(percent::decoded(&value.replace('+', " ")).into_owned())
    }
}

impl fmt::Debug for IncomingRequest {
    // Without the headers: one of them is a token.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{} {}?{} ({} bytes)", self.method, self.path, self.query, self.body.len())
    }
}

/// A request that has come.
#[derive(Clone, Debug, PartialEq)]
pub struct ReceivedRequest {
    /// `GET`, `POST` …
    pub method: String,
    /// The path, with the query if there was one.
    pub path: String,
    /// Which part it was for.
    pub kind: RequestKind,
    /// Whether it carried credentials, right or wrong.
    pub has_authorization: bool,
    /// The body of a REST or GraphQL request; null for git, and for what is not JSON.
    pub body: Value,
    /// The status it was answered with, whether or not the client was still there; none while it is being answered, and when
    /// the connection was closed by a guard before the status was sent.
    pub status: Option<u16>,
    /// The size of the body that came, as it came: without the head, and still compressed if it was sent so.
    pub request_bytes: usize,
    /// The size of the body that was sent back, as far as a guard let it; 0 as long as nothing was sent.
    pub answer_bytes: usize,
}

impl ReceivedRequest {
    fn of(request: &IncomingRequest) -> Self {
        let separator = if request.query.is_empty() { "" } else { "?" };
        Self {
            method: request.method.clone(),
            path: format!("{}{separator}{}", request.path, request.query),
            kind: request.kind,
            has_authorization: request.header("authorization").is_some(),
            body: if request.kind == RequestKind::Git { Value::Null } else { request.json() },
            status: None,
            request_bytes: request.body.len(),
            answer_bytes: 0,
        }
    }

    /// Whether this is part of a push, be it only the question for the refs, or asks by GraphQL for a commit on a branch.
    #[must_use]
    pub fn begins_push(&self) -> bool {
        match self.kind {
            RequestKind::Git => self.path.contains("git-receive-pack"),
            RequestKind::Graphql => commits(&self.body),
            RequestKind::Api | RequestKind::Archive => false,
        }
    }
}

/// Whether the body of a GraphQL request asks for a commit on a branch.
fn commits(body: &Value) -> bool {
    body["query"].as_str().is_some_and(|query| query.contains("createCommitOnBranch"))
}

/// The list of requests, shared between the server and whoever asks.
#[derive(Clone, Default)]
pub(super) struct RequestLog(Arc<Mutex<Entries>>);

#[derive(Default)]
struct Entries {
    /// Counts on when the list is emptied, so that a late answer finds its own request or none.
    next: u64,
    requests: Vec<(u64, ReceivedRequest)>,
}

impl RequestLog {
    pub(super) fn arrived(&self, request: &IncomingRequest) -> u64 {
        let received = ReceivedRequest::of(request);
        let mut entries = self.lock();
        let identifier = entries.next;
        entries.next += 1;
        entries.requests.push((identifier, received));
        identifier
    }

    pub(super) fn answered(&self, identifier: u64, status: u16, bytes: usize) {
        if let Some((_, request)) = self.lock().requests.iter_mut().find(|(known, _)| *known == identifier) {
            request.status = Some(status);
            request.answer_bytes = bytes;
        }
    }

    pub(super) fn all(&self) -> Vec<ReceivedRequest> {
        self.lock().requests.iter().map(|(_, request)| request.clone()).collect()
    }

    pub(super) fn clear(&self) {
        self.lock().requests.clear();
    }

    fn lock(&self) -> MutexGuard<'_, Entries> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
