//! The program is killed, at every request and in every hook: the next run goes on from whatever is there.

use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use bivouac::emulator::Verdict;

use super::Ground;
use crate::transports::left_behind;
use crate::world::World;

fn kill(process: u32) {
    let sent = Command::new("kill").args(["-s", "KILL", &process.to_string()]).status().unwrap();
    assert!(sent.success());
}

fn start(mut command: Command) -> Child {
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

fn deploy(world: &World, number: u64) -> Command {
    world.bivouac(&["deploy", "--backend", "git", "--pull-request", &number.to_string()])
}

/// Waits for what the server still does for somebody who is gone.
fn settle(apps: &Path) {
    let started = Instant::now();
    while is_busy(apps) {
        assert!(started.elapsed() < Duration::from_secs(20), "a lock or a half of a push stays");
        std::thread::sleep(Duration::from_millis(20));
    }
}

/// Whether a ref is locked, or objects wait for their push to be judged.
fn is_busy(apps: &Path) -> bool {
    let names = |folder: &str| {
        let entries = fs::read_dir(apps.join(folder)).into_iter().flatten().flatten();
        entries.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect::<Vec<_>>()
    };
    let locked = [".", "refs/heads"].iter().flat_map(|folder| names(folder)).any(|name| name.contains(".lock"));
    locked || names("objects").iter().any(|name| name.starts_with("tmp_objdir"))
}

fn clean_up(world: &World) {
    for name in left_behind(world) {
        fs::remove_dir_all(world.home.path().join(name)).unwrap();
    }
}

/// The next run ends what was begun, whatever of it was there.
fn goes_on(ground: &Ground, number: u64, over: &dyn Fn(&mut Command), what: &str) {
    clean_up(&ground.world);
    let has_landed = ground.world.tip() != ground.tip;
    let run = ground.deploy(number, over);
    // What somebody sent who is gone may land until the server has heard of that, and so right before this run looks.
    let expected: &[_] = if has_landed { &["unchanged"] } else { &["created", "unchanged"] };
    assert!(run.code == 0 && expected.contains(&run.output("result")), "{what}: {run:?}");
    ground.is_there_once(number, what);
}

#[test]
fn a_run_that_is_killed_at_any_request_is_made_good_by_the_next_one() {
    let ground = Ground::new();
    let world = &ground.world;
    world.emulator.forget_requests();
    let number = ground.fresh();
    let run = ground.deploy(number, &|_| {});
    ground.landed_once(number, &run, "without a fault");
    let requests = world.emulator.requests().len();
    assert!(requests >= 7, "{requests}");
    for index in 0..requests {
        for takes_effect in [false, true] {
            let (what, number) = (format!("request {index}, {takes_effect}"), ground.fresh());
            let (victim, asked) = (Arc::new(AtomicU32::new(0)), AtomicUsize::new(0));
            let process = Arc::clone(&victim);
            world.intercept(move |_| {
                if asked.fetch_add(1, Ordering::SeqCst) != index {
                    return Verdict::Pass;
                }
                while process.load(Ordering::SeqCst) == 0 {
                    std::thread::yield_now();
                }
                kill(process.load(Ordering::SeqCst));
                if takes_effect { Verdict::Pass } else { Verdict::Drop }
            });
            let mut running = start(deploy(world, number));
            victim.store(running.id(), Ordering::SeqCst);
            assert!(!running.wait().unwrap().success(), "{what}");
            settle(&world.apps);
            world.intercept(|_| Verdict::Pass);
            goes_on(&ground, number, &|_| {}, &what);
        }
    }
    ground.is_sound();
}

#[test]
fn a_run_that_is_killed_while_a_hook_of_its_push_runs_is_made_good_by_the_next_one() {
    for hook in ["pre-receive", "update", "post-receive"] {
        let ground = Ground::new();
        let (world, number) = (&ground.world, ground.fresh());
        let process = world.apps.join("process");
        let wait = "while ! test -s process; do sleep 0.02; done";
        world.hook(hook, &format!("test -e killed && exit 0; {wait}; touch killed; kill -s KILL $(cat process)"));
        let at = |command: &mut Command| {
            command.env("BIVOUAC_APPS_REPOSITORY", format!("file://{}", world.apps.display()));
        };
        let mut command = deploy(world, number);
        at(&mut command);
        let mut running = start(command);
        fs::write(process, running.id().to_string()).unwrap();
        assert!(!running.wait().unwrap().success(), "{hook}");
        settle(&world.apps);
        goes_on(&ground, number, &at, hook);
        ground.is_sound();
    }
}
