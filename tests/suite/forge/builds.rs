//! The builds of forks: which there are, what they left, and whose they are.

use std::fs;
use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};

use bivouac::domain::fork_build::{Artifact, Build, BuildStanding, RunHead};
use bivouac::emulator::{
    Actor, Answer, IncomingRequest, NewPullRequest, NewWorkflowRun, RequestKind, RunStatus, Verdict,
};
use bivouac::ports::{Builds, ForgeError};
use serde_json::json;

use super::{github, world};
use crate::world::{APPLICATION, TOKEN, World, sha};

const WORKFLOW: &str = "preview-fork-build.yml";
const FORK: &str = "stranger/wildside";

fn run(digit: char) -> NewWorkflowRun {
    NewWorkflowRun::for_pull_request(WORKFLOW, FORK, "patch-1", sha(digit))
}

fn add(world: &World, new: NewWorkflowRun) -> u64 {
    world.emulator.forge().add_run(APPLICATION, new).unwrap().id
}

fn builds(world: &World, digit: char) -> Result<Vec<Build>, ForgeError> {
    let (workflow, commit) = (WORKFLOW.parse().unwrap(), sha(digit).parse().unwrap());
    let found = world.block_on(github(world).builds(&workflow, &commit));
    world.accepts_all();
    found
}

#[test]
fn the_builds_of_a_commit_are_those_for_pull_requests_the_latest_first() {
    let world = World::new();
    assert!(matches!(builds(&world, 'a'), Err(ForgeError::NotFound { .. })));
    let one = add(&world, run('a'));
    add(&world, run('b'));
    let two = add(&world, run('a').at(RunStatus::InProgress, None));
    add(&world, NewWorkflowRun { event: "push".to_owned(), ..run('a') });
    add(&world, NewWorkflowRun { workflow: "other.yml".to_owned(), ..run('a') });
    let three = add(&world, NewWorkflowRun { head_repository: None, ..run('a') });
    let build = |id, standing, head: Option<&str>| Build {
        id,
        standing,
        head_repository: head.map(|name| name.parse().unwrap()),
    };
    let expected = vec![
        build(three, BuildStanding::Succeeded, None),
        build(two, BuildStanding::Pending, Some(FORK)),
        build(one, BuildStanding::Succeeded, Some(FORK)),
    ];
    assert_eq!(builds(&world, 'a').unwrap(), expected);

    // A forge that does not know the filters lists all.
    let all = builds_unfiltered(&world);
    world.intercept(move |_| Verdict::Answer(Answer::json(200, &all)));
    assert_eq!(builds(&world, 'a').unwrap(), expected);
    world.intercept(|_| Verdict::Answer(Answer::json(200, &json!({"total_count": 0}))));
    assert!(matches!(builds(&world, 'a'), Err(ForgeError::Senseless { .. })));
}

/// The answer to the same question without filters, the oldest run first.
fn builds_unfiltered(world: &World) -> serde_json::Value {
    let url = format!("{}/repos/{APPLICATION}/actions/workflows/{WORKFLOW}/runs", world.emulator.api_url());
    world.block_on(async {
        let answer = reqwest::Client::new().get(url).bearer_auth(TOKEN).send().await.unwrap();
        let mut told: serde_json::Value = answer.json().await.unwrap();
        told["workflow_runs"].as_array_mut().unwrap().reverse();
        told
    })
}

#[test]
fn what_a_build_left_is_read_page_by_page() {
    let world = World::new();
    let (id, forge) = (add(&world, run('a')), world.emulator.forge());
    for number in 0..150 {
        forge.add_artifact(APPLICATION, id, &format!("one-{number}"), *b"zip").unwrap();
    }
    let last = forge.add_artifact(APPLICATION, id, "##[error]x", *b"zipped").unwrap().id;
    forge.expire_artifact(APPLICATION, last).unwrap();
    let found = world.block_on(github(&world).artifacts(id)).unwrap();
    world.accepts_all();
    assert_eq!((found.len(), world.requests(RequestKind::Api).len()), (151, 2));
    assert_eq!(found[0], Artifact { id: last, name: "##[error]x".to_owned(), size: 6, is_expired: true });
    assert!(matches!(world.block_on(github(&world).artifacts(7)), Err(ForgeError::NotFound { .. })));
}

/// A world in which a build left `bytes`, and the number of that.
fn left(bytes: &[u8]) -> (World, u64) {
    let world = World::new();
    let id = add(&world, run('a'));
    let artifact = world.emulator.forge().add_artifact(APPLICATION, id, "image", bytes).unwrap().id;
    (world, artifact)
}

fn download(world: &World, artifact: u64, file: &Path, limit: u64) -> Result<(), ForgeError> {
    let done = world.block_on(github(world).download(artifact, file, limit));
    world.accepts_all();
    done
}

/// Where a test's file is to be.
fn file(world: &World) -> std::path::PathBuf {
    world.home.path().join("artifact.zip")
}

#[test]
fn an_artifact_is_fetched_without_the_token_into_a_file_for_nobody_else() {
    let bytes: Vec<u8> = (0..300_000_u32).map(|number| number.to_le_bytes()[0]).collect();
    let (world, artifact) = left(&bytes);
    let file = file(&world);
    download(&world, artifact, &file, 300_000).unwrap();
    assert_eq!(fs::read(&file).unwrap(), bytes);
    assert_eq!(fs::metadata(&file).unwrap().permissions().mode() & 0o777, 0o600);
    let (asked, fetched) = (world.requests(RequestKind::Api), world.requests(RequestKind::Archive));
    assert_eq!((asked.len(), fetched.len()), (1, 1));
    assert!(asked[0].has_authorization && !fetched[0].has_authorization);

    // What is there already stays as it is.
    fs::write(&file, "mine").unwrap();
    let error = download(&world, artifact, &file, 300_000).unwrap_err();
    assert!(matches!(error, ForgeError::Local { .. }), "{error}");
    assert_eq!(fs::read(&file).unwrap(), b"mine");
}

/// A server that answers one request with so many bytes, in pieces, and tells nothing of their length; its address.
fn server_in_pieces(bytes: usize) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().unwrap();
        let _head = stream.read(&mut [0; 4096]).unwrap();
        stream.write_all(b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
        for _byte in 0..bytes {
            // Whoever has read enough closes the connection.
            if stream.write_all(b"1\r\n7\r\n").is_err() {
                return;
            }
        }
        drop(stream.write_all(b"0\r\n\r\n"));
    });
    address
}

#[test]
fn an_artifact_that_is_too_large_is_not_kept_whatever_is_told_of_its_length() {
    let (world, artifact) = left(&[b'7'; 1000]);
    let file = file(&world);
    for limit in [999, 1000] {
        for tells_length in [true, false] {
            world.intercept(move |request: &IncomingRequest| match request.kind {
                RequestKind::Api if !tells_length => {
                    let answer = Answer::json(302, &json!(null));
                    Verdict::Answer(answer.with_header("location", server_in_pieces(1000)))
                }
                _ => Verdict::Pass,
            });
            world.emulator.forget_requests();
            let done = download(&world, artifact, &file, limit);
            assert_eq!(world.requests(RequestKind::Api).len(), 1);
            if limit == 1000 {
                done.unwrap();
                assert_eq!(fs::read(&file).unwrap(), [b'7'; 1000]);
                fs::remove_file(&file).unwrap();
            } else {
                let error = done.unwrap_err().to_string();
                assert!(error.ends_with("it has more than 999 bytes"), "{error}");
                assert!(!file.exists());
            }
        }
    }
}

#[test]
fn an_artifact_that_breaks_off_is_fetched_again_from_its_beginning() {
    let (world, artifact) = left(&vec![7; 100_000]);
    let file = file(&world);
    let fetched = AtomicUsize::new(0);
    world.intercept(move |request| match request.kind {
        RequestKind::Archive if fetched.fetch_add(1, Ordering::SeqCst) == 0 => Verdict::DropMidway(60_000),
        RequestKind::Archive if fetched.load(Ordering::SeqCst) == 2 => Verdict::Answer(Answer::new(503, "x", *b"y")),
        _ => Verdict::Pass,
    });
    download(&world, artifact, &file, 100_000).unwrap();
    assert_eq!(fs::read(&file).unwrap(), vec![7; 100_000]);
    assert_eq!((world.requests(RequestKind::Api).len(), world.requests(RequestKind::Archive).len()), (3, 3));

    fs::remove_file(&file).unwrap();
    world.intercept(|request| match request.kind {
        RequestKind::Archive => Verdict::DropMidway(60_000),
        _ => Verdict::Pass,
    });
    assert!(matches!(download(&world, artifact, &file, 100_000), Err(ForgeError::Unreachable { .. })));
    assert!(!file.exists());
}

#[test]
fn an_artifact_is_fetched_from_no_unsafe_place_and_one_that_is_gone_is_not_found() {
    let (world, artifact) = left(b"zip");
    let file = file(&world);
    for place in ["http://example.com/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://127.0.0.1.example.com/"] {
        world.intercept(move |_| Verdict::Answer(Answer::json(302, &json!(null)).with_header("location", place)));
        let error = download(&world, artifact, &file, 9).unwrap_err().to_string();
        assert!(error.ends_with("it is not where it can be fetched safely, by `https://`"), "{place}: {error}");
        assert!(!file.exists());
    }
    world.intercept(|_| Verdict::Pass);
    world.emulator.forge().expire_artifact(APPLICATION, artifact).unwrap();
    for gone in [artifact, 7] {
        assert!(matches!(download(&world, gone, &file, 9), Err(ForgeError::NotFound { .. })));
    }
    assert!(!file.exists());
}

#[test]
fn a_run_is_of_the_open_pull_requests_with_its_head_and_no_others() {
    let world = world();
    let forge = world.emulator.forge();
    let open = |fork: &str, branch: &str, digit: char| {
        let new = NewPullRequest {
            fork: Some(fork.to_owned()),
            author: Actor::user("stranger"),
            ..NewPullRequest::from_branch(branch, sha(digit))
        };
        forge.open_pull_request(APPLICATION, new).unwrap().number
    };
    let branch = "patch-1/\"{}ü";
    let first = open(FORK, branch, 'b');
    for _many in 0..120 {
        open("other/wildside", branch, 'b');
    }
    open(FORK, branch, 'c');
    open(FORK, "patch-2", 'b');
    let gone = open(FORK, branch, 'b');
    forge.change(APPLICATION, gone, |change| change.head_repository = None).unwrap();
    let closed = open(FORK, branch, 'b');
    forge.close(APPLICATION, closed).unwrap();
    let second = open(FORK, branch, 'b');
    let head = |repository: &str, digit: char| RunHead {
        repository: Some(repository.parse().unwrap()),
        branch: branch.to_owned(),
        commit: sha(digit).parse().unwrap(),
    };
    let find = |head: &RunHead| {
        let found = world.block_on(github(&world).pull_requests_of(head)).unwrap();
        world.accepts_all();
        found.iter().map(|number| u64::from(number.as_u32())).collect::<Vec<_>>()
    };
    assert_eq!(find(&head(FORK, 'b')), [first, second]);
    assert_eq!(find(&head("Stranger/Wildside", 'b')), [first, second]);
    assert_eq!(world.requests(RequestKind::Graphql).len(), 4);
    assert_eq!(find(&head(FORK, 'd')), Vec::<u64>::new());
}
