//! How a wait is shown: in a terminal one line that is written over, elsewhere a line for what is new and now and then.

use std::io::Write as _;
use std::time::Duration;

use tracing::Level;

use crate::domain::comment::length;
use crate::domain::readiness::Seen;
use crate::ports::Progress;
use crate::runner::Runner;

/// After how long the same is logged again.
const AGAIN: Duration = Duration::from_secs(30);
/// The most characters of the line in a terminal: it must not wrap, or it could not be written over.
const WIDTH: usize = 78;

/// Who watches while a preview is waited for.
pub(super) enum Watcher {
    /// Somebody at a terminal.
    Terminal,
    /// A log: what it was told last, and when.
    Log(Option<(Seen, Duration)>),
}

impl Watcher {
    pub(super) fn new(runner: &Runner) -> Self {
        let is_watched = anstream::stderr().is_terminal() && !runner.is_there() && tracing::enabled!(Level::INFO);
        if is_watched { Self::Terminal } else { Self::Log(None) }
    }
}

impl Progress for Watcher {
    fn saw(&mut self, elapsed: Duration, seen: &Seen) {
        let after = length(elapsed.as_secs());
        match self {
            Self::Terminal => {
                let line: String = format!("waiting, {after}: {seen}").chars().take(WIDTH).collect();
                let mut err = std::io::stderr();
                let _ = write!(err, "\r\x1b[2K{line}").and_then(|()| err.flush());
            }
            Self::Log(Some((told, at))) if told == seen && elapsed < *at + AGAIN => {}
            Self::Log(told) => {
                tracing::info!("after {after}: {seen}");
                *told = Some((seen.clone(), elapsed));
            }
        }
    }

    fn end(&mut self) {
        if matches!(self, Self::Terminal) {
            let mut err = std::io::stderr();
            let _ = write!(err, "\r\x1b[2K").and_then(|()| err.flush());
        }
    }
}
