//! What can be in an apps repository: long files, links, strange names, things that are not ours.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::{PREVIEW, ROSTER, asked, commits, tells_the_tip, world};
use crate::bad_input::{commit_change, write};
use crate::world::{APPLICATION, World, sha};

/// What `deploy` says after `change`.
fn said_after(change: impl FnOnce(&Path), code: i32) -> String {
    let world = world();
    commit_change(&world, change);
    let run = world.deploy(7, &sha('a'));
    assert_eq!((run.code, commits(&world)), (code, 2), "{}", run.stderr);
    run.stderr.lines().find(|line| line.starts_with("error:")).unwrap_or_default().to_owned()
}

#[test]
fn a_roster_that_graphql_cuts_off_is_read_whole() {
    let world = world();
    let comment = format!("# {}\n", "x".repeat(97)).repeat(6_000);
    commit_change(&world, |tree| {
        let roster = fs::read_to_string(tree.join(ROSTER)).unwrap();
        write(&tree.join(ROSTER), roster + &comment);
    });
    let run = world.deploy(7, &sha('a')).ok();
    tells_the_tip(&world, &run);
    let roster = world.file(ROSTER).unwrap();
    assert!(roster.contains("- \"pr-7\"") && roster.contains(&comment), "{}", roster.len());
    let blobs = asked(&world).into_iter().filter(|asked| asked.starts_with("GET apps/git/blobs/"));
    assert_eq!(blobs.count(), 1, "{:#?}", asked(&world));
}

#[test]
fn something_that_is_no_text_is_told_of_where_it_is_read() {
    for bytes in [&b"\0\x01binary"[..], b"caf\xe9\n", b"\xf0\x9f\x98"] {
        let said = said_after(|tree| write(&tree.join(ROSTER), bytes), 3);
        assert_eq!(said, format!("error: `{ROSTER}` in the apps repository is not UTF-8 text"), "{bytes:?}");
    }
    // Nobody reads it here.
    let world = world();
    commit_change(&world, |tree| write(&tree.join("base/logo.png"), b"\x89PNG\0\xff"));
    world.deploy(7, &sha('a')).ok();
}

#[test]
fn a_link_is_never_followed() {
    for path in ["overlays", "overlays/ephemeral", PREVIEW, ROSTER, "bivouac.yaml", "base/helmrelease.yaml"] {
        let link = |tree: &Path| {
            let (from, to) = (tree.join(path), tree.join("elsewhere"));
            if from.exists() {
                fs::rename(&from, &to).unwrap();
            } else {
                write(&to.join("precious"), "precious\n");
            }
            symlink(&to, &from).unwrap();
        };
        let said = said_after(link, 7);
        let expected = format!("error: `{path}` in the apps repository is a symbolic link");
        assert!(said.starts_with(&expected), "{said}");
    }
}

#[test]
fn a_file_or_a_submodule_in_the_way_is_not_replaced() {
    let said = said_after(|tree| write(&tree.join(PREVIEW), "mine\n"), 7);
    assert!(said.starts_with(&format!("error: `{PREVIEW}` in the apps repository is a file")), "{said}");

    let world = world();
    let tip = world.tip();
    world.git(&["read-tree", "main"]);
    world.git(&["update-index", "--add", "--cacheinfo", &format!("160000,{tip},{PREVIEW}")]);
    let tree = world.git(&["write-tree"]);
    let commit = world.git(&["commit-tree", tree.trim(), "-p", "main", "-m", "A submodule"]);
    world.git(&["update-ref", "refs/heads/main", commit.trim()]);
    let run = world.deploy(7, &sha('a'));
    assert_eq!(run.code, 7, "{}", run.stderr);
    assert!(run.stderr.contains(&format!("`{PREVIEW}` in the apps repository is a submodule")), "{}", run.stderr);
}

/// A world with a preview whose directory holds more than what Bivouac wrote, right before its end.
fn with_more(change: impl FnOnce(&Path)) -> World {
    let world = world();
    world.deploy(7, &sha('a')).ok();
    commit_change(&world, change);
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    world.emulator.forget_requests();
    world
}

#[test]
fn a_preview_goes_with_everything_that_others_put_into_it() {
    let world = with_more(|tree| {
        let preview = tree.join(PREVIEW);
        write(&preview.join("notes/deep/down/below.txt"), "mine\n");
        write(&preview.join("notes/a \"quoted\" näme"), b"\0\xff");
        write(&preview.join("other/x"), "");
        symlink("notes", preview.join("link")).unwrap();
    });
    let run = world.teardown(7, &sha('a')).ok();
    assert_eq!(run.output("result"), "removed");
    tells_the_tip(&world, &run);
    let left = world.git(&["ls-tree", "-r", "--name-only", "main"]);
    assert!(!left.contains("pr-7") && left.contains(ROSTER), "{left}");
}

#[test]
fn a_name_that_the_api_can_not_say_is_left_to_git() {
    let strange = |tree: &Path| {
        write(&tree.join(PREVIEW).join(OsStr::from_bytes(b"caf\xe9")), "mine\n");
    };
    let world = with_more(strange);
    let run = world.on_event("teardown", "closed", 7, &sha('a'), &["--backend", "github"]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("whose name is not UTF-8") && run.stderr.contains("`--backend git`"), "{}", run.stderr);
    let run = world.teardown(7, &sha('a')).ok();
    assert_eq!(run.output("result"), "removed");
    tells_the_tip(&world, &run);
    assert!(!world.git(&["ls-tree", "-r", "main"]).contains("pr-7"));
}

#[test]
fn an_executable_roster_is_rewritten_and_told_of() {
    let world = world();
    commit_change(&world, |tree| {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(tree.join(ROSTER), fs::Permissions::from_mode(0o755)).unwrap();
    });
    let run = world.on_event("deploy", "opened", 7, &sha('a'), &["-v"]).ok();
    assert!(run.stderr.contains("is executable, and may be no longer"), "{}", run.stderr);
}
