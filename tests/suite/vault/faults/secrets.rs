//! No secret that there ever was is anywhere but where it belongs, however a run ends.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::thread;
use std::time::Duration;

use bivouac::emulator::Answer;
use serde_json::json;

use super::Ground;
use super::ground::{ended, start};
use crate::vault::proxy::{Verdict, bad_gateway};
use crate::world::Run;

/// Runs a command, and collects the arguments and the environment of the processes that it starts, and its own arguments.
fn watched(mut command: Command) -> (Run, BTreeSet<Vec<u8>>) {
    let child = start(&mut command);
    let pid = child.id();
    let watching = thread::spawn(move || {
        let mut seen = BTreeSet::new();
        let mut count = 0;
        while let Ok(own) = fs::read(format!("/proc/{pid}/cmdline")) {
            // One that has ended and is not waited for has none.
            if own.is_empty() && count > 0 {
                break;
            }
            count += 1;
            seen.insert(own);
            for child in children(pid) {
                seen.extend(["cmdline", "environ"].iter().flat_map(|file| fs::read(format!("/proc/{child}/{file}"))));
            }
            thread::sleep(Duration::from_millis(10));
        }
        seen
    });
    let run = ended(&command, child);
    (run, watching.join().unwrap())
}

/// The processes that any thread of a process has started.
fn children(pid: u32) -> Vec<String> {
    let threads = fs::read_dir(format!("/proc/{pid}/task")).into_iter().flatten().flatten();
    let texts = threads.flat_map(|thread| fs::read_to_string(thread.path().join("children")));
    texts.flat_map(|text| text.split_whitespace().map(str::to_owned).collect::<Vec<_>>()).collect()
}

/// All files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

/// Looks for every secret in all that a run has said, written and started.
fn shows_nothing(ground: &Ground, command: Command, what: &str) -> Run {
    let in_actions = command.get_envs().any(|(name, value)| name == "GITHUB_ACTIONS" && value.is_some());
    let (run, processes) = watched(command);
    let is_mask = |line: &&str| in_actions && line.starts_with("::add-mask::");
    let log: Vec<_> = run.stderr.lines().filter(|line| !is_mask(line)).collect();
    let handed = run.output("approle-secret-id-file");
    let mut places = vec![
        ("stderr".to_owned(), log.join("\n").into_bytes()),
        ("stdout".to_owned(), run.stdout.clone().into_bytes()),
        ("outputs".to_owned(), format!("{:?}", run.outputs).into_bytes()),
        ("summary".to_owned(), run.summary.clone().into_bytes()),
    ];
    places.extend(processes.into_iter().map(|text| ("a process".to_owned(), text)));
    let keys = ground.escrow().parent().unwrap().to_owned();
    let [home, runner] = ground.machine("one");
    for file in [home, runner, keys].iter().flat_map(|folder| files(folder)) {
        if file != Path::new(handed) {
            places.push((file.display().to_string(), fs::read(&file).unwrap()));
        }
    }
    let secrets = ground.secrets();
    for (place, text) in places {
        let text = String::from_utf8_lossy(&text);
        let found = secrets.iter().find(|secret| text.contains(secret.as_str()));
        assert!(found.is_none(), "{what}: {place} shows a secret:\n{run:#?}");
    }
    run
}

/// The program in a terminal's or a runner's environment, as talkative as it can be.
fn talkative(ground: &Ground, in_actions: bool) -> Command {
    let mut command = ground.command(&["-vv", "--rotate-secret-id"]);
    if in_actions {
        command.env("RUNNER_DEBUG", "1");
    } else {
        command.env_remove("GITHUB_ACTIONS");
    }
    command
}

#[test]
fn a_run_that_ends_well_shows_no_secret() {
    for in_actions in [true, false] {
        let ground = Ground::new();
        let first = shows_nothing(&ground, talkative(&ground, in_actions), "the first run");
        assert_eq!(first.code, 0, "{first:#?}");
        let secrets = ground.secrets();
        assert!(secrets.len() > 12, "{}", secrets.len());
        let handed = fs::read_to_string(first.output("approle-secret-id-file")).unwrap();
        assert!(secrets.contains(handed.trim()));
        let second = shows_nothing(&ground, talkative(&ground, in_actions), "the second run");
        assert_eq!(second.code, 0, "{second:#?}");
        assert!(second.stdout.contains("rotated") || second.output("changed") == "true" || !in_actions, "{second:#?}");
    }
}

/// Ways in which a request can go wrong: before it is heard of, after, and by an answer that says nothing or quotes secrets.
fn troubles() -> [Verdict; 4] {
    let echo =
        json!({"errors": ["no"], "data": {"keys": 1, "secret_id": ["x"], "t": "y"}, "auth": {"client_token": 7}});
    [
        Verdict::Drop,
        Verdict::AnswerAfter(bad_gateway()),
        Verdict::AnswerAfter(Answer::json(200, &echo)),
        Verdict::DropHalfway,
    ]
}

#[test]
fn a_run_that_fails_at_any_write_shows_no_secret() {
    let ground = Ground::new();
    assert_eq!(ground.run(&[]).code, 0);
    let mut writes: Vec<String> = Vec::new();
    for request in ground.proxy.requests() {
        let is_write = !matches!(request.method.as_str(), "GET" | "LIST");
        if is_write && !writes.contains(&request.path) {
            writes.push(request.path);
        }
    }
    let secret = ["init", "unseal", "login", "secret-id", "revoke-self", "lookup", "destroy"];
    writes.retain(|path| secret.iter().any(|name| path.ends_with(name)));
    assert!(writes.len() >= 6, "{writes:?}");
    for (number, path) in writes.iter().enumerate() {
        for (kind, trouble) in troubles().into_iter().enumerate() {
            let (ground, path) = (Ground::new(), path.clone());
            let what = format!("{path}: {trouble:?}");
            ground.proxy.intercept(move |request| {
                let is_it = request.path == path && !matches!(request.method.as_str(), "GET" | "LIST");
                if is_it { trouble.clone() } else { Verdict::Pass }
            });
            let mut command = talkative(&ground, (number + kind) % 2 == 0);
            command.args(["--format", "json"]);
            let run = shows_nothing(&ground, command, &what);
            assert!((0..=9).contains(&run.code), "{what}: {run:#?}");
        }
    }
}

#[test]
fn a_run_that_no_place_takes_the_keys_of_and_one_that_needs_a_new_root_token_show_no_secret() {
    let ground = Ground::new();
    let (escrow, folder) = (ground.escrow(), ground.escrow().parent().unwrap().to_owned());
    ground.proxy.intercept(move |request| {
        if request.is("PUT", "sys/init") {
            // What is in the way of the escrow can not be written.
            fs::remove_file(&escrow).unwrap();
            fs::create_dir(&escrow).unwrap();
        }
        Verdict::Pass
    });
    let lost = shows_nothing(&ground, talkative(&ground, true), "no place takes the keys");
    assert_eq!(lost.code, 9, "{lost:#?}");
    ground.proxy.intercept(|_| Verdict::Pass);
    fs::remove_dir(ground.escrow()).unwrap();
    let lines: String =
        lost.stderr.lines().filter(|line| line.starts_with('{')).map(|line| format!("{line}\n")).collect();
    fs::write(folder.join("vault.escrow"), lines).unwrap();
    assert_eq!(ground.run(&[]).code, 0);

    // The operator's login is no longer good, as somebody has destroyed it.
    let operator = ground.contents().operator.unwrap();
    ground.proxy.once(
        "POST",
        "auth/approle/login",
        Verdict::Answer(Answer::json(400, &json!({"errors": ["invalid"]}))),
    );
    let run = shows_nothing(&ground, talkative(&ground, false), "a root token is made");
    assert_eq!(run.code, 0, "{run:#?}");
    assert!(ground.root_tokens().len() == 2 && ground.contents().operator.is_some(), "{run:#?}");
    assert_eq!(ground.contents().operator.unwrap().mount, operator.mount);
    ground.is_sound("a root token was made");
}
