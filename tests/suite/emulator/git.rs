//! The emulator's git server, with the real git program.

use std::fmt::Write as _;
use std::process::Command;
use std::sync::{Arc, Mutex};

use super::support::{Workshop, accounts, git_url, said, started};
use crate::files::{GIT, write_program};
use bivouac::emulator::{Emulator, RequestKind, Settings, Verdict};

#[tokio::test(flavor = "multi_thread")]
async fn a_push_comes_back_in_a_clone() {
    let emulator = started(Settings::new(accounts())).await;
    let workshop = Workshop::new();
    let url = git_url(&emulator, "writer-token", "/acme/apps.git");
    workshop.clone_with_commit(&url, "one");
    workshop.done("one", &["push", "--quiet", "origin", "HEAD:main"]);
    let without_suffix = git_url(&emulator, "reader-token", "/acme/apps");
    workshop.done(".", &["clone", "--quiet", "--depth=1", &without_suffix, "two"]);
    assert_eq!(std::fs::read_to_string(workshop.path().join("two/file")).unwrap(), "one");
    assert_eq!(workshop.done("two", &["branch", "--show-current"]), "main");

    let requests = emulator.requests();
    assert!(requests.iter().all(|request| request.kind == RequestKind::Git));
    let push = requests.iter().find(|request| request.path.ends_with("/git-receive-pack")).unwrap();
    assert_eq!((push.method.as_str(), push.has_authorization, push.status), ("POST", true, Some(200)));
    // git asks without credentials first, as it does at GitHub.
    assert_eq!((requests[0].has_authorization, requests[0].status), (false, Some(401)));
    emulator.forget_requests();
    assert!(emulator.requests().is_empty());
    emulator.stop().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn who_may_not_is_told_as_github_tells() {
    let emulator = started(Settings::new(accounts())).await;
    let workshop = Workshop::new();
    workshop.clone_with_commit(&git_url(&emulator, "reader-token", "/acme/apps"), "one");
    let refused = workshop.git("one", &["push", "origin", "HEAD:main"]);
    assert!(said(&refused).contains("remote: Permission to acme/apps.git denied to hubot."), "{}", said(&refused));
    assert!(said(&refused).contains("The requested URL returned error: 403"), "{}", said(&refused));

    let fetch = |token: &str, path: &str| said(&workshop.git(".", &["ls-remote", &git_url(&emulator, token, path)]));
    assert!(fetch("wrong", "/acme/apps").contains("Authentication failed"), "{}", fetch("wrong", "/acme/apps"));
    assert!(fetch("stranger-token", "/acme/apps").contains("remote: Repository not found."));
    assert!(fetch("writer-token", "/acme/other").contains("remote: Repository not found."));
    assert!(fetch("writer-token", "/acme/apps.git.git").contains("not found"));
    let nobody = workshop.git(".", &["ls-remote", &format!("{}/acme/apps", emulator.server_url())]);
    assert!(said(&nobody).contains("could not read Username"), "{}", said(&nobody));
}

#[tokio::test(flavor = "multi_thread")]
async fn access_can_differ_by_repository() {
    let emulator = started(Settings::new(accounts())).await;
    let workshop = Workshop::new();
    for (repository, succeeds) in [("wildside", true), ("apps", false)] {
        workshop.clone_with_commit(&git_url(&emulator, "actions-token", &format!("/acme/{repository}")), repository);
        let pushed = workshop.git(repository, &["push", "origin", "HEAD:main"]);
        assert_eq!(pushed.status.success(), succeeds, "{repository}: {}", said(&pushed));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_hook_refuses_and_says_why() {
    let emulator = started(Settings::new(accounts())).await;
    let hook = emulator.repositories().join("acme/apps.git/hooks/pre-receive");
    let refusal = "GH006: Protected branch update failed for refs/heads/main.";
    write_program(&hook, &format!("#!/bin/sh\necho '{refusal}' >&2\nexit 1\n"));
    let workshop = Workshop::new();
    workshop.clone_with_commit(&git_url(&emulator, "writer-token", "/acme/apps"), "one");
    let refused = workshop.git("one", &["push", "origin", "HEAD:main"]);
    assert!(said(&refused).contains("remote: GH006: Protected branch"), "{}", said(&refused));
    assert!(said(&refused).contains("pre-receive hook declined"), "{}", said(&refused));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_push_too_large_for_one_piece_is_taken() {
    let (emulator, sent) = with_header_noted("transfer-encoding").await;
    let workshop = Workshop::new();
    workshop.clone_with_commit(&git_url(&emulator, "writer-token", "/acme/apps"), "one");
    // Numbers of a generator, so that nothing makes them smaller; above a MiB git sends chunks.
    let mut state = 1_u64;
    let noise = std::iter::repeat_with(|| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
        state.to_be_bytes()[0]
    });
    let noise = noise.take(3 << 20).collect::<Vec<u8>>();
    std::fs::write(workshop.path().join("one/noise"), noise).unwrap();
    workshop.done("one", &["add", "."]);
    workshop.done("one", &["commit", "--quiet", "--message", "noise"]);
    workshop.done("one", &["push", "--quiet", "origin", "HEAD:main"]);
    assert!(sent.lock().unwrap().iter().any(|value| value == "chunked"));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_compressed_request_is_understood() {
    let (emulator, sent) = with_header_noted("content-encoding").await;
    let workshop = Workshop::new();
    let url = git_url(&emulator, "writer-token", "/acme/apps");
    workshop.clone_with_commit(&url, "one");
    workshop.done("one", &["push", "--quiet", "origin", "HEAD:main"]);
    workshop.done(".", &["clone", "--quiet", &url, "two"]);
    // A fetch that names a thousand commits is long enough for git to compress it.
    let mut script = String::new();
    for number in 0..1_000_u64 {
        // Newer than what both know, so that git names these first.
        let date = 4_000_000_000 + number;
        writeln!(script, "commit refs/heads/own-{number}\ncommitter A <a@x> {date} +0000\ndata 1\nx\n").unwrap();
    }
    std::fs::write(workshop.path().join("script"), script).unwrap();
    let mut import = Command::new("sh");
    import.args(["-c", "git -C two fast-import --quiet < script"]);
    let imported = import.current_dir(workshop.path()).env("HOME", workshop.path()).status();
    assert!(imported.unwrap().success());
    workshop.done("one", &["commit", "--quiet", "--allow-empty", "--message", "more"]);
    workshop.done("one", &["push", "--quiet", "origin", "HEAD:main"]);
    workshop.done("two", &["fetch", "--quiet"]);
    let tip = |folder, name| workshop.done(folder, &["rev-parse", name]);
    assert_eq!(tip("two", "origin/main"), tip("one", "HEAD"));
    assert!(sent.lock().unwrap().iter().any(|value| value == "gzip"));
}

/// An emulator, and the values of one header in the requests it gets.
async fn with_header_noted(name: &'static str) -> (Emulator, Arc<Mutex<Vec<String>>>) {
    let values = Arc::new(Mutex::new(Vec::new()));
    let noted = Arc::clone(&values);
    let settings = Settings::new(accounts()).with_guard(move |request| {
        noted.lock().unwrap().extend(request.header(name).map(str::to_owned));
        Verdict::Pass
    });
    (started(settings).await, values)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_guard_lets_somebody_else_be_faster() {
    let rival = Arc::new(Mutex::new(None::<std::path::PathBuf>));
    let seen = Arc::clone(&rival);
    let settings = Settings::new(accounts()).with_guard(move |request| {
        if request.is_push()
            && let Some(folder) = seen.lock().unwrap().take()
        {
            let mut moved = Command::new(&*GIT);
            moved.arg("-C").arg(folder).args(["update-ref", "refs/heads/main", "refs/heads/rival"]);
            assert!(moved.status().unwrap().success());
        }
        Verdict::Pass
    });
    let emulator = started(settings).await;
    let workshop = Workshop::new();
    let url = git_url(&emulator, "writer-token", "/acme/apps");
    workshop.clone_with_commit(&url, "one");
    workshop.done("one", &["push", "--quiet", "origin", "HEAD:main"]);
    workshop.done("one", &["commit", "--quiet", "--allow-empty", "--message", "rival"]);
    workshop.done("one", &["push", "--quiet", "origin", "HEAD:rival"]);
    workshop.done("one", &["commit", "--quiet", "--amend", "--allow-empty", "--message", "mine"]);
    *rival.lock().unwrap() = Some(emulator.repositories().join("acme/apps.git"));
    let late = workshop.git("one", &["push", "origin", "HEAD:main"]);
    assert!(!late.status.success());
    assert!(said(&late).contains("[remote rejected]"), "{}", said(&late));
}

#[tokio::test(flavor = "multi_thread")]
async fn nothing_outside_the_folder_is_served() {
    let emulator = started(Settings::new(accounts())).await;
    let address = emulator.server_url().replace("http://", "");
    for path in
        ["/acme/../../info/refs?service=git-upload-pack", "/acme/apps.git/../apps.git/config", "/acme/apps.git/config"]
    {
        // Spoken by hand: a client would tidy the path up.
        let mut stream = std::net::TcpStream::connect(&address).unwrap();
        let credentials = "eDp3cml0ZXItdG9rZW4="; // x:writer-token
        let request = format!(
            "GET {path} HTTP/1.1\r\nHost: x\r\nAuthorization: basic {credentials}\r\nConnection: close\r\n\r\n"
        );
        std::io::Write::write_all(&mut stream, request.as_bytes()).unwrap();
        let answer = std::io::read_to_string(stream).unwrap();
        assert!(answer.starts_with("HTTP/1.1 404"), "{path}: {answer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_name_is_taken_once() {
    let emulator = started(Settings::new(accounts())).await;
    assert_eq!(
        emulator.create_repository("acme", "apps").await.unwrap_err().to_string(),
        "the repository `acme/apps` exists already"
    );
    assert!(emulator.create_repository("..", "apps").await.is_err());
}
