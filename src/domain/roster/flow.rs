//! Edits of a flow list: entries in brackets, on one line or on several.
//!
//! What is added here is what [`remove`] takes away again, byte for byte.

use std::ops::Range;

use super::document::{Item, List};
use super::edits::Edits;
use super::lines;

/// Adds an entry after the last one.
pub(super) fn add(text: &str, list: &List, entry: &str) -> String {
    let Some(item) = list.items.last() else { return add_first(text, list, entry) };
    let comma = lines::find_mark(text, item.end, ',');
    let is_on_lines = lines::has_line_end(&text[list.open..list.close]);
    let is_closed_on_line = !lines::has_line_end(&text[item.end..list.close]);
    let is_comma_on_line = comma.is_none_or(|comma| !lines::has_line_end(&text[item.end..comma]));
    let indentation = indentation(text, list, item);
    let edits = Edits::default();
    let edits = if is_on_lines && is_closed_on_line {
        let line_end = lines::first_line_end(&text[list.open..]);
        edits.insert(item.end, format!(",{line_end}{indentation}{entry}"))
    } else if is_on_lines && is_comma_on_line {
        let next_line = lines::next_line(text, item.end);
        let line_end = lines::final_line_end(&text[..next_line]);
        let (separator, trailing) = if comma.is_some() { ("", ",") } else { (",", "") };
        edits.insert(item.end, separator).insert(next_line, format!("{indentation}{entry}{trailing}{line_end}"))
    } else {
        // All on one line, or a comma on a line of its own, which is not worth a style.
        edits.insert(item.end, format!(", {entry}"))
    };
    edits.apply(text)
}

fn add_first(text: &str, list: &List, entry: &str) -> String {
    let inside = &text[list.open + 1..list.close];
    let edits = Edits::default();
    let edits = if lines::has_line_end(inside) {
        let line = format!("{}  {entry}{}", list.indentation(text), lines::first_line_end(inside));
        edits.insert(lines::next_line(text, list.open), line)
    } else {
        let space = if inside.is_empty() { "" } else { " " };
        edits.insert(list.open + 1, format!("{space}{entry}"))
    };
    edits.apply(text)
}

/// The indentation of the last entry's line; a step more than the key's if that is the line of the key.
fn indentation(text: &str, list: &List, item: &Item) -> String {
    if lines::line_start(text, item.start) > list.open {
        lines::indentation(text, item.start).to_owned()
    } else {
        format!("{}  ", list.indentation(text))
    }
}

/// Removes an entry with one comma, and with its lines if nothing else is on them.
pub(super) fn remove(text: &str, list: &List, index: usize) -> String {
    let item = &list.items[index];
    let previous = index.checked_sub(1).map(|previous| &list.items[previous]);
    let comma = lines::find_mark(text, item.end, ',');
    let edits = Edits::default();
    let edits = if let Some(whole) = whole_lines(text, item) {
        let is_complete = comma.is_some_and(|comma| whole.contains(&comma));
        let before = previous.and_then(|previous| lines::find_mark(text, previous.end, ','));
        remove_mark(edits.remove(whole), before.or(comma).filter(|_| !is_complete))
    } else if let Some(previous) = previous.filter(|previous| !text[previous.end..item.start].contains('#')) {
        edits.remove(previous.end..item.end)
    } else if let Some(comma) = comma.filter(|comma| lines::is_blank(&text[item.end..*comma])) {
        edits.remove(item.start..end_of_blanks(text, comma + 1))
    } else {
        // A comment is in the way, or this is the only entry.
        let before = previous.and_then(|previous| lines::find_mark(text, previous.end, ','));
        let is_spaced = previous.is_none() && item.start == list.open + 2;
        let start = if is_spaced { list.open + 1 } else { item.start };
        remove_mark(edits.remove(start..item.end), comma.or(before))
    };
    edits.apply(text)
}

fn remove_mark(edits: Edits, mark: Option<usize>) -> Edits {
    match mark {
        Some(mark) => edits.remove(mark..mark + 1),
        None => edits,
    }
}

/// The blanks after a comma go with the entry, except before a comment, which needs one.
fn end_of_blanks(text: &str, at: usize) -> usize {
    let end = lines::skip_blanks(text, at);
    if text[end..].starts_with('#') { at } else { end }
}

/// The lines of an entry that shares them with nothing but its comma and a comment.
fn whole_lines(text: &str, item: &Item) -> Option<Range<usize>> {
    let mut end = lines::skip_blanks(text, item.end);
    if text[end..].starts_with(',') {
        end = lines::skip_blanks(text, end + 1);
    }
    let is_whole = lines::begins_line(text, item.start) && text[end..].starts_with(['#', '\n', '\r']);
    is_whole.then(|| lines::line_start(text, item.start)..lines::next_line(text, end))
}
