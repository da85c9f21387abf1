//! Options that make no sense.

use super::{Refusal, deploy};
use crate::world::{World, sha};

/// What clap says, without the usage that follows.
fn refused(arguments: &[&str]) -> String {
    let refusal = Refusal::of_arguments(arguments);
    assert_eq!((refusal.code, refusal.git_requests), (2, 0), "{}", refusal.said);
    refusal.said.lines().next().unwrap_or_default().to_owned()
}

#[test]
fn an_image_that_the_configuration_does_not_know_is_refused_with_those_it_knows() {
    let refusal = Refusal::of_arguments(&["--image", "worker=v1"]);
    assert_eq!(refusal.code, 2);
    insta::assert_snapshot!(refusal.said, @"error: `bivouac.yaml` has no image `worker`: it has `backend`, `frontend`");
}

#[test]
fn an_image_without_a_tag_or_a_name_is_refused() {
    insta::assert_snapshot!(refused(&["--image", "backend"]), @"error: invalid value 'backend' for '--image <NAME=TAG>': write it as NAME=TAG, such as `backend=v1.2`");
    insta::assert_snapshot!(refused(&["--image", "=x"]), @"error: invalid value '=x' for '--image <NAME=TAG>': `` is not an image name: use 1-63 of a-z, 0-9 and `-`, starting and ending with a letter or digit");
    insta::assert_snapshot!(refused(&["--image", "backend="]), @"error: invalid value 'backend=' for '--image <NAME=TAG>': `` is not an image tag: use 1-128 of letters, digits, `_`, `.` and `-`, not starting with `.` or `-`");
}

#[test]
fn an_image_given_twice_is_refused() {
    let refusal = Refusal::of_arguments(&["--image", "backend=v1", "--image", "backend=v2"]);
    assert_eq!((refusal.code, refusal.git_requests), (2, 0));
    insta::assert_snapshot!(refusal.said, @"
    error: an image is given two tags
      hint give each `--image` once
    ");
}

#[test]
fn a_path_out_of_the_repository_is_refused() {
    insta::assert_snapshot!(refused(&["--path", "../x"]), @"error: invalid value '../x' for '--path <DIRECTORY>': `../x` is not a path in the repository: give it from the top, without `..`, such as `apps/wildside`");
    insta::assert_snapshot!(refused(&["--path", "/etc"]), @"error: invalid value '/etc' for '--path <DIRECTORY>': `/etc` is not a path in the repository: give it from the top, without `..`, such as `apps/wildside`");
}

#[test]
fn a_negative_patience_is_refused() {
    insta::assert_snapshot!(refused(&["--patience=-1s"]), @"error: invalid value '-1s' for '--patience <TIME>': give a length of time, such as `2m` or `90s`");
    insta::assert_snapshot!(refused(&["--patience", "-1s"]), @"error: unexpected argument '-1' found");
}

#[test]
fn a_number_or_a_commit_that_is_none_is_refused() {
    insta::assert_snapshot!(refused(&["--pull-request", "0"]), @"error: invalid value '0' for '--pull-request <NUMBER>': `0` is not the number of a pull request: give a number from 1 on");
    insta::assert_snapshot!(refused(&["--commit", "aaaaaaa"]), @"error: invalid value 'aaaaaaa' for '--commit <SHA>': `aaaaaaa` is not the id of a commit: give all 40 hexadecimal digits, not a branch or a short form");
}

#[test]
fn the_backend_of_the_forge_is_for_what_is_on_the_forge() {
    for elsewhere in ["https://git.example.com/acme/apps", "git@example.com:acme/apps", "file:///srv/git/apps.git"] {
        let refusal = Refusal::of_arguments(&["--backend", "github", "--apps-repository", elsewhere]);
        assert_eq!((refusal.code, refusal.git_requests), (2, 0), "{}", refusal.said);
        assert!(
            refusal.said.starts_with("error: `--backend github` is for a repository on the forge, `"),
            "{}",
            refusal.said
        );
        assert!(
            refusal.said.ends_with("hint give `--backend git`, or name the repository as OWNER/NAME"),
            "{}",
            refusal.said
        );
    }
}

#[test]
fn an_option_that_makes_no_sense_is_told_at_the_top_of_the_run() {
    let world = World::new();
    let mut command = world.bivouac(&["deploy"]);
    command.env("BIVOUAC_PULL_REQUEST", "seven");
    let run = world.run(command);
    assert_eq!(run.code, 2);
    let annotations: Vec<_> = run.stderr.lines().filter(|line| line.starts_with("::error")).collect();
    assert_eq!(annotations.len(), 1, "{}", run.stderr);
    assert!(annotations[0].contains("is not the number of a pull request"), "{}", run.stderr);
}

#[test]
fn a_variable_of_several_lines_is_refused_and_not_overlooked() {
    let world = World::new();
    world.open(7, &sha('a'));
    for (name, value) in [("PULL_REQUEST", "8\n9"), ("APPS_BRANCH", "release\nmain"), ("PATIENCE", "1s\n2s")] {
        let mut command = deploy(&world, &["--dry-run"]);
        command.env(format!("BIVOUAC_{name}"), value);
        let run = world.run(command);
        assert_eq!(run.code, 2, "{name}: {}", run.stdout);
    }
}

#[test]
fn help_on_a_command_is_shown_whatever_the_variables_say() {
    let world = World::new();
    let run = world.run(world.bivouac(&["help", "deploy"]));
    assert_eq!(run.code, 0, "{}", run.stderr);
    assert!(run.stdout.contains("--pull-request"), "{}", run.stdout);
}
