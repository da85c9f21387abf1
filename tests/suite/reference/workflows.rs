//! The workflows that others call, generated from those that are copied: the same jobs, under `workflow_call`.

use std::fmt::Write as _;

use bivouac::contract::{ACTIONS, Described};
use bivouac::domain::workflows;
use serde_json::Value;

use super::actions::wrapped;
use crate::kustomize::documents;

/// The variables of a repository that its workflows read, as inputs of those that are called.
const VARIABLES: [(&str, Described); 18] = [
    (
        "BIVOUAC_APPS_REPOSITORY",
        ("apps-repository", "The apps repository: OWNER/NAME, or an address. The variable if not given"),
    ),
    (
        "BIVOUAC_IMAGE_DIRECTORIES",
        (
            "image-directories",
            "A JSON list of the directories with a Dockerfile. The variable if not given, then [\".\"]",
        ),
    ),
    (
        "BIVOUAC_PATH",
        ("path", "The directory in the apps repository that holds `bivouac.yaml`. The variable if not given"),
    ),
    ("BIVOUAC_WAIT", ("wait", "`true` waits until the preview is ready. The variable if not given")),
    ("BIVOUAC_WAIT_TIMEOUT", ("wait-timeout", "For how long. The variable if not given, then 10m")),
    ("BIVOUAC_REGISTRY", ("registry", "Where the images go. The variable if not given, then ghcr.io")),
    ("BIVOUAC_RUNNER", ("runner", "The label of the runners. The variable if not given, then ubuntu-latest")),
    ("BIVOUAC_BINARY", ("binary", "Where the runners have a `bivouac` already. The variable if not given")),
    (
        "BIVOUAC_MIRROR",
        ("mirror", "Where the archives of Bivouac's releases are, if not on github.com. The variable if not given"),
    ),
    (
        "BIVOUAC_BUILD_FROM_SOURCE",
        ("build-from-source", "`true` builds Bivouac in place of downloading it. The variable if not given"),
    ),
    (
        "BIVOUAC_VAULT_ADDRESSES",
        (
            "vault-addresses",
            "The nodes of the Vault in which previews have secrets of their own. The variable if not given",
        ),
    ),
    ("BIVOUAC_VAULT_ROLE", ("vault-role", "The role for the login there by GitHub's OIDC. The variable if not given")),
    (
        "BIVOUAC_VAULT_ROLE_ID",
        ("vault-role-id", "The role-id for the login there by AppRole. The variable if not given"),
    ),
    (
        "BIVOUAC_VAULT_ESCROW",
        ("escrows", "Where the encrypted keys are kept, one place a line. The variable if not given"),
    ),
    ("BIVOUAC_VAULT_RECIPIENTS", ("recipients", "Who can open them, one public key a line. The variable if not given")),
    (
        "BIVOUAC_VAULT_CA_CERTIFICATE",
        ("ca-certificate", "The certificates to trust, in place of the system's. The variable if not given"),
    ),
    (
        "BIVOUAC_VAULT_JOB_WORKFLOW_REF",
        ("job-workflow-ref", "The workflow that logs in by GitHub's OIDC. The variable if not given"),
    ),
    (
        "BIVOUAC_VAULT_SECRETS_ENVIRONMENT",
        ("secrets-environment", "The environment that gets the deployer's login as secrets. The variable if not given"),
    ),
];

/// The secrets that the workflows read, with what they are.
const SECRETS: [Described; 8] = [
    ("BIVOUAC_APPS_TOKEN", "May push to the apps repository"),
    ("BIVOUAC_NOTIFY_ADDRESSES", "Where listeners are told of previews, as lines NAME=https://…"),
    ("BIVOUAC_NOTIFY_SECRETS", "What events for them are signed with, as lines NAME=whsec_…"),
    ("BIVOUAC_VAULT_SECRET_ID", "The secret-id for the login to the Vault by AppRole"),
    ("BIVOUAC_AGE_IDENTITY", "Opens the escrow; that of the environment, if it has one"),
    ("BIVOUAC_UNSEAL_SHARES", "Shares that people give by hand; that of the environment, if it has one"),
    ("BIVOUAC_VAULT_TOKEN", "A token of the Vault; that of the environment, if it has one"),
    ("BIVOUAC_ENVIRONMENT_TOKEN", "May put secrets into environments; that of the environment, if it has one"),
];

/// What a copied workflow says itself, and whoever calls it may say otherwise.
const SAID: [Said; 2] = [
    Said {
        key: "directory",
        value: "[\".\"]",
        by: "${{ fromJSON(inputs.image-directories) }}",
        input: ("image-directories", "A JSON list of the directories with a Dockerfile"),
    },
    Said {
        key: "build-workflow",
        value: "preview-fork-build.yml",
        by: "${{ inputs.build-workflow }}",
        input: ("build-workflow", "The file in `.github/workflows` of the caller whose runs build the images of forks"),
    },
];

/// A value in a copied workflow that is an input of the called one, with that value as its default.
struct Said {
    key: &'static str,
    value: &'static str,
    /// What stands in its place where it is called.
    by: &'static str,
    input: Described,
}

impl Said {
    /// Replaces it in the jobs, and describes the input. Nothing where the jobs do not say it.
    fn replaced(&self, jobs: &str) -> Option<(String, String)> {
        let (Self { key, value, by, input: (name, meaning) }, line) =
            (self, format!(" {}: {}\n", self.key, self.value));
        let input = format!(
            "      {name}:\n        description: >-\n          {meaning}\n        type: string\n        default: '{value}'\n"
        );
        jobs.contains(&line).then(|| (jobs.replace(&line, &format!(" {key}: {by}\n")), input))
    }
}

/// The path and the text of every workflow that others call.
pub(super) fn files() -> Vec<(String, String)> {
    let files = workflows::FILES.iter().chain(&workflows::FORK_FILES);
    files.map(|(name, text)| (format!(".github/workflows/{name}"), called(name, text))).collect()
}

/// The workflow that does the same when it is called.
fn called(name: &str, source: &str) -> String {
    let (head, jobs) = source.split_once("\npermissions: {}\n").unwrap();
    let title = head.lines().find_map(|line| line.strip_prefix("name: ")).unwrap();
    let parsed = documents(source).remove(0);
    let mut jobs = jobs.to_owned();
    let mut inputs = dispatched(&parsed);
    for (variable, (input, meaning)) in VARIABLES {
        let read = format!("vars.{variable}");
        if jobs.contains(&read) {
            let either = format!("inputs.{input} || {read}");
            jobs = jobs.replace(&format!("${{{{ {read} }}}}"), &format!("${{{{ {either} }}}}"));
            for before in ["(", "{{ "] {
                jobs = jobs.replace(&format!("{before}{read} ||"), &format!("{before}{either} ||"));
                jobs = jobs.replace(&format!("{before}{read} &&"), &format!("{before}({either}) &&"));
            }
            let _ =
                write!(inputs, "      {input}:\n        description: >-\n          {meaning}\n        type: string\n");
        }
    }
    for said in &SAID {
        if let Some((replaced, input)) = said.replaced(&jobs) {
            jobs = replaced;
            inputs.push_str(&input);
        }
    }
    // Calls for several applications are not for one another.
    if jobs.contains("inputs.apps-repository") && jobs.contains("inputs.path") {
        jobs = grouped(&jobs, "${{ inputs.apps-repository }} ${{ inputs.path }}");
    } else if jobs.contains("fromJSON(inputs.image-directories)") {
        jobs = grouped(&jobs, "${{ inputs.image-directories }}");
    }
    let mut text = format!(
        "# Generated by `make reference` from workflows/{name}. Do not edit.\n#\n\
         # It does what that does, for a workflow that calls it and says when. Its caller needs the permissions of all jobs.\n\
         name: {title} (called)\non:\n  workflow_call:\n    inputs:\n{inputs}"
    );
    let secrets: Vec<_> = SECRETS.iter().filter(|(name, _)| jobs.contains(&format!("secrets.{name}"))).collect();
    if !secrets.is_empty() {
        text.push_str("    secrets:\n");
    }
    for (name, meaning) in secrets {
        let _ = write!(text, "      {name}:\n        description: {meaning}\n        required: false\n");
    }
    let outputs = outputs(&parsed);
    if !outputs.is_empty() {
        let _ = write!(text, "    outputs:\n{outputs}");
    }
    let _ = write!(text, "permissions: {{}}\n{jobs}");
    text
}

/// The jobs, in concurrency groups that these expressions tell from one another, too.
fn grouped(jobs: &str, by: &str) -> String {
    let group = jobs.lines().find(|line| line.starts_with("  group: ")).unwrap();
    let (name, value) = group.split_once(": ").unwrap();
    jobs.replace(group, &format!("{name}: >-\n    {value}\n    {by}"))
}

/// The inputs of a dispatch; a call knows fewer types.
fn dispatched(workflow: &Value) -> String {
    let mut text = String::new();
    for (name, input) in workflow["on"]["workflow_dispatch"]["inputs"].as_object().into_iter().flatten() {
        let kind = input["type"].as_str().filter(|kind| matches!(*kind, "boolean" | "number")).unwrap_or("string");
        let description = input["description"].as_str().unwrap();
        let _ = write!(text, "      {name}:\n        description: >-\n          {description}\n        type: {kind}\n");
        if input["required"] == true {
            text.push_str("        required: true\n");
        }
        if !input["default"].is_null() {
            let _ = writeln!(text, "        default: {}", input["default"]);
        }
    }
    text
}

/// The outputs of its jobs.
fn outputs(workflow: &Value) -> String {
    let mut text = String::new();
    for (job, described) in workflow["jobs"].as_object().unwrap() {
        let meanings = ACTIONS.iter().find(|(verb, _)| verb == job).map(|(_, outputs)| *outputs).unwrap_or_default();
        for name in described["outputs"].as_object().into_iter().flatten().map(|(name, _)| name) {
            let (_, meaning) = meanings.iter().find(|(known, _)| known == name).unwrap();
            let value = format!("${{{{ jobs.{job}.outputs.{name} }}}}");
            let _ = write!(text, "      {name}:\n        description: >-\n");
            wrapped(&mut text, meaning, 10);
            let _ = writeln!(text, "        value: {value}");
        }
    }
    text
}
