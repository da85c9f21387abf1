//! Several commands at once: each in a process of its own.

use std::sync::Mutex;
use std::thread;

use bivouac::emulator::Actor;
use tempfile::TempDir;

use super::{ADA, TEN_HOURS, end, event, hearing, labels, ours, reactions, sticky, world_with_preview};
use crate::policy::patch;
use crate::sweep::there;
use crate::world::{APPLICATION, Run, World};

/// Says all of these at the same time; returns the number of each comment, and its run.
fn at_once(world: &World, commands: &[&str]) -> Vec<(u64, Run)> {
    let ada = Actor::user(ADA);
    thread::scope(|scope| {
        let jobs = commands.iter().map(|command| {
            let body = format!("/preview {command}");
            let id = world.emulator.forge().comment(APPLICATION, 7, ada.clone(), &body).unwrap().id;
            let command = hearing(world, &event(7, id, &ada, &body), &[]);
            scope.spawn(move || {
                let home = TempDir::new().unwrap();
                (id, world.run_at_home(command, home.path()).ok())
            })
        });
        let jobs: Vec<_> = jobs.collect();
        jobs.into_iter().map(|job| job.join().unwrap()).collect()
    })
}

/// The labels, the apps repository and the comment say the same; returns whether there is a preview.
fn agrees(world: &World) -> bool {
    let is_up = patch(world, 7).is_some();
    assert_eq!(there(world), if is_up { vec!["pr-7".to_owned()] } else { vec![] });
    assert_eq!(labels(world).contains(&"no-preview".to_owned()), !is_up);
    let told = sticky(world);
    assert_eq!(told.contains("state=deploying"), is_up, "{told}");
    assert_eq!(told.contains("state=removed") || told.contains("state=refused"), !is_up, "{told}");
    is_up
}

#[test]
fn deploy_and_remove_at_once_end_as_one_after_the_other_would() {
    for _several_times in 0..4 {
        let world = world_with_preview("{}");
        let runs = at_once(&world, &["deploy", "remove"]);
        agrees(&world);
        for (id, run) in &runs {
            assert!(["+1", "-1"].contains(&reactions(&world, *id).as_str()), "{}", run.stdout);
        }
    }
}

#[test]
fn two_later_ends_at_once_leave_the_later_one() {
    let world = world_with_preview(TEN_HOURS);
    let runs = at_once(&world, &["extend 48h", "extend 72h"]);
    assert!(runs.iter().all(|(id, _)| reactions(&world, *id) == "+1"));
    assert_eq!(end(&world), Some("2027-03-04T12:00:00Z".parse().unwrap()));
    assert!(agrees(&world));
    let told = &ours(&world, 7)[0].body;
    assert!(told.contains("| Expires | 2027-03-04 12:00 UTC; a push prolongs it |"), "{told}");
    let log = world.git(&["log", "--format=%H", "main"]);
    for (_, run) in runs.iter().filter(|(_, run)| !run.output("apps-commit").is_empty()) {
        assert!(log.contains(run.output("apps-commit")), "a commit was lost");
    }
}

#[test]
fn keep_and_deploy_at_once_both_happen() {
    let world = world_with_preview(TEN_HOURS);
    world.push(7, &crate::world::sha('b'));
    let runs = at_once(&world, &["keep", "deploy"]);
    assert!(runs.iter().all(|(id, _)| reactions(&world, *id) == "+1"));
    assert_eq!(labels(&world), ["keep-preview"]);
    assert!(patch(&world, 7).unwrap().contains("bivouac.dev/commit: \"bbbb"));
    assert!(agrees(&world));
}

#[test]
fn fifty_commands_of_one_person_all_end_and_there_is_one_comment() {
    let world = world_with_preview(TEN_HOURS);
    let words = ["status", "keep", "deploy", "help", "extend 48h"];
    let left = Mutex::new((0..50).map(|index| words[index % words.len()]).collect::<Vec<_>>());
    let next = || left.lock().unwrap().pop();
    thread::scope(|scope| {
        for _worker in 0..5 {
            scope.spawn(|| {
                while let Some(command) = next() {
                    for (id, run) in at_once(&world, &[command]) {
                        assert_eq!(reactions(&world, id), "+1", "{command}: {}", run.stdout);
                    }
                }
            });
        }
    });
    assert!(agrees(&world));
    assert_eq!(labels(&world), ["keep-preview"]);
    assert_eq!(end(&world), Some("2027-03-03T12:00:00Z".parse().unwrap()));
}
