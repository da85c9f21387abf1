//! A head that moves between two requests of the run that an approval has started.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use bivouac::emulator::{RequestKind, Verdict};

use super::*;

/// Lets the head become `b…` right before request number `at`; the count of requests.
fn moving(ground: &Ground, at: usize) -> Arc<AtomicUsize> {
    let (count, forge) = (Arc::new(AtomicUsize::new(0)), ground.world.emulator.forge().clone());
    let counted = Arc::clone(&count);
    ground.world.intercept(move |_| {
        if counted.fetch_add(1, Ordering::SeqCst) == at {
            forge.push(APPLICATION, 7, &sha('b')).unwrap();
        }
        Verdict::Pass
    });
    count
}

/// Runs `attempt` with a push before each of its requests in turn, and says how often a preview came of it.
fn before_each(preview: &str, attempt: impl Fn(&Ground) -> Run) -> usize {
    let mut ups = 0;
    for at in 0.. {
        let ground = Ground::with(preview);
        ground.world.emulator.forge().label(APPLICATION, 7, LABEL).unwrap();
        let count = moving(&ground, at);
        let run = attempt(&ground);
        let is_over = count.load(Ordering::SeqCst) <= at;
        ground.world.intercept(|_| Verdict::Pass);
        assert_eq!(run.code, 0, "{at}: {}", run.stderr);
        ground.holds_nothing_of('b', &format!("a push before request {at}"));
        let shown = ground.shown();
        assert!(shown.is_none() || shown == Some((sha('a'), sha('a'))), "{at}: {shown:?}");
        ups += usize::from(shown.is_some());
        if is_over {
            assert!(shown.is_some(), "nothing moved");
            return ups;
        }
        assert!(at < 60, "the requests have no end");
    }
    ups
}

#[test]
fn a_push_before_any_request_of_a_command_brings_nothing_up_but_what_was_approved() {
    let ups = before_each("", |ground| ground.ada(&format!("/preview approve {}", sha('a'))));
    assert!(ups > 1, "it was too late for some");
}

#[test]
fn a_push_before_any_request_of_a_label_brings_nothing_up_but_what_was_approved() {
    let labels = format!(", labels: {{require: [{LABEL}]}}");
    let event = labelled(ADA, 7, 'a');
    let ups = before_each(&labels, |ground| ground.deploy("pull_request_target", &event, &[], &[]));
    assert!(ups > 1, "it was too late for some");
}

#[test]
fn a_head_that_moves_to_and_fro_all_the_time_brings_nothing_up_but_what_was_approved() {
    for first in ['a', 'b'] {
        let ground = Ground::new();
        let (count, forge) = (AtomicUsize::new(usize::from(first == 'b')), ground.world.emulator.forge().clone());
        ground.world.intercept(move |_| {
            let digit = if count.fetch_add(1, Ordering::SeqCst).is_multiple_of(2) { 'b' } else { 'a' };
            forge.push(APPLICATION, 7, &sha(digit)).unwrap();
            Verdict::Pass
        });
        ground.ada(&format!("/preview approve {}", sha('a')));
        ground.ada("/preview deploy");
        ground.deploy("workflow_run", &built('b'), &[], &[]);
        ground.deploy("workflow_run", &built('a'), &[], &[]);
        ground.world.intercept(|_| Verdict::Pass);
        ground.holds_nothing_of('b', "to and fro");
    }
}

#[test]
fn an_approval_a_push_and_a_removal_at_once_leave_nothing_of_what_was_not_approved() {
    let ground = Ground::with(", labels: {exclude: [no-preview]}");
    let home = || tempfile::TempDir::new().unwrap();
    let (forge, world) = (ground.world.emulator.forge().clone(), &ground.world);
    let hear = |body: &str| {
        let (ada, home) = (Actor::user(ADA), home());
        let id = forge.comment(APPLICATION, 7, ada.clone(), body).unwrap().id;
        let command = hearing(world, &crate::command::event(7, id, &ada, body), &OPTIONS);
        world.run_at_home(command, home.path())
    };
    let approval = format!("/preview approve {}", sha('a'));
    std::thread::scope(|scope| {
        scope.spawn(|| hear(&approval));
        scope.spawn(|| hear("/preview remove"));
        scope.spawn(|| hear("/preview deploy"));
        scope.spawn(|| forge.push(APPLICATION, 7, &sha('b')).unwrap());
    });
    ground.holds_nothing_of('b', "at once");
    let git = world.requests(RequestKind::Git);
    assert!(git.iter().all(|request| request.status.is_none_or(|status| status < 500)));
}
