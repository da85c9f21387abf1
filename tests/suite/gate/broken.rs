//! Bases that Bivouac reads without complaint, and kustomize does not build.

use super::*;
use crate::world::APPLICATION;

/// Base's kustomization, further files, the place that is told of, and kustomize's own words.
type Case = (&'static str, &'static [(&'static str, &'static str)], &'static str, &'static str);

const NOWHERE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: nowhere}\n";
const CASES: [Case; 10] = [
    (
        "resources: [helmrelease.yaml]\npatches: [{path: p.yaml}]",
        &[("base/p.yaml", NOWHERE)],
        "base/kustomization.yaml",
        "failed to find unique target for patch ConfigMap.v1.[noGrp]/nowhere.[noNs]",
    ),
    (
        "resources: [helmrelease.yaml]\npatches: [{path: p.yaml}]",
        &[("base/p.yaml", "just words\n")],
        "base/p.yaml",
        "unable to parse SM or JSON patch from [path: \"p.yaml\"]",
    ),
    ("resources: [helmrelease.yaml]\nfoo: 1", &[], "base/kustomization.yaml", "unknown field \"foo\""),
    (
        "resources: [helmrelease.yaml]\nconfigMapGenerator: [{name: a, files: [missing.txt]}]",
        &[],
        "base/kustomization.yaml",
        "lstat base/missing.txt: no such file or directory",
    ),
    (
        "resources: [helmrelease.yaml]\nconfigMapGenerator: [{name: a, envs: [missing.env]}]",
        &[],
        "base/kustomization.yaml",
        "env source files: [missing.env]",
    ),
    (
        "resources: [helmrelease.yaml]\ncomponents: [../comp]",
        &[
            ("comp/p.yaml", NOWHERE),
            (
                "comp/kustomization.yaml",
                "apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\npatches: [{path: p.yaml}]\n",
            ),
        ],
        "comp/kustomization.yaml",
        "no matches for Id ConfigMap.v1.[noGrp]/nowhere.[noNs]",
    ),
    (
        "resources: [helmrelease.yaml, a.yaml, b.yaml]",
        &[("base/a.yaml", CONFIG_MAP), ("base/b.yaml", CONFIG_MAP)],
        "base/b.yaml",
        "may not add resource with an already registered id: ConfigMap.v1.[noGrp]/settings.[noNs]",
    ),
    (
        "resources: [helmrelease.yaml, a.yaml]",
        &[("base/a.yaml", "apiVersion: v1\nkind: ConfigMap\nmetadata: {}\n")],
        "base/a.yaml",
        "missing metadata.name",
    ),
    ("resources: [helmrelease.yaml, a.yaml]", &[("base/a.yaml", "a: b\n")], "base/a.yaml", "missing Resource metadata"),
    (
        "resources: [helmrelease.yaml, a.yaml]",
        &[(
            "base/a.yaml",
            "apiVersion: v1\nkind: Secret\nmetadata: {name: x}\nstringData: {a: hush-hush}\ndata: {1: a}\n",
        )],
        "base/a.yaml",
        "unsupported type: map[interface {}]interface {}",
    ),
];

fn layout((base, files, ..): &Case) -> Layout {
    files.iter().fold(Layout::new().base(base), |layout, (path, text)| layout.with(path, text))
}

#[test]
fn what_kustomize_refuses_is_not_committed_and_told_in_its_words() {
    for (index, case) in CASES.iter().enumerate() {
        let mut world = layout(case).world();
        world.backend = ["git", "github"][index % 2];
        let run = kept_back(&world);
        is_told(&run, "refused", case.2, case.3);
        assert!(!run.stdout.contains("hush-hush"), "{}", run.stdout);
    }
}

#[test]
fn a_dry_run_makes_the_same_checks_and_writes_nothing() {
    let world = broken().world();
    let run = ends_without_commit(&world, deploy(&world, &["--dry-run"]), 12);
    assert!(run.stdout.contains("refused base/kustomization.yaml: "), "{}", run.stdout);
    let world = Layout::new().world();
    ends_without_commit(&world, deploy(&world, &["--dry-run"]), 0);
}

#[test]
fn a_build_that_only_warns_is_committed_and_told() {
    for (severity, is_told_of) in [("warn", true), ("off", false)] {
        let world = broken().configured(&format!("checks: {{build: {severity}}}\n")).world();
        let run = world.deploy(7, &sha('a')).ok();
        assert_eq!(run.output("result"), "created");
        assert_eq!(run.output("apps-commit"), world.tip());
        if is_told_of {
            is_told(&run, "warning", "base/kustomization.yaml", "unknown field \"foo\"");
        } else {
            assert!(!run.stdout.contains("foo") && !run.stderr.contains("foo"), "{}{}", run.stdout, run.stderr);
        }
        shows_nothing_of_this_machine(&world, &run);
    }
}

#[test]
fn a_broken_base_keeps_no_preview_from_going() {
    let world = Layout::new().world();
    world.open(8, &sha('b'));
    world.deploy(7, &sha('a')).ok();
    world.deploy(8, &sha('b')).ok();
    world.commit_apps(&broken().0.into_iter().filter(|(path, _)| path.starts_with("base/")).collect(), "Break base");
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    world.emulator.forge().close(APPLICATION, 8).unwrap();
    assert_eq!(world.teardown(7, &sha('a')).ok().output("result"), "removed");
    world.run(world.bivouac(&["sweep"])).ok();
    assert_eq!(world.file("overlays/ephemeral/pr-8/kustomization.yaml"), None);
    assert!(world.file("overlays/ephemeral/kustomization.yaml").unwrap().contains("resources: []"));
}

#[test]
fn what_is_up_already_is_kept_from_changing_only() {
    let world = Layout::new().world();
    world.deploy(7, &sha('a')).ok();
    world.commit_apps(&broken().0.into_iter().filter(|(path, _)| path.starts_with("base/")).collect(), "Break base");
    // Nothing changes, so nothing is checked.
    assert_eq!(world.deploy(7, &sha('a')).ok().output("result"), "unchanged");
    world.push(7, &sha('b'));
    let tip = world.tip();
    let run = world.deploy(7, &sha('b'));
    assert_eq!((run.code, world.tip()), (12, tip), "{}", run.stderr);
    assert!(world.comments(7)[0].contains(&sha('a')[..7]), "{:?}", world.comments(7));
}
