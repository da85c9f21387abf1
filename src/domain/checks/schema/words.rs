//! How a violation is worded: the path as Kubernetes writes it, and values that are short and on one line.

use std::fmt::Write as _;

use serde_json::Value;
use similar::TextDiff;

/// So many characters of a value are shown.
const LONGEST: usize = 80;

/// One step from an object into what it holds.
#[derive(Debug, Clone, Copy)]
pub(super) enum Step<'v> {
    /// To what a key holds.
    Key(&'v str),
    /// To an item of a list.
    Index(usize),
}

/// `spec.containers[0].image`; a key that has dots or the like in brackets: `metadata.labels[a.b/c]`. Blank for the top.
pub(super) fn path(steps: &[Step<'_>]) -> String {
    let mut text = String::new();
    for step in steps {
        match step {
            Step::Index(index) => {
                let _ = write!(text, "[{index}]");
            }
            Step::Key(key) if is_plain(key) => {
                if !text.is_empty() {
                    text.push('.');
                }
                text.push_str(key);
            }
            Step::Key(key) => {
                let _ = write!(text, "[{}]", short(&key.escape_debug().to_string()));
            }
        }
    }
    text
}

fn is_plain(key: &str) -> bool {
    !key.is_empty() && key.chars().all(|character| character.is_ascii_alphanumeric() || "-_$".contains(character))
}

/// A value as JSON, shortened.
pub(super) fn quoted(value: &Value) -> String {
    match value {
        Value::Array(items) => format!("a list of {}", items.len()),
        Value::Object(map) => format!("an object with {} keys", map.len()),
        Value::String(text) => format!("\"{}\"", short(&text.escape_debug().to_string())),
        other => short(&other.to_string()),
    }
}

fn short(text: &str) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text.to_owned(),
    }
}

/// What JSON calls the type of a value.
pub(super) fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

/// The known key that most of `key` is spelled like, if there is one.
pub(super) fn nearest<'a>(key: &str, known: impl Iterator<Item = &'a String>) -> Option<&'a str> {
    let likeness = |known: &str| TextDiff::from_chars(known, key).ratio();
    let known = known.map(|known| (likeness(known), known.as_str())).filter(|(likeness, _)| *likeness >= 0.75);
    known.max_by(|one, other| one.0.total_cmp(&other.0)).map(|(_, known)| known)
}
