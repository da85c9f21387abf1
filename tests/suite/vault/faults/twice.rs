//! Two bootstraps at once of one Vault with one escrow.

use std::process::Command;

use bivouac::domain::escrow::Phase;

use super::Ground;
use super::ground::{ended, start};
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
