//! The emulator's GraphQL, with a plain HTTP client.

use super::support::{REPOSITORY, graphql, rest, with_pull_request};
use bivouac::emulator::{Actor, NewPullRequest, PullRequestState};
use serde_json::{Value, json};

const OBSERVE: &str = "
query ObservePullRequest($owner: String!, $name: String!, $number: Int!, $after: String) {
  repository(owner: $owner, name: $name) {
    pullRequest(number: $number) {
      number title url state isDraft isCrossRepository headRefOid headRefName baseRefName
      author { __typename login }
      headRepository { nameWithOwner }
      labels(first: 100) { nodes { name } }
      comments(first: 100, after: $after) {
        nodes { fullDatabaseId url body viewerDidAuthor createdAt }
        pageInfo { hasNextPage endCursor }
      }
    }
  }
}";

fn observed(number: u64) -> Value {
    json!({"owner": "acme", "name": "wildside", "number": number})
}

#[tokio::test]
async fn a_pull_request_is_observed_by_both_apis() {
    let emulator = with_pull_request().await;
    let forge = emulator.forge();
    forge.comment(REPOSITORY, 123, Actor::bot("github-actions[bot]"), "mine").unwrap();
    forge.comment(REPOSITORY, 123, Actor::user("octocat"), "theirs").unwrap();
    forge.push(REPOSITORY, 123, &"abcd".repeat(10)).unwrap();
    forge.mark_draft(REPOSITORY, 123, true).unwrap();
    let answer = graphql(&emulator, "actions-token", OBSERVE, observed(123)).await;
    assert_eq!(answer.get("errors"), None);
    let found = &answer["data"]["repository"]["pullRequest"];
    assert_eq!(found["author"], json!({"__typename": "User", "login": "octocat"}));
    assert_eq!(found["headRefOid"], "abcd".repeat(10));
    assert_eq!(found["labels"], json!({"nodes": [{"name": "keep-preview"}]}));
    assert_eq!(
        (&found["state"], &found["isDraft"], &found["isCrossRepository"]),
        (&json!("OPEN"), &json!(true), &json!(false))
    );
    let comments = found["comments"]["nodes"].as_array().unwrap();
    assert_eq!((&comments[0]["viewerDidAuthor"], &comments[1]["viewerDidAuthor"]), (&json!(true), &json!(false)));
    assert!(comments[0]["fullDatabaseId"].is_string());
    assert_eq!(found.as_object().unwrap().keys().next().unwrap(), "number");

    forge.merge(REPOSITORY, 123).unwrap();
    assert_eq!(forge.pull_request(REPOSITORY, 123).unwrap().state, PullRequestState::Merged);
    assert!(forge.reopen(REPOSITORY, 123).is_err());
    let shown = rest(&emulator, "GET", "/pulls/123", "reader-token", None).await.json;
    assert_eq!(
        (&shown["state"], &shown["merged"], &shown["head"]["repo"]["full_name"]),
        (&json!("closed"), &json!(true), &json!(REPOSITORY))
    );
    assert_eq!(rest(&emulator, "GET", "", "reader-token", None).await.json["default_branch"], "main");
}

#[tokio::test]
async fn forks_apps_and_ghosts_look_as_they_do_at_github() {
    let emulator = with_pull_request().await;
    let new = NewPullRequest {
        fork: Some("mallory/wildside".to_owned()),
        author: Actor::bot("dependabot[bot]"),
        ..NewPullRequest::from_branch("topic", "a".repeat(40))
    };
    let number = emulator.forge().open_pull_request(REPOSITORY, new).unwrap().number;
    assert_eq!(number, 124);
    let found =
        graphql(&emulator, "actions-token", OBSERVE, observed(number)).await["data"]["repository"]["pullRequest"]
            .take();
    assert_eq!(found["author"], json!({"__typename": "Bot", "login": "dependabot"}));
    assert_eq!(
        (&found["isCrossRepository"], &found["headRepository"]["nameWithOwner"]),
        (&json!(true), &json!("mallory/wildside"))
    );
    emulator
        .forge()
        .change(REPOSITORY, number, |pull_request| {
            pull_request.head_repository = None;
            pull_request.author = Actor::ghost();
        })
        .unwrap();
    let found =
        graphql(&emulator, "actions-token", OBSERVE, observed(number)).await["data"]["repository"]["pullRequest"]
            .take();
    assert_eq!(
        (&found["author"], &found["headRepository"], &found["isCrossRepository"]),
        (&Value::Null, &Value::Null, &json!(true))
    );
}

#[tokio::test]
async fn what_is_missing_is_an_error_beside_the_data() {
    let emulator = with_pull_request().await;
    let answer = graphql(&emulator, "actions-token", OBSERVE, observed(9)).await;
    assert_eq!(answer["data"], json!({"repository": {"pullRequest": null}}));
    assert_eq!(
        answer["errors"],
        json!([{
            "type": "NOT_FOUND",
            "path": ["repository", "pullRequest"],
            "locations": [{"line": 4, "column": 5}],
            "message": "Could not resolve to a PullRequest with the number of 9."
        }])
    );
    let unknown = json!({"owner": "acme", "name": "other", "number": 1});
    for (token, variables, name) in
        [("writer-token", unknown, "acme/other"), ("stranger-token", observed(123), REPOSITORY)]
    {
        let answer = graphql(&emulator, token, OBSERVE, variables).await;
        assert_eq!(answer["data"], json!({"repository": null}));
        assert_eq!(
            answer["errors"][0]["message"],
            format!("Could not resolve to a Repository with the name '{name}'.")
        );
    }
    let aliases = "{ repository(owner: \"acme\", name: \"wildside\") { a: pullRequest(number: 123) { ...P } b: pullRequest(number: 7) { ...P } } }
        fragment P on PullRequest { number author { ... on User { login } ... on Bot { url } } }";
    let answer = graphql(&emulator, "writer-token", aliases, json!({})).await;
    assert_eq!(
        answer["data"],
        json!({"repository": {"a": {"number": 123, "author": {"login": "octocat"}}, "b": null}})
    );
    assert_eq!(answer["errors"][0]["path"], json!(["repository", "b"]));
}

#[tokio::test]
async fn an_impossible_query_is_refused_whole() {
    let emulator = with_pull_request().await;
    let start = "{ repository(owner: \"acme\", name: \"wildside\") ";
    for (query, message) in [
        (format!("{start}{{ colour }} }}"), "Field 'colour' doesn't exist on type 'Repository'"),
        (
            format!("{start}}}"),
            "Field must have selections (field 'repository' returns Repository but has no selections)",
        ),
        (format!("{start}{{ name"), "Parse error on the end at [1, 53]"),
        (
            "mutation { createEverything { id } }".to_owned(),
            "Field 'createEverything' doesn't exist on type 'Mutation'",
        ),
        (OBSERVE.to_owned(), "Variable $owner of type String! was provided invalid value"),
    ] {
        let answer = graphql(&emulator, "writer-token", &query, json!({})).await;
        assert_eq!((answer.get("data"), &answer["errors"][0]["message"]), (None, &json!(message)));
    }
    let unbounded = format!("{start}{{ pullRequests {{ totalCount }} }} }}");
    let answer = graphql(&emulator, "writer-token", &unbounded, json!({})).await;
    assert_eq!(answer["errors"][0]["type"], "MISSING_PAGINATION_BOUNDARIES");
}

#[tokio::test]
async fn connections_are_read_page_by_page() {
    let emulator = with_pull_request().await;
    let forge = emulator.forge();
    for number in 0..150 {
        forge.comment(REPOSITORY, 123, Actor::user("octocat"), &number.to_string()).unwrap();
    }
    let mut variables = observed(123);
    let first =
        graphql(&emulator, "writer-token", OBSERVE, variables.clone()).await["data"]["repository"]
            ["pullRequest"]["comments"]
            .take();
    assert_eq!((first["nodes"].as_array().unwrap().len(), &first["pageInfo"]["hasNextPage"]), (100, &json!(true)));
    // The comment that the cursor stands at goes away between two pages.
    let last = first["nodes"][99]["fullDatabaseId"].as_str().unwrap().parse().unwrap();
    forge.delete_comment(REPOSITORY, last).unwrap();
    variables["after"] = first["pageInfo"]["endCursor"].clone();
    let second =
        graphql(&emulator, "writer-token", OBSERVE, variables.clone()).await["data"]["repository"]
            ["pullRequest"]["comments"]
            .take();
    assert_eq!((second["nodes"].as_array().unwrap().len(), &second["nodes"][0]["body"]), (50, &json!("100")));
    assert_eq!(second["pageInfo"]["hasNextPage"], false);
    variables["after"] = "nonsense".into();
    let refused = graphql(&emulator, "writer-token", OBSERVE, variables).await;
    assert_eq!(refused["errors"][0]["type"], "INVALID_CURSOR_ARGUMENTS");
}

#[tokio::test]
async fn many_pull_requests_are_found_by_state_and_label() {
    let emulator = with_pull_request().await;
    for number in 1..=4 {
        let new = NewPullRequest {
            number: Some(number),
            ..NewPullRequest::from_branch(format!("b{number}"), "a".repeat(40))
        };
        emulator.forge().open_pull_request(REPOSITORY, new).unwrap();
    }
    emulator.forge().close(REPOSITORY, 2).unwrap();
    emulator.forge().label(REPOSITORY, 3, "x").unwrap();
    let numbers = async |arguments: &str| {
        let query = format!(
            "{{ repository(owner: \"acme\", name: \"wildside\") {{ pullRequests({arguments}) {{ nodes {{ number }} }} }} }}"
        );
        let nodes =
            graphql(&emulator, "writer-token", &query, json!({})).await["data"]["repository"]["pullRequests"]["nodes"]
                .take();
        nodes.as_array().unwrap().iter().map(|node| node["number"].as_u64().unwrap()).collect::<Vec<_>>()
    };
    assert_eq!(numbers("first: 3, states: [OPEN]").await, [1, 3, 4]);
    assert_eq!(numbers("last: 2, states: OPEN, orderBy: {field: CREATED_AT, direction: DESC}").await, [3, 1]);
    assert_eq!(numbers("first: 3, labels: [\"x\"]").await, [3]);
    assert_eq!(numbers("first: 3, headRefName: \"b4\"").await, [4]);
}
