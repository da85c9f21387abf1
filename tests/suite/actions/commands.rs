//! `/preview …` in the comments on a pull request: the workflow, from the comment to what it leaves behind.

use bivouac::emulator::{Actor, Role};
use serde_json::{Value, json};

use super::{Caller, Ended};
use crate::world::{APPLICATION, World, sha};

/// The workflow that follows commands.
pub(super) const WORKFLOW: &str = "preview-command.yml";

/// The event of a comment that was written on a pull request.
pub(super) fn comment(world: &World, number: u64, author: &Actor, body: &str) -> Value {
    let written = world.emulator.forge().comment(APPLICATION, number, author.clone(), body).unwrap();
    event(number, written.id, author, body)
}

fn event(number: u64, comment: u64, author: &Actor, body: &str) -> Value {
    let kind = if author.login.ends_with("[bot]") { "Bot" } else { "User" };
    let author = json!({"login": author.login, "id": author.number(), "type": kind});
    let url = format!("https://api.github.com/repos/{APPLICATION}/pulls/{number}");
    json!({
        "action": "created",
        "comment": {"id": comment, "body": body, "user": author},
        "issue": {"number": number, "state": "open", "pull_request": {"url": url}},
        "repository": {"full_name": APPLICATION, "name": "wildside", "owner": {"login": "acme"}},
        "sender": author,
    })
}

/// Lets a writer say something, and follows it.
pub(super) fn said(caller: &Caller, number: u64, body: &str) -> Ended {
    caller.run(WORKFLOW, "issue_comment", &comment(&caller.world, number, &writer(), body))
}

/// Somebody who may push.
pub(super) fn writer() -> Actor {
    Actor::user("ada")
}

/// A caller with a pull request, in whose repository somebody may push, and whose previews end some day.
fn asked() -> Caller {
    let caller = Caller::with_workflows();
    let world = &caller.world;
    world.configure("preview: {ttl: 24h}\n");
    world.emulator.forge().set_role(APPLICATION, "ada", Role::Write).unwrap();
    world.open(7, &sha('a'));
    caller
}

/// What was reacted with, comment for comment, where something was.
fn reactions(world: &World) -> Vec<String> {
    let comments = world.emulator.forge().comments(APPLICATION, 7).unwrap();
    comments.iter().flat_map(|comment| comment.reactions.iter().map(|one| one.content.clone())).collect()
}

/// What the preview's own comment says.
fn told(world: &World) -> String {
    world.comments(7).into_iter().find(|body| body.contains("bivouac")).unwrap_or_default()
}

fn labels(world: &World) -> Vec<String> {
    world.emulator.forge().pull_request(APPLICATION, 7).unwrap().labels
}

#[test]
fn a_writer_commands_the_whole_life_of_a_preview() {
    let caller = asked();
    let world = &caller.world;
    let follow = |body: &str| {
        let ended = said(&caller, 7, body).green();
        assert_eq!(ended.output("command.command"), body.split([' ', '\n']).nth(1).unwrap(), "{}", ended.log);
        ended
    };

    let deployed = follow("/preview deploy\n\nplease");
    assert_eq!(deployed.output("command.result"), "created");
    assert_eq!(deployed.output("command.url"), "https://pr-7.preview.example.com");
    assert_eq!(deployed.output("command.apps-commit"), world.tip());
    assert_eq!(follow("/preview extend 48h").output("command.result"), "updated");
    assert!(world.file("overlays/ephemeral/pr-7/kustomization.yaml").is_some());

    let tip = world.tip();
    follow("/preview keep");
    assert_eq!(labels(world), ["keep-preview"]);
    follow("/preview status");
    assert!(told(world).contains("To `ada`, "), "{}", told(world));
    follow("/preview help");
    assert!(told(world).contains("/preview extend 48h"), "{}", told(world));
    assert_eq!(world.tip(), tip, "only asked, or labelled");

    assert_eq!(follow("/preview remove").output("command.result"), "removed");
    assert_eq!(labels(world), ["keep-preview", "no-preview"]);
    assert_eq!(world.file("overlays/ephemeral/pr-7/kustomization.yaml"), None);
    assert_eq!(follow("/preview deploy").output("command.result"), "created");
    assert_eq!(labels(world), ["keep-preview"]);
    assert_eq!(reactions(world), ["+1"; 7]);
    assert_eq!(world.comments(7).iter().filter(|body| !body.starts_with("/preview")).count(), 1);
}

#[test]
fn what_is_no_command_is_answered_and_changes_nothing() {
    let caller = asked();
    let (world, tip) = (&caller.world, caller.world.tip());
    for body in ["/preview deploy now", "/preview $(id)", "/preview approve 1234", "/preview extend never"] {
        said(&caller, 7, body).green();
    }
    assert_eq!(reactions(world), ["confused"; 4]);
    assert_eq!((world.tip(), labels(world)), (tip, Vec::new()));
}

#[test]
fn a_stranger_is_not_followed_and_nothing_is_written() {
    let caller = asked();
    let (world, tip) = (&caller.world, caller.world.tip());
    for (login, role) in [("mallory", None), ("reader", Some(Role::Read)), ("triager", Some(Role::Triage))] {
        if let Some(role) = role {
            world.emulator.forge().set_role(APPLICATION, login, role).unwrap();
        }
        for body in ["/preview deploy", "/preview remove", "/preview help", "/preview approve"] {
            let said = comment(world, 7, &Actor::user(login), body);
            let ended = caller.run(WORKFLOW, "issue_comment", &said).green();
            assert_eq!(ended.output("command.result"), "", "{login}: {body}");
            assert!(ended.log.contains("may not push to"), "{}", ended.log);
        }
    }
    assert_eq!((world.tip(), labels(world)), (tip, Vec::new()));
    assert_eq!(reactions(world), ["-1"; 12]);
    assert!(world.comments(7).iter().all(|body| body.starts_with("/preview ")), "{:?}", world.comments(7));
}

#[test]
fn a_name_that_belongs_to_another_account_by_now_is_a_strangers() {
    let caller = asked();
    let mut said = comment(&caller.world, 7, &writer(), "/preview deploy");
    for place in ["/comment/user/id", "/sender/id"] {
        *said.pointer_mut(place).unwrap() = json!(12_345);
    }
    let ended = caller.run(WORKFLOW, "issue_comment", &said).green();
    assert!(ended.log.contains("may not push to"), "{}", ended.log);
    assert_eq!(caller.world.file("overlays/ephemeral/pr-7/kustomization.yaml"), None);
}

#[test]
fn what_is_passed_over_makes_no_request() {
    let caller = asked();
    let world = &caller.world;
    let deploy = comment(world, 7, &writer(), "/preview deploy");
    let changed = |pointer: &str, value: Value| {
        let mut event = deploy.clone();
        *event.pointer_mut(pointer).unwrap() = value;
        event
    };
    let before = (world.tip(), world.comments(7));
    world.emulator.forget_requests();
    for (event, is_skipped) in [
        (comment_of(&Actor::bot("helper[bot]"), "/preview deploy"), true),
        (changed("/issue/pull_request", Value::Null), true),
        (changed("/comment/body", json!("> /preview deploy\n\nNo!")), true),
        (changed("/comment/body", json!("Try this:\n/preview deploy")), true),
        (changed("/comment/body", json!(" /preview deploy")), true),
        (changed("/comment/body", json!("")), true),
        (changed("/comment/body", json!("/previews are great")), false),
        (changed("/action", json!("edited")), false),
        (changed("/action", json!("deleted")), false),
        (changed("/sender/id", json!(1)), false),
    ] {
        let ended = caller.run(WORKFLOW, "issue_comment", &event).green();
        assert_eq!(ended.jobs.contains_key("command"), !is_skipped, "{event}: {}", ended.log);
        assert_eq!((ended.output("command.command"), ended.output("command.result")), ("", ""), "{event}");
    }
    assert!(world.emulator.requests().is_empty(), "{:?}", world.emulator.requests());
    assert_eq!((world.tip(), world.comments(7)), before);
}

fn comment_of(author: &Actor, body: &str) -> Value {
    event(7, 5_000_000_001, author, body)
}

#[test]
fn what_a_comment_says_reaches_no_shell_and_forges_no_command_of_the_runner() {
    let caller = asked();
    let proof = caller.machine.path().join("proof");
    let touch = format!("touch {}", proof.display());
    for body in [
        format!("/preview $({touch})"),
        format!("/preview deploy; {touch}"),
        format!("/preview `{touch}`\n::error title=Forged::x"),
        "/preview ::error%20title=Forged::x".to_owned(),
        format!("/preview '\"; {touch} #"),
    ] {
        let ended = said(&caller, 7, &body).green();
        let mut lines = ended.log.split(['\r', '\n']).map(|line| line.trim_start_matches([' ', '\u{2757}']));
        assert!(!lines.any(|line| line.starts_with("::error title=Forged")), "{body}: {}", ended.log);
        assert!(!proof.exists(), "{body}");
    }
}
