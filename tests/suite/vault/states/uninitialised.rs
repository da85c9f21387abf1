//! A server that was never initialised, and the runs after the first.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use bivouac::domain::escrow::Phase;

use crate::vault::world::VaultWorld;

#[test]
fn a_server_that_was_never_initialised_is_brought_up_whole() {
    let world = VaultWorld::new();
    let run = world.bootstrap(&[]).ok();
    assert_eq!((run.output("state"), run.output("changed")), ("uninitialised", "true"));
    assert_eq!(run.output("vault-address"), world.bao.address());
    assert_eq!(run.output("escrow"), format!("file:{}", world.escrow_file().display()));
    let phases = [Phase::Intent, Phase::Captured, Phase::Verified, Phase::Verified, Phase::Verified];
    assert_eq!(world.phases(), phases);

    // Either person can open it, and reads the same.
    let contents = world.all_contents(&world.online);
    assert_eq!(world.all_contents(&world.offline), contents);
    let (first, last) = (contents.first().unwrap(), contents.last().unwrap());
    assert_eq!((first.unseal_shares.len(), last.unseal_shares.len()), (5, 5));
    assert!(last.root_token.is_none() && last.operator.is_some());
    let root = first.root_token.as_ref().unwrap().expose();
    assert_eq!(world.bao.api("GET", "auth/token/lookup-self", Some(root), None).0, 403);

    // The deployer's login is in a file that nobody else reads, and is good.
    assert_eq!(run.output("approle-secret-id"), "");
    let file = run.output("approle-secret-id-file");
    assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
    let secret_id = fs::read_to_string(file).unwrap();
    let login = serde_json::json!({ "role_id": run.output("approle-role-id"), "secret_id": secret_id.trim() });
    let token = world.bao.done("PUT", "auth/approle/login", None, Some(login));
    assert_eq!(token["auth"]["token_policies"], serde_json::json!(["bivouac-deployer", "default"]));
}

#[test]
fn looking_at_a_server_that_was_never_initialised_writes_nothing() {
    let world = VaultWorld::new();
    for (option, code, word) in [("--check", 8, "differs"), ("--dry-run", 0, "planned")] {
        let run = world.bootstrap(&[option]);
        assert_eq!(run.code, code, "{}", run.stderr);
        assert_eq!((run.output("state"), run.output("changed")), ("uninitialised", "false"));
        for thing in ["initialise it", "secrets engine `secret`", "AppRole `bivouac-deployer`", word] {
            assert!(run.stdout.contains(thing), "{thing}: {}", run.stdout);
        }
        assert_eq!(world.bao.done("GET", "sys/init", None, None)["initialized"], false);
        assert!(!world.escrow_file().exists() && world.bao.audit_lines().is_empty());
        assert_eq!(fs::read_dir(world.temporary()).unwrap().count(), 0, "nothing is left in a file");
    }
}

#[test]
fn a_server_is_not_initialised_where_its_keys_could_not_be_kept() {
    let world = VaultWorld::new();
    let address = world.bao.address();
    let run = world.run(world.bare(&["--vault-address", &address]));
    assert_eq!(run.code, 2, "{}", run.stderr);
    let escrow = format!("file:{}", world.escrow_file().display());
    let one = ["--vault-address", &address, "--escrow", &escrow, "--recipient", &world.online.public];
    assert_eq!(world.run(world.bare(&one)).code, 2);
    let nowhere = world.bootstrap(&["--escrow", "file:/proc/nothing/vault.escrow"]);
    assert!(![0, 8].contains(&nowhere.code), "{nowhere:?}");
    // An identity that opens nothing of what would be written is found out before, not after.
    assert_eq!(world.bao.done("GET", "sys/init", None, None)["initialized"], false);
}
