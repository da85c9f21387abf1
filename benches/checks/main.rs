//! What checks cost: all overlays of a checkout against a loop with `kubectl kustomize`, and what they add to a deploy.
//!
//! `make bench-checks` runs it, and writes `docs/benchmarks/checks.md`. `BENCH_DEPLOYS` says how often each deploy is measured,
//! and `BENCH_LOOPED` how many overlays the loops build where all of them would take too long. Servers, repositories and clients are those of
//! `benches/commits`.

#[path = "../commits/apps.rs"]
mod apps;
#[path = "../commits/contestant.rs"]
mod contestant;
#[path = "../commits/delay.rs"]
mod delay;
mod deploys;
#[path = "../commits/launcher.rs"]
mod launcher;
mod overlays;
mod page;
#[path = "../commits/settings.rs"]
#[expect(dead_code, reason = "how much is measured is fixed here")]
mod settings;
#[path = "../commits/statistics.rs"]
#[expect(dead_code, reason = "the other benchmark has percentiles")]
mod statistics;
#[path = "../commits/traffic.rs"]
#[expect(dead_code, reason = "the other benchmark tells all requests")]
mod traffic;
#[path = "../commits/world.rs"]
#[expect(dead_code, reason = "the other benchmark has servers far away, and many writers")]
mod world;

use std::error::Error;
use std::fs;
use std::io::{Write as _, stderr};
use std::path::PathBuf;
use std::time::Duration;

use settings::Settings;
use world::World;

/// What may fail here, with whatever went wrong.
type Fallible<T> = Result<T, Box<dyn Error + Send + Sync>>;

/// How many previews there are.
const PREVIEWS: usize = 1000;

fn main() -> Fallible<()> {
    if std::env::args().any(|argument| argument == launcher::ARGUMENT) {
        return launcher::run();
    }
    let load = fs::read_to_string("/proc/loadavg").unwrap_or_default();
    let load = load.split(' ').next().unwrap_or_default();
    let mut settings = Settings::from_environment()?;
    settings.path = format!("{}:{}", top().join("target/tools/bin").display(), settings.path);
    // The loops take minutes.
    settings.timeout = Duration::from_hours(1);
    let (mut world, example) = World::empty(&settings)?;
    let rounds = number("BENCH_DEPLOYS", 15)?;
    let looped = number("BENCH_LOOPED", PREVIEWS)?;
    let deploys = deploys::measure(&mut world, &example, rounds, &settings)?;
    let overlays = overlays::measure(&mut world, &example, looped, &settings)?;
    world.stop();
    let page = page::page(&deploys, &overlays, load)?;
    fs::write(top().join("docs/benchmarks/checks.md"), &page)?;
    drop(write!(stderr(), "\n{page}"));
    Ok(())
}

/// Where Bivouac's own tree is.
fn top() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// A number from the environment.
fn number(name: &str, default: usize) -> Fallible<usize> {
    std::env::var(name).map_or(Ok(default), |text| Ok(text.trim().parse()?))
}

/// Tells whoever waits how far it is.
fn progress(text: &str) {
    drop(writeln!(stderr(), "{text}"));
}
