//! An approval by a label, which stands for the head that it was put on at.

use bivouac::emulator::{Actor, RequestKind, Role};
use serde_json::{Value, json};

use super::{because_unapproved, by_ada, event, on, pushed, shown, unapproved, world};
use crate::command::{ADA, sticky};
use crate::policy::{ending, plain};
use crate::world::{APPLICATION, Run, World, sha};

const REQUIRE: &str = ", labels: {require: [preview]}";

/// What is different of an event.
type Change = fn(&mut Value);

/// The event of a label that Ada has put on pull request 7 at `a…`.
fn labelled(label: &str) -> Value {
    let mut event = event("labeled", &sha('a'));
    event["label"]["name"] = json!(label);
    let ada = Actor::user(ADA);
    (event["sender"]["login"], event["sender"]["id"]) = (json!(ADA), json!(ada.number()));
    event["sender"]["type"] = json!("User");
    event
}

/// A world with that label on pull request 7.
fn world_with(label: &str) -> World {
    let world = world(REQUIRE);
    world.emulator.forge().label(APPLICATION, 7, label).unwrap();
    world
}

fn deploy(world: &World, event: &Value) -> Run {
    world.emulator.forget_requests();
    on(world, "deploy", event, &[]).ok()
}

/// How often somebody's permission was asked for.
fn questions(world: &World) -> usize {
    world.requests(RequestKind::Api).iter().filter(|request| request.path.ends_with("/permission")).count()
}

#[test]
fn a_required_label_by_somebody_who_may_push_approves_the_head() {
    for label in ["preview", "PREVIEW"] {
        let world = world_with(label);
        let run = deploy(&world, &labelled(label));
        assert_eq!((ending(&run), questions(&world)), (plain("created"), 1));
        assert_eq!(shown(&world), Some(by_ada('a')));
        assert!(sticky(&world).contains("| Approved by | `ada` |"), "{}", sticky(&world));
        assert_eq!(ending(&deploy(&world, &labelled(label))), plain("unchanged"));
        // It was for that commit, and not for what comes after it.
        assert_eq!(pushed(&world, 'b'), because_unapproved("kept", 'b'));
        assert_eq!(ending(&deploy(&world, &event("synchronize", &sha('b')))), because_unapproved("kept", 'b'));
    }
}

#[test]
fn a_label_approves_nothing_if_any_condition_is_missing() {
    let broken: [(&str, Change); 6] = [
        ("another label", |event| event["label"]["name"] = json!("bug")),
        ("another action", |event| event["action"] = json!("unlabeled")),
        ("a push", |event| event["action"] = json!("synchronize")),
        ("a bot", |event| event["sender"]["type"] = json!("Bot")),
        ("another account of that name", |event| event["sender"]["id"] = json!(1)),
        ("somebody whom nobody knows", |event| {
            (event["sender"]["login"], event["sender"]["id"]) = (json!("nobody-knows-me"), json!(7));
        }),
    ];
    for (what, change) in broken {
        let world = world_with("preview");
        let mut event = labelled("preview");
        change(&mut event);
        assert_eq!(ending(&deploy(&world, &event)), because_unapproved("refused", 'a'), "{what}");
        assert_eq!(shown(&world), None, "{what}");
        assert!(sticky(&world).contains(&format!("`/preview approve {}`", sha('a'))), "{}", sticky(&world));
    }
}

#[test]
fn a_label_by_somebody_who_may_not_push_approves_nothing() {
    for role in [Role::Triage, Role::Read, Role::None] {
        let world = world_with("preview");
        world.emulator.forge().set_role(APPLICATION, ADA, role).unwrap();
        let run = deploy(&world, &labelled("preview"));
        assert_eq!((ending(&run), questions(&world)), (because_unapproved("refused", 'a'), 1));
    }
}

#[test]
fn a_label_from_before_a_push_approves_neither_commit() {
    let world = world_with("preview");
    world.push(7, &sha('b'));
    let run = deploy(&world, &labelled("preview"));
    assert_eq!((run.output("result"), shown(&world)), ("superseded", None));
    assert_eq!(pushed(&world, 'b'), because_unapproved("refused", 'b'));
}

#[test]
fn a_label_that_is_gone_by_now_approves_nothing() {
    let world = world(REQUIRE);
    assert_eq!(
        deploy(&world, &labelled("preview")).output("reason"),
        "the pull request does not have the label `preview`"
    );
    world.emulator.forge().label(APPLICATION, 7, "preview").unwrap();
    assert_eq!(pushed(&world, 'a'), because_unapproved("refused", 'a'));
}

#[test]
fn a_label_approves_nothing_where_none_is_required() {
    let world = world("");
    world.emulator.forge().label(APPLICATION, 7, "preview").unwrap();
    assert_eq!(ending(&deploy(&world, &labelled("preview"))), because_unapproved("refused", 'a'));
}

#[test]
fn a_label_on_a_pull_request_of_ours_asks_nobody() {
    let world = crate::command::world("{forks: approved, labels: {require: [preview]}}");
    world.emulator.forge().label(APPLICATION, 7, "preview").unwrap();
    world.emulator.forget_requests();
    let run = world.on_event("deploy", "labeled", 7, &sha('a'), &[]).ok();
    assert_eq!((ending(&run), questions(&world)), (plain("created"), 0));
    assert_eq!(shown(&world), Some((sha('a'), String::new(), String::new())));
}

#[test]
fn a_teardown_for_a_label_approves_nothing() {
    let world = world_with("preview");
    world.emulator.forget_requests();
    let run = on(&world, "teardown", &labelled("preview"), &[]).ok();
    assert_eq!((run.output("result"), questions(&world), shown(&world)), ("kept", 0, None));
    assert_ne!(run.output("reason"), unapproved('a'));
}
