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
    let run = site.bootstrap(&["--format", "json"]).ok();
    assert_eq!((run.output("application-role-ids"), run.output("application-secret-id-files")), ("", ""));
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
    let (role_id, _) = left(&run, "wildside");
    assert!(run.stdout.contains(&format!("role-id of `bivouac-wildside`: {role_id}\n")), "{}", run.stdout);
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
