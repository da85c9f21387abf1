//! Credentials that are wrong, missing or too weak.

use bivouac::emulator::RequestKind;

use super::{Refusal, deploy};
use crate::world::{READER, TOKEN, World, sha};

fn world() -> World {
    let world = World::new();
    world.open(7, &sha('a'));
    world
}

#[test]
fn a_token_that_may_only_read_is_told_so_and_asked_once() {
    let world = world();
    let mut command = deploy(&world, &[]);
    command.env("BIVOUAC_APPS_TOKEN", READER);
    let refusal = Refusal::of_a_push(&world, command);
    assert_eq!(refusal.code, 4);
    insta::assert_snapshot!(refusal.said, @"
    error: the apps repository `http://SERVER/acme/apps` does not allow to push to it: Permission to acme/apps.git denied to reader.
      hint give the token write access, `contents: write` on the apps repository; without `BIVOUAC_APPS_TOKEN` (the input `apps-token`) it is the GitHub token
    ");
    let pushes = world.requests(RequestKind::Git).into_iter().filter(|request| request.path.contains("receive-pack"));
    assert_eq!(pushes.count(), 1);
}

#[test]
fn wrong_credentials_are_told_so_and_tried_once() {
    let world = world();
    let mut command = deploy(&world, &[]);
    command.env("BIVOUAC_APPS_TOKEN", "wrong");
    let refusal = Refusal::of(&world, command);
    assert_eq!((refusal.code, refusal.git_requests), (4, 1));
    insta::assert_snapshot!(refusal.said, @"
    error: the apps repository `http://SERVER/acme/apps` does not accept the credentials: Invalid username or token. Password authentication is not supported for Git operations.
      hint set `BIVOUAC_APPS_TOKEN` (the input `apps-token`) to a token that may push there; the GitHub token goes to its own server only
    ");
}

#[test]
fn a_wrong_token_for_the_forge_is_told_so_and_tried_once() {
    let world = world();
    let mut command = deploy(&world, &[]);
    command.env("GITHUB_TOKEN", "wrong").env("BIVOUAC_APPS_TOKEN", TOKEN);
    let refusal = Refusal::of(&world, command);
    assert_eq!(refusal.code, 4);
    assert_eq!(world.requests(RequestKind::Graphql).len(), 1);
    insta::assert_snapshot!(refusal.said, @"
    error: the forge does not accept the token: Bad credentials
      hint set `GITHUB_TOKEN` (in a workflow: `${{ github.token }}`)
    ");
}

#[test]
fn without_a_token_for_the_forge_nobody_is_asked() {
    let world = world();
    let mut command = deploy(&world, &[]);
    command.env("GITHUB_TOKEN", "");
    let refusal = Refusal::of(&world, command);
    assert_eq!((refusal.code, refusal.git_requests), (2, 0));
    insta::assert_snapshot!(refusal.said, @"
    error: there is no token for the forge
      hint set `GITHUB_TOKEN` (in a workflow: `${{ github.token }}`), or give `--github-token-file`
    ");
}

#[test]
fn a_token_file_that_is_missing_or_empty_is_named() {
    let world = world();
    let nowhere = world.home.path().join("nowhere");
    let refusal = Refusal::of(&world, deploy(&world, &["--apps-token-file", &nowhere.to_string_lossy()]));
    assert_eq!((refusal.code, refusal.git_requests), (2, 0));
    assert!(refusal.said.starts_with("error: the file `HOME/nowhere` can not be read"), "{}", refusal.said);
    let empty = world.home.path().join("empty");
    super::write(&empty, "\n");
    let refusal = Refusal::of(&world, deploy(&world, &["--apps-token-file", &empty.to_string_lossy()]));
    assert_eq!((refusal.code, refusal.git_requests), (2, 0));
    assert!(refusal.said.starts_with("error: the file `HOME/empty` is empty"), "{}", refusal.said);
}

#[test]
fn a_token_that_no_header_can_hold_is_refused_and_not_shown() {
    for name in ["BIVOUAC_APPS_TOKEN", "GITHUB_TOKEN"] {
        let world = world();
        let mut command = deploy(&world, &[]);
        command.env("BIVOUAC_APPS_TOKEN", TOKEN).env(name, "first-line\nsecond-line");
        let refusal = Refusal::of(&world, command);
        assert!(refusal.code < 10, "{}: {}", refusal.code, refusal.said);
        assert!(!refusal.said.contains("second-line") && !refusal.said.contains("panicked"), "{}", refusal.said);
    }
}
