//! From the pull request of a fork to its preview, and to its end.

use std::fs;

use bivouac::emulator::{Actor, RequestKind};

use super::super::commands::{self, comment, said};
use super::{BUILD, DEPLOY, Forked};
use crate::world::{APPLICATION, WEBHOOKS, sha};

/// A fork's pull request whose commit was built, and nothing more.
fn built(preview: &str) -> Forked {
    let forked = Forked::new(preview);
    forked.open(&sha('a'));
    forked.build("opened", &sha('a'));
    forked
}

/// Fails the test unless nothing has come of it.
fn is_nowhere(forked: &Forked) {
    assert_eq!(forked.overlay(), "");
    assert_eq!(forked.tags(), [""; 0]);
}

#[test]
fn a_fork_gets_a_preview_of_the_commit_that_was_approved_and_of_no_other() {
    let forked = built("");
    let (world, tip) = (forked.world(), forked.world().tip());

    world.emulator.forget_requests();
    let unapproved = forked.built(&sha('a')).green();
    let asked = world.requests(RequestKind::Api);
    assert!(
        !asked.iter().any(|request| request.path.contains("/actions/")),
        "what the build left is not even looked at"
    );
    assert_eq!(unapproved.output("deploy.result"), "refused");
    assert!(forked.told().contains(&format!("/preview approve {}", sha('a'))), "{}", forked.told());
    is_nowhere(&forked);
    assert_eq!(world.tip(), tip);

    let approved = said(&forked.caller, 7, &format!("/preview approve {}", sha('a'))).green();
    assert_eq!(approved.output("command.result"), "created");
    assert_eq!(forked.tags(), [sha('a')]);
    let overlay = forked.overlay();
    for line in [format!("bivouac.dev/approved-commit: {}", sha('a')), "bivouac.dev/approved-by: ada".to_owned()] {
        assert!(overlay.replace('"', "").contains(&line), "{overlay}");
    }
    assert!(overlay.contains(&format!("{}/acme/wildside", forked.server.address())), "{overlay}");

    // The end of the build comes again, and now it is approved.
    assert_eq!(forked.built(&sha('a')).green().output("deploy.result"), "unchanged");

    world.push(7, &sha('b'));
    forked.build("synchronize", &sha('b'));
    let tip = world.tip();
    forked.built(&sha('b')).green();
    assert_eq!((world.tip(), forked.tags()), (tip, vec![sha('a')]));
    assert!(forked.overlay().contains(&sha('a')) && !forked.overlay().contains(&sha('b')), "{}", forked.overlay());
    let told = forked.told();
    assert!(told.contains("is not approved: the preview stays at") && told.contains(&sha('b')), "{told}");

    world.emulator.forge().close(APPLICATION, 7).unwrap();
    let event = forked.event("closed", &sha('b'));
    let closed = forked.caller.run("preview-teardown.yml", "pull_request_target", &event).green();
    assert_eq!((closed.output("teardown.result"), forked.overlay().as_str()), ("removed", ""));
}

#[test]
fn an_approval_by_somebody_who_may_not_push_or_of_another_commit_brings_nothing() {
    let forked = built("");
    for by in ["stranger", "tim"] {
        let body = format!("/preview approve {}", sha('a'));
        let event = comment(forked.world(), 7, &Actor::user(by), &body);
        let ended = forked.caller.run(commands::WORKFLOW, "issue_comment", &event).green();
        assert_eq!(ended.output("command.result"), "", "{by}");
        is_nowhere(&forked);
    }
    // What is approved is what was read: not what the fork has pushed since.
    forked.world().push(7, &sha('b'));
    forked.build("synchronize", &sha('b'));
    said(&forked.caller, 7, &format!("/preview approve {}", sha('a'))).green();
    is_nowhere(&forked);
    said(&forked.caller, 7, "/preview deploy").green();
    is_nowhere(&forked);
}

#[test]
fn a_label_by_a_writer_approves_the_head_that_they_saw() {
    let forked = built(", labels: {require: [preview]}");
    let forge = forked.world().emulator.forge();
    let labelled = |by: &str, commit: char| {
        forked.caller.run(DEPLOY, "pull_request_target", &forked.labelled(by, &sha(commit))).green()
    };
    forge.label(APPLICATION, 7, "preview").unwrap();
    for (by, commit) in [("tim", 'a'), ("stranger", 'a'), ("ada", 'c')] {
        let ended = labelled(by, commit);
        assert_ne!(ended.output("deploy.result"), "created", "{by} {commit}: {}", ended.log);
        is_nowhere(&forked);
    }
    assert_eq!(labelled("ada", 'a').output("deploy.result"), "created");
    assert_eq!(forked.tags(), [sha('a')]);
    let overlay = forked.overlay().replace('"', "");
    assert!(overlay.contains(&format!("bivouac.dev/approved-commit: {}", sha('a'))), "{overlay}");
    assert!(overlay.contains("bivouac.dev/approved-by: ada"), "{overlay}");
}

#[test]
fn a_label_that_no_rule_names_approves_nothing() {
    let forked = built("");
    forked.world().emulator.forge().label(APPLICATION, 7, "preview").unwrap();
    let event = forked.labelled("ada", &sha('a'));
    let ended = forked.caller.run(DEPLOY, "pull_request_target", &event).green();
    assert_eq!(ended.output("deploy.result"), "refused");
    is_nowhere(&forked);
}

#[test]
fn a_branch_of_the_repository_is_none_of_a_forks_workflow() {
    let forked = Forked::new("");
    forked.world().open(7, &sha('a'));
    let event = WEBHOOKS.pull_request("labeled").numbered(7).at(&sha('a')).in_repository(APPLICATION);
    let ended = forked.caller.run(DEPLOY, "pull_request_target", &event.into_value()).green();
    assert!(!ended.jobs.contains_key("deploy"), "{:?}", ended.jobs);
}

#[test]
fn the_workflows_for_forks_do_the_same_when_they_are_called() {
    let forked = Forked::new("");
    let workflow = |name: &str, on: &str, with: &str, more: &str| {
        let text = format!(
            "name: Preview build for forks\non: {on}\npermissions: {{}}\njobs:\n  called:\n    \
             uses: bivouac-dev/bivouac/.github/workflows/{name}@PIN\n    with: {with}\n{more}"
        );
        forked.caller.add_workflow(name, &text);
    };
    workflow(BUILD, "pull_request", "{image-directories: '[\".\"]'}", "");
    workflow(DEPLOY, "workflow_run", "{apps-repository: acme/apps}", "    secrets: inherit\n");
    forked.open(&sha('a'));
    forked.build("opened", &sha('a'));
    assert_eq!(forked.built(&sha('a')).green().output("deploy.result"), "refused");
    said(&forked.caller, 7, &format!("/preview approve {}", sha('a'))).green();
    assert_eq!(forked.built(&sha('a')).green().output("deploy.result"), "unchanged");
    assert_eq!(forked.tags(), [sha('a')]);
    assert!(!fs::read_to_string(forked.caller.machine.path().join("loot")).unwrap().contains("token-of-the-bot"));
}
