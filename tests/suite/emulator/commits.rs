//! `createCommitOnBranch`, alone and beside pushes.

use std::sync::Arc;

use super::support::{Workshop, accounts, git_url, graphql, said, started};
use crate::files::write_program;
use crate::world::DESCRIBED;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bivouac::emulator::{Emulator, Settings};
use serde_json::{Value, json};

const REPOSITORY: &str = "acme/apps";
const CREATE: &str = "mutation Create($input: CreateCommitOnBranchInput!) {
  createCommitOnBranch(input: $input) {
    clientMutationId commit { oid url parents(first: 2) { nodes { oid } } } ref { id name target { oid } }
  }
}";

/// An emulator whose branch `main` has a plain file, a program, a symlink and a folder.
async fn filled() -> (Emulator, Workshop) {
    let settings = Settings::new(accounts()).with_clock(|| "2026-11-21T10:00:00.75Z".parse().unwrap());
    let (emulator, workshop) = (started(settings).await, Workshop::new());
    workshop.clone_with_commit(&git_url(&emulator, "writer-token", "/acme/apps"), "one");
    let top = workshop.path().join("one");
    std::fs::create_dir_all(top.join("folder/only")).unwrap();
    std::fs::write(top.join("folder/only/file"), "x").unwrap();
    write_program(&top.join("run.sh"), "#!/bin/sh\n");
    std::os::unix::fs::symlink("file", top.join("link")).unwrap();
    workshop.done("one", &["add", "."]);
    workshop.done("one", &["commit", "--quiet", "--message", "more"]);
    workshop.done("one", &["push", "--quiet", "origin", "HEAD:main"]);
    (emulator, workshop)
}

/// A change: contents that are put in, and nothing for a path that is taken out.
fn changes(edits: &[(&str, Option<&str>)]) -> Value {
    let additions =
        edits.iter().filter_map(|(path, text)| Some(json!({"path": path, "contents": STANDARD.encode((*text)?)})));
    let deletions = edits.iter().filter(|(_, text)| text.is_none()).map(|(path, _)| json!({"path": path}));
    json!({"additions": additions.collect::<Vec<_>>(), "deletions": deletions.collect::<Vec<_>>()})
}

fn input(head: &str, edits: &[(&str, Option<&str>)]) -> Value {
    json!({
        "branch": {"repositoryNameWithOwner": REPOSITORY, "branchName": "main"},
        "message": {"headline": "By the API", "body": "For a reason"},
        "fileChanges": changes(edits),
        "expectedHeadOid": head,
        "clientMutationId": "mine",
    })
}

/// What the mutation gets, request and answer held against GitHub's schema.
async fn create(emulator: &Emulator, token: &str, input: Value) -> Value {
    let request = json!({"query": CREATE, "variables": {"input": input}});
    DESCRIBED.check_graphql(request.to_string().as_bytes()).unwrap();
    let answer = graphql(emulator, token, CREATE, json!({"input": input})).await;
    DESCRIBED.check_graphql_answer(request.to_string().as_bytes(), answer.to_string().as_bytes()).unwrap();
    answer
}

/// git in the bare repository.
fn in_bare(emulator: &Emulator, workshop: &Workshop, arguments: &[&str]) -> String {
    workshop.done(emulator.repositories().join("acme/apps.git").to_str().unwrap(), arguments)
}

fn tip(emulator: &Emulator, workshop: &Workshop) -> String {
    in_bare(emulator, workshop, &["rev-parse", "refs/heads/main"])
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_is_by_who_asks_and_on_top_of_the_branch() {
    let (emulator, workshop) = filled().await;
    let head = tip(&emulator, &workshop);
    let edits = [("run.sh", Some("new\n")), ("a/b/c", Some("")), ("link", Some("plain")), ("file", None)];
    let mut answer = create(&emulator, "actions-token", input(&head, &edits)).await;
    // A token may read this repository and not write to it.
    assert_eq!(answer["errors"][0]["type"], "FORBIDDEN");
    answer = create(&emulator, "writer-token", input(&head, &edits)).await;
    let payload = &answer["data"]["createCommitOnBranch"];
    let oid = payload["commit"]["oid"].as_str().unwrap();
    assert_eq!(oid, tip(&emulator, &workshop));
    assert_eq!(payload["commit"]["url"], format!("{}/{REPOSITORY}/commit/{oid}", emulator.server_url()));
    assert_eq!(payload["commit"]["parents"]["nodes"], json!([{"oid": head}]));
    assert_eq!((&payload["ref"]["name"], &payload["clientMutationId"]), (&json!("main"), &json!("mine")));
    let format = "--format=%an <%ae> %ad|%cn <%ce> %cd|%B";
    let shown = in_bare(&emulator, &workshop, &["show", "--no-patch", "--date=iso-strict", format, oid]);
    let by = "octocat <octocat@users.noreply.example> 2026-11-21T10:00:00";
    let zone = if shown.contains("Z|") { "Z" } else { "+00:00" };
    assert_eq!(shown, format!("{by}{zone}|{by}{zone}|By the API\n\nFor a reason"));
    let listed = in_bare(&emulator, &workshop, &["ls-tree", "-r", "--format=%(objectmode) %(path)", oid]);
    assert_eq!(listed, "100644 a/b/c\n100644 folder/only/file\n100644 link\n100755 run.sh");
    in_bare(&emulator, &workshop, &["fsck", "--strict"]);
    // By the identifier of the ref, and with nothing in it.
    let by_id = json!({
        "branch": {"id": payload["ref"]["id"]}, "message": {"headline": "Empty"}, "expectedHeadOid": oid
    });
    assert_eq!(create(&emulator, "writer-token", by_id).await.get("errors"), None);
    assert_eq!(in_bare(&emulator, &workshop, &["diff", oid, "main"]), "");
    workshop.done("one", &["pull", "--quiet", "--ff-only", "origin", "main"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn files_and_folders_take_each_others_places() {
    for (edits, listed) in [
        (vec![("folder", Some("x"))], "file folder link run.sh"),
        (vec![("folder/only/file", None), ("folder", Some("x"))], "file folder link run.sh"),
        (vec![("file/in/it", Some("x"))], "file/in/it folder/only/file link run.sh"),
        (vec![("file", None), ("file/x", Some("x"))], "file/x folder/only/file link run.sh"),
        (vec![("folder/only/file", None)], "file link run.sh"),
        (vec![("file", None), ("link", None), ("run.sh", None), ("folder/only/file", None)], ""),
    ] {
        let (emulator, workshop) = filled().await;
        let answer = create(&emulator, "writer-token", input(&tip(&emulator, &workshop), &edits)).await;
        assert_eq!(answer.get("errors"), None, "{edits:?}");
        let found = in_bare(&emulator, &workshop, &["ls-tree", "-r", "--name-only", "main"]);
        assert_eq!(found.replace('\n', " "), listed, "{edits:?}");
        in_bare(&emulator, &workshop, &["fsck", "--strict"]);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn what_can_not_be_committed_changes_nothing() {
    let (emulator, workshop) = filled().await;
    let head = tip(&emulator, &workshop);
    let with = |path: &[&str], value: Value| {
        let mut input = input(&head, &[("new", Some("x"))]);
        *path.iter().fold(&mut input, |of, name| &mut of[*name]) = value;
        input
    };
    let edit = |edits: &[(&str, Option<&str>)]| with(&["fileChanges"], changes(edits));
    let gone = format!("A path was requested for deletion which does not exist as of commit oid `{head}`");
    let stale = format!("Expected branch to point to \"{}\" but it did not.  Pull and try again.", "5f2c".repeat(10));
    let no_repository = "Could not resolve to a Repository with the name 'acme/other'.";
    let mut cases = vec![
        (with(&["expectedHeadOid"], "5f2c".repeat(10).into()), "STALE_DATA", stale.as_str()),
        (with(&["branch", "repositoryNameWithOwner"], "acme/other".into()), "NOT_FOUND", no_repository),
        (with(&["branch", "branchName"], "other".into()), "NOT_FOUND", "Could not resolve to a Ref"),
        (with(&["branch"], json!({"id": "REF_x"})), "NOT_FOUND", "Could not resolve to a node"),
        (edit(&[("nothing", None)]), "UNPROCESSABLE", gone.as_str()),
        (edit(&[("folder", None)]), "UNPROCESSABLE", gone.as_str()),
        (edit(&[("file", None), ("file", Some("x"))]), "UNPROCESSABLE", "The path `file` is there more than once"),
    ];
    for path in ["", "/x", "x/", "a//b", "..", "a/../b", "./x", ".git/config", "a/.GIT/x", "a\0b"] {
        cases.push((edit(&[(path, Some("x"))]), "UNPROCESSABLE", "is not one of a file"));
    }
    for (input, kind, message) in cases {
        let answer = create(&emulator, "writer-token", input.clone()).await;
        let error = &answer["errors"][0];
        assert_eq!((&error["type"], &error["path"]), (&json!(kind), &json!(["createCommitOnBranch"])), "{input}");
        assert!(error["message"].as_str().unwrap().contains(message), "{error}");
        assert_eq!(answer["data"], json!({"createCommitOnBranch": null}));
    }
    let contents = json!({"additions": [{"path": "x", "contents": "not Base64"}]});
    let garbled = json!({"input": with(&["fileChanges"], contents)});
    assert_eq!(graphql(&emulator, "writer-token", CREATE, garbled).await["errors"][0]["type"], "UNPROCESSABLE");
    let unseen = create(&emulator, "stranger-token", input(&head, &[])).await;
    assert_eq!(unseen["errors"][0]["type"], "NOT_FOUND");
    assert_eq!(tip(&emulator, &workshop), head);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_that_refuses_a_push_refuses_a_commit() {
    let (emulator, workshop) = filled().await;
    let head = tip(&emulator, &workshop);
    let hook = emulator.repositories().join("acme/apps.git/hooks/pre-receive");
    let script = "#!/bin/sh\nread old new name\ngit cat-file -e $new && echo \"$old $name\" >&2\nexit 1\n";
    write_program(&hook, script);
    let answer = create(&emulator, "writer-token", input(&head, &[("new", Some("x"))])).await;
    let error = &answer["errors"][0];
    let (kind, message) = (json!("BRANCH_PROTECTION_RULE_VIOLATION"), json!(format!("{head} refs/heads/main")));
    assert_eq!((&error["type"], &error["message"]), (&kind, &message));
    assert_eq!(tip(&emulator, &workshop), head);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_lock_is_waited_for_and_a_packed_branch_is_moved() {
    let (emulator, workshop) = filled().await;
    in_bare(&emulator, &workshop, &["pack-refs", "--all"]);
    let head = tip(&emulator, &workshop);
    let lock = emulator.repositories().join("acme/apps.git/refs/heads/main.lock");
    std::fs::write(&lock, "").unwrap();
    let release = tokio::task::spawn_blocking(move || {
        std::thread::sleep(std::time::Duration::from_millis(200));
        std::fs::remove_file(lock).unwrap();
    });
    let answer = create(&emulator, "writer-token", input(&head, &[("new", Some("x"))])).await;
    assert!(release.is_finished(), "the lock was not waited for");
    assert_eq!(answer["data"]["createCommitOnBranch"]["commit"]["oid"], tip(&emulator, &workshop));
}

/// Asks through a client that keeps its connections: making one takes longer than an answer.
async fn ask(client: &reqwest::Client, emulator: &Emulator, body: Value) -> Value {
    let request = client.post(emulator.graphql_url()).bearer_auth("writer-token").body(body.to_string());
    serde_json::from_slice(&request.send().await.unwrap().bytes().await.unwrap()).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn of_forty_commits_on_one_head_one_lands() {
    let (emulator, workshop) = filled().await;
    let (emulator, client) = (Arc::new(emulator), reqwest::Client::new());
    for round in 0..3 {
        let head = tip(&emulator, &workshop);
        let mut commits = tokio::task::JoinSet::new();
        for index in 0..40 {
            let (client, emulator) = (client.clone(), Arc::clone(&emulator));
            let variables = json!({"input": input(&head, &[(&format!("{round}/{index}"), Some("x"))])});
            let body = json!({"query": CREATE, "variables": variables});
            commits.spawn(async move { ask(&client, &emulator, body).await });
        }
        let answers = commits.join_all().await;
        let (landed, refused): (Vec<_>, Vec<_>) = answers.iter().partition(|answer| answer.get("errors").is_none());
        assert_eq!(landed.len(), 1);
        assert!(refused.iter().all(|answer| answer["errors"][0]["type"] == "STALE_DATA"));
        assert_eq!(landed[0]["data"]["createCommitOnBranch"]["commit"]["oid"], tip(&emulator, &workshop));
        assert_eq!(in_bare(&emulator, &workshop, &["rev-parse", "main~"]), head);
    }
}

/// Tries until a file of its own is in, each time on top of what is there; says how often the branch had moved.
async fn commit_until_it_lands(client: &reqwest::Client, emulator: &Emulator, name: &str) -> usize {
    let tip = "{ repository(owner: \"acme\", name: \"apps\") { defaultBranchRef { target { oid } } } }";
    for moved in 0.. {
        let found = ask(client, emulator, json!({"query": tip})).await;
        let head = found["data"]["repository"]["defaultBranchRef"]["target"]["oid"].as_str().unwrap();
        let variables = json!({"input": input(head, &[(name, Some(name))])});
        let answer = ask(client, emulator, json!({"query": CREATE, "variables": variables})).await;
        match answer["errors"][0]["type"].as_str() {
            None => return moved,
            Some(kind) => assert_eq!(kind, "STALE_DATA", "{answer}"),
        }
    }
    unreachable!()
}

/// The same by pushes.
fn push_until_it_lands(workshop: &Workshop, url: &str, name: &str) {
    workshop.clone_with_commit(url, name);
    while !workshop.git(name, &["push", "--quiet", "origin", "HEAD:main"]).status.success() {
        let pulled = workshop.git(name, &["pull", "--quiet", "--rebase", "--strategy-option=theirs", "origin", "main"]);
        assert!(pulled.status.success(), "{}", said(&pulled));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn commits_and_pushes_race_and_each_lands_once() {
    let (emulator, workshop) = filled().await;
    let url = git_url(&emulator, "writer-token", "/acme/apps");
    let before: usize = in_bare(&emulator, &workshop, &["rev-list", "--count", "main"]).parse().unwrap();
    let (emulator, workshop, client) = (Arc::new(emulator), Arc::new(workshop), reqwest::Client::new());
    let mut commits = tokio::task::JoinSet::new();
    for index in 0..40 {
        let (client, emulator) = (client.clone(), Arc::clone(&emulator));
        commits.spawn(async move { commit_until_it_lands(&client, &emulator, &format!("api/{index}")).await });
    }
    let mut pushes = tokio::task::JoinSet::new();
    for index in 0..4 {
        let (workshop, url) = (Arc::clone(&workshop), url.clone());
        pushes.spawn_blocking(move || push_until_it_lands(&workshop, &url, &format!("git-{index}")));
    }
    let moved: usize = commits.join_all().await.into_iter().sum();
    pushes.join_all().await;
    assert!(moved > 0, "nobody raced");
    let parents = in_bare(&emulator, &workshop, &["log", "--format=%p", "main"]);
    assert!(parents.lines().all(|parents| !parents.contains(' ')), "{parents}");
    let now: usize = in_bare(&emulator, &workshop, &["rev-list", "--count", "main"]).parse().unwrap();
    assert_eq!(now, before + 40 + 4);
    let files = in_bare(&emulator, &workshop, &["ls-tree", "-r", "--name-only", "main", "api/"]);
    assert_eq!(files.lines().count(), 40);
    in_bare(&emulator, &workshop, &["fsck", "--strict"]);
}
