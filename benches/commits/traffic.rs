//! What a run asked of the server, from the server's own list of requests.

use bivouac::emulator::{ReceivedRequest, RequestKind};
use serde::{Deserialize, Serialize};

/// Requests and bytes of bodies.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Traffic {
    pub(crate) git_requests: usize,
    pub(crate) api_requests: usize,
    /// The bodies of the requests, as they went over the wire.
    pub(crate) sent_bytes: u64,
    /// The bodies of the answers.
    pub(crate) received_bytes: u64,
    /// How often somebody set out to write a commit.
    pub(crate) attempts: usize,
}

impl Traffic {
    pub(crate) fn of(requests: &[ReceivedRequest]) -> Self {
        let count = |is: &dyn Fn(&ReceivedRequest) -> bool| requests.iter().filter(|request| is(request)).count();
        let git_requests = count(&|request| request.kind == RequestKind::Git);
        // A push that sees in the refs that it has lost does not send its commits, and one may do without the refs.
        let looks = count(&|request| request.path.ends_with("info/refs?service=git-receive-pack"));
        let pushes = count(&|request| request.method == "POST" && request.path.ends_with("/git-receive-pack"));
        Self {
            git_requests,
            api_requests: requests.len() - git_requests,
            sent_bytes: requests.iter().map(|request| request.request_bytes as u64).sum(),
            received_bytes: requests.iter().map(|request| request.answer_bytes as u64).sum(),
            attempts: looks.max(pushes) + count(&moves_a_branch),
        }
    }
}

/// One request as a line.
pub(crate) fn line(request: &ReceivedRequest) -> String {
    let ReceivedRequest { method, path, request_bytes, answer_bytes, .. } = request;
    format!("{method} {path}: {request_bytes} B, answered with {answer_bytes} B")
}

/// Whether this commits to, or moves, a branch by the API.
fn moves_a_branch(request: &ReceivedRequest) -> bool {
    match request.kind {
        RequestKind::Git | RequestKind::Archive => false,
        RequestKind::Api => matches!(request.method.as_str(), "PATCH" | "POST") && request.path.contains("/git/refs"),
        RequestKind::Graphql => {
            let query = request.body.get("query").and_then(serde_json::Value::as_str).unwrap_or_default();
            ["createCommitOnBranch", "updateRef"].iter().any(|mutation| query.contains(mutation))
        }
    }
}
