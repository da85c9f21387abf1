//! Places of the escrow that fail: before the initialisation nothing is initialised, after it nothing is lost.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use bivouac::domain::escrow::Phase;

use super::Ground;
use super::ground::{ledger_of, run};
use crate::vault::proxy::Verdict;
use crate::world::Run;

/// The records that a text quotes, each a line of its own.
fn records(text: &str) -> String {
    text.lines().filter(|line| line.starts_with("{\"schema\":")).map(|line| format!("{line}\n")).collect()
}

/// Bootstraps with these files as the escrow.
fn with_files(ground: &Ground, machine: &str, files: &[&Path]) -> Command {
    let mut command = ground.bare_command_on(machine);
    command.args(["--vault-address", &ground.proxy.address(), "--patience", "3s"]);
    for file in files {
        command.arg("--escrow").arg(format!("file:{}", file.display()));
    }
    command
}

/// Does something once, right before the server hears of the initialisation.
fn before_it_is_initialised(ground: &Ground, act: impl Fn() + Send + Sync + 'static) {
    ground.proxy.intercept(move |request| {
        if request.is("PUT", "sys/init") {
            act();
        }
        Verdict::Pass
    });
}

/// Where a folder goes that is not to be found.
fn away(ground: &Ground) -> PathBuf {
    ground.escrow().parent().unwrap().with_file_name("away")
}

/// A folder that is beside the escrow's.
fn folder(ground: &Ground, name: &str) -> PathBuf {
    let folder = ground.escrow().parent().unwrap().with_file_name(name);
    fs::create_dir(&folder).unwrap();
    folder
}

#[test]
fn nothing_is_initialised_while_a_place_can_not_be_written() {
    let ground = Ground::new();
    let folder = folder(&ground, "places");
    let (directory, torn, link) = (folder.join("directory"), folder.join("torn"), folder.join("link"));
    fs::create_dir(&directory).unwrap();
    fs::write(&torn, "{\"schema\":1,").unwrap();
    std::os::unix::fs::symlink(&torn, &link).unwrap();
    let missing = folder.join("not/there");
    for bad in [&missing, Path::new("/proc/vault.escrow"), Path::new("/dev/full"), &directory, &torn, &link] {
        let (good, what) = (ground.escrow(), bad.display());
        for files in [&[bad][..], &[bad, &good], &[&good, bad]] {
            let run = run(with_files(&ground, "one", files));
            assert!([1, 7].contains(&run.code) && run.stderr.contains(&what.to_string()), "{what}: {run:#?}");
        }
    }
    assert_eq!((ground.proxy.count("PUT", "sys/init"), ground.bao.health()), (0, 501));
    assert!(!ground.ledger().has_keys());
    ground.is_finished("with a good place");
}

/// Bootstraps a Vault whose escrow goes away between the intent and the keys.
fn lost_its_place(ground: &Ground) -> Run {
    let (keys, away) = (ground.escrow().parent().unwrap().to_owned(), away(ground));
    before_it_is_initialised(ground, move || fs::rename(&keys, &away).unwrap());
    let run = ground.run(&[]);
    ground.proxy.intercept(|_| Verdict::Pass);
    assert_eq!((run.code, ground.bao.health()), (9, 503), "{run:#?}");
    run
}

#[test]
fn keys_that_no_place_took_are_in_the_log_and_the_summary_and_a_new_file_of_them_goes_on() {
    for shown_in in ["the log", "the summary"] {
        let ground = Ground::new();
        let run = lost_its_place(&ground);
        let text = records(if shown_in == "the log" { &run.stderr } else { &run.summary });
        assert!(text.contains("BEGIN AGE ENCRYPTED FILE") && run.stderr.contains("hint"), "{run:#?}");
        fs::create_dir(ground.escrow().parent().unwrap()).unwrap();
        fs::write(ground.escrow(), text).unwrap();
        // On another machine, which has only that.
        let run = super::ground::run(ground.command_on("two", &[]));
        assert_eq!(run.code, 0, "{shown_in}: {run:#?}");
        ground.is_sound(shown_in);
        assert_eq!(ground.initialisations(), 1);
    }
}

#[test]
fn keys_that_no_place_took_are_set_aside_and_the_next_run_on_the_machine_takes_them() {
    let ground = Ground::new();
    lost_its_place(&ground);
    let [_, runner] = ground.machine("one");
    let texts: Vec<_> = files(&runner).iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    assert!(texts.iter().any(|text| text.contains("BEGIN AGE ENCRYPTED FILE")), "{texts:?}");
    let keys = ground.escrow().parent().unwrap().to_owned();
    fs::rename(away(&ground), keys).unwrap();
    ground.is_finished("with its place back");
    assert_eq!(ground.initialisations(), 1);
    let texts: Vec<_> = files(&runner).iter().map(|file| fs::read_to_string(file).unwrap()).collect();
    assert!(texts.iter().all(|text| !text.contains("BEGIN AGE")), "what was set aside is still there: {texts:?}");
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn one_place_is_enough_and_the_other_takes_everything_when_it_is_back() {
    for first in [true, false] {
        let ground = Ground::new();
        let other = folder(&ground, "other").join("vault.escrow");
        let own = ground.escrow();
        let places: [&Path; 2] = if first { [&other, &own] } else { [&own, &other] };
        let (from, to) = (other.parent().unwrap().to_owned(), away(&ground));
        before_it_is_initialised(&ground, move || fs::rename(&from, &to).unwrap());
        let run = run(with_files(&ground, "one", &places));
        assert_eq!(run.code, 0, "{run:#?}");
        assert!(run.stderr.contains(&format!("file:{}", other.display())), "{run:#?}");
        ground.proxy.intercept(|_| Verdict::Pass);
        fs::rename(away(&ground), other.parent().unwrap()).unwrap();
        let phases: Vec<_> = ledger_of(&other).records().iter().map(|record| record.phase).collect();
        assert_eq!(phases, [Phase::Intent]);
        let run = super::ground::run(with_files(&ground, "two", &places));
        assert_eq!(run.code, 0, "{run:#?}");
        assert_eq!(fs::read_to_string(&other).unwrap(), fs::read_to_string(&own).unwrap(), "{run:#?}");
        ground.is_sound("healed");
    }
}

#[test]
fn a_full_disk_after_the_intent_leaves_the_keys_in_the_log() {
    let ground = Ground::new();
    let program = ground.command(&[]);
    // No file may become larger than this: an intent can be written, keys can not, nor the summary.
    let mut limited = Command::new("bash");
    limited.env_clear().args(["-c", "trap '' XFSZ; ulimit -f 1; exec \"$@\"", "bash"]);
    limited.arg(program.get_program()).args(program.get_args());
    limited.envs(program.get_envs().filter_map(|(name, value)| Some((name, value?))));
    let run = run(limited);
    assert_eq!(run.code, 9, "{run:#?}");
    assert_eq!(ground.ledger().latest().unwrap().phase, Phase::Intent);
    fs::write(ground.escrow(), records(&run.stderr)).unwrap();
    ground.is_finished("from the log");
    assert_eq!(ground.initialisations(), 1);
}
