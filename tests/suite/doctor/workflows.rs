//! The workflows of the application repository.

use std::fs;

use bivouac::domain::diagnosis::permissions::{Deployments, FOR_BUILDS, NEEDED, needed};

use super::{WORKFLOW, doctor, examined, findings, finds, healthy, workflow};
use crate::files::top;
use crate::world::sha;

#[test]
fn a_job_that_lacks_a_permission_is_told() {
    let world = healthy();
    workflow(&world, &WORKFLOW.replace(", deployments: write", ""));
    let expected = [("workflows", "set-up", "`deploy` needs `deployments: write`", "deployments: write")];
    finds(&world, doctor(&world), 11, &expected);
}

#[test]
fn code_of_anybody_with_secrets_blocks() {
    let world = healthy();
    let step = "steps: [{uses: actions/checkout@1111111111111111111111111111111111111111, with: {ref: '${{ github.head_ref }}'}}, ";
    workflow(&world, &WORKFLOW.replace("on: pull_request", "on: pull_request_target").replace("steps: [", step));
    let expected = [("workflows", "release-blocking", "anybody's code gets the secrets", "use `pull_request`")];
    finds(&world, doctor(&world), 12, &expected);
}

#[test]
fn what_is_no_workflow_is_told_of() {
    for text in ["a: [".to_owned(), "[".repeat(200_000), "x".repeat(600_000), "\u{0}".to_owned(), String::new()] {
        let world = healthy();
        workflow(&world, &text);
        finds(&world, doctor(&world), 11, &[("workflows", "set-up", "`preview.yml` can not be read", "put it right")]);
    }
    let world = healthy();
    let folder = world.home.path().join("workflows");
    fs::write(folder.join("binary.yaml"), b"\xff\xfe").unwrap();
    fs::create_dir(folder.join("folder.yml")).unwrap();
    fs::write(folder.join("notes.md"), "jobs: 7").unwrap();
    let expected = [
        ("workflows", "set-up", "`binary.yaml` can not be read", ""),
        ("workflows", "set-up", "`folder.yml` can not be read: it is no file", ""),
    ];
    finds(&world, doctor(&world), 11, &expected);
}

#[test]
fn a_folder_that_is_named_has_to_be_there() {
    let world = healthy();
    fs::remove_dir_all(world.home.path().join("workflows")).unwrap();
    finds(&world, doctor(&world), 11, &[("workflows", "set-up", "there is no folder", "--workflow-folder")]);
    // One that is only supposed need not be.
    let mut command = world.bivouac(&["doctor", "--format", "json"]);
    command.current_dir(world.home.path());
    finds(&world, command, 0, &[]);
}

#[test]
fn what_a_verb_needs_is_what_its_page_says() {
    let page = fs::read_to_string(top().join("docs/actions/permissions.md")).unwrap();
    for (verb, _) in NEEDED.iter().filter(|(verb, _)| *verb != "doctor") {
        let row = page.lines().find(|line| line.starts_with("| `") && line.contains(&format!("`{verb}`")));
        let row = row.unwrap_or_else(|| panic!("the page has no row for `{verb}`"));
        let cells: Vec<_> = row.split('|').map(str::trim).collect();
        let wanted = needed(verb, Deployments::PerPreview).unwrap();
        for (column, permission) in [(2, "pull-requests"), (3, "deployments")] {
            let found = wanted.iter().find(|(name, _)| *name == permission).map(|(_, level)| level.to_string());
            assert!(cells[column].starts_with(&found.unwrap_or_default()), "`{verb}`, `{permission}`: {row}");
            assert_eq!(cells[column].is_empty(), !wanted.iter().any(|(name, _)| *name == permission), "{row}");
        }
        assert_eq!(row.contains("`actions: read`"), wanted.iter().any(|(name, _)| *name == "actions"), "{row}");
    }
    let row = page.lines().find(|line| line.starts_with("| `") && line.contains("`build-workflow`")).unwrap();
    assert_eq!(FOR_BUILDS.map(|(name, level)| format!("{name}: {level}")), ["actions: read", "packages: write"]);
    assert!(row.contains("`actions: read`") && row.trim_end().ends_with("| write |"), "{row}");
}

#[test]
fn the_workflows_that_init_writes_are_fine_with_those_for_forks_too() {
    let world = healthy();
    let folder = world.home.path().join("checkout");
    fs::create_dir(&folder).unwrap();
    let pin = format!("--pin={}", sha('b'));
    world.run(world.bivouac(&["init", "--workflows", "--forks", &pin, folder.to_str().unwrap()])).ok();
    fs::remove_dir_all(world.home.path().join("workflows")).unwrap();
    fs::rename(folder.join(".github/workflows"), world.home.path().join("workflows")).unwrap();
    let run = examined(&world, doctor(&world));
    let found: Vec<_> = findings(&run).into_iter().filter(|[topic, ..]| topic == "workflows").collect();
    assert!(found.iter().all(|[_, verdict, ..]| verdict == "fine"), "{found:#?}");
    for verb in ["deploy", "command", "teardown", "sweep"] {
        let fine = format!("has what `{verb}` needs");
        assert!(found.iter().any(|[_, _, what, _]| what.ends_with(&fine)), "{verb}: {found:#?}");
    }
}
