//! The actions and the workflows, run by a real runner in the repository of somebody who uses them.

mod called;
mod commands;
mod forks;
mod init;
mod inputs;
mod life;
mod lints;
mod outcomes;
mod outputs;
mod release;
mod trust;
mod vault;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::{Command, Stdio};

use serde_json::{Value, json};
use tempfile::TempDir;

use crate::files::write_program;
use crate::kustomize::tool;
use crate::world::{APPLICATION, TOKEN, WEBHOOKS, World, checked, git_command};
use release::RELEASE;

/// The commit of Bivouac that the caller has pinned.
pub(crate) const PIN: &str = "b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1b1";

/// An application repository that uses Bivouac, and a runner for it.
pub(crate) struct Caller {
    pub(crate) world: World,
    /// Its checkout.
    pub(crate) checkout: TempDir,
    /// What the runner has: its home, and the programs that come first on its path.
    pub(crate) machine: TempDir,
    variables: BTreeMap<String, String>,
    secrets: BTreeMap<String, String>,
    /// What stands in for actions of others, as the runner takes it.
    served: Vec<String>,
}

/// How a run of a workflow ended.
#[derive(Debug, Default)]
pub(crate) struct Ended {
    /// Whether it is green.
    pub(crate) is_green: bool,
    /// How each job ended, by its id; skipped ones are missing.
    pub(crate) jobs: BTreeMap<String, String>,
    /// What the steps printed, a line each.
    pub(crate) log: String,
    /// The same, by the job's id.
    pub(crate) logs: BTreeMap<String, String>,
    /// What the last step that had something for the summary added to it.
    pub(crate) summary: String,
    /// The outputs of the steps of jobs, as `step.output`.
    pub(crate) outputs: BTreeMap<String, String>,
    /// Everything that the runner said.
    pub(crate) all: String,
}

impl Caller {
    /// A repository without any workflow yet, whose variables and secrets are set up.
    pub(crate) fn new() -> Self {
        let (world, checkout, machine) = (World::new(), TempDir::new().unwrap(), TempDir::new().unwrap());
        let git = |arguments: &[&str]| {
            checked(&git_command(checkout.path(), machine.path()).args(arguments).output().unwrap())
        };
        git(&["init", "--quiet", "--initial-branch", "main"]);
        git(&["remote", "add", "origin", &format!("https://github.com/{APPLICATION}")]);
        git(&["commit", "--quiet", "--allow-empty", "--message", "Begin"]);
        // What one test's run has downloaded, the others find in the tool cache.
        fs::create_dir_all(machine.path().join("cache/act")).unwrap();
        symlink(&RELEASE.tool_cache, machine.path().join("cache/act/tool_cache")).unwrap();
        let variables = [("BIVOUAC_APPS_REPOSITORY", "acme/apps")];
        let secrets = [("BIVOUAC_APPS_TOKEN", TOKEN), ("GITHUB_TOKEN", TOKEN)];
        let owned = |(name, value): (&str, &str)| (name.to_owned(), value.to_owned());
        let (variables, secrets) = (variables.map(owned).into(), secrets.map(owned).into());
        let caller = Self { world, checkout, machine, variables, secrets, served: Vec::new() };
        // act does not wait for the last lines of a step that fails: this leaves it the time to read them.
        caller.program("bash", "/bin/bash \"$@\"\ncode=$?\n[ $code = 0 ] || sleep 0.1\nexit $code");
        caller
    }

    /// A repository with the workflows that `bivouac init --workflows` writes, and a `docker` that writes down what it is told.
    pub(crate) fn with_workflows() -> Self {
        Self::with_workflows_of(&[])
    }

    /// The same, with what `init --workflows` is told besides.
    pub(crate) fn with_workflows_of(more: &[&str]) -> Self {
        let caller = Self::new();
        let directory = caller.checkout.path().to_str().unwrap().to_owned();
        let pin = format!("--pin={PIN}");
        let arguments = [&["init", "--workflows", &pin, &directory], more].concat();
        caller.world.run(caller.world.bivouac(&arguments)).ok();
        // This is all that is replaced: there is no Docker here.
        caller.program("docker", "echo \"$*\" >> \"$HOME/docker.log\"\n[ \"$1\" != manifest ]");
        caller
    }

    /// Puts a program before all others on the runner's path.
    pub(crate) fn program(&self, name: &str, script: &str) {
        write_program(&self.machine.path().join("bin").join(name), &format!("#!/bin/sh\n{script}\n"));
    }

    /// What was said to the program of that name that writes it down.
    pub(crate) fn said_to(&self, name: &str) -> String {
        fs::read_to_string(self.machine.path().join(format!("{name}.log"))).unwrap_or_default()
    }

    pub(crate) fn set_variable(&mut self, name: &str, value: &str) {
        self.variables.insert(name.to_owned(), value.to_owned());
    }

    pub(crate) fn set_secret(&mut self, name: &str, value: &str) {
        self.secrets.insert(name.to_owned(), value.to_owned());
    }

    /// Lets a folder stand in for an action of others, as workflows use it: `owner/name@commit`.
    pub(crate) fn serve(&mut self, action: &str, folder: &Path) {
        self.served.push(format!("{action}={}", folder.display()));
    }

    /// Adds a workflow of the caller's own.
    pub(crate) fn add_workflow(&self, name: &str, text: &str) {
        let folder = self.checkout.path().join(".github/workflows");
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join(name), text.replace("@PIN", &format!("@{PIN}"))).unwrap();
    }

    /// Runs a workflow for what happened to a pull request whose head is `sha`.
    pub(crate) fn pull_request(&self, workflow: &str, action: &str, number: u64, sha: &str) -> Ended {
        let event = WEBHOOKS.pull_request(action).numbered(number).at(sha).in_repository(APPLICATION).into_value();
        let name = if workflow == "preview-teardown.yml" { "pull_request_target" } else { "pull_request" };
        self.run(workflow, name, &event)
    }

    /// Runs a workflow that somebody starts, with these inputs.
    pub(crate) fn dispatch(&self, workflow: &str, inputs: &Value) -> Ended {
        self.run(workflow, "workflow_dispatch", &json!({"inputs": inputs}))
    }

    /// Runs a workflow for an event.
    pub(crate) fn run(&self, workflow: &str, name: &str, event: &Value) -> Ended {
        // Not at the runner's home: what the runner is told is nothing that a step could find.
        let told = TempDir::new().unwrap();
        let file = |name: &str, text: &str| {
            let path = told.path().join(name);
            fs::write(&path, text).unwrap();
            path
        };
        let lines = |values: &BTreeMap<String, String>| {
            values.iter().map(|(name, value)| format!("{name}={}\n", json!(value))).collect::<Vec<_>>().concat()
        };
        let mut command = self.runner();
        command.args([name, "--workflows", &format!(".github/workflows/{workflow}")]);
        command.arg("--eventpath").arg(file("event.json", &event.to_string()));
        command.arg("--var-file").arg(file("variables", &lines(&self.variables)));
        command.arg("--secret-file").arg(file("secrets", &lines(&self.secrets)));
        for pin in [PIN, bivouac::domain::workflows::UNRELEASED] {
            command.arg("--local-repository");
            command.arg(format!("bivouac-dev/bivouac@{pin}={}", RELEASE.tree.display()));
        }
        command.args(self.served.iter().flat_map(|served| ["--local-repository", served]));
        let output = command.output().unwrap();
        let all = [output.stdout, output.stderr].map(|bytes| String::from_utf8_lossy(&bytes).into_owned()).concat();
        self.world.accepts_all();
        Ended::read(output.status.success(), all)
    }

    /// The runner, in an environment of its own.
    fn runner(&self) -> Command {
        let home = self.machine.path();
        let path = std::env::var("PATH").unwrap();
        let mut command = tool("act");
        command
            .current_dir(self.checkout.path())
            .env("PATH", format!("{}:{path}", home.join("bin").display()))
            .env("HOME", home)
            .env("XDG_CACHE_HOME", home.join("cache"))
            .env("ACT_DISABLE_VERSION_CHECK", "1")
            .stdin(Stdio::null());
        let variables = [
            ("HOME", home.display().to_string()),
            ("GITHUB_SERVER_URL", self.world.emulator.server_url()),
            ("GITHUB_API_URL", self.world.emulator.api_url()),
            ("GITHUB_GRAPHQL_URL", self.world.emulator.graphql_url()),
            ("GITHUB_ACTOR", "octocat".to_owned()),
        ];
        for (name, value) in variables {
            command.args(["--env", &format!("{name}={value}")]);
        }
        command.args(["--json", "--no-cache-server", "--platform", "ubuntu-latest=-self-hosted"]);
        command
    }
}

impl Ended {
    fn read(is_green: bool, all: String) -> Self {
        let mut ended = Self { is_green, all, ..Self::default() };
        for event in ended.all.clone().lines().filter_map(|line| serde_json::from_str::<Value>(line).ok()) {
            let text = |name: &str| event[name].as_str().unwrap_or_default();
            let message = text("msg");
            if event["raw_output"] == true || message.contains("::") {
                let line = format!("{}\n", message.trim_end());
                ended.log.push_str(&line);
                ended.logs.entry(text("jobID").to_owned()).or_default().push_str(&line);
            }
            if text("command") == "set-output" {
                let steps: Vec<_> =
                    event["stepID"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
                ended.outputs.insert(format!("{}.{}", steps.join("."), text("name")), text("arg").to_owned());
            }
            if text("command") == "summary" {
                text("content").clone_into(&mut ended.summary);
            }
            if let Some(result) = event["jobResult"].as_str() {
                ended.jobs.insert(text("jobID").to_owned(), result.to_owned());
            }
        }
        ended
    }

    /// Fails the test unless the run is green.
    pub(crate) fn green(self) -> Self {
        assert!(self.is_green, "{}", self.all);
        self
    }

    /// Fails the test unless the run is red.
    pub(crate) fn red(self) -> Self {
        assert!(!self.is_green, "{}", self.all);
        self
    }

    /// The output of a step of a job, by `step.output`; empty when it was not set.
    pub(crate) fn output(&self, name: &str) -> &str {
        self.outputs.get(name).map_or("", String::as_str)
    }
}
