//! Many writers at once, each a process of its own: all land, each once.

use std::process::{Child, Command, Stdio};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use tempfile::TempDir;

use crate::faults::meddler::{Deed, Kind, by_way_of, that_meddles};
use crate::policy::configure;
use crate::world::{World, sha};

const ROSTER: &str = "overlays/ephemeral/kustomization.yaml";

fn deploy(world: &World, number: u64) -> Command {
    deploy_by(world, number, "git")
}

fn deploy_by(world: &World, number: u64, backend: &str) -> Command {
    world.open(number, &sha('a'));
    world.bivouac(&["deploy", "--backend", backend, "--pull-request", &number.to_string()])
}

fn start(command: &mut Command) -> Child {
    command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap()
}

/// Each of these was put up by one commit, in a history without a fork.
fn landed_once(world: &World, numbers: impl Iterator<Item = u64>) {
    let roster = world.file(ROSTER).unwrap();
    let log = world.git(&["log", "--format=%s", "main"]);
    let mut count = 1;
    for number in numbers {
        count += 1;
        assert_eq!(roster.matches(&format!("\"pr-{number}\"\n")).count(), 1, "{number}\n{roster}");
        assert_eq!(log.matches(&format!("put up pr-{number} at")).count(), 1, "{number}\n{log}");
        assert!(world.file(&format!("overlays/ephemeral/pr-{number}/namespace.yaml")).is_some(), "{number}");
    }
    assert_eq!(log.lines().count(), count, "{log}");
    assert_eq!(world.git(&["rev-list", "--merges", "main"]), "");
    world.git(&["fsck", "--strict", "--full", "--no-dangling"]);
}

/// Deploys 24 pull requests at once, each by the backend that `backend` gives its number.
fn all_land(backend: impl Fn(u64) -> &'static str) {
    const WRITERS: u64 = 24;
    let (world, homes) = (World::new(), TempDir::new().unwrap());
    let running = (1..=WRITERS).map(|number| {
        let home = homes.path().join(number.to_string());
        std::fs::create_dir(&home).unwrap();
        start(deploy_by(&world, number, backend(number)).env("HOME", &home).env("TMPDIR", &home))
    });
    for child in running.collect::<Vec<_>>() {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    landed_once(&world, 1..=WRITERS);
    let left =
        (1..=WRITERS).filter(|number| homes.path().join(number.to_string()).read_dir().unwrap().next().is_some());
    assert_eq!(left.count(), 0);
}

#[test]
fn twenty_four_writers_by_git_all_land() {
    all_land(|_| "git");
}

#[test]
fn twenty_four_writers_by_the_api_all_land() {
    all_land(|_| "github");
}

#[test]
fn a_dozen_writers_by_the_api_and_a_dozen_by_git_all_land() {
    all_land(|number| if number % 2 == 0 { "github" } else { "git" });
}

#[test]
fn a_writer_that_always_comes_too_late_lands_when_the_newcomers_are_done() {
    const NEWCOMERS: u64 = 5;
    let world = World::new();
    let newcomers = Mutex::new((1..=NEWCOMERS).map(|number| deploy(&world, number)).collect::<Vec<_>>());
    let port = that_meddles(&world, move |exchange| {
        if exchange.kind == Kind::Push
            && let Some(mut newcomer) = newcomers.lock().unwrap().pop()
        {
            assert!(newcomer.output().unwrap().status.success());
        }
        Deed::Pass
    });
    let mut command = deploy(&world, 100);
    by_way_of(port, &mut command);
    let run = world.run_at_home(command, TempDir::new().unwrap().path()).ok();
    assert_eq!((run.output("result"), run.output("apps-commit")), ("created", world.tip().as_str()));
    landed_once(&world, (1..=NEWCOMERS).chain([100]));
}

#[test]
fn a_writer_lands_in_a_stream_of_newcomers() {
    let world = World::new();
    // However many of them a slow machine lets by before the writer's turn comes.
    configure(&world, "{limit: 10000}");
    let (is_over, landed) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let run = thread::scope(|scope| {
        for stream in 1..=2 {
            let (world, is_over, landed) = (&world, &is_over, &landed);
            scope.spawn(move || {
                let mut number = stream * 1000;
                while is_over.load(Ordering::SeqCst) == 0 {
                    number += 1;
                    assert!(deploy(world, number).output().unwrap().status.success());
                    landed.fetch_add(1, Ordering::SeqCst);
                }
            });
        }
        while landed.load(Ordering::SeqCst) < 2 {
            thread::yield_now();
        }
        let run = world.run_at_home(deploy(&world, 1), TempDir::new().unwrap().path());
        is_over.store(1, Ordering::SeqCst);
        run
    });
    assert_eq!(run.ok().output("result"), "created");
    let log = world.git(&["log", "--format=%s", "main"]);
    assert_eq!(log.lines().count(), landed.load(Ordering::SeqCst) + 3);
}
