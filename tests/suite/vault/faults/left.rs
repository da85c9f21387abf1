//! What can not be left anywhere is not made, or destroyed again; what is of another environment is left alone.

use std::fs;
use std::process::Command;

use bivouac::emulator::Answer;
use serde_json::json;

use super::Ground;
use super::ground::run;
use crate::vault::proxy::Verdict;

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

#[test]
fn the_escrow_of_another_environment_is_refused_before_anything_is_written() {
    let ground = Ground::new();
    assert_eq!(ground.run(&[]).code, 0);
    let (before, count) = (fs::read(ground.escrow()).unwrap(), ground.proxy.requests().len());
    for arguments in [vec![], vec!["--check"]] {
        let named = ground.command(&arguments);
        let mut command = Command::new(named.get_program());
        let staging = named.get_args().map(|text| if text == "production" { "staging".as_ref() } else { text });
        command.env_clear().envs(named.get_envs().filter_map(|(name, value)| Some((name, value?)))).args(staging);
        let ended = run(command);
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
    assert!(!ended.stderr.contains("0a0b0c"), "{ended:#?}");
    let contents = ground.contents();
    assert_eq!(contents.unseal_shares.iter().map(bivouac::secret::Secret::expose).collect::<Vec<_>>(), ["0a0b0c"]);
    assert!(contents.root_token.is_none());
}
