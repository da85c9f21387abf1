//! The roster: the kustomize file that lists all previews, edited byte by byte.
//!
//! People write the file too, so an edit only inserts or deletes what belongs to one entry, and the result is read again
//! before it counts: its entries must be the old ones plus or minus that entry, and everything else must mean the same.

mod block;
mod document;
mod edits;
mod error;
mod flow;
mod lines;
mod scalar;
#[cfg(test)]
mod tests;

use std::collections::HashSet;

pub use error::{Place, RosterError};

use document::{Document, List, Resources};
use edits::Edits;
use serde_saphyr::granit_parser::StructureStyle;

const EMPTY: &str = "\
# The previews that exist now, one entry each. Bivouac adds and removes entries and keeps the rest as it is.
apiVersion: kustomize.config.k8s.io/v1beta1
kind: Kustomization
resources: []
";

/// The list of all previews: a kustomize file that people may edit too. Holds the text as it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Roster {
    text: String,
    entries: Vec<String>,
}

impl Roster {
    /// Reads a roster as it lies in the repository.
    ///
    /// # Errors
    ///
    /// Says where the text is not a kustomize file whose `resources`, if any, are a list that can be edited by itself.
    pub fn parse(text: &str) -> Result<Self, RosterError> {
        let entries = Document::read(text)?.entries().map(str::to_owned).collect();
        Ok(Self { text: text.to_owned(), entries })
    }

    /// The roster that is written where there is none yet.
    #[must_use]
    pub fn empty() -> Self {
        Self { text: EMPTY.to_owned(), entries: Vec::new() }
    }

    /// The file, byte for byte.
    #[must_use]
    pub fn text(&self) -> &str {
        &self.text
    }

    /// The values of `resources` as people wrote them, without quotes and with aliases resolved.
    pub fn entries(&self) -> impl Iterator<Item = &str> {
        self.entries.iter().map(String::as_str)
    }

    /// The entries that name something beside the roster, without what their spelling adds to the name.
    pub fn directories(&self) -> impl Iterator<Item = &str> {
        self.entries().filter_map(|entry| {
            let mut steps = steps(entry);
            let only = steps.next().filter(|_| steps.next().is_none());
            only.filter(|_| !entry.starts_with('/'))
        })
    }

    /// Whether an entry names `directory`, in any spelling: `pr-1`, `./pr-1` and `pr-1/` are one directory.
    #[must_use]
    pub fn contains(&self, directory: &str) -> bool {
        self.entries().any(|entry| names(entry, directory))
    }

    /// The roster with an entry for `directory`, a DNS label, after the last one; the same roster if it has one already.
    ///
    /// # Errors
    ///
    /// Refuses an edit that would change more than the list.
    pub fn with(&self, directory: &str) -> Result<Self, RosterError> {
        if self.contains(directory) {
            return Ok(self.clone());
        }
        let before = Document::read(&self.text)?;
        let entry = format!("\"{directory}\"");
        let refused = || RosterError::NotEditable { entry: directory.to_owned(), at: before.at };
        let text = match &before.resources {
            Resources::List(list) => appended(&self.text, list, &entry),
            // An empty list is put where there is none, so that there is one way only to begin a list.
            Resources::Null { hole } => fill(&self.text, hole, &entry),
            Resources::Absent { hole } => {
                let hole = hole.as_ref().ok_or(RosterError::InBraces { at: before.at })?;
                fill(&self.text, hole, &entry)
            }
        };
        let expected = self.entries().chain([directory]);
        text.and_then(|text| verified(text, expected, &before)).ok_or_else(refused)
    }

    /// The roster without any entry that names `directory`; the same roster if there is none.
    ///
    /// # Errors
    ///
    /// Refuses an edit that would change more than the list, say because the entry has an anchor that is used elsewhere.
    pub fn without(&self, directory: &str) -> Result<Self, RosterError> {
        let mut roster = self.clone();
        // From the end, so that an alias goes before its anchor. Two entries for one directory do not build, so there
        // is hardly ever a second round.
        while let Some(index) = roster.entries.iter().rposition(|entry| names(entry, directory)) {
            roster = roster.without_entry(index)?;
        }
        Ok(roster)
    }

    /// The roster without any entry that names one of `directories`.
    ///
    /// # Errors
    ///
    /// As [`Self::without`].
    pub fn without_all(&self, directories: &[&str]) -> Result<Self, RosterError> {
        match self.without_at_once(directories) {
            Some(roster) => Ok(roster),
            None => directories.iter().try_fold(self.clone(), |roster, directory| roster.without(directory)),
        }
    }

    /// What [`Self::without`] makes of one after the other, in one edit: thousands of entries take no time. Only where each
    /// of them is on lines of its own, which do not depend on what is around them.
    fn without_at_once(&self, directories: &[&str]) -> Option<Self> {
        let going: HashSet<Vec<_>> = directories.iter().map(|directory| steps(directory).collect()).collect();
        let goes = |entry: &str| !entry.starts_with('/') && going.contains(&steps(entry).collect::<Vec<_>>());
        let goes: Vec<_> = self.entries().map(goes).collect();
        let indices: Vec<_> = (0..goes.len()).filter(|index| goes[*index]).collect();
        if indices.is_empty() {
            return Some(self.clone());
        }
        let before = Document::read(&self.text).ok()?;
        let Resources::List(list) = &before.resources else { return None };
        if list.style == StructureStyle::Flow || list.items.iter().any(|item| item.is_block_scalar) {
            return None;
        }
        let staying = self.entries().zip(&goes).filter(|(_, goes)| !**goes).map(|(entry, _)| entry);
        verified(block::remove(&self.text, list, &indices)?, staying, &before)
    }

    fn without_entry(&self, index: usize) -> Result<Self, RosterError> {
        let before = Document::read(&self.text)?;
        let refused = |at| RosterError::NotEditable { entry: self.entries[index].clone(), at };
        let Resources::List(list) = &before.resources else { return Err(refused(before.at)) };
        let text = match list.style {
            StructureStyle::Block => block::remove(&self.text, list, &[index]),
            StructureStyle::Flow => Some(flow::remove(&self.text, list, index)),
        };
        let expected = self.entries().take(index).chain(self.entries().skip(index + 1));
        text.and_then(|text| verified(text, expected, &before)).ok_or_else(|| refused(list.items[index].at))
    }
}

/// Adds an entry in the style of the list.
fn appended(text: &str, list: &List, entry: &str) -> Option<String> {
    match list.style {
        StructureStyle::Block => block::add(text, list, entry),
        StructureStyle::Flow if list.is_ordinary_and_empty(text) => Some(block::begin(text, list, entry)),
        StructureStyle::Flow => Some(flow::add(text, list, entry)),
    }
}

/// Puts an empty list where there is none and adds the entry to it.
fn fill(text: &str, hole: &Edits, entry: &str) -> Option<String> {
    let text = hole.apply(text);
    match Document::read(&text).ok()?.resources {
        Resources::List(list) => appended(&text, &list, entry),
        Resources::Null { .. } | Resources::Absent { .. } => None,
    }
}

/// The roster with the new text, if that holds exactly these entries and means the same as before in all other places.
fn verified<'entry>(text: String, expected: impl Iterator<Item = &'entry str>, before: &Document) -> Option<Roster> {
    let after = Document::read(&text).ok()?;
    let entries: Vec<String> = after.entries().map(str::to_owned).collect();
    let holds =
        matches!(after.resources, Resources::List(_)) && expected.eq(after.entries()) && after.rest == before.rest;
    holds.then_some(Roster { text, entries })
}

/// Whether kustomize would read `entry` as the directory beside the roster.
fn names(entry: &str, directory: &str) -> bool {
    !entry.starts_with('/') && steps(entry).eq(steps(directory))
}

fn steps(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|step| !matches!(*step, "" | "."))
}
