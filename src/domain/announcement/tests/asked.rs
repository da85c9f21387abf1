//! What is said to who asked for something, and of a head that nobody has approved.

use std::sync::LazyLock;

use super::super::Holding;
use super::forge::{holding, up};
use super::table::{Row, check, removed};
use crate::domain::comment::State;
use crate::domain::deployment::Standing;
use crate::domain::reason::Reason;
use crate::domain::tests::commit;

const ANSWER: &str = "To `ada`, 2026-11-21 12:00 UTC: there is no preview.";
const OTHER: &str = "To `grace`, 2026-11-21 12:01 UTC: there is no preview.";

fn answering<'a>(holding: Holding<'a>, answer: &'a str) -> Holding<'a> {
    Holding { answer: Some(answer), ..holding }
}

fn behind(digit: char) -> Holding<'static> {
    let mut holding = up(3);
    holding.marker.unapproved = Some(commit(digit));
    holding
}

#[rustfmt::skip]
const ANSWERED: [Row; 7] = [
    ("nothing was said", |it| it, "begin in preview, write"),
    ("everything else is there", |it| it.deployed(3, Standing::Up).wrote(&up(3), Some(1)), "1 stands, edit 1"),
    ("it is answered already", |it| it.deployed(3, Standing::Up).wrote(&answering(up(3), ANSWER), Some(1)), "1 stands, quiet"),
    ("somebody else was answered", |it| it.deployed(3, Standing::Up).wrote(&answering(up(3), OTHER), Some(1)), "1 stands, edit 1"),
    ("two comments", |it| {
        it.deployed(3, Standing::Up).wrote(&answering(up(3), ANSWER), Some(1)).wrote(&up(3), None);
        it
    }, "1 stands, quiet, delete 2"),
    ("the answer was edited", |it| {
        it.deployed(3, Standing::Up).wrote(&answering(up(3), ANSWER), Some(1));
        it.comments[0].1.push_str("Thanks!");
        it
    }, "1 stands, edit 1"),
    ("a later generation", |it| it.deployed(4, Standing::Up).wrote(&up(4), Some(1)), "quiet"),
];

#[test]
fn who_asked_is_answered_once() {
    check(&ANSWERED, &answering(up(3), ANSWER));
}

#[test]
fn who_asks_for_what_is_not_there_is_answered_where_nothing_was_ever_said() {
    let rows: [Row; 2] = [
        ("nothing was said", |it| it, "write"),
        ("it was taken down", |it| it.wrote(&removed(3, &Reason::Closed), None), "edit 1"),
    ];
    check(&rows, &answering(holding(State::Removed, 3, None), ANSWER));
    check(&[("nothing was said", |it| it, "no comment")], &holding(State::Removed, 3, None));
}

#[test]
fn an_answer_stays_until_there_is_something_else_to_say() {
    let rows: [Row; 1] = [(
        "it was answered",
        |it| it.deployed(3, Standing::Up).wrote(&answering(up(3), ANSWER), Some(1)),
        "1 stands, quiet",
    )];
    check(&rows, &up(3));
}

#[test]
fn a_head_that_nobody_has_approved_is_told_once_and_another_one_again() {
    let rows: [Row; 4] = [
        ("it was told", |it| it.deployed(3, Standing::Up).wrote(&behind('a'), Some(1)), "1 stands, quiet"),
        ("another head was", |it| it.deployed(3, Standing::Up).wrote(&behind('b'), Some(1)), "1 stands, edit 1"),
        ("it was up to date", |it| it.deployed(3, Standing::Up).wrote(&up(3), Some(1)), "1 stands, edit 1"),
        ("nothing was said", |it| it, "begin in preview, write"),
    ];
    check(&rows, &behind('a'));
    let back: [Row; 1] =
        [("the head was another", |it| it.deployed(3, Standing::Up).wrote(&behind('a'), Some(1)), "1 stands, edit 1")];
    check(&back, &up(3));
}

#[test]
fn a_refusal_for_want_of_an_approval_names_the_head_with_all_its_digits() {
    static A: LazyLock<Reason> = LazyLock::new(|| Reason::Unapproved { head: commit('a') });
    // One that begins alike.
    static B: LazyLock<Reason> = LazyLock::new(|| {
        let head = format!("{}{}", "a".repeat(12), "b".repeat(28)).parse().unwrap();
        Reason::Unapproved { head }
    });
    let rows: [Row; 3] = [
        ("it was told", |it| it.wrote(&holding(State::Refused, 0, Some(&A)), None), "quiet"),
        ("it was told of another", |it| it.wrote(&holding(State::Refused, 0, Some(&B)), None), "edit 1"),
        ("it was refused as a fork", |it| it.wrote(&holding(State::Refused, 0, Some(&Reason::Fork)), None), "edit 1"),
    ];
    check(&rows, &holding(State::Refused, 0, Some(&A)));
}
