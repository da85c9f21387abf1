//! Whatever Git can hold, beside our own.

use std::io::Write as _;
use std::process::Stdio;

use super::listing::Commit;
use super::{BACKENDS, Life, laid_out};
use crate::world::{World, checked, git_command, sha};

const POINTER: &[u8] = b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12345\n";
const EMPTY_TREE: &str = "4b825dc642cb6eb9a060e54bf8d69288fbee4904";

/// Something of every kind in a directory, which is empty or ends with `/`.
fn everything(commit: Commit, directory: &str) -> Commit {
    let at = |name: &[u8]| [directory.as_bytes(), name].concat();
    commit
        .file("100755", &at(b"run.sh"), b"#!/bin/sh\n")
        .file("120000", &at(b"link"), b"../nowhere")
        .file("120000", &at(b"link-up"), b".")
        .file("100644", &at(b"picture.bin"), POINTER)
        .file("100644", &at(b".gitattributes"), b"*.bin filter=lfs diff=lfs merge=lfs -text\n")
        .file("100644", &at(b"caf\xe9.md"), b"caf\xe9\n")
        .file("100644", &at("käse/grün".as_bytes()), b"\n")
        .file("100644", &at(b"two\nlines \"quoted\" 'and' \\more\t.md"), b"")
        .file("100644", &at(b"-rf"), b"\r\n")
        .file("100644", &at(b"README"), b"upper\n")
        .file("100644", &at(b"readme"), b"lower\n")
        .file("100644", &at(b"kept/.gitkeep"), b"")
        .file("100644", &at(b"x.y"), b"sorts before x/\n")
        .file("100644", &at(b"x/y"), b"sorts after x.y\n")
        .object("160000", &format!("{directory}module"), &sha('1'))
        .object("040000", &format!("{directory}nothing"), EMPTY_TREE)
}

fn odd(root: &str) -> World {
    let world = World::empty();
    world.commit_apps(&laid_out(root), "Lay out the apps repository");
    world.git(&["hash-object", "-w", "-t", "tree", "/dev/null"]);
    let prefix = if root == "." { String::new() } else { format!("{root}/") };
    let twins = [format!("{prefix}overlays/ephemeral/PR-7/x.yaml"), format!("{prefix}OVERLAYS/ephemeral/pr-7/x.yaml")];
    let commit = twins.iter().fold(Commit::new(&world), |commit, twin| commit.file("100644", twin.as_bytes(), b"x\n"));
    let directories = ["", "overlays/", "overlays/ephemeral/", "overlays/ephemeral/pr-70/", "base/odd/"];
    let commit = directories.iter().fold(commit, |commit, name| everything(commit, &format!("{prefix}{name}")));
    let commit = if root == "." { commit } else { everything(commit, "") };
    let noise: Vec<u8> = (0..500_000_u32).flat_map(|number| number.wrapping_mul(2_654_435_761).to_le_bytes()).collect();
    commit.file("100644", format!("{prefix}noise.bin").as_bytes(), &noise).make(&world);
    world
}

#[test]
fn whatever_is_beside_a_preview_stays_as_it_is() {
    for backend in BACKENDS {
        for root in [".", "a/b/c/d/e/f"] {
            let world = odd(root);
            Life { world: &world, root, backend }.is_lived(|_| {});
        }
    }
}

/// Git of old wrote modes that nobody writes today.
#[test]
fn a_mode_of_old_stays_as_it_is() {
    for backend in BACKENDS {
        let world = World::new();
        for directory in ["overlays/ephemeral", "overlays", "."] {
            with_an_old_mode(&world, directory);
        }
        Life { world: &world, root: ".", backend }.is_lived(|_| {});
    }
}

/// Adds a file of mode 100664 to a directory.
fn with_an_old_mode(world: &World, directory: &str) {
    let git = |arguments: &[&str], input: &str| {
        let mut command = git_command(&world.apps, world.home.path());
        let mut running = command.args(arguments).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
        running.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
        checked(&running.wait_with_output().unwrap()).trim().to_owned()
    };
    let file = git(&["hash-object", "-w", "--stdin"], "old\n");
    let (mut path, mut added) = (directory.to_owned(), format!("100664 blob {file}\told.txt"));
    loop {
        let name = if path == "." { "main^{tree}".to_owned() } else { format!("main:{path}") };
        let changed = added.split('\t').nth(1).unwrap().trim().to_owned();
        let lines = world.git(&["ls-tree", &name]);
        let others = lines.lines().filter(|line| line.split('\t').nth(1) != Some(changed.as_str()));
        let tree = git(&["mktree"], &others.chain([added.as_str()]).collect::<Vec<_>>().join("\n"));
        if path == "." {
            let commit = world.git(&["commit-tree", &tree, "-p", "main", "-m", "An old mode"]);
            world.git(&["update-ref", "refs/heads/main", commit.trim()]);
            // `ls-tree` tells of modes that are written today.
            let raw = world.git(&["cat-file", "tree", &format!("main:{}", directory.trim_matches('.'))]);
            assert!(raw.contains("100664 old.txt"), "{directory}");
            return;
        }
        let (parent, name) = path.rsplit_once('/').map_or((".", path.as_str()), |(parent, name)| (parent, name));
        added = format!("040000 tree {tree}\t{name}");
        path = parent.to_owned();
    }
}

#[test]
fn what_others_put_into_a_preview_stays_with_it_and_goes_with_it() {
    // `auto` is the API until it has to delete a name that the API can not say.
    for backend in ["git", "auto"] {
        let world = World::new();
        Life { world: &world, root: ".", backend }.is_lived(|world| {
            world.git(&["hash-object", "-w", "-t", "tree", "/dev/null"]);
            everything(Commit::new(world), "overlays/ephemeral/pr-7/").make(world);
        });
    }
}

#[test]
fn what_the_api_can_not_delete_is_told_and_left() {
    let world = World::new();
    let life = Life { world: &world, root: ".", backend: "github" };
    world.open(7, &sha('a'));
    assert_eq!(life.run("deploy", 'a').ok().output("result"), "created");
    everything(Commit::new(&world), "overlays/ephemeral/pr-7/").make(&world);
    let tip = world.tip();
    let run = world.run(world.bivouac(&["teardown", "--force", "--pull-request", "7", "--backend", "github"]));
    assert_eq!((run.code, world.tip()), (2, tip), "{}", run.stderr);
    assert!(run.stderr.contains("not UTF-8") && run.stderr.contains("`--backend git`"), "{}", run.stderr);
}
