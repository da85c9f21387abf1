//! The pure core: what it takes to read and edit the list of all previews, to decide, and to plan, without any server.
//!
//! Times are this machine's. The allocations are counted, and so are the instructions where there is valgrind: with
//! `instructions` as its argument, this prints how many each function takes.

mod functions;
mod instructions;

use divan::{AllocProfiler, Bencher};

#[global_allocator]
static ALLOCATOR: AllocProfiler = AllocProfiler::system();

/// How many entries the list has.
const ENTRIES: [usize; 4] = [10, 100, 1000, 10_000];
/// So many entries make 5 MB.
const LARGE: usize = 340_000;

fn main() -> instructions::Fallible<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let words: Vec<_> = arguments.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["instructions", ..] => instructions::print(),
        [instructions::REPEAT, name, entries, times] => instructions::repeat(name, entries.parse()?, times.parse()?),
        _ => {
            divan::main();
            Ok(())
        }
    }
}

#[divan::bench(args = ENTRIES, max_time = 2)]
fn roster_parse(bencher: Bencher<'_, '_>, entries: usize) {
    bencher.bench_local(functions::roster_parse(entries));
}

#[divan::bench(args = ENTRIES, max_time = 2)]
fn roster_add(bencher: Bencher<'_, '_>, entries: usize) {
    bencher.bench_local(functions::roster_add(entries));
}

#[divan::bench(args = ENTRIES, max_time = 2)]
fn roster_remove(bencher: Bencher<'_, '_>, entries: usize) {
    bencher.bench_local(functions::roster_remove(entries));
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn roster_parse_5_mb(bencher: Bencher<'_, '_>) {
    bencher.bench_local(functions::roster_parse(LARGE));
}

#[divan::bench(sample_count = 3, sample_size = 1)]
fn roster_add_5_mb(bencher: Bencher<'_, '_>) {
    bencher.bench_local(functions::roster_add(LARGE));
}

#[divan::bench(max_time = 2)]
fn configuration_parse(bencher: Bencher<'_, '_>) {
    bencher.bench_local(functions::configuration_parse(0));
}

#[divan::bench(max_time = 2)]
fn decision(bencher: Bencher<'_, '_>) {
    bencher.bench_local(functions::decision(0));
}

#[divan::bench(args = ENTRIES, max_time = 2)]
fn plan_of_a_new_preview(bencher: Bencher<'_, '_>, entries: usize) {
    bencher.bench_local(functions::plan_of_a_new_preview(entries));
}
