//! What a commit costs: Bivouac against the usual pipeline and against git's own plumbing, on the same server in one run.
//!
//! `make bench` runs it. It measures, writes `target/bench/results.json`, and from that `docs/benchmarks.md` and the pictures
//! beside it. With `render` as its argument it writes the page again from the results that are there.

mod alone;
mod apps;
mod chart;
mod contention;
mod contestant;
mod core_table;
mod delay;
mod goals;
mod launcher;
mod machine;
mod page;
mod pictures;
mod results;
mod settings;
mod statistics;
mod tables;
mod traffic;
mod world;

use std::error::Error;
use std::fs;
use std::io::{Write as _, stderr};
use std::path::PathBuf;

use results::Results;
use settings::Settings;
use world::World;

/// What may fail here, with whatever went wrong.
type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

fn main() -> Fallible<()> {
    let arguments: Vec<_> = std::env::args().skip(1).collect();
    let is = |word: &str| arguments.iter().any(|argument| argument == word);
    if is(launcher::ARGUMENT) {
        return launcher::run();
    }
    let mut results: Results = if is("render") { serde_json::from_slice(&fs::read(file())?)? } else { measure()? };
    results.core = core_table::read()?;
    fs::create_dir_all(top().join("target/bench"))?;
    fs::write(file(), serde_json::to_vec_pretty(&results)?)?;
    page::write(&results)?;
    let mut said = stderr().lock();
    writeln!(said, "\n{}", tables::goals(&results))?;
    Ok(())
}

/// Where Bivouac's own tree is.
fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Where the results go.
fn file() -> PathBuf {
    top().join("target/bench/results.json")
}

fn measure() -> Fallible<Results> {
    let settings = Settings::from_environment()?;
    // Before anything else: the load is to be what others make.
    let machine = machine::describe()?;
    let mut world = World::start(&settings)?;
    let alone = alone::measure(&mut world, &settings)?;
    let contention = contention::measure(&mut world, &settings)?;
    let results = Results {
        machine,
        floor_kb: world.floor_kb()?,
        unavailable: world.unavailable(),
        repositories: world.repositories()?,
        alone,
        contention,
        core: Vec::new(),
    };
    world.stop();
    Ok(results)
}

/// Tells whoever waits how far it is.
fn progress(text: &str) {
    drop(writeln!(stderr(), "{text}"));
}
