//! A forge that fails: the commit stands, what was not told is said, and the next run makes it good.

use std::sync::atomic::{AtomicUsize, Ordering};

use bivouac::emulator::{Answer, IncomingRequest, RequestKind, Verdict};

use super::{PATCH, comments, marker, world};
use crate::world::{APPLICATION, World, sha};

/// Answers the requests that `concerns` picks with `status`, the first `times` times.
fn fail(world: &World, times: usize, status: u16, concerns: impl Fn(&IncomingRequest) -> bool + Send + Sync + 'static) {
    let failed = AtomicUsize::new(0);
    world.intercept(move |request| {
        if concerns(request) && failed.fetch_add(1, Ordering::SeqCst) < times {
            let body = r#"{"message":"Resource not accessible by integration"}"#;
            return Verdict::Answer(Answer::new(status, "application/json; charset=utf-8", body));
        }
        Verdict::Pass
    });
}

#[test]
fn a_forge_that_fails_twice_is_asked_again() {
    let world = world();
    fail(&world, 2, 502, |request| request.kind == RequestKind::Graphql);
    assert_eq!(world.deploy(7, &sha('a')).ok().output("result"), "created");
    assert_eq!(world.requests(RequestKind::Graphql).len(), 3);
}

#[test]
fn a_git_server_that_fails_twice_is_asked_again() {
    let world = world();
    fail(&world, 2, 502, |request| request.kind == RequestKind::Git);
    assert_eq!(world.deploy(7, &sha('a')).ok().output("result"), "created");
}

fn is_comment(request: &IncomingRequest) -> bool {
    request.kind == RequestKind::Api && request.path.contains("/comments")
}

/// A deploy whose comment is always answered with `status`, and the next one, where it is not.
fn not_told(status: u16, code: i32) -> String {
    let world = world();
    fail(&world, usize::MAX, status, is_comment);
    let before = world.tip();
    let run = world.deploy(7, &sha('a'));
    assert_eq!(run.code, code, "{}", run.stderr);
    assert_ne!(world.tip(), before);
    assert!(world.file(PATCH).is_some());
    assert_eq!((run.output("result"), run.output("url")), ("created", "https://pr-7.preview.example.com"));
    assert_eq!((run.output("apps-commit"), run.output("comment-url")), (&*world.tip(), ""));
    assert!(run.stdout.starts_with("created pr-7") && run.summary.contains("created"), "{}", run.stdout);

    world.intercept(|_| Verdict::Pass);
    let tip = world.tip();
    let next = world.deploy(7, &sha('a')).ok();
    assert_eq!((next.output("result"), world.tip()), ("unchanged", tip));
    assert!(comments(&world)[0].1.starts_with(&marker(1, "deploying")));
    assert!(next.output("comment-url").contains("#issuecomment-"));
    run.stderr.lines().filter(|line| !line.starts_with("::")).collect::<Vec<_>>().join("\n")
}

#[test]
fn a_comment_that_is_not_allowed_is_told_and_written_by_the_next_run() {
    insta::assert_snapshot!(not_told(403, 4), @"
    error: the apps repository is as it should be, but the pull request could not be told
      because the forge does not allow to write a comment: Resource not accessible by integration
      hint give the job `permissions: pull-requests: write`
    ");
}

#[test]
fn a_comment_that_fails_is_told_and_written_by_the_next_run() {
    insta::assert_snapshot!(not_told(502, 6), @"
    error: the apps repository is as it should be, but the pull request could not be told
      because the forge failed to write a comment: status 502: Resource not accessible by integration
      hint check the forge's status, then run it again
    ");
}

#[test]
fn a_removal_that_could_not_be_told_is_told_by_the_next_run() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    fail(&world, usize::MAX, 502, is_comment);
    let run = world.teardown(7, &sha('a'));
    assert_eq!((run.code, run.output("result")), (6, "removed"));
    assert_eq!(world.file(PATCH), None);
    assert!(comments(&world)[0].1.contains("state=deploying"));

    world.intercept(|_| Verdict::Pass);
    let run = world.teardown(7, &sha('a')).ok();
    assert_eq!(run.output("result"), "absent");
    assert!(comments(&world)[0].1.contains("state=removed"), "{:?}", comments(&world));
}

#[test]
fn a_removal_that_is_told_late_counts_as_a_change_all_the_same() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    fail(&world, usize::MAX, 502, is_comment);
    assert_eq!(world.teardown(7, &sha('a')).code, 6);
    world.intercept(|_| Verdict::Pass);
    world.teardown(7, &sha('a')).ok();
    // Else a deploy that was under way all along, and speaks of generation 1, would write over it.
    assert!(comments(&world)[0].1.starts_with(&marker(2, "removed")), "{:?}", comments(&world));
}

#[test]
fn a_comment_that_somebody_deleted_meanwhile_is_no_failure() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    let forge = world.emulator.forge().clone();
    let id = comments(&world)[0].0;
    world.intercept(move |request| {
        if request.method == "PATCH" {
            forge.delete_comment(APPLICATION, id).unwrap();
        }
        Verdict::Pass
    });
    world.push(7, &sha('b'));
    let run = world.deploy(7, &sha('b'));
    assert_eq!((run.code, run.output("result")), (0, "updated"), "{}", run.stderr);
    assert!(comments(&world)[0].1.starts_with(&marker(2, "deploying")), "{:?}", comments(&world));
}

#[test]
fn a_rate_limit_is_told_as_one() {
    let world = world();
    world.intercept(|request| match request.kind {
        RequestKind::Graphql => {
            let body = r#"{"message":"You have exceeded a secondary rate limit"}"#;
            Verdict::Answer(Answer::new(403, "application/json", body).with_header("retry-after", "3600"))
        }
        _ => Verdict::Pass,
    });
    let run = world.deploy(7, &sha('a'));
    assert_eq!(run.code, 6);
    assert!(run.stderr.contains("limits how often it is asked"), "{}", run.stderr);
    assert!(run.stderr.contains("it may be asked again in 60 minutes"), "{}", run.stderr);
    assert_eq!(world.requests(RequestKind::Graphql).len(), 1);
}

#[test]
fn a_failure_inside_an_answer_is_a_failure_of_the_forge() {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    let tip = world.tip();
    for body in [
        r#"{"data":null,"errors":[{"type":"SERVICE_UNAVAILABLE","message":"timeout"}]}"#,
        r#"{"data":{"repository":{"pullRequest":null}},"errors":[{"message":"Something went wrong"}]}"#,
        r#"{"data":{"repository":null}}"#,
    ] {
        world.intercept(move |request| match request.kind {
            RequestKind::Graphql => Verdict::Answer(Answer::new(200, "application/json", body)),
            _ => Verdict::Pass,
        });
        let run = world.teardown(7, &sha('a'));
        assert_eq!(run.code, 6, "{body}: {}", run.stderr);
        assert_eq!(world.tip(), tip);
    }
}
