//! Reading YAML with places in the messages, and writing it with every string double-quoted.

mod places;

pub use places::{Place, Places};

use std::fmt::Write as _;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde::ser::{SerializeMap, SerializeSeq, Serializer};
use serde_json::Value;
use serde_saphyr::{DoubleQuoted, UserMessageFormatter};

/// So many nodes may a large file have.
const MOST_NODES: usize = 20_000_000;
/// So many bytes may the scalars of a large file have that is smaller than that, aliases unfolded.
const MOST_SCALAR_BYTES: usize = 64 * 1024 * 1024;

/// A text that is not the YAML that was wanted.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column}: {message}")]
pub struct YamlError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1 in characters.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

/// Reads one document.
///
/// # Errors
///
/// When the text is not YAML, or not a `T`.
pub fn parse<T: DeserializeOwned>(text: &str) -> Result<T, YamlError> {
    serde_saphyr::from_str_with_options(text, options()).map_err(|error| explain(&error))
}

/// Reads every document of a file; empty ones are left out.
///
/// # Errors
///
/// When the text is not YAML.
pub fn parse_all(text: &str) -> Result<Vec<Value>, YamlError> {
    parse_all_with(text, options())
}

/// The same for a large file that the repository's owner chose, such as all CRDs of a cluster: it may have 20 million
/// nodes. What anchors and aliases may unfold to is as bounded as elsewhere.
///
/// # Errors
///
/// When the text is not YAML.
pub fn parse_all_of_large(text: &str) -> Result<Vec<Value>, YamlError> {
    let budget = serde_saphyr::budget! {
        max_nodes: MOST_NODES,
        max_events: 2 * MOST_NODES,
        max_total_scalar_bytes: text.len().max(MOST_SCALAR_BYTES),
    };
    parse_all_with(text, serde_saphyr::options! { with_snippet: false, budget: budget })
}

fn parse_all_with(text: &str, options: serde_saphyr::Options) -> Result<Vec<Value>, YamlError> {
    let documents: Vec<Value> =
        serde_saphyr::from_multiple_with_options(text, options).map_err(|error| explain(&error))?;
    Ok(documents.into_iter().filter(|document| !document.is_null()).collect())
}

fn options() -> serde_saphyr::Options {
    serde_saphyr::options! { with_snippet: false }
}

fn explain(error: &serde_saphyr::Error) -> YamlError {
    let (line, column) = error.location().map_or((1, 1), |place| (place.line(), place.column()));
    let place = format!(" at line {line}, column {column}");
    let rendered = error.render_with_formatter(&UserMessageFormatter);
    let message = rendered.replace(&place, "").trim_end_matches('.').to_owned();
    YamlError { line: usize::try_from(line).unwrap_or(1), column: usize::try_from(column).unwrap_or(1), message }
}

/// Writes a value as a YAML block in which every string is double-quoted, so that no tag turns into a number.
#[must_use]
pub fn write(value: &Value) -> String {
    let options = serde_saphyr::ser_options! { compact_list_indent: false };
    serde_saphyr::to_string_with_options(&Quoted(value), options)
        .unwrap_or_else(|_| unreachable!("a JSON value is always YAML"))
}

/// Writes a value as people would: with quotation marks only where they are needed.
#[must_use]
pub fn write_plain(value: &Value) -> String {
    let options = serde_saphyr::ser_options! { compact_list_indent: true };
    serde_saphyr::to_string_with_options(value, options).unwrap_or_else(|_| unreachable!("a JSON value is always YAML"))
}

/// A comment line and a document below it.
#[must_use]
pub fn write_with_comment(comment: &str, value: &Value) -> String {
    let mut text = String::new();
    for line in comment.lines() {
        let _ = writeln!(text, "# {line}");
    }
    text.push_str(&write(value));
    text
}

struct Quoted<'a>(&'a Value);

impl Serialize for Quoted<'_> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.0 {
            Value::String(text) => DoubleQuoted(text.as_str()).serialize(serializer),
            Value::Array(items) => {
                let mut sequence = serializer.serialize_seq(Some(items.len()))?;
                items.iter().try_for_each(|item| sequence.serialize_element(&Quoted(item)))?;
                sequence.end()
            }
            Value::Object(map) => {
                let mut mapping = serializer.serialize_map(Some(map.len()))?;
                map.iter().try_for_each(|(key, value)| mapping.serialize_entry(key, &Quoted(value)))?;
                mapping.end()
            }
            other => other.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use serde_json::json;

    #[test]
    fn every_string_is_double_quoted_and_nothing_else_is() {
        let value =
            json!({"tag": "1234567e89", "on": "yes", "n": 1, "list": [{"a": "x: y"}, "#"], "empty": {}, "none": []});
        insta::assert_snapshot!(write(&value), @r##"
        tag: "1234567e89"
        "on": "yes"
        "n": 1
        list:
          - a: "x: y"
          - "#"
        empty: {}
        none: []
        "##);
    }

    #[test]
    fn empty_documents_are_left_out() {
        assert_eq!(parse_all("---\na: 1\n---\n# nothing\n---\nb: 2\n").unwrap(), [json!({"a": 1}), json!({"b": 2})]);
        assert_eq!(parse_all("").unwrap(), Vec::<Value>::new());
    }

    #[test]
    fn a_large_file_is_read_and_aliases_that_unfold_to_millions_are_not() {
        let large = "- a\n".repeat(300_000);
        assert!(parse_all(&large).unwrap_err().message.contains("too large"));
        assert_eq!(parse_all_of_large(&large).unwrap()[0].as_array().map(Vec::len), Some(300_000));
        let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
        for at in 1..9 {
            let _ = writeln!(bomb, "a{at}: &a{at} [{}]", vec![format!("*a{}", at - 1); 10].join(", "));
        }
        assert!(parse_all_of_large(&bomb).is_err());
    }

    fn any_value() -> impl Strategy<Value = Value> {
        let leaf = prop_oneof![
            Just(Value::Null),
            any::<bool>().prop_map(Value::from),
            any::<i64>().prop_map(Value::from),
            "\\PC{0,20}".prop_map(Value::from),
            "[ \\t\\n\\r:#&*!|>'\"%@`{}\\[\\],?0-9a-f-]{0,12}".prop_map(Value::from),
        ];
        leaf.prop_recursive(4, 32, 6, |inner| {
            prop_oneof![
                prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
                prop::collection::vec(("[a-zA-Z0-9~ .:#-]{1,8}", inner), 0..4)
                    .prop_map(|entries| Value::Object(entries.into_iter().collect())),
            ]
        })
    }

    proptest! {
        #[test]
        fn what_is_written_reads_back_as_it_was(value in any_value()) {
            let text = write(&value);
            prop_assert_eq!(parse::<Value>(&text).unwrap(), value, "{}", text);
        }
    }

    #[test]
    fn what_is_no_yaml_is_refused_where_it_stands() {
        for (text, line) in [("a: [\n", 1), ("a: 1\n---\nb: [1\n", 3), ("a: 1\n b: 2\n", 2), ("a: 1\na: 2\n", 2)] {
            let error = parse_all(text).unwrap_err();
            assert!(error.line >= line && error.line <= line + 1, "{text:?}: {error}");
            assert!(!error.message.contains(" at line ") && !error.message.ends_with('.'), "{error}");
        }
        let error = parse::<Vec<u32>>("- 1\n- 2\n- x\n").unwrap_err();
        assert_eq!((error.line, error.column), (3, 3), "{error}");
    }

    #[test]
    fn a_comment_of_several_lines_is_a_comment_in_all_of_them() {
        let text = write_with_comment("one\nkind: no", &json!({"a": "b"}));
        assert_eq!(text, "# one\n# kind: no\na: \"b\"\n");
    }
}
