//! The chart of `bivouac history`: how many previews were put up in each week.

use jiff::civil::Date;
use maud::{Markup, PreEscaped, html};

use super::grouped;
use crate::commands::lengths::short;
use crate::domain::history::{Median, Statistics, Week};

/// The style of the chart, on a page and alone.
const STYLE: &str = include_str!("chart.css");
/// The colours that a page gives it, for where there is no page.
const DARK: &str = "@media (prefers-color-scheme: dark) { svg { --text: #e3e7ec; --quiet: #9aa5b1; --line: #343b45; --faint: #262c34; --bar: #5c9bd8 } .ground { fill: #14171c } }";
const GROUND: &str = ".ground { fill: #ffffff }";

const HEIGHT: u32 = 220;
/// How wide it is on a page: the text in it keeps its size.
const WIDTHS: [(&str, u32); 3] = [("chart wide", 1_200), ("chart medium", 720), ("chart narrow", 360)];
/// How wide it is where it is alone.
const ALONE: u32 = 960;
/// Left of the bars, for the numbers of weeks.
const LEFT: u32 = 40;
const RIGHT: u32 = 8;
const TOP: u32 = 14;
/// Below the bars, for the dates.
const BOTTOM: u32 = 28;
/// Above all else, where the chart is alone.
const HEADING: u32 = 52;
/// How much room a date takes.
const DATE: u32 = 84;

/// The chart on a page, for each width of a screen. Nothing where there are no weeks.
#[must_use]
pub fn on_page(statistics: &Statistics) -> Option<Markup> {
    let weeks = &statistics.weeks;
    (!weeks.is_empty()).then(|| {
        html! {
            figcaption { "Previews put up in each week" }
            @for (class, width) in WIDTHS {
                svg class=(class) viewBox=(format!("0 0 {width} {HEIGHT}")) role="img" aria-label=(description(weeks)) {
                    (plot(weeks, width))
                }
            }
        }
    })
}

/// The chart as a file of SVG.
#[must_use]
pub fn alone(statistics: &Statistics, title: &str) -> String {
    let (weeks, height) = (&statistics.weeks, HEADING + HEIGHT);
    let figures = figures(statistics);
    let svg = html! {
        svg xmlns="http://www.w3.org/2000/svg" class="chart" viewBox=(format!("0 0 {ALONE} {height}")) width=(ALONE) height=(height) role="img" aria-labelledby="title" aria-describedby="description" {
            title #title { (title) }
            desc #description { (description(weeks)) " " (figures) }
            style { (PreEscaped(format!("{STYLE}{GROUND}\n{DARK}\n"))) }
            rect class="ground" width="100%" height="100%" {}
            text class="title" x="12" y="24" { (title) }
            text x="12" y="44" { (figures) }
            g transform=(format!("translate(0 {HEADING})")) { (plot(weeks, ALONE)) }
        }
    };
    svg.into_string() + "\n"
}

/// The figures in a line.
#[must_use]
pub fn figures(statistics: &Statistics) -> String {
    let median = |median: Option<Median>| {
        median.map_or_else(|| "not known".to_owned(), |it| format!("{} (of {})", short(it.length), grouped(it.of)))
    };
    format!(
        "{} lives, {} up now; median life {}; median from push to commit {}",
        grouped(statistics.lives),
        grouped(statistics.up),
        median(statistics.life),
        median(statistics.push_to_commit),
    )
}

/// The chart in words.
fn description(weeks: &[Week]) -> String {
    let (Some(first), Some(last)) = (weeks.first(), weeks.last()) else { return "No previews were put up.".to_owned() };
    let most = weeks.iter().rev().max_by_key(|week| week.put_up).unwrap_or(last);
    format!(
        "Bars of the previews put up in each week, from that of {} to that of {}. The most were {}, in the week of {}; in the last one, {}.",
        first.monday, last.monday, most.put_up, most.monday, last.put_up
    )
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a number of previews or weeks has few digits, and this draws a picture"
)]
fn plot(weeks: &[Week], width: u32) -> Markup {
    let most = weeks.iter().map(|week| week.put_up).max().unwrap_or_default();
    let step = step(most);
    let top = most.div_ceil(step).max(1) * step;
    let (inner, floor) = (f64::from(width - LEFT - RIGHT), f64::from(HEIGHT - BOTTOM));
    let y = |count: usize| floor - (floor - f64::from(TOP)) * count as f64 / top as f64;
    let slot = inner / (weeks.len().max(1)) as f64;
    let bar = (slot * 0.78).min(36.0);
    let x = |index: usize| f64::from(LEFT) + slot * (index as f64 + 0.5);
    html! {
        @for count in (0..=top).step_by(step) {
            line class=(if count == 0 { "axis" } else { "grid" }) x1=(LEFT) x2=(width - RIGHT) y1=(number(y(count))) y2=(number(y(count))) {}
            text x=(LEFT - 8) y=(number(y(count) + 4.0)) text-anchor="end" { (count) }
        }
        @for (index, week) in weeks.iter().enumerate().filter(|(_, week)| week.put_up > 0) {
            rect class="bar" x=(number(x(index) - bar / 2.0)) y=(number(y(week.put_up))) width=(number(bar)) height=(number(floor - y(week.put_up))) {
                title { "Week of " (week.monday) ": " (week.put_up) }
            }
        }
        @for (index, monday) in dates(weeks, inner) {
            text x=(number(x(index).clamp(f64::from(LEFT) + 32.0, f64::from(width - RIGHT) - 34.0))) y=(HEIGHT - 8) text-anchor="middle" { (monday) }
        }
    }
}

/// The weeks whose dates there is room for, evenly apart.
fn dates(weeks: &[Week], room: f64) -> impl Iterator<Item = (usize, Date)> {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a width of a few hundred")]
    let fit = ((room / f64::from(DATE)) as usize).max(1);
    let every = weeks.len().div_ceil(fit).max(1);
    weeks.iter().enumerate().step_by(every).map(|(index, week)| (index, week.monday))
}

/// How far the lines of a chart are apart: 1, 2 or 5 times a power of ten, so that there are at most six.
fn step(most: usize) -> usize {
    let steps = (0..).flat_map(|power| [1, 2, 5].map(|digit| digit * 10_usize.saturating_pow(power)));
    steps.into_iter().find(|step| most.div_ceil(*step) <= 6).unwrap_or(1)
}

/// A length in the chart: a tenth of a pixel is more than anybody sees.
fn number(length: f64) -> String {
    let text = format!("{length:.1}");
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lines_of_a_chart_are_round_numbers_apart() {
        for (most, apart) in [(0, 1), (1, 1), (6, 1), (7, 2), (12, 2), (13, 5), (31, 10), (108, 20), (1_201, 500)] {
            assert_eq!(step(most), apart, "{most}");
        }
    }

    #[test]
    fn a_chart_of_nothing_says_so() {
        let svg = alone(&Statistics::default(), "Previews of <b>");
        assert!(svg.contains("No previews were put up."), "{svg}");
        assert!(svg.contains("Previews of &lt;b&gt;") && !svg.contains("NaN"), "{svg}");
    }
}
