//! Where two sets of manifests differ.

use std::borrow::Cow;
use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::Manifest;
use crate::domain::yaml;

/// An object that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    /// Its kind and name.
    pub title: String,
    /// What it says in the one, as YAML; nothing where it is not there.
    pub before: Option<String>,
    /// What it says in the other.
    pub after: Option<String>,
}

/// The objects that are not the same in both. Objects are told apart by their group, kind and name: a preview has a
/// namespace of its own. What a Secret holds is not shown.
#[must_use]
pub fn changed(before: &[Manifest], after: &[Manifest]) -> Vec<Changed> {
    let unfold = |manifests: &[Manifest]| -> Vec<Manifest> {
        manifests.iter().flat_map(Manifest::unfolded).map(Cow::into_owned).collect()
    };
    let (before, after) = (unfold(before), unfold(after));
    let mut objects: BTreeMap<_, (Vec<&Manifest>, Vec<&Manifest>)> = BTreeMap::new();
    for manifest in &before {
        objects.entry(key(manifest)).or_default().0.push(manifest);
    }
    for manifest in &after {
        objects.entry(key(manifest)).or_default().1.push(manifest);
    }
    let pairs = objects.into_values().flat_map(|(before, after)| paired(before, after));
    let differ = pairs.filter(|(before, after)| before.map(|one| &one.object) != after.map(|one| &one.object));
    let shown = |manifest: Option<&Manifest>, before: Option<&Manifest>| {
        manifest.map(|manifest| yaml::write_plain(&hidden(manifest, before)))
    };
    differ
        .map(|(before, after)| Changed {
            title: before.or(after).map(Manifest::title).unwrap_or_default(),
            before: shown(before, None),
            after: shown(after, before),
        })
        .collect()
}

/// Objects of one name, each beside the one in the same namespace, and the others in their order.
fn paired<'a>(
    before: Vec<&'a Manifest>,
    mut after: Vec<&'a Manifest>,
) -> Vec<(Option<&'a Manifest>, Option<&'a Manifest>)> {
    let (mut pairs, mut left) = (Vec::new(), Vec::new());
    for one in before {
        match after.iter().position(|other| other.namespace() == one.namespace()) {
            Some(index) => pairs.push((Some(one), Some(after.remove(index)))),
            None => left.push(one),
        }
    }
    let mut after = after.into_iter();
    pairs.extend(left.into_iter().map(|one| (Some(one), after.next())));
    pairs.extend(after.map(|other| (None, Some(other))));
    pairs
}

fn key(manifest: &Manifest) -> (String, String, String) {
    let group = manifest.api_version().split_once('/').map_or("", |(group, _)| group);
    (manifest.kind().to_owned(), manifest.name().to_owned(), group.to_owned())
}

/// The object; of a Secret, without what it holds, and whether that is what it held before.
fn hidden(manifest: &Manifest, before: Option<&Manifest>) -> Value {
    let mut object = manifest.object.clone();
    if manifest.kind() == "Secret" {
        for held in ["data", "stringData"] {
            if let Some(values) = object.get_mut(held).and_then(Value::as_object_mut) {
                let hide = |(key, value): (&String, &Value)| {
                    let length = value.as_str().map_or(0, str::len);
                    let held = before.and_then(|before| before.object.get(held)?.get(key));
                    let other = if held.is_some_and(|held| held != value) { ", others than before" } else { "" };
                    (key.clone(), Value::from(format!("hidden, {length} characters{other}")))
                };
                *values = values.iter().map(hide).collect::<Map<_, _>>();
            }
        }
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn manifest(kind: &str, name: &str, more: Value) -> Manifest {
        let mut object = json!({"apiVersion": "v1", "kind": kind, "metadata": {"name": name}});
        object["data"] = more;
        Manifest { object, origin: None }
    }

    #[test]
    fn only_what_differs_is_shown_and_no_secret() {
        let same = manifest("ConfigMap", "same", json!({"a": "1"}));
        let before = [
            same.clone(),
            manifest("ConfigMap", "x", json!({"a": "1"})),
            manifest("Secret", "s", json!({"k": "aHVzaA=="})),
        ];
        let after = [same, manifest("ConfigMap", "x", json!({"a": "2"})), manifest("Service", "new", json!({}))];
        let found = changed(&before, &after);
        let titles: Vec<_> = found.iter().map(|changed| changed.title.as_str()).collect();
        assert_eq!(titles, ["ConfigMap `x`", "Secret `s`", "Service `new`"]);
        assert!(found[0].before.as_ref().unwrap().contains("a: \"1\""), "{found:?}");
        let secret = found[1].before.as_ref().unwrap();
        assert!(!secret.contains("aHVzaA") && secret.contains("hidden, 8 characters"), "{secret}");
        assert_eq!(found[2].before, None);
    }

    #[test]
    fn a_secret_that_only_holds_something_else_is_seen_to_differ() {
        let of = |value: &str| [manifest("Secret", "s", json!({"k": value, "same": "eA=="}))];
        let found = changed(&of("aHVzaA=="), &of("cHN0IQ=="));
        let (before, after) = (found[0].before.as_ref().unwrap(), found[0].after.as_ref().unwrap());
        assert_ne!(before, after);
        assert!(after.contains("hidden, 8 characters, others than before") && !after.contains("cHN0IQ"), "{after}");
        assert!(after.contains("same: hidden, 4 characters\n"), "{after}");
    }
}
