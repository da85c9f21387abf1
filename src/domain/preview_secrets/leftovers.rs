//! Which values are left over: those of a preview that is not there, and will not come back by itself.

use jiff::Timestamp;

use super::Owner;
use crate::domain::pull_request::PullRequestState;
use crate::domain::reason::Reason;

/// What is to become of the values of a preview that is not there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Leftover {
    /// They stay: their pull request is open, and may have a preview yet.
    Stays,
    /// They go.
    Goes(Reason),
    /// Their pull request can not be read, and nothing that can not be read is taken for closed.
    Unknown,
}

/// Decides over the values of a preview that is not there. `state` is that of their pull request, as far as it could be read; an
/// end counts only where it is known what time it is.
#[must_use]
pub fn left_over(owner: &Owner, state: Option<PullRequestState>, now: Option<Timestamp>) -> Leftover {
    if let Some(end) = owner.expires_at.filter(|end| now.is_some_and(|now| *end <= now)) {
        return Leftover::Goes(Reason::Expired { since: Some(end) });
    }
    match state.map(Reason::of_the_end) {
        Some(Some(reason)) => Leftover::Goes(reason),
        Some(None) => Leftover::Stays,
        None => Leftover::Unknown,
    }
}

#[cfg(test)]
mod tests {
    use super::super::owner::tests::owner;
    use super::*;

    #[test]
    fn values_go_when_their_pull_request_has_ended_or_their_time_is_up() {
        let end = "2026-11-28T10:00:00Z";
        let (before, at): (Timestamp, Timestamp) = ("2026-11-28T09:59:59Z".parse().unwrap(), end.parse().unwrap());
        let expired = Leftover::Goes(Reason::Expired { since: Some(at) });
        let (never, before, at) = (None, Some(before), Some(at));
        for (expires_at, state, now, expected) in [
            (None, Some(PullRequestState::Open), at, Leftover::Stays),
            (None, Some(PullRequestState::Closed), at, Leftover::Goes(Reason::Closed)),
            (None, Some(PullRequestState::Merged), at, Leftover::Goes(Reason::Merged)),
            (None, None, at, Leftover::Unknown),
            (Some(end), Some(PullRequestState::Open), before, Leftover::Stays),
            (Some(end), Some(PullRequestState::Open), at, expired.clone()),
            (Some(end), None, at, expired),
            (Some(end), None, before, Leftover::Unknown),
            (Some(end), Some(PullRequestState::Open), never, Leftover::Stays),
            (Some(end), Some(PullRequestState::Closed), never, Leftover::Goes(Reason::Closed)),
        ] {
            assert_eq!(left_over(&owner(expires_at), state, now), expected, "{expires_at:?} {state:?} {now:?}");
        }
    }
}
