//! What the REST half lets pass, and what it refuses.

use serde_json::{Value, json};

use super::GITHUB;

const COMMIT: &str = "5f2c9d1e0b7a4c3d8e6f1a2b3c4d5e6f7a8b9c0d";

fn request(method: &str, path: &str, body: &Value) -> Result<(), String> {
    let body = (!body.is_null()).then(|| body.to_string().into_bytes());
    GITHUB.check_rest(method, path, body.as_deref())
}

fn refuses(method: &str, path: &str, body: &Value, because: &str) {
    let why = request(method, path, body).expect_err(&format!("`{method} {path}` is let through"));
    assert!(why.contains(because), "`{method} {path}` is refused because of {why}, and not because of {because}");
}

fn passes(method: &str, path: &str, body: &Value) {
    request(method, &format!("/repos/acme/wildside{path}"), body).unwrap();
}

#[test]
fn reads_that_github_describes_pass() {
    for path in [
        "/pulls?state=open&per_page=100&page=2",
        "/pulls/123",
        "/pulls/123/files?per_page=100",
        "/contents/overlays/ephemeral/pr-1/kustomization.yaml?ref=main",
        "/git/ref/heads/feature/x",
        "/commits/feature/x/status",
        "/deployments?environment=preview&sha=5f2c",
    ] {
        passes("GET", path, &json!(null));
    }
}

#[test]
fn writes_that_github_describes_pass() {
    let comment = json!({"body": "hello"});
    passes("POST", "/issues/123/comments", &comment);
    passes("PATCH", "/issues/comments/1", &comment);
    passes("DELETE", "/issues/comments/1", &json!(null));
    let labels = json!({"labels": ["keep-preview"]});
    passes("POST", "/issues/1/labels", &labels);
    let deployment = json!({
        "ref": COMMIT, "environment": "preview", "required_contexts": [], "auto_merge": false,
        "transient_environment": true, "payload": {"pull-request": 123}, "description": null,
    });
    passes("POST", "/deployments", &deployment);
    let status = json!({
        "state": "in_progress", "environment_url": "https://pr-123.example.com", "auto_inactive": false,
    });
    passes("POST", "/deployments/1/statuses", &status);
}

#[test]
fn a_path_or_a_method_that_does_not_exist_is_refused() {
    refuses("GET", "/repos/acme/wildside/pull/123", &json!(null), "describes no");
    refuses("GET", "/api/v3/repos/acme/wildside/pulls/123", &json!(null), "describes no");
    refuses("GET", "/repos//wildside/pulls/123", &json!(null), "describes no");
    refuses("DELETE", "/repos/acme/wildside/pulls/123", &json!(null), "no `DELETE`");
}

#[test]
fn a_path_parameter_of_another_type_is_refused() {
    refuses("GET", "/repos/acme/wildside/pulls/abc", &json!(null), "`pull_number` may not be `abc`");
}

#[test]
fn a_query_that_github_does_not_describe_is_refused() {
    let pulls = |query: &str| format!("/repos/acme/wildside/pulls?{query}");
    refuses("GET", &pulls("perpage=100"), &json!(null), "no query parameter `perpage`");
    refuses("GET", &pulls("per_page=101"), &json!(null), "at most 100");
    refuses("GET", &pulls("per_page=many"), &json!(null), "`per_page` may not be `many`");
    refuses("GET", &pulls("state=merged"), &json!(null), "`state` may not be `merged`");
    refuses("GET", "/search/issues?per_page=1", &json!(null), "query parameter `q` is missing");
}

#[test]
fn a_body_that_github_does_not_describe_is_refused() {
    let comments = "/repos/acme/wildside/issues/123/comments";
    refuses("POST", comments, &json!(null), "needs a body");
    refuses("POST", comments, &json!({}), "\"body\" is a required property");
    refuses("POST", comments, &json!({"body": 1}), "`/body`");
    refuses("POST", comments, &json!({"body": "hello", "sticky": true}), "no property `sticky`");
    refuses("GET", comments, &json!({"body": "hello"}), "takes no body");
    let why = GITHUB.check_rest("POST", comments, Some(b"{")).unwrap_err();
    assert!(why.contains("not JSON"), "{why}");
    let status = json!({"state": "ready"});
    refuses("POST", "/repos/acme/wildside/deployments/1/statuses", &status, "`/state`");
}

#[test]
fn a_deprecated_operation_is_refused() {
    refuses("GET", "/teams/1", &json!(null), "deprecated");
}

#[test]
fn answers_are_held_to_the_description_too() {
    let path = "/repos/acme/wildside/issues/123/labels";
    let label = json!([{"id": 1, "node_id": "LA_1", "url": "https://example.com/1", "name": "bug", "description": null,
                        "color": "d73a4a", "default": true}]);
    let answer = |status, body: &Value| GITHUB.check_rest_answer("GET", path, status, body.to_string().as_bytes());
    answer(200, &label).unwrap();
    answer(404, &json!({"message": "Not Found", "documentation_url": "https://example.com", "status": "404"})).unwrap();
    answer(503, &json!({"message": "GitHub is on fire"})).unwrap();

    let mut without_name = label.clone();
    without_name[0].as_object_mut().unwrap().remove("name");
    assert!(answer(200, &without_name).unwrap_err().contains("\"name\" is a required property"));
    let mut wrong_address = label;
    wrong_address[0]["url"] = json!("no address");
    assert!(answer(200, &wrong_address).unwrap_err().contains("`/0/url`"));
    assert!(answer(202, &json!([])).unwrap_err().contains("does not describe this status"));
    assert!(answer(503, &json!({})).unwrap_err().contains("message"));
}

#[test]
fn an_answer_without_content_has_no_body() {
    let path = "/repos/acme/wildside/issues/comments/1";
    GITHUB.check_rest_answer("DELETE", path, 204, b"").unwrap();
    assert!(GITHUB.check_rest_answer("DELETE", path, 204, b"{}").unwrap_err().contains("no body"));
}
