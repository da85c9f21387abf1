//! `checks.not-secret` of `bivouac.yaml`: what the guard before a commit lets through. The doc comments here are the reference that
//! users read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::domain::guard::{Found, Place};
use crate::domain::text_type::text_type;

/// Something that looks like a secret and is none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct NotSecret {
    /// The keys that lead to it, as the refusal names them: `spec.values.oidc.clientSecret`, `spec.values.env[0].value`.
    pub key: KeyPath,
    /// The name of the file, such as `patch-helmrelease-values.yaml`. Any if not given.
    #[schemars(with = "String")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<FileName>,
    /// Why it is none.
    pub reason: Reason,
}

impl NotSecret {
    /// Whether it is this that was found.
    #[must_use]
    pub fn is_about(&self, found: &Found) -> bool {
        let Place::File(path) = &found.place else { return false };
        let is_file = self.file.as_ref().is_none_or(|file| path.file_name() == Some(file.as_str()));
        is_file && found.key.as_deref() == Some(self.key.as_str())
    }
}

text_type! {
    /// Keys joined by dots, `[0]` for the first of a list. A dot within a key is `\.`, a backslash `\\`.
    KeyPath, check_key_path
}
text_type! {
    /// The name of a file, without a directory.
    FileName, check_file_name
}
text_type! {
    /// Why something is no secret, in words.
    Reason, check_reason
}

fn check_key_path(text: &str) -> Result<(), String> {
    let refuse = |why: &str| {
        let shown = crate::domain::secrecy::shown(text);
        let how = "write it as the refusal does, such as `spec.values.env[0].value`";
        Err(format!("`{shown}` does not lead to a value: {why}; {how}"))
    };
    let mut parts = vec![String::new()];
    let mut characters = text.chars();
    while let Some(character) = characters.next() {
        match (character, parts.last_mut()) {
            ('\\', Some(part)) => match characters.next() {
                Some(escaped @ ('.' | '\\')) => part.extend(['\\', escaped]),
                _ => return refuse("a `\\` stands before `.` or `\\` only"),
            },
            ('.', _) => parts.push(String::new()),
            (other, Some(part)) => part.push(other),
            (_, None) => {}
        }
    }
    if text.contains('…') {
        return refuse("a key that is not told can not be named");
    }
    if text.trim() != text || parts.iter().any(String::is_empty) {
        return refuse("a key is empty, or there is a blank around it");
    }
    Ok(())
}

fn check_file_name(text: &str) -> Result<(), String> {
    if !text.trim().is_empty() && !text.contains('/') {
        return Ok(());
    }
    let shown = crate::domain::secrecy::shown(text);
    Err(format!(
        "`{shown}` is not the name of a file: give it without a directory, such as `patch-helmrelease-values.yaml`"
    ))
}

fn check_reason(text: &str) -> Result<(), String> {
    if text.chars().any(char::is_alphanumeric) {
        return Ok(());
    }
    Err("the reason is blank: say why this is no secret".to_owned())
}
