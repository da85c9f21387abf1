//! What was changed behind the program's back: each is found, named, repaired, and what is not ours is left.

use serde_json::{Value, json};

use crate::vault::settings::Settings;
use crate::vault::world::VaultWorld;

/// One thing, and what somebody makes of it.
struct Change {
    path: &'static str,
    /// Its name in what the program says.
    what: &'static str,
    /// What is written, as JSON. Each field of it differs from what is wanted.
    fields: Value,
}

fn change(path: &'static str, what: &'static str, fields: Value) -> Change {
    Change { path, what, fields }
}

/// The fields of a token that each role gives.
fn token_fields(more: &Value) -> Value {
    let mut fields = json!({
        "token_policies": ["default", "bivouac-operator"],
        "token_ttl": 60, "token_max_ttl": 120, "token_explicit_max_ttl": 180, "token_period": 240,
        "token_num_uses": 7, "token_no_default_policy": true, "token_type": "default",
        "token_bound_cidrs": ["127.0.0.1/32"],
    });
    fields.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    fields
}

fn changes() -> Vec<Change> {
    let approle = || {
        token_fields(&json!({
            "bind_secret_id": false, "secret_id_bound_cidrs": ["127.0.0.1/32"], "secret_id_num_uses": 3, "secret_id_ttl": 77,
        }))
    };
    let jwt = || {
        token_fields(&json!({
            "role_type": "jwt", "user_claim": "/sub", "user_claim_json_pointer": true, "bound_audiences": ["another"], "bound_subject": "x",
            "bound_claims_type": "glob", "bound_claims": { "repository_id": "*" }, "claim_mappings": { "sub": "name" },
            "groups_claim": "/groups", "clock_skew_leeway": 5, "expiration_leeway": 6, "not_before_leeway": 7, "max_age": 8,
            "oidc_scopes": ["x"], "allowed_redirect_uris": ["http://localhost/x"], "verbose_oidc_logging": true,
        }))
    };
    let key = rcgen::KeyPair::generate().unwrap().public_key_pem();
    let policy = || json!({ "policy": "path \"secret/data/*\" {\n  capabilities = [\"read\", \"sudo\"]\n}\n" });
    vec![
        change("sys/policies/acl/bivouac-deployer", "policy `bivouac-deployer`", policy()),
        change("sys/policies/acl/bivouac-reader", "policy `bivouac-reader`", policy()),
        change("sys/policies/acl/bivouac-wildside", "policy `bivouac-wildside`", policy()),
        change("auth/approle/role/bivouac-wildside", "AppRole `bivouac-wildside`", approle()),
        change("auth/jwt/role/bivouac-wildside", "role `bivouac-wildside` of `auth/jwt`", jwt()),
        change("auth/approle/role/bivouac-deployer", "AppRole `bivouac-deployer`", approle()),
        change("auth/approle/role/bivouac-reader", "AppRole `bivouac-reader`", approle()),
        change("auth/jwt/role/bivouac-deployer", "role `bivouac-deployer` of `auth/jwt`", jwt()),
        change("auth/jwt/role/bivouac-operator", "role `bivouac-operator` of `auth/jwt`", jwt()),
        change(
            "auth/approle/role/bivouac-operator",
            "AppRole `bivouac-operator`",
            token_fields(&json!({ "secret_id_ttl": 77 })),
        ),
        change(
            "auth/jwt/config",
            "issuer of `auth/jwt`",
            json!({
                "jwt_validation_pubkeys": [key], "bound_issuer": "https://issuer.example.com", "default_role": "another",
                "jwt_supported_algs": ["ES256"],
            }),
        ),
    ]
}

/// What was read, without how often and when it was written.
fn without_version(mut data: Value) -> Value {
    if let Some(data) = data.as_object_mut() {
        data.retain(|name, _| !matches!(name.as_str(), "version" | "modified"));
    }
    data
}

#[test]
fn drift_in_each_field_is_found_named_and_repaired() {
    let world = VaultWorld::with(Settings::in_memory().audited().lenient());
    let config = world.config_with_application();
    world.bootstrap(&["--config", &config]).ok();
    let root = world.new_root();
    let token = [("BIVOUAC_VAULT_TOKEN", root.as_str())];
    let read = |path: &str| without_version(world.bao.done("GET", path, Some(&root), None)["data"].clone());
    for Change { path, what, fields } in changes() {
        let before = read(path);
        // A field at a time would be a run each; written together, each is named all the same.
        world.bao.done("POST", path, Some(&root), Some(fields.clone()));
        let drifted = read(path);
        let run = world.bootstrap_with(&token, &["--config", &config, "--check"]);
        assert_eq!(run.code, 8, "{what}: {}", run.stderr);
        assert!(run.stderr.contains("1 thing is not as wanted") && run.stdout.contains(what), "{what}: {}", run.stdout);
        for (field, _) in fields.as_object().unwrap().iter().filter(|(field, _)| drifted[*field] != before[*field]) {
            assert!(run.stdout.contains(&format!("`{field}`")), "{what} {field}: {}", run.stdout);
        }
        assert_eq!(read(path), drifted, "{what}: looking writes nothing");
        let run = world.bootstrap_with(&token, &["--config", &config]);
        assert_eq!((run.code, run.output("changed")), (0, "true"), "{what}: {}", run.stderr);
        assert_eq!(read(path), before, "{what}");
        world.bootstrap(&["--config", &config, "--check"]).ok();
    }
}

#[test]
fn a_policy_or_role_that_was_deleted_is_made_again_by_the_operator() {
    let (world, root) = VaultWorld::adopted(Settings::in_memory().audited(), &[]);
    for (path, what) in [
        ("sys/policies/acl/bivouac-deployer", "policy `bivouac-deployer`"),
        ("sys/policies/acl/bivouac-reader", "policy `bivouac-reader`"),
        ("auth/approle/role/bivouac-reader", "AppRole `bivouac-reader`"),
    ] {
        let before = world.bao.done("GET", path, Some(&root), None)["data"].clone();
        world.bao.done("DELETE", path, Some(&root), None);
        let run = world.bootstrap(&["--check"]);
        assert_eq!(run.code, 8, "{what}: {}", run.stderr);
        assert!(run.stdout.contains(what) && run.stdout.contains("is missing"), "{what}: {}", run.stdout);
        assert_eq!(world.bootstrap(&[]).ok().output("changed"), "true");
        let after = world.bao.done("GET", path, Some(&root), None)["data"].clone();
        assert_eq!(without_version(after), without_version(before));
        world.bootstrap(&["--check"]).ok();
    }
}

/// Everything on the server that is not the program's, as the server tells it.
fn others(world: &VaultWorld, root: &str) -> Vec<Value> {
    let read = |path: &str| world.bao.done("GET", path, Some(root), None)["data"].clone();
    vec![
        read("sys/mounts")["other/"].clone(),
        read("sys/auth")["userpass/"].clone(),
        read("sys/audit")["main/"].clone(),
        read("sys/policies/acl/other"),
        read("sys/policies/acl/default"),
        read("auth/approle/role/other"),
        read("auth/approle/role/other/role-id"),
        read("auth/approle/role/other/secret-id?list=true"),
        read("auth/userpass/users/somebody"),
        read("other/data/thing"),
    ]
}

#[test]
fn what_is_not_ours_is_as_it_was() {
    let (world, root) = VaultWorld::foreign(Settings::in_memory().audited());
    let kv = json!({ "type": "kv", "options": { "version": "2" }, "description": "somebody else's" });
    let policy = json!({ "policy": "path \"other/*\" {\n    capabilities=[\"read\"]\n}" });
    for (path, body) in [
        ("sys/mounts/other", kv),
        ("sys/auth/approle", json!({ "type": "approle" })),
        ("sys/auth/userpass", json!({ "type": "userpass" })),
        ("sys/policies/acl/other", policy),
        ("auth/approle/role/other", json!({ "token_policies": ["other"], "token_ttl": 77 })),
        ("auth/approle/role/other/secret-id", json!({})),
        ("auth/userpass/users/somebody", json!({ "password": "something", "token_policies": ["other"] })),
    ] {
        world.bao.done("POST", path, Some(&root), Some(body));
    }
    let is_ready =
        || world.bao.api("POST", "other/data/thing", Some(&root), Some(json!({ "data": { "word": "kept" } }))).0 == 200;
    world.bao.wait_until("the mount is ready", is_ready);
    let before = others(&world, &root);
    let config = world.config_with_github();
    let token = [("BIVOUAC_VAULT_TOKEN", root.as_str())];
    world.bootstrap_with(&token, &["--config", &config]).ok();
    assert_eq!(others(&world, &root), before);
    // A second secret-id of the deployer's is somebody else's too.
    let minted = world.bao.done("POST", "auth/approle/role/bivouac-deployer/secret-id", Some(&root), Some(json!({})));
    let accessor = json!({ "secret_id_accessor": minted["data"]["secret_id_accessor"] });
    let lookup = "auth/approle/role/bivouac-deployer/secret-id-accessor/lookup";
    let there = world.bao.done("POST", lookup, Some(&root), Some(accessor.clone()));
    for options in [&[][..], &["--rotate-secret-id"], &["--check"]] {
        world.bootstrap(&[&["--config", &config], options].concat()).ok();
    }
    assert_eq!(world.bao.done("POST", lookup, Some(&root), Some(accessor))["data"], there["data"]);
    assert_eq!(others(&world, &root), before);
}
