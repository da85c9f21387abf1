//! Every operation that Bivouac asks of GitHub, for the reference and for the code.

/// One REST or GraphQL operation.
#[derive(Debug, Clone, Copy)]
pub struct Operation {
    /// The method and path of a REST operation, or the name of a GraphQL one.
    pub name: &'static str,
    /// The text of a GraphQL operation; empty for REST.
    pub text: &'static str,
    /// What it is used for.
    pub used_for: &'static str,
    /// The permission that the token needs.
    pub permission: &'static str,
}

/// Reads a pull request and the comments on it, a hundred at a time.
pub const OBSERVE_PULL_REQUEST: Operation = Operation {
    name: "ObservePullRequest",
    text: "query ObservePullRequest($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      number
      title
      url
      state
      isCrossRepository
      headRefOid
      comments(first: 100, after: $after) {
        nodes { fullDatabaseId url body viewerDidAuthor }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}",
    used_for: "the live state of a pull request, and our comments on it",
    permission: "pull-requests: read",
};

/// All of them.
pub const OPERATIONS: [Operation; 4] = [
    OBSERVE_PULL_REQUEST,
    Operation {
        name: "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
        text: "",
        used_for: "the first comment on a pull request",
        permission: "pull-requests: write",
    },
    Operation {
        name: "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}",
        text: "",
        used_for: "bringing the comment up to date",
        permission: "pull-requests: write",
    },
    Operation {
        name: "DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}",
        text: "",
        used_for: "removing comments of ours that are there twice",
        permission: "pull-requests: write",
    },
];
