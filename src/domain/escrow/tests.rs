//! What an escrow's records and contents are, and are not.

use proptest::prelude::*;

use super::check::{check, check_sealed};
use super::*;
use crate::domain::path::RepoPath;
use crate::secret::Secret;

/// A record as the first run writes it.
pub(crate) fn record(generation: u64, phase: Phase) -> Record {
    Record {
        schema: 1,
        generation,
        phase,
        run: format!("{generation:032x}"),
        at: "2026-11-21T10:00:00Z".parse().unwrap(),
        environment: None,
        addresses: vec!["https://vault.example.com:8200".parse().unwrap()],
        seal_type: "shamir".to_owned(),
        threshold: 3,
        shares: 5,
        run_url: None,
        recipients: vec!["age1one".to_owned(), "ssh-ed25519 AAAA two@example".to_owned()],
        cluster_id: None,
        pgp_shares: Vec::new(),
        ciphertext: (phase != Phase::Intent).then(|| format!("armour of {generation}\n")),
    }
}

fn ledger(phases: &[Phase]) -> Ledger {
    phases.iter().fold(Ledger::default(), |ledger, phase| ledger.with(record(ledger.next_generation(), *phase)))
}

fn secrets(texts: &[&str]) -> Vec<Secret> {
    texts.iter().filter_map(|text| Secret::new(text)).collect()
}

#[test]
fn a_record_is_one_line_of_json_with_the_names_of_the_contract() {
    insta::assert_snapshot!(ledger(&[Phase::Intent]).to_text(), @r#"{"schema":1,"generation":1,"phase":"intent","run":"00000000000000000000000000000001","at":"2026-11-21T10:00:00Z","addresses":["https://vault.example.com:8200"],"seal_type":"shamir","threshold":3,"shares":5,"recipients":["age1one","ssh-ed25519 AAAA two@example"]}"#);
}

#[test]
fn the_current_record_is_the_newest_one_with_a_ciphertext() {
    assert_eq!(Ledger::default().current(), None);
    assert!(!ledger(&[Phase::Intent]).has_keys());
    let several = ledger(&[Phase::Intent, Phase::Captured, Phase::Verified, Phase::Intent]);
    assert_eq!(several.current().map(|record| record.generation), Some(3));
    assert_eq!((several.latest().map(|record| record.generation), several.next_generation()), (Some(4), 5));
    assert!(several.has_keys());
}

#[test]
fn shares_of_people_are_keys_without_a_ciphertext_too() {
    let share = PgpShare { fingerprint: "AB".to_owned(), share: "wcBM".to_owned() };
    let by_person = Record { ciphertext: None, pgp_shares: vec![share], ..record(1, Phase::Captured) };
    let ledger = Ledger::default().with(by_person);
    assert!(ledger.has_keys() && ledger.current().is_none());
}

#[test]
fn what_was_read_is_kept_byte_for_byte_whatever_is_added() {
    let first =
        ledger(&[Phase::Intent]).to_text().trim_end().replace("\"schema\":1,", "\"schema\": 1, \"later\": [1],");
    for text in [format!("{first}\r\n\n"), first.clone()] {
        let read = Ledger::parse(&text).unwrap();
        let more = read.with(record(2, Phase::Captured)).to_text();
        assert!(more.starts_with(&text), "{more}");
        assert_eq!(Ledger::parse(&more).unwrap().records().len(), 2);
    }
}

#[test]
fn a_torn_last_line_is_told_and_never_left_out() {
    let text = ledger(&[Phase::Intent, Phase::Captured]).to_text();
    let first = text.find('\n').unwrap() + 1;
    for end in first + 1..text.len() - 1 {
        assert_eq!(Ledger::parse(&text[..end]), Err(LedgerError::Torn { line: 2 }), "{end}");
    }
    assert_eq!(Ledger::parse(&text[..first]).unwrap().records().len(), 1);
    assert_eq!(Ledger::parse(&text[..text.len() - 1]).unwrap().records().len(), 2);
    let in_the_middle = format!("{{\"schema\":1,\n{text}");
    assert!(matches!(Ledger::parse(&in_the_middle), Err(LedgerError::NotARecord { line: 1, .. })));
}

#[test]
fn a_record_of_a_newer_bivouac_is_refused_by_its_schema_alone() {
    let error = Ledger::parse("{\"schema\":2,\"anything\":true}\n").unwrap_err();
    assert!(error.to_string().contains("written by a newer Bivouac"), "{error}");
}

#[test]
fn a_line_that_was_taken_out_or_put_in_is_noticed() {
    let text = ledger(&[Phase::Intent, Phase::Captured, Phase::Verified]).to_text();
    let lines: Vec<_> = text.split_inclusive('\n').collect();
    for (kept, line, found, expected) in [([0, 2], 2, 3, 2), ([1, 2], 1, 2, 1), ([0, 0], 2, 1, 2)] {
        let text: String = kept.map(|index| lines[index]).concat();
        assert_eq!(Ledger::parse(&text), Err(LedgerError::OutOfOrder { line, found, expected }));
    }
}

#[test]
fn ledgers_that_disagree_about_a_generation_are_not_merged() {
    let (short, long) = (ledger(&[Phase::Intent]), ledger(&[Phase::Intent, Phase::Captured]));
    assert_eq!(short.merged(&long).unwrap(), long);
    assert_eq!(long.merged(&short).unwrap(), long);
    assert_eq!(long.merged(&Ledger::default()).unwrap(), long);
    let other = short.with(Record { run: "f".repeat(32), ..record(2, Phase::Captured) });
    assert_eq!(long.merged(&other), Err(Disagreement { generation: 2 }));
}

#[test]
fn the_contents_come_back_as_they_were_and_what_is_unknown_is_passed_over() {
    let login = AppRoleLogin {
        mount: "approle".to_owned(),
        role_id: Secret::new("role").unwrap(),
        secret_id: Secret::new("hush").unwrap(),
        accessor: "accessor".to_owned(),
    };
    let contents = Contents {
        unseal_shares: secrets(&["hush-1", "hush-2"]),
        root_token: Secret::new("hush-3"),
        operator: Some(login),
        deployer_role_id: Some("deployer".to_owned()),
        deployer_accessor: Some("another".to_owned()),
        ..Contents::default()
    };
    let text = contents.to_json();
    assert_eq!(Contents::from_json(text.expose()).unwrap(), contents);
    let more = text.expose().replacen('{', "{\"later\":[1],\"reader_role_id\":null,", 1);
    assert_eq!(Contents::from_json(&more).unwrap(), contents);
    let shown = format!("{contents:?}");
    assert!(!shown.contains("hush"), "{shown}");
}

#[test]
fn an_error_over_contents_never_quotes_them() {
    for (text, field) in [
        ("hush", None),
        ("[\"hush\"]", None),
        ("{\"unseal_shares\":\"hush\"}", Some("unseal_shares")),
        ("{\"unseal_shares\":[\"hush\",7]}", Some("unseal_shares")),
        ("{\"unseal_shares\":[\"hush\",\" \"]}", Some("unseal_shares")),
        ("{\"root_token\":{\"hush\":1}}", Some("root_token")),
        ("{\"operator\":{\"mount\":\"hush\"}}", Some("operator")),
        ("{\"sealed\":{\"threshold\":\"hush\"}}", Some("sealed")),
    ] {
        let error = Contents::from_json(text).unwrap_err();
        assert!(!format!("{error} {error:?}").contains("hush"), "{error}");
        assert!(field.is_none_or(|field| error.to_string().contains(field)), "{error}");
    }
}

#[test]
fn as_many_shares_are_wanted_as_the_record_says_and_each_counts_once() {
    let record = record(2, Phase::Captured);
    let held = |texts: &[&str]| check(&record, &Contents { unseal_shares: secrets(texts), ..Contents::default() });
    assert_eq!(held(&["a", "b", "c", "d", "e"]).unwrap(), Held { shares: 5, is_by_person: false });
    assert!(matches!(held(&["a", "b", "c", "d", "d"]), Err(Shortfall::NotAsMany { found: 4, said: 5, .. })));
    assert!(matches!(held(&["a", "b", "b", "b", "b"]), Err(Shortfall::TooFew { found: 2, threshold: 3, .. })));
    assert!(matches!(held(&[]), Err(Shortfall::TooFew { found: 0, .. })));
    let recovery = Contents { recovery_shares: secrets(&["a", "b", "c", "d", "e"]), ..Contents::default() };
    assert!(check(&record, &recovery).is_ok());
}

#[test]
fn a_record_that_was_edited_is_told_from_what_was_encrypted_with_the_keys() {
    let record = Record {
        environment: Some("production".to_owned()),
        cluster_id: Some("ours".to_owned()),
        ..record(2, Phase::Verified)
    };
    let contents = Contents { unseal_shares: secrets(&["a", "b", "c", "d", "e"]), ..Contents::default() };
    assert_eq!(check_sealed(&Record { threshold: 1, ..record.clone() }, &contents), Ok(()), "of an older Bivouac");
    let sealed = Contents::from_json(contents.sealed_with(&record).to_json().expose()).unwrap();
    assert_eq!(sealed, contents.sealed_with(&record));
    assert!(check(&record, &sealed).is_ok());
    let edited = |edit: fn(&mut Record)| {
        let mut edited = record.clone();
        edit(&mut edited);
        match check(&edited, &sealed) {
            Err(Shortfall::Edited { field, .. }) => field,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(edited(|record| record.addresses.push("https://fake.example.com:8200".parse().unwrap())), "addresses");
    assert_eq!(edited(|record| record.threshold = 1), "threshold");
    assert_eq!(edited(|record| record.shares = 1), "shares");
    assert_eq!(edited(|record| record.seal_type = "transit".to_owned()), "seal_type");
    assert_eq!(edited(|record| record.environment = None), "environment");
    assert_eq!(edited(|record| record.cluster_id = None), "cluster_id");
    // Neither is known from the beginning, and an address may go.
    let captured = contents.sealed_with(&Record { cluster_id: None, ..record.clone() });
    assert_eq!(check_sealed(&record, &captured), Ok(()));
    assert_eq!(check_sealed(&Record { addresses: Vec::new(), ..record }, &sealed), Ok(()));
}

#[test]
fn a_sink_is_a_file_here_or_in_the_apps_repository() {
    assert_eq!("file:/a b/c".parse(), Ok(SinkAddress::File("/a b/c".into())));
    let git: SinkAddress = "git:vault/./escrow.jsonl".parse().unwrap();
    assert_eq!(git.to_string(), "git:vault/escrow.jsonl");
    for wrong in ["", "escrow", "file:", "file:a/", "git:", "git:.", "git:../x", "git:/x", "s3:x", "file:a\nb"] {
        assert!(wrong.parse::<SinkAddress>().is_err(), "{wrong:?}");
    }
}

#[test]
fn the_commit_of_a_record_says_which_generation_it_is() {
    let path: RepoPath = "vault/escrow.jsonl".parse().unwrap();
    let run_url = Some("https://github.com/acme/apps/actions/runs/1".to_owned());
    let record = Record { run_url, environment: Some("pro\nduction".to_owned()), ..record(3, Phase::Captured) };
    insta::assert_snapshot!(EscrowMessage { path: &path, record: &record }.to_string(), @"
    escrow(pro duction): generation 3, captured

    Bivouac-Escrow: vault/escrow.jsonl
    Bivouac-Generation: 3
    Bivouac-Run: https://github.com/acme/apps/actions/runs/1
    ");
    let nameless = Record { environment: None, run_url: None, ..record };
    let message = EscrowMessage { path: &path, record: &nameless }.to_string();
    assert!(message.starts_with("escrow(vault/escrow.jsonl): generation 3, captured\n"), "{message}");
}

proptest! {
    #[test]
    fn every_ledger_comes_back_as_it_was(
        texts in proptest::collection::vec((any::<String>(), proptest::option::of(any::<String>()), 0..3_u8), 0..6),
    ) {
        let mut ledger = Ledger::default();
        for (text, ciphertext, phase) in texts {
            let phase = [Phase::Intent, Phase::Captured, Phase::Verified][usize::from(phase)];
            let generation = ledger.next_generation();
            let recipients = vec![text.clone(), text.clone()];
            let environment = Some(text);
            ledger = ledger.with(Record { environment, recipients, ciphertext, ..record(generation, phase) });
        }
        let text = ledger.to_text();
        prop_assert_eq!(text.lines().count(), ledger.records().len());
        let read = Ledger::parse(&text).unwrap();
        prop_assert_eq!(&read, &ledger);
        prop_assert_eq!(read.to_text(), text);
    }

    #[test]
    fn places_that_stopped_early_hold_together_what_the_longest_of_them_holds(
        length in 0..6_usize, first in 0..6_usize, second in 0..6_usize,
    ) {
        let cut = |at: usize| ledger(&vec![Phase::Captured; at.min(length)]);
        let (first, second) = (cut(first), cut(second));
        let longest = if first.records().len() > second.records().len() { &first } else { &second };
        prop_assert_eq!(&first.merged(&second).unwrap(), longest);
        prop_assert_eq!(second.merged(&first).unwrap().to_text(), longest.to_text());
    }

    #[test]
    fn no_text_is_read_as_fewer_records_than_it_has_lines(text in any::<String>()) {
        if let Ok(ledger) = Ledger::parse(&text) {
            prop_assert_eq!(ledger.records().len(), text.split('\n').filter(|line| !line.trim().is_empty()).count());
        }
    }

    #[test]
    fn contents_are_never_invented(text in any::<String>()) {
        let may_be_an_object = text.trim_start().starts_with('{');
        prop_assert!(Contents::from_json(&text).is_err() || may_be_an_object);
    }
}
