//! Two runs at the same moment: whatever came of it, one more run leaves one comment, one deployment and the right overlay.

use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, mpsc};
use std::thread;
use std::time::Duration;

use bivouac::emulator::{IncomingRequest, RequestKind, Verdict};
use tempfile::TempDir;

use super::truth::Told;
use super::{PATCH, calm, is_silent, world, world_with_preview};
use crate::world::{APPLICATION, Run, World, sha};

const MINUTE: Duration = Duration::from_mins(1);

/// Picks the request of a run at which another run comes in between.
type Moment = fn(&IncomingRequest) -> bool;

/// The requests at which another run may come in between.
const MOMENTS: [(&str, Moment); 5] = [
    ("the push", IncomingRequest::is_push),
    ("the deployment", |request| request.kind == RequestKind::Api && request.path.ends_with("/deployments")),
    ("the status", |request| request.kind == RequestKind::Api && request.path.ends_with("/statuses")),
    ("the comment", |request| request.kind == RequestKind::Api && request.path.contains("/comments")),
    ("the question", |request| request.kind == RequestKind::Graphql),
];

/// Runs `outer`, and at its first request that `moment` picks, all of `inner`. Nothing when it never came to that.
fn in_between(world: &World, moment: Moment, outer: Command, inner: impl FnOnce() -> Run) -> (Run, Option<Run>) {
    let (comes, may_start) = mpsc::channel();
    let (ends, has_ended) = mpsc::channel();
    let (has_ended, is_first) = (Mutex::new(has_ended), AtomicBool::new(true));
    let comes = Mutex::new(Some(comes));
    let comes = Arc::new(comes);
    let waker = Arc::clone(&comes);
    world.intercept(move |request| {
        if moment(request) && is_first.swap(false, Ordering::SeqCst) {
            waker.lock().unwrap().take().unwrap().send(()).unwrap();
            let _ended_or_gone = has_ended.lock().unwrap().recv_timeout(MINUTE);
        }
        Verdict::Pass
    });
    thread::scope(|scope| {
        let outer = scope.spawn(|| {
            let run = world.run_at_home(outer, TempDir::new().unwrap().path());
            drop(comes.lock().unwrap().take());
            run
        });
        let inner = may_start.recv_timeout(MINUTE).is_ok().then(inner);
        let _told_or_gone = ends.send(());
        (outer.join().unwrap(), inner)
    })
}

/// A command for the event of a head, at home wherever it is run.
fn deploying(world: &World, commit: char) -> Command {
    world.event_command("deploy", "synchronize", 7, &sha(commit), &[])
}

/// One more deploy leaves the preview up at `commit`, told once, and there is nothing left to do.
fn is_up_in_the_end(world: &World, commit: char, what: &str) {
    calm(world);
    let run = world.deploy(7, &sha(commit)).ok();
    assert!(["unchanged", "updated", "created"].contains(&run.output("result")), "{what}");
    is_up(world, commit, what);
}

/// One more sweep does the same.
fn is_up_after_a_sweep(world: &World, commit: char, what: &str) {
    calm(world);
    assert_eq!(world.run(world.bivouac(&["sweep"])).ok().output("removed"), "[]", "{what}");
    is_up(world, commit, what);
}

fn is_up(world: &World, commit: char, what: &str) {
    let told = Told { repeated: 0, ..Told::of(world, 7) };
    assert_eq!(told, Told::up(7, &sha(commit)), "{what}: {:#?}", world.comments(7));
    assert!(world.file(PATCH).unwrap().contains(&format!("bivouac.dev/commit: \"{}\"", sha(commit))), "{what}");
    is_silent(world, "unchanged", || world.deploy(7, &sha(commit)));
}

#[test]
fn two_deploys_of_the_same_head_come_to_one_preview() {
    for (what, moment) in MOMENTS {
        let world = world();
        let outer = deploying(&world, 'a');
        let (outer, inner) = in_between(&world, moment, outer, || world.deploy(7, &sha('a')));
        let inner = inner.unwrap().ok();
        assert!(["created", "unchanged"].contains(&inner.output("result")), "{what}");
        assert!(["created", "unchanged"].contains(&outer.ok().output("result")), "{what}");
        is_up_in_the_end(&world, 'a', what);
    }
}

#[test]
fn a_push_in_the_middle_of_a_deploy_has_the_last_word() {
    for (what, moment) in MOMENTS {
        let world = world();
        let outer = deploying(&world, 'a');
        let (outer, inner) = in_between(&world, moment, outer, || {
            world.push(7, &sha('b'));
            world.deploy(7, &sha('b'))
        });
        inner.unwrap().ok();
        outer.ok();
        is_up_after_a_sweep(&world, 'b', what);
    }
}

#[test]
fn a_push_in_the_middle_of_an_update_has_the_last_word() {
    for (what, moment) in MOMENTS {
        let world = world_with_preview();
        world.push(7, &sha('b'));
        let outer = deploying(&world, 'b');
        let (outer, inner) = in_between(&world, moment, outer, || {
            world.push(7, &sha('c'));
            world.deploy(7, &sha('c'))
        });
        inner.unwrap().ok();
        outer.ok();
        is_up_after_a_sweep(&world, 'c', what);
    }
}

/// One more sweep leaves no preview, told once if at all, and there is nothing left to do.
fn is_gone_in_the_end(world: &World, is_new: bool, what: &str) {
    calm(world);
    let sweep = || world.run(world.bivouac(&["sweep"]));
    sweep().ok();
    let told = Told { repeated: 0, ..Told::of(world, 7) };
    // Of a preview that nobody was ever told of, nobody is told that it is gone.
    let never = Told { states: Vec::new(), ..Told::gone("") };
    let is_told = told == Told::gone("removed") || is_new && told == never;
    assert!(is_told, "{what}: {told:?} {:#?}", world.comments(7));
    assert_eq!(world.file(PATCH), None, "{what}");
    is_silent(world, "", sweep);
    is_silent(world, "absent", || world.teardown(7, &sha('b')));
}

#[test]
fn a_teardown_in_the_middle_of_an_update_has_the_last_word() {
    for (what, moment) in MOMENTS {
        let world = world_with_preview();
        world.push(7, &sha('b'));
        let outer = deploying(&world, 'b');
        let (outer, inner) = in_between(&world, moment, outer, || {
            world.emulator.forge().close(APPLICATION, 7).unwrap();
            world.teardown(7, &sha('b'))
        });
        inner.unwrap().ok();
        outer.ok();
        is_gone_in_the_end(&world, false, what);
    }
}

#[test]
fn a_teardown_in_the_middle_of_a_first_deploy_has_the_last_word() {
    for (what, moment) in MOMENTS {
        let world = world();
        let outer = deploying(&world, 'a');
        let (outer, inner) = in_between(&world, moment, outer, || {
            world.emulator.forge().close(APPLICATION, 7).unwrap();
            world.teardown(7, &sha('a'))
        });
        inner.unwrap().ok();
        outer.ok();
        is_gone_in_the_end(&world, true, what);
    }
}

/// A deploy of the pull request, which was opened again, in the middle of what takes its preview down.
fn a_deploy_in_the_middle_has_the_last_word(outer: impl Fn(&World) -> Command) {
    for (what, moment) in MOMENTS {
        let world = world_with_preview();
        world.emulator.forge().close(APPLICATION, 7).unwrap();
        let outer = outer(&world);
        let (outer, inner) = in_between(&world, moment, outer, || {
            world.emulator.forge().reopen(APPLICATION, 7).unwrap();
            world.deploy(7, &sha('a'))
        });
        outer.ok();
        if let Some(inner) = inner {
            inner.ok();
            is_up_in_the_end(&world, 'a', what);
        }
    }
}

#[test]
fn a_deploy_in_the_middle_of_a_teardown_has_the_last_word() {
    a_deploy_in_the_middle_has_the_last_word(|world| world.event_command("teardown", "closed", 7, &sha('a'), &[]));
}

#[test]
fn a_deploy_in_the_middle_of_a_sweep_has_the_last_word() {
    a_deploy_in_the_middle_has_the_last_word(|world| world.bivouac(&["sweep"]));
}

#[test]
fn a_sweep_in_the_middle_of_an_update_takes_down_what_is_closed() {
    for (what, moment) in MOMENTS {
        let world = world_with_preview();
        world.push(7, &sha('b'));
        let outer = deploying(&world, 'b');
        let (outer, inner) = in_between(&world, moment, outer, || {
            world.emulator.forge().close(APPLICATION, 7).unwrap();
            world.run(world.bivouac(&["sweep"]))
        });
        inner.unwrap().ok();
        outer.ok();
        is_gone_in_the_end(&world, false, what);
    }
}

#[test]
fn a_sweep_in_the_middle_of_a_first_deploy_leaves_it_alone() {
    for (what, moment) in MOMENTS {
        let world = world();
        let outer = deploying(&world, 'a');
        let (outer, inner) = in_between(&world, moment, outer, || world.run(world.bivouac(&["sweep"])));
        assert_eq!(inner.unwrap().ok().output("removed"), "[]", "{what}");
        assert_eq!(outer.ok().output("result"), "created", "{what}");
        is_up_after_a_sweep(&world, 'a', what);
    }
}

#[test]
fn deploys_and_a_teardown_at_once_come_to_what_the_pull_request_is() {
    let world = world_with_preview();
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    let verbs = ["deploy", "teardown", "sweep", "teardown"];
    thread::scope(|scope| {
        for verb in verbs {
            let world = &world;
            let arguments = if verb == "sweep" { vec![verb] } else { vec![verb, "--pull-request", "7"] };
            scope.spawn(move || world.run_at_home(world.bivouac(&arguments), TempDir::new().unwrap().path()).ok());
        }
    });
    is_gone_in_the_end(&world, false, "at once");
}
