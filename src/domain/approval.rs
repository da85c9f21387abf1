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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::tests::commit;

    #[test]
    fn a_beginning_is_of_twelve_digits_or_more_and_case_does_not_matter() {
        let all = "0123456789abcdef".repeat(3)[..40].to_owned();
        for (text, read) in [
            (&all[..12], Some(&all[..12])),
            (&all[..], Some(&all[..])),
            ("0123456789AB", Some("0123456789ab")),
            (&"a".repeat(64), Some("a".repeat(64).as_str())),
            (&all[..11], None),
            (&"a".repeat(65), None),
            ("0123456789ag", None),
            ("0123456789a ", None),
            (" 0123456789ab", None),
            ("\u{ff10}123456789ab", None),
            ("refs/heads/main", None),
            ("", None),
        ] {
            let prefix = text.parse::<CommitPrefix>().ok();
            assert_eq!(prefix.as_ref().map(CommitPrefix::as_str), read, "{text}");
        }
    }

    #[test]
    fn a_beginning_is_of_a_commit_that_begins_so_and_all_of_it_is_that_one() {
        let (short, whole) = ("a".repeat(12).parse::<CommitPrefix>().unwrap(), commit('a').as_str().parse().unwrap());
        let is = |prefix: &CommitPrefix, digit: char| (prefix.begins(&commit(digit)), prefix.is_all_of(&commit(digit)));
        assert_eq!((is(&short, 'a'), is(&short, 'b')), ((true, false), (false, false)));
        assert_eq!((is(&whole, 'a'), is(&whole, 'b')), ((true, true), (false, false)));
    }

    #[test]
    fn a_login_is_what_a_forge_gives_and_nothing_that_could_be_more_of_an_address() {
        for login in ["ada", "Ada-L", "ada_acme", "dependabot[bot]", "x-", &"a".repeat(100)] {
            assert_eq!(login.parse::<Login>().unwrap().as_str(), login);
        }
        for login in ["", "[bot]", "a b", "a/b", "../a", "a?x", "a%2f", "ü", "a[bot]x", "a\n", &"a".repeat(101)] {
            assert!(login.parse::<Login>().is_err(), "{login}");
        }
    }
}
