//! What makes the Secrets of a preview: an `ExternalSecret` of External Secrets' for each entry of `secrets`.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use crate::domain::configuration::{Age, PreviewSecret};
use crate::domain::names::PreviewName;

/// The version of the API: <https://external-secrets.io/latest/api/externalsecret/>
const API_VERSION: &str = "external-secrets.io/v1";

/// The `ExternalSecret` of an entry, for one preview.
///
/// With `deletionPolicy: Merge` the operator passes over a path that holds nothing, whichever of the two it is, so that neither
/// has to be there. Where both hold nothing, the Secret is there without keys. A key that goes from both paths goes from the
/// Secret at the next refresh, for the operator owns it; with `keys` or `template`, which need every key that they name, the
/// Secret stays as it was until the key is back, and the `ExternalSecret` says why. What a later entry of `dataFrom` has replaces
/// what an earlier one has. Source: `getProviderSecretData` and `Reconcile` of
/// <https://github.com/external-secrets/external-secrets/tree/main/pkg/controllers/externalsecret>, and
/// <https://external-secrets.io/latest/guides/ownership-deletion-policy/>.
pub(super) fn external_secret(secret: &PreviewSecret, preview: &PreviewName) -> Value {
    let extract = |path: &str| json!({"extract": {"key": path}});
    let mut target = json!({"name": secret.name, "creationPolicy": "Owner", "deletionPolicy": "Merge"});
    if let Some(template) = template(secret) {
        target["template"] = template;
    }
    json!({
        "apiVersion": API_VERSION,
        "kind": "ExternalSecret",
        "metadata": {"name": secret.name},
        "spec": {
            "refreshInterval": interval(secret.refresh),
            "secretStoreRef": {"kind": secret.kind.word(), "name": secret.store},
            "target": target,
            "dataFrom": [extract(secret.path.as_str()), extract(secret.own_path(preview).as_str())],
        },
    })
}

/// The keys that the Secret shall have, where not all that there are. `Replace` leaves out the others:
/// <https://external-secrets.io/latest/guides/templating/>
fn template(secret: &PreviewSecret) -> Option<Value> {
    let chosen = secret.keys.iter().map(|key| (key.as_str(), copied(key.as_str())));
    let composed = secret.template.iter().map(|(key, text)| (key.as_str(), text.clone()));
    let data: BTreeMap<_, _> = chosen.chain(composed).collect();
    (!data.is_empty()).then(|| json!({"engineVersion": "v2", "mergePolicy": "Replace", "data": data}))
}

/// The Go template that yields the value of a key. Only an identifier can follow the dot; it fails where there is no such key,
/// `index` is empty there: <https://pkg.go.dev/text/template#hdr-Arguments>
fn copied(key: &str) -> String {
    let is_identifier = !key.starts_with(|first: char| first.is_ascii_digit())
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    if is_identifier { format!("{{{{ .{key} }}}}") } else { format!("{{{{ index . \"{key}\" }}}}") }
}

/// A length of time just as Go writes it, so that whatever writes the object again leaves it as it is:
/// <https://pkg.go.dev/time#Duration.String>
fn interval(age: Age) -> String {
    let minutes = age.0.as_secs() / 60;
    match (minutes / 60, minutes % 60) {
        (0, minutes) => format!("{minutes}m0s"),
        (hours, minutes) => format!("{hours}h{minutes}m0s"),
    }
}
