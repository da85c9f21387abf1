//! Several sinks, of which some fail, lag, lie, or are written by others.

use std::io;
use std::sync::Mutex;

use super::*;
use crate::domain::escrow::{LedgerError, Phase};

/// A sink in memory, with a fault.
struct Memory {
    name: &'static str,
    ledger: Mutex<Ledger>,
    fault: Fault,
}

#[derive(Clone, Copy, PartialEq)]
enum Fault {
    None,
    Unreadable,
    Unwritable,
    /// It takes everything, and gives back what it held before.
    Forgets,
    /// It takes everything, and says that it could not.
    Mumbles,
    /// Somebody writes between the look and the writing.
    IsRaced,
}

impl EscrowSink for Memory {
    fn name(&self) -> String {
        self.name.to_owned()
    }

    async fn read(&self) -> Result<Ledger, EscrowError> {
        match self.fault {
            Fault::Unreadable => Err(EscrowError::Broken { sink: self.name(), source: LedgerError::Torn { line: 1 } }),
            _ => Ok(self.ledger.lock().unwrap().clone()),
        }
    }

    async fn append(&self, seen: &Ledger, record: &Record) -> Result<Appended, EscrowError> {
        let mut ledger = self.ledger.lock().unwrap();
        match self.fault {
            Fault::Unwritable => {
                return Err(EscrowError::Unwritable { sink: self.name(), source: io::ErrorKind::StorageFull.into() });
            }
            Fault::IsRaced => *ledger = ledger.with(self::record(ledger.next_generation(), "other", Phase::Intent)),
            _ => {}
        }
        if *ledger != *seen {
            return Ok(Appended::Moved);
        }
        if self.fault != Fault::Forgets {
            *ledger = ledger.with(record.clone());
        }
        match self.fault {
            Fault::Mumbles => {
                Err(EscrowError::Unwritable { sink: self.name(), source: io::ErrorKind::TimedOut.into() })
            }
            _ => Ok(Appended::Done),
        }
    }
}

fn record(generation: u64, run: &str, phase: Phase) -> Record {
    Record {
        schema: 1,
        generation,
        phase,
        run: run.to_owned(),
        at: "2026-11-21T10:00:00Z".parse().unwrap(),
        environment: None,
        addresses: Vec::new(),
        seal_type: "shamir".to_owned(),
        threshold: 1,
        shares: 1,
        run_url: None,
        recipients: Vec::new(),
        cluster_id: None,
        pgp_shares: Vec::new(),
        ciphertext: (phase != Phase::Intent).then(|| "armour".to_owned()),
    }
}

fn ledger(runs: &[&str]) -> Ledger {
    runs.iter().fold(Ledger::default(), |ledger, run| ledger.with(record(ledger.next_generation(), run, Phase::Intent)))
}

fn sink(name: &'static str, runs: &[&str], fault: Fault) -> Memory {
    Memory { name, ledger: Mutex::new(ledger(runs)), fault }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    tokio::runtime::Builder::new_current_thread().build().unwrap().block_on(future)
}

fn held(sink: &Memory) -> usize {
    sink.ledger.lock().unwrap().records().len()
}

fn captured(generation: u64) -> Record {
    record(generation, "mine", Phase::Captured)
}

/// What `put` of a record with keys comes to, and the names of the sinks that failed.
fn put_keys(sinks: &[Memory], seen: &Ledger) -> (&'static str, Vec<String>) {
    let names = |failed: Vec<(String, EscrowError)>| failed.into_iter().map(|(name, _)| name).collect();
    match block_on(put(sinks, seen, &captured(seen.next_generation()))).unwrap() {
        Put::Kept { failed } => ("kept", names(failed)),
        Put::NotKept { failed } => ("not kept", names(failed)),
        Put::Moved => ("moved", Vec::new()),
    }
}

#[test]
fn what_the_sinks_hold_is_what_any_of_them_holds() {
    let sinks = [sink("a", &["1"], Fault::None), sink("b", &["1", "2"], Fault::None), sink("c", &[], Fault::None)];
    assert_eq!(block_on(load(&sinks)).unwrap(), ledger(&["1", "2"]));
    assert_eq!(block_on(load::<Memory>(&[])).unwrap(), Ledger::default());
}

#[test]
fn a_sink_that_can_not_be_read_is_never_taken_for_an_empty_one() {
    let sinks = [sink("a", &["1"], Fault::None), sink("b", &[], Fault::Unreadable)];
    assert!(matches!(block_on(load(&sinks)), Err(EscrowError::Broken { .. })));
    let survey = block_on(survey(&sinks));
    assert_eq!(
        survey.seen.iter().map(|seen| survey.standing(seen)).collect::<Vec<_>>(),
        [Standing::Whole, Standing::Unreadable]
    );
    assert!(survey.into_agreement().is_err());
}

#[test]
fn sinks_that_disagree_are_named_and_refused() {
    let sinks =
        [sink("a", &["1"], Fault::None), sink("b", &["1", "2"], Fault::None), sink("c", &["1", "x"], Fault::None)];
    let error = block_on(load(&sinks)).unwrap_err();
    assert!(matches!(&error, EscrowError::Disagreement { sink, other, .. } if sink == "c" && other == "b"), "{error}");
    let survey = block_on(survey(&sinks));
    let standings: Vec<_> = survey.seen.iter().map(|seen| survey.standing(seen)).collect();
    assert!(matches!(standings[..], [Standing::Lags { holds: 1, of: 2 }, Standing::Whole, Standing::Disagrees(_)]));
    assert!(survey.into_agreement().is_err());
}

#[test]
fn a_sink_that_lags_behind_is_brought_up_first_and_all_hold_the_record() {
    let sinks = [sink("a", &["1", "2"], Fault::None), sink("b", &[], Fault::None)];
    let seen = block_on(load(&sinks)).unwrap();
    assert_eq!(put_keys(&sinks, &seen), ("kept", Vec::new()));
    assert_eq!(block_on(load(&sinks)).unwrap(), seen.with(captured(3)));
    assert_eq!((held(&sinks[0]), held(&sinks[1])), (3, 3));
    assert_eq!(put_keys(&sinks, &seen), ("kept", Vec::new()));
    assert_eq!((held(&sinks[0]), held(&sinks[1])), (3, 3));
}

#[test]
fn a_sink_that_fails_does_not_keep_the_others_from_taking_the_keys() {
    for fault in [Fault::Unreadable, Fault::Unwritable, Fault::Forgets] {
        let sinks = [sink("a", &["1"], fault), sink("b", &["1"], Fault::None)];
        assert_eq!(put_keys(&sinks, &ledger(&["1"])), ("kept", vec!["a".to_owned()]));
        assert_eq!(held(&sinks[1]), 2);
    }
}

#[test]
fn a_sink_that_gives_back_something_else_has_not_kept_it() {
    let sinks = [sink("a", &[], Fault::Forgets)];
    assert_eq!(put_keys(&sinks, &Ledger::default()), ("not kept", vec!["a".to_owned()]));
    assert_eq!(put_keys(&[], &Ledger::default()), ("not kept", Vec::new()));
}

#[test]
fn a_record_that_is_there_is_kept_whatever_the_sink_said() {
    let sinks = [sink("a", &["1"], Fault::Mumbles)];
    assert_eq!(put_keys(&sinks, &ledger(&["1"])), ("kept", Vec::new()));
    assert_eq!(held(&sinks[0]), 2);
}

#[test]
fn what_somebody_else_wrote_meanwhile_is_looked_at_before_anything_is_written() {
    let sinks = [sink("a", &["1"], Fault::None), sink("b", &["1", "2"], Fault::None)];
    assert_eq!(put_keys(&sinks, &ledger(&["1"])), ("moved", Vec::new()));
    assert_eq!(held(&sinks[0]), 1);
    let raced = [sink("a", &["1"], Fault::IsRaced), sink("b", &["1"], Fault::None)];
    assert_eq!(put_keys(&raced, &ledger(&["1"])), ("moved", Vec::new()));
    assert_eq!(held(&raced[1]), 1);
    let too_late = [sink("a", &["1"], Fault::None), sink("b", &["1"], Fault::IsRaced)];
    assert_eq!(put_keys(&too_late, &ledger(&["1"])), ("kept", vec!["b".to_owned()]));
}

#[test]
fn a_disagreement_stops_an_intent_and_no_keys() {
    let sinks = [sink("a", &["x"], Fault::None), sink("b", &["1"], Fault::None)];
    let seen = ledger(&["1"]);
    assert!(matches!(
        block_on(put(&sinks, &seen, &record(2, "mine", Phase::Intent))),
        Err(EscrowError::Disagreement { .. })
    ));
    assert_eq!((held(&sinks[0]), held(&sinks[1])), (1, 1));
    assert_eq!(put_keys(&sinks, &seen), ("kept", vec!["a".to_owned()]));
}
