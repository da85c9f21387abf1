//! Answers to the commit that never come, and tips that move.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use bivouac::emulator::{Answer, Verdict};
use serde_json::json;

use super::{PREVIEW, asked, commits, is_commit, meet_commit, tells_the_tip, world};
use crate::world::{World, checked, commit, git_command, sha};

fn answers() -> [(&'static str, Answer); 2] {
    let bad = Answer::json(502, &json!({"message": "Bad Gateway"}));
    let words = "Something went wrong while executing your query. This may be the result of a timeout, or it could be a GitHub bug.";
    let slow = Answer::json(200, &json!({"data": null, "errors": [{"message": words}]}));
    [("502", bad), ("took too long", slow)]
}

fn lands_once(world: &World, what: &str) {
    let run = world.deploy(7, &sha('a'));
    assert_eq!(run.code, 0, "{what}: {}", run.stderr);
    assert_eq!((run.output("result"), commits(world)), ("created", 2), "{what}");
    tells_the_tip(world, &run);
    assert_eq!(world.comments(7).len(), 1, "{what}");
}

#[test]
fn a_commit_whose_answer_is_lost_is_found_where_it_landed() {
    let after = answers().map(|(name, answer)| (name, Verdict::AnswerAfter(answer)));
    let others = [("dropped", Verdict::DropAfter), ("broken off", Verdict::DropMidway(10))];
    for (name, verdict) in after.into_iter().chain(others) {
        let world = world();
        meet_commit(&world, verdict);
        lands_once(&world, name);
    }
}

#[test]
fn a_commit_that_did_not_land_is_sent_again() {
    let before = answers().map(|(name, answer)| (name, Verdict::Answer(answer)));
    for (name, verdict) in before.into_iter().chain([("dropped", Verdict::Drop)]) {
        let world = world();
        meet_commit(&world, verdict);
        lands_once(&world, name);
    }
}

#[test]
fn a_forge_that_never_answers_is_out_of_reach() {
    let world = world();
    world.intercept(|request| if is_commit(request) { Verdict::Drop } else { Verdict::Pass });
    let run = world.deploy(7, &sha('a'));
    assert_eq!((run.code, commits(&world), world.comments(7).len()), (6, 1, 0), "{}", run.stderr);
}

/// Somebody else commits to the apps repository.
fn somebody_commits(apps: &Path, home: &Path, name: &str) {
    commit(apps, home, &BTreeMap::from([(format!("notes/{name}"), "x\n".to_owned())]), name);
}

#[test]
fn what_somebody_else_commits_first_is_kept() {
    let world = world();
    let (apps, home) = (world.apps.clone(), world.home.path().to_owned());
    let times = AtomicUsize::new(0);
    world.intercept(move |request| {
        if is_commit(request) && times.fetch_add(1, Ordering::SeqCst) < 2 {
            somebody_commits(&apps, &home, &format!("note-{}", times.load(Ordering::SeqCst)));
        }
        Verdict::Pass
    });
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!((run.output("result"), commits(&world)), ("created", 4));
    tells_the_tip(&world, &run);
    assert!(world.file(&format!("{PREVIEW}/namespace.yaml")).is_some() && world.file("notes/note-2").is_some());
}

#[test]
fn a_lost_answer_is_found_below_what_somebody_else_committed_after_it() {
    let world = world();
    let (apps, home) = (world.apps.clone(), world.home.path().to_owned());
    let landed = Arc::new(Mutex::new(None));
    let note = Arc::clone(&landed);
    world.intercept(move |request| {
        if is_commit(request) {
            return Verdict::DropAfter;
        }
        // The first look at what became of it comes after somebody else's commit.
        if request.json()["operationName"] == "FindAppsCommit" && note.lock().unwrap().is_none() {
            *note.lock().unwrap() = Some(tip(&apps, &home));
            somebody_commits(&apps, &home, "later");
        }
        Verdict::Pass
    });
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!((run.output("result"), commits(&world)), ("created", 3));
    assert_eq!(Some(run.output("apps-commit").to_owned()), *landed.lock().unwrap());
}

#[test]
fn a_tip_that_moves_while_it_is_read_is_read_whole() {
    let world = world();
    let (apps, home) = (world.apps.clone(), world.home.path().to_owned());
    let times = AtomicUsize::new(0);
    world.intercept(move |request| {
        let is_look = request.json()["operationName"] == "ObserveAppsRepository";
        if is_look && times.fetch_add(1, Ordering::SeqCst) == 0 {
            let first = tip(&apps, &home);
            somebody_commits(&apps, &home, "note");
            let told = |tip: String| json!({"name": "main", "target": {"oid": tip}});
            let moved = json!({"isEmpty": false, "first": told(first), "last": told(tip(&apps, &home))});
            return Verdict::Answer(Answer::json(200, &json!({"data": {"repository": moved}})));
        }
        Verdict::Pass
    });
    let run = world.deploy(7, &sha('a')).ok();
    assert_eq!(run.output("result"), "created");
    assert!(world.file("notes/note").is_some());
    assert_eq!(asked(&world).iter().filter(|asked| *asked == "ReadAppsRepository").count(), 1, "{:#?}", asked(&world));
}

/// The tip of `main`.
fn tip(apps: &Path, home: &Path) -> String {
    checked(&git_command(apps, home).args(["rev-parse", "main"]).output().unwrap()).trim().to_owned()
}
