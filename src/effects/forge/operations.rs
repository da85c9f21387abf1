//! Every operation that Bivouac asks of GitHub, for the reference and for the code.

mod apps;
mod table;

pub(super) use apps::{CONTENT, ENTRY, NAMES, SURROUNDINGS, TEXT};

pub use apps::{
    COMMIT_TO_APPS_REPOSITORY, FIND_APPS_COMMIT, OBSERVE_APPS_REPOSITORY, OBSERVE_BRANCHES, READ_APPS_REPOSITORY,
};
pub use table::OPERATIONS;

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
  headRepository { nameWithOwner }
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

/// Reads the open pull requests from branches of one name, a hundred at a time.
pub const FIND_PULL_REQUESTS: Operation = Operation {
    name: "FindPullRequests",
    text: "query FindPullRequests($owner: String!, $name: String!, $branch: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequests(
      headRefName: $branch
      states: OPEN
      first: 100
      after: $after
      orderBy: {field: CREATED_AT, direction: ASC}
    ) {
      nodes {
        number
        headRefOid
        headRepository { nameWithOwner }
      }
      pageInfo { hasNextPage endCursor }
    }
  }
}",
    used_for: "which pull requests a run of the workflow that builds forks was for",
    permission: "pull-requests: read",
};

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
