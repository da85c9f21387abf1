//! How a page is written as HTML.

use std::fmt::Write as _;

use aws_lc_rs::digest::{SHA256, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use url::Url;

use super::{Cell, Column, Figure, Kind, Page, Table, UNKNOWN, visible};
use crate::domain::reason::minute;

const STYLE: &str = concat!(include_str!("page.css"), include_str!("chart.css"));
const SCRIPT: &str = include_str!("page.js");
/// The most characters that a column has room for without breaking its lines.
const LONGEST: usize = 36;
/// What stands beside the text of a cell, as the style sheet has it.
const GAP: f64 = 1.25;
/// How wide a digit is at most, in `rem`: a query of the window knows no `ch`.
const CHARACTER: f64 = 0.5;
/// What stands beside the table, in `rem`.
const AROUND: f64 = 5.0;
/// What stands in the style sheet for the width below which the table scrolls.
const NARROW: &str = "60rem";

impl Page {
    /// The page as a file of HTML.
    #[must_use]
    pub fn html(&self) -> String {
        let (style, script) = (self.table.style(), unix(SCRIPT));
        let page = html! {
            (DOCTYPE)
            html lang="en" {
                head {
                    meta charset="utf-8";
                    meta http-equiv="Content-Security-Policy" content=(policy(&style, &script));
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="color-scheme" content="light dark";
                    meta name="referrer" content="no-referrer";
                    meta name="generator" content="Bivouac";
                    title { (visible(&self.title)) }
                    link rel="icon" href="data:,";
                    style { (PreEscaped(&style)) }
                }
                body {
                    a class="skip" href="#table" { "Skip to the table" }
                    (self.header())
                    main { (self.main()) }
                    footer { p { "All times are in UTC. Made by Bivouac; this page asks nobody for anything." } }
                    script { (PreEscaped(&script)) }
                }
            }
        };
        // A runner that prints the page finds no workflow command in it.
        page.into_string().replace("##[", "&#35;#[") + "\n"
    }

    fn header(&self) -> Markup {
        let made_at = html! { time datetime=(self.made_at.to_string()) { (minute(self.made_at)) } };
        html! {
            header {
                h1 { (visible(&self.title)) }
                p class="quiet" { (visible(&self.of)) ", as of " (made_at) }
            }
        }
    }

    fn main(&self) -> Markup {
        html! {
            @if !self.figures.is_empty() { dl { @for figure in &self.figures { (figure.markup()) } } }
            @if let Some(chart) = &self.chart { figure { (chart) } }
            form role="search" hidden {
                label for="search" { "Search" }
                input #search type="search" autocomplete="off" autocapitalize="off" spellcheck="false" aria-keyshortcuts="/" aria-controls="table";
                kbd aria-hidden="true" { "/" }
                p #shown class="quiet" role="status" {}
            }
            div #table class="region" role="region" aria-labelledby="caption" tabindex="0" { (self.table.markup()) }
        }
    }
}

impl Figure {
    fn markup(&self) -> Markup {
        html! {
            div {
                dt { (self.name) }
                dd { (visible(&self.value)) }
                @if let Some(note) = &self.note { dd class="note" { (visible(note)) } }
            }
        }
    }
}

impl Table {
    // What is no table to the style sheet is none to some screen readers either, unless its roles are written out.
    fn markup(&self) -> Markup {
        html! {
            table role="table" aria-labelledby="caption" {
                caption #caption { (visible(&self.caption)) }
                thead role="rowgroup" { tr role="row" { @for (index, column) in self.columns.iter().enumerate() { (self.head(index, column)) } } }
                tbody role="rowgroup" { @for row in &self.rows { tr role="row" { (self.row(row)) } } }
            }
        }
    }

    /// The style sheet, with columns for the longest text in each: every row is laid out by itself.
    fn style(&self) -> String {
        let (mut tracks, mut least) = (String::new(), 0);
        for (index, column) in self.columns.iter().enumerate() {
            let cells = self.rows.iter().filter_map(|row| row.get(index)).map(|cell| cell.text.chars().count());
            let longest = cells.max().unwrap_or_default().clamp(column.name.len() + 2, LONGEST);
            let most = match column.kind {
                Kind::Text => format!("{longest}fr"),
                _ => format!("calc({longest}ch + {GAP}rem)"),
            };
            let _ = write!(tracks, " minmax(calc({longest}ch + {GAP}rem), {most})");
            least += longest;
        }
        let gaps = GAP * f64::from(u32::try_from(self.columns.len()).unwrap_or_default());
        let needed = f64::from(u32::try_from(least).unwrap_or_default()) * CHARACTER + gaps + AROUND;
        let style = unix(STYLE).replace(NARROW, &format!("{needed:.1}rem"));
        let table =
            format!("table {{ min-width: calc({least}ch + {gaps}rem) }} tr {{ grid-template-columns:{tracks} }}");
        format!("{style}@media screen {{ {table} }}\n")
    }

    fn head(&self, index: usize, column: &Column) -> Markup {
        let sorted = self.sorted.filter(|(sorted, _)| *sorted == index);
        let order = sorted.map(|(_, is_down)| if is_down { "descending" } else { "ascending" });
        let name = column.name.to_lowercase().replace(' ', "-");
        html! {
            th scope="col" role="columnheader" class=(column.kind.class()) data-kind=(column.kind.sorts_as()) data-name=(name) aria-sort=[order] {
                (column.name)
            }
        }
    }

    fn row(&self, row: &[Cell]) -> Markup {
        html! {
            @for (index, (cell, column)) in row.iter().zip(&self.columns).enumerate() {
                @let none = cell.text.is_empty().then_some("");
                @if index == 0 {
                    th scope="row" role="rowheader" data-key=[cell.key] data-none=[none] { (cell.markup()) }
                } @else {
                    td role="cell" class=[column.kind.class_of_cells()] data-key=[cell.key] data-none=[none] { (cell.markup()) }
                }
            }
        }
    }
}

impl Cell {
    fn markup(&self) -> Markup {
        let text = if self.text.is_empty() { UNKNOWN.to_owned() } else { visible(&self.text) };
        html! {
            @if let Some(time) = self.time {
                time datetime=(time.to_string()) { (text) }
            } @else if let Some(address) = self.address.as_deref().and_then(web_address) {
                a href=(address) rel="noreferrer noopener" { (text) }
            } @else {
                (text)
            }
        }
    }
}

impl Kind {
    const fn class(self) -> &'static str {
        match self {
            Self::Text => "text",
            Self::Code => "code",
            Self::Number => "number",
            Self::Time => "time",
            Self::Duration => "duration",
        }
    }

    /// There are many cells, and most are texts.
    fn class_of_cells(self) -> Option<&'static str> {
        (self != Self::Text).then_some(self.class())
    }

    const fn sorts_as(self) -> &'static str {
        match self {
            Self::Text | Self::Code => "text",
            Self::Number | Self::Time | Self::Duration => "number",
        }
    }
}

/// The address, if it is one of the web's: `javascript:` and its like are none.
fn web_address(address: &str) -> Option<String> {
    let url = Url::parse(address).ok().filter(|url| matches!(url.scheme(), "https" | "http"))?;
    Some(url.to_string())
}

/// What the browser may use of the page: this style and this script, and nothing that comes from elsewhere.
fn policy(style: &str, script: &str) -> String {
    format!(
        "default-src 'none'; style-src '{}'; script-src '{}'; img-src data:; base-uri 'none'; form-action 'none'",
        source(style),
        source(script),
    )
}

/// <https://www.w3.org/TR/CSP3/#grammardef-hash-source>
fn source(text: &str) -> String {
    format!("sha256-{}", STANDARD.encode(digest(&SHA256, text.as_bytes())))
}

/// With the line ends that a browser makes of any, before it compares the hash.
fn unix(text: &str) -> String {
    text.replace('\r', "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_an_address_of_the_web_is_made_a_link() {
        for address in
            ["javascript:alert(1)", "data:text/html,x", "vbscript:x", "/x", "", " java\nscript:alert(1)", "file:///etc"]
        {
            assert_eq!(web_address(address), None, "{address}");
        }
        assert_eq!(web_address("https://a.example/?x=\"<b>").as_deref(), Some("https://a.example/?x=%22%3Cb%3E"));
    }

    #[test]
    fn nothing_in_a_cell_is_markup_or_turns_the_text_around() {
        let cell = Cell::link("<script>\u{202e}x</script>\u{1b}", "javascript:alert(1)").markup().into_string();
        assert_eq!(cell, "&lt;script&gt;x&lt;/script&gt; ");
    }
}
