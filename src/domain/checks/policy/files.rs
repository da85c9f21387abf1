//! What the files of a policy folder are, and which rules they declare.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use regex::Regex;
use regorus::Engine;
use serde_json::Value;

use super::{PACKAGE, PolicyError, engine};
use crate::domain::checks::{Place, Severity};
use crate::domain::path::RepoPath;
use crate::domain::yaml;

/// Names of rules that conftest evaluates.
static RULE_NAME: LazyLock<Regex> =
    LazyLock::new(|| engine::expression(r"\b(?:deny|violation|warn)(?:_[a-zA-Z0-9]+)*\b"));

/// A rule of the apps repository.
#[derive(Debug, Clone)]
pub(super) struct OwnRule {
    pub(super) name: String,
    pub(super) query: String,
    pub(super) severity: Severity,
    pub(super) files: Vec<RepoPath>,
}

impl OwnRule {
    fn new(name: &str, files: Vec<RepoPath>) -> Self {
        let severity = if name.starts_with("warn") { Severity::Warning } else { Severity::Refusal };
        Self { query: query(name), name: name.to_owned(), severity, files }
    }

    /// What an exception calls it: `images` for `deny_images`, and blank for `deny`.
    pub(super) fn short(&self) -> &str {
        self.name.split_once('_').map_or("", |(_, rest)| rest)
    }
}

/// The path of a rule of the package that counts.
pub(super) fn query(name: &str) -> String {
    format!("data.{PACKAGE}.{name}")
}

/// Whether a file is a policy. The tests of policies are not.
pub(super) fn is_policy(path: &RepoPath) -> bool {
    ending(path) == "rego" && !path.as_str().ends_with("_test.rego")
}

/// Whether a file holds data for policies.
pub(super) fn is_data(path: &RepoPath) -> bool {
    matches!(ending(path), "json" | "yaml" | "yml")
}

fn ending(path: &RepoPath) -> &str {
    path.as_str().rsplit_once('.').map_or("", |(_, ending)| ending)
}

/// Puts what a file says into `data`.
pub(super) fn add_data(engine: &mut Engine, path: &RepoPath, text: &str) -> Result<(), PolicyError> {
    let refused = |line, message| PolicyError { place: Some(Place { file: path.clone(), line }), message };
    let value: Value = yaml::parse(text).map_err(|why| refused(Some(why.line), why.message))?;
    if value.get("bivouac").is_some() {
        return Err(refused(None, "`bivouac` in `data` is Bivouac's own: choose another key".to_owned()));
    }
    let value = engine::value(&value).map_err(|why| refused(None, why))?;
    engine.add_data(value).map_err(|why| refused(None, why.to_string()))
}

/// The rules that the package declares, each once, with the files that do.
pub(super) fn declared(engine: &Engine, files: &[&(RepoPath, String)]) -> Vec<OwnRule> {
    let packages = engine.get_policy_package_components().unwrap_or_default();
    let counts =
        |path: &str| packages.iter().any(|package| package.source_file == path && package.components == [PACKAGE]);
    let mut found: BTreeMap<&str, Vec<RepoPath>> = BTreeMap::new();
    for (path, text) in files.iter().copied().filter(|(path, _)| is_policy(path) && counts(path.as_str())) {
        let names: BTreeSet<_> = RULE_NAME.find_iter(text).map(|name| name.as_str()).collect();
        for name in names.into_iter().filter(|name| declares(engine, path, name)) {
            found.entry(name).or_default().push(path.clone());
        }
    }
    found.into_iter().map(|(name, files)| OwnRule::new(name, files)).collect()
}

/// Whether a file declares a rule of the package.
pub(super) fn declares(engine: &Engine, path: &RepoPath, name: &str) -> bool {
    // Where that can not be told, evaluating it will tell.
    engine.has_declared_rule_rooted_at(path.as_str(), name).unwrap_or(true)
}
