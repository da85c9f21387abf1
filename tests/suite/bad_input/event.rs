//! No event, another event, or one that names nothing that Bivouac can work on.

use std::fs;
use std::process::Command;

use bivouac::emulator::NewPullRequest;
use serde_json::json;

use super::{Refusal, deploy};
use crate::world::{World, sha};

/// `deploy` with these bytes as the event `name`.
fn deploy_on(world: &World, name: &str, event: &str) -> Command {
    let path = world.home.path().join("event.json");
    fs::write(&path, event).unwrap();
    let mut command = world.bivouac(&["deploy"]);
    command.env("GITHUB_EVENT_NAME", name).env("GITHUB_EVENT_PATH", path);
    command
}

fn refused_event(name: &str, event: &str) -> Refusal {
    let world = World::new();
    let refusal = Refusal::of(&world, deploy_on(&world, name, event));
    assert_eq!((refusal.code, refusal.git_requests), (2, 0));
    refusal
}

#[test]
fn without_an_event_the_variable_is_named() {
    let world = World::new();
    let refusal = Refusal::of(&world, world.bivouac(&["deploy"]));
    assert_eq!((refusal.code, refusal.git_requests), (2, 0));
    insta::assert_snapshot!(refusal.said, @"
    error: there is no event file: `GITHUB_EVENT_PATH` is not set
      hint run it in a workflow for `pull_request`, `pull_request_target`, `workflow_run` or `workflow_dispatch`, or give `--pull-request`
    ");
}

#[test]
fn a_blank_event_path_is_no_event() {
    let world = World::new();
    let mut command = world.bivouac(&["deploy"]);
    command.env("GITHUB_EVENT_PATH", " ").env("BIVOUAC_PULL_REQUEST", "");
    let refusal = Refusal::of(&world, command);
    assert_eq!(refusal.code, 2);
    assert!(refusal.said.contains("`GITHUB_EVENT_PATH` is not set"), "{}", refusal.said);
}

#[test]
fn an_event_file_that_is_not_there_is_named() {
    let world = World::new();
    let mut command = world.bivouac(&["deploy"]);
    command.env("GITHUB_EVENT_PATH", world.home.path().join("nowhere.json"));
    let refusal = Refusal::of(&world, command);
    assert_eq!(refusal.code, 2);
    insta::assert_snapshot!(refusal.said, @"
    error: the event file `HOME/nowhere.json` can not be read: No such file or directory (os error 2)
      hint run it in a workflow for `pull_request`, `pull_request_target`, `workflow_run` or `workflow_dispatch`, or give `--pull-request`
    ");
}

#[test]
fn an_empty_event_file_is_not_json() {
    insta::assert_snapshot!(refused_event("pull_request", "").said, @"
    error: the event file `HOME/event.json` is not JSON: EOF while parsing a value at line 1 column 0
      hint run it in a workflow for `pull_request`, `pull_request_target`, `workflow_run` or `workflow_dispatch`, or give `--pull-request`
    ");
}

#[test]
fn an_event_file_that_is_not_json_is_refused() {
    insta::assert_snapshot!(refused_event("pull_request", "number: 7").said, @"
    error: the event file `HOME/event.json` is not JSON: expected ident at line 1 column 3
      hint run it in a workflow for `pull_request`, `pull_request_target`, `workflow_run` or `workflow_dispatch`, or give `--pull-request`
    ");
}

#[test]
fn an_event_of_another_kind_is_named() {
    let event = json!({"ref": "refs/heads/main", "after": sha('a'), "repository": {"full_name": "acme/wildside"}});
    insta::assert_snapshot!(refused_event("push", &event.to_string()).said, @"
    error: the event `push` is not about a pull request
      hint run it in a workflow for `pull_request`, `pull_request_target`, `workflow_run` or `workflow_dispatch`, or give `--pull-request`
    ");
}

#[test]
fn a_dispatch_without_a_number_asks_for_one() {
    let event = json!({"inputs": {"pull-request": ""}, "repository": {"full_name": "acme/wildside"}});
    insta::assert_snapshot!(refused_event("workflow_dispatch", &event.to_string()).said, @"
    error: the event names no pull request
      hint give `--pull-request`, or the input `pull-request`
    ");
}

#[test]
fn a_dispatch_with_a_senseless_number_is_refused() {
    let event = json!({"inputs": {"pull-request": "7; rm -rf /\n::error::x"}});
    insta::assert_snapshot!(refused_event("workflow_dispatch", &event.to_string()).said, @r#"
    error: the event's `inputs/pull-request` makes no sense: `7; rm -rf /\n::error::x` is not the number of a pull request: give a number from 1 on
      hint run it in a workflow for `pull_request`, `pull_request_target`, `workflow_run` or `workflow_dispatch`, or give `--pull-request`
    "#);
}

#[test]
fn a_pull_request_event_that_holds_no_pull_request_is_refused() {
    insta::assert_snapshot!(refused_event("pull_request", "[]").said, @"
    error: the event holds no pull request with a number and a head commit
      hint run it in a workflow for `pull_request`, `pull_request_target`, `workflow_run` or `workflow_dispatch`, or give `--pull-request`
    ");
}

#[test]
fn a_pull_request_that_does_not_exist_is_named() {
    let world = World::new();
    let refusal = Refusal::of(&world, deploy(&world, &[]));
    assert_eq!(refusal.code, 2);
    insta::assert_snapshot!(refusal.said, @"
    error: `acme/wildside` has no pull request 7, or the token can not see it
      hint check `--repository` and `--pull-request`
    ");
}

#[test]
fn a_repository_that_the_configuration_does_not_name_is_refused_for_safety() {
    let world = World::new();
    world.block_on(world.emulator.create_repository("mallory", "wildside")).unwrap();
    let new = NewPullRequest { number: Some(7), ..NewPullRequest::from_branch("x", sha('a')) };
    world.emulator.forge().open_pull_request("mallory/wildside", new).unwrap();
    let mut command = world.bivouac(&["deploy", "--pull-request", "7"]);
    command.env("GITHUB_REPOSITORY", "mallory/wildside");
    let refusal = Refusal::of(&world, command);
    assert_eq!(refusal.code, 7);
    insta::assert_snapshot!(refusal.said, @"
    error: `bivouac.yaml` is for pull requests of `acme/wildside`, not of `mallory/wildside`
      hint set `repository` in it, if these pull requests may have previews here
    ");
    let command = world.bivouac(&["teardown", "--force", "--pull-request", "7", "--repository", "mallory/wildside"]);
    assert_eq!(Refusal::of(&world, command).code, 7);
}

#[test]
fn blank_variables_are_absent_ones() {
    let world = World::new();
    world.open(7, &sha('a'));
    let mut command = deploy(&world, &[]);
    for name in [
        "APPS_BRANCH",
        "APPS_TOKEN",
        "APPS_TOKEN_FILE",
        "PATH",
        "BACKEND",
        "GITHUB_TOKEN",
        "GITHUB_TOKEN_FILE",
        "REPOSITORY",
        "PULL_REQUEST",
        "COMMIT",
        "IMAGES",
        "PATIENCE",
        "AUTHOR",
        "ALLOW_HTTP",
        "SSH_KEY",
        "SSH_KNOWN_HOSTS",
        "DRY_RUN",
        "FORMAT",
    ] {
        command.env(format!("BIVOUAC_{name}"), if name.len() % 2 == 0 { "" } else { " \n" });
    }
    assert_eq!(world.run(command).ok().output("result"), "created");
}
