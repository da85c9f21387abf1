//! A page of HTML with one table: a file of its own that asks nobody for anything, and can be published as it is.

pub mod chart;
mod lives;
mod previews;
mod render;

use jiff::{SignedDuration, Timestamp};
use maud::Markup;

use crate::domain::visible::in_one_line;

/// How a column is shown and sorted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Words, sorted as people sort them: `pr-9` before `pr-10`.
    Text,
    /// Text in a font of one width, such as a commit.
    Code,
    /// Numbers, aligned at their ends.
    Number,
    /// Points in time.
    Time,
    /// Lengths of time.
    Duration,
}

/// A column of the table.
#[derive(Debug, Clone, Copy)]
pub struct Column {
    /// What its header says.
    pub name: &'static str,
    /// How it is shown and sorted.
    pub kind: Kind,
}

/// A cell of the table.
#[derive(Debug, Clone, Default)]
pub struct Cell {
    /// What it says.
    text: String,
    /// What it is sorted by, where that is not the text.
    key: Option<i64>,
    /// Where it leads to. Only a web address is made a link.
    address: Option<String>,
    /// The point in time that it says, for programs.
    time: Option<Timestamp>,
}

/// What stands where nothing is known.
pub const UNKNOWN: &str = "–";

impl Cell {
    /// A text.
    #[must_use]
    pub fn text(text: impl Into<String>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// A text that leads somewhere.
    #[must_use]
    pub fn link(text: impl Into<String>, address: impl Into<String>) -> Self {
        Self { address: Some(address.into()), ..Self::text(text) }
    }

    /// A number.
    #[must_use]
    pub fn number(number: usize) -> Self {
        Self { key: i64::try_from(number).ok(), ..Self::text(number.to_string()) }
    }

    /// A point in time, to the minute.
    #[must_use]
    pub fn time(time: Timestamp) -> Self {
        let text = time.strftime("%Y-%m-%d %H:%M").to_string();
        Self { key: Some(time.as_second()), time: Some(time), ..Self::text(text) }
    }

    /// A point in time that does not come.
    #[must_use]
    pub fn never() -> Self {
        Self { key: Some(Timestamp::MAX.as_second()), ..Self::text("never") }
    }

    /// A length of time.
    #[must_use]
    pub fn duration(length: SignedDuration) -> Self {
        Self { key: Some(length.as_secs()), ..Self::text(super::lengths::short(length)) }
    }

    /// Where nothing is known.
    #[must_use]
    pub fn unknown() -> Self {
        Self::default()
    }
}

/// A table: a row is a thing, and its first cell is the thing's name.
#[derive(Debug)]
pub struct Table {
    /// What it shows.
    pub caption: String,
    /// Its columns.
    pub columns: Vec<Column>,
    /// Its rows, each with a cell for every column.
    pub rows: Vec<Vec<Cell>>,
    /// The column that the rows are sorted by already, and whether the largest comes first.
    pub sorted: Option<(usize, bool)>,
}

/// A number that sums something up.
#[derive(Debug)]
pub struct Figure {
    /// What it counts.
    pub name: &'static str,
    /// The number, with its unit.
    pub value: String,
    /// What else is to be known of it.
    pub note: Option<String>,
}

/// A page.
#[derive(Debug)]
pub struct Page {
    /// Its title.
    pub title: String,
    /// What it is of.
    pub of: String,
    /// When it was made.
    pub made_at: Timestamp,
    /// What sums it up.
    pub figures: Vec<Figure>,
    /// A chart.
    pub chart: Option<Markup>,
    /// The table.
    pub table: Table,
}

/// A number of things, with its thousands apart.
fn grouped(count: usize) -> String {
    let digits = count.to_string();
    let groups: Vec<_> = digits.as_bytes().rchunks(3).rev().map(String::from_utf8_lossy).collect();
    groups.join(",")
}

/// Text of somebody else's without what turns the direction around it; control characters are blanks.
fn visible(text: &str) -> String {
    in_one_line(text).collect()
}
