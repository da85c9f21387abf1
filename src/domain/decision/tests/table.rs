//! The decision, row by row, for people to read.

use std::time::Duration;

use super::super::{Given, Intent, Situation, Wanted, decide};
use crate::domain::configuration::{Age, PreviewSettings, Ttl};
use crate::domain::names::CommitId;
use crate::domain::pull_request::{Author, PullRequest, PullRequestState};
use crate::domain::reason::Holder;
use crate::domain::record::Record;
use crate::domain::tests::{NOON, at, commit, filter, number, pull_request, record};

/// A pull request without a preview, under the default settings, but for a week to live and room for two.
pub(super) struct Scene {
    pub(super) settings: PreviewSettings,
    pub(super) pull_request: PullRequest,
    pub(super) recorded: Option<Record>,
    pub(super) given: Option<Given>,
    pub(super) expired: Option<CommitId>,
    holders: Vec<Holder>,
}

impl Scene {
    pub(super) fn new() -> Self {
        let week = Age(Duration::from_hours(7 * 24));
        let settings = PreviewSettings { ttl: Ttl::After(week), limit: 2, ..PreviewSettings::default() };
        let pull_request = pull_request();
        Self { settings, pull_request, recorded: None, given: None, expired: None, holders: Vec::new() }
    }

    pub(super) fn decide(&self, intent: &Intent) -> String {
        let situation = Situation {
            settings: &self.settings,
            pull_request: &self.pull_request,
            recorded: self.recorded.as_ref(),
            expired: self.expired.as_ref(),
            holders: &self.holders,
            approval: self.given.as_ref(),
            now: at(NOON),
        };
        match decide(intent, &situation) {
            Wanted::Preview(commit) => format!("preview of {}", commit.short()),
            Wanted::NoPreview(reason) => format!("none: {}", reason.word()),
            Wanted::Prolonged(end) => format!("until {end}"),
            Wanted::Standing(reason) => format!("standing: {}", reason.map_or("", |reason| reason.word())),
            Wanted::AsItIs(reason) => format!("as it is: {}", reason.word()),
        }
    }
}

pub(super) fn label(scene: &mut Scene, label: &str) {
    scene.pull_request.labels.push(label.to_owned());
}

pub(super) fn recorded(scene: &mut Scene, digit: char, expires_at: Option<&str>) {
    scene.recorded = Some(Record { commit: commit(digit), expires_at: expires_at.map(at), ..record() });
}

pub(super) fn hold(scene: &mut Scene, count: u32) {
    let holder = |other| Holder { name: format!("pr-{other}").parse().unwrap(), number: number(other) };
    scene.holders = (1..=count).map(holder).collect();
}

/// What is special, what is decided when an event asks for a preview, and what a sweep decides.
type Row = (&'static str, fn(&mut Scene), &'static str, &'static str);

pub(super) const PREVIEW: &str = "preview of aaaaaaa";
pub(super) const STAYS: &str = "as it is: open";
pub(super) const SINCE_NOON: Option<&str> = Some(NOON);
pub(super) const TILL_LATER: Option<&str> = Some("2026-11-21T12:00:00.000000001Z");

#[rustfmt::skip]
const ROWS: [Row; 33] = [
    ("nothing", |_| {}, PREVIEW, STAYS),
    ("closed", |it| it.pull_request.state = PullRequestState::Closed, "none: closed", "none: closed"),
    ("merged", |it| it.pull_request.state = PullRequestState::Merged, "none: merged", "none: merged"),
    ("from a fork", |it| it.pull_request.is_from_fork = true, "none: fork", "none: fork"),
    ("of a bot", |it| it.pull_request.author = Some(Author { login: "x".into(), is_bot: true }), "none: bot", "none: bot"),
    ("of a bot, which may", |it| {
        it.pull_request.author = Some(Author { login: "x".into(), is_bot: true });
        it.settings.bots = true;
    }, PREVIEW, STAYS),
    ("of nobody", |it| it.pull_request.author = None, PREVIEW, STAYS),
    ("a draft", |it| it.pull_request.is_draft = true, PREVIEW, STAYS),
    ("a draft, which may not", |it| {
        it.pull_request.is_draft = true;
        it.settings.drafts = false;
    }, "none: draft", "none: draft"),
    ("labelled away", |it| label(it, "No-Preview"), "none: excluded", "none: excluded"),
    ("not labelled", |it| it.settings.labels.require = vec!["preview".into()], "none: unlabelled", "none: unlabelled"),
    ("labelled", |it| {
        it.settings.labels.require = vec!["preview".into()];
        label(it, "PREVIEW");
    }, PREVIEW, STAYS),
    ("one of two labels", |it| {
        it.settings.labels.require = vec!["preview".into(), "ready".into()];
        label(it, "preview");
    }, "none: unlabelled", "none: unlabelled"),
    ("into another branch", |it| it.settings.branches = filter(&["release/*"], &[]), "none: branch", "none: branch"),
    ("into a branch left out", |it| it.settings.branches = filter(&["**"], &["ma*"]), "none: branch", "none: branch"),
    ("no file that is meant", |it| {
        it.settings.paths = filter(&["src/**"], &[]);
        it.pull_request.changes.paths = vec!["README.md".into()];
    }, "none: paths", "none: paths"),
    ("more files than are listed", |it| {
        it.settings.paths = filter(&["src/**"], &[]);
        it.pull_request.changes.are_complete = false;
    }, PREVIEW, STAYS),
    ("no file at all, and some are meant", |it| it.settings.paths = filter(&["src/**"], &[]), "none: paths", "none: paths"),
    ("there, of the head", |it| recorded(it, 'a', TILL_LATER), PREVIEW, STAYS),
    ("there, of the head, and its time is up", |it| recorded(it, 'a', SINCE_NOON), "none: expired", "none: expired"),
    ("there, of the head, and its time is up, but a label keeps it", |it| {
        recorded(it, 'a', SINCE_NOON);
        label(it, "Keep-Preview");
    }, PREVIEW, STAYS),
    ("there, of the head, and times do not end any more", |it| {
        recorded(it, 'a', SINCE_NOON);
        it.settings.ttl = Ttl::None;
    }, PREVIEW, STAYS),
    ("there, of the head, without an end", |it| recorded(it, 'a', None), PREVIEW, STAYS),
    ("there, of an earlier commit, and its time is up", |it| recorded(it, 'b', SINCE_NOON), PREVIEW, "none: expired"),
    ("gone, as the time of the head was up", |it| it.expired = Some(commit('a')), "none: expired", STAYS),
    ("gone, as the time of an earlier commit was up", |it| it.expired = Some(commit('b')), PREVIEW, STAYS),
    ("gone, as its time was up, and a label would keep it now", |it| {
        it.expired = Some(commit('a'));
        label(it, "keep-preview");
    }, "none: expired", STAYS),
    ("one place is free", |it| hold(it, 1), PREVIEW, STAYS),
    ("no place is free", |it| hold(it, 2), "none: limit", STAYS),
    ("no place is free, and it has one", |it| {
        hold(it, 2);
        recorded(it, 'b', TILL_LATER);
    }, PREVIEW, STAYS),
    ("there are no places", |it| it.settings.limit = 0, "none: limit", STAYS),
    ("no place is free, and its time was up", |it| {
        hold(it, 2);
        it.expired = Some(commit('a'));
    }, "none: expired", STAYS),
    ("merged, from a fork, a draft, labelled away, its time up", |it| {
        it.pull_request.state = PullRequestState::Merged;
        it.pull_request.is_from_fork = true;
        it.pull_request.is_draft = true;
        label(it, "no-preview");
        recorded(it, 'a', SINCE_NOON);
    }, "none: merged", "none: merged"),
];

fn scene(row: &Row) -> Scene {
    let mut scene = Scene::new();
    (row.1)(&mut scene);
    scene
}

pub(super) fn deploy(made_for: Option<char>, is_explicit: bool) -> Intent {
    Intent::Deploy { made_for: made_for.map(commit), is_explicit }
}

#[test]
fn an_event_and_a_sweep_decide_what_the_table_says() {
    for row in &ROWS {
        let (scene, (special, _, event, sweep)) = (scene(row), row);
        for made_for in [None, Some('a')] {
            assert_eq!(scene.decide(&deploy(made_for, false)), *event, "{special}");
        }
        assert_eq!(scene.decide(&Intent::Sweep), *sweep, "{special}");
    }
}

#[test]
fn a_teardown_decides_what_a_sweep_does_unless_it_is_forced() {
    for row in &ROWS {
        let (scene, (special, .., sweep)) = (scene(row), row);
        assert_eq!(scene.decide(&Intent::Teardown { force: false }), *sweep, "{special}");
        let is_over = ["none: closed", "none: merged"].contains(sweep);
        let forced = if is_over { sweep } else { "none: forced" };
        assert_eq!(scene.decide(&Intent::Teardown { force: true }), forced, "{special}");
    }
}

#[test]
fn who_asks_by_hand_gets_what_only_time_had_ended() {
    for row in &ROWS {
        let (scene, (special, _, event, _)) = (scene(row), row);
        let expected = match *event {
            "none: expired" if scene.holders.len() == 2 => "none: limit",
            "none: expired" => PREVIEW,
            other => other,
        };
        assert_eq!(scene.decide(&deploy(None, true)), expected, "{special}");
    }
}

#[test]
fn a_run_for_a_commit_that_is_not_the_head_has_no_say_unless_there_is_to_be_none() {
    for row in &ROWS {
        let (scene, (special, _, event, _)) = (scene(row), row);
        let may_be = [PREVIEW, "none: expired", "none: limit"].contains(event);
        let expected = if may_be { "as it is: superseded" } else { event };
        for is_explicit in [false, true] {
            assert_eq!(scene.decide(&deploy(Some('b'), is_explicit)), expected, "{special}");
        }
    }
}

#[test]
fn only_a_recorded_preview_whose_end_has_come_is_expired() {
    let situation = |scene: &Scene| {
        Situation {
            settings: &scene.settings,
            pull_request: &scene.pull_request,
            recorded: scene.recorded.as_ref(),
            expired: scene.expired.as_ref(),
            holders: &scene.holders,
            approval: None,
            now: at(NOON),
        }
        .is_expired()
    };
    let mut scene = Scene::new();
    scene.expired = Some(commit('a'));
    assert!(!situation(&scene));
    for (expires_at, is_expired) in [(None, false), (TILL_LATER, false), (SINCE_NOON, true)] {
        recorded(&mut scene, 'b', expires_at);
        assert_eq!(situation(&scene), is_expired, "{expires_at:?}");
    }
}

#[test]
fn a_preview_from_before_there_was_an_end_lacks_one() {
    let without = Record { expires_at: None, ..record() };
    let mut scene = Scene::new();
    let lacks = |scene: &Scene| {
        let (settings, pull_request, recorded) = (&scene.settings, &scene.pull_request, scene.recorded.as_ref());
        Situation { settings, pull_request, recorded, expired: None, holders: &[], approval: None, now: at(NOON) }
            .lacks_an_end()
    };
    assert!(!lacks(&scene), "there is none");
    scene.recorded = Some(without);
    assert!(lacks(&scene));
    scene.settings.ttl = Ttl::None;
    assert!(!lacks(&scene), "none is wanted");
    scene.settings.ttl = Ttl::After(Age(Duration::from_hours(1)));
    scene.recorded = Some(Record { expires_at: Some(at(NOON)), ..record() });
    assert!(!lacks(&scene), "it has one");
}

#[test]
fn only_a_deploy_that_a_person_asked_for_is_explicit() {
    let deploy = |is_explicit| Intent::Deploy { made_for: None, is_explicit };
    let intents = [deploy(true), deploy(false), Intent::Teardown { force: true }, Intent::Sweep, Intent::Look];
    assert_eq!(intents.map(|intent| intent.is_explicit()), [true, false, false, false, false]);
}
