//! What the workflows that have something to lose may not do, read from their files.

use std::fs;

use serde_json::Value;

use crate::files::top;
use crate::kustomize::documents;

/// A workflow file: its path, its text, and what that says.
fn workflows() -> Vec<(String, String, Value)> {
    let files = ["workflows", ".github/workflows"].into_iter().flat_map(|folder| {
        let entries = fs::read_dir(top().join(folder)).unwrap();
        entries.map(move |entry| format!("{folder}/{}", entry.unwrap().file_name().to_str().unwrap()))
    });
    // How Bivouac itself is built is no workflow of previews.
    let is_of_previews = |name: &String| name.contains("/preview") || name.contains("vault");
    let read = |name: String| {
        let text = fs::read_to_string(top().join(&name)).unwrap();
        let described = documents(&text).remove(0);
        (name, text, described)
    };
    let found: Vec<_> = files.filter(is_of_previews).map(read).collect();
    assert_eq!(found.len(), 16, "eight workflows, to copy and to call");
    found
}

fn jobs(workflow: &Value) -> impl Iterator<Item = &Value> {
    workflow["jobs"].as_object().unwrap().values()
}

fn steps(job: &Value) -> impl Iterator<Item = &Value> {
    job["steps"].as_array().into_iter().flatten()
}

fn may_write(job: &Value) -> bool {
    job["permissions"].as_object().unwrap().values().any(|level| level == "write")
}

/// The text without its comments.
fn code(text: &str) -> String {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.map(|line| line.split(" # ").next().unwrap().to_owned() + "\n").collect()
}

#[test]
fn what_has_secrets_or_may_write_takes_nothing_of_a_pull_request_onto_the_runner() {
    for (name, text, workflow) in workflows() {
        assert_eq!(workflow["permissions"], serde_json::json!({}), "{name}");
        for job in jobs(&workflow) {
            if !code(&text).contains("secrets.") && !may_write(job) {
                continue;
            }
            for step in steps(job) {
                let uses = step["uses"].as_str().unwrap_or_default();
                assert!(uses.is_empty() || uses.starts_with("bivouac-dev/bivouac/actions/"), "{name}: {uses}");
                let run = step["run"].as_str().unwrap_or_default();
                for part in ["${{", "pull_request", "head_ref", "refs/pull", "github.event", "gh pr", "unzip", "tar "] {
                    assert!(!run.contains(part), "{name}: {part}");
                }
            }
        }
    }
}

#[test]
fn what_anybody_can_start_with_our_secrets_runs_no_script() {
    let mut checked = Vec::new();
    for (name, _, workflow) in workflows() {
        let on = workflow["on"].as_object().unwrap();
        let is_anybodys =
            ["pull_request_target", "workflow_run", "issue_comment"].iter().any(|on_| on.contains_key(*on_));
        if !is_anybodys {
            continue;
        }
        for step in jobs(&workflow).flat_map(steps) {
            assert_eq!(step.get("run"), None, "{name}");
            assert!(step["uses"].as_str().unwrap().starts_with("bivouac-dev/bivouac/actions/"), "{name}");
            assert_eq!(
                step.get("env"),
                None,
                "{name}: a variable of the step may be one that a comment or a branch fills"
            );
            let with = step["with"].to_string();
            assert!(!with.contains("github.event") && !with.contains("head_"), "{name}: {with}");
        }
        checked.push(name);
    }
    checked.sort();
    assert_eq!(
        checked,
        ["workflows/preview-command.yml", "workflows/preview-fork.yml", "workflows/preview-teardown.yml"]
    );
}

#[test]
fn images_are_built_with_write_permissions_for_branches_of_the_repository_only() {
    for (name, _, workflow) in workflows() {
        for job in jobs(&workflow).filter(|job| may_write(job) && steps(job).any(|step| step.get("run").is_some())) {
            let condition = job["if"].as_str().unwrap();
            assert!(condition.contains("github.event.pull_request.head.repo.full_name == github.repository"), "{name}");
        }
    }
}

#[test]
fn the_build_of_forks_has_nothing_to_lose() {
    let mut checked = 0;
    for (name, text, workflow) in workflows().into_iter().filter(|(name, ..)| name.ends_with("preview-fork-build.yml"))
    {
        let code = code(&text);
        for lost in [
            "secrets",
            "vars.",
            "github.token",
            "GITHUB_TOKEN",
            "GH_TOKEN",
            "cache",
            "environment:",
            "id-token",
            ": write",
        ] {
            assert!(!code.contains(lost), "{name}: {lost}");
        }
        for job in jobs(&workflow) {
            assert_eq!(job["permissions"], serde_json::json!({"contents": "read"}), "{name}");
            let checkout =
                steps(job).find(|step| step["uses"].as_str().unwrap_or_default().starts_with("actions/checkout@"));
            assert_eq!(checkout.unwrap()["with"]["persist-credentials"], false, "{name}");
        }
        checked += 1;
    }
    assert_eq!(checked, 2, "the one to copy, and the one to call");
}

#[test]
fn the_job_that_builds_images_has_no_secret_but_its_token() {
    let mut checked = 0;
    for (name, _, workflow) in workflows() {
        for job in jobs(&workflow).filter(|job| job["permissions"]["packages"] == "write") {
            if steps(job).any(|step| step.get("run").is_some()) {
                assert!(!job.to_string().contains("secrets."), "{name}");
                checked += 1;
            }
        }
    }
    assert_eq!(checked, 2, "that of preview.yml, to copy and to call");
}

#[test]
fn a_vault_is_set_up_by_hand_only() {
    let (_, _, workflow) = workflows().into_iter().find(|(name, ..)| name == "workflows/bootstrap-vault.yml").unwrap();
    assert_eq!(workflow["on"].as_object().unwrap().keys().collect::<Vec<_>>(), ["workflow_dispatch"]);
    for job in jobs(&workflow) {
        assert!(!job.to_string().contains("pull_request"), "{job}");
    }
}
