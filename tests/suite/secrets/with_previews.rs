//! What a preview has for itself goes with it: by `teardown`, `deploy` and `sweep`.

use bivouac::emulator::{NewPullRequest, Role};
use serde_json::{Value, json};

use super::world::{CANARY, SecretsWorld};
use crate::command::{ADA, say};
use crate::world::{APPLICATION, Run, sha};

/// Where pull request 7 has its own.
const OWN: &str = "previews/wildside/pr-7";

fn sweep(it: &SecretsWorld, arguments: &[&str]) -> Run {
    it.run(it.world.bivouac(&[&["sweep"], arguments].concat()))
}

/// A preview of pull request 7 that has something for itself, and shares something with others.
fn with_preview() -> SecretsWorld {
    let it = SecretsWorld::new();
    it.world.deploy(7, &sha('a')).ok();
    it.by_hand("previews/wildside", &json!({"A": "shared"}));
    it.secrets_of(&format!("A={CANARY}"), &["put"]).ok();
    it.secrets_of(&format!("A={CANARY}-more"), &["put"]).ok();
    it
}

#[test]
fn a_teardown_removes_data_and_metadata_and_can_be_run_again() {
    let it = with_preview();
    let metadata = it.metadata(OWN).unwrap();
    it.world.emulator.forge().close(APPLICATION, 7).unwrap();
    let run = it.world.teardown(7, &sha('a')).ok();
    it.shows_nothing(&run);
    assert_eq!(run.output("result"), "removed");
    assert!(run.stdout.contains("removed at `previews/wildside/pr-7`"), "{}", run.stdout);
    assert_eq!((it.values(OWN), it.metadata(OWN)), (None, None));
    let run = it.world.teardown(7, &sha('a')).ok();
    assert!(run.output("result") == "absent" && !run.stdout.contains("secrets"), "{run:?}");
    assert_eq!(it.values("previews/wildside").unwrap().0, json!({"A": "shared"}));
    assert_eq!((it.tokens_left(), it.logins()), (0, 4));
    // What was lost by a run before is made good by the next one, but not what somebody put by hand for what is to come.
    it.by_hand(OWN, &json!({"A": CANARY}));
    let run = it.world.teardown(7, &sha('a')).ok();
    assert_eq!((run.output("result"), it.values(OWN).unwrap().1), ("absent", 1));
    it.describe(OWN, &metadata);
    let run = it.world.on_event("teardown", "closed", 7, &sha('a'), &["--format", "json"]).ok();
    let shown: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!((&shown["result"], &shown["removed-secrets"]), (&json!("absent"), &json!([OWN])));
}

#[test]
fn a_preview_that_is_kept_keeps_its_secrets_and_a_dry_run_removes_nothing() {
    let it = with_preview();
    let logins = it.logins();
    assert_eq!(it.world.teardown(7, &sha('a')).ok().output("result"), "kept");
    let run = it.world.on_event("teardown", "closed", 7, &sha('a'), &["--force", "--dry-run"]).ok();
    assert!(run.stdout.contains("what is at `previews/wildside/pr-7` would be removed"), "{}", run.stdout);
    it.world.deploy(7, &sha('a')).ok();
    assert_eq!((it.values(OWN).unwrap().1, it.logins()), (2, logins));
}

#[test]
fn what_is_put_ahead_of_a_preview_stays_while_its_pull_request_is_open() {
    let it = SecretsWorld::new();
    let text = it.world.file("bivouac.yaml").unwrap().replace("{ttl: 7d}", "{labels: {require: [preview]}}");
    assert!(text.contains("require"), "{text}");
    it.world.commit_apps(&[("bivouac.yaml".to_owned(), text)].into(), "Labels");
    it.secrets_of(&format!("A={CANARY}"), &["put"]).ok();
    let run = it.world.teardown(7, &sha('a')).ok();
    assert_eq!((run.output("result"), it.values(OWN).unwrap().1), ("absent", 1), "{run:?}");
    it.world.on_event("teardown", "closed", 7, &sha('a'), &["--force"]).ok();
    assert_eq!(it.metadata(OWN), None);
}

#[test]
fn a_deploy_that_takes_a_preview_down_removes_its_secrets_too() {
    let it = with_preview();
    it.world.emulator.forge().close(APPLICATION, 7).unwrap();
    assert_eq!(it.world.deploy(7, &sha('a')).ok().output("result"), "removed");
    assert_eq!((it.metadata(OWN), it.tokens_left()), (None, 0));
}

#[test]
fn without_a_vault_nothing_is_asked_and_with_one_that_is_down_the_preview_goes_all_the_same() {
    let mut it = with_preview();
    it.world.emulator.forge().close(APPLICATION, 7).unwrap();
    it.seal();
    let run = it.world.teardown(7, &sha('a'));
    it.shows_nothing(&run);
    assert_eq!((run.code, run.output("result")), (6, "removed"), "{run:?}");
    assert!(run.stderr.contains("its own secrets at `previews/wildside/pr-7` are not"), "{}", run.stderr);
    assert!(run.stderr.contains("`bivouac secrets remove` removes them; a sweep does once"), "{}", run.stderr);
    assert!(it.world.file("overlays/ephemeral/pr-7/kustomization.yaml").is_none());
    assert!(it.world.comments(7)[0].contains("removed"), "{:?}", it.world.comments(7));
    it.world.give("BIVOUAC_VAULT_ADDRESSES", String::new());
    it.world.teardown(7, &sha('a')).ok();
    it.world.give("BIVOUAC_VAULT_ADDRESSES", it.bao.address());
    // The sweep makes it good, once it can.
    let run = sweep(&it, &[]);
    assert!(run.code == 6 && run.stderr.contains("is sealed"), "{run:?}");
    it.unseal();
    let run = sweep(&it, &["--format", "json"]).ok();
    let shown: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(shown["removed-secrets"], json!([OWN]));
    assert_eq!(it.metadata(OWN), None);
    it.bao.stop();
    it.world.give("BIVOUAC_VAULT_ADDRESSES", String::new());
    sweep(&it, &[]).ok();
}

#[test]
fn a_sweep_removes_the_secrets_of_what_goes_and_what_was_left_over() {
    let it = with_preview();
    for number in [8, 9, 10] {
        it.world.open(number, &sha('b'));
        it.secrets_of(&format!("A={CANARY}"), &["put", "--pull-request", &number.to_string()]).ok();
    }
    it.world.deploy(10, &sha('b')).ok();
    // Not ours: somebody's own, another stage, another application's.
    it.by_hand("previews/wildside/pr-30", &json!({"A": CANARY}));
    it.by_hand("previews/wildside/staging", &json!({"A": CANARY}));
    it.by_hand("previews/wildside/pr-31", &json!({"A": CANARY}));
    let mut others = it.metadata("previews/wildside/pr-8").unwrap();
    others["application"] = json!("shop");
    let body = json!({ "custom_metadata": others });
    it.bao.done("PUT", "secret/metadata/previews/wildside/pr-31", Some(&it.root), Some(body));
    let forge = it.world.emulator.forge();
    for number in [7, 8, 31] {
        let _not_there = forge.close(APPLICATION, number);
    }
    let run = sweep(&it, &["--dry-run"]).ok();
    assert!(run.stdout.contains("would remove the secrets at previews/wildside/pr-8"), "{}", run.stdout);
    assert_eq!(it.values(OWN).unwrap().1, 2);
    let run = sweep(&it, &[]).ok();
    assert_eq!(run.output("removed"), "[\"pr-7\"]");
    for (name, is_there) in [
        ("pr-7", false),
        ("pr-8", false),
        ("pr-9", true),
        ("pr-10", true),
        ("pr-30", true),
        ("pr-31", true),
        ("staging", true),
    ] {
        assert_eq!(it.metadata(&format!("previews/wildside/{name}")).is_some(), is_there, "{name}");
    }
    let run = sweep(&it, &[]).ok();
    assert!(!run.stdout.contains("secrets"), "{}", run.stdout);
    // Without a preview, what was put goes at its end.
    it.world.pass_hours(24 * 8);
    let run = sweep(&it, &[]).ok();
    assert!(run.stdout.contains("removed the secrets at previews/wildside/pr-9"), "{}", run.stdout);
    assert_eq!((it.metadata("previews/wildside/pr-9"), it.tokens_left()), (None, 0));
}

#[test]
fn who_may_not_remove_them_is_told_and_the_rest_is_swept() {
    let it = with_preview();
    it.world.emulator.forge().close(APPLICATION, 7).unwrap();
    let policy = json!({"policy": "path \"secret/metadata/previews/*\" { capabilities = [\"read\", \"list\"] }"});
    it.bao.done("PUT", "sys/policies/acl/bivouac-deployer", Some(&it.root), Some(policy));
    let run = sweep(&it, &[]);
    assert_eq!((run.code, run.output("removed")), (4, "[\"pr-7\"]"), "{run:?}");
    assert!(run.output("failed").contains("the secrets at previews/wildside/pr-7"), "{run:?}");
    assert_eq!(it.tokens_left(), 0);
}

#[test]
fn what_can_not_be_read_is_not_taken_for_closed() {
    let it = SecretsWorld::new();
    it.secrets_of(&format!("A={CANARY}"), &["put"]).ok();
    let mut metadata = it.metadata(OWN).unwrap();
    (metadata["pull-request"], metadata["preview"]) = (json!("99"), json!("pr-99"));
    let other = "previews/wildside/pr-99";
    it.by_hand(other, &json!({"A": CANARY}));
    it.describe(other, &metadata);
    let run = sweep(&it, &[]);
    assert!(run.code == 6 && run.stderr.contains("pull request 99 can not be read"), "{run:?}");
    assert!(run.stderr.contains("remove them with `bivouac secrets remove`"), "{run:?}");
    assert_eq!((it.values(other).unwrap().1, it.tokens_left()), (1, 0));
}

#[test]
fn what_a_preview_has_goes_from_where_it_was_when_the_configuration_says_something_else_since() {
    for is_gone in [false, true] {
        let it = with_preview();
        let configuration = it.world.file("bivouac.yaml").unwrap();
        let (without, _) = configuration.split_once("secrets:").unwrap();
        let elsewhere = configuration.replace("path: previews/wildside", "path: previews/wildside/web");
        let configuration = if is_gone { without.to_owned() } else { elsewhere };
        it.world.commit_apps(&[("bivouac.yaml".to_owned(), configuration)].into(), "Elsewhere");
        it.world.emulator.forge().close(APPLICATION, 7).unwrap();
        let run = it.world.teardown(7, &sha('a')).ok();
        assert!(run.stdout.contains("removed at `previews/wildside/pr-7`"), "{}", run.stdout);
        assert_eq!((it.metadata(OWN), it.tokens_left()), (None, 0));
        assert_eq!(it.values("previews/wildside").unwrap().0, json!({"A": "shared"}));
    }
}

#[test]
fn a_path_that_may_not_be_read_hides_no_other() {
    let it = with_preview();
    for number in [8, 9] {
        it.world.open(number, &sha('b'));
        it.secrets_of("A=1", &["put", "--pull-request", &number.to_string()]).ok();
        it.world.emulator.forge().close(APPLICATION, number).unwrap();
    }
    let policy = "path \"secret/metadata/previews/wildside/pr-8\" { capabilities = [\"deny\"] }";
    it.bao.done("PUT", "sys/policies/acl/less", Some(&it.root), Some(json!({ "policy": policy })));
    let role = json!({"token_policies": ["bivouac-deployer", "less"]});
    it.bao.done("PUT", "auth/approle/role/bivouac-deployer", Some(&it.root), Some(role));
    let run = it.secrets(&["list"]);
    assert!(run.code == 4 && run.stdout.contains("pr-7") && run.stdout.contains("pr-9"), "{run:?}");
    let run = sweep(&it, &[]);
    assert!(run.code == 4 && run.output("failed").contains("the secrets at previews/wildside/pr-8"), "{run:?}");
    assert_eq!(it.metadata("previews/wildside/pr-9"), None);
    assert!(it.metadata("previews/wildside/pr-8").is_some() && it.tokens_left() == 0);
}

#[test]
fn the_time_of_the_forge_says_whether_values_are_over() {
    let it = SecretsWorld::new();
    it.world.set_ahead(jiff::SignedDuration::from_hours(-24 * 30));
    // Its end is by the forge's clock, and long ago by this machine's.
    it.secrets_of("A=1", &["put"]).ok();
    let run = sweep(&it, &[]).ok();
    assert!(run.stderr.contains("the forge's counts"), "{}", run.stderr);
    assert_eq!(it.values(OWN).unwrap().1, 1);
}

#[test]
fn metadata_that_was_copied_from_elsewhere_makes_nothing_go() {
    let it = SecretsWorld::new();
    it.world.open(9, &sha('b'));
    it.secrets_of("A=1", &["put"]).ok();
    it.secrets_of("A=1", &["put", "--pull-request", "9"]).ok();
    let mut of_seven = it.metadata(OWN).unwrap();
    let of_nine = it.metadata("previews/wildside/pr-9").unwrap();
    it.describe(OWN, &of_nine);
    for run in [it.secrets_of("B=2", &["put"]), it.secrets(&["remove"])] {
        assert!(run.code == 7 && run.stderr.contains("was put for acme/wildside#9"), "{run:?}");
    }
    for name in ["staging", "testing"] {
        it.by_hand(&format!("previews/wildside/{name}"), &json!({"A": CANARY}));
        it.describe(&format!("previews/wildside/{name}"), &of_seven);
        of_seven.as_object_mut().unwrap().remove("preview");
    }
    it.world.emulator.forge().close(APPLICATION, 7).unwrap();
    it.world.emulator.forge().close(APPLICATION, 9).unwrap();
    let run = sweep(&it, &[]).ok();
    assert!(run.stderr.contains("what is at `previews/wildside/staging` was put for"), "{}", run.stderr);
    for (name, is_there) in [("pr-7", true), ("pr-9", false), ("staging", true), ("testing", true)] {
        assert_eq!(it.metadata(&format!("previews/wildside/{name}")).is_some(), is_there, "{name}");
    }
}

#[test]
fn nobody_logs_in_for_a_fork_or_without_secrets_in_the_configuration() {
    let it = SecretsWorld::new();
    let fork = NewPullRequest {
        number: Some(8),
        fork: Some("stranger/wildside".to_owned()),
        ..NewPullRequest::from_branch("main", sha('c'))
    };
    it.world.emulator.forge().open_pull_request(APPLICATION, fork).unwrap();
    it.world.emulator.forge().close(APPLICATION, 8).unwrap();
    let mut command = it.world.bivouac(&["teardown", "--pull-request", "8"]);
    command.env_remove("BIVOUAC_VAULT_SECRET_ID");
    assert_eq!(it.run(command).ok().output("result"), "absent");
    let configuration = it.world.file("bivouac.yaml").unwrap();
    let (without, _) = configuration.split_once("secrets:").unwrap();
    it.world.commit_apps(&[("bivouac.yaml".to_owned(), without.to_owned())].into(), "No secrets");
    it.world.emulator.forge().close(APPLICATION, 7).unwrap();
    it.world.teardown(7, &sha('a')).ok();
    let mut command = it.world.bivouac(&["sweep"]);
    command.env_remove("BIVOUAC_VAULT_SECRET_ID");
    it.run(command).ok();
    let run = it.secrets(&["remove"]);
    assert!(run.code == 3 && run.stderr.contains("`bivouac.yaml` has no `secrets`"), "{run:?}");
    assert_eq!(it.logins(), 0);
}

#[test]
fn without_a_login_a_preview_that_goes_is_told_of_and_one_that_is_not_there_is_fine() {
    let it = with_preview();
    it.world.emulator.forge().close(APPLICATION, 7).unwrap();
    let teardown = || {
        let mut command = it.world.bivouac(&["teardown", "--pull-request", "7"]);
        command.env_remove("BIVOUAC_VAULT_SECRET_ID");
        it.run(command)
    };
    let run = teardown();
    assert_eq!((run.code, run.output("result")), (2, "removed"), "{run:?}");
    assert!(run.stderr.contains("a role-id, and no secret-id"), "{}", run.stderr);
    let run = teardown().ok();
    assert!(run.output("result") == "absent" && run.stderr.contains("was not looked at"), "{run:?}");
}

#[test]
fn a_comment_that_removes_a_preview_removes_its_secrets() {
    let it = with_preview();
    it.world.emulator.forge().set_role(APPLICATION, ADA, Role::Write).unwrap();
    let run = say(&it.world, "/preview remove").ok().run;
    it.shows_nothing(&run);
    assert_eq!((run.output("result"), it.metadata(OWN), it.tokens_left()), ("removed", None, 0));
}

#[test]
fn every_root_is_swept_and_one_that_the_login_is_not_for_hides_no_other() {
    let it = with_preview();
    let shop = it.world.file("bivouac.yaml").unwrap();
    let shop =
        shop.replace("application: wildside", "application: shop").replace("preview.example.com", "shop.example.com");
    let shop = shop.replace("previews/wildside", "elsewhere/shop");
    let mut files = crate::world::wildside();
    files.insert("bivouac.yaml".to_owned(), shop);
    let files = files.into_iter().map(|(path, text)| (format!("a-shop/{path}"), text)).collect();
    it.world.commit_apps(&files, "Another root");
    it.world.emulator.forge().close(APPLICATION, 7).unwrap();
    let run = sweep(&it, &["--all"]);
    assert_eq!((run.code, run.output("removed")), (4, "[\"pr-7\"]"), "{run:?}");
    assert!(run.output("failed").contains("the secrets at elsewhere/shop"), "{run:?}");
    assert_eq!((it.metadata(OWN), it.logins() - 2, it.tokens_left()), (None, 2, 0));
}
