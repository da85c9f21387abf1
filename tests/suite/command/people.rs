//! Whom a command is followed of: the forge is asked each time.

use bivouac::emulator::{Actor, Answer, RequestKind, Role, Verdict};
use serde_json::json;

use super::{ADA, Said, event, everything, hearing, reactions, said_by, say, world_with_preview};
use crate::policy::{patch, plain};
use crate::world::{APPLICATION, World};

/// Method and path of each request since they were forgotten.
fn requests(world: &World) -> Vec<String> {
    let requests = world.emulator.requests().into_iter();
    requests.map(|request| format!("{} {}", request.method, request.path.replace("/api/v3/repos/acme/", ""))).collect()
}

/// Nothing but a question about the permission and one reaction came of it.
fn is_turned_away(world: &World, said: &Said, login: &str) {
    assert_eq!(said.run.code, 0, "{}", said.run.stderr);
    let expected = [
        format!("GET wildside/collaborators/{login}/permission"),
        format!("POST wildside/issues/comments/{}/reactions", said.id),
    ];
    assert_eq!(requests(world), expected);
    assert_eq!(said.reactions(world), "-1");
    assert_eq!((said.run.output("result"), said.run.summary.as_str()), ("", ""));
    let told = format!("`{login}` may not push to `{APPLICATION}`: the command is not followed");
    assert_eq!(said.run.stdout, format!("{told}\n"));
    assert!(said.run.stderr.contains(&format!("::notice title=Preview::{told}")), "{}", said.run.stderr);
}

#[test]
fn who_may_not_push_is_answered_with_a_reaction_and_nothing_else() {
    let world = world_with_preview("{}");
    let before = (world.tip(), super::labels(&world), super::ours(&world, 7));
    for role in [Role::Read, Role::Triage, Role::None] {
        world.emulator.forge().set_role(APPLICATION, "grace", role).unwrap();
        for command in ["deploy", "remove", "keep", "extend 48h", "status", "help", "approve 0123456789ab", "nonsense"]
        {
            let said = said_by(&world, &Actor::user("grace"), &format!("/preview {command}"), &[]);
            is_turned_away(&world, &said, "grace");
        }
    }
    assert_eq!((world.tip(), super::labels(&world), super::ours(&world, 7)), before);
}

#[test]
fn who_may_push_and_more_is_followed() {
    let world = world_with_preview("{}");
    for role in [Role::Write, Role::Maintain, Role::Admin] {
        world.emulator.forge().set_role(APPLICATION, "grace", role).unwrap();
        let said = said_by(&world, &Actor::user("grace"), "/preview status", &[]).ok();
        assert_eq!((said.ending(), said.reactions(&world)), (plain("kept"), "+1".to_owned()), "{role:?}");
    }
}

#[test]
fn what_the_event_says_of_the_author_counts_for_nothing() {
    let world = world_with_preview("{}");
    world.emulator.forge().set_role(APPLICATION, "grace", Role::Read).unwrap();
    let author = Actor::user("grace");
    let id = world.emulator.forge().comment(APPLICATION, 7, author.clone(), "/preview remove").unwrap().id;
    let mut event = event(7, id, &author, "/preview remove");
    for association in ["OWNER", "MEMBER", "COLLABORATOR"] {
        event["comment"]["author_association"] = json!(association);
        event["sender"]["site_admin"] = json!(true);
        world.emulator.forget_requests();
        let run = world.run(hearing(&world, &event, &[]));
        is_turned_away(&world, &Said { id, run }, "grace");
    }
    assert!(patch(&world, 7).is_some());
}

#[test]
fn an_account_that_is_gone_or_that_has_another_number_by_now_may_nothing() {
    let world = world_with_preview("{}");
    let ada = Actor::user(ADA);
    let id = world.emulator.forge().comment(APPLICATION, 7, ada.clone(), "/preview remove").unwrap().id;
    let mut renamed = event(7, id, &ada, "/preview remove");
    for user in ["/comment/user/id", "/sender/id"] {
        *renamed.pointer_mut(user).unwrap() = json!(ada.number() + 1);
    }
    let unknown = event(7, id, &Actor::user("nobody-knows-me"), "/preview remove");
    for (event, login) in [(renamed, ADA), (unknown, "nobody-knows-me")] {
        world.emulator.forget_requests();
        let run = world.run(hearing(&world, &event, &[]));
        is_turned_away(&world, &Said { id, run }, login);
    }
    assert!(patch(&world, 7).is_some());
}

#[test]
fn a_permission_that_was_lost_since_the_last_comment_is_gone() {
    let world = world_with_preview("{}");
    assert_eq!(say(&world, "/preview remove").ok().run.output("result"), "removed");
    world.emulator.forge().set_role(APPLICATION, ADA, Role::Read).unwrap();
    let said = say(&world, "/preview deploy");
    is_turned_away(&world, &said, ADA);
    assert_eq!(patch(&world, 7), None);
}

#[test]
fn a_permission_that_can_not_be_asked_for_fails_and_nothing_is_written() {
    for (status, code) in [(403, 4), (500, 6)] {
        let world = world_with_preview("{}");
        let refusal = Answer::json(status, &json!({"message": "no"}));
        world.intercept(move |request| {
            let is_question = request.path.ends_with("/permission");
            if is_question { Verdict::Answer(refusal.clone()) } else { Verdict::Pass }
        });
        let before = everything(&world);
        let said = say(&world, "/preview remove");
        assert_eq!(said.run.code, code, "{}", said.run.stderr);
        let mut after = everything(&world);
        after.2.pop();
        assert_eq!(after, before);
        assert_eq!(reactions(&world, said.id), "", "nobody knows whether they may ask");
        assert!(world.requests(RequestKind::Graphql).is_empty());
    }
}

#[test]
fn a_comment_that_is_gone_or_can_not_be_reacted_to_is_followed_all_the_same() {
    let world = world_with_preview("{}");
    let ada = Actor::user(ADA);
    let id = world.emulator.forge().comment(APPLICATION, 7, ada.clone(), "/preview remove").unwrap().id;
    world.emulator.forge().delete_comment(APPLICATION, id).unwrap();
    let run = world.run(hearing(&world, &event(7, id, &ada, "/preview remove"), &[])).ok();
    assert_eq!(run.output("result"), "removed");
    let refusal = Answer::json(403, &json!({"message": "no"}));
    world.intercept(move |request| {
        let is_reaction = request.path.ends_with("/reactions");
        if is_reaction { Verdict::Answer(refusal.clone()) } else { Verdict::Pass }
    });
    let said = say(&world, "/preview deploy").ok();
    assert_eq!(said.ending(), plain("created"));
    assert!(said.run.stderr.contains("the comment of `ada` can not be reacted to"), "{}", said.run.stderr);
}
