//! Repositories and servers that are not there, or are not what they should be.

use std::time::{Duration, Instant};

use bivouac::emulator::{Answer, RequestKind, Verdict};

use super::{Refusal, deploy};
use crate::world::{World, sha};

fn world() -> World {
    let world = World::new();
    world.open(7, &sha('a'));
    world
}

/// An answer of a server that is not the one that was meant.
fn html(status: u16) -> Verdict {
    let body = "<html><body>Sign in\n::error::x</body></html>";
    Verdict::Answer(Answer::new(status, "text/html; charset=utf-8", body))
}

/// An address on this machine where nobody listens.
fn nobody() -> String {
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

#[test]
fn a_branch_that_does_not_exist_is_refused_with_those_that_do() {
    let refusal = Refusal::of_arguments(&["--apps-branch", "release"]);
    assert_eq!(refusal.code, 3);
    insta::assert_snapshot!(refusal.said, @"
    error: the apps repository `http://SERVER/acme/apps` has no branch `release`: it has `main`
      hint name an existing one with `--apps-branch`
    ");
}

#[test]
fn an_empty_repository_is_refused_with_what_to_do() {
    let world = World::empty();
    world.open(7, &sha('a'));
    let refusal = Refusal::of(&world, deploy(&world, &[]));
    assert_eq!(refusal.code, 3);
    insta::assert_snapshot!(refusal.said, @"
    error: the apps repository `http://SERVER/acme/apps` is empty: it has no branch
      hint lay it out with `bivouac init`, commit and push that first
    ");
}

#[test]
fn a_repository_that_is_not_there_is_refused() {
    let refusal = Refusal::of_arguments(&["--apps-repository", "acme/nowhere"]);
    assert_eq!(refusal.code, 4);
    insta::assert_snapshot!(refusal.said, @"
    error: there is no apps repository `http://SERVER/acme/nowhere`, or the credentials can not see it: Repository not found.
      hint check the name, and that the token has access to it; without `BIVOUAC_APPS_TOKEN` (the input `apps-token`) it is the GitHub token
    ");
}

#[test]
fn a_repository_on_this_machine_that_is_not_there_is_refused() {
    let world = world();
    let address = format!("file://{}/nowhere.git", world.home.path().display());
    let refusal = Refusal::of(&world, deploy(&world, &["--apps-repository", &address]));
    assert_eq!(refusal.code, 4);
    insta::assert_snapshot!(refusal.said, @"
    error: there is no apps repository `file://HOME/nowhere.git`, or the credentials can not see it: fatal: 'HOME/nowhere.git' does not appear to be a git repository
      hint check the path
    ");
}

#[test]
fn a_git_server_that_is_down_is_told_so() {
    let world = world();
    let server = nobody();
    let refusal = Refusal::of(&world, deploy(&world, &["--apps-repository", &format!("{server}/acme/apps")]));
    assert_eq!(refusal.code, 6);
    insta::assert_snapshot!(refusal.said.replace(&server, "http://NOBODY"), @"
    error: the apps repository `http://NOBODY/acme/apps` can not be reached: Connection refused (os error 111)
      hint check the address and the network, then run it again
    ");
}

#[test]
fn a_forge_that_is_down_is_told_so() {
    let world = world();
    let server = nobody();
    let mut command = deploy(&world, &[]);
    command.env("GITHUB_GRAPHQL_URL", format!("{server}/api/graphql"));
    let refusal = Refusal::of(&world, command);
    assert_eq!(refusal.code, 6);
    insta::assert_snapshot!(refusal.said.replace(&server, "http://NOBODY"), @"
    error: the forge at `http://NOBODY` can not be reached
      because Connection refused (os error 111)
      hint check the forge's status, then run it again
    ");
}

#[test]
fn a_git_server_that_answers_html_is_no_git_server() {
    let world = world();
    world.intercept(|request| if request.kind == RequestKind::Git { html(200) } else { Verdict::Pass });
    let refusal = Refusal::of(&world, deploy(&world, &[]));
    assert_eq!((refusal.code, refusal.git_requests), (2, 1));
    insta::assert_snapshot!(refusal.said, @"error: the apps repository `http://SERVER/acme/apps` can not be used: what answers there is not a Git server (`text/html; charset=utf-8`)");
}

#[test]
fn a_git_server_that_keeps_failing_is_asked_three_times() {
    let world = world();
    world.intercept(|request| if request.kind == RequestKind::Git { html(503) } else { Verdict::Pass });
    let refusal = Refusal::of(&world, deploy(&world, &[]));
    assert_eq!((refusal.code, refusal.git_requests), (6, 3));
    insta::assert_snapshot!(refusal.said, @"
    error: the apps repository `http://SERVER/acme/apps` can not be reached: the server answered 503 Service Unavailable
      hint check the address and the network, then run it again
    ");
}

#[test]
fn a_forge_that_answers_html_makes_no_sense() {
    let world = world();
    world.intercept(|request| if request.kind == RequestKind::Graphql { html(200) } else { Verdict::Pass });
    let refusal = Refusal::of(&world, deploy(&world, &[]));
    assert_eq!(refusal.code, 6);
    insta::assert_snapshot!(refusal.said, @"
    error: the forge's answer makes no sense while trying to read the pull request: expected value at line 1 column 1
      hint check the forge's status, then run it again
    ");
}

#[test]
fn a_forge_that_keeps_failing_is_asked_three_times() {
    let world = world();
    world.intercept(|request| if request.kind == RequestKind::Graphql { html(502) } else { Verdict::Pass });
    let refusal = Refusal::of(&world, deploy(&world, &[]));
    assert_eq!((refusal.code, world.requests(RequestKind::Graphql).len()), (6, 3));
    insta::assert_snapshot!(refusal.said, @"
    error: the forge failed to read the pull request: status 502
      hint check the forge's status, then run it again
    ");
}

#[test]
fn an_answer_in_the_middle_of_which_the_server_stops_is_no_answer() {
    let world = world();
    world.intercept(|request| {
        if !request.path.ends_with("/git-upload-pack") {
            return Verdict::Pass;
        }
        Verdict::Answer(Answer::new(200, "application/x-git-upload-pack-result", "0008NAK\nPACK"))
    });
    let refusal = Refusal::of(&world, deploy(&world, &[]));
    assert_eq!(refusal.code, 6, "{}", refusal.said);
}

#[test]
fn a_failed_question_ends_cleanly_while_the_other_one_is_still_asked() {
    let world = World::new();
    world.intercept(|request| {
        if request.kind == RequestKind::Git {
            std::thread::sleep(Duration::from_secs(2));
        }
        Verdict::Pass
    });
    let started = Instant::now();
    let refusal = Refusal::of(&world, deploy(&world, &[]));
    assert_eq!(refusal.code, 2, "{}", refusal.said);
    assert!(refusal.said.starts_with("error: `acme/wildside` has no pull request 7"), "{}", refusal.said);
    assert!(!refusal.said.contains("panicked"), "{}", refusal.said);
    assert!(started.elapsed() < Duration::from_secs(30), "{:?}", started.elapsed());
}
