//! Packing, recording and checking, with the real scripts.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::{Checkout, PROGRAM, TARGETS, archive};
use crate::files::top;

#[test]
fn an_archive_unpacks_to_the_program_its_pages_and_its_completions() {
    let checkout = Checkout::new();
    let target = TARGETS[0];
    checkout.script("pack", &[target, PROGRAM, "archives"]).ok();
    checkout.command("tar", &["-xzf", &archive(target)]).status().unwrap();

    let stem = format!("bivouac-{}-{target}", env!("CARGO_PKG_VERSION"));
    let listed = checkout.command("find", &[&stem, "-mindepth", "1", "-printf", "%m %P\n"]).output().unwrap();
    let mut listed: Vec<_> = String::from_utf8(listed.stdout).unwrap().lines().map(str::to_owned).collect();
    listed.sort_by_key(|line| line.split_once(' ').map(|(_, name)| name.to_owned()));
    insta::assert_snapshot!(listed.join("\n"), @"
    644 CHANGELOG.md
    644 LICENSE-APACHE
    644 LICENSE-MIT
    644 README.md
    755 bivouac
    755 completions
    644 completions/_bivouac
    644 completions/_bivouac.ps1
    644 completions/bivouac.bash
    644 completions/bivouac.elv
    644 completions/bivouac.fish
    755 man
    644 man/bivouac-bootstrap-vault.1
    644 man/bivouac-command.1
    644 man/bivouac-completions.1
    644 man/bivouac-demo.1
    644 man/bivouac-deploy.1
    644 man/bivouac-diff.1
    644 man/bivouac-doctor.1
    644 man/bivouac-escrow-rekey.1
    644 man/bivouac-escrow-show.1
    644 man/bivouac-escrow-verify.1
    644 man/bivouac-escrow.1
    644 man/bivouac-history.1
    644 man/bivouac-init.1
    644 man/bivouac-list.1
    644 man/bivouac-man.1
    644 man/bivouac-schema.1
    644 man/bivouac-secrets-copy.1
    644 man/bivouac-secrets-list.1
    644 man/bivouac-secrets-put.1
    644 man/bivouac-secrets-remove.1
    644 man/bivouac-secrets.1
    644 man/bivouac-sweep.1
    644 man/bivouac-teardown.1
    644 man/bivouac-validate.1
    644 man/bivouac-vault-cleanup.1
    644 man/bivouac-wait.1
    644 man/bivouac.1
    ");
    assert_eq!(fs::read(checkout.path(&stem).join("bivouac")).unwrap(), fs::read(PROGRAM).unwrap());
    for name in ["README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        assert_eq!(fs::read(checkout.path(&stem).join(name)).unwrap(), fs::read(top().join(name)).unwrap(), "{name}");
    }
}

#[test]
fn an_archive_is_of_nobody_and_of_no_day() {
    let checkout = Checkout::new();
    checkout.pack(TARGETS[0], b"program").ok();
    let list =
        checkout.command("tar", &["-tvzf", &archive(TARGETS[0]), "--numeric-owner"]).env("TZ", "UTC").output().unwrap();
    let list = String::from_utf8(list.stdout).unwrap();
    assert!(list.lines().count() > 15, "{list}");
    for line in list.lines() {
        assert!(line.contains(" 0/0 ") && line.contains(" 1970-01-01 00:00 "), "{line}");
    }
}

#[test]
fn packing_again_elsewhere_and_later_gives_the_same_bytes() {
    let [one, other] = [Checkout::new(), Checkout::new()];
    one.pack(TARGETS[1], b"program").ok();
    other.write("program", "program");
    for name in ["program", "README.md", "LICENSE-MIT"] {
        fs::set_permissions(other.path(name), fs::Permissions::from_mode(0o600)).unwrap();
    }
    let mut pack = other.command("release/pack", &[TARGETS[1], "program", "archives", PROGRAM]);
    let pack =
        pack.env("TZ", "Asia/Tokyo").env("COLUMNS", "40").env("LANG", "tr_TR.UTF-8").env("SOURCE_DATE_EPOCH", "1");
    assert!(pack.status().unwrap().success());

    let name = archive(TARGETS[1]);
    assert!(fs::read(one.path(&name)).unwrap() == fs::read(other.path(&name)).unwrap());
}

#[test]
fn a_program_of_another_version_or_target_is_not_packed() {
    let checkout = Checkout::new();
    assert!(checkout.pack("x86_64-pc-windows-msvc", b"").refused().contains("is not a target"));
    checkout.write("program", "of another system");
    assert!(checkout.script("pack", &[TARGETS[0], "program", "archives"]).refused().contains("does not run here"));
    checkout.script("bump", &["7.0.0", "2026-11-21"]).ok();
    assert!(checkout.pack(TARGETS[0], b"").refused().contains("is not version 7.0.0"));
}

#[test]
fn what_was_recorded_is_found_again_and_summed() {
    let checkout = Checkout::packed();
    checkout.script("record", &["archives"]).ok();
    let sums = checkout.script("check", &["archives"]).ok();

    checkout.write("archives/SHA256SUMS", &sums);
    let mut command = checkout.command("sha256sum", &["--check", "--strict", "SHA256SUMS"]);
    let output = command.current_dir(checkout.path("archives")).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    assert_eq!(sums.lines().count(), TARGETS.len());
    // SHA256SUMS beside the archives is not in the way.
    checkout.script("check", &["archives"]).ok();
}

#[test]
fn release_names_version_address_and_both_hashes_of_every_target() {
    let checkout = Checkout::packed();
    checkout.script("record", &["archives"]).ok();
    let text = checkout.read("RELEASE");
    let lines: Vec<_> = text.lines().filter(|line| !line.starts_with('#')).collect();
    let version = env!("CARGO_PKG_VERSION");
    assert_eq!(lines[0], format!("version {version}"));
    assert_eq!(lines[1], format!("address https://github.com/bivouac-dev/bivouac/releases/download/v{version}"));
    for (line, target) in lines[2..].iter().zip(TARGETS) {
        checkout.write("program", target);
        let hash = |path: &str| {
            let output = checkout.command("sha256sum", &[path]).output().unwrap();
            String::from_utf8(output.stdout).unwrap()[..64].to_owned()
        };
        assert_eq!(*line, format!("{target} {} {}", hash(&archive(target)), hash("program")));
    }
    assert_eq!(lines.len(), 2 + TARGETS.len());
}

#[test]
fn an_archive_that_differs_is_refused() {
    let checkout = Checkout::packed();
    checkout.script("record", &["archives"]).ok();
    checkout.pack(TARGETS[2], b"something else").ok();
    let complaint = checkout.script("check", &["archives"]).refused();
    assert!(complaint.contains("x86_64-apple-darwin: the archive is"), "{complaint}");
    assert!(complaint.contains("x86_64-apple-darwin: the program is"), "{complaint}");
    assert!(!complaint.contains("aarch64"), "{complaint}");
}

#[test]
fn an_archive_with_the_right_program_and_another_readme_is_refused() {
    let checkout = Checkout::packed();
    checkout.script("record", &["archives"]).ok();
    checkout.write("README.md", "curl | sh");
    checkout.pack(TARGETS[0], TARGETS[0].as_bytes()).ok();
    let complaint = checkout.script("check", &["archives"]).refused();
    assert!(complaint.contains("the archive is") && !complaint.contains("the program is"), "{complaint}");
}

#[test]
fn a_missing_archive_and_one_too_many_are_refused() {
    let checkout = Checkout::packed();
    checkout.script("record", &["archives"]).ok();
    fs::rename(checkout.path(&archive(TARGETS[3])), checkout.path("kept")).unwrap();
    let complaint = checkout.script("check", &["archives"]).refused();
    assert!(complaint.contains("aarch64-apple-darwin: the archive is missing"), "{complaint}");
    let complaint = checkout.script("record", &["archives"]).refused();
    assert!(complaint.contains("aarch64-apple-darwin"), "{complaint}");

    fs::rename(checkout.path("kept"), checkout.path(&archive(TARGETS[3]))).unwrap();
    let release = checkout.read("RELEASE");
    let fewer: Vec<_> = release.lines().filter(|line| !line.starts_with(TARGETS[3])).collect();
    checkout.write("RELEASE", fewer.join("\n"));
    let complaint = checkout.script("check", &["archives"]).refused();
    assert!(complaint.contains("aarch64-apple-darwin: RELEASE does not name it"), "{complaint}");

    checkout.write("RELEASE", &release);
    fs::copy(checkout.path(&archive(TARGETS[3])), checkout.path("archives/bivouac-9.9.9-other.tar.gz")).unwrap();
    assert!(checkout.script("check", &["archives"]).refused().contains("bivouac-9.9.9-other.tar.gz"));
}

#[test]
fn a_release_with_nothing_to_check_is_refused() {
    let checkout = Checkout::packed();
    assert!(checkout.script("check", &["archives"]).refused().contains("there is no RELEASE"));
    checkout.script("record", &["archives"]).ok();
    let release = checkout.read("RELEASE");
    let head = &release[..release.find(TARGETS[0]).unwrap()];
    for nothing in ["", "# nothing was released yet\n", head] {
        checkout.write("RELEASE", nothing);
        let complaint = checkout.script("check", &["archives"]).refused();
        assert!(complaint.contains("nothing to check"), "{nothing}: {complaint}");
    }
    let line = release.lines().last().unwrap();
    for strange in [
        format!("{release}{line}\n"),
        format!("{release}other {}\n", "f".repeat(64)),
        format!("{release}version 2.0.0\n"),
    ] {
        checkout.write("RELEASE", strange);
        assert!(checkout.script("check", &["archives"]).refused().contains("is not understood"));
    }
}

#[test]
fn an_archive_that_is_broken_is_refused() {
    let checkout = Checkout::packed();
    checkout.script("record", &["archives"]).ok();
    for broken in [b"not an archive".to_vec(), fs::read(checkout.path(&archive(TARGETS[0]))).unwrap()[..900].to_vec()] {
        checkout.write(&archive(TARGETS[0]), broken);
        assert!(checkout.script("check", &["archives"]).refused().contains("holds no"));
    }
}
