//! What is shown of previews' own secrets: never a value.

use std::fmt::Write as _;

use comfy_table::{Table, presets};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::commands::context::Context;
use crate::commands::options::Format;
use crate::commands::report;
use crate::commands::table::trimmed;
use crate::contract::SECRETS_OUTPUTS;
use crate::domain::names::PullRequestNumber;
use crate::domain::reason::minute;
use crate::error::Error;
use crate::runner::plain;
use crate::usecases::secrets::{Done, Listed, Removed, Request, Target, Verdict};

/// What follows a result that is none yet.
const DRY: &str = " (dry run: nothing was written)";

/// Shows what was put or copied, and hands it to the steps that follow.
///
/// # Errors
///
/// When an output can not be written.
pub(super) fn done(
    done: &Done,
    target: &Target,
    dry_run: bool,
    format: Format,
    context: &Context,
) -> Result<(), Error> {
    let Done { verdict, path, version, keys } = done;
    let word = verdict.word();
    let of = format!("{}#{}", target.owner.repository, target.owner.number);
    report::print(&match format {
        Format::Json => {
            let mut json = json!({"result": word, "path": path, "version": version, "keys": keys});
            if dry_run {
                json["dry-run"] = true.into();
            }
            report::json_text(&json)
        }
        Format::Text => {
            let keys: Vec<_> = keys.iter().map(|key| plain(key)).collect();
            let mut text = format!("{}\n  path      {path}\n", sentence(*verdict, &of, dry_run));
            let version = version.map_or_else(|| "not written yet".to_owned(), |version| version.to_string());
            let _ = writeln!(text, "  version   {version}\n  keys      {}", keys.join(", "));
            text
        }
    })?;
    hand_over(word, &path.to_string(), &of, dry_run, context)
}

/// What came of it, or would come of it, in a sentence.
fn sentence(verdict: Verdict, of: &str, dry_run: bool) -> String {
    let (were, dry) = if dry_run { ("would be", DRY) } else { ("were", "") };
    match verdict {
        Verdict::Created => format!("The secrets of {of} {were} put{dry}."),
        Verdict::Updated => format!("The secrets of {of} {were} changed{dry}."),
        Verdict::Unchanged => format!("The secrets of {of} are just so already{dry}."),
        Verdict::Removed => format!("The secrets of {of} {were} removed{dry}."),
        Verdict::Absent => format!("There are no secrets of {of} to remove."),
    }
}

/// Shows what was removed, and hands it to the steps that follow.
///
/// # Errors
///
/// When an output can not be written.
pub(super) fn removed(
    removed: &[Removed],
    request: &Request,
    dry_run: bool,
    format: Format,
    context: &Context,
) -> Result<(), Error> {
    let any = removed.iter().any(|one| one.verdict == Verdict::Removed);
    let verdict = if any { Verdict::Removed } else { Verdict::Absent };
    let of = format!("{}#{}", request.repository, request.number);
    report::print(&match format {
        Format::Json => {
            let paths = removed.iter().map(|one| json!({"path": one.path, "result": one.verdict.word()}));
            let mut json = json!({"result": verdict.word(), "paths": paths.collect::<Value>()});
            if dry_run {
                json["dry-run"] = true.into();
            }
            report::json_text(&json)
        }
        Format::Text => {
            let mut text = format!("{}\n", sentence(verdict, &of, dry_run));
            for one in removed {
                let was_there = if one.verdict == Verdict::Removed { "" } else { " (nothing is there)" };
                let _ = writeln!(text, "  path      {}{was_there}", one.path);
            }
            text
        }
    })?;
    let paths: Vec<_> = removed.iter().map(|one| one.path.to_string()).collect();
    hand_over(verdict.word(), &paths.join("\n"), &of, dry_run, context)
}

fn hand_over(word: &str, path: &str, of: &str, dry_run: bool, context: &Context) -> Result<(), Error> {
    if dry_run {
        return Ok(());
    }
    let value = |name: &str| if name == "result" { word.to_owned() } else { path.to_owned() };
    let outputs: Vec<_> = SECRETS_OUTPUTS.iter().map(|(name, _)| (*name, value(name))).collect();
    let paths: Vec<_> = path.lines().map(|path| format!("`{path}`")).collect();
    let summary = format!("### Secrets of {of}: {word}\n\nAt {}.\n\n", paths.join(", "));
    report::hand_over(&context.runner, &outputs, &summary)
}

/// Shows what previews have for themselves.
///
/// # Errors
///
/// When it can not be written.
pub(super) fn listed(listed: &[Listed], number: Option<PullRequestNumber>, format: Format) -> Result<(), Error> {
    report::print(&match format {
        Format::Json => report::json_text(&listed.iter().map(as_json).collect::<Value>()),
        Format::Text if listed.is_empty() => number.map_or_else(
            || "No preview has secrets of its own.\n".to_owned(),
            |number| format!("Pull request {number} has no secrets of its own.\n"),
        ),
        Format::Text => table(listed),
    })
}

fn as_json(listed: &Listed) -> Value {
    let Listed { name, secret, path, version, updated_at, owner, has_preview } = listed;
    let mut json = json!({
        "name": name,
        "secret": secret,
        "path": path,
        "version": version,
        "updated-at": updated_at,
        "managed": owner.is_some(),
        "has-preview": has_preview,
    });
    if let Some(owner) = owner {
        json["application"] = json!(owner.application);
        json["repository"] = json!(owner.repository);
        json["pull-request"] = json!(owner.number);
        json["commit"] = json!(owner.commit);
        json["expires-at"] = json!(owner.expires_at);
    }
    json
}

fn table(listed: &[Listed]) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["NAME", "SECRET", "VERSION", "UPDATED", "PULL REQUEST", "COMMIT", "EXPIRES", "PREVIEW"]);
    let time = |time: Option<Timestamp>, none: &str| time.map_or_else(|| none.to_owned(), minute);
    for Listed { name, secret, version, updated_at, owner, has_preview, .. } in listed {
        let owned = owner.as_ref();
        table.add_row([
            name.clone(),
            secret.to_string(),
            version.to_string(),
            time(*updated_at, "never"),
            owned.map_or_else(|| "not known".to_owned(), |owner| format!("{}#{}", owner.repository, owner.number)),
            owned.map_or_else(String::new, |owner| owner.commit.short().to_owned()),
            owned.map_or_else(String::new, |owner| time(owner.expires_at, "never")),
            if *has_preview { "yes" } else { "no" }.to_owned(),
        ]);
    }
    trimmed(&table)
}
