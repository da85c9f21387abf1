//! Edits of a block list: one entry a line, each after a dash.

use std::ops::Range;

use super::document::{Item, List};
use super::edits::Edits;
use super::lines;

/// Adds an entry on a line of its own after the last one.
pub(super) fn add(text: &str, list: &List, entry: &str) -> Option<String> {
    let index = list.items.len().checked_sub(1)?;
    let item = &list.items[index];
    let dash = dash(text, list, index)?;
    // Parsers do not agree whether a literal that ends the file without a line end gains one when a line follows.
    if item.is_block_scalar && item.value.ends_with('\n') && lines::final_line_end(&text[..item.end]).is_empty() {
        return None;
    }
    let before = &text[lines::line_start(text, dash)..dash];
    // The first entry may stand behind the colon of an explicit key.
    let indentation = if lines::is_blank(before) { before.to_owned() } else { " ".repeat(before.chars().count()) };
    Some(insert_line(text, end_with_blank_lines(text, item), &format!("{indentation}- {entry}")))
}

/// Makes an ordinary empty list a block list of one entry.
pub(super) fn begin(text: &str, list: &List, entry: &str) -> String {
    let line = format!("{}  - {entry}", list.indentation(text));
    let opened = Edits::default().remove(list.value..list.close + 1).apply(text);
    insert_line(&opened, lines::next_line(&opened, list.value), &line)
}

/// Removes entries, each with its line or lines.
pub(super) fn remove(text: &str, list: &List, indices: &[usize]) -> Option<String> {
    let is_all = indices.len() == list.items.len();
    let edits = if is_all { Edits::default().insert(list.value, " []") } else { Edits::default() };
    let edits = indices.iter().try_fold(edits, |edits, index| Some(edits.remove(lines_of(text, list, *index)?)))?;
    let mut result = edits.apply(text);
    // The line that is now the last has to end as the removed one did: not at all.
    if lines::final_line_end(text).is_empty() {
        result.truncate(result.len() - lines::final_line_end(&result).len());
    }
    Some(result)
}

/// The lines of an entry, if it shares none of them with something else.
fn lines_of(text: &str, list: &List, index: usize) -> Option<Range<usize>> {
    let dash = dash(text, list, index)?;
    let item = &list.items[index];
    // Blank lines after a block scalar are not the entry's.
    let end = if item.is_block_scalar { lines::skip_space_back(text, item.end) } else { item.end };
    lines::begins_line(text, dash).then(|| lines::line_start(text, dash)..lines::next_line(text, end))
}

/// The dash of an entry, which need not be on the same line.
fn dash(text: &str, list: &List, index: usize) -> Option<usize> {
    let before = index.checked_sub(1).map_or(list.value, |previous| list.items[previous].end);
    lines::find_mark(text, before, '-')
}

/// Where the line after the entry starts. The blank lines after a block scalar may be a part of its value.
fn end_with_blank_lines(text: &str, item: &Item) -> usize {
    // The parser counts the blanks before the next content to the block scalar.
    let end = if item.end < text.len() { lines::skip_blanks_back(text, item.end) } else { item.end };
    if item.is_block_scalar && lines::line_start(text, end) == end { end } else { lines::next_line(text, item.end) }
}

/// Inserts a line where a line starts, or at the end of a text that does not end its last line; then this one is not
/// ended either.
fn insert_line(text: &str, at: usize, line: &str) -> String {
    let new = match lines::final_line_end(&text[..at]) {
        "" => format!("{}{line}", lines::first_line_end(text)),
        line_end => format!("{line}{line_end}"),
    };
    Edits::default().insert(at, new).apply(text)
}
