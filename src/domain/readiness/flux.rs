//! What Flux's notification controller says of a release: commit statuses, whose contexts are `helmrelease/<name>/<part of the
//! provider's UID>`, or hold the namespace where an expression of people's puts it in.
//! <https://fluxcd.io/flux/components/notification/providers/#git-commit-status-updates>

use std::collections::BTreeMap;

use jiff::{SignedDuration, Timestamp};

use super::seen::{Judgement, Seen, quoted};
use crate::domain::names::Namespace;

/// How far the clocks of a runner and of the forge may be apart.
const TOLERANCE: SignedDuration = SignedDuration::from_mins(5);

/// What a commit status says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum StatusState {
    /// It is there.
    Success,
    /// It is on its way.
    Pending,
    /// It failed, or something else went wrong.
    Failure,
}

/// A status of a commit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommitStatus {
    /// What it is about.
    pub context: String,
    /// What it says.
    pub state: StatusState,
    /// The words of who posted it.
    pub description: String,
    /// When it was posted.
    pub at: Option<Timestamp>,
}

/// What follows from the statuses of a commit, the latest first, for the release of that name in that namespace. Those from
/// before the preview was put up, at `since`, are of an earlier preview of the same commit. A failure may pass: Flux tries
/// again.
#[must_use]
pub fn judge_statuses(statuses: &[CommitStatus], release: &str, namespace: &Namespace, since: Timestamp) -> Judgement {
    let is_of_now =
        |status: &&CommitStatus| status.at.is_none_or(|at| at.saturating_add(TOLERANCE).is_ok_and(|at| at >= since));
    let mut latest = BTreeMap::new();
    for status in statuses.iter().filter(is_of_now) {
        if let Some(names_it) = names(&status.context, release, namespace) {
            latest.entry(status.context.to_ascii_lowercase()).or_insert((names_it, status));
        }
    }
    // Where some name the namespace, those that do not are of somebody else's.
    let is_exact = latest.values().any(|(names_it, _)| *names_it == Names::Namespace);
    let ours = latest.values().filter(|(names_it, _)| !is_exact || *names_it == Names::Namespace);
    let mut all: Vec<_> = ours.map(|(_, status)| *status).collect();
    all.sort_by_key(|status| match status.state {
        StatusState::Failure => 0,
        StatusState::Pending => 1,
        StatusState::Success => 2,
    });
    let Some(worst) = all.first() else {
        return Judgement::NotYet(Seen::new(&format!("Flux has said nothing of the release {release} on this commit")));
    };
    let words = match worst.description.trim() {
        "" => String::new(),
        said => format!(": {}", quoted(said)),
    };
    match worst.state {
        StatusState::Success => Judgement::Ready(Seen::new(&format!("Flux: success{words}"))),
        StatusState::Pending => Judgement::NotYet(Seen::new(&format!("Flux: pending{words}"))),
        StatusState::Failure => Judgement::NotYet(Seen::new(&format!("Flux: failure{words}"))),
    }
}

/// What a context names of the release.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Names {
    /// Its name.
    Name,
    /// Its namespace too.
    Namespace,
}

fn names(context: &str, release: &str, namespace: &Namespace) -> Option<Names> {
    let context = context.to_ascii_lowercase();
    let mut steps = context.split('/');
    if steps.next() != Some("helmrelease") {
        return None;
    }
    match (steps.next()?, steps.next()) {
        (first, Some(second)) if first == namespace.as_str() && second == release => Some(Names::Namespace),
        (first, _) if first == release => Some(Names::Name),
        _ => None,
    }
}
