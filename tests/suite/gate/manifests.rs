//! What is rendered, held against schemas, policies and the rules that Bivouac brings.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use super::charts::{with_chart, with_helm};
use super::*;
use crate::built::release;
use crate::files::sha256;
use crate::world::tools;

const CRD: &str = include_str!("../checks/manifests/helmreleases.yaml");
const CHART: &str =
    "interval: 10m, chart: {spec: {chart: wildside, sourceRef: {kind: HelmRepository, name: charts, namespace: x}}}";
/// A Deployment with a port that Kubernetes does not take, no resources, and more rights than it needs.
const DEPLOYMENT: &str = "\
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: web
          securityContext: {privileged: true}
          ports: [{containerPort: http}]
";

/// A base that includes this too, after a comment.
fn including(text: &str, checks: &str) -> Layout {
    let layout = Layout::new().base("resources: [helmrelease.yaml, more.yaml]").configured(checks);
    layout.with("base/more.yaml", &format!("# Written by hand.\n{text}"))
}

/// Kubernetes' own schemas of Deployments, as a part of the tests brings them.
fn schemas() -> Vec<(String, String)> {
    let all = tools().join("python/kubernetes_validate/kubernetes-json-schema");
    let versions = fs::read_dir(&all).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let version = versions.filter(|name| name.starts_with("v1.34.") && name.ends_with("-strict")).min().unwrap();
    let file = |name: &str| (format!("{version}/{name}"), fs::read_to_string(all.join(&version).join(name)).unwrap());
    ["_definitions.json", "deployment-apps-v1.json"].map(file).into()
}

#[test]
fn a_field_that_a_crd_does_not_know_is_refused() {
    let layout = |spec: &str| {
        let layout = Layout::new().with("base/helmrelease.yaml", &release("{name: wildside}", spec));
        let layout = layout.with("schemas/crds/helmreleases.yaml", CRD);
        layout.configured("checks: {schemas: require, schema-folders: [schemas]}\n").world()
    };
    layout(&format!("{{{CHART}, values: {{a: b}}}}")).deploy(7, &sha('a')).ok();
    let world = layout(&format!("{{{CHART}, value: {{a: b}}}}"));
    is_told(&kept_back(&world), "refused", "base/helmrelease.yaml:1", "spec: unknown field `value`");
    let world = Layout::new().configured("checks: {schemas: require, schema-folders: [nope]}\n").world();
    is_told(&kept_back(&world), "refused", "bivouac.yaml", "names `nope`, where nothing is");
    let world = Layout::new().configured("checks: {schemas: require}\n").world();
    is_told(&kept_back(&world), "refused", "bivouac.yaml", "neither `schema-folders` nor `schema-archives`");
}

#[test]
fn what_kubernetes_does_not_take_is_refused() {
    let checks = "checks: {schemas: require, kubernetes: \"1.34\", schema-folders: [schemas]}\n";
    let mut layout = including(DEPLOYMENT, checks);
    for (path, text) in schemas() {
        layout = layout.with(&format!("schemas/{path}"), &text);
    }
    for backend in ["git", "github"] {
        let mut world = layout.world();
        world.backend = backend;
        let words = "spec.template.spec.containers[0].ports[0].containerPort: expected integer, got string \"http\"";
        is_told(&kept_back(&world), "refused", "base/more.yaml:2", words);
    }
    let world = layout.with("base/more.yaml", &DEPLOYMENT.replace("containerPort: http", "containerPort: 80")).world();
    world.deploy(7, &sha('a')).ok();
}

/// An archive of schemas on a server of its own, which answers as often as it is asked: its address and its hash.
fn served() -> (String, String) {
    let mut archive = tar::Builder::new(flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast()));
    for (path, text) in schemas() {
        let mut header = tar::Header::new_gnu();
        header.set_size(text.len() as u64);
        header.set_mode(0o644);
        archive.append_data(&mut header, &path, text.as_bytes()).unwrap();
    }
    let bytes = archive.into_inner().unwrap().finish().unwrap();
    let hash = sha256(&bytes);
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = format!("http://{}/schemas.tar.gz", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let _ = stream.read(&mut [0; 4096]);
            let head = format!("HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n", bytes.len());
            let _ = stream.write_all(head.as_bytes()).and_then(|()| stream.write_all(&bytes));
        }
    });
    (address, hash)
}

#[test]
fn an_archive_of_schemas_has_to_be_the_one_that_is_pinned() {
    let (url, hash) = served();
    let with = |hash: &str| {
        let archive = format!("{{url: \"{url}\", sha256: \"{hash}\"}}");
        let checks = format!("checks: {{schemas: require, kubernetes: \"1.34\", schema-archives: [{archive}]}}\n");
        including(DEPLOYMENT, &checks).world()
    };
    is_told(&kept_back(&with(&hash)), "refused", "base/more.yaml:2", "expected integer, got string \"http\"");
    let world = with(&"0".repeat(64));
    let run = ends_without_commit(&world, deploy(&world, &[]), 11);
    assert!(run.stderr.contains(&hash), "{}", run.stderr);
}

#[test]
fn policies_refuse_and_warn() {
    let policy = "package main\n\nimport rego.v1\n\n\
                  deny contains msg if {\n\tinput.kind == \"Deployment\"\n\tmsg := \"no Deployments ::error::here\"\n}\n\n\
                  warn contains \"odd name\" if input.metadata.name == \"web\"\n";
    let layout = including(DEPLOYMENT, "checks: {policies: require}\n").with("policy/main.rego", policy);
    let run = kept_back(&layout.world());
    is_told(&run, "refused", "base/more.yaml:2", "no Deployments ::error::here");
    is_told(&run, "warning", "base/more.yaml:2", "odd name");
    let world = including(DEPLOYMENT, "checks: {policies: warn}\n").with("policy/main.rego", policy).world();
    is_told(&world.deploy(7, &sha('a')).ok(), "warning", "base/more.yaml:2", "no Deployments");
    let layout = including(DEPLOYMENT, "checks: {policies: require}\n");
    is_told(&kept_back(&layout.world()), "refused", "bivouac.yaml", "there is no policy");
    let run = kept_back(&layout.with("policy/main.rego", "package main\n\ndeny contains msg if {\n").world());
    assert!(run.stdout.contains("refused policy/main.rego:"), "{}", run.stdout);
}

#[test]
fn every_rule_refuses_what_it_is_there_for() {
    let ingress = "apiVersion: networking.k8s.io/v1\nkind: Ingress\nmetadata: {name: web}\n\
                   spec: {rules: [{host: www.example.org}]}\n";
    let secret = "apiVersion: v1\nkind: Secret\nmetadata: {name: web}\nstringData: {password: hush-hush}\n";
    for (rule, text, words) in [
        ("no-inline-secrets", secret, "Secret `web`: "),
        ("resources", DEPLOYMENT, "Deployment `web`: "),
        ("security-context", DEPLOYMENT, "privileged"),
        ("mandatory-labels", DEPLOYMENT, "team"),
        ("host-in-domain", ingress, "www.example.org"),
    ] {
        let checks =
            |strictness: &str| format!("checks: {{rules: {{{rule}: {strictness}}}, mandatory-labels: [team]}}\n");
        let run = kept_back(&including(text, &checks("require")).world());
        is_told(&run, "refused", "base/more.yaml:2", words);
        assert!(!run.stdout.contains("hush-hush") && !run.stderr.contains("hush-hush"), "{}", run.stdout);
        let run = including(text, &checks("warn")).world().deploy(7, &sha('a')).ok();
        is_told(&run, "warning", "base/more.yaml:2", words);
    }
}

#[test]
fn what_the_chart_renders_is_held_against_the_rules_too() {
    let role = "apiVersion: rbac.authorization.k8s.io/v1\nkind: ClusterRole\nmetadata: {name: web}\nrules: []\n";
    let template = "charts/wildside/templates/role.yaml";
    let layout = with_chart("values: {}").with(template, role);
    let world = layout.configured("checks: {chart: require, rules: {no-cluster-scope: require}}\n").world();
    let run = ends_without_commit(&world, with_helm(&world), 12);
    is_told(&run, "refused", &format!("{template}:1"), "ClusterRole `web`: ");
    let all = "no-inline-secrets: require, resources: require, security-context: require, no-cluster-scope: require, \
               host-in-domain: require";
    let world = with_chart("values: {}").configured(&format!("checks: {{chart: require, rules: {{{all}}}}}\n")).world();
    world.run(with_helm(&world)).ok();
}
