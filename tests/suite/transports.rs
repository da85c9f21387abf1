//! Every way to the apps repository, from the first deploy to the last teardown.

mod file;
mod http;
mod https;
pub(crate) mod proxy;
mod ssh;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use bivouac::emulator::{RequestKind, Verdict};
use serde_json::{Value, json};

use crate::world::{APPLICATION, Run, World, commit, sha};

const ROSTER: &str = "overlays/ephemeral/kustomization.yaml";
const PATCH: &str = "overlays/ephemeral/pr-7/patch-helmrelease-values.yaml";

/// Puts a preview up, leaves it, updates it, lists it and takes it down; `over` says which way a command goes.
pub(crate) fn live_a_whole_life(world: &World, over: &dyn Fn(&mut Command)) {
    let roster = world.file(ROSTER);
    let result = |verb: &str, digit: char| deploy_or_not(world, verb, digit, over).ok().output("result").to_owned();
    world.open(7, &sha('a'));
    assert_eq!(result("deploy", 'a'), "created");
    let tip = world.tip();
    assert_eq!(result("deploy", 'a'), "unchanged");
    assert_eq!(world.tip(), tip);
    world.push(7, &sha('b'));
    assert_eq!(result("deploy", 'b'), "updated");
    assert!(world.file(PATCH).unwrap().contains(&sha('b')));

    let listed = list(world, over);
    assert_eq!(listed.pointer("/0/pull-request"), Some(&json!(7)), "{listed}");
    assert_eq!(listed.pointer("/0/commit"), Some(&json!(sha('b'))), "{listed}");

    world.emulator.forge().close(APPLICATION, 7).unwrap();
    assert_eq!(result("teardown", 'b'), "removed");
    assert_eq!((world.file(PATCH), world.file(ROSTER)), (None, roster));
    assert_eq!(list(world, over), json!([]));
}

/// Deploys pull request 7, whose head is `digit`; how it ended is for the caller to judge.
pub(crate) fn deploy(world: &World, digit: char, over: &dyn Fn(&mut Command)) -> Run {
    deploy_or_not(world, "deploy", digit, over)
}

fn deploy_or_not(world: &World, verb: &str, digit: char, over: &dyn Fn(&mut Command)) -> Run {
    let mut command = world.event_command(verb, "synchronize", 7, &sha(digit), &[]);
    over(&mut command);
    let run = world.run(command);
    assert_eq!(left_behind(world), Vec::<String>::new(), "{run:#?}");
    run
}

fn list(world: &World, over: &dyn Fn(&mut Command)) -> Value {
    let mut command = world.bivouac(&["list", "--format", "json"]);
    over(&mut command);
    let run = world.run(command).ok();
    assert_eq!(left_behind(world), Vec::<String>::new());
    serde_json::from_str(&run.stdout).unwrap()
}

/// The temporary repositories and key files that are still there.
pub(crate) fn left_behind(world: &World) -> Vec<String> {
    let names = fs::read_dir(world.home.path()).unwrap().map(|entry| entry.unwrap().file_name());
    let names = names.map(|name| name.to_string_lossy().into_owned());
    names.filter(|name| name.starts_with("bivouac-")).collect()
}

/// Lets somebody else push to the apps repository once, after the program has read its tip and before it commits.
pub(crate) fn move_the_tip_once(world: &World) {
    let (apps, home) = (world.apps.clone(), world.home.path().to_owned());
    let has_moved = AtomicBool::new(false);
    world.intercept(move |request| {
        // The program looks at both sides at the same time: its fetch ends while the forge takes its time.
        if request.kind == RequestKind::Graphql && !has_moved.swap(true, Ordering::SeqCst) {
            wait_for_a_fetch(&home);
            commit(&apps, &home, &BTreeMap::from([("NOTES".to_owned(), "mine".to_owned())]), "Take notes");
        }
        Verdict::Pass
    });
}

/// Waits until a temporary repository has what was fetched of the tip.
fn wait_for_a_fetch(home: &Path) {
    let started = Instant::now();
    while !has_fetched(home, 5) {
        assert!(started.elapsed() < Duration::from_secs(20), "nothing was fetched");
        std::thread::sleep(Duration::from_millis(10));
    }
}

fn has_fetched(folder: &Path, depth: u32) -> bool {
    // The program adds and removes folders meanwhile.
    let entries = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    let is_index = |path: &Path| path.extension().is_some_and(|extension| extension == "idx");
    depth > 0 && entries.into_iter().any(|path| is_index(&path) || has_fetched(&path, depth - 1))
}

/// A preview was put up on top of somebody else's commit, and that commit is still there.
pub(crate) fn both_landed(world: &World, run: Run) {
    assert_eq!(run.ok().output("result"), "created");
    assert!(world.file(PATCH).is_some());
    assert_eq!(world.file("NOTES").as_deref(), Some("mine"));
    assert_eq!(world.git(&["log", "--format=%s", "-1", "main~1"]).trim(), "Take notes");
}
