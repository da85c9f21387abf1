//! Who logs in as an application, and what is left for it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use serde_json::{Value, json};

use super::{OTHER_WORKFLOW, Site, WORKFLOW, left};
use crate::vault::issuer::Issuer;
use crate::vault::world::VaultWorld;

#[test]
fn only_its_own_workflows_log_in_as_an_application() {
    let site = Site::new();
    let claims = site.claims();
    let with = |name: &str, value: Value| {
        let mut claims = claims.clone();
        claims[name] = value;
        claims
    };
    for good in [claims.clone(), with("job_workflow_ref", OTHER_WORKFLOW.into()), with("event_name", "push".into())] {
        assert_eq!(site.log_in_by_jwt("bivouac-wildside", &site.issuer.token(&good)).0, 200, "{good}");
    }
    let file = WORKFLOW.split('@').next().unwrap();
    for (name, value) in [
        ("repository_id", json!("654321")),
        ("repository_id", json!("1234567")),
        ("repository_id", Value::Null),
        ("job_workflow_ref", json!(format!("{file}@refs/heads/evil"))),
        ("job_workflow_ref", json!(format!("{file}@refs/pull/7/merge"))),
        ("job_workflow_ref", json!(format!("{WORKFLOW}-evil"))),
        ("job_workflow_ref", json!("acme/wildside/.github/workflows/evil.yml@refs/heads/main")),
        ("job_workflow_ref", json!("evil/wildside/.github/workflows/preview-sweep.yml@refs/heads/main")),
        ("job_workflow_ref", json!("*")),
        ("job_workflow_ref", Value::Null),
        ("aud", json!("https://vault.example.com:8200")),
        ("aud", Value::Null),
        ("iss", json!("https://token.example.com")),
        ("exp", json!(1_700_000_000)),
        ("nbf", json!(4_000_000_000_i64)),
    ] {
        let (status, answer) = site.log_in_by_jwt("bivouac-wildside", &site.issuer.token(&with(name, value.clone())));
        assert!(status == 400 || status == 403, "{name} {value}: {status} {answer}");
        assert_eq!(answer["auth"], Value::Null);
    }
    for forged in [Issuer::new().token(&claims), Issuer::unsigned(&claims)] {
        assert_ne!(site.log_in_by_jwt("bivouac-wildside", &forged).0, 200);
    }
    // What is good for one is not good for another, nor for those who may do more.
    let token = site.issuer.token(&claims);
    for role in ["bivouac-other", "bivouac-deployer", "bivouac-operator", "bivouac-reader", ""] {
        assert_ne!(site.log_in_by_jwt(role, &token).0, 200, "{role}");
    }
}

#[test]
fn a_secret_id_is_left_in_a_file_of_each_application_that_is_named() {
    let site = Site::new();
    let both = ["--mint-application-secret-id", "wildside", "--mint-application-secret-id", "other"];
    let run = site.bootstrap(&[&both[..], &["--format", "json"]].concat()).ok();
    let told: Value = serde_json::from_str(&run.stdout).unwrap();
    assert_eq!(run.output("changed"), "true");
    for (index, application) in ["other", "wildside"].iter().enumerate() {
        let (role_id, secret_id) = left(&run, application);
        let file = told["applications"][index]["secret-id-file"].as_str().unwrap();
        assert_eq!(told["applications"][index]["role-id"], role_id.as_str());
        assert_eq!(fs::metadata(file).unwrap().permissions().mode() & 0o777, 0o600);
        assert!(file.starts_with(site.world.temporary().to_str().unwrap()), "{file}");
        let (status, answer) = site.log_in("approle", &json!({ "role_id": role_id, "secret_id": secret_id }));
        assert_eq!(status, 200, "{answer}");
        assert_eq!(answer["auth"]["token_policies"], json!([format!("bivouac-{application}"), "default"]));
        assert!(!format!("{}{}{:?}", run.stdout, run.summary, run.outputs).contains(&secret_id));
    }
    let run = site
        .world
        .bootstrap_with(&[("BIVOUAC_MINT_APPLICATION_SECRET_IDS", "wildside\n")], &["--config", &site.config]);
    assert!(run.output("application-secret-id-files").starts_with("wildside=/"), "{run:?}");
}

#[test]
fn every_role_id_is_told_by_each_run_that_looks() {
    let site = Site::new();
    let role_id = |login: &str| {
        let path = format!("auth/approle/role/bivouac-{login}/role-id");
        site.world.bao.done("GET", &path, Some(&site.root), None)["data"]["role_id"].as_str().unwrap().to_owned()
    };
    let [deployer, reader, wildside, other] = ["deployer", "reader", "wildside", "other"].map(role_id);
    let lines = format!(
        "\nrole-id of `bivouac-deployer`: {deployer}\nrole-id of `bivouac-reader`: {reader}\n\
         role-id of `bivouac-other`: {other}\nrole-id of `bivouac-wildside`: {wildside}\n"
    );
    for option in ["--quiet", "--check", "--rotate-secret-id"] {
        let run = site.bootstrap(&[option]).ok();
        assert!(run.stdout.contains(&lines), "{}", run.stdout);
        assert_eq!(run.output("approle-role-id"), deployer);
        assert_eq!((run.output("reader-role-id"), run.output("reader-secret-id-file")), (reader.as_str(), ""));
        let of_applications = format!("other={other}\nwildside={wildside}");
        assert_eq!(run.output("application-role-ids"), of_applications);
        assert_eq!(run.output("application-secret-id-files"), "");
    }
    let told: Value = serde_json::from_str(&site.bootstrap(&["--format", "json"]).ok().stdout).unwrap();
    assert_eq!([&told["approle-role-id"], &told["reader-role-id"]], [deployer.as_str(), reader.as_str()]);
    assert_eq!(told["applications"][1], json!({ "name": "wildside", "role-id": wildside, "secret-id-file": null }));
    assert!(!site.bootstrap(&["--dry-run"]).ok().stdout.contains("role-id of"));
}

#[test]
fn a_secret_id_is_only_planned_by_a_run_that_writes_nothing() {
    let site = Site::new();
    let before = site.world.bao.audit_lines().len();
    for (option, code) in [("--check", 8), ("--dry-run", 0)] {
        let run = site.bootstrap(&[option, "--mint-application-secret-id", "wildside"]);
        assert_eq!((run.code, run.output("application-secret-id-files")), (code, ""), "{}", run.stderr);
        assert!(run.stdout.contains("secret-id of `bivouac-wildside`"), "{}", run.stdout);
    }
    let asked = site.world.bao.audit_lines().split_off(before);
    assert!(asked.iter().all(|line| line["request"]["path"] != "auth/approle/role/bivouac-wildside/secret-id"));
}

#[test]
fn an_application_that_nobody_has_named_is_refused_before_anything_is_asked() {
    let world = VaultWorld::new();
    for asked in ["wildside", "deployer", "Wild/Side", "../x"] {
        let run = world.bootstrap(&["--mint-application-secret-id", asked]);
        assert_eq!(run.code, 2, "{}", run.stderr);
    }
    let run = world.bootstrap(&["--mint-application-secret-id", "wildside"]);
    assert!(run.stderr.contains("there is no application `wildside`"), "{}", run.stderr);
    assert_eq!(world.bao.audit_lines().len(), 0);
}
