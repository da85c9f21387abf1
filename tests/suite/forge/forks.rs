//! Pull requests from forks get no preview, and their runs are green.

use bivouac::emulator::{Access, Account, Actor, NewPullRequest};

use super::{PATCH, comments, marker, rest};
use crate::world::{APPLICATION, READER, Run, WEBHOOKS, World, sha};

const FORK: &str = "stranger/wildside";

fn world() -> World {
    let world = World::new();
    let branch = NewPullRequest::from_branch("patch-1", sha('a'));
    let new = NewPullRequest { number: Some(7), fork: Some(FORK.to_owned()), ..branch };
    world.emulator.forge().open_pull_request(APPLICATION, new).unwrap();
    world
}

/// `deploy` on the event of a fork's pull request, with this token.
fn deploy_with(world: &World, token: &str) -> Run {
    let event = WEBHOOKS.pull_request("opened").numbered(7).at(&sha('a')).in_repository(APPLICATION);
    let path = world.write_event(&event.coming_from_fork(FORK).into_value());
    let mut command = world.bivouac(&["deploy"]);
    command.env("GITHUB_EVENT_NAME", "pull_request_target").env("GITHUB_EVENT_PATH", path).env("GITHUB_TOKEN", token);
    world.run(command)
}

#[test]
fn a_fork_is_refused_with_a_notice_and_one_comment() {
    let world = world();
    let tip = world.tip();
    let run = deploy_with(&world, crate::world::TOKEN).ok();
    assert_eq!(run.output("result"), "refused");
    assert!(run.output("reason").contains("fork"), "{}", run.output("reason"));
    assert!(run.stderr.contains("::notice title=Preview pr-7::refused: the pull request comes from a fork"));
    assert_eq!((world.tip(), world.file(PATCH)), (tip, None));
    let found = comments(&world);
    assert!(found.len() == 1 && found[0].1.starts_with(&marker(0, "refused")), "{found:#?}");
    assert!(run.output("comment-url").contains("#issuecomment-"));

    world.emulator.forget_requests();
    assert_eq!(deploy_with(&world, crate::world::TOKEN).ok().output("result"), "refused");
    assert_eq!((comments(&world), rest(&world)), (found, vec![]));
}

#[test]
fn a_forks_token_that_may_only_read_is_no_failure() {
    let world = world();
    let run = deploy_with(&world, READER);
    assert_eq!((run.code, run.output("result")), (0, "refused"), "{}", run.stderr);
    assert!(run.stderr.contains("::notice title=Preview pr-7::refused: "), "{}", run.stderr);
    assert_eq!(comments(&world), []);
}

#[test]
fn a_fork_that_was_deleted_is_still_a_fork() {
    let world = world();
    world.emulator.forge().change(APPLICATION, 7, |change| change.head_repository = None).unwrap();
    assert_eq!(deploy_with(&world, crate::world::TOKEN).ok().output("result"), "refused");
}

#[test]
fn a_refused_pull_request_that_closes_keeps_its_comment() {
    let world = world();
    deploy_with(&world, crate::world::TOKEN).ok();
    let found = comments(&world);
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    assert_eq!(world.teardown(7, &sha('a')).ok().output("result"), "absent");
    assert_eq!(comments(&world), found);
}

/// `deploy` and `teardown` in runs that may not read the apps repository, as those of forks and of Dependabot.
fn without_secrets(world: &World) -> [Run; 2] {
    let hide = |account: &mut Account| {
        account.exceptions.insert("acme/apps".to_owned(), Access::None);
    };
    world.emulator.change_account("github-actions[bot]", hide).unwrap();
    ["deploy", "teardown"].map(|verb| world.on_event(verb, "synchronize", 7, &sha('a'), &[]))
}

#[test]
fn a_run_of_a_fork_that_has_no_secrets_is_green() {
    let [deploy, teardown] = without_secrets(&world());
    assert_eq!((deploy.code, deploy.output("result")), (0, "refused"), "{}", deploy.stderr);
    assert_eq!(deploy.output("reason"), "the pull request comes from a fork, and previews for forks are refused");
    let notice = "::notice title=Preview of acme/wildside#7::refused: the pull request comes from a fork";
    assert!(deploy.stderr.contains(notice), "{}", deploy.stderr);
    assert_eq!((teardown.code, teardown.output("result")), (0, "absent"), "{}", teardown.stderr);
}

#[test]
fn a_run_of_a_bot_that_has_no_secrets_is_green() {
    let world = World::new();
    let branch = NewPullRequest::from_branch("dependabot/npm", sha('a'));
    let author = Actor::bot("dependabot[bot]");
    let new = NewPullRequest { number: Some(7), author, ..branch };
    world.emulator.forge().open_pull_request(APPLICATION, new).unwrap();
    let [deploy, _] = without_secrets(&world);
    assert_eq!((deploy.code, deploy.output("result")), (0, "refused"), "{}", deploy.stderr);
    assert!(deploy.summary.contains("is a bot"), "{}", deploy.summary);
}

#[test]
fn a_run_of_anybody_else_that_may_not_read_the_apps_repository_is_red() {
    let world = World::new();
    world.open(7, &sha('a'));
    assert_eq!(without_secrets(&world).map(|run| run.code), [4, 4]);
}
