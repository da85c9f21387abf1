//! Lines, and what lies between the nodes of a YAML text: blanks, line ends and comments.
//!
//! A line ends with LF, CRLF or a lone CR, as YAML has it.

const LINE_END: [char; 2] = ['\n', '\r'];
const BLANK: [char; 2] = [' ', '\t'];

/// Where the line with the byte `at` starts.
pub(super) fn line_start(text: &str, at: usize) -> usize {
    text[..at].rfind(LINE_END).map_or(0, |end| end + 1)
}

/// Where the line after the one with the byte `at` starts: behind the line end, or at the end of the text.
pub(super) fn next_line(text: &str, at: usize) -> usize {
    match text[at..].find(LINE_END) {
        Some(offset) => at + offset + line_end_at(&text[at + offset..]).len(),
        None => text.len(),
    }
}

/// The line end that `text` stops with, or nothing.
pub(super) fn final_line_end(text: &str) -> &str {
    let start = if text.ends_with("\r\n") {
        text.len() - 2
    } else {
        text.trim_end_matches(LINE_END).len().max(text.len().saturating_sub(1))
    };
    &text[start..]
}

/// The first line end of `text`; LF if it is all one line.
pub(super) fn first_line_end(text: &str) -> &str {
    text.find(LINE_END).map_or("\n", |start| line_end_at(&text[start..]))
}

fn line_end_at(text: &str) -> &str {
    if text.starts_with("\r\n") { "\r\n" } else { &text[..1] }
}

/// The blanks that the line with the byte `at` begins with.
pub(super) fn indentation(text: &str, at: usize) -> &str {
    let line = &text[line_start(text, at)..];
    &line[..line.len() - line.trim_start_matches(BLANK).len()]
}

/// Whether the byte `at` is the first of its line but for blanks.
pub(super) fn begins_line(text: &str, at: usize) -> bool {
    is_blank(&text[line_start(text, at)..at])
}

/// Whether `text` is nothing but blanks.
pub(super) fn is_blank(text: &str) -> bool {
    text.trim_start_matches(BLANK).is_empty()
}

/// Whether `text` is on more than one line.
pub(super) fn has_line_end(text: &str) -> bool {
    text.contains(LINE_END)
}

/// The first byte from `at` on that is no blank.
pub(super) fn skip_blanks(text: &str, at: usize) -> usize {
    text.len() - text[at..].trim_start_matches(BLANK).len()
}

/// The byte before which the blanks end that lie before `at`.
pub(super) fn skip_blanks_back(text: &str, at: usize) -> usize {
    text[..at].trim_end_matches(BLANK).len()
}

/// The end of what is written before `at`, without blanks and line ends.
pub(super) fn skip_space_back(text: &str, at: usize) -> usize {
    text[..at].trim_end_matches([' ', '\t', '\n', '\r']).len()
}

/// Where `mark` is, if nothing but blanks, line ends and comments lies between `at` and it.
pub(super) fn find_mark(text: &str, at: usize, mark: char) -> Option<usize> {
    let mut at = at;
    loop {
        at = text.len() - text[at..].trim_start_matches([' ', '\t', '\n', '\r']).len();
        match text[at..].chars().next() {
            Some('#') => at = next_line(text, at),
            next => return (next == Some(mark)).then_some(at),
        }
    }
}
