//! Insertions and deletions in a text, collected first and then made at once.

use std::ops::Range;

/// Changes to one text, all in its own byte offsets.
#[derive(Debug, Default)]
pub(super) struct Edits(Vec<(Range<usize>, String)>);

impl Edits {
    pub(super) fn insert(mut self, at: usize, new: impl Into<String>) -> Self {
        self.0.push((at..at, new.into()));
        self
    }

    pub(super) fn remove(mut self, range: Range<usize>) -> Self {
        self.0.push((range, String::new()));
        self
    }

    /// The text with the changes. Where two are at the same place, the one that was asked for first comes first.
    pub(super) fn apply(&self, text: &str) -> String {
        let mut edits: Vec<_> = self.0.iter().collect();
        edits.sort_by_key(|(range, _)| range.start);
        let mut result = String::with_capacity(text.len() + 80);
        let mut copied = 0;
        for (range, new) in edits {
            result.push_str(&text[copied..range.start.max(copied)]);
            result.push_str(new);
            copied = range.end.max(copied);
        }
        result.push_str(&text[copied..]);
        result
    }
}
