//! What a run could not tell, the next one tells; and nobody else does.

use std::process::Stdio;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};

use bivouac::emulator::{RequestKind, Verdict};
use serde_json::Value;

use super::ear::words;
use super::{TEN_HOURS, close, wait, world, world_with_preview};
use crate::sweep::{fail_writes, sweep};
use crate::world::{APPLICATION, Run, World, sha};

/// Runs a verb for pull request 7 that is killed when it begins to write to the forge, after its commit.
fn killed(world: &World, arguments: &[&str]) {
    let victim = Arc::new(AtomicU32::new(0));
    let process = Arc::clone(&victim);
    world.intercept(move |request| match request.kind {
        RequestKind::Api => {
            while process.load(Ordering::SeqCst) == 0 {
                std::thread::yield_now();
            }
            let process = process.load(Ordering::SeqCst).to_string();
            assert!(std::process::Command::new("kill").args(["-s", "KILL", &process]).status().unwrap().success());
            Verdict::Drop
        }
        _ => Verdict::Pass,
    });
    let tip = world.tip();
    let mut running = world.bivouac(arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    victim.store(running.id(), Ordering::SeqCst);
    assert!(!running.wait().unwrap().success());
    assert_ne!(world.tip(), tip, "it was killed after its commit");
    world.intercept(|_| Verdict::Pass);
}

/// What is told by a run that is killed, as far as it gets, and by the next one is one and the same.
fn is_made_good(world: &World, ear: &super::Ear, arguments: &[&str], expected: &str, next: impl Fn() -> Run) {
    killed(world, arguments);
    next().ok();
    let mut told: Vec<Value> = ear.events();
    assert!(!told.is_empty(), "{expected} is told by the next run");
    told.dedup_by(|one, other| one["id"] == other["id"]);
    assert_eq!(words(&told), expected);
    next().ok();
    sweep(world, &[]).ok();
    assert_eq!(ear.told(), "");
}

const SEVEN: [&str; 2] = ["--pull-request", "7"];

#[test]
fn a_preview_that_was_put_up_by_a_run_that_was_killed_is_told_by_the_next() {
    let (world, ear) = world("{}");
    is_made_good(&world, &ear, &[&["deploy"][..], &SEVEN].concat(), "deploying pr-7", || world.deploy(7, &sha('a')));
    world.push(7, &sha('b'));
    is_made_good(&world, &ear, &[&["deploy"][..], &SEVEN].concat(), "updated pr-7", || sweep(&world, &[]));
    close(&world);
    is_made_good(&world, &ear, &[&["teardown"][..], &SEVEN].concat(), "removed pr-7", || sweep(&world, &[]));
}

#[test]
fn a_removal_by_a_sweep_that_was_killed_is_told_by_the_next_teardown_or_sweep() {
    for by_sweep in [true, false] {
        let (world, ear) = world_with_preview("{}");
        close(&world);
        is_made_good(&world, &ear, &["sweep"], "removed pr-7", || {
            if by_sweep { sweep(&world, &[]) } else { world.teardown(7, &sha('a')) }
        });
    }
}

#[test]
fn the_same_fact_has_the_same_id_and_another_one_never() {
    let (world, ear) = world("{drafts: false}");
    world.emulator.forge().mark_draft(APPLICATION, 7, true).unwrap();
    fail_writes(&world, 403);
    // Nothing can be written on the pull request, so every run tells it again.
    for _ in 0..2 {
        world.deploy(7, &sha('a'));
    }
    let refused = ear.events();
    assert_eq!((words(&refused).as_str(), refused[0]["id"] == refused[1]["id"]), ("refused pr-7, refused pr-7", true));
    world.give("GITHUB_RUN_ID", "43".to_owned());
    world.deploy(7, &sha('a'));
    let again = ear.events();
    assert_ne!(again[0]["id"], refused[0]["id"], "another run refuses it anew");
}

#[test]
fn a_preview_of_which_nothing_can_be_written_is_told_all_the_same() {
    let (world, ear) = world(TEN_HOURS);
    fail_writes(&world, 403);
    assert_eq!(world.deploy(7, &sha('a')).code, 4);
    let put_up = ear.events();
    assert_eq!(words(&put_up), "deploying pr-7");
    assert_eq!(world.deploy(7, &sha('a')).code, 4);
    assert_eq!(ear.events()[0]["id"], put_up[0]["id"]);
    close(&world);
    assert_eq!(sweep(&world, &[]).code, 0, "there is nothing that would have to be written");
    assert_eq!(ear.told(), "removed pr-7");
}

#[test]
fn what_people_do_to_the_comment_is_no_event() {
    let (world, ear) = world_with_preview("{}");
    let forge = world.emulator.forge();
    let comment = || forge.comments(APPLICATION, 7).unwrap().remove(0);
    let broken = |from: &str, to: &str| {
        assert!(comment().body.contains(from));
        forge.edit_comment(APPLICATION, comment().id, &comment().body.replace(from, to)).unwrap();
    };
    let is_quiet = |what: &str| {
        world.deploy(7, &sha('a')).ok();
        sweep(&world, &[]).ok();
        assert_eq!(ear.told(), "", "{what}");
    };
    broken("Committed", "Comitted");
    is_quiet("a word");
    broken("generation=1", "generation=x");
    is_quiet("the marker");
    forge.delete_comment(APPLICATION, comment().id).unwrap();
    is_quiet("the whole comment");
    let id = forge.deployments(APPLICATION).unwrap()[0].id;
    forge.delete_deployment(APPLICATION, id).unwrap();
    is_quiet("the deployment");
    ear.show(&sha('a'));
    wait(&world, 'a', "30s").ok();
    assert_eq!(ear.told(), "ready pr-7");
    broken("Ready", "Redy");
    is_quiet("a word of what was seen");
}

#[test]
fn a_preview_that_was_seen_is_told_when_the_forge_can_not_be_asked_any_more() {
    let (world, ear) = world_with_preview("{}");
    ear.show(&sha('a'));
    let asked = std::sync::atomic::AtomicUsize::new(0);
    world.intercept(move |request| match request.kind {
        RequestKind::Graphql if asked.fetch_add(1, Ordering::SeqCst) > 0 => Verdict::Answer(crate::sweep::refusal(403)),
        _ => Verdict::Pass,
    });
    let run = world.run({
        let mut command = world.event_command("wait", "opened", 7, &sha('a'), &["--wait-timeout", "30s"]);
        command.env("BIVOUAC_BACKEND", "git");
        command
    });
    assert_ne!(run.code, 0);
    assert_eq!((run.output("result"), ear.told().as_str()), ("ready", "ready pr-7"), "{}", run.stderr);
}
