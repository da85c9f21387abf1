//! Which scalars are strings to kustomize.

use serde_saphyr::granit_parser::{Event, ScalarStyle};

/// The value, if kustomize reads it as a string: quoted, tagged as one, or plain and nothing else by YAML 1.1 or 1.2.
pub(super) fn string<'event>(event: &'event Event<'_>) -> Option<&'event str> {
    match event {
        Event::Scalar(value, _, _, Some(tag)) => {
            (!tag.is_yaml_core_schema() || tag.is_yaml_core_schema_tag("str")).then_some(value)
        }
        Event::Scalar(value, ScalarStyle::Plain, _, None) => {
            (!is_null(event) && !is_boolean(value) && !is_number(value)).then_some(value)
        }
        Event::Scalar(value, ..) => Some(value),
        _ => None,
    }
}

/// Whether it is a null that nobody tagged.
pub(super) fn is_null(event: &Event<'_>) -> bool {
    matches!(event, Event::Scalar(value, ScalarStyle::Plain, _, None)
        if matches!(value.as_ref(), "" | "~" | "null" | "Null" | "NULL"))
}

fn is_boolean(value: &str) -> bool {
    const WORDS: [&str; 8] = ["true", "false", "yes", "no", "on", "off", "y", "n"];
    WORDS.iter().any(|word| value.eq_ignore_ascii_case(word))
}

// The YAML library of kustomize drops underscores and knows the prefixes of Go.
fn is_number(value: &str) -> bool {
    let unsigned = value.strip_prefix(['+', '-']).unwrap_or(value);
    let digits = unsigned.to_ascii_lowercase().replace('_', "");
    let in_radix = |prefix, radix| {
        digits
            .strip_prefix(prefix)
            .is_some_and(|rest| !rest.is_empty() && rest.chars().all(|digit| digit.is_digit(radix)))
    };
    let is_decimal =
        digits.bytes().all(|byte| byte.is_ascii_digit() || b".e+-".contains(&byte)) && digits.parse::<f64>().is_ok();
    matches!(digits.as_str(), ".inf" | ".nan")
        || (!unsigned.starts_with(['_', '+', '-'])
            && (is_decimal || in_radix("0x", 16) || in_radix("0o", 8) || in_radix("0b", 2)))
}
