//! The operator, and what it may not change.

use serde_json::json;

use crate::vault::settings::Settings;
use crate::vault::world::VaultWorld;

const POLICY: &str = "sys/policies/acl/bivouac-operator";

#[test]
fn the_operators_own_policy_is_repaired_with_a_root_token_of_the_shares() {
    let world = VaultWorld::with(Settings::in_memory().audited().lenient());
    world.bootstrap(&[]).ok();
    let root = world.new_root();
    let wanted = world.bao.done("GET", POLICY, Some(&root), None)["data"]["policy"].clone();
    let wider =
        format!("{}\npath \"sys/*\" {{\n  capabilities = [\"sudo\", \"update\"]\n}}\n", wanted.as_str().unwrap());
    world.bao.done("PUT", POLICY, Some(&root), Some(json!({ "policy": wider })));
    let run = world.bootstrap(&["--check"]);
    assert_eq!(run.code, 8, "{}", run.stderr);
    assert!(run.summary.contains("bivouac-operator"), "{}", run.summary);

    let accessors = || world.bao.done("LIST", "auth/token/accessors", Some(&root), None)["data"]["keys"].clone();
    let before = accessors();
    assert_eq!(world.bootstrap(&[]).ok().output("changed"), "true");
    assert_eq!(world.bao.done("GET", POLICY, Some(&root), None)["data"]["policy"], wanted);
    assert_eq!(accessors(), before, "the root token of the run is revoked, and so is the operator's");
    assert_eq!(world.bootstrap(&["--check"]).ok().output("changed"), "false");
}

#[test]
fn what_the_operator_may_not_change_is_told_where_no_root_token_is_made() {
    let world = VaultWorld::new();
    world.bootstrap(&[]).ok();
    let config = world.config("operator:\n  token-ttl: 10m\ndeployer:\n  token-ttl: 10m");
    let run = world.bootstrap(&["--config", &config, "--check"]);
    assert_eq!(run.code, 8, "{}", run.stderr);
    let run = world.bootstrap(&["--config", &config]);
    assert_eq!((run.code, run.output("changed")), (4, "true"), "{}", run.stderr);
    assert!(run.stderr.contains("bivouac-operator") && run.stderr.contains("BIVOUAC_VAULT_TOKEN"), "{}", run.stderr);
    // What it may change, it has changed.
    let run = world.bootstrap(&["--config", &config, "--check"]);
    assert_eq!(run.code, 8, "{}", run.stderr);
    assert!(run.stderr.contains("1 thing is not as wanted"), "{}", run.stderr);
}

#[test]
fn an_operator_that_can_not_log_in_is_replaced_by_a_root_token_of_the_shares() {
    let world = VaultWorld::with(Settings::in_memory().audited().lenient());
    world.bootstrap(&[]).ok();
    let root = world.new_root();
    world.bao.done("DELETE", "auth/approle/role/bivouac-operator", Some(&root), None);
    let run = world.bootstrap(&["--check"]);
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert_eq!(world.bootstrap(&[]).ok().output("changed"), "true");
    let run = world.bootstrap(&[]).ok();
    assert_eq!(run.output("changed"), "false", "{}", run.stderr);
    assert!(!run.stderr.contains("can not log in"), "{}", run.stderr);
}
