//! The Secrets of a preview, which are only referred to.

use super::*;

const SECRETS: &str = "secrets: [{name: wildside, store: wildside-previews, path: previews/wildside}]\n";

/// The ExternalSecrets of an overlay.
fn external_secrets(kitchen: &Kitchen) -> Vec<Value> {
    yaml::parse_all(&kitchen.render().unwrap().files[EXTERNAL_SECRETS]).unwrap()
}

/// What the only one says.
fn specification(entry: &str) -> Value {
    let mut found = external_secrets(&Kitchen::new().configured(&format!("secrets: [{entry}]\n")));
    assert_eq!(found.len(), 1);
    found.remove(0)["spec"].take()
}

fn fork(mut kitchen: Kitchen) -> Kitchen {
    kitchen.is_forks = true;
    kitchen
}

#[test]
fn a_secret_is_made_of_the_values_that_previews_share_and_then_of_its_own() {
    let expected = parsed(indoc! {r#"
        apiVersion: external-secrets.io/v1
        kind: ExternalSecret
        metadata:
          name: "wildside"
        spec:
          refreshInterval: "1h0m0s"
          secretStoreRef:
            kind: ClusterSecretStore
            name: "wildside-previews"
          target:
            name: "wildside"
            creationPolicy: Owner
            deletionPolicy: Merge
          dataFrom:
            - extract:
                key: "previews/wildside"
            - extract:
                key: "previews/wildside/pr-123"
    "#});
    assert_eq!(external_secrets(&Kitchen::new().configured(SECRETS)), [expected]);
}

#[test]
fn each_entry_is_a_document_of_its_own_in_the_order_of_the_configuration() {
    let kitchen = Kitchen::new().configured(indoc! {"
        secrets:
          - {name: web, store: a, path: previews/wildside/web}
          - {name: backend, store: b, kind: SecretStore, path: previews/wildside/backend}
    "});
    let found = external_secrets(&kitchen);
    assert_eq!(found.iter().map(|found| &found["metadata"]["name"]).collect::<Vec<_>>(), ["web", "backend"]);
    assert_eq!(found[1]["spec"]["secretStoreRef"], json!({"kind": "SecretStore", "name": "b"}));
    assert_eq!(found[1]["spec"]["dataFrom"][1]["extract"]["key"], "previews/wildside/backend/pr-123");
    let text = &kitchen.render().unwrap().files[EXTERNAL_SECRETS];
    assert_eq!(text.matches("\n---\n").count(), 1, "{text}");
    assert_eq!(unquoted(text), Vec::<String>::new(), "{text}");
}

#[test]
fn what_makes_the_secrets_is_listed_before_base() {
    let kustomization = Kitchen::new().configured(SECRETS).file(KUSTOMIZATION);
    assert_eq!(kustomization["resources"], json!(["namespace.yaml", "external-secrets.yaml", "../../../base"]));
}

#[test]
fn keys_that_are_named_are_the_only_ones() {
    let spec = specification("{name: a, store: s, path: p, keys: [USER, db-password, tls.crt, _x1, 2fa]}");
    let expected = json!({"engineVersion": "v2", "mergePolicy": "Replace", "data": {
        "USER": "{{ .USER }}",
        "db-password": "{{ index . \"db-password\" }}",
        "tls.crt": "{{ index . \"tls.crt\" }}",
        "_x1": "{{ ._x1 }}",
        "2fa": "{{ index . \"2fa\" }}",
    }});
    assert_eq!(spec["target"]["template"], expected);
}

#[test]
fn templates_are_the_operators_and_stay_as_they_are_beside_the_keys() {
    let url = "postgres://{{ .user }}:{{ .password | urlquery }}@{host}/{{`{name}`}}";
    let spec = specification(&format!("{{name: a, store: s, path: p, keys: [user], template: {{URL: \"{url}\"}}}}"));
    assert_eq!(spec["target"]["template"]["data"], json!({"URL": url, "user": "{{ .user }}"}));
    let alone = specification("{name: a, store: s, path: p, template: {A: \"{{ .a }}\"}}");
    assert_eq!(alone["target"]["template"]["data"], json!({"A": "{{ .a }}"}));
}

#[test]
fn how_often_the_store_is_asked_is_said_as_go_writes_it() {
    for (refresh, expected) in [("1m", "1m0s"), ("90m", "1h30m0s"), ("2h", "2h0m0s"), ("1d", "24h0m0s")] {
        let spec = specification(&format!("{{name: a, store: s, path: p, refresh: {refresh}}}"));
        assert_eq!(spec["refreshInterval"], expected);
    }
}

#[test]
fn a_preview_of_a_fork_gets_none() {
    let with = fork(Kitchen::new().configured(SECRETS)).render().unwrap();
    assert_eq!(with, fork(Kitchen::new()).render().unwrap());
    assert_eq!(with.files.keys().copied().collect::<Vec<_>>(), [KUSTOMIZATION, NAMESPACE, PATCH]);
    assert!(with.files.values().all(|text| !text.contains("ExternalSecret") && !text.contains(EXTERNAL_SECRETS)));
}

const NEEDS: &str = "{valuesFrom: [{kind: Secret, name: wildside}]}";

#[test]
fn a_secret_of_the_configuration_is_there_for_the_release() {
    assert_eq!(Kitchen::specified(NEEDS).configured(SECRETS).spec(), json!({}));
    let config_map =
        Kitchen::specified("{valuesFrom: [{kind: ConfigMap, name: wildside}]}").configured(SECRETS).refusal();
    assert!(config_map.ends_with(": the ConfigMap `wildside` (`spec.valuesFrom`)"), "{config_map}");
}

#[test]
fn a_secret_that_a_fork_does_not_get_has_to_be_optional() {
    let refusal = fork(Kitchen::specified(NEEDS).configured(SECRETS)).refusal();
    insta::assert_snapshot!(refusal, @"the HelmRelease `wildside` needs what `secrets` makes for previews of the repository's own branches, and not for those of forks: the Secret `wildside` (`spec.valuesFrom`)");
    let optional = NEEDS.replace("wildside}", "wildside, optional: true}");
    assert_eq!(fork(Kitchen::specified(&optional).configured(SECRETS)).spec(), json!({}));
    let provided = fork(Kitchen::specified(NEEDS).configured(&format!("preview: {{provided: [wildside]}}\n{SECRETS}")));
    assert_eq!(provided.spec(), json!({}));
}

#[test]
fn what_nobody_provides_is_told_before_what_a_fork_does_not_get() {
    let needs = "{valuesFrom: [{kind: Secret, name: wildside}, {kind: Secret, name: other}]}";
    let refusal = fork(Kitchen::specified(needs).configured(SECRETS)).refusal();
    assert!(refusal.ends_with("the preview's namespace: the Secret `other` (`spec.valuesFrom`)"), "{refusal}");
}

#[test]
fn a_secret_that_base_brings_is_refused_for_all_but_forks() {
    for object in [
        "apiVersion: v1\nkind: Secret\nmetadata: {name: wildside}\n",
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: wildside}\nspec: {target: {name: x}}\n",
        "apiVersion: external-secrets.io/v1\nkind: ExternalSecret\nmetadata: {name: x}\nspec: {target: {name: wildside}}\n",
    ] {
        let kitchen = || Kitchen::new().configured(SECRETS).beside(object);
        assert_eq!(
            kitchen().refusal(),
            "base brings the Secret `wildside`, which `secrets` in `bivouac.yaml` would make as well",
        );
        assert!(fork(kitchen()).render().is_ok());
    }
    let other = "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: wildside}\n";
    assert!(Kitchen::new().configured(SECRETS).beside(other).render().is_ok());
}
