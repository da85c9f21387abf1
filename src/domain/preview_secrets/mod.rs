//! A preview's own secrets in Vault: what is put there, whose they are, and which are left over.

mod leftovers;
mod owner;
mod values;

pub use leftovers::{Leftover, left_over};
pub use owner::{Owner, Ownership, PullRequestOf, says_another};
pub use values::{InvalidValues, LARGEST, MissingKey, Values};

use std::collections::BTreeMap;

use super::configuration::Configuration;
use super::names::{PreviewName, PullRequestNumber};
use super::overlay::EXTERNAL_SECRETS;
use super::vault::wanted::SecretPath;
use super::yaml;

/// Where a preview has values for itself, as the `ExternalSecret`s say that are written in its directory: what the configuration
/// says now may be something else.
#[must_use]
pub fn written_paths(files: &BTreeMap<String, String>, name: &PreviewName) -> Vec<SecretPath> {
    let documents = files.get(EXTERNAL_SECRETS).and_then(|text| yaml::parse_all(text).ok()).unwrap_or_default();
    let sources = documents.iter().filter_map(|document| document.pointer("/spec/dataFrom")?.as_array()).flatten();
    let paths = sources.filter_map(|source| source.pointer("/extract/key")?.as_str()?.parse().ok());
    let is_own = |path: &SecretPath| path.as_str().rsplit_once('/').is_some_and(|(_, last)| last == name.as_str());
    paths.filter(is_own).collect()
}

/// How what is put goes together with what is there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Way {
    /// What is put goes over what is there, which is kept besides.
    Merge,
    /// What is put is all that there is.
    Replace,
}

impl Configuration {
    /// The pull request whose preview would be called that now; nothing when no preview would.
    #[must_use]
    pub fn number_of(&self, name: &str) -> Option<PullRequestNumber> {
        let numbers =
            name.split(|character: char| !character.is_ascii_digit()).filter_map(|digits| digits.parse().ok());
        let is_called = |number: &PullRequestNumber| self.identity(*number).is_ok_and(|it| it.name.as_str() == name);
        numbers.into_iter().find(is_called)
    }

    /// Whether values of this owner can be at a path that ends with this name.
    #[must_use]
    pub fn owns(&self, owner: &Owner, name: &str) -> bool {
        let document = self.document();
        // Where nothing says the name, the one that the preview would have now counts.
        let is_called = || self.identity(owner.number).is_ok_and(|it| it.name.as_str() == name);
        owner.is_of(&document.application, &document.repository)
            && owner.is_at(name)
            && (owner.preview.is_some() || is_called())
    }

    /// Whether all previews share the values at a path.
    #[must_use]
    pub fn is_shared_path(&self, path: &SecretPath) -> bool {
        self.document().secrets.iter().any(|secret| secret.path == *path)
    }
}
