//! `bivouac sweep`.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use anstyle::{AnsiColor, Style};
use clap::Args;
use serde_json::{Value, json};

use super::context::Context;
use super::listeners;
use super::options::{AppsOptions, Format, ListenerOptions, WritingOptions};
use super::report;
use super::secrets::{Door, VaultOptions};
use crate::contract::SWEEP_OUTPUTS;
use crate::domain::names::RepositoryName;
use crate::domain::reason::code;
use crate::effects::forge::GitHub;
use crate::effects::notify::Notifier;
use crate::error::Error;
use crate::runner::{Level, escape_markdown};
use crate::usecases::sweep::{Request, Roots, Swept, sweep};

/// Take down every preview that should not be there any more, and tell what nobody was told.
///
/// Reads all previews of a root and their pull requests as they are now, and removes those whose pull request is closed, does
/// not qualify any more by the rules of `bivouac.yaml`, or whose time is up, in one commit. What can not be read is kept. It puts nothing up and renders
/// nothing. Run it on a schedule: it makes good what a lost event or a failed run left behind.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Sweep every root of the apps repository, whatever `--path` says
    #[arg(long)]
    pub all: bool,
    /// What every verb that writes takes.
    #[command(flatten)]
    pub writing: WritingOptions,
    /// Where.
    #[command(flatten)]
    pub apps: AppsOptions,
    /// Who is told besides.
    #[command(flatten)]
    pub listeners: ListenerOptions,
    /// Where what previews have for themselves is removed, when they go.
    #[command(flatten)]
    pub vault: VaultOptions,
}

/// Runs it.
///
/// # Errors
///
/// When the apps repository can not be read or written, or something was left undone.
pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    let (listeners, allow_http) = (arguments.listeners.clone(), arguments.apps.transport.allow_http);
    let run = async |notifier: &Notifier| Box::pin(sweep_and_tell(arguments, notifier, context)).await;
    Box::pin(listeners::with(&listeners, allow_http, context, run)).await
}

async fn sweep_and_tell(arguments: Arguments, notifier: &Notifier, context: &Context) -> Result<(), Error> {
    let Arguments { all, writing, apps: apps_options, vault, .. } = arguments;
    let door = vault.door(vault.named(context)?, context);
    let environments = writing.deployments.into();
    let token_file = writing.github_token_file.as_deref();
    let forge_of = |repository: &RepositoryName| -> Result<GitHub, Error> {
        context.forge(token_file, repository, apps_options.transport.allow_http, environments)
    };
    let apps = context.apps(&apps_options, token_file)?;
    let request = Request {
        roots: if all { Roots::All } else { Roots::One(apps_options.path.clone()) },
        patience: writing.patience,
        dry_run: writing.dry_run,
        environments,
        run: context.run_url(),
        now: context.now,
        secrets: context.runner.known_secrets().clone(),
    };
    // Who can not log in to the Vault sweeps the previews all the same.
    let (door, no_door) = door.map_or_else(|error| (None, Some(error)), |door| (door, None));
    let safe = no_door.map_or_else(|| Ok(door.as_ref().map(Door::safe)), Err);
    let swept = sweep(&request, (forge_of, notifier), &apps, safe).await?;
    tell(&swept, &request, writing.format, context)?;
    let what = swept.failed.iter().map(|(what, _)| what.clone()).collect();
    match swept.failed.into_iter().next() {
        None => Ok(()),
        Some((_, first)) => Err(Error::Unswept { what, first: Box::new(first) }),
    }
}

/// Shows what came of it, and hands it to the steps that follow.
fn tell(swept: &Swept, request: &Request, format: Format, context: &Context) -> Result<(), Error> {
    report::print(&match format {
        Format::Text => text(swept, request),
        Format::Json => report::json_text(&json(swept, request)),
    })?;
    for directory in &swept.foreign {
        let message = format!("`{directory}` is not a preview that Bivouac made: it is left alone");
        tracing::warn!("{message}");
        context.runner.annotate(Level::Warning, "Sweep", &message);
    }
    for (what, error) in &swept.failed {
        let hint = error.hint().map_or_else(String::new, |hint| format!("; {hint}"));
        tracing::error!("{what}: {}{hint}", report::with_causes(error));
    }
    if !request.dry_run {
        let outputs: Vec<_> = outputs(swept).into_iter().map(|(name, value)| (name, plain(&value))).collect();
        report::hand_over(&context.runner, &outputs, &summary(swept))?;
    }
    Ok(())
}

/// A list is its JSON, a text is itself.
fn plain(value: &Value) -> String {
    value.as_str().map_or_else(|| value.to_string(), str::to_owned)
}

/// The outputs, in the order in which they are documented.
fn outputs(swept: &Swept) -> Vec<(&'static str, Value)> {
    let value = |name: &str| match name {
        "removed" => swept.removed.iter().map(|removed| removed.name.as_str()).collect(),
        "announced" => Value::from(swept.announced.clone()),
        "failed" => swept.failed.iter().map(|(what, _)| what.as_str()).collect(),
        _ => swept.apps_commit.as_ref().map(ToString::to_string).unwrap_or_default().into(),
    };
    SWEEP_OUTPUTS.iter().map(|(name, _)| (*name, value(name))).collect()
}

fn json(swept: &Swept, request: &Request) -> Value {
    let mut map: BTreeMap<_, _> = outputs(swept).into_iter().collect();
    let reasons = swept
        .removed
        .iter()
        .map(|removed| json!({"name": removed.name, "pull-request": removed.pull_request, "reason": removed.reason}));
    map.insert("reasons", reasons.collect());
    let failures = swept.failed.iter().map(|(what, error)| json!({"what": what, "why": report::with_causes(error)}));
    map.insert("failures", failures.collect());
    map.insert("staying", swept.staying.into());
    map.insert("healed", swept.healed.clone().into());
    map.insert("left-alone", swept.foreign.iter().map(ToString::to_string).collect());
    map.insert("waiting", swept.waiting.into());
    map.insert("removed-secrets", json!(swept.secrets));
    if request.dry_run {
        map.insert("dry-run", true.into());
        map.insert("diff", report::diff(&swept.edits, &request.secrets.known()).into());
    }
    json!(map)
}

fn text(swept: &Swept, request: &Request) -> String {
    let mut text = String::new();
    if request.dry_run {
        text.push_str(&report::coloured(&report::diff(&swept.edits, &request.secrets.known())));
        text.push_str(if swept.edits.is_empty() { "" } else { "\n" });
    }
    let (down, right) = if request.dry_run { ("would remove", "would put right") } else { ("removed", "put right") };
    let (removed, put_right) = (AnsiColor::Magenta.on_default().bold(), AnsiColor::Green.on_default().bold());
    for one in &swept.removed {
        let _ = writeln!(text, "{removed}{down}{removed:#} {} of {}: {}", one.name, one.pull_request, one.reason);
    }
    for healed in &swept.healed {
        let _ = writeln!(text, "{put_right}{right}{put_right:#}: {healed}");
    }
    for path in &swept.secrets {
        let _ = writeln!(text, "{removed}{down}{removed:#} the secrets at {path}");
    }
    let bold = Style::new().bold();
    let counts = [
        (swept.removed.len(), "removed"),
        (swept.staying, "staying"),
        (swept.announced.len(), "told"),
        (swept.waiting, "to be told by the next sweep"),
        (swept.failed.len(), "failed"),
    ];
    let shown = counts.iter().filter(|(count, what)| *count > 0 || matches!(*what, "removed" | "staying"));
    let shown: Vec<_> = shown.map(|(count, what)| format!("{count} {what}")).collect();
    let dry = if request.dry_run { " (dry run: nothing was written)" } else { "" };
    let _ = writeln!(text, "{bold}{}{bold:#}{dry}", shown.join(", "));
    if let Some(commit) = &swept.apps_commit {
        let _ = writeln!(text, "  {:<11} {commit}", "apps commit");
    }
    text
}

fn summary(swept: &Swept) -> String {
    let mut text = format!("### Sweep: {} removed, {} staying\n\n", swept.removed.len(), swept.staying);
    for removed in &swept.removed {
        let _ =
            writeln!(text, "- `{}` ({}) was taken down because {}", removed.name, removed.pull_request, removed.reason);
    }
    for healed in &swept.healed {
        let _ = writeln!(text, "- put right: {healed}");
    }
    for path in &swept.secrets {
        let _ = writeln!(text, "- the secrets at `{path}` were removed");
    }
    for directory in &swept.foreign {
        let _ = writeln!(text, "- {} is not a preview that Bivouac made, and was left alone", code(directory.as_str()));
    }
    for (what, error) in &swept.failed {
        let _ =
            writeln!(text, "- **failed**: {}: {}", escape_markdown(what), escape_markdown(&report::with_causes(error)));
    }
    if swept.waiting > 0 {
        let _ = writeln!(text, "- {} more are to be told by the next sweep", swept.waiting);
    }
    text.push('\n');
    text
}
