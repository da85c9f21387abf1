//! The input `binary`: a program that is on the runner already.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::PROGRAM;
use super::runner::Runner;

const USED: &str = "bivouac 0.1.0 from the input `binary`";

/// Runs with an input, which must be refused with these words.
fn refused(runner: &mut Runner, binary: &str, words: &[&str]) {
    runner.input("BINARY", binary);
    runner.run().failed(words);
}

#[test]
fn a_program_that_is_there_is_used_by_whatever_path() {
    let mut runner = Runner::new();
    runner.put_program("workspace/a földer/bivouac", PROGRAM);
    let place = runner.path("workspace/a földer/bivouac");
    let absolute = place.display().to_string();
    for binary in [absolute.as_str(), "a földer/bivouac", " a földer/bivouac\n"] {
        runner.input("BINARY", binary);
        runner.run().handed_over(&place, USED);
    }
    assert_eq!(runner.kept().len(), 2);
}

#[test]
fn a_relative_path_begins_at_the_workspace_and_not_where_the_step_is() {
    let mut runner = Runner::new();
    runner.put_program("temp/elsewhere/bivouac", PROGRAM);
    runner.set("GITHUB_WORKSPACE", runner.path("temp/elsewhere").display().to_string());
    runner.input("BINARY", "bivouac");
    runner.run().handed_over(&runner.path("temp/elsewhere/bivouac"), USED);
}

#[test]
fn a_program_that_is_given_needs_no_release() {
    let mut runner = Runner::new();
    runner.put_program("workspace/bivouac", PROGRAM);
    fs::remove_file(runner.path("tree/RELEASE")).unwrap();
    runner.set("RUNNER_OS", "Windows");
    runner.input("BINARY", "bivouac");
    runner.input("BUILD_FROM_SOURCE", "false");
    runner.run().handed_over(&runner.path("workspace/bivouac"), USED);
}

#[test]
fn what_is_no_program_is_told() {
    let mut runner = Runner::new();
    runner.put_program("workspace/plain", PROGRAM);
    fs::set_permissions(runner.path("workspace/plain"), fs::Permissions::from_mode(0o644)).unwrap();
    runner.put_program("workspace/folder/bivouac", PROGRAM);
    refused(&mut runner, "missing", &["/workspace/missing`, which the input `binary` names, is not there"]);
    refused(&mut runner, "plain", &["is not executable", "chmod +x"]);
    refused(&mut runner, "folder", &["is not a file"]);
    refused(&mut runner, "/dev/null", &["is not a file"]);
}

#[test]
fn another_program_is_told_and_its_words_are_not_repeated() {
    for says in [
        "echo '::set-output name=path::/bin/sh'; echo '##[error]no' >&2",
        "echo 'bivouac 0.1.0'; exit 1",
        "printf 'bivouac 0.1.0\\n::set-output name=path::/bin/sh\\n'",
        "echo 'bivouacs 0.1.0'",
        "echo 'bivouac'",
        "echo 'bivouac 0.1.0 ##[error]'",
        "exit 3",
        "kill -9 $$",
    ] {
        let mut runner = Runner::new();
        runner.put_program("workspace/bivouac", &format!("#!/bin/sh\n{says}\n"));
        refused(&mut runner, "bivouac", &["does not answer `--version` as bivouac does"]);
    }
    let mut runner = Runner::new();
    runner.put_program("workspace/bivouac", "\u{7f}ELF");
    refused(&mut runner, "bivouac", &["does not answer `--version` as bivouac does"]);
}

#[test]
fn a_hostile_path_becomes_neither_a_command_nor_an_output() {
    let mut runner = Runner::new();
    runner.put_program("workspace/bivouac", PROGRAM);
    for binary in ["bivouac\nversion=9", "bivouac\n::set-output name=path::/bin/sh", "a\r::error::no", "a\u{1b}[2J"] {
        refused(&mut runner, binary, &["the input `binary` has a control character in it"]);
    }
    refused(&mut runner, "::set-output name=path::/bin/sh", &["`, which the input `binary` names, is not there"]);
    refused(&mut runner, "::set-output%0Aa", &["/::set-output%250Aa`"]);
    refused(&mut runner, "-e", &["/workspace/-e`"]);
    refused(&mut runner, "$(touch a)`touch b`", &["/workspace/$(touch a)`touch b``"]);
}

#[test]
fn both_a_program_and_a_build_are_refused() {
    let mut runner = Runner::new();
    runner.put_program("workspace/bivouac", PROGRAM);
    runner.input("BUILD_FROM_SOURCE", "true");
    refused(&mut runner, "bivouac", &["both `binary` and `build-from-source`"]);
}

#[test]
fn a_step_without_outputs_is_told() {
    let mut runner = Runner::new();
    runner.put_program("workspace/bivouac", PROGRAM);
    runner.input("BINARY", "bivouac");
    for output in ["", "/proc/nowhere/output"] {
        runner.set("GITHUB_OUTPUT", output);
        runner.run().failed(&["GITHUB_OUTPUT"]);
    }
}
