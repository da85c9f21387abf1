//! How a run of the program ended.

use std::collections::BTreeMap;

use super::{READER, TOKEN};

/// How a run of the program ended.
#[derive(Debug)]
pub(crate) struct Run {
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
    /// What the program handed to the steps that follow.
    pub(crate) outputs: BTreeMap<String, String>,
    /// What it added to the summary.
    pub(crate) summary: String,
}

impl Run {
    /// The output of that name; empty when it was not set.
    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }

    /// Fails the test unless the run ended well.
    pub(crate) fn ok(self) -> Self {
        assert_eq!(self.code, 0, "{}\n{}", self.stdout, self.stderr);
        self
    }

    /// No token is anywhere but in the commands that ask the runner to mask it.
    pub(super) fn keeps_secrets(&self) {
        let log = self.stderr.lines().filter(|line| !line.starts_with("::add-mask::"));
        let outputs: String = self.outputs.values().cloned().collect();
        let all = [log.collect(), self.stdout.clone(), outputs, self.summary.clone()];
        for secret in [TOKEN, READER] {
            assert!(all.iter().all(|text: &String| !text.contains(secret)), "a token was shown:\n{self:#?}");
        }
    }
}

/// Reads the runner's file of outputs: `name<<fence`, the value, the fence.
pub(crate) fn read_outputs(file: &str) -> BTreeMap<String, String> {
    let mut outputs = BTreeMap::new();
    let mut lines = file.lines();
    while let Some((name, fence)) = lines.next().and_then(|line| line.split_once("<<")) {
        let value: Vec<_> = lines.by_ref().take_while(|line| *line != fence).collect();
        outputs.insert(name.to_owned(), value.join("\n"));
    }
    outputs
}
