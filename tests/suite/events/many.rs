//! Many previews at once, and several roots.

use std::collections::BTreeMap;

use bivouac::emulator::{RequestKind, Verdict};

use super::{Ear, NOW, TEN_HOURS, close, listen, world_with_preview};
use crate::sweep::{fail_writes, refusal, sweep};
use crate::world::{APPLICATION, World, sha, wildside};

#[test]
fn one_sweep_tells_of_all_that_it_took_down_and_of_those_whose_time_is_nearly_up() {
    let (world, ear) = world_with_preview(TEN_HOURS);
    for number in 8..=12 {
        world.open(number, &sha('a'));
        world.deploy(number, &sha('a')).ok();
    }
    ear.events();
    for number in [8, 10, 12] {
        world.emulator.forge().close(APPLICATION, number).unwrap();
    }
    world.pass_hours(9);
    let tip = {
        sweep(&world, &[]).ok();
        world.tip()
    };
    let told = ear.events();
    assert_eq!(
        super::ear::words(&told),
        "removed pr-8, removed pr-10, removed pr-12, expiring pr-11, expiring pr-7, expiring pr-9"
    );
    assert!(told[..3].iter().all(|event| event["data"]["apps-commit"] == *tip), "{told:#?}");
    assert!(told[3..].iter().all(|event| event["data"].get("apps-commit").is_none()), "{told:#?}");
    sweep(&world, &[]).ok();
    assert_eq!(ear.told(), "");
    world.pass_hours(2);
    sweep(&world, &[]).ok();
    let told = ear.events();
    assert_eq!(super::ear::words(&told), "removed pr-7, removed pr-9, removed pr-11");
    assert!(told.iter().all(|event| event["data"]["reason"]["word"] == "expired"), "{told:#?}");
}

#[test]
fn a_removal_whose_pull_request_can_not_be_read_is_told_by_the_next_sweep() {
    let (world, ear) = world_with_preview("{}");
    close(&world);
    world.intercept(|request| {
        let is_of_comments = String::from_utf8_lossy(&request.body).contains("comments(");
        if request.kind == RequestKind::Graphql && is_of_comments {
            Verdict::Answer(refusal(403))
        } else {
            Verdict::Pass
        }
    });
    assert_ne!(sweep(&world, &[]).code, 0);
    let first = ear.told();
    world.intercept(|_| Verdict::Pass);
    sweep(&world, &[]).ok();
    assert_eq!((first.as_str(), ear.told().as_str()), ("", "removed pr-7"));
}

#[test]
fn a_removal_that_nothing_would_remember_is_told_at_once() {
    let (world, ear) = world_with_preview("{}");
    close(&world);
    fail_writes(&world, 403);
    let (off, is_of_comments) =
        (["--deployments", "off"], |body: &[u8]| String::from_utf8_lossy(body).contains("comments("));
    world.intercept(move |request| {
        if request.kind == RequestKind::Graphql && is_of_comments(&request.body) {
            Verdict::Answer(refusal(403))
        } else {
            Verdict::Pass
        }
    });
    assert_ne!(sweep(&world, &off).code, 0);
    assert_eq!(ear.told(), "removed pr-7");
}

#[test]
fn each_root_tells_its_own() {
    let world = World::empty();
    let ears = [Ear::new(), Ear::new()];
    let mut files = BTreeMap::new();
    for (root, application) in [("one", "wildside"), ("two", "second")] {
        files.extend(wildside().into_iter().map(|(path, text)| (format!("{root}/{path}"), text)));
        let usual = wildside()["bivouac.yaml"].replace("application: wildside", &format!("application: {application}"));
        let configuration = usual.replace("preview.example", &format!("{root}.example"));
        let notify = format!("notify: [{{name: {root}, kind: cloudevents}}]\n");
        files.insert(format!("{root}/bivouac.yaml"), configuration + &notify);
    }
    world.commit_apps(&files, "Lay out two roots");
    world.stop_clock(NOW.parse().unwrap());
    world.open(7, &sha('a'));
    listen(&world, &ears[0]);
    world.give("BIVOUAC_NOTIFY_ADDRESSES", format!("one={}\ntwo={}", ears[0].address(), ears[1].address()));
    for (index, root) in ["one", "two"].into_iter().enumerate() {
        world.run(world.bivouac(&["deploy", "--pull-request", "7", "--path", root])).ok();
        let told = [ears[0].events(), ears[1].events()];
        assert_eq!((told[index].len(), told[1 - index].len()), (1, 0));
        assert_eq!(told[index][0]["data"]["preview"]["overlay"], format!("{root}/overlays/ephemeral/pr-7"));
    }
    close(&world);
    sweep(&world, &["--all"]).ok();
    let told = [ears[0].events(), ears[1].events()];
    assert_eq!(told.each_ref().map(|told| super::ear::words(told)), ["removed pr-7", "removed pr-7"]);
    let applications = told.each_ref().map(|told| told[0]["data"]["application"].clone());
    assert_eq!(applications, ["wildside", "second"]);
    assert_ne!(told[0][0]["id"], told[1][0]["id"]);
    assert_ne!(told[0][0]["correlationid"], told[1][0]["correlationid"]);
}
