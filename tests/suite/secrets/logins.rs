//! Who logs in, and what becomes of the token.

use bivouac::emulator::Answer;

use super::world::{CANARY, SecretsWorld};
use crate::vault::proxy::{Proxy, Verdict};

/// Where pull request 7 has its own.
const OWN: &str = "previews/wildside/pr-7";

#[test]
fn a_wrong_secret_id_is_not_allowed() {
    let it = SecretsWorld::new();
    let mut command = it.command(&["put"]);
    command.stdin(it.input(&format!("A={CANARY}"))).env("BIVOUAC_VAULT_SECRET_ID", "wrong");
    let run = it.run(command);
    assert!(run.code == 4 && run.stderr.contains("does not allow to log in at `auth/approle`"), "{run:?}");
    assert_eq!((it.tokens_left(), it.metadata(OWN)), (0, None));
}

#[test]
fn without_a_way_to_log_in_the_ways_are_told() {
    let it = SecretsWorld::new();
    let without = |names: &[&str], more: &[&str]| {
        let mut command = it.command(&[&["list"], more].concat());
        for name in names {
            command.env_remove(name);
        }
        it.run(command)
    };
    let (role_id, secret_id) = ("BIVOUAC_VAULT_ROLE_ID", "BIVOUAC_VAULT_SECRET_ID");
    for (names, more, what) in [
        (&[role_id, secret_id][..], &[][..], ["nothing says how to log in", "id-token: write"]),
        (
            &[role_id, secret_id],
            &["--vault-role", "shop"],
            ["no token of GitHub's OIDC", "id-token: write`, which is missing"],
        ),
        (&[secret_id], &[], ["a role-id, and no secret-id", "`BIVOUAC_VAULT_SECRET_ID_FILE`"]),
        (&[role_id], &[], ["a secret-id, and no role-id", "`--vault-role-id`"]),
    ] {
        let run = without(names, more);
        assert!(run.code == 2 && what.iter().all(|what| run.stderr.contains(what)), "{run:?}");
    }
    let mut command = it.command(&["list"]);
    command.env_remove("BIVOUAC_VAULT_ADDRESSES");
    let run = it.run(command);
    assert!(run.code == 2 && run.stderr.contains("the Vault is not named"), "{run:?}");
}

#[test]
fn a_file_with_a_secret_id_that_is_missing_or_empty_is_told_of() {
    let it = SecretsWorld::new();
    let empty = it.file("empty", "\n");
    for (file, why) in
        [("/nowhere/secret-id", "check its name"), (empty.to_str().unwrap(), "put the secret-id into it, alone")]
    {
        let run = it.secrets(&["list", "--vault-secret-id-file", file]);
        assert!(run.code == 2 && run.stderr.contains(why) && !run.stderr.contains("token"), "{run:?}");
    }
    let run = it.secrets(&["put", "--file", "/nowhere/values"]);
    assert!(run.code == 2 && run.stderr.contains("the file that `--file` names can not be read"), "{run:?}");
    assert!(run.stderr.contains("check its name"), "{run:?}");
}

#[test]
fn a_namespace_is_refused_and_not_passed_over() {
    let it = SecretsWorld::new();
    let mut command = it.command(&["put"]);
    command.stdin(it.input(&format!("A={CANARY}"))).env("VAULT_NAMESPACE", "team");
    let run = it.run(command);
    assert!(run.code == 2 && run.stderr.contains("namespaces of a Vault are not supported"), "{run:?}");
    assert_eq!(it.logins(), 0);
    let mut command = it.world.bivouac(&["sweep"]);
    command.env("VAULT_NAMESPACE", "team");
    assert_eq!((it.run(command).code, it.logins()), (2, 0));
}

#[test]
fn a_token_that_was_given_is_used_and_never_revoked() {
    let it = SecretsWorld::new();
    for (address, token) in [("BIVOUAC_VAULT_ADDRESSES", "BIVOUAC_VAULT_TOKEN"), ("VAULT_ADDR", "VAULT_TOKEN")] {
        let mut command = it.command(&["list"]);
        for name in ["BIVOUAC_VAULT_ADDRESSES", "BIVOUAC_VAULT_ROLE_ID", "BIVOUAC_VAULT_SECRET_ID"] {
            command.env_remove(name);
        }
        command.env(address, it.bao.address()).env(token, &it.root);
        let run = it.run(command).ok();
        assert!(run.stderr.contains(&format!("::add-mask::{}", it.root)), "{}", run.stderr);
    }
    it.bao.done("GET", "auth/token/lookup-self", Some(&it.root), None);
    assert_eq!(it.logins(), 0);
}

#[test]
fn a_token_that_is_not_good_is_not_accepted() {
    let it = SecretsWorld::new();
    let mut command = it.command(&["list"]);
    for name in ["BIVOUAC_VAULT_ROLE_ID", "BIVOUAC_VAULT_SECRET_ID"] {
        command.env_remove(name);
    }
    command.env("VAULT_TOKEN", "hvs.nonsense");
    let run = it.run(command);
    assert!(run.code == 4 && run.stderr.contains("does not accept the token"), "{run:?}");
}

#[test]
fn a_vault_that_is_sealed_or_down_is_told_of() {
    let mut it = SecretsWorld::new();
    it.seal();
    let run = it.secrets(&["list"]);
    assert!(run.code == 6 && run.stderr.contains("is sealed"), "{run:?}");
    it.unseal();
    it.secrets(&["list"]).ok();
    it.bao.stop();
    let run = it.secrets(&["remove"]);
    assert!(run.code == 6 && run.stderr.contains("can not be reached"), "{run:?}");
}

#[test]
fn the_first_node_that_is_open_is_asked() {
    let it = SecretsWorld::new();
    let mut command = it.command(&["list"]);
    command.env("BIVOUAC_VAULT_ADDRESSES", format!("http://127.0.0.1:9\n{}", it.bao.address()));
    it.run(command).ok();
}

#[test]
fn the_token_is_given_back_after_a_failure() {
    let it = SecretsWorld::new();
    let run = it.secrets(&["list", "--kv-mount", "elsewhere"]);
    assert!(run.code == 7 && run.stderr.contains("no KV version 2 at `elsewhere`"), "{run:?}");
    assert_eq!((it.logins(), it.tokens_left()), (1, 0));
}

#[test]
fn a_token_that_is_over_or_may_not_be_given_back_is_told_of_and_what_was_done_stands() {
    let it = SecretsWorld::new();
    let policy = serde_json::json!({"policy": "path \"auth/token/revoke-self\" { capabilities = [\"deny\"] }"});
    it.bao.done("PUT", "sys/policies/acl/stays", Some(&it.root), Some(policy));
    let role = serde_json::json!({"token_policies": ["bivouac-deployer", "stays"]});
    it.bao.done("PUT", "auth/approle/role/bivouac-deployer", Some(&it.root), Some(role));
    let run = it.secrets_of("A=1", &["put"]);
    assert!(run.code == 0 && run.stderr.contains("may not be given back"), "{run:?}");
    assert_eq!((run.output("result"), it.values(OWN).unwrap().1), ("created", 1));
    // It is good for the look at the path; that at the mount does not count.
    let role = serde_json::json!({"token_policies": "bivouac-deployer", "token_num_uses": 1});
    it.bao.done("PUT", "auth/approle/role/bivouac-deployer", Some(&it.root), Some(role));
    it.world.emulator.forge().close(crate::world::APPLICATION, 7).unwrap();
    let run = it.secrets(&["remove", "--dry-run"]).ok();
    assert!(run.stderr.contains("is over already"), "{}", run.stderr);
}

#[test]
fn a_token_that_can_not_be_given_back_is_told_of_and_hides_no_other_failure() {
    let it = SecretsWorld::new();
    let proxy = Proxy::before(&it.bao);
    proxy.intercept(|request| {
        let broken = Answer::json(500, &serde_json::json!({"errors": ["broken"]}));
        if request.is("POST", "auth/token/revoke-self") { Verdict::Answer(broken) } else { Verdict::Pass }
    });
    it.world.give("BIVOUAC_VAULT_ADDRESSES", proxy.address());
    let run = it.secrets_of("A=1", &["put"]);
    assert!(run.code == 6 && run.stderr.contains("could not be given back"), "{run:?}");
    assert_eq!(it.values(OWN).unwrap().1, 1);
    let run = it.secrets(&["list", "--kv-mount", "elsewhere"]);
    assert!(run.code == 7 && run.stderr.contains("besides, "), "{run:?}");
}
