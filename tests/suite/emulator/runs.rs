//! The emulator's runs of workflows and what they leave, held against GitHub's description.

use bivouac::emulator::{Emulator, NewWorkflowRun, RunConclusion, RunStatus};
use reqwest::redirect::Policy;
use reqwest::{Client, Response};
use serde_json::{Value, json};

use super::support::{REPOSITORY, held, rest, with_pull_request};

const WORKFLOW: &str = "preview-fork-build.yml";

fn run(sha: &str) -> NewWorkflowRun {
    NewWorkflowRun::for_pull_request(WORKFLOW, "stranger/wildside", "patch-1", sha)
}

fn add(emulator: &Emulator, new: NewWorkflowRun) -> u64 {
    emulator.forge().add_run(REPOSITORY, new).unwrap().id
}

async fn listed(emulator: &Emulator, filters: &str) -> Vec<u64> {
    let path = format!("/actions/workflows/{WORKFLOW}/runs?{filters}");
    let told = held(emulator, "GET", &path, "reader-token", None).await.json;
    let runs = told["workflow_runs"].as_array().unwrap();
    runs.iter().map(|run| run["id"].as_u64().unwrap()).collect()
}

#[tokio::test]
async fn the_runs_of_a_workflow_are_listed_the_latest_first_as_the_filters_say() {
    use RunStatus::{Completed, InProgress};
    let emulator = with_pull_request().await;
    let (a, b) = ("a".repeat(40), "b".repeat(40));
    let one = add(&emulator, run(&a));
    let two = add(&emulator, run(&a).at(InProgress, None));
    let three = add(&emulator, run(&b).at(Completed, Some(RunConclusion::ActionRequired)));
    let four = add(&emulator, NewWorkflowRun { event: "push".to_owned(), ..run(&b) });
    let other = add(&emulator, NewWorkflowRun { workflow: "other.yml".to_owned(), ..run(&a) });
    for (filters, expected) in [
        ("", vec![four, three, two, one]),
        (&format!("head_sha={a}&event=pull_request&per_page=100"), vec![two, one]),
        (&format!("head_sha={b}"), vec![four, three]),
        ("event=push", vec![four]),
        ("status=in_progress", vec![two]),
        ("status=action_required", vec![three]),
        ("status=success&branch=patch-1", vec![four, one]),
        ("per_page=1&page=2", vec![three]),
        ("head_sha=0", vec![]),
    ] {
        assert_eq!(listed(&emulator, filters).await, expected, "{filters}");
    }
    assert!(one > u64::from(u32::MAX));
    let numbers = emulator.forge().runs(REPOSITORY).unwrap().into_iter().map(|run| (run.id, run.number));
    assert_eq!(numbers.collect::<Vec<_>>(), [(one, 1), (two, 2), (three, 3), (four, 4), (other, 1)]);
}

#[tokio::test]
async fn a_run_tells_what_it_was_for_and_how_far_it_is() {
    let emulator = with_pull_request().await;
    let id = add(&emulator, run(&"a".repeat(40)).at(RunStatus::Queued, None));
    let path = format!("/actions/workflows/{WORKFLOW}/runs");
    let told = async |path: &str| {
        let mut told = held(&emulator, "GET", path, "reader-token", None).await.json;
        assert_eq!(told["total_count"], 1);
        told["workflow_runs"][0].take()
    };
    let queued = told(&path).await;
    assert_eq!((&queued["id"], &queued["status"], &queued["conclusion"]), (&json!(id), &json!("queued"), &Value::Null));
    assert_eq!((&queued["head_sha"], &queued["head_branch"]), (&json!("a".repeat(40)), &json!("patch-1")));
    assert_eq!(queued["head_repository"]["full_name"], "stranger/wildside");
    assert_eq!(queued["repository"]["full_name"], REPOSITORY);
    assert_eq!(
        (&queued["path"], &queued["pull_requests"]),
        (&json!(format!(".github/workflows/{WORKFLOW}")), &json!([]))
    );

    let over = |run: &mut NewWorkflowRun| {
        (run.status, run.conclusion) = (RunStatus::Completed, Some(RunConclusion::Failure));
        run.head_repository = None;
    };
    emulator.forge().change_run(REPOSITORY, id, over).unwrap();
    let by_number = format!("/actions/workflows/{}/runs", queued["workflow_id"]);
    let over = told(&by_number).await;
    assert_eq!((&over["status"], &over["conclusion"]), (&json!("completed"), &json!("failure")));
    assert_eq!(over["head_repository"], Value::Null);
    assert!(emulator.forge().change_run(REPOSITORY, 7, |_| {}).is_err());
}

#[tokio::test]
async fn a_workflow_that_is_not_there_is_not_found_and_one_without_runs_has_none() {
    let emulator = with_pull_request().await;
    let path = format!("/actions/workflows/{WORKFLOW}/runs");
    assert_eq!(held(&emulator, "GET", &path, "reader-token", None).await.status, 404);
    emulator.forge().add_workflow(REPOSITORY, WORKFLOW).unwrap();
    assert!(listed(&emulator, "").await.is_empty());
    assert_eq!(held(&emulator, "GET", "/actions/runs/7/artifacts", "reader-token", None).await.status, 404);
}

async fn fetched(url: &str, token: Option<&str>) -> Response {
    let client = Client::builder().redirect(Policy::none()).build().unwrap();
    let request = client.get(url);
    token.map_or(request.try_clone().unwrap(), |token| request.bearer_auth(token)).send().await.unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_run_left_is_elsewhere_until_it_is_thrown_away() {
    let emulator = with_pull_request().await;
    let forge = emulator.forge();
    let id = add(&emulator, run(&"a".repeat(40)));
    let zip = b"PK\x05\x06 and so on".to_vec();
    let one = forge.add_artifact(REPOSITORY, id, "bivouac-image-web", zip.clone()).unwrap();
    let two = forge.add_artifact(REPOSITORY, id, "other", *b"x").unwrap();
    assert!(forge.add_artifact(REPOSITORY, 7, "x", *b"").is_err());
    let path = format!("/actions/runs/{id}/artifacts");
    let list = async |filters: &str| {
        let mut told = held(&emulator, "GET", &format!("{path}?{filters}"), "reader-token", None).await.json;
        told["artifacts"].take()
    };
    let ids = |list: &Value| -> Vec<u64> {
        list.as_array().unwrap().iter().map(|artifact| artifact["id"].as_u64().unwrap()).collect()
    };
    assert_eq!(ids(&list("per_page=100").await), [two.id, one.id]);
    assert_eq!(ids(&list("direction=asc&per_page=1&page=2").await), [two.id]);
    let found = list("name=bivouac-image-web").await;
    assert_eq!(ids(&found), [one.id]);
    assert_eq!((&found[0]["size_in_bytes"], &found[0]["expired"]), (&json!(zip.len()), &json!(false)));
    assert_eq!(found[0]["workflow_run"]["head_sha"], "a".repeat(40));

    let path = format!("/actions/artifacts/{}/zip", one.id);
    let url = format!("{}/repos/{REPOSITORY}{path}", emulator.api_url());
    for (token, status) in [(None, 401), (Some("stranger-token"), 404), (Some("reader-token"), 302)] {
        assert_eq!(fetched(&url, token).await.status(), status, "{token:?}");
    }
    assert_eq!(held(&emulator, "GET", "/actions/artifacts/7/zip", "reader-token", None).await.status, 404);
    let place = fetched(&url, Some("reader-token")).await.headers()["location"].to_str().unwrap().to_owned();
    let answer = fetched(&place, None).await;
    assert_eq!((answer.status().as_u16(), answer.bytes().await.unwrap().to_vec()), (200, zip));
    let (without_key, _) = place.split_once('?').unwrap();
    assert_eq!(fetched(without_key, Some("reader-token")).await.status(), 404);

    forge.expire_artifact(REPOSITORY, one.id).unwrap();
    let gone = held(&emulator, "GET", &path, "reader-token", None).await;
    assert_eq!((gone.status, &gone.json["message"]), (410, &json!("Artifact has expired")));
    assert_eq!(fetched(&place, None).await.status(), 404);
    assert_eq!(list("name=bivouac-image-web").await[0]["expired"], true);
    assert_eq!(
        rest(&emulator, "GET", &format!("/actions/artifacts/{}/zip", two.id), "reader-token", None).await.status,
        200
    );
}
