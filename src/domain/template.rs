//! Texts with placeholders: `pr-{number}`, `{name}.{domain}`.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::text_type::InvalidText;

/// What a placeholder stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Placeholder {
    /// `application` of the configuration.
    Application,
    /// `domain` of the configuration.
    Domain,
    /// The number of the pull request.
    Number,
    /// The name of the preview.
    Name,
    /// The namespace of the preview.
    Namespace,
    /// The host of the preview.
    Host,
    /// The head commit, all digits.
    Commit,
    /// The first seven digits of the head commit.
    ShortCommit,
}

impl Placeholder {
    const ALL: [(&'static str, Self); 8] = [
        ("application", Self::Application),
        ("domain", Self::Domain),
        ("number", Self::Number),
        ("name", Self::Name),
        ("namespace", Self::Namespace),
        ("host", Self::Host),
        ("commit", Self::Commit),
        ("short-commit", Self::ShortCommit),
    ];

    /// The word between the braces.
    #[must_use]
    pub fn word(self) -> &'static str {
        Self::ALL.iter().find(|(_, placeholder)| *placeholder == self).map_or("", |(word, _)| word)
    }
}

/// A text with placeholders in braces; `{{` and `}}` are braces.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Template {
    source: String,
    parts: Vec<Part>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    Placeholder(Placeholder),
}

impl Template {
    /// The text as it was written.
    #[must_use]
    pub fn source(&self) -> &str {
        &self.source
    }

    /// Fills in the placeholders with what `value` says of each.
    pub fn fill<'a>(&self, value: impl Fn(Placeholder) -> &'a str) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.as_str(),
                Part::Placeholder(placeholder) => value(*placeholder),
            })
            .collect()
    }

    /// The placeholders that occur, in order.
    pub fn placeholders(&self) -> impl Iterator<Item = Placeholder> {
        self.parts.iter().filter_map(|part| match part {
            Part::Placeholder(placeholder) => Some(*placeholder),
            Part::Text(_) => None,
        })
    }

    /// Whether any of `wanted` occurs.
    #[must_use]
    pub fn mentions_any(&self, wanted: &[Placeholder]) -> bool {
        self.placeholders().any(|placeholder| wanted.contains(&placeholder))
    }
}

impl FromStr for Template {
    type Err = InvalidText;

    fn from_str(source: &str) -> Result<Self, Self::Err> {
        let mut parts = Vec::new();
        let mut text = String::new();
        let mut rest = source;
        while let Some(at) = rest.find(['{', '}']) {
            text.push_str(&rest[..at]);
            let (brace, after) = rest[at..].split_at(1);
            if let Some(after) = after.strip_prefix(brace) {
                text.push_str(brace);
                rest = after;
                continue;
            }
            let word = match (brace, after.split_once('}')) {
                ("{", Some((word, after))) => {
                    rest = after;
                    word
                }
                ("{", None) => return Err(unbalanced(source, "{", "closed by `}`")),
                _ => return Err(unbalanced(source, "}", "opened by `{`")),
            };
            if !text.is_empty() {
                parts.push(Part::Text(std::mem::take(&mut text)));
            }
            parts.push(Part::Placeholder(placeholder(source, word)?));
        }
        text.push_str(rest);
        if !text.is_empty() {
            parts.push(Part::Text(text));
        }
        Ok(Self { source: source.to_owned(), parts })
    }
}

fn placeholder(source: &str, word: &str) -> Result<Placeholder, InvalidText> {
    Placeholder::ALL.iter().find(|(known, _)| *known == word).map(|(_, placeholder)| *placeholder).ok_or_else(|| {
        let known: Vec<_> = Placeholder::ALL.iter().map(|(word, _)| format!("{{{word}}}")).collect();
        InvalidText(format!(
            "`{source}` holds the unknown placeholder `{{{word}}}`: use {}, or double the brace to mean a brace",
            known.join(", ")
        ))
    })
}

fn unbalanced(source: &str, brace: &str, missing: &str) -> InvalidText {
    InvalidText(format!("`{source}` holds a `{brace}` that is not {missing}: double it to mean a brace"))
}

impl fmt::Display for Template {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.source)
    }
}

impl Serialize for Template {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.source)
    }
}

impl<'de> Deserialize<'de> for Template {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn filled(source: &str) -> String {
        source.parse::<Template>().unwrap().fill(|placeholder| match placeholder {
            Placeholder::Number => "7",
            Placeholder::Domain => "example.com",
            other => other.word(),
        })
    }

    #[test]
    fn placeholders_are_filled_in_and_doubled_braces_are_braces() {
        assert_eq!(filled("pr-{number}.{domain}"), "pr-7.example.com");
        assert_eq!(filled("{{number}} {short-commit}{host}"), "{number} short-commithost");
        assert_eq!(filled("{{{number}}}"), "{7}");
        assert_eq!(filled(""), "");
    }

    #[test]
    fn a_template_that_can_not_be_is_refused_with_what_would_be_right() {
        let error = |source: &str| source.parse::<Template>().unwrap_err().to_string();
        insta::assert_snapshot!(error("pr-{nmber}"), @"`pr-{nmber}` holds the unknown placeholder `{nmber}`: use {application}, {domain}, {number}, {name}, {namespace}, {host}, {commit}, {short-commit}, or double the brace to mean a brace");
        insta::assert_snapshot!(error("pr-{number"), @"`pr-{number` holds a `{` that is not closed by `}`: double it to mean a brace");
        insta::assert_snapshot!(error("pr}"), @"`pr}` holds a `}` that is not opened by `{`: double it to mean a brace");
    }

    proptest! {
        #[test]
        fn any_text_with_doubled_braces_stands_for_itself(text in "\\PC{0,60}") {
            let doubled = text.replace('{', "{{").replace('}', "}}");
            prop_assert_eq!(filled(&doubled), text);
        }

        #[test]
        fn no_text_makes_the_parser_panic(text in "[{}a-z-]{0,40}") {
            let _ = text.parse::<Template>();
        }
    }

    #[test]
    fn a_template_is_written_as_it_was_read() {
        for source in ["pr-{number}.{domain}", "{{a}}{name}", ""] {
            let template: Template = source.parse().unwrap();
            assert_eq!((template.source(), template.to_string().as_str()), (source, source));
            assert_eq!(serde_json::to_value(&template).unwrap(), source);
        }
    }
}
