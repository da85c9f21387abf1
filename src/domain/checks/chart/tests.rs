use serde_json::json;

use super::*;

fn release(spec: &Value) -> Manifest {
    let object = json!({
        "apiVersion": "helm.toolkit.fluxcd.io/v2",
        "kind": "HelmRelease",
        "metadata": {"name": "wildside", "namespace": "wildside-pr-1"},
        "spec": spec,
    });
    Manifest { object, origin: None }
}

fn object(value: Value) -> Manifest {
    Manifest { object: value, origin: None }
}

fn chart_of(release: &Manifest, manifests: &[Manifest]) -> Result<Chart, Unavailable> {
    let is_chart = |folder: &RepoPath| folder.as_str() == "charts/wildside";
    Surroundings { manifests, folder: None, is_chart: &is_chart, kubernetes: Some("1.34") }.chart(release)
}

fn spec(kind: &str, chart: &str) -> Value {
    json!({"chart": {"spec": {"chart": chart, "version": "1.x", "sourceRef": {"kind": kind, "name": "charts"}}}})
}

#[test]
fn a_chart_is_found_where_its_source_leads() {
    let repository =
        |url: &str| object(json!({"kind": "HelmRepository", "metadata": {"name": "charts"}, "spec": {"url": url}}));
    let oci = |reference: Value| {
        object(json!({"kind": "OCIRepository", "metadata": {"name": "charts"},
                      "spec": {"url": "oci://ghcr.io/acme/wildside", "ref": reference}}))
    };
    let version = Some("1.x".to_owned());
    let by_reference = json!({"chartRef": {"kind": "OCIRepository", "name": "charts"}});
    let url = "oci://ghcr.io/acme/wildside".to_owned();
    for (spec, source, expected) in [
        (spec("GitRepository", "./charts/wildside"), None, ChartSource::Folder("charts/wildside".parse().unwrap())),
        (
            spec("HelmRepository", "wildside"),
            Some(repository("oci://ghcr.io/acme/")),
            ChartSource::Oci { url: url.clone(), version: version.clone() },
        ),
        (
            spec("HelmRepository", "wildside"),
            Some(repository("https://charts.example.com")),
            ChartSource::Repository { url: "https://charts.example.com".into(), name: "wildside".into(), version },
        ),
        (
            by_reference.clone(),
            Some(oci(json!({"tag": "2"}))),
            ChartSource::Oci { url: url.clone(), version: Some("2".into()) },
        ),
        (
            by_reference.clone(),
            Some(oci(json!({"digest": "sha256:ab"}))),
            ChartSource::Oci { url: format!("{url}@sha256:ab"), version: None },
        ),
    ] {
        let manifests: Vec<_> = source.into_iter().collect();
        assert_eq!(chart_of(&release(&spec), &manifests).unwrap().source, expected);
    }
}

#[test]
fn what_can_not_be_had_is_told() {
    for (spec, words) in [
        (spec("GitRepository", "./charts/other"), "`./charts/other` is no folder with a chart"),
        (spec("Bucket", "./charts/wildside"), "is not one that helm reads"),
        (spec("HelmRepository", "wildside"), "`charts`, is not in the overlay"),
        (json!({"chartRef": {"kind": "OCIRepository", "name": "x"}}), "`x`, is not in the overlay"),
        (json!({}), "names no chart"),
        (
            json!({"chart": {"spec": {"chart": "./charts/wildside", "sourceRef": {"kind": "GitRepository"}}},
                   "valuesFrom": [{"kind": "Secret", "name": "s"}]}),
            "from the Secret `s`",
        ),
    ] {
        let error = chart_of(&release(&spec), &[]).unwrap_err().to_string();
        assert!(error.contains(words), "{error}");
    }
}

#[test]
fn values_are_put_together_as_flux_does() {
    let mut spec = spec("GitRepository", "charts/wildside");
    spec["valuesFrom"] = json!([
        {"kind": "ConfigMap", "name": "defaults"},
        {"kind": "Secret", "name": "nowhere", "optional": true},
    ]);
    spec["values"] = json!({"image": {"tag": "b"}, "list": [3], "gone": null});
    spec["releaseName"] = "shop".into();
    spec["targetNamespace"] = "other".into();
    let defaults = object(json!({"kind": "ConfigMap", "metadata": {"name": "defaults"},
                                 "data": {"values.yaml": "image: {tag: a, repository: r}\nlist: [1, 2]\ngone: 1\n"}}));
    let chart = chart_of(&release(&spec), &[defaults]).unwrap();
    assert_eq!(chart.values, json!({"image": {"tag": "b", "repository": "r"}, "list": [3], "gone": null}));
    assert_eq!((chart.release.as_str(), chart.namespace.as_str()), ("shop", "other"));
}

#[test]
fn what_helm_prints_is_told_by_its_template() {
    let folder: RepoPath = "charts/wildside".parse().unwrap();
    let printed = "---\n# Source: wildside/templates/web.yaml\nkind: Deployment\n---\n# Source: wildside/charts/db/templates/x.yaml\nkind: Service\n";
    let found = manifests(printed, Some(&folder)).unwrap();
    let origins: Vec<_> = found.iter().map(|manifest| manifest.origin.as_ref().unwrap().as_str()).collect();
    assert_eq!(origins, ["charts/wildside/templates/web.yaml", "charts/wildside/charts/db/templates/x.yaml"]);
    for (words, line) in [
        ("Error: execution error at (wildside/templates/web.yaml:12:4): image.tag is required", Some(12)),
        ("Error: template: wildside/templates/web.yaml:3:10: executing \"x\" at <.Values.x>: nil", Some(3)),
        ("Error: YAML parse error on wildside/templates/web.yaml: error converting YAML to JSON", None),
    ] {
        let place = place(words, Some(&folder)).unwrap();
        assert_eq!((place.file.as_str(), place.line), ("charts/wildside/templates/web.yaml", line));
    }
    assert_eq!(place("Error: no such chart", Some(&folder)), None);
}
