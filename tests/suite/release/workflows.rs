//! The workflows and the scripts that they call: what the linters do not look at.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use super::TARGETS;
use crate::files::top;
use crate::kustomize::documents;
use serde_json::Value;

/// The workflows of this repository: name, text, and what the text says.
fn workflows() -> Vec<(String, String, Value)> {
    let mut found = Vec::new();
    for entry in fs::read_dir(top().join(".github/workflows")).unwrap() {
        let path = entry.unwrap().path();
        let text = fs::read_to_string(&path).unwrap();
        let parsed = documents(&text).remove(0);
        found.push((path.to_str().unwrap().to_owned(), text, parsed));
    }
    found.sort_by(|one, other| one.0.cmp(&other.0));
    assert!(found.len() >= 4, "there is nothing to check");
    found
}

/// Every job: where it is, and what it says.
fn jobs() -> Vec<(String, Value)> {
    let of = |(path, _, workflow): (String, String, Value)| {
        let jobs = workflow["jobs"].as_object().unwrap().clone();
        jobs.into_iter().map(move |(name, job)| (format!("{path}: {name}"), job))
    };
    workflows().into_iter().flat_map(of).collect()
}

/// Every step: where it is, and what it says.
fn steps() -> Vec<(String, Value)> {
    let of = |(place, job): (String, Value)| {
        let steps = job["steps"].as_array().cloned().unwrap_or_default();
        steps.into_iter().map(move |step| (format!("{place}: {}", step["name"]), step))
    };
    jobs().into_iter().flat_map(of).collect()
}

#[test]
fn one_action_has_one_commit_everywhere() {
    let used: BTreeSet<_> =
        steps().into_iter().filter_map(|(_, step)| step["uses"].as_str().map(str::to_owned)).collect();
    let actions: BTreeSet<_> = used.iter().map(|action| action.split('@').next().unwrap()).collect();
    assert_eq!(used.len(), actions.len(), "{used:?}");
}

#[test]
fn every_job_has_an_end_and_says_what_it_may_do() {
    for (path, _, workflow) in workflows() {
        assert_eq!(workflow["permissions"], serde_json::json!({}), "{path}");
    }
    for (place, job) in jobs() {
        assert!(job["name"].is_string() && job["permissions"].is_object(), "{place}");
        assert!(job["timeout-minutes"].is_u64() || job["uses"].is_string(), "{place}");
        let may_write = job["permissions"].as_object().unwrap().values().any(|permission| permission == "write");
        let is_guarded = job["environment"].is_string() || !place.contains("/release");
        assert!(is_guarded || !may_write, "{place}: who writes for a release is guarded by an environment");
    }
}

#[test]
fn nothing_is_published_before_the_archives_were_compared() {
    let release = workflows().into_iter().find(|(path, _, _)| path.ends_with("/release.yml")).unwrap().2;
    let needs = |job: &str| match &release["jobs"][job]["needs"] {
        Value::Array(several) => several.iter().map(|job| job.as_str().unwrap().to_owned()).collect::<Vec<_>>(),
        one => one.as_str().map(str::to_owned).into_iter().collect(),
    };
    for (job, content) in release["jobs"].as_object().unwrap() {
        let mut before = vec![job.clone()];
        let mut next = 0;
        while let Some(job) = before.get(next).cloned() {
            before.extend(needs(&job));
            next += 1;
        }
        let may_write = content["permissions"].as_object().unwrap().values().any(|permission| permission == "write");
        assert!(!may_write || before.iter().any(|job| job == "check"), "{job}: {before:?}");
    }
    let check = release["jobs"]["check"]["steps"].as_array().unwrap();
    assert!(check.iter().any(|step| step["run"].as_str().is_some_and(|run| run.contains("release/check archives"))));
}

#[test]
fn every_script_that_a_workflow_calls_can_be_started() {
    let mut called = BTreeSet::new();
    for (_, step) in steps() {
        for word in step["run"]
            .as_str()
            .unwrap_or_default()
            .split(|character: char| character.is_whitespace() || character == '(')
        {
            if word.starts_with("release/") && !word.contains('$') && !word.contains('.') && !word.contains('"') {
                called.insert(word.to_owned());
            }
        }
    }
    assert!(called.len() > 5, "{called:?}");
    for script in called.iter().map(String::as_str).chain(["release/zig-cc", "release/zig-ar"]) {
        let mode =
            fs::metadata(top().join(script)).unwrap_or_else(|why| panic!("{script}: {why}")).permissions().mode();
        assert!(mode & 0o111 == 0o111, "{script}");
    }
}

#[test]
fn the_targets_are_the_same_in_scripts_workflow_and_documentation() {
    let read = |path: &str| fs::read_to_string(top().join(path)).unwrap();
    let build = read(".github/workflows/release-build.yml");
    for target in TARGETS {
        assert_eq!(build.matches(&format!("- target: {target}\n")).count(), 2, "{target} is built and tried");
        assert!(read("release/shared.py").contains(&format!("    \"{target}\",\n")), "{target}");
        assert!(read("docs/releasing.md").contains(target), "{target}");
    }
    assert_eq!(build.matches("- target: ").count(), 2 * TARGETS.len());
}

#[test]
fn the_image_has_a_base_by_digest_a_user_and_the_program_of_an_archive() {
    let text = fs::read_to_string(top().join("release/Containerfile")).unwrap();
    let lines = |word: &str| -> Vec<&str> { text.lines().filter_map(|line| line.strip_prefix(word)).collect() };
    let [base] = lines("FROM ")[..] else { panic!("{text}") };
    let (_, digest) = base.split_once("@sha256:").unwrap();
    assert!(digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit()), "{base}");
    assert_eq!(lines("USER "), ["65532:65532"]);
    assert_eq!(lines("ENTRYPOINT "), [r#"["/usr/bin/bivouac"]"#]);
    assert!(lines("RUN ").is_empty() && lines("ADD ").is_empty(), "nothing is run or fetched while building");
    let pack = fs::read_to_string(top().join("release/pack")).unwrap();
    let copied: Vec<_> = lines("COPY ")
        .iter()
        .flat_map(|line| line.split(' '))
        .filter_map(|word| word.strip_prefix("${UNPACKED}/"))
        .collect();
    assert!(copied.contains(&"bivouac"));
    for name in copied {
        assert!(pack.contains(&format!("\"{name}\"")), "{name} is not in an archive");
    }
}

#[test]
fn what_the_release_fetches_is_pinned() {
    let zig = fs::read_to_string(top().join("release/zig.txt")).unwrap();
    let packages: Vec<_> = zig.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(packages.iter().all(|line| line.contains("==") && line.contains(" --hash=sha256:")), "{zig}");
    assert!(!packages.is_empty());
    let sbom = fs::read_to_string(top().join("release/sbom")).unwrap();
    assert!(sbom.contains("--locked") && sbom.contains("cargo-cyclonedx@0."), "{sbom}");
}
