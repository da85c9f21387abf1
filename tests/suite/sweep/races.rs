//! Others write while a sweep is under way.

use std::process::Command;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use bivouac::emulator::{IncomingRequest, RequestKind, Verdict};
use tempfile::TempDir;

use super::{ROSTER, close, commits, is_quiet_now, list, sweep, there, told, world};
use crate::world::{APPLICATION, World, checked, commit, sha};

/// Lets `happen` take place right before the first request that `is_meant` picks.
fn once(
    world: &World,
    is_meant: impl Fn(&IncomingRequest) -> bool + Send + Sync + 'static,
    happen: impl FnOnce() + Send + 'static,
) {
    let happen = Mutex::new(Some(happen));
    world.intercept(move |request| {
        let happen = if is_meant(request) { happen.lock().unwrap().take() } else { None };
        if let Some(happen) = happen {
            happen();
        }
        Verdict::Pass
    });
}

/// `deploy` for a pull request, in a home of its own, which goes with the folder.
fn deploy(world: &World, number: u64) -> (Command, TempDir) {
    let home = TempDir::new().unwrap();
    let mut command = world.bivouac(&["deploy", "--pull-request", &number.to_string()]);
    command.env("HOME", home.path()).env("TMPDIR", home.path());
    (command, home)
}

fn run((mut command, _home): (Command, TempDir)) {
    checked(&command.output().unwrap());
}

fn asks_for_comments(request: &IncomingRequest) -> bool {
    request.kind == RequestKind::Graphql && request.json()["operationName"] == "ObserveConversations"
}

#[test]
fn a_tip_that_moves_makes_the_sweep_look_again() {
    let world = world(&[1, 2]);
    close(&world, &[1]);
    let (apps, home) = (world.apps.clone(), world.home.path().to_owned());
    once(&world, IncomingRequest::is_push, move || {
        let roster = "# theirs\nkind: Kustomization\nresources:\n  - pr-1\n  - \"pr-2\"\n  - ../extra\n";
        commit(&apps, &home, &[(ROSTER.to_owned(), roster.to_owned())].into(), "Somebody else's");
    });
    let before = commits(&world);
    assert_eq!(list(&sweep(&world, &[]).ok(), "removed"), ["pr-1"]);
    assert_eq!(commits(&world), before + 2);
    assert_eq!(world.file(ROSTER).unwrap(), "# theirs\nkind: Kustomization\nresources:\n  - \"pr-2\"\n  - ../extra\n");
    is_quiet_now(&world, &[]);
}

#[test]
fn a_tip_that_never_stands_still_ends_the_patience() {
    let world = world(&[1]);
    close(&world, &[1]);
    let (apps, home, pushes) = (world.apps.clone(), world.home.path().to_owned(), AtomicUsize::new(0));
    world.intercept(move |request| {
        if request.is_push() {
            let note = format!("{}\n", pushes.fetch_add(1, Ordering::SeqCst));
            commit(&apps, &home, &[("busy.md".to_owned(), note)].into(), "Busy");
        }
        Verdict::Pass
    });
    let run = sweep(&world, &["--patience", "0s"]);
    assert_eq!((run.code, there(&world), told(&world, 1)), (5, vec!["pr-1".to_owned()], "deploying / up".to_owned()));
}

#[test]
fn a_pull_request_that_is_reopened_and_pushed_to_before_the_commit_keeps_its_preview() {
    let world = world(&[1, 2]);
    close(&world, &[1, 2]);
    let (forge, command) = (world.emulator.forge().clone(), deploy(&world, 1));
    once(&world, IncomingRequest::is_push, move || {
        forge.reopen(APPLICATION, 1).unwrap();
        forge.push(APPLICATION, 1, &sha('b')).unwrap();
        run(command);
    });
    assert_eq!(list(&sweep(&world, &[]).ok(), "removed"), ["pr-2"]);
    assert_eq!((there(&world), told(&world, 1)), (vec!["pr-1".to_owned()], "deploying / over, up".to_owned()));
    is_quiet_now(&world, &[]);
}

#[test]
fn a_preview_that_comes_back_while_the_sweep_tells_is_not_called_removed() {
    let world = world(&[1, 2]);
    close(&world, &[1, 2]);
    let (forge, command) = (world.emulator.forge().clone(), deploy(&world, 1));
    once(&world, asks_for_comments, move || {
        forge.reopen(APPLICATION, 1).unwrap();
        run(command);
    });
    let run = sweep(&world, &[]).ok();
    assert_eq!((list(&run, "removed").len(), there(&world)), (2, vec!["pr-1".to_owned()]));
    assert_eq!(
        (told(&world, 1), told(&world, 2)),
        ("deploying / over, up".to_owned(), "removed closed / over".to_owned())
    );
    is_quiet_now(&world, &[]);
}

#[test]
fn a_preview_that_goes_while_the_sweep_heals_is_not_called_up() {
    let world = world(&[1]);
    let id = world.emulator.forge().comments(APPLICATION, 1).unwrap()[0].id;
    world
        .emulator
        .forge()
        .edit_comment(APPLICATION, id, "<!-- bivouac application=wildside generation=0 state=removed -->\n")
        .unwrap();
    let (forge, mut command) = (world.emulator.forge().clone(), deploy(&world, 1));
    once(&world, asks_for_comments, move || {
        forge.close(APPLICATION, 1).unwrap();
        checked(&command.0.output().unwrap());
    });
    sweep(&world, &[]).ok();
    assert_eq!((there(&world).len(), told(&world, 1)), (0, "removed closed / over".to_owned()));
}
