//! Many previews at once.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use bivouac::emulator::{Answer, RequestKind, Verdict};
use serde_json::json;

use super::{close, commits, entries, is_quiet_now, list, sweep, there, told, world};
use crate::world::World;

/// Lets the first `free` requests that write to the forge pass, and tells of a limit after them.
/// Returns how often the forge was asked before the push.
fn limit(world: &World, free: usize) -> Arc<AtomicUsize> {
    let (written, asked, before) = (AtomicUsize::new(0), AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let until_push = Arc::clone(&before);
    world.intercept(move |request| {
        if request.is_push() {
            until_push.store(asked.load(Ordering::SeqCst), Ordering::SeqCst);
        } else if request.kind != RequestKind::Git {
            asked.fetch_add(1, Ordering::SeqCst);
        }
        if request.kind == RequestKind::Api && written.fetch_add(1, Ordering::SeqCst) >= free {
            let body = json!({"message": "You have exceeded a secondary rate limit"});
            return Verdict::Answer(Answer::json(403, &body).with_header("retry-after", "3600"));
        }
        Verdict::Pass
    });
    before
}

#[test]
fn of_a_thousand_previews_990_go_in_one_commit_after_12_questions_and_are_told_by_and_by() {
    let world = world(&(1..=1000).collect::<Vec<_>>());
    close(&world, &(11..=1000).collect::<Vec<_>>());
    let (before, asked, started) = (commits(&world), limit(&world, 0), Instant::now());
    let run = sweep(&world, &[]);
    println!("swept in {:?}", started.elapsed());
    assert_eq!((run.code, commits(&world)), (6, before + 1), "{}", run.stderr);
    let asked = asked.load(Ordering::SeqCst);
    assert!((10..=12).contains(&asked), "{asked} questions");
    assert_eq!(there(&world), (1..=10).map(|number| format!("pr-{number}")).collect::<Vec<_>>());
    assert_eq!((list(&run, "removed").len(), list(&run, "announced").len()), (990, 0));
    assert_eq!(list(&run, "failed"), ["pr-11"]);
    assert!(run.stdout.contains("990 removed, 10 staying, 989 to be told by the next sweep, 1 failed\n"));
    assert!(run.summary.contains("- 989 more are to be told by the next sweep\n"));
    assert_eq!(told(&world, 11), "deploying / up");

    limit(&world, 6);
    let run = sweep(&world, &[]);
    assert_eq!((run.code, commits(&world)), (6, before + 1), "{}", run.stderr);
    assert_eq!(
        (list(&run, "removed").len(), list(&run, "announced")),
        (0, ["pr-11", "pr-12", "pr-13"].map(str::to_owned).into())
    );
    assert!(run.stdout.contains("986 to be told by the next sweep"), "{}", run.stdout);
    for number in 11..=13 {
        assert_eq!(told(&world, number), "removed closed / over");
    }
}

#[test]
fn thirty_five_removals_are_told_in_one_run_without_a_wait() {
    let world = world(&(1..=36).collect::<Vec<_>>());
    close(&world, &(1..=35).collect::<Vec<_>>());
    let started = Instant::now();
    let run = sweep(&world, &[]).ok();
    assert!(started.elapsed().as_secs() < 30, "{:?}", started.elapsed());
    assert_eq!((list(&run, "announced").len(), entries(&world)), (35, vec!["pr-36".to_owned()]));
    assert_eq!(world.requests(RequestKind::Api).len(), 70);
    for number in 1..=35 {
        assert_eq!(told(&world, number), "removed closed / over", "{number}");
    }
    is_quiet_now(&world, &[]);
}
