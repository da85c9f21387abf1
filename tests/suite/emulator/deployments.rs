//! Deployments by the emulator's REST API, each answer held against GitHub's description.

use super::support::{REPOSITORY, Workshop, git_url, held, rest, with_pull_request};
use bivouac::emulator::{Actor, DeploymentStatusState, Emulator, NewDeployment, NewDeploymentStatus};
use serde_json::{Value, json};

const HEAD: &str = "5f2c5f2c5f2c5f2c5f2c5f2c5f2c5f2c5f2c5f2c";

/// A request for a deployment of the head of pull request 123, with a preview's settings and `more`.
fn wanted(environment: &str, more: &Value) -> Value {
    let mut body = json!({
        "ref": HEAD,
        "auto_merge": false,
        "required_contexts": [],
        "environment": environment,
        "transient_environment": true,
        "production_environment": false,
        "payload": {"preview": 123},
        "description": "Preview of pull request 123",
    });
    body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    body
}

async fn deployed(emulator: &Emulator, environment: &str, more: Value) -> u64 {
    let body = Some(wanted(environment, &more));
    let answered = held(emulator, "POST", "/deployments", "actions-token", body).await;
    assert_eq!(answered.status, 201, "{}", answered.text);
    answered.json["id"].as_u64().unwrap()
}

async fn said(emulator: &Emulator, id: u64, status: Value) -> Value {
    let path = format!("/deployments/{id}/statuses");
    let answered = held(emulator, "POST", &path, "actions-token", Some(status)).await;
    assert_eq!(answered.status, 201, "{}", answered.text);
    answered.json
}

fn latest(emulator: &Emulator, id: u64) -> Option<DeploymentStatusState> {
    let deployments = emulator.forge().deployments(REPOSITORY).unwrap();
    deployments.iter().find(|deployment| deployment.id == id).unwrap().latest()
}

#[tokio::test]
async fn a_deployment_is_made_described_and_taken_back() {
    let emulator = with_pull_request().await;
    let id = deployed(&emulator, "preview/pr-123", json!({})).await;
    assert!(i32::try_from(id).is_ok());
    let path = format!("/deployments/{id}");
    let shown = held(&emulator, "GET", &path, "reader-token", None).await.json;
    assert_eq!((&shown["ref"], &shown["sha"], &shown["task"]), (&json!(HEAD), &json!(HEAD), &json!("deploy")));
    assert_eq!(shown["payload"], json!({"preview": 123}));
    assert_eq!((&shown["transient_environment"], &shown["production_environment"]), (&json!(true), &json!(false)));
    assert_eq!(shown["creator"]["login"], "github-actions[bot]");

    let addresses = json!({"environment_url": "https://pr-123.example.com", "log_url": "https://ci.example.com/1"});
    let mut success = addresses.clone();
    success["state"] = "success".into();
    let status = said(&emulator, id, success).await;
    assert_eq!((&status["state"], &status["environment"]), (&json!("success"), &json!("preview/pr-123")));
    assert_eq!((&status["target_url"], &status["log_url"]), (&addresses["log_url"], &addresses["log_url"]));
    said(&emulator, id, json!({"state": "inactive", "target_url": "https://ci.example.com/2"})).await;
    let statuses = held(&emulator, "GET", &format!("{path}/statuses"), "reader-token", None).await.json;
    let listed: Vec<_> = statuses.as_array().unwrap().iter().map(|status| status["state"].as_str().unwrap()).collect();
    assert_eq!(listed, ["inactive", "success"]);

    let found = &emulator.forge().deployments(REPOSITORY).unwrap()[0];
    assert_eq!((found.id, found.statuses.len(), &found.creator), (id, 2, &Actor::bot("github-actions[bot]")));
    assert_eq!(found.statuses[0].environment_url, "https://pr-123.example.com");
    assert_eq!(found.statuses[1].log_url, "https://ci.example.com/2");
    let deleted = held(&emulator, "DELETE", &path, "actions-token", None).await;
    assert_eq!((deleted.status, deleted.text.as_str()), (204, ""));
    assert_eq!(held(&emulator, "GET", &path, "reader-token", None).await.status, 404);
    // What was deployed to stays.
    assert_eq!(emulator.forge().environments(REPOSITORY).unwrap(), ["preview/pr-123"]);
}

#[tokio::test]
async fn what_is_left_out_is_as_github_has_it() {
    let emulator = with_pull_request().await;
    let body = json!({"ref": HEAD, "auto_merge": false, "required_contexts": []});
    let made = held(&emulator, "POST", "/deployments", "writer-token", Some(body)).await.json;
    assert_eq!((&made["environment"], &made["production_environment"]), (&json!("production"), &json!(true)));
    assert_eq!((&made["payload"], &made["description"]), (&json!(""), &Value::Null));
    let status = said(&emulator, made["id"].as_u64().unwrap(), json!({"state": "queued"})).await;
    assert_eq!(
        (&status["environment_url"], &status["log_url"], &status["description"]),
        (&json!(""), &json!(""), &json!(""))
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_ref_is_a_commit_of_a_pull_request_or_something_in_git() {
    let emulator = with_pull_request().await;
    emulator.forge().push(REPOSITORY, 123, &"abcd".repeat(10)).unwrap();
    let workshop = Workshop::new();
    workshop.clone_with_commit(&git_url(&emulator, "writer-token", "/acme/wildside"), "one");
    workshop.done("one", &["push", "--quiet", "origin", "HEAD:trunk", "HEAD:refs/tags/v1"]);
    let tip = workshop.done("one", &["rev-parse", "HEAD"]);
    for (reference, sha) in [
        (HEAD, HEAD),
        ("topic", "abcdabcdabcdabcdabcdabcdabcdabcdabcdabcd"),
        ("trunk", &tip),
        ("refs/heads/trunk", &tip),
        ("v1", &tip),
        (&tip, &tip),
    ] {
        let body = Some(wanted("preview/x", &json!({"ref": reference})));
        let made = held(&emulator, "POST", "/deployments", "actions-token", body).await.json;
        assert_eq!((&made["sha"], &made["ref"]), (&json!(sha), &json!(reference)));
    }
    let nothing = "0".repeat(40);
    for reference in ["1234123412341234123412341234123412341234", "nowhere", "5f2c5f2", "", &nothing] {
        let body = Some(wanted("preview/x", &json!({"ref": reference})));
        let refused = held(&emulator, "POST", "/deployments", "actions-token", body).await;
        assert_eq!((refused.status, &refused.json["message"]), (422, &json!(format!("No ref found for: {reference}"))));
    }
    emulator.forge().close(REPOSITORY, 123).unwrap();
    assert!(emulator.forge().create_deployment(REPOSITORY, NewDeployment::to("x", "topic")).is_err());
}

#[tokio::test]
async fn merges_and_checks_stand_in_the_way() {
    let emulator = with_pull_request().await;
    for more in [json!({"auto_merge": true}), json!({"auto_merge": null})] {
        let body = Some(wanted("preview/x", &more));
        let merged = rest(&emulator, "POST", "/deployments", "actions-token", body).await;
        assert_eq!(
            (merged.status, merged.json["message"].as_str().unwrap().starts_with("Auto-merged main")),
            (202, true)
        );
    }
    for more in [json!({"required_contexts": null}), json!({"required_contexts": ["build"]})] {
        let body = Some(wanted("preview/x", &more));
        let refused = rest(&emulator, "POST", "/deployments", "actions-token", body).await;
        let message = format!("Conflict: Commit status checks failed for {HEAD}.");
        assert_eq!((refused.status, &refused.json["message"]), (409, &json!(message)));
        assert_eq!(refused.json["errors"][0]["field"], "required_contexts");
    }
    assert_eq!(emulator.forge().deployments(REPOSITORY).unwrap(), []);
    assert_eq!(emulator.forge().environments(REPOSITORY).unwrap(), [""; 0]);
}

/// A request that is refused: method, path, token, body, status, message.
type Refused<'a> = (&'a str, &'a str, &'a str, Value, u16, &'a str);

async fn refuses(emulator: &Emulator, cases: Vec<Refused<'_>>) {
    for (method, path, token, body, status, message) in cases {
        let body = Some(body).filter(|body| !body.is_null());
        let answered = held(emulator, method, path, token, body).await;
        assert_eq!((answered.status, answered.json["message"].as_str()), (status, Some(message)), "{method} {path}");
        assert_eq!(answered.json["status"], status.to_string());
    }
}

#[tokio::test]
async fn who_may_not_deploy_is_told_as_github_tells() {
    let emulator = with_pull_request().await;
    let id = deployed(&emulator, "preview/x", json!({})).await;
    let statuses = &format!("/deployments/{id}/statuses");
    let (good, state) = (wanted("preview/x", &json!({})), json!({"state": "success"}));
    let integration = "Resource not accessible by integration";
    let cases = vec![
        ("POST", "/deployments", "reader-token", good.clone(), 403, integration),
        ("POST", "/deployments", "stranger-token", good.clone(), 404, "Not Found"),
        ("POST", "/deployments", "wrong", good, 401, "Bad credentials"),
        ("POST", statuses, "reader-token", state.clone(), 403, integration),
        ("POST", "/deployments/1/statuses", "actions-token", state, 404, "Not Found"),
        ("GET", "/deployments", "stranger-token", Value::Null, 404, "Not Found"),
        ("GET", "/deployments/1", "reader-token", Value::Null, 404, "Not Found"),
        ("GET", "/deployments/1/statuses", "reader-token", Value::Null, 404, "Not Found"),
        ("DELETE", "/deployments/1", "actions-token", Value::Null, 404, "Not Found"),
        ("DELETE", "/environments/preview%2Fx", "actions-token", Value::Null, 403, integration),
        ("DELETE", "/environments/preview%2Fx", "stranger-token", Value::Null, 404, "Not Found"),
    ];
    refuses(&emulator, cases).await;
}

#[tokio::test]
async fn what_can_not_be_deployed_is_told_as_github_tells() {
    let emulator = with_pull_request().await;
    let id = deployed(&emulator, "preview/x", json!({})).await;
    let statuses = &format!("/deployments/{id}/statuses");
    let with = |more: Value| wanted("preview/x", &more);
    let too_long = "é".repeat(141);
    let (token, invalid) = ("actions-token", "Validation Failed");
    let cases = vec![
        ("POST", "/deployments", token, json!({}), 422, "Invalid request.\n\n\"ref\" wasn't supplied."),
        ("POST", "/deployments", token, with(json!({"description": too_long})), 422, invalid),
        ("POST", "/deployments", token, with(json!({"environment": "x".repeat(256)})), 422, invalid),
        ("POST", statuses, token, json!({"state": "waiting"}), 422, invalid),
        ("POST", statuses, token, json!({"state": "error", "log_url": "ftp://x"}), 422, invalid),
        ("POST", statuses, token, json!({"state": "error", "description": too_long}), 422, invalid),
    ];
    refuses(&emulator, cases).await;
    for payload in [json!(7), json!(["a"])] {
        let body = Some(with(json!({"payload": payload})));
        assert_eq!(held(&emulator, "POST", "/deployments", token, body).await.status, 422);
    }
    let longest = Some(with(json!({"description": "é".repeat(140)})));
    assert_eq!(held(&emulator, "POST", "/deployments", token, longest).await.status, 201);
}

#[tokio::test]
async fn a_success_makes_earlier_ones_inactive_unless_they_are_transient_or_production() {
    let emulator = with_pull_request().await;
    let permanent = json!({"transient_environment": false});
    let mut made = Vec::new();
    for (environment, more) in [
        ("staging", permanent.clone()),
        ("staging", json!({"transient_environment": true})),
        ("staging", json!({"transient_environment": false, "production_environment": true})),
        ("other", permanent.clone()),
        ("staging", permanent.clone()),
    ] {
        let id = deployed(&emulator, environment, more).await;
        said(&emulator, id, json!({"state": "success", "auto_inactive": false})).await;
        made.push(id);
    }
    let failed = deployed(&emulator, "staging", permanent.clone()).await;
    said(&emulator, failed, json!({"state": "failure"})).await;
    let newest = deployed(&emulator, "staging", permanent).await;
    said(&emulator, newest, json!({"state": "in_progress"})).await;
    let (inactive, success) = (Some(DeploymentStatusState::Inactive), Some(DeploymentStatusState::Success));
    assert_eq!(latest(&emulator, made[0]), success);
    said(&emulator, newest, json!({"state": "success"})).await;
    let states: Vec<_> = made.iter().map(|id| latest(&emulator, *id)).collect();
    assert_eq!(states, [inactive, success, success, success, inactive]);
    assert_eq!(latest(&emulator, failed), Some(DeploymentStatusState::Failure));
    assert_eq!(latest(&emulator, newest), success);
}

#[tokio::test]
async fn an_active_deployment_is_deleted_only_when_it_is_the_only_one() {
    let emulator = with_pull_request().await;
    let success = || json!({"state": "success", "auto_inactive": false});
    let delete = async |id: u64| held(&emulator, "DELETE", &format!("/deployments/{id}"), "actions-token", None).await;
    let (first, second) =
        (deployed(&emulator, "preview/x", json!({})).await, deployed(&emulator, "preview/x", json!({})).await);
    said(&emulator, first, success()).await;
    let refused = delete(first).await;
    let message = "We cannot delete an active deployment unless it is the only deployment in a given environment.";
    assert_eq!((refused.status, &refused.json["message"]), (422, &json!(message)));
    // A newer one takes over, or it is made inactive.
    said(&emulator, second, success()).await;
    assert_eq!(delete(first).await.status, 204);
    let third = deployed(&emulator, "preview/x", json!({})).await;
    assert_eq!(delete(second).await.status, 422);
    said(&emulator, second, json!({"state": "inactive"})).await;
    assert_eq!(delete(second).await.status, 204);
    said(&emulator, third, success()).await;
    assert_eq!(delete(third).await.status, 204);
    assert_eq!(emulator.forge().deployments(REPOSITORY).unwrap(), []);
}

#[tokio::test]
async fn an_environment_is_deleted_by_who_may_administer() {
    let emulator = with_pull_request().await;
    let id = deployed(&emulator, "Preview/pr-123", json!({})).await;
    let path = "/environments/preview%2Fpr-123";
    assert_eq!(held(&emulator, "DELETE", path, "writer-token", None).await.status, 403);
    emulator.change_account("octocat", |account| *account = account.clone().administering()).unwrap();
    assert_eq!(held(&emulator, "DELETE", path, "writer-token", None).await.status, 204);
    assert_eq!(held(&emulator, "DELETE", path, "writer-token", None).await.status, 404);
    assert_eq!(emulator.forge().environments(REPOSITORY).unwrap(), [""; 0]);
    assert_eq!(emulator.forge().deployments(REPOSITORY).unwrap()[0].id, id);
    // A status to another environment brings that one into being.
    said(&emulator, id, json!({"state": "success", "environment": "preview/moved"})).await;
    assert_eq!(emulator.forge().environments(REPOSITORY).unwrap(), ["preview/moved"]);
    let found = &emulator.forge().deployments(REPOSITORY).unwrap()[0];
    assert_eq!((found.environment.as_str(), found.original_environment.as_str()), ("preview/moved", "Preview/pr-123"));
}

#[tokio::test]
async fn deployments_are_listed_newest_first_by_what_is_asked() {
    let emulator = with_pull_request().await;
    let forge = emulator.forge();
    for number in 0..5 {
        let task = if number == 2 { "migrate" } else { "deploy" };
        let new =
            NewDeployment { task: task.to_owned(), ..NewDeployment::to(format!("preview/pr {}", number % 2), HEAD) };
        forge.create_deployment(REPOSITORY, new).unwrap();
    }
    let made: Vec<u64> = forge.deployments(REPOSITORY).unwrap().iter().map(|deployment| deployment.id).collect();
    let listed = async |filter: &str| {
        let answered = held(&emulator, "GET", &format!("/deployments{filter}"), "reader-token", None).await;
        let found = answered.json.as_array().unwrap().iter().map(|deployment| deployment["id"].as_u64().unwrap());
        (found.collect::<Vec<_>>(), answered.link)
    };
    assert_eq!(listed("").await, (vec![made[4], made[3], made[2], made[1], made[0]], None));
    assert_eq!(listed("?environment=preview%2Fpr+1").await.0, [made[3], made[1]]);
    assert_eq!(listed("?task=migrate").await.0, [made[2]]);
    assert_eq!(listed(&format!("?ref={HEAD}&sha={HEAD}&per_page=1")).await.0, [made[4]]);
    assert_eq!(listed("?sha=abcdabcdabcdabcdabcdabcdabcdabcdabcdabcd").await.0, [0; 0]);
    let (second, link) = listed("?environment=preview%2Fpr%200&per_page=1&page=2").await;
    assert_eq!(second, [made[2]]);
    assert!(link.unwrap().contains("/deployments?environment=preview%2Fpr%200&per_page=1&page=3>; rel=\"next\""));

    forge.delete_deployment(REPOSITORY, made[4]).unwrap();
    let status =
        NewDeploymentStatus { creator: Actor::user("hubot"), ..NewDeploymentStatus::of(DeploymentStatusState::Error) };
    forge.add_deployment_status(REPOSITORY, made[3], status).unwrap();
    assert_eq!(latest(&emulator, made[3]), Some(DeploymentStatusState::Error));
    assert!(forge.delete_deployment(REPOSITORY, made[4]).is_err());
}
