//! Figures and a plot for the terminal. They fit 80 columns, and are the same in a pipe: no colours.

use std::fmt::Write as _;

use crate::commands::lengths::short;
use crate::commands::page::UNKNOWN;
use crate::domain::history::{Median, Statistics, Week};
use crate::env::{self, Environment};

/// How many weeks there is room for.
const WEEKS: usize = 70;
/// How many lines the highest bar takes.
const LINES: usize = 8;
/// How many columns a bar and the gap after it take at most.
const WIDEST: usize = 4;

/// What a plot is drawn with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Marks {
    /// Blocks, by eighths of a line.
    Blocks,
    /// Nothing but ASCII.
    Ascii,
}

impl Marks {
    /// Blocks where the locale says that the terminal is of UTF-8, as POSIX has it.
    pub(super) fn of(environment: &Environment) -> Self {
        let locale = [env::LC_ALL, env::LC_CTYPE, env::LANG].into_iter().find_map(|name| environment.get(name));
        let locale = locale.unwrap_or_default().to_ascii_lowercase();
        if locale.contains("utf-8") || locale.contains("utf8") { Self::Blocks } else { Self::Ascii }
    }

    const fn side(self) -> char {
        if matches!(self, Self::Blocks) { '│' } else { '|' }
    }

    fn floor(self, width: usize) -> String {
        match self {
            Self::Blocks => format!("└{}", "─".repeat(width)),
            Self::Ascii => format!("+{}", "-".repeat(width)),
        }
    }

    /// What stands in a line of a bar that fills so many eighths of it.
    fn mark(self, eighths: usize) -> char {
        const BLOCKS: [char; 9] = [' ', '▁', '▂', '▃', '▄', '▅', '▆', '▇', '█'];
        match self {
            Self::Blocks => BLOCKS[eighths],
            Self::Ascii if eighths >= 4 => '#',
            Self::Ascii if eighths > 0 => '.',
            Self::Ascii => ' ',
        }
    }
}

/// The figures, and the plot below them.
pub(super) fn figures(statistics: &Statistics, marks: Marks) -> String {
    let unknown = if marks == Marks::Blocks { UNKNOWN } else { "-" };
    let median = |median: Option<Median>| {
        median.map_or_else(|| unknown.to_owned(), |it| format!("{} (of {})", short(it.length), it.of))
    };
    let mut text = String::new();
    let lines = [
        ("lives of previews", statistics.lives.to_string()),
        ("of these up now", statistics.up.to_string()),
        ("median life", median(statistics.life)),
        ("median from push to commit", median(statistics.push_to_commit)),
    ];
    for (name, value) in lines {
        let _ = writeln!(text, "{name:<26}  {value}");
    }
    if !statistics.weeks.is_empty() {
        text.push_str(&plot(&statistics.weeks, marks));
    }
    text
}

fn plot(all: &[Week], marks: Marks) -> String {
    let weeks = &all[all.len().saturating_sub(WEEKS)..];
    let most = weeks.iter().map(|week| week.put_up).max().unwrap_or_default().max(1);
    let column = (WEEKS / weeks.len().max(1)).clamp(1, WIDEST);
    let bar = column.saturating_sub(1).max(1);
    let which =
        if weeks.len() < all.len() { format!(", the last {} of {}", weeks.len(), all.len()) } else { String::new() };
    let label = most.to_string().len();
    let mut text = format!("\npreviews put up by week{which}\n\n");
    for line in (0..LINES).rev() {
        let name = if line + 1 == LINES { most.to_string() } else { String::new() };
        let mut bars = String::new();
        for week in weeks {
            let eighths = (week.put_up * LINES * 8).div_ceil(most).saturating_sub(line * 8).min(8);
            bars.extend(std::iter::repeat_n(marks.mark(eighths), bar));
            bars.extend(std::iter::repeat_n(' ', column - bar));
        }
        let _ = writeln!(text, "{}", format!("{name:>label$} {}{bars}", marks.side()).trim_end());
    }
    let width = weeks.len() * column;
    let _ = writeln!(text, "{:>label$} {}", 0, marks.floor(width));
    let (first, last) = (weeks.first().map(|week| week.monday), weeks.last().map(|week| week.monday));
    let dates = match (first, last) {
        (Some(first), Some(last)) if width >= 22 => format!("{first}{:>1$}", last.to_string(), width - 10),
        (Some(first), Some(last)) if first != last => format!("{first} to {last}"),
        (Some(first), _) => first.to_string(),
        _ => String::new(),
    };
    let _ = writeln!(text, "{:label$}  {dates}", "");
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use jiff::{SignedDuration, ToSpan as _};

    fn statistics(counts: &[usize]) -> Statistics {
        let first = jiff::civil::date(2026, 1, 5);
        let weeks = counts.iter().zip(0_i64..);
        Statistics {
            lives: counts.iter().sum(),
            up: 2,
            weeks: weeks.map(|(put_up, week)| Week { monday: first + (week * 7).days(), put_up: *put_up }).collect(),
            life: Some(Median { length: SignedDuration::from_hours(50), of: 7 }),
            push_to_commit: None,
        }
    }

    #[test]
    fn a_plot_of_blocks_goes_by_eighths() {
        insta::assert_snapshot!(figures(&statistics(&[0, 1, 4, 8, 3, 16, 12]), Marks::Blocks), @r"
        lives of previews           44
        of these up now             2
        median life                 2d 2h (of 7)
        median from push to commit  –

        previews put up by week

        16 │                    ███
           │                    ███
           │                    ███ ███
           │                    ███ ███
           │            ███     ███ ███
           │            ███     ███ ███
           │        ███ ███ ▄▄▄ ███ ███
           │    ▄▄▄ ███ ███ ███ ███ ███
         0 └────────────────────────────
            2026-01-05        2026-02-16
        ");
    }

    #[test]
    fn a_plot_of_ascii_has_nothing_else_in_it() {
        let text = figures(&statistics(&[3, 1, 2]), Marks::Ascii);
        assert!(text.is_ascii(), "{text}");
        insta::assert_snapshot!(text, @r"
        lives of previews           6
        of these up now             2
        median life                 2d 2h (of 7)
        median from push to commit  -

        previews put up by week

        3 |###
          |###
          |###     ...
          |###     ###
          |###     ###
          |### ### ###
          |### ### ###
          |### ### ###
        0 +------------
           2026-01-05 to 2026-01-19
        ");
    }

    #[test]
    fn a_plot_fits_80_columns_whatever_there_is() {
        for weeks in [1, 2, 17, 18, 35, 70, 71, 1_000] {
            let counts: Vec<_> = (0..weeks).map(|week| week * 977 % 100_003).collect();
            let text = figures(&statistics(&counts), Marks::Blocks);
            assert!(text.lines().all(|line| line.chars().count() <= 80), "{weeks}:\n{text}");
        }
    }

    #[test]
    fn the_locale_says_whether_there_are_blocks() {
        let marks = |variables: &[(&str, &str)]| {
            Marks::of(&Environment::new(variables.iter().map(|(name, value)| ((*name).into(), (*value).into()))))
        };
        assert_eq!(marks(&[("LANG", "en_GB.UTF-8")]), Marks::Blocks);
        assert_eq!(marks(&[("LANG", "C.utf8"), ("LC_ALL", "")]), Marks::Blocks);
        assert_eq!(marks(&[("LANG", "en_GB.UTF-8"), ("LC_ALL", "C")]), Marks::Ascii);
        assert_eq!(marks(&[]), Marks::Ascii);
    }
}
