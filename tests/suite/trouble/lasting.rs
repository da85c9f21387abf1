//! A fault that lasts: the commit stands, the run says what was done and what was not, and the first run after it makes it good.

use bivouac::emulator::{IncomingRequest, RequestKind, Verdict};

use super::truth::Told;
use super::{PATCH, US, calm, is_silent, meet, refusal, told, world, world_with_preview};
use crate::world::{APPLICATION, Run, World, sha};

const FORBIDDEN: &str = "Resource not accessible by integration";

fn is_deployment(request: &IncomingRequest) -> bool {
    request.kind == RequestKind::Api && request.path.contains("/deployments")
}

fn is_status(request: &IncomingRequest) -> bool {
    request.kind == RequestKind::Api && request.path.ends_with("/statuses")
}

fn is_comment(request: &IncomingRequest) -> bool {
    request.kind == RequestKind::Api && request.path.contains("/comments")
}

/// Answers what `concerns` picks with `status`, as long as it lasts.
fn refuse(world: &World, status: u16, concerns: fn(&IncomingRequest) -> bool) {
    meet(world, 0, usize::MAX, concerns, move || Verdict::Answer(refusal(status, FORBIDDEN)));
}

/// A deploy in trouble, which commits all the same.
fn deploy(world: &World, commit: char, code: i32) -> Run {
    let before = world.tip();
    let run = world.deploy(7, &sha(commit));
    assert_eq!(run.code, code, "{}", run.stderr);
    assert_ne!(world.tip(), before);
    assert_eq!(run.output("apps-commit"), world.tip());
    assert!(world.file(PATCH).unwrap().contains(&sha(commit)));
    run
}

/// When the trouble is over, the next deploy tells all there is to tell, and the one after it nothing.
fn is_made_good(world: &World, commit: char) {
    calm(world);
    let tip = world.tip();
    let run = world.deploy(7, &sha(commit)).ok();
    assert_eq!((run.output("result"), world.tip()), ("unchanged", tip));
    assert_eq!(Told::of(world, 7), Told::up(7, &sha(commit)));
    is_silent(world, "unchanged", || world.deploy(7, &sha(commit)));
}

#[test]
fn deployments_that_are_not_allowed_are_told_with_the_permission_they_need() {
    let world = world();
    refuse(&world, 403, is_deployment);
    let run = deploy(&world, 'a', 4);
    assert_eq!((run.output("result"), Told::of(&world, 7).states), ("created", vec!["deploying".to_owned()]));
    assert!(run.output("comment-url").contains("#issuecomment-"));
    insta::assert_snapshot!(told(&run), @"
    error: the apps repository is as it should be, but the pull request could not be told
      because the forge does not allow to make a deployment: Resource not accessible by integration
      hint give the job `permissions: deployments: write`, or do without deployments with `--deployments off`
    ");
    is_made_good(&world, 'a');
}

#[test]
fn deployments_that_are_not_allowed_can_be_done_without() {
    let world = world();
    refuse(&world, 403, is_deployment);
    let run = world.on_event("deploy", "opened", 7, &sha('a'), &["--deployments", "off"]).ok();
    assert_eq!((run.output("result"), world.comments(7).len()), ("created", 1));
    is_silent(&world, "unchanged", || world.on_event("deploy", "opened", 7, &sha('a'), &["--deployments", "off"]));
    is_made_good(&world, 'a');
}

#[test]
fn deployments_that_are_not_allowed_any_more_do_not_keep_the_comment_from_being_told() {
    let world = world_with_preview();
    world.push(7, &sha('b'));
    refuse(&world, 403, is_deployment);
    let run = deploy(&world, 'b', 4);
    assert!(world.comments(7)[0].contains(&sha('b')[..7]), "{:?}", world.comments(7));
    insta::assert_snapshot!(told(&run), @"
     WARN besides, the forge does not allow to tell how a deployment stands: Resource not accessible by integration
    error: the apps repository is as it should be, but the pull request could not be told
      because the forge does not allow to make a deployment: Resource not accessible by integration
      hint give the job `permissions: deployments: write`, or do without deployments with `--deployments off`
    ");
    is_made_good(&world, 'b');
}

#[test]
fn a_removal_is_told_without_the_deployment_that_is_not_allowed_to_end() {
    let world = world_with_preview();
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    refuse(&world, 403, is_deployment);
    let run = world.teardown(7, &sha('a'));
    assert_eq!((run.code, run.output("result"), world.file(PATCH)), (4, "removed", None));
    assert_eq!(Told::of(&world, 7).states, ["removed"]);
    insta::assert_snapshot!(told(&run), @"
    error: the apps repository is as it should be, but the pull request could not be told
      because the forge does not allow to tell how a deployment stands: Resource not accessible by integration
      hint give the job `permissions: deployments: write`, or do without deployments with `--deployments off`
    ");
    calm(&world);
    assert_eq!(world.teardown(7, &sha('a')).ok().output("result"), "absent");
    assert_eq!(Told::of(&world, 7), Told::gone("removed"));
    is_silent(&world, "absent", || world.teardown(7, &sha('a')));
}

#[test]
fn comments_that_are_not_allowed_are_told_with_the_permission_they_need() {
    let world = world_with_preview();
    world.push(7, &sha('b'));
    refuse(&world, 403, is_comment);
    let run = deploy(&world, 'b', 4);
    // The older one stays as long as the comment tells of it.
    assert_eq!(Told::of(&world, 7).active.len(), 2);
    insta::assert_snapshot!(told(&run), @"
    error: the apps repository is as it should be, but the pull request could not be told
      because the forge does not allow to edit a comment: Resource not accessible by integration
      hint give the job `permissions: pull-requests: write`
    ");
    is_made_good(&world, 'b');
}

#[test]
fn a_deployment_whose_status_fails_is_not_made_again() {
    let world = world();
    refuse(&world, 502, is_status);
    let run = deploy(&world, 'a', 6);
    assert_eq!(world.emulator.forge().deployments(APPLICATION).unwrap().len(), 1);
    insta::assert_snapshot!(told(&run), @"
    error: the apps repository is as it should be, but the pull request could not be told
      because the forge failed to tell how a deployment stands: status 502: Resource not accessible by integration
      hint check the forge's status, then run it again
    ");
    is_made_good(&world, 'a');
}

#[test]
fn a_token_that_may_write_nothing_is_told_of_everything() {
    let world = world();
    refuse(&world, 403, |request| request.kind == RequestKind::Api);
    let run = deploy(&world, 'a', 4);
    insta::assert_snapshot!(told(&run), @"
     WARN besides, the forge does not allow to write a comment: Resource not accessible by integration
    error: the apps repository is as it should be, but the pull request could not be told
      because the forge does not allow to make a deployment: Resource not accessible by integration
      hint give the job `permissions: deployments: write`, or do without deployments with `--deployments off`
    ");
    is_made_good(&world, 'a');
}

/// A sweep of two closed previews and one that is not told of yet, and the next one without the trouble.
fn swept_in_trouble(status: u16, concerns: fn(&IncomingRequest) -> bool, code: i32) -> String {
    let world = World::new();
    for number in [7, 8, 9] {
        world.open(number, &sha('a'));
        world.deploy(number, &sha('a')).ok();
    }
    for number in [7, 8] {
        world.emulator.forge().close(APPLICATION, number).unwrap();
    }
    refuse(&world, status, concerns);
    let run = world.run(world.bivouac(&["sweep"]));
    assert_eq!((run.code, run.output("removed"), world.file(PATCH)), (code, r#"["pr-7","pr-8"]"#, None));
    calm(&world);
    let next = world.run(world.bivouac(&["sweep"])).ok();
    assert_eq!((next.output("removed"), next.output("announced")), ("[]", r#"["pr-7","pr-8"]"#));
    for number in [7, 8] {
        assert_eq!(Told::of(&world, number), Told::gone("removed"));
    }
    assert_eq!(Told::of(&world, 9), Told::up(9, &sha('a')));
    is_silent(&world, "", || world.run(world.bivouac(&["sweep"])));
    format!(
        "{}{}",
        run.stdout.lines().filter(|line| !line.contains("apps commit")).collect::<Vec<_>>().join("\n") + "\n",
        told(&run)
    )
}

#[test]
fn a_sweep_whose_comments_are_not_allowed_is_told_by_the_next_one() {
    insta::assert_snapshot!(swept_in_trouble(403, is_comment, 4), @"
    removed pr-7 of acme/wildside#7: the pull request is closed
    removed pr-8 of acme/wildside#8: the pull request is closed
    2 removed, 1 staying, 2 failed
    ERROR pr-7: the apps repository is as it should be, but the pull request could not be told: the forge does not allow to edit a comment: Resource not accessible by integration; give the job `permissions: pull-requests: write`
    ERROR pr-8: the apps repository is as it should be, but the pull request could not be told: the forge does not allow to edit a comment: Resource not accessible by integration; give the job `permissions: pull-requests: write`
    error: the sweep could not do everything: pr-7, pr-8
      because the apps repository is as it should be, but the pull request could not be told
      because the forge does not allow to edit a comment: Resource not accessible by integration
      hint the rest was done; what was left is tried again by the next sweep
    ");
}

#[test]
fn a_sweep_that_may_not_end_deployments_is_told_by_the_next_one() {
    insta::assert_snapshot!(swept_in_trouble(403, is_deployment, 4), @"
    removed pr-7 of acme/wildside#7: the pull request is closed
    removed pr-8 of acme/wildside#8: the pull request is closed
    2 removed, 1 staying, 2 failed
    ERROR pr-7: the apps repository is as it should be, but the pull request could not be told: the forge does not allow to tell how a deployment stands: Resource not accessible by integration; give the job `permissions: deployments: write`, or do without deployments with `--deployments off`
    ERROR pr-8: the apps repository is as it should be, but the pull request could not be told: the forge does not allow to tell how a deployment stands: Resource not accessible by integration; give the job `permissions: deployments: write`, or do without deployments with `--deployments off`
    error: the sweep could not do everything: pr-7, pr-8
      because the apps repository is as it should be, but the pull request could not be told
      because the forge does not allow to tell how a deployment stands: Resource not accessible by integration
      hint the rest was done; what was left is tried again by the next sweep
    ");
}

const OWN: [&str; 2] = ["--deployments", "per-preview"];

/// A teardown that can not delete the preview's own environment, and then a sweep that can; returns what was said.
fn left_behind(status: u16) -> String {
    let world = world();
    world.emulator.change_account(US, |account| account.administers = true).unwrap();
    world.on_event("deploy", "opened", 7, &sha('a'), &OWN).ok();
    assert_eq!(world.emulator.forge().environments(APPLICATION).unwrap(), ["preview/pr-7"]);
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    refuse(&world, status, |request| request.method == "DELETE");
    let run = world.on_event("teardown", "closed", 7, &sha('a'), &OWN);
    assert_eq!((run.code, run.output("result")), (0, "removed"), "{}", run.stderr);
    assert_eq!(Told::of(&world, 7), Told::gone("removed"));
    assert_eq!(world.emulator.forge().environments(APPLICATION).unwrap(), ["preview/pr-7"]);

    calm(&world);
    let sweep = || world.run(world.bivouac(&["sweep", OWN[0], OWN[1]]));
    sweep().ok();
    assert!(world.emulator.forge().environments(APPLICATION).unwrap().is_empty());
    is_silent(&world, "", sweep);
    is_silent(&world, "absent", || world.on_event("teardown", "closed", 7, &sha('a'), &OWN));
    told(&run)
}

#[test]
fn an_environment_that_could_not_be_deleted_is_told_and_deleted_by_the_next_sweep() {
    insta::assert_snapshot!(left_behind(502), @" WARN the environment `preview/pr-7` is left to the next sweep: the forge failed to delete an environment: status 502: Resource not accessible by integration");
}

#[test]
fn an_environment_that_is_not_allowed_to_be_deleted_is_left_without_a_word() {
    insta::assert_snapshot!(left_behind(403), @"");
}
