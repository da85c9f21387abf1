//! Every shell script of the repository, as shellcheck sees it, and what is committed for the setup to work.

use std::fs;
use std::process::Command;

use super::TARGET;
use super::runner::Runner;
use crate::files::top;
use crate::world::tools;

/// The tracked files, by path, each with its mode before it.
fn tracked() -> Vec<(String, String)> {
    let output = Command::new("git").args(["ls-files", "--stage", "-z"]).current_dir(top()).output().unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let listing = String::from_utf8(output.stdout).unwrap();
    let entries = listing.split_terminator('\0').map(|entry| entry.split_once('\t').unwrap());
    entries.map(|(stage, path)| (stage[..6].to_owned(), path.to_owned())).collect()
}

/// Whether a text begins as a script for a shell does.
fn is_for_a_shell(text: &[u8]) -> bool {
    let first = text.split(|byte| *byte == b'\n').next().unwrap_or_default();
    let words = String::from_utf8_lossy(first.strip_prefix(b"#!").unwrap_or_default()).into_owned();
    words.split(['/', ' ']).any(|word| ["sh", "bash", "dash", "ksh"].contains(&word))
}

#[test]
fn shellcheck_has_nothing_to_say_about_any_shell_script() {
    let scripts: Vec<_> = tracked()
        .into_iter()
        .filter(|(mode, path)| mode.starts_with("100") && is_for_a_shell(&fs::read(top().join(path)).unwrap()))
        .collect();
    for known in ["setup/install.sh", ".ci/run", "tests/pictures/install"] {
        assert!(scripts.iter().any(|(_, path)| path == known), "`{known}` was not found among {scripts:?}");
    }
    for (mode, path) in &scripts {
        assert_eq!(mode, "100755", "`{path}` is not executable");
    }
    // 2250 wants braces around every variable, where the quotation marks show already where its name ends.
    let output = Command::new(tools().join("bin/shellcheck"))
        .args(["--norc", "--enable=all", "--exclude=SC2250", "--color=never", "--"])
        .args(scripts.iter().map(|(_, path)| path))
        .current_dir(top())
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
}

#[test]
fn the_committed_release_is_of_this_version_and_reads_well() {
    let text = fs::read_to_string(top().join("RELEASE")).unwrap();
    assert!(text.lines().any(|line| line == format!("version {}", env!("CARGO_PKG_VERSION"))), "{text}");
    let runner = Runner::new();
    // With a line for this target where the file has none, so that all of it is read and a download begins.
    let is_named = text.lines().any(|line| line.starts_with(TARGET));
    let line = format!("{TARGET} {} {}\n", "a".repeat(64), "b".repeat(64));
    runner.write_release(&if is_named { text } else { format!("{text}{line}") });
    fs::remove_file(runner.path("bin/curl")).unwrap();
    runner.run().failed(&["there is no `curl` on PATH"]);
}

#[test]
fn a_script_is_known_by_its_first_line() {
    for first in ["#!/bin/sh", "#!/usr/bin/env bash\n", "#! /bin/dash -e", "#!/usr/bin/env -S bash -e"] {
        assert!(is_for_a_shell(first.as_bytes()), "{first}");
    }
    for first in ["", "#!/usr/bin/env python3", "sh", "# bash", "#!/usr/bin/env -S python3 -IS\n#!/bin/sh"] {
        assert!(!is_for_a_shell(first.as_bytes()), "{first}");
    }
}
