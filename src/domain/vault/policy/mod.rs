//! What a policy allows, however it is written: HCL or JSON, in any order, with any comments.
//!
//! The rules are those of Vault's own reader:
//! <https://github.com/openbao/openbao/blob/main/vault/policy.go> (`ParseACLPolicy`, `parsePaths`).

mod hcl;
mod rules;

use similar::TextDiff;

use rules::Rules;

/// A text that is no policy: where, what is wrong, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}, column {column} of the policy: {message}")]
pub struct PolicyError {
    /// The line, counted from 1.
    pub line: usize,
    /// The column, counted from 1.
    pub column: usize,
    /// What is wrong there.
    pub message: String,
}

/// Whether two policies allow the same. Texts that can not be read are compared as they are.
#[must_use]
pub fn same(one: &str, other: &str) -> bool {
    match (read(one), read(other)) {
        (Ok(one), Ok(other)) => one == other,
        _ => one.trim() == other.trim(),
    }
}

/// What is different, for people: the lines of `is` with `-` before them and those of `wanted` with `+`, both in one form
/// and one order. Empty when nothing is.
#[must_use]
pub fn difference(is: &str, wanted: &str) -> String {
    let (is, wanted) = match (read(is), read(wanted)) {
        (Ok(is), Ok(wanted)) => (is.to_string(), wanted.to_string()),
        _ => (format!("{}\n", is.trim()), format!("{}\n", wanted.trim())),
    };
    if is == wanted {
        return String::new();
    }
    let difference = TextDiff::from_lines(&is, &wanted).unified_diff().context_radius(3).to_string();
    let lines = difference.lines().filter(|line| !line.starts_with("@@"));
    lines.collect::<Vec<_>>().join("\n")
}

/// Proves that a text is a policy that Vault takes and that can be compared.
///
/// # Errors
///
/// With line and column, when it is neither HCL nor JSON, says something that Vault does not know, or names one path twice
/// with conditions.
pub fn check(text: &str) -> Result<(), PolicyError> {
    read(text).map(|_| ())
}

fn read(text: &str) -> Result<Rules, PolicyError> {
    if text.trim_start().starts_with('{') { hcl::read_json(text) } else { hcl::read(text) }
}

#[cfg(test)]
mod tests;
