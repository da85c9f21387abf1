//! What the emulator's GraphQL reads from git, each query and answer held against GitHub's schema.

use std::os::unix::ffi::OsStrExt as _;

use super::support::{REPOSITORY, Workshop, accounts, data, git_url, held, query, started, with_pull_request};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use bivouac::emulator::{Emulator, Settings};
use serde_json::{Value, json};

/// A repository with one of everything, and the commit of its submodule.
async fn filled() -> (Emulator, Workshop) {
    let (emulator, workshop) = (started(Settings::new(accounts())).await, Workshop::new());
    workshop.clone_with_commit(&git_url(&emulator, "writer-token", "/acme/wildside"), "one");
    let top = workshop.path().join("one");
    std::fs::create_dir_all(top.join("apps/web")).unwrap();
    std::fs::write(top.join("apps/web/ü.yaml"), "a: 1\n").unwrap();
    std::fs::write(top.join("apps/run.sh"), "#!/bin/sh\n").unwrap();
    std::fs::write(top.join("binary"), b"a\0b").unwrap();
    std::fs::write(top.join("large"), "x".repeat(512_001)).unwrap();
    std::fs::write(top.join(std::ffi::OsStr::from_bytes(b"\xff")), b"caf\xe9").unwrap();
    std::os::unix::fs::symlink("apps", top.join("link")).unwrap();
    workshop.done("one", &["add", "."]);
    workshop.done("one", &["update-index", "--chmod=+x", "apps/run.sh"]);
    let module = format!("160000,{},module", "5f2c".repeat(10));
    workshop.done("one", &["update-index", "--add", "--cacheinfo", &module]);
    let written =
        ["commit", "--quiet", "--message", "Second\n\nWith more\nto say\n", "--date", "2026-11-21T12:00:00+0200"];
    workshop.done("one", &written);
    workshop.done("one", &["push", "--quiet", "origin", "HEAD:main", "HEAD:preview/pr-1", "HEAD~:refs/tags/v1"]);
    (emulator, workshop)
}

#[tokio::test(flavor = "multi_thread")]
async fn trees_are_read_as_deep_as_the_query_goes() {
    let (emulator, workshop) = filled().await;
    let found = data(
        &emulator,
        &query(
            "object(expression: \"HEAD:\") { __typename oid ... on Tree { entries {
                name nameRaw path mode type size isGenerated extension
                object { ... on Blob { byteSize isBinary isTruncated text } ... on Tree { entries {
                    name path pathRaw mode object { ... on Tree { entries { path object { ... on Blob { text } } } } }
                } } } } } }",
        ),
    )
    .await["object"]
        .take();
    assert_eq!(
        (&found["__typename"], &found["oid"]),
        (&json!("Tree"), &json!(workshop.done("one", &["rev-parse", "HEAD:"])))
    );
    let entries = found["entries"].as_array().unwrap();
    let brief = |of: &Value| {
        format!("{} {} {} {}", of["name"].as_str().unwrap(), of["mode"], of["type"].as_str().unwrap(), of["size"])
    };
    assert_eq!(
        entries.iter().map(brief).collect::<Vec<_>>(),
        [
            "apps 16384 tree 0",
            "binary 33188 blob 3",
            "file 33188 blob 3",
            "large 33188 blob 512001",
            "link 40960 blob 4",
            "module 57344 commit 0",
            "\u{fffd} 33188 blob 4",
        ]
    );
    let object = |index: usize| &entries[index]["object"];
    let below = &object(0)["entries"];
    assert_eq!((&below[0]["path"], &below[0]["mode"]), (&json!("apps/run.sh"), &json!(0o100_755)));
    let file = json!([{"path": "apps/web/ü.yaml", "object": {"text": "a: 1\n"}}]);
    assert_eq!(below[1]["object"]["entries"], file);
    assert_eq!(*object(1), json!({"byteSize": 3, "isBinary": true, "isTruncated": false, "text": null}));
    assert_eq!((&object(3)["isTruncated"], object(3)["text"].as_str().unwrap().len()), (&json!(true), 512_000));
    assert_eq!((&object(4)["text"], object(5)), (&json!("apps"), &Value::Null));
    assert_eq!((&entries[6]["nameRaw"], &object(6)["text"]), (&json!("/w=="), &json!("caf\u{fffd}")));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_expression_means_what_git_takes_it_to_mean() {
    let (emulator, workshop) = filled().await;
    let head = workshop.done("one", &["rev-parse", "HEAD"]);
    let mut cases: Vec<(String, Option<&str>)> = Vec::new();
    for revision in ["HEAD", "main", "refs/heads/main", "preview/pr-1", head.as_str()] {
        cases.push((revision.to_owned(), Some("HEAD")));
        for path in ["", "apps", "apps/web/ü.yaml", "link"] {
            cases.push((format!("{revision}:{path}"), Some("HEAD")));
        }
        for path in ["nothing", "link/web", "module", "module/x", "file/x", "apps/nothing/x"] {
            cases.push((format!("{revision}:{path}"), None));
        }
    }
    cases.extend([("v1".to_owned(), Some("HEAD~")), ("nothing:file".to_owned(), None), ("0".repeat(40), None)]);
    for (expression, meant) in cases {
        let found = data(&emulator, &query(&format!("object(expression: {}) {{ oid }}", json!(expression)))).await;
        let path = expression.split_once(':').map_or(String::new(), |(_, path)| format!(":{path}"));
        let oid = meant.map(|revision| workshop.done("one", &["rev-parse", &format!("{revision}{path}")]));
        assert_eq!(found["object"]["oid"], json!(oid), "{expression}");
        if let Some(oid) = oid {
            let by_oid = data(&emulator, &query(&format!("object(oid: \"{oid}\") {{ oid }}"))).await;
            assert_eq!(by_oid["object"]["oid"], oid);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_tells_what_it_is_and_what_came_before() {
    let (emulator, workshop) = filled().await;
    let parse = |name: &str| workshop.done("one", &["rev-parse", name]);
    let (head, first) = (parse("HEAD"), parse("HEAD~"));
    let found = data(
        &emulator,
        &query(
            "ref(qualifiedName: \"main\") { id name prefix target { oid ... on Commit {
                message messageHeadline messageBody authoredDate author { name email date } committer { name }
                parents(first: 5) { totalCount nodes { oid } } tree { oid } treeUrl
                folder: file(path: \"apps\") { type object { oid } } link: file(path: \"link\") { mode }
                module: file(path: \"module\") { type oid object { oid } } file(path: \"apps/x\") { oid }
                history(first: 1) { totalCount nodes { oid } pageInfo { hasNextPage } }
                ofApps: history(first: 9, path: \"apps\") { nodes { oid } }
                none: history(first: 9, until: \"2000-01-01T00:00:00Z\") { totalCount }
            } } }",
        ),
    )
    .await["ref"]
        .take();
    assert_eq!((&found["name"], &found["prefix"]), (&json!("main"), &json!("refs/heads/")));
    let commit = &found["target"];
    assert_eq!((&commit["oid"], &commit["tree"]["oid"]), (&json!(head), &json!(parse("HEAD:"))));
    assert_eq!(
        (&commit["message"], &commit["messageHeadline"], &commit["messageBody"]),
        (&json!("Second\n\nWith more\nto say"), &json!("Second"), &json!("With more\nto say"))
    );
    assert_eq!(commit["authoredDate"], "2026-11-21T10:00:00Z");
    assert_eq!(commit["author"], json!({"name": "A", "email": "a@example.com", "date": "2026-11-21T12:00:00+02:00"}));
    assert_eq!(commit["parents"], json!({"totalCount": 1, "nodes": [{"oid": first}]}));
    assert_eq!(commit["folder"], json!({"type": "tree", "object": {"oid": parse("HEAD:apps")}}));
    assert_eq!(commit["module"], json!({"type": "commit", "oid": "5f2c".repeat(10), "object": null}));
    assert_eq!((&commit["link"]["mode"], &commit["file"]), (&json!(0o120_000), &Value::Null));
    assert_eq!(
        commit["history"],
        json!({"totalCount": 2, "nodes": [{"oid": head}], "pageInfo": {"hasNextPage": true}})
    );
    assert_eq!((&commit["ofApps"]["nodes"], &commit["none"]["totalCount"]), (&json!([{"oid": head}]), &json!(0)));
}

#[tokio::test(flavor = "multi_thread")]
async fn refs_are_found_loose_and_packed() {
    let (emulator, workshop) = filled().await;
    let selections = "isEmpty defaultBranchRef { name target { oid } }
        whole: ref(qualifiedName: \"refs/heads/preview/pr-1\") { name }
        tag: ref(qualifiedName: \"refs/tags/v1\") { name prefix target { oid } }
        none: ref(qualifiedName: \"refs/heads/x\") { name } head: ref(qualifiedName: \"HEAD\") { name }
        refs(refPrefix: \"refs/heads/\", first: 9) { totalCount nodes { name } }";
    let loose = data(&emulator, &query(selections)).await;
    let head = workshop.done("one", &["rev-parse", "HEAD"]);
    assert_eq!(loose["defaultBranchRef"], json!({"name": "main", "target": {"oid": head}}));
    assert_eq!(loose["tag"]["prefix"], "refs/tags/");
    assert_eq!((&loose["isEmpty"], &loose["none"], &loose["head"]), (&json!(false), &Value::Null, &Value::Null));
    assert_eq!(loose["refs"], json!({"totalCount": 2, "nodes": [{"name": "main"}, {"name": "preview/pr-1"}]}));
    let folder = emulator.repositories().join("acme/wildside.git");
    workshop.done(folder.to_str().unwrap(), &["pack-refs", "--all"]);
    workshop.done(folder.to_str().unwrap(), &["gc", "--quiet"]);
    assert_eq!(data(&emulator, &query(selections)).await, loose);
}

#[tokio::test]
async fn an_empty_repository_says_so() {
    let emulator = with_pull_request().await;
    let selections = "isEmpty defaultBranchRef { name } ref(qualifiedName: \"main\") { name }
        object(expression: \"HEAD:file\") { oid } refs(refPrefix: \"refs/heads/\", first: 1) { totalCount }";
    let expected = json!({
        "isEmpty": true, "defaultBranchRef": null, "ref": null, "object": null, "refs": {"totalCount": 0}
    });
    assert_eq!(data(&emulator, &query(selections)).await, expected);
}

#[tokio::test(flavor = "multi_thread")]
async fn blobs_and_trees_are_read_by_rest_too() {
    let (emulator, workshop) = filled().await;
    let parse = |name: &str| workshop.done("one", &["rev-parse", name]);
    let get = async |path: &str| held(&emulator, "GET", path, "reader-token", None).await;
    let large = format!("/git/blobs/{}", parse("HEAD:large"));
    let shown = get(&large).await.json;
    let content = shown["content"].as_str().unwrap();
    assert_eq!((&shown["size"], &shown["encoding"]), (&json!(512_001), &json!("base64")));
    assert_eq!(STANDARD.decode(content.replace('\n', "")).unwrap(), "x".repeat(512_001).as_bytes());
    assert!(content.lines().all(|line| line.len() <= 60));
    for (name, bytes) in [("HEAD:binary", b"a\0b".as_slice()), ("HEAD:link", b"apps")] {
        let url = format!("{}/repos/{REPOSITORY}/git/blobs/{}", emulator.api_url(), parse(name));
        for accept in ["application/vnd.github.raw+json", "application/vnd.github.raw"] {
            let request = reqwest::Client::new().get(&url).bearer_auth("reader-token").header("accept", accept);
            assert_eq!(request.send().await.unwrap().bytes().await.unwrap(), bytes);
        }
    }
    assert_eq!(get(&format!("/git/blobs/{}", "5f2c".repeat(10))).await.status, 404);
    assert_eq!(get("/git/blobs/5f2c").await.status, 422);

    let listed = get("/git/trees/main").await.json;
    assert_eq!((&listed["sha"], &listed["truncated"]), (&json!(parse("HEAD:")), &json!(false)));
    assert_eq!(listed["tree"].as_array().unwrap().len(), 7);
    let listed = get(&format!("/git/trees/{}?recursive=1", parse("HEAD:"))).await.json;
    let brief = |of: &Value| ["mode", "type", "path"].map(|name| of[name].as_str().unwrap().to_owned()).join(" ");
    assert_eq!(
        listed["tree"].as_array().unwrap().iter().map(brief).collect::<Vec<_>>()[..5],
        [
            "040000 tree apps",
            "100755 blob apps/run.sh",
            "040000 tree apps/web",
            "100644 blob apps/web/ü.yaml",
            "100644 blob binary"
        ]
    );
    assert_eq!(listed["tree"][8]["type"], "commit");
    assert_eq!(get("/git/trees/nothing").await.status, 404);
}
