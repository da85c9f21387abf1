//! A Vault that is as wanted: nothing is written.

use std::fs;

use serde_json::Value;

use crate::vault::bao::Bao;
use crate::vault::proxy::Proxy;
use crate::vault::world::VaultWorld;

/// What was asked of a server since so many lines of its audit log, other than to read, as `operation path`.
fn updates_since(bao: &Bao, lines: usize) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let requests = bao.audit_lines().split_off(lines).into_iter().filter(|line| line["type"] == "request");
    let asked = requests.map(|line| (text(&line["request"]["operation"]), text(&line["request"]["path"])));
    asked
        .filter(|(does, _)| !matches!(does.as_str(), "read" | "list"))
        .map(|(does, path)| format!("{does} {path}"))
        .collect()
}

#[test]
fn a_second_run_writes_nothing_as_the_audit_log_shows() {
    let mut world = VaultWorld::new();
    let proxy = Proxy::before(&world.bao);
    world.addresses = vec![proxy.address()];
    let config = world.config_with_github();
    let first = world.bootstrap(&["--config", &config]).ok();
    let escrow = fs::read(world.escrow_file()).unwrap();
    for options in [&[][..], &["--check"], &["--dry-run"]] {
        let (lines, requests) = (world.bao.audit_lines().len(), proxy.requests().len());
        let run = world.bootstrap(&[&["--config", &config], options].concat()).ok();
        assert_eq!((run.output("state"), run.output("changed")), ("unsealed", "false"));
        assert_eq!(run.output("approle-role-id"), first.output("approle-role-id"));
        let expected = [
            "update auth/approle/login",
            "update auth/approle/role/bivouac-deployer/secret-id-accessor/lookup",
            "update auth/token/revoke-self",
        ];
        assert_eq!(updates_since(&world.bao, lines), expected);
        assert_eq!(fs::read(world.escrow_file()).unwrap(), escrow);
        let requests = proxy.requests().split_off(requests);
        let told: Vec<_> = requests.iter().map(|request| format!("{} {}", request.method, request.path)).collect();
        assert!(told.len() <= 19, "{} requests: {told:#?}", told.len());
    }
}
