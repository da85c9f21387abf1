//! The events that a run can be started by.

use serde_json::json;

use super::{PATCH, world};
use crate::world::{APPLICATION, WEBHOOKS, World, sha};

#[test]
fn every_action_of_an_open_pull_request_puts_its_preview_up() {
    for action in ["opened", "synchronize", "reopened", "ready_for_review", "labeled"] {
        let world = world();
        let run = world.on_event("deploy", action, 7, &sha('a'), &[]).ok();
        assert_eq!(run.output("result"), "created", "{action}");
        assert_eq!(run.output("apps-commit"), world.tip(), "{action}");
    }
}

#[test]
fn the_event_of_a_close_puts_nothing_up() {
    let world = world();
    world.emulator.forge().merge(APPLICATION, 7).unwrap();
    let tip = world.tip();
    let run = world.on_event("deploy", "closed", 7, &sha('a'), &[]).ok();
    assert_eq!((run.output("result"), run.output("reason")), ("absent", "the pull request is merged"));
    assert_eq!((world.tip(), world.comments(7).len()), (tip, 0));
}

#[test]
fn pull_request_target_is_an_event_of_a_pull_request() {
    let world = world();
    let mut command = world.event_command("deploy", "opened", 7, &sha('a'), &[]);
    command.env("GITHUB_EVENT_NAME", "pull_request_target");
    assert_eq!(world.run(command).ok().output("result"), "created");
}

#[test]
fn a_dispatch_names_its_pull_request_in_an_input() {
    for number in [json!("7"), json!(" 7 "), json!(7)] {
        let world = world();
        let event = json!({"inputs": {"pull-request": number}, "repository": {"full_name": APPLICATION}});
        let path = world.write_event(&event);
        let mut command = world.bivouac(&["deploy"]);
        command.env("GITHUB_EVENT_NAME", "workflow_dispatch").env("GITHUB_EVENT_PATH", path);
        assert_eq!(world.run(command).ok().output("result"), "created");
    }
}

#[test]
fn a_number_on_the_command_line_needs_no_event() {
    let world = world();
    let run = world.run(world.bivouac(&["deploy", "--pull-request", "7"])).ok();
    assert_eq!(run.output("result"), "created");
    assert!(world.file(PATCH).unwrap().contains(&sha('a')));
}

#[test]
fn a_number_on_the_command_line_is_stronger_than_the_event() {
    let world = world();
    world.open(8, &sha('b'));
    let run = world.on_event("deploy", "synchronize", 8, &sha('c'), &["--pull-request", "7"]).ok();
    assert_eq!((run.output("result"), run.output("name")), ("created", "pr-7"));
    let mut command = world.event_command("deploy", "synchronize", 8, &sha('c'), &[]);
    command.env("BIVOUAC_PULL_REQUEST", "8").env("BIVOUAC_COMMIT", sha('b'));
    assert_eq!(world.run(command).ok().output("name"), "pr-8");
}

#[test]
fn an_event_that_is_of_no_use_does_not_disturb_a_number_on_the_command_line() {
    let world = world();
    let path = world.write_event(&json!({"ref": "refs/heads/main"}));
    let mut command = world.bivouac(&["deploy", "--pull-request", "7"]);
    command.env("GITHUB_EVENT_NAME", "push").env("GITHUB_EVENT_PATH", path);
    assert_eq!(world.run(command).ok().output("result"), "created");
}

#[test]
fn a_draft_and_a_labelled_pull_request_have_previews_too() {
    let world = world();
    world.emulator.forge().mark_draft(APPLICATION, 7, true).unwrap();
    world.emulator.forge().label(APPLICATION, 7, "bug").unwrap();
    let event = WEBHOOKS.pull_request("labeled").numbered(7).at(&sha('a')).in_repository(APPLICATION);
    let path = world.write_event(&event.draft(true).labelled(&["bug"]).into_value());
    let mut command = world.bivouac(&["deploy"]);
    command.env("GITHUB_EVENT_NAME", "pull_request").env("GITHUB_EVENT_PATH", path);
    assert_eq!(world.run(command).ok().output("result"), "created");
}

#[test]
fn the_case_of_a_repository_does_not_matter() {
    let world: World = world();
    let configuration = world.file("bivouac.yaml").unwrap().replace("acme/wildside\n", "Acme/Wildside\n");
    world.commit_apps(&[("bivouac.yaml".to_owned(), configuration)].into(), "Shout");
    assert_eq!(world.deploy(7, &sha('a')).ok().output("result"), "created");
    assert_eq!(world.deploy(7, &sha('a')).ok().output("result"), "unchanged");
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    assert_eq!(world.teardown(7, &sha('a')).ok().output("result"), "removed");
}
