//! Every combination of what the decision depends on, each value of it in a word.

use std::sync::LazyLock;
use std::time::Duration;

use jiff::Timestamp;

use super::super::{Given, Intent, Situation, Wanted, decide};
use super::rules::RULES;
use crate::domain::approval::{Approval, Means};
use crate::domain::configuration::{Age, Forks, PreviewSettings, Ttl};
use crate::domain::filter::Filter;
use crate::domain::names::CommitId;
use crate::domain::pull_request::{Author, Changes, PullRequest, PullRequestState};
use crate::domain::reason::Holder;
use crate::domain::record::Record;
use crate::domain::tests::{at, commit, filter, number, pull_request, record};

/// The three commits that there are to speak of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Shown {
    Nothing,
    Head,
    Another,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Asked {
    Deploy { made_for: Shown, is_explicit: bool },
    Teardown { force: bool },
    Sweep,
    Look,
    Prolong,
}

/// Whether it comes from a fork, and what the configuration says of those.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Origin {
    Branch,
    RefusedFork,
    ApprovableFork,
}

/// The approval that this run was told of.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Told {
    Nothing,
    Head,
    Another,
    /// Of the head, by the label that may be required.
    HeadByLabel,
    /// Of the head, by a label that never is.
    HeadByOtherLabel,
}

/// The approval that is recorded with the preview.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Approved {
    Nothing,
    /// What it shows.
    Shown,
    /// The one of the two commits that it does not show.
    NotShown,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Who {
    Person,
    Bot,
    Ghost,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Label {
    Absent,
    Present,
    InAnotherCase,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Required {
    Nothing,
    Missing,
    Present,
    InAnotherCase,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Paths {
    /// All are meant, and none is changed.
    AllMeant,
    OneMeant,
    NoneMeant,
    /// None of those that are known is meant, but not all are known.
    NotAllKnown,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum End {
    Never,
    Ahead,
    Up,
}

#[derive(Debug, Clone, Copy, PartialEq)]
pub(super) enum Room {
    Free,
    Full,
    Overfull,
    Zero,
}

/// What is the same in every combination, and takes time to make.
static SETTINGS: LazyLock<PreviewSettings> = LazyLock::new(|| {
    let mut settings = PreviewSettings::default();
    settings.labels.exclude = vec!["wip".to_owned(), "no-preview".to_owned()];
    settings.labels.keep = vec!["pinned".to_owned(), "Keep-Preview".to_owned()];
    // Patterns without stars, which take the least time to make.
    settings.branches = filter(&["main", "release/0", "release/1"], &["release/0"]);
    settings
});
/// How much longer than now a preview is asked to live.
pub(super) const LONGER: Age = Age(Duration::from_hours(48));
static CODE: LazyLock<Filter> = LazyLock::new(|| filter(&["docs/a.md", "src/main.rs"], &["docs/a.md"]));

/// One combination.
#[derive(Debug, Clone, Copy)]
#[expect(clippy::struct_excessive_bools, reason = "they are independent of each other: that is the point")]
pub(super) struct Case {
    pub(super) asked: Asked,
    pub(super) recorded: Shown,
    pub(super) end: End,
    pub(super) remembered: Shown,
    pub(super) has_ttl: bool,
    pub(super) keep: Label,
    pub(super) room: Room,
    pub(super) origin: Origin,
    pub(super) told: Told,
    pub(super) approved: Approved,
    pub(super) state: PullRequestState,
    pub(super) author: Who,
    pub(super) bots: bool,
    pub(super) is_draft: bool,
    pub(super) drafts: bool,
    pub(super) excluded: Label,
    pub(super) required: Required,
    pub(super) is_target_in: bool,
    pub(super) paths: Paths,
}

const NO_OR_YES: [bool; 2] = [false, true];
const SHOWN: [Shown; 3] = [Shown::Nothing, Shown::Head, Shown::Another];
const LABEL: [Label; 3] = [Label::Absent, Label::Present, Label::InAnotherCase];
const ASKED: [Asked; 11] = [
    Asked::Deploy { made_for: Shown::Nothing, is_explicit: false },
    Asked::Deploy { made_for: Shown::Nothing, is_explicit: true },
    Asked::Deploy { made_for: Shown::Head, is_explicit: false },
    Asked::Deploy { made_for: Shown::Head, is_explicit: true },
    Asked::Deploy { made_for: Shown::Another, is_explicit: false },
    Asked::Deploy { made_for: Shown::Another, is_explicit: true },
    Asked::Teardown { force: false },
    Asked::Teardown { force: true },
    Asked::Sweep,
    Asked::Look,
    Asked::Prolong,
];
const ORIGIN: [Origin; 3] = [Origin::Branch, Origin::RefusedFork, Origin::ApprovableFork];
/// How many combinations there are of what concerns the life of a preview, of where its commits come from and whether they are
/// approved, and of what else the pull request is.
const LIVES: usize = 11 * 3 * 3 * 3 * 2 * 3 * 4;
const ORIGINS: usize = 3 * 5 * 3;
const PULL_REQUESTS: usize = 3 * 3 * 2 * 2 * 2 * 3 * 4 * 2 * 4;

/// A number whose digits choose from lists.
struct Digits(usize);

impl Digits {
    fn pick<T: Copy>(&mut self, list: &[T]) -> T {
        let picked = list[self.0 % list.len()];
        self.0 /= list.len();
        picked
    }
}

impl Case {
    /// The combination of that number; 0 is the most ordinary one.
    fn of(index: usize) -> Self {
        let mut digits = Digits(index);
        let case = Self {
            asked: digits.pick(&ASKED),
            recorded: digits.pick(&SHOWN),
            end: digits.pick(&[End::Never, End::Ahead, End::Up]),
            remembered: digits.pick(&SHOWN),
            has_ttl: digits.pick(&[true, false]),
            keep: digits.pick(&LABEL),
            room: digits.pick(&[Room::Free, Room::Full, Room::Overfull, Room::Zero]),
            origin: digits.pick(&ORIGIN),
            told: digits.pick(&[Told::Nothing, Told::Head, Told::Another, Told::HeadByLabel, Told::HeadByOtherLabel]),
            approved: digits.pick(&[Approved::Nothing, Approved::Shown, Approved::NotShown]),
            state: digits.pick(&[PullRequestState::Open, PullRequestState::Closed, PullRequestState::Merged]),
            author: digits.pick(&[Who::Person, Who::Bot, Who::Ghost]),
            bots: digits.pick(&NO_OR_YES),
            is_draft: digits.pick(&NO_OR_YES),
            drafts: digits.pick(&NO_OR_YES),
            excluded: digits.pick(&LABEL),
            required: digits.pick(&[Required::Nothing, Required::Missing, Required::Present, Required::InAnotherCase]),
            is_target_in: digits.pick(&[true, false]),
            paths: digits.pick(&[Paths::AllMeant, Paths::OneMeant, Paths::NoneMeant, Paths::NotAllKnown]),
        };
        assert_eq!(digits.0, 0, "{index} is more than there are");
        case
    }

    /// The end that a recorded preview has, or had.
    pub(super) fn end(&self) -> Option<Timestamp> {
        match self.end {
            End::Never => None,
            End::Ahead => Some(at("2026-11-21T12:00:01Z")),
            End::Up => Some(at("2026-11-21T12:00:00Z")),
        }
    }

    pub(super) fn limit(&self) -> u32 {
        if self.room == Room::Zero { 0 } else { 2 }
    }

    pub(super) fn holders(&self) -> Vec<Holder> {
        let count = match self.room {
            Room::Zero => 0,
            Room::Free => 1,
            Room::Full => 2,
            Room::Overfull => 3,
        };
        let holder = |other| Holder { name: format!("pr-{other}").parse().unwrap(), number: number(other) };
        (1..=count).map(holder).collect()
    }

    fn intent(&self) -> Intent {
        match self.asked {
            Asked::Deploy { made_for, is_explicit } => Intent::Deploy { made_for: made_for.commit(), is_explicit },
            Asked::Teardown { force } => Intent::Teardown { force },
            Asked::Sweep => Intent::Sweep,
            Asked::Look => Intent::Look,
            Asked::Prolong => Intent::Prolong(LONGER),
        }
    }

    /// The approval that the run was told of.
    fn given(&self) -> Option<Given> {
        let label = |label: &str| Means::Label(label.to_owned());
        let (digit, means) = match self.told {
            Told::Nothing => return None,
            Told::Head => ('a', Means::Command),
            Told::Another => ('b', Means::Command),
            Told::HeadByLabel => ('a', label("PREVIEW")),
            Told::HeadByOtherLabel => ('a', label("keep-preview")),
        };
        Some(Given { approval: approval(digit), means })
    }

    /// What is recorded of the preview.
    fn record(&self) -> Option<Record> {
        let commit = self.recorded.commit()?;
        let (shown, other) = if self.recorded == Shown::Head { ('a', 'b') } else { ('b', 'a') };
        let approval = match self.approved {
            Approved::Nothing => None,
            Approved::Shown => Some(approval(shown)),
            Approved::NotShown => Some(approval(other)),
        };
        Some(Record { commit, expires_at: self.end(), approval, ..record() })
    }

    fn settings(&self) -> PreviewSettings {
        let mut settings = SETTINGS.clone();
        (settings.bots, settings.drafts, settings.limit) = (self.bots, self.drafts, self.limit());
        settings.forks = if self.origin == Origin::ApprovableFork { Forks::Approved } else { Forks::Refused };
        settings.ttl = if self.has_ttl { Ttl::After(Age(Duration::from_hours(1))) } else { Ttl::None };
        if self.required != Required::Nothing {
            settings.labels.require = vec!["bug".to_owned(), "Preview".to_owned()];
        }
        if self.paths != Paths::AllMeant {
            settings.paths = CODE.clone();
        }
        settings
    }

    fn pull_request(&self) -> PullRequest {
        let label = |label: Label, word: &str| match label {
            Label::Absent => None,
            Label::Present => Some(word.to_owned()),
            Label::InAnotherCase => Some(word.to_uppercase()),
        };
        let required = match self.required {
            Required::Nothing | Required::Missing => Label::Absent,
            Required::Present => Label::Present,
            Required::InAnotherCase => Label::InAnotherCase,
        };
        let labels = [label(self.excluded, "no-preview"), label(required, "Preview"), label(self.keep, "Keep-Preview")];
        let changed: &[&str] = match self.paths {
            Paths::AllMeant => &[],
            Paths::OneMeant => &["docs/a.md", "src/main.rs"],
            Paths::NoneMeant | Paths::NotAllKnown => &["docs/a.md"],
        };
        let paths = changed.iter().map(|&path| path.to_owned()).collect();
        let author = |is_bot| Author { login: "ada".to_owned(), is_bot };
        PullRequest {
            state: self.state,
            target: if self.is_target_in { "release/1" } else { "release/0" }.to_owned(),
            is_from_fork: self.origin != Origin::Branch,
            is_draft: self.is_draft,
            author: (self.author != Who::Ghost).then(|| author(self.author == Who::Bot)),
            labels: labels.into_iter().flatten().chain(["bug".to_owned()]).collect(),
            changes: Changes { paths, are_complete: self.paths != Paths::NotAllKnown },
            ..pull_request()
        }
    }

    fn decided(&self) -> Wanted {
        let (settings, pull_request, holders) = (self.settings(), self.pull_request(), self.holders());
        let (recorded, remembered, given) = (self.record(), self.remembered.commit(), self.given());
        let situation = Situation {
            settings: &settings,
            pull_request: &pull_request,
            recorded: recorded.as_ref(),
            expired: remembered.as_ref(),
            holders: &holders,
            approval: given.as_ref(),
            now: at("2026-11-21T12:00:00Z"),
        };
        decide(&self.intent(), &situation)
    }
}

fn approval(digit: char) -> Approval {
    Approval { commit: commit(digit), by: "ada".parse().unwrap() }
}

impl Shown {
    fn commit(self) -> Option<CommitId> {
        match self {
            Self::Nothing => None,
            Self::Head => Some(commit('a')),
            Self::Another => Some(commit('b')),
        }
    }
}

/// Holds what is decided against the rules, and returns how often each of them decided.
fn held(indices: impl Iterator<Item = usize>) -> Vec<usize> {
    let mut decided = vec![0; RULES.len()];
    for case in indices.map(Case::of) {
        let applies = RULES.iter().position(|rule| (rule.applies)(&case));
        let rule = applies.unwrap_or_else(|| panic!("no rule applies to {case:?}"));
        assert_eq!(case.decided(), (RULES[rule].outcome)(&case), "{}: {case:?}", RULES[rule].because);
        decided[rule] += 1;
    }
    decided
}

/// How many combinations there are of a pull request's life and origin, for each of what else it is.
const INNER: usize = LIVES * ORIGINS;

#[test]
fn every_pull_request_is_decided_by_the_rules_whatever_is_asked() {
    let asked = |one: usize| (0..ASKED.len()).map(move |asked| one * INNER + asked);
    held((0..PULL_REQUESTS).flat_map(asked));
}

#[test]
fn every_life_of_a_preview_is_decided_by_the_rules_wherever_its_commits_come_from() {
    // The first values are what is asked, what is shown and its end; of the others each is the most ordinary one for forks.
    let origins = (1..ORIGINS).flat_map(|origin| (0..ASKED.len() * 3 * 3).map(move |life| origin * LIVES + life));
    let decided = held((0..LIVES).chain(origins));
    let rest: Vec<_> = RULES.iter().zip(decided).filter(|(rule, _)| !rule.is_of_the_pull_request).collect();
    assert!(rest.iter().all(|(_, count)| *count > 0), "{rest:?}");
}

#[test]
fn combinations_from_all_over_are_decided_by_the_rules_and_every_rule_decides_some() {
    // A step that shares no divisor with the number of values of anything.
    let decided = held((0..PULL_REQUESTS * INNER).step_by(27_653));
    let idle: Vec<_> = RULES.iter().zip(decided).filter(|(_, count)| *count == 0).collect();
    assert!(idle.is_empty(), "{idle:?}");
}
