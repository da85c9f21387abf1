//! The page of `bivouac list`.

use jiff::{SignedDuration, Timestamp};

use super::{Cell, Column, Figure, Kind, Page, Table, grouped};
use crate::commands::context::Context;
use crate::commands::lengths::short;
use crate::usecases::list::Listed;

const DAY: SignedDuration = SignedDuration::from_hours(24);
/// The columns; the last but one is there where a preview ends, and the one after it where somebody approved.
const COLUMNS: [(&str, Kind); 8] = [
    ("Preview", Kind::Text),
    ("Pull request", Kind::Text),
    ("Commit", Kind::Code),
    ("Put up", Kind::Time),
    ("Age", Kind::Duration),
    (EXPIRES, Kind::Time),
    (APPROVED_BY, Kind::Text),
    ("Address", Kind::Text),
];
const EXPIRES: &str = "Expires";
const APPROVED_BY: &str = "Approved by";

impl Page {
    /// The previews of an application, oldest first.
    #[must_use]
    pub fn of_previews(application: &str, previews: &[Listed], context: &Context) -> Self {
        let now = context.now;
        let has = |column: &str| match column {
            EXPIRES => previews.iter().any(|preview| preview.record.expires_at.is_some()),
            APPROVED_BY => previews.iter().any(|preview| preview.record.approval.is_some()),
            _ => true,
        };
        let columns: Vec<_> = COLUMNS.into_iter().filter(|(name, _)| has(name)).collect();
        let row = |preview| {
            let all = COLUMNS.iter().zip(cells(preview, now, context.server_url()));
            all.filter(|((name, _), _)| has(name)).map(|(_, cell)| cell).collect()
        };
        let sorted = columns.iter().position(|(name, _)| *name == "Put up").map(|column| (column, false));
        Self {
            title: format!("Previews of {application}"),
            of: "The previews that there are".to_owned(),
            made_at: now,
            figures: figures(previews, now),
            chart: None,
            table: Table {
                caption: "Each preview with the commit that it shows, oldest first".to_owned(),
                columns: columns.into_iter().map(|(name, kind)| Column { name, kind }).collect(),
                rows: previews.iter().map(row).collect(),
                sorted,
            },
        }
    }
}

fn cells(Listed { name, record, .. }: &Listed, now: Timestamp, server: &str) -> [Cell; 8] {
    let repository = format!("{server}/{}", record.repository);
    [
        Cell::text(name),
        Cell::link(format!("{}#{}", record.repository, record.number), format!("{repository}/pull/{}", record.number)),
        Cell::link(record.commit.short(), format!("{repository}/commit/{}", record.commit)),
        Cell::time(record.created_at),
        Cell::duration(now.duration_since(record.created_at)),
        record.expires_at.map_or_else(Cell::never, Cell::time),
        record.approval.as_ref().map_or_else(Cell::unknown, |approval| Cell::text(approval.by.as_str())),
        Cell::link(record.url.trim_start_matches("https://"), &record.url),
    ]
}

fn figures(previews: &[Listed], now: Timestamp) -> Vec<Figure> {
    let ages = || previews.iter().map(|preview| now.duration_since(preview.record.created_at));
    let ends = || previews.iter().filter_map(|preview| preview.record.expires_at);
    let figure = |name, value| Figure { name, value, note: None };
    let mut figures = vec![
        figure("previews", grouped(previews.len())),
        figure("put up in the last 7 days", grouped(ages().filter(|age| *age <= DAY * 7).count())),
    ];
    figures.extend(ages().max().map(|age| figure("the oldest", short(age))));
    if ends().next().is_some() {
        let soon = ends().filter(|end| end.duration_since(now) <= DAY).count();
        figures.push(figure("end within 24 hours", grouped(soon)));
    }
    figures
}
