//! The escrow in the apps repository: by commits, and among other writers.

use std::collections::BTreeMap;
use std::fs;
use std::sync::atomic::{AtomicBool, Ordering};

use bivouac::domain::escrow::{Ledger, Record};
use bivouac::emulator::Verdict;

use crate::escrow::{Person, escrow, ledger, write};
use crate::world::{World, commit};

const PATH: &str = "vault/escrow.jsonl";

fn sink() -> String {
    format!("git:{PATH}")
}

fn files(ledger: &Ledger) -> BTreeMap<String, String> {
    BTreeMap::from([(PATH.to_owned(), ledger.to_text())])
}

/// Lets somebody else commit right before the first push.
fn commit_before_the_first_push(world: &World, files: BTreeMap<String, String>) {
    let (apps, home, is_done) = (world.apps.clone(), world.home.path().to_owned(), AtomicBool::new(false));
    world.intercept(move |request| {
        if request.is_push() && !is_done.swap(true, Ordering::SeqCst) {
            commit(&apps, &home, &files, "Somebody else's");
        }
        Verdict::Pass
    });
}

#[test]
fn a_new_generation_is_a_commit_that_says_so_and_a_file_takes_what_the_repository_has() {
    let (world, one, two, three) = (World::new(), Person::new(), Person::new(), Person::new());
    let ledger = ledger(&[&one, &two]);
    world.commit_apps(&files(&ledger), "Keep the escrow");
    let path = world.home.path().join("vault.escrow");
    let sinks = [sink(), format!("file:{}", path.display())];
    let rekey = ["rekey", "--recipient", &one.public, "--recipient", &three.public];
    escrow(&world, &rekey, &sinks, Some(&one.secret)).ok();

    let text = world.file(PATH).unwrap();
    assert!(text.starts_with(&ledger.to_text()) && text.lines().count() == 3, "{text}");
    assert_eq!(fs::read_to_string(&path).unwrap(), text);
    let message = world.git(&["log", "-1", "--format=%B", "main"]);
    assert!(message.starts_with("escrow(production): generation 3, captured\n"), "{message}");
    assert!(message.contains("\nBivouac-Generation: 3\nBivouac-Run: http"), "{message}");
    assert_eq!(world.git(&["diff", "--name-only", "main~1", "main"]).trim(), PATH);

    let tip = world.tip();
    escrow(&world, &["verify"], &sinks, Some(&three.secret)).ok();
    escrow(&world, &rekey, &sinks, Some(&three.secret)).ok();
    assert_eq!(world.tip(), tip);
}

#[test]
fn an_escrow_is_begun_in_the_repository_from_a_file() {
    let (world, one, two, three) = (World::new(), Person::new(), Person::new(), Person::new());
    let path = write(&world, "vault.escrow", &ledger(&[&one, &two]));
    let sinks = [sink(), format!("file:{}", path.display())];
    escrow(&world, &["rekey", "--recipient", &one.public, "--recipient", &three.public], &sinks, Some(&one.secret))
        .ok();
    assert_eq!(world.file(PATH).unwrap(), fs::read_to_string(&path).unwrap());
    let subjects = world.git(&["log", "--format=%s", "main"]);
    let subjects: Vec<_> = subjects.lines().take(3).collect();
    let subject = |generation: u32, phase: &str| format!("escrow(production): generation {generation}, {phase}");
    assert_eq!(subjects, [subject(3, "captured"), subject(2, "captured"), subject(1, "intent")]);
}

#[test]
fn a_tip_that_moves_elsewhere_is_no_reason_to_give_up() {
    let (world, one, two, three) = (World::new(), Person::new(), Person::new(), Person::new());
    world.commit_apps(&files(&ledger(&[&one, &two])), "Keep the escrow");
    commit_before_the_first_push(&world, BTreeMap::from([("NOTES".to_owned(), "mine".to_owned())]));
    let rekey = ["rekey", "--recipient", &one.public, "--recipient", &three.public];
    escrow(&world, &rekey, &[sink()], Some(&one.secret)).ok();
    assert_eq!(world.file("NOTES").as_deref(), Some("mine"));
    assert_eq!(world.file(PATH).unwrap().lines().count(), 3);
}

#[test]
fn what_somebody_else_adds_meanwhile_is_kept_and_the_next_generation_is_ours() {
    let (world, one, two, three) = (World::new(), Person::new(), Person::new(), Person::new());
    let ledger = ledger(&[&one, &two]);
    world.commit_apps(&files(&ledger), "Keep the escrow");
    let theirs = ledger.with(Record { generation: 3, run: "f".repeat(32), ..ledger.records()[1].clone() });
    commit_before_the_first_push(&world, files(&theirs));
    let rekey = ["rekey", "--recipient", &one.public, "--recipient", &three.public];
    let run = escrow(&world, &rekey, &[sink()], Some(&one.secret)).ok();
    assert!(run.stdout.contains("wrote generation 4"), "{}", run.stdout);
    let text = world.file(PATH).unwrap();
    assert!(text.starts_with(&theirs.to_text()) && text.lines().count() == 4, "{text}");
}

#[test]
fn what_is_in_the_way_in_the_repository_is_refused() {
    let world = World::new();
    world.commit_apps(&BTreeMap::from([(format!("{PATH}/file"), String::new())]), "Stand in the way");
    let run = escrow(&world, &["show"], &[sink()], None);
    assert_eq!(run.code, 7, "{}", run.stderr);
    assert!(run.stderr.contains("is a directory"), "{}", run.stderr);
}
