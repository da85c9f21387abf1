//! `bivouac list`.

use clap::Args;
use comfy_table::{Table, TableStyle, presets};
use jiff::Timestamp;
use serde_json::json;

use super::context::Context;
use super::options::{AppsOptions, PageFormat};
use super::page::Page;
use super::report;
use super::table::trimmed;
use crate::contract::LIST_OUTPUTS;
use crate::domain::reason::minute;
use crate::error::Error;
use crate::usecases::list::{Listed, list};

/// Show the previews that there are.
///
/// Reads the apps repository only: what each preview shows, since when, and where it is reached.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The form of the result on standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: PageFormat,
    /// Where.
    #[command(flatten)]
    pub apps: AppsOptions,
}

/// Runs it.
///
/// # Errors
///
/// When the apps repository can not be read.
pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    let apps = context.apps(&arguments.apps, None)?;
    let (configuration, previews) = list(&apps, &arguments.apps.path).await?;
    let application = &configuration.document().application;
    let none = format!("There are no previews of {application}.\n");
    report::print(&match arguments.format {
        PageFormat::Json => report::json_text(&json(&previews)),
        PageFormat::Html => Page::of_previews(application.as_str(), &previews, context).html(),
        PageFormat::Text if previews.is_empty() => none.clone(),
        PageFormat::Text => table(&previews, context.now, presets::NOTHING, str::to_owned),
    })?;
    let markdown = || table(&previews, context.now, presets::ASCII_MARKDOWN, report::escaped);
    let rows = if previews.is_empty() { none } else { markdown() };
    let summary = format!("### Previews of {application}: {}\n\n{rows}\n", previews.len());
    report::hand_over(&context.runner, &outputs(&previews), &summary)
}

/// The outputs, in the order in which they are documented.
fn outputs(previews: &[Listed]) -> Vec<(&'static str, String)> {
    let value = |name: &str| match name {
        "previews" => json(previews).to_string(),
        _ => previews.len().to_string(),
    };
    LIST_OUTPUTS.iter().map(|(name, _)| (*name, value(name))).collect()
}

fn json(previews: &[Listed]) -> serde_json::Value {
    previews
        .iter()
        .map(|Listed { name, overlay, record }| {
            let mut listed = json!({
                "name": name,
                "repository": record.repository.to_string(),
                "pull-request": record.number,
                "commit": record.commit,
                "generation": record.generation,
                "created-at": record.created_at,
                "expires-at": record.expires_at,
                "url": record.url,
                "overlay": overlay.to_string(),
            });
            if let Some(approval) = &record.approval {
                listed["approved-by"] = approval.by.as_str().into();
            }
            listed
        })
        .collect()
}

fn table(previews: &[Listed], now: Timestamp, style: TableStyle, escape: fn(&str) -> String) -> String {
    let mut table = Table::new();
    table.load_style(style);
    let ends = previews.iter().any(|preview| preview.record.expires_at.is_some());
    let columns = ["NAME", "PULL REQUEST", "COMMIT", "AGE", "EXPIRES", "ADDRESS"];
    table.set_header(columns.into_iter().filter(|column| ends || *column != "EXPIRES"));
    for Listed { name, record, .. } in previews {
        let end = record.expires_at.map_or_else(|| "never".to_owned(), minute);
        let cells = [
            Some(name.clone()),
            Some(format!("{}#{}", record.repository, record.number)),
            Some(record.commit.short().to_owned()),
            Some(age(now.as_second() - record.created_at.as_second())),
            ends.then_some(end),
            Some(record.url.clone()),
        ];
        table.add_row(cells.into_iter().flatten().map(|cell| escape(&cell)));
    }
    trimmed(&table)
}

/// A length of time in its largest whole unit, as `kubectl` shows ages.
fn age(seconds: i64) -> String {
    const UNITS: [(i64, &str); 3] = [(24 * 60 * 60, "d"), (60 * 60, "h"), (60, "m")];
    let seconds = seconds.max(0);
    let unit = UNITS.iter().find(|(length, _)| seconds >= *length);
    unit.map_or_else(|| format!("{seconds}s"), |(length, letter)| format!("{}{letter}", seconds / length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_are_shown_in_their_largest_unit() {
        let table = [(-5, "0s"), (59, "59s"), (60, "1m"), (3_599, "59m"), (7_200, "2h"), (200_000, "2d")];
        for (seconds, shown) in table {
            assert_eq!(age(seconds), shown);
        }
    }
}
