//! The apps repository, its layout, what Flux is told of it, and the programs that its checks need.

use std::fs;

use super::{FLUX, commit, doctor, finds, healthy};
use crate::bad_input::{commit_change, write};
use crate::files::write_program;
use crate::world::{World, wildside};

#[test]
fn an_apps_repository_that_can_not_be_read_is_a_matter_of_the_set_up() {
    let world = healthy();
    let mut unnamed = doctor(&world);
    unnamed.env_remove("BIVOUAC_APPS_REPOSITORY");
    finds(&world, unnamed, 11, &[("apps-repository", "set-up", "is not named", "--apps-repository")]);

    let mut elsewhere = doctor(&world);
    elsewhere.env("BIVOUAC_APPS_REPOSITORY", "acme/nothing");
    let expected = [
        ("tokens", "set-up", "there is no apps repository", "check the name"),
        ("apps-repository", "set-up", "there is no apps repository", "check the name"),
    ];
    finds(&world, elsewhere, 11, &expected);

    let mut branch = doctor(&world);
    branch.args(["--apps-branch", "nowhere"]);
    let expected = [("apps-repository", "release-blocking", "has no branch `nowhere`", "--apps-branch")];
    finds(&world, branch, 12, &expected);
}

#[test]
fn each_part_of_the_layout_is_told_by_itself() {
    let root = format!("{}\nnext: true\n", wildside()["bivouac.yaml"]);
    let waits = FLUX.replace("wait: false", "wait: true, targetNamespace: all");
    let table: [(&str, &str, &[super::Wrong<'_>]); 8] = [
        ("bivouac.yaml", &root, &[("layout", "release-blocking", "`next`", "")]),
        (
            "base/kustomization.yaml",
            "resources: [nothing.yaml]\n",
            &[("layout", "release-blocking", "nothing.yaml", "")],
        ),
        (
            "overlays/ephemeral/kustomization.yaml",
            "resources: [pr-9, ../../base]\n",
            &[("layout", "release-blocking", "lists `pr-9`, which is not there", "put the directory back")],
        ),
        (
            "overlays/ephemeral/kustomization.yaml",
            "resources: {}\n",
            &[("layout", "release-blocking", "can not be edited", "put it right")],
        ),
        (
            "flux/previews.yaml",
            &FLUX.replace("prune: true, ", ""),
            &[("flux", "release-blocking", "`prune: true`", "docs/operations.md")],
        ),
        (
            "flux/previews.yaml",
            &waits,
            &[
                ("flux", "release-blocking", "`wait: true`", "`wait: false`"),
                ("flux", "release-blocking", "targetNamespace", "take `targetNamespace` out"),
            ],
        ),
        (
            "flux/previews.yaml",
            &FLUX.replace("ephemeral", "production"),
            &[(
                "flux",
                "release-blocking",
                "does not make Flux look at `overlays/ephemeral`",
                "path: ./overlays/ephemeral",
            )],
        ),
        ("flux/previews.yaml", "a: [", &[("flux", "release-blocking", "can not be read", "")]),
    ];
    for (path, text, expected) in table {
        let world = healthy();
        commit(&world, &[(path, text)]);
        finds(&world, doctor(&world), 12, expected);
    }
}

#[test]
fn what_is_missing_is_told() {
    let world = healthy();
    commit_change(&world, |tree| fs::remove_file(tree.join("bivouac.yaml")).unwrap());
    let expected = [("layout", "release-blocking", "has no `bivouac.yaml`", "bivouac init")];
    finds(&world, doctor(&world), 12, &expected);

    let world = healthy();
    commit_change(&world, |tree| fs::remove_dir_all(tree.join("base")).unwrap());
    finds(&world, doctor(&world), 12, &[("layout", "release-blocking", "has no `base`", "bivouac init")]);

    // The first preview brings the list, and what Flux is told may be elsewhere.
    let world = healthy();
    commit_change(&world, |tree| {
        fs::remove_dir_all(tree.join("overlays")).unwrap();
        fs::remove_dir_all(tree.join("flux")).unwrap();
    });
    finds(&world, doctor(&world), 0, &[]);
}

#[test]
fn two_roots_with_the_same_hosts_are_found_wherever_they_are() {
    let world = healthy();
    let other = wildside()["bivouac.yaml"].replace("application: wildside", "application: other");
    commit(&world, &[("deep/down/other/bivouac.yaml", &other)]);
    let expected = [("layout", "release-blocking", "give their previews the same hosts", "another `domain`")];
    finds(&world, doctor(&world), 12, &expected);
}

#[test]
fn something_in_the_way_is_told() {
    let world = healthy();
    commit_change(&world, |tree| {
        fs::remove_dir_all(tree.join("overlays")).unwrap();
        write(&tree.join("overlays"), "mine\n");
        fs::remove_dir_all(tree.join("flux")).unwrap();
        std::os::unix::fs::symlink("base", tree.join("flux")).unwrap();
    });
    let expected = [
        ("layout", "release-blocking", "`overlays` in the apps repository is a file", "remove or rename it"),
        ("flux", "release-blocking", "`flux` in the apps repository is a symbolic link", "remove or rename it"),
    ];
    finds(&world, doctor(&world), 12, &expected);
}

/// A world whose checks template the chart.
fn with_checks() -> World {
    let world = healthy();
    let text = format!("{}checks: {{chart: require}}\n", wildside()["bivouac.yaml"]);
    commit(&world, &[("bivouac.yaml", &text)]);
    world
}

#[test]
fn a_program_counts_where_a_check_runs_it() {
    let world = with_checks();
    finds(&world, doctor(&world), 0, &[]);
    let old = world.home.path().join("old");
    write_program(&old, "#!/bin/sh\necho v3.7.2+g663a896\n");
    let broken = world.home.path().join("broken");
    write_program(&broken, "#!/bin/sh\nenv >&2\nexit 3\n");
    for (helm, what) in [
        ("/nowhere/helm", "helm is not there"),
        (old.to_str().unwrap(), "helm 3.7.2"),
        (broken.to_str().unwrap(), "does not say its version"),
    ] {
        let mut command = doctor(&world);
        command.env("BIVOUAC_HELM", helm);
        let given: Vec<_> = command
            .get_args()
            .map(ToOwned::to_owned)
            .filter(|argument| !argument.to_string_lossy().ends_with("helm"))
            .collect();
        let mut command = world.bivouac(&[]);
        command.args(given).env("BIVOUAC_HELM", helm);
        finds(&world, command, 11, &[("tools", "set-up", what, "--helm")]);
    }
    // Without such a check it is only told.
    let world = healthy();
    let mut command = world.bivouac(&["doctor", "--format", "json", "--helm", "/nowhere", "--kustomize", "/nowhere"]);
    command.arg("--workflow-folder").arg(world.home.path().join("workflows"));
    finds(&world, command, 0, &[]);
}
