//! The guard before every commit: what would be written is searched for secrets, and nothing is committed that was not.

mod added;
mod entropy;
mod hidden;
mod known;
mod leak;
mod scalars;
mod search;
mod shapes;
mod tell_tale;
#[cfg(test)]
mod tests;
mod variables;
mod words;

pub use known::Known;
pub use leak::{Found, Kind, Leak, Place};
pub use variables::{is_secret_variable, password_of_address};
pub use words::is_wording;

use super::configuration::NotSecret;
use super::path::RepoPath;
use super::plan::Edit;
use added::Block;
use search::Search;

/// A change that was searched, and may be committed. It is made by [`Guard::clear`] alone.
#[derive(Debug, Clone)]
pub struct Cleared<'a> {
    edits: &'a [Edit],
    message: &'a str,
    allowed: Vec<Found>,
}

impl<'a> Cleared<'a> {
    /// What is to be changed.
    #[must_use]
    pub fn edits(&self) -> &'a [Edit] {
        self.edits
    }

    /// What the commit says.
    #[must_use]
    pub fn message(&self) -> &'a str {
        self.message
    }

    /// What looks like a secret in it, and is none by the word of people.
    #[must_use]
    pub fn allowed(&self) -> &[Found] {
        &self.allowed
    }
}

/// What is searched for secrets, and how.
pub struct Guard<'a> {
    known: &'a Known,
    allowed: &'a [NotSecret],
    rendered: Option<RepoPath>,
    is_of_ciphertext: bool,
}

impl<'a> Guard<'a> {
    /// A guard that knows these secrets. Of a file that is there already, what a change adds to it is searched.
    #[must_use]
    pub fn new(known: &'a Known) -> Self {
        Self { known, allowed: &[], rendered: None, is_of_ciphertext: false }
    }

    /// Takes the word of people for what is no secret. What the run knows as one is one all the same.
    #[must_use]
    pub fn allowing(self, allowed: &'a [NotSecret]) -> Self {
        Self { allowed, ..self }
    }

    /// Searches the files below `directory` whole: they are rendered anew.
    #[must_use]
    pub fn rendering(self, directory: RepoPath) -> Self {
        Self { rendered: Some(directory), ..self }
    }

    /// Expects what is encrypted, and so random.
    #[must_use]
    pub fn of_ciphertext(self) -> Self {
        Self { is_of_ciphertext: true, ..self }
    }

    /// Lets a change through.
    ///
    /// # Errors
    ///
    /// When something of it looks like a secret.
    pub fn clear<'c>(&self, edits: &'c [Edit], message: &'c str) -> Result<Cleared<'c>, Leak> {
        let mut found = Search::new(self, Place::Message).raw(message);
        for edit in edits {
            let path = edit.path();
            let is_told = self.is_clean(&path.to_string());
            let place = if is_told { Place::File(path.clone()) } else { Place::Path };
            let Edit::Write { before, after, .. } = edit else { continue };
            if !is_told && before.is_none() {
                found.push(Found { place: Place::Path, line: None, key: None, what: self.kind_of(&path.to_string()) });
            }
            match before.as_ref().filter(|_| !self.is_rendered(path)) {
                Some(before) => {
                    for Block { before, text } in added::added(before, after) {
                        found.extend(Search::new(self, place.clone()).below(before).text(&text));
                    }
                }
                None => found.extend(Search::new(self, place).text(after)),
            }
        }
        let (allowed, found) = found.into_iter().partition(|found| self.allows(found));
        Leak::of(found).map_or(Ok(Cleared { edits, message, allowed }), Err)
    }

    /// What a text that is there holds: the findings of [`Guard::clear`], for a file as a whole.
    #[must_use]
    pub fn search(&self, file: &RepoPath, text: &str) -> Vec<Found> {
        let found = Search::new(self, Place::File(file.clone())).text(text);
        found.into_iter().filter(|found| !self.allows(found)).collect()
    }

    /// A text as people may see it: `…` for each line in which something looks like a secret.
    #[must_use]
    pub fn shown(&self, text: &str) -> String {
        let Some(hidden) = Search::new(self, Place::Message).lines(text) else { return "…\n".to_owned() };
        let lines = text.split_inclusive('\n').zip(1..);
        lines.map(|(line, number)| if hidden.contains(&number) { "…\n" } else { line }).collect()
    }

    fn is_rendered(&self, path: &RepoPath) -> bool {
        let Some(directory) = &self.rendered else { return false };
        path.components().count() > directory.components().count()
            && directory.components().zip(path.components()).all(|(one, other)| one == other)
    }

    /// Whether neither a known secret nor the form of one is in a text.
    fn is_clean(&self, text: &str) -> bool {
        self.known.find(text).is_empty() && !shapes::is_within(text)
    }

    fn kind_of(&self, text: &str) -> Kind {
        let shape = || shapes::find(text).next().map(|(_, name)| Kind::Shape(name));
        self.known.kind_of(text).or_else(shape).unwrap_or(Kind::Known)
    }

    fn allows(&self, found: &Found) -> bool {
        found.what != Kind::Known && self.allowed.iter().any(|allowed| allowed.is_about(found))
    }
}
