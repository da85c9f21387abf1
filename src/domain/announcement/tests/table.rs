//! What is said in which situation.

use super::super::{Announcement, CommentStep, DeploymentStep, Holding, announcement};
use super::forge::{Forge, Requests, holding, up};
use crate::domain::comment::State;
use crate::domain::deployment::{Deployment, Environments, Standing, own_environment};
use crate::domain::lifecycle::Step;
use crate::domain::reason::{Holder, Reason};
use crate::domain::tests::{commit, number};

/// What had been said, and what is to be said then: requests in their order, as words.
pub(super) type Row = (&'static str, fn(&mut Forge) -> &mut Forge, &'static str);

pub(super) fn words(said: &Announcement) -> String {
    let mut words = match &said.deployment {
        DeploymentStep::None => vec![],
        DeploymentStep::Stands(id) => vec![format!("{} stands", id.0)],
        DeploymentStep::Resume(id) => vec![format!("tell {}", id.0)],
        DeploymentStep::Begin(environment) => vec![format!("begin in {environment}")],
    };
    words.extend(said.retired.iter().map(|id| format!("retire {}", id.0)));
    words.extend(said.left_behind.iter().map(|environment| format!("leave {environment}")));
    words.push(match &said.comment {
        CommentStep::Quiet(None) => "no comment".to_owned(),
        CommentStep::Quiet(Some(_)) => "quiet".to_owned(),
        CommentStep::Write => "write".to_owned(),
        CommentStep::Edit(id, _) => format!("edit {}", id.0),
    });
    words.extend(said.duplicates.iter().map(|id| format!("delete {}", id.0)));
    words.join(", ")
}

pub(super) fn check(rows: &[Row], holding: &Holding<'_>) {
    for (situation, before, expected) in rows {
        let mut forge = Forge::new();
        before(&mut forge);
        assert_eq!(words(&announcement(holding, &forge.said())), *expected, "{situation}");
    }
}

pub(super) fn removed(generation: u64, reason: &Reason) -> Holding<'_> {
    holding(State::Removed, generation, Some(reason))
}

fn refused(generation: u64, reason: &Reason) -> Holding<'_> {
    holding(State::Refused, generation, Some(reason))
}

fn edited_by_a_person(forge: &mut Forge) {
    forge.comments[0].1.push_str("Works for me!");
}

const OWN: &str = "preview/pr-123";

#[rustfmt::skip]
const UP: [Row; 29] = [
    ("the first time", |it| it, "begin in preview, write"),
    ("everything is there", |it| it.deployed(3, Standing::Up).wrote(&up(3), Some(1)), "1 stands, quiet"),
    ("another commit", |it| it.deployed(2, Standing::Up).wrote(&up(2), Some(1)), "begin in preview, retire 1, edit 1"),
    ("the comment was deleted", |it| it.deployed(3, Standing::Up), "1 stands, write"),
    ("the comment was deleted before", |it| it.deployed(2, Standing::Up), "begin in preview, retire 1, write"),
    ("the comment was edited", |it| {
        it.deployed(3, Standing::Up).wrote(&up(3), Some(1));
        edited_by_a_person(it);
        it
    }, "1 stands, edit 1"),
    ("the ends of its lines were changed", |it| {
        it.deployed(3, Standing::Up).wrote(&up(3), Some(1));
        it.comments[0].1 = it.comments[0].1.replace('\n', "\r\n");
        it
    }, "1 stands, quiet"),
    ("its marker was taken away", |it| {
        it.deployed(3, Standing::Up).wrote(&up(3), Some(1));
        it.comments[0].1.insert(0, ' ');
        it
    }, "1 stands, write"),
    ("two comments", |it| it.deployed(3, Standing::Up).wrote(&up(3), Some(1)).wrote(&up(3), Some(1)), "1 stands, quiet, delete 2"),
    ("three comments, and another commit", |it| {
        it.deployed(2, Standing::Up).wrote(&up(2), Some(1)).wrote(&up(1), None).wrote(&up(2), None);
        it
    }, "begin in preview, retire 1, edit 1, delete 2, delete 3"),
    ("a later comment", |it| it.deployed(3, Standing::Up).wrote(&up(4), None), "quiet"),
    ("a later comment that is not the first", |it| it.wrote(&up(3), None).wrote(&up(4), None), "quiet"),
    ("a later deployment", |it| it.wrote(&up(3), Some(1)).deployed(3, Standing::Up).deployed(4, Standing::Begun), "quiet"),
    ("a later deployment and no comment", |it| it.deployed(4, Standing::Begun), "no comment"),
    ("a later deployment of another application", |it| {
        it.deployed(3, Standing::Up).wrote(&up(3), Some(1));
        it.begin("other", "preview", 9);
        it
    }, "1 stands, quiet"),
    ("a deployment of which nothing was told", |it| it.deployed(3, Standing::Begun), "tell 1, write"),
    ("the same, and a comment that does not name it", |it| it.deployed(3, Standing::Begun).wrote(&up(3), None), "tell 1, edit 1"),
    ("a deployment that somebody has ended", |it| it.deployed(3, Standing::Inactive).wrote(&up(3), Some(1)), "tell 1, quiet"),
    ("a comment that does not name the deployment", |it| it.deployed(3, Standing::Up).wrote(&up(3), None), "1 stands, edit 1"),
    ("two deployments of one generation", |it| {
        it.deployed(3, Standing::Up).deployed(3, Standing::Up).wrote(&up(3), Some(1));
        it
    }, "1 stands, retire 2, quiet"),
    ("a deployment too old to be read", |it| it.wrote(&up(3), Some(77)).reading_none(), "77 stands, quiet"),
    ("a deployment that was deleted", |it| it.wrote(&up(3), Some(77)), "begin in preview, retire 77, edit 1"),
    ("an earlier deployment too old to be read", |it| it.wrote(&up(2), Some(77)).reading_none(), "begin in preview, retire 77, edit 1"),
    ("deployments that are over", |it| {
        it.deployed(1, Standing::Inactive).deployed(2, Standing::Inactive).wrote(&up(2), Some(2));
        it
    }, "begin in preview, edit 1"),
    ("it was taken down", |it| {
        it.deployed(1, Standing::Inactive).wrote(&removed(2, &Reason::Closed), None);
        it
    }, "begin in preview, edit 1"),
    ("its time was nearly up", |it| {
        it.deployed(3, Standing::Up).wrote(&holding(State::Expiring, 3, None), Some(1));
        it
    }, "1 stands, edit 1"),
    ("a deployment whose number can not be read", |it| {
        it.deployed(3, Standing::Up);
        it.deployments[0].id = None;
        it
    }, "begin in preview, write"),
    ("it was taken down, and its deployment is too old to be read", |it| {
        it.wrote(&removed(2, &Reason::Closed), Some(77)).reading_none()
    }, "begin in preview, edit 1"),
    ("in an environment of its own", |it| {
        it.deployed_in(OWN, 3, Standing::Up).wrote(&up(3), Some(1));
        it
    }, "begin in preview, retire 1, edit 1"),
];

#[test]
fn a_preview_that_is_up_is_told_of_once() {
    check(&UP, &up(3));
}

#[test]
fn an_update_takes_four_requests_and_nothing_new_takes_none() {
    let mut forge = Forge::new();
    forge.deployed(2, Standing::Up).wrote(&up(2), Some(1));
    let update = announcement(&up(3), &forge.said());
    assert_eq!(update.requests(), 4);
    forge.carry_out(&update, &up(3), &mut Requests::stopped_after(4));
    assert_eq!(announcement(&up(3), &forge.said()).requests(), 0);
    assert_eq!(announcement(&up(2), &forge.said()).requests(), 0, "an earlier generation has nothing to say any more");
}

#[test]
fn the_requests_are_counted_one_by_one() {
    let mut forge = Forge::new();
    forge.deployed_in(OWN, 1, Standing::Up).deployed_in(OWN, 2, Standing::Up);
    forge.wrote(&up(2), Some(2)).wrote(&up(2), Some(2)).wrote(&up(2), Some(2));
    let holding = Holding { environments: Environments::PerPreview, ..removed(3, &Reason::Closed) };
    let said = announcement(&holding, &forge.said());
    assert_eq!(words(&said), "retire 2, retire 1, leave preview/pr-123, edit 1, delete 2, delete 3");
    assert_eq!(said.requests(), 6);
    forge.deployed(3, Standing::Begun);
    assert_eq!(announcement(&up(3), &Forge { comments: vec![], ..forge }.said()).requests(), 1 + 2 + 1);
}

#[test]
fn deployments_that_can_not_be_read_or_are_not_wanted_are_left_alone() {
    let before: [fn(&mut Forge) -> &mut Forge; 3] = [
        |it| it.wrote(&up(3), Some(1)),
        |it| it.deployed(3, Standing::Begun).wrote(&up(3), Some(1)),
        |it| it.deployed(2, Standing::Up).wrote(&up(2), Some(1)),
    ];
    let off = |holding: Holding<'static>| Holding { environments: Environments::Off, ..holding };
    for (before, expected) in before.into_iter().zip(["quiet", "quiet", "edit 1"]) {
        let mut forge = Forge::new();
        before(&mut forge);
        assert_eq!(words(&announcement(&off(up(3)), &forge.said())), expected);
        let gone = announcement(&off(holding(State::Removed, 4, None)), &forge.said());
        assert_eq!(words(&gone), "edit 1");
        forge.reach = None;
        assert_eq!(words(&announcement(&up(3), &forge.said())), expected);
        let per_preview = Holding { environments: Environments::PerPreview, ..holding(State::Removed, 4, None) };
        assert_eq!(words(&announcement(&per_preview, &forge.said())), "edit 1");
    }
}

#[rustfmt::skip]
const REMOVED: [Row; 13] = [
    ("nothing was ever said", |it| it, "no comment"),
    ("it was up", |it| it.deployed(3, Standing::Up).wrote(&up(3), Some(1)), "retire 1, edit 1"),
    ("it was up, too long ago to be read", |it| it.wrote(&up(3), Some(77)).reading_none(), "retire 77, edit 1"),
    ("the same generation was up, too long ago to be read", |it| it.wrote(&up(4), Some(77)).reading_none(), "retire 77, edit 1"),
    ("it was nearly up", |it| it.deployed(3, Standing::Up).wrote(&holding(State::Expiring, 3, None), Some(1)), "retire 1, edit 1"),
    ("the comment was deleted", |it| it.deployed(3, Standing::Up), "retire 1, no comment"),
    ("it was begun", |it| it.deployed(3, Standing::Begun), "retire 1, no comment"),
    ("its deployment is over", |it| it.deployed(3, Standing::Inactive).wrote(&up(3), Some(1)), "edit 1"),
    ("it was told", |it| it.deployed(3, Standing::Inactive).wrote(&removed(4, &Reason::Closed), None), "quiet"),
    ("it was told for another reason", |it| it.wrote(&removed(4, &Reason::Draft), None), "quiet"),
    ("it was told, and a deployment is open", |it| it.deployed(3, Standing::Up).wrote(&removed(4, &Reason::Closed), None), "retire 1, quiet"),
    ("there was none", |it| it.wrote(&refused(0, &Reason::Draft), None), "quiet"),
    ("it is up again", |it| it.deployed(3, Standing::Inactive).deployed(5, Standing::Up).wrote(&up(5), Some(2)), "quiet"),
];

#[test]
fn a_preview_that_is_gone_is_told_of_where_anything_else_was_told() {
    check(&REMOVED, &removed(4, &Reason::Closed));
}

#[test]
fn a_preview_that_goes_now_is_told_of_unless_that_was_told_just_now() {
    let going = |generation| Holding { taken: Some(Step::Removed), ..removed(generation, &Reason::Closed) };
    let mut forge = Forge::new();
    forge.wrote(&removed(4, &Reason::Draft), None);
    assert_eq!(words(&announcement(&going(4), &forge.said())), "quiet");
    assert_eq!(words(&announcement(&going(6), &forge.said())), "edit 1");
    let mut forge = Forge::new();
    forge.wrote(&refused(4, &Reason::Draft), None);
    assert_eq!(words(&announcement(&going(4), &forge.said())), "edit 1");
    assert_eq!(words(&announcement(&going(4), &Forge::new().said())), "no comment");
}

#[rustfmt::skip]
const REFUSED: [Row; 9] = [
    ("nothing was ever said", |it| it, "write"),
    ("it was refused", |it| it.wrote(&refused(0, &Reason::Draft), None), "quiet"),
    ("it was refused for another reason", |it| it.wrote(&refused(0, &Reason::Fork), None), "edit 1"),
    ("it was taken down for the same reason", |it| it.wrote(&removed(4, &Reason::Draft), None), "quiet"),
    ("it was taken down for another reason", |it| it.wrote(&removed(4, &Reason::Closed), None), "edit 1"),
    ("it was taken down, nobody knows why", |it| it.wrote(&holding(State::Removed, 4, None), None), "edit 1"),
    ("it was up", |it| it.deployed(3, Standing::Up).wrote(&up(3), Some(1)), "retire 1, edit 1"),
    ("the refusal was edited", |it| {
        it.wrote(&refused(0, &Reason::Draft), None);
        edited_by_a_person(it);
        it
    }, "edit 1"),
    ("two refusals", |it| it.wrote(&refused(0, &Reason::Draft), None).wrote(&refused(0, &Reason::Draft), None), "quiet, delete 2"),
];

#[test]
fn a_refusal_is_told_where_nothing_or_another_reason_was_told() {
    check(&REFUSED, &refused(4, &Reason::Draft));
}

fn limit(names: &[u32]) -> Reason {
    let holder = |other: &u32| Holder { name: format!("pr-{other}").parse().unwrap(), number: number(*other) };
    Reason::Limit { limit: 2, holders: names.iter().map(holder).collect() }
}

#[test]
fn a_full_house_is_told_again_when_others_are_in_it() {
    let many: Vec<_> = (1..=60).collect();
    let table = [
        (&[1, 2][..], &[1, 2][..], "quiet"),
        (&[1, 2], &[2, 1], "quiet"),
        (&[1, 2], &[1, 3], "edit 1"),
        (&[1, 2], &[1, 2, 3], "edit 1"),
        (&[1, 2, 3], &[1, 2], "edit 1"),
        (&[12, 2], &[1, 2], "edit 1"),
        (&[], &[], "quiet"),
        (&many, &many, "quiet"),
    ];
    for (told, holds, expected) in table {
        let (told, holds) = (limit(told), limit(holds));
        let mut forge = Forge::new();
        forge.wrote(&refused(0, &told), None);
        assert_eq!(words(&announcement(&refused(0, &holds), &forge.said())), expected, "{told:?} {holds:?}");
    }
    let mut forge = Forge::new();
    forge.wrote(&removed(4, &limit(&[1, 2])), None);
    assert_eq!(words(&announcement(&refused(4, &Reason::Draft), &forge.said())), "edit 1");
}

/// Each situation before, and what becomes of the pull request's own environment.
#[rustfmt::skip]
const LEFT: [Row; 8] = [
    ("it was up", |it| it.deployed_in(OWN, 3, Standing::Up).wrote(&up(3), Some(1)), "retire 1, leave preview/pr-123, edit 1"),
    ("it was told to be gone", |it| it.deployed_in(OWN, 3, Standing::Inactive).wrote(&removed(4, &Reason::Closed), None), "quiet"),
    ("a run was stopped after it ended the deployment", |it| {
        it.deployed_in(OWN, 3, Standing::Inactive).wrote(&up(3), Some(1));
        it
    }, "leave preview/pr-123, edit 1"),
    ("it never had one", |it| it.deployed(3, Standing::Inactive).wrote(&up(3), Some(1)), "edit 1"),
    ("another application is there", |it| {
        it.begin("other", OWN, 1);
        it.deployed_in(OWN, 3, Standing::Up).wrote(&up(3), Some(2));
        it
    }, "retire 2, edit 1"),
    ("another application was there", |it| {
        it.begin("other", OWN, 1);
        it.deployments[0].standing = Standing::Inactive;
        it.deployed_in(OWN, 3, Standing::Up).wrote(&up(3), Some(2));
        it
    }, "retire 2, leave preview/pr-123, edit 1"),
    ("another application is in the environment that all share", |it| {
        it.begin("other", "preview", 1);
        it.deployed_in(OWN, 3, Standing::Up).wrote(&up(3), Some(2));
        it
    }, "retire 2, leave preview/pr-123, edit 1"),
    ("something that is not ours is there", |it| {
        it.deployed_in(OWN, 3, Standing::Up).wrote(&up(3), Some(1)).begin("other", OWN, 1);
        it.deployments[1].payload = None;
        it
    }, "retire 1, edit 1"),
];

#[test]
fn an_environment_is_left_with_the_last_preview_in_it() {
    check(&LEFT, &Holding { environments: Environments::PerPreview, ..removed(4, &Reason::Closed) });
    let mut forge = Forge::new();
    forge.deployed_in(&own_environment(number(123)), 3, Standing::Up).wrote(&up(3), Some(1));
    assert_eq!(words(&announcement(&removed(4, &Reason::Closed), &forge.said())), "retire 1, edit 1");
}

#[test]
fn a_deployment_of_another_pull_request_is_not_this_ones() {
    let mut forge = Forge::new();
    forge.deployed(9, Standing::Up);
    let other = &mut forge.deployments[0];
    *other = Deployment { commit: Some(commit('b')), ..other.clone() };
    other.payload.as_mut().unwrap().pull_request = number(124);
    assert_eq!(words(&announcement(&up(3), &forge.said())), "begin in preview, write");
}

#[test]
fn another_end_is_told_in_the_same_comment() {
    let mut forge = Forge::new();
    forge.deployed(3, Standing::Up).wrote(&up(3), Some(1));
    for expires in [None, Some("2026-12-24 12:00 UTC; a push prolongs it".to_owned())] {
        let holding = Holding { expires, ..up(3) };
        assert_eq!(words(&announcement(&holding, &forge.said())), "1 stands, edit 1", "{:?}", holding.expires);
    }
}

#[test]
fn a_full_house_is_told_again_when_it_has_another_limit() {
    let Reason::Limit { holders, .. } = limit(&[1, 2]) else { panic!("it is a limit") };
    let (one, two) = (Reason::Limit { limit: 1, holders }, limit(&[1, 2]));
    let mut forge = Forge::new();
    forge.wrote(&refused(0, &two), None);
    assert_eq!(words(&announcement(&refused(0, &one), &forge.said())), "edit 1");
}
