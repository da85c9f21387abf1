//! `bivouac escrow`, on real files, a real repository and real keys.

mod commands;
mod faults;
mod repository;

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use age::secrecy::ExposeSecret as _;
use age::x25519;
use bivouac::domain::escrow::{Contents, Ledger, Phase, Record};
use bivouac::effects::escrow::AgeCipher;
use bivouac::ports::EscrowCipher as _;
use bivouac::secret::Secret;
use tempfile::TempDir;

use crate::world::{Run, World};

/// Somebody who may open an escrow.
pub(crate) struct Person {
    pub(crate) secret: String,
    pub(crate) public: String,
}

impl Person {
    pub(crate) fn new() -> Self {
        let identity = x25519::Identity::generate();
        Self { secret: identity.to_string().expose_secret().to_owned(), public: identity.to_public().to_string() }
    }

    /// Somebody with a key of `ssh-keygen`'s.
    pub(crate) fn with_ssh(kind: &str, passphrase: &str) -> Self {
        let folder = TempDir::new().unwrap();
        let file = folder.path().join("key");
        let mut command = Command::new("ssh-keygen");
        // An RSA key has 2048 bits, the fewest that are taken; for the other kinds it makes no difference.
        command.args(["-q", "-t", kind, "-b", "2048", "-C", "a person", "-N", passphrase, "-f"]).arg(&file);
        assert!(command.status().unwrap().success());
        let public = fs::read_to_string(file.with_extension("pub")).unwrap().trim().to_owned();
        Self { secret: fs::read_to_string(file).unwrap(), public }
    }
}

/// What is in every escrow here.
pub(crate) const SHARES: [&str; 3] = ["hush-share-one", "hush-share-two", "hush-share-three"];

pub(crate) fn contents(shares: &[&str]) -> Contents {
    let unseal_shares = shares.iter().filter_map(|share| Secret::new(share)).collect();
    Contents { unseal_shares, root_token: Secret::new("hush-root"), ..Contents::default() }
}

/// A record of three shares, of which two unseal, encrypted to some people.
pub(crate) fn record(generation: u64, people: &[&Person], shares: &[&str]) -> Record {
    let recipients: Vec<_> = people.iter().map(|person| person.public.clone()).collect();
    let ciphertext = AgeCipher::default().encrypt(&contents(shares), &recipients).unwrap();
    Record {
        schema: 1,
        generation,
        phase: Phase::Captured,
        run: format!("{generation:032x}"),
        at: "2026-11-21T10:00:00Z".parse().unwrap(),
        environment: Some("production".to_owned()),
        addresses: vec!["https://vault.example.com:8200".parse().unwrap()],
        seal_type: "shamir".to_owned(),
        threshold: 2,
        shares: 3,
        run_url: None,
        recipients,
        cluster_id: None,
        pgp_shares: Vec::new(),
        ciphertext: Some(ciphertext),
    }
}

/// An intent, and then the keys, encrypted to some people.
pub(crate) fn ledger(people: &[&Person]) -> Ledger {
    let intent = Record { phase: Phase::Intent, ciphertext: None, ..record(1, people, &SHARES) };
    Ledger::default().with(intent).with(record(2, people, &SHARES))
}

/// Writes an escrow into a file of its own, and says where.
pub(crate) fn write(world: &World, name: &str, ledger: &Ledger) -> PathBuf {
    let path = world.home.path().join(name);
    fs::write(&path, ledger.to_text()).unwrap();
    path
}

/// Runs a verb on some places, with somebody's identity.
pub(crate) fn escrow(world: &World, verb: &[&str], sinks: &[String], identity: Option<&str>) -> Run {
    let mut command = world.bivouac(&["escrow"]);
    command.args(verb).env("BIVOUAC_ESCROWS", sinks.join("\n"));
    if let Some(identity) = identity {
        command.env("BIVOUAC_AGE_IDENTITY", identity);
    }
    let run = world.run(command);
    // What shows only has no use for an identity, and does not read it.
    keeps_secrets(&run, identity.filter(|_| verb[0] != "show"));
    run
}

/// Neither a share nor a line of the identity is anywhere but in a command that masks it.
pub(crate) fn keeps_secrets(run: &Run, identity: Option<&str>) {
    let log: String = run.stderr.lines().filter(|line| !line.starts_with("::add-mask::")).collect();
    let all = format!("{log}{}{}{:?}", run.stdout, run.summary, run.outputs);
    assert!(!all.contains("hush") && !run.stderr.contains("hush"), "a share was shown:\n{run:#?}");
    let lines = identity.unwrap_or_default().lines().filter(|line| line.len() > 40);
    for line in lines {
        assert!(!all.contains(line) && run.stderr.contains(&format!("::add-mask::{line}")), "{run:#?}");
    }
}
