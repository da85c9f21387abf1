//! The results as tables in Markdown.

use std::fmt::Write as _;

use crate::contestant::Contestant::{self, Pipeline};
use crate::goals;
use crate::results::{Alone, Contention, Results};
use crate::statistics::{median, p95};

/// What was measured where.
pub(crate) fn machine(results: &Results) -> String {
    let machine = &results.machine;
    let memory = machine.memory_kb / 1024 / 1024;
    let megabytes = millions(machine.program_bytes);
    let rows = [
        ("measured", format!("{}, at commit `{}`", machine.date, machine.commit)),
        ("program", format!("profile `{}`, {megabytes} MB", machine.profile)),
        ("machine", format!("{}, {} cores, {memory} GB", machine.cpu, machine.cores)),
        ("system", format!("{}, git {}", machine.kernel, machine.git)),
        ("repositories and homes on", machine.folder.clone()),
        ("the least peak memory that can be seen", bytes(results.floor_kb * 1024)),
        ("load before", machine.load.clone()),
    ];
    rows.into_iter().fold("| | |\n|---|---|\n".to_owned(), |mut text, (name, value)| {
        let _ = writeln!(text, "| {name} | {value} |");
        text
    })
}

/// The repositories.
pub(crate) fn repositories(results: &Results) -> String {
    let mut text = "| previews | files | packed | the roster |\n|--:|--:|--:|--:|\n".to_owned();
    for repository in &results.repositories {
        let (packed, roster) = (bytes(repository.pack_bytes), bytes(repository.roster_bytes));
        let _ = writeln!(text, "| {} | {} | {packed} | {roster} |", repository.previews, repository.files);
    }
    text
}

/// One deploy alone, with the server near or far.
pub(crate) fn alone(results: &Results, is_far: bool) -> String {
    let mut text =
        "| previews | who | median | p95 | to the pipeline | its own CPU | requests: git, API | sent | received | \
                    peak memory |\n|--:|---|--:|--:|--:|--:|--:|--:|--:|--:|\n"
            .to_owned();
    for previews in results.sizes() {
        let pipeline = results.alone(Pipeline, previews, is_far).map(Alone::median);
        for contestant in Contestant::ALL {
            let Some(found) = results.alone(contestant, previews, is_far) else {
                let why = if results.unavailable.contains(&contestant) { "not available yet" } else { "not measured" };
                let _ = writeln!(text, "| {previews} | {} | {why} | | | | | | | |", contestant.name());
                continue;
            };
            let ratio = pipeline.map_or_else(String::new, |pipeline| format!("{:.2}", found.median() / pipeline));
            let traffic = found.traffic;
            let _ = writeln!(
                text,
                "| {previews} | {} | {} | {} | {ratio} | {} | {}, {} | {} | {} | {} MB |",
                contestant.name(),
                time(found.median()),
                time(found.p95()),
                time(median(&found.cpu)),
                traffic.git_requests,
                traffic.api_requests,
                bytes(traffic.sent_bytes),
                bytes(traffic.received_bytes),
                found.peak_kb / 1024,
            );
        }
    }
    text
}

/// Many at once.
pub(crate) fn contention(results: &Results) -> String {
    let mut text = "| writers | who | landed | p50 | p95 | slowest | all done | attempts | requests |\n\
                    |--:|---|--:|--:|--:|--:|--:|--:|--:|\n"
        .to_owned();
    for writers in results.writers() {
        for contestant in Contestant::ALL {
            if let Some(found) = results.contention(contestant, writers) {
                text.push_str(&contended(found));
            }
        }
    }
    text
}

fn contended(found: &Contention) -> String {
    let slowest = found.times.iter().copied().fold(0.0, f64::max);
    format!(
        "| {} | {} | {} | {} | {} | {} | {} | {} | {} |\n",
        found.writers,
        found.contestant.name(),
        found.landed,
        time(median(&found.times)),
        time(p95(&found.times)),
        time(slowest),
        time(found.total_ms),
        found.traffic.attempts,
        found.traffic.git_requests + found.traffic.api_requests,
    )
}

/// The pure core.
pub(crate) fn core(results: &Results) -> String {
    let mut text =
        "| function | median | instructions | allocations | most held at once |\n|---|--:|--:|--:|--:|\n".to_owned();
    for row in &results.core {
        let (name, median, allocations, held) = (&row.name, &row.median, &row.allocations, &row.held);
        let instructions = row.instructions.as_deref().unwrap_or_default();
        let _ = writeln!(text, "| {name} | {median} | {instructions} | {allocations} | {held} |");
    }
    text
}

/// The goals, and whether they are met.
pub(crate) fn goals(results: &Results) -> String {
    let mut text = "| what | goal | measured | |\n|---|--:|--:|---|\n".to_owned();
    for goal in goals::all(results) {
        let (measured, verdict) = match goal.measured {
            None => ("not measured".to_owned(), ""),
            Some((measured, true)) => (measured, "met"),
            Some((measured, false)) => (measured, "**not met**"),
        };
        let _ = writeln!(text, "| {} | {} | {measured} | {verdict} |", goal.what, goal.limit);
    }
    text
}

/// Milliseconds for people.
pub(crate) fn time(milliseconds: f64) -> String {
    if milliseconds < 1000.0 { format!("{milliseconds:.0} ms") } else { format!("{:.2} s", milliseconds / 1000.0) }
}

/// Bytes for people.
pub(crate) fn bytes(bytes: u64) -> String {
    match bytes {
        0..1000 => format!("{bytes} B"),
        1000..1_000_000 => format!("{}.{} kB", bytes / 1000, bytes % 1000 / 100),
        _ => format!("{} MB", millions(bytes)),
    }
}

fn millions(bytes: u64) -> String {
    format!("{}.{}", bytes / 1_000_000, bytes % 1_000_000 / 100_000)
}
