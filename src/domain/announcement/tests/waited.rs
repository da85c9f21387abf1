//! What is said of a preview that somebody waited for.

use super::super::{Holding, announcement};
use super::forge::{Forge, Requests, holding, up};
use super::table::{Row, check, removed, words};
use crate::domain::comment::State;
use crate::domain::deployment::Standing;
use crate::domain::reason::Reason;
use crate::domain::record::Record;
use crate::domain::tests::record;

#[rustfmt::skip]
const READY: [Row; 13] = [
    ("it is on its way", |it| it.deployed(3, Standing::Up).wrote(&up(3), Some(1)), "tell 1, edit 1"),
    ("nothing was said", |it| it, "begin in preview, write"),
    ("it was told", |it| it.deployed(3, Standing::Ready).wrote(&ready(3), Some(1)), "1 stands, quiet"),
    ("it had failed", |it| it.deployed(3, Standing::Failed).wrote(&failed(3), Some(1)), "tell 1, edit 1"),
    ("a run was stopped after the comment", |it| it.deployed(3, Standing::Up).wrote(&ready(3), Some(1)), "tell 1, quiet"),
    ("somebody says that it failed", |it| it.deployed(3, Standing::Failed).wrote(&ready(3), Some(1)), "tell 1, quiet"),
    ("its time was nearly up", |it| {
        it.deployed(3, Standing::Up).wrote(&holding(State::Expiring, 3, None), Some(1));
        it
    }, "tell 1, edit 1"),
    ("it was told to somebody else's deployment", |it| it.deployed(3, Standing::Ready).wrote(&ready(3), None), "1 stands, edit 1"),
    ("the one before was ready", |it| {
        it.deployed(2, Standing::Ready).wrote(&ready(2), Some(1));
        it
    }, "begin in preview, retire 1, edit 1"),
    ("another one is on its way", |it| it.deployed(4, Standing::Up).wrote(&up(4), Some(1)), "quiet"),
    ("it is gone", |it| it.deployed(3, Standing::Inactive).wrote(&removed(4, &Reason::Closed), None), "quiet"),
    ("a deployment too old to be read", |it| it.wrote(&up(3), Some(77)).reading_none(), "tell 77, edit 1"),
    ("one too old to be read, and told", |it| it.wrote(&ready(3), Some(77)).reading_none(), "77 stands, quiet"),
];

fn ready(generation: u64) -> Holding<'static> {
    holding(State::Ready, generation, None)
}

fn failed(generation: u64) -> Holding<'static> {
    holding(State::Failed, generation, None)
}

#[test]
fn a_preview_that_got_ready_is_told_of_once() {
    check(&READY, &ready(3));
}

#[test]
fn a_preview_that_fails_in_another_way_is_told_of_again() {
    let seen = |seen| Holding { seen: Some(seen), ..failed(3) };
    let mut forge = Forge::new();
    forge.deployed(3, Standing::Failed).wrote(&seen("status 502, not 200"), Some(1));
    assert_eq!(words(&announcement(&seen("status 502, not 200"), &forge.said())), "1 stands, quiet");
    assert_eq!(words(&announcement(&failed(3), &forge.said())), "1 stands, quiet", "who did not look has no news");
    assert_eq!(words(&announcement(&seen("the connection was refused"), &forge.said())), "1 stands, edit 1");
    let ready = Holding { seen: Some("status 200"), ..ready(3) };
    assert_eq!(words(&announcement(&ready, &forge.said())), "tell 1, edit 1");
    forge.carry_out(&announcement(&ready, &forge.said()), &ready, &mut Requests::stopped_after(9));
    let again = Holding { seen: Some("status 200, later"), ..ready };
    assert_eq!(words(&announcement(&again, &forge.said())), "1 stands, quiet", "that it is ready is told once");
}

#[test]
fn who_does_not_wait_leaves_what_was_told_of_waiting() {
    for (standing, told) in [(Standing::Ready, ready(3)), (Standing::Failed, failed(3))] {
        let mut forge = Forge::new();
        forge.deployed(3, standing).wrote(&told, Some(1));
        let said = forge.said();
        let record = Record { generation: 3, ..record() };
        let again = said.marker(&told.marker.application, State::Deploying, Some(&record), None);
        assert_eq!((again.state, again.rollout), (told.marker.state, told.marker.rollout));
        let near = said.marker(&told.marker.application, State::Expiring, Some(&record), None);
        assert_eq!((near.state, near.rollout), (State::Expiring, told.marker.rollout));
        let next = Record { generation: 4, ..record };
        let next = said.marker(&told.marker.application, State::Deploying, Some(&next), None);
        assert_eq!((next.state, next.rollout), (State::Deploying, None));
        let again = Holding { marker: again, ..up(3) };
        assert_eq!(words(&announcement(&again, &forge.said())), "1 stands, quiet");
    }
}
