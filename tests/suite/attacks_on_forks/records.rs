//! A recorded approval that somebody has edited, or that is another pull request's.

use super::*;

const PATCH: &str = "overlays/ephemeral/pr-7/patch-helmrelease-values.yaml";

/// A ground whose preview of `a…` was approved, and whose record was then changed.
fn edited(change: impl Fn(&str) -> String) -> Ground {
    let ground = Ground::new();
    ground.ada(&format!("/preview approve {}", sha('a'))).ok();
    let before = ground.world.file(PATCH).unwrap();
    let after = change(&before);
    assert_ne!(before, after);
    ground.world.commit_apps(&[(PATCH.to_owned(), after)].into(), "Edit a record");
    ground
}

/// A line of a record, with something else as its value.
fn with(patch: &str, name: &str, value: Option<&str>) -> String {
    let key = format!("bivouac.dev/{name}: ");
    let lines = patch.lines().filter_map(|line| match (line.find(&key), value) {
        (Some(at), Some(value)) => Some(format!("{}{key}{value}\n", &line[..at])),
        (Some(_), None) => None,
        (None, _) => Some(format!("{line}\n")),
    });
    lines.collect()
}

#[test]
fn an_approval_in_a_record_that_names_the_next_head_is_none() {
    let other = format!("\"{}\"", sha('b'));
    let ground = edited(|patch| with(patch, "approved-commit", Some(&other)));
    ground.world.push(7, &sha('b'));
    let tip_before = ground.world.tip();
    let run = ground.deploy("pull_request_target", &event("synchronize", 7, 'b'), &[], &[]).ok();
    assert!(!ground.has_image('b'), "{}", run.stderr);
    assert_ne!(ground.world.tip(), tip_before, "what nobody has approved goes");
    assert_eq!(ground.shown(), None);
}

#[test]
fn a_broken_record_brings_nothing_up() {
    let broken: [(&str, Option<&str>); 7] = [
        ("approved-commit", None),
        ("approved-by", None),
        ("approved-commit", Some("[]")),
        ("approved-commit", Some("\"main\"")),
        ("approved-by", Some("\"../ada\"")),
        ("approved-by", Some("{login: ada}")),
        ("pull-request", Some("\"8\"")),
    ];
    for (name, value) in broken {
        let ground = edited(|patch| with(patch, name, value));
        ground.world.push(7, &sha('b'));
        ground.deploy("pull_request_target", &event("synchronize", 7, 'b'), &[], &[]);
        ground.ada("/preview deploy");
        ground.ada("/preview extend 48h");
        ground.holds_nothing_of('b', &format!("{name} {value:?}"));
    }
}
