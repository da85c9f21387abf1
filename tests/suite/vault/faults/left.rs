//! What can not be left anywhere is not made, or destroyed again; what is of another environment is left alone.

use std::ffi::OsStr;
use std::fs;
use std::process::{Command, Stdio};

use bivouac::emulator::Answer;
use serde_json::json;

use super::Ground;
use super::ground::run;
use crate::vault::proxy::{Verdict, bad_gateway};

/// The accessors of a role's secret-ids, as the root token sees them that a run that failed leaves in the escrow.
fn secret_ids(ground: &Ground, role: &str) -> usize {
    let root = ground.contents().root_token.expect("the root token is still there");
    let path = format!("auth/approle/role/{role}/secret-id");
    let (status, list) = ground.bao.api("LIST", &path, Some(root.expose()), None);
    assert!([200, 404].contains(&status), "{status}");
    list["data"]["keys"].as_array().map_or(0, Vec::len)
}

#[test]
fn nothing_is_initialised_where_no_secret_could_be_left() {
    let ground = Ground::new();
    let [_, runner] = ground.machine("one");
    let mut command = ground.command(&[]);
    command.env("RUNNER_TEMP", runner.join("gone"));
    let ended = run(command);
    assert!(ended.code == 1 && ended.stderr.contains("bivouac-vault"), "{ended:#?}");
    assert!(ground.initialisations() == 0 && !ground.escrow().exists());
    let mut command = ground.command(&["--dry-run"]);
    command.env("RUNNER_TEMP", runner.join("gone"));
    assert_eq!(run(command).code, 0);
    ground.is_finished("with its folder back");
}

#[test]
fn a_login_that_can_not_be_delivered_is_destroyed_and_the_operators_is_written_down() {
    let ground = Ground::new();
    let [_, runner] = ground.machine("one");
    let in_the_way = runner.join("bivouac-vault/approle-secret-id");
    fs::create_dir_all(&in_the_way).unwrap();
    for attempt in 1..3 {
        let ended = ground.run(&[]);
        assert!(ended.code == 1 && ended.stderr.contains("approle-secret-id"), "{attempt}: {ended:#?}");
        assert!(ground.contents().operator.is_some());
        let counts = ["bivouac-deployer", "bivouac-operator"].map(|role| secret_ids(&ground, role));
        assert_eq!(counts, [0, 1], "{attempt}");
    }
    fs::remove_dir(in_the_way).unwrap();
    ground.is_finished("with nothing in the way");
}

#[test]
fn a_login_that_does_not_prove_itself_is_destroyed() {
    for at in [1, 2] {
        let ground = Ground::new();
        let seen = std::sync::atomic::AtomicUsize::new(0);
        ground.proxy.intercept(move |request| {
            let is_login = request.is("POST", "auth/approle/login");
            if is_login && seen.fetch_add(1, std::sync::atomic::Ordering::SeqCst) + 1 == at {
                return Verdict::Answer(Answer::json(400, &json!({"errors": ["invalid"]})));
            }
            Verdict::Pass
        });
        let ended = ground.run(&[]);
        assert_ne!(ended.code, 0, "{at}: {ended:#?}");
        let counts = ["bivouac-deployer", "bivouac-operator"].map(|role| secret_ids(&ground, role));
        assert_eq!(counts, [0, at - 1], "{at}: {ended:#?}");
        ground.is_finished("afterwards");
    }
}

/// A command with some arguments changed, or left out.
fn with(command: &Command, change: impl Fn(&OsStr) -> Option<&OsStr>) -> Command {
    let mut changed = Command::new(command.get_program());
    changed.env_clear().stdin(Stdio::null());
    changed.envs(command.get_envs().filter_map(|(name, value)| Some((name, value?))));
    changed.args(command.get_args().filter_map(change));
    changed
}

#[test]
fn the_escrow_of_another_environment_is_refused_before_anything_is_written() {
    let ground = Ground::new();
    assert_eq!(ground.run(&[]).code, 0);
    let (before, count) = (fs::read(ground.escrow()).unwrap(), ground.proxy.requests().len());
    for arguments in [vec![], vec!["--check"]] {
        let command = ground.command(&arguments);
        let ended = run(with(&command, |text| Some(if text == "production" { "staging".as_ref() } else { text })));
        assert!(ended.code == 7 && ended.stderr.contains("production"), "{ended:#?}");
    }
    assert_eq!((fs::read(ground.escrow()).unwrap(), ground.proxy.requests().len()), (before, count));
}

#[test]
fn keys_that_are_not_as_they_were_asked_for_are_kept_before_it_is_told() {
    let ground = Ground::new();
    let odd = json!({"keys": ["0a0b0c"], "keys_base64": []});
    ground.proxy.once("PUT", "sys/init", Verdict::AnswerAfter(Answer::json(200, &odd)));
    let ended = ground.run(&[]);
    assert!(ended.code == 7 && ended.stderr.contains("1 of 5 shares"), "{ended:#?}");
    let mut telling = ended.stderr.lines().filter(|line| line.contains("0a0b0c"));
    assert!(telling.all(|line| line.starts_with("::add-mask::")), "{ended:#?}");
    let contents = ground.contents();
    assert_eq!(contents.unseal_shares.iter().map(bivouac::secret::Secret::expose).collect::<Vec<_>>(), ["0a0b0c"]);
    assert!(contents.root_token.is_none());
}

#[test]
fn an_escrow_that_was_edited_is_refused_before_a_share_goes_anywhere() {
    let ground = Ground::new();
    assert_eq!(ground.run(&[]).code, 0);
    let text = fs::read_to_string(ground.escrow()).unwrap();
    for (field, from, to) in [
        ("addresses", "\"addresses\":[", "\"addresses\":[\"https://fake.example.com:8200\","),
        ("threshold", "\"threshold\":3", "\"threshold\":1"),
    ] {
        assert!(text.contains(from), "{text}");
        fs::write(ground.escrow(), text.replace(from, to)).unwrap();
        let ended = ground.run(&[]);
        assert!(ended.code == 7 && ended.stderr.contains(&format!("`{field}`")), "{ended:#?}");
    }
    fs::write(ground.escrow(), text).unwrap();
    ground.is_sound("as it was");
}

#[test]
fn a_run_that_knows_more_than_the_one_that_took_the_keys_says_so_inside_too() {
    let ground = Ground::new();
    ground.proxy.intercept(|request| {
        if request.path.ends_with("sys/unseal") { Verdict::Answer(bad_gateway()) } else { Verdict::Pass }
    });
    let command = ground.command(&["--patience", "1s"]);
    let ended = run(with(&command, |text| (text != "--environment" && text != "production").then_some(text)));
    assert_ne!(ended.code, 0, "{ended:#?}");
    assert_eq!(ground.contents().sealed.unwrap().environment, None);
    ground.proxy.intercept(|_| Verdict::Pass);
    ground.is_finished("with a name");
    assert_eq!(ground.contents().sealed.unwrap().environment.as_deref(), Some("production"));
}
