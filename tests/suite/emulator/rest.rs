//! The emulator's REST API and its guard, with a plain HTTP client.

use super::support::{REPOSITORY, accounts, call, rest, started, with_pull_request};
use bivouac::emulator::{Actor, Answer, RequestKind, Settings, Verdict};
use serde_json::json;

#[tokio::test]
async fn a_comment_is_written_edited_and_deleted() {
    let emulator = with_pull_request().await;
    let created = rest(&emulator, "POST", "/issues/123/comments", "actions-token", Some(json!({"body": "one"}))).await;
    assert_eq!(created.status, 201);
    let id = created.json["id"].as_u64().unwrap();
    assert!(id > u64::from(u32::MAX));
    assert_eq!(created.json["html_url"], format!("{}/acme/wildside/pull/123#issuecomment-{id}", emulator.server_url()));
    assert_eq!(
        (&created.json["user"]["login"], &created.json["user"]["type"]),
        (&json!("github-actions[bot]"), &json!("Bot"))
    );
    assert_eq!(created.json["created_at"], "2026-11-21T10:00:00Z");

    // Whoever may write may edit what others wrote.
    let path = format!("/issues/comments/{id}");
    let edited = rest(&emulator, "PATCH", &path, "writer-token", Some(json!({"body": "two"}))).await;
    assert_eq!((edited.status, &edited.json["body"]), (200, &json!("two")));
    assert_eq!(emulator.forge().comments(REPOSITORY, 123).unwrap()[0].author, Actor::bot("github-actions[bot]"));
    assert_eq!(rest(&emulator, "GET", &path, "reader-token", None).await.json["body"], "two");

    let deleted = rest(&emulator, "DELETE", &path, "writer-token", None).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    for method in ["DELETE", "PATCH", "GET"] {
        assert_eq!(rest(&emulator, method, &path, "writer-token", Some(json!({"body": "x"}))).await.status, 404);
    }
    let log = emulator.requests();
    assert_eq!((log[0].kind, &log[0].body, log[0].status), (RequestKind::Api, &json!({"body": "one"}), Some(201)));
    assert_eq!(log[0].path, "/api/v3/repos/acme/wildside/issues/123/comments");
}

#[tokio::test]
async fn refusals_read_like_github() {
    let emulator = with_pull_request().await;
    let comments = "/issues/123/comments";
    let body = || Some(json!({"body": "x"}));
    let cases = [
        ("GET", "/pulls/123", "wrong", None, 401, "Bad credentials"),
        ("GET", "/pulls/9", "writer-token", None, 404, "Not Found"),
        ("GET", "/pulls/123", "stranger-token", None, 404, "Not Found"),
        ("GET", "/nonsense", "writer-token", None, 404, "Not Found"),
        ("POST", "/issues/9/comments", "writer-token", body(), 404, "Not Found"),
        ("POST", comments, "reader-token", body(), 403, "Resource not accessible by integration"),
        ("POST", comments, "writer-token", Some(json!({"body": " "})), 422, "Validation Failed"),
        ("POST", comments, "writer-token", Some(json!({"body": "é".repeat(65_537)})), 422, "Validation Failed"),
        ("POST", comments, "writer-token", Some(json!({})), 422, "Invalid request.\n\n\"body\" wasn't supplied."),
    ];
    for (method, path, token, body, status, message) in cases {
        let answered = rest(&emulator, method, path, token, body).await;
        assert_eq!((answered.status, answered.json["message"].as_str()), (status, Some(message)), "{method} {path}");
        assert_eq!(answered.json["status"], status.to_string());
        assert!(answered.json["documentation_url"].as_str().unwrap().starts_with("https://docs.github.com/rest"));
    }
    let longest = Some(json!({"body": "é".repeat(65_536)}));
    assert_eq!(rest(&emulator, "POST", comments, "writer-token", longest).await.status, 201);
    let url = format!("{}/repos/{REPOSITORY}", emulator.api_url());
    assert_eq!(call("GET", &url, None, None).await.json["message"], "Requires authentication");
    assert_eq!(call("POST", &emulator.graphql_url(), Some("wrong"), Some("{}".into())).await.status, 401);
}

#[tokio::test]
async fn comments_are_listed_page_by_page() {
    let emulator = with_pull_request().await;
    for number in 0..5 {
        emulator.forge().comment(REPOSITORY, 123, Actor::user("octocat"), &format!("comment {number}")).unwrap();
    }
    let page = rest(&emulator, "GET", "/issues/123/comments?per_page=2&page=2", "reader-token", None).await;
    let bodies: Vec<_> =
        page.json.as_array().unwrap().iter().map(|comment| comment["body"].as_str().unwrap()).collect();
    assert_eq!(bodies, ["comment 2", "comment 3"]);
    assert!(page.link.unwrap().contains("page=3>; rel=\"next\""));
    let last = rest(&emulator, "GET", "/issues/123/comments?per_page=2&page=3", "reader-token", None).await;
    assert_eq!((last.json.as_array().unwrap().len(), last.link), (1, None));
}

#[tokio::test]
async fn a_guard_sees_everything_and_may_answer() {
    let settings = Settings::new(accounts()).with_guard(|request| match request.path.as_str() {
        "/api/graphql" => Verdict::Answer(Answer::new(502, "text/html", "<h1>Bad Gateway</h1>")),
        path if path.ends_with("/pulls/1") => panic!("{request:?}"),
        _ => Verdict::Pass,
    });
    let emulator = started(settings).await;
    let answered = call("POST", &emulator.graphql_url(), Some("wrong"), Some("{}".to_owned())).await;
    assert_eq!((answered.status, answered.text.as_str()), (502, "<h1>Bad Gateway</h1>"));
    assert_eq!(rest(&emulator, "GET", "/pulls/1", "writer-token", None).await.status, 500);
    assert_eq!(rest(&emulator, "GET", "", "writer-token", None).await.status, 200);
    let log = emulator.requests();
    assert_eq!(log.iter().map(|request| request.status).collect::<Vec<_>>(), [Some(502), Some(500), Some(200)]);
    assert!(!format!("{:?}{log:?}", accounts()).contains("-token"));
}
