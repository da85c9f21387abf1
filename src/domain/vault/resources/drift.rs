//! Where the server has something else than what is wanted.

use std::collections::BTreeSet;
use std::fmt;

use serde_json::Value;

use super::{Compare, Field, Resource};
use crate::domain::vault::policy;
use crate::domain::vault::wanted::Lifetime;

/// One thing that is not as it is wanted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Drift {
    /// What it is about: "policy `bivouac-deployer`".
    pub what: String,
    /// Which of its fields; blank when the whole is missing.
    pub field: String,
    /// What the field is, for people.
    pub is: String,
    /// What it is to be, for people.
    pub wanted: String,
}

impl fmt::Display for Drift {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { what, field, is, wanted } = self;
        if field.is_empty() {
            return write!(formatter, "{what}: it is missing");
        }
        if is.contains('\n') || wanted.contains('\n') {
            return write!(formatter, "{what}: `{field}` differs\n{}", policy::difference(is, wanted));
        }
        write!(formatter, "{what}: `{field}` is {is}, wanted {wanted}")
    }
}

/// What differs between what is wanted and what was read: the `data` of the answer, or nothing when there is none.
#[must_use]
pub fn drift(resource: &Resource, read: Option<&Value>) -> Vec<Drift> {
    let drift = |field: &str, is: String, wanted: String| Drift {
        what: resource.what.clone(),
        field: field.to_owned(),
        is,
        wanted,
    };
    let Some(data) = read else { return vec![drift("", "missing".to_owned(), "there".to_owned())] };
    let differs = |field: &&Field| !is_as_wanted(field, &data[field.name]);
    let fields = resource.fields.iter().filter(differs);
    fields
        .map(|field| drift(field.name, shown(field.compare, &data[field.name]), shown(field.compare, &field.wanted)))
        .collect()
}

fn is_as_wanted(field: &Field, is: &Value) -> bool {
    let wanted = &field.wanted;
    if is.is_null() {
        // A Vault that does not know a field has it at its zero.
        return is_zero(wanted);
    }
    match field.compare {
        Compare::Exact => is == wanted || (is_nothing(is) && is_nothing(wanted)),
        Compare::Seconds => seconds(is).is_some_and(|is| Some(is) == seconds(wanted)),
        Compare::Set => match (set(is), set(wanted)) {
            (Some(is), Some(wanted)) => is == wanted,
            _ => false,
        },
        Compare::Policy => match (is.as_str(), wanted.as_str()) {
            (Some(is), Some(wanted)) => policy::same(is, wanted),
            _ => false,
        },
    }
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(map) => map.is_empty(),
        Value::Bool(_) | Value::Number(_) => false,
    }
}

fn is_zero(value: &Value) -> bool {
    is_nothing(value) || *value == Value::Bool(false) || value.as_u64() == Some(0)
}

fn seconds(value: &Value) -> Option<u64> {
    match value {
        Value::String(text) => text.parse::<Lifetime>().ok().map(Lifetime::seconds),
        other => other.as_u64(),
    }
}

/// The items in one order. The server trims keys that are written in PEM.
fn set(value: &Value) -> Option<BTreeSet<String>> {
    let item = |item: &Value| item.as_str().map_or_else(|| item.to_string(), |text| text.trim().to_owned());
    value.as_array().map(|items| items.iter().map(item).collect())
}

fn shown(compare: Compare, value: &Value) -> String {
    match (compare, value) {
        (Compare::Policy, Value::String(text)) => format!("{}\n", text.trim_end()),
        (Compare::Seconds, _) => match seconds(value).and_then(|seconds| u32::try_from(seconds).ok()) {
            Some(seconds) => format!("`{}`", Lifetime::from_seconds(seconds)),
            None => format!("`{value}`"),
        },
        (_, Value::Null) => "nothing".to_owned(),
        (_, Value::String(text)) => format!("`{}`", text.escape_debug()),
        (_, other) => format!("`{other}`"),
    }
}
