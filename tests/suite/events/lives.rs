//! Whole lives.

use std::collections::BTreeSet;

use serde_json::json;

use super::ear::words;
use super::{TEN_HOURS, close, wait, world, world_with_preview};
use crate::policy::{open, plain};
use crate::sweep::sweep;
use crate::world::{APPLICATION, sha};

#[test]
fn a_life_is_told_step_by_step_and_each_step_once() {
    let (world, ear) = world_with_preview(TEN_HOURS);
    let mut life = Vec::new();
    let mut step = |expected: &str, run: &dyn Fn()| {
        run();
        let told = ear.events();
        assert_eq!(words(&told), expected);
        life.extend(told);
        run();
        assert_eq!(ear.told(), "", "{expected}, again");
    };
    step("", &|| drop(world.deploy(7, &sha('a')).ok()));
    world.push(7, &sha('b'));
    step("updated pr-7", &|| drop(world.deploy(7, &sha('b')).ok()));
    ear.show(&sha('b'));
    step("ready pr-7", &|| drop(wait(&world, 'b', "30s").ok()));
    world.pass_hours(9);
    step("expiring pr-7", &|| drop(sweep(&world, &[]).ok()));
    step("", &|| drop(wait(&world, 'b', "30s").ok()));
    close(&world);
    step("removed pr-7", &|| drop(world.teardown(7, &sha('b')).ok()));
    step("", &|| drop(sweep(&world, &[]).ok()));
    world.emulator.forge().reopen(APPLICATION, 7).unwrap();
    step("deploying pr-7", &|| drop(world.deploy(7, &sha('b')).ok()));

    let all = |name: &str| life.iter().map(|event| event[name].to_string()).collect::<BTreeSet<_>>();
    assert_eq!(all("id").len(), life.len());
    assert_eq!(all("correlationid"), [json!("wildside:acme/wildside#7").to_string()].into());
    assert_eq!(all("source"), [json!(format!("{}/acme/wildside", world.emulator.server_url())).to_string()].into());
    let generations: Vec<_> =
        life.iter().map(|event| event["data"]["preview"]["generation"].as_u64().unwrap()).collect();
    assert_eq!(generations, [2, 2, 2, 3, 4]);
    let made: Vec<_> = life.iter().map(|event| event["data"].get("apps-commit").is_some()).collect();
    assert_eq!(made, [true, false, false, true, true]);
    assert_eq!(life.last().unwrap()["data"]["apps-commit"], json!(world.tip()));
    assert_eq!(life[3]["data"]["reason"]["word"], "closed");
    assert_eq!(life[1]["data"]["seen"]["last"].as_str().map(|seen| seen.contains("200")), Some(true));
    assert_eq!(life[2]["data"]["preview"]["expires-at"], "2027-03-01T22:00:00Z");
}

#[test]
fn an_event_says_what_there_is_to_say() {
    let (world, ear) = world("{}");
    let title = "Fix\u{202e} `it` <b>\r\nnow";
    world.open_titled(8, &sha('a'), title);
    let command = || {
        let mut command = world.event_command("deploy", "opened", 8, &sha('a'), &["--image", "backend=v1"]);
        command.env("GITHUB_ACTOR", "ada");
        command
    };
    world.run(command()).ok();
    let told = ear.events().remove(0);
    let server = world.emulator.server_url();
    let mut data = told["data"].clone();
    assert!(data["preview"]["created-at"].as_str().unwrap().starts_with("2027-03-01T12:"));
    data["preview"].as_object_mut().unwrap().remove("created-at");
    assert_eq!(
        data,
        json!({
            "step": "deploying",
            "application": "wildside",
            "repository": "acme/wildside",
            "pull-request": {
                "number": 8,
                "url": format!("{server}/acme/wildside/pull/8"),
                "title": "Fix `it` <b>  now",
                "author": data["pull-request"]["author"],
                "state": "open",
                "head": sha('a'),
            },
            "preview": {
                "name": "pr-8",
                "namespace": "wildside-pr-8",
                "host": "pr-8.preview.example.com",
                "url": "https://pr-8.preview.example.com",
                "overlay": "overlays/ephemeral/pr-8",
                "generation": 1,
                "commit": sha('a'),
            },
            "images": {"backend": "v1", "frontend": sha('a')},
            "apps-commit": world.tip(),
            "by": "ada",
            "run": format!("{server}/acme/wildside/actions/runs/42"),
        })
    );
}

#[test]
fn a_refusal_is_told_once_and_what_comes_after_it() {
    let (world, ear) = super::world("{drafts: false}");
    close(&world);
    let number = 7;
    world.emulator.forge().reopen(APPLICATION, number).unwrap();
    world.emulator.forge().mark_draft(APPLICATION, number, true).unwrap();
    for expected in ["refused pr-7", ""] {
        world.deploy(7, &sha('a')).ok();
        assert_eq!(ear.told(), expected);
    }
    world.push(7, &sha('b'));
    world.deploy(7, &sha('b')).ok();
    assert_eq!(ear.told(), "", "another commit is refused for the same reason");
    world.emulator.forge().mark_draft(APPLICATION, number, false).unwrap();
    world.deploy(7, &sha('b')).ok();
    assert_eq!(ear.told(), "deploying pr-7");
    world.emulator.forge().mark_draft(APPLICATION, number, true).unwrap();
    world.deploy(7, &sha('b')).ok();
    let told = ear.events();
    assert_eq!((words(&told).as_str(), &told[0]["data"]["reason"]["word"]), ("removed pr-7", &json!("draft")));
    world.deploy(7, &sha('b')).ok();
    assert_eq!(ear.told(), "", "the comment says why there is none");
}

#[test]
fn one_run_tells_what_it_committed_and_what_it_saw() {
    let (world, ear) = world("{}");
    ear.show(&sha('a'));
    let deploy = || world.on_event("deploy", "opened", 7, &sha('a'), &["--wait", "--wait-timeout", "30s"]);
    deploy().ok();
    assert_eq!(ear.told(), "deploying pr-7, ready pr-7");
    deploy().ok();
    assert_eq!(ear.told(), "");
}

#[test]
fn what_was_waited_for_in_vain_is_told_once_for_each_way_to_fail() {
    let (world, ear) = world_with_preview("{}");
    ear.show(&sha('c'));
    for expected in ["failed pr-7", ""] {
        assert_eq!(wait(&world, 'a', "1s").code, 12);
        let told = ear.events();
        assert_eq!(words(&told), expected);
        assert!(told.iter().all(|event| event["data"]["seen"]["last"].as_str().unwrap().contains("ccccccc")));
    }
    ear.show(&sha('d'));
    assert_eq!(wait(&world, 'a', "1s").code, 12);
    assert_eq!(ear.told(), "failed pr-7");
    ear.show(&sha('a'));
    wait(&world, 'a', "30s").ok();
    assert_eq!(ear.told(), "ready pr-7");
}

#[test]
fn a_run_that_changes_nothing_tells_nothing() {
    let (world, ear) = world_with_preview("{}");
    let result = |verb: &str, action: &str, digit: char| {
        world.on_event(verb, action, 7, &sha(digit), &[]).ok().output("result").to_owned()
    };
    assert_eq!(result("deploy", "synchronize", 'a'), "unchanged");
    assert_eq!(result("deploy", "synchronize", 'b'), "superseded");
    assert_eq!(result("teardown", "closed", 'a'), "kept");
    close(&world);
    assert_eq!(result("teardown", "closed", 'a'), "removed");
    assert_eq!(ear.told(), "removed pr-7");
    assert_eq!(result("teardown", "closed", 'a'), "absent");
    assert_eq!(wait(&world, 'a', "1s").ok().output("result"), "absent");
    sweep(&world, &[]).ok();
    assert_eq!(ear.told(), "");
}

#[test]
fn a_dry_run_tells_nothing() {
    let (world, ear) = world("{drafts: false}");
    open(&world, |new| (new.number, new.is_draft) = (Some(8), true));
    for arguments in [["deploy", "--pull-request", "7"], ["deploy", "--pull-request", "8"]] {
        world.run(world.bivouac(&[&arguments[..], &["--dry-run"]].concat())).ok();
    }
    world.deploy(7, &sha('a')).ok();
    assert_eq!(ear.told(), "deploying pr-7");
    ear.show(&sha('a'));
    world.on_event("wait", "opened", 7, &sha('a'), &["--dry-run"]).ok();
    close(&world);
    world.on_event("teardown", "closed", 7, &sha('a'), &["--dry-run"]).ok();
    sweep(&world, &["--dry-run"]).ok();
    assert_eq!(ear.told(), "");
    assert_eq!(crate::policy::ending(&world.teardown(7, &sha('a'))).0, plain("removed").0);
}
