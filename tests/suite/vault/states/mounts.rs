//! What is mounted: the secrets engine, the auth methods, the audit device.

use serde_json::{Value, json};

use crate::vault::settings::Settings;
use crate::vault::world::VaultWorld;

fn token(root: &str) -> [(&'static str, &str); 1] {
    [("BIVOUAC_VAULT_TOKEN", root)]
}

#[test]
fn version_1_of_kv_is_upgraded_only_when_that_is_allowed_and_keeps_its_data() {
    let (world, root) = VaultWorld::foreign(Settings::in_memory().audited());
    world.bao.done(
        "POST",
        "sys/mounts/secret",
        Some(&root),
        Some(json!({ "type": "kv", "options": { "version": "1" } })),
    );
    world.bao.done("PUT", "secret/old", Some(&root), Some(json!({ "word": "kept" })));
    for options in [&[][..], &["--check"]] {
        let run = world.bootstrap_with(&token(&root), options);
        assert_eq!(run.code, 7, "{}", run.stderr);
        assert!(run.stderr.contains("--allow-kv-upgrade"), "{}", run.stderr);
        assert_eq!(world.bao.done("GET", "secret/old", Some(&root), None)["data"]["word"], "kept");
    }
    let run = world.bootstrap_with(&token(&root), &["--allow-kv-upgrade", "--check"]);
    assert_eq!(run.code, 8, "{}", run.stderr);
    world.bootstrap_with(&token(&root), &["--allow-kv-upgrade"]).ok();
    assert_eq!(world.bao.done("GET", "secret/data/old", Some(&root), None)["data"]["data"]["word"], "kept");
    assert_eq!(world.bootstrap(&["--check"]).ok().output("changed"), "false");
}

#[test]
fn a_path_that_holds_something_else_is_refused_and_left() {
    let (world, root) = VaultWorld::foreign(Settings::in_memory().audited());
    world.bao.done("POST", "sys/mounts/secret", Some(&root), Some(json!({ "type": "transit" })));
    world.bao.done("POST", "sys/auth/approle", Some(&root), Some(json!({ "type": "userpass" })));
    let mounts = || world.bao.done("GET", "sys/internal/ui/mounts", Some(&root), None)["data"].clone();
    let before = mounts();
    for (options, told) in
        [(&[][..], "`secret` holds `transit`"), (&["--kv-mount", "previews"], "`auth/approle` holds `userpass`")]
    {
        for option in [None, Some("--check")] {
            let run = world.bootstrap_with(&token(&root), &[options, option.as_slice()].concat());
            assert_eq!(run.code, 7, "{}", run.stderr);
            assert!(run.stderr.contains(told), "{}", run.stderr);
        }
    }
    assert_eq!(mounts()["secret"]["secret/"], before["secret"]["secret/"]);
    assert_eq!(mounts()["auth"], before["auth"]);
}

#[test]
fn mounts_that_have_gone_are_found_and_made_again() {
    let world = VaultWorld::with(Settings::in_memory().audited().lenient());
    let config = world.config_with_github();
    world.bootstrap(&["--config", &config]).ok();
    let root = world.new_root();
    for (path, named) in [
        ("sys/mounts/secret", "secrets engine `secret`"),
        ("sys/auth/jwt", "auth method `jwt`"),
        ("sys/auth/approle", "auth method `approle`"),
    ] {
        world.bao.done("DELETE", path, Some(&root), None);
        // Without AppRole the operator can not log in, and looking may not make a root token.
        let run = world.bootstrap_with(&token(&root), &["--config", &config, "--check"]);
        assert_eq!(run.code, 8, "{}", run.stderr);
        assert!(run.stdout.contains(named), "{named}: {}", run.stdout);
        let run = world.bootstrap(&["--config", &config]).ok();
        assert_eq!(run.output("changed"), "true");
        let run = world.bootstrap(&["--config", &config, "--check"]);
        assert_eq!(run.code, 0, "{named}: {}\n{}", run.stdout, run.stderr);
    }
}

#[test]
fn an_audit_device_is_created_first_where_the_server_lets_that_be() {
    let world = VaultWorld::with(Settings::in_memory().lenient());
    let file = world.bao.audit_file();
    let config = world.config(&format!("audit:\n  path: trail\n  options:\n    file_path: {}", file.display()));
    world.bootstrap(&["--config", &config]).ok();
    let writes: Vec<Value> = world.bao.audit_lines().into_iter().filter(|line| line["type"] == "request").collect();
    let paths: Vec<_> = writes.iter().filter_map(|line| line["request"]["path"].as_str()).collect();
    for path in ["sys/mounts/secret", "sys/auth/approle", "sys/policies/acl/bivouac-operator"] {
        assert!(paths.contains(&path), "{path}: {paths:#?}");
    }
    // One that has gone is found, and made again with a root token of the shares.
    let root = world.new_root();
    world.bao.done("DELETE", "sys/audit/trail", Some(&root), None);
    let run = world.bootstrap(&["--config", &config, "--check"]);
    assert_eq!(run.code, 8, "{}", run.stderr);
    assert!(run.stdout.contains("`trail` is missing"), "{}", run.stdout);
    assert_eq!(world.bootstrap(&["--config", &config]).ok().output("changed"), "true");
    world.bootstrap(&["--config", &config, "--check"]).ok();

    // One with other options is told of, and left: nothing would be logged in between.
    let other = world.config(&format!("audit:\n  path: trail\n  options:\n    file_path: {}.other", file.display()));
    let before = world.bao.done("GET", "sys/audit", Some(&root), None)["data"].clone();
    let run = world.bootstrap(&["--config", &other, "--check"]);
    assert_eq!(run.code, 8, "{}", run.stderr);
    let run = world.bootstrap(&["--config", &other]).ok();
    assert!(run.stdout.contains("replace it by hand") && run.output("changed") == "false", "{}", run.stdout);
    assert_eq!(world.bao.done("GET", "sys/audit", Some(&root), None)["data"], before);
}

#[test]
fn a_server_that_takes_no_audit_device_by_a_request_is_configured_with_a_warning() {
    let world = VaultWorld::with(Settings::in_memory());
    let run = world.bootstrap(&[]).ok();
    assert!(run.stdout.contains("declare it in the server's configuration"), "{}", run.stdout);
    let run = world.bootstrap(&[]);
    assert_eq!((run.code, run.output("changed")), (0, "false"), "{}", run.stderr);
    let run = world.bootstrap(&["--check"]);
    assert_eq!(run.code, 8, "it is still missing: {}", run.stderr);
}
