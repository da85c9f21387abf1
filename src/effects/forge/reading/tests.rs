use serde_json::json;

use super::*;

fn number(number: u32) -> PullRequestNumber {
    number.to_string().parse().unwrap()
}

/// Pull request 7, with these things in place of its own.
fn node(changes: &Value) -> Value {
    let mut node = json!({
        "number": 7,
        "title": "Shiny",
        "url": "https://github.com/acme/shop/pull/7",
        "state": "OPEN",
        "isDraft": false,
        "isCrossRepository": true,
        "headRefOid": "0123456789ABCDEF0123456789abcdef01234567",
        "headRepository": {"nameWithOwner": "stranger/shop"},
        "baseRefName": "main",
        "author": {"__typename": "Bot", "login": "renovate"},
        "labels": {"nodes": [{"name": "preview"}, {"name": "big"}]},
        "changedFiles": 2,
        "files": {
            "nodes": [{"path": "a.rs"}, {"path": "docs/b.md"}],
            "pageInfo": {"hasNextPage": false, "endCursor": "x"},
        },
    });
    for (name, value) in changes.as_object().into_iter().flatten() {
        node[name] = value.clone();
    }
    node
}

fn without(name: &str) -> Value {
    let mut node = node(&json!({}));
    node.as_object_mut().unwrap().remove(name);
    node
}

#[test]
fn a_pull_request_is_read() {
    let expected = PullRequest {
        number: number(7),
        state: PullRequestState::Open,
        head: "0123456789abcdef0123456789abcdef01234567".parse().unwrap(),
        head_repository: Some("stranger/shop".parse().unwrap()),
        target: "main".to_owned(),
        is_from_fork: true,
        is_draft: false,
        author: Some(Author { login: "renovate".to_owned(), is_bot: true }),
        labels: vec!["preview".to_owned(), "big".to_owned()],
        changes: Changes { paths: vec!["a.rs".to_owned(), "docs/b.md".to_owned()], are_complete: true },
        title: "Shiny".to_owned(),
        url: "https://github.com/acme/shop/pull/7".to_owned(),
    };
    assert_eq!(pull_request(&node(&json!({})), number(7)), Ok(expected));
    let read = |changes: Value| pull_request(&node(&changes), number(7)).unwrap();
    assert_eq!(read(json!({"author": null})).author, None);
    for gone in [Value::Null, json!({"nameWithOwner": "no name"})] {
        assert_eq!(read(json!({"headRepository": gone})).head_repository, None);
    }
    let person = json!({"author": {"__typename": "User", "login": "o"}});
    assert_eq!(read(person).author, Some(Author { login: "o".to_owned(), is_bot: false }));
    assert_eq!(read(json!({"state": "MERGED"})).state, PullRequestState::Merged);
    assert_eq!(read(json!({"state": "CLOSED"})).state, PullRequestState::Closed);
    assert_eq!(read(json!({"labels": {"nodes": []}})).labels, [""; 0]);
}

#[test]
fn what_is_not_told_is_never_guessed() {
    for name in
        ["number", "title", "url", "state", "isDraft", "isCrossRepository", "headRefOid", "baseRefName", "labels"]
    {
        assert!(pull_request(&without(name), number(7)).is_err(), "{name}");
        assert!(pull_request(&node(&json!({name: null})), number(7)).is_err(), "{name}");
    }
    for changes in [
        json!({"number": 8}),
        json!({"number": -7}),
        json!({"state": "HALF_OPEN"}),
        json!({"headRefOid": "main"}),
        json!({"labels": {"nodes": null}}),
        json!({"labels": {"nodes": [{"name": "preview"}, null]}}),
    ] {
        assert!(pull_request(&node(&changes), number(7)).is_err(), "{changes}");
    }
    for senseless in [json!(null), json!([]), json!("closed"), json!({})] {
        assert!(pull_request(&senseless, number(7)).is_err(), "{senseless}");
    }
}

#[test]
fn files_are_complete_only_when_all_were_told() {
    let read = |changes: Value| pull_request(&node(&changes), number(7)).unwrap().changes;
    let more = json!({"nodes": [{"path": "a"}], "pageInfo": {"hasNextPage": true, "endCursor": "x"}});
    assert_eq!(read(json!({"files": more})), Changes { paths: vec!["a".to_owned()], are_complete: false });
    assert!(!read(json!({"changedFiles": 3})).are_complete);
    assert!(!read(json!({"changedFiles": null})).are_complete);
    assert_eq!(read(json!({"files": null})), Changes::default());
    let end = json!({"hasNextPage": false, "endCursor": null});
    assert!(!read(json!({"files": {"nodes": [{"path": "a"}, null], "pageInfo": end}})).are_complete);
    assert!(!read(json!({"files": {"nodes": null, "pageInfo": end}})).are_complete);
    assert!(read(json!({"changedFiles": 0, "files": {"nodes": [], "pageInfo": end}})).are_complete);
    assert!(!read(json!({"files": {"nodes": [{"path": "a"}, {"path": "b"}]}})).are_complete);
    assert_eq!(pull_request(&without("files"), number(7)).unwrap().changes, Changes::default());
}

#[test]
fn only_our_comments_are_kept() {
    let comment =
        |id: Value, is_ours: bool| json!({"fullDatabaseId": id, "url": "u", "body": "b", "viewerDidAuthor": is_ours});
    let nodes = json!([
        comment(json!("5000000000"), true),
        comment(json!("2"), false),
        comment(json!(null), false),
        comment(json!(3), true)
    ]);
    let read = |page: Value| comments(&json!({"comments": {"nodes": nodes, "pageInfo": page}}));
    let found = read(json!({"hasNextPage": true, "endCursor": "x"})).unwrap();
    assert_eq!(
        found.entries.iter().map(|comment| comment.id).collect::<Vec<_>>(),
        [CommentId(5_000_000_000), CommentId(3)]
    );
    assert_eq!(found.next.as_deref(), Some("x"));
    assert!(read(json!({"hasNextPage": false, "endCursor": "x"})).is_ok_and(|found| found.next.is_none()));
    // Not knowing of a comment of ours would mean writing another one.
    for odd in [json!(null), comment(json!(null), true)] {
        let page = json!({"nodes": [odd], "pageInfo": {"hasNextPage": false, "endCursor": null}});
        assert!(comments(&json!({"comments": page})).is_err());
    }
    assert!(read(json!({"hasNextPage": true, "endCursor": null})).is_err());
    assert!(read(json!(null)).is_err());
    assert!(comments(&json!({})).is_err());
    assert!(comments(&json!({"comments": {"nodes": null, "pageInfo": {"hasNextPage": false}}})).is_err());
}

fn deployed(node: &Value) -> Vec<Deployment> {
    let mut node = node.clone();
    if let Some(node) = node.as_object_mut().filter(|node| !node.is_empty()) {
        node.insert("id".to_owned(), "DE_1".into());
    }
    let page = deployments(&json!({"nodes": [node], "pageInfo": {"hasNextPage": false, "endCursor": null}})).unwrap();
    page.entries.into_iter().map(|read| read.deployment).collect()
}

#[test]
fn a_deployment_is_read() {
    let node = json!({
        "databaseId": 3_000_000_000_u64,
        "environment": "preview/pr-7",
        "commitOid": "0123456789abcdef0123456789abcdef01234567",
        "payload": r#"{"application":"shop","pull-request":7,"generation":3}"#,
        "state": "IN_PROGRESS",
        "latestStatus": {"state": "IN_PROGRESS", "createdAt": "1970-01-01T00:16:40Z"},
    });
    let expected = Deployment {
        id: Some(DeploymentId(3_000_000_000)),
        environment: "preview/pr-7".to_owned(),
        commit: "0123456789abcdef0123456789abcdef01234567".parse().ok(),
        payload: Some(Payload { application: "shop".parse().unwrap(), pull_request: number(7), generation: 3 }),
        standing: Standing::Up,
    };
    assert_eq!(deployed(&node), [expected]);
    let bare = json!({"databaseId": 1, "environment": null, "commitOid": "?", "payload": null, "state": null});
    let expected = Deployment {
        id: Some(DeploymentId(1)),
        environment: String::new(),
        commit: None,
        payload: None,
        standing: Standing::Begun,
    };
    assert_eq!(deployed(&bare), [expected]);
    for odd in [json!(null), json!({}), json!(7), json!({"databaseId": -1})] {
        assert_eq!(deployed(&odd), [], "{odd}");
    }
    for broken in
        [json!(null), json!({}), json!({"nodes": null, "pageInfo": {"hasNextPage": false}}), json!({"nodes": []})]
    {
        assert!(deployments(&broken).is_err(), "{broken}");
    }
}

#[test]
fn payloads_are_found_however_often_they_are_wrapped() {
    let text = r#"{"application":"shop","pull-request":7,"generation":3}"#;
    let wrapped = json!(text).to_string();
    let ours = [json!(text), json!(wrapped), serde_json::from_str(text).unwrap()];
    for value in ours {
        assert_eq!(payload(value.clone()).map(|payload| payload.generation), Some(3), "{value}");
    }
    for value in [
        json!(""),
        json!("{}"),
        json!("null"),
        json!("\"\""),
        json!("{"),
        json!("[7]"),
        json!(7),
        json!(null),
        json!(true),
    ] {
        assert_eq!(payload(value.clone()), None, "{value}");
    }
}

#[test]
fn states_say_whether_something_is_still_to_be_told() {
    for (state, expected) in [
        (Some("PENDING"), Standing::Begun),
        (Some("QUEUED"), Standing::Begun),
        (Some("WAITING"), Standing::Begun),
        (Some("ABANDONED"), Standing::Begun),
        (Some("INACTIVE"), Standing::Inactive),
        (Some("DESTROYED"), Standing::Inactive),
        (Some("IN_PROGRESS"), Standing::Up),
        (Some("ACTIVE"), Standing::Ready),
        (Some("SUCCESS"), Standing::Ready),
        (Some("ERROR"), Standing::Up),
        (Some("FAILURE"), Standing::Failed),
        (Some("SOMETHING_NEW"), Standing::Up),
        (None, Standing::Begun),
    ] {
        assert_eq!(standing(state, false), expected, "{state:?}");
    }
    assert_eq!(standing(None, true), Standing::Up);
}

#[test]
fn environments_are_read_by_name() {
    let nodes = json!([{"name": "production"}, null, {"name": "preview"}]);
    let page = json!({"nodes": nodes, "pageInfo": {"hasNextPage": true, "endCursor": "x"}});
    assert_eq!(
        environments(&page),
        Ok(Page { entries: vec!["production".to_owned(), "preview".to_owned()], next: Some("x".to_owned()) })
    );
}
