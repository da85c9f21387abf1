//! `--dry-run` writes nothing anywhere.

use bivouac::emulator::{Actor, RequestKind};

use super::{ADA, TEN_HOURS, everything, said_by, world, world_with_preview};
use crate::world::World;

/// A dry run for what Ada says: what it says would become of the preview.
fn dry(world: &World, body: &str) -> String {
    let comments = everything(world);
    let said = said_by(world, &Actor::user(ADA), body, &["--dry-run"]).ok();
    let mut after = everything(world);
    let own = after.2.pop().unwrap();
    assert_eq!((own.id, own.reactions.len()), (said.id, 0));
    assert_eq!(after, comments, "{body}");
    let writes: Vec<_> =
        world.requests(RequestKind::Api).into_iter().filter(|request| request.method != "GET").collect();
    assert_eq!(writes, [], "{body}");
    assert!(said.run.stdout.contains("(dry run: nothing was written)"), "{}", said.run.stdout);
    let line = said.run.stdout.lines().find(|line| line.contains("dry run")).unwrap().to_owned();
    line.split(" (dry").next().unwrap().to_owned()
}

#[test]
fn a_dry_run_says_what_a_command_would_do() {
    let world = world_with_preview(TEN_HOURS);
    let told: Vec<_> = ["deploy", "remove", "keep", "extend 48h", "status", "help", "approve 0123456789ab", "nonsense"]
        .map(|command| format!("{command}: {}", dry(&world, &format!("/preview {command}"))))
        .into();
    insta::assert_snapshot!(told.join("\n"), @"
    deploy: unchanged pr-7 of acme/wildside#7
    remove: would be removed pr-7 of acme/wildside#7: the pull request has the label `no-preview`
    keep: kept pr-7 of acme/wildside#7
    extend 48h: would be updated pr-7 of acme/wildside#7
    status: kept pr-7 of acme/wildside#7
    help: kept pr-7 of acme/wildside#7
    approve 0123456789ab: kept pr-7 of acme/wildside#7
    nonsense: kept pr-7 of acme/wildside#7
    ");
    world.push(7, &crate::world::sha('b'));
    insta::assert_snapshot!(dry(&world, "/preview deploy"), @"would be updated pr-7 of acme/wildside#7");
}

#[test]
fn a_dry_run_of_what_is_not_there() {
    let world = world("{labels: {require: [preview]}}");
    let told: Vec<_> = ["deploy", "remove", "keep", "extend 48h", "status"]
        .map(|command| format!("{command}: {}", dry(&world, &format!("/preview {command}"))))
        .into();
    insta::assert_snapshot!(told.join("\n"), @"
    deploy: would be created pr-7 of acme/wildside#7
    remove: absent pr-7 of acme/wildside#7: the pull request has the label `no-preview`
    keep: refused pr-7 of acme/wildside#7: the pull request does not have the label `preview`
    extend 48h: refused pr-7 of acme/wildside#7: the pull request does not have the label `preview`
    status: refused pr-7 of acme/wildside#7: the pull request does not have the label `preview`
    ");
}

#[test]
fn a_dry_run_of_somebody_who_may_not_push_does_not_react() {
    let world = world_with_preview("{}");
    let before = everything(&world);
    let said = said_by(&world, &Actor::user("stranger"), "/preview remove", &["--dry-run"]).ok();
    let after = everything(&world);
    assert_eq!((&after.0, &after.1), (&before.0, &before.1));
    assert_eq!(said.reactions(&world), "");
}
