//! What is there, and what the commits say.

use super::*;

fn tip(previews: &[u32]) -> Tip {
    let applications = ["wildside".parse().unwrap()].into();
    Tip { applications, previews: previews.iter().map(|number| there(*number)).collect(), ..Tip::default() }
}

fn with(messages: &[&str], tip: &Tip) -> History {
    History::of(&log(messages), tip)
}

#[test]
fn what_is_there_is_seen_and_what_is_not_has_gone() {
    let (one, two) = (old("put up", 7, 'a'), old("put up", 8, 'a'));
    let history = with(&[&one, &two], &tip(&[8]));
    assert_eq!(told(&history), ["wildside pr-8: put-up - is seen", "wildside pr-7: put-up - is gone"]);
    let elsewhere = Tip { applications: ["other".parse().unwrap()].into(), ..Tip::default() };
    for unknown in [Tip::default(), elsewhere] {
        let expected = ["wildside pr-8: put-up - is up", "wildside pr-7: put-up - is up"];
        assert_eq!(told(&with(&[&one, &two], &unknown)), expected);
    }
}

#[test]
fn a_directory_that_can_not_be_read_is_not_held_against_its_preview() {
    let unread = [("wildside".parse().unwrap(), "pr-7".to_owned())].into();
    let history = with(&[&old("put up", 7, 'a')], &Tip { unread, ..tip(&[]) });
    assert_eq!(told(&history), ["wildside pr-7: put-up - is up"]);
}

#[test]
fn what_is_there_though_it_was_taken_down_lives_again() {
    let history = with(&[&old("put up", 7, 'a'), &old("take down", 7, 'a'), "Notes"], &tip(&[7]));
    assert_eq!(history.lives.len(), 2);
    let (id, why) = &history.odd[0];
    assert_eq!((id.as_str().ends_with("01"), why.as_str()), (true, "`pr-7` is there, though this took it down"));
}

#[test]
fn what_is_there_and_of_which_no_commit_speaks_began_when_its_record_says() {
    let history = with(&["Lay it out"], &tip(&[7]));
    assert_eq!(told(&history), ["wildside pr-7:  - is seen"]);
    assert_eq!(history.lives[0].began_at, Some(at(NOON)));
    assert_eq!(history.odd[0].1, "`pr-7` is there, though no commit says that it was put up");
    let changed = with(&[&old("update", 7, 'a')], &tip(&[7]));
    assert_eq!(changed.lives[0].began_at, Some(at(NOON)), "the record knows when it was put up");
}

#[test]
fn what_is_there_says_whose_it_is() {
    let nobody = old("put up", 7, 'a').replace("(wildside)", "");
    assert_eq!(told(&with(&[&nobody], &tip(&[7]))), ["wildside pr-7: put-up - is seen"]);
    assert_eq!(told(&with(&[&nobody], &tip(&[]))), ["? pr-7: put-up - is up"], "nobody says whose it was");
}
