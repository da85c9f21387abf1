//! What the emulator answers, held against GitHub's published descriptions.

use bivouac::effects::forge::OBSERVE_PULL_REQUEST;
use bivouac::emulator::Actor;
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
