//! What is wrong, and where.

use serde_json::json;

use super::*;
use crate::world::sha;

#[test]
fn several_roots_with_nothing_wrong_pass() {
    let checkout = Checkout::new(&two_roots());
    let run = checkout.validate(&[]);
    assert_eq!(
        (run.code, run.stdout.as_str()),
        (0, "4 overlays in 2 roots: 0 refusals, 0 warnings\n"),
        "{}",
        run.stderr
    );
    assert!(!run.stderr.contains("::error"), "{}", run.stderr);
    assert_eq!((run.output("overlays"), run.output("refusals"), run.output("warnings")), ("4", "0", "0"));
}

#[test]
fn a_finding_has_the_file_and_the_line_that_is_to_be_mended() {
    let production = "overlays/production/kustomization.yaml";
    for (path, text, place) in [
        (
            "base/kustomization.yaml",
            kustomization("resources: [helmrelease.yaml]\nfoo: 1"),
            ("base/kustomization.yaml", 0),
        ),
        (production, kustomization("resources: [../../base, nope.yaml]"), (production, 3)),
        (production, kustomization("resources: [../../base, ../nope]"), (production, 3)),
        (production, kustomization("resources: [../../base]\npatches: [{path: p.yaml}]"), (production, 4)),
        (production, "resources: [../../base\n".to_owned(), (production, 1)),
    ] {
        let checkout = Checkout::new(&layout().with(path, &text).0);
        let (file, line) = checkout.place_of_one();
        assert_eq!((file.as_str(), line), place, "{text}");
        let run = checkout.validate(&[]);
        let spot = if line > 0 { format!("file={file},line={line}::") } else { format!("file={file}::") };
        assert!(run.stderr.contains(&format!("::error title=Bivouac%3A build,{spot}")), "{spot}\n{}", run.stderr);
        assert!(run.summary.contains("| refused |"), "{}", run.summary);
    }
}

impl Checkout {
    /// The place of what may be found of several overlays.
    fn place_of_one(&self) -> (String, u64) {
        let findings = self.findings();
        let place =
            |finding: &Value| (finding["file"].as_str().unwrap().to_owned(), finding["line"].as_u64().unwrap_or(0));
        let places: std::collections::BTreeSet<_> = findings.iter().map(place).collect();
        assert_eq!(places.len(), 1, "{findings:#?}");
        places.into_iter().next().unwrap()
    }
}

#[test]
fn a_base_that_can_not_become_a_preview_has_a_place_too() {
    for (more, place) in [
        ("a: [\n", ("base/more.yaml", 1)),
        ("apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n", ("base/more.yaml", 0)),
    ] {
        let files = layout().base("resources: [helmrelease.yaml, more.yaml]").with("base/more.yaml", more);
        let findings = Checkout::new(&files.0).findings();
        let of_root = findings.iter().find(|finding| finding["check"] == "root").unwrap();
        let found = (of_root["file"].as_str().unwrap(), of_root["line"].as_u64().unwrap_or(0));
        assert_eq!(found, place, "{findings:#?}");
    }
}

#[test]
fn a_configuration_that_is_broken_is_told_of_while_other_roots_are_checked() {
    let mut files = two_roots();
    files.insert("apps/one/bivouac.yaml".to_owned(), "version: 1\napplication: one\nnonsense: 1\n".to_owned());
    let production = "apps/two/overlays/production/kustomization.yaml";
    files.insert(production.to_owned(), kustomization("resources: [nope.yaml]"));
    let checkout = Checkout::new(&files);
    let findings = checkout.findings();
    let files: Vec<_> = findings.iter().map(|finding| finding["file"].as_str().unwrap()).collect();
    assert_eq!(files, ["apps/one/bivouac.yaml", production], "{findings:#?}");
    assert_eq!(findings[0]["line"], 3);
    // Within one root, the other is none of its business.
    assert_eq!(checkout.validate(&["apps/two/overlays/production"]).code, 12);
    fs::remove_file(checkout.folder.path().join(production)).unwrap();
    assert_eq!(checkout.validate(&["apps/two"]).code, 0);
}

#[test]
fn one_broken_overlay_among_two_hundred_is_found() {
    let mut layout = layout();
    for number in 0..200 {
        let path = format!("overlays/customer-{number}/kustomization.yaml");
        let resources = if number == 137 { "../../base, nope.yaml" } else { "../../base" };
        layout = layout.with(&path, &kustomization(&format!("namespace: c-{number}\nresources: [{resources}]")));
    }
    let checkout = Checkout::new(&layout.0);
    assert_eq!(checkout.place(), ("overlays/customer-137/kustomization.yaml".to_owned(), 4));

    // A broken base is one finding of all of them.
    checkout.write("base/kustomization.yaml", &kustomization("resources: [helmrelease.yaml]\nfoo: 1"));
    let run = checkout.validate(&[]);
    assert_eq!(run.code, 12);
    let told: Vec<_> = run.stdout.lines().filter(|line| line.starts_with("refused base/")).collect();
    assert_eq!(told.len(), 1, "{}", run.stdout);
    assert!(run.stdout.contains("more\n"), "{}", run.stdout);
    assert!(
        run.stderr.lines().filter(|line| line.starts_with("::error title=Bivouac%3A")).count() <= 2,
        "{}",
        run.stderr
    );
}

#[test]
fn a_preview_that_nothing_lists_and_one_that_is_listed_and_not_there_are_told_of() {
    let world = layout().world();
    world.deploy(7, &sha('a')).ok();
    let names = world.git(&["ls-tree", "-r", "--name-only", "main"]);
    let mut files: BTreeMap<_, _> = names.lines().map(|path| (path.to_owned(), world.file(path).unwrap())).collect();
    assert_eq!(Checkout::new(&files).findings(), Vec::<Value>::new());
    files.insert("overlays/ephemeral/kustomization.yaml".to_owned(), kustomization("resources: []"));
    let findings = Checkout::new(&files).findings();
    assert_eq!(findings.len(), 1, "{findings:#?}");
    assert_eq!((&findings[0]["check"], &findings[0]["severity"]), (&json!("roster"), &json!("warning")));
    assert_eq!(findings[0]["overlay"], "overlays/ephemeral/pr-7");

    let roster = "overlays/ephemeral/kustomization.yaml";
    let dangling = layout().with(roster, &kustomization("resources:\n  - pr-9"));
    assert_eq!(Checkout::new(&dangling.0).place_of_one(), (roster.to_owned(), 4));
}

#[test]
fn what_looks_like_a_secret_in_a_preview_is_found_where_it_stands() {
    let patch = "overlays/ephemeral/pr-7/patch-helmrelease-values.yaml";
    let text = "kind: HelmRelease\nspec:\n  values:\n    auth: {password: q9Zrkk31aaXX}\n";
    let checkout = Checkout::new(&layout().with(patch, text).0);
    let findings = checkout.findings();
    let found = findings.iter().find(|finding| finding["check"] == json!("secrets")).unwrap();
    assert_eq!((&found["file"], &found["line"]), (&json!(patch), &json!(4)), "{findings:#?}");
    let message = found["message"].as_str().unwrap();
    assert!(message.starts_with("`spec.values.auth.password`: a random value"), "{message}");
    assert!(findings.iter().all(|finding| !finding.to_string().contains("q9Zrkk31aaXX")), "{findings:#?}");
}
