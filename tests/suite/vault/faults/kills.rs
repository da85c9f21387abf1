//! The program is killed between any two requests, and a plain re-run ends what was begun.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Duration;

use super::Ground;
use super::ground::start;
use crate::vault::proxy::{Received, Verdict};

/// Where a run is killed: at a request of this number, once the server has answered it, or before it hears of it.
#[derive(Clone, Copy, Debug)]
struct Moment {
    number: usize,
    takes_effect: bool,
}

/// Runs it until that moment, and kills it then. Says which request it was; none when the run was over before.
fn killed(ground: &Ground, moment: Moment) -> Option<Received> {
    let Moment { number, takes_effect } = moment;
    let first = ground.proxy.requests().len();
    let held = if takes_effect { Verdict::Late(Duration::from_mins(1)) } else { Verdict::Hang };
    let verdict = held.clone();
    ground.proxy.intercept(
        move |request| {
            if request.number == first + number { verdict.clone() } else { Verdict::Pass }
        },
    );
    let mut child = start(&mut ground.command(&[]));
    let is_there = |request: &Received| !takes_effect || request.node.is_some();
    let reached = || ground.proxy.requests().get(first + number).filter(|request| is_there(request)).cloned();
    while reached().is_none() && child.try_wait().unwrap().is_none() {
        thread::sleep(Duration::from_millis(5));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    ground.proxy.intercept(|_| Verdict::Pass);
    reached()
}

/// Every moment at which something differs from the moment before: around each write, and right after it.
fn moments() -> Vec<Moment> {
    let ground = Ground::new();
    let run = ground.run(&[]);
    assert_eq!(run.code, 0, "{run:#?}");
    let is_write = |request: &Received| !matches!(request.method.as_str(), "GET" | "LIST");
    let mut moments = Vec::new();
    let mut was_write = true;
    for (number, request) in ground.proxy.requests().iter().enumerate() {
        if is_write(request) || was_write {
            moments.push(Moment { number, takes_effect: false });
        }
        if is_write(request) {
            moments.push(Moment { number, takes_effect: true });
        }
        was_write = is_write(request);
    }
    moments
}

fn is_made_good(moment: Moment) {
    let ground = Ground::new();
    let at = killed(&ground, moment);
    let name = at.as_ref().map(|request| format!("{} {}", request.method, request.path));
    let what = format!("{moment:?}, {name:?}");
    if moment.takes_effect && at.is_some_and(|request| request.is("PUT", "sys/init")) {
        // Nobody has its answer.
        let run = ground.run(&["--patience", "1s"]);
        assert_eq!(run.code, 7, "{what}: {run:#?}");
        assert!(run.stderr.contains("The keys were lost"), "{what}: {run:#?}");
        return;
    }
    ground.is_finished(&what);
    assert_eq!(ground.initialisations(), 1, "{what}");
}

#[test]
fn a_run_that_is_killed_at_any_request_is_made_good_by_the_next_one() {
    let moments = moments();
    assert!(moments.len() > 40, "{moments:?}");
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..4 {
            scope.spawn(|| {
                while let Some(moment) = moments.get(next.fetch_add(1, Ordering::SeqCst)) {
                    is_made_good(*moment);
                }
            });
        }
    });
}
