//! The results as pictures.

use crate::chart::{Chart, Mark, Series, picture};
use crate::contestant::Contestant;
use crate::results::{Alone, Contention, Results};
use crate::statistics::p95;
use crate::tables::bytes;

/// Name and SVG of each.
pub(crate) fn all(results: &Results) -> Vec<(&'static str, String)> {
    let near = alone(results, "time, server on this machine", false, Alone::median, short);
    let far = alone(results, "time, server 50 ms away", true, Alone::median, short);
    let received = alone(results, "received", false, |found| number(found.traffic.received_bytes), size);
    let memory = alone(results, "peak memory", false, |found| number(found.peak_kb) * 1024.0, size);
    let landed =
        contention(results, "previews that landed", |found| number(found.landed as u64), |value| format!("{value}"));
    let slow = contention(results, "p95 of those that landed", |found| p95(&found.times), short);
    vec![
        ("time", picture("The time of one deploy by the number of previews, logarithmic", &[near, far])),
        ("cost", picture("Bytes received and peak memory by the number of previews, logarithmic", &[received, memory])),
        (
            "contention",
            picture("How many of several writers landed, and how long they took, logarithmic", &[landed, slow]),
        ),
    ]
}

fn alone(results: &Results, title: &str, is_far: bool, value: fn(&Alone) -> f64, label: fn(f64) -> String) -> Chart {
    let sizes = results.sizes();
    let values = |contestant| {
        let found = sizes.iter().map(|previews| results.alone(contestant, *previews, is_far).map(value));
        found.collect()
    };
    let (title, below) = (title.to_owned(), "previews in the repository");
    Chart { title, below, categories: named(&sizes), series: series(values), label }
}

fn contention(results: &Results, title: &str, value: fn(&Contention) -> f64, label: fn(f64) -> String) -> Chart {
    let writers = results.writers();
    let values = |contestant| {
        let found = writers.iter().map(|writers| results.contention(contestant, *writers));
        found.map(|found| found.filter(|found| found.landed > 0).map(value)).collect()
    };
    let (title, below) = (title.to_owned(), "writers at once");
    Chart { title, below, categories: named(&writers), series: series(values), label }
}

fn series(values: impl Fn(Contestant) -> Vec<Option<f64>>) -> Vec<Series> {
    let look = |contestant| match contestant {
        Contestant::Git => ("#0969da", Mark::Circle),
        Contestant::Github => ("#8250df", Mark::Diamond),
        Contestant::Pipeline => ("#bc4c00", Mark::Square),
        Contestant::Plumbing => ("#1a7f37", Mark::Triangle),
    };
    let series = |contestant: Contestant| {
        let (colour, mark) = look(contestant);
        Series { name: contestant.name(), colour, mark, values: values(contestant) }
    };
    Contestant::ALL.map(series).into()
}

fn named(numbers: &[usize]) -> Vec<String> {
    numbers.iter().map(usize::to_string).collect()
}

fn number(value: u64) -> f64 {
    u32::try_from(value).map_or(f64::MAX, f64::from)
}

/// Milliseconds, as they stand at an axis.
fn short(value: f64) -> String {
    if value < 1000.0 { format!("{value} ms") } else { format!("{} s", value / 1000.0) }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "the ends of an axis are whole and positive"
)]
fn size(value: f64) -> String {
    bytes(value as u64).replace(".0 ", " ")
}
