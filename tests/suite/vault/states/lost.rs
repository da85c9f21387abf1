//! What was lost: the data of a Vault, or the answer of an initialisation.

use std::fs;
use std::thread;
use std::time::Duration;

use bivouac::domain::escrow::{Ledger, Phase};
use jiff::{SignedDuration, Timestamp};

use crate::vault::settings::Settings;
use crate::vault::world::VaultWorld;

#[test]
fn a_vault_whose_data_is_lost_is_begun_anew_only_by_the_name_of_the_old_cluster() {
    let mut world = VaultWorld::new();
    world.bootstrap(&[]).ok();
    let cluster = world.ledger().latest().unwrap().cluster_id.clone().unwrap();
    let old = world.shares();
    world.bao.stop();
    world.bao.start_again();
    let before = world.ledger();
    for options in [&[][..], &["--check"], &["--acknowledge-new-cluster", "another"]] {
        let run = world.bootstrap(options);
        assert_eq!((run.code, run.output("state")), (7, "data-lost"), "{}", run.stderr);
        assert!(run.stderr.contains(&cluster), "{}", run.stderr);
        assert_eq!(world.bao.done("GET", "sys/init", None, None)["initialized"], false);
        assert_eq!(world.ledger(), before);
    }
    world.bootstrap(&["--acknowledge-new-cluster", &cluster]).ok();
    assert_ne!(world.shares(), old);
    assert_ne!(world.ledger().latest().unwrap().cluster_id.as_ref(), Some(&cluster));
    assert!(before.is_start_of(&world.ledger()), "the old keys stay");
    assert_eq!(world.bootstrap(&[]).ok().output("changed"), "false");
}

/// Cuts an escrow down to its intent, as another run wrote it so long ago.
fn only_intent(world: &VaultWorld, age: SignedDuration) {
    let mut intent = world.ledger().records()[0].clone();
    assert_eq!(intent.phase, Phase::Intent);
    intent.at = Timestamp::now() - age;
    fs::write(world.escrow_file(), Ledger::default().with(intent).to_text()).unwrap();
}

#[test]
fn a_vault_whose_keys_were_lost_on_the_way_is_told_of_and_not_touched() {
    let world = VaultWorld::with(Settings::in_memory().audited().lenient());
    world.bootstrap(&[]).ok();
    let root = world.new_root();
    only_intent(&world, SignedDuration::from_mins(10));
    for is_sealed in [false, true] {
        if is_sealed {
            world.bao.seal(&root);
        }
        let (lines, before) = (world.bao.audit_lines().len(), world.ledger());
        let run = world.bootstrap(&[]);
        assert_eq!((run.code, run.output("state")), (7, "init-lost"), "{}", run.stderr);
        let told = if is_sealed { "The keys were lost" } else { "leave its storage alone" };
        assert!(run.stderr.contains(told), "{}", run.stderr);
        assert_eq!((world.bao.audit_lines().len(), world.ledger()), (lines, before));
    }
}

#[test]
fn an_initialisation_of_another_run_is_waited_for() {
    let world = VaultWorld::new();
    world.bootstrap(&[]).ok();
    let (file, whole) = (world.escrow_file(), fs::read(world.escrow_file()).unwrap());
    only_intent(&world, SignedDuration::from_secs(1));
    let run = world.bootstrap(&["--patience", "1s"]);
    assert_eq!((run.code, run.output("state")), (7, "init-lost"), "{}", run.stderr);
    let writer = thread::spawn(move || {
        thread::sleep(Duration::from_millis(700));
        fs::write(file, whole).unwrap();
    });
    assert_eq!(world.bootstrap(&[]).ok().output("changed"), "false");
    writer.join().unwrap();
}

#[test]
fn an_intent_that_nothing_came_of_is_begun_again() {
    let mut world = VaultWorld::new();
    world.bootstrap(&[]).ok();
    world.bao.stop();
    world.bao.start_again();
    only_intent(&world, SignedDuration::from_secs(1));
    let run = world.bootstrap(&[]).ok();
    assert_eq!(run.output("state"), "uninitialised");
    assert_eq!(world.phases()[..3], [Phase::Intent, Phase::Intent, Phase::Captured]);
}
