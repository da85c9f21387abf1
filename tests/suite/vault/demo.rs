//! `bivouac demo --vault`, and what the documentation of the Vault says of it.

use std::fs;
use std::path::Path;
use std::process::Command;

use bivouac::contract::VAULT_OUTPUTS;

use crate::world::tools;

fn demo(folder: &Path, openbao: &Path) -> (Option<i32>, String, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_bivouac"))
        .args(["demo", "--vault", "--directory"])
        .arg(folder.join("left"))
        .arg("--openbao")
        .arg(openbao)
        .env_clear()
        .env("PATH", "/usr/bin:/bin")
        .env("HOME", folder)
        .output()
        .unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

#[test]
fn the_demonstration_brings_a_vault_up_breaks_it_and_repairs_it() {
    let folder = tempfile::tempdir().unwrap();
    let (code, said, errors) = demo(folder.path(), &tools().join("bin/bao"));
    assert_eq!((code, errors.as_str()), (Some(0), ""), "{said}");
    let parts: Vec<_> = said.split("\n\n").collect();
    let part = |number: &str| said.split(&format!("\n{number}. ")).nth(1).unwrap().split("\n\n").next().unwrap();
    assert_eq!(parts.iter().filter(|part| part.starts_with(|first: char| first.is_ascii_digit())).count(), 6);
    assert!(part("1").contains("nothing was written"), "{said}");
    assert!(part("2").contains("found uninitialised, now as wanted"), "{said}");
    assert!(part("3").contains("all as wanted, nothing changed"), "{said}");
    assert!(said.contains("policy `bivouac-deployer`        differs") && said.contains("(exit code 8)"), "{said}");
    assert!(said.contains("found unsealed, now as wanted") && said.contains("5 shares, 3 unseal"), "{said}");

    let left = folder.path().join("left");
    let identity = fs::read_to_string(left.join("identity")).unwrap();
    assert!(identity.starts_with("AGE-SECRET-KEY-1") && !said.contains(identity.trim()));
    assert!(fs::read_to_string(left.join("escrow.jsonl")).unwrap().lines().count() >= 5);
}

#[test]
fn without_a_server_the_demonstration_says_what_to_install() {
    let folder = tempfile::tempdir().unwrap();
    let (code, _, errors) = demo(folder.path(), Path::new("/nowhere/bao"));
    assert_eq!(code, Some(1));
    assert!(errors.contains("`/nowhere/bao` can not be found"), "{errors}");
}

#[test]
fn the_documentation_names_every_state() {
    let documentation = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/vault.md")).unwrap();
    let (_, states) = VAULT_OUTPUTS.iter().find(|(name, _)| *name == "state").unwrap();
    let states: Vec<_> = states.split('`').skip(1).step_by(2).collect();
    assert!(states.len() > 10);
    for state in states {
        assert!(documentation.contains(&format!("`{state}`")), "docs/vault.md says nothing of `{state}`");
    }
}
