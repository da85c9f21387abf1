//! Limits: a short one is waited for, a long one is told at once, and nothing is said twice.

use std::sync::atomic::Ordering;
use std::time::{Duration, Instant};

use bivouac::emulator::{Answer, IncomingRequest, RequestKind, Verdict};
use jiff::Timestamp;

use super::truth::Told;
use super::{calm, is_silent, meet, refusal, told, world, world_with_preview};
use crate::world::{World, sha};

const EXCEEDED: &str = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again.";

/// A request that creates something.
fn posts(end: &'static str) -> impl Fn(&IncomingRequest) -> bool {
    move |request| request.kind == RequestKind::Api && request.method == "POST" && request.path.ends_with(end)
}

fn asks(request: &IncomingRequest) -> bool {
    request.kind == RequestKind::Graphql
}

/// A deploy that is limited once, waits, and says everything once.
fn is_waited_for(
    world: &World,
    commit: char,
    concerns: impl Fn(&IncomingRequest) -> bool + Send + Sync + 'static,
    limit: impl Fn() -> Answer + Send + Sync + 'static,
) {
    let picked = meet(world, 0, 1, concerns, move || Verdict::Answer(limit()));
    let started = Instant::now();
    let run = world.deploy(7, &sha(commit)).ok();
    assert!(started.elapsed() >= Duration::from_secs(1) && picked.load(Ordering::SeqCst) >= 2);
    let waiting = "the forge limits how often it is asked: waiting ";
    assert_eq!(run.stderr.matches(waiting).count(), 1, "{}", run.stderr);
    assert_eq!(Told::of(world, 7), Told::up(7, &sha(commit)));
    calm(world);
    is_silent(world, "unchanged", || world.deploy(7, &sha(commit)));
}

fn in_a_second() -> Answer {
    refusal(403, EXCEEDED).with_header("retry-after", "1")
}

#[test]
fn a_question_that_is_limited_for_a_second_is_asked_again() {
    is_waited_for(&world(), 'a', asks, in_a_second);
}

#[test]
fn a_deployment_that_is_limited_for_a_second_is_made_once() {
    is_waited_for(&world(), 'a', posts("/deployments"), in_a_second);
}

#[test]
fn a_status_that_is_limited_for_a_second_is_told() {
    is_waited_for(&world(), 'a', posts("/statuses"), || refusal(429, EXCEEDED).with_header("retry-after", "1"));
}

#[test]
fn a_comment_that_is_limited_for_a_second_is_written_once() {
    is_waited_for(&world(), 'a', posts("/comments"), in_a_second);
}

#[test]
fn an_edit_that_is_limited_for_a_second_is_made() {
    let world = world_with_preview();
    world.push(7, &sha('b'));
    is_waited_for(&world, 'b', |request| request.method == "PATCH", in_a_second);
}

/// A limit that is used up until some seconds from now, by the forge's clock.
fn used_up(status: u16, words: &str, seconds: i64) -> Answer {
    let reset = Timestamp::now().as_second() + seconds;
    let answer = refusal(status, words).with_header("x-ratelimit-remaining", "0");
    answer.with_header("x-ratelimit-reset", reset.to_string())
}

#[test]
fn a_limit_that_is_used_up_for_two_seconds_is_waited_for() {
    is_waited_for(&world(), 'a', asks, || used_up(403, "API rate limit exceeded for installation.", 2));
}

/// GraphQL's own way to say so: in an answer that claims to be a success.
fn limited_inside(seconds: i64) -> Answer {
    let body = serde_json::json!({"errors": [{"type": "RATE_LIMITED", "message": "API rate limit exceeded"}]});
    let body = Answer::json(200, &body);
    let reset = Timestamp::now().as_second() + seconds;
    body.with_header("x-ratelimit-remaining", "0").with_header("x-ratelimit-reset", reset.to_string())
}

#[test]
fn a_limit_inside_an_answer_is_waited_for() {
    is_waited_for(&world(), 'a', asks, || limited_inside(1));
}

/// What a deploy says that meets a long limit, and how long it took.
fn is_told_at_once(
    world: &World,
    concerns: impl Fn(&IncomingRequest) -> bool + Send + Sync + 'static,
    limit: impl Fn() -> Answer + Send + Sync + 'static,
) -> String {
    let picked = meet(world, 0, usize::MAX, concerns, move || Verdict::Answer(limit()));
    let started = Instant::now();
    let run = world.deploy(7, &sha('a'));
    assert!(started.elapsed() < Duration::from_secs(20), "{:?}", started.elapsed());
    assert_eq!((run.code, picked.load(Ordering::SeqCst)), (6, 1), "{}", run.stderr);
    calm(world);
    world.deploy(7, &sha('a')).ok();
    assert_eq!(Told::of(world, 7), Told::up(7, &sha('a')));
    is_silent(world, "unchanged", || world.deploy(7, &sha('a')));
    told(&run)
}

#[test]
fn a_question_that_is_limited_for_an_hour_is_told_at_once() {
    let limit = || refusal(403, EXCEEDED).with_header("retry-after", "3600");
    insta::assert_snapshot!(is_told_at_once(&world(), asks, limit), @"
    error: the forge limits how often it is asked: You have exceeded a secondary rate limit. Please wait a few minutes before you try again.; it may be asked again in 60 minutes
      hint wait for the limit to pass, then run it again
    ");
}

#[test]
fn a_limit_inside_an_answer_that_lasts_is_told_at_once() {
    insta::assert_snapshot!(is_told_at_once(&world(), asks, || limited_inside(3570)), @"
    error: the forge limits how often it is asked: API rate limit exceeded; it may be asked again in 60 minutes
      hint wait for the limit to pass, then run it again
    ");
}

#[test]
fn a_comment_that_is_limited_for_an_hour_is_told_at_once_and_the_commit_stands() {
    let world = world();
    let limit = || refusal(403, EXCEEDED).with_header("retry-after", "3600");
    insta::assert_snapshot!(is_told_at_once(&world, posts("/comments"), limit), @"
    error: the apps repository is as it should be, but the pull request could not be told
      because the forge limits how often it is asked: You have exceeded a secondary rate limit. Please wait a few minutes before you try again.; it may be asked again in 60 minutes
      hint wait for the limit to pass, then run it again
    ");
}

#[test]
fn a_deployment_that_is_limited_for_an_hour_is_told_at_once() {
    let world = world();
    let limit = || used_up(429, EXCEEDED, 3570);
    insta::assert_snapshot!(is_told_at_once(&world, posts("/deployments"), limit), @"
    error: the apps repository is as it should be, but the pull request could not be told
      because the forge limits how often it is asked: You have exceeded a secondary rate limit. Please wait a few minutes before you try again.; it may be asked again in 60 minutes
      hint wait for the limit to pass, then run it again
    ");
}
