//! A history for the summary of a step.

use comfy_table::presets;
use jiff::Timestamp;

use super::text::{NONE, table};
use crate::commands::report::escaped;
use crate::domain::history::History;

/// How many lives are shown: a summary may be a mebibyte long, and nobody reads that.
const MOST: usize = 100;

/// The latest lives.
pub(super) fn summary(title: &str, history: &History, now: Timestamp) -> String {
    let count = history.lives.len();
    if count == 0 {
        return format!("### {title}\n\n{NONE}\n");
    }
    let shown = &history.lives[..count.min(MOST)];
    let rows = table(history, shown, presets::ASCII_MARKDOWN, escaped, now);
    let rest = if count > MOST { format!("\nThe latest {MOST} of {count}.\n") } else { String::new() };
    format!("### {title}: {count}\n\n{rows}{rest}\n")
}
