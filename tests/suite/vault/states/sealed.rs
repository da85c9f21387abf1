//! A sealed server.

use serde_json::json;

use crate::vault::settings::Settings;
use crate::vault::world::VaultWorld;

#[test]
fn a_sealed_vault_is_unsealed_with_what_the_escrow_holds() {
    let world = VaultWorld::sealed();
    for (option, code) in [("--check", 8), ("--dry-run", 0)] {
        let run = world.bootstrap(&[option]);
        assert_eq!((run.code, run.output("state"), world.bao.is_sealed()), (code, "sealed", true), "{}", run.stderr);
    }
    let before = world.ledger();
    let run = world.bootstrap(&[]).ok();
    assert_eq!((run.output("state"), run.output("changed")), ("sealed", "true"));
    assert!(!world.bao.is_sealed());
    assert_eq!(world.ledger(), before);
    assert_eq!(world.bootstrap(&[]).ok().output("changed"), "false");
}

#[test]
fn a_vault_that_a_stranger_has_half_unsealed_is_unsealed_from_the_start() {
    let world = VaultWorld::sealed();
    let own = world.shares().swap_remove(4);
    for share in [own, "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g".to_owned()] {
        let answer = world.bao.done("PUT", "sys/unseal", None, Some(json!({ "key": share })));
        assert_eq!(answer["progress"], 1);
        let run = world.bootstrap(&["--patience", "1s"]).ok();
        assert_eq!((run.output("state"), run.output("changed")), ("half-unsealed", "true"));
        assert!(!world.bao.is_sealed());
        world.bao.seal(&world.new_root());
    }
}

#[test]
fn people_with_a_share_each_unseal_it_one_after_the_other() {
    let world = VaultWorld::sealed();
    let shares = world.shares();
    let by_hand =
        |share: &str| world.bootstrap_with(&[("BIVOUAC_AGE_IDENTITY", ""), ("BIVOUAC_UNSEAL_SHARES", share)], &[]);
    for (share, told) in [(&shares[3], "1 of 3"), (&shares[1], "2 of 3")] {
        let run = by_hand(share);
        assert_eq!(run.code, 10, "{}", run.stderr);
        assert!(run.stderr.contains(told) && run.stderr.contains("BIVOUAC_UNSEAL_SHARES"), "{}", run.stderr);
        assert!(world.bao.is_sealed());
    }
    // It is unsealed then, and what is left needs the escrow.
    let run = by_hand(&shares[0]);
    assert_eq!((run.code, world.bao.is_sealed()), (10, false), "{}", run.stderr);
    assert!(run.stderr.contains("identity") && !run.stderr.contains("is sealed"), "{}", run.stderr);
    assert_eq!(world.bootstrap(&[]).ok().output("changed"), "false");
}

#[test]
fn shares_of_another_vault_are_refused_and_forgotten() {
    let world = VaultWorld::sealed();
    let wrong = [
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8g",
        "AQECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8h",
        "AgECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8i",
    ];
    let run = world.bootstrap_with(&[("BIVOUAC_UNSEAL_SHARES", &wrong.join("\n"))], &[]);
    assert_eq!(run.code, 7, "{}", run.stderr);
    let seal = world.bao.done("GET", "sys/seal-status", None, None);
    assert_eq!((&seal["sealed"], &seal["progress"]), (&json!(true), &json!(0)));
    world.bootstrap(&[]).ok();
}

#[test]
fn a_sealed_vault_waits_for_somebody_who_can_open_the_escrow() {
    let world = VaultWorld::sealed();
    let run = world.bootstrap_with(&[("BIVOUAC_AGE_IDENTITY", "")], &[]);
    assert_eq!((run.code, run.output("state")), (10, "sealed"), "{}", run.stderr);
    assert!(run.stderr.contains("BIVOUAC_AGE_IDENTITY"), "{}", run.stderr);
    let run = world.bootstrap_with(&[("BIVOUAC_AGE_IDENTITY", &world.offline.secret)], &[]).ok();
    assert_eq!(run.output("state"), "sealed");
}

#[test]
fn a_sealed_vault_without_an_escrow_waits_for_shares() {
    let world = VaultWorld::with(Settings::in_memory());
    world.bao.initialise(3, 2);
    let run = world.bootstrap(&[]);
    assert_eq!((run.code, run.output("state")), (10, "sealed"), "{}", run.stderr);
    assert!(run.stderr.contains("BIVOUAC_UNSEAL_SHARES") && !world.escrow_file().exists(), "{}", run.stderr);
}
