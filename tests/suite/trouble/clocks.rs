//! Clocks that differ: the forge's counts, nothing expires that should not, and the run says so.

use bivouac::emulator::{Answer, RequestKind, Verdict};
use jiff::{SignedDuration, Timestamp};

use super::truth::Told;
use super::{PATCH, configured, world};
use crate::world::{Run, World, sha};

const YEAR: SignedDuration = SignedDuration::from_hours(365 * 24);
const DAY: SignedDuration = SignedDuration::from_hours(24);

/// A world whose previews live for seven days, and whose forge's clock is ahead by so much.
fn ahead(by: SignedDuration) -> World {
    let world = world();
    world.commit_apps(&configured("preview: {ttl: 7d}\n"), "Previews live for a week");
    world.set_ahead(by);
    world
}

/// A time in the record of the preview.
fn recorded(world: &World, key: &str) -> Timestamp {
    let patch = world.file(PATCH).unwrap();
    let line = patch.lines().find(|line| line.contains(&format!("bivouac.dev/{key}:"))).unwrap();
    line.split('"').nth(1).unwrap().parse().unwrap()
}

fn is_near(found: Timestamp, expected: Timestamp) {
    assert!(found.duration_since(expected).abs() < SignedDuration::from_mins(2), "{found} {expected}");
}

fn warns(run: &Run) -> bool {
    run.stderr.contains("this machine's clock says ") && run.stderr.contains(": the forge's counts")
}

fn sweep(world: &World) -> Run {
    world.run(world.bivouac(&["sweep"]))
}

#[test]
fn the_life_of_a_preview_is_counted_by_the_forges_clock_and_the_run_says_so() {
    for by in [YEAR, -YEAR] {
        let world = ahead(by);
        let run = world.deploy(7, &sha('a')).ok();
        assert!(warns(&run), "{}", run.stderr);
        is_near(recorded(&world, "created-at"), Timestamp::now() + by);
        is_near(recorded(&world, "expires-at"), Timestamp::now() + by + DAY * 7);
        let run = sweep(&world).ok();
        assert_eq!((run.output("removed"), warns(&run)), ("[]", true), "{}", run.stderr);
        let run = world.deploy(7, &sha('a')).ok();
        assert_eq!(run.output("result"), "unchanged");
        assert_eq!(Told::of(&world, 7), Told::up(7, &sha('a')));
    }
}

#[test]
fn clocks_that_agree_well_enough_are_not_spoken_of() {
    let world = ahead(SignedDuration::from_mins(4));
    assert!(!warns(&world.deploy(7, &sha('a')).ok()));
    is_near(recorded(&world, "created-at"), Timestamp::now());
}

#[test]
fn a_push_never_shortens_a_life_whatever_the_clock_says_then() {
    let world = ahead(YEAR);
    world.deploy(7, &sha('a')).ok();
    let before = (recorded(&world, "created-at"), recorded(&world, "expires-at"));
    for (by, commit) in [(SignedDuration::ZERO, 'b'), (-YEAR, 'c')] {
        world.set_ahead(by);
        world.push(7, &sha(commit));
        assert_eq!(world.deploy(7, &sha(commit)).ok().output("result"), "updated");
        assert_eq!((recorded(&world, "created-at"), recorded(&world, "expires-at")), before);
        assert_eq!(sweep(&world).ok().output("removed"), "[]");
    }
}

#[test]
fn a_preview_that_was_put_up_by_a_late_clock_expires_by_the_right_one_and_a_push_brings_it_back() {
    let world = ahead(-YEAR);
    world.deploy(7, &sha('a')).ok();
    world.set_ahead(SignedDuration::ZERO);
    let run = sweep(&world).ok();
    assert_eq!((run.output("removed"), warns(&run)), (r#"["pr-7"]"#, false));
    world.push(7, &sha('b'));
    assert_eq!(world.deploy(7, &sha('b')).ok().output("result"), "created");
    is_near(recorded(&world, "expires-at"), Timestamp::now() + DAY * 7);
    assert_eq!(sweep(&world).ok().output("removed"), "[]");
}

#[test]
fn a_push_within_the_life_prolongs_it() {
    let world = ahead(SignedDuration::ZERO);
    world.deploy(7, &sha('a')).ok();
    world.set_ahead(DAY * 5);
    world.push(7, &sha('b'));
    world.deploy(7, &sha('b')).ok();
    is_near(recorded(&world, "expires-at"), Timestamp::now() + DAY * 12);
    world.set_ahead(DAY * 11);
    assert_eq!(sweep(&world).ok().output("removed"), "[]");
    assert_eq!(Told::of(&world, 7).states, ["expiring"]);
    world.set_ahead(DAY * 13);
    assert_eq!(sweep(&world).ok().output("removed"), r#"["pr-7"]"#);
}

#[test]
fn a_preview_that_was_put_up_in_the_future_does_no_harm() {
    let world = ahead(YEAR);
    world.deploy(7, &sha('a')).ok();
    world.set_ahead(SignedDuration::ZERO);
    let list = world.run(world.bivouac(&["list"])).ok();
    let row = list.stdout.lines().nth(1).unwrap();
    assert!(row.starts_with("pr-7") && row.contains("  0s  "), "{}", list.stdout);
    let json = world.run(world.bivouac(&["list", "--format", "json"])).ok();
    assert!(json.stdout.contains(&recorded(&world, "created-at").to_string()), "{}", json.stdout);
    assert_eq!(world.deploy(7, &sha('a')).ok().output("result"), "unchanged");
    assert_eq!(sweep(&world).ok().output("removed"), "[]");
}

#[test]
fn a_forge_that_does_not_say_what_time_it_is_leaves_this_machines_clock() {
    for date in ["", "yesterday", "Thu, 01 Jan 1970 00:00:00"] {
        let world = ahead(SignedDuration::ZERO);
        world.deploy(7, &sha('a')).ok();
        let graphql = world.emulator.graphql_url();
        world.intercept(move |request| match request.kind {
            RequestKind::Graphql if request.header("x-again").is_none() => {
                Verdict::Answer(again(&graphql, request).with_header("Date", date))
            }
            _ => Verdict::Pass,
        });
        let run = sweep(&world).ok();
        assert_eq!((run.output("removed"), warns(&run)), ("[]", false), "{date}: {}", run.stderr);
    }
}

/// What the emulator answers to a request, to be given with another date.
fn again(url: &str, request: &bivouac::emulator::IncomingRequest) -> Answer {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let client = reqwest::Client::new().post(url).header("x-again", "1").body(request.body.clone());
        let answer = client.header("authorization", request.header("authorization").unwrap()).send().await.unwrap();
        Answer::new(answer.status().as_u16(), "application/json", answer.bytes().await.unwrap().to_vec())
    })
}
