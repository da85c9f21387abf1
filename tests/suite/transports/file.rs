//! A bare repository on this machine.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use bivouac::emulator::Verdict;

use super::{both_landed, deploy, live_a_whole_life, move_the_tip_once};
use crate::world::{World, sha};

fn at(command: &mut Command, repository: &Path) {
    command.env("BIVOUAC_APPS_REPOSITORY", format!("file://{}", repository.display()));
}

#[test]
fn a_preview_lives_in_a_folder_of_this_machine() {
    let world = World::new();
    live_a_whole_life(&world, &|command| at(command, &world.apps));
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let world = World::new();
    world.open(7, &sha('a'));
    let run = deploy(&world, 'a', &|command| at(command, &world.apps.join("nowhere")));
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(run.stderr.contains("there is no apps repository `file:///"), "{}", run.stderr);
}

#[test]
fn a_folder_without_a_repository_is_told() {
    let world = World::new();
    world.open(7, &sha('a'));
    let run = deploy(&world, 'a', &|command| at(command, world.home.path()));
    assert_eq!(run.code, 4, "{}", run.stderr);
}

#[test]
fn a_shallow_clone_is_as_good_as_any() {
    let world = World::new();
    world.commit_apps(&crate::world::wildside(), "Lay out the apps repository once more");
    let (source, shallow) = (format!("file://{}", world.apps.display()), world.home.path().join("shallow"));
    world.git(&["clone", "--quiet", "--depth", "1", &source, shallow.to_str().unwrap()]);
    world.git(&["-C", shallow.to_str().unwrap(), "checkout", "--quiet", "--detach"]);
    world.open(7, &sha('a'));
    assert_eq!(deploy(&world, 'a', &|command| at(command, &shallow)).ok().output("result"), "created");
    let log = world.git(&["-C", shallow.to_str().unwrap(), "log", "--format=%s", "main"]);
    assert_eq!(log.lines().count(), 2, "{log}");
}

#[test]
fn a_moved_tip_is_looked_at_again_in_a_folder() {
    let world = World::new();
    world.open(7, &sha('a'));
    move_the_tip_once(&world);
    both_landed(&world, deploy(&world, 'a', &|command| at(command, &world.apps)));
}

#[test]
fn a_hook_in_a_folder_has_its_say() {
    let world = World::new();
    world.open(7, &sha('a'));
    world.hook("pre-receive", "echo 'not on a Friday' >&2; exit 1");
    let tip = world.tip();
    let run = deploy(&world, 'a', &|command| at(command, &world.apps));
    assert_eq!((run.code, world.tip()), (4, tip), "{}", run.stderr);
    assert!(run.stderr.contains("not on a Friday"), "{}", run.stderr);
}

#[test]
fn writers_that_race_in_a_folder_all_land() {
    const WRITERS: u64 = 8;
    let world = World::new();
    // The forge answers nobody before all have read the same tip.
    let later = Instant::now() + Duration::from_secs(2);
    world.intercept(move |_| {
        std::thread::sleep(later.saturating_duration_since(Instant::now()));
        Verdict::Pass
    });
    let mut running = Vec::new();
    for number in 1..=WRITERS {
        world.open(number, &sha('a'));
        let mut command = world.bivouac(&["deploy", "--pull-request", &number.to_string()]);
        at(&mut command, &world.apps);
        running.push(command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap());
    }
    for child in running {
        let output = child.wait_with_output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    }
    let roster = world.file(super::ROSTER).unwrap();
    let missing: Vec<_> = (1..=WRITERS).filter(|number| !roster.contains(&format!("pr-{number}"))).collect();
    assert!(missing.is_empty(), "lost: {missing:?}\n{roster}");
}
