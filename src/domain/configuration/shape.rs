//! Whether a file has the shape that the JSON Schema describes, told in the words of whoever writes YAML.

use serde_json::{Map, Value};
use similar::TextDiff;

use crate::domain::secrecy;

/// What is wrong with the shape of a file.
#[derive(Debug, PartialEq, Eq)]
pub(in crate::domain) struct Misshapen {
    /// The keys, and indices of lists, that lead there.
    pub(in crate::domain) path: Vec<String>,
    /// Whether the key is meant, and not its value.
    pub(in crate::domain) is_about_key: bool,
    /// What is wrong, and what would be right.
    pub(in crate::domain) message: String,
}

/// Checks `value` against `schema`, which is the whole of what [`schemars`] makes of a type.
pub(in crate::domain) fn check(schema: &Value, value: &Value) -> Result<(), Misshapen> {
    Checker { schema }.check(schema, value, &mut Vec::new())
}

/// Takes out what was written without content: such a key is one that was left out. Helm gives a null of `values` a
/// meaning, so those stay.
pub(in crate::domain) fn without_blanks(value: Value) -> Value {
    let Value::Object(map) = value else { return value };
    let kept = map.into_iter().filter_map(|(key, value)| match value {
        Value::Null if key == "images" => Some((key, Value::Object(Map::new()))),
        Value::Null => None,
        Value::Object(_) if key == "values" => Some((key, value)),
        other => Some((key, without_blanks(other))),
    });
    kept.collect()
}

struct Checker<'a> {
    schema: &'a Value,
}

impl Checker<'_> {
    fn check(&self, described: &Value, value: &Value, path: &mut Vec<String>) -> Result<(), Misshapen> {
        let described = self.resolve(described);
        if let Some(variants) = described["oneOf"].as_array() {
            let choices: Vec<_> = variants.iter().filter_map(|variant| variant["const"].as_str()).collect();
            // An `off` without quotation marks is `false` to many who read YAML.
            let word = if *value == Value::Bool(false) { Some("off") } else { value.as_str() };
            if word.is_some_and(|word| choices.contains(&word)) {
                return Ok(());
            }
            let choices: Vec<_> = choices.iter().map(|choice| format!("`{choice}`")).collect();
            return Err(wrong(
                path,
                format!("{} is none of the choices: use {}", shown(value, path), choices.join(" or ")),
            ));
        }
        if let Some(variants) = described["anyOf"].as_array() {
            return self.check_variants(variants, value, path);
        }
        match (described["type"].as_str(), value) {
            (Some("object"), Value::Object(map)) => self.check_map(described, map, path),
            (Some("object"), _) => {
                Err(wrong(path, format!("{} is not a map: write `key: value` pairs here", shown(value, path))))
            }
            (Some("array"), Value::Array(items)) => self.check_list(described, items, path),
            (Some("array"), _) => {
                Err(wrong(path, format!("{} is not a list: write it as `[{}]`", shown(value, path), bare(value, path))))
            }
            (Some("integer"), _) => check_number(described, value, path),
            (Some("boolean"), Value::Bool(_)) | (Some("string"), Value::String(_)) => Ok(()),
            (Some("boolean"), _) => Err(wrong(
                path,
                format!("{} is neither `true` nor `false`: use one of them, unquoted", shown(value, path)),
            )),
            (Some("string"), Value::Null) => Err(wrong(path, "there is nothing where a text belongs".to_owned())),
            (Some("string"), Value::Number(_)) if is_refresh(path) => Err(wrong(
                path,
                "this is not a length of time: use a whole number and m, h, d or w, such as `15m` or `1h`".to_owned(),
            )),
            (Some("string"), Value::Bool(_) | Value::Number(_)) => {
                Err(wrong(path, format!("{} is not a text: quote it, `\"{}\"`", shown(value, path), bare(value, path))))
            }
            (Some("string"), _) => Err(wrong(path, format!("{} stands where a text belongs", shown(value, path)))),
            _ => Ok(()),
        }
    }

    fn check_variants(&self, variants: &[Value], value: &Value, path: &[String]) -> Result<(), Misshapen> {
        if variants.iter().any(|variant| self.check(variant, value, &mut path.to_vec()).is_ok()) {
            return Ok(());
        }
        let map = variants.iter().find(|variant| self.resolve(variant)["type"] == "object");
        match map {
            Some(map) if value.is_object() => self.check(map, value, &mut path.to_vec()),
            Some(_) => Err(wrong(path, format!("{} is neither a map nor `none`: use one of them", shown(value, path)))),
            None => Err(wrong(
                path,
                format!("{} is neither a path nor a list of paths: write it as `ingress.hostname`", shown(value, path)),
            )),
        }
    }

    fn check_map(&self, described: &Value, map: &Map<String, Value>, path: &mut Vec<String>) -> Result<(), Misshapen> {
        let empty = Map::new();
        let properties = described["properties"].as_object().unwrap_or(&empty);
        let rest = &described["additionalProperties"];
        let required = described["required"].as_array().map_or(&[][..], Vec::as_slice);
        for (key, value) in map {
            path.push(key.clone());
            match properties.get(key) {
                Some(described) if value.is_null() && self.may_be_blank(described, key, required) => {}
                Some(described) => self.check(described, value, path)?,
                None if *rest == Value::Bool(false) => return Err(unknown(key, properties, path)),
                None => self.check(rest, value, path)?,
            }
            path.pop();
        }
        match required.iter().filter_map(Value::as_str).find(|key| !map.contains_key(*key)) {
            Some(key) => Err(wrong(path, format!("the key `{key}` is missing"))),
            None => Ok(()),
        }
    }

    /// A key without content is one that was left out; of the ones that must be there, a map without content is an empty one.
    fn may_be_blank(&self, described: &Value, key: &str, required: &[Value]) -> bool {
        !required.iter().any(|required| required == key) || self.resolve(described)["type"] == "object"
    }

    fn check_list(&self, described: &Value, items: &[Value], path: &mut Vec<String>) -> Result<(), Misshapen> {
        for (index, item) in items.iter().enumerate() {
            path.push(index.to_string());
            self.check(&described["items"], item, path)?;
            path.pop();
        }
        Ok(())
    }

    fn resolve<'a>(&'a self, described: &'a Value) -> &'a Value {
        let reference = described["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
        reference.and_then(|pointer| self.schema.pointer(pointer)).unwrap_or(described)
    }
}

fn check_number(described: &Value, value: &Value, path: &[String]) -> Result<(), Misshapen> {
    let least = described["minimum"].as_u64().unwrap_or(0);
    let most = described["maximum"].as_u64().unwrap_or(u64::from(u32::MAX));
    match value.as_u64() {
        Some(number) if (least..=most).contains(&number) => Ok(()),
        _ if path == ["version"] => {
            Err(wrong(path, format!("version {} is not known: this Bivouac reads version 1", shown(value, path))))
        }
        _ => Err(wrong(
            path,
            format!("{} is not a number that fits here: use a whole one from {least} to {most}", shown(value, path)),
        )),
    }
}

fn unknown(key: &str, properties: &Map<String, Value>, path: &[String]) -> Misshapen {
    let keys: Vec<_> = properties.keys().map(|key| format!("`{key}`")).collect();
    let of_secrets = if is_of_secrets(path) { meant_of_secrets(key) } else { None };
    let advice = match nearest(key, properties) {
        _ if path.first().is_some_and(|first| first == "notify") && is_of_the_environment(key) => {
            "whoever reads this file would have it: the environment of the run has the addresses, as lines `NAME=https://…` of \
             `BIVOUAC_NOTIFY_ADDRESSES`, and the secrets, as lines `NAME=whsec_…` of `BIVOUAC_NOTIFY_SECRETS`"
                .to_owned()
        }
        _ if let Some(meant) = of_secrets => format!("did you mean {meant}?"),
        Some(meant) => format!("did you mean `{meant}`?"),
        None if is_of_secrets(path) => format!(
            "values stand in the store alone, where `bivouac secrets put` brings them, since whoever reads this file would have them; \
             use {}",
            keys.join(", ")
        ),
        None => format!("use {}", keys.join(", ")),
    };
    let key = if is_of_secrets(path) { secrecy::shown(key) } else { key.escape_debug().to_string() };
    let message = format!("there is no key `{key}` here: {advice}");
    Misshapen { path: path.to_vec(), is_about_key: true, message }
}

/// Whether a key of a listener would hold what is told in the environment alone.
fn is_of_the_environment(key: &str) -> bool {
    let key = key.to_lowercase();
    ["url", "uri", "address", "webhook", "endpoint", "secret", "token"].iter().any(|word| key.contains(word))
}

/// What a key of `secrets` is called here that External Secrets has, or that is near to two.
fn meant_of_secrets(key: &str) -> Option<&'static str> {
    let key: String = key.chars().filter(char::is_ascii_alphanumeric).collect();
    match key.to_ascii_lowercase().as_str() {
        "refreshinterval" | "refreshpolicy" | "interval" => Some("`refresh`"),
        "secretstoreref" | "secretstore" | "storeref" | "storename" => Some("`store`"),
        "key" => Some("`path` or `keys`"),
        "remotekey" | "remoteref" | "vaultpath" => Some("`path`"),
        _ => None,
    }
}

/// The known key that most of `key` is spelled like, if there is one.
fn nearest<'a>(key: &str, properties: &'a Map<String, Value>) -> Option<&'a str> {
    let likeness = |known: &str| TextDiff::from_chars(known, key).ratio();
    let known = properties.keys().map(|known| (likeness(known), known.as_str()));
    known
        .filter(|(likeness, _)| *likeness >= 0.75)
        .max_by(|one, other| one.0.total_cmp(&other.0))
        .map(|(_, known)| known)
}

fn wrong(path: &[String], message: String) -> Misshapen {
    Misshapen { path: path.to_vec(), is_about_key: false, message }
}

/// Whether what stands there may be a value that somebody has written where only its place in the store belongs.
pub(super) fn is_of_secrets(path: &[String]) -> bool {
    path.first().is_some_and(|first| first == "secrets")
}

/// Whether a length of time stands there, which a number alone is none of.
fn is_refresh(path: &[String]) -> bool {
    is_of_secrets(path) && path.len() == 3 && path[2] == "refresh"
}

/// A value as a message names it.
fn shown(value: &Value, path: &[String]) -> String {
    match value {
        Value::Null => "nothing".to_owned(),
        Value::Array(_) => "a list".to_owned(),
        Value::Object(_) => "a map".to_owned(),
        _ if is_of_secrets(path) => "this".to_owned(),
        scalar => format!("`{}`", bare(scalar, path)),
    }
}

fn bare(value: &Value, path: &[String]) -> String {
    match value {
        _ if is_of_secrets(path) => "…".to_owned(),
        Value::String(text) => text.escape_debug().to_string(),
        Value::Object(_) | Value::Array(_) => "…".to_owned(),
        other => other.to_string(),
    }
}
