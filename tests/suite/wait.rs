//! Previews that are waited for, by the real program, with servers that misbehave.

mod answers;
mod endings;
mod flux;
mod server;
mod tls;

use crate::world::{APPLICATION, Run, World, sha};
use server::{Preview, answer};

/// A world whose `bivouac.yaml` says when a preview is ready.
fn world(ready: &str) -> World {
    let world = World::new();
    let configuration = format!("{}checks:\n  ready: {ready}\n", world.file("bivouac.yaml").unwrap());
    world.commit_apps(&[("bivouac.yaml".to_owned(), configuration)].into(), "Say when a preview is ready");
    world.open(7, &sha('a'));
    world
}

/// A world whose previews are all at `preview`, which tells its commit in a header.
fn world_at(preview: &Preview) -> World {
    world(&format!("{{url: '{}', header: x-commit}}", preview.url()))
}

/// `deploy --wait` for the head `a`.
fn deploy(world: &World, timeout: &str) -> Run {
    world.on_event("deploy", "synchronize", 7, &sha('a'), &["--wait", "--wait-timeout", timeout])
}

/// `wait` for the head `a`.
fn wait(world: &World, timeout: &str) -> Run {
    world.on_event("wait", "synchronize", 7, &sha('a'), &["--wait-timeout", timeout])
}

/// An answer for a commit.
fn shows(commit: &str) -> String {
    answer("200 OK", &[("X-Commit", commit)], "Hello!")
}

/// The comment of a preview.
fn comment(world: &World) -> String {
    let comments = world.comments(7);
    assert_eq!(comments.len(), 1, "{comments:#?}");
    comments.into_iter().next().unwrap()
}

/// What was told of the last deployment, and the address it was told with last.
fn deployment(world: &World) -> (Vec<String>, String) {
    let deployments = world.emulator.forge().deployments(APPLICATION).unwrap();
    let statuses = &deployments.last().unwrap().statuses;
    let states = statuses.iter().map(|status| format!("{:?}", status.state)).collect();
    (states, statuses.last().unwrap().environment_url.clone())
}

/// A run that waited in vain.
fn failed(run: Run, seen: &str) -> Run {
    assert_eq!(run.code, 12, "{}\n{}", run.stdout, run.stderr);
    assert_eq!((run.output("result"), run.output("ready-after")), ("failed", ""));
    assert!(run.stderr.contains(&format!("last seen: {seen}")), "{}", run.stderr);
    assert!(run.stdout.contains(&format!("last answer {seen}")), "{}", run.stdout);
    run
}
