//! What was said of a pull request's previews before, by us.

use jiff::Timestamp;

use super::comment::{Marker, Rollout, State};
use super::deployment::Deployment;
use super::names::{Application, CommitId};
use super::pull_request::PullRequest;
use super::reason::Reason;
use super::record::Record;

/// A pull request, and our own comments and deployments.
#[derive(Debug, Clone)]
pub struct Conversation {
    /// The pull request as it is now.
    pub pull_request: PullRequest,
    /// The comments that were written by who we are, oldest first.
    pub our_comments: Vec<OurComment>,
    /// The latest deployments to the environments of previews; nothing when they can not be read.
    pub deployments: Option<Vec<Deployment>>,
    /// Whether a deployment that is not among them is not there.
    pub has_all_deployments: bool,
    /// What time it is for the forge.
    pub at: Option<Timestamp>,
}

/// A comment that was written by who we are.
#[derive(Debug, Clone)]
pub struct OurComment {
    /// What it is edited by.
    pub id: CommentId,
    /// Its address.
    pub url: String,
    /// What it says.
    pub body: String,
}

/// The forge's number of a comment.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct CommentId(pub u64);

impl Conversation {
    /// Of a pull request on which nothing could be read of what was said.
    #[must_use]
    pub fn unread(pull_request: PullRequest) -> Self {
        let (our_comments, deployments) = (Vec::new(), None);
        Self { pull_request, our_comments, deployments, has_all_deployments: false, at: None }
    }

    /// Our comments about one application, oldest first.
    pub fn comments_of<'a>(&'a self, application: &'a Application) -> impl Iterator<Item = (&'a OurComment, Marker)> {
        self.our_comments.iter().filter_map(move |comment| {
            let marker = Marker::read(&comment.body)?;
            (marker.application == *application).then_some((comment, marker))
        })
    }

    /// The highest generation that our comments and deployments speak of; 0 when there are none. A comment may have been
    /// deleted, or never written, and its deployment still has the last word.
    #[must_use]
    pub fn generation_told(&self, application: &Application) -> u64 {
        let ours = |known: &&Deployment| known.is_of(application, self.pull_request.number);
        let deployed = self.deployments.iter().flatten().filter(ours).filter_map(|known| known.payload.as_ref());
        let commented = self.comments_of(application).map(|(_, marker)| marker.generation);
        commented.chain(deployed.map(|payload| payload.generation)).max().unwrap_or(0)
    }

    /// The marker of a comment that tells `state` of a preview, as it is recorded or was until it went now, but for its
    /// deployment.
    #[must_use]
    pub fn marker(
        &self,
        application: &Application,
        state: State,
        record: Option<&Record>,
        reason: Option<&Reason>,
    ) -> Marker {
        let told = self.generation_told(application);
        let generation = match (record, state.is_up()) {
            (Some(record), true) => record.generation,
            // Going is a change too: a late run that still speaks of the preview stays silent.
            (Some(record), false) => record.generation.max(told).saturating_add(1),
            (None, _) => told.saturating_add(self.is_told_to_be_up(application).into()),
        };
        let is_expired = matches!(reason, Some(Reason::Expired { .. }));
        let expired = record.filter(|_| is_expired).map(|record| record.commit.clone());
        let expired = expired.or_else(|| self.expired(application)).filter(|_| !state.is_up());
        let reason = reason.map(|reason| reason.word().to_owned());
        let rollout = self.rollout(application, generation).filter(|_| state.is_up());
        let state = rollout.filter(|_| state == State::Deploying).map_or(state, Rollout::state);
        let is_behind = |record: &&Record| self.pull_request.is_from_fork && record.commit != self.pull_request.head;
        let unapproved = record.filter(|_| state.is_up()).filter(is_behind).map(|_| self.pull_request.head.clone());
        let application = application.clone();
        Marker { application, generation, state, reason, expired, deployment: None, rollout, unapproved }
    }

    /// What we said of waiting for that generation: it holds until there is another one.
    fn rollout(&self, application: &Application, generation: u64) -> Option<Rollout> {
        let of_it = self.comments_of(application).filter(|(_, marker)| marker.generation == generation);
        of_it.filter(|(_, marker)| marker.state.is_up()).find_map(|(_, marker)| marker.rollout)
    }

    /// Whether our comment still speaks of a preview that is there.
    #[must_use]
    pub fn is_told_to_be_up(&self, application: &Application) -> bool {
        self.comments_of(application).any(|(_, marker)| marker.state.is_up())
    }

    /// The commit of the preview whose time was up, as long as no other was put up since.
    #[must_use]
    pub fn expired(&self, application: &Application) -> Option<CommitId> {
        self.comments_of(application).filter(|(_, marker)| !marker.state.is_up()).find_map(|(_, marker)| marker.expired)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::comment::State;
    use crate::domain::deployment::{DeploymentId, Payload, Standing};
    use crate::domain::tests::{commit, number, pull_request, record};

    fn application() -> Application {
        "wildside".parse().unwrap()
    }

    fn conversation(bodies: &[&str]) -> Conversation {
        let comment =
            |(id, body): (u64, &&str)| OurComment { id: CommentId(id), url: String::new(), body: (*body).to_owned() };
        let our_comments = (1..).zip(bodies).map(comment).collect();
        Conversation {
            pull_request: pull_request(),
            our_comments,
            deployments: None,
            has_all_deployments: false,
            at: None,
        }
    }

    fn deployment(application: &str, pull: u32, generation: u64) -> Deployment {
        let payload = Payload { application: application.parse().unwrap(), pull_request: number(pull), generation };
        Deployment {
            id: Some(DeploymentId(generation)),
            environment: "preview".to_owned(),
            commit: None,
            payload: Some(payload),
            standing: Standing::Inactive,
        }
    }

    const UP: &str = "<!-- bivouac application=wildside generation=3 state=deploying -->";
    const EXPIRING: &str = "<!-- bivouac application=wildside generation=4 state=expiring -->";
    const GONE: &str = "<!-- bivouac application=wildside generation=2 state=removed -->";
    const OTHERS: &str = "<!-- bivouac application=other generation=9 state=deploying -->";

    #[test]
    fn comments_are_told_apart_by_their_application_and_keep_their_order() {
        let said = conversation(&["Hello!", GONE, OTHERS, &format!("> {UP}"), UP]);
        let found: Vec<_> =
            said.comments_of(&application()).map(|(comment, marker)| (comment.id.0, marker.state)).collect();
        assert_eq!(found, [(2, State::Removed), (5, State::Deploying)]);
    }

    #[test]
    fn the_highest_generation_counts_wherever_it_was_told() {
        let mut said = conversation(&[]);
        assert_eq!(said.generation_told(&application()), 0);
        said = conversation(&[UP, GONE, OTHERS]);
        assert_eq!(said.generation_told(&application()), 3);
        for (deployments, told) in [
            (vec![], 3),
            (vec![deployment("wildside", 123, 2)], 3),
            (vec![deployment("wildside", 123, 7), deployment("wildside", 123, 5)], 7),
            (vec![deployment("wildside", 124, 7), deployment("other", 123, 7)], 3),
            (vec![Deployment { payload: None, ..deployment("wildside", 123, 7) }], 3),
        ] {
            said.deployments = Some(deployments);
            assert_eq!(said.generation_told(&application()), told, "{:?}", said.deployments);
        }
    }

    #[test]
    fn a_preview_is_told_to_be_up_while_any_comment_says_so() {
        for (bodies, is_up) in [
            (&[][..], false),
            (&[GONE], false),
            (&[OTHERS], false),
            (&[UP], true),
            (&[EXPIRING], true),
            (&[GONE, UP], true),
        ] {
            assert_eq!(conversation(bodies).is_told_to_be_up(&application()), is_up, "{bodies:?}");
        }
    }

    #[test]
    fn an_expired_commit_is_remembered_until_another_preview_is_up() {
        let remembers = |state: &str| {
            let commit = commit('b');
            format!("<!-- bivouac application=wildside generation=4 state={state} reason=x expired={commit} -->\nText")
        };
        for (bodies, expired) in [
            (vec![], None),
            (vec![GONE.to_owned()], None),
            (vec![remembers("removed")], Some(commit('b'))),
            (vec![remembers("refused")], Some(commit('b'))),
            (vec![remembers("deploying")], None),
            (vec![remembers("removed").replace("=wildside", "=other")], None),
            (vec![remembers("removed").replace("bbbb", "bbb")], None),
        ] {
            let bodies: Vec<_> = bodies.iter().map(String::as_str).collect();
            assert_eq!(conversation(&bodies).expired(&application()), expired, "{bodies:?}");
        }
    }

    #[test]
    fn a_marker_names_the_head_of_a_fork_that_the_preview_does_not_show() {
        let unapproved = |is_from_fork: bool, shown: Option<char>, state: State| {
            let mut said = conversation(&[]);
            said.pull_request.is_from_fork = is_from_fork;
            let record = shown.map(|digit| Record { commit: commit(digit), ..record() });
            said.marker(&application(), state, record.as_ref(), None).unapproved
        };
        for state in [State::Deploying, State::Expiring] {
            assert_eq!(unapproved(true, Some('b'), state), Some(commit('a')));
            assert_eq!(unapproved(true, Some('a'), state), None, "it is the head");
            assert_eq!(unapproved(false, Some('b'), state), None, "it is not from a fork");
        }
        assert_eq!(unapproved(true, Some('b'), State::Removed), None, "it is gone");
        assert_eq!(unapproved(true, None, State::Refused), None);
    }

    #[test]
    fn a_marker_speaks_of_the_generation_that_is_up_and_of_a_later_one_when_it_goes() {
        let generation = |bodies: &[&str], state: State, record: Option<&Record>| {
            conversation(bodies).marker(&application(), state, record, None).generation
        };
        let three = record();
        assert_eq!(generation(&[], State::Deploying, Some(&three)), 3);
        assert_eq!(generation(&[EXPIRING], State::Deploying, Some(&three)), 3, "the other has the last word");
        assert_eq!(generation(&[], State::Removed, Some(&three)), 4);
        assert_eq!(generation(&[EXPIRING], State::Removed, Some(&three)), 5);
        assert_eq!(generation(&[], State::Refused, None), 0);
        assert_eq!(generation(&[GONE], State::Refused, None), 2);
        assert_eq!(generation(&[UP], State::Removed, None), 4);
    }

    #[test]
    fn what_came_of_waiting_is_told_with_the_generation_that_it_was_for() {
        let ready = UP.replace("state=deploying", "state=ready rollout=ready took=42");
        let rollout = Some(Rollout { is_ready: true, took: Some(42) });
        let told = |record: &Record, state: State| {
            let marker = conversation(&[&ready]).marker(&application(), state, Some(record), None);
            (marker.state, marker.rollout)
        };
        assert_eq!(told(&record(), State::Deploying), (State::Ready, rollout));
        assert_eq!(told(&record(), State::Expiring), (State::Expiring, rollout));
        let next = Record { generation: 4, ..record() };
        assert_eq!(told(&next, State::Deploying), (State::Deploying, None));
        assert_eq!(told(&record(), State::Removed), (State::Removed, None));
    }

    #[test]
    fn a_marker_remembers_the_commit_whose_time_was_up() {
        let since_noon = Reason::Expired { since: None };
        let expired = |bodies: &[&str], state: State, record: Option<&Record>, reason: &Reason| {
            conversation(bodies).marker(&application(), state, record, Some(reason)).expired
        };
        let remembers = format!(
            "<!-- bivouac application=wildside generation=4 state=removed reason=expired expired={} -->",
            commit('b')
        );
        assert_eq!(expired(&[], State::Removed, Some(&record()), &since_noon), Some(commit('a')));
        assert_eq!(expired(&[], State::Removed, Some(&record()), &Reason::Closed), None);
        assert_eq!(expired(&[&remembers], State::Refused, None, &Reason::Draft), Some(commit('b')));
        assert_eq!(expired(&[&remembers], State::Removed, Some(&record()), &since_noon), Some(commit('a')));
        assert_eq!(expired(&[&remembers], State::Deploying, Some(&record()), &since_noon), None);
    }
}
