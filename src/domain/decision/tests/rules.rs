//! The rules once more, as a list: the first that applies decides.

use super::super::Wanted;
use super::combined::{Approved, Asked, Case, End, LONGER, Label, Origin, Paths, Required, Room, Shown, Told, Who};
use crate::domain::pull_request::PullRequestState;
use crate::domain::reason::Reason;
use crate::domain::tests::{NOON, at, commit};

/// One rule.
pub(super) struct Rule {
    pub(super) because: &'static str,
    /// Whether it is about what the pull request is, rather than about the life of its preview.
    pub(super) is_of_the_pull_request: bool,
    pub(super) applies: fn(&Case) -> bool,
    pub(super) outcome: fn(&Case) -> Wanted,
}

impl std::fmt::Debug for Rule {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.because)
    }
}

const fn of_the_pull_request(because: &'static str, applies: fn(&Case) -> bool, outcome: fn(&Case) -> Wanted) -> Rule {
    Rule { because, is_of_the_pull_request: true, applies, outcome }
}

const fn of_its_life(because: &'static str, applies: fn(&Case) -> bool, outcome: fn(&Case) -> Wanted) -> Rule {
    Rule { because, is_of_the_pull_request: false, applies, outcome }
}

pub(super) const RULES: [Rule; 25] = [
    of_the_pull_request("it is closed", |case| case.state == PullRequestState::Closed, |_| none(Reason::Closed)),
    of_the_pull_request("it is merged", |case| case.state == PullRequestState::Merged, |_| none(Reason::Merged)),
    of_its_life("it is forced", |case| case.asked == Asked::Teardown { force: true }, |_| none(Reason::Forced)),
    of_the_pull_request("forks get none", |case| case.origin == Origin::RefusedFork, |_| none(Reason::Fork)),
    of_the_pull_request(
        "a bot opened it, and bots get none",
        |case| case.author == Who::Bot && !case.bots,
        |_| none(Reason::Bot { login: "ada".to_owned() }),
    ),
    of_the_pull_request(
        "it is a draft, and drafts get none",
        |case| case.is_draft && !case.drafts,
        |_| none(Reason::Draft),
    ),
    of_the_pull_request(
        "a label excludes it",
        |case| case.excluded != Label::Absent,
        |_| none(Reason::Excluded { label: "no-preview".to_owned() }),
    ),
    of_the_pull_request(
        "a label is missing",
        |case| case.required == Required::Missing,
        |_| none(Reason::Unlabelled { label: "Preview".to_owned() }),
    ),
    of_the_pull_request(
        "its target is not meant",
        |case| !case.is_target_in,
        |_| none(Reason::Branch { target: "release/0".to_owned() }),
    ),
    of_the_pull_request("none of its files is meant", |case| case.paths == Paths::NoneMeant, |_| none(Reason::Paths)),
    of_its_life(
        "the run was made for another commit",
        |case| matches!(case.asked, Asked::Deploy { made_for: Shown::Another, .. }),
        |_| Wanted::AsItIs(Reason::Superseded { made_for: commit('b'), head: commit('a') }),
    ),
    of_its_life(
        "nobody has approved what it shows, or would show",
        |case| match case.recorded {
            _ if case.origin != Origin::ApprovableFork || is_shown_approved(case) => false,
            Shown::Nothing => (is_deploy(case) || is_asked_of(case)) && !is_head_approved(case),
            _ => !(is_deploy(case) && is_head_approved(case)),
        },
        |_| none(unapproved()),
    ),
    of_its_life(
        "nobody has approved its head, and the time of what it shows is up",
        |case| is_behind(case) && is_up(case),
        |case| none(Reason::Expired { since: case.end() }),
    ),
    of_its_life("nobody has approved its head", is_behind, |_| Wanted::Standing(Some(unapproved()))),
    of_its_life(
        "the time of its head's preview is up",
        |case| is_by_itself(case) && case.recorded == Shown::Head && is_up(case),
        |case| none(Reason::Expired { since: case.end() }),
    ),
    of_its_life(
        "the time of its head's preview was up, and it went",
        |case| {
            let is_asked = is_by_itself(case) || is_asked_of(case);
            is_asked && case.recorded == Shown::Nothing && case.remembered == Shown::Head
        },
        |_| none(Reason::Expired { since: None }),
    ),
    of_its_life(
        "there is no room for another one",
        |case| (is_deploy(case) || is_asked_of(case)) && case.recorded == Shown::Nothing && case.room != Room::Free,
        |case| none(Reason::Limit { limit: case.limit(), holders: case.holders() }),
    ),
    of_its_life("it gets one", is_deploy, |_| Wanted::Preview(commit('a'))),
    of_its_life(
        "there is none to speak of",
        |case| is_asked_of(case) && case.recorded == Shown::Nothing,
        |_| none(Reason::NotThere),
    ),
    of_its_life(
        "it has no end that could be put off",
        |case| case.asked == Asked::Prolong && !case.has_ttl,
        |_| Wanted::Standing(None),
    ),
    of_its_life(
        "its end is put off",
        |case| case.asked == Asked::Prolong,
        |_| Wanted::Prolonged(at(NOON).saturating_add(LONGER.0).unwrap()),
    ),
    of_its_life(
        "the time of its preview is up",
        |case| case.recorded != Shown::Nothing && is_up(case),
        |case| none(Reason::Expired { since: case.end() }),
    ),
    of_its_life("it is only looked at", |case| case.asked == Asked::Look, |_| Wanted::Standing(None)),
    of_its_life("it is not to be swept", |case| case.asked == Asked::Sweep, |_| Wanted::AsItIs(Reason::StillOpen)),
    of_its_life(
        "it is not to be taken down",
        |case| case.asked == Asked::Teardown { force: false },
        |_| Wanted::AsItIs(Reason::StillOpen),
    ),
];

fn none(reason: Reason) -> Wanted {
    Wanted::NoPreview(reason)
}

fn unapproved() -> Reason {
    Reason::Unapproved { head: commit('a') }
}

/// Whether somebody let the head have a preview, now or before.
fn is_head_approved(case: &Case) -> bool {
    let now = match case.told {
        Told::Nothing | Told::Another | Told::HeadByOtherLabel => false,
        Told::Head => true,
        Told::HeadByLabel => case.required != Required::Nothing,
    };
    // What a record says of a commit that it does not show, somebody else has written into it.
    now || (case.recorded, case.approved) == (Shown::Head, Approved::Shown)
}

fn is_shown_approved(case: &Case) -> bool {
    case.recorded != Shown::Nothing && case.approved == Approved::Shown
}

/// Whether an approved commit is shown, and the head may not be.
fn is_behind(case: &Case) -> bool {
    let is_approvable = case.origin == Origin::ApprovableFork;
    is_approvable && is_deploy(case) && is_shown_approved(case) && !is_head_approved(case)
}

/// Whether somebody asks for something of a preview that is there.
fn is_asked_of(case: &Case) -> bool {
    matches!(case.asked, Asked::Look | Asked::Prolong)
}

fn is_deploy(case: &Case) -> bool {
    matches!(case.asked, Asked::Deploy { .. })
}

/// Whether a deploy is asked for by an event.
fn is_by_itself(case: &Case) -> bool {
    matches!(case.asked, Asked::Deploy { is_explicit: false, .. })
}

fn is_up(case: &Case) -> bool {
    case.has_ttl && case.end == End::Up && case.keep == Label::Absent
}
