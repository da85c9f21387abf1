//! The chart, templated by the real helm with the values of the preview.

use super::*;
use crate::built::release;
use crate::files::top;
use crate::world::tools;

const REQUIRED: &str = "checks: {chart: require}\n";

/// An apps repository that holds the chart of the tests, and checks it.
pub(crate) fn with_chart(values: &str) -> Layout {
    let spec = format!(
        "{{interval: 10m, chart: {{spec: {{chart: ./charts/wildside, sourceRef: {{kind: GitRepository, name: apps, namespace: flux-system}}}}}}, {values}}}"
    );
    let mut layout = Layout::new().with("base/helmrelease.yaml", &release("{name: wildside}", &spec));
    let chart = top().join("tests/fixtures/chart");
    for name in ["Chart.yaml", "values.yaml"] {
        layout = layout.with(&format!("charts/wildside/{name}"), &fs::read_to_string(chart.join(name)).unwrap());
    }
    for entry in fs::read_dir(chart.join("templates")).unwrap() {
        let entry = entry.unwrap();
        let name = entry.file_name().into_string().unwrap();
        layout = layout.with(&format!("charts/wildside/templates/{name}"), &fs::read_to_string(entry.path()).unwrap());
    }
    layout
}

/// Deploys with helm.
pub(super) fn with_helm(world: &World) -> Command {
    let mut command = deploy(world, &[]);
    command.env("BIVOUAC_HELM", tools().join("bin/helm"));
    command
}

fn refused(layout: Layout) -> Run {
    let world = layout.configured(REQUIRED).world();
    ends_without_commit(&world, with_helm(&world), 12)
}

#[test]
fn a_chart_of_the_apps_repository_is_templated_and_committed() {
    for backend in ["git", "github"] {
        let mut world = with_chart("values: {replicaCount: 2}").configured(REQUIRED).world();
        world.backend = backend;
        let run = world.run(with_helm(&world)).ok();
        assert_eq!(run.output("result"), "created");
        shows_nothing_of_this_machine(&world, &run);
    }
}

#[test]
fn a_template_that_fails_is_told_of_where_it_is() {
    let template = "charts/wildside/templates/broken.yaml";
    let run = refused(with_chart("values: {}").with(template, "a: b\nc: {{ fail \"no such thing\" }}\n"));
    is_told(&run, "refused", &format!("{template}:2"), "no such thing");
    let run = refused(with_chart("values: {}").with(template, "a: b\nc: {{ .Values.x\n"));
    assert!(run.stdout.contains(&format!("refused {template}:")), "{}", run.stdout);
    let run =
        refused(with_chart("values: {}").with(template, "a: {{ required \"password is empty\" .Values.password }}"));
    is_told(&run, "refused", &format!("{template}:1"), "password is empty");
    let run = refused(with_chart("values: {}").with(template, "a: [\n"));
    assert!(run.stdout.contains("broken.yaml"), "{}", run.stdout);
}

#[test]
fn values_that_the_charts_schema_does_not_allow_are_refused() {
    let schema = "{\"type\": \"object\", \"properties\": {\"replicaCount\": {\"type\": \"integer\"}}}";
    let with_schema = |values: &str| with_chart(values).with("charts/wildside/values.schema.json", schema);
    let run = refused(with_schema("values: {replicaCount: many}"));
    assert!(run.stdout.contains("refused base/helmrelease.yaml:1: HelmRelease `wildside`: "), "{}", run.stdout);
    assert!(run.stdout.contains("replicaCount"), "{}", run.stdout);

    // As far as it goes, what a ConfigMap of the overlay holds is a value too.
    let base = "resources: [helmrelease.yaml]\ngeneratorOptions: {disableNameSuffixHash: true}\n\
                configMapGenerator: [{name: defaults, files: [values.yaml=defaults.yaml]}]";
    let held = |text: &str| {
        let layout = with_schema("valuesFrom: [{kind: ConfigMap, name: defaults}]").base(base);
        layout.with("base/defaults.yaml", text)
    };
    assert!(refused(held("replicaCount: many\n")).stdout.contains("replicaCount"));
    let world = held("replicaCount: 3\n").configured(REQUIRED).world();
    world.run(with_helm(&world)).ok();
}

#[test]
fn a_chart_that_can_not_be_had_is_told_of() {
    let run = refused(Layout::new());
    let words = "its chart can not be checked: its source, the HelmRepository `charts`, is not in the overlay";
    is_told(&run, "refused", "base/helmrelease.yaml:1", words);
    let provided = with_chart("valuesFrom: [{kind: ConfigMap, name: cluster-settings}]");
    let run = refused(provided.configured("preview: {provided: [cluster-settings]}\n"));
    assert!(run.stdout.contains("takes values from the ConfigMap `cluster-settings`"), "{}", run.stdout);
    let world = Layout::new().configured("checks: {chart: warn}\n").world();
    let run = world.run(with_helm(&world)).ok();
    is_told(&run, "warning", "base/helmrelease.yaml:1", words);
}

#[test]
fn the_folder_of_the_chart_may_be_named() {
    let named = |folder: &str| {
        let mut layout = with_chart("values: {}");
        let base = Layout::new().0.remove("base/helmrelease.yaml").unwrap();
        layout = layout.with("base/helmrelease.yaml", &base);
        layout
            .configured(&format!("checks: {{chart: require, chart-folder: {folder}, kubernetes: \"1.34\"}}\n"))
            .world()
    };
    let world = named("charts/wildside");
    world.run(with_helm(&world)).ok();
    let world = named("charts/nope");
    let run = ends_without_commit(&world, with_helm(&world), 12);
    assert!(run.stdout.contains("charts/nope"), "{}", run.stdout);
}

#[test]
fn without_helm_a_chart_can_not_be_checked() {
    let world = with_chart("values: {}").configured(REQUIRED).world();
    let mut command = deploy(&world, &[]);
    command.env("PATH", world.home.path());
    let run = ends_without_commit(&world, command, 11);
    assert!(run.stderr.contains("there is no `helm` on this machine"), "{}", run.stderr);
}
