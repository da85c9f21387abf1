//! Two applications, of two roots, whose pull requests are of one repository.

use super::*;
use crate::command::ours;

/// Pull request 7 of a fork, and an application in `one` and in `two`, each with its image and its comment.
fn two() -> Ground {
    let ground = Ground::new();
    let mut files = std::collections::BTreeMap::new();
    for (root, application) in [("one", "first"), ("two", "second")] {
        files.extend(wildside().into_iter().map(|(path, text)| (format!("{root}/{path}"), text)));
        let configuration = format!(
            "version: 1\napplication: {application}\nrepository: {APPLICATION}\ndomain: {application}.example.com\nimages:\n  \
             backend: {{repository: {}/acme/web, values: backend.image}}\npreview: {{forks: approved, labels: {{require: [{LABEL}]}}}}\n",
            ground.server.address()
        );
        files.insert(format!("{root}/bivouac.yaml"), configuration);
    }
    ground.world.commit_apps(&files, "Lay out two roots");
    ground
}

/// The run of one root that hears of a comment.
fn heard(ground: &Ground, root: &str, id: u64, body: &str) -> Run {
    let event = crate::command::event(7, id, &Actor::user(ADA), body);
    ground.world.run(hearing(&ground.world, &event, &[&OPTIONS[..], &["--path", root]].concat()))
}

fn said(ground: &Ground, body: &str) -> u64 {
    ground.world.emulator.forge().comment(APPLICATION, 7, Actor::user(ADA), body).unwrap().id
}

fn overlay(ground: &Ground, root: &str) -> String {
    ground.world.git(&["ls-tree", "-r", "--name-only", "main", &format!("{root}/overlays/ephemeral/pr-7/")])
}

/// What the comment of an application says.
fn told(ground: &Ground, application: &str) -> String {
    let heading = format!("### Preview of {application}:");
    let mut told = ours(&ground.world, 7);
    told.retain(|comment| comment.body.contains(&heading));
    assert!(told.len() <= 1, "{told:#?}");
    told.pop().map_or_else(String::new, |comment| comment.body)
}

#[test]
fn an_approval_for_one_application_is_none_for_the_other() {
    let ground = two();
    let body = format!("/preview approve {}", sha('a'));
    let id = said(&ground, &body);
    assert_eq!(heard(&ground, "one", id, &body).ok().output("result"), "created");
    assert!(told(&ground, "first").contains("Approved by"), "{}", told(&ground, "first"));
    // The label is there for both now, and the image is too.
    for (name, event) in [("workflow_run", built('a')), ("pull_request_target", event("labeled", 7, 'a'))] {
        let run = ground.deploy(name, &event, &["--path", "two"], &[]).ok();
        assert_eq!((run.output("result"), overlay(&ground, "two").as_str()), ("refused", ""), "{name}");
    }
    let told_second = told(&ground, "second");
    assert!(told_second.contains("is not approved") || told_second.contains("/preview approve"), "{told_second}");
    let deploy = said(&ground, "/preview deploy");
    let run = heard(&ground, "two", deploy, "/preview deploy").ok();
    assert_eq!((run.output("result"), overlay(&ground, "two").as_str()), ("refused", ""));
    // It may be followed for the other, too, later.
    assert_eq!(heard(&ground, "two", id, &body).ok().output("result"), "created");
    assert_eq!(ours(&ground.world, 7).len(), 2);
}

#[test]
fn each_application_answers_in_its_own_comment() {
    let ground = two();
    let body = format!("/preview approve {}", sha('a'));
    let id = said(&ground, &body);
    for root in ["one", "two"] {
        heard(&ground, root, id, &body).ok();
    }
    let status = said(&ground, "/preview status");
    heard(&ground, "two", status, "/preview status").ok();
    let (first, second) = (told(&ground, "first"), told(&ground, "second"));
    assert!(!first.contains("To `ada`") && second.contains("To `ada`"), "{first}\n{second}");
    let extend = said(&ground, "/preview extend 2d");
    heard(&ground, "one", extend, "/preview extend 2d").ok();
    let (first, then) = (told(&ground, "first"), told(&ground, "second"));
    assert!(first.contains("To `ada`"), "{first}");
    assert_eq!(then, second);
}
