//! How findings are shown: to people, at the top of a run, and in its summary.

use std::fs;

use super::{WORKFLOW, doctor, examined, healthy, workflow};

fn shown(world: &crate::world::World) -> crate::world::Run {
    let mut command = doctor(world);
    command.args(["--format", "text"]);
    let given: Vec<_> = command.get_args().map(ToOwned::to_owned).collect();
    let json = given.iter().position(|argument| argument == "json").unwrap();
    let mut command = world.bivouac(&[]);
    command
        .args(given.iter().enumerate().filter(|(index, _)| ![json - 1, json].contains(index)).map(|(_, given)| given));
    examined(world, command)
}

#[test]
fn people_see_a_table_and_the_run_its_findings() {
    let world = healthy();
    workflow(&world, &WORKFLOW.replace(", deployments: write", ""));
    let run = shown(&world);
    assert_eq!(run.code, 11);
    let expected = [
        "✓ tokens           the apps token may push",
        "✓ layout           `bivouac.yaml` is of `wildside`",
        "✗ workflows        set-up: `preview.yml`, job `deploy`: `deploy` needs `deployments: write`",
        "                   → give the job `permissions: {pull-requests: write, deployments: write}`",
    ];
    for line in expected {
        assert!(run.stdout.lines().any(|found| found.starts_with(line)), "{line}\n{}", run.stdout);
    }
    let warnings: Vec<_> = run.stderr.lines().filter(|line| line.starts_with("::warning ")).collect();
    assert_eq!(warnings.len(), 1, "{}", run.stderr);
    assert!(warnings[0].starts_with("::warning title=set-up (workflows)::`preview.yml`"), "{warnings:?}");
    let errors: Vec<_> = run.stderr.lines().filter(|line| line.starts_with("::error ")).collect();
    assert!(errors.len() == 1 && errors[0].contains("1 finding is about the set-up"), "{errors:?}");
    assert!(run.summary.starts_with("### Bivouac's doctor: set-up\n\n| topic | finding |"), "{}", run.summary);
    assert!(run.summary.contains("| workflows | ✗ set-up: "), "{}", run.summary);
}

#[test]
fn what_others_wrote_is_no_command_and_no_link() {
    let world = healthy();
    let hostile = "x](http://evil) @org\\r::error::y ##[error]z\\u202e";
    workflow(
        &world,
        &WORKFLOW
            .replace("  deploy:\n", &format!("  \"{hostile}\":\n"))
            .replace("deployments: write", "deployments: none"),
    );
    fs::write(world.home.path().join("workflows/a\n::error::b.yml"), "a: [").unwrap();
    let run = shown(&world);
    assert_eq!(run.code, 11);
    for text in [&run.stdout, &run.summary] {
        assert!(!text.contains(['\r', '\u{202e}']) && !text.contains("##["), "{text:?}");
        assert!(!text.lines().any(|line| line.trim_start().starts_with("::")), "{text}");
    }
    assert!(!run.summary.contains("](http") && !run.summary.contains("@org"), "{}", run.summary);
    let commands = run.stderr.lines().filter(|line| line.starts_with("::") && !line.starts_with("::add-mask::"));
    assert_eq!(commands.count(), 3, "{}", run.stderr);
}
