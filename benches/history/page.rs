//! The page that is written: `docs/benchmarks/history.md`.

use std::fmt::Write as _;
use std::thread;

use crate::statistics::median;
use crate::{Fallible, Measured, SCRIPT, Way};

/// How long the history of all commits may take, in seconds.
const GOAL: f64 = 2.0;

/// Writes all of it.
pub(crate) fn page(measured: &[Measured], rounds: usize, load: &str) -> Fallible<String> {
    let cores = thread::available_parallelism()?;
    let mut text = format!(
        "# What a history costs\n\nWritten by `make bench-history`, in one run on a machine with {cores} cores that had a load of {load} before.\n\nAn apps repository of which every commit is one of a preview: put up, brought up to date four times, taken down. `bivouac`\nreads all commits without their trees, looks at the tip, puts the lives of all previews together and makes the statistics. The\nscript clones without trees, and counts what was put up each week. Median of {rounds} in turns.\n\n"
    );
    writeln!(text, "```sh\n{}```\n", SCRIPT)?;
    writeln!(text, "| commits | from | `bivouac` | script | ratio | goal | tip | commits | lives |")?;
    writeln!(text, "|--:|---|--:|--:|--:|--:|--:|--:|--:|")?;
    for one in measured {
        let (ours, theirs) = (median(&one.ours), median(&one.theirs));
        let from = match one.way {
            Way::Http => "a server",
            Way::Folder => "a folder",
        };
        let goal = if one.commits >= 50_000 { format!("{GOAL} s") } else { String::new() };
        let [tip, commits, lives] = one.parts;
        writeln!(
            text,
            "| {} | {from} | {:.2} s | {:.2} s | {:.2} | {goal} | {tip:.0} ms | {commits:.0} ms | {lives:.0} ms |",
            one.commits,
            ours / 1000.0,
            theirs / 1000.0,
            ours / theirs
        )?;
    }
    text.push_str(
        "\nThe last three columns are of one run: to look at the tip, to read all commits, and to put the lives together with their\nstatistics. What the server does for either counts, since it is on the same machine.\n",
    );
    Ok(text)
}
