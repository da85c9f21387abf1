//! `/preview …` in a comment on a pull request, through the whole program.

mod crowd;
mod dry;
mod ended;
mod ends;
mod heard;
mod labels;
mod lives;
mod people;

use std::fs;
use std::process::Command;

use bivouac::emulator::{Actor, ActorKind, Comment, Role};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::policy::{configured, ending, on, open, plain, steady};
use crate::world::{APPLICATION, Run, WEBHOOKS, World};

/// Who may push.
pub(crate) const ADA: &str = "ada";
/// Who Bivouac is on the forge.
pub(crate) const US: &str = "github-actions[bot]";
/// Where previews live for ten hours.
pub(crate) const TEN_HOURS: &str = "{ttl: 10h, ttl-warning: 2h}";
/// When it is, for the forge: far from this machine's clock, so that it counts.
const NOW: &str = "2027-03-01T12:00:00Z";

/// A world in which time stands still, with this under `preview`, pull request 7 at `a…`, and Ada, who may push.
pub(crate) fn world(preview: &str) -> World {
    let world = configured(preview);
    open(&world, |_| ());
    world.emulator.forge().set_role(APPLICATION, ADA, Role::Write).unwrap();
    world.stop_clock(NOW.parse().unwrap());
    world
}

/// The same with the preview of pull request 7.
pub(crate) fn world_with_preview(preview: &str) -> World {
    let world = world(preview);
    assert_eq!(on(&world, "opened"), plain("created"));
    world
}

/// The event of a comment on pull request `number`, by that account.
pub(crate) fn event(number: u64, id: u64, author: &Actor, body: &str) -> Value {
    let mut event = WEBHOOKS.example("issue_comment", "created");
    let kind = if author.kind == ActorKind::Bot { "Bot" } else { "User" };
    for user in ["/comment/user", "/sender"] {
        let user = event.pointer_mut(user).unwrap();
        (user["login"], user["id"], user["type"]) = (json!(author.login), json!(author.number()), json!(kind));
    }
    (event["comment"]["id"], event["comment"]["body"]) = (json!(id), json!(body));
    event["repository"]["full_name"] = json!(APPLICATION);
    let address = format!("https://api.github.com/repos/{APPLICATION}/pulls/{number}");
    event["issue"]["number"] = json!(number);
    event["issue"]["pull_request"] = json!({
        "url": address, "html_url": address, "diff_url": address, "patch_url": address, "merged_at": null,
    });
    event
}

/// The command of the program that hears of an event of a comment.
pub(crate) fn hearing(world: &World, event: &Value, more: &[&str]) -> Command {
    let path = world.home.path().join(format!("event-{}.json", event["comment"]["id"]));
    fs::write(&path, event.to_string()).unwrap();
    let mut command = world.bivouac(&[&["command"], more].concat());
    command.env("GITHUB_EVENT_NAME", "issue_comment").env("GITHUB_EVENT_PATH", path);
    command
}

/// What came of a comment.
pub(crate) struct Said {
    pub(crate) id: u64,
    pub(crate) run: Run,
}

/// A comment by somebody on pull request 7, and the run that hears of it.
pub(crate) fn said_by(world: &World, author: &Actor, body: &str, more: &[&str]) -> Said {
    let id = world.emulator.forge().comment(APPLICATION, 7, author.clone(), body).unwrap().id;
    world.emulator.forget_requests();
    let run = world.run(hearing(world, &event(7, id, author, body), more));
    Said { id, run }
}

/// The same by Ada, who may push.
pub(crate) fn say(world: &World, body: &str) -> Said {
    said_by(world, &Actor::user(ADA), body, &[])
}

impl Said {
    /// Fails the test unless the run ended well.
    pub(crate) fn ok(self) -> Self {
        Self { run: self.run.ok(), ..self }
    }

    /// The result of the run, and its reason.
    pub(crate) fn ending(&self) -> (String, String) {
        ending(&self.run)
    }

    /// Our reactions to the comment, in a word each.
    pub(crate) fn reactions(&self, world: &World) -> String {
        reactions(world, self.id)
    }
}

/// Our reactions to a comment on pull request 7, in a word each.
pub(crate) fn reactions(world: &World, id: u64) -> String {
    let comments = world.emulator.forge().comments(APPLICATION, 7).unwrap();
    let comment = comments.iter().find(|comment| comment.id == id).unwrap();
    assert!(comment.reactions.iter().all(|reaction| reaction.author.login == US));
    comment.reactions.iter().map(|reaction| reaction.content.as_str()).collect::<Vec<_>>().join(" ")
}

/// Our comments on a pull request.
pub(crate) fn ours(world: &World, number: u64) -> Vec<Comment> {
    let mut comments = world.emulator.forge().comments(APPLICATION, number).unwrap();
    comments.retain(|comment| comment.author.login == US);
    comments
}

/// Our one comment on pull request 7, with what differs between runs taken out.
pub(crate) fn sticky(world: &World) -> String {
    let ours = ours(world, 7);
    assert_eq!(ours.len(), 1, "{ours:#?}");
    steady(world, &ours[0].body)
}

/// The last line of our comment: the answer, where there is one.
pub(crate) fn answer(world: &World) -> String {
    sticky(world).lines().last().unwrap().to_owned()
}

/// The labels of pull request 7.
pub(crate) fn labels(world: &World) -> Vec<String> {
    world.emulator.forge().pull_request(APPLICATION, 7).unwrap().labels
}

/// A preview's end, where it has one.
pub(crate) fn end(world: &World) -> Option<Timestamp> {
    let patch = crate::policy::patch(world, 7).unwrap();
    let line = patch.lines().find_map(|line| line.trim().strip_prefix("bivouac.dev/expires-at: "))?;
    Some(line.trim_matches('"').parse().unwrap())
}

/// All that a pull request and the apps repository are: the commit, the labels, and every comment with its reactions.
pub(crate) fn everything(world: &World) -> (String, Vec<String>, Vec<Comment>) {
    (world.tip(), labels(world), world.emulator.forge().comments(APPLICATION, 7).unwrap())
}

#[test]
fn the_events_of_these_tests_are_what_github_describes() {
    let event = event(7, 5_000_000_001, &Actor::user(ADA), "/preview deploy");
    for pointer in ["/comment/user/login", "/comment/user/id", "/sender/id", "/issue/pull_request/url"] {
        assert!(event.pointer(pointer).is_some_and(|found| !found.is_null()), "{pointer}");
    }
    assert_eq!(event["comment"]["author_association"], "OWNER", "which means nothing to Bivouac");
}
