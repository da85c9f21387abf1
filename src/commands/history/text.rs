//! A history for people.

use std::fmt::Write as _;

use comfy_table::{Table, TableStyle, presets};
use jiff::Timestamp;

use super::shown::By;
use crate::commands::lengths::short;
use crate::commands::page::UNKNOWN;
use crate::commands::table::trimmed;
use crate::domain::history::{History, Life, Moment};
use crate::domain::names::CommitId;
use crate::domain::reason::minute;
use crate::runner::plain;

/// What is said where there is nothing.
pub(super) const NONE: &str = "No commit tells of such a preview.\n";

/// The lives, and with `moments` all that happened in each.
pub(super) fn text(history: &History, with_moments: bool, now: Timestamp) -> String {
    if history.lives.is_empty() {
        return NONE.to_owned();
    }
    let mut text = table(history, &history.lives, presets::NOTHING, plain, now);
    for life in history.lives.iter().filter(|_| with_moments) {
        let _ = write!(text, "\n{}, {}#{}\n{}", life.preview, life.repository, life.number, moments(life));
    }
    text
}

/// Some lives as a table.
pub(super) fn table(
    history: &History,
    lives: &[Life],
    style: TableStyle,
    escape: fn(&str) -> String,
    now: Timestamp,
) -> String {
    let has_applications = history.has_applications();
    let columns = ["PREVIEW", "APPLICATION", "PULL REQUEST", "PUT UP", "LIVED", "UPDATES", "BY", "STATE"];
    let mut table = Table::new();
    table.load_style(style);
    table.set_header(columns.into_iter().filter(|name| has_applications || *name != "APPLICATION"));
    for life in lives {
        let application = life.application.as_ref().map(ToString::to_string);
        let cells = [
            Some(Some(life.preview.to_string())),
            has_applications.then_some(application),
            Some(Some(format!("{}#{}", life.repository, life.number))),
            Some(life.began_at.map(minute)),
            Some(life.lived(now).map(short)),
            Some(Some(life.updates().to_string())),
            Some(life.who().map(By::text)),
            Some(Some(life.ending())),
        ];
        table.add_row(cells.into_iter().flatten().map(|cell| known(cell.as_deref(), escape)));
    }
    trimmed(&table)
}

fn moments(life: &Life) -> String {
    let mut table = Table::new();
    table.load_style(presets::NOTHING);
    table.set_header(["WHEN", "WHAT", "COMMIT", "BY", "REASON", "RUN"]);
    for moment in &life.moments {
        let Moment { change, at, commit, reason, run, .. } = moment;
        let cells = [
            Some(minute(*at)),
            Some(change.words().to_owned()),
            commit.as_ref().map(CommitId::short).map(str::to_owned),
            moment.who().map(By::text),
            reason.clone(),
            run.clone(),
        ];
        table.add_row(cells.map(|cell| known(cell.as_deref(), plain)));
    }
    trimmed(&table)
}

fn known(cell: Option<&str>, escape: fn(&str) -> String) -> String {
    cell.map_or_else(|| UNKNOWN.to_owned(), escape)
}
