//! What can not be read is never taken for closed.

use bivouac::emulator::{Access, Answer, RequestKind, Verdict};
use serde_json::{Value, json};

use super::{annotations, close, commits, list, refusal, said, sweep, there, told, world};
use crate::on_github::is_of_apps;
use crate::world::{APPLICATION, World};

/// Answers every question about many pull requests with what `answer` makes of the truth's body.
fn survey_answers(world: &World, answer: impl Fn(Vec<u64>) -> Value + Send + Sync + 'static) {
    world.intercept(move |request| {
        let body = request.json();
        if request.kind != RequestKind::Graphql || body["operationName"] != "SurveyPullRequests" {
            return Verdict::Pass;
        }
        let text = body["query"].as_str().unwrap();
        let numbers = text.split("pullRequest(number: ").skip(1);
        let numbers = numbers.map(|rest| rest.split(')').next().unwrap().parse().unwrap());
        Verdict::Answer(Answer::json(200, &answer(numbers.collect())))
    });
}

/// What GitHub tells of a closed pull request.
fn closed(number: u64) -> Value {
    json!({
        "number": number, "title": "A change", "url": format!("https://github.com/{APPLICATION}/pull/{number}"),
        "state": "CLOSED", "isDraft": false, "isCrossRepository": false, "headRefOid": "a".repeat(40),
        "baseRefName": "main", "author": null, "labels": {"nodes": []},
    })
}

#[test]
fn a_pull_request_that_is_not_to_be_seen_is_kept_and_named() {
    let world = world(&[1, 2, 3]);
    close(&world, &[1]);
    world.emulator.forge().remove_pull_request(APPLICATION, 2).unwrap();
    let run = sweep(&world, &[]);
    assert_eq!((run.code, there(&world)), (6, ["pr-2", "pr-3"].map(str::to_owned).into()), "{}", run.stderr);
    assert_eq!((list(&run, "removed"), list(&run, "failed")), (vec!["pr-1".to_owned()], vec!["pr-2".to_owned()]));
    insta::assert_snapshot!(said(&world, &run), @"
    ERROR pr-2: pull request 2 can not be read: there is no such pull request, or the token can not see it; nothing that can not be read is taken for closed: if it is gone for good, remove the preview's directory and its line in the list by hand
    error: the sweep could not do everything: pr-2
      because pull request 2 can not be read: there is no such pull request, or the token can not see it
      hint the rest was done; what was left is tried again by the next sweep
    ");
    assert_eq!((told(&world, 1), annotations(&run).len()), ("removed closed / over".to_owned(), 1));
}

#[test]
fn a_repository_that_can_not_be_seen_keeps_all_its_previews() {
    let world = world(&[1, 2]);
    close(&world, &[1, 2]);
    let before = commits(&world);
    let hide = |account: &mut bivouac::emulator::Account| {
        account.exceptions.insert(APPLICATION.to_owned(), Access::None);
    };
    world.emulator.change_account("github-actions[bot]", hide).unwrap();
    let run = sweep(&world, &[]);
    assert_eq!((run.code, list(&run, "removed").len(), commits(&world)), (4, 0, before), "{}", run.stderr);
    insta::assert_snapshot!(said(&world, &run), @"
    ERROR the root `.`: the forge has no such thing, or the token can not see it, while trying to read the pull requests: Could not resolve to a Repository with the name 'acme/wildside'.; check the repository's name, and that the token has access to it
    error: the sweep could not do everything: the root `.`
      because the forge has no such thing, or the token can not see it, while trying to read the pull requests: Could not resolve to a Repository with the name 'acme/wildside'.
      hint the rest was done; what was left is tried again by the next sweep
    ");
}

#[test]
fn a_repository_none_of_whose_pull_requests_can_be_seen_keeps_all_its_previews() {
    let world = world(&[1, 2]);
    for number in [1, 2] {
        world.emulator.forge().remove_pull_request(APPLICATION, number).unwrap();
    }
    let run = sweep(&world, &[]);
    assert_eq!((run.code, there(&world).len()), (4, 2), "{}", run.stderr);
    insta::assert_snapshot!(said(&world, &run), @"
    ERROR the root `.`: none of the 2 pull requests of `acme/wildside` with a preview can be read, as if the token had lost its access: nothing was taken down; check that the token may read that repository's pull requests
    error: the sweep could not do everything: the root `.`
      because none of the 2 pull requests of `acme/wildside` with a preview can be read, as if the token had lost its access: nothing was taken down
      hint the rest was done; what was left is tried again by the next sweep
    ");
}

#[test]
fn a_repository_that_answers_404_for_everything_keeps_all_its_previews() {
    let world = world(&[1, 2]);
    close(&world, &[1, 2]);
    world.intercept(|request| {
        let not_found = || Answer::json(404, &json!({"message": "Not Found"}));
        if is_of_apps(request) { Verdict::Pass } else { Verdict::Answer(not_found()) }
    });
    let run = sweep(&world, &[]);
    assert_eq!((run.code, there(&world).len(), list(&run, "failed")), (4, 2, vec!["the root `.`".to_owned()]));
}

#[test]
fn of_an_answer_in_parts_the_good_ones_count() {
    let world = world(&[1, 2, 3, 4]);
    close(&world, &[1, 2, 3, 4]);
    survey_answers(&world, |_| {
        let mut wrong = closed(4);
        wrong["number"] = 1.into();
        json!({
            "data": {"repository": {"p1": closed(1), "p2": null, "p3": closed(3), "p4": wrong}},
            "errors": [
                {"type": "SERVICE_UNAVAILABLE", "message": "timeout", "path": ["repository", "p2"]},
                {"message": "Something went wrong", "path": ["repository", "p3", "labels"]},
            ],
        })
    });
    let run = sweep(&world, &[]);
    assert_eq!((run.code, there(&world)), (6, ["pr-2", "pr-3", "pr-4"].map(str::to_owned).into()), "{}", run.stderr);
    assert_eq!(list(&run, "failed"), ["pr-2", "pr-3", "pr-4"]);
}

#[test]
fn a_question_that_fails_leaves_the_others_be() {
    let world = world(&(1..=120).collect::<Vec<_>>());
    close(&world, &[1, 120]);
    world.intercept(|request| {
        let is_of_the_second = request.json()["query"].as_str().is_some_and(|text| text.contains("p120:"));
        if is_of_the_second { Verdict::Answer(refusal(502)) } else { Verdict::Pass }
    });
    let run = sweep(&world, &[]);
    assert_eq!((run.code, list(&run, "removed"), there(&world).len()), (6, vec!["pr-1".to_owned()], 119));
    let failed = list(&run, "failed");
    assert!(failed.contains(&"pr-120".to_owned()) && failed.contains(&"pr-101".to_owned()), "{failed:?}");
    assert!(!failed.contains(&"pr-100".to_owned()), "{failed:?}");
}
