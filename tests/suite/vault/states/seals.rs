//! Other seals, other custody, and TLS.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use tempfile::TempDir;

use crate::vault::settings::Settings;
use crate::vault::world::VaultWorld;

#[test]
fn a_vault_that_unseals_itself_has_its_recovery_keys_in_the_escrow() {
    let mut world = VaultWorld::with(Settings::raft("alone").with_static_seal().audited().lenient());
    let run = world.bootstrap(&["--patience", "30s"]).ok();
    assert_eq!((run.output("state"), world.bao.is_sealed()), ("uninitialised", false));
    let contents = world.contents();
    assert_eq!((contents.recovery_shares.len(), contents.unseal_shares.len()), (5, 0));
    assert_eq!(world.ledger().latest().unwrap().seal_type, "static");
    assert_eq!(world.bootstrap(&[]).ok().output("changed"), "false");
    world.bao.stop();
    world.bao.start_again();
    world.bootstrap(&["--patience", "30s"]).ok();
    // A root token of the recovery shares repairs what the operator may not.
    let config = world.config("operator:\n  token-ttl: 10m");
    assert_eq!(world.bootstrap(&["--config", &config]).ok().output("changed"), "true");
    world.bootstrap(&["--config", &config, "--check"]).ok();
}

/// `gpg` in a home of its own, without an agent that outlives it.
fn gpg(home: &Path, arguments: &[&str]) -> Command {
    let mut command = Command::new("gpg");
    command.env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default()).env("GNUPGHOME", home);
    command.args(["--batch", "--quiet", "--no-tty", "--passphrase", "", "--pinentry-mode", "loopback"]).args(arguments);
    command.stdin(Stdio::null()).stderr(Stdio::null());
    command
}

/// A key-ring, whose agent ends with it.
struct Ring(TempDir);

impl Drop for Ring {
    fn drop(&mut self) {
        let _none = Command::new("gpgconf").env("GNUPGHOME", self.0.path()).args(["--kill", "gpg-agent"]).status();
    }
}

#[test]
fn people_with_a_pgp_key_each_unseal_it_by_hand() {
    let ring = Ring(TempDir::new().unwrap());
    let home = ring.0.path();
    let world = VaultWorld::new();
    let keys: Vec<_> = (1..=3)
        .map(|number| {
            let name = format!("person-{number}@example.com");
            // Named by its kind, a key has no part that can be encrypted to.
            assert!(
                gpg(home, &["--quick-generate-key", &name, "default", "default", "never"]).status().unwrap().success()
            );
            let file = world.home.path().join(format!("person-{number}.asc"));
            let key = gpg(home, &["--armor", "--export", &name]).output().unwrap().stdout;
            fs::write(&file, key).unwrap();
            file.display().to_string()
        })
        .collect();
    let mut options = vec!["--key-shares", "3", "--key-threshold", "2"];
    options.extend(keys.iter().flat_map(|key| ["--pgp-key", key]));
    let run = world.bootstrap(&options);
    assert_eq!((run.code, run.output("state")), (10, "uninitialised"), "{}", run.stderr);
    let record = world.ledger().current().unwrap().clone();
    assert_eq!(record.pgp_shares.len(), 3);
    let shares: Vec<_> = record
        .pgp_shares
        .iter()
        .map(|share| {
            let file = world.home.path().join("share.gpg");
            fs::write(&file, STANDARD.decode(&share.share).unwrap()).unwrap();
            let output = gpg(home, &["--decrypt", &file.display().to_string()]).output().unwrap();
            assert!(output.status.success());
            String::from_utf8(output.stdout).unwrap()
        })
        .collect();
    for holder in &record.pgp_shares {
        assert!(run.stderr.contains(&holder.fingerprint), "{}", run.stderr);
    }
    // A person's share is hexadecimal; each gives their own.
    let run = world.bootstrap_with(&[("BIVOUAC_UNSEAL_SHARES", &shares[2])], &options);
    assert_eq!(run.code, 10, "{}", run.stderr);
    assert!(run.stderr.contains("1 of 2"), "{}", run.stderr);
    let run = world.bootstrap_with(&[("BIVOUAC_UNSEAL_SHARES", &shares[0])], &options).ok();
    assert_eq!(run.output("changed"), "true");
    assert!(!world.bao.is_sealed());
    assert_eq!(world.bootstrap(&options).ok().output("changed"), "false");
}

#[test]
fn a_certificate_of_ones_own_is_trusted_in_each_form_and_no_other() {
    let world = VaultWorld::with(Settings::in_memory().audited().with_tls());
    let other = Settings::in_memory().with_tls();
    let wrong = VaultWorld::with(other).bao.authority().unwrap();
    for variables in [&[][..], &[("BIVOUAC_CA_CERTIFICATE", wrong.as_str())]] {
        let run = world.bootstrap_with(variables, &["--patience", "1s"]);
        assert_eq!((run.code, run.output("state")), (6, "unreachable"), "{}", run.stderr);
        assert!(run.stderr.contains("--ca-certificate") && !world.escrow_file().exists(), "{}", run.stderr);
        assert_eq!(world.bao.done("GET", "sys/init", None, None)["initialized"], false);
    }
    let pem = world.bao.authority().unwrap();
    let file = world.bao.authority_file().display().to_string();
    for (number, form) in [pem.as_str(), &STANDARD.encode(&pem), &file].into_iter().enumerate() {
        let run = world.bootstrap_with(&[("BIVOUAC_CA_CERTIFICATE", form)], &[]).ok();
        assert_eq!(run.output("changed"), (number == 0).to_string());
    }
    for form in [STANDARD.encode(&pem), file.clone()] {
        world.bootstrap(&["--ca-certificate", &form]).ok();
    }
    assert_eq!(world.bootstrap_with(&[("VAULT_CACERT", &file)], &[]).ok().output("changed"), "false");
    // What switches verification off for others has no effect here.
    let variables = [("VAULT_SKIP_VERIFY", "true"), ("BIVOUAC_CA_CERTIFICATE", &wrong)];
    let run = world.bootstrap_with(&variables, &["--patience", "1s"]);
    assert_eq!(run.code, 6, "{}", run.stderr);
}
