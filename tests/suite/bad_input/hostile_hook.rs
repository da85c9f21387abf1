//! A server that refuses a push, and what it says about that.

use bivouac::emulator::RequestKind;

use super::{Refusal, deploy, is_command};
use crate::world::{World, sha};

/// A world whose server refuses every push with these words, as `printf` takes them.
fn refusing(words: &str) -> World {
    let world = World::new();
    world.open(7, &sha('a'));
    world.hook("pre-receive", &format!("printf '{words}' >&2\nexit 1"));
    world
}

#[test]
fn the_words_of_a_hook_that_refuses_are_shown() {
    let world = refusing("only on weekdays\\nask the platform team\\n");
    let refusal = Refusal::of_a_push(&world, deploy(&world, &[]));
    assert_eq!(refusal.code, 4);
    insta::assert_snapshot!(refusal.said, @"
    error: the apps repository `http://SERVER/acme/apps` refused the push: pre-receive hook declined: only on weekdays
        | ask the platform team
      hint let the token's owner push to this branch, by the rules of the branch or of the hook, or name another with `--apps-branch`
    ");
    let pushes =
        world.requests(RequestKind::Git).into_iter().filter(|request| request.path.ends_with("/git-receive-pack"));
    assert_eq!(pushes.count(), 1, "a refusal is not tried again");
}

#[test]
fn the_words_of_a_hook_are_neither_colours_nor_commands() {
    let world = refusing(
        "\\033[31mred\\033[0m\\n::error::one\\n  ::add-mask::two\\n##[error]three\\n###[group]four\\r::stop-commands::x\\n\\007",
    );
    let run = world.run(deploy(&world, &[]));
    assert_eq!(run.code, 4);
    let log = run.stderr.lines().filter(|line| !line.starts_with("::add-mask::token"));
    let (annotations, said): (Vec<_>, Vec<_>) = log.partition(|line| line.starts_with("::error title=Bivouac::"));
    assert_eq!(annotations.len(), 1);
    assert!(said.iter().all(|line| !is_command(line)), "{said:#?}");
    assert!(!run.stderr.contains(['\u{1b}', '\u{7}', '\r']), "{:?}", run.stderr);
    for word in ["red", "one", "two", "three", "four"] {
        assert!(said.iter().any(|line| line.contains(word)), "{word}: {said:#?}");
    }
}

#[test]
fn the_words_of_a_hook_are_no_older_commands_in_the_annotation_either() {
    let world = refusing("##[error]three\\n");
    let run = world.run(deploy(&world, &[]));
    // The runner looks for the older form of commands anywhere in a line.
    assert!(!run.stderr.contains("##["), "{}", run.stderr);
}

#[test]
fn a_hook_that_talks_without_end_is_cut_short() {
    let world = World::new();
    world.open(7, &sha('a'));
    world.hook("pre-receive", "yes 'no no no no no no no no no no' | head -n 20000 >&2\nexit 1");
    let refusal = Refusal::of_a_push(&world, deploy(&world, &[]));
    assert_eq!(refusal.code, 4);
    assert!(refusal.said.lines().count() < 50 && refusal.said.len() < 5_000, "{}", refusal.said.len());
}

#[test]
fn a_branch_that_takes_no_pushes_is_a_refusal() {
    let world = World::new();
    world.open(7, &sha('a'));
    world.hook("update", "echo 'refs/heads/main takes pull requests only' >&2\nexit 1");
    let refusal = Refusal::of_a_push(&world, deploy(&world, &[]));
    assert_eq!(refusal.code, 4);
    assert!(refusal.said.contains("takes pull requests only"), "{}", refusal.said);
}
