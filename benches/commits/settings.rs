//! How much is measured, from the environment.

use std::time::Duration;

use crate::Fallible;

/// How much is measured.
pub(crate) struct Settings {
    /// How often each deploy is measured on loopback (`BENCH_ROUNDS`).
    pub(crate) rounds: usize,
    /// How often with a server that is far away (`BENCH_FAR_ROUNDS`).
    pub(crate) far_rounds: usize,
    /// How many previews are there (`BENCH_PREVIEWS`).
    pub(crate) previews: Vec<usize>,
    /// How many write at once (`BENCH_WRITERS`).
    pub(crate) writers: Vec<usize>,
    /// How long a client may take before it is ended (`BENCH_TIMEOUT`, in seconds).
    pub(crate) timeout: Duration,
    /// Where the clients find programs (`PATH`).
    pub(crate) path: String,
}

/// How long a message is on its way to the server that is far away, in each direction.
pub(crate) const DELAY: Duration = Duration::from_millis(25);
/// How often the plumbing tries.
pub(crate) const ATTEMPTS: usize = 100;

impl Settings {
    pub(crate) fn from_environment() -> Fallible<Self> {
        let one = |name, default| Ok::<_, Box<dyn std::error::Error + Send + Sync>>(numbers(name, &[default])?[0]);
        Ok(Self {
            rounds: one("BENCH_ROUNDS", 10)?,
            far_rounds: one("BENCH_FAR_ROUNDS", 5)?,
            previews: numbers("BENCH_PREVIEWS", &[10, 1000, 10_000])?,
            writers: numbers("BENCH_WRITERS", &[1, 8, 24, 100])?,
            timeout: Duration::from_secs(one("BENCH_TIMEOUT", 150)? as u64),
            path: std::env::var("PATH")?,
        })
    }
}

/// The numbers, separated by blanks, in a variable; at least one.
fn numbers(name: &str, default: &[usize]) -> Fallible<Vec<usize>> {
    let Ok(text) = std::env::var(name) else { return Ok(default.to_vec()) };
    let numbers: Result<Vec<usize>, _> = text.split_whitespace().map(str::parse).collect();
    match numbers {
        Ok(numbers) if !numbers.is_empty() => Ok(numbers),
        _ => Err(format!("`{name}` is `{text}`, and has to be numbers separated by blanks").into()),
    }
}
