//! Deployments by the emulator's GraphQL, each query and answer held against GitHub's schema.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use super::support::{REPOSITORY, accounts, data, query, started, with_pull_request};
use bivouac::emulator::{
    Actor, DeploymentStatusState, Emulator, NewDeployment, NewDeploymentStatus, NewPullRequest, Settings,
};
use jiff::Timestamp;
use serde_json::{Value, json};

const HEAD: &str = "5f2c5f2c5f2c5f2c5f2c5f2c5f2c5f2c5f2c5f2c";

const EVERYTHING: &str = "deployments(first: 1) { totalCount nodes {
    id databaseId payload task environment originalEnvironment latestEnvironment description state
    commitOid commit { oid abbreviatedOid commitUrl } createdAt updatedAt
    creator { __typename login } repository { nameWithOwner }
    latestStatus {
      id state environment environmentUrl logUrl description createdAt updatedAt
      creator { login } deployment { databaseId }
    }
    statuses(first: 5) { nodes { state logUrl } }
} }";

fn deploy(emulator: &Emulator, new: NewDeployment) -> u64 {
    emulator.forge().create_deployment(REPOSITORY, new).unwrap().id
}

fn say(emulator: &Emulator, id: u64, state: DeploymentStatusState) {
    emulator.forge().add_deployment_status(REPOSITORY, id, NewDeploymentStatus::of(state)).unwrap();
}

#[tokio::test]
async fn a_deployment_is_seen_with_all_that_was_said_of_it() {
    let emulator = with_pull_request().await;
    let id = deploy(
        &emulator,
        NewDeployment {
            payload: json!({"preview": {"number": 123}}),
            description: Some("Preview".to_owned()),
            transient: true,
            creator: Actor::bot("github-actions[bot]"),
            ..NewDeployment::to("preview/pr-123", HEAD)
        },
    );
    say(&emulator, id, DeploymentStatusState::InProgress);
    let success = NewDeploymentStatus {
        environment: Some("preview/moved".to_owned()),
        environment_url: "https://pr-123.example.com".to_owned(),
        log_url: "https://ci.example.com/1".to_owned(),
        description: "There".to_owned(),
        ..NewDeploymentStatus::of(DeploymentStatusState::Success)
    };
    emulator.forge().add_deployment_status(REPOSITORY, id, success).unwrap();
    let found = data(&emulator, &query(EVERYTHING)).await["deployments"]["nodes"][0].take();
    let payload: Value = serde_json::from_str(found["payload"].as_str().unwrap()).unwrap();
    assert_eq!(payload, json!({"preview": {"number": 123}}));
    assert_eq!(
        (&found["databaseId"], &found["state"], &found["commitOid"]),
        (&json!(id), &json!("ACTIVE"), &json!(HEAD))
    );
    assert_eq!(found["creator"], json!({"__typename": "Bot", "login": "github-actions"}));
    assert_eq!(
        (&found["environment"], &found["originalEnvironment"]),
        (&json!("preview/moved"), &json!("preview/pr-123"))
    );
    assert_eq!(found["latestStatus"]["environmentUrl"], "https://pr-123.example.com");
    assert_eq!(
        found["statuses"]["nodes"],
        json!([{"state": "SUCCESS", "logUrl": "https://ci.example.com/1"}, {"state": "IN_PROGRESS", "logUrl": null}])
    );
}

#[tokio::test]
async fn a_state_follows_the_latest_status_and_the_clock() {
    let now = Arc::new(AtomicI64::new(1_800_000_000));
    let clock = Arc::clone(&now);
    let settings =
        Settings::new(accounts()).with_clock(move || Timestamp::from_second(clock.load(Ordering::SeqCst)).unwrap());
    let emulator = started(settings).await;
    let new = NewPullRequest { number: Some(123), ..NewPullRequest::from_branch("topic", HEAD) };
    emulator.forge().open_pull_request(REPOSITORY, new).unwrap();
    let transient = deploy(&emulator, NewDeployment { transient: true, ..NewDeployment::to("preview", HEAD) });
    let permanent = deploy(&emulator, NewDeployment::to("staging", HEAD));
    let states = async || {
        let found = data(&emulator, &query("deployments(last: 2) { nodes { state updatedAt } }")).await;
        [0, 1].map(|index| found["deployments"]["nodes"][index]["state"].as_str().unwrap().to_owned())
    };
    assert_eq!(states().await, ["PENDING", "PENDING"]);
    for (state, seen) in [
        (DeploymentStatusState::Error, ["ERROR", "ERROR"]),
        (DeploymentStatusState::Failure, ["FAILURE", "FAILURE"]),
        (DeploymentStatusState::Inactive, ["DESTROYED", "INACTIVE"]),
        (DeploymentStatusState::InProgress, ["IN_PROGRESS", "IN_PROGRESS"]),
        (DeploymentStatusState::Queued, ["QUEUED", "QUEUED"]),
        (DeploymentStatusState::Success, ["ACTIVE", "ACTIVE"]),
        (DeploymentStatusState::Pending, ["PENDING", "PENDING"]),
    ] {
        say(&emulator, transient, state);
        say(&emulator, permanent, state);
        assert_eq!(states().await, seen);
    }
    now.fetch_add(30 * 60 + 1, Ordering::SeqCst);
    say(&emulator, permanent, DeploymentStatusState::Success);
    assert_eq!(states().await, ["ABANDONED", "ACTIVE"]);
    let deployment = &emulator.forge().deployments(REPOSITORY).unwrap()[1];
    assert_eq!(deployment.updated_at.duration_since(deployment.created_at).as_secs(), 1_801);
}

#[tokio::test]
async fn deployments_are_found_by_environment_and_by_commit() {
    let emulator = with_pull_request().await;
    emulator.forge().push(REPOSITORY, 123, &"abcd".repeat(10)).unwrap();
    let made: Vec<u64> = (0..6)
        .map(|number| {
            let reference = if number < 3 { HEAD.to_owned() } else { "abcd".repeat(10) };
            deploy(&emulator, NewDeployment::to(format!("preview/pr-{}", number % 3), reference))
        })
        .collect();
    let numbers = async |selections: &str| {
        let mut found = data(&emulator, &query(selections)).await;
        let found = if found["object"].is_null() { &mut found } else { &mut found["object"] };
        let nodes = found["deployments"]["nodes"].take();
        nodes.as_array().unwrap().iter().map(|node| node["databaseId"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    let nodes = "{ nodes { databaseId } }";
    let of_both = "environments: [\"preview/pr-0\", \"preview/pr-2\"]";
    let newest = "orderBy: {field: CREATED_AT, direction: DESC}";
    assert_eq!(numbers(&format!("deployments(first: 9) {nodes}")).await, made);
    assert_eq!(numbers(&format!("deployments(last: 2) {nodes}")).await, made[4..]);
    assert_eq!(
        numbers(&format!("deployments({of_both}, {newest}, first: 3) {nodes}")).await,
        [made[5], made[3], made[2]]
    );
    let of_head = format!("object(oid: \"{HEAD}\") {{ oid ... on Commit {{ deployments(first: 9) {nodes} }} }}");
    assert_eq!(numbers(&of_head).await, made[..3]);
    let of_head = format!("object(oid: \"{HEAD}\") {{ ... on Commit {{ deployments({of_both}, last: 1) {nodes} }} }}");
    assert_eq!(numbers(&of_head).await, [made[2]]);
    let unknown = data(&emulator, &query(&format!("object(oid: \"{}\") {{ oid }}", "1234".repeat(10)))).await;
    assert_eq!(unknown, json!({"object": null}));

    // The one that the cursor stands at goes away between two pages.
    let page = "{ nodes { databaseId } pageInfo { hasNextPage hasPreviousPage startCursor endCursor } }";
    let first = data(&emulator, &query(&format!("deployments(first: 2, {newest}) {page}"))).await;
    let cursor = first["deployments"]["pageInfo"]["endCursor"].as_str().unwrap().to_owned();
    emulator.forge().delete_deployment(REPOSITORY, made[4]).unwrap();
    let second = format!("deployments(first: 9, after: \"{cursor}\", {newest}) {page}");
    assert_eq!(numbers(&second).await, [made[3], made[2], made[1], made[0]]);
}

#[tokio::test]
async fn environments_are_listed_by_name() {
    let emulator = with_pull_request().await;
    for name in ["preview/pr-2", "Preview/pr-1", "staging", "preview/PR-2"] {
        deploy(&emulator, NewDeployment::to(name, HEAD));
    }
    let found = data(
        &emulator,
        &query("environments(first: 2) { totalCount nodes { name id databaseId } pageInfo { endCursor hasNextPage } }"),
    )
    .await;
    let names = |found: &Value| {
        let nodes = found["environments"]["nodes"].as_array().unwrap().iter();
        nodes.map(|node| node["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(names(&found), ["Preview/pr-1", "preview/pr-2"]);
    assert_eq!(
        (&found["environments"]["totalCount"], &found["environments"]["pageInfo"]["hasNextPage"]),
        (&json!(3), &json!(true))
    );
    let cursor = found["environments"]["pageInfo"]["endCursor"].as_str().unwrap();
    emulator.forge().delete_environment(REPOSITORY, "preview/pr-2").unwrap();
    let rest =
        data(&emulator, &query(&format!("environments(first: 2, after: \"{cursor}\") {{ nodes {{ name }} }}"))).await;
    assert_eq!(names(&rest), ["staging"]);
    let selections =
        "environments(names: [\"staging\"], first: 1, orderBy: {field: NAME, direction: DESC}) { nodes { name } }
        environment(name: \"STAGING\") { name } nothing: environment(name: \"x\") { name }";
    let found = data(&emulator, &query(selections)).await;
    assert_eq!(names(&found), ["staging"]);
    assert_eq!((&found["environment"]["name"], &found["nothing"]), (&json!("staging"), &Value::Null));
}

#[tokio::test]
async fn ghosts_deploy_and_numbers_outgrow_their_type() {
    let emulator = with_pull_request().await;
    emulator.forge().number_deployments_from(4_442_074_271);
    let id = deploy(&emulator, NewDeployment { creator: Actor::ghost(), ..NewDeployment::to("preview", HEAD) });
    assert_eq!(id, 4_442_074_271);
    let found =
        data(&emulator, &query("deployments(first: 1) { nodes { databaseId creator { __typename login } } }")).await;
    assert_eq!(
        found["deployments"]["nodes"],
        json!([{"databaseId": null, "creator": {"__typename": "User", "login": "ghost"}}])
    );
}
