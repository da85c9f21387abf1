//! A Vault that somebody else has initialised.

use bivouac::domain::escrow::Phase;

use crate::vault::settings::Settings;
use crate::vault::world::VaultWorld;

#[test]
fn a_vault_of_somebody_else_is_left_alone_without_a_token() {
    let (world, root) = VaultWorld::foreign(Settings::in_memory());
    let before = world.bao.done("GET", "sys/policies/acl?list=true", Some(&root), None);
    for options in [&[][..], &["--check"], &["--dry-run"]] {
        let run = world.bootstrap(options);
        assert_eq!((run.code, run.output("state")), (7, "foreign"), "{}", run.stderr);
        assert!(run.stderr.contains("BIVOUAC_VAULT_TOKEN") && !world.escrow_file().exists(), "{}", run.stderr);
    }
    let after = world.bao.done("GET", "sys/policies/acl?list=true", Some(&root), None);
    assert_eq!(after["data"], before["data"]);
}

#[test]
fn a_vault_of_somebody_else_is_adopted_with_a_token_and_needs_none_later() {
    let (world, root) = VaultWorld::foreign(Settings::in_memory().audited());
    let token = ("BIVOUAC_VAULT_TOKEN", root.as_str());
    let run = world.bootstrap_with(&[token], &["--check"]);
    assert_eq!((run.code, world.escrow_file().exists()), (8, false), "{}", run.stderr);
    assert_eq!(world.bootstrap_with(&[("BIVOUAC_VAULT_TOKEN", "s.wrong-token-0123")], &[]).code, 4);
    let run = world.bootstrap_with(&[token], &[]).ok();
    assert_eq!((run.output("state"), run.output("changed")), ("foreign", "true"));
    assert_eq!(world.phases().first(), Some(&Phase::Verified));
    let contents = world.contents();
    assert!(contents.operator.is_some() && contents.unseal_shares.is_empty() && contents.root_token.is_none());
    // The token is somebody else's, and stays good.
    world.bao.done("GET", "auth/token/lookup-self", Some(&root), None);
    let run = world.bootstrap(&[]).ok();
    assert_eq!((run.output("state"), run.output("changed")), ("unsealed", "false"));
    assert_eq!(world.bootstrap_with(&[token], &[]).ok().output("changed"), "false");
}

#[test]
fn an_escrow_of_another_cluster_is_refused() {
    let mut world = VaultWorld::new();
    world.bootstrap(&[]).ok();
    let (other, root) = VaultWorld::foreign(Settings::in_memory());
    let before = world.ledger();
    world.addresses = vec![other.bao.address()];
    for variables in [&[][..], &[("BIVOUAC_VAULT_TOKEN", root.as_str())]] {
        let run = world.bootstrap_with(variables, &[]);
        assert_eq!((run.code, run.output("state")), (7, "wrong-cluster"), "{}", run.stderr);
    }
    world.addresses.push(world.bao.address());
    let run = world.bootstrap(&[]);
    assert_eq!((run.code, run.output("state")), (7, "wrong-cluster"), "{}", run.stderr);
    assert!(run.stderr.contains("two clusters"), "{}", run.stderr);
    assert_eq!(world.ledger(), before);
    let policies = other.bao.done("GET", "sys/policies/acl?list=true", Some(&root), None);
    assert!(!policies.to_string().contains("bivouac"), "{policies}");
}
