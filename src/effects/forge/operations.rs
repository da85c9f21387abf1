//! Every operation that Bivouac asks of GitHub, for the reference and for the code.

mod apps;

pub(super) use apps::{CONTENT, ENTRY, NAMES, SURROUNDINGS, TEXT};

pub use apps::{
    COMMIT_TO_APPS_REPOSITORY, FIND_APPS_COMMIT, OBSERVE_APPS_REPOSITORY, OBSERVE_BRANCHES, READ_APPS_REPOSITORY,
};

use std::fmt::Write as _;

use crate::domain::names::PullRequestNumber;

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

impl Operation {
    const fn rest(name: &'static str, used_for: &'static str, permission: &'static str) -> Self {
        Self { name, text: "", used_for, permission }
    }

    /// The text for many pull requests at once, of a text that asks for the first one.
    pub(super) fn text_for(&self, numbers: &[PullRequestNumber]) -> String {
        let mut text = String::new();
        for line in self.text.lines() {
            if !line.contains(FIRST) {
                let _ = writeln!(text, "{line}");
                continue;
            }
            for number in numbers {
                let _ = writeln!(
                    text,
                    "{}",
                    line.replace(FIRST, &format!("{}: pullRequest(number: {number})", alias(*number)))
                );
            }
        }
        text
    }
}

/// What a pull request is called in a question about many.
pub(super) fn alias(number: PullRequestNumber) -> String {
    format!("p{number}")
}

/// The place of the pull requests in a question about many.
const FIRST: &str = "p1: pullRequest(number: 1)";

/// What is asked of every pull request.
macro_rules! facts {
    () => {
        "

fragment Facts on PullRequest {
  number
  title
  url
  state
  isDraft
  isCrossRepository
  headRefOid
  baseRefName
  author { __typename login }
  labels(first: 100) { nodes { name } }
}"
    };
}

/// The files that a pull request changes.
macro_rules! files {
    () => {
        "

fragment Files on PullRequest {
  changedFiles
  files(first: 100) {
    nodes { path }
    pageInfo { hasNextPage endCursor }
  }
}"
    };
}

/// The comments on a pull request.
macro_rules! comments {
    () => {
        "

fragment Comments on IssueCommentConnection {
  nodes { fullDatabaseId url body viewerDidAuthor }
  pageInfo { hasNextPage endCursor }
}"
    };
}

/// Deployments, whatever they are of.
macro_rules! deployments {
    () => {
        "

fragment Deployments on DeploymentConnection {
  nodes {
    id
    databaseId
    environment
    commitOid
    payload
    state
    latestStatus { state }
  }
  pageInfo { hasNextPage endCursor }
}"
    };
}

/// A question about one pull request: its name, and what else is declared, asked and defined in it.
macro_rules! observe {
    ($name:literal, $declared:literal, $asked:literal, $($defined:tt)*) => {
        concat!(
            "query ",
            $name,
            "($owner: String!, $name: String!, $number: Int!, $after: String",
            $declared,
            ") {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      ...Facts
      ...Files
      comments(first: 100, after: $after) { ...Comments }
    }",
            $asked,
            "
  }
}",
            facts!(),
            files!(),
            comments!(),
            $($defined)*
        )
    };
}

/// A question about many pull requests, with the first one in their place: its name, and what is asked of each.
macro_rules! many {
    ($name:literal, $asked:literal, $($defined:tt)*) => {
        concat!(
            "query ",
            $name,
            "($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    p1: pullRequest(number: 1) { ",
            $asked,
            " }
  }
}",
            $($defined)*
        )
    };
}

/// Reads a pull request, the comments on it, a hundred at a time, and the latest deployments.
pub const OBSERVE_PULL_REQUEST: Operation = Operation {
    name: "ObservePullRequest",
    text: observe!(
        "ObservePullRequest",
        ", $environments: [String!]",
        "
    deployments(environments: $environments, first: 100, orderBy: {field: CREATED_AT, direction: DESC}) {
      ...Deployments
    }",
        deployments!()
    ),
    used_for: "a pull request as it is now, our comments on it, and the deployments of its previews",
    permission: "pull-requests: read, deployments: read",
};

/// Reads the same without deployments, which are all or nothing: a token that may not read them gets no repository.
pub const OBSERVE_PULL_REQUEST_ONLY: Operation = Operation {
    name: "ObservePullRequestOnly",
    text: observe!("ObservePullRequestOnly", "", "", ""),
    used_for: "the same without deployments, where there are none or the token may not read them",
    permission: "pull-requests: read",
};

/// Reads many pull requests, one line for each of them.
pub const SURVEY_PULL_REQUESTS: Operation = Operation {
    name: "SurveyPullRequests",
    text: many!("SurveyPullRequests", "...Facts", facts!()),
    used_for: "the pull requests of all previews, a hundred at a time",
    permission: "pull-requests: read",
};

/// Reads many pull requests and the files that they change, one line for each of them.
pub const SURVEY_CHANGES: Operation = Operation {
    name: "SurveyChanges",
    text: many!("SurveyChanges", "...Facts ...Files", facts!(), files!()),
    used_for: "the same with the files that they change, where the configuration asks for paths",
    permission: "pull-requests: read",
};

/// Reads many pull requests and the first comments on them, one line for each of them.
pub const OBSERVE_CONVERSATIONS: Operation = Operation {
    name: "ObserveConversations",
    text: many!("ObserveConversations", "...Facts comments(first: 20) { ...Comments }", facts!(), comments!()),
    used_for: "our comments on many pull requests, fifty pull requests at a time",
    permission: "pull-requests: read",
};

/// Reads the deployments to some environments, a hundred at a time.
pub const OBSERVE_DEPLOYMENTS: Operation = Operation {
    name: "ObserveDeployments",
    text: concat!(
        "query ObserveDeployments($owner: String!, $name: String!, $environments: [String!], $after: String) {
  repository(owner: $owner, name: $name) {
    deployments(
      environments: $environments
      first: 100
      after: $after
      orderBy: {field: CREATED_AT, direction: DESC}
    ) {
      ...Deployments
    }
  }
}",
        deployments!()
    ),
    used_for: "the deployments of all previews: what is still to be told",
    permission: "deployments: read",
};

/// Reads the names of the environments, a hundred at a time.
pub const OBSERVE_ENVIRONMENTS: Operation = Operation {
    name: "ObserveEnvironments",
    text: "query ObserveEnvironments($owner: String!, $name: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    environments(first: 100, after: $after) {
      nodes { name }
      pageInfo { hasNextPage endCursor }
    }
  }
}",
    used_for: "which environments there are, where each preview has its own",
    permission: "actions: read",
};

/// All of them.
pub const OPERATIONS: [Operation; 24] = [
    OBSERVE_PULL_REQUEST,
    OBSERVE_PULL_REQUEST_ONLY,
    SURVEY_PULL_REQUESTS,
    SURVEY_CHANGES,
    OBSERVE_CONVERSATIONS,
    OBSERVE_DEPLOYMENTS,
    OBSERVE_ENVIRONMENTS,
    OBSERVE_APPS_REPOSITORY,
    READ_APPS_REPOSITORY,
    OBSERVE_BRANCHES,
    COMMIT_TO_APPS_REPOSITORY,
    FIND_APPS_COMMIT,
    Operation::rest(
        "POST /repos/{owner}/{repo}/issues/{issue_number}/comments",
        "the first comment on a pull request",
        "pull-requests: write",
    ),
    Operation::rest(
        "PATCH /repos/{owner}/{repo}/issues/comments/{comment_id}",
        "bringing the comment up to date",
        "pull-requests: write",
    ),
    Operation::rest(
        "DELETE /repos/{owner}/{repo}/issues/comments/{comment_id}",
        "removing comments of ours that are there twice",
        "pull-requests: write",
    ),
    Operation::rest(
        "GET /repos/{owner}/{repo}/deployments",
        "the numbers of deployments, where GraphQL does not tell them",
        "deployments: read",
    ),
    Operation::rest(
        "POST /repos/{owner}/{repo}/deployments",
        "a deployment for each change of a preview",
        "deployments: write",
    ),
    Operation::rest(
        "POST /repos/{owner}/{repo}/deployments/{deployment_id}/statuses",
        "telling that a preview is on its way, or gone",
        "deployments: write",
    ),
    Operation::rest(
        "DELETE /repos/{owner}/{repo}/environments/{environment_name}",
        "removing the environment of a preview that is gone, where each has its own",
        "administration: write",
    ),
    Operation::rest(
        "GET /repos/{owner}/{repo}/environments/{environment_name}/secrets/public-key",
        "the key that a secret is encrypted to, where a secret-id of a Vault is to be a secret of an environment",
        "environments: read",
    ),
    Operation::rest(
        "PUT /repos/{owner}/{repo}/environments/{environment_name}/secrets/{secret_name}",
        "that secret (no permission of the workflow's own token is enough)",
        "environments: write",
    ),
    Operation::rest(
        "GET /repos/{owner}/{repo}/git/blobs/{file_sha}",
        "a file of the apps repository that GraphQL does not tell whole (`github` backend)",
        "contents: read",
    ),
    Operation::rest(
        "GET /repos/{owner}/{repo}",
        "what the token may do, as far as it is told (`doctor`)",
        "metadata: read",
    ),
    Operation::rest(
        "GET /repos/{owner}/{repo}/tarball/{ref}",
        "all files of a commit of the apps repository at once, for checks of many of them (`github` backend)",
        "contents: read",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_about_many_has_one_line_for_each() {
        let numbers: Vec<PullRequestNumber> = ["7", "12"].map(|number| number.parse().unwrap()).into();
        let text = SURVEY_PULL_REQUESTS.text_for(&numbers);
        assert!(
            text.contains(
                "    p7: pullRequest(number: 7) { ...Facts }\n    p12: pullRequest(number: 12) { ...Facts }\n"
            )
        );
        assert!(!text.contains("p1: "), "{text}");
        for operation in OPERATIONS.iter().filter(|operation| !operation.text.is_empty()) {
            let starts = |kind| operation.text.starts_with(&format!("{kind} {}(", operation.name));
            assert!(starts("query") || starts("mutation"), "{}", operation.name);
        }
        for operation in [SURVEY_PULL_REQUESTS, SURVEY_CHANGES, OBSERVE_CONVERSATIONS] {
            assert!(operation.text.contains(FIRST), "{}", operation.name);
        }
    }
}
