//! Several roots in one apps repository.

use std::collections::BTreeMap;

use super::{close, commits, is_quiet_now, list, message, said, sweep, template, told};
use crate::policy::steady;
use crate::world::{APPLICATION, World, sha, wildside};

/// A world with the usual root in `one`, and another one in `two` for the application `second`. Pull requests 1 and 2 have
/// previews in `one`, and 2 and 3 in `two`.
fn two_roots() -> World {
    let world = World::empty();
    let mut files = BTreeMap::new();
    for root in ["one", "two"] {
        files.extend(wildside().into_iter().map(|(path, text)| (format!("{root}/{path}"), text)));
    }
    files.insert("two/bivouac.yaml".to_owned(), second(""));
    world.commit_apps(&files, "Lay out two roots");
    template::put_up(&world, "one/", &[1, 2]);
    world.open(3, &sha('a'));
    for number in ["2", "3"] {
        world.run(world.bivouac(&["deploy", "--path", "two", "--pull-request", number])).ok();
    }
    world
}

/// The configuration of the second root, and what else it says.
fn second(more: &str) -> String {
    let usual = &wildside()["bivouac.yaml"];
    usual.replace("application: wildside", "application: second").replace("preview.example", "second.example") + more
}

fn configure(world: &World, text: String) {
    world.commit_apps(&[("two/bivouac.yaml".to_owned(), text)].into(), "Change the second root");
}

fn previews(world: &World, root: &str) -> Vec<String> {
    let tree = world.git(&["ls-tree", "-d", "--name-only", &format!("main:{root}/overlays/ephemeral")]);
    tree.lines().map(str::to_owned).collect()
}

#[test]
fn all_roots_are_swept_in_one_commit() {
    let world = two_roots();
    close(&world, &[1, 3]);
    let before = commits(&world);
    let run = sweep(&world, &["--all"]).ok();
    assert_eq!(
        (list(&run, "removed"), commits(&world)),
        (vec!["one/pr-1".to_owned(), "two/pr-3".to_owned()], before + 1)
    );
    assert_eq!((previews(&world, "one"), previews(&world, "two")), (vec!["pr-2".to_owned()], vec!["pr-2".to_owned()]));
    assert_eq!(
        (told(&world, 1), told(&world, 3)),
        ("removed closed / over".to_owned(), "removed closed / over".to_owned())
    );
    assert_eq!(told(&world, 2), "deploying, deploying / up, up");
    insta::assert_snapshot!(steady(&world, &message(&world)), @"
    preview: take down 2 previews

    - pr-1: the pull request is closed
    - pr-3: the pull request is closed

    Bivouac-Preview: pr-1
    Bivouac-Pull-Request: acme/wildside#1
    Bivouac-Commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    Bivouac-Application: wildside
    Bivouac-Change: removed
    Bivouac-Generation: 1
    Bivouac-Reason: closed
    Bivouac-Preview: pr-3
    Bivouac-Pull-Request: acme/wildside#3
    Bivouac-Commit: aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa
    Bivouac-Application: second
    Bivouac-Change: removed
    Bivouac-Generation: 1
    Bivouac-Reason: closed
    Bivouac-Run: http://SERVER/acme/wildside/actions/runs/42
    ");
    is_quiet_now(&world, &["--all"]);
    assert!(message(&world).lines().count() > 5);
}

#[test]
fn one_root_is_swept_without_the_others() {
    let world = two_roots();
    close(&world, &[1, 3]);
    let run = sweep(&world, &["--path", "two"]).ok();
    assert_eq!((list(&run, "removed"), previews(&world, "one").len()), (vec!["pr-3".to_owned()], 2));
    assert_eq!(told(&world, 1), "deploying / up");
}

#[test]
fn a_root_that_can_not_be_read_is_named_after_the_others_are_swept() {
    let world = two_roots();
    close(&world, &[1, 3]);
    configure(&world, "version: 9\n".to_owned());
    let run = sweep(&world, &["--all"]);
    assert_eq!(
        (run.code, list(&run, "removed"), list(&run, "failed")),
        (3, vec!["one/pr-1".to_owned()], vec!["the root `two`".to_owned()])
    );
    insta::assert_snapshot!(said(&world, &run), @"
     WARN another root can not be read: `two/bivouac.yaml` line 1, column 10: version `9` is not known: this Bivouac reads version 1
    ERROR the root `two`: `two/bivouac.yaml` line 1, column 10: version `9` is not known: this Bivouac reads version 1
    error: the sweep could not do everything: the root `two`
      because `two/bivouac.yaml` line 1, column 10: version `9` is not known: this Bivouac reads version 1
      hint the rest was done; what was left is tried again by the next sweep
    ");
    assert_eq!((previews(&world, "two").len(), told(&world, 3)), (2, "deploying / up".to_owned()));
}

#[test]
fn a_repository_that_can_not_be_seen_is_named_after_the_others_are_swept() {
    let world = two_roots();
    close(&world, &[1, 3]);
    let patch = world.file("two/overlays/ephemeral/pr-3/patch-helmrelease-values.yaml").unwrap();
    let other = patch.replace("acme/wildside\"", "acme/hidden\"");
    world
        .commit_apps(&[("two/overlays/ephemeral/pr-3/patch-helmrelease-values.yaml".to_owned(), other)].into(), "Move");
    configure(&world, second("").replace("repository: acme/wildside\n", "repository: acme/hidden\n"));
    let run = sweep(&world, &["--all"]);
    assert_eq!(
        (run.code, list(&run, "removed"), previews(&world, "two").len()),
        (4, vec!["one/pr-1".to_owned()], 2),
        "{}",
        run.stderr
    );
    assert_eq!(list(&run, "failed"), ["the root `two`"]);
}

#[test]
fn a_root_that_chooses_files_is_told_them_beside_one_that_does_not() {
    let world = two_roots();
    configure(&world, second("preview: {paths: {include: ['api/**']}}\n"));
    world.emulator.forge().change(APPLICATION, 3, |of| of.files = vec!["api/main.rs".to_owned()]).unwrap();
    let run = sweep(&world, &["--all"]).ok();
    assert_eq!((list(&run, "removed"), previews(&world, "one").len()), (vec!["two/pr-2".to_owned()], 2));
}

#[test]
fn a_repository_without_any_root_is_an_error() {
    let world = World::empty();
    world.commit_apps(&[("README.md".to_owned(), "# Nothing\n".to_owned())].into(), "Begin");
    let run = sweep(&world, &["--all"]);
    assert_eq!((run.code, run.outputs.len()), (3, 0));
    insta::assert_snapshot!(said(&world, &run), @"
    error: the apps repository has no `bivouac.yaml` anywhere
      hint lay a root out with `bivouac init`
    ");
    assert_eq!(sweep(&world, &[]).code, 3);
}
