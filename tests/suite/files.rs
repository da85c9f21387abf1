//! Files that many tests need: Bivouac's own, and programs that they put into the way of what is run.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::LazyLock;

/// Where git is. Under its name alone, in an environment of its own, it costs a copy of this process to start it.
pub(crate) static GIT: LazyLock<PathBuf> = LazyLock::new(|| find("git"));

/// Where a program is on the `PATH` of this process.
pub(crate) fn find(program: &str) -> PathBuf {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let found = std::env::split_paths(&path).map(|folder| folder.join(program)).find(|file| file.is_file());
    found.unwrap_or_else(|| panic!("`{program}` is missing"))
}

/// Where Bivouac's own tree is.
pub(crate) fn top() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Writes a program, and the folders that it is in. Another process does, because one that this process, or what another test
/// has just started, has open for writing can not be run.
pub(crate) fn write_program(path: &Path, text: &str) {
    piped(Command::new("install").args(["-D", "-m", "755", "/dev/stdin"]).arg(path), text.as_bytes());
}

/// The SHA-256 of some bytes, in hexadecimal digits.
pub(crate) fn sha256(bytes: &[u8]) -> String {
    piped(&mut Command::new("sha256sum"), bytes).split(' ').next().unwrap().to_owned()
}

/// What a command that must end well says of its standard input.
fn piped(command: &mut Command, input: &[u8]) -> String {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "{command:?} ended with {}", output.status);
    String::from_utf8(output.stdout).unwrap()
}
