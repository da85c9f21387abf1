//! `bivouac doctor`: each thing that can be wrong, told under its topic, with what mends it, and nothing written anywhere.

mod apps;
mod shown;
mod tokens;
mod vault;
mod workflows;

use std::fs;
use std::process::Command;

use bivouac::emulator::RequestKind;
use serde_json::Value;

use crate::bad_input::files;
use crate::world::{Run, World, tools};

const FLUX: &str = "\
apiVersion: kustomize.toolkit.fluxcd.io/v1
kind: Kustomization
metadata: {name: previews}
spec: {path: ./overlays/ephemeral, prune: true, wait: false}
";

const WORKFLOW: &str = "\
on: pull_request
permissions: {}
jobs:
  deploy:
    permissions: {pull-requests: write, deployments: write}
    steps: [{uses: bivouac-dev/bivouac/actions/deploy@1111111111111111111111111111111111111111}]
";

/// A world in which all is well, with a folder of workflows at home.
fn healthy() -> World {
    let world = World::new();
    commit(&world, &[("flux/previews.yaml", FLUX)]);
    workflow(&world, WORKFLOW);
    world
}

fn commit(world: &World, changed: &[(&str, &str)]) {
    world.commit_apps(&files(changed), "Change");
}

fn workflow(world: &World, text: &str) {
    fs::create_dir_all(world.home.path().join("workflows")).unwrap();
    fs::write(world.home.path().join("workflows/preview.yml"), text).unwrap();
}

/// The command, with programs of known versions.
fn doctor(world: &World) -> Command {
    let mut command = world.bivouac(&["doctor", "--format", "json"]);
    command.arg("--workflow-folder").arg(world.home.path().join("workflows"));
    for (option, tool) in [("--kustomize", "kubectl"), ("--helm", "helm")] {
        command.arg(option).arg(tools().join("bin").join(tool));
    }
    command
}

/// Runs it, and proves that it wrote nothing anywhere.
fn examined(world: &World, command: Command) -> Run {
    let tip = world.git(&["for-each-ref"]);
    world.emulator.forget_requests();
    let run = world.run(command);
    assert_eq!(world.git(&["for-each-ref"]), tip);
    for request in world.emulator.requests() {
        let only_reads = match request.kind {
            RequestKind::Api | RequestKind::Archive => request.method == "GET",
            RequestKind::Graphql => request.body["query"].as_str().is_some_and(|text| text.starts_with("query ")),
            RequestKind::Git => request.method == "GET" || request.path.ends_with("/git-upload-pack"),
        };
        assert!(only_reads, "{request:?}");
    }
    assert!(run.outputs.is_empty(), "{:?}", run.outputs);
    let left: Vec<_> = fs::read_dir(world.home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with("bivouac-")), "{left:?}");
    run
}

/// Topic, verdict, finding and mend of each finding.
fn findings(run: &Run) -> Vec<[String; 4]> {
    let told: Value = serde_json::from_str(&run.stdout).unwrap_or_else(|why| panic!("{why}: {run:#?}"));
    let text = |finding: &Value, key: &str| finding[key].as_str().unwrap_or_default().to_owned();
    let all = told["findings"].as_array().unwrap();
    all.iter().map(|finding| ["topic", "verdict", "what", "mend"].map(|key| text(finding, key))).collect()
}

/// What is wrong, and nothing else: topic, verdict, a part of the finding, and a part of what mends it.
type Wrong<'a> = (&'a str, &'a str, &'a str, &'a str);

/// Runs it in a world that is broken in one way.
fn finds(world: &World, command: Command, code: i32, expected: &[Wrong<'_>]) {
    let run = examined(world, command);
    let found = findings(&run);
    let wrong: Vec<_> =
        found.iter().filter(|[_, verdict, ..]| matches!(&**verdict, "set-up" | "release-blocking")).collect();
    assert_eq!((run.code, wrong.len()), (code, expected.len()), "{expected:?}\n{wrong:#?}\n{}", run.stderr);
    for ([topic, verdict, what, mend], expected) in wrong.into_iter().zip(expected) {
        assert_eq!((topic.as_str(), verdict.as_str()), (expected.0, expected.1), "{what}");
        assert!(what.contains(expected.2), "{what}: {expected:?}");
        assert!(mend.contains(expected.3), "{mend}: {expected:?}");
    }
}

#[test]
fn a_healthy_world_is_fine_by_either_backend() {
    for backend in ["git", "github", "auto"] {
        let mut world = healthy();
        world.backend = backend;
        let run = examined(&world, doctor(&world)).ok();
        let found = findings(&run);
        let topics: Vec<_> = found.iter().map(|[topic, ..]| topic.as_str()).collect();
        let expected = [
            "tokens",
            "tokens",
            "apps-repository",
            "layout",
            "layout",
            "layout",
            "flux",
            "tools",
            "tools",
            "registry",
            "workflows",
        ];
        assert_eq!(topics, expected, "{backend}: {found:#?}");
        for [_, verdict, what, _] in &found {
            let is_open = what.contains("can not be told without writing") || what.contains("were not asked");
            assert_eq!(verdict, if is_open { "not-known" } else { "fine" }, "{what}");
        }
        assert!(found.iter().any(|[_, _, what, _]| what.contains("kustomize 5.")), "{found:#?}");
    }
}

#[test]
fn every_topic_is_looked_at_whatever_the_others_come_to() {
    let world = World::empty();
    let mut command =
        world.bivouac(&["doctor", "--format", "json", "--helm", "/nowhere", "--workflow-folder", "/nowhere/at/all"]);
    command.env("VAULT_ADDR", "http://127.0.0.1:1").env_remove("GITHUB_TOKEN");
    let run = examined(&world, command);
    assert_eq!(run.code, 11, "{}", run.stderr);
    let found = findings(&run);
    for topic in ["tokens", "apps-repository", "tools", "workflows", "vault"] {
        let bad = found.iter().find(|[of, verdict, ..]| of == topic && verdict != "fine");
        assert!(bad.is_some(), "{topic}: {found:#?}");
    }
}

#[test]
fn where_both_kinds_are_found_the_set_up_comes_first() {
    let world = healthy();
    commit(&world, &[("bivouac.yaml", "version: 1\n")]);
    workflow(&world, &WORKFLOW.replace("deployments: write", "deployments: read"));
    let run = examined(&world, doctor(&world));
    assert_eq!(run.code, 11, "{}", run.stderr);
    assert!(run.stderr.contains("1 finding is about the set-up, and 1 finding blocks a release"), "{}", run.stderr);
}
