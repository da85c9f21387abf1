//! `/preview extend`, and what becomes of the end afterwards.

use bivouac::emulator::Actor;

use super::{ADA, TEN_HOURS, answer, end, event, hearing, labels, say, sticky, world, world_with_preview};
use crate::policy::{configure, on, patch, plain, quietly};
use crate::sweep::edit_patch;
use crate::world::sha;

#[test]
fn a_later_end_stays_whatever_comes_after_it() {
    let world = world_with_preview(TEN_HOURS);
    say(&world, "/preview extend 7d").ok();
    let later = end(&world);
    assert_eq!(later, Some("2027-03-08T12:00:00Z".parse().unwrap()));
    for action in ["synchronize", "labeled"] {
        assert_eq!(quietly(&world, || on(&world, action)), plain("unchanged"));
    }
    world.pass_hours(100);
    assert_eq!(on(&world, "synchronize"), plain("unchanged"));
    assert_eq!(say(&world, "/preview deploy").ok().ending(), plain("unchanged"));
    world.push(7, &sha('b'));
    assert_eq!(world.deploy(7, &sha('b')).ok().output("result"), "updated");
    assert_eq!(end(&world), later, "a push never makes a life shorter");
}

#[test]
fn an_end_never_comes_nearer() {
    let world = world_with_preview(TEN_HOURS);
    let (first, tip) = (end(&world), world.tip());
    let said = say(&world, "/preview extend 1h").ok();
    assert_eq!((said.ending(), said.reactions(&world)), (plain("unchanged"), "+1".to_owned()));
    assert_eq!((end(&world), world.tip()), (first, tip));
    assert!(super::ours(&world, 7)[0].body.contains("it lives until 2027-03-01 22:00 UTC at least."));
}

#[test]
fn where_nothing_ends_there_is_nothing_to_put_off() {
    let world = world_with_preview("{}");
    let tip = world.tip();
    let said = say(&world, "/preview extend 48h").ok();
    assert_eq!((said.ending(), said.reactions(&world), world.tip()), (plain("kept"), "+1".to_owned(), tip));
    assert_eq!(answer(&world), "To `ada`, MOMENT: it has no end but that of the pull request.");
}

#[test]
fn what_is_not_there_can_not_live_longer() {
    let world = world(TEN_HOURS);
    let tip = world.tip();
    let said = say(&world, "/preview extend 48h").ok();
    assert_eq!(said.ending(), ("refused".to_owned(), "nobody has put one up".to_owned()));
    assert_eq!((said.reactions(&world), world.tip()), ("-1".to_owned(), tip));
    assert_eq!(answer(&world), "To `ada`, MOMENT: there is no preview.");
}

#[test]
fn one_whose_time_is_up_lives_on_if_it_is_there_still() {
    let world = world_with_preview(TEN_HOURS);
    world.pass_hours(11);
    let said = say(&world, "/preview extend 2d").ok();
    assert_eq!((said.ending(), said.reactions(&world)), (plain("updated"), "+1".to_owned()));
    assert_eq!(end(&world), Some("2027-03-03T23:00:00Z".parse().unwrap()));
    assert!(sticky(&world).contains("state=deploying"), "{}", sticky(&world));
    // One that is gone is not brought back.
    world.pass_hours(49);
    assert_eq!(on(&world, "synchronize").0, "removed");
    let said = say(&world, "/preview extend 2d").ok();
    assert_eq!((said.run.output("result"), said.reactions(&world)), ("refused", "-1".to_owned()));
    assert_eq!(patch(&world, 7), None);
    assert_eq!(on(&world, "synchronize").0, "refused", "its time was up, which is still known");
}

#[test]
fn a_warning_goes_with_a_later_end_and_comes_again() {
    let world = world_with_preview(TEN_HOURS);
    world.pass_hours(9);
    on(&world, "labeled");
    assert!(sticky(&world).contains("state=expiring"));
    say(&world, "/preview extend 5h").ok();
    assert!(sticky(&world).contains("state=deploying"), "{}", sticky(&world));
    world.pass_hours(4);
    on(&world, "labeled");
    assert!(sticky(&world).contains("state=expiring"), "{}", sticky(&world));
}

#[test]
fn a_preview_from_before_there_were_ends_gets_one() {
    let world = world_with_preview("{}");
    assert_eq!(end(&world), None);
    configure(&world, TEN_HOURS);
    assert_eq!(say(&world, "/preview extend 48h").ok().ending(), plain("updated"));
    assert_eq!(end(&world), Some("2027-03-03T12:00:00Z".parse().unwrap()));
}

#[test]
fn one_that_a_label_keeps_is_told_to_be_kept() {
    let world = world_with_preview(TEN_HOURS);
    say(&world, "/preview keep").ok();
    assert_eq!(say(&world, "/preview extend 48h").ok().ending(), plain("updated"));
    assert_eq!(labels(&world), ["keep-preview"]);
    assert!(answer(&world).ends_with("it is kept as long as it has the label `keep-preview`."), "{}", answer(&world));
}

#[test]
fn a_patch_that_somebody_has_written_anew_is_left_alone() {
    let world = world_with_preview(TEN_HOURS);
    edit_patch(&world, 7, "bivouac.dev/generation: \"1\"", "'bivouac.dev/generation': '1'");
    let tip = world.tip();
    let said = say(&world, "/preview extend 48h");
    assert_eq!((said.run.code, said.reactions(&world)), (7, "confused".to_owned()), "{}", said.run.stderr);
    assert!(said.run.stderr.contains("was written anew by somebody"), "{}", said.run.stderr);
    assert_eq!(world.tip(), tip);
    assert!(
        answer(&world).starts_with("To `ada`, MOMENT: `/preview extend` failed: [this run]("),
        "{}",
        answer(&world)
    );
}

#[test]
fn lengths_of_time_are_of_hours_days_and_weeks_and_a_year_at_most() {
    let world = world_with_preview(TEN_HOURS);
    for (time, reaction) in
        [("90m", "+1"), ("12h", "+1"), ("2w", "+1"), ("365d", "+1"), ("366d", "confused"), ("0h", "confused")]
    {
        let said = say(&world, &format!("/preview extend {time}")).ok();
        assert_eq!(said.reactions(&world), reaction, "{time}: {}", answer(&world));
    }
    assert_eq!(end(&world), Some("2028-02-29T12:00:00Z".parse().unwrap()));
}

#[test]
fn the_same_event_heard_later_counts_from_then() {
    let world = world_with_preview(TEN_HOURS);
    let said = say(&world, "/preview extend 48h").ok();
    world.pass_hours(1);
    let again = event(7, said.id, &Actor::user(ADA), "/preview extend 48h");
    assert_eq!(world.run(hearing(&world, &again, &[])).ok().output("result"), "updated");
    assert_eq!(end(&world), Some("2027-03-03T13:00:00Z".parse().unwrap()));
}
