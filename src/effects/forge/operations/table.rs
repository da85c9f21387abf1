//! The table of the operations.

use super::{
    COMMIT_TO_APPS_REPOSITORY, FIND_APPS_COMMIT, FIND_PULL_REQUESTS, OBSERVE_APPS_REPOSITORY, OBSERVE_BRANCHES,
    OBSERVE_CONVERSATIONS, OBSERVE_DEPLOYMENTS, OBSERVE_ENVIRONMENTS, OBSERVE_PULL_REQUEST, OBSERVE_PULL_REQUEST_ONLY,
    Operation, READ_APPS_REPOSITORY, SURVEY_CHANGES, SURVEY_PULL_REQUESTS,
};

/// All of them.
pub const OPERATIONS: [Operation; 34] = [
    OBSERVE_PULL_REQUEST,
    OBSERVE_PULL_REQUEST_ONLY,
    SURVEY_PULL_REQUESTS,
    SURVEY_CHANGES,
    OBSERVE_CONVERSATIONS,
    OBSERVE_DEPLOYMENTS,
    OBSERVE_ENVIRONMENTS,
    FIND_PULL_REQUESTS,
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
        "telling that a preview is on its way, ready, failed, or gone",
        "deployments: write",
    ),
    Operation::rest(
        "GET /repos/{owner}/{repo}/commits/{ref}/statuses",
        "what Flux says of the release on the head commit, where a preview is waited for and `checks.ready.flux` is set",
        "statuses: read",
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
    Operation::rest(
        "GET /repos/{owner}/{repo}/collaborators/{username}/permission",
        "whether somebody who asks for something in a comment, or approves a fork, may push",
        "metadata: read",
    ),
    Operation::rest(
        "POST /repos/{owner}/{repo}/issues/comments/{comment_id}/reactions",
        "answering a comment that asks for something",
        "pull-requests: write",
    ),
    Operation::rest(
        "POST /repos/{owner}/{repo}/issues/{issue_number}/labels",
        "putting a label on a pull request, as a comment asks",
        "pull-requests: write",
    ),
    Operation::rest(
        "DELETE /repos/{owner}/{repo}/issues/{issue_number}/labels/{name}",
        "taking a label off a pull request, as a comment asks",
        "pull-requests: write",
    ),
    Operation::rest(
        "GET /repos/{owner}/{repo}/commits/{ref}",
        "the whole id of a commit of which an approval names the beginning",
        "contents: read",
    ),
    Operation::rest(
        "GET /repos/{owner}/{repo}/actions/workflows/{workflow_id}/runs",
        "the builds of a fork's commit",
        "actions: read",
    ),
    Operation::rest(
        "GET /repos/{owner}/{repo}/actions/runs/{run_id}/artifacts",
        "what a build of a fork left",
        "actions: read",
    ),
    Operation::rest(
        "GET /repos/{owner}/{repo}/actions/artifacts/{artifact_id}/{archive_format}",
        "an image that a build of a fork left",
        "actions: read",
    ),
];
