//! What people may do, and how their comments are answered.

use bivouac::domain::approval::CommitPrefix;
use bivouac::domain::conversation::CommentId;
use bivouac::domain::names::PullRequestNumber;
use bivouac::domain::slash_command::Reaction;
use bivouac::emulator::{Access, Actor, Answer, NewPullRequest, Role, Verdict};
use bivouac::ports::{Discussion, ForgeError};
use serde_json::json;

use super::{US, comment, github, world};
use crate::world::{APPLICATION, World, sha};

fn seven() -> PullRequestNumber {
    "7".parse().unwrap()
}

/// The number and the name of an account, and whether it may push.
fn permission(world: &World, login: &str) -> Option<(u64, String, bool)> {
    let found = world.block_on(github(world).permission(&login.parse().unwrap())).unwrap();
    world.accepts_all();
    found.map(|found| (found.account, found.login.to_string(), found.may_write))
}

#[test]
fn only_whoever_may_push_may_write() {
    let world = world();
    for (role, may_write) in [
        (Role::Admin, Some(true)),
        (Role::Maintain, Some(true)),
        (Role::Write, Some(true)),
        (Role::Triage, Some(false)),
        (Role::Read, Some(false)),
        (Role::None, None),
    ] {
        world.emulator.forge().set_role(APPLICATION, "Ada-L", role).unwrap();
        let number = Actor::user("Ada-L").number();
        assert_eq!(permission(&world, "ada-l"), may_write.map(|may| (number, "Ada-L".to_owned(), may)), "{role:?}");
    }
    comment(&world, Actor::user("stranger"), "/preview");
    assert!(!permission(&world, "stranger").unwrap().2);
    for nobody in ["nobody", US, "ghost"] {
        assert_eq!(permission(&world, nobody), None, "{nobody}");
    }
}

#[test]
fn a_permission_that_can_not_be_told_is_an_error_and_not_none() {
    let world = world();
    let ask = || world.block_on(github(&world).permission(&"octocat".parse().unwrap())).unwrap_err();
    for (status, body) in [(403, json!({"message": "no"})), (200, json!({"permission": "admin", "user": null}))] {
        world.intercept(move |_| Verdict::Answer(Answer::json(status, &body)));
        let error = ask();
        match status {
            403 => assert!(matches!(error, ForgeError::Forbidden { .. }), "{error}"),
            _ => assert!(matches!(error, ForgeError::Senseless { .. }), "{error}"),
        }
    }
}

#[test]
fn a_comment_is_answered_once_and_one_that_is_gone_is_fine() {
    let world = world();
    let (id, github) = (comment(&world, Actor::user("stranger"), "/preview"), github(&world));
    for _first_and_again in 0..2 {
        for reaction in [Reaction::Done, Reaction::Refused, Reaction::NotUnderstood] {
            world.block_on(github.react(CommentId(id), reaction)).unwrap();
        }
    }
    let reactions = world.emulator.forge().comments(APPLICATION, 7).unwrap()[0].reactions.clone();
    let contents: Vec<_> = reactions.iter().map(|one| one.content.as_str()).collect();
    assert_eq!(contents, ["+1", "-1", "confused"]);
    assert!(reactions.iter().all(|one| one.author.login == US));
    world.emulator.forge().delete_comment(APPLICATION, id).unwrap();
    world.block_on(github.react(CommentId(id), Reaction::Done)).unwrap();
    world.accepts_all();
}

#[test]
fn labels_are_put_on_and_taken_off_as_often_as_one_likes() {
    let (world, label) = (world(), "no preview/please?");
    let labels = || world.emulator.forge().pull_request(APPLICATION, 7).unwrap().labels;
    let github = github(&world);
    for _first_and_again in 0..2 {
        world.block_on(github.add_label(seven(), label)).unwrap();
        assert_eq!(labels(), [label]);
    }
    for _first_and_again in 0..2 {
        world.block_on(github.remove_label(seven(), label)).unwrap();
        assert!(labels().is_empty());
    }
    world.accepts_all();
}

#[test]
fn a_token_that_may_only_read_neither_reacts_nor_labels() {
    let world = world();
    let id = comment(&world, Actor::user("stranger"), "/preview");
    world.emulator.change_account(US, |account| account.access = Access::Read).unwrap();
    let github = github(&world);
    let (reacted, added, removed) = world.block_on(async {
        let reacted = github.react(CommentId(id), Reaction::Done).await;
        (reacted, github.add_label(seven(), "x").await, github.remove_label(seven(), "x").await)
    });
    for (result, what) in [(reacted, "react to a comment"), (added, "put a label on"), (removed, "take a label off")] {
        let error = bivouac::error::Error::from(result.unwrap_err());
        assert!(error.to_string().contains(what), "{error}");
        assert!(error.hint().unwrap().contains("pull-requests: write"));
    }
}

#[test]
fn a_commit_is_found_by_its_beginning_if_nothing_else_begins_so() {
    let world = World::new();
    let (one, two) = (format!("{}a{}", "b".repeat(12), "0".repeat(27)), sha('b'));
    let new = NewPullRequest { fork: Some("x/y".to_owned()), ..NewPullRequest::from_branch("patch-1", &one) };
    let number = world.emulator.forge().open_pull_request(APPLICATION, new).unwrap().number;
    world.push(number, &two);
    let find = |prefix: &str| {
        let prefix: CommitPrefix = prefix.parse().unwrap();
        let found = world.block_on(github(&world).commit_of(&prefix)).unwrap();
        world.accepts_all();
        found.map(|commit| commit.to_string())
    };
    assert_eq!(find(&one[..13]), Some(one.clone()));
    assert_eq!(find(&one.to_uppercase()), Some(one.clone()));
    assert_eq!(find(&two), Some(two.clone()));
    assert_eq!((find(&one[..12]), find(&sha('c')), find("cccccccccccc")), (None, None, None));

    // What a branch of that name has is not what was meant.
    let told = json!({"sha": two});
    world.intercept(move |_| Verdict::Answer(Answer::json(200, &told)));
    assert_eq!(find(&one[..13]), None);
    for told in [json!({"sha": null}), json!({"sha": "b"}), json!([])] {
        world.intercept(move |_| Verdict::Answer(Answer::json(200, &told)));
        assert_eq!(find("bbbbbbbbbbbb"), None);
    }
}
