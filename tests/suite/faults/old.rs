//! Servers that can do less than GitHub's: they leave nothing out, or know the first versions of the protocol only.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

use super::meddler::{Deed, Kind, by_way_of, position, that_meddles};
use super::{Ground, ROSTER};
use crate::files::{GIT, write_program};
use crate::transports::{both_landed, deploy, live_a_whole_life, move_the_tip_once};
use crate::world::{World, commit, sha};

/// What a server does not do, by its configuration.
pub(crate) const CONFIGURATIONS: [(&str, &[(&str, &str)]); 3] = [
    ("no filter", &[("uploadpack.allowFilter", "false")]),
    ("no filter but for files", &[("uploadpackfilter.allow", "false"), ("uploadpackfilter.blob:none.allow", "true")]),
    ("filters that it tells of and refuses", &[("uploadpackfilter.allow", "false")]),
];

fn configured(of: &[(&str, &str)]) -> World {
    let world = World::new();
    for (name, value) in of {
        world.git(&["config", name, value]);
    }
    world
}

#[test]
fn a_preview_lives_on_servers_that_leave_nothing_out() {
    for (_, configuration) in CONFIGURATIONS {
        live_a_whole_life(&configured(configuration), &|_| {});
    }
}

#[test]
fn a_moved_tip_is_looked_at_again_on_servers_that_leave_nothing_out() {
    for (_, configuration) in CONFIGURATIONS {
        let world = configured(configuration);
        world.open(7, &sha('a'));
        move_the_tip_once(&world);
        both_landed(&world, deploy(&world, 'a', &|_| {}));
    }
}

#[test]
fn a_push_that_landed_is_known_by_the_history_on_servers_that_leave_nothing_out() {
    for (name, configuration) in CONFIGURATIONS {
        landed_below_another(name, &configured(configuration), true);
    }
}

/// The request as one who knows only the first version would send it.
fn without_version(request: &[u8]) -> Vec<u8> {
    let wanted = b"git-protocol: version=2\r\n";
    position(request, wanted)
        .map_or_else(|| request.to_vec(), |at| [&request[..at], &request[at + wanted.len()..]].concat())
}

/// A server that never hears of versions.
pub(crate) fn deaf(world: &World) -> u16 {
    that_meddles(world, |exchange| Deed::Rewrite(without_version(&exchange.request)))
}

/// A `git` on the way to which the wish for a version gets lost.
fn deaf_program(world: &World) -> impl Fn(&mut Command) {
    let folder = world.home.path().join("bin");
    let path = std::env::var("PATH").unwrap();
    let script = format!("#!/bin/sh\nunset GIT_PROTOCOL\nexec '{}' \"$@\"\n", GIT.display());
    write_program(&folder.join("git"), &script);
    let address = format!("file://{}", world.apps.display());
    move |command| {
        command.env("PATH", format!("{}:{path}", folder.display())).env("BIVOUAC_APPS_REPOSITORY", &address);
    }
}

#[test]
fn a_preview_lives_on_a_server_of_the_first_version() {
    let world = World::new();
    let port = deaf(&world);
    live_a_whole_life(&world, &|command| by_way_of(port, command));
    let world = World::new();
    live_a_whole_life(&world, &deaf_program(&world));
}

#[test]
fn a_moved_tip_is_looked_at_again_on_a_server_of_the_first_version() {
    for is_program in [false, true] {
        let world = World::new();
        let (port, program) = (deaf(&world), deaf_program(&world));
        world.open(7, &sha('a'));
        move_the_tip_once(&world);
        let over = |command: &mut Command| if is_program { program(command) } else { by_way_of(port, command) };
        both_landed(&world, deploy(&world, 'a', &over));
    }
}

#[test]
fn a_push_that_landed_is_known_by_the_history_on_a_server_of_the_first_version() {
    landed_below_another("the first version", &World::new(), false);
}

#[test]
fn a_branch_that_is_not_there_is_told_by_a_server_of_the_first_version() {
    let ground = Ground::new();
    let number = ground.fresh();
    let port = deaf(&ground.world);
    let run = ground.deploy(number, &|command| {
        by_way_of(port, command);
        command.args(["--apps-branch", "nowhere"]);
    });
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("has no branch `nowhere`: it has `main`"), "{}", run.stderr);
    ground.is_untouched(number, &run, "no such branch");
}

/// A push whose answer is lost while somebody else pushes on top.
fn landed_below_another(what: &str, world: &World, hears_of_versions: bool) {
    let is_to_lose = AtomicBool::new(true);
    let (apps, home) = (world.apps.clone(), world.home.path().to_owned());
    let port = that_meddles(world, move |exchange| {
        let is_lost = exchange.kind == Kind::Push && is_to_lose.swap(false, Ordering::SeqCst);
        let (apps, home) = (apps.clone(), home.clone());
        match (is_lost, hears_of_versions) {
            (true, _) => Deed::Change(Box::new(move |_| {
                commit(&apps, &home, &[("NOTES".to_owned(), "mine".to_owned())].into(), "Take notes");
                Vec::new()
            })),
            (false, true) => Deed::Pass,
            (false, false) => Deed::Rewrite(without_version(&exchange.request)),
        }
    });
    world.open(7, &sha('a'));
    let run = deploy(world, 'a', &|command| by_way_of(port, command));
    assert_eq!((run.code, run.output("result")), (0, "created"), "{what}:\n{}", run.stderr);
    assert_eq!(run.output("apps-commit"), world.git(&["rev-parse", "main~1"]).trim(), "{what}");
    assert_eq!(world.file(ROSTER).unwrap().matches("pr-7").count(), 1, "{what}");
}
