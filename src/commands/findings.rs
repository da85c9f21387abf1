//! How findings are shown: on standard output, in the summary, and as annotations.

use std::fmt::Write as _;

use anstyle::AnsiColor;
use serde_json::{Value, json};

use crate::domain::checks::{Finding, Severity};
use crate::runner::{Level, Runner, Spot, escape_markdown, plain};

/// The most overlays that are named for one finding.
const NAMED: usize = 3;
/// The most annotations: a runner shows ten of each level, and keeps fifty of a run.
const ANNOTATED: usize = 50;
/// The most rows in a summary, which holds one mebibyte.
const ROWS: usize = 200;
/// The most characters of a message in a summary.
const MESSAGE: usize = 1_000;

/// The same finding of one or more overlays.
struct Group<'a> {
    finding: &'a Finding,
    overlays: Vec<String>,
}

impl Group<'_> {
    /// The overlays, unless the place says it already.
    fn of(&self) -> String {
        let named: Vec<_> = self.overlays.iter().take(NAMED).map(String::as_str).collect();
        let more = self.overlays.len().saturating_sub(NAMED);
        let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
        format!("{}{rest}", named.join(", "))
    }

    fn is_told_by_place(&self) -> bool {
        let place = self.finding.place.as_ref().map(|place| place.file.as_str()).unwrap_or_default();
        matches!(&self.overlays[..], [only] if only == "." || place.starts_with(only.as_str()))
    }
}

/// Equal findings together, those that refuse first.
fn grouped(findings: &[Finding]) -> Vec<Group<'_>> {
    let mut groups: Vec<Group<'_>> = Vec::new();
    let mut sorted: Vec<_> = findings.iter().collect();
    let key = |finding: &Finding| {
        (
            std::cmp::Reverse(finding.severity),
            finding.place.clone(),
            finding.object.clone(),
            finding.check,
            finding.message.clone(),
        )
    };
    sorted.sort_by_cached_key(|finding| key(finding));
    for finding in sorted {
        let overlay = finding.overlay.to_string();
        match groups.last_mut().filter(|group| key(group.finding) == key(finding)) {
            Some(group) => group.overlays.push(overlay),
            None => groups.push(Group { finding, overlays: vec![overlay] }),
        }
    }
    groups
}

fn word(severity: Severity) -> (&'static str, AnsiColor) {
    match severity {
        Severity::Refusal => ("refused", AnsiColor::Red),
        Severity::Warning => ("warning", AnsiColor::Yellow),
    }
}

/// For people: one finding a paragraph.
pub(super) fn text(findings: &[Finding]) -> String {
    let mut text = String::new();
    for group in grouped(findings) {
        let (word, colour) = word(group.finding.severity);
        let style = colour.on_default().bold();
        let _ = writeln!(text, "{style}{word}{style:#} {}", indented(&group.finding.to_string()));
        if !group.is_told_by_place() {
            let _ = writeln!(text, "        in {}", group.of());
        }
    }
    text
}

/// Words of a tool: their further lines are indented, so that none of them can be a workflow command.
fn indented(text: &str) -> String {
    text.lines().map(plain).collect::<Vec<_>>().join("\n        | ")
}

/// For programs.
pub(super) fn json(findings: &[Finding]) -> Value {
    let one = |finding: &Finding| {
        json!({
            "check": finding.check.word(),
            "severity": word(finding.severity).0,
            "overlay": finding.overlay.to_string(),
            "file": finding.place.as_ref().map(|place| place.file.to_string()),
            "line": finding.place.as_ref().and_then(|place| place.line),
            "object": finding.object,
            "message": finding.message,
        })
    };
    findings.iter().map(one).collect()
}

/// For the summary of a run.
pub(super) fn markdown(findings: &[Finding]) -> String {
    if findings.is_empty() {
        return String::new();
    }
    let mut text = String::from("| | where | what | overlays |\n|---|---|---|---|\n");
    let groups = grouped(findings);
    for group in groups.iter().take(ROWS) {
        let Finding { severity, place, object, message, check, overlay } = group.finding;
        let place = place.as_ref().map_or_else(|| overlay.to_string(), ToString::to_string);
        let object = object.as_ref().map_or_else(String::new, |object| format!("{object}: "));
        let message: String = message.chars().take(MESSAGE).collect();
        let cells = [place, format!("{object}{message} ({check})"), group.of()].map(|cell| escape_markdown(&cell));
        let _ = writeln!(text, "| {} | {} |", word(*severity).0, cells.join(" | "));
    }
    if let Some(more) = groups.len().checked_sub(ROWS).filter(|more| *more > 0) {
        let _ = writeln!(text, "\nAnd {more} more.");
    }
    text
}

/// Annotations. `is_here` says that the files are those of the repository that the run is of.
pub(super) fn annotate(runner: &Runner, findings: &[Finding], is_here: bool) {
    for group in grouped(findings).iter().take(ANNOTATED) {
        let finding = group.finding;
        let level = match finding.severity {
            Severity::Refusal => Level::Error,
            Severity::Warning => Level::Warning,
        };
        let title = format!("Bivouac: {}", finding.check);
        let is_placed = is_here && finding.place.is_some();
        // The place is shown beside it.
        let told = if is_placed { finding.without_place() } else { finding.to_string() };
        let message = if group.is_told_by_place() { told } else { format!("{told}\nin {}", group.of()) };
        match finding.place.as_ref().filter(|_| is_here) {
            Some(place) => {
                let spot = Spot { file: place.file.as_str(), line: place.line };
                runner.annotate_file(level, &title, &message, &spot);
            }
            None => runner.annotate(level, &title, &message),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::checks::{Check, Place};

    fn finding(overlay: &str, message: &str) -> Finding {
        Finding {
            check: Check::Build,
            severity: Severity::Refusal,
            overlay: overlay.parse().unwrap(),
            place: Some(Place { file: "base/x.yaml".parse().unwrap(), line: Some(3) }),
            object: None,
            message: message.to_owned(),
        }
    }

    #[test]
    fn equal_findings_are_told_once() {
        let mut all: Vec<_> =
            (1..=9).map(|number| finding(&format!("overlays/ephemeral/pr-{number}"), "broken")).collect();
        all.push(Finding { severity: Severity::Warning, ..finding("overlays/production", "odd\n::error::forged") });
        let told = anstream::adapter::strip_str(&text(&all)).to_string();
        insta::assert_snapshot!(told, @"
        refused base/x.yaml:3: broken (build)
                in overlays/ephemeral/pr-1, overlays/ephemeral/pr-2, overlays/ephemeral/pr-3 and 6 more
        warning base/x.yaml:3: odd
                | ::error::forged (build)
                in overlays/production
        ");
        assert_eq!(markdown(&all).lines().count(), 4);
        assert_eq!(json(&all).as_array().unwrap().len(), 10);
    }
}
