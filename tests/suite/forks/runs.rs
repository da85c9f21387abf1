//! `deploy` on the end of a run, which says whose head it was for, and not which pull request.

use serde_json::{Value, json};

use super::{FORK, approve, approved, because_unapproved, by_ada, open, run_event, shown, world};
use crate::policy::{ending, plain};
use crate::world::{APPLICATION, Run, World, sha};

fn deploy(world: &World, event: &Value) -> Run {
    let path = world.write_event(event);
    let mut command = world.bivouac(&["deploy"]);
    command.env("GITHUB_EVENT_NAME", "workflow_run").env("GITHUB_EVENT_PATH", path);
    world.emulator.forget_requests();
    world.run(command)
}

#[test]
fn a_run_brings_the_pull_request_of_its_head_up_to_date() {
    let world = world("");
    assert_eq!(ending(&deploy(&world, &run_event('a')).ok()), because_unapproved("refused", 'a'));
    approve(&world, &sha('a'));
    assert_eq!(ending(&deploy(&world, &run_event('a')).ok()), plain("unchanged"));
    world.push(7, &sha('b'));
    assert_eq!(ending(&deploy(&world, &run_event('b')).ok()), because_unapproved("kept", 'b'));
    assert_eq!(shown(&world), Some(by_ada('a')));
}

#[test]
fn a_run_whose_head_no_pull_request_has_any_more_is_green_and_says_so() {
    let world = approved("");
    let tip = world.tip();
    let nobody = |event: &Value, head: &str| {
        let run = deploy(&world, event).ok();
        let told = format!("no open pull request has the head {head} of `{FORK}` any more");
        assert_eq!(run.stdout, format!("{told}\n"));
        assert!(run.stderr.contains(&format!("::notice title=Preview::{told}")), "{}", run.stderr);
        assert_eq!((run.output("result"), world.tip()), ("", tip.clone()));
    };
    nobody(&run_event('b'), "bbbbbbb");
    let mut other = run_event('a');
    other["workflow_run"]["head_branch"] = json!("patch-2");
    nobody(&other, "aaaaaaa");
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    nobody(&run_event('a'), "aaaaaaa");
}

#[test]
fn two_pull_requests_with_one_head_are_told_of() {
    let world = approved("");
    open(&world, 8, &sha('a'));
    let run = deploy(&world, &run_event('a')).ok();
    assert_eq!((run.output("result"), run.output("name")), ("unchanged", "pr-7"));
    assert!(run.stderr.contains("#8 have the same head as #7"), "{}", run.stderr);
}

#[test]
fn a_run_that_was_not_for_a_pull_request_is_a_mistake_of_the_workflow() {
    let world = approved("");
    for (field, value) in [("event", json!("push")), ("head_sha", json!("main")), ("head_branch", Value::Null)] {
        let mut event = run_event('a');
        event["workflow_run"][field] = value;
        let run = deploy(&world, &event);
        assert_eq!((run.code, world.emulator.requests().len()), (2, 0), "{field}: {}", run.stderr);
    }
}
