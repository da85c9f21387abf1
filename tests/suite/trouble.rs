//! What goes wrong while a run is under way, or between two runs, and what is there in the end.

mod clocks;
mod faults;
mod lasting;
mod limits;
mod numbers;
mod people;
mod races;
pub(crate) mod truth;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bivouac::emulator::{Answer, IncomingRequest, ReceivedRequest, RequestKind, Verdict};

use crate::world::{Run, World, sha, wildside};

pub(crate) const PATCH: &str = "overlays/ephemeral/pr-7/patch-helmrelease-values.yaml";
/// Who Bivouac is on the forge.
pub(crate) const US: &str = "github-actions[bot]";

/// A world with the open pull request 7 at `a…`.
pub(crate) fn world() -> World {
    let world = World::new();
    world.open(7, &sha('a'));
    world
}

/// A world in which the preview of pull request 7 is up at `a…`.
pub(crate) fn world_with_preview() -> World {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    world.emulator.forget_requests();
    world
}

/// The configuration of an apps repository with more lines.
pub(crate) fn configured(more: &str) -> BTreeMap<String, String> {
    let text = wildside()["bivouac.yaml"].clone() + more;
    BTreeMap::from([("bivouac.yaml".to_owned(), text)])
}

/// A refusal with these words.
pub(crate) fn refusal(status: u16, words: &str) -> Answer {
    Answer::json(status, &serde_json::json!({"message": words}))
}

/// Meets the requests that `concerns` picks with `verdict`, `times` times after the first `skipped` ones. Returns how many it
/// has picked.
pub(crate) fn meet(
    world: &World,
    skipped: usize,
    times: usize,
    concerns: impl Fn(&IncomingRequest) -> bool + Send + Sync + 'static,
    verdict: impl Fn() -> Verdict + Send + Sync + 'static,
) -> Arc<AtomicUsize> {
    let picked = Arc::new(AtomicUsize::new(0));
    let counter = Arc::clone(&picked);
    world.intercept(move |request| {
        let is_met = concerns(request) && {
            let index = counter.fetch_add(1, Ordering::SeqCst);
            index >= skipped && index - skipped < times
        };
        if is_met { verdict() } else { Verdict::Pass }
    });
    picked
}

/// Ends whatever trouble there was.
pub(crate) fn calm(world: &World) {
    world.intercept(|_| Verdict::Pass);
}

/// The requests since they were forgotten that change something.
pub(crate) fn writes(world: &World) -> Vec<ReceivedRequest> {
    let is_write = |request: &ReceivedRequest| match request.kind {
        RequestKind::Api | RequestKind::Archive => request.method != "GET",
        RequestKind::Git | RequestKind::Graphql => request.begins_push(),
    };
    world.emulator.requests().into_iter().filter(is_write).collect()
}

/// Runs something that finds nothing left to do: it says `result` and writes nothing.
pub(crate) fn is_silent(world: &World, result: &str, run: impl FnOnce() -> Run) {
    world.emulator.forget_requests();
    let run = run().ok();
    assert_eq!(run.output("result"), result, "{}", run.stdout);
    assert!(writes(world).is_empty(), "{:#?}\n{}", writes(world), run.stderr);
}

/// What people read in the log of a run: everything but the commands to the runner.
pub(crate) fn told(run: &Run) -> String {
    let address = |line: &str| match (line.find("http://127.0.0.1:"), line.rfind('`')) {
        (Some(start), Some(end)) if end > start => format!("{}FORGE{}", &line[..start], &line[end..]),
        _ => line.to_owned(),
    };
    run.stderr.lines().filter(|line| !line.starts_with("::")).map(address).collect::<Vec<_>>().join("\n")
}
