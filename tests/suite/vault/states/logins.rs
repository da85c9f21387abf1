//! The deployer's and the reader's logins.

use std::fs;

use serde_json::{Value, json};

use crate::vault::settings::Settings;
use crate::vault::world::VaultWorld;
use crate::world::Run;

const ROLE: &str = "auth/approle/role/bivouac-deployer";

/// Whether the deployer can log in with this secret-id.
fn logs_in(world: &VaultWorld, role_id: &str, secret_id: &str) -> bool {
    let login = json!({ "role_id": role_id, "secret_id": secret_id });
    world.bao.api("PUT", "auth/approle/login", None, Some(login)).0 == 200
}

fn left(run: &Run) -> (String, String) {
    let file = fs::read_to_string(run.output("approle-secret-id-file")).unwrap();
    (run.output("approle-role-id").to_owned(), file.trim().to_owned())
}

#[test]
fn a_secret_id_is_replaced_when_that_is_asked_for_and_the_old_one_destroyed() {
    let world = VaultWorld::new();
    let (role_id, old) = left(&world.bootstrap(&[]).ok());
    let run = world.bootstrap(&["--rotate-secret-id", "--check"]);
    assert_eq!((run.code, logs_in(&world, &role_id, &old)), (8, true), "{}", run.stderr);
    let lines = world.bao.audit_lines().len();
    let run = world.bootstrap(&["--rotate-secret-id"]).ok();
    assert_eq!(run.output("changed"), "true");
    // The old one is destroyed last, once the new one has logged in and its token is given back.
    let asked: Vec<Value> =
        world.bao.audit_lines().split_off(lines).into_iter().filter(|line| line["type"] == "request").collect();
    let at = |path: &str| asked.iter().position(|line| line["request"]["path"] == path).unwrap();
    let last = |path: &str| asked.iter().rposition(|line| line["request"]["path"] == path).unwrap();
    let destroyed = at(&format!("{ROLE}/secret-id-accessor/destroy"));
    assert!(at(&format!("{ROLE}/secret-id")) < last("auth/approle/login") && last("auth/approle/login") < destroyed);
    let (same, new) = left(&run);
    assert_eq!(same, role_id);
    assert!(logs_in(&world, &role_id, &new) && !logs_in(&world, &role_id, &old));
    assert_eq!(world.bootstrap(&[]).ok().output("changed"), "false");
}

#[test]
fn a_secret_id_that_is_about_to_expire_or_was_destroyed_is_replaced() {
    let (world, root) = VaultWorld::adopted(Settings::in_memory().audited(), &["--secret-id-ttl", "4s"]);
    let good = |world: &VaultWorld| world.contents().deployer_accessor.unwrap();
    let old = good(&world);
    let deadline = std::time::Instant::now() + std::time::Duration::from_secs(8);
    let run = loop {
        let run = world.bootstrap(&["--secret-id-ttl", "4s", "--check"]);
        if run.code != 0 || std::time::Instant::now() > deadline {
            break run;
        }
        std::thread::sleep(std::time::Duration::from_millis(200));
    };
    assert_eq!(run.code, 8, "{}", run.stderr);
    assert!(run.stdout.contains("secret-id of `bivouac-deployer`"), "{}", run.stdout);
    let run = world.bootstrap(&["--secret-id-ttl", "1h"]).ok();
    assert_eq!(run.output("changed"), "true");
    let (role_id, secret_id) = left(&run);
    assert!(logs_in(&world, &role_id, &secret_id) && good(&world) != old);

    let accessor = json!({ "secret_id_accessor": good(&world) });
    world.bao.done("POST", &format!("{ROLE}/secret-id-accessor/destroy"), Some(&root), Some(accessor));
    assert_eq!(world.bootstrap(&["--secret-id-ttl", "1h", "--check"]).code, 8);
    let (role_id, secret_id) = left(&world.bootstrap(&["--secret-id-ttl", "1h"]).ok());
    assert!(logs_in(&world, &role_id, &secret_id));
    world.bootstrap(&["--secret-id-ttl", "1h", "--check"]).ok();
}

#[test]
fn a_role_that_was_deleted_gets_its_recorded_role_id_back() {
    let (world, root) = VaultWorld::adopted(Settings::in_memory().audited(), &[]);
    let (role_id, secret_id) = left(&world.bootstrap(&["--rotate-secret-id"]).ok());
    world.bao.done("POST", &format!("{ROLE}/role-id"), Some(&root), Some(json!({ "role_id": "another" })));
    let run = world.bootstrap(&["--check"]);
    assert_eq!(run.code, 8, "{}", run.stderr);
    assert!(run.stdout.contains("role-id of `bivouac-deployer`"), "{}", run.stdout);
    assert_eq!(world.bootstrap(&[]).ok().output("approle-role-id"), role_id);
    world.bootstrap(&["--check"]).ok();

    world.bao.done("DELETE", ROLE, Some(&root), None);
    assert_eq!(world.bootstrap(&["--check"]).code, 8);
    let run = world.bootstrap(&[]).ok();
    assert!(!logs_in(&world, &role_id, &secret_id));
    assert_eq!(left(&run).0, role_id);
    assert!(logs_in(&world, &role_id, &left(&run).1));
    world.bootstrap(&["--check"]).ok();
}

#[test]
fn a_secret_id_becomes_an_output_only_when_that_is_asked_for() {
    let world = VaultWorld::new();
    let run = world.bootstrap(&["--output-secret-id"]).ok();
    let (role_id, secret_id) = left(&run);
    assert_eq!(run.output("approle-secret-id"), secret_id);
    assert!(logs_in(&world, &role_id, &secret_id));
    assert!(run.stderr.contains(&format!("::add-mask::{secret_id}")));
}

#[test]
fn the_reader_gets_a_secret_id_without_an_end_when_that_is_asked_for() {
    let world = VaultWorld::new();
    assert_eq!(world.bootstrap(&[]).ok().output("reader-secret-id-file"), "");
    let run = world.bootstrap(&["--mint-reader-secret-id"]).ok();
    let secret_id = fs::read_to_string(run.output("reader-secret-id-file")).unwrap();
    assert!(logs_in(&world, run.output("reader-role-id"), secret_id.trim()));
}
