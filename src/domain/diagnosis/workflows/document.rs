//! A workflow file, as far as it matters here.

use serde_json::{Map, Value};

use super::super::permissions::{Deployments, NEEDED};
use crate::domain::yaml;

/// The most jobs and steps that are looked at.
const MOST: usize = 1000;

/// A workflow.
pub(super) struct Workflow {
    on: Value,
    pub(super) permissions: Option<Value>,
    env: Value,
    pub(super) jobs: Vec<Job>,
}

/// One of its jobs.
pub(super) struct Job {
    pub(super) name: String,
    pub(super) permissions: Option<Value>,
    env: Value,
    /// The workflow that it calls.
    uses: Option<String>,
    pub(super) steps: Vec<Step>,
}

/// A step of a job.
pub(super) struct Step {
    uses: Option<String>,
    run: String,
    with: Value,
    env: Value,
}

impl Workflow {
    /// Reads a workflow.
    ///
    /// # Errors
    ///
    /// When it is no YAML, too large, or has no jobs.
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        if text.len() > super::LARGEST {
            return Err(format!("it is larger than {} KiB", super::LARGEST / 1024));
        }
        let mut value: Value = yaml::parse(text).map_err(|why| why.to_string())?;
        let jobs = value.get_mut("jobs").map(Value::take);
        let Some(Value::Object(jobs)) = jobs else { return Err("it has no `jobs`".to_owned()) };
        let jobs = jobs.into_iter().take(MOST).map(|(name, job)| Job::read(name, job)).collect();
        let mut take = |key: &str| value.get_mut(key).map(Value::take);
        // To some, `on` is `true`.
        let on = take("on").or_else(|| take("true")).unwrap_or_default();
        Ok(Self { on, permissions: take("permissions"), env: take("env").unwrap_or_default(), jobs })
    }

    /// Whether an event starts it.
    pub(super) fn is_on(&self, event: &str) -> bool {
        match &self.on {
            Value::String(only) => only == event,
            Value::Array(events) => events.iter().any(|each| each == event),
            Value::Object(events) => events.contains_key(event),
            _ => false,
        }
    }
}

impl Job {
    fn read(name: String, mut job: Value) -> Self {
        let mut take = |key: &str| job.get_mut(key).map(Value::take);
        let steps = match take("steps") {
            Some(Value::Array(steps)) => steps.into_iter().take(MOST).map(Step::read).collect(),
            _ => Vec::new(),
        };
        let uses = take("uses").and_then(text);
        Self { name, permissions: take("permissions"), env: take("env").unwrap_or_default(), uses, steps }
    }

    pub(super) fn runs_bivouac(&self) -> bool {
        self.verbs().next().is_some()
    }

    /// The verbs that it runs, with the step that does; without one where it calls a workflow.
    pub(super) fn verbs(&self) -> impl Iterator<Item = (String, Option<&Step>)> {
        let called = self.uses.as_deref().and_then(of_called_workflow).map(|verb| (verb.to_owned(), None));
        let of_steps = self.steps.iter().flat_map(|step| step.verbs().into_iter().map(move |verb| (verb, Some(step))));
        called.into_iter().chain(of_steps)
    }

    /// Whether the workflow of Bivouac's that it calls publishes the images of forks.
    pub(super) fn calls_publisher(&self) -> bool {
        let file = self.uses.as_deref().and_then(called_workflow);
        matches!(file, Some("preview-command" | "preview-fork"))
    }

    /// The actions and workflows of others that it runs.
    pub(super) fn uses(&self) -> impl Iterator<Item = &str> {
        self.uses.iter().chain(self.steps.iter().filter_map(|step| step.uses.as_ref())).map(String::as_str)
    }
}

impl Step {
    fn read(mut step: Value) -> Self {
        let mut take = |key: &str| step.get_mut(key).map(Value::take);
        Self {
            uses: take("uses").and_then(text),
            run: take("run").and_then(text).unwrap_or_default(),
            with: take("with").unwrap_or_default(),
            env: take("env").unwrap_or_default(),
        }
    }

    fn verbs(&self) -> Vec<String> {
        let of_action = self.uses.as_deref().and_then(of_action).map(str::to_owned);
        of_action.into_iter().chain(of_script(&self.run)).collect()
    }

    /// How deployments are told: by the input, or the nearest variable.
    pub(super) fn deployments(&self, workflow: &Workflow, job: &Job) -> Deployments {
        if let Some((_, option)) = self.run.split_once("--deployments") {
            let value = option.trim_start_matches(['=', ' ', '"', '\'']).split_whitespace().next().unwrap_or_default();
            return Deployments::of(Some(&Value::from(value.trim_matches(['"', '\'']))));
        }
        let input = self.with.get("deployments").filter(|value| value.as_str() != Some(""));
        Deployments::of(input.or_else(|| self.variable(workflow, job, "BIVOUAC_DEPLOYMENTS")))
    }

    /// Whether it takes images from the builds of forks, as far as can be told before it runs.
    pub(super) fn publishes(&self, workflow: &Workflow, job: &Job) -> bool {
        let input = self.with.get("build-workflow").filter(|value| value.as_str() != Some(""));
        let given = input.or_else(|| self.variable(workflow, job, "BIVOUAC_BUILD_WORKFLOW")).and_then(Value::as_str);
        let is_named = given.is_some_and(|file| !file.trim().is_empty() && !file.contains("${{"));
        is_named || self.run.contains("--build-workflow")
    }

    /// Whether a login for the registry is given, in the place of the workflow's token.
    pub(super) fn has_registry_login(&self, workflow: &Workflow, job: &Job) -> bool {
        self.variable(workflow, job, "BIVOUAC_REGISTRY_TOKEN").is_some()
    }

    /// Whether the token of the workflow is the one that counts, and not another one.
    pub(super) fn has_own_token(&self, workflow: &Workflow, job: &Job) -> bool {
        let given = ["BIVOUAC_GITHUB_TOKEN", "GITHUB_TOKEN"].iter().find_map(|name| self.variable(workflow, job, name));
        let token = self.with.get("github-token").or(given).and_then(Value::as_str).unwrap_or_default();
        token.is_empty() || token.contains("github.token") || token.contains("secrets.GITHUB_TOKEN")
    }

    fn variable<'a>(&'a self, workflow: &'a Workflow, job: &'a Job, name: &str) -> Option<&'a Value> {
        [&self.env, &job.env, &workflow.env].into_iter().find_map(|env| env.get(name))
    }

    /// Whether it checks out what the pull request brings.
    pub(super) fn checks_out_the_head(&self) -> bool {
        let is_checkout = self.uses.as_deref().is_some_and(|uses| uses.split('@').next() == Some("actions/checkout"));
        let nothing = Map::new();
        let with = self.with.as_object().unwrap_or(&nothing);
        let of_head =
            ["pull_request.head", "head_ref", "refs/pull/", "pull_request.merge_commit_sha", "workflow_run.head_"];
        let names_head =
            |value: &Value| value.as_str().is_some_and(|text| of_head.iter().any(|part| text.contains(part)));
        let by_hand = ["gh pr checkout", "git fetch origin pull/", "refs/pull/"];
        is_checkout && ["ref", "repository"].iter().filter_map(|key| with.get(*key)).any(names_head)
            || by_hand.iter().any(|command| self.run.contains(command))
    }
}

fn text(value: Value) -> Option<String> {
    if let Value::String(text) = value { Some(text) } else { None }
}

fn known(verb: &str) -> Option<&'static str> {
    NEEDED.iter().map(|(name, _)| *name).find(|name| *name == verb)
}

/// The verb of one of Bivouac's actions, wherever it is kept.
fn of_action(uses: &str) -> Option<&'static str> {
    let (place, _) = uses.split_once('@').unwrap_or((uses, ""));
    let (before, verb) = place.rsplit_once("/actions/")?;
    if before == "." || before.ends_with("/bivouac") { known(verb.trim_end_matches('/')) } else { None }
}

/// One of Bivouac's workflows that is called: its file, without what is behind the dot.
fn called_workflow(uses: &str) -> Option<&str> {
    let (place, _) = uses.split_once('@')?;
    let (before, file) = place.rsplit_once("/.github/workflows/")?;
    if before.ends_with("/bivouac") { Some(file.rsplit_once('.')?.0) } else { None }
}

/// The verb of one of Bivouac's workflows that is called. The one that builds for forks runs none.
fn of_called_workflow(uses: &str) -> Option<&'static str> {
    match called_workflow(uses)? {
        "preview" | "preview-by-hand" | "preview-fork" => Some("deploy"),
        name => known(name.strip_prefix("preview-").unwrap_or(name)),
    }
}

/// The verbs in a script: what follows `bivouac`, however that is found.
fn of_script(script: &str) -> Vec<String> {
    let words: Vec<_> =
        script.split(|character: char| character.is_whitespace() || "\"';&|()".contains(character)).collect();
    let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
    let is_program =
        |word: &str| word == "bivouac" || word.ends_with("/bivouac") || matches!(word, "$BIVOUAC" | "${BIVOUAC}");
    let at = words.iter().enumerate().filter(|(_, word)| is_program(word)).map(|(index, _)| index);
    let verbs = at.filter_map(|index| known(words[index + 1..].iter().find(|word| !word.starts_with('-'))?));
    verbs.map(str::to_owned).collect()
}
