//! One file of schemas, read when it is first needed.

use std::sync::OnceLock;

use serde_json::Value;

use super::SchemaError;

/// A text, and what it says.
#[derive(Debug)]
pub(super) struct Document {
    /// Where it is from.
    pub(super) name: String,
    text: String,
    value: OnceLock<Result<Value, String>>,
}

impl Document {
    /// A JSON text that is read when it is needed.
    pub(super) fn later(name: String, text: String) -> Self {
        Self { name, text, value: OnceLock::new() }
    }

    /// What was read already.
    pub(super) fn read(name: String, value: Value) -> Self {
        Self { name, text: String::new(), value: OnceLock::from(Ok(value)) }
    }

    /// What it says.
    pub(super) fn value(&self) -> Result<&Value, SchemaError> {
        let read = self.value.get_or_init(|| serde_json::from_str(&self.text).map_err(|why| why.to_string()));
        read.as_ref().map_err(|why| SchemaError::Unreadable { file: self.name.clone(), why: why.clone() })
    }

    /// The name of a file beside this one.
    pub(super) fn beside(&self, file: &str) -> String {
        let file = file.rsplit('/').next().unwrap_or(file);
        match self.name.rsplit_once('/') {
            Some((folder, _)) => format!("{folder}/{file}"),
            None => file.to_owned(),
        }
    }
}
