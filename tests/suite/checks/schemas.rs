//! Schemas as people have them, and the verdicts of a validator that others use.

use std::fs;
use std::path::Path;

use bivouac::domain::checks::Manifest;
use bivouac::domain::checks::schema::{SchemaError, Schemas, Verdict};
use bivouac::domain::configuration::KubernetesVersion;
use bivouac::domain::yaml;
use tempfile::TempDir;

use crate::kustomize::tool;
use crate::world::tools;

/// Manifests, and what has to be in the first message if they are not valid.
const MANIFESTS: [(&str, &str, &str); 24] = [
    ("deployment", include_str!("manifests/deployment.yaml"), ""),
    (
        "port-as-text",
        "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: '80'}]}}",
        "spec.ports[0].port: expected integer, got string \"80\"",
    ),
    (
        "port-by-name",
        "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 80, targetPort: http}]}}",
        "",
    ),
    (
        "port-by-number",
        "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 80, targetPort: 8080}]}}",
        "",
    ),
    (
        "port-by-list",
        "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {ports: [{port: 80, targetPort: [1]}]}}",
        "spec.ports[0].targetPort: ",
    ),
    (
        "unknown-at-the-top",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, dat: {a: b}}",
        "unknown field `dat`: did you mean `data`?",
    ),
    (
        "unknown-within",
        "{apiVersion: v1, kind: Service, metadata: {name: a}, spec: {port: 80}}",
        "spec: unknown field `port`: did you mean `ports`?",
    ),
    (
        "unknown-in-metadata",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, label: {a: b}}}",
        "metadata: unknown field `label`: did you mean `labels`?",
    ),
    (
        "number-as-label",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a, labels: {a: 1}}}",
        "metadata.labels.a: expected string, got integer 1",
    ),
    (
        "number-as-data",
        "{apiVersion: v1, kind: ConfigMap, metadata: {name: a}, data: {port: 80}}",
        "data.port: expected string, got integer 80",
    ),
    (
        "no-selector",
        "{apiVersion: apps/v1, kind: Deployment, metadata: {name: a}, spec: {template: {}}}",
        "spec: `selector` is required",
    ),
    (
        "no-containers",
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {restartPolicy: Never}}",
        "spec: `containers` is required",
    ),
    (
        "nameless-container",
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{image: b}]}}",
        "spec.containers[0]: `name` is required",
    ),
    (
        "quantities",
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: b, resources: {requests: {cpu: 1, memory: 1Gi}}}]}}",
        "",
    ),
    (
        "boolean-as-quantity",
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: b, resources: {requests: {cpu: true}}}]}}",
        "spec.containers[0].resources.requests.cpu: ",
    ),
    (
        "number-in-env",
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: b, env: [{name: A, value: 1}]}]}}",
        "spec.containers[0].env[0].value: expected string, got integer 1",
    ),
    (
        "null-in-env",
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: [{name: b, env: [{name: A, value: null}]}]}}",
        "",
    ),
    (
        "list-as-map",
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {containers: {name: b}}}",
        "spec.containers: expected array, got object",
    ),
    (
        "text-as-boolean",
        "{apiVersion: v1, kind: Pod, metadata: {name: a}, spec: {hostNetwork: 'yes', containers: [{name: b}]}}",
        "spec.hostNetwork: expected boolean, got string \"yes\"",
    ),
    (
        "fraction-as-integer",
        "{apiVersion: apps/v1, kind: StatefulSet, metadata: {name: a}, spec: {serviceName: a, replicas: 1.5, selector: {}, template: {}}}",
        "spec.replicas: expected integer, got number 1.5",
    ),
    (
        "ingress",
        "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {rules: [{host: b, http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: c, port: {number: 80}}}}]}}]}}",
        "",
    ),
    (
        "ingress-of-old",
        "{apiVersion: networking.k8s.io/v1, kind: Ingress, metadata: {name: a}, spec: {rules: [{http: {paths: [{path: /, pathType: Prefix, backend: {serviceName: c, servicePort: 80}}]}}]}}",
        "spec.rules[0].http.paths[0].backend: unknown field `serviceName`",
    ),
    (
        "cronjob",
        "{apiVersion: batch/v1, kind: CronJob, metadata: {name: a}, spec: {schedule: '* * * * *', jobTemplate: {spec: {template: {spec: {restartPolicy: Never, containers: [{name: b}]}}}}}}",
        "",
    ),
    (
        "role",
        "{apiVersion: rbac.authorization.k8s.io/v1, kind: Role, metadata: {name: a}, rules: [{apiGroups: [''], resources: [pods], verbs: get}]}",
        "rules[0].verbs: expected array, got string \"get\"",
    ),
];

/// The files below a folder that concern the version, each with its path from there.
pub(crate) fn files(folder: &Path, version: Option<&KubernetesVersion>) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(&directory).unwrap() {
            let path = entry.unwrap().path();
            let name = path.strip_prefix(folder).unwrap().to_string_lossy().into_owned();
            if path.is_dir() {
                waiting.push(path);
            } else if Schemas::concerns(&name, version) {
                found.push((name, fs::read_to_string(&path).unwrap()));
            }
        }
    }
    found
}

fn kubernetes(version: &str) -> Result<Schemas, SchemaError> {
    let version: KubernetesVersion = version.parse().unwrap();
    let folder = tools().join("python/kubernetes_validate/kubernetes-json-schema");
    Schemas::read(files(&folder, Some(&version)), Some(&version))
}

pub(crate) fn manifest(text: &str) -> Manifest {
    Manifest { object: yaml::parse(text).unwrap(), origin: None }
}

#[test]
fn the_verdict_is_that_of_kubernetes_validate() {
    let schemas = kubernetes("1.34").unwrap();
    let folder = TempDir::new().unwrap();
    let mut command = tool("kubernetes-validate");
    command.args(["-k", "1.34", "--strict"]);
    for (name, text, _) in MANIFESTS {
        fs::write(folder.path().join(name), text).unwrap();
        command.arg(folder.path().join(name));
    }
    let said = String::from_utf8(command.output().unwrap().stdout).unwrap();

    for (name, text, message) in MANIFESTS {
        let line = |word: &str| said.contains(&format!("{word} {} ", folder.path().join(name).display()));
        let theirs = line("INFO");
        assert_ne!(theirs, line("ERROR"), "{name}: {said}");
        match schemas.check(&manifest(text)).unwrap() {
            Verdict::Valid => assert!(theirs && message.is_empty(), "{name}: {said}"),
            Verdict::Invalid(found) => {
                assert!(!theirs && !message.is_empty() && found[0].starts_with(message), "{name}: {found:#?}\n{said}");
            }
            Verdict::Unknown(kind) => panic!("{name}: {kind}"),
        }
    }
}

#[test]
fn a_version_that_is_not_there_is_told_with_those_that_are() {
    let folder = tools().join("python/kubernetes_validate/kubernetes-json-schema");
    let files: Vec<_> = ["v1.33.0-local", "v1.34.0-local-strict"]
        .map(|version| {
            let name = format!("{version}/configmap-v1.json");
            let text = fs::read_to_string(folder.join(&name)).unwrap();
            (name, text)
        })
        .into();
    let refused = |version: Option<&str>| {
        let version = version.map(|version| version.parse::<KubernetesVersion>().unwrap());
        Schemas::read(files.clone(), version.as_ref()).unwrap_err().to_string()
    };
    assert_eq!(refused(Some("1.30")), "there are no schemas of Kubernetes 1.30: there are those of 1.33, 1.34");
    assert_eq!(
        refused(None),
        "there are schemas of Kubernetes 1.33, 1.34, and `checks.kubernetes` does not say which version the cluster has"
    );
}

#[test]
fn an_api_that_kubernetes_no_longer_serves_is_refused_with_the_one_that_it_serves() {
    let schemas = kubernetes("1.34").unwrap();
    let old = manifest("{apiVersion: policy/v1beta1, kind: PodDisruptionBudget, metadata: {name: a}}");
    let message = "apiVersion: \"policy/v1beta1\" is not served for PodDisruptionBudget: use policy/v1";
    assert_eq!(schemas.check(&old).unwrap(), Verdict::Invalid(vec![message.to_owned()]));
    let foreign = manifest("{apiVersion: policy.example.com/v1, kind: PodDisruptionBudget, metadata: {name: a}}");
    let unknown = Verdict::Unknown("policy.example.com/v1 PodDisruptionBudget".to_owned());
    assert_eq!(schemas.check(&foreign).unwrap(), unknown);
}

#[test]
fn every_kind_that_kubernetes_validate_knows_can_be_looked_up() {
    let version: KubernetesVersion = "1.34".parse().unwrap();
    let schemas = kubernetes("1.34").unwrap();
    let folder = tools().join("python/kubernetes_validate/kubernetes-json-schema/v1.34.0-local-strict");
    let text = fs::read_to_string(folder.join("_definitions.json")).unwrap();
    // The same definitions as Kubernetes publishes them, in one file.
    let text = text.replace("\"$defs\"", "\"definitions\"").replace("#/$defs/", "#/definitions/");
    let openapi = Schemas::read(vec![("openapi/swagger.json".to_owned(), text.clone())], Some(&version)).unwrap();
    let definitions: serde_json::Value = serde_json::from_str(&text).unwrap();
    let mut count = 0;
    for definition in definitions["definitions"].as_object().unwrap().values() {
        let kinds = definition["x-kubernetes-group-version-kind"].as_array();
        let ([kind], true) = (kinds.map_or(&[][..], Vec::as_slice), definition["properties"]["metadata"].is_object())
        else {
            continue;
        };
        let (group, version) = (kind["group"].as_str().unwrap(), kind["version"].as_str().unwrap());
        // The file of the first has another name, `apiserverinternal`; the other is an answer.
        if group == "internal.apiserver.k8s.io" || kind["kind"] == "Status" {
            continue;
        }
        let api_version = if group.is_empty() { version.to_owned() } else { format!("{group}/{version}") };
        let object = serde_json::json!({"apiVersion": api_version, "kind": kind["kind"], "nothing": 1});
        for schemas in [&schemas, &openapi] {
            let verdict = schemas.check(&Manifest { object: object.clone(), origin: None }).unwrap();
            let Verdict::Invalid(found) = verdict else { panic!("{kind}: {verdict:?}") };
            assert!(found[0].contains("unknown field `nothing`"), "{found:?}");
        }
        count += 1;
    }
    assert!(count > 100, "{count}");
}

#[test]
fn three_thousand_manifests_take_a_moment() {
    let schemas = kubernetes("1.34").unwrap();
    let deployment = manifest(MANIFESTS[0].1);
    assert_eq!(schemas.check(&deployment).unwrap(), Verdict::Valid);
    let begun = std::time::Instant::now();
    for _ in 0..3_000 {
        schemas.check(&deployment).unwrap();
    }
    // Without optimisation, on a busy machine.
    assert!(begun.elapsed().as_secs() < 10, "{:?}", begun.elapsed());
}
