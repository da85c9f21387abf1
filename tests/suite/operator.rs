//! What External Secrets Operator takes: the types of its published CRDs, which are generated from these by kopium.

use kcr_external_secrets_io::v1::clustersecretstores::ClusterSecretStore;
use kcr_external_secrets_io::v1::externalsecrets::ExternalSecret;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

/// Fails the test unless all of the object is what the CRD of its kind knows.
pub(crate) fn takes(object: &Value) {
    if let Err(why) = taken(object) {
        panic!("{why}\n{object:#}");
    }
}

fn taken(object: &Value) -> Result<(), String> {
    match object["kind"].as_str() {
        Some("ExternalSecret") => survives::<ExternalSecret>(object),
        Some("ClusterSecretStore") => survives::<ClusterSecretStore>(object),
        _ => Err("that is no kind of the operator's".to_owned()),
    }
}

/// The types drop what they do not know, so that it is missing once they are written again.
fn survives<T: DeserializeOwned + Serialize>(object: &Value) -> Result<(), String> {
    let typed: T = serde_json::from_value(object.clone()).map_err(|why| why.to_string())?;
    let written = serde_json::to_value(typed).unwrap();
    if written == *object { Ok(()) } else { Err(format!("the CRD makes this of it: {written:#}")) }
}

#[test]
fn what_the_crd_does_not_know_is_noticed() {
    let right = json!({
        "apiVersion": "external-secrets.io/v1",
        "kind": "ExternalSecret",
        "metadata": {"name": "a"},
        "spec": {
            "secretStoreRef": {"kind": "ClusterSecretStore", "name": "s"},
            "target": {"name": "a", "creationPolicy": "Owner", "deletionPolicy": "Merge"},
            "dataFrom": [{"extract": {"key": "previews/wildside"}}],
        },
    });
    takes(&right);
    for (pointer, wrong) in [
        ("/apiVersion", json!("external-secrets.io/v1beta1")),
        ("/spec/target/creationPolicy", json!("Owned")),
        ("/spec/target/deletionPolicy", json!("merge")),
        ("/spec/secretStoreRef/kind", json!("Store")),
        ("/spec/dataFrom/0/extract", json!({"path": "previews/wildside"})),
        ("/spec/dataFrom/0/extract", json!({"key": "previews/wildside", "optional": true})),
        ("/spec/target", json!({"name": "a", "templates": {}})),
        ("/spec/target/name", json!(7)),
    ] {
        let mut object = right.clone();
        *object.pointer_mut(pointer).unwrap() = wrong.clone();
        assert!(taken(&object).is_err(), "{pointer}: {wrong}");
    }
}
