//! Forks whose commits are approved, and what people ask for in comments, row by row.

use std::time::Duration;

use super::super::{Given, Intent};
use super::table::{PREVIEW, SINCE_NOON, STAYS, Scene, TILL_LATER, deploy, hold, label, recorded};
use crate::domain::approval::{Approval, Means};
use crate::domain::configuration::{Age, Forks, Ttl};
use crate::domain::pull_request::PullRequestState;
use crate::domain::tests::commit;

fn approval(digit: char) -> Approval {
    Approval { commit: commit(digit), by: "ada".parse().unwrap() }
}

/// That somebody approves a commit in this run.
fn given(scene: &mut Scene, digit: char, means: Means) {
    scene.given = Some(Given { approval: approval(digit), means });
}

/// A preview that shows a commit, and remembers an approval of one.
fn approved(scene: &mut Scene, shown: char, approved: char, expires_at: Option<&str>) {
    recorded(scene, shown, expires_at);
    scene.recorded.as_mut().unwrap().approval = Some(approval(approved));
}

/// What is special of a fork's pull request, and what is decided: for an event, by hand, in a sweep, and when somebody asks how
/// it stands.
type Row = (&'static str, fn(&mut Scene), &'static str, &'static str, &'static str, &'static str);

const NO: &str = "none: unapproved";
const BEHIND: &str = "standing: unapproved";
const STANDS: &str = "standing: ";

#[rustfmt::skip]
const ROWS: [Row; 21] = [
    ("nothing", |_| {}, NO, NO, STAYS, NO),
    ("approved by a command", |it| given(it, 'a', Means::Command), PREVIEW, PREVIEW, STAYS, "none: missing"),
    ("another commit approved by a command", |it| given(it, 'b', Means::Command), NO, NO, STAYS, NO),
    ("approved by a label that is required", |it| {
        it.settings.labels.require = vec!["Preview".into()];
        label(it, "preview");
        given(it, 'a', Means::Label("PREVIEW".into()));
    }, PREVIEW, PREVIEW, STAYS, "none: missing"),
    ("approved by a label that is not required", |it| {
        it.settings.labels.require = vec!["preview".into()];
        label(it, "preview");
        given(it, 'a', Means::Label("bug".into()));
    }, NO, NO, STAYS, NO),
    ("approved by a label, and none is required", |it| given(it, 'a', Means::Label("preview".into())), NO, NO, STAYS, NO),
    ("approved by a label that is gone already", |it| {
        it.settings.labels.require = vec!["preview".into()];
        given(it, 'a', Means::Label("preview".into()));
    }, "none: unlabelled", "none: unlabelled", "none: unlabelled", "none: unlabelled"),
    ("approved, and forks are refused", |it| {
        it.settings.forks = Forks::Refused;
        given(it, 'a', Means::Command);
    }, "none: fork", "none: fork", "none: fork", "none: fork"),
    ("approved, and no place is free", |it| {
        hold(it, 2);
        given(it, 'a', Means::Command);
    }, "none: limit", "none: limit", STAYS, "none: limit"),
    ("not approved, and no place is free", |it| hold(it, 2), NO, NO, STAYS, NO),
    ("there, of the approved head", |it| approved(it, 'a', 'a', TILL_LATER), PREVIEW, PREVIEW, STAYS, STANDS),
    ("there, of the approved head, its time up", |it| approved(it, 'a', 'a', SINCE_NOON),
        "none: expired", PREVIEW, "none: expired", "none: expired"),
    ("there, of an approved commit", |it| approved(it, 'b', 'b', TILL_LATER), BEHIND, BEHIND, STAYS, STANDS),
    ("there, of an approved commit, its time up", |it| approved(it, 'b', 'b', SINCE_NOON),
        "none: expired", "none: expired", "none: expired", "none: expired"),
    ("there, of an approved commit, and the head is approved now", |it| {
        approved(it, 'b', 'b', SINCE_NOON);
        given(it, 'a', Means::Command);
    }, PREVIEW, PREVIEW, "none: expired", "none: expired"),
    ("there, and approved by nobody", |it| recorded(it, 'a', TILL_LATER), NO, NO, NO, NO),
    ("there, with the approval of another commit", |it| approved(it, 'a', 'b', TILL_LATER), NO, NO, NO, NO),
    ("there, with the approval of another commit, which is the head", |it| approved(it, 'b', 'a', TILL_LATER), NO, NO, NO, NO),
    ("there, approved by nobody, and the head is approved now", |it| {
        recorded(it, 'b', TILL_LATER);
        given(it, 'a', Means::Command);
    }, PREVIEW, PREVIEW, NO, NO),
    ("there, of an approved commit, and a draft, which may not", |it| {
        approved(it, 'b', 'b', TILL_LATER);
        it.pull_request.is_draft = true;
        it.settings.drafts = false;
    }, "none: draft", "none: draft", "none: draft", "none: draft"),
    ("closed, and there", |it| {
        approved(it, 'b', 'b', TILL_LATER);
        it.pull_request.state = PullRequestState::Closed;
    }, "none: closed", "none: closed", "none: closed", "none: closed"),
];

#[test]
fn a_commit_of_a_fork_is_shown_only_if_somebody_has_approved_it() {
    for (special, change, event, by_hand, sweep, look) in ROWS {
        let mut scene = Scene::new();
        (scene.settings.forks, scene.pull_request.is_from_fork) = (Forks::Approved, true);
        change(&mut scene);
        assert_eq!(scene.decide(&deploy(None, false)), event, "{special}");
        assert_eq!(scene.decide(&deploy(Some('a'), false)), event, "{special}");
        assert_eq!(scene.decide(&deploy(None, true)), by_hand, "{special}");
        assert_eq!(scene.decide(&Intent::Sweep), sweep, "{special}");
        assert_eq!(scene.decide(&Intent::Teardown { force: false }), sweep, "{special}");
        assert_eq!(scene.decide(&Intent::Look), look, "{special}");
        let is_over = sweep == "none: closed";
        let forced = if is_over { sweep } else { "none: forced" };
        assert_eq!(scene.decide(&Intent::Teardown { force: true }), forced, "{special}");
    }
}

#[test]
fn an_approval_changes_nothing_of_a_pull_request_that_is_not_from_a_fork() {
    for (special, change, ..) in ROWS {
        let decided = |is_stripped: bool| {
            let mut scene = Scene::new();
            change(&mut scene);
            if is_stripped {
                scene.given = None;
                scene.recorded.iter_mut().for_each(|record| record.approval = None);
            }
            [deploy(None, false), deploy(None, true), Intent::Sweep, Intent::Look].map(|intent| scene.decide(&intent))
        };
        assert_eq!(decided(false), decided(true), "{special}");
    }
}

#[test]
fn a_preview_is_prolonged_where_it_has_an_end_and_its_commit_may_be_shown() {
    let prolonged = |change: fn(&mut Scene)| {
        let mut scene = Scene::new();
        change(&mut scene);
        scene.decide(&Intent::Prolong(Age(Duration::from_hours(48))))
    };
    let until = "until 2026-11-23T12:00:00Z";
    assert_eq!(prolonged(|_| {}), "none: missing");
    assert_eq!(prolonged(|it| recorded(it, 'a', TILL_LATER)), until);
    assert_eq!(prolonged(|it| recorded(it, 'a', None)), until);
    assert_eq!(prolonged(|it| recorded(it, 'a', SINCE_NOON)), until, "it is there still");
    assert_eq!(prolonged(|it| recorded(it, 'b', SINCE_NOON)), until);
    let endless = prolonged(|it| {
        recorded(it, 'a', TILL_LATER);
        it.settings.ttl = Ttl::None;
    });
    assert_eq!(endless, STANDS);
    let mut scene = Scene::new();
    (scene.settings.forks, scene.pull_request.is_from_fork) = (Forks::Approved, true);
    recorded(&mut scene, 'a', TILL_LATER);
    let prolong = Intent::Prolong(Age(Duration::from_hours(48)));
    assert_eq!(scene.decide(&prolong), NO);
    approved(&mut scene, 'b', 'b', SINCE_NOON);
    assert_eq!(scene.decide(&prolong), until);
    assert_eq!(prolonged(|it| it.expired = Some(commit('a'))), "none: expired", "it is known why it went");
    assert_eq!(prolonged(|it| it.expired = Some(commit('b'))), "none: missing");
    assert_eq!(prolonged(|it| label(it, "no-preview")), "none: excluded");
    assert_eq!(prolonged(|it| it.pull_request.state = PullRequestState::Merged), "none: merged");
}
