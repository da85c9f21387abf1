//! Where and of what it was measured.

use std::fs;
use std::process::Command;
use std::thread;

use jiff::Timestamp;

use crate::results::Machine;
use crate::{Fallible, top};

/// Describes this machine, the program, and git.
pub(crate) fn describe() -> Fallible<Machine> {
    let changed = !said("git", &["status", "--porcelain", "--untracked-files=no"])?.is_empty();
    let commit = said("git", &["rev-parse", "--short=12", "HEAD"])?;
    let profile = if cfg!(debug_assertions) { "debug: these times say nothing" } else { "release" };
    Ok(Machine {
        date: Timestamp::now().strftime("%Y-%m-%d").to_string(),
        commit: format!("{commit}{}", if changed { "+" } else { "" }),
        profile: profile.to_owned(),
        program_bytes: fs::metadata(env!("CARGO_BIN_EXE_bivouac"))?.len(),
        cpu: field("/proc/cpuinfo", "model name").unwrap_or_else(|| "unknown".to_owned()),
        cores: thread::available_parallelism()?.get(),
        memory_kb: field("/proc/meminfo", "MemTotal")
            .and_then(|text| text.split(' ').next()?.parse().ok())
            .unwrap_or(0),
        kernel: said("uname", &["-sr"])?,
        folder: folder(),
        git: said("git", &["version"])?.replace("git version ", ""),
        load: fs::read_to_string("/proc/loadavg").unwrap_or_default().split(' ').next().unwrap_or_default().to_owned(),
    })
}

/// The kind of file system that the repositories and the homes are on.
fn folder() -> String {
    let folder = std::env::temp_dir();
    said("stat", &["--file-system", "--format=%T", &folder.to_string_lossy()]).unwrap_or_default()
}

fn said(program: &str, arguments: &[&str]) -> Fallible<String> {
    let output = Command::new(program).args(arguments).current_dir(top()).output()?;
    Ok(String::from_utf8(output.stdout)?.trim().to_owned())
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = fs::read_to_string(file).ok()?;
    let (_, value) = text.lines().filter_map(|line| line.split_once(':')).find(|(key, _)| key.trim() == name)?;
    Some(value.trim().to_owned())
}
