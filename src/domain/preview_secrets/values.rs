//! The values that are put: read from what people and programs write, and merged. Nothing here ever shows one.

use std::collections::BTreeMap;
use std::fmt;

use serde::de::{Deserializer, MapAccess, Visitor};
use serde_json::{Map, Value};

use super::Way;
use crate::domain::configuration::SecretKey;
use crate::secret::Secret;

/// The most bytes that are taken at once. A Vault takes 1 MiB of JSON, in which a byte may need two.
pub const LARGEST: usize = 512 * 1024;

/// Shorter numbers are found in texts that have nothing to do with them.
const SHORTEST_NUMBER: usize = 8;

/// The values at one path, by their keys.
#[derive(Clone, Default, PartialEq)]
pub struct Values(Map<String, Value>);

impl fmt::Debug for Values {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "Values({} of them)", self.0.len())
    }
}

/// Why what was given are no values. What was given is never quoted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidValues {
    /// Nothing was given.
    #[error("there are no values in it")]
    Nothing,
    /// More than is taken at once.
    #[error("it is larger than {} KiB", LARGEST / 1024)]
    TooLarge,
    /// Not a text.
    #[error("it is not UTF-8 text")]
    NotText,
    /// A line without an equals sign.
    #[error("line {line} is not `KEY=VALUE`")]
    NoKey {
        /// Which line, from 1.
        line: usize,
    },
    /// A key that can be none of a Secret.
    #[error("{place} has a key that is none of a Secret: use letters, digits, `-`, `_` and `.`")]
    BadKey {
        /// Where.
        place: Place,
    },
    /// A key that is there twice.
    #[error("{place} has a key that is there already")]
    Twice {
        /// Where.
        place: Place,
    },
    /// A value that says nothing, as of a variable that is not set.
    #[error("{place} has a key without a value")]
    Blank {
        /// Where.
        place: Place,
    },
    /// A value in JSON that is none of a Secret.
    #[error("{place} is neither a text nor a whole number nor a truth value: write what it shall be in quotes")]
    Shape {
        /// Where.
        place: Place,
    },
    /// Not JSON.
    #[error("it begins like JSON, and is none from line {line}, column {column} on")]
    NotJson {
        /// Which line, from 1.
        line: usize,
        /// Which column.
        column: usize,
    },
}

/// Where something is in what was given.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// A line, from 1.
    Line(usize),
    /// A member of a JSON object, from 1.
    Member(usize),
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Line(line) => write!(formatter, "line {line}"),
            Self::Member(member) => write!(formatter, "value {member} of the JSON object"),
        }
    }
}

/// A key that was asked for and is not there.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("there is no key `{0}`")]
pub struct MissingKey(pub SecretKey);

impl Values {
    /// The values in an input: all of it for `key`, or else lines `KEY=VALUE`, or a JSON object.
    ///
    /// # Errors
    ///
    /// When it holds no values, or something else besides.
    pub fn parse(input: &[u8], key: Option<&SecretKey>) -> Result<Self, InvalidValues> {
        if input.len() > LARGEST {
            return Err(InvalidValues::TooLarge);
        }
        let text = std::str::from_utf8(input).map_err(|_| InvalidValues::NotText)?;
        if text.contains('\0') {
            return Err(InvalidValues::NotText);
        }
        if let Some(key) = key {
            return Self::of_one(key, text);
        }
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        let values = if text.trim_start().starts_with('{') { of_json(text)? } else { of_lines(text)? };
        if values.is_empty() {
            return Err(InvalidValues::Nothing);
        }
        let values = values.into_iter().map(|(key, value)| (key.to_string(), Value::from(value)));
        Ok(Self(values.collect()))
    }

    /// One value: the whole text, but for the line end at its end.
    fn of_one(key: &SecretKey, text: &str) -> Result<Self, InvalidValues> {
        let text = text.strip_suffix('\n').map_or(text, |text| text.strip_suffix('\r').unwrap_or(text));
        if text.is_empty() {
            return Err(InvalidValues::Nothing);
        }
        Ok(Self(Map::from_iter([(key.to_string(), Value::from(text))])))
    }

    /// Values as a Vault has them.
    #[must_use]
    pub fn of_vault(data: Map<String, Value>) -> Self {
        Self(data)
    }

    /// Values as a Vault takes them.
    #[must_use]
    pub fn as_json(&self) -> Value {
        Value::Object(self.0.clone())
    }

    /// Their keys.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }

    /// Every text among them, however deep, and every number that is too long to be there by chance: to be hidden.
    pub fn secrets(&self) -> impl Iterator<Item = Secret> {
        let mut found = Vec::new();
        self.0.values().for_each(|value| texts(value, &mut found));
        found.into_iter().map(Secret::of)
    }

    /// What there is after they were put to what is there.
    #[must_use]
    pub fn put_to(&self, there: &Self, way: Way) -> Self {
        let mut values = if way == Way::Merge { there.0.clone() } else { Map::new() };
        values.extend(self.0.iter().map(|(key, value)| (key.clone(), value.clone())));
        Self(values)
    }

    /// Those of these keys; all of them where none is named.
    ///
    /// # Errors
    ///
    /// When one of the keys is not there.
    pub fn only(self, keys: &[SecretKey]) -> Result<Self, MissingKey> {
        if keys.is_empty() {
            return Ok(self);
        }
        let value = |key: &SecretKey| {
            let value = self.0.get(key.as_str()).ok_or_else(|| MissingKey(key.clone()))?;
            Ok((key.to_string(), value.clone()))
        };
        keys.iter().map(value).collect::<Result<_, _>>().map(Self)
    }
}

/// Collects the texts and the long numbers in a value.
fn texts(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Number(number) => {
            found.extend(Some(number.to_string()).filter(|digits| digits.len() >= SHORTEST_NUMBER));
        }
        Value::Array(values) => values.iter().for_each(|value| texts(value, found)),
        Value::Object(values) => values.values().for_each(|value| texts(value, found)),
        Value::Null | Value::Bool(_) => {}
    }
}

/// Takes a value for a key, once.
fn take(values: &mut BTreeMap<SecretKey, String>, place: Place, key: &str, value: String) -> Result<(), InvalidValues> {
    let key = key.parse().map_err(|_| InvalidValues::BadKey { place })?;
    match values.insert(key, value) {
        None => Ok(()),
        Some(_) => Err(InvalidValues::Twice { place }),
    }
}

fn of_lines(text: &str) -> Result<BTreeMap<SecretKey, String>, InvalidValues> {
    let mut values = BTreeMap::new();
    for (index, line) in text.lines().enumerate() {
        let line_number = index + 1;
        if line.trim().is_empty() || line.trim_start().starts_with('#') {
            continue;
        }
        let (key, value) = line.split_once('=').ok_or(InvalidValues::NoKey { line: line_number })?;
        let place = Place::Line(line_number);
        if value.trim().is_empty() {
            return Err(InvalidValues::Blank { place });
        }
        take(&mut values, place, key.trim(), value.to_owned())?;
    }
    Ok(values)
}

fn of_json(text: &str) -> Result<BTreeMap<SecretKey, String>, InvalidValues> {
    let mut reader = serde_json::Deserializer::from_str(text);
    // What serde says of a wrong value would quote it.
    let not_json = |error: &serde_json::Error| InvalidValues::NotJson { line: error.line(), column: error.column() };
    let members = reader.deserialize_map(Members).map_err(|error| not_json(&error))?;
    reader.end().map_err(|error| not_json(&error))?;
    let mut values = BTreeMap::new();
    for (index, (key, value)) in members.into_iter().enumerate() {
        let place = Place::Member(index + 1);
        let text = match value {
            Value::String(text) => text,
            Value::Bool(truth) => truth.to_string(),
            // How a fraction was written is not known any more.
            Value::Number(number) if !number.is_f64() => number.to_string(),
            _ => return Err(InvalidValues::Shape { place }),
        };
        take(&mut values, place, &key, text)?;
    }
    Ok(values)
}

/// The members of an object in their order, those with the same key all of them.
struct Members;

impl<'de> Visitor<'de> for Members {
    type Value = Vec<(String, Value)>;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Self::Value, A::Error> {
        let mut members = Vec::new();
        while let Some(key) = map.next_key()? {
            members.push((key, map.next_value()?));
        }
        Ok(members)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn parsed(input: &str) -> Result<Value, InvalidValues> {
        Values::parse(input.as_bytes(), None).map(|values| values.as_json())
    }

    #[test]
    fn lines_and_json_are_read_and_nothing_is_unquoted() {
        let lines = "# a comment\n\nUSER=app\r\n  PASSWORD = \"a=b\" \n\tEMPTY_NOT= x\n";
        let expected = serde_json::json!({"USER": "app", "PASSWORD": " \"a=b\" ", "EMPTY_NOT": " x"});
        assert_eq!(parsed(lines), Ok(expected));
        let expected = serde_json::json!({"a": "x\ny", "b": "7", "c": "true", "d": ""});
        assert_eq!(parsed("\u{feff} {\"a\": \"x\\ny\", \"b\": 7, \"c\": true, \"d\": \"\"}\n"), Ok(expected));
    }

    #[test]
    fn one_value_is_the_whole_input_without_the_line_end_at_its_end() {
        let key = "TLS_KEY".parse().unwrap();
        let one = |input: &str| Values::parse(input.as_bytes(), Some(&key)).map(|values| values.as_json());
        assert_eq!(one("a\nb=\n\n"), Ok(serde_json::json!({"TLS_KEY": "a\nb=\n"})));
        assert_eq!(one("{\"a\": 1}\r\n"), Ok(serde_json::json!({"TLS_KEY": "{\"a\": 1}"})));
        assert_eq!(one("\n"), Err(InvalidValues::Nothing));
    }

    #[test]
    fn what_are_no_values_is_refused_without_a_word_of_it() {
        let (line, member) = (Place::Line, Place::Member);
        for (input, why) in [
            ("", InvalidValues::Nothing),
            ("# nothing\n\n", InvalidValues::Nothing),
            ("{}", InvalidValues::Nothing),
            ("hunter2", InvalidValues::NoKey { line: 1 }),
            ("A=1\nhunter2\n", InvalidValues::NoKey { line: 2 }),
            ("hunter 2=x", InvalidValues::BadKey { place: line(1) }),
            ("=hunter2", InvalidValues::BadKey { place: line(1) }),
            ("A=hunter2\n\nA=hunter3", InvalidValues::Twice { place: line(3) }),
            ("A= \n", InvalidValues::Blank { place: line(1) }),
            ("{\"A\": \"hunter2\", \"A\": \"hunter3\"}", InvalidValues::Twice { place: member(2) }),
            ("{\"A\": [\"hunter2\"]}", InvalidValues::Shape { place: member(1) }),
            ("{\"A\": 1.50}", InvalidValues::Shape { place: member(1) }),
            ("{\"hunter 2\": \"\"}", InvalidValues::BadKey { place: member(1) }),
            ("{\"A\": hunter2}", InvalidValues::NotJson { line: 1, column: 7 }),
            ("{\"A\": \"b\"} hunter2", InvalidValues::NotJson { line: 1, column: 12 }),
            ("A=hunter2\0", InvalidValues::NotText),
        ] {
            let found = parsed(input).unwrap_err();
            assert_eq!(found, why, "{input:?}");
            assert!(!found.to_string().contains("hunter"), "{found}");
        }
        assert_eq!(Values::parse(&[b'A', b'=', 0xff], None), Err(InvalidValues::NotText));
        let large = format!("A={}", "x".repeat(LARGEST));
        assert_eq!(parsed(&large), Err(InvalidValues::TooLarge));
    }

    #[test]
    fn what_is_put_goes_over_what_is_there_or_in_its_place() {
        let there = Values::of_vault(serde_json::from_str(r#"{"a": 1, "b": {"c": 2}}"#).unwrap());
        let put = Values::parse(b"b=3\nd=4", None).unwrap();
        let merged = serde_json::json!({"a": 1, "b": "3", "d": "4"});
        assert_eq!(put.put_to(&there, Way::Merge).as_json(), merged);
        assert_eq!(put.put_to(&there, Way::Replace), put);
        assert_eq!(put.clone().only(&["d".parse().unwrap()]).unwrap().as_json(), serde_json::json!({"d": "4"}));
        assert_eq!(put.clone().only(&[]), Ok(put.clone()));
        let missing = "e".parse().unwrap();
        assert_eq!(put.only(std::slice::from_ref(&missing)), Err(MissingKey(missing)));
    }

    #[test]
    fn what_is_nested_and_long_numbers_are_hidden_too() {
        let there =
            r#"{"a": "x", "b": {"c": ["y", {"d": 12345678}]}, "e": 1234567, "f": -123456.5, "g": true, "h": null}"#;
        let values = Values::of_vault(serde_json::from_str(there).unwrap());
        let hidden: Vec<_> = values.secrets().map(|secret| secret.expose().to_owned()).collect();
        assert_eq!(hidden, ["x", "y", "12345678", "-123456.5"]);
    }

    #[test]
    fn values_are_not_shown_by_debug() {
        let values = Values::parse(b"A=hunter2", None).unwrap();
        assert_eq!(format!("{values:?}"), "Values(1 of them)");
    }

    proptest! {
        #[test]
        fn no_input_makes_the_parser_panic(input in prop::collection::vec(any::<u8>(), 0..200)) {
            let _ = Values::parse(&input, None);
        }

        #[test]
        fn lines_are_read_back_as_they_were_written(value in "[^\r\n\0]{0,40}[^\\s\0]") {
            let values = parsed(&format!("KEY={value}\n")).unwrap();
            prop_assert_eq!(values["KEY"].as_str(), Some(value.as_str()));
        }
    }
}
