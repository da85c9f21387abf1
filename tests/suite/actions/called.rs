//! The workflows that others call, from a workflow of the caller's own, and what its later jobs get from them.

use bivouac::emulator::Role;
use serde_json::json;

use super::Caller;
use super::commands::{comment, writer};
use crate::world::{APPLICATION, sha};

const PREVIEW: &str = r"
name: Ours
on: pull_request
permissions: {}
jobs:
  preview:
    permissions: {contents: read, packages: write, pull-requests: write, deployments: write}
    uses: bivouac-dev/bivouac/.github/workflows/preview.yml@PIN
    with:
      apps-repository: acme/apps
      image-directories: '[]'
    secrets:
      BIVOUAC_APPS_TOKEN: ${{ secrets.BIVOUAC_APPS_TOKEN }}
  smoke:
    needs: preview
    runs-on: ubuntu-latest
    steps:
      - run: echo $OUTPUTS
        env:
          OUTPUTS: ${{ toJSON(needs.preview.outputs) }}
";

/// A workflow that calls another one for an event.
fn calling(event: &str, workflow: &str, with: &str) -> String {
    format!(
        "name: Ours\non: {event}\npermissions: {{}}\njobs:\n  called:\n    \
         uses: bivouac-dev/bivouac/.github/workflows/{workflow}@PIN\n    with: {with}\n    secrets: inherit\n"
    )
}

#[test]
fn a_called_preview_hands_its_outputs_to_the_jobs_that_follow() {
    let mut caller = Caller::new();
    caller.set_variable("BIVOUAC_APPS_REPOSITORY", "acme/another");
    caller.add_workflow("ours.yml", PREVIEW);
    caller.world.open(7, &sha('a'));

    let ended = caller.pull_request("ours.yml", "opened", 7, &sha('a')).green();
    let outputs = ended.logs["smoke"].clone();
    for (name, value) in [
        ("result", "created"),
        ("url", "https://pr-7.preview.example.com"),
        ("name", "pr-7"),
        ("namespace", "wildside-pr-7"),
        ("apps-commit", &caller.world.tip()),
    ] {
        assert!(
            outputs.contains(&format!("{name}: {value}")) || outputs.contains(&format!("\"{name}\": \"{value}\"")),
            "{outputs}"
        );
    }
    assert!(!ended.jobs.contains_key("images"), "there was no image to build: {:?}", ended.jobs);
}

#[test]
fn the_other_workflows_do_the_same_when_they_are_called() {
    let caller = Caller::new();
    let world = &caller.world;
    caller.add_workflow("hand.yml", &calling("workflow_dispatch", "preview-by-hand.yml", "{pull-request: 7}"));
    caller.add_workflow("down.yml", &calling("pull_request", "preview-teardown.yml", "{path: .}"));
    caller.add_workflow("sweep.yml", &calling("schedule", "preview-sweep.yml", "{dry-run: false}"));
    for number in [7, 8] {
        world.open(number, &sha('a'));
    }

    let by_hand = caller.dispatch("hand.yml", &json!({})).green();
    assert_eq!(by_hand.output("deploy.result"), "created");
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    let down = caller.pull_request("down.yml", "closed", 7, &sha('a')).green();
    assert_eq!(down.output("teardown.result"), "removed");
    world.deploy(8, &sha('a')).ok();
    world.emulator.forge().close(APPLICATION, 8).unwrap();
    let swept = caller.run("sweep.yml", "schedule", &json!({})).green();
    assert_eq!(swept.output("sweep.removed"), r#"["pr-8"]"#);
}

#[test]
fn a_called_workflow_follows_a_command() {
    let caller = Caller::new();
    let world = &caller.world;
    caller
        .add_workflow("ours.yml", &calling("issue_comment", "preview-command.yml", "{build-workflow: ours-build.yml}"));
    world.emulator.forge().set_role(APPLICATION, "ada", Role::Write).unwrap();
    world.open(7, &sha('a'));
    let ended = caller.run("ours.yml", "issue_comment", &comment(world, 7, &writer(), "/preview deploy")).green();
    assert_eq!((ended.output("command.command"), ended.output("command.result")), ("deploy", "created"));
}
