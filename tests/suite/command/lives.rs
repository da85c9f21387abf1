//! What becomes of each command, and of the same one heard once more.

use bivouac::emulator::Actor;

use super::{ADA, TEN_HOURS, answer, everything, hearing, labels, say, sticky, world, world_with_preview};
use crate::policy::{patch, plain};
use crate::sweep::{commits, message};
use crate::world::World;

/// Says something as Ada, then lets the same event come once more, which changes nothing.
fn twice(world: &World, body: &str) -> super::Said {
    let said = say(world, body).ok();
    let verb = body.split(' ').nth(1).unwrap();
    assert_eq!(said.run.output("command"), verb);
    assert_eq!(said.reactions(world), "+1", "{}\n{}", said.run.stdout, sticky(world));
    let before = everything(world);
    let again = super::event(7, said.id, &Actor::user(ADA), body);
    let again = world.run(hearing(world, &again, &[])).ok();
    assert_eq!(again.output("command"), verb);
    assert_eq!(again.output("apps-commit"), "");
    assert_eq!(everything(world), before, "{}", again.stdout);
    said
}

#[test]
fn deploy_puts_a_preview_up_in_the_name_of_who_asked() {
    let world = world("{}");
    let said = twice(&world, "/preview deploy");
    assert_eq!(said.ending(), plain("created"));
    assert_eq!(said.run.output("apps-commit"), world.tip());
    assert_eq!(said.run.output("url"), "https://pr-7.preview.example.com");
    assert!(labels(&world).is_empty());
    insta::assert_snapshot!(sticky(&world), @"
    <!-- bivouac application=wildside generation=1 state=deploying deployment=… text=… -->
    ### Preview of wildside: deploying

    | Address | https://pr-7.preview.example.com |
    |:---|:---|
    | Commit | [`aaaaaaa`](http://SERVER/acme/wildside/pull/7/commits/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) |
    | Images | `backend` `aaaaaaa`<br>`frontend` `aaaaaaa` |
    | Namespace | `wildside-pr-7` |
    | Updated | MOMENT by `ada` |
    | Run | [42](http://SERVER/acme/wildside/actions/runs/42) |

    Committed; Flux is rolling it out; not checked: the address may take a while to answer.
    ");
}

#[test]
fn deploy_brings_a_preview_up_to_date_and_takes_the_label_off_that_keeps_it_down() {
    let world = world("{}");
    world.emulator.forge().label(crate::world::APPLICATION, 7, "No-Preview").unwrap();
    assert_eq!(twice(&world, "/preview deploy").ending(), plain("created"));
    assert!(labels(&world).is_empty());
    world.push(7, &crate::world::sha('b'));
    assert_eq!(twice(&world, "/preview deploy").ending(), plain("updated"));
    assert!(sticky(&world).contains("/commits/bbbbbbb"), "{}", sticky(&world));
}

#[test]
fn remove_takes_a_preview_down_and_a_label_keeps_it_down() {
    let world = world_with_preview("{}");
    let said = twice(&world, "/preview remove");
    assert_eq!(said.ending(), ("removed".to_owned(), "the pull request has the label `no-preview`".to_owned()));
    assert_eq!((labels(&world), patch(&world, 7)), (vec!["no-preview".to_owned()], None));
    insta::assert_snapshot!(sticky(&world), @"
    <!-- bivouac application=wildside generation=2 state=removed reason=excluded text=… -->
    ### Preview of wildside: removed

    Taken down because the pull request has the label `no-preview`. Take the label away to get one.

    | Was at | `pr-7.preview.example.com` |
    |:---|:---|
    | Last commit | [`aaaaaaa`](http://SERVER/acme/wildside/pull/7/commits/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) |
    | Put up | MOMENT |
    | Taken down | MOMENT by `ada` |
    | Run | [42](http://SERVER/acme/wildside/actions/runs/42) |
    ");
    assert_eq!(crate::policy::on(&world, "synchronize").0, "refused");
    assert_eq!(twice(&world, "/preview deploy").ending(), plain("created"));
    assert!(labels(&world).is_empty());
}

#[test]
fn remove_of_what_is_not_there_is_done() {
    let world = world("{}");
    let said = twice(&world, "/preview remove");
    assert_eq!(said.run.output("result"), "absent");
    assert_eq!(labels(&world), ["no-preview"]);
    assert_eq!(super::ours(&world, 7), []);
}

#[test]
fn keep_puts_a_label_on_and_says_that_there_is_no_end() {
    let world = world_with_preview(TEN_HOURS);
    let count = commits(&world);
    let said = twice(&world, "/preview keep");
    assert_eq!(said.ending(), plain("kept"));
    assert_eq!((labels(&world), commits(&world)), (vec!["keep-preview".to_owned()], count));
    insta::assert_snapshot!(sticky(&world), @"
    <!-- bivouac application=wildside generation=1 state=deploying deployment=… text=… -->
    ### Preview of wildside: deploying

    | Address | https://pr-7.preview.example.com |
    |:---|:---|
    | Commit | [`aaaaaaa`](http://SERVER/acme/wildside/pull/7/commits/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa) |
    | Images | `backend` `aaaaaaa`<br>`frontend` `aaaaaaa` |
    | Namespace | `wildside-pr-7` |
    | Updated | MOMENT by `ada` |
    | Run | [42](http://SERVER/acme/wildside/actions/runs/42) |
    | Expires | never, as long as it has the label `keep-preview` |

    Committed; Flux is rolling it out; not checked: the address may take a while to answer.

    To `ada`, MOMENT: it is kept as long as it has the label `keep-preview`.
    ");
    world.pass_hours(100);
    assert_eq!(crate::policy::on(&world, "labeled"), plain("unchanged"));
}

#[test]
fn extend_puts_the_end_off_and_says_until_when() {
    let world = world_with_preview(TEN_HOURS);
    let said = twice(&world, "/preview extend 48h");
    assert_eq!(said.ending(), plain("updated"));
    assert_eq!(said.run.output("apps-commit"), world.tip());
    assert_eq!(super::end(&world), Some("2027-03-03T12:00:00Z".parse().unwrap()));
    let message = message(&world);
    assert!(message.starts_with("preview(wildside): bring pr-7 up to date at aaaaaaa\n"), "{message}");
    assert!(message.contains("Because somebody asked for a later end."), "{message}");
    assert_eq!(answer(&world), "To `ada`, MOMENT: it lives until MOMENT at least.");
    assert!(super::ours(&world, 7)[0].body.contains("it lives until 2027-03-03 12:00 UTC at least."));
    let told = sticky(&world);
    assert!(told.contains("generation=2 state=deploying") && told.contains("| Updated | MOMENT by `ada` |"), "{told}");
}

#[test]
fn status_says_how_it_stands_and_changes_nothing() {
    let world = world_with_preview(TEN_HOURS);
    let tip = world.tip();
    assert_eq!(twice(&world, "/preview status").ending(), plain("kept"));
    assert_eq!(
        answer(&world),
        "To `ada`, MOMENT: the preview shows `aaaaaaa`, the head; it lives until MOMENT at least."
    );
    world.push(7, &crate::world::sha('b'));
    assert_eq!(twice(&world, "/preview status").ending(), plain("kept"));
    let shown = "the preview shows `aaaaaaa`, and the head is `bbbbbbb`; it lives until MOMENT at least.";
    assert_eq!(answer(&world), format!("To `ada`, MOMENT: {shown}"));
    assert_eq!((world.tip(), labels(&world)), (tip, vec![]));
    assert!(sticky(&world).contains("generation=1 state=deploying"), "{}", sticky(&world));
}

#[test]
fn status_of_what_is_not_there_says_so_and_how_to_get_one() {
    let world = world("{}");
    let said = twice(&world, "/preview status");
    assert_eq!(said.ending(), ("refused".to_owned(), "nobody has put one up".to_owned()));
    insta::assert_snapshot!(sticky(&world), @"
    <!-- bivouac application=wildside generation=0 state=refused reason=missing text=… -->
    ### Preview of wildside: none

    There is no preview because nobody has put one up. A push puts it up, and so does the comment `/preview deploy`.

    To `ada`, MOMENT: there is no preview.
    ");
    assert_eq!(crate::policy::on(&world, "synchronize"), plain("created"));
    assert!(!sticky(&world).contains("nobody"), "{}", sticky(&world));
}

#[test]
fn status_takes_down_what_should_not_be_there() {
    let world = world_with_preview(TEN_HOURS);
    world.pass_hours(11);
    let said = twice(&world, "/preview status");
    assert_eq!(said.run.output("result"), "removed");
    assert_eq!(answer(&world), "To `ada`, MOMENT: there is no preview.");
    // What is asked later does not forget why it went.
    world.pass_hours(1);
    assert_eq!(twice(&world, "/preview status").ending(), ("refused".to_owned(), "its time was up".to_owned()));
    assert!(sticky(&world).contains("Push a commit, or run `deploy` by hand"), "{}", sticky(&world));
}

#[test]
fn help_says_what_can_be_said() {
    let world = world_with_preview("{}");
    let before = world.tip();
    twice(&world, "/preview help");
    let told = answer(&world);
    assert!(told.starts_with("To `ada`, MOMENT: `/preview deploy` puts the preview up"), "{told}");
    let bare = say(&world, "/preview").ok();
    assert_eq!((bare.run.output("command"), bare.reactions(&world)), ("help", "+1".to_owned()));
    assert_eq!(world.tip(), before);
}

#[test]
fn an_approval_of_what_needs_none_is_refused() {
    let world = world_with_preview("{forks: approved}");
    let said = say(&world, &format!("/preview approve {}", "a".repeat(40))).ok();
    assert_eq!((said.ending(), said.reactions(&world)), (plain("kept"), "-1".to_owned()));
    assert!(answer(&world).ends_with("comes from no fork, so that nothing needs an approval."), "{}", answer(&world));
}

#[test]
fn a_preview_that_the_rules_refuse_is_not_put_up_by_a_command() {
    let world = world("{drafts: false}");
    world.emulator.forge().mark_draft(crate::world::APPLICATION, 7, true).unwrap();
    let said = say(&world, "/preview deploy").ok();
    assert_eq!(said.ending(), ("refused".to_owned(), "the pull request is a draft".to_owned()));
    assert_eq!((said.reactions(&world), patch(&world, 7)), ("-1".to_owned(), None));
    assert!(sticky(&world).contains("state=refused reason=draft"), "{}", sticky(&world));
}

#[test]
fn a_place_that_is_not_free_is_not_made_by_a_command() {
    let world = world("{limit: 0}");
    let said = say(&world, "/preview deploy").ok();
    assert_eq!((said.run.output("result"), said.reactions(&world)), ("refused", "-1".to_owned()));
}

#[test]
fn an_answer_is_replaced_by_the_next_one() {
    let world = world_with_preview(TEN_HOURS);
    say(&world, "/preview status").ok();
    world.pass_hours(1);
    say(&world, "/preview keep").ok();
    let told = sticky(&world);
    assert_eq!(told.matches("To `ada`").count(), 1, "{told}");
    assert!(told.contains("it is kept as long as it has the label `keep-preview`."), "{told}");
}
