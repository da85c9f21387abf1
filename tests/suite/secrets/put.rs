//! Values put for a preview, and copied to it.

use std::thread;

use serde_json::{Value, json};

use super::world::{CANARY, SecretsWorld};
use crate::on_github::named_alike;
use crate::world::sha;
use bivouac::emulator::NewPullRequest;

/// Where pull request 7 has its own.
const OWN: &str = "previews/wildside/pr-7";

#[test]
fn values_are_put_with_whose_they_are_and_the_token_is_given_back() {
    let it = SecretsWorld::new();
    let run = it.secrets_of(&format!("# mine\nTOKEN={CANARY}\nMODE=debug\n"), &["put"]).ok();
    assert_eq!((run.output("result"), run.output("path")), ("created", OWN));
    assert!(run.stdout.contains("MODE, TOKEN") && run.stdout.contains("version   1"), "{}", run.stdout);
    assert!(run.stderr.contains(&format!("::add-mask::{CANARY}")), "{}", run.stderr);
    assert_eq!(it.values(OWN), Some((json!({"TOKEN": CANARY, "MODE": "debug"}), 1)));
    let mut metadata = it.metadata(OWN).unwrap();
    let end: jiff::Timestamp = metadata["expires-at"].take().as_str().unwrap().parse().unwrap();
    let days = (end - jiff::Timestamp::now()).total(jiff::Unit::Hour).unwrap() / 24.0;
    assert!((6.9..7.1).contains(&days), "{days}");
    let expected = json!({
        "managed-by": "bivouac",
        "application": "wildside",
        "repository": "acme/wildside",
        "pull-request": "7",
        "preview": "pr-7",
        "commit": sha('a'),
        "expires-at": Value::Null,
    });
    assert_eq!(metadata, expected);
    assert_eq!((it.logins(), it.tokens_left()), (1, 0));
}

#[test]
fn what_is_put_again_makes_no_new_version_and_what_is_put_besides_is_merged() {
    let it = SecretsWorld::new();
    it.secrets_of(&format!("A=1\nB={CANARY}"), &["put"]).ok();
    it.world.push(7, &sha('b'));
    let run = it.secrets_of("A=1", &["put"]).ok();
    assert_eq!((run.output("result"), it.values(OWN).unwrap().1), ("unchanged", 1));
    assert_eq!(it.metadata(OWN).unwrap()["commit"], sha('b'));
    let run = it.secrets_of("{\"A\": 2}", &["put", "--format", "json"]).ok();
    let shown: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(shown, json!({"result": "updated", "path": OWN, "version": 2, "keys": ["A", "B"]}));
    assert_eq!(it.values(OWN), Some((json!({"A": "2", "B": CANARY}), 2)));
    let run = it.secrets_of("C=3\n", &["put", "--replace"]).ok();
    assert_eq!((run.output("result"), it.values(OWN)), ("updated", Some((json!({"C": "3"}), 3))));
    assert_eq!(it.tokens_left(), 0);
}

#[test]
fn one_value_with_lines_is_put_out_of_a_file() {
    let it = SecretsWorld::new();
    let file = it.file("key.pem", &format!("-----BEGIN\n{CANARY}\n=\n-----END\n"));
    let file = file.to_str().unwrap();
    it.secrets(&["put", "--key", "tls.key", "--file", file]).ok();
    assert_eq!(it.values(OWN).unwrap().0, json!({"tls.key": format!("-----BEGIN\n{CANARY}\n=\n-----END")}));
}

#[test]
fn the_end_is_that_of_the_preview_where_there_is_one() {
    let it = SecretsWorld::new();
    it.world.deploy(7, &sha('a')).ok();
    let listed: Value =
        serde_json::from_str(&it.world.run(it.world.bivouac(&["list", "--format", "json"])).stdout).unwrap();
    it.world.pass_hours(30);
    it.secrets_of("A=1", &["put"]).ok();
    assert_eq!(it.metadata(OWN).unwrap()["expires-at"], listed[0]["expires-at"]);
}

#[test]
fn a_dry_run_says_what_it_would_do_and_writes_nothing() {
    let it = SecretsWorld::new();
    let run = it.secrets_of(&format!("A={CANARY}"), &["put", "--dry-run"]).ok();
    let told = "The secrets of acme/wildside#7 would be put (dry run: nothing was written).\n";
    assert!(run.stdout.starts_with(told), "{}", run.stdout);
    assert_eq!((run.outputs.len(), it.metadata(OWN), it.tokens_left()), (0, None, 0));
    let run = it.secrets_of(&format!("A={CANARY}"), &["put"]).ok();
    assert!(run.stdout.starts_with("The secrets of acme/wildside#7 were put.\n"), "{}", run.stdout);
    let run = it.secrets_of("A=2", &["put", "--dry-run"]).ok();
    assert!(
        run.stdout.contains("would be changed") && run.stdout.contains("version   not written yet"),
        "{}",
        run.stdout
    );
    let run = it.secrets_of("A=2", &["put", "--dry-run", "--format", "json"]).ok();
    assert_eq!(serde_json::from_str::<Value>(&run.stdout).unwrap()["version"], Value::Null);
}

#[test]
fn two_who_put_at_once_both_land() {
    let it = SecretsWorld::new();
    it.secrets_of("START=1", &["put"]).ok();
    let homes: Vec<_> = (0..4).map(|_| tempfile::TempDir::new().unwrap()).collect();
    thread::scope(|scope| {
        for (index, home) in homes.iter().enumerate() {
            let it = &it;
            let input = it.file(&format!("input-{index}"), &format!("KEY_{index}={index}"));
            let run = move || {
                let mut command = it.command(&["put", "--file", input.to_str().unwrap()]);
                command.env("BIVOUAC_PATIENCE", "1m");
                let run = it.world.run_at_home(command, home.path()).ok();
                it.shows_nothing(&run);
            };
            named_alike().spawn_scoped(scope, run).unwrap();
        }
    });
    let expected = json!({"START": "1", "KEY_0": "0", "KEY_1": "1", "KEY_2": "2", "KEY_3": "3"});
    assert_eq!(it.values(OWN), Some((expected, 5)));
    assert_eq!(it.tokens_left(), 0);
}

#[test]
fn values_that_were_deleted_are_put_anew() {
    let it = SecretsWorld::new();
    it.secrets_of("A=1", &["put"]).ok();
    it.bao.done("DELETE", &format!("secret/data/{OWN}"), Some(&it.root), None);
    let run = it.secrets_of("B=2", &["put"]).ok();
    assert_eq!((run.output("result"), it.values(OWN)), ("created", Some((json!({"B": "2"}), 2))));
}

#[test]
fn values_are_copied_from_another_path_of_the_mount() {
    let it = SecretsWorld::new();
    it.by_hand("previews/wildside", &json!({"A": CANARY, "B": {"nested": 1}, "C": "c"}));
    it.secrets_of("D=4", &["put"]).ok();
    let run = it.secrets(&["copy", "--from", "previews/wildside", "--key", "A", "--key", "B"]).ok();
    assert_eq!((run.output("result"), run.output("path")), ("updated", OWN));
    assert_eq!(it.values(OWN).unwrap().0, json!({"A": CANARY, "B": {"nested": 1}, "D": "4"}));
    it.secrets(&["copy", "--from", "previews/wildside", "--replace"]).ok();
    assert_eq!(it.values(OWN).unwrap().0, json!({"A": CANARY, "B": {"nested": 1}, "C": "c"}));
    assert_eq!(it.secrets(&["copy", "--from", "previews/wildside"]).ok().output("result"), "unchanged");

    let run = it.secrets(&["copy", "--from", "previews/wildside/staging"]);
    assert!(run.code == 2 && run.stderr.contains("there are no secrets at `previews/wildside/staging`"), "{run:?}");
    let run = it.secrets(&["copy", "--from", "previews/wildside", "--key", "E"]);
    assert!(run.code == 2 && run.stderr.contains("at `previews/wildside` there is no key `E`"), "{run:?}");
    // Once in the log, and once at the top of the run.
    assert_eq!(run.stderr.matches("there is no key").count(), 2, "{run:?}");
    assert!(run.stderr.contains("keys that are there with `--key`"), "{run:?}");
    let run = it.secrets(&["copy", "--from", "production/wildside"]);
    assert!(run.code == 4 && run.stderr.contains("production/wildside"), "{run:?}");
    assert_eq!(it.tokens_left(), 0);
}

#[test]
fn what_another_application_has_is_not_copied() {
    let it = SecretsWorld::new();
    it.by_hand("previews/shop", &json!({"A": CANARY}));
    for (metadata, code) in [
        (json!({"application": "shop"}), 7),
        (json!({"application": "wildside", "repository": "acme/shop"}), 7),
        (json!({"application": "wildside", "managed-by": "terraform"}), 0),
    ] {
        it.describe("previews/shop", &metadata);
        let run = it.secrets(&["copy", "--from", "previews/shop"]);
        assert_eq!((run.code, it.values(OWN).is_some()), (code, code == 0), "{run:?}");
    }
}

#[test]
fn nothing_is_put_for_a_fork_a_closed_pull_request_or_another_repository() {
    let it = SecretsWorld::new();
    let fork = NewPullRequest {
        number: Some(8),
        fork: Some("stranger/wildside".to_owned()),
        ..NewPullRequest::from_branch("main", sha('c'))
    };
    it.world.emulator.forge().open_pull_request(crate::world::APPLICATION, fork).unwrap();
    it.by_hand("previews/wildside", &json!({"A": CANARY}));
    for verb in [&["put"][..], &["copy", "--from", "previews/wildside"]] {
        let asked = |more: &[&str]| it.secrets_of(&format!("A={CANARY}"), &[verb, more].concat());
        let run = asked(&["--pull-request", "8"]);
        assert!(run.code == 7 && run.stderr.contains("comes from a fork"), "{run:?}");
        let run = asked(&["--pull-request", "9"]);
        assert!(run.code == 2 && run.stderr.contains("no pull request 9"), "{run:?}");
        let run = asked(&["--pull-request", "7", "--repository", "acme/apps"]);
        assert_eq!(run.code, 7, "{run:?}");
        assert_eq!(asked(&["--secret", "other"]).code, 2);
    }
    it.world.emulator.forge().close(crate::world::APPLICATION, 7).unwrap();
    let run = it.secrets_of(&format!("A={CANARY}"), &["put"]);
    assert!(run.code == 2 && run.stderr.contains("the pull request is closed"), "{run:?}");
    assert_eq!((it.logins(), it.metadata(OWN)), (0, None));
}

#[test]
fn values_that_another_application_has_put_are_left_alone() {
    let it = SecretsWorld::new();
    it.secrets_of("A=1", &["put"]).ok();
    let configuration = it.world.file("bivouac.yaml").unwrap().replace("application: wildside", "application: shop");
    it.world.commit_apps(&[("bivouac.yaml".to_owned(), configuration)].into(), "Rename");
    for run in [it.secrets_of("B=2", &["put"]), it.secrets(&["remove"])] {
        assert!(run.code == 7 && run.stderr.contains("acme/wildside#7, of `wildside`"), "{run:?}");
    }
    assert_eq!((it.values(OWN), it.tokens_left()), (Some((json!({"A": "1"}), 1)), 0));
}

/// What stands beside values that are not wholly ours.
fn halves() -> [Value; 2] {
    [
        json!({"managed-by": "bivouac", "application": "shop", "repository": "acme/shop", "pull-request": "7"}),
        json!({"managed-by": "terraform", "application": "shop"}),
    ]
}

#[test]
fn values_whose_metadata_is_not_wholly_ours_are_left_alone() {
    for half in halves() {
        let it = SecretsWorld::new();
        it.by_hand(OWN, &json!({"A": CANARY}));
        it.describe(OWN, &half);
        for run in [it.secrets_of("B=2", &["put"]), it.secrets(&["remove"])] {
            assert!(run.code == 7 && run.stderr.contains("may be somebody else's"), "{run:?}");
        }
        it.world.deploy(7, &sha('a')).ok();
        it.world.emulator.forge().close(crate::world::APPLICATION, 7).unwrap();
        let run = it.run(it.world.bivouac(&["sweep"]));
        assert!(run.code == 7 && run.output("failed").contains("the secrets at previews/wildside/pr-7"), "{run:?}");
        assert_eq!((it.values(OWN), it.metadata(OWN)), (Some((json!({"A": CANARY}), 1)), Some(half)));
    }
}

#[test]
fn one_of_several_secrets_is_named() {
    let lines = "secrets:\n  - {name: one, store: vault, path: previews/wildside/backend}\n  - {name: two, store: vault, path: previews/wildside/frontend}\n";
    let it = SecretsWorld::configured(lines);
    let run = it.secrets_of("A=1", &["put"]);
    assert!(run.code == 2 && run.stderr.contains("several `secrets`: `one`, `two`"), "{run:?}");
    let run = it.secrets_of("A=1", &["put", "--secret", "two"]).ok();
    assert_eq!(run.output("path"), "previews/wildside/frontend/pr-7");
    // Without a `ttl` there is no end.
    assert_eq!(it.metadata("previews/wildside/frontend/pr-7").unwrap().get("expires-at"), None);
}
