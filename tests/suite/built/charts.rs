//! The values of a preview make of the chart what they should, and the cluster would take it.

use serde_json::json;

use super::*;
use crate::kustomize::template;

/// The manifests that Flux would install for pull request 7 after this deploy.
fn installed(world: &World, more: &[&str]) -> Vec<Value> {
    world.on_event("deploy", "synchronize", 7, &sha('a'), more).ok();
    let objects = built(world, "overlays/ephemeral/pr-7").unwrap();
    assert_eq!(built(world, "overlays/ephemeral").unwrap(), objects);
    template(only(&objects, "HelmRelease"))
}

fn image(manifests: &[Value], component: &str) -> String {
    let is_its = |manifest: &&Value| {
        manifest["kind"] == "Deployment" && manifest["metadata"]["labels"]["app.kubernetes.io/component"] == component
    };
    let deployment = manifests.iter().find(is_its).unwrap();
    deployment["spec"]["template"]["spec"]["containers"][0]["image"].as_str().unwrap().to_owned()
}

#[test]
fn the_chart_installs_the_images_of_the_head_commit_at_the_host_of_the_preview() {
    let manifests = installed(&Layout::new().world(), &[]);
    for component in ["backend", "frontend"] {
        assert_eq!(image(&manifests, component), format!("ghcr.io/acme/wildside-{component}:{}", sha('a')));
    }
    let ingress = only(&manifests, "Ingress");
    assert_eq!(ingress["spec"]["rules"][0]["host"], "pr-7.preview.example.com");
    assert!(manifests.iter().all(|manifest| manifest["metadata"]["namespace"] == NAMESPACE));
    let replicas: Vec<_> = manifests.iter().filter_map(|manifest| manifest["spec"].get("replicas")).collect();
    assert_eq!(replicas, [&json!(2), &json!(2)]);
}

#[test]
fn a_tag_that_looks_like_a_number_stays_a_text() {
    let world = Layout::new().world();
    for (backend, frontend) in [("1234567e89", "0123"), ("1.0", "true"), ("null", "0x1f"), ("1_000", "12e03")] {
        let images = [format!("backend={backend}"), format!("frontend={frontend}")];
        let manifests = installed(&world, &["--image", &images[0], "--image", &images[1]]);
        assert_eq!(image(&manifests, "backend"), format!("ghcr.io/acme/wildside-backend:{backend}"));
        assert_eq!(image(&manifests, "frontend"), format!("ghcr.io/acme/wildside-frontend:{frontend}"));
    }
}

#[test]
fn a_commit_that_looks_like_a_number_stays_a_text() {
    let world = Layout::new().world();
    for commit in ["1".repeat(40), format!("{}e{}12", "1".repeat(20), "0".repeat(17)), format!("{}1", "0".repeat(39))] {
        world.push(7, &commit);
        world.deploy(7, &commit).ok();
        let objects = built(&world, "overlays/ephemeral/pr-7").unwrap();
        assert_eq!(built(&world, "overlays/ephemeral").unwrap(), objects);
        let release = only(&objects, "HelmRelease");
        assert_eq!(release["metadata"]["annotations"]["bivouac.dev/commit"], commit);
        assert_eq!(image(&template(release), "backend"), format!("ghcr.io/acme/wildside-backend:{commit}"));
    }
}

#[test]
fn values_are_merged_with_their_placeholders_filled_in() {
    let values = "values:\n  replicaCount: 1\n  ingress: {className: \"class-{number}\"}\n  backend: {port: 9000}\n  \
                  hosts: [{host: \"{host}\", paths: [{path: /, pathType: Prefix}]}]\n  note: \"yes\"\n";
    let world = Layout::new().configured(values).world();
    let manifests = installed(&world, &[]);
    let ingress = only(&manifests, "Ingress");
    assert_eq!(ingress["spec"]["ingressClassName"], "class-7");
    assert_eq!(ingress["spec"]["rules"][0]["host"], "pr-7.preview.example.com");
    let objects = built(&world, "overlays/ephemeral/pr-7").unwrap();
    let merged = &only(&objects, "HelmRelease")["spec"]["values"];
    assert_eq!((&merged["replicaCount"], &merged["note"]), (&json!(1), &json!("yes")));
    assert_eq!(
        merged["hosts"],
        json!([{"host": "pr-7.preview.example.com", "paths": [{"path": "/", "pathType": "Prefix"}]}])
    );
    assert_eq!(merged["backend"]["port"], 9000);
}

#[test]
fn texts_that_yaml_would_take_for_something_else_come_through() {
    let texts = [
        "yes",
        "off",
        "~",
        "1e3",
        "0o17",
        "2026-11-21",
        "a: b",
        "# c",
        "*d",
        "&e",
        "!f",
        "- g",
        "'",
        "\\",
        "é\u{2028}",
        " h ",
    ];
    let list = texts.map(|text| serde_json::to_string(text).unwrap()).join(", ");
    let world = Layout::new().configured(&format!("values: {{texts: [{list}], lines: \"a\\nb\\n\"}}\n")).world();
    world.deploy(7, &sha('a')).ok();
    let objects = built(&world, "overlays/ephemeral/pr-7").unwrap();
    let values = &only(&objects, "HelmRelease")["spec"]["values"];
    assert_eq!(values["texts"], json!(texts));
    assert_eq!(values["lines"], "a\nb\n");
}
