//! The page that is written: `docs/benchmarks/checks.md`.

use std::fmt::Write as _;
use std::thread;

use crate::contestant::Contestant;
use crate::deploys::{self, Checks};
use crate::overlays::{self, LOOP, MANY, XARGS};
use crate::{Fallible, PREVIEWS};

/// The part of the loop's time that `validate` may take.
const MOST_OF_THE_LOOP: f64 = 0.5;
/// What checks may add to a deploy, in milliseconds.
const MOST_ADDED: f64 = 400.0;

/// Writes all of it.
pub(crate) fn page(deploys: &deploys::Measured, overlays: &overlays::Measured, load: &str) -> Fallible<String> {
    let cores = thread::available_parallelism()?;
    let mut text = format!(
        "# What checks cost\n\nWritten by `make bench-checks`, in one run on a machine with {cores} cores that had a load of {load} before.\n"
    );
    of_overlays(&mut text, overlays)?;
    of_deploys(&mut text, deploys)?;
    writeln!(
        text,
        "\nBy themselves, in the same run: `kubectl kustomize` of one overlay {:.0} ms, `helm template` of the chart {:.0} ms.",
        overlays.kustomize, overlays.helm
    )?;
    Ok(text)
}

fn of_overlays(text: &mut String, measured: &overlays::Measured) -> Fallible<()> {
    let rounds = overlays::ROUNDS;
    write!(
        text,
        "\n## All overlays of a checkout\n\n{PREVIEWS} previews, as `deploy` writes them. `bivouac validate` makes the checks that are on without a word: it builds every\noverlay, and looks at roster, base and records. The loops build each overlay and look at nothing. `validate`: median of\n{rounds} rounds; the loops: one round.\n\n"
    )?;
    writeln!(text, "```sh\n{LOOP}\n{XARGS}\n```\n")?;
    writeln!(
        text,
        "| | previews | time | ratio | goal | memory of itself | of the largest process |\n|---|--:|--:|--:|--:|--:|--:|"
    )?;
    let base = measured.scaled(&measured.one_by_one)?;
    let (own, largest) = measured.peaks();
    let many = &measured.many;
    for (what, previews, milliseconds, goal, own, largest) in [
        ("the `for` loop", PREVIEWS, base, String::new(), None, measured.one_by_one.peak_kb),
        ("`xargs -P`", PREVIEWS, measured.scaled(&measured.at_once)?, String::new(), None, measured.at_once.peak_kb),
        ("`bivouac validate`", PREVIEWS, measured.validate(), MOST_OF_THE_LOOP.to_string(), Some(own), largest),
        ("`bivouac validate`", MANY, many.milliseconds, String::new(), many.own_peak_kb, many.peak_kb),
    ] {
        let ratio = if previews == PREVIEWS { format!("{:.3}", milliseconds / base) } else { String::new() };
        let own = own.map(megabytes).unwrap_or_default();
        let (seconds, largest) = (milliseconds / 1000.0, megabytes(largest));
        writeln!(text, "| {what} | {previews} | {seconds:.1} s | {ratio} | {goal} | {own} | {largest} |")?;
    }
    if measured.looped != PREVIEWS {
        writeln!(text, "\nThe loops built {} overlays only; their time is scaled from that.", measured.looped)?;
    }
    writeln!(
        text,
        "\nMemory is the peak. `validate` runs as many kustomize at once as there are cores; the largest process is the largest of\nthem, or itself. What it holds grows by\nsome kilobytes an overlay, and not by what is rendered of them."
    )?;
    Ok(())
}

fn of_deploys(text: &mut String, measured: &deploys::Measured) -> Fallible<()> {
    let rounds = measured.values().map(|deploys| deploys.times.len()).max().unwrap_or_default();
    write!(
        text,
        "\n## Before a commit\n\nA deploy of a new pull request beside {PREVIEWS} previews, median of {rounds} in turns, with the server on this machine. *off*:\n`checks: {{build: off, roster: off}}`. *default*: nothing in `bivouac.yaml`. *everything*: also the chart, templated by helm from\nits folder; schemas of Kubernetes 1.34 in the repository; two files of policies, and all rules that are brought along.\n\n"
    )?;
    writeln!(
        text,
        "| backend | checks | median | ratio | adds | goal | requests | answers |\n|---|---|--:|--:|--:|--:|--:|--:|"
    )?;
    for ((contestant, checks), deploys) in measured {
        let off = &measured[&(*contestant, Checks::Off)];
        let (median, off) = (deploys.median(), off.median());
        let backend = if *contestant == Contestant::Git { "git" } else { "github" };
        let (ratio, added) = (median / off, median - off);
        let (word, added, goal) = match checks {
            Checks::Off => ("off", String::new(), String::new()),
            Checks::Default => ("default", format!("{added:.0} ms"), format!("{MOST_ADDED} ms")),
            Checks::Everything => ("everything", format!("{added:.0} ms"), format!("{MOST_ADDED} ms")),
        };
        let (requests, kilobytes) = (deploys.requests, deploys.received.div_ceil(1000));
        writeln!(
            text,
            "| {backend} | {word} | {median:.0} ms | {ratio:.2} | {added} | {goal} | {requests} | {kilobytes} kB |"
        )?;
    }
    Ok(())
}

fn megabytes(kilobytes: u64) -> String {
    format!("{} MB", (kilobytes * 1024).div_ceil(1_000_000))
}
