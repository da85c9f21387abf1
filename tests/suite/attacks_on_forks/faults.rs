//! One write of the run that an approval has started fails, or is the last one before the run is killed.

use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use bivouac::emulator::{IncomingRequest, RequestKind, Verdict};

use super::*;
use crate::command::{labels, ours, reactions};
use crate::on_github::named_alike;
use crate::sweep::{list, sweep};
use crate::trouble::{calm, meet, refusal};

/// Both kinds of labels are to be changed for an approval.
fn labelled_ground() -> Ground {
    let ground = Ground::with(", labels: {require: [preview], exclude: [hold]}");
    ground.world.emulator.forge().label(APPLICATION, 7, "hold").unwrap();
    ground
}

/// Whether a request changes something.
fn is_write(request: &IncomingRequest) -> bool {
    match request.kind {
        RequestKind::Api | RequestKind::Archive => request.method != "GET",
        RequestKind::Git => request.method == "POST" && request.path.contains("git-receive-pack"),
        RequestKind::Graphql => String::from_utf8_lossy(&request.body).contains("mutation"),
    }
}

/// The writes of an approval that nothing is in the way of.
fn writes() -> usize {
    let ground = labelled_ground();
    let count = meet(&ground.world, 0, 0, is_write, || Verdict::Pass);
    is_done(&ground, &approve(&ground), "without a fault");
    count.load(Ordering::SeqCst)
}

fn approve(ground: &Ground) -> Run {
    ground.ada(&format!("/preview approve {}", sha('a')))
}

/// Fails the test unless the approval has had all of its effects.
fn is_done(ground: &Ground, run: &Run, what: &str) {
    assert_eq!(run.code, 0, "{what}: {}", run.stderr);
    assert_eq!(ground.shown(), Some((sha('a'), sha('a'))), "{what}");
    assert_eq!(labels(&ground.world), [LABEL], "{what}");
    let told = ours(&ground.world, 7);
    assert_eq!(told.len(), 1, "{what}: {told:#?}");
    assert!(told[0].body.contains("Approved by"), "{what}: {}", told[0].body);
    let comment = ground.world.emulator.forge().comments(APPLICATION, 7).unwrap();
    let command = comment.iter().rev().find(|comment| comment.author.login == ADA).unwrap();
    assert_eq!(reactions(&ground.world, command.id), "+1", "{what}");
    ground.holds_nothing_of('b', what);
}

/// Fails the test unless what is there is either all of an approval, or none of it.
fn is_not_half(ground: &Ground, what: &str) {
    let shown = ground.shown();
    assert!(shown.is_none() || shown == Some((sha('a'), sha('a'))), "{what}: {shown:?}");
    assert!(shown.is_none() || ground.has_image('a'), "{what}: a preview without its image");
    // Whoever pushes now profits by nothing that was left.
    if shown.is_none() {
        let run = ground.deploy("pull_request_target", &event("synchronize", 7, 'a'), &[], &[]).ok();
        assert_eq!((run.output("result"), ground.shown()), ("refused", None), "{what}: {}", run.stdout);
    }
}

#[test]
fn an_approval_one_of_whose_writes_fails_is_made_good_by_the_same_command() {
    let limited = || refusal(429, "You have exceeded a secondary rate limit").with_header("retry-after", "3600");
    let faults = [
        ("403", usize::MAX, Verdict::Answer(refusal(403, "Resource not accessible by integration"))),
        ("429", usize::MAX, Verdict::Answer(limited())),
        ("502, once", 1, Verdict::Answer(refusal(502, "Bad Gateway"))),
        ("502 after it took effect, once", 1, Verdict::AnswerAfter(refusal(502, "Bad Gateway"))),
        ("500", usize::MAX, Verdict::Answer(refusal(500, "Server Error"))),
    ];
    let writes = writes();
    assert!(writes >= 6, "{writes}");
    for index in 0..writes {
        thread::scope(|scope| {
            for (name, times, verdict) in faults.clone() {
                named_alike().spawn_scoped(scope, move || survives(index, name, times, verdict)).unwrap();
            }
        });
    }
}

/// An approval whose write number `index` fails that often, and the same one once more.
fn survives(index: usize, name: &str, times: usize, verdict: Verdict) {
    let (what, ground) = (format!("write {index}: {name}"), labelled_ground());
    fail(&ground, index, times, verdict);
    let run = approve(&ground);
    assert!([0, 4, 6].contains(&run.code), "{what}: {}\n{}", run.code, run.stderr);
    assert_eq!(run.code != 0, run.stderr.contains("error:"), "{what}:\n{}", run.stderr);
    let is_limited = run.stderr.contains("the forge limits how often it is asked");
    assert_eq!(name == "429", is_limited, "{what}:\n{}", run.stderr);
    calm(&ground.world);
    is_not_half(&ground, &what);
    is_done(&ground, &approve(&ground), &what);
}

/// Meets write number `index` with `verdict`, and those after it that are the same, so that it is of no use to try again.
fn fail(ground: &Ground, index: usize, times: usize, verdict: Verdict) {
    let (seen, met) = (AtomicUsize::new(0), AtomicUsize::new(0));
    let first = Mutex::new(None::<(String, String)>);
    ground.world.intercept(move |request| {
        if !is_write(request) {
            return Verdict::Pass;
        }
        let this = Some((request.method.clone(), request.path.clone()));
        let mut first = first.lock().unwrap();
        if seen.fetch_add(1, Ordering::SeqCst) == index {
            first.clone_from(&this);
        }
        let is_met = *first == this && met.fetch_add(1, Ordering::SeqCst) < times;
        if is_met { verdict.clone() } else { Verdict::Pass }
    });
}

/// Hears a command in a process that is killed at its write number `index`, which takes effect or not.
fn killed(ground: &Ground, body: &str, index: usize, takes_effect: bool) {
    let (victim, seen, ada) = (Arc::new(AtomicU32::new(0)), AtomicUsize::new(0), Actor::user(ADA));
    let process = Arc::clone(&victim);
    ground.world.intercept(move |request| {
        if !is_write(request) || seen.fetch_add(1, Ordering::SeqCst) != index {
            return Verdict::Pass;
        }
        while process.load(Ordering::SeqCst) == 0 {
            thread::yield_now();
        }
        let number = process.load(Ordering::SeqCst).to_string();
        assert!(Command::new("kill").args(["-s", "KILL", &number]).status().unwrap().success());
        if takes_effect { Verdict::Pass } else { Verdict::Drop }
    });
    let id = ground.world.emulator.forge().comment(APPLICATION, 7, ada.clone(), body).unwrap().id;
    let mut command = hearing(&ground.world, &crate::command::event(7, id, &ada, body), &OPTIONS);
    let mut running = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    victim.store(running.id(), Ordering::SeqCst);
    assert!(!running.wait().unwrap().success(), "write {index}");
    // What the forge still does for somebody who is gone.
    let is_done = || {
        let open = ground.world.emulator.requests().iter().filter(|request| request.status.is_none()).count();
        open == usize::from(!takes_effect)
    };
    let started = Instant::now();
    while !is_done() {
        assert!(started.elapsed() < Duration::from_secs(20), "write {index}: it is not done");
        thread::sleep(Duration::from_millis(20));
    }
    calm(&ground.world);
}

#[test]
fn an_approval_that_is_killed_at_any_write_is_made_good_by_the_same_command() {
    for index in 0..writes() {
        for takes_effect in [false, true] {
            let what = format!("killed at write {index}, {takes_effect}");
            let ground = labelled_ground();
            killed(&ground, &format!("/preview approve {}", sha('a')), index, takes_effect);
            is_not_half(&ground, &what);
            is_done(&ground, &approve(&ground), &what);
        }
    }
}

#[test]
fn a_removal_that_is_killed_between_the_label_and_the_commit_is_ended_by_the_sweep() {
    let ground = labelled_ground();
    is_done(&ground, &approve(&ground), "at first");
    killed(&ground, "/preview remove", 0, true);
    assert_eq!(labels(&ground.world), [LABEL, "hold"]);
    assert!(ground.shown().is_some());
    let swept = sweep(&ground.world, &[]).ok();
    assert_eq!(list(&swept, "removed"), ["pr-7"], "{}", swept.stdout);
    assert_eq!(ground.shown(), None);
    // The approval went with it.
    ground.world.emulator.forge().unlabel(APPLICATION, 7, "hold").unwrap();
    ground.deploy("pull_request_target", &event("unlabeled", 7, 'a'), &[], &[]).ok();
    assert_eq!(ground.shown(), None);
}
