//! Directories that are not this pull request's preview.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::{Refusal, commit_change, deploy, teardown, write};
use crate::world::{World, sha};

const PATCH: &str = "overlays/ephemeral/pr-7/patch-helmrelease-values.yaml";

/// What `deploy` says of a `pr-7` that `change` makes. Proves that `teardown` refuses it too.
fn refused(change: impl FnOnce(&Path)) -> String {
    let world = World::new();
    world.open(7, &sha('a'));
    commit_change(&world, change);
    let refusal = Refusal::of(&world, deploy(&world, &[]));
    assert_eq!(refusal.code, 7, "{}", refusal.said);
    let forced = Refusal::of(&world, teardown(&world, &["--force"]));
    assert_eq!((forced.code, &forced.said), (7, &refusal.said));
    world.emulator.forge().close(crate::world::APPLICATION, 7).unwrap();
    assert_eq!(Refusal::of(&world, teardown(&world, &[])).code, 7);
    refusal.said
}

/// A preview's patch as it is after a first deploy, with one text in it replaced.
fn recorded(from: &str, to: &str) -> String {
    let world = World::new();
    world.open(7, &sha('a'));
    world.run(deploy(&world, &[])).ok();
    let patch = world.file(PATCH).unwrap();
    assert!(patch.contains(from), "{patch}");
    patch.replace(from, to)
}

#[test]
fn a_directory_that_a_person_made_is_left_alone() {
    let said = refused(|tree| write(&tree.join("overlays/ephemeral/pr-7/kustomization.yaml"), "resources: []\n"));
    insta::assert_snapshot!(said, @"
    error: `overlays/ephemeral/pr-7` is not a preview that Bivouac knows
      because it has no annotation `bivouac.dev/application-repository`
      hint move or remove the directory by hand, if nobody needs it
    ");
}

#[test]
fn a_directory_that_holds_only_other_files_is_left_alone() {
    let said = refused(|tree| write(&tree.join("overlays/ephemeral/pr-7/notes/precious.txt"), "precious\n"));
    assert!(said.starts_with("error: `overlays/ephemeral/pr-7` is not a preview that Bivouac knows"), "{said}");
}

#[test]
fn a_preview_of_another_repository_is_left_alone() {
    let patch = recorded("\"acme/wildside\"", "\"acme/other\"");
    insta::assert_snapshot!(refused(|tree| write(&tree.join(PATCH), patch)), @"
    error: `overlays/ephemeral/pr-7` is the preview of acme/other#7, not of this pull request
      hint give the applications different names with `preview.name`, or another root
    ");
}

#[test]
fn a_preview_of_another_pull_request_is_left_alone() {
    let patch = recorded("bivouac.dev/pull-request: \"7\"", "bivouac.dev/pull-request: \"8\"");
    insta::assert_snapshot!(refused(|tree| write(&tree.join(PATCH), patch)), @"
    error: `overlays/ephemeral/pr-7` is the preview of acme/wildside#8, not of this pull request
      hint give the applications different names with `preview.name`, or another root
    ");
}

#[test]
fn a_preview_with_a_senseless_record_is_left_alone() {
    let patch = recorded("bivouac.dev/generation: \"1\"", "bivouac.dev/generation: \"many\"");
    insta::assert_snapshot!(refused(|tree| write(&tree.join(PATCH), patch)), @"
    error: `overlays/ephemeral/pr-7` is not a preview that Bivouac knows
      because its annotation `bivouac.dev/generation` is `many`, which makes no sense
      hint move or remove the directory by hand, if nobody needs it
    ");
    let patch = recorded("bivouac.dev/pull-request: \"7\"", "bivouac.dev/pull-request: [7]");
    insta::assert_snapshot!(refused(|tree| write(&tree.join(PATCH), patch)), @"
    error: `overlays/ephemeral/pr-7` is not a preview that Bivouac knows
      because its annotation `bivouac.dev/pull-request` is `[7]`, which makes no sense
      hint move or remove the directory by hand, if nobody needs it
    ");
    let said = refused(|tree| write(&tree.join(PATCH), "metadata: {annotations: {a: b}\n"));
    assert!(
        said.starts_with(
            "error: `overlays/ephemeral/pr-7` is not a preview that Bivouac knows\n  because its patch is not YAML"
        ),
        "{said}"
    );
}

#[test]
fn the_words_of_a_record_can_not_be_commands() {
    let patch = recorded(
        "bivouac.dev/generation: \"1\"",
        "bivouac.dev/generation: \"\\n::error::x\\n##[add-mask]y\\u001b[31m\"",
    );
    let said = refused(|tree| write(&tree.join(PATCH), patch));
    assert!(!said.contains(['\u{1b}', '\r']), "{said:?}");
}

#[test]
fn a_stranger_directory_of_another_name_stops_nobody() {
    let world = World::new();
    world.open(7, &sha('a'));
    commit_change(&world, |tree| {
        let previews = tree.join("overlays/ephemeral");
        write(&previews.join("pr-8/kustomization.yaml"), "resources: []\n");
        write(&previews.join("pr-9/patch-helmrelease-values.yaml"), "bivouac.dev/pull-request: \"7\"\n");
        write(&previews.join("README.md"), "# Previews\n");
        symlink("pr-8", previews.join("latest")).unwrap();
    });
    assert_eq!(world.run(deploy(&world, &[])).ok().output("result"), "created");
    assert!(world.file("overlays/ephemeral/pr-9/patch-helmrelease-values.yaml").is_some());
}

#[test]
fn a_broken_directory_of_another_name_stops_nobody() {
    let world = World::new();
    world.open(7, &sha('a'));
    commit_change(&world, |tree| {
        let previews = tree.join("overlays/ephemeral");
        write(&previews.join("pr-8/patch-helmrelease-values.yaml"), b"\xff\xfe");
        fs::create_dir_all(previews.join("pr-9")).unwrap();
        symlink("../pr-8", previews.join("pr-9/patch-helmrelease-values.yaml")).unwrap();
        write(&previews.join("pr-10/patch-helmrelease-values.yaml/x"), "a directory\n");
    });
    let run = world.run(deploy(&world, &[])).ok();
    assert_eq!(run.output("result"), "created");
}
