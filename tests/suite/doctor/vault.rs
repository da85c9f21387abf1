//! The Vault, where an address is set.

use super::{doctor, examined, findings, finds, healthy};
use crate::vault::bao::Bao;
use crate::vault::settings::Settings;

#[test]
fn a_vault_says_what_state_it_is_in() {
    let (world, bao) = (healthy(), Bao::start(Settings::in_memory().audited()));
    let command = || {
        let mut command = doctor(&world);
        command.env("VAULT_ADDR", bao.address());
        command
    };
    finds(&world, command(), 12, &[("vault", "release-blocking", "is not initialised", "bivouac bootstrap-vault")]);
    let (shares, root) = bao.initialise(1, 1);
    finds(&world, command(), 12, &[("vault", "release-blocking", "is sealed", "unseal it")]);
    bao.unseal(&shares);
    bao.wait_until_active();
    let lines = bao.audit_lines().len();
    let run = examined(&world, command()).ok();
    let found = findings(&run);
    let of_vault = found.iter().find(|[topic, ..]| topic == "vault").unwrap();
    assert!(of_vault[1] == "fine" && of_vault[2].contains("is unsealed and is active"), "{of_vault:?}");
    assert!(!run.stdout.contains(&root));
    let new = &bao.audit_lines()[lines..];
    assert!(new.iter().all(|line| line["request"]["operation"] == "read"), "{new:?}");
}

#[test]
fn a_vault_that_can_not_be_looked_at_is_a_matter_of_the_set_up() {
    let world = healthy();
    for address in ["http://127.0.0.1:1", &world.emulator.server_url()] {
        let mut command = doctor(&world);
        command.args(["--vault-address", address]);
        finds(&world, command, 11, &[("vault", "set-up", "can not be looked at", "runner reaches it")]);
    }
    let mut command = doctor(&world);
    command.env("VAULT_ADDR", "vault.example.com/ui");
    finds(&world, command, 11, &[("vault", "set-up", "", "bootstrap-vault")]);
    let mut command = doctor(&world);
    command.args(["--vault-address", "https://127.0.0.1:1", "--ca-certificate", "/nowhere.pem"]);
    finds(&world, command, 11, &[("vault", "set-up", "nowhere.pem", "")]);
}
