//! That somebody who may push has read a commit of a fork, and lets it have a preview.

use std::fmt;
use std::str::FromStr;

use super::names::CommitId;
use super::text_type::{InvalidText, text_type};

text_type! {
    /// The name of an account on the forge, which for the one of an App ends in `[bot]`.
    Login, check_login
}

/// The most characters of a login, with room for those of Enterprise's managed users.
const LOGIN_LENGTH: usize = 100;

fn check_login(text: &str) -> Result<(), String> {
    let name = text.strip_suffix("[bot]").unwrap_or(text);
    let is_allowed = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    if !name.is_empty() && text.len() <= LOGIN_LENGTH && name.bytes().all(is_allowed) {
        return Ok(());
    }
    Err(format!("`{}` is not the name of an account: use letters, digits, `-` and `_`", text.escape_debug()))
}

/// An approval. It holds for one commit and for no other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Approval {
    /// The commit that may have a preview.
    pub commit: CommitId,
    /// Who says so.
    pub by: Login,
}

/// How an approval was given.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Means {
    /// By a command that names the commit.
    Command,
    /// By this label. It counts where `preview.labels.require` names it.
    Label(String),
}

/// The first digits of a commit's id, or all of them, in lower case.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitPrefix(String);

/// The fewest digits that an approval may name.
const FEWEST_DIGITS: usize = 12;

impl CommitPrefix {
    /// The digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Whether the id of a commit begins like that.
    #[must_use]
    pub fn begins(&self, commit: &CommitId) -> bool {
        commit.as_str().starts_with(&self.0)
    }

    /// Whether these are all digits of that commit's id.
    #[must_use]
    pub fn is_all_of(&self, commit: &CommitId) -> bool {
        commit.as_str() == self.0
    }
}

impl fmt::Display for CommitPrefix {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for CommitPrefix {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if (FEWEST_DIGITS..=64).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        Err(InvalidText(format!(
            "`{}` is not the beginning of a commit's id: give at least {FEWEST_DIGITS} of its hexadecimal digits",
            text.escape_debug()
        )))
    }
}
