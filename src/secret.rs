//! A text that must not be seen.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use crate::domain::guard::{Kind, Known};

/// A token or key: never shown, not even by `Debug`.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret(String);

impl Secret {
    /// Takes a secret, without the white space around it; nothing when nothing is left.
    #[must_use]
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim();
        (!text.is_empty()).then(|| Self(text.to_owned()))
    }

    /// Takes a secret that is made here, such as it is.
    #[must_use]
    pub fn of(text: String) -> Self {
        Self(text)
    }

    /// The secret itself, for the one place that sends it.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// What somebody else says, without this secret, should they repeat what they were sent.
    #[must_use]
    pub fn left_out_of(&self, words: &str) -> String {
        words.replace(&self.0, "…")
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Secret(…)")
    }
}

/// The secrets that a run has read or made so far. Whoever has it learns with all others.
#[derive(Clone, Default)]
pub struct KnownSecrets(Arc<Mutex<Vec<(Secret, Kind)>>>);

impl KnownSecrets {
    /// Remembers a secret.
    pub fn learn(&self, secret: &Secret) {
        self.learn_as(secret, Kind::Known);
    }

    /// Remembers what a variable holds whose name tells of a secret. People may vouch for it.
    pub fn learn_variable(&self, name: &str, secret: &Secret) {
        let plain = |character: char| if character.is_ascii_alphanumeric() { character } else { '_' };
        self.learn_as(secret, Kind::Variable(name.chars().map(plain).collect()));
    }

    fn learn_as(&self, secret: &Secret, kind: Kind) {
        let mut known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if !known.iter().any(|(other, as_what)| other == secret && *as_what == kind) {
            known.push((secret.clone(), kind));
        }
    }

    /// All of them so far, ready to be looked for.
    #[must_use]
    pub fn known(&self) -> Known {
        let known = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Known::of(known.iter().map(|(secret, kind)| (secret.expose(), kind.clone())))
    }
}

impl fmt::Debug for KnownSecrets {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("KnownSecrets(…)")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_trimmed_and_never_shown() {
        let secret = Secret::new(" hush\n").unwrap();
        assert_eq!(secret.expose(), "hush");
        assert!(!format!("{secret:?}").contains("hush"));
        assert_eq!(Secret::new(" \n"), None);
    }

    #[test]
    fn what_one_learns_all_know_and_nobody_shows() {
        let known = KnownSecrets::default();
        let (secret, other) = (Secret::new("hush-hush-9").unwrap(), known.clone());
        other.learn(&secret);
        other.learn(&secret);
        assert_eq!(known.known().find("a: hush-hush-9\n"), [3]);
        assert!(!format!("{known:?}").contains("hush"));
    }
}
