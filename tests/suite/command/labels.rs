//! The labels that commands put on and take off, where they are configured and where the forge refuses.

use bivouac::emulator::{Access, Answer, Verdict};
use serde_json::json;

use super::{TEN_HOURS, US, answer, end, labels, say, sticky, world, world_with_preview};
use crate::policy::{patch, plain};
use crate::world::{APPLICATION, World, sha};

fn label(world: &World, label: &str) {
    world.emulator.forge().label(APPLICATION, 7, label).unwrap();
}

#[test]
fn where_no_label_keeps_one_down_remove_takes_it_down_until_the_next_push() {
    let world = world_with_preview("{labels: {exclude: []}}");
    let said = say(&world, "/preview remove").ok();
    assert_eq!((said.run.output("result"), said.reactions(&world)), ("removed", "+1".to_owned()));
    assert_eq!((labels(&world), patch(&world, 7)), (vec![], None));
    assert!(sticky(&world).contains("state=removed reason=asked"), "{}", sticky(&world));
    world.push(7, &sha('b'));
    assert_eq!(world.deploy(7, &sha('b')).ok().output("result"), "created");
}

#[test]
fn where_no_label_keeps_one_keep_is_refused() {
    let world = world_with_preview("{ttl: 10h, ttl-warning: 1h, labels: {keep: []}}");
    let said = say(&world, "/preview keep").ok();
    assert_eq!((said.ending(), said.reactions(&world), labels(&world)), (plain("kept"), "-1".to_owned(), vec![]));
    assert!(answer(&world).contains("`preview.labels.keep` of `bivouac.yaml` names none."), "{}", answer(&world));
}

#[test]
fn where_nothing_ends_keep_says_so_and_puts_no_label_on() {
    let world = world_with_preview("{}");
    let said = say(&world, "/preview keep").ok();
    assert_eq!((said.reactions(&world), labels(&world)), ("+1".to_owned(), vec![]));
    assert_eq!(answer(&world), "To `ada`, MOMENT: it has no end but that of the pull request.");
}

#[test]
fn deploy_puts_on_what_is_required_and_takes_off_what_excludes_in_any_case() {
    let world = world("{labels: {require: [Preview, ready], exclude: [wip, hold]}}");
    for has in ["PREVIEW", "WIP", "Hold", "bug"] {
        label(&world, has);
    }
    let said = say(&world, "/preview deploy").ok();
    assert_eq!((said.ending(), said.reactions(&world)), (plain("created"), "+1".to_owned()));
    assert_eq!(labels(&world), ["PREVIEW", "bug", "ready"]);
    let said = say(&world, "/preview remove").ok();
    assert_eq!(said.run.output("reason"), "the pull request has the label `wip`");
    assert_eq!(labels(&world), ["PREVIEW", "bug", "ready", "wip"]);
}

#[test]
fn a_label_that_is_there_in_another_case_is_not_put_on_again() {
    let world = world_with_preview(TEN_HOURS);
    for has in ["KEEP-preview", "NO-preview"] {
        label(&world, has);
    }
    say(&world, "/preview remove").ok();
    assert_eq!((labels(&world), patch(&world, 7)), (vec!["KEEP-preview".to_owned(), "NO-preview".to_owned()], None));
    say(&world, "/preview deploy").ok();
    say(&world, "/preview keep").ok();
    assert_eq!(labels(&world), ["KEEP-preview"]);
    assert!(answer(&world).ends_with("it is kept as long as it has the label `keep-preview`."), "{}", answer(&world));
}

#[test]
fn labels_that_the_forge_refuses_fail_the_command_which_is_told() {
    let world = world_with_preview(TEN_HOURS);
    let (tip, end) = (world.tip(), end(&world));
    let refusal = Answer::json(403, &json!({"message": "Resource not accessible by integration"}));
    world.intercept(move |request| {
        let is_of_labels = request.path.contains("/issues/7/labels");
        if is_of_labels { Verdict::Answer(refusal.clone()) } else { Verdict::Pass }
    });
    for command in ["remove", "keep"] {
        let said = say(&world, &format!("/preview {command}"));
        assert_eq!((said.run.code, said.reactions(&world)), (4, "confused".to_owned()), "{}", said.run.stderr);
        let run = "[this run](http://SERVER/acme/wildside/actions/runs/42) says why.";
        assert_eq!(answer(&world), format!("To `ada`, MOMENT: `/preview {command}` failed: {run}"));
        assert!(said.run.stderr.contains("pull-requests: write"), "{}", said.run.stderr);
    }
    assert_eq!((world.tip(), super::end(&world), labels(&world)), (tip, end, vec![]));
}

#[test]
fn a_token_that_may_only_read_fails_the_command_and_can_tell_nobody() {
    let world = world_with_preview("{}");
    let (before, tip) = (sticky(&world), world.tip());
    world.emulator.change_account(US, |account| account.access = Access::Read).unwrap();
    let said = say(&world, "/preview remove");
    assert_eq!((said.run.code, said.reactions(&world)), (4, String::new()), "{}", said.run.stderr);
    assert_eq!((sticky(&world), world.tip(), labels(&world)), (before, tip, vec![]));
}
