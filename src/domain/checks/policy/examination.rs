//! The policies, set up for the manifests of one preview.

use std::collections::BTreeSet;

use regorus::Engine;
use serde_json::Value;

use super::engine::{self, Explained};
use super::files::{OwnRule, query};
use super::{Policies, Subject};
use crate::domain::checks::{Check, Finding, Manifest, Severity};

/// The policies, set up for one preview.
#[derive(Debug)]
pub struct Examination<'a> {
    policies: &'a Policies,
    subject: Subject<'a>,
    own: Engine,
    builtin: Engine,
}

impl<'a> Examination<'a> {
    pub(super) fn new(policies: &'a Policies, subject: Subject<'a>, own: Engine, builtin: Engine) -> Self {
        Self { policies, subject, own, builtin }
    }

    /// What the policies have against a manifest, or each object of a list, as strict as `bivouac.yaml` has each. A rule
    /// that can not be evaluated has something against it, too.
    pub fn check(&mut self, manifest: &Manifest) -> Vec<Finding> {
        manifest.unfolded().iter().flat_map(|part| self.check_one(part)).collect()
    }

    fn check_one(&mut self, manifest: &Manifest) -> Vec<Finding> {
        let input = match engine::value(&manifest.object) {
            Ok(input) => input,
            Err(why) => return vec![self.finding(manifest, Severity::Refusal, why)],
        };
        let mut found = self.check_builtin(manifest, &input);
        found.extend(self.check_own(manifest, &input));
        found
    }

    fn check_builtin(&mut self, manifest: &Manifest, input: &regorus::Value) -> Vec<Finding> {
        if self.subject.namespace.is_none() {
            return Vec::new();
        }
        let mut found = Vec::new();
        self.builtin.set_input(input.clone());
        for (rule, query, strictness) in &self.policies.builtin {
            let messages = match engine::evaluate(&mut self.builtin, query, &[]) {
                Ok(value) => messages(value.as_ref()),
                Err(why) => vec![format!("the rule can not be evaluated: {}", why.message)],
            };
            let findings = messages.into_iter().map(|message| {
                let message = format!("{message} (rule `{}`)", rule.word());
                self.finding(manifest, Severity::Refusal, message)
            });
            found.extend(findings.filter_map(|finding| finding.under(*strictness)));
        }
        found
    }

    fn check_own(&mut self, manifest: &Manifest, input: &regorus::Value) -> Vec<Finding> {
        if self.policies.own.is_empty() {
            return Vec::new();
        }
        self.own.set_input(input.clone());
        let mut found = Vec::new();
        let exceptions = match self.exceptions() {
            Ok(exceptions) => exceptions,
            Err(why) => {
                found.push(self.failure(manifest, "exception", why));
                BTreeSet::new()
            }
        };
        for rule in self.policies.own.iter().filter(|rule| !exceptions.contains(rule.short())) {
            match engine::evaluate(&mut self.own, &rule.query, &self.policies.paths) {
                Ok(value) => {
                    let told = messages(value.as_ref()).into_iter().map(|message| format!("{message}{}", source(rule)));
                    found.extend(told.map(|message| self.finding(manifest, rule.severity, message)));
                }
                Err(why) => found.push(self.failure(manifest, &rule.name, why)),
            }
        }
        found.into_iter().filter_map(|finding| finding.under(self.policies.strictness)).collect()
    }

    /// The rules that do not hold for this input: what `exception` lists, by their names without `deny_` and the like.
    fn exceptions(&mut self) -> Result<BTreeSet<String>, Explained> {
        if !self.policies.has_exceptions {
            return Ok(BTreeSet::new());
        }
        let value = engine::evaluate(&mut self.own, &query("exception"), &self.policies.paths)?;
        let lists = value.as_ref().and_then(Value::as_array).into_iter().flatten();
        let names = lists.filter_map(Value::as_array).flatten().filter_map(Value::as_str);
        Ok(names.map(str::to_owned).collect())
    }

    fn finding(&self, manifest: &Manifest, severity: Severity, message: String) -> Finding {
        Finding::about(manifest, self.subject.overlay, Check::Policies, severity, message)
    }

    fn failure(&self, manifest: &Manifest, rule: &str, why: Explained) -> Finding {
        let message = format!("the policy `{rule}` can not be evaluated: {}", why.message);
        let finding = self.finding(manifest, Severity::Refusal, message);
        Finding { place: why.place.or(finding.place), ..finding }
    }
}

/// The messages in what a rule yields: texts, and `msg` of objects. A rule that holds and says nothing is told as well.
fn messages(value: Option<&Value>) -> Vec<String> {
    let one = |value: &Value| match value {
        Value::String(message) => message.clone(),
        Value::Object(map) => match map.get("msg").and_then(Value::as_str) {
            Some(message) => message.to_owned(),
            None => "it holds, and its result has no `msg`".to_owned(),
        },
        _ => "it holds, and its result is neither a text nor an object with `msg`".to_owned(),
    };
    match value {
        None | Some(Value::Bool(false) | Value::Null) => Vec::new(),
        Some(Value::Array(all)) => all.iter().map(one).collect(),
        // `deny["a message"] = …` of old: the keys are the messages.
        Some(Value::Object(map)) if !map.contains_key("msg") => map.keys().cloned().collect(),
        Some(other) => vec![one(other)],
    }
}

fn source(rule: &OwnRule) -> String {
    let files: Vec<_> = rule.files.iter().map(|file| format!("`{file}`")).collect();
    format!(" (`{}` in {})", rule.name, files.join(", "))
}
