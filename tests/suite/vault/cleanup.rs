//! `bivouac vault-cleanup`, at the end of a job.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use tempfile::TempDir;

/// Runs it in a job whose temporary files are in that folder.
fn clean_up(runner: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_bivouac"));
    command.arg("vault-cleanup").args(arguments).env_clear().env("GITHUB_ACTIONS", "true").env("HOME", runner);
    command.env("TMPDIR", runner).env("RUNNER_TEMP", runner).output().unwrap()
}

fn said(output: &Output) -> String {
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout.clone()).unwrap()
}

/// The temporary files of a job, and the folder of the Vault's among them.
fn job() -> (TempDir, PathBuf) {
    let runner = TempDir::new().unwrap();
    let folder = runner.path().join("bivouac-vault");
    fs::create_dir(&folder).unwrap();
    (runner, folder)
}

#[test]
fn a_job_without_a_vault_has_nothing_to_remove() {
    let runner = TempDir::new().unwrap();
    assert_eq!(said(&clean_up(runner.path(), &[])), "There was nothing to remove.\n");
}

#[test]
fn what_a_vault_left_is_named_and_gone_and_the_rest_of_the_job_is_left_alone() {
    let (runner, folder) = job();
    fs::write(runner.path().join("of another step"), "x").unwrap();
    fs::write(folder.join("approle-secret-id"), "hush").unwrap();
    symlink(runner.path().join("of another step"), folder.join("link")).unwrap();
    assert_eq!(said(&clean_up(runner.path(), &[])), "removed approle-secret-id\nremoved link\n");
    assert!(!folder.exists() && runner.path().join("of another step").exists());
    assert_eq!(said(&clean_up(runner.path(), &[])), "There was nothing to remove.\n");
}

#[test]
fn the_only_copy_of_a_record_stays_unless_everything_is_to_go() {
    let (runner, folder) = job();
    let escrow = folder.join("escrow-1.json");
    fs::write(&escrow, "{}").unwrap();
    let output = clean_up(runner.path(), &[]);
    assert!(said(&output).starts_with(&format!("kept    {}: the only copy", escrow.display())), "{}", said(&output));
    assert!(String::from_utf8_lossy(&output.stderr).contains("::warning title=Escrow::"));
    assert!(escrow.exists());
    assert_eq!(said(&clean_up(runner.path(), &["--all"])), "removed escrow-1.json\n");
    assert!(!folder.exists());
}

#[test]
fn a_link_in_the_place_of_the_folder_is_refused() {
    let runner = TempDir::new().unwrap();
    fs::write(runner.path().join("precious"), "x").unwrap();
    symlink(runner.path(), runner.path().join("bivouac-vault")).unwrap();
    let output = clean_up(runner.path(), &["--all"]);
    assert_eq!(output.status.code(), Some(1), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(String::from_utf8_lossy(&output.stderr).contains("it is no folder"));
    assert!(runner.path().join("precious").exists());
}
