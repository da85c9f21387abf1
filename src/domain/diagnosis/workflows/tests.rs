use super::super::Verdict;
use super::*;
use crate::domain::workflows::{FILES, FORK_FILES};

const PIN: &str = "1111111111111111111111111111111111111111";

fn found(text: &str) -> Vec<(Verdict, String)> {
    let files = [("preview.yml".to_owned(), Ok(text.replace("PIN", PIN)))];
    judge(&files).into_iter().map(|one| (one.verdict, one.what)).collect()
}

fn verdicts(text: &str) -> Vec<Verdict> {
    found(text).into_iter().map(|(verdict, _)| verdict).collect()
}

#[test]
fn the_workflows_that_bivouac_brings_are_fine() {
    let files: Vec<_> =
        FILES.iter().chain(&FORK_FILES).map(|(name, text)| ((*name).to_owned(), Ok((*text).to_owned()))).collect();
    let found = judge(&files);
    for one in &found {
        assert_eq!(one.verdict, Verdict::Fine, "{}", one.what);
    }
    // Every one runs Bivouac but that which runs the code of forks.
    assert_eq!(found.len(), files.len() - 1);
}

#[test]
fn a_job_that_runs_bivouac_is_found_however_it_does() {
    let fine = "permissions: write-all\njobs:\n  x:\n    ";
    for job in [
        "steps: [{uses: bivouac-dev/bivouac/actions/deploy@PIN}]",
        "steps: [{uses: ./actions/deploy}]",
        "steps: [{uses: our/bivouac/actions/sweep@PIN}]",
        "uses: bivouac-dev/bivouac/.github/workflows/preview-teardown.yml@PIN",
        "steps: [{run: bivouac deploy}]",
        "steps: [{run: '\"$BIVOUAC\" -v deploy --dry-run'}]",
        "steps: [{run: 'cd x && /usr/local/bin/bivouac sweep'}]",
    ] {
        let found = found(&format!("{fine}{job}\n"));
        assert_eq!((found.len(), found[0].0), (1, Verdict::Fine), "{job}: {found:?}");
    }
    for job in [
        "steps: [{uses: actions/checkout@PIN}]",
        "steps: [{run: echo bivouac}]",
        "steps: [{run: bivouac completions}]",
        "{}",
        "[]",
        "7",
    ] {
        let found = found(&format!("{fine}{job}\n"));
        assert_eq!((found.len(), found[0].0), (1, Verdict::Unknown), "{job}: {found:?}");
    }
}

#[test]
fn a_permission_that_is_missing_is_named() {
    let text = "permissions: {}\njobs:\n  deploy:\n    permissions: {pull-requests: write}\n    steps: [{uses: bivouac-dev/bivouac/actions/deploy@PIN}]\n";
    let expected = "`preview.yml`, job `deploy`: `deploy` needs `deployments: write`";
    assert_eq!(found(text), [(Verdict::SetUp, expected.to_owned())]);
    for off in [
        "with: {deployments: off}",
        "with: {deployments: 'off'}",
        "with: {deployments: false}",
        "env: {BIVOUAC_DEPLOYMENTS: 'off'}",
    ] {
        assert_eq!(verdicts(&text.replace("deploy@PIN}", &format!("deploy@PIN, {off}}}"))), [Verdict::Fine], "{off}");
    }
    let other = text.replace("deploy@PIN}", "deploy@PIN, with: {github-token: '${{ secrets.OTHER }}'}}");
    assert_eq!(verdicts(&other), [Verdict::Fine], "another token has permissions of its own");
    assert_eq!(
        verdicts(&text.replace("permissions: {}\n", "").replace("    permissions: {pull-requests: write}\n", "")),
        [Verdict::Unknown]
    );
    assert_eq!(verdicts(&text.replace("{pull-requests: write}", "{pull-requests: wriet}")), [Verdict::SetUp]);
}

#[test]
fn who_takes_images_from_the_builds_of_forks_needs_to_fetch_and_to_push_them() {
    let two = "permissions: {pull-requests: write, deployments: write}\njobs:\n  x:\n    ";
    let lacking = "needs `actions: read` and `packages: write`";
    for job in [
        "steps: [{uses: bivouac-dev/bivouac/actions/deploy@PIN, with: {build-workflow: b.yml}}]",
        "steps: [{uses: bivouac-dev/bivouac/actions/command@PIN, with: {build-workflow: b.yml}}]",
        "steps: [{run: bivouac command, env: {BIVOUAC_BUILD_WORKFLOW: b.yml}}]",
        "steps: [{run: bivouac deploy --build-workflow=b.yml}]",
        "uses: bivouac-dev/bivouac/.github/workflows/preview-command.yml@PIN",
        "uses: bivouac-dev/bivouac/.github/workflows/preview-fork.yml@PIN",
    ] {
        let found = found(&format!("{two}{job}\n"));
        assert!(found.len() == 1 && found[0].0 == Verdict::SetUp && found[0].1.ends_with(lacking), "{job}: {found:?}");
        let all = two.replace('}', ", actions: read, packages: write}");
        assert_eq!(verdicts(&format!("{all}{job}\n")), [Verdict::Fine], "{job}");
    }
    for job in [
        "steps: [{uses: bivouac-dev/bivouac/actions/command@PIN}]",
        "steps: [{uses: bivouac-dev/bivouac/actions/deploy@PIN, with: {build-workflow: ''}}]",
        "steps: [{uses: bivouac-dev/bivouac/actions/deploy@PIN, with: {build-workflow: '${{ vars.X }}'}}]",
        "steps: [{uses: bivouac-dev/bivouac/actions/teardown@PIN, env: {BIVOUAC_BUILD_WORKFLOW: b.yml}}]",
    ] {
        assert_eq!(verdicts(&format!("{two}{job}\n")), [Verdict::Fine], "{job}");
    }
    let login =
        "steps: [{run: bivouac command --build-workflow b.yml, env: {BIVOUAC_REGISTRY_TOKEN: '${{ secrets.X }}'}}]";
    let found = found(&format!("{two}{login}\n"));
    assert!(found[0].1.ends_with("needs `actions: read`"), "{found:?}");
}

#[test]
fn the_build_of_forks_runs_no_verb_and_needs_nothing_of_ours() {
    let job = "uses: bivouac-dev/bivouac/.github/workflows/preview-fork-build.yml@PIN";
    let text = format!("on: pull_request\npermissions: {{contents: read}}\njobs:\n  x:\n    {job}\n");
    assert_eq!(found(&text), [(Verdict::Unknown, "no job here runs Bivouac".to_owned())]);
}

#[test]
fn what_is_not_pinned_is_told() {
    let text = "permissions: {}\njobs:\n  x:\n    steps: [{uses: bivouac-dev/bivouac/actions/list@v1}, {uses: actions/checkout@main}, {uses: 'docker://alpine:3'}, {uses: ./mine}]\n";
    let found = found(text);
    assert_eq!((found.len(), found[1].0), (2, Verdict::Advice));
    for uses in ["actions/list@v1", "actions/checkout@main", "docker://alpine:3"] {
        assert!(found[1].1.contains(uses), "{found:?}");
    }
    assert!(!found[1].1.contains("mine"), "{found:?}");
}

#[test]
fn the_code_of_others_with_secrets_blocks() {
    let job = "\npermissions: {}\njobs:\n  x:\n    steps:\n      - uses: actions/checkout@PIN\n        with: {ref: '${{ github.event.pull_request.head.sha }}'}\n      - run: bivouac list\n";
    for on in [
        "on: pull_request_target",
        "on: [push, pull_request_target]",
        "on: {pull_request_target: {types: [opened]}}",
        "'on': pull_request_target",
    ] {
        assert!(verdicts(&format!("{on}{job}")).contains(&Verdict::Blocking), "{on}");
    }
    assert_eq!(verdicts(&format!("on: pull_request{job}")), [Verdict::Fine]);
    let base = job.replace("github.event.pull_request.head.sha", "github.event.pull_request.base.sha");
    assert_eq!(verdicts(&format!("on: pull_request_target{base}")), [Verdict::Fine]);
    for (on, reference) in [
        ("workflow_run", "${{ github.event.workflow_run.head_sha }}"),
        ("workflow_run", "${{ github.event.workflow_run.head_branch }}"),
        ("issue_comment", "refs/pull/${{ github.event.issue.number }}/head"),
    ] {
        let job = job.replace("${{ github.event.pull_request.head.sha }}", reference);
        assert!(verdicts(&format!("on: {on}{job}")).contains(&Verdict::Blocking), "{on} {reference}");
        assert_eq!(verdicts(&format!("on: pull_request{job}")), [Verdict::Fine], "{reference}");
    }
}

#[test]
fn what_is_no_workflow_is_told_of_and_hangs_nobody() {
    let laughs: String = (1..9).fold("a0: &a0 [x]\n".to_owned(), |text, level| {
        let of = format!("*a{}", level - 1);
        text + &format!("a{level}: &a{level} [{}]\n", vec![of; 20].join(", "))
    });
    let deep = "[".repeat(100_000);
    for text in ["", "7", "a: [", "jobs: x", "jobs: {}\u{0}", "\t", &deep, &laughs, &"# x\n".repeat(200_000)] {
        let verdicts = verdicts(text);
        assert!(verdicts.contains(&Verdict::SetUp), "{}: {verdicts:?}", &text[..text.len().min(40)]);
    }
    // GitHub knows anchors since 2025.
    let anchors = "permissions: &p {pull-requests: write, deployments: write}\njobs:\n  x: {permissions: *p, steps: [{run: bivouac deploy}]}\n";
    assert_eq!(verdicts(anchors), [Verdict::Fine]);
}
