//! Which pull requests get a preview: what `bivouac.yaml` says under `preview`, through the whole program.

mod limit;
mod lives;
mod paths;
mod people;
mod race;
mod refusals;

use std::process::Command;

use bivouac::emulator::{NewPullRequest, ReceivedRequest, RequestKind};
use serde_json::json;

use crate::world::{APPLICATION, Run, World, sha, wildside};

/// Where previews are.
pub(crate) const PREVIEWS: &str = "overlays/ephemeral";

/// A world whose `bivouac.yaml` has this under `preview`.
pub(crate) fn configured(preview: &str) -> World {
    let world = World::empty();
    let mut files = wildside();
    files.insert("bivouac.yaml".to_owned(), configuration(preview));
    world.commit_apps(&files, "Lay out the apps repository");
    world
}

/// Puts this under `preview` from now on.
pub(crate) fn configure(world: &World, preview: &str) {
    world.commit_apps(&[("bivouac.yaml".to_owned(), configuration(preview))].into(), "Change the policy");
}

fn configuration(preview: &str) -> String {
    format!("{}preview: {preview}\n", wildside()["bivouac.yaml"])
}

/// Opens pull request 7 at `a…`, as `change` has it.
pub(crate) fn open(world: &World, change: impl FnOnce(&mut NewPullRequest)) {
    let mut new = NewPullRequest { number: Some(7), ..NewPullRequest::from_branch("branch-7", sha('a')) };
    change(&mut new);
    world.emulator.forge().open_pull_request(APPLICATION, new).unwrap();
}

/// `deploy` for an event of pull request 7 at `a…`. Fails the test unless it is green; returns the result and the reason.
pub(crate) fn on(world: &World, action: &str) -> (String, String) {
    ending(&world.on_event("deploy", action, 7, &sha('a'), &[]).ok())
}

/// The result of a run and its reason.
pub(crate) fn ending(run: &Run) -> (String, String) {
    (run.output("result").to_owned(), run.output("reason").to_owned())
}

/// What a result is without a reason.
pub(crate) fn plain(result: &str) -> (String, String) {
    (result.to_owned(), String::new())
}

/// `deploy` by hand, with the input of a `workflow_dispatch`.
pub(crate) fn dispatched(world: &World, number: u64) -> Command {
    let event = json!({"inputs": {"pull-request": number.to_string()}, "repository": {"full_name": APPLICATION}});
    let path = world.write_event(&event);
    let mut command = world.bivouac(&["deploy"]);
    command.env("GITHUB_EVENT_NAME", "workflow_dispatch").env("GITHUB_EVENT_PATH", path);
    command
}

/// A file of a preview, if there is the preview.
pub(crate) fn patch(world: &World, number: u64) -> Option<String> {
    world.file(&format!("{PREVIEWS}/pr-{number}/patch-helmrelease-values.yaml"))
}

/// Proves that `task` writes nothing: it asks the forge by GraphQL only, and does not begin to push or commit.
pub(crate) fn quietly<T>(world: &World, task: impl FnOnce() -> T) -> T {
    let tip = world.tip();
    world.emulator.forget_requests();
    let result = task();
    assert_eq!(world.requests(RequestKind::Api), []);
    let requests = world.emulator.requests();
    assert!(!requests.iter().any(ReceivedRequest::begins_push), "{requests:#?}");
    assert_eq!(world.tip(), tip);
    result
}

/// The one comment on a pull request, with what differs between runs taken out.
pub(crate) fn comment(world: &World, number: u64) -> String {
    let comments = world.comments(number);
    assert_eq!(comments.len(), 1, "{comments:#?}");
    steady(world, &comments[0])
}

/// A text with what differs between runs taken out: the address of the server, moments, and numbers that the forge gives.
pub(crate) fn steady(world: &World, text: &str) -> String {
    let text = text.replace(&world.emulator.server_url(), "http://SERVER");
    let text = without_moments(&text);
    let words = text.split(' ').map(|word| match word.split_once('=') {
        Some((name @ ("text" | "deployment"), _)) => format!("{name}=…"),
        _ => word.to_owned(),
    });
    words.collect::<Vec<_>>().join(" ")
}

/// Moments to the minute, and those of a record, become words.
fn without_moments(text: &str) -> String {
    let mut text = text.to_owned();
    while let Some(at) = text.find(" UTC") {
        text.replace_range(at - "2026-01-01 10:00".len()..at + 4, "MOMENT");
    }
    text
}

/// The notice that a run left on the workflow.
pub(crate) fn notice(run: &Run) -> String {
    let notices = run.stderr.lines().filter(|line| line.starts_with("::notice ")).collect::<Vec<_>>();
    assert_eq!(notices.len(), 1, "{}", run.stderr);
    notices[0].to_owned()
}
