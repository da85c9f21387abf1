//! What the emulator answers, held against GitHub's published descriptions.

use bivouac::effects::forge::OBSERVE_PULL_REQUEST;
use bivouac::emulator::{Actor, CommitStatusState, NewCommitStatus};
use serde_json::json;

use super::support::{REPOSITORY, graphql, rest, with_pull_request};
use crate::world::DESCRIBED;

#[tokio::test(flavor = "multi_thread")]
async fn what_the_emulator_answers_is_what_github_describes() {
    let emulator = with_pull_request().await;
    emulator.forge().comment(REPOSITORY, 123, Actor::user("octocat"), "Nice").unwrap();
    for number in [123, 124] {
        let variables = json!({"owner": "acme", "name": "wildside", "number": number});
        let request = json!({"query": OBSERVE_PULL_REQUEST.text, "variables": variables}).to_string();
        let answer = graphql(&emulator, "actions-token", OBSERVE_PULL_REQUEST.text, variables).await;
        DESCRIBED.check_graphql_answer(request.as_bytes(), answer.to_string().as_bytes()).unwrap();
    }

    let body = || Some(json!({"body": "one"}));
    let comments = "/issues/123/comments".to_owned();
    let created = rest(&emulator, "POST", &comments, "actions-token", body()).await;
    let comment = format!("/issues/comments/{}", created.json["id"]);
    let edited = rest(&emulator, "PATCH", &comment, "actions-token", body()).await;
    let missing = rest(&emulator, "PATCH", "/issues/comments/1", "actions-token", body()).await;
    for (method, path, answered) in
        [("POST", &comments, &created), ("PATCH", &comment, &edited), ("PATCH", &comment, &missing)]
    {
        let path = format!("/repos/{REPOSITORY}{path}");
        DESCRIBED.check_rest_answer(method, &path, answered.status, answered.text.as_bytes()).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_statuses_of_a_commit_are_listed_as_github_lists_them_the_latest_first() {
    use CommitStatusState::{Error, Failure, Pending, Success};
    let emulator = with_pull_request().await;
    let head = emulator.forge().pull_request(REPOSITORY, 123).unwrap().head_sha;
    for (state, text) in [(Pending, "on its way"), (Failure, "no"), (Error, ""), (Success, "there")] {
        let new = NewCommitStatus::new("helmrelease/wildside/1", state, text);
        emulator.forge().post_status(REPOSITORY, &head, new).unwrap();
    }
    let path = format!("/commits/{head}/statuses?per_page=3");
    let listed = rest(&emulator, "GET", &path, "actions-token", None).await;
    let path = format!("/repos/{REPOSITORY}{path}");
    DESCRIBED.check_rest_answer("GET", &path, listed.status, listed.text.as_bytes()).unwrap();
    let states: Vec<_> = listed.json.as_array().unwrap().iter().map(|one| one["state"].clone()).collect();
    assert_eq!(states, ["success", "error", "failure"]);
    let unknown = "0123456789012345678901234567890123456789";
    assert!(emulator.forge().post_status(REPOSITORY, unknown, NewCommitStatus::new("x", Success, "")).is_err());
    let missing = rest(&emulator, "GET", &format!("/commits/{unknown}/statuses"), "actions-token", None).await;
    assert_eq!(missing.status, 404);
}
