//! How far it has come: a checklist in a terminal, groups in a workflow's log, lines in a pipe.

use std::io::Write as _;
use std::sync::Mutex;

use anstyle::{AnsiColor, Style};

use crate::ports::vault::{Done, Mark, Progress};
use crate::runner::{Runner, plain};

/// Says on standard error what begins and what has ended.
pub(super) struct Checklist<'a> {
    runner: &'a Runner,
    is_terminal: bool,
    /// What has begun and not ended.
    open: Mutex<Option<String>>,
}

impl<'a> Checklist<'a> {
    pub(super) fn new(runner: &'a Runner) -> Self {
        let is_terminal = anstream::stderr().is_terminal() && !runner.is_there();
        Self { runner, is_terminal, open: Mutex::new(None) }
    }

    /// Closes what an error left open.
    pub(super) fn end(&self) {
        if let Some(what) = self.close() {
            show(&Done { what, mark: Mark::Warned, detail: "not finished".to_owned() });
        }
    }

    /// Takes away the line, or the group, of what has begun.
    fn close(&self) -> Option<String> {
        let what = self.open.lock().ok()?.take()?;
        if self.runner.is_there() {
            self.runner.end_group();
        } else if self.is_terminal {
            let _ = write!(anstream::stderr(), "\r\u{1b}[2K");
        }
        Some(what)
    }
}

impl Progress for Checklist<'_> {
    fn begins(&self, what: &str) {
        self.close();
        if self.runner.is_there() {
            self.runner.begin_group(what);
        } else if self.is_terminal {
            let mut err = anstream::stderr();
            let _ = write!(err, "… {}", plain(what));
            let _ = err.flush();
        }
        if let Ok(mut open) = self.open.lock() {
            *open = Some(what.to_owned());
        }
    }

    fn ends(&self, done: &Done) {
        self.close();
        show(done);
    }
}

/// Shows what has ended.
fn show(done: &Done) {
    let (sign, style) = sign(done.mark);
    let mut lines = done.detail.lines();
    let first = lines.next().map(plain).filter(|detail| !detail.is_empty());
    let first = first.map(|detail| format!(": {detail}")).unwrap_or_default();
    let mut err = anstream::stderr();
    let _ = writeln!(err, "{style}{sign}{style:#} {}{first}", plain(&done.what));
    for line in lines {
        let _ = writeln!(err, "    {}", plain(line));
    }
}

/// How a piece of work that ended is marked.
pub(super) fn sign(mark: Mark) -> (&'static str, Style) {
    match mark {
        Mark::Fine => ("✓", AnsiColor::Green.on_default()),
        Mark::Changed => ("✓", AnsiColor::Cyan.on_default().bold()),
        Mark::Differs => ("✗", AnsiColor::Red.on_default().bold()),
        Mark::Warned => ("!", AnsiColor::Yellow.on_default().bold()),
        Mark::Planned => ("→", AnsiColor::Cyan.on_default()),
    }
}
