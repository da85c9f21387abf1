//! Starts one client and says how long it took and how much memory it needed.
//!
//! It is this program again, in a process of its own: what a process is started from counts towards its peak memory on Linux,
//! and the process with the server in it is large.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader, Write as _, stdin, stdout};
use std::os::unix::process::CommandExt as _;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::mpsc::{self, RecvTimeoutError};
use std::thread;
use std::time::{Duration, Instant};

use serde::{Deserialize, Serialize};
use wait4::Wait4 as _;

use crate::Fallible;

/// What makes this program a launcher.
pub(crate) const ARGUMENT: &str = "launch";

/// What is started.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Client {
    pub(crate) program: PathBuf,
    pub(crate) arguments: Vec<String>,
    /// All of its environment.
    pub(crate) environment: BTreeMap<String, String>,
    /// Where it is started, and where its output goes (`output`).
    pub(crate) directory: PathBuf,
    /// When it is ended, in seconds.
    pub(crate) timeout: u64,
    /// Whether its memory is looked at while it runs, apart from what it starts.
    pub(crate) is_watched: bool,
}

/// How it ended.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Ended {
    /// The exit code; none when it was ended.
    pub(crate) code: Option<i32>,
    pub(crate) milliseconds: f64,
    /// How long it kept a core busy, with all that it started.
    pub(crate) cpu_ms: f64,
    /// The largest process of it.
    pub(crate) peak_kb: u64,
    /// The process itself, as far as it was watched.
    pub(crate) own_peak_kb: Option<u64>,
}

/// A launcher that waits for its sign.
pub(crate) struct Waiting {
    launcher: Child,
    sign: ChildStdin,
    answer: BufReader<ChildStdout>,
}

impl Waiting {
    /// Starts a launcher, and returns when it is ready.
    pub(crate) fn start(client: &Client) -> Fallible<Self> {
        let mut command = Command::new(std::env::current_exe()?);
        command.arg(ARGUMENT).env_clear().stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut launcher = command.spawn()?;
        let (Some(mut sign), Some(answer)) = (launcher.stdin.take(), launcher.stdout.take()) else {
            return Err("a launcher without pipes".into());
        };
        writeln!(sign, "{}", serde_json::to_string(client)?)?;
        let mut answer = BufReader::new(answer);
        answer.read_line(&mut String::new())?;
        Ok(Self { launcher, sign, answer })
    }

    /// Lets the client start.
    pub(crate) fn go(&mut self) -> Fallible<()> {
        Ok(writeln!(self.sign, "go")?)
    }

    /// Waits for its end.
    pub(crate) fn end(mut self) -> Fallible<Ended> {
        let mut line = String::new();
        self.answer.read_line(&mut line)?;
        self.launcher.wait()?;
        Ok(serde_json::from_str(&line)?)
    }
}

/// Runs one client now.
pub(crate) fn launch(client: &Client) -> Fallible<Ended> {
    let mut waiting = Waiting::start(client)?;
    waiting.go()?;
    waiting.end()
}

/// The launcher itself.
pub(crate) fn run() -> Fallible<()> {
    let mut lines = stdin().lines();
    let client: Client = serde_json::from_str(&lines.next().ok_or("nothing to launch")??)?;
    let output = File::create(client.directory.join("output"))?;
    let mut command = Command::new(&client.program);
    command
        .args(&client.arguments)
        .env_clear()
        .envs(&client.environment)
        .current_dir(&client.directory)
        .stdin(Stdio::null())
        .stdout(output.try_clone()?)
        .stderr(output)
        // So that what it has started ends with it.
        .process_group(0);
    writeln!(stdout(), "ready")?;
    // Without the sign, whoever wanted this is gone.
    lines.next().ok_or("no sign to go")??;
    let begin = Instant::now();
    let child = command.spawn()?;
    let stopwatch = end_after(Duration::from_secs(client.timeout), child.id());
    let watched = client.is_watched.then(|| watch(child.id()));
    let used = child.wait4()?;
    let milliseconds = begin.elapsed().as_secs_f64() * 1000.0;
    drop(stopwatch);
    let own_peak_kb = watched.and_then(|watched| watched.join().ok());
    let cpu_ms = (used.rusage.utime + used.rusage.stime).as_secs_f64() * 1000.0;
    let (code, peak_kb) = (used.status.code(), used.rusage.maxrss / 1024);
    let ended = Ended { code, milliseconds, cpu_ms, peak_kb, own_peak_kb };
    Ok(writeln!(stdout(), "{}", serde_json::to_string(&ended)?)?)
}

/// Looks at the peak memory of a process until it ends: what the kernel says of it, which only grows.
fn watch(process: u32) -> thread::JoinHandle<u64> {
    thread::spawn(move || {
        let peak = || {
            let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
            let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?.trim();
            line.strip_suffix(" kB")?.parse().ok()
        };
        let mut highest = 0;
        // One that has ended says nothing of its memory.
        while let Some(now) = peak() {
            highest = now;
            thread::sleep(Duration::from_millis(10));
        }
        highest
    })
}

/// Ends a process group after a time, unless what this returns is dropped before.
fn end_after(timeout: Duration, group: u32) -> mpsc::Sender<()> {
    let (ended, wait) = mpsc::channel();
    thread::spawn(move || {
        if wait.recv_timeout(timeout) == Err(RecvTimeoutError::Timeout) {
            drop(
                Command::new("kill").args(["-KILL", "--", &format!("-{group}")]).env("PATH", "/usr/bin:/bin").status(),
            );
        }
    });
    ended
}
