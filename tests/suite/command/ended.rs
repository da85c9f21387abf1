//! Commands on pull requests that are closed or merged, or that close meanwhile.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bivouac::emulator::{Forge, IncomingRequest, Verdict};

use super::{TEN_HOURS, answer, labels, ours, say, sticky, world, world_with_preview};
use crate::policy::patch;
use crate::world::{APPLICATION, World};

const ALL: [&str; 7] = ["deploy", "remove", "keep", "extend 48h", "status", "help", "approve 0123456789ab"];

fn finish(forge: &Forge, is_merged: bool) {
    let done = if is_merged { forge.merge(APPLICATION, 7) } else { forge.close(APPLICATION, 7) };
    done.unwrap();
}

/// What comes of a command: the result, the reason, and the reaction.
fn came_of(world: &World, command: &str) -> String {
    let said = say(world, &format!("/preview {command}")).ok();
    let (result, reason) = said.ending();
    assert!(labels(world).is_empty(), "{command}");
    format!("{command}: {result} {reason} {}", said.reactions(world))
}

#[test]
fn every_command_takes_down_what_a_pull_request_that_has_ended_left() {
    for (is_merged, word) in [(false, "closed"), (true, "merged")] {
        for command in ALL {
            let world = world_with_preview(TEN_HOURS);
            finish(world.emulator.forge(), is_merged);
            let reaction = if ["remove", "status", "help"].contains(&command) { "+1" } else { "-1" };
            let expected = format!("{command}: removed the pull request is {word} {reaction}");
            assert_eq!(came_of(&world, command), expected);
            assert_eq!(patch(&world, 7), None);
            assert!(sticky(&world).contains(&format!("state=removed reason={word}")), "{}", sticky(&world));
        }
    }
}

#[test]
fn every_command_on_a_pull_request_that_has_ended_finds_nothing_to_do() {
    for is_merged in [false, true] {
        let world = world(TEN_HOURS);
        finish(world.emulator.forge(), is_merged);
        let tip = world.tip();
        let reason = if is_merged { "the pull request is merged" } else { "the pull request is closed" };
        for command in ALL {
            let reaction = if ["remove", "status", "help"].contains(&command) { "+1" } else { "-1" };
            let found = came_of(&world, command);
            let allowed = ["absent", "refused"].map(|result| format!("{command}: {result} {reason} {reaction}"));
            assert!(allowed.contains(&found), "{found}");
        }
        assert_eq!(world.tip(), tip);
        assert_eq!(ours(&world, 7).len(), 1);
        assert!(answer(&world).ends_with("the pull request is not open."), "{}", answer(&world));
    }
}

/// Lets pull request 7 close once, right before the first request that `is_it` means.
fn closing_before(world: &World, is_it: impl Fn(&IncomingRequest) -> bool + Send + Sync + 'static) -> Arc<AtomicBool> {
    let has_closed = Arc::new(AtomicBool::new(false));
    let (closed, forge) = (Arc::clone(&has_closed), world.emulator.forge().clone());
    world.intercept(move |request| {
        if is_it(request) && !closed.swap(true, Ordering::SeqCst) {
            forge.close(APPLICATION, 7).unwrap();
        }
        Verdict::Pass
    });
    has_closed
}

#[test]
fn a_pull_request_that_closes_after_the_command_was_read_gets_no_preview() {
    let world = world("{labels: {require: [preview]}}");
    let has_closed = closing_before(&world, |request| request.path.contains("/issues/7/labels"));
    let said = say(&world, "/preview deploy").ok();
    assert!(has_closed.load(Ordering::SeqCst));
    assert_eq!(said.run.output("reason"), "the pull request is closed");
    assert_eq!((said.reactions(&world), patch(&world, 7)), ("-1".to_owned(), None));
}

#[test]
fn a_pull_request_that_closes_while_its_preview_is_put_up_is_swept() {
    let world = world("{}");
    let has_closed = closing_before(&world, |request| request.path.ends_with("/reactions"));
    let said = say(&world, "/preview deploy").ok();
    assert!(has_closed.load(Ordering::SeqCst));
    assert_eq!(said.run.output("result"), "created");
    assert_eq!(world.teardown(7, &crate::world::sha('a')).ok().output("result"), "removed");
    assert!(sticky(&world).contains("state=removed reason=closed"), "{}", sticky(&world));
}

#[test]
fn a_pull_request_that_is_not_there_is_a_mistake() {
    let world = world("{}");
    let event = super::event(99, 5_000_000_001, &bivouac::emulator::Actor::user(super::ADA), "/preview deploy");
    let run = world.run(super::hearing(&world, &event, &[]));
    assert_eq!(run.code, 2, "{}", run.stderr);
}
