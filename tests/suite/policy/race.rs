//! Several runs want the last place.

use std::thread;

use tempfile::TempDir;

use super::{configured, patch};
use crate::world::{World, sha};

/// Deploys all of these at the same time; returns the results, sorted.
fn at_once(world: &World, numbers: std::ops::RangeInclusive<u64>) -> Vec<String> {
    let mut results: Vec<_> = thread::scope(|scope| {
        let jobs = numbers.map(|number| {
            scope.spawn(move || {
                let home = TempDir::new().unwrap();
                let command = world.bivouac(&["deploy", "--pull-request", &number.to_string()]);
                world.run_at_home(command, home.path()).ok().output("result").to_owned()
            })
        });
        let jobs: Vec<_> = jobs.collect();
        jobs.into_iter().map(|job| job.join().unwrap()).collect()
    });
    results.sort();
    results
}

#[test]
fn two_runs_for_the_last_place_never_both_get_it() {
    let world = configured("{limit: 2}");
    for number in 1..=4 {
        world.open(number, &sha('a'));
    }
    world.deploy(1, &sha('a')).ok();
    assert_eq!(at_once(&world, 2..=4), ["created", "refused", "refused"]);
    assert_eq!((1..=4).filter(|number| patch(&world, *number).is_some()).count(), 2);
    let told = (1..=4).map(|number| world.comments(number).len());
    assert!(told.into_iter().all(|comments| comments == 1));
}
