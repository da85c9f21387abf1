//! Something where something else should be: Bivouac neither follows nor replaces it.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;

use super::{Refusal, commit_change, deploy, teardown, write};
use crate::world::{World, checked, git_command, sha};

const PREVIEW: &str = "overlays/ephemeral/pr-7";

/// Puts a symbolic link in the place of `path`, which led to `target` before if it was there.
fn link(tree: &Path, path: &str, target: &str) {
    let (path, target) = (tree.join(path), tree.join(target));
    fs::create_dir_all(target.parent().unwrap()).unwrap();
    if path.exists() {
        fs::rename(&path, &target).unwrap();
    } else {
        fs::create_dir_all(&target).unwrap();
        write(&target.join("precious"), "precious\n");
    }
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    symlink(target, path).unwrap();
}

/// That neither `deploy` nor `teardown` goes on after `change`; what `deploy` said.
fn in_the_way(change: impl FnOnce(&Path)) -> String {
    let world = World::new();
    world.open(7, &sha('a'));
    commit_change(&world, change);
    let refusal = Refusal::of(&world, deploy(&world, &[]));
    assert_eq!(refusal.code, 7, "{}", refusal.said);
    let refusal_of_teardown = Refusal::of(&world, teardown(&world, &["--force"]));
    assert_eq!(refusal_of_teardown.code, 7, "{}", refusal_of_teardown.said);
    refusal.said
}

#[test]
fn a_file_in_the_place_of_the_previews_is_not_replaced() {
    let said = in_the_way(|tree| {
        fs::remove_dir_all(tree.join("overlays/ephemeral")).unwrap();
        write(&tree.join("overlays/ephemeral"), "mine\n");
    });
    insta::assert_snapshot!(said, @"
    error: `overlays/ephemeral` in the apps repository is a file, which Bivouac does not follow or replace
      hint remove or rename it: Bivouac needs that place, or reads from it
    ");
}

#[test]
fn a_file_in_the_place_of_the_overlays_is_not_replaced() {
    let said = in_the_way(|tree| {
        fs::remove_dir_all(tree.join("overlays")).unwrap();
        write(&tree.join("overlays"), "mine\n");
    });
    assert!(said.starts_with("error: `overlays` in the apps repository is a file"), "{said}");
}

#[test]
fn a_file_in_the_place_of_a_preview_is_not_replaced() {
    let said = in_the_way(|tree| write(&tree.join(PREVIEW), "mine\n"));
    assert!(said.starts_with("error: `overlays/ephemeral/pr-7` in the apps repository is a file"), "{said}");
}

#[test]
fn a_directory_in_the_place_of_a_file_is_not_replaced() {
    let said = in_the_way(|tree| write(&tree.join(PREVIEW).join("patch-helmrelease-values.yaml/x"), "mine\n"));
    assert!(said.contains("pr-7/patch-helmrelease-values.yaml` in the apps repository is a directory"), "{said}");
}

#[test]
fn a_symbolic_link_on_the_way_to_a_preview_is_not_followed() {
    for path in ["overlays", "overlays/ephemeral", PREVIEW] {
        let said = in_the_way(|tree| link(tree, path, "elsewhere/target"));
        let expected = format!("error: `{path}` in the apps repository is a symbolic link");
        assert!(said.starts_with(&expected), "{said}");
    }
}

#[test]
fn a_symbolic_link_in_the_place_of_the_configuration_is_not_followed() {
    insta::assert_snapshot!(in_the_way(|tree| link(tree, "bivouac.yaml", "elsewhere/bivouac.yaml")), @"
    error: `bivouac.yaml` in the apps repository is a symbolic link, which Bivouac does not follow or replace
      hint remove or rename it: Bivouac needs that place, or reads from it
    ");
}

#[test]
fn a_symbolic_link_in_the_place_of_the_roster_is_not_followed() {
    let roster = "overlays/ephemeral/kustomization.yaml";
    let said = in_the_way(|tree| link(tree, roster, "elsewhere/kustomization.yaml"));
    assert!(said.contains(&format!("`{roster}` in the apps repository is a symbolic link")), "{said}");
}

#[test]
fn a_symbolic_link_in_a_preview_is_not_followed() {
    for name in ["patch-helmrelease-values.yaml", "kustomization.yaml", "namespace.yaml"] {
        let path = format!("{PREVIEW}/{name}");
        let said = in_the_way(|tree| link(tree, &path, "elsewhere/target"));
        assert!(said.contains(&format!("`{path}` in the apps repository is a symbolic link")), "{said}");
    }
}

#[test]
fn a_symbolic_link_in_base_is_not_followed() {
    for path in ["base", "base/helmrelease.yaml", "base/kustomization.yaml"] {
        let refusal = Refusal::after(|tree| link(tree, path, "elsewhere/target"));
        assert_eq!(refusal.code, 7, "{}", refusal.said);
        let expected = format!("error: `{path}` in the apps repository is a symbolic link");
        assert!(refusal.said.starts_with(&expected), "{}", refusal.said);
    }
}

#[test]
fn a_symbolic_link_out_of_the_repository_is_not_followed() {
    let outside = tempfile::TempDir::new().unwrap();
    write(&outside.path().join("secret"), "secret of the machine\n");
    for path in [PREVIEW, "overlays/ephemeral/pr-7/patch-helmrelease-values.yaml"] {
        let said = in_the_way(|tree| {
            let path = tree.join(path);
            fs::create_dir_all(path.parent().unwrap()).unwrap();
            symlink(outside.path(), path).unwrap();
        });
        assert!(said.contains("is a symbolic link") && !said.contains("secret of the machine"), "{said}");
    }
    let names: Vec<_> = fs::read_dir(outside.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(names, ["secret"]);
}

#[test]
fn a_submodule_is_not_replaced() {
    for path in ["overlays/ephemeral", PREVIEW] {
        let said = in_the_way(|tree| {
            let _ = fs::remove_dir_all(tree.join(path));
            // git keeps the entry of a submodule that is not there yet, as long as its directory is.
            fs::create_dir_all(tree.join(path)).unwrap();
            let entry = format!("160000,{},{path}", sha('c'));
            let arguments = ["update-index", "--add", "--cacheinfo", &entry];
            if path == "overlays/ephemeral" {
                checked(&git_command(tree, tree).args(["rm", "-r", "--quiet", "--cached", path]).output().unwrap());
            }
            checked(&git_command(tree, tree).args(arguments).output().unwrap());
        });
        assert!(said.starts_with(&format!("error: `{path}` in the apps repository is a submodule")), "{said}");
    }
}
