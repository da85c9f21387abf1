//! What the `github` backend asks of GitHub. The questions about a commit are examples: they have one line for each path.

use super::Operation;

/// The names in a directory.
macro_rules! names {
    () => {
        "

fragment Names on GitObject {
  __typename
  oid
  ... on Tree { entries { ...Entry } }
}"
    };
}

/// The names in a directory, and in the directories directly in it.
macro_rules! surroundings {
    () => {
        "

fragment Surroundings on GitObject {
  __typename
  oid
  ... on Tree { entries { ...Entry object { ... on Tree { entries { ...Entry } } } } }
}"
    };
}

/// The text of a file; the names in a directory, and the texts of the files directly in it.
macro_rules! content {
    () => {
        "

fragment Content on GitObject {
  __typename
  oid
  ... on Blob { ...Text }
  ... on Tree { entries { ...Entry object { ... on Blob { ...Text } } } }
}"
    };
}

/// The text of a file, and whether it is whole.
macro_rules! text {
    () => {
        "

fragment Text on Blob {
  byteSize
  isBinary
  isTruncated
  text
}"
    };
}

/// A name in a directory, and what it is of.
macro_rules! entry {
    () => {
        "

fragment Entry on TreeEntry {
  name
  nameRaw
  mode
  type
  oid
}"
    };
}

/// The names in a directory.
pub(in super::super) const NAMES: &str = names!();
/// The names in a directory, and in the directories directly in it.
pub(in super::super) const SURROUNDINGS: &str = surroundings!();
/// The text of a file; the names in a directory, and the texts of the files directly in it.
pub(in super::super) const CONTENT: &str = content!();
/// The text of a file, and whether it is whole.
pub(in super::super) const TEXT: &str = text!();
/// A name in a directory, and what it is of.
pub(in super::super) const ENTRY: &str = entry!();

/// Reads the tip of a branch of the apps repository, with what is needed of it: one line for each path.
pub const OBSERVE_APPS_REPOSITORY: Operation = Operation {
    name: "ObserveAppsRepository",
    text: concat!(
        "query ObserveAppsRepository($owner: String!, $name: String!, $e0: String!, $e1: String!, $p1: String!) {
  repository(owner: $owner, name: $name) {
    isEmpty
    first: defaultBranchRef { name target { oid ... on Commit { f1: file(path: $p1) { mode type oid } } } }
    o0: object(expression: $e0) { ...Surroundings }
    o1: object(expression: $e1) { ...Content }
    last: defaultBranchRef { name target { oid } }
  }
}",
        surroundings!(),
        content!(),
        text!(),
        entry!(),
    ),
    used_for: "the apps repository at its tip, with the files and the names that are needed (`github` backend)",
    permission: "contents: read",
};

/// Reads more of a commit of the apps repository: one line for each path.
pub const READ_APPS_REPOSITORY: Operation = Operation {
    name: "ReadAppsRepository",
    text: concat!(
        "query ReadAppsRepository($owner: String!, $name: String!, $commit: GitObjectID!, $e0: String!, $e1: String!, $p1: String!) {
  repository(owner: $owner, name: $name) {
    commit: object(oid: $commit) { ... on Commit { f1: file(path: $p1) { mode type oid } } }
    o0: object(expression: $e0) { ...Names }
    o1: object(expression: $e1) { __typename oid }
  }
}",
        names!(),
        entry!(),
    ),
    used_for: "more of the same commit, fifty paths at a time",
    permission: "contents: read",
};

/// Reads the names of some branches.
pub const OBSERVE_BRANCHES: Operation = Operation {
    name: "ObserveBranches",
    text: "query ObserveBranches($owner: String!, $name: String!) {
  repository(owner: $owner, name: $name) {
    refs(refPrefix: \"refs/heads/\", first: 10) { nodes { name } }
  }
}",
    used_for: "which branches there are, when the one that was asked for is not",
    permission: "contents: read",
};

/// Commits to a branch, provided that it is where it was read.
pub const COMMIT_TO_APPS_REPOSITORY: Operation = Operation {
    name: "CommitToAppsRepository",
    text: "mutation CommitToAppsRepository($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) { commit { oid } }
}",
    used_for: "the commit to the apps repository (`github` backend)",
    permission: "contents: write",
};

/// Reads the latest commits of a branch, a hundred at a time.
pub const FIND_APPS_COMMIT: Operation = Operation {
    name: "FindAppsCommit",
    text: "query FindAppsCommit($owner: String!, $name: String!, $branch: String!, $after: String) {
  repository(owner: $owner, name: $name) {
    ref(qualifiedName: $branch) {
      target {
        oid
        ... on Commit {
          history(first: 100, after: $after) {
            nodes { oid message parents(first: 1) { nodes { oid } } }
            pageInfo { hasNextPage endCursor }
          }
        }
      }
    }
  }
}",
    used_for: "whether the commit has landed, when its answer was lost",
    permission: "contents: read",
};
