//! What Flux says of the release on the commit.

use std::time::Duration;

use bivouac::emulator::{Answer, CommitStatusState, NewCommitStatus, RequestKind, Verdict};
use serde_json::json;

use super::{comment, deploy, failed, world};
use crate::world::{APPLICATION, World, sha};

const CONTEXT: &str = "helmrelease/wildside/0c9c2e41";

/// Posts what Flux says, one after the other, once the commit has been asked about that often.
fn says(world: &World, words: &'static [(usize, CommitStatusState, &str)]) {
    let forge = world.emulator.forge().clone();
    let asked = std::sync::atomic::AtomicUsize::new(0);
    world.intercept(move |request| {
        if request.kind == RequestKind::Api && request.path.ends_with("/statuses") && request.path.contains("/commits/")
        {
            let now = asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst);
            for (_, state, text) in words.iter().filter(|(at, ..)| *at == now) {
                forge.post_status(APPLICATION, &sha('a'), NewCommitStatus::new(CONTEXT, *state, text)).unwrap();
            }
        }
        Verdict::Pass
    });
}

#[test]
fn fluxs_success_on_the_commit_is_enough_and_its_failures_may_pass() {
    use CommitStatusState::{Failure, Pending, Success};
    let world = world("{flux: true}");
    says(
        &world,
        &[
            (1, Pending, "reconciliation in progress"),
            (2, Failure, "upgrade retries exhausted"),
            (3, Success, "Helm upgrade succeeded"),
        ],
    );
    let run = deploy(&world, "60s").ok();
    assert_eq!(run.output("result"), "ready");
    for seen in [
        "Flux has said nothing of the release wildside on this commit",
        "Flux: pending: `reconciliation in progress`",
        "Flux: failure: `upgrade retries exhausted`",
    ] {
        assert!(run.stderr.contains(seen), "{}", run.stderr);
    }
    assert!(
        comment(&world).contains("| Last answer | `Flux: success: 'Helm upgrade succeeded'` |"),
        "{}",
        comment(&world)
    );
}

#[test]
fn a_failure_that_stays_is_told_in_the_end() {
    let world = world("{flux: true}");
    says(&world, &[(0, CommitStatusState::Failure, "timed out waiting for the condition")]);
    failed(deploy(&world, "2s"), "Flux: failure: `timed out waiting for the condition`");
}

#[test]
fn the_statuses_are_read_to_the_last_page() {
    let world = world("{flux: true}");
    let forge = world.emulator.forge().clone();
    let post = |context: &str| {
        let new = NewCommitStatus::new(context, CommitStatusState::Success, "");
        forge.post_status(APPLICATION, &sha('a'), new).unwrap();
    };
    post(CONTEXT);
    (0..205).for_each(|number| post(&format!("ci/{number}")));
    deploy(&world, "60s").ok();
}

#[test]
fn a_token_that_may_not_read_statuses_is_told_what_it_lacks() {
    let world = world("{flux: true}");
    world.intercept(|request| {
        if request.path.contains("/commits/") {
            return Verdict::Answer(Answer::json(403, &json!({"message": "Resource not accessible by integration"})));
        }
        Verdict::Pass
    });
    let started = std::time::Instant::now();
    let run = deploy(&world, "60s");
    assert_eq!((run.code, run.output("result")), (4, "created"), "{}", run.stderr);
    assert!(run.stderr.contains("statuses: read"), "{}", run.stderr);
    assert!(started.elapsed() < Duration::from_secs(30));
    assert!(comment(&world).contains(" state=deploying "));
}

#[test]
fn a_forge_that_fails_for_a_while_is_waited_out() {
    let world = world("{flux: true}");
    let forge = world.emulator.forge().clone();
    let asked = std::sync::atomic::AtomicUsize::new(0);
    world.intercept(move |request| {
        if request.path.contains("/commits/") && asked.fetch_add(1, std::sync::atomic::Ordering::SeqCst) == 0 {
            let new = NewCommitStatus::new(CONTEXT, CommitStatusState::Success, "");
            forge.post_status(APPLICATION, &sha('a'), new).unwrap();
            return Verdict::Answer(Answer::json(502, &json!({"message": "Bad gateway"})));
        }
        Verdict::Pass
    });
    deploy(&world, "60s").ok();
}
