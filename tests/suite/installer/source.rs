//! The input `build-from-source`. Cargo is played here: it records what it was told, and makes the program.

use std::fs;

use super::PROGRAM;
use super::runner::Runner;

/// What a cargo that works does: the seventh thing that it is told is the folder.
const BUILD: &str = r#"mkdir -p "$7/release" && mv "$HOME/files/built" "$7/release/bivouac""#;

/// A runner that asks for a build, and has a cargo that does this at last.
fn building(at_last: &str) -> Runner {
    let mut runner = Runner::new();
    let text = "#!/bin/sh\nprintf '%s\\n' \"$PWD\" \"${CARGO_BUILD_TARGET-unset}\" \"$@\" >\"$HOME/files/cargo\"\n";
    runner.put_program("bin/cargo", &format!("{text}{at_last}\n"));
    runner.put_program("files/built", PROGRAM);
    runner.input("BUILD_FROM_SOURCE", "true");
    runner
}

#[test]
fn the_tree_that_the_action_came_from_is_built_with_its_own_toolchain() {
    for word in ["true", "1", " true\n"] {
        let mut runner = building(BUILD);
        runner.input("BUILD_FROM_SOURCE", word);
        runner.set("CARGO_BUILD_TARGET", "x86_64-unknown-linux-gnu");
        fs::remove_file(runner.path("tree/RELEASE")).unwrap();
        let place = runner.path("temp/bivouac-build/release/bivouac");
        runner.run().handed_over(&place, "bivouac 0.1.0 built from source");
        let tree = runner.path("tree").display().to_string();
        let target = runner.path("temp/bivouac-build").display().to_string();
        let manifest = format!("{tree}/Cargo.toml");
        let told = fs::read_to_string(runner.path("files/cargo")).unwrap();
        let expected =
            [&tree, "unset", "build", "--release", "--locked", "--manifest-path", &manifest, "--target-dir", &target];
        assert_eq!(told.lines().collect::<Vec<_>>(), expected);
    }
}

#[test]
fn a_word_that_is_not_yes_or_no_is_refused() {
    for word in ["yes", "True", "TRUE", "on", "0x1", "truetrue", "true\n::error::no", "2"] {
        let mut runner = building(BUILD);
        runner.input("BUILD_FROM_SOURCE", word);
        runner.run().failed(&["the input `build-from-source` is `", "say `true` or `false`"]);
        assert!(!runner.path("files/cargo").exists());
    }
}

#[test]
fn a_no_is_as_good_as_nothing() {
    for word in ["false", "0", "", " "] {
        let mut runner = building(BUILD);
        runner.input("BUILD_FROM_SOURCE", word);
        runner.run().failed(&["this commit names no program"]);
        assert!(!runner.path("files/cargo").exists());
    }
}

#[test]
fn a_runner_without_cargo_is_told() {
    let runner = building(BUILD);
    fs::remove_file(runner.path("bin/cargo")).unwrap();
    runner.run().failed(&["there is no `cargo` on PATH", "install Rust"]);
}

#[test]
fn a_runner_without_a_temporary_folder_is_told() {
    let mut runner = building(BUILD);
    runner.unset("RUNNER_TEMP");
    runner.run().failed(&["RUNNER_TEMP is not set"]);
}

#[test]
fn a_build_that_fails_or_makes_nothing_is_told() {
    let step = building("echo 'error: no such crate' >&2; exit 101").run().failed(&["cargo could not build bivouac"]);
    assert!(step.stderr.contains("error: no such crate"), "{step:#?}");
    building("exit 0").run().failed(&["does not answer `--version` as bivouac does"]);
}
