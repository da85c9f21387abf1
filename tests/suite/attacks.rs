//! States and inputs that once led to something wrong, each told by what is right.

use std::collections::BTreeMap;

use crate::world::{BASE, TOKEN, World, git_command, sha};

fn with(world: &World, files: &[(&str, &str)]) {
    let files: BTreeMap<_, _> = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned())).collect();
    world.commit_apps(&files, "A person's change");
}

#[test]
fn a_repository_without_a_default_branch_is_not_guessed_about() {
    let world = World::new();
    world.open(7, &sha('a'));
    world.git(&["branch", "a-feature", "main"]);
    world.git(&["symbolic-ref", "HEAD", "refs/heads/gone"]);
    let run = world.deploy(7, &sha('a'));
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(run.stderr.contains("names no default branch: it has `a-feature`, `main`"), "{}", run.stderr);
    let run = world.on_event("deploy", "opened", 7, &sha('a'), &["--apps-branch", "main"]).ok();
    assert_eq!(run.output("apps-commit"), world.tip());
}

#[test]
fn a_target_namespace_that_a_pattern_of_base_reaches_is_the_previews() {
    let world = World::new();
    let patch = "- {op: add, path: /spec/targetNamespace, value: production}";
    let base = format!(
        "resources: [helmrelease.yaml]\npatches:\n- target: {{kind: \"HelmRelease|Foo\"}}\n  patch: |\n    {patch}\n"
    );
    with(&world, &[("base/kustomization.yaml", &base)]);
    world.open(7, &sha('a'));
    world.deploy(7, &sha('a')).ok();
    let patch = world.file("overlays/ephemeral/pr-7/patch-helmrelease-values.yaml").unwrap();
    assert!(patch.contains("targetNamespace: \"wildside-pr-7\""), "{patch}");
}

#[test]
fn what_can_change_the_release_unseen_is_refused() {
    for (used, what) in [
        ("transformers: [t.yaml]\n", "transformers"),
        ("replacements: [{path: r.yaml}]\n", "replacements"),
        ("patches: [{path: \"https://example.com/p.yaml\"}]\n", "a patch that is fetched from elsewhere"),
    ] {
        let world = World::new();
        with(&world, &[("base/kustomization.yaml", &format!("resources: [helmrelease.yaml]\n{used}"))]);
        world.open(7, &sha('a'));
        let (before, run) = (world.tip(), world.deploy(7, &sha('a')));
        assert_eq!((run.code, world.tip()), (3, before), "{}", run.stderr);
        assert!(run.stderr.contains(what), "{}", run.stderr);
    }
}

#[test]
fn a_patch_for_labels_that_the_release_has_not_stops_nobody() {
    let world = World::new();
    let patch = "patches:\n- target: {labelSelector: \"app=web\"}\n  patch: |\n    - {op: replace, path: /spec/replicas, value: 1}\n";
    with(&world, &[("base/kustomization.yaml", &format!("resources: [helmrelease.yaml]\n{patch}"))]);
    world.open(7, &sha('a'));
    world.deploy(7, &sha('a')).ok();
}

#[test]
fn a_namespace_that_a_patch_of_base_states_counts() {
    let world = World::new();
    let release = BASE.replace(", namespace: flux-system", "");
    let patch = "resources: [helmrelease.yaml]\npatches:\n- target: {kind: HelmRelease}\n  patch: |\n    - {op: add, path: /metadata/namespace, value: apps}\n";
    with(&world, &[("base/kustomization.yaml", patch), ("base/helmrelease.yaml", &release)]);
    world.open(7, &sha('a'));
    world.deploy(7, &sha('a')).ok();
    let patch = world.file("overlays/ephemeral/pr-7/patch-helmrelease-values.yaml").unwrap();
    assert!(patch.contains("namespace: \"apps\""), "{patch}");
}

#[test]
fn a_hook_of_a_repository_on_this_machine_gets_no_token() {
    let world = World::new();
    world.open(7, &sha('a'));
    let seen = world.home.path().join("seen");
    world.hook("pre-receive", &format!("env > {}", seen.display()));
    let url = format!("file://{}", world.apps.display());
    let mut command = world.event_command("deploy", "opened", 7, &sha('a'), &["--apps-repository", &url]);
    command.env("BIVOUAC_APPS_TOKEN", TOKEN).env("GIT_PROTOCOL", "version=2");
    world.run(command).ok();
    let seen = std::fs::read_to_string(seen).unwrap();
    assert!(!seen.contains(TOKEN), "{seen}");
}

#[test]
fn a_list_survives_a_directory_that_makes_no_sense() {
    let world = World::new();
    world.open(7, &sha('a'));
    world.deploy(7, &sha('a')).ok();
    let folder = world.checkout();
    let tree = folder.path().join("tree");
    std::fs::create_dir(tree.join("overlays/ephemeral/odd")).unwrap();
    let link = tree.join("overlays/ephemeral/odd/patch-helmrelease-values.yaml");
    std::os::unix::fs::symlink("/etc/passwd", link).unwrap();
    let git = |arguments: &[&str]| {
        assert!(git_command(&tree, world.home.path()).args(arguments).status().unwrap().success());
    };
    git(&["add", "--all"]);
    git(&["commit", "--quiet", "--message", "odd"]);
    git(&["push", "--quiet", "origin", "HEAD:main"]);
    let run = world.run(world.bivouac(&["list"])).ok();
    assert!(run.stdout.contains("pr-7") && !run.stdout.contains("odd"), "{}", run.stdout);
}

#[test]
fn a_comment_with_a_senseless_generation_is_put_right_and_not_counted_on_from() {
    let world = World::new();
    world.open(7, &sha('a'));
    let marker = format!("<!-- bivouac application=wildside generation={} state=deploying -->", u64::MAX);
    let bot = bivouac::emulator::Actor::bot("github-actions[bot]");
    world.emulator.forge().comment(crate::world::APPLICATION, 7, bot, &marker).unwrap();
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!((run.output("result"), world.comments(7).len()), ("created", 1));
    assert!(world.comments(7)[0].contains(" generation=1 state=deploying "), "{:?}", world.comments(7));
    assert_eq!(world.deploy(7, &sha('a')).ok().output("result"), "unchanged");
}

#[test]
fn a_variable_can_not_smuggle_a_workflow_command_into_the_log() {
    let world = World::new();
    let mut command = world.bivouac(&["deploy"]);
    command.env("BIVOUAC_PULL_REQUEST", "1\n::warning::pwned\n::stop-commands::x");
    let run = world.run(command);
    assert_eq!(run.code, 2);
    let is_command = |line: &&str| line.trim_start().starts_with("::") && !line.starts_with("::error title=Bivouac::");
    assert_eq!(run.stderr.lines().find(is_command), None, "{}", run.stderr);
}
