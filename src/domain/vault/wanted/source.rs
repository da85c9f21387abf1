//! Where what is wanted stands: in a file, or on the command line. What is wrong with it is said there.

use serde_json::Value;
use serde_path_to_error::Segment;

use super::document::{Document, VaultSettings};
use super::{File, SCHEMA, WantedError, applications};
use crate::domain::configuration::shape;
use crate::domain::secrecy::looks_secret;
use crate::domain::yaml::{self, Place, Places};

/// What is said in place of a text that must not be quoted.
const SECRET: &str = "this looks like a private key or a token: nothing secret belongs into this file";

/// A message of the parser's, unless it quotes a secret.
fn discreet(message: String) -> String {
    let mut words = message.split(|character: char| character.is_whitespace() || "`'\",:".contains(character));
    if words.any(looks_secret) || looks_secret(&message) { SECRET.to_owned() } else { message }
}

/// A place in the file, as its keys below `vault`, and the option that replaces what stands there.
pub(super) type Replaced = (&'static str, &'static str);

/// Where things stand.
pub(super) struct Source {
    file: Option<String>,
    places: Option<Places>,
    /// What the command line replaced: the keys below `vault`, joined by dots, and the option.
    pub(super) replaced: Vec<Replaced>,
}

impl Source {
    pub(super) fn new(file: Option<&File<'_>>) -> Self {
        Self {
            file: file.map(|file| file.name.to_owned()),
            places: file.and_then(|file| Places::read(file.text)),
            replaced: Vec::new(),
        }
    }

    /// An error about the value of `key`, which is keys below `vault` joined by dots: at the option that replaced it, else
    /// in the file at the nearest key that it has.
    pub(super) fn error(&self, key: &str, message: impl Into<String>) -> WantedError {
        let message = message.into();
        if let Some((_, option)) = self.replaced.iter().find(|(replaced, _)| *replaced == key) {
            return WantedError::Option { option, message };
        }
        let path: Vec<_> = std::iter::once("vault").chain(key.split('.')).map(str::to_owned).collect();
        self.at_key(&path, message)
    }

    fn at_key(&self, path: &[String], message: String) -> WantedError {
        let place = |length: usize| self.places.as_ref().and_then(|places| places.of_key(&path[..length]));
        self.at((1..=path.len()).rev().find_map(place), message)
    }

    fn at_value(&self, path: &[String], message: String) -> WantedError {
        let place = |length| self.places.as_ref().and_then(|places| places.of_value(&path[..length]));
        self.at((0..=path.len()).rev().find_map(place), message)
    }

    fn at(&self, place: Option<Place>, message: String) -> WantedError {
        let (line, column) = place.unwrap_or((1, 1));
        match &self.file {
            Some(file) => WantedError::File { file: file.clone(), line, column, message },
            None => WantedError::Nowhere(message),
        }
    }

    /// Reads the document: YAML first, then its shape, then each value.
    pub(super) fn settings(&self, text: &str) -> Result<VaultSettings, WantedError> {
        let mut value: Value =
            yaml::parse(text).map_err(|error| self.at(Some((error.line, error.column)), discreet(error.message)))?;
        if value.is_null() {
            return Err(self.at(None, "it is empty: it needs at least `version: 1`".to_owned()));
        }
        self.refuse_secrets(&value, &mut Vec::new())?;
        applications::fill_blanks(&mut value);
        shape::check(&SCHEMA, &value).map_err(|wrong| {
            if wrong.is_about_key {
                self.at_key(&wrong.path, wrong.message)
            } else {
                self.at_value(&wrong.path, wrong.message)
            }
        })?;
        let document: Document = serde_path_to_error::deserialize(shape::without_blanks(value)).map_err(|error| {
            let step = |step: &Segment| match step {
                Segment::Seq { index } => index.to_string(),
                other => other.to_string(),
            };
            let path: Vec<_> = error.path().iter().map(step).collect();
            self.at_value(&path, error.inner().to_string())
        })?;
        Ok(document.vault)
    }

    /// Refuses a key or a value that is a secret by its looks, before a message could quote it.
    fn refuse_secrets(&self, value: &Value, path: &mut Vec<String>) -> Result<(), WantedError> {
        let children: Vec<(String, &Value)> = match value {
            Value::String(text) if looks_secret(text) => return Err(self.at_value(path, SECRET.to_owned())),
            Value::Array(items) => items.iter().enumerate().map(|(at, item)| (at.to_string(), item)).collect(),
            Value::Object(map) => map.iter().map(|(key, value)| (key.clone(), value)).collect(),
            _ => return Ok(()),
        };
        for (step, child) in children {
            let is_secret = looks_secret(&step);
            path.push(step);
            if is_secret {
                return Err(self.at_key(path, SECRET.to_owned()));
            }
            self.refuse_secrets(child, path)?;
            path.pop();
        }
        Ok(())
    }
}
