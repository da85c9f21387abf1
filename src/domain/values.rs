//! Helm values: paths into them, and setting without overwriting.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::{Map, Value};

use super::text_type::InvalidText;

/// A tree of values: what a `HelmRelease` has under `spec.values`.
pub type Values = Map<String, Value>;

/// A place in the values: map keys joined by dots; a dot within a key is written `\.`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct ValuesPath {
    source: String,
    keys: Vec<String>,
}

impl FromStr for ValuesPath {
    type Err = InvalidText;

    fn from_str(source: &str) -> Result<Self, Self::Err> {
        let mut keys = vec![String::new()];
        let mut characters = source.chars();
        while let Some(character) = characters.next() {
            let key = keys.last_mut().filter(|_| character != '.');
            match (key, character) {
                (None, _) => keys.push(String::new()),
                (Some(key), '\\') => match characters.next() {
                    Some(escaped @ ('.' | '\\')) => key.push(escaped),
                    _ => return Err(invalid(source, "a `\\` stands before `.` or `\\` only")),
                },
                (Some(key), other) => key.push(other),
            }
        }
        if keys.iter().any(String::is_empty) {
            return Err(invalid(source, "a key is empty"));
        }
        let is_index = |key: &String| !key.is_empty() && key.bytes().all(|byte| byte.is_ascii_digit());
        if source.contains(['[', ']']) || keys.iter().any(is_index) {
            return Err(invalid(source, "lists can not be reached into, set them whole under `values`"));
        }
        Ok(Self { source: source.to_owned(), keys })
    }
}

fn invalid(source: &str, why: &str) -> InvalidText {
    InvalidText(format!(
        "`{source}` is not a path into the values: {why}; join map keys by dots, such as `backend.image`"
    ))
}

impl fmt::Display for ValuesPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.source)
    }
}

impl Serialize for ValuesPath {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

impl<'de> Deserialize<'de> for ValuesPath {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// Two parts of the configuration want the same place in the values.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is set twice in the values")]
pub struct SetTwice(String);

/// The value at a place, if there is one.
#[must_use]
pub fn get<'a>(values: &'a Values, path: &ValuesPath) -> Option<&'a Value> {
    let (last, parents) = path.keys.split_last()?;
    let holder = parents.iter().try_fold(values, |values, key| values.get(key)?.as_object())?;
    holder.get(last)
}

/// Sets `value` at `path`, making the maps on the way.
///
/// # Errors
///
/// When something is there already, or something on the way is no map.
pub fn set(values: &mut Values, path: &ValuesPath, value: Value) -> Result<(), SetTwice> {
    let nested = path.keys.iter().rev().fold(value, |inner, key| Value::Object(Map::from_iter([(key.clone(), inner)])));
    match nested {
        Value::Object(map) => merge(values, map),
        _ => Ok(()),
    }
}

/// Merges `from` into `into`, map by map.
///
/// # Errors
///
/// When both state the same place and not both with a map.
pub fn merge(into: &mut Values, from: Values) -> Result<(), SetTwice> {
    merge_below(into, from, "")
}

fn merge_below(into: &mut Values, from: Values, place: &str) -> Result<(), SetTwice> {
    for (key, value) in from {
        let place = if place.is_empty() { key.clone() } else { format!("{place}.{key}") };
        match (into.get_mut(&key), value) {
            (None, value) => {
                into.insert(key, value);
            }
            (Some(Value::Object(existing)), Value::Object(value)) => merge_below(existing, value, &place)?,
            (Some(_), _) => return Err(SetTwice(place)),
        }
    }
    Ok(())
}

/// Applies `change` to every string within `value`.
///
/// # Errors
///
/// The first that `change` gives.
pub fn map_strings<E>(value: &Value, change: &impl Fn(&str) -> Result<String, E>) -> Result<Value, E> {
    Ok(match value {
        Value::String(text) => Value::String(change(text)?),
        Value::Array(items) => {
            Value::Array(items.iter().map(|item| map_strings(item, change)).collect::<Result<_, E>>()?)
        }
        Value::Object(map) => {
            let entries = map.iter().map(|(key, value)| Ok((key.clone(), map_strings(value, change)?)));
            Value::Object(entries.collect::<Result<_, E>>()?)
        }
        other => other.clone(),
    })
}

/// `below` with `above` laid over it, as helm does with several files of values: maps are merged, all else is replaced.
#[must_use]
pub fn overlaid(below: Value, above: Value) -> Value {
    match (below, above) {
        (Value::Object(mut below), Value::Object(above)) => {
            for (key, value) in above {
                let merged = match below.shift_remove(&key) {
                    Some(former) if former.is_object() && value.is_object() => overlaid(former, value),
                    _ => value,
                };
                below.insert(key, merged);
            }
            Value::Object(below)
        }
        (below, Value::Null) => below,
        (_, above) => above,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn object(value: &Value) -> Values {
        value.as_object().unwrap().clone()
    }

    #[test]
    fn a_path_makes_the_maps_on_its_way() {
        let mut values = Values::new();
        set(&mut values, &"backend.image".parse().unwrap(), json!({"tag": "1"})).unwrap();
        set(&mut values, &r"backend.a\.b".parse().unwrap(), json!("x")).unwrap();
        assert_eq!(Value::Object(values), json!({"backend": {"image": {"tag": "1"}, "a.b": "x"}}));
    }

    #[test]
    fn maps_are_merged_and_nothing_is_overwritten() {
        let mut values = object(&json!({"backend": {"image": {"tag": "1"}}}));
        merge(&mut values, object(&json!({"backend": {"image": {"pullPolicy": "Always"}}, "replicas": 1}))).unwrap();
        assert_eq!(values["backend"]["image"], json!({"tag": "1", "pullPolicy": "Always"}));
        let error = merge(&mut values, object(&json!({"backend": {"image": {"tag": "2"}}}))).unwrap_err();
        assert_eq!(error.to_string(), "`backend.image.tag` is set twice in the values");
    }

    #[test]
    fn a_value_is_found_where_it_was_set_and_nowhere_else() {
        let values = object(&json!({"backend": {"image": {"tag": "1"}, "a.b": null}, "list": [{"tag": "2"}], "": 3}));
        for (path, found) in [
            ("backend.image.tag", Some(json!("1"))),
            ("backend.image", Some(json!({"tag": "1"}))),
            (r"backend.a\.b", Some(json!(null))),
            ("backend.a.b", None),
            ("backend.image.tag.more", None),
            ("backend.other", None),
            ("list.tag", None),
            ("image", None),
        ] {
            assert_eq!(get(&values, &path.parse().unwrap()).cloned(), found, "{path}");
        }
    }

    #[test]
    fn a_broken_path_is_refused() {
        for broken in ["", "a..b", ".a", "a.", r"a\b", "a[0].b", "a.0.b"] {
            assert!(broken.parse::<ValuesPath>().is_err(), "{broken}");
        }
    }

    #[test]
    fn a_path_is_written_as_it_was_read() {
        for text in ["backend.image", r"a.b\.c/d.e", r"a\\b", "a1.0b"] {
            let path: ValuesPath = text.parse().unwrap();
            assert_eq!((path.to_string(), serde_json::to_value(&path).unwrap()), (text.to_owned(), json!(text)));
        }
    }

    #[test]
    fn a_value_on_the_way_that_is_no_map_is_not_replaced() {
        let mut values = object(&json!({"a": "text", "b": [1]}));
        for path in ["a.b", "b.c", "a", "b"] {
            let before = values.clone();
            assert!(set(&mut values, &path.parse().unwrap(), json!("x")).is_err(), "{path}");
            assert_eq!(values, before, "{path}");
        }
    }

    #[test]
    fn strings_are_changed_wherever_they_stand_and_keys_are_not() {
        let value = json!({"a": "x", "list": ["x", {"x": "x"}, 7, null, true]});
        let shout = |text: &str| Ok::<_, ()>(text.to_uppercase());
        assert_eq!(map_strings(&value, &shout), Ok(json!({"a": "X", "list": ["X", {"x": "X"}, 7, null, true]})));
        let refuse = |text: &str| if text == "x" { Err("no") } else { Ok(text.to_owned()) };
        for value in [json!("x"), json!(["a", "x"]), json!({"a": {"b": ["x"]}})] {
            assert_eq!(map_strings(&value, &refuse), Err("no"), "{value}");
        }
    }
}
