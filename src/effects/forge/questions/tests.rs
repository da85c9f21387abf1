use std::sync::{Arc, Mutex};

use axum::Router;
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, Uri};
use axum::response::IntoResponse;

use super::*;
use crate::domain::conversation::CommentId;
use crate::domain::deployment::{DeploymentId, DeploymentStatus, Environments};
use crate::effects::forge::Addresses;
use crate::ports::PullRequests as _;

/// One answer: its status, a header, and what it holds.
type Scripted = (u16, Option<(&'static str, &'static str)>, Value);

/// Answers one request after the other by a script, and remembers the requests.
#[derive(Clone, Default)]
struct Forge {
    script: Arc<Mutex<Vec<Scripted>>>,
    requests: Arc<Mutex<Vec<(String, Value)>>>,
}

impl Forge {
    async fn answering(script: impl IntoIterator<Item = Scripted>, environments: Environments) -> (Self, GitHub) {
        let forge = Self::default();
        forge.script.lock().unwrap().extend(script);
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = format!("http://{}", listener.local_addr().unwrap());
        let answering = forge.clone();
        let router = Router::new()
            .fallback(async move |method: Method, uri: Uri, body: String| answering.answer(&method, &uri, &body));
        tokio::spawn(async move { axum::serve(listener, router).await });
        let addresses = Addresses { rest: server.clone(), graphql: format!("{server}/graphql") };
        let http = crate::effects::http::client().unwrap();
        let repository = "acme/shop".parse().unwrap();
        (forge, GitHub::new(&http, &addresses, None, repository, false, environments).unwrap())
    }

    fn answer(&self, method: &Method, uri: &Uri, body: &str) -> impl IntoResponse + use<> {
        let body = serde_json::from_str(body).unwrap_or_default();
        self.requests.lock().unwrap().push((format!("{method} {uri}"), body));
        let mut script = self.script.lock().unwrap();
        let (status, header, body) = if script.is_empty() { (418, None, Value::Null) } else { script.remove(0) };
        let header = header.map(|(name, value)| (HeaderName::from_static(name), HeaderValue::from_static(value)));
        (StatusCode::from_u16(status).unwrap(), HeaderMap::from_iter(header), body.to_string())
    }

    /// The names of the operations that were asked, or the methods and paths of the requests.
    fn asked(&self) -> Vec<String> {
        let requests = self.requests.lock().unwrap();
        let name = |(line, body): &(String, Value)| body["operationName"].as_str().unwrap_or(line).to_owned();
        requests.iter().map(name).collect()
    }

    fn variables(&self, request: usize) -> Value {
        self.requests.lock().unwrap()[request].1["variables"].clone()
    }
}

fn numbers(numbers: impl IntoIterator<Item = u32>) -> Vec<PullRequestNumber> {
    numbers.into_iter().map(|number| number.to_string().parse().unwrap()).collect()
}

fn node(number: u32) -> Value {
    json!({
        "number": number,
        "title": "Shiny",
        "url": format!("https://github.com/acme/shop/pull/{number}"),
        "state": "OPEN",
        "isDraft": false,
        "isCrossRepository": false,
        "headRefOid": "0123456789abcdef0123456789abcdef01234567",
        "baseRefName": "main",
        "author": null,
        "labels": {"nodes": []},
    })
}

/// A pull request with comments, and where to go on.
fn said(number: u32, bodies: &[&str], next: Option<&str>) -> Value {
    let comment = |body: &&str| json!({"fullDatabaseId": "9", "url": "u", "body": body, "viewerDidAuthor": true});
    let mut node = node(number);
    node["comments"] = json!({
        "nodes": bodies.iter().map(comment).collect::<Vec<_>>(),
        "pageInfo": {"hasNextPage": next.is_some(), "endCursor": next},
    });
    node
}

fn data(repository: &Value) -> Scripted {
    (200, Some(("date", "Thu, 01 Jan 1970 00:16:40 GMT")), json!({"data": {"repository": repository}}))
}

fn refused(kind: &str) -> Scripted {
    let error = json!({"type": kind, "path": ["repository"], "message": "no"});
    (200, None, json!({"data": {"repository": null}, "errors": [error]}))
}

fn deployed(ids: &[u64], next: Option<&str>) -> Value {
    let nodes: Vec<_> = ids
        .iter()
        .map(
            |id| json!({"id": format!("DE_{id}"), "databaseId": id, "environment": "preview/pr-7", "state": "PENDING"}),
        )
        .collect();
    json!({"nodes": nodes, "pageInfo": {"hasNextPage": next.is_some(), "endCursor": next}})
}

#[tokio::test]
async fn all_comments_are_read_and_deployments_only_where_they_may_be() {
    let number = numbers([7])[0];
    let script = [
        refused("FORBIDDEN"),
        data(&json!({"pullRequest": said(7, &["one"], Some("here"))})),
        data(&json!({"pullRequest": said(7, &["two"], None)})),
    ];
    let (forge, github) = Forge::answering(script, Environments::Shared).await;
    let found = github.look_up(number).await.unwrap().unwrap();
    assert_eq!(found.our_comments.iter().map(|comment| comment.body.as_str()).collect::<Vec<_>>(), ["one", "two"]);
    assert_eq!((found.deployments, found.at), (None, Timestamp::from_second(1000).ok()));
    assert_eq!(forge.asked(), ["ObservePullRequest", "ObservePullRequestOnly", "ObservePullRequestOnly"]);
    let environments = ["preview", "preview/pr-7"];
    let asked = json!({"number": 7, "after": null, "environments": environments, "owner": "acme", "name": "shop"});
    assert_eq!(forge.variables(0), asked);
    assert_eq!(forge.variables(2), json!({"number": 7, "after": "here", "owner": "acme", "name": "shop"}));

    let script = [data(&json!({"pullRequest": said(7, &[], None), "deployments": deployed(&[3], None)}))];
    let (_, github) = Forge::answering(script, Environments::PerPreview).await;
    let found = github.look_up(number).await.unwrap().unwrap();
    assert_eq!(found.deployments.map(|known| known.len()), Some(1));

    let script = [data(&json!({"pullRequest": said(7, &[], None)}))];
    let (forge, github) = Forge::answering(script, Environments::Off).await;
    assert!(github.look_up(number).await.unwrap().unwrap().deployments.is_none());
    assert_eq!(forge.asked(), ["ObservePullRequestOnly"]);
}

#[tokio::test]
async fn a_pull_request_is_missing_only_when_the_forge_says_so() {
    let number = numbers([7])[0];
    let missing = json!({"type": "NOT_FOUND", "path": ["repository", "pullRequest"], "message": "no 7"});
    let body = json!({"data": {"repository": {"pullRequest": null}}, "errors": [missing]});
    let script = [(200, None, body), data(&json!({"pullRequest": null})), refused("NOT_FOUND")];
    let (_, github) = Forge::answering(script, Environments::Off).await;
    assert!(github.look_up(number).await.unwrap().is_none());
    assert!(matches!(github.look_up(number).await, Err(ForgeError::Senseless { .. })));
    assert!(matches!(github.look_up(number).await, Err(ForgeError::NotFound { .. })));
    let script = [refused("FORBIDDEN"), refused("FORBIDDEN")];
    let (_, github) = Forge::answering(script, Environments::Shared).await;
    assert!(matches!(github.look_up(number).await, Err(ForgeError::Forbidden { .. })));
}

#[tokio::test]
async fn a_survey_goes_on_after_what_can_not_be_read() {
    let error = |kind: &str, path: Value| json!({"type": kind, "path": path, "message": format!("told {kind}")});
    let errors = [error("NOT_FOUND", json!(["repository", "p2"])), error("INTERNAL", json!(["repository", "p3"]))];
    let repository = json!({"p1": node(1), "p2": null, "p3": null, "p4": null, "p5": node(6)});
    let script = [
        (200, None, json!({"data": {"repository": repository}, "errors": errors})),
        (400, None, json!({"message": "no"})),
        data(&json!({"p201": node(201)})),
    ];
    let (forge, github) = Forge::answering(script, Environments::Off).await;
    let found = github.survey(&numbers((1..=201).chain([1])), false).await.unwrap();
    assert_eq!(forge.asked(), ["SurveyPullRequests"; 3]);
    assert_eq!((found.pull_requests.len(), found.at), (201, Timestamp::from_second(1000).ok()));
    let told = |number| found.pull_requests[&numbers([number])[0]].as_ref();
    assert!(told(1).is_ok_and(|found| found.changes == crate::domain::pull_request::Changes::default()));
    assert_eq!(told(2).unwrap_err(), "there is no such pull request, or the token can not see it");
    assert_eq!(told(3).unwrap_err(), "told INTERNAL");
    assert_eq!(told(4).unwrap_err(), "the forge says nothing of it");
    assert_eq!(told(5).unwrap_err(), "the forge tells of pull request 6 in its place");
    assert_eq!(told(150).unwrap_err(), "the forge failed to read the pull requests: status 400: no");
    assert!(told(201).is_ok());

    for (kind, asked) in [("NOT_FOUND", 1), ("FORBIDDEN", 1)] {
        let (forge, github) = Forge::answering([refused(kind)], Environments::Off).await;
        assert!(github.survey(&numbers(1..=101), true).await.is_err(), "{kind}");
        assert_eq!(forge.asked(), vec!["SurveyChanges"; asked]);
    }
    let (forge, github) = Forge::answering([], Environments::Off).await;
    assert!(github.survey(&[], true).await.unwrap().pull_requests.is_empty());
    assert!(forge.asked().is_empty());
}

#[tokio::test]
async fn a_conversation_in_which_ours_comes_late_is_read_alone() {
    let ours = "<!-- bivouac application=shop generation=1 state=removed -->";
    let (early, late, none) = (said(1, &[ours], Some("x")), said(2, &["hello"], Some("x")), said(4, &[], None));
    let repository = json!({"p1": early, "p2": late, "p3": null, "p4": none});
    let script = [
        data(&repository),
        (400, None, json!({})),
        data(&json!({"pullRequest": said(2, &["hello"], Some("x"))})),
        data(&json!({"pullRequest": said(2, &[ours], None)})),
    ];
    let (forge, github) = Forge::answering(script, Environments::Shared).await;
    let found = github.conversations(&numbers((1..=4).chain(100..=160)), &"shop".parse().unwrap()).await.unwrap();
    let found: Vec<_> =
        found.iter().map(|found| (found.pull_request.number.as_u32(), found.our_comments.len())).collect();
    assert_eq!(found, [(1, 1), (2, 2), (4, 0)]);
    let asked = ["ObserveConversations", "ObserveConversations", "ObservePullRequestOnly", "ObservePullRequestOnly"];
    assert_eq!(forge.asked(), asked);
}

#[tokio::test]
async fn the_ledger_is_read_to_its_end_or_as_far_as_there_is_patience() {
    let page = |ids: &[u64], next| data(&json!({"deployments": deployed(ids, next)}));
    let (forge, github) = Forge::answering([page(&[3, 2], Some("x")), page(&[1], None)], Environments::Shared).await;
    let ledger = github.ledger().await.unwrap();
    assert_eq!(ledger.deployments.iter().map(|known| known.id.unwrap().0).collect::<Vec<_>>(), [3, 2, 1]);
    assert!(ledger.is_whole);
    assert_eq!(forge.variables(1), json!({"environments": ["preview"], "after": "x", "owner": "acme", "name": "shop"}));

    let names = |names: &[&str], next: Option<&str>| {
        let nodes: Vec<_> = names.iter().map(|name| json!({"name": name})).collect();
        let info = json!({"hasNextPage": next.is_some(), "endCursor": next});
        data(&json!({"environments": {"nodes": nodes, "pageInfo": info}}))
    };
    let script = [names(&["production"], Some("x")), names(&["preview/pr-7"], None)];
    let script = script.into_iter().chain((0..40).map(|id| page(&[id], Some("y"))));
    let (forge, github) = Forge::answering(script, Environments::PerPreview).await;
    let ledger = github.ledger().await.unwrap();
    assert_eq!((ledger.deployments.len(), ledger.is_whole, forge.asked().len()), (28, false, 30));
    assert_eq!(forge.variables(2)["environments"], json!(["preview/pr-7", "preview"]));

    let (_, github) = Forge::answering([refused("FORBIDDEN")], Environments::Shared).await;
    assert!(matches!(github.ledger().await, Err(ForgeError::Forbidden { what: "read the deployments", .. })));
    let (forge, github) = Forge::answering([], Environments::Off).await;
    assert!(github.ledger().await.unwrap().is_whole && forge.asked().is_empty());
}

#[tokio::test]
async fn the_number_of_a_deployment_that_outgrew_its_type_is_found_all_the_same() {
    let number = numbers([7])[0];
    let deployment = |generation: u64, state: &str| {
        let payload = json!({"application": "shop", "pull-request": 7, "generation": generation}).to_string();
        json!({
            "id": format!("DE_{generation}"),
            "databaseId": null,
            "environment": "preview",
            "commitOid": "a".repeat(40),
            "payload": payload,
            "state": state,
        })
    };
    let nodes = [deployment(3, "IN_PROGRESS"), deployment(2, "IN_PROGRESS"), deployment(1, "INACTIVE")];
    let list = json!({"nodes": nodes, "pageInfo": {"hasNextPage": false, "endCursor": null}});
    let ours = "<!-- bivouac application=shop generation=2 state=deploying deployment=4442074272 -->";
    let too_large = json!({"message": "too large", "path": ["repository", "deployments", "nodes", 0, "databaseId"]});
    let repository = json!({"pullRequest": said(7, &[ours], None), "deployments": list});
    let listed = json!([{"id": 4_442_074_273_u64, "node_id": "DE_3"}]);
    let script =
        [(200, None, json!({"data": {"repository": repository}, "errors": [too_large]})), (200, None, listed.clone())];
    let (forge, github) = Forge::answering(script, Environments::Shared).await;
    let found = github.look_up(number).await.unwrap().unwrap().deployments.unwrap();
    let ids: Vec<_> = found.iter().map(|known| known.id.map(|DeploymentId(id)| id)).collect();
    assert_eq!(ids, [Some(4_442_074_273), Some(4_442_074_272), None]);
    let commit = "a".repeat(40);
    let path = format!("GET /repos/acme/shop/deployments?environment=preview&sha={commit}&per_page=100&page=1");
    assert_eq!(forge.asked(), ["ObservePullRequest", &path]);

    let script = [data(&json!({"deployments": list})), (200, None, listed)];
    let (forge, github) = Forge::answering(script, Environments::Shared).await;
    let ids: Vec<_> = github.ledger().await.unwrap().deployments.into_iter().map(|known| known.id).collect();
    assert_eq!(ids, [Some(DeploymentId(4_442_074_273)), None, None]);
    assert_eq!(forge.asked()[1], "GET /repos/acme/shop/deployments?environment=preview&per_page=100&page=1");
}

#[tokio::test]
async fn only_what_does_no_harm_is_sent_again() {
    let (number, id) = (numbers([7])[0], DeploymentId(5));
    let broken = || (502, None, Value::Null);
    let (forge, github) = Forge::answering([broken(), broken(), (200, None, json!({}))], Environments::Off).await;
    github.edit_comment(CommentId(9), "new").await.unwrap();
    assert_eq!(forge.asked(), ["PATCH /repos/acme/shop/issues/comments/9"; 3]);
    let (forge, github) = Forge::answering([broken(), broken(), broken()], Environments::Off).await;
    assert!(matches!(github.comment(number, "new").await, Err(ForgeError::Failed { status: 502, .. })));
    assert_eq!(forge.asked(), ["POST /repos/acme/shop/issues/7/comments"]);

    // A limit took no effect.
    let limited = |wait| (403, Some(("retry-after", wait)), json!({"message": "slowly"}));
    let script = [limited("0"), limited("1"), (201, None, json!({"html_url": "there"})), limited("61")];
    let (forge, github) = Forge::answering(script, Environments::Off).await;
    assert_eq!(github.comment(number, "new").await.unwrap(), "there");
    match github.delete_comment(CommentId(9)).await {
        Err(ForgeError::RateLimited { message, retry_after }) => {
            assert_eq!((message.as_str(), retry_after), ("slowly", Some(std::time::Duration::from_secs(61))));
        }
        other => panic!("{other:?}"),
    }
    assert_eq!(forge.asked().len(), 4);

    let gone = || (404, None, json!({"message": "Not Found"}));
    let (forge, github) = Forge::answering([gone(), gone(), gone(), gone()], Environments::Off).await;
    github.tell_deployment(id, &DeploymentStatus::Inactive, None).await.unwrap();
    github.delete_environment("preview/pr-7").await.unwrap();
    github.delete_comment(CommentId(9)).await.unwrap();
    let up = DeploymentStatus::InProgress { url: "https://x".to_owned() };
    assert!(matches!(github.tell_deployment(id, &up, None).await, Err(ForgeError::NotFound { .. })));
    assert_eq!(forge.asked()[1], "DELETE /repos/acme/shop/environments/preview%2Fpr-7");
}
