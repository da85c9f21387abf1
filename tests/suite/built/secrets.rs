//! What makes a preview's Secrets comes with it, as External Secrets Operator takes it, and goes with `secrets`.

use std::fs;

use super::*;
use crate::bad_input::{commit_change, write};
use crate::{forks, operator};

const SECRETS: &str = "secrets:
  - {name: wildside, store: wildside-previews, path: previews/wildside}
  - {name: backend, store: own, kind: SecretStore, path: previews/wildside/backend, refresh: 90m, keys: [USER, db-password],
     template: {URL: \"postgres://{{ .USER }}:{{ index . \\\"db-password\\\" | urlquery }}@db\"}}
";
const FILE: &str = "overlays/ephemeral/pr-7/external-secrets.yaml";

fn of_kind<'a>(objects: &'a [Value], kind: &str) -> Vec<&'a Value> {
    objects.iter().filter(|object| object["kind"] == kind).collect()
}

#[test]
fn secrets_are_made_in_the_previews_own_namespace_by_what_the_operator_takes() {
    let objects = Layout::new().configured(SECRETS).deployed();
    assert_eq!(names(&objects, "ExternalSecret"), ["backend", "wildside"]);
    for object in of_kind(&objects, "ExternalSecret") {
        operator::takes(object);
        assert_eq!(object["spec"]["target"]["name"], object["metadata"]["name"]);
    }
    assert!(of_kind(&objects, "Secret").is_empty());
}

#[test]
fn each_preview_refers_to_its_own_values_and_to_nobody_elses() {
    let world = Layout::new().configured(SECRETS).world();
    world.open(8, &sha('b'));
    world.deploy(7, &sha('a')).ok();
    world.deploy(8, &sha('b')).ok();
    let objects = built(&world, "overlays/ephemeral").unwrap();
    for number in [7, 8] {
        let its = |object: &&&Value| object["metadata"]["namespace"] == format!("wildside-pr-{number}");
        let mut keys: Vec<_> = of_kind(&objects, "ExternalSecret")
            .iter()
            .filter(its)
            .flat_map(|object| object["spec"]["dataFrom"].as_array().unwrap())
            .map(|entry| entry["extract"]["key"].as_str().unwrap().to_owned())
            .collect();
        keys.sort();
        let own = |path: &str| format!("{path}/pr-{number}");
        let shared = ["previews/wildside", "previews/wildside/backend"];
        let mut expected: Vec<_> = shared.map(own).into_iter().chain(shared.map(str::to_owned)).collect();
        expected.sort();
        assert_eq!(keys, expected);
    }
}

#[test]
fn a_secret_of_the_configuration_may_hold_values_of_the_release() {
    let objects = Layout::specified("{valuesFrom: [{kind: Secret, name: wildside}]}").configured(SECRETS).deployed();
    assert_eq!(only(&objects, "HelmRelease")["spec"]["valuesFrom"][0]["name"], "wildside");
}

#[test]
fn a_secret_that_base_makes_too_is_refused_before_it_breaks_the_build_of_all() {
    let twice = "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: wildside}\n";
    let layout = Layout::new().base("resources: [helmrelease.yaml, secret.yaml]").with("base/secret.yaml", twice);
    let run = layout.configured(SECRETS).refused();
    assert!(run.stderr.contains("base brings the Secret `wildside`"), "{}", run.stderr);
}

#[test]
fn secrets_that_are_not_wanted_any_more_go_with_the_next_deploy_by_either_backend() {
    for backend in ["git", "github"] {
        let mut world = Layout::new().configured(SECRETS).world();
        world.backend = backend;
        world.deploy(7, &sha('a')).ok();
        assert!(world.file(FILE).is_some(), "{backend}");
        commit_change(&world, |tree| {
            let text = fs::read_to_string(tree.join("bivouac.yaml")).unwrap();
            write(&tree.join("bivouac.yaml"), text.replace(SECRETS, ""));
        });
        let shown = world.run(world.bivouac(&["deploy", "--pull-request", "7", "--dry-run"])).ok();
        assert!(shown.stdout.contains(&format!("--- a/{FILE}\n+++ /dev/null\n")), "{backend}: {}", shown.stdout);
        let run = world.deploy(7, &sha('a')).ok();
        assert_eq!((run.output("result"), world.file(FILE)), ("updated", None), "{backend}");
        let objects = built(&world, "overlays/ephemeral").unwrap();
        assert_eq!((objects.len(), names(&objects, "ExternalSecret").len()), (2, 0), "{backend}");
        assert_eq!(world.deploy(7, &sha('a')).ok().output("result"), "unchanged", "{backend}");
    }
}

/// A world with the pull request 7 of a fork, whose apps repository has Secrets, and this as its `HelmRelease`.
fn of_a_fork(spec: &str) -> World {
    let world = forks::world("");
    commit_change(&world, |tree| {
        let text = fs::read_to_string(tree.join("bivouac.yaml")).unwrap();
        write(&tree.join("bivouac.yaml"), text + SECRETS);
        write(&tree.join("base/helmrelease.yaml"), release("{name: wildside}", spec));
    });
    world
}

#[test]
fn a_preview_of_a_fork_has_none_though_somebody_approved_it() {
    let world = of_a_fork("{valuesFrom: [{kind: Secret, name: wildside, optional: true}]}");
    assert_eq!(forks::approve(&world, &sha('a')).run.output("result"), "created");
    assert_eq!(world.file(FILE), None);
    let objects = built(&world, "overlays/ephemeral").unwrap();
    assert_eq!((objects.len(), names(&objects, "ExternalSecret").len()), (2, 0));
}

#[test]
fn a_preview_of_a_fork_that_can_not_do_without_is_refused_with_what_to_do() {
    let world = of_a_fork("{valuesFrom: [{kind: Secret, name: wildside}]}");
    let tip = world.tip();
    let run = crate::command::say(&world, &format!("/preview approve {}", sha('a'))).run;
    assert_eq!((run.code, world.tip()), (3, tip), "{}", run.stderr);
    for words in ["not for those of forks: the Secret `wildside` (`spec.valuesFrom`)", "optional: true"] {
        assert!(run.stderr.contains(words), "{words}: {}", run.stderr);
    }
}
