//! Previews of forks, whose commits somebody who may push has approved: `preview.forks: approved`.

mod approvals;
mod builds;
mod labelled;
mod lives;
mod runs;
mod sweeps;

use bivouac::emulator::{Actor, NewPullRequest, Role};
use serde_json::{Value, json};

use crate::command::{ADA, Said, say};
use crate::policy::{configured, ending, patch};
use crate::world::{APPLICATION, Run, WEBHOOKS, World, sha};

pub(crate) const FORK: &str = "stranger/wildside";

/// A world whose previews of forks have to be approved, with this under `preview` besides; pull request 7 comes from a fork, with
/// `a…`, and Ada may push.
pub(crate) fn world(preview: &str) -> World {
    let world = configured(&format!("{{forks: approved{preview}}}"));
    with_fork(&world);
    world
}

/// Opens pull request 7 from a fork, and lets Ada push.
pub(crate) fn with_fork(world: &World) {
    open(world, 7, &sha('a'));
    world.emulator.forge().set_role(APPLICATION, ADA, Role::Write).unwrap();
}

/// Opens a pull request from a fork.
pub(crate) fn open(world: &World, number: u64, head: &str) {
    let new = NewPullRequest {
        number: Some(number),
        fork: Some(FORK.to_owned()),
        author: Actor::user("stranger"),
        ..NewPullRequest::from_branch("patch-1", head)
    };
    world.emulator.forge().open_pull_request(APPLICATION, new).unwrap();
}

/// The event of pull request 7, whose head was that commit.
pub(crate) fn event(action: &str, head: &str) -> Value {
    let event = WEBHOOKS.pull_request(action).numbered(7).at(head).in_repository(APPLICATION);
    event.coming_from_fork(FORK).into_value()
}

/// A verb for an event of a fork's pull request.
pub(crate) fn on(world: &World, verb: &str, event: &Value, more: &[&str]) -> Run {
    let path = world.write_event(event);
    let mut command = world.bivouac(&[&[verb], more].concat());
    command.env("GITHUB_EVENT_NAME", "pull_request_target").env("GITHUB_EVENT_PATH", path);
    world.run(command)
}

/// `deploy` for a push to the head of pull request 7. Fails the test unless it is green; returns the result and the reason.
pub(crate) fn pushed(world: &World, digit: char) -> (String, String) {
    world.push(7, &sha(digit));
    ending(&on(world, "deploy", &event("synchronize", &sha(digit)), &[]).ok())
}

/// That Ada approves what begins with these digits.
pub(crate) fn approve(world: &World, digits: &str) -> Said {
    say(world, &format!("/preview approve {digits}")).ok()
}

/// A world in which the preview of `a…` was approved by Ada.
pub(crate) fn approved(preview: &str) -> World {
    let world = world(preview);
    assert_eq!(approve(&world, &sha('a')).run.output("result"), "created");
    world
}

/// The commit that is shown, the commit that was approved, and by whom.
pub(crate) fn shown(world: &World) -> Option<(String, String, String)> {
    let patch = patch(world, 7)?;
    let annotation = |name: &str| {
        let line = patch.lines().find_map(|line| line.trim().strip_prefix(&format!("bivouac.dev/{name}: ")));
        line.unwrap_or_default().trim_matches('"').to_owned()
    };
    Some((annotation("commit"), annotation("approved-commit"), annotation("approved-by")))
}

/// What is shown where Ada approved the commit of that digit.
pub(crate) fn by_ada(digit: char) -> (String, String, String) {
    (sha(digit), sha(digit), ADA.to_owned())
}

/// The reason of a head that nobody has approved, made of that digit.
pub(crate) fn unapproved(digit: char) -> String {
    format!("the head, `{}`, is a commit of a fork that nobody has approved", digit.to_string().repeat(7))
}

/// That a result is due to such a head.
pub(crate) fn because_unapproved(result: &str, digit: char) -> (String, String) {
    (result.to_owned(), unapproved(digit))
}

/// The event of a run that has ended, for the head of pull request 7.
pub(crate) fn run_event(digit: char) -> Value {
    let mut event = WEBHOOKS.example("workflow_run", "completed");
    let run = &mut event["workflow_run"];
    (run["event"], run["status"]) = (json!("pull_request"), json!("completed"));
    (run["conclusion"], run["pull_requests"]) = (json!("success"), json!([]));
    (run["head_sha"], run["head_branch"]) = (json!(sha(digit)), json!("patch-1"));
    run["head_repository"]["full_name"] = json!(FORK);
    event["repository"]["full_name"] = json!(APPLICATION);
    event
}
