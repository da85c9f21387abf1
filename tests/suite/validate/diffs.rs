//! What a preview changes.

use super::*;
use crate::world::sha;

const SECRET: &str = "apiVersion: v1\nkind: Secret\nmetadata: {name: s}\nstringData: {password: hush-hush}\n";
/// Its strange lines are beside the one that a preview changes.
const HOSTILE: &str = "apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: c\n  annotations:\n    a: |\n      \
                       ::error::forged ##[error]forged </details>\n      ```\n";

/// A world with the preview of pull request 7, whose base holds these too.
fn deployed(texts: &[&str]) -> World {
    let names: Vec<_> = (0..texts.len()).map(|index| format!("more-{index}.yaml")).collect();
    let resources = names.iter().flat_map(|name| [", ", name]).collect::<String>();
    let layout = Layout::new().base(&format!("resources: [helmrelease.yaml{resources}]"));
    let layout =
        names.iter().zip(texts).fold(layout, |layout, (name, text)| layout.with(&format!("base/{name}"), text));
    let world = layout.world();
    world.deploy(7, &sha('a')).ok();
    world
}

fn diff(world: &World, more: &[&str]) -> Run {
    world.run(world.bivouac(&[&["diff", "pr-7"], more].concat()))
}

/// No line of it is a command of the runner's.
fn is_harmless(text: &str) {
    for line in text.lines() {
        assert!(!line.trim_start().starts_with("::") && !line.contains("##["), "{line}");
    }
}

#[test]
fn what_a_preview_changes_is_shown_by_either_backend_and_from_a_checkout() {
    let mut world = deployed(&[SECRET, HOSTILE]);
    let run = diff(&world, &[]).ok();
    for line in
        ["--- base: HelmRelease `wildside`", "+++ pr-7: HelmRelease `wildside`", "+    ingress:", "+++ pr-7: Namespace"]
    {
        assert!(run.stdout.contains(line), "{line}\n{}", run.stdout);
    }
    assert!(run.stdout.contains("note: there is no `helm` on this machine"), "{}", run.stdout);
    assert!(run.stdout.contains("forged"), "{}", run.stdout);
    assert!(!run.stdout.contains("hush-hush") && !run.stdout.contains("aHVzaC1odXNo"), "{}", run.stdout);
    is_harmless(&run.stdout);
    assert_eq!(run.summary, "");
    world.backend = "github";
    assert_eq!(diff(&world, &[]).ok().stdout, run.stdout);
    let tree = world.checkout();
    let tree = tree.path().join("tree").to_string_lossy().into_owned();
    assert_eq!(diff(&world, &["--checkout", &tree]).ok().stdout, run.stdout);
}

#[test]
fn the_summary_is_folded_and_keeps_hostile_text_in() {
    let world = deployed(&[SECRET, HOSTILE]);
    let run = diff(&world, &["--summary"]).ok();
    let (opened, closed) = (run.summary.matches("<details>").count(), run.summary.matches("\n</details>").count());
    assert!(opened >= 3 && opened == closed, "{}", run.summary);
    assert!(run.summary.contains("````diff"), "{}", run.summary);
    assert!(!run.summary.contains("hush-hush"), "{}", run.summary);
    let document: Value = serde_json::from_str(&diff(&world, &["--format", "json"]).ok().stdout).unwrap();
    assert_eq!(document["changed"].as_array().unwrap().len(), opened);
    assert!(!document.to_string().contains("hush-hush"), "{document:#}");
}

#[test]
fn with_helm_what_the_chart_renders_is_compared_or_told_why_not() {
    let world = deployed(&[]);
    let mut command = world.bivouac(&["diff", "pr-7"]);
    command.env("BIVOUAC_HELM", tools().join("bin/helm"));
    let run = world.run(command).ok();
    assert!(run.stdout.contains("note: ") && run.stdout.contains("its chart can not be checked"), "{}", run.stdout);
    assert!(!run.stdout.contains("no `helm`"), "{}", run.stdout);

    let world = crate::gate::with_chart("values: {ingress: {hostname: base.example.com}}").world();
    world.deploy(7, &sha('a')).ok();
    let mut command = world.bivouac(&["diff", "pr-7"]);
    command.env("BIVOUAC_HELM", tools().join("bin/helm"));
    let run = world.run(command).ok();
    for line in ["-  - host: base.example.com", "+  - host: pr-7.preview.example.com", "Deployment `wildside-backend`"]
    {
        assert!(run.stdout.contains(line), "{line}\n{}", run.stdout);
    }
    assert!(!run.stdout.contains("note: "), "{}", run.stdout);
}

#[test]
fn a_preview_that_is_not_there_and_a_base_that_does_not_build_are_told_of() {
    let world = deployed(&[]);
    let run = world.run(world.bivouac(&["diff", "pr-8"]));
    assert_eq!(run.code, 2, "{}", run.stderr);
    assert!(run.stderr.contains("overlays/ephemeral/pr-8"), "{}", run.stderr);
    assert_eq!(diff(&world, &["--checkout", "/nonexistent/checkout"]).code, 2);
    let broken = Layout::new().base("resources: [helmrelease.yaml]\nfoo: 1").0;
    world.commit_apps(&broken.into_iter().filter(|(path, _)| path.starts_with("base/")).collect(), "Break base");
    let run = diff(&world, &[]);
    assert_eq!(run.code, 12, "{}", run.stderr);
    let said = format!("{}{}", run.stdout, run.stderr);
    assert!(said.contains("unknown field \"foo\"") && !said.contains("/bivouac-"), "{said}");
}
