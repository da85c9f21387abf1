//! JSON that everybody reads in the same way. What reads it later is written in Go, takes the last of two equal keys, and
//! does not tell upper case from lower case in them: so a document could say one thing here, and another one there.

use std::collections::HashSet;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Deserializer, Error, IgnoredAny, MapAccess, SeqAccess, Visitor};

use super::{Invalid, quoted, shown};

/// How much of the parser's words is shown, in characters: they quote the document.
const WORDS: usize = 200;
/// The keys that mean something in a layout, as they are written.
const KEYS: [&str; 17] = [
    "annotations",
    "architecture",
    "artifactType",
    "config",
    "data",
    "digest",
    "imageLayoutVersion",
    "layers",
    "manifests",
    "mediaType",
    "os",
    "platform",
    "schemaVersion",
    "size",
    "subject",
    "urls",
    "variant",
];

/// Reads a document, whose length is bounded already. Its depth is bounded by the parser.
pub(super) fn read<T: DeserializeOwned>(what: &str, bytes: &[u8]) -> Result<T, Invalid> {
    let unfit = |why: serde_json::Error| Invalid(format!("{what} can not be read: {}", shown(&why.to_string(), WORDS)));
    let mut document = serde_json::Deserializer::from_slice(bytes);
    Unambiguous.deserialize(&mut document).and_then(|()| document.end()).map_err(unfit)?;
    serde_json::from_slice(bytes).map_err(unfit)
}

/// A value none of whose objects has two keys that differ in nothing but their case.
struct Unambiguous;

/// A key as Go compares it.
fn folded(key: &str) -> String {
    key.to_lowercase().to_uppercase()
}

impl<'de> DeserializeSeed<'de> for Unambiguous {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Unambiguous {
    type Value = ();

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a value")
    }

    fn visit_bool<E>(self, _: bool) -> Result<(), E> {
        Ok(())
    }

    fn visit_i64<E>(self, _: i64) -> Result<(), E> {
        Ok(())
    }

    fn visit_u64<E>(self, _: u64) -> Result<(), E> {
        Ok(())
    }

    fn visit_f64<E>(self, _: f64) -> Result<(), E> {
        Ok(())
    }

    fn visit_str<E>(self, _: &str) -> Result<(), E> {
        Ok(())
    }

    fn visit_unit<E>(self) -> Result<(), E> {
        Ok(())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<(), A::Error> {
        while list.next_element_seed(Unambiguous)?.is_some() {}
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut object: A) -> Result<(), A::Error> {
        let mut keys = HashSet::new();
        while let Some(key) = object.next_key::<String>()? {
            let same = folded(&key);
            if KEYS.iter().any(|known| *known != key && folded(known) == same) {
                return Err(A::Error::custom(format!("the key {} is written otherwise", quoted(&key))));
            }
            if !keys.insert(same) {
                return Err(A::Error::custom(format!("the key {} is there twice", quoted(&key))));
            }
            object.next_value_seed(Unambiguous)?;
        }
        Ok(())
    }
}

/// Something that is there, whatever it is.
#[derive(Debug)]
pub(super) struct There;

impl<'de> serde::Deserialize<'de> for There {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        IgnoredAny::deserialize(deserializer).map(|_| Self)
    }
}
