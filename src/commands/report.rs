//! How a result is shown: on standard output, in the step's outputs, in the summary, and as an annotation.

use std::fmt::Write as _;
use std::io::{self, Write as _};

use anstyle::{AnsiColor, Style};
use serde::Serialize;
use serde_json::{Map, Value, json};

pub use super::edits::{coloured, diff};

use super::context::Context;
use super::findings;
use super::options::Format;
use super::secrets;
use crate::contract::PREVIEW_OUTPUTS;
use crate::domain::checks::Finding;
use crate::domain::comment::length;
use crate::domain::fork_build::RunHead;
use crate::domain::readiness::Seen;
use crate::domain::reason::{Reason, code};
use crate::domain::visible::turns_around;
use crate::error::{self, Error};
use crate::runner::{Level, Runner, escape_markdown, plain};
use crate::usecases::{Converged, Outcome, Request, Verdict};

/// Shows what came of a run, and hands it to the steps that follow.
///
/// # Errors
///
/// When an output can not be written, or the pull request could not be told.
pub fn tell(converged: Converged, request: &Request, format: Format, context: &Context) -> Result<(), Error> {
    let Converged { outcome, not_announced } = converged;
    findings::annotate(&context.runner, &outcome.findings, false);
    print(&match format {
        Format::Text => format!("{}{}", findings::text(&outcome.findings), text(&outcome, request)),
        Format::Json => json_text(&as_json(&outcome, request)),
    })?;
    if !request.dry_run {
        let runner = &context.runner;
        let rows = findings::markdown(&outcome.findings);
        hand_over(runner, &outputs(&outcome), &format!("{}{rows}", summary(&outcome, request)))?;
        let is_telling = |reason: &&Reason| {
            matches!(outcome.verdict, Verdict::Refused | Verdict::Superseded | Verdict::Kept) || reason.is_refusal()
        };
        if let Some(reason) = outcome.reason.as_ref().filter(is_telling) {
            let advice = reason.advice().map_or_else(String::new, |advice| format!("\n{advice}"));
            let message = format!("{}: {}{advice}", outcome.verdict.word(), reason.sentence());
            runner.annotate(Level::Notice, &format!("Preview {}", outcome.identity.name), &message);
        }
    }
    match not_announced {
        error if outcome.verdict == Verdict::Failed => {
            if let Some(error) = error {
                tracing::warn!("the pull request could not be told: {error}");
            }
            Err(not_ready(&outcome))
        }
        None => Ok(()),
        // The token of a fork's pull request may read only, and a refusal is green.
        Some(error) if outcome.verdict == Verdict::Refused => {
            tracing::warn!("the pull request could not be told: {error}");
            Ok(())
        }
        Some(error) => Err(Error::NotAnnounced(error)),
    }
}

/// Shows what keeps a preview from being committed.
///
/// # Errors
///
/// When an output can not be written.
pub fn tell_refused(findings: &[Finding], format: Format, context: &Context) -> Result<(), Error> {
    print(&match format {
        Format::Text => findings::text(findings),
        Format::Json => json_text(&json!({"findings": findings::json(findings)})),
    })?;
    findings::annotate(&context.runner, findings, false);
    let summary = format!("### Not committed: the checks refuse it\n\n{}\n", findings::markdown(findings));
    hand_over(&context.runner, &[], &summary)
}

/// What became of a preview that was waited for in vain.
fn not_ready(outcome: &Outcome) -> Error {
    let (within, seen) = outcome
        .waited
        .as_ref()
        .map_or_else(|| (0, Seen::new("nothing")), |waited| (waited.took.as_secs(), waited.seen.clone()));
    let (name, commit) = (outcome.identity.name.to_string(), outcome.pull_request.head.short().to_owned());
    Error::NotReady { name, commit, within: length(within), seen }
}

/// Shows why nothing was done in an apps repository that the run may not read.
///
/// # Errors
///
/// When an output can not be written.
pub fn tell_unread(
    verdict: Verdict,
    reason: &Reason,
    request: &Request,
    format: Format,
    context: &Context,
) -> Result<(), Error> {
    let of = format!("{}#{}", request.repository, request.number);
    let because = format!("{}; the run may not read the apps repository", reason.sentence());
    let outputs = [("result", verdict.word().to_owned()), ("reason", reason.sentence())];
    print(&match format {
        Format::Text => format!("{style}{}{style:#} {of}: {because}\n", verdict.word(), style = style_of(verdict)),
        Format::Json => json_text(&json!({"result": verdict.word(), "reason": reason.sentence()})),
    })?;
    if request.dry_run {
        return Ok(());
    }
    let runner = &context.runner;
    hand_over(runner, &outputs, &format!("### Preview of {of}: {}\n\nBecause {because}.\n", verdict.word()))?;
    runner.annotate(Level::Notice, &format!("Preview of {of}"), &format!("{}: {because}", verdict.word()));
    Ok(())
}

/// Says that there was nothing to do, and why.
///
/// # Errors
///
/// When it can not be written.
pub fn tell_nothing(why: &str, format: Format) -> Result<(), Error> {
    print(&match format {
        Format::Text => format!("{why}\n"),
        Format::Json => json_text(&json!({"result": "", "reason": why})),
    })
}

/// Says that no open pull request has the head that a run was for.
///
/// # Errors
///
/// When it can not be written.
pub fn tell_nobody(head: &RunHead, format: Format, context: &Context) -> Result<(), Error> {
    let of = head.repository.as_ref().map_or_else(String::new, |repository| format!(" of `{repository}`"));
    let why = format!("no open pull request has the head {}{of} any more", head.commit.short());
    context.runner.annotate(Level::Notice, "Preview", &why);
    tell_nothing(&why, format)
}

/// Hands outputs and a summary to the runner.
///
/// # Errors
///
/// When one of them can not be written.
pub fn hand_over(runner: &Runner, outputs: &[(&str, String)], summary: &str) -> Result<(), Error> {
    runner.set_outputs(outputs).map_err(|why| Error::local("the outputs can not be written", why))?;
    runner.summarize(summary).map_err(|why| Error::local("the summary can not be written", why))
}

/// Writes data to standard output. A reader that has gone away has had enough.
///
/// # Errors
///
/// When it can not be written for another reason.
pub fn print(text: &str) -> Result<(), Error> {
    let bytes = text.as_bytes();
    // Looking for colours takes longer than all else where there is much to write, and none in it.
    let written = if bytes.contains(&0x1b) {
        anstream::stdout().lock().write_all(bytes)
    } else {
        io::stdout().lock().write_all(bytes)
    };
    match written {
        Err(why) if why.kind() != io::ErrorKind::BrokenPipe => {
            Err(Error::local("standard output can not be written", why))
        }
        _ => Ok(()),
    }
}

/// The outputs, in the order in which they are documented.
fn outputs(outcome: &Outcome) -> Vec<(&'static str, String)> {
    let value = |name: &str| match name {
        "result" => outcome.verdict.word().to_owned(),
        "reason" => outcome.reason.as_ref().map(Reason::sentence).unwrap_or_default(),
        "url" if outcome.verdict.leaves_none() => String::new(),
        "url" => outcome.identity.url(),
        "host" => outcome.identity.host.to_string(),
        "name" => outcome.identity.name.to_string(),
        "namespace" => outcome.identity.namespace.to_string(),
        "overlay" => outcome.overlay.to_string(),
        "apps-commit" => outcome.apps_commit.as_ref().map(ToString::to_string).unwrap_or_default(),
        _ => outcome.comment_url.clone().unwrap_or_default(),
    };
    let after = outcome.waited.as_ref().filter(|_| outcome.verdict == Verdict::Ready);
    let after = after.map(|waited| ("ready-after", waited.took.as_secs().to_string()));
    PREVIEW_OUTPUTS.iter().map(|(name, _)| (*name, value(name))).chain(after).collect()
}

fn as_json(outcome: &Outcome, request: &Request) -> Value {
    let mut map: Map<_, _> =
        outputs(outcome).into_iter().map(|(name, value)| (name.to_owned(), Value::from(value))).collect();
    if !outcome.findings.is_empty() {
        map.insert("findings".to_owned(), findings::json(&outcome.findings));
    }
    if !outcome.removed_secrets.is_empty() {
        map.insert("removed-secrets".to_owned(), json!(outcome.removed_secrets));
    }
    if request.dry_run {
        map.insert("dry-run".to_owned(), true.into());
        map.insert("diff".to_owned(), diff(&outcome.edits, &request.secrets.known()).into());
    }
    Value::Object(map)
}

fn text(outcome: &Outcome, request: &Request) -> String {
    let mut text = String::new();
    if request.dry_run {
        text.push_str(&coloured(&diff(&outcome.edits, &request.secrets.known())));
        text.push_str(if outcome.edits.is_empty() { "" } else { "\n" });
    }
    let would = if request.dry_run && !outcome.edits.is_empty() { "would be " } else { "" };
    let style = style_of(outcome.verdict);
    let dry = if request.dry_run { " (dry run: nothing was written)" } else { "" };
    let because = outcome.reason.as_ref().map_or_else(String::new, |reason| format!(": {}", reason.sentence()));
    let _ = writeln!(
        text,
        "{style}{would}{}{style:#} {} of {}#{}{because}{dry}",
        outcome.verdict.word(),
        outcome.identity.name,
        request.repository,
        request.number,
    );
    let is_up = outcome.verdict.leaves_one();
    let waited = outcome.waited.as_ref();
    let lines = [
        (
            "shows",
            is_up.then(|| format!("{} {}", outcome.pull_request.head.short(), plain(&outcome.pull_request.title))),
        ),
        ("address", is_up.then(|| outcome.identity.url())),
        ("overlay", is_up.then(|| outcome.overlay.to_string())),
        ("apps commit", outcome.apps_commit.as_ref().map(ToString::to_string)),
        ("comment", outcome.comment_url.clone()),
        ("secrets", secrets::told(outcome, request.dry_run)),
        ("waited", waited.map(|waited| length(waited.took.as_secs()))),
        ("last answer", waited.map(|waited| waited.seen.to_string())),
    ];
    for (name, value) in lines {
        if let Some(value) = value {
            let _ = writeln!(text, "  {name:<11} {value}");
        }
    }
    text
}

fn style_of(verdict: Verdict) -> Style {
    let colour = match verdict {
        Verdict::Created | Verdict::Updated | Verdict::Ready => AnsiColor::Green,
        Verdict::Failed => AnsiColor::Red,
        Verdict::Removed => AnsiColor::Magenta,
        Verdict::Refused | Verdict::Superseded | Verdict::Kept => AnsiColor::Yellow,
        Verdict::Unchanged | Verdict::Absent => AnsiColor::Cyan,
    };
    colour.on_default().bold()
}

fn summary(outcome: &Outcome, request: &Request) -> String {
    let title = escape_markdown(&outcome.pull_request.title);
    let pull_request = format!("[{}#{}]({}) {title}", request.repository, request.number, outcome.pull_request.url);
    let mut text = format!("### Preview `{}`: {}\n\n", outcome.identity.name, outcome.verdict.word());
    if let Some(reason) = &outcome.reason {
        let _ = writeln!(text, "Because {}.\n", reason.sentence());
    }
    text.push_str("| | |\n|---|---|\n");
    let rows = [
        ("Pull request", Some(pull_request)),
        ("Address", (!outcome.verdict.leaves_none()).then(|| outcome.identity.url())),
        ("Namespace", (!outcome.verdict.leaves_none()).then(|| format!("`{}`", outcome.identity.namespace))),
        ("Overlay", (!outcome.verdict.leaves_none()).then(|| format!("`{}`", outcome.overlay))),
        ("Commit in the apps repository", outcome.apps_commit.as_ref().map(|commit| format!("`{commit}`"))),
        ("Comment", outcome.comment_url.clone()),
        ("Its own secrets", secrets::told(outcome, request.dry_run)),
        ("Waited", outcome.waited.as_ref().map(|waited| length(waited.took.as_secs()))),
        ("Last answer", outcome.waited.as_ref().map(|waited| code(waited.seen.as_str()))),
    ];
    for (name, value) in rows {
        if let Some(value) = value {
            let _ = writeln!(text, "| {name} | {value} |");
        }
    }
    text.push('\n');
    text
}

/// An error and what caused it, in one line.
#[must_use]
pub fn with_causes(error: &Error) -> String {
    plain(&error::with_causes(error))
}

/// For Markdown; an address or a reference without anything special in it stays one that can be clicked.
#[must_use]
pub fn escaped(cell: &str) -> String {
    let is_plain = cell.bytes().all(|byte| byte.is_ascii_alphanumeric() || b":/.-#".contains(&byte));
    if is_plain { cell.to_owned() } else { escape_markdown(cell) }
}

/// JSON for standard output, in which no text is a workflow command or steers a terminal.
#[must_use]
pub fn json_text(value: &impl Serialize) -> String {
    let mut text = serde_json::to_string_pretty(value).unwrap_or_else(|_| unreachable!("what is told is always JSON"));
    text.push('\n');
    let is_seen = |character: char| character == '\n' || !character.is_control() && !turns_around(character);
    if text.contains("##[") {
        text = text.replace("##[", "\\u0023#[");
    }
    // What JSON escapes by itself is below a blank.
    if text.is_ascii() && !text.contains('\u{7f}') || text.chars().all(is_seen) {
        return text;
    }
    text.chars().fold(String::new(), |mut shown, character| {
        if is_seen(character) {
            shown.push(character);
        } else {
            let _ = write!(shown, "\\u{:04x}", u32::from(character));
        }
        shown
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn somebody_elses_text_in_a_diff_is_no_workflow_command() {
        let shown = coloured(" commonAnnotations:\n     ::error::forged\r##[add-mask]x\n+ ::error::added\n");
        let lines: Vec<_> = shown.split(['\n', '\r']).collect();
        assert!(lines.iter().all(|line| !line.trim_start().starts_with("::") && !line.contains("##[")), "{lines:?}");
        assert!(shown.contains("|    ::error::forged"), "{shown}");
        let json = json_text(&json!({"diff": "##[error]x"}));
        assert!(!json.contains("##["), "{json}");
        assert_eq!(serde_json::from_str::<Value>(&json).unwrap()["diff"], "##[error]x");
    }
}
