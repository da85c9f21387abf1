//! What is wanted on the server, held against what a real one has answered.

use super::*;
use crate::domain::vault::wanted::{File, Shortcuts};

/// A desired state with everything in it.
const WANTED: &str = r#"
version: 1
vault:
  addresses: [https://vault-0.example.com:8200]
  kv: {mount: team/kv}
  github:
    repository-id: "123456"
    job-workflow-ref: acme/wildside/.github/workflows/preview.yml@refs/heads/main
    operator-workflow-ref: acme/wildside/.github/workflows/bootstrap-vault.yml@refs/heads/main
    jwt-validation-pubkeys: ["PEM"]
  applications:
    wildside:
      repository-id: "123456"
      job-workflow-ref:
        - acme/wildside/.github/workflows/preview.yml@refs/heads/main
        - acme/wildside/.github/workflows/preview-sweep.yml@refs/heads/main
      shared: [previews/wildside/backend]
      reads: [staging/wildside]
    other: {prefix: somewhere/else}
  policies:
    extra: path "team/kv/data/extra/*" { capabilities = ["read"] }
"#;

fn wanted() -> Wanted {
    let file = File { name: "vault.yaml", text: WANTED };
    Wanted::new(Some(file), &Shortcuts::default(), |_| Err("there is none".to_owned())).unwrap()
}

/// What OpenBao 2.7.2 answered to each read after each thing was written as `body` has it, by path: the `data` of it.
fn answers() -> Map<String, Value> {
    serde_json::from_str(include_str!("tests/answers.json")).unwrap()
}

#[test]
fn nothing_drifts_in_what_a_server_answers_after_it_was_written() {
    let answers = answers();
    let all = resources(&wanted());
    assert_eq!(all.len(), answers.len());
    for resource in &all {
        assert_eq!(drift(resource, answers.get(&resource.read)), [], "{}", resource.what);
    }
}

#[test]
fn policies_come_first_and_nothing_stands_there_twice() {
    let all = resources(&wanted());
    let paths: Vec<_> = all.iter().map(|resource| resource.read.as_str()).collect();
    assert_eq!(
        paths,
        [
            "sys/policies/acl/bivouac-deployer",
            "sys/policies/acl/bivouac-reader",
            "sys/policies/acl/bivouac-operator",
            "sys/policies/acl/bivouac-other",
            "sys/policies/acl/bivouac-wildside",
            "sys/policies/acl/extra",
            "auth/approle/role/bivouac-deployer",
            "auth/approle/role/bivouac-reader",
            "auth/approle/role/bivouac-operator",
            "auth/approle/role/bivouac-other",
            "auth/approle/role/bivouac-wildside",
            "auth/jwt/config",
            "auth/jwt/role/bivouac-deployer",
            "auth/jwt/role/bivouac-operator",
            "auth/jwt/role/bivouac-wildside",
        ]
    );
    let own: Vec<_> = all.iter().filter(|resource| !resource.operator_writes).map(|resource| &resource.read).collect();
    assert!(own.len() == 3 && own.iter().all(|path| path.ends_with("bivouac-operator")), "{own:?}");
}

/// Something else than `value`, of its kind.
fn another(value: &Value) -> Value {
    match value {
        Value::Bool(flag) => Value::Bool(!flag),
        Value::Number(_) => Value::from(value.as_u64().unwrap() + 1),
        Value::String(_) | Value::Null => Value::from("path \"else\" { capabilities = [\"sudo\"] }"),
        Value::Array(items) => items.iter().cloned().chain([Value::from("else")]).collect(),
        Value::Object(map) => map.clone().into_iter().chain([("else".to_owned(), Value::from("x"))]).collect(),
    }
}

#[test]
fn a_change_in_any_field_is_the_one_thing_that_drifts() {
    let answers = answers();
    for resource in resources(&wanted()) {
        for field in &resource.fields {
            let mut data = answers[&resource.read].clone();
            data[field.name] = another(&field.wanted);
            let found = drift(&resource, Some(&data));
            let names: Vec<_> = found.iter().map(|drift| drift.field.as_str()).collect();
            assert_eq!(names, [field.name], "{}", resource.what);
            assert!(found[0].to_string().starts_with(&format!("{}: `{}` ", resource.what, field.name)));
        }
    }
}

#[test]
fn every_field_that_a_server_answers_is_known() {
    // Of one login or one moment, or of OIDC in a browser, which a role for JWT never takes part in.
    let apart =
        ["callback_mode", "modified", "name", "oauth2_metadata", "oidc_disable_confirmation", "status", "version"];
    let answers = answers();
    for resource in resources(&wanted()) {
        for name in answers[&resource.read].as_object().unwrap().keys() {
            let is_known = resource.fields.iter().any(|field| field.name == name) || apart.contains(&name.as_str());
            assert!(is_known, "{}: {name}", resource.what);
        }
    }
}

#[test]
fn what_is_missing_drifts_as_a_whole() {
    let first = &resources(&wanted())[0];
    let found = drift(first, None);
    assert_eq!(found.iter().map(ToString::to_string).collect::<Vec<_>>(), ["policy `bivouac-deployer`: it is missing"]);
}

#[test]
fn drift_says_what_is_and_what_is_wanted() {
    let answers = answers();
    let all = resources(&wanted());
    let told = |index: usize, field: &str, value: Value| {
        let resource: &Resource = &all[index];
        let mut data = answers[&resource.read].clone();
        data[field] = value;
        drift(resource, Some(&data)).iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
    };
    assert_eq!(told(6, "token_ttl", "2h".into()), "AppRole `bivouac-deployer`: `token_ttl` is `2h`, wanted `1h`");
    assert_eq!(told(6, "token_ttl", "3600s".into()), "");
    assert_eq!(told(6, "secret_id_bound_cidrs", Value::Null), "");
    assert_eq!(
        told(6, "token_type", "batch".into()),
        "AppRole `bivouac-deployer`: `token_type` is `batch`, wanted `service`"
    );
    insta::assert_snapshot!(told(1, "policy", "path \"team/kv/data/*\" { policy = \"write\" }".into()), @r#"
    policy `bivouac-reader`: `policy` differs
     path "team/kv/data/*" {
    -  capabilities = ["create", "delete", "list", "read", "update"]
    +  capabilities = ["read"]
    +}
    +path "team/kv/metadata/*" {
    +  capabilities = ["list", "read"]
     }
    "#);
}

#[test]
fn what_a_server_takes_only_once_is_written_only_once() {
    let all = resources(&wanted());
    let role = &all[6];
    assert!(role.body(None).get("local_secret_ids").is_some());
    let data = answers()[&role.read].clone();
    assert!(role.body(Some(&data)).get("local_secret_ids").is_none());
    assert!(role.body(Some(&data)).get("token_strictly_bind_ip").is_some());
    assert!(role.body(None).get("token_strictly_bind_ip").is_none());
    assert!(all[0].body(Some(&data)).get("expiration").is_none());
}

/// The rules of a policy of ours: paths, and what they allow.
fn rules(text: &str) -> Vec<(String, String)> {
    let blocks = text.split("path \"").skip(1);
    blocks
        .map(|block| {
            let (path, rest) = block.split_once('"').unwrap();
            (path.to_owned(), rest.split_once('[').unwrap().1.split_once(']').unwrap().0.replace('"', ""))
        })
        .collect()
}

#[test]
fn the_deployer_is_kept_to_its_prefix_and_the_reader_to_reading() {
    let wanted = wanted();
    for (path, _) in rules(&deployer_policy(&wanted)) {
        assert!(path.starts_with("team/kv/") && path.ends_with("/previews/*"), "{path}");
    }
    for (path, words) in rules(&reader_policy(&wanted)) {
        assert!(path.starts_with("team/kv/") && ["read", "read, list"].contains(&words.as_str()), "{path} {words}");
    }
}

#[test]
fn an_application_is_kept_to_its_prefix_and_writes_nothing_that_its_previews_share() {
    let wanted = wanted();
    let shared = ["previews/wildside", "previews/wildside/backend"];
    let text = application_policy(&wanted.kv_mount, &wanted.applications[1]);
    for (path, words) in rules(&text) {
        let path = path.strip_prefix("team/kv/").unwrap().split_once('/').unwrap().1;
        let is_own = path.starts_with("previews/wildside/") || path == "previews/wildside";
        assert!(is_own || (path, words.as_str()) == ("staging/wildside", "read"), "{path} {words}");
        let is_shared =
            shared.iter().any(|shared| path.strip_prefix(shared).is_some_and(|rest| ["", "/", "//*"].contains(&rest)));
        assert!(!is_shared || ["read", "read, list", "list", "deny"].contains(&words.as_str()), "{path} {words}");
    }
    for shared in shared {
        for verb in ["data", "metadata", "delete", "undelete", "destroy"] {
            for rest in ["", "/", "//*"] {
                let rule = format!("\"team/kv/{verb}/{shared}{rest}\"");
                assert!(text.contains(&rule), "{rule} is left to the rule for all below the prefix");
            }
        }
    }
}

#[test]
fn no_name_on_the_way_to_what_previews_share_is_followed_by_two_slashes() {
    let wanted = wanted();
    let mut application = wanted.applications[1].clone();
    application.shared.push("previews/wildside/a/b/c".parse().unwrap());
    let text = application_policy(&wanted.kv_mount, &application);
    for way in ["", "/a", "/a/b", "/a/b/c"] {
        for verb in ["data", "metadata", "delete", "undelete", "destroy"] {
            let rule = format!("path \"team/kv/{verb}/previews/wildside{way}//*\" {{\n  capabilities = [\"deny\"]");
            assert_eq!(text.matches(&rule).count(), 1, "{rule}");
        }
    }
    assert!(!text.contains("previews//*"), "{text}");
}

#[test]
fn the_operator_names_each_path_and_can_not_write_what_is_its_own() {
    let wanted = wanted();
    for (path, words) in rules(&operator_policy(&wanted)) {
        assert!(!path.contains(['*', '+']), "{path}");
        assert!(!path.contains("bivouac-operator") || words == "read", "{path} {words}");
        let is_protected = path.starts_with("sys/audit") || path.starts_with("sys/auth/");
        assert_eq!(words.contains("sudo"), is_protected, "{path} {words}");
        assert!(!words.contains("delete"), "{path} {words}");
    }
    for resource in resources(&wanted) {
        let found = rules(&operator_policy(&wanted)).into_iter().find(|(path, _)| *path == resource.read);
        let (_, words) = found.unwrap_or_else(|| panic!("{}", resource.what));
        assert_eq!(words.contains("update"), resource.operator_writes, "{}", resource.what);
    }
}

#[test]
fn only_the_events_of_the_repository_itself_make_an_operator() {
    let all = resources(&wanted());
    let claims = |index: usize| {
        let field = all[index].fields.iter().find(|field| field.name == "bound_claims").unwrap();
        field.wanted.clone()
    };
    assert_eq!(
        claims(12),
        serde_json::json!({
            "repository_id": "123456",
            "job_workflow_ref": "acme/wildside/.github/workflows/preview.yml@refs/heads/main",
        })
    );
    assert_eq!(claims(13)["event_name"], serde_json::json!(["push", "schedule", "workflow_dispatch"]));
    let workflows = ["preview.yml", "preview-sweep.yml"]
        .map(|file| format!("acme/wildside/.github/workflows/{file}@refs/heads/main"));
    assert_eq!(claims(14), serde_json::json!({"repository_id": "123456", "job_workflow_ref": workflows}));
}

#[test]
fn every_usual_policy_can_be_read() {
    let wanted = wanted();
    let applications = wanted.applications.iter().map(|application| application_policy(&wanted.kv_mount, application));
    let others = [deployer_policy(&wanted), reader_policy(&wanted), operator_policy(&wanted)];
    for text in others.into_iter().chain(applications) {
        assert_eq!(crate::domain::vault::policy::check(&text), Ok(()), "{text}");
    }
}
