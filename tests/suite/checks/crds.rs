//! A CRD as Flux publishes it.

use bivouac::domain::checks::schema::{Schemas, Verdict};

use super::schemas::manifest;

/// What is said of a `HelmRelease` with this `spec`.
fn said(spec: &str) -> Vec<String> {
    let crd = include_str!("manifests/helmreleases.yaml").to_owned();
    let schemas = Schemas::read(vec![("crds/helmreleases.yaml".to_owned(), crd)], None).unwrap();
    let text = format!(
        "{{apiVersion: helm.toolkit.fluxcd.io/v2, kind: HelmRelease, metadata: {{name: a, namespace: pr-7}}, spec: {spec}}}"
    );
    match schemas.check(&manifest(&text)).unwrap() {
        Verdict::Valid => Vec::new(),
        Verdict::Invalid(found) => found,
        Verdict::Unknown(kind) => panic!("{kind}"),
    }
}

#[test]
fn a_helmrelease_is_held_against_the_crd_of_flux() {
    let chart = "chart: {spec: {chart: ./chart, sourceRef: {kind: GitRepository, name: a}}}";
    let with = |rest: &str| said(&format!("{{interval: 5m, {chart}, {rest}}}"));
    let nothing = Vec::<String>::new();
    assert_eq!(with("values: {anything: {goes: [here]}}, install: {remediation: {retries: 3}}"), nothing);
    assert_eq!(with("targetNamespace: pr-7, valuesFrom: [{kind: Secret, name: a}]"), nothing);

    let kind = "spec.valuesFrom[0].kind: unsupported \"Vault\": supported values: \"Secret\", \"ConfigMap\"";
    assert_eq!(with("valuesFrom: [{kind: Vault, name: a}]"), [kind]);
    assert_eq!(with("value: {}"), ["spec: unknown field `value`: did you mean `values`?"]);
    let retries = "spec.install.remediation.retries: expected integer, got string \"3\"";
    assert_eq!(with("install: {remediation: {retries: '3'}}"), [retries]);
    let timeout = with("timeout: soon");
    assert!(timeout[0].starts_with("spec.timeout: does not match the pattern `^([0-9]+"), "{timeout:#?}");
    assert_eq!(said(&format!("{{{chart}}}")), ["spec: `interval` is required"]);
    assert_eq!(with("targetNamespace: ''"), ["spec.targetNamespace: must have at least 1 characters, and has 0"]);
}
