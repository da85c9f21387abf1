//! Policies in Rego, as conftest reads them: the apps repository's own, and those that Bivouac brings.

mod builtin;
mod engine;
mod examination;
mod files;
#[cfg(test)]
mod tests;

use regorus::Engine;
use serde_json::json;

use self::engine::Explained;
pub use self::examination::Examination;
use self::files::{OwnRule, add_data, declared, declares, is_data, is_policy};
use super::Place;
use crate::domain::configuration::{Checks, Rule, Strictness};
use crate::domain::path::RepoPath;

/// The package that counts; what is in others is there to be imported.
const PACKAGE: &str = "main";

/// A policy that can not be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{message}", place.as_ref().map_or_else(|| "the policies can not be used: ".to_owned(), at))]
pub struct PolicyError {
    /// Where.
    pub place: Option<Place>,
    /// What `regorus` says.
    pub message: String,
}

fn at(place: &Place) -> String {
    let line = place.line.map_or_else(String::new, |line| format!(" line {line}"));
    format!("the policy `{}` can not be used:{line}: ", place.file)
}

/// The overlay whose manifests are looked at: what policies find in `data.bivouac`.
#[derive(Debug, Clone, Copy)]
pub struct Subject<'a> {
    /// Its overlay.
    pub overlay: &'a RepoPath,
    /// The domain that its hosts have to be in.
    pub domain: &'a str,
    /// The namespace of a preview. The rules that are brought along are about previews only.
    pub namespace: Option<&'a str>,
}

/// All policies, parsed.
#[derive(Debug, Clone)]
pub struct Policies {
    own: Vec<OwnRule>,
    has_exceptions: bool,
    paths: Vec<RepoPath>,
    strictness: Strictness,
    builtin: Vec<(Rule, String, Strictness)>,
    own_engine: Engine,
    builtin_engine: Engine,
    labels: Vec<String>,
}

impl Policies {
    /// Parses the files of the policy folders, each with its path: `.rego` but for tests, and `.json` and `.yaml`, whose
    /// content becomes `data`. What `checks` has switched off is left out.
    ///
    /// # Errors
    ///
    /// When a file can not be parsed, or says something that can not be evaluated.
    pub fn read(files: &[(RepoPath, String)], checks: &Checks) -> Result<Self, PolicyError> {
        let mut own_engine = engine::engine();
        let mut builtin_engine = engine::engine();
        let is_on = checks.policies != Strictness::Off;
        let files: Vec<_> = files.iter().filter(|_| is_on).collect();
        let mut paths = Vec::new();
        for (path, text) in files.iter().copied().filter(|(path, _)| is_policy(path)) {
            engine::add(&mut own_engine, path, text)?;
            paths.push(path.clone());
        }
        for (path, text) in files.iter().copied().filter(|(path, _)| is_data(path)) {
            add_data(&mut own_engine, path, text)?;
        }
        let enabled = checks.rules.iter().filter(|(_, strictness)| **strictness != Strictness::Off);
        let builtin: Vec<_> = enabled.map(|(rule, strictness)| (*rule, rule.query(), *strictness)).collect();
        for (rule, _, _) in &builtin {
            engine::add(&mut builtin_engine, &RepoPath::top().join(rule.word()), rule.text())?;
        }
        let own = declared(&own_engine, &files);
        let has_exceptions = paths.iter().any(|path| declares(&own_engine, path, "exception"));
        let labels = checks.mandatory_labels.clone();
        let policies = Self {
            own,
            has_exceptions,
            paths,
            strictness: checks.policies,
            builtin,
            own_engine,
            builtin_engine,
            labels,
        };
        policies.try_out()
    }

    /// Has the engines analyse what they have, so that what is wrong there is told before any manifest is looked at.
    fn try_out(mut self) -> Result<Self, PolicyError> {
        let analysed = self.own_engine.eval_query("true".to_owned(), false);
        analysed.map_err(|why| {
            let Explained { place, message } = engine::explained(&why.to_string(), &self.paths);
            PolicyError { place, message }
        })?;
        Ok(self)
    }

    /// Whether the policy folders have a rule.
    #[must_use]
    pub fn has_own(&self) -> bool {
        !self.own.is_empty()
    }

    /// Whether there is nothing to evaluate.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.own.is_empty() && self.builtin.is_empty()
    }

    /// Gets ready for the manifests of one preview.
    ///
    /// # Errors
    ///
    /// When `data.bivouac` can not be set.
    pub fn over<'a>(&'a self, subject: Subject<'a>) -> Result<Examination<'a>, PolicyError> {
        let bivouac = json!({"domain": subject.domain, "namespace": subject.namespace, "labels": self.labels});
        let refused = |message| PolicyError { place: None, message };
        let data = engine::value(&json!({"bivouac": bivouac})).map_err(refused)?;
        let with_data = |engine: &Engine| {
            let mut engine = engine.clone();
            engine.add_data(data.clone()).map(|()| engine).map_err(|why| refused(why.to_string()))
        };
        Ok(Examination::new(self, subject, with_data(&self.own_engine)?, with_data(&self.builtin_engine)?))
    }
}
