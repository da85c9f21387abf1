//! The page of `bivouac history`.

use super::{Cell, Column, Figure, Kind, Page, Table, chart, grouped};
use crate::commands::context::Context;
use crate::commands::history::shown::By;
use crate::commands::lengths::short;
use crate::domain::history::{History, Life, Median, Statistics};

/// The columns; [`APPLICATION`] is there where there are several.
const COLUMNS: [(&str, Kind); 10] = [
    ("Preview", Kind::Text),
    (APPLICATION, Kind::Text),
    ("Pull request", Kind::Text),
    (PUT_UP, Kind::Time),
    ("Lived", Kind::Duration),
    ("Updates", Kind::Number),
    ("By", Kind::Text),
    ("State", Kind::Text),
    ("Ended", Kind::Time),
    ("Run", Kind::Text),
];
const APPLICATION: &str = "Application";
const PUT_UP: &str = "Put up";

impl Page {
    /// The lives of previews, the latest first.
    #[must_use]
    pub fn of_lives(title: &str, history: &History, statistics: &Statistics, context: &Context) -> Self {
        let has_applications = history.has_applications();
        let has = |column: &str| has_applications || column != APPLICATION;
        let columns: Vec<_> = COLUMNS.into_iter().filter(|(name, _)| has(name)).collect();
        let row = |life| {
            let all = COLUMNS.iter().zip(cells(life, context));
            all.filter(|((name, _), _)| has(name)).map(|(_, cell)| cell).collect()
        };
        let sorted = columns.iter().position(|(name, _)| *name == PUT_UP).map(|column| (column, true));
        let figure = |name, value: usize| Figure { name, value: grouped(value), note: None };
        Self {
            title: title.to_owned(),
            of: "As the commits of the apps repository tell it".to_owned(),
            made_at: context.now,
            figures: vec![
                figure("lives", statistics.lives),
                figure("up now", statistics.up),
                median("median life", statistics.life),
                median("median from push to commit", statistics.push_to_commit),
            ],
            chart: chart::on_page(statistics),
            table: Table {
                caption: "Each life of a preview, the latest first. A name in brackets is the author of the commit, where it does not say who made the run".to_owned(),
                columns: columns.into_iter().map(|(name, kind)| Column { name, kind }).collect(),
                rows: history.lives.iter().map(row).collect(),
                sorted,
            },
        }
    }
}

fn median(name: &'static str, median: Option<Median>) -> Figure {
    let value = median.map_or_else(|| super::UNKNOWN.to_owned(), |it| short(it.length));
    Figure { name, value, note: median.map(|it| format!("of {}", grouped(it.of))) }
}

fn cells(life: &Life, context: &Context) -> [Cell; 10] {
    let reference = format!("{}#{}", life.repository, life.number);
    let address = format!("{}/{}/pull/{}", context.server_url(), life.repository, life.number);
    let run = life.moments.iter().rev().find_map(|moment| moment.run.as_ref());
    [
        Cell::text(life.preview.to_string()),
        life.application.as_ref().map_or_else(Cell::unknown, |name| Cell::text(name.to_string())),
        Cell::link(reference, address),
        life.began_at.map_or_else(Cell::unknown, Cell::time),
        life.lived(context.now).map_or_else(Cell::unknown, Cell::duration),
        Cell::number(life.updates()),
        life.who().map(By::text).map_or_else(Cell::unknown, Cell::text),
        Cell::text(life.ending()),
        life.ended_at().map_or_else(Cell::unknown, Cell::time),
        run.map_or_else(Cell::unknown, |run| Cell::link("latest", run)),
    ]
}
