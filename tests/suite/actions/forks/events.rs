//! Events that strangers can bring about, or that are not whole: which jobs run, and what they reach.

use serde_json::{Value, json};

use super::super::commands;
use super::{DEPLOY, Forked};
use crate::world::{APPLICATION, WEBHOOKS, sha};

/// An event with this at that place; nothing takes the place out.
fn with(mut event: Value, place: &str, value: Option<Value>) -> Value {
    let (parent, name) = place.rsplit_once('/').unwrap();
    let parent = event.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    match value {
        Some(value) => drop(parent.insert(name.to_owned(), value)),
        None => drop(parent.remove(name)),
    }
    event
}

/// Runs a workflow for an event that nobody has approved anything with, and says whether its job ran.
fn runs(forked: &Forked, workflow: &str, name: &str, event: &Value, job: &str) -> bool {
    let tip = forked.world().tip();
    let docker = forked.caller.said_to("docker");
    let ended = forked.caller.run(workflow, name, event);
    assert_eq!((forked.overlay().as_str(), forked.tags()), ("", vec![]), "{event}\n{}", ended.log);
    assert_eq!((forked.world().tip(), forked.caller.said_to("docker")), (tip, docker), "{event}");
    ended.jobs.contains_key(job)
}

#[test]
fn the_end_of_a_run_that_was_none_of_a_fork_starts_no_job_or_one_that_does_nothing() {
    let forked = Forked::new("");
    forked.open(&sha('a'));
    forked.build("opened", &sha('a'));
    let end = Forked::end_of_build(&sha('a'));
    let full_name = "/workflow_run/head_repository/full_name";
    let cases = [
        (with(end.clone(), "/workflow_run/head_repository", Some(Value::Null)), true),
        (with(end.clone(), "/workflow_run/head_repository", None), true),
        (with(end.clone(), full_name, Some(json!("ACME/Wildside"))), false),
        (with(end.clone(), full_name, Some(json!(APPLICATION))), false),
        (with(end.clone(), "/workflow_run/event", Some(json!("push"))), false),
        (with(end.clone(), "/workflow_run/event", Some(json!("pull_request_target"))), false),
        (with(end.clone(), "/workflow_run/event", Some(json!("workflow_dispatch"))), false),
        (with(end.clone(), "/workflow_run/event", None), false),
        (with(end.clone(), "/workflow_run", Some(Value::Null)), false),
    ];
    for (event, expected) in cases {
        assert_eq!(runs(&forked, DEPLOY, "workflow_run", &event, "deploy"), expected, "{event}");
    }
}

#[test]
fn an_event_of_a_pull_request_of_the_repository_itself_is_none_of_a_forks_workflow() {
    let forked = Forked::new(", labels: {require: [preview]}");
    forked.open(&sha('a'));
    let own = |action| WEBHOOKS.pull_request(action).numbered(7).at(&sha('a')).in_repository(APPLICATION).into_value();
    let head = "/pull_request/head/repo/full_name";
    let cases = [
        (own("labeled"), false),
        (own("synchronize"), false),
        (with(own("labeled"), head, Some(json!("ACME/WildSide"))), false),
        (with(own("labeled"), "/pull_request", None), false),
        // A fork that is gone is a fork.
        (with(Forked::labelled("stranger", &sha('a')), "/pull_request/head/repo", Some(Value::Null)), true),
        (Forked::labelled("stranger", &sha('a')), true),
        (with(Forked::labelled("ada", &sha('a')), "/sender", Some(json!({"login": "ada", "type": "User"}))), true),
    ];
    forked.world().emulator.forge().label(APPLICATION, 7, "preview").unwrap();
    for (event, expected) in cases {
        assert_eq!(runs(&forked, DEPLOY, "pull_request_target", &event, "deploy"), expected, "{event}");
    }
}

#[test]
fn a_comment_that_is_no_command_of_a_person_on_a_pull_request_costs_no_runner_or_does_nothing() {
    let forked = Forked::new("");
    forked.open(&sha('a'));
    let body = format!("/PREVIEW Approve {}", sha('a').to_uppercase());
    let said = |by: &str, body: &str| {
        let by = bivouac::emulator::Actor::user(by);
        commands::comment(forked.world(), 7, &by, body)
    };
    let cases = [
        (with(said("ada", &body), "/issue/pull_request", None), false),
        (with(said("ada", &body), "/issue/pull_request", Some(Value::Null)), false),
        (with(said("ada", &body), "/comment/user/type", Some(json!("bot"))), false),
        (with(said("ada", &body), "/comment/body", Some(Value::Null)), false),
        (with(said("ada", &body), "/comment/user/type", None), true),
        (with(said("ada", &body), "/sender/type", Some(json!("Bot"))), true),
        (said("stranger", &body), true),
        (said("ada", &format!("/PREVIEW Approve {}\u{200b}", sha('a'))), true),
    ];
    for (event, expected) in cases {
        assert_eq!(runs(&forked, commands::WORKFLOW, "issue_comment", &event, "command"), expected, "{event}");
    }
}

#[test]
fn a_command_in_upper_case_is_followed() {
    let forked = Forked::new("");
    forked.open(&sha('a'));
    forked.build("opened", &sha('a'));
    let ended = commands::said(&forked.caller, 7, &format!("/PREVIEW Approve {}", sha('a').to_uppercase())).green();
    assert_eq!((ended.output("command.result"), forked.tags()), ("created", vec![sha('a')]), "{}", ended.log);
}
