//! What is refused, and what is not.

mod bad;
mod changes;
mod hidden;
mod table;

use super::*;
use crate::domain::plan::Edit;

/// A value of this run, which nothing may repeat.
const CANARY: &str = "canary-Zq81-Wv33-hush";
const FILE: &str = "overlays/ephemeral/pr-7/patch-helmrelease-values.yaml";

fn path() -> RepoPath {
    FILE.parse().unwrap()
}

/// What a new file with this text is refused for.
fn found(text: &str) -> Vec<Found> {
    let known = Known::new([CANARY]);
    Guard::new(&known).search(&path(), text)
}

/// The kinds of it.
fn kinds(text: &str) -> Vec<Kind> {
    found(text).into_iter().map(|found| found.what).collect()
}

fn write(before: Option<&str>, after: &str) -> Vec<Edit> {
    vec![Edit::Write { path: path(), before: before.map(str::to_owned), after: after.to_owned() }]
}
