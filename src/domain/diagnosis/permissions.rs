//! The permissions of a job: what each verb needs, and what a workflow gives.

use std::collections::BTreeMap;
use std::fmt;

use serde_json::Value;

/// How far a permission goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Nothing may be done.
    None,
    /// Things may be looked at.
    Read,
    /// Things may be changed.
    Write,
}

impl Level {
    fn of(word: &str) -> Option<Self> {
        match word {
            "none" => Some(Self::None),
            "read" => Some(Self::Read),
            "write" => Some(Self::Write),
            _ => None,
        }
    }
}

impl fmt::Display for Level {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::None => "none",
            Self::Read => "read",
            Self::Write => "write",
        })
    }
}

/// A permission by its name.
pub type Permission = (&'static str, Level);

/// What the workflow's own token needs for a verb: the table of `docs/actions/permissions.md`.
/// Without deployments, `deployments` is not needed; with one environment for each preview, a sweep reads `actions` too; and
/// [`FOR_BUILDS`] is needed where images are taken from builds of forks.
pub const NEEDED: [(&str, &[Permission]); 9] = [
    ("deploy", &[("pull-requests", Level::Write), ("deployments", Level::Write)]),
    ("command", &[("pull-requests", Level::Write), ("deployments", Level::Write)]),
    ("teardown", &[("pull-requests", Level::Write), ("deployments", Level::Write)]),
    ("sweep", &[("pull-requests", Level::Write), ("deployments", Level::Write)]),
    ("list", &[]),
    ("setup", &[]),
    ("vault-cleanup", &[]),
    ("bootstrap-vault", &[]),
    ("doctor", &[]),
];

/// What is needed to fetch the images that builds of forks left, and to push them to the forge's own registry.
pub const FOR_BUILDS: [Permission; 2] = [("actions", Level::Read), ("packages", Level::Write)];

/// How deployments are told, as far as it matters here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deployments {
    /// All in one environment.
    Shared,
    /// Each in its own.
    PerPreview,
    /// Not at all.
    Off,
    /// It is worked out when the workflow runs.
    Unknown,
}

impl Deployments {
    /// What the value of the input or the variable says.
    #[must_use]
    pub fn of(value: Option<&Value>) -> Self {
        match value {
            None | Some(Value::Null) => Self::Shared,
            Some(Value::Bool(false)) => Self::Off,
            Some(Value::String(text)) => match text.trim() {
                "" | "shared" => Self::Shared,
                "off" | "false" => Self::Off,
                "per-preview" => Self::PerPreview,
                _ => Self::Unknown,
            },
            Some(_) => Self::Unknown,
        }
    }
}

/// What a verb needs. Nothing when there is no such verb.
#[must_use]
pub fn needed(verb: &str, deployments: Deployments) -> Option<Vec<Permission>> {
    let (_, all) = NEEDED.iter().find(|(name, _)| *name == verb)?;
    let is_needed = |(name, _): &&Permission| {
        *name != "deployments" || matches!(deployments, Deployments::Shared | Deployments::PerPreview)
    };
    let mut needed: Vec<_> = all.iter().filter(is_needed).copied().collect();
    if verb == "sweep" && deployments == Deployments::PerPreview {
        needed.push(("actions", Level::Read));
    }
    Some(needed)
}

/// What a job gets.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Given {
    /// What the repository gives by default: the workflow does not say.
    Default,
    /// The same of everything.
    All(Level),
    /// These, and nothing else.
    These(BTreeMap<String, Level>),
}

impl Given {
    /// What `permissions:` of a job says, or else that of the workflow: they are not added up.
    ///
    /// # Errors
    ///
    /// When it is nothing that GitHub knows.
    pub fn merged(of_workflow: Option<&Value>, of_job: Option<&Value>) -> Result<Self, String> {
        of_job.or(of_workflow).map_or(Ok(Self::Default), Self::read)
    }

    fn read(value: &Value) -> Result<Self, String> {
        match value {
            Value::Null => Ok(Self::These(BTreeMap::new())),
            Value::String(text) if text == "read-all" => Ok(Self::All(Level::Read)),
            Value::String(text) if text == "write-all" => Ok(Self::All(Level::Write)),
            Value::Object(map) => {
                let read = |(name, level): (&String, &Value)| {
                    let known = level.as_str().and_then(Level::of);
                    known
                        .map(|level| (name.clone(), level))
                        .ok_or_else(|| format!("`{name}` is neither `read`, `write` nor `none`"))
                };
                map.iter().map(read).collect::<Result<_, _>>().map(Self::These)
            }
            _ => Err("it is neither a map, `read-all` nor `write-all`".to_owned()),
        }
    }

    /// What is missing. Nothing is, where the workflow does not say what there is.
    #[must_use]
    pub fn lacks(&self, needed: &[Permission]) -> Vec<Permission> {
        let level = |name: &str| match self {
            Self::Default => Level::Write,
            Self::All(level) => *level,
            Self::These(map) => map.get(name).copied().unwrap_or(Level::None),
        };
        needed.iter().filter(|(name, wanted)| level(name) < *wanted).copied().collect()
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn lacks(workflow: &Value, job: &Value, verb: &str, deployments: &Value) -> Vec<String> {
        let some = |value: &Value| (!value.is_null()).then(|| value.clone());
        let given = Given::merged(some(workflow).as_ref(), some(job).as_ref()).unwrap();
        let needed = needed(verb, Deployments::of(some(deployments).as_ref())).unwrap();
        given.lacks(&needed).iter().map(|(name, level)| format!("{name}: {level}")).collect()
    }

    #[test]
    fn the_jobs_permissions_take_the_place_of_the_workflows() {
        let (none, all) = (json!(null), json!({"pull-requests": "write", "deployments": "write"}));
        let table = [
            (json!({}), none.clone(), "deploy", none.clone(), vec!["pull-requests: write", "deployments: write"]),
            (json!({}), all.clone(), "deploy", none.clone(), vec![]),
            (
                all.clone(),
                json!({"contents": "read"}),
                "teardown",
                none.clone(),
                vec!["pull-requests: write", "deployments: write"],
            ),
            (json!("read-all"), none.clone(), "sweep", json!("off"), vec!["pull-requests: write"]),
            (json!("write-all"), none.clone(), "sweep", json!("per-preview"), vec![]),
            (none.clone(), all.clone(), "sweep", json!("per-preview"), vec!["actions: read"]),
            (none.clone(), json!({"pull-requests": "write"}), "deploy", json!(false), vec![]),
            (none.clone(), json!({"pull-requests": "write"}), "deploy", json!("${{ vars.X }}"), vec![]),
            (none.clone(), none.clone(), "deploy", none.clone(), vec![]),
            (json!({}), none.clone(), "list", none.clone(), vec![]),
        ];
        for (workflow, job, verb, deployments, expected) in table {
            assert_eq!(lacks(&workflow, &job, verb, &deployments), expected, "{workflow} {job} {verb} {deployments}");
        }
        for broken in [json!("all"), json!(7), json!({"contents": "much"}), json!(["contents"])] {
            assert!(Given::merged(None, Some(&broken)).is_err(), "{broken}");
        }
    }
}
