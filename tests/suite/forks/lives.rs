//! What becomes of a preview that was approved, whatever happens afterwards.

use super::{approve, approved, because_unapproved, by_ada, event, on, pushed, shown, unapproved, world};
use crate::command::{answer, labels, say, sticky};
use crate::policy::{configure, dispatched, ending, plain, quietly};
use crate::sweep::{list, sweep};
use crate::world::{APPLICATION, World, sha};

/// The note above the comment.
fn note(world: &World) -> Option<String> {
    sticky(world).lines().find_map(|line| line.strip_prefix("> **The head, ").map(str::to_owned))
}

#[test]
fn a_push_leaves_the_preview_at_what_was_approved_until_that_is_too() {
    let world = approved("");
    let tip = world.tip();
    assert_eq!(pushed(&world, 'b'), because_unapproved("kept", 'b'));
    assert_eq!((world.tip(), shown(&world)), (tip, Some(by_ada('a'))));
    insta::assert_snapshot!(sticky(&world), @"
    <!-- bivouac application=wildside generation=1 state=deploying reason=unapproved unapproved=bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb deployment=… text=… -->
    ### Preview of wildside: deploying

    > **The head, [`bbbbbbb`](http://SERVER/acme/wildside/pull/7/commits/bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb), is not approved: the preview stays at [`aaaaaaa`](http://SERVER/acme/wildside/pull/7/commits/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa).** Somebody who may push to the repository, and has read that commit, can comment `/preview approve bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb`.

    | Address | https://pr-7.preview.example.com |
    |:---|:---|
    | Commit | [`aaaaaaa`](http://SERVER/acme/wildside/pull/7/commits/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) |
    | Approved by | `ada` |
    | Images | `backend` `aaaaaaa`<br>`frontend` `aaaaaaa` |
    | Namespace | `wildside-pr-7` |
    | Updated | MOMENT |
    | Run | [42](http://SERVER/acme/wildside/actions/runs/42) |

    Committed; Flux is rolling it out; not checked: the address may take a while to answer.
    ");
    assert_eq!(quietly(&world, || pushed(&world, 'b')), because_unapproved("kept", 'b'));
    let again = approve(&world, &sha('a'));
    assert_eq!((again.reactions(&world), shown(&world)), ("-1".to_owned(), Some(by_ada('a'))));

    assert_eq!(approve(&world, &sha('b')).ending(), plain("updated"));
    assert_eq!((shown(&world), note(&world)), (Some(by_ada('b')), None));
}

#[test]
fn a_head_that_comes_back_is_still_approved() {
    let world = approved("");
    assert_eq!(pushed(&world, 'b').0, "kept");
    assert!(note(&world).is_some());
    assert_eq!(pushed(&world, 'a'), plain("unchanged"));
    assert_eq!((shown(&world), note(&world)), (Some(by_ada('a')), None));
    // One that was replaced by another approval is not.
    pushed(&world, 'b');
    approve(&world, &sha('b'));
    assert_eq!(pushed(&world, 'a'), because_unapproved("kept", 'a'));
    assert_eq!(shown(&world), Some(by_ada('b')));
}

#[test]
fn another_image_is_not_put_into_a_preview_whose_head_nobody_has_approved() {
    let world = approved("");
    let deploy = |digit: char| {
        let event = event("synchronize", &sha(digit));
        ending(&on(&world, "deploy", &event, &["--image", "backend=stranger"]).ok())
    };
    world.push(7, &sha('b'));
    let tip = world.tip();
    assert_eq!((deploy('b'), world.tip()), (because_unapproved("kept", 'b'), tip));
    world.push(7, &sha('a'));
    assert_eq!(deploy('a'), plain("updated"));
    let other = super::world("");
    let tip = other.tip();
    let run = on(&other, "deploy", &event("synchronize", &sha('a')), &["--image", "backend=stranger"]).ok();
    assert_eq!((ending(&run), other.tip()), (because_unapproved("refused", 'a'), tip));
}

#[test]
fn who_deploys_by_hand_approves_nothing() {
    let world = world("");
    assert_eq!(ending(&world.run(dispatched(&world, 7)).ok()), because_unapproved("refused", 'a'));
    let mut command = world.bivouac(&["deploy", "--pull-request", "7", "--commit", &sha('a')]);
    command.env("GITHUB_ACTOR", crate::command::ADA);
    assert_eq!(ending(&world.run(command).ok()), because_unapproved("refused", 'a'));
    let said = say(&world, "/preview deploy").ok();
    assert_eq!((said.reactions(&world), shown(&world)), ("-1".to_owned(), None));

    let world = approved("");
    world.push(7, &sha('b'));
    assert_eq!(ending(&world.run(dispatched(&world, 7)).ok()), because_unapproved("kept", 'b'));
    let said = say(&world, "/preview deploy").ok();
    assert_eq!((said.reactions(&world), shown(&world)), ("-1".to_owned(), Some(by_ada('a'))));
}

#[test]
fn who_asks_how_it_stands_is_told_of_both_commits_and_the_note_stays() {
    let world = approved(", ttl: 10h, ttl-warning: 2h");
    pushed(&world, 'b');
    let before = note(&world);
    assert!(before.is_some());
    let said = say(&world, "/preview status").ok();
    assert_eq!((said.run.output("result"), said.reactions(&world)), ("kept", "+1".to_owned()));
    assert!(answer(&world).contains("the preview shows `aaaaaaa`, and the head is `bbbbbbb`; it lives until "));
    assert_eq!(note(&world), before);
    let said = say(&world, "/preview extend 48h").ok();
    assert_eq!((said.run.output("result"), said.reactions(&world)), ("updated", "+1".to_owned()));
    assert_eq!((shown(&world), note(&world)), (Some(by_ada('a')), before));
}

#[test]
fn rules_take_an_approved_preview_down_and_the_approval_goes_with_it() {
    let world = approved(", drafts: false, labels: {require: [preview]}");
    assert_eq!(labels(&world), ["preview"]);
    let forge = world.emulator.forge();
    forge.mark_draft(APPLICATION, 7, true).unwrap();
    assert_eq!(pushed(&world, 'a'), ("removed".to_owned(), "the pull request is a draft".to_owned()));
    forge.mark_draft(APPLICATION, 7, false).unwrap();
    assert_eq!(pushed(&world, 'a'), because_unapproved("refused", 'a'));
    assert_eq!(approve(&world, &sha('a')).ending(), plain("created"));
    forge.unlabel(APPLICATION, 7, "preview").unwrap();
    assert_eq!(pushed(&world, 'a').1, "the pull request does not have the label `preview`");
    assert_eq!(shown(&world), None);
    let said = say(&world, "/preview deploy").ok();
    assert_eq!((labels(&world), said.reactions(&world)), (vec!["preview".to_owned()], "-1".to_owned()));
    assert_eq!((shown(&world), said.ending()), (None, because_unapproved("refused", 'a')));
}

#[test]
fn an_approval_does_not_make_a_place() {
    let world = world(", limit: 0");
    let said = approve(&world, &sha('a'));
    assert_eq!((said.run.output("result"), said.reactions(&world)), ("refused", "-1".to_owned()));
    configure(&world, "{forks: approved, limit: 1}");
    assert_eq!(pushed(&world, 'a'), because_unapproved("refused", 'a'), "what came of it is not remembered");
}

#[test]
fn time_goes_on_for_what_was_approved_whatever_is_pushed() {
    let world = approved(", ttl: 10h, ttl-warning: 2h");
    world.pass_hours(5);
    assert_eq!(pushed(&world, 'b').0, "kept");
    world.pass_hours(4);
    assert_eq!(pushed(&world, 'b').0, "kept");
    let told = sticky(&world);
    assert!(told.contains("state=expiring") && note(&world).is_some(), "{told}");
    world.pass_hours(2);
    let (result, reason) = pushed(&world, 'b');
    assert_eq!((result.as_str(), shown(&world)), ("removed", None));
    assert!(reason.starts_with("its time was up"), "{reason}");
    assert_eq!(pushed(&world, 'a'), because_unapproved("refused", 'a'));
}

#[test]
fn one_that_closes_goes_and_one_that_opens_again_has_to_be_approved_again() {
    let world = approved("");
    world.emulator.forge().close(APPLICATION, 7).unwrap();
    let run = on(&world, "teardown", &event("closed", &sha('a')), &[]).ok();
    assert_eq!(ending(&run), ("removed".to_owned(), "the pull request is closed".to_owned()));
    world.emulator.forge().reopen(APPLICATION, 7).unwrap();
    assert_eq!(pushed(&world, 'a'), because_unapproved("refused", 'a'));
}

#[test]
fn what_the_configuration_says_of_forks_counts_from_the_next_look_on() {
    let world = approved("");
    configure(&world, "{}");
    assert_eq!(list(&sweep(&world, &[]).ok(), "removed"), ["pr-7"]);
    configure(&world, "{forks: approved}");
    assert_eq!(pushed(&world, 'a').1, unapproved('a'));
}

#[test]
fn other_verbs_show_what_was_approved() {
    let world = approved("");
    pushed(&world, 'b');
    let listed = world.run(world.bivouac(&["list"])).ok();
    assert!(listed.stdout.contains("aaaaaaa") && !listed.stdout.contains("bbbbbbb"), "{}", listed.stdout);
    let diff = world.run(world.bivouac(&["diff", "pr-7"])).ok();
    assert!(diff.stdout.contains("+++ pr-7: HelmRelease `wildside`"), "{}", diff.stdout);
    assert_eq!(world.run(world.bivouac(&["validate"])).code, 0);
    world.configure("checks: {ready: {header: x-commit}}\n");
    let waited = on(&world, "wait", &event("synchronize", &sha('b')), &["--wait-timeout", "1s"]).ok();
    let moved_on = "the pull request has moved on from aaaaaaa to bbbbbbb".to_owned();
    assert_eq!(ending(&waited), ("superseded".to_owned(), moved_on));
    let run = on(&world, "deploy", &event("synchronize", &sha('b')), &["--wait", "--wait-timeout", "1s"]).ok();
    assert_eq!(ending(&run), because_unapproved("kept", 'b'));
}
