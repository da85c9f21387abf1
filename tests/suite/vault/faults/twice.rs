//! Two bootstraps at once of one Vault with one escrow.

use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use bivouac::domain::escrow::Phase;

use super::Ground;
use super::ground::{ended, start};
use crate::vault::proxy::Verdict;
use crate::world::Run;

/// Runs both at the same time.
pub(super) fn at_once(mut commands: [Command; 2]) -> [Run; 2] {
    let [first, second] = &mut commands;
    let children = [start(first), start(second)];
    let [one, two] = children;
    [ended(first, one), ended(second, two)]
}

#[test]
fn two_runs_at_once_initialise_once_and_leave_one_sound_escrow() {
    for round in 0..5 {
        let ground = Ground::new();
        // Long enough for the one to wait for the other.
        let runs = at_once(["one", "two"].map(|machine| ground.command_on(machine, &["--patience", "15s"])));
        assert_eq!(ground.initialisations(), 1, "{runs:#?}");
        let captured = ground.ledger().records().iter().filter(|record| record.phase == Phase::Captured).count();
        assert_eq!(captured, 1, "{runs:#?}");
        let codes = runs.each_ref().map(|run| run.code);
        // One of them may find that the other has written into the escrow meanwhile, or not yet, and says so.
        assert!(codes.contains(&0) && codes.iter().all(|code| [0, 5, 10].contains(code)), "round {round}: {runs:#?}");
        ground.is_finished(&format!("round {round}, {codes:?}"));
    }
}

#[test]
fn a_run_whose_request_comes_second_waits_for_the_keys_of_the_first() {
    let ground = Ground::new();
    let came = AtomicUsize::new(0);
    ground.proxy.intercept(move |request| {
        match request.is("PUT", "sys/init").then(|| came.fetch_add(1, Ordering::SeqCst)) {
            // Who began first is overtaken, and hears that it is done while the keys are still on their way to the other.
            Some(0) => Verdict::Delay(Duration::from_secs(3)),
            Some(1) => Verdict::Late(Duration::from_secs(6)),
            _ => Verdict::Pass,
        }
    });
    let mut commands = ["one", "two"].map(|machine| ground.command_on(machine, &["--patience", "30s"]));
    let one = start(&mut commands[0]);
    while ground.proxy.count("PUT", "sys/init") == 0 {
        std::thread::sleep(Duration::from_millis(20));
    }
    let two = start(&mut commands[1]);
    let runs = [ended(&commands[0], one), ended(&commands[1], two)];
    assert_eq!(ground.initialisations(), 1, "{runs:#?}");
    assert!(runs[0].stderr.contains("initialised by another run meanwhile"), "{runs:#?}");
    let codes = runs.each_ref().map(|run| run.code);
    assert!(codes.contains(&0) && codes.iter().all(|code| [0, 5, 10].contains(code)), "{runs:#?}");
    ground.is_finished(&format!("{codes:?}"));
}
