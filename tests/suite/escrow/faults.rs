//! Places that lag, disagree, are torn, or can not be written.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::process::Command;
use std::thread;

use bivouac::domain::escrow::{Ledger, Record};
use tempfile::TempDir;

use super::{Person, escrow, keeps_secrets, ledger, write};
use crate::world::World;

#[test]
fn a_place_that_lags_is_told_and_brought_up_by_whatever_writes_next() {
    let (world, one, two, three) = (World::empty(), Person::new(), Person::new(), Person::new());
    let ledger = ledger(&[&one, &two]);
    let (whole, new) = (write(&world, "whole", &ledger), world.home.path().join("new"));
    let sinks = [format!("file:{}", whole.display()), format!("file:{}", new.display())];
    let run = escrow(&world, &["show"], &sinks, None).ok();
    assert!(run.stdout.contains("✗ lags behind: 0 generations of 2"), "{}", run.stdout);
    let run = escrow(&world, &["verify"], &sinks, Some(&one.secret));
    assert!(run.code == 1 && run.stdout.contains('✓') && run.stdout.contains('✗'), "{run:#?}");

    let rekey = ["rekey", "--recipient", &one.public, "--recipient", &three.public];
    escrow(&world, &rekey, &sinks, Some(&one.secret)).ok();
    assert_eq!(fs::read(&whole).unwrap(), fs::read(&new).unwrap());
    assert_eq!(fs::metadata(&new).unwrap().permissions().mode() & 0o777, 0o600);
    escrow(&world, &["verify"], &sinks, Some(&three.secret)).ok();
}

#[test]
fn places_that_disagree_are_shown_and_nothing_is_written() {
    let (world, one, two) = (World::empty(), Person::new(), Person::new());
    let ledger = ledger(&[&one, &two]);
    let other = Ledger::default().with(Record { generation: 1, ..ledger.records()[1].clone() });
    let paths = [write(&world, "a", &ledger), write(&world, "b", &other)];
    let sinks = paths.clone().map(|path| format!("file:{}", path.display()));
    let before = paths.clone().map(|path| fs::read(path).unwrap());
    let rekey = ["rekey", "--recipient", &one.public, "--recipient", &Person::new().public];
    for verb in [&["show"][..], &["show", "--ciphertext"], &["verify"], &rekey] {
        let run = escrow(&world, verb, &sinks, Some(&one.secret));
        assert_eq!(run.code, 7, "{verb:?}: {}", run.stderr);
        assert!(run.stderr.contains("disagrees with"), "{verb:?}: {}", run.stderr);
        assert!(!run.stdout.contains("BEGIN AGE") || !verb.contains(&"--ciphertext"), "{}", run.stdout);
    }
    assert_eq!(paths.map(|path| fs::read(path).unwrap()), before);
}

#[test]
fn a_broken_escrow_is_refused_with_what_to_do() {
    let (world, one, two) = (World::empty(), Person::new(), Person::new());
    let text = ledger(&[&one, &two]).to_text();
    let path = world.home.path().join("vault.escrow");
    let sinks = [format!("file:{}", path.display())];
    let second = text.find('\n').unwrap() + 1;
    for (broken, words) in [
        (text[..text.len() - 20].to_owned(), "ends in the middle"),
        (text[second..].to_owned(), "was taken out"),
        (text.replace("\"schema\":1", "\"schema\":2"), "newer Bivouac"),
        (format!("::error::forged\n{text}"), "is no record"),
    ] {
        fs::write(&path, &broken).unwrap();
        for verb in ["show", "verify"] {
            let run = escrow(&world, &[verb], &sinks, Some(&one.secret));
            assert_eq!(run.code, 7, "{}", run.stderr);
            assert!(run.stderr.contains(words) && run.stderr.contains("hint"), "{}", run.stderr);
        }
        assert_eq!(fs::read_to_string(&path).unwrap(), broken);
    }
    fs::remove_file(&path).unwrap();
    std::os::unix::fs::symlink("/dev/null", &path).unwrap();
    assert_eq!(escrow(&world, &["show"], &sinks, None).code, 7);
    let gone = [format!("file:{}", world.home.path().join("not/there").display())];
    assert_eq!(escrow(&world, &["show"], &gone, None).code, 1);
}

#[test]
fn a_repository_that_refuses_it_does_not_keep_a_file_from_taking_it() {
    let (world, one, two) = (World::new(), Person::new(), Person::new());
    let path = write(&world, "vault.escrow", &ledger(&[&one, &two]));
    world.hook("pre-receive", "echo 'not here' >&2; exit 1");
    let sinks = ["git:vault/escrow.jsonl".to_owned(), format!("file:{}", path.display())];
    let rekey = ["rekey", "--recipient", &one.public, "--recipient", &Person::new().public];
    let run = escrow(&world, &rekey, &sinks, Some(&one.secret));
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(run.stdout.contains("wrote generation 3") && run.stdout.contains("✗ git:vault/escrow.jsonl"), "{run:#?}");
    assert_eq!(fs::read_to_string(&path).unwrap().lines().count(), 3);
}

#[test]
fn several_runs_at_once_each_add_a_generation() {
    let (world, one, two) = (World::empty(), Person::new(), Person::new());
    let path = write(&world, "vault.escrow", &ledger(&[&one, &two]));
    let before = fs::read_to_string(&path).unwrap();
    thread::scope(|scope| {
        for _ in 0..3 {
            scope.spawn(|| {
                let home = TempDir::new().unwrap();
                let rekey = ["escrow", "rekey", "--recipient", &one.public, "--recipient", &Person::new().public];
                let mut command = world.bivouac(&rekey);
                command.env("BIVOUAC_ESCROWS", format!("file:{}", path.display()));
                command.env("BIVOUAC_AGE_IDENTITY", &one.secret);
                keeps_secrets(&world.run_at_home(command, home.path()).ok(), Some(&one.secret));
            });
        }
    });
    let after = fs::read_to_string(&path).unwrap();
    assert!(after.starts_with(&before) && Ledger::parse(&after).unwrap().records().len() == 5, "{after}");
}

#[test]
fn a_full_disk_leaves_the_escrow_as_it_was_and_the_other_place_takes_it() {
    let (world, one, two) = (World::empty(), Person::new(), Person::new());
    let folder = world.home.path().join("folder");
    fs::create_dir(&folder).unwrap();
    let path = write(&world, "folder/vault.escrow", &ledger(&[&one, &two]));
    let before = fs::read(&path).unwrap();
    // No file may become larger than this, so the new one can not be written whole.
    let program = world.bivouac(&["escrow", "rekey", "--recipient", &one.public, "--recipient", &Person::new().public]);
    let mut limited = Command::new("bash");
    limited.env_clear().args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "bash"]);
    limited.arg(program.get_program()).args(program.get_args());
    limited.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    limited.env("BIVOUAC_ESCROWS", format!("file:{}", path.display())).env("BIVOUAC_AGE_IDENTITY", &one.secret);
    let run = world.run(limited);
    keeps_secrets(&run, Some(&one.secret));
    assert_eq!(run.code, 1, "{}", run.stderr);
    assert!(run.stderr.contains("what it held is as it was"), "{}", run.stderr);
    assert_eq!(fs::read(&path).unwrap(), before);
    let names: Vec<_> = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names.len(), 2, "{names:?}");
}
