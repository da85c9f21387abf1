//! Sweeps: what a lost event or a failed run left behind is put right.

mod announcing;
mod environments;
mod heals;
mod left_alone;
mod races;
mod removals;
mod roots;
mod scale;
pub(crate) mod template;
mod unreadable;

use bivouac::emulator::{Answer, DeploymentStatusState, RequestKind, Verdict};
use serde_json::{Value, json};

use crate::bad_input::{commit_change as change, write};
use crate::policy::configured;
use crate::world::{APPLICATION, Run, World};
use template::put_up;

pub(crate) const ROSTER: &str = "overlays/ephemeral/kustomization.yaml";

/// A world with the previews of these open pull requests, all at `a…`.
pub(crate) fn world(numbers: &[u64]) -> World {
    world_with("{}", numbers)
}

/// The same with a policy.
pub(crate) fn world_with(preview: &str, numbers: &[u64]) -> World {
    let world = configured(preview);
    put_up(&world, "", numbers);
    world.emulator.forget_requests();
    world
}

pub(crate) fn sweep(world: &World, more: &[&str]) -> Run {
    let mut arguments = vec!["sweep"];
    arguments.extend(more);
    world.run(world.bivouac(&arguments))
}

pub(crate) fn close(world: &World, numbers: &[u64]) {
    for number in numbers {
        world.emulator.forge().close(APPLICATION, *number).unwrap();
    }
}

/// An output that is a list of names.
pub(crate) fn list(run: &Run, name: &str) -> Vec<String> {
    serde_json::from_str(run.output(name)).unwrap_or_else(|why| panic!("{name}: {why}\n{run:#?}"))
}

/// What is put up, by the directories and by the list, which must agree.
pub(crate) fn there(world: &World) -> Vec<String> {
    let listed = entries(world);
    let mut sorted = listed.clone();
    sorted.sort();
    assert_eq!(directories(world), sorted);
    listed
}

/// The directories of previews.
pub(crate) fn directories(world: &World) -> Vec<String> {
    let tree = world.git(&["ls-tree", "-d", "--name-only", "main:overlays/ephemeral"]);
    let mut names: Vec<_> = tree.lines().map(str::to_owned).collect();
    names.sort();
    names
}

/// The entries of the roster, as they are written.
pub(crate) fn entries(world: &World) -> Vec<String> {
    let roster = world.file(ROSTER).unwrap();
    let entries = roster.lines().filter_map(|line| line.trim().strip_prefix("- "));
    entries.map(|entry| entry.trim_matches('"').to_owned()).collect()
}

/// What the comments on a pull request tell, and how its deployments stand, the oldest first.
pub(crate) fn told(world: &World, number: u64) -> String {
    let words = |body: &String| {
        let inner = body.split_once(" -->").unwrap().0;
        let shown = inner.split(' ').filter(|word| word.starts_with("state=") || word.starts_with("reason="));
        shown.map(|word| word.split_once('=').unwrap().1).collect::<Vec<_>>().join(" ")
    };
    let comments: Vec<_> = world.comments(number).iter().map(words).collect();
    let deployments = world.emulator.forge().deployments(APPLICATION).unwrap();
    let ours = deployments.iter().filter(|deployment| deployment.payload["pull-request"] == number);
    let states = ours.map(|deployment| match deployment.latest() {
        Some(DeploymentStatusState::InProgress) => "up",
        Some(DeploymentStatusState::Inactive) => "over",
        None => "begun",
        Some(_) => "?",
    });
    format!("{} / {}", comments.join(", "), states.collect::<Vec<_>>().join(", "))
}

/// Proves that another sweep has nothing to do, and writes nothing.
pub(crate) fn is_quiet_now(world: &World, more: &[&str]) {
    let run = crate::policy::quietly(world, || sweep(world, more)).ok();
    assert_eq!((run.output("removed"), run.output("announced"), run.output("failed")), ("[]", "[]", "[]"));
    assert_eq!(run.output("apps-commit"), "");
}

/// Replaces a text in a preview's patch.
pub(crate) fn edit_patch(world: &World, number: u64, from: &str, to: &str) {
    change(world, |tree| {
        let path = tree.join(format!("overlays/ephemeral/pr-{number}/patch-helmrelease-values.yaml"));
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{text}");
        std::fs::write(path, text.replace(from, to)).unwrap();
    });
}

/// The message of the latest commit.
pub(crate) fn message(world: &World) -> String {
    world.git(&["log", "-1", "--format=%B", "main"])
}

/// How many commits there are.
pub(crate) fn commits(world: &World) -> usize {
    world.git(&["rev-list", "--count", "main"]).trim().parse().unwrap()
}

/// An answer that says that something failed.
pub(crate) fn refusal(status: u16) -> Answer {
    Answer::json(status, &json!({"message": "Resource not accessible by integration"}))
}

/// Lets every REST request fail with `status`, until somebody else intercepts.
pub(crate) fn fail_writes(world: &World, status: u16) {
    world.intercept(move |request| match request.kind {
        RequestKind::Api => Verdict::Answer(refusal(status)),
        _ => Verdict::Pass,
    });
}

/// The words of a run on standard error, but for annotations.
pub(crate) fn said(world: &World, run: &Run) -> String {
    let lines = run.stderr.lines().filter(|line| !line.starts_with("::"));
    crate::policy::steady(world, &lines.collect::<Vec<_>>().join("\n"))
}

/// The annotations that a run left on the workflow.
pub(crate) fn annotations(run: &Run) -> Vec<&str> {
    let is_one = |line: &&str| ["::error ", "::warning ", "::notice "].iter().any(|start| line.starts_with(start));
    run.stderr.lines().filter(is_one).collect()
}

/// What a run printed as JSON.
pub(crate) fn printed(run: &Run) -> Value {
    serde_json::from_str(&run.stdout).unwrap()
}
