//! What is news for those who listen, after what was said before.

use super::super::{Announcement, Holding, announcement, news};
use super::forge::{Forge, Requests, holding, up};
use super::table::removed;
use crate::domain::comment::State;
use crate::domain::deployment::Standing;
use crate::domain::lifecycle::Step;
use crate::domain::reason::{Holder, Reason};
use crate::domain::tests::{commit, number};

/// What had been said, and what is news then: steps as words.
type Row = (&'static str, fn(&mut Forge) -> &mut Forge, &'static str);

fn words(holding: &Holding<'_>, forge: &Forge) -> String {
    news(holding, &forge.said()).iter().map(|step| step.word()).collect::<Vec<_>>().join(", ")
}

fn check(rows: &[Row], holding: &Holding<'_>) {
    for (situation, before, expected) in rows {
        let mut forge = Forge::new();
        before(&mut forge);
        assert_eq!(words(holding, &forge), *expected, "{situation}");
    }
}

/// The run took this step by a commit.
fn having(taken: Step, holding: Holding<'_>) -> Holding<'_> {
    Holding { taken: Some(taken), ..holding }
}

fn expiring(generation: u64) -> Holding<'static> {
    holding(State::Expiring, generation, None)
}

fn refused(reason: &Reason) -> Holding<'_> {
    holding(State::Refused, 3, Some(reason))
}

fn seen(state: State, words: &str) -> Holding<'_> {
    Holding { seen: Some(words), ..holding(state, 3, None) }
}

/// Somebody has written into the text of the comment.
fn edited(forge: &mut Forge) -> &mut Forge {
    forge.comments[0].1 = forge.comments[0].1.replace("| Expires |", "| Ends |") + "Works for me!";
    forge
}

/// Somebody has written into the marker of the comment.
fn broken(forge: &mut Forge) -> &mut Forge {
    forge.comments[0].1 = forge.comments[0].1.replace("generation=", "gen=");
    forge
}

fn closed() -> Holding<'static> {
    removed(4, &Reason::Closed)
}

#[rustfmt::skip]
const UP: [Row; 22] = [
    ("a run was stopped after the first commit", |it| it, "updated"),
    ("everything was told", |it| it.deployed(3, Standing::Up).wrote(&up(3), Some(1)), ""),
    ("a run was stopped after another commit", |it| it.deployed(2, Standing::Up).wrote(&up(2), Some(1)), "updated"),
    ("the same, and it had begun to tell", |it| it.deployed(3, Standing::Begun).wrote(&up(2), None), "updated"),
    ("a run was stopped after it brought it back", |it| it.wrote(&removed(2, &Reason::Closed), None), "deploying"),
    ("a run was stopped after it came to have one", |it| it.wrote(&holding(State::Refused, 2, Some(&Reason::Draft)), None), "deploying"),
    ("several runs were stopped", |it| it.wrote(&removed(1, &Reason::Closed), None), "updated"),
    ("another deployment", |it| it.wrote(&up(3), Some(7)), ""),
    ("the comment was deleted", |it| it.deployed(3, Standing::Up), ""),
    ("the comment was deleted, and the deployment is over", |it| it.deployed(3, Standing::Inactive), ""),
    ("a run was stopped before its comment", |it| it.deployed(3, Standing::Begun), "updated"),
    ("the comment was edited", |it| edited(it.wrote(&up(3), None)), ""),
    ("the comment was edited, and a run was stopped", |it| edited(it.wrote(&up(2), None)), "updated"),
    ("the marker was edited", |it| broken(it.wrote(&up(3), None)), ""),
    ("the marker was taken away", |it| {
        it.deployed(3, Standing::Up).wrote(&up(3), Some(1));
        it.comments[0].1.insert(0, ' ');
        it
    }, ""),
    ("two comments", |it| it.wrote(&up(3), None).wrote(&up(2), None), ""),
    ("a later comment", |it| it.wrote(&up(4), None), ""),
    ("a later deployment", |it| it.wrote(&up(2), None).deployed(4, Standing::Up), ""),
    ("it was ready", |it| it.wrote(&holding(State::Ready, 3, None), None), ""),
    ("the one before was ready", |it| it.wrote(&holding(State::Ready, 2, None), None), "updated"),
    ("its time was nearly up", |it| it.wrote(&expiring(3), None), ""),
    ("it was put back by hand", |it| it.wrote(&removed(3, &Reason::Closed), None), ""),
];

#[test]
fn what_a_stopped_run_could_not_tell_is_told_by_the_next() {
    check(&UP, &up(3));
    assert_eq!(words(&up(1), &Forge::new()), "deploying");
}

#[test]
fn what_this_run_committed_is_news_whatever_was_said() {
    for (situation, before, _) in UP {
        let mut forge = Forge::new();
        before(&mut forge);
        for (taken, word) in [(Step::Deploying, "deploying"), (Step::Updated, "updated")] {
            assert_eq!(words(&having(taken, up(3)), &forge), word, "{situation}");
        }
        assert_eq!(words(&having(Step::Removed, closed()), &forge), "removed", "{situation}");
    }
}

#[test]
fn an_answer_is_no_news() {
    let mut forge = Forge::new();
    forge.wrote(&up(3), None);
    assert_eq!(words(&Holding { answer: Some("> Done."), ..up(3) }, &forge), "");
    forge.wrote(&removed(3, &Reason::Closed), None);
    assert_eq!(words(&Holding { answer: Some("> Done."), ..removed(3, &Reason::Closed) }, &Forge::new()), "");
}

#[test]
fn a_later_end_is_no_news_to_who_gave_it() {
    let mut forge = Forge::new();
    forge.wrote(&expiring(2), None);
    assert_eq!(words(&Holding { is_prolonged: true, ..up(3) }, &forge), "");
    assert_eq!(words(&Holding { is_prolonged: true, expires: None, ..expiring(3) }, &forge), "expiring");
}

#[rustfmt::skip]
const EXPIRING: [Row; 9] = [
    ("it was told to be on its way", |it| it.wrote(&up(3), None), "expiring"),
    ("it was told to be ready", |it| it.wrote(&holding(State::Ready, 3, None), None), "expiring"),
    ("it was told", |it| it.wrote(&expiring(3), None), ""),
    ("it was told of another end", |it| it.wrote(&Holding { expires: None, ..expiring(3) }, None), ""),
    ("the comment was edited", |it| edited(it.wrote(&expiring(3), None)), ""),
    ("the comment was edited before", |it| edited(it.wrote(&up(3), None)), "expiring"),
    ("the marker was edited", |it| broken(it.wrote(&expiring(3), None)), ""),
    ("a run was stopped, and the end is the same", |it| it.wrote(&expiring(2), None), "updated"),
    ("a run was stopped", |it| it.wrote(&up(2), None), "updated, expiring"),
];

#[test]
fn that_its_time_is_nearly_up_is_told_once_for_each_end() {
    check(&EXPIRING, &expiring(3));
    let mut forge = Forge::new();
    forge.wrote(&expiring(3), None);
    let later = Some("2026-11-30 12:00 UTC; a push prolongs it".to_owned());
    assert_eq!(words(&Holding { expires: later.clone(), ..expiring(3) }, &forge), "expiring");
    assert_eq!(words(&having(Step::Updated, Holding { expires: later, ..expiring(4) }), &forge), "updated, expiring");
    edited(&mut forge);
    assert_eq!(words(&expiring(4), &forge), "updated, expiring", "of which end it speaks is not known any more");
}

#[rustfmt::skip]
const GONE: [Row; 12] = [
    ("nothing was ever said", |it| it, ""),
    ("a run was stopped after the commit", |it| it.deployed(3, Standing::Up).wrote(&up(3), Some(1)), "removed"),
    ("the same, and its time was nearly up", |it| it.wrote(&expiring(3), None), "removed"),
    ("a run was stopped after the comment", |it| it.deployed(3, Standing::Up).wrote(&closed(), None), ""),
    ("everything was told", |it| it.deployed(3, Standing::Inactive).wrote(&closed(), None), ""),
    ("it was told to be refused", |it| it.wrote(&holding(State::Refused, 4, Some(&Reason::Draft)), None), ""),
    ("the comment was deleted, and a run was stopped", |it| it.deployed(3, Standing::Up), "removed"),
    ("the comment was deleted", |it| it.deployed(3, Standing::Inactive), ""),
    ("the comment was edited", |it| edited(it.wrote(&closed(), None)), ""),
    ("the marker was edited", |it| broken(it.wrote(&closed(), None)), ""),
    ("the marker was edited, and a run was stopped", |it| broken(it.deployed(3, Standing::Up).wrote(&up(3), None)), "removed"),
    ("it was put up and taken down by runs that were stopped", |it| {
        it.wrote(&removed(2, &Reason::Closed), None).deployed(3, Standing::Begun)
    }, "removed"),
];

#[test]
fn a_removal_is_told_by_who_made_it_or_by_who_finds_it() {
    check(&GONE, &closed());
}

#[rustfmt::skip]
const REFUSED: [Row; 10] = [
    ("the first time", |it| it, "refused"),
    ("it was told", |it| it.wrote(&refused(&Reason::Draft), None), ""),
    ("it was refused for something else", |it| it.wrote(&refused(&Reason::Paths), None), "refused"),
    ("it was taken down for that", |it| it.wrote(&removed(3, &Reason::Draft), None), ""),
    ("it was taken down for something else", |it| it.wrote(&removed(3, &Reason::Closed), None), "refused"),
    ("it was taken down, nobody said why", |it| it.wrote(&holding(State::Removed, 3, None), None), "refused"),
    ("an old comment without a word", |it| {
        it.wrote(&refused(&Reason::Draft), None);
        it.comments[0].1 = it.comments[0].1.replace(" reason=draft", "");
        it
    }, ""),
    ("the comment was edited", |it| edited(it.wrote(&refused(&Reason::Draft), None)), ""),
    ("the marker was edited", |it| broken(it.wrote(&refused(&Reason::Draft), None)), ""),
    ("a run was stopped after it took it down", |it| it.wrote(&up(2), None), "removed, refused"),
];

#[test]
fn a_refusal_is_told_once_for_each_reason() {
    check(&REFUSED, &refused(&Reason::Draft));
    assert_eq!(words(&holding(State::Refused, 3, None), &Forge::new()), "", "without a reason there is nothing to say");
}

#[test]
fn the_same_word_may_stand_for_another_reason() {
    let (one, other) = (Reason::Excluded { label: "hold".to_owned() }, Reason::Excluded { label: "wip".to_owned() });
    let mut forge = Forge::new();
    forge.wrote(&refused(&one), None);
    assert_eq!((words(&refused(&one), &forge), words(&refused(&other), &forge)), (String::new(), "refused".to_owned()));
    let unapproved = |digit| Reason::Unapproved { head: commit(digit) };
    let mut forge = Forge::new();
    forge.wrote(&refused(&unapproved('b')), None);
    assert_eq!(words(&refused(&unapproved('b')), &forge), "");
    assert_eq!(words(&refused(&unapproved('c')), &forge), "refused");
    edited(&mut forge);
    assert_eq!(words(&refused(&unapproved('b')), &forge), "");
}

#[test]
fn other_holders_of_the_places_are_no_news() {
    let holder = |other| Holder { name: format!("pr-{other}").parse().unwrap(), number: number(other) };
    let full = |others: &[u32]| Reason::Limit { limit: 2, holders: others.iter().copied().map(holder).collect() };
    let mut forge = Forge::new();
    forge.wrote(&refused(&full(&[1, 2])), None);
    assert_eq!(words(&refused(&full(&[1, 5])), &forge), "");
}

#[rustfmt::skip]
const WAITED: [(&str, fn(&mut Forge) -> &mut Forge, &str, &str); 9] = [
    ("nothing was said", |it| it, "ready", "failed"),
    ("it was on its way", |it| it.deployed(3, Standing::Up).wrote(&up(3), Some(1)), "ready", "failed"),
    ("it was told to be ready", |it| it.wrote(&seen(State::Ready, "status 200"), None), "", "failed"),
    ("it was told to have failed", |it| it.wrote(&seen(State::Failed, "status 502"), None), "ready", ""),
    ("it had failed in another way", |it| it.wrote(&seen(State::Failed, "nothing"), None), "ready", "failed"),
    ("the one before was ready", |it| it.wrote(&holding(State::Ready, 2, None), None), "ready", "failed"),
    ("the comment was edited", |it| edited(it.wrote(&seen(State::Ready, "status 200"), None)), "", "failed"),
    ("the marker was edited", |it| broken(it.wrote(&seen(State::Ready, "status 200"), None)), "ready", "failed"),
    ("a later comment", |it| it.wrote(&up(4), None), "ready", "failed"),
];

#[test]
fn what_was_seen_is_told_once() {
    for (situation, before, ready, failed) in WAITED {
        let mut forge = Forge::new();
        before(&mut forge);
        assert_eq!(words(&seen(State::Ready, "status 200"), &forge), ready, "{situation}");
        assert_eq!(words(&seen(State::Failed, "status 502"), &forge), failed, "{situation}");
        assert_eq!(
            words(&holding(State::Ready, 3, None), &forge).replace("updated", ""),
            "",
            "{situation}: nobody looked"
        );
    }
}

#[test]
fn what_the_comment_says_now_is_no_news_any_more() {
    let draft = Reason::Draft;
    let endings = [up(3), expiring(3), closed(), refused(&draft), seen(State::Ready, "a"), seen(State::Failed, "b")];
    let beginnings = UP.iter().chain(&EXPIRING).chain(&GONE).chain(&REFUSED);
    for (situation, before, _) in beginnings {
        for holding in &endings {
            let mut forge = Forge::new();
            before(&mut forge);
            let plan: Announcement = announcement(holding, &forge.said());
            forge.carry_out(&plan, holding, &mut Requests::stopped_after(usize::MAX));
            let again = Holding { taken: None, seen: None, ..holding.clone() };
            let is_spoken_for = plan == Announcement::quiet(plan_url(&plan));
            assert!(is_spoken_for || words(&again, &forge).is_empty(), "{situation}: {:?}", holding.marker.state);
        }
    }
}

fn plan_url(plan: &Announcement) -> Option<String> {
    match &plan.comment {
        super::super::CommentStep::Quiet(url) => url.clone(),
        _ => None,
    }
}
