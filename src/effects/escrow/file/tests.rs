//! A file that several write, that can not be written, and that is none.

use std::os::unix::fs::{PermissionsExt as _, symlink};

use tempfile::TempDir;

use super::*;
use crate::domain::escrow::Phase;

fn record(generation: u64, run: &str) -> Record {
    let text = format!(
        r#"{{"schema":1,"generation":{generation},"phase":"captured","run":"{run}","at":"2026-11-21T10:00:00Z","addresses":[],"seal_type":"shamir","threshold":1,"shares":1,"recipients":[],"ciphertext":"x"}}"#
    );
    serde_json::from_str(&text).unwrap()
}

fn sink(folder: &TempDir) -> FileSink {
    FileSink::new(folder.path().join("vault.escrow"))
}

fn names(folder: &TempDir) -> Vec<String> {
    let mut names: Vec<_> =
        fs::read_dir(folder.path()).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

#[test]
fn records_are_added_for_the_owner_alone_and_nothing_else_is_left() {
    let folder = TempDir::new().unwrap();
    let sink = sink(&folder);
    let empty = sink.read_now().unwrap();
    assert_eq!(empty, Ledger::default());
    assert_eq!(sink.append_now(&empty, &record(1, "a")).unwrap(), Appended::Done);
    let first = fs::read_to_string(&sink.path).unwrap();
    let seen = sink.read_now().unwrap();
    assert_eq!(sink.append_now(&seen, &record(2, "a")).unwrap(), Appended::Done);
    assert!(fs::read_to_string(&sink.path).unwrap().starts_with(&first));
    assert_eq!(sink.append_now(&seen, &record(2, "b")).unwrap(), Appended::Moved);
    assert_eq!(sink.read_now().unwrap().current().map(|record| record.phase), Some(Phase::Captured));
    for path in [sink.path.clone(), sink.lock_file()] {
        assert_eq!(fs::metadata(path).unwrap().permissions().mode() & 0o777, 0o600);
    }
    assert_eq!(names(&folder), ["vault.escrow", "vault.escrow.lock"]);
}

#[test]
fn of_writers_at_the_same_time_each_lands_once_or_is_told_that_it_came_too_late() {
    let folder = TempDir::new().unwrap();
    let sink = &sink(&folder);
    let landed: usize = thread::scope(|scope| {
        let writers: Vec<_> = (0..8)
            .map(|writer| {
                scope.spawn(move || {
                    let mut landed = 0;
                    for _ in 0..5 {
                        let seen = sink.read_now().unwrap();
                        let record = record(seen.next_generation(), &format!("{writer}-{landed}"));
                        if sink.append_now(&seen, &record).unwrap() == Appended::Done {
                            landed += 1;
                        }
                    }
                    landed
                })
            })
            .collect();
        writers.into_iter().map(|writer| writer.join().unwrap()).sum()
    });
    let ledger = sink.read_now().unwrap();
    let runs: std::collections::BTreeSet<_> = ledger.records().iter().map(|record| &record.run).collect();
    assert!(landed >= 5 && ledger.records().len() == landed && runs.len() == landed, "{landed}: {runs:?}");
}

#[test]
fn what_is_no_file_is_neither_followed_nor_replaced() {
    let folder = TempDir::new().unwrap();
    let sink = sink(&folder);
    let aim = folder.path().join("aim");
    fs::write(&aim, "").unwrap();
    for place in [sink.path.clone(), sink.lock_file()] {
        symlink(&aim, &place).unwrap();
        let error = sink.append_now(&Ledger::default(), &record(1, "a")).unwrap_err();
        assert!(matches!(error, EscrowError::InTheWay { kind: Some(EntryKind::Symlink), .. }), "{error}");
        fs::remove_file(&place).unwrap();
    }
    fs::create_dir(&sink.path).unwrap();
    assert!(matches!(sink.read_now(), Err(EscrowError::InTheWay { kind: Some(EntryKind::Directory), .. })));
    assert_eq!(fs::read(aim).unwrap(), b"");
    let device = FileSink::new("/dev/full".into());
    assert!(matches!(device.read_now(), Err(EscrowError::InTheWay { kind: None, .. })));
}

#[test]
fn a_missing_directory_is_an_error_and_no_empty_escrow() {
    let folder = TempDir::new().unwrap();
    let sink = FileSink::new(folder.path().join("not there/vault.escrow"));
    assert!(matches!(sink.read_now(), Err(EscrowError::Unreadable { .. })));
    assert!(matches!(sink.append_now(&Ledger::default(), &record(1, "a")), Err(EscrowError::Unwritable { .. })));
}

#[test]
fn a_torn_escrow_is_told_and_stays_as_it_is() {
    let folder = TempDir::new().unwrap();
    let sink = sink(&folder);
    let whole = Ledger::default().with(record(1, "a")).to_text();
    for text in [whole[..whole.len() / 2].to_owned(), format!("{whole}{{\"schema\"")] {
        fs::write(&sink.path, &text).unwrap();
        for error in [sink.read_now().unwrap_err(), sink.append_now(&Ledger::default(), &record(1, "a")).unwrap_err()] {
            assert!(matches!(error, EscrowError::Broken { source: LedgerError::Torn { .. }, .. }), "{error}");
        }
        assert_eq!(fs::read_to_string(&sink.path).unwrap(), text);
    }
    fs::write(&sink.path, [0xff]).unwrap();
    assert!(matches!(sink.read_now(), Err(EscrowError::Broken { .. })));
}

#[test]
fn a_file_that_is_no_text_is_broken() {
    let folder = TempDir::new().unwrap();
    let sink = sink(&folder);
    fs::write(&sink.path, b"\n\n\xff\xfe\n").unwrap();
    let broken = sink.read_now().unwrap_err();
    let EscrowError::Broken { source: LedgerError::NotARecord { line, .. }, .. } = &broken else {
        panic!("{broken:?}")
    };
    assert_eq!(*line, 3);
    assert_eq!(crate::error::Error::from(broken).exit_code(), crate::contract::ExitCode::Unsafe);
}
