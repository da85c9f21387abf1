//! Every tree that the program writes is built by the real kustomize, and means what it should.

mod charts;
mod closed;
mod patched;
mod provided;
mod secrets;
mod shapes;

use std::collections::BTreeMap;

use serde_json::Value;

use crate::kustomize::{build, only};
use crate::world::{Run, World, sha, wildside};

/// The namespace of every preview here: all are of pull request 7.
const NAMESPACE: &str = "wildside-pr-7";

/// An apps repository on its way to be laid out.
pub(crate) struct Layout(pub(crate) BTreeMap<String, String>);

impl Layout {
    pub(crate) fn new() -> Self {
        Self(wildside())
    }

    /// A `HelmRelease` without a namespace, with this specification, as YAML in braces.
    fn specified(spec: &str) -> Self {
        Self::new().with("base/helmrelease.yaml", &release("{name: wildside}", spec))
    }

    pub(crate) fn with(mut self, path: &str, text: &str) -> Self {
        self.0.insert(path.to_owned(), text.to_owned());
        self
    }

    pub(crate) fn without(mut self, path: &str) -> Self {
        self.0.remove(path).unwrap();
        self
    }

    /// Base's kustomization, in YAML without the two lines that every kustomization has.
    pub(crate) fn base(self, text: &str) -> Self {
        self.with("base/kustomization.yaml", &kustomization(text))
    }

    pub(crate) fn configured(mut self, more: &str) -> Self {
        self.0.get_mut("bivouac.yaml").unwrap().push_str(more);
        self
    }

    pub(crate) fn world(&self) -> World {
        let world = World::empty();
        world.commit_apps(&self.0, "Lay out the apps repository");
        world.open(7, &sha('a'));
        world
    }

    /// Deploys pull request 7 and builds its overlay and the roster, which must come to the same.
    fn deployed(&self) -> Vec<Value> {
        let world = self.world();
        world.deploy(7, &sha('a')).ok();
        let objects = built(&world, "overlays/ephemeral/pr-7").unwrap_or_else(|why| panic!("{why}"));
        assert_eq!(built(&world, "overlays/ephemeral").as_ref(), Ok(&objects));
        for object in objects.iter().filter(|object| object["kind"] != "Namespace") {
            assert_eq!(object["metadata"]["namespace"], NAMESPACE, "{object:#}");
        }
        assert_eq!(only(&objects, "Namespace")["metadata"]["name"], NAMESPACE);
        objects
    }

    /// The specification of the `HelmRelease` that Flux would see.
    fn spec(&self) -> Value {
        only(&self.deployed(), "HelmRelease")["spec"].clone()
    }

    /// Deploys pull request 7, which must be refused as a fault of the layout and leave the repository as it is.
    fn refused(&self) -> Run {
        let world = self.world();
        let tip = world.tip();
        let run = world.deploy(7, &sha('a'));
        assert_eq!(run.code, 3, "{}{}", run.stdout, run.stderr);
        assert_eq!(world.tip(), tip);
        assert_eq!(run.output("result"), "");
        run
    }
}

pub(crate) fn release(metadata: &str, spec: &str) -> String {
    format!("apiVersion: helm.toolkit.fluxcd.io/v2\nkind: HelmRelease\nmetadata: {metadata}\nspec: {spec}\n")
}

pub(crate) fn kustomization(text: &str) -> String {
    format!("apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n{text}\n")
}

/// Builds a directory of the apps repository as it is at the tip.
fn built(world: &World, directory: &str) -> Result<Vec<Value>, String> {
    build(&world.checkout().path().join("tree").join(directory))
}

fn names(objects: &[Value], kind: &str) -> Vec<String> {
    let found = objects.iter().filter(|object| object["kind"] == kind);
    found.map(|object| object["metadata"]["name"].as_str().unwrap().to_owned()).collect()
}

#[test]
fn a_preview_builds_and_is_all_in_its_own_namespace() {
    let objects = Layout::new().deployed();
    assert_eq!(objects.len(), 2);
    let labels = &only(&objects, "Namespace")["metadata"]["labels"];
    assert_eq!(labels["app.kubernetes.io/managed-by"], "bivouac");
    assert_eq!(labels["bivouac.dev/application"], "wildside");
    assert_eq!(labels["bivouac.dev/pull-request"], "7");
    let release = only(&objects, "HelmRelease");
    let annotations = &release["metadata"]["annotations"];
    assert_eq!(annotations["bivouac.dev/commit"], sha('a'));
    assert_eq!(annotations["event.toolkit.fluxcd.io/change_request"], "7");
    assert_eq!(release["spec"]["interval"], "10m");
}

#[test]
fn two_previews_build_together_and_do_not_meet() {
    let world = Layout::new().world();
    world.open(8, &sha('b'));
    world.deploy(7, &sha('a')).ok();
    world.deploy(8, &sha('b')).ok();
    let objects = built(&world, "overlays/ephemeral").unwrap();
    assert_eq!(names(&objects, "Namespace"), ["wildside-pr-7", "wildside-pr-8"]);
    let mut releases: Vec<_> = objects.iter().filter(|object| object["kind"] == "HelmRelease").collect();
    releases.sort_by_key(|release| release["metadata"]["namespace"].to_string());
    let hosts: Vec<_> = releases.iter().map(|release| &release["spec"]["values"]["ingress"]["hostname"]).collect();
    assert_eq!(hosts, ["pr-7.preview.example.com", "pr-8.preview.example.com"]);
    let tags: Vec<_> = releases.iter().map(|release| &release["spec"]["values"]["backend"]["image"]["tag"]).collect();
    assert_eq!(tags, [&sha('a'), &sha('b')]);
}

#[test]
fn previews_that_are_gone_leave_a_roster_that_builds() {
    let world = Layout::new().world();
    let roster = world.file("overlays/ephemeral/kustomization.yaml");
    assert_eq!(built(&world, "overlays/ephemeral"), Ok(vec![]));
    world.open(8, &sha('b'));
    world.deploy(7, &sha('a')).ok();
    world.deploy(8, &sha('b')).ok();
    for (number, digit) in [(7, 'a'), (8, 'b')] {
        world.emulator.forge().close(crate::world::APPLICATION, number).unwrap();
        world.teardown(number, &sha(digit)).ok();
        let left = names(&built(&world, "overlays/ephemeral").unwrap(), "HelmRelease").len();
        assert_eq!(left, usize::from(number == 7));
    }
    assert_eq!(world.file("overlays/ephemeral/kustomization.yaml"), roster);
    assert!(roster.unwrap().contains("resources: []"));
}

#[test]
fn a_root_that_is_not_the_top_builds_where_it_is() {
    let files: BTreeMap<_, _> =
        wildside().into_iter().map(|(path, text)| (format!("apps/wildside/{path}"), text)).collect();
    let world = Layout(files).world();
    let more = ["--path", "apps/wildside"];
    let run = world.on_event("deploy", "opened", 7, &sha('a'), &more).ok();
    assert_eq!(run.output("overlay"), "apps/wildside/overlays/ephemeral/pr-7");
    let objects = built(&world, "apps/wildside/overlays/ephemeral/pr-7").unwrap();
    assert_eq!(built(&world, "apps/wildside/overlays/ephemeral").unwrap(), objects);
    assert_eq!(only(&objects, "HelmRelease")["metadata"]["namespace"], NAMESPACE);
    world.emulator.forge().close(crate::world::APPLICATION, 7).unwrap();
    world.on_event("teardown", "closed", 7, &sha('a'), &more).ok();
    assert_eq!(built(&world, "apps/wildside/overlays/ephemeral"), Ok(vec![]));
}
