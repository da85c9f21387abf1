//! One run of a program: with an end, and with bounds on what it prints.

use std::path::Path;
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncReadExt as _};
use tokio::process::Command;

use crate::env;
use crate::ports::RenderError;

/// How long a program may take: one that fetches a base or a chart waits for a server.
pub(super) const LIMIT: Duration = Duration::from_mins(2);
/// How much a program may print, in bytes.
const MOST: usize = 64 * 1024 * 1024;

/// What a program came to: what it printed, or what it complained of.
pub(super) type Ended = Result<String, String>;

/// A program that is about to run.
pub(super) fn command(program: &Path) -> Command {
    let mut command = Command::new(program);
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped()).kill_on_drop(true);
    env::keep_from_renderer(command.as_std_mut());
    #[cfg(unix)]
    command.process_group(0);
    command
}

/// A program with all that it has started: none of it outlives this.
struct Group(Option<u32>);

impl Drop for Group {
    fn drop(&mut self) {
        #[cfg(unix)]
        if let Some(group) = self.0.and_then(|id| rustix::process::Pid::from_raw(i32::try_from(id).ok()?)) {
            let _ = rustix::process::kill_process_group(group, rustix::process::Signal::KILL);
        }
    }
}

/// Runs it, for no longer than `limit`.
pub(super) async fn run(mut command: Command, limit: Duration) -> Result<Ended, RenderError> {
    let program = command.as_std().get_program().to_string_lossy().into_owned();
    let not_started =
        |why: std::io::Error| RenderError::NotStarted { program: program.clone(), message: why.to_string() };
    let mut child = command.spawn().map_err(not_started)?;
    let mut group = Group(child.id());
    let (printed, complained) = (child.stdout.take(), child.stderr.take());
    let run = async { tokio::join!(text_of(printed), text_of(complained), child.wait()) };
    let ended = tokio::time::timeout(limit, run).await;
    let (printed, complained, status) = ended.map_err(|_| RenderError::TooSlow { program: program.clone(), limit })?;
    let status = status.map_err(not_started)?;
    // It has ended by itself, and its number may be another's by now.
    group.0 = None;
    let too_much = || RenderError::TooMuch { program: program.clone(), limit: MOST };
    let (printed, complained) = (printed.ok_or_else(too_much)?, complained.ok_or_else(too_much)?);
    Ok(if status.success() { Ok(printed) } else { Err(complaint(complained, status)) })
}

/// What a program complained of; how it ended, where that says more.
fn complaint(words: String, status: ExitStatus) -> String {
    match (words.trim(), status.code()) {
        ("", _) => format!("it said nothing, and ended with {status}"),
        (words, None) => format!("{words}\nit ended with {status}"),
        (_, Some(_)) => words,
    }
}

/// All that comes out of a pipe; nothing when that is too much. The pipe is closed then, which ends the program.
async fn text_of(pipe: Option<impl AsyncRead + Unpin>) -> Option<String> {
    let mut bytes = Vec::new();
    if let Some(pipe) = pipe {
        let _ = pipe.take(MOST as u64 + 1).read_to_end(&mut bytes).await;
    }
    (bytes.len() <= MOST).then(|| String::from_utf8_lossy(&bytes).into_owned())
}
