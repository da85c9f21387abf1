//! The escrow in the apps repository: pushes that are refused, that are undone, and other writers.

use std::collections::BTreeMap;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use bivouac::domain::escrow::{Ledger, Phase};
use bivouac::emulator::Verdict as Judged;

use super::Ground;
use super::ground::run;
use super::twice::at_once;
use crate::vault::proxy::Verdict;
use crate::world::{READER, World, commit};

const PATH: &str = "vault/production.escrow";

/// Bootstraps with the escrow in the apps repository.
fn with_repository(ground: &Ground, world: &World, backend: &str, machine: &str) -> Command {
    let mut command = ground.bare_command_on(machine);
    let escrow = format!("git:{PATH}");
    command.args(["--vault-address", &ground.proxy.address(), "--escrow", &escrow, "--patience", "15s"]);
    for (name, value) in world.bivouac(&[]).get_envs() {
        let is_of_forge = ["GITHUB_", "BIVOUAC_"].iter().any(|start| name.to_str().unwrap().starts_with(start));
        if let (true, Some(value)) = (is_of_forge, value) {
            command.env(name, value);
        }
    }
    command.env("BIVOUAC_BACKEND", backend);
    command
}

fn ledger(world: &World) -> Ledger {
    Ledger::parse(&world.file(PATH).unwrap_or_default()).unwrap()
}

/// A run that finds everything as wanted.
fn is_unchanged(ground: &Ground, world: &World, backend: &str) {
    let tip = world.tip();
    let run = run(with_repository(ground, world, backend, "last"));
    assert_eq!((run.code, run.output("changed"), world.tip()), (0, "false", tip), "{run:#?}");
    let contents = ground.opened(&ledger(world));
    assert!(contents.root_token.is_none() && contents.operator.is_some());
}

#[test]
fn a_push_that_is_refused_initialises_nothing() {
    let world = World::new();
    let ground = Ground::new();
    world.hook("pre-receive", "echo 'not on a Sunday' >&2; exit 1");
    let refused = run(with_repository(&ground, &world, "git", "one"));
    assert!([1, 4].contains(&refused.code) && refused.stderr.contains("not on a Sunday"), "{refused:#?}");
    world.hook("pre-receive", "exit 0");
    for backend in ["git", "github"] {
        let mut command = with_repository(&ground, &world, backend, "one");
        command.env("GITHUB_TOKEN", READER);
        let refused = run(command);
        assert!([1, 4].contains(&refused.code), "{backend}: {refused:#?}");
    }
    assert_eq!((ground.proxy.count("PUT", "sys/init"), ground.bao.health(), world.file(PATH)), (0, 501, None));
}

#[test]
fn a_push_that_is_undone_behind_our_back_initialises_nothing() {
    let world = World::new();
    let ground = Ground::new();
    world.hook("post-receive", "while read old new ref; do git update-ref \"$ref\" \"$old\"; done");
    let run = run(with_repository(&ground, &world, "git", "one"));
    assert!(run.code != 0 && (0..10).contains(&run.code), "{run:#?}");
    assert_eq!((ground.proxy.count("PUT", "sys/init"), ground.bao.health()), (0, 501), "{run:#?}");
}

#[test]
fn other_writers_move_the_tip_before_every_commit_and_nothing_is_lost() {
    for backend in ["git", "github"] {
        let (world, ground) = (World::new(), Ground::new());
        let (apps, home, pushes) = (world.apps.clone(), world.home.path().to_owned(), AtomicUsize::new(0));
        world.intercept(move |request| {
            let text = String::from_utf8_lossy(&request.body);
            let number = pushes.load(Ordering::SeqCst);
            // Every other attempt is disturbed.
            if (request.is_push() || text.contains("createCommitOnBranch"))
                && pushes.fetch_add(1, Ordering::SeqCst) % 2 == 0
            {
                let files = BTreeMap::from([(format!("notes/{number}.md"), format!("{number}\n"))]);
                commit(&apps, &home, &files, "Somebody else's");
            }
            Judged::Pass
        });
        let run = run(with_repository(&ground, &world, backend, "one"));
        assert_eq!(run.code, 0, "{backend}: {run:#?}");
        world.intercept(|_| Judged::Pass);
        let phases: Vec<_> = ledger(&world).records().iter().map(|record| record.phase).collect();
        assert!(phases.starts_with(&[Phase::Intent, Phase::Captured, Phase::Verified]), "{phases:?}");
        let notes = world.git(&["ls-tree", "--name-only", "main", "notes/"]).lines().count();
        assert!(notes >= phases.len(), "{backend}: {notes} notes, {phases:?}");
        is_unchanged(&ground, &world, backend);
    }
}

#[test]
fn a_repository_that_refuses_the_keys_leaves_them_in_the_log_and_takes_them_on_the_next_run() {
    let (world, ground) = (World::new(), Ground::new());
    let hook = world.apps.join("hooks/pre-receive");
    ground.proxy.intercept(move |request| {
        if request.is("PUT", "sys/init") {
            crate::files::write_program(&hook, "#!/bin/sh\nexit 1\n");
        }
        Verdict::Pass
    });
    let lost = run(with_repository(&ground, &world, "git", "one"));
    assert!(lost.code == 9 && lost.summary.contains("BEGIN AGE ENCRYPTED FILE"), "{lost:#?}");
    world.hook("pre-receive", "exit 0");
    ground.proxy.intercept(|_| Verdict::Pass);
    let healed = run(with_repository(&ground, &world, "git", "one"));
    assert_eq!((healed.code, ground.initialisations()), (0, 1), "{healed:#?}");
    is_unchanged(&ground, &world, "git");
}

#[test]
fn two_runs_at_once_with_one_repository_initialise_once() {
    for backend in ["git", "github"] {
        let (world, ground) = (World::new(), Ground::new());
        let runs = at_once(["one", "two"].map(|machine| with_repository(&ground, &world, backend, machine)));
        assert_eq!(ground.initialisations(), 1, "{runs:#?}");
        let codes = runs.each_ref().map(|run| run.code);
        assert!(codes.contains(&0) && codes.iter().all(|code| [0, 5, 10].contains(code)), "{backend}: {runs:#?}");
        is_unchanged(&ground, &world, backend);
    }
}
