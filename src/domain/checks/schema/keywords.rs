//! The keywords that look at one value alone.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;
use serde_json::{Map, Value};

use super::words;

/// Whether a value has one of the types that `type` names, and what was expected if not.
pub(super) fn check_type(schema: &Map<String, Value>, value: &Value) -> Result<(), String> {
    if is_int_or_string(schema) {
        let fits = value.is_string() || is_integer(value);
        return if fits { Ok(()) } else { Err("integer or string".to_owned()) };
    }
    let names: Vec<&str> = match schema.get("type") {
        Some(Value::String(name)) => vec![name],
        Some(Value::Array(names)) => names.iter().filter_map(Value::as_str).collect(),
        _ => return Ok(()),
    };
    if names.iter().any(|name| has_type(name, value)) {
        return Ok(());
    }
    let wanted: Vec<_> = names.into_iter().filter(|name| *name != "null").collect();
    Err(wanted.join(" or "))
}

fn is_int_or_string(schema: &Map<String, Value>) -> bool {
    let is_marked = schema.get("x-kubernetes-int-or-string").is_some_and(|marked| marked == true);
    is_marked || schema.get("format").is_some_and(|format| format == "int-or-string")
}

fn is_integer(value: &Value) -> bool {
    value.is_i64() || value.is_u64() || value.as_f64().is_some_and(|number| number.fract() == 0.0)
}

fn has_type(name: &str, value: &Value) -> bool {
    match name {
        "integer" => is_integer(value),
        "number" => value.is_number(),
        other => other == words::kind(value),
    }
}

/// What `minimum`, `maximum`, `multipleOf` and the formats of numbers have against a number.
pub(super) fn check_number(schema: &Map<String, Value>, value: &Value) -> Vec<String> {
    let Some(number) = value.as_f64() else { return Vec::new() };
    let limit = |key: &str| schema.get(key).and_then(Value::as_f64);
    let is_exclusive = |key: &str| schema.get(key).is_some_and(|exclusive| exclusive == true);
    let mut found = Vec::new();
    let mut refuse = |is_wrong: bool, rule: &str, limit: f64| {
        if is_wrong {
            found.push(format!("must be {rule} {limit}"));
        }
    };
    // Draft 4, which CRDs follow, has a boolean here; later drafts a number.
    if let Some(least) = limit("minimum") {
        let rule = if is_exclusive("exclusiveMinimum") { "greater than" } else { "greater than or equal to" };
        refuse(number < least || is_exclusive("exclusiveMinimum") && number <= least, rule, least);
    }
    if let Some(most) = limit("maximum") {
        let rule = if is_exclusive("exclusiveMaximum") { "less than" } else { "less than or equal to" };
        refuse(number > most || is_exclusive("exclusiveMaximum") && number >= most, rule, most);
    }
    if let Some(least) = limit("exclusiveMinimum") {
        refuse(number <= least, "greater than", least);
    }
    if let Some(most) = limit("exclusiveMaximum") {
        refuse(number >= most, "less than", most);
    }
    if let Some(factor) = limit("multipleOf").filter(|factor| *factor > 0.0) {
        let times = number / factor;
        refuse((times - times.round()).abs() > 1e-9, "a multiple of", factor);
    }
    match schema.get("format").and_then(Value::as_str) {
        Some("int32") if number < f64::from(i32::MIN) || number > f64::from(i32::MAX) => {
            found.push("does not fit into int32".to_owned());
        }
        Some("int64") if !value.is_i64() && is_integer(value) && (value.is_u64() || number.abs() >= 9.3e18) => {
            found.push("does not fit into int64".to_owned());
        }
        _ => {}
    }
    found
}

/// What `minLength`, `maxLength` and the formats of texts have against a text. Formats that are not known are ignored.
pub(super) fn check_text(schema: &Map<String, Value>, text: &str) -> Vec<String> {
    let mut found = check_count(schema, text.chars().count(), ["minLength", "maxLength"], "characters");
    match schema.get("format").and_then(Value::as_str) {
        Some("date-time") if text.parse::<Timestamp>().is_err() => {
            found.push("must be a date and time such as 2026-01-31T08:00:00Z".to_owned());
        }
        Some("byte") if STANDARD.decode(text.replace(['\n', '\r'], "")).is_err() => {
            found.push("must be base64".to_owned());
        }
        _ => {}
    }
    found
}

/// What the smallest and the largest number of things have against a count.
pub(super) fn check_count(schema: &Map<String, Value>, count: usize, keys: [&str; 2], things: &str) -> Vec<String> {
    let limit = |key: &str| schema.get(key).and_then(Value::as_u64).and_then(|limit| usize::try_from(limit).ok());
    let too_few = limit(keys[0]).filter(|least| count < *least);
    let too_many = limit(keys[1]).filter(|most| count > *most);
    let few = too_few.map(|least| format!("must have at least {least} {things}, and has {count}"));
    let many = too_many.map(|most| format!("must have at most {most} {things}, and has {count}"));
    few.into_iter().chain(many).collect()
}

/// What `enum` and `const` have against a value.
pub(super) fn check_choice(schema: &Map<String, Value>, value: &Value) -> Option<String> {
    let choices: Vec<_> = match (schema.get("enum"), schema.get("const")) {
        (Some(Value::Array(choices)), _) => choices.iter().collect(),
        (_, Some(only)) => vec![only],
        _ => return None,
    };
    if choices.contains(&value) {
        return None;
    }
    let shown: Vec<_> = choices.into_iter().map(words::quoted).collect();
    Some(shown.join(", "))
}

/// The first item that is there twice, where `uniqueItems`, `x-kubernetes-list-type: set` or `map` forbids that.
pub(super) fn check_unique(schema: &Map<String, Value>, items: &[Value]) -> Option<(usize, String)> {
    let list_type = schema.get("x-kubernetes-list-type").and_then(Value::as_str).unwrap_or_default();
    let is_unique = schema.get("uniqueItems").is_some_and(|unique| unique == true) || list_type == "set";
    let keys = schema.get("x-kubernetes-list-map-keys").and_then(Value::as_array).filter(|_| list_type == "map");
    let keys: Vec<&str> = keys.into_iter().flatten().filter_map(Value::as_str).collect();
    if !is_unique && keys.is_empty() {
        return None;
    }
    let identity = |item: &Value| -> String {
        if is_unique {
            return item.to_string();
        }
        let parts: Vec<_> = keys.iter().map(|key| format!("{key}={}", item.get(key).unwrap_or(&Value::Null))).collect();
        parts.join(", ")
    };
    let mut seen = std::collections::HashSet::new();
    let twice = items.iter().map(identity).enumerate().find(|(_, identity)| !seen.insert(identity.clone()));
    twice.map(|(at, identity)| (at, if is_unique { String::new() } else { identity }))
}
