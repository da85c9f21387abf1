//! Commits into a bare repository without a work tree: `git fast-import`, whatever the number of files.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::io::Write as _;
use std::path::Path;
use std::process::Stdio;

use crate::world::{checked, git_command};

/// Commits files to `main` of a bare repository, beside those that are there.
pub(crate) fn commit(bare: &Path, home: &Path, files: &BTreeMap<String, String>, message: &str) {
    let exists = git_command(bare, home).args(["rev-parse", "--quiet", "--verify", "main"]).output().unwrap();
    let mut stream = "commit refs/heads/main\ncommitter A person <person@example.com> now\n".to_owned();
    stream.push_str(&data(message));
    if exists.status.success() {
        stream.push_str("from refs/heads/main^0\n");
    }
    for (path, text) in files {
        let _ = write!(stream, "M 100644 inline {path}\n{}", data(text));
    }
    let mut command = git_command(bare, home);
    command.args(["fast-import", "--quiet", "--date-format=now"]).stdin(Stdio::piped());
    let mut running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    running.stdin.take().unwrap().write_all(stream.as_bytes()).unwrap();
    checked(&running.wait_with_output().unwrap());
}

fn data(text: &str) -> String {
    format!("data {}\n{text}\n", text.len())
}
