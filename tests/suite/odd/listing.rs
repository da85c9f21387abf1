//! Every object of a tree, and trees of everything.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::io::Write as _;
use std::process::Stdio;

use crate::world::{World, checked, git_command};

/// The mode, kind and id of everything at the tip, by path. What is no text in a path is escaped.
pub(super) struct Listing(BTreeMap<String, String>);

impl Listing {
    pub(super) fn of(world: &World) -> Self {
        let mut command = git_command(&world.apps, world.home.path());
        let output = command.args(["ls-tree", "-r", "-t", "-z", "--full-tree", "main"]).output().unwrap();
        assert!(output.status.success());
        let lines = output.stdout.split(|byte| *byte == 0).filter(|line| !line.is_empty());
        let parts = lines.map(|line| {
            let tab = line.iter().position(|byte| *byte == b'\t').unwrap();
            (line[tab + 1..].escape_ascii().to_string(), line[..tab].escape_ascii().to_string())
        });
        Self(parts.collect())
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    /// The paths at which there is something else.
    pub(super) fn difference(&self, other: &Self) -> Vec<String> {
        let paths: BTreeSet<_> = self.0.keys().chain(other.0.keys()).collect();
        paths.into_iter().filter(|path| self.0.get(*path) != other.0.get(*path)).cloned().collect()
    }
}

/// A commit to `main` of whatever Git can hold.
pub(super) struct Commit(Vec<u8>);

impl Commit {
    pub(super) fn new(world: &World) -> Self {
        let exists = git_command(&world.apps, world.home.path()).args(["rev-parse", "--verify", "main"]).output();
        let from = if exists.unwrap().status.success() { "from refs/heads/main^0\n" } else { "" };
        let head = "commit refs/heads/main\ncommitter A person <person@example.com> now\ndata 4\nOdd\n\n";
        Self(format!("{head}{from}").into_bytes())
    }

    /// Something with its own bytes: `100644`, `100755`, or `120000` for a symbolic link.
    pub(super) fn file(mut self, mode: &str, path: &[u8], bytes: &[u8]) -> Self {
        self.0.extend(format!("M {mode} inline {}\ndata {}\n", quoted(path), bytes.len()).into_bytes());
        self.0.extend_from_slice(bytes);
        self.0.push(b'\n');
        self
    }

    /// Something with an id: `160000` for a submodule, `040000` for a tree that is there.
    pub(super) fn object(mut self, mode: &str, path: &str, id: &str) -> Self {
        self.0.extend(format!("M {mode} {id} {path}\n").into_bytes());
        self
    }

    pub(super) fn make(self, world: &World) {
        let mut command = git_command(&world.apps, world.home.path());
        command.args(["fast-import", "--quiet", "--date-format=now"]).stdin(Stdio::piped());
        let mut running = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        running.stdin.take().unwrap().write_all(&self.0).unwrap();
        checked(&running.wait_with_output().unwrap());
    }
}

/// A path as `git fast-import` reads it, whatever bytes are in it.
fn quoted(path: &[u8]) -> String {
    path.iter().fold("\"".to_owned(), |mut text, byte| {
        let _ = write!(text, "\\{byte:03o}");
        text
    }) + "\""
}
