//! What the role of an application may do, and what it may not.

use serde_json::{Value, json};

use super::{Site, canary};

/// What each of the logins does has to be the same.
fn tokens(site: &Site) -> [String; 2] {
    [site.by_approle(), site.by_jwt()]
}

#[test]
fn an_application_writes_reads_lists_and_removes_below_its_prefix() {
    let site = Site::new();
    let bao = &site.world.bao;
    for token in tokens(&site) {
        let before = site.everything();
        let done = |method: &str, path: &str, body: Option<Value>| bao.done(method, path, Some(&token), body);
        let (data, metadata) = ("secret/data/previews/wildside/pr-8", "secret/metadata/previews/wildside/pr-8");
        for (version, cas) in [(1, 0), (2, 1)] {
            let body = json!({ "options": { "cas": cas }, "data": { "password": "one" } });
            assert_eq!(done("POST", data, Some(body))["data"]["version"], version);
        }
        done("POST", metadata, Some(json!({ "custom_metadata": { "managed-by": "bivouac" } })));
        assert_eq!(done("GET", data, None)["data"]["data"], json!({ "password": "one" }));
        assert_eq!(done("GET", metadata, None)["data"]["custom_metadata"]["managed-by"], "bivouac");
        // By each of the two spellings that a client may use.
        for path in ["secret/metadata/previews/wildside", "secret/metadata/previews/wildside/"] {
            assert_eq!(done("LIST", path, None)["data"]["keys"], json!(["backend", "pr-7", "pr-8"]), "{path}");
        }
        for verb in ["delete", "undelete", "destroy"] {
            done("POST", &format!("secret/{verb}/previews/wildside/pr-8"), Some(json!({ "versions": [1] })));
        }
        done("DELETE", data, None);
        done("DELETE", metadata, None);
        assert_eq!(bao.api("GET", metadata, Some(&token), None).0, 404);
        assert_eq!(site.everything(), before);
    }
}

#[test]
fn an_application_reads_what_its_previews_share_and_what_it_may_copy_and_writes_neither() {
    let site = Site::new();
    let (bao, before) = (&site.world.bao, site.everything());
    for token in tokens(&site) {
        for path in ["previews/wildside", "previews/wildside/backend", "staging/wildside"] {
            let read = bao.done("GET", &format!("secret/data/{path}"), Some(&token), None);
            assert_eq!(read["data"]["data"]["value"], canary(path), "{path}");
            refuses_changes(&site, &token, path);
        }
    }
    assert_eq!(site.everything(), before);
}

/// Every way to change what stands at a path is forbidden.
fn refuses_changes(site: &Site, token: &str, path: &str) {
    let versions = json!({ "versions": [1] });
    for (method, kind, body) in [
        ("POST", "data", Some(json!({ "data": { "value": "another" } }))),
        ("PUT", "data", Some(json!({ "data": { "value": "another" }, "options": { "cas": 1 } }))),
        ("DELETE", "data", None),
        ("POST", "metadata", Some(json!({ "max_versions": 1 }))),
        ("DELETE", "metadata", None),
        ("POST", "delete", Some(versions.clone())),
        ("POST", "undelete", Some(versions.clone())),
        ("PUT", "destroy", Some(versions)),
    ] {
        let (status, answer) = site.world.bao.api(method, &format!("secret/{kind}/{path}"), Some(token), body);
        assert_eq!(status, 403, "{method} {kind}/{path}: {answer}");
    }
}

#[test]
fn an_application_reaches_no_neighbour() {
    let site = Site::new();
    let before = site.everything();
    let others =
        ["previews/other/pr-7", "previews/other", "previews/wildside-evil/x", "previews/wild", "staging/x", "previews"];
    for token in tokens(&site) {
        for path in others.into_iter().chain(["staging/wildside/deeper", "previews/another/pr-1"]) {
            refuses_changes(&site, &token, path);
            for (method, kind) in [("GET", "data"), ("GET", "metadata"), ("LIST", "metadata"), ("GET", "subkeys")] {
                let (status, answer) = site.world.bao.api(method, &format!("secret/{kind}/{path}"), Some(&token), None);
                assert_eq!(status, 403, "{method} {kind}/{path}: {answer}");
            }
        }
        for folder in ["", "previews/", "staging/", "staging/wildside/", "previews/other/"] {
            let (status, answer) = site.world.bao.api("LIST", &format!("secret/metadata/{folder}"), Some(&token), None);
            assert_eq!(status, 403, "{folder}: {answer}");
        }
    }
    assert_eq!(site.everything(), before);
}

#[test]
fn an_application_changes_nothing_of_the_vault_itself() {
    let site = Site::new();
    let own_policy = json!({ "policy": "path \"*\" { capabilities = [\"sudo\"] }" });
    for token in tokens(&site) {
        for (method, path, body) in [
            ("GET", "secret/config", None),
            ("POST", "secret/config", Some(json!({ "max_versions": 1 }))),
            ("GET", "elsewhere/previews/wildside/pr-7", None),
            ("LIST", "elsewhere/previews", None),
            ("GET", "sys/policies/acl/bivouac-wildside", None),
            ("POST", "sys/policies/acl/bivouac-wildside", Some(own_policy.clone())),
            ("POST", "sys/policies/acl/new", Some(own_policy.clone())),
            ("LIST", "sys/policies/acl", None),
            ("GET", "sys/mounts", None),
            ("POST", "sys/mounts/mine", Some(json!({ "type": "kv" }))),
            ("GET", "sys/auth", None),
            ("GET", "sys/audit", None),
            ("PUT", "sys/seal", None),
            ("GET", "sys/raw/x", None),
            ("GET", "auth/approle/role/bivouac-wildside", None),
            ("GET", "auth/approle/role/bivouac-other/role-id", None),
            ("POST", "auth/approle/role/bivouac-wildside", Some(json!({ "token_policies": ["root"] }))),
            ("POST", "auth/approle/role/bivouac-wildside/secret-id", Some(json!({}))),
            ("POST", "auth/approle/role/bivouac-other/secret-id", Some(json!({}))),
            ("POST", "auth/jwt/role/bivouac-wildside", Some(json!({ "token_policies": ["root"] }))),
            ("GET", "auth/jwt/config", None),
            ("POST", "auth/token/create", Some(json!({ "policies": ["bivouac-wildside"] }))),
            ("POST", "auth/token/create-orphan", Some(json!({}))),
            ("LIST", "auth/token/accessors", None),
            ("LIST", "identity/entity/id", None),
        ] {
            let (status, answer) = site.world.bao.api(method, path, Some(&token), body);
            assert!((400..500).contains(&status) && status != 404, "{method} {path}: {status} {answer}");
        }
        // What every token may do with itself, and what makes it end.
        assert_eq!(site.world.bao.api("GET", "auth/token/lookup-self", Some(&token), None).0, 200);
        let renewed = site.world.bao.done("POST", "auth/token/renew-self", Some(&token), Some(json!({})));
        assert_eq!(renewed["auth"]["token_policies"], json!(["bivouac-wildside", "default"]));
        site.world.bao.done("POST", "auth/token/revoke-self", Some(&token), None);
        assert_eq!(site.world.bao.api("LIST", "secret/metadata/previews/wildside", Some(&token), None).0, 403);
    }
}
