//! What people do meanwhile: edit and delete comments, change files, take pull requests and access away.

use super::support::{REPOSITORY, Workshop, data, git_url, graphql, held, query, rest, said, with_pull_request};
use bivouac::emulator::{Access, Actor, NewPullRequest};
use serde_json::{Value, json};

#[tokio::test]
async fn an_edit_is_seen_with_its_editor() {
    let emulator = with_pull_request().await;
    let forge = emulator.forge();
    let comments: Vec<u64> = ["one", "two", "three", "four"]
        .map(|body| forge.comment(REPOSITORY, 123, Actor::bot("github-actions[bot]"), body).unwrap().id)
        .into();
    forge.edit_comment_as(REPOSITORY, comments[1], Actor::user("mallory"), "2").unwrap();
    let path = format!("/issues/comments/{}", comments[2]);
    rest(&emulator, "PATCH", &path, "actions-token", Some(json!({"body": "3"}))).await;
    forge.edit_comment_as(REPOSITORY, comments[3], Actor::ghost(), "4").unwrap();
    let selections = "pullRequest(number: 123) { comments(first: 9) {
        nodes { body lastEditedAt includesCreatedEdit editor { __typename login } } } }";
    let found = data(&emulator, &query(selections)).await["pullRequest"]["comments"]["nodes"].take();
    let editors: Vec<&Value> = found.as_array().unwrap().iter().map(|comment| &comment["editor"]).collect();
    assert_eq!(
        json!(editors),
        json!([
            null,
            {"__typename": "User", "login": "mallory"},
            {"__typename": "Bot", "login": "github-actions"},
            null
        ])
    );
    let edited: Vec<bool> =
        found.as_array().unwrap().iter().map(|comment| comment["includesCreatedEdit"].as_bool().unwrap()).collect();
    assert_eq!(edited, [false, true, true, true]);
    assert_eq!((&found[0]["lastEditedAt"], &found[1]["lastEditedAt"]), (&Value::Null, &json!("2026-11-21T10:00:00Z")));
    let known = forge.comments(REPOSITORY, 123).unwrap();
    assert_eq!(known[1].last_edit.as_ref().unwrap().1, Actor::user("mallory"));
}

#[tokio::test]
async fn changed_files_are_read_page_by_page() {
    let emulator = with_pull_request().await;
    let files: Vec<String> = (0..150).map(|number| format!("charts/{number:03}.yaml")).collect();
    let new = NewPullRequest { files: files.clone(), ..NewPullRequest::from_branch("b", "a".repeat(40)) };
    emulator.forge().open_pull_request(REPOSITORY, new).unwrap();
    let page = "{ totalCount nodes { path additions deletions changeType } pageInfo { hasNextPage endCursor } }";
    let files_of = async |number: u64, after: &str| {
        let selections = format!(
            "pullRequest(number: {number}) {{ changedFiles additions deletions files(first: 100{after}) {page} }}"
        );
        data(&emulator, &query(&selections)).await["pullRequest"].take()
    };
    let found = files_of(123, "").await;
    assert_eq!((&found["changedFiles"], &found["files"]["nodes"][0]["path"]), (&json!(1), &json!("src/main.rs")));
    let first = files_of(124, "").await;
    assert_eq!((&first["changedFiles"], &first["files"]["totalCount"]), (&json!(150), &json!(150)));
    let cursor = first["files"]["pageInfo"]["endCursor"].as_str().unwrap();
    let second = files_of(124, &format!(", after: \"{cursor}\"")).await;
    assert_eq!(second["files"]["nodes"].as_array().unwrap().len(), 50);
    assert_eq!(second["files"]["nodes"][49]["path"], files[149]);
    emulator.forge().change(REPOSITORY, 124, |changed| changed.files.clear()).unwrap();
    assert_eq!(files_of(124, "").await["changedFiles"], 0);
    assert_eq!(held(&emulator, "GET", "/pulls/124", "reader-token", None).await.json["changed_files"], 0);
}

#[tokio::test]
async fn a_pull_request_that_was_removed_is_not_found() {
    let emulator = with_pull_request().await;
    let forge = emulator.forge();
    let comment = forge.comment(REPOSITORY, 123, Actor::user("octocat"), "one").unwrap();
    forge.remove_pull_request(REPOSITORY, 123).unwrap();
    assert!(forge.remove_pull_request(REPOSITORY, 123).is_err());
    for path in ["/pulls/123", "/issues/123/comments", &format!("/issues/comments/{}", comment.id)] {
        assert_eq!(held(&emulator, "GET", path, "reader-token", None).await.status, 404, "{path}");
    }
    let answer = graphql(&emulator, "reader-token", &query("pullRequest(number: 123) { number }"), json!({})).await;
    assert_eq!(answer["data"], json!({"repository": {"pullRequest": null}}));
    assert_eq!(answer["errors"][0]["type"], "NOT_FOUND");
    let next = forge.open_pull_request(REPOSITORY, NewPullRequest::from_branch("b", "a".repeat(40))).unwrap();
    assert_eq!(next.number, 124);
}

#[tokio::test(flavor = "multi_thread")]
async fn access_is_lost_and_comes_back() {
    let emulator = with_pull_request().await;
    let workshop = Workshop::new();
    let url = git_url(&emulator, "writer-token", "/acme/wildside");
    let set = |access| {
        let change = emulator.change_account("octocat", |account| {
            account.exceptions.insert(REPOSITORY.to_owned(), access);
        });
        change.unwrap();
    };
    set(Access::None);
    assert_eq!(rest(&emulator, "GET", "/pulls/123", "writer-token", None).await.status, 404);
    assert_eq!(rest(&emulator, "GET", "/pulls/123", "actions-token", None).await.status, 200);
    let answer = graphql(&emulator, "writer-token", &query("name"), json!({})).await;
    assert_eq!((&answer["data"]["repository"], &answer["errors"][0]["type"]), (&Value::Null, &json!("NOT_FOUND")));
    let refused = workshop.git(".", &["ls-remote", &url]);
    assert!(said(&refused).contains("remote: Repository not found."), "{}", said(&refused));
    set(Access::Write);
    assert_eq!(rest(&emulator, "GET", "/pulls/123", "writer-token", None).await.status, 200);
    workshop.done(".", &["ls-remote", &url]);
    assert!(emulator.change_account("nobody", |_| {}).is_err());
}
