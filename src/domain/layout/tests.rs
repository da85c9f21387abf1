//! What a new apps repository holds.

use super::*;
use crate::domain::base::{Base, Source, Sources};
use crate::domain::configuration::Configuration;
use crate::domain::yaml;

fn layout(chart_repository: &str) -> Layout {
    let image = |name: &str| (name.parse().unwrap(), format!("ghcr.io/acme/{name}").parse().unwrap());
    Layout {
        application: "wildside".parse().unwrap(),
        repository: "acme/wildside".parse().unwrap(),
        domain: "preview.example.com".parse().unwrap(),
        images: BTreeMap::from([image("backend"), image("frontend")]),
        ingress_host: "ingress.hostname".parse().unwrap(),
        chart: "wildside".parse().unwrap(),
        chart_repository: chart_repository.parse().unwrap(),
        chart_version: "1.x".parse().unwrap(),
        apps_url: "https://github.com/acme/apps".to_owned(),
        apps_branch: "main".parse().unwrap(),
        root: RepoPath::top(),
        vault_address: None,
    }
}

#[test]
fn a_new_repository_is_one_that_bivouac_can_use() {
    for repository in ["https://charts.example.com", "oci://ghcr.io/acme/charts"] {
        let files = layout(repository).files();
        for text in files.values() {
            yaml::parse_all(text).unwrap();
        }
        let file = |path: &str| files[&path.parse().unwrap()].clone();
        Configuration::parse("bivouac.yaml".parse().unwrap(), &file("bivouac.yaml")).unwrap();
        let path: RepoPath = "base/helmrelease.yaml".parse().unwrap();
        let source = Source { text: file(path.as_str()), path, ..Source::default() };
        let sources = Sources { files: vec![source], ..Sources::default() };
        assert_eq!(Base::find(&"base".parse().unwrap(), &sources).unwrap().release_name(), "wildside");
    }
}

#[test]
fn nothing_that_is_not_an_address_gets_into_a_file() {
    for broken in ["http://x", "oci://", "https://a b", "https://a\"\nx: y", "file:///x"] {
        assert!(broken.parse::<ChartRepository>().is_err(), "{broken}");
    }
}

/// The file of a new repository, as it is read.
fn parsed(layout: &Layout, path: &str) -> serde_json::Value {
    yaml::parse_all(&layout.files()[&path.parse().unwrap()]).unwrap().remove(0)
}

#[test]
fn the_only_image_is_where_a_new_chart_has_it_and_several_are_below_their_names() {
    let several = layout("oci://ghcr.io/acme/charts");
    let images = parsed(&several, "bivouac.yaml")["images"].clone();
    assert_eq!(
        (&images["backend"]["values"], &images["frontend"]["values"]),
        (&"backend.image".into(), &"frontend.image".into())
    );
    let mut single = several;
    single.images.pop_first();
    assert_eq!(parsed(&single, "bivouac.yaml")["images"]["frontend"]["values"], "image");
}

#[test]
fn the_address_of_a_registry_may_end_with_the_chart() {
    for (given, url) in [
        ("oci://ghcr.io/acme/charts", "oci://ghcr.io/acme/charts/wildside"),
        ("oci://ghcr.io/acme/charts/", "oci://ghcr.io/acme/charts/wildside"),
        ("oci://ghcr.io/acme/charts/wildside", "oci://ghcr.io/acme/charts/wildside"),
        ("oci://ghcr.io/acme/charts/my-wildside", "oci://ghcr.io/acme/charts/my-wildside/wildside"),
    ] {
        assert_eq!(parsed(&layout(given), "flux/chart.yaml")["spec"]["url"], url, "{given}");
    }
}

#[test]
fn the_address_of_a_chart_repository_is_taken_as_it_is_without_the_last_slash() {
    for (given, url) in [
        ("https://charts.example.com", "https://charts.example.com"),
        ("https://charts.example.com/", "https://charts.example.com"),
        ("https://acme.github.io/wildside", "https://acme.github.io/wildside"),
        ("https://acme.github.io/wildside/", "https://acme.github.io/wildside"),
    ] {
        assert_eq!(parsed(&layout(given), "flux/chart.yaml")["spec"]["url"], url, "{given}");
    }
}

#[test]
fn files_of_a_root_that_is_not_the_top_are_below_it() {
    let layout = Layout { root: "apps/wildside".parse().unwrap(), ..layout("https://charts.example.com") };
    assert!(layout.files().keys().all(|path| path.as_str().starts_with("apps/wildside/")));
    let flux = yaml::parse_all(&layout.files()[&"apps/wildside/flux/previews.yaml".parse().unwrap()]).unwrap();
    assert_eq!(flux[1]["spec"]["path"], "./apps/wildside/overlays/ephemeral");
}

#[test]
fn charts_have_names_and_versions_as_helm_has_them() {
    for fine in ["wildside", "web-2", "7", &"a".repeat(63)] {
        assert!(fine.parse::<ChartName>().is_ok(), "{fine}");
    }
    for broken in ["", "-web", "Web", "a_b", "a/b", "a\nb", "\"", &"a".repeat(64)] {
        let error = broken.parse::<ChartName>().unwrap_err().to_string();
        assert!(error.ends_with("is not the name of a chart: use lower case letters, digits and `-`"), "{error}");
    }
    for fine in ["*", "1.x", "1.2.3-rc.1+build.5", ">=1.0.0 <2.0.0", ">=1.0, <2", "!=1.3", "~1.2 || ^3", "1.2 - 1.4"] {
        assert!(fine.parse::<ChartVersion>().is_ok(), "{fine}");
    }
    for broken in ["", " ", "1.x\n", "\"1\"", "1.x # new", "{1}", "ü"] {
        let error = broken.parse::<ChartVersion>().unwrap_err().to_string();
        assert!(error.contains("is not a version: use one such as `1.2.3`"), "{error}");
    }
}

#[test]
fn secrets_are_a_hint_until_there_is_a_vault_to_have_them_from() {
    let without = layout("oci://ghcr.io/acme/charts");
    assert!(!without.files().keys().any(|path| path.as_str().contains("secret-store")));
    assert!(parsed(&without, "bivouac.yaml")["secrets"].is_null());
    let with = Layout { vault_address: Some("https://vault.example.com:8200".parse().unwrap()), ..without.clone() };
    let entry = &parsed(&with, "bivouac.yaml")["secrets"][0];
    assert_eq!(entry["store"], parsed(&with, "flux/secret-store.yaml")["metadata"]["name"]);
    assert_eq!((&entry["name"], &entry["path"]), (&"wildside".into(), &"previews/wildside".into()));
    let hint = without.files()[&"bivouac.yaml".parse().unwrap()].clone();
    let used = yaml::parse::<serde_json::Value>(&hint.replace("# secrets: ", "secrets: ")).unwrap();
    assert_eq!(used["secrets"][0], *entry);
}

#[test]
fn the_store_is_for_the_namespaces_of_previews_alone_though_the_operator_looks_anywhere_in_a_name() {
    let address = Some("https://vault.example.com".parse().unwrap());
    let layout = Layout { vault_address: address, ..layout("oci://ghcr.io/acme/charts") };
    let objects = yaml::parse_all(&layout.files()[&"flux/secret-store.yaml".parse().unwrap()]).unwrap();
    let conditions = &objects.last().unwrap()["spec"]["conditions"];
    let expression = conditions[0]["namespaceRegexes"][0].as_str().unwrap();
    assert_eq!((conditions.as_array().unwrap().len(), conditions[0].as_object().unwrap().len()), (1, 1));
    let expression = regex::Regex::new(expression).unwrap();
    let configuration =
        Configuration::parse("bivouac.yaml".parse().unwrap(), &layout.files()[&"bivouac.yaml".parse().unwrap()]);
    for number in ["1", "7", "10", "2147483647"] {
        let identity = configuration.as_ref().unwrap().identity(number.parse().unwrap()).unwrap();
        assert!(expression.is_match(identity.namespace.as_str()), "{number}");
    }
    for other in [
        "wildside",
        "wildside-production",
        "wildside-pr-",
        "wildside-pr-07",
        "wildside-pr-0",
        "wildside-pr-7-evil",
        "evil-wildside-pr-7",
        "wildside-pr-7\n",
        "default",
        "external-secrets",
        "other-pr-7",
    ] {
        assert!(!expression.is_match(other), "{other}");
    }
}
