//! The list of previews, and what else is on it.

use super::*;

const ROSTER: &str = "overlays/ephemeral/kustomization.yaml";

#[test]
fn a_line_that_leads_nowhere_keeps_deployments_back_until_sweep_takes_it_off() {
    for backend in ["git", "github"] {
        let mut world = Layout::new().with(ROSTER, &kustomization("resources:\n  - pr-9")).world();
        world.backend = backend;
        let run = kept_back(&world);
        is_told(&run, "refused", &format!("{ROSTER}:4"), "it lists `pr-9`, which is not there");
        world.run(world.bivouac(&["sweep"])).ok();
        assert!(!world.file(ROSTER).unwrap().contains("pr-9"));
        assert_eq!(world.deploy(7, &sha('a')).ok().output("result"), "created");
    }
}

#[test]
fn a_line_that_leads_nowhere_is_no_reason_where_the_check_is_off() {
    let layout = Layout::new().with(ROSTER, &kustomization("resources:\n  - pr-9"));
    // To YAML, one of them is `false`.
    for off in ["off", "\"off\""] {
        let layout = Layout(layout.0.clone()).configured(&format!("checks: {{roster: {off}}}\n"));
        layout.world().deploy(7, &sha('a')).ok();
    }
}

#[test]
fn the_whole_roster_is_built_where_that_is_asked_for() {
    let other = "overlays/ephemeral/other/kustomization.yaml";
    let layout = || {
        let roster = Layout::new().with(ROSTER, &kustomization("resources:\n  - other"));
        roster.with(other, &kustomization("resources: [nope.yaml]"))
    };
    layout().world().deploy(7, &sha('a')).ok();
    let world = layout().configured("checks: {roster-build: require}\n").world();
    is_told(&kept_back(&world), "refused", &format!("{other}:3"), "nope.yaml");
    let world = layout().with(other, &kustomization("resources: []")).configured("checks: {roster-build: require}\n");
    world.world().deploy(7, &sha('a')).ok();
}
