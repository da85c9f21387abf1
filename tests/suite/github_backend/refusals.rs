//! What GitHub does not let us do, and what is not there.

use bivouac::emulator::{Answer, RequestKind, Verdict};
use serde_json::json;

use super::{asked, commits, is_commit, on_github, tells_the_tip, world};
use crate::world::{READER, Run, World, sha};

/// What a run said on standard error, without masks and annotations, and with what differs between runs taken out.
fn said(world: &World, run: &Run) -> String {
    let lines: Vec<_> = run.stderr.lines().filter(|line| !line.starts_with("::")).collect();
    lines.join("\n").replace(&world.emulator.server_url(), "http://SERVER")
}

fn explicitly(world: &World, arguments: &[&str]) -> Run {
    world.on_event("deploy", "opened", 7, &sha('a'), &[&["--backend", "github"], arguments].concat())
}

/// Lets every commit be answered with this error of GraphQL's.
fn refuse_commits(world: &World, error: &serde_json::Value) {
    let answer = Answer::json(200, &json!({"data": {"createCommitOnBranch": null}, "errors": [error]}));
    world.intercept(move |request| if is_commit(request) { Verdict::Answer(answer.clone()) } else { Verdict::Pass });
}

fn writes_nothing(world: &World, run: &Run) {
    assert_eq!((commits(world), world.comments(7).len()), (1, 0), "{}", run.stderr);
    assert!(world.requests(RequestKind::Api).is_empty(), "{:#?}", asked(world));
}

#[test]
fn a_token_that_may_only_read_is_told_what_it_lacks() {
    let world = world();
    let mut command = world.event_command("deploy", "opened", 7, &sha('a'), &[]);
    command.env("BIVOUAC_APPS_TOKEN", READER);
    let run = world.run(command);
    assert_eq!(run.code, 4, "{}", run.stderr);
    insta::assert_snapshot!(said(&world, &run), @"
    error: the apps repository `http://SERVER/acme/apps` does not allow to commit to it: Resource not accessible by integration
      hint give the token write access, `contents: write` on the apps repository; without `BIVOUAC_APPS_TOKEN` (the input `apps-token`) it is the GitHub token
    ");
    writes_nothing(&world, &run);
}

#[test]
fn a_token_that_nobody_knows_is_refused() {
    let world = world();
    let mut command = world.event_command("deploy", "opened", 7, &sha('a'), &[]);
    command.env("BIVOUAC_APPS_TOKEN", "token-of-nobody");
    let run = world.run(command);
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(said(&world, &run).contains("/acme/apps` does not accept the credentials"), "{}", run.stderr);
}

#[test]
fn a_rule_of_the_branch_is_told_in_its_own_words() {
    for (kind, message) in [
        ("BRANCH_PROTECTION_RULE_VIOLATION", "Changes must be made through a pull request."),
        ("UNPROCESSABLE", "Repository rule violations found\n\nChanges must be made through a pull request.\n\n"),
    ] {
        let world = world();
        refuse_commits(&world, &json!({"type": kind, "message": message, "path": ["createCommitOnBranch"]}));
        let run = world.deploy(7, &sha('a'));
        assert_eq!(run.code, 4, "{}", run.stderr);
        assert!(run.stderr.contains("Changes must be made through a pull request."), "{}", run.stderr);
        writes_nothing(&world, &run);
    }
}

#[test]
fn a_hook_that_declines_is_a_refusal() {
    let world = world();
    world.hook("pre-receive", "echo no previews on fridays >&2; exit 1");
    let run = world.deploy(7, &sha('a'));
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(said(&world, &run).contains("refused the push: "), "{}", run.stderr);
    writes_nothing(&world, &run);
}

#[test]
fn an_answer_that_does_not_fit_is_a_refusal_only_if_the_branch_stayed() {
    let world = world();
    let message = "A path was requested for deletion which does not exist as of commit oid `abc`";
    refuse_commits(&world, &json!({"type": "UNPROCESSABLE", "message": message, "path": ["createCommitOnBranch"]}));
    let run = world.deploy(7, &sha('a'));
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(run.stderr.contains("A path was requested for deletion"), "{}", run.stderr);
}

#[test]
fn an_old_forge_is_served_by_git() {
    let unknown = json!({
        "message": "Field 'createCommitOnBranch' doesn't exist on type 'Mutation'",
        "extensions": {"code": "undefinedField", "typeName": "Mutation", "fieldName": "createCommitOnBranch"},
    });
    let world = world();
    refuse_commits(&world, &unknown);
    let run = world.on_event("deploy", "opened", 7, &sha('a'), &["-v"]).ok();
    assert_eq!((run.output("result"), commits(&world)), ("created", 2));
    tells_the_tip(&world, &run);
    assert!(run.stderr.contains("going on with `git`") && !run.stderr.contains("moved"), "{}", run.stderr);
    // Nothing is looked up again: the branch is where it was.
    assert_eq!(asked(&world).iter().filter(|asked| asked.starts_with("ObservePullRequest")).count(), 1);
    assert_eq!(asked(&world).iter().filter(|asked| *asked == "CommitToAppsRepository").count(), 1);
    assert!(!world.requests(RequestKind::Git).is_empty());

    let world = super::world();
    refuse_commits(&world, &unknown);
    let run = explicitly(&world, &[]);
    assert_eq!(run.code, 2, "{}", run.stderr);
    insta::assert_snapshot!(said(&world, &run), @"
    error: the forge's API can not do this for the apps repository `http://SERVER/acme/apps`: Field 'createCommitOnBranch' doesn't exist on type 'Mutation'
      hint give `--backend git`
    ");
    writes_nothing(&world, &run);
}

#[test]
fn a_branch_that_is_not_there_is_named_with_those_that_are() {
    let world = world();
    let run = explicitly(&world, &["--apps-branch", "release"]);
    assert_eq!(run.code, 3, "{}", run.stderr);
    insta::assert_snapshot!(said(&world, &run), @"
    error: the apps repository `http://SERVER/acme/apps` has no branch `release`: it has `main`
      hint name an existing one with `--apps-branch`
    ");
}

#[test]
fn a_branch_that_is_named_is_the_one_that_is_written() {
    let world = world();
    world.git(&["branch", "release", "main"]);
    let run = world.on_event("deploy", "opened", 7, &sha('a'), &["--apps-branch", "release"]).ok();
    assert_eq!((run.output("result"), commits(&world)), ("created", 1));
    assert_eq!(world.git(&["rev-parse", "release"]).trim(), run.output("apps-commit"));
}

#[test]
fn a_repository_without_a_commit_or_without_a_trace_is_told_of() {
    let world = on_github(World::empty());
    let run = world.deploy(7, &sha('a'));
    assert_eq!(run.code, 3, "{}", run.stderr);
    assert!(said(&world, &run).contains("/acme/apps` is empty: it has no branch"), "{}", run.stderr);
    let run = world.on_event("deploy", "opened", 7, &sha('a'), &["--apps-repository", "acme/nowhere"]);
    assert_eq!(run.code, 4, "{}", run.stderr);
    assert!(said(&world, &run).contains("there is no apps repository `http://SERVER/acme/nowhere`"), "{}", run.stderr);
}

#[test]
fn a_limit_that_lasts_is_told_of() {
    let world = world();
    let limited = Answer::json(403, &json!({"message": "You have exceeded a secondary rate limit"}));
    let limited = limited.with_header("retry-after", "3600");
    world.intercept(move |request| if is_commit(request) { Verdict::Answer(limited.clone()) } else { Verdict::Pass });
    let run = world.deploy(7, &sha('a'));
    assert_eq!(run.code, 6, "{}", run.stderr);
    insta::assert_snapshot!(said(&world, &run), @"
    error: the forge limits how often it is asked for the apps repository `http://SERVER/acme/apps`: You have exceeded a secondary rate limit; it may be asked again in 60 minutes
      hint wait for the limit to pass, then run it again
    ");
    writes_nothing(&world, &run);
}
