//! What a dry run would change, as a diff that people may see.

use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use similar::TextDiff;

use crate::domain::guard::{Guard, Known};
use crate::domain::plan::Edit;
use crate::runner::plain;

/// The edits as a unified diff, without the lines in which something looks like a secret.
#[must_use]
pub fn diff(edits: &[Edit], known: &Known) -> String {
    let mut text = String::new();
    let guard = Guard::new(known);
    let mut add = |path: &str, before: Option<&str>, after: Option<&str>| {
        let path = if known.find(path).is_empty() { path } else { "…" };
        let (before, after) = (before.map(|text| guard.shown(text)), after.map(|text| guard.shown(text)));
        let (before, after) = (before.as_deref(), after.as_deref());
        let name =
            |side: &str, text: Option<&str>| text.map_or_else(|| "/dev/null".to_owned(), |_| format!("{side}/{path}"));
        let changes = TextDiff::from_lines(before.unwrap_or_default(), after.unwrap_or_default());
        let mut unified = changes.unified_diff();
        let _ = write!(text, "{}", unified.header(&name("a", before), &name("b", after)));
    };
    for edit in edits {
        match edit {
            Edit::Write { path, before, after } => add(path.as_str(), before.as_deref(), Some(after)),
            Edit::RemoveFile { path, before } => add(path.as_str(), Some(before), None),
            Edit::RemoveDirectory { path, files } => {
                for (name, before) in files {
                    add(path.join(name).as_str(), Some(before), None);
                }
            }
        }
    }
    text
}

/// A diff in the colours that Git uses.
#[must_use]
pub fn coloured(diff: &str) -> String {
    let mut text = String::new();
    for line in diff.lines() {
        let line = harmless(line);
        let style = match line.as_bytes().first() {
            _ if line.starts_with("+++") || line.starts_with("---") => Style::new().bold(),
            Some(b'+') => AnsiColor::Green.on_default(),
            Some(b'-') => AnsiColor::Red.on_default(),
            Some(b'@') => AnsiColor::Cyan.on_default(),
            _ => Style::new(),
        };
        let _ = writeln!(text, "{style}{line}{style:#}");
    }
    text
}

/// A line of a diff, in which somebody else's text is no workflow command: the runner looks past the blanks before `::`.
fn harmless(line: &str) -> String {
    let line = plain(line);
    if line.trim_start().starts_with("::") { line.replacen(' ', "|", 1) } else { line }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_diff_shows_no_line_that_holds_a_secret() {
        let before = "a: 1\nb: canary-Zq81\ndb:\n  password: q9Zrkk31aaXX\n  port: 5432\n";
        let removed = Edit::RemoveFile { path: "x.yaml".parse().unwrap(), before: before.to_owned() };
        let written = Edit::Write {
            path: "y.yaml".parse().unwrap(),
            before: Some(before.to_owned()),
            after: "a: 2\ndb:\n  port: 5432\n".to_owned(),
        };
        for edit in [removed, written] {
            let shown = diff(&[edit], &Known::new(["canary-Zq81"]));
            assert!(!shown.contains("canary") && !shown.contains("q9Z"), "{shown}");
            assert!(shown.contains("-a: 1") && shown.contains("-…") && shown.contains("port: 5432"), "{shown}");
        }
    }
}
