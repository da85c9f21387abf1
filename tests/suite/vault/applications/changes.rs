//! What was changed of an application's role and policy is found, and mended.

use serde_json::{Value, json};

use super::{POLICY, Site, wanted};
use crate::vault::settings::Settings;
use crate::vault::world::VaultWorld;

/// What was asked of the server since so many lines of its audit log, other than to read.
fn updates_since(site: &Site, lines: usize) -> Vec<String> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let lines = site.world.bao.audit_lines().split_off(lines).into_iter();
    let asked = lines.filter(|line| line["type"] == "request");
    let asked = asked.map(|line| (text(&line["request"]["operation"]), text(&line["request"]["path"])));
    asked.filter(|(does, _)| !matches!(does.as_str(), "read" | "list")).map(|(_, path)| path).collect()
}

#[test]
fn a_second_run_changes_nothing() {
    let site = Site::new();
    for options in [&[][..], &["--check"], &["--dry-run"]] {
        let lines = site.world.bao.audit_lines().len();
        assert_eq!(site.bootstrap(options).ok().output("changed"), "false");
        let expected = [
            "auth/approle/login",
            "auth/approle/role/bivouac-deployer/secret-id-accessor/lookup",
            "auth/token/revoke-self",
        ];
        assert_eq!(updates_since(&site, lines), expected);
    }
}

#[test]
fn a_role_and_a_policy_that_are_wider_are_narrowed_and_what_is_gone_is_made_again() {
    let site = Site::new();
    let bao = &site.world.bao;
    let wider = json!({ "policy": "path \"secret/*\" { capabilities = [\"create\", \"read\", \"update\", \"delete\", \"list\"] }" });
    let token = site.by_jwt();
    let neighbour = "secret/data/previews/other/pr-7";
    bao.done("PUT", POLICY, Some(&site.root), Some(wider));
    assert_eq!(bao.api("GET", neighbour, Some(&token), None).0, 200);
    let run = site.bootstrap(&["--check"]);
    assert_eq!(run.code, 8, "{}", run.stderr);
    assert!(run.stdout.contains("policy `bivouac-wildside`"), "{}", run.stdout);
    assert_eq!(site.bootstrap(&[]).ok().output("changed"), "true");
    assert_eq!(bao.api("GET", neighbour, Some(&token), None).0, 403);

    for (mount, more) in
        [("approle", json!({})), ("jwt", json!({ "role_type": "jwt", "user_claim": "sub", "bound_audiences": ["x"] }))]
    {
        let role = format!("auth/{mount}/role/bivouac-wildside");
        let before = bao.done("GET", &role, Some(&site.root), None)["data"].clone();
        let mut fields = more.clone();
        fields["token_policies"] = json!(["bivouac-wildside", "bivouac-deployer"]);
        bao.done("POST", &role, Some(&site.root), Some(fields));
        assert_eq!(site.bootstrap(&["--check"]).code, 8);
        site.bootstrap(&[]).ok();
        assert_eq!(bao.done("GET", &role, Some(&site.root), None)["data"], before);
        bao.done("DELETE", &role, Some(&site.root), None);
        assert_eq!(site.bootstrap(&["--check"]).code, 8);
        site.bootstrap(&[]).ok();
        assert_eq!(bao.done("GET", &role, Some(&site.root), None)["data"], before);
    }
    site.bootstrap(&["--check"]).ok();
}

/// The operator's policy names each path. Another application is one that it does not name yet.
#[test]
fn an_application_is_added_with_a_root_token_of_the_shares_or_with_one_that_is_given() {
    let site = Site::new();
    site.world.config(&format!("{}\n  third: {{}}", wanted(&site.issuer)));
    let run = site.bootstrap(&["--check"]);
    assert_eq!(run.code, 8, "{}", run.stderr);
    assert!(run.stdout.contains("policy `bivouac-third`"), "{}", run.stdout);
    let run = site.bootstrap(&[]);
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(run.stderr.contains("BIVOUAC_VAULT_TOKEN"), "{}", run.stderr);
    assert_eq!(site.bootstrap_as_root(&[]).ok().output("changed"), "true");
    assert_eq!(site.bootstrap(&["--mint-application-secret-id", "third"]).ok().output("changed"), "true");

    let world = VaultWorld::with(Settings::in_memory().audited().lenient());
    world.bootstrap(&[]).ok();
    let config = world.config("applications: {wildside: {}}");
    assert_eq!(world.bootstrap(&["--config", &config]).ok().output("changed"), "true");
    assert_eq!(world.bootstrap(&["--config", &config]).ok().output("changed"), "false");
}
