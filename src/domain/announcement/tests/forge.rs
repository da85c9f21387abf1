//! A forge in memory: what was said, and what an announcement makes of it, request by request.

use std::collections::BTreeSet;

use super::super::{Announcement, CommentStep, DeploymentStep, Holding};
use crate::domain::comment::{Comment, Marker, Rollout, State, Story, expires};
use crate::domain::conversation::{CommentId, Conversation, OurComment};
use crate::domain::deployment::{Deployment, DeploymentId, Environments, Payload, SHARED_ENVIRONMENT, Standing};
use crate::domain::expiry::Expiry;
use crate::domain::reason::Reason;
use crate::domain::record::Record;
use crate::domain::tests::{NOON, at, commit, identity, number, pull_request, record};

/// The comments and deployments of pull request 123.
#[derive(Debug, Clone, Default, PartialEq)]
pub(super) struct Forge {
    pub(super) comments: Vec<(u64, String)>,
    /// The latest last.
    pub(super) deployments: Vec<Deployment>,
    pub(super) environments: BTreeSet<String>,
    pub(super) made: u64,
    /// How many of the latest deployments are read; nothing when none may be.
    pub(super) reach: Option<usize>,
}

impl Forge {
    pub(super) fn new() -> Self {
        Self { reach: Some(usize::MAX), ..Self::default() }
    }

    pub(super) fn said(&self) -> Conversation {
        let comment = |(id, body): &(u64, String)| OurComment {
            id: CommentId(*id),
            url: format!("https://github.com/acme/wildside/pull/123#{id}"),
            body: body.clone(),
        };
        Conversation {
            pull_request: pull_request(),
            our_comments: self.comments.iter().map(comment).collect(),
            deployments: self.reach.map(|reach| self.deployments.iter().rev().take(reach).cloned().collect()),
            has_all_deployments: self.reach.is_some_and(|reach| reach >= self.deployments.len()),
            at: None,
        }
    }

    /// A comment as it was written once.
    pub(super) fn wrote(&mut self, holding: &Holding<'_>, deployment: Option<u64>) -> &mut Self {
        let id = 1 + self.comments.iter().map(|(id, _)| *id).max().unwrap_or(0);
        self.comments.push((id, body(holding, deployment.map(DeploymentId))));
        self
    }

    /// So many deployments that none of this preview's is among those that are read.
    pub(super) fn reading_none(&mut self) -> &mut Self {
        self.begin("other", SHARED_ENVIRONMENT, 9);
        self.reach = Some(0);
        self
    }

    /// A deployment as it was made once, in the environment that all share.
    pub(super) fn deployed(&mut self, generation: u64, standing: Standing) -> &mut Self {
        self.deployed_in(SHARED_ENVIRONMENT, generation, standing)
    }

    pub(super) fn deployed_in(&mut self, environment: &str, generation: u64, standing: Standing) -> &mut Self {
        self.begin("wildside", environment, generation);
        self.deployments.last_mut().unwrap().standing = standing;
        self
    }

    pub(super) fn begin(&mut self, application: &str, environment: &str, generation: u64) -> DeploymentId {
        self.made += 1;
        let id = DeploymentId(self.made);
        self.environments.insert(environment.to_owned());
        let application = application.parse().unwrap();
        self.deployments.push(Deployment {
            id: Some(id),
            environment: environment.to_owned(),
            commit: Some(commit('a')),
            payload: Some(Payload { application, pull_request: number(123), generation }),
            standing: Standing::Begun,
        });
        id
    }

    fn tell(&mut self, id: DeploymentId, standing: Standing) {
        if let Some(known) = self.deployments.iter_mut().find(|known| known.id == Some(id)) {
            known.standing = standing;
        }
    }

    /// Makes the requests of an announcement in the order in which the use case makes them.
    pub(super) fn carry_out(&mut self, plan: &Announcement, holding: &Holding<'_>, requests: &mut Requests) {
        let deployment = match &plan.deployment {
            DeploymentStep::None => None,
            DeploymentStep::Stands(id) | DeploymentStep::Resume(id) => Some(*id),
            DeploymentStep::Begin(environment) => {
                requests.make().then(|| self.begin("wildside", environment, holding.marker.generation))
            }
        };
        let is_told = self.comment(&plan.comment, holding, deployment, requests);
        let is_new = !matches!(plan.deployment, DeploymentStep::Stands(_));
        if let Some(id) = deployment.filter(|_| is_new)
            && requests.make()
        {
            self.tell(id, standing(holding.marker.rollout));
        }
        if is_told {
            self.retire(plan, requests);
        }
        for duplicate in &plan.duplicates {
            if requests.make() {
                self.comments.retain(|(id, _)| CommentId(*id) != *duplicate);
            }
        }
    }

    fn retire(&mut self, plan: &Announcement, requests: &mut Requests) {
        for id in &plan.retired {
            if !requests.make() {
                return;
            }
            self.tell(*id, Standing::Inactive);
        }
        if let Some(environment) = &plan.left_behind
            && requests.make()
        {
            self.environments.remove(environment);
        }
    }

    /// Whether the comment says it now.
    fn comment(
        &mut self,
        step: &CommentStep,
        holding: &Holding<'_>,
        deployment: Option<DeploymentId>,
        requests: &mut Requests,
    ) -> bool {
        match step {
            CommentStep::Quiet(_) => return true,
            _ if !requests.make() => return false,
            CommentStep::Write => drop(self.wrote(holding, deployment.map(|id| id.0))),
            CommentStep::Edit(CommentId(edited), _) => {
                let (_, text) = self.comments.iter_mut().find(|(id, _)| id == edited).unwrap();
                *text = body(holding, deployment);
            }
        }
        true
    }
}

/// Which requests succeed.
pub(super) struct Requests {
    succeeds: Box<dyn FnMut() -> bool>,
    has_failed: bool,
}

impl Requests {
    /// The run is stopped after so many.
    pub(super) fn stopped_after(mut left: usize) -> Self {
        let succeeds = move || {
            let is_made = left > 0;
            left = left.saturating_sub(1);
            is_made
        };
        Self { succeeds: Box::new(succeeds), has_failed: false }
    }

    /// Some of them fail, and the others are made all the same.
    pub(super) fn failing(fails: Vec<bool>) -> Self {
        let mut fails = fails.into_iter();
        Self { succeeds: Box::new(move || !fails.next().unwrap_or(false)), has_failed: false }
    }

    fn make(&mut self) -> bool {
        let is_made = (self.succeeds)();
        self.has_failed |= !is_made;
        is_made
    }
}

/// It got ready.
pub(super) const READY: Rollout = Rollout { is_ready: true, took: Some(42) };
/// It did not.
pub(super) const FAILED: Rollout = Rollout { is_ready: false, took: Some(600) };

/// How a deployment stands of which that is told.
pub(super) fn standing(rollout: Option<Rollout>) -> Standing {
    match rollout.map(|rollout| rollout.is_ready) {
        None => Standing::Up,
        Some(true) => Standing::Ready,
        Some(false) => Standing::Failed,
    }
}

/// What is to be said of generation `generation` in that state.
pub(super) fn holding(state: State, generation: u64, reason: Option<&Reason>) -> Holding<'_> {
    let reason_word = reason.map(|reason| reason.word().to_owned());
    let application = "wildside".parse().unwrap();
    let rollout = match state {
        State::Ready => Some(READY),
        State::Failed => Some(FAILED),
        _ => None,
    };
    let marker = Marker {
        application,
        generation,
        state,
        reason: reason_word,
        expired: None,
        deployment: None,
        rollout,
        unapproved: None,
    };
    let expires = state.is_up().then(|| expires(&end(), false)).flatten();
    let environments = Environments::Shared;
    Holding {
        marker,
        number: number(123),
        reason,
        taken: None,
        is_prolonged: false,
        expires,
        seen: None,
        answer: None,
        environments,
    }
}

pub(super) fn up(generation: u64) -> Holding<'static> {
    holding(State::Deploying, generation, None)
}

fn end() -> Expiry {
    Expiry::At { end: at(NOON), warning: at(NOON) }
}

fn body(holding: &Holding<'_>, deployment: Option<DeploymentId>) -> String {
    let record = Record { generation: holding.marker.generation, ..record() };
    let expiry = end();
    let story = match (holding.marker.state, holding.reason) {
        (state, _) if state.is_up() => {
            Story::Up { record: &record, tags: &[], expiry: &expiry, keep: Some("keep-preview") }
        }
        (State::Refused, Some(reason)) => Story::Refused { reason },
        (_, reason) => Story::Removed { reason, record: None },
    };
    let marker = Marker { deployment, ..holding.marker.clone() };
    let (identity, pull_request) = (identity(), pull_request());
    Comment {
        marker,
        identity: &identity,
        pull_request: &pull_request,
        story,
        seen: holding.seen,
        answer: holding.answer,
        by: None,
        at: at(NOON),
        run: None,
    }
    .body()
}
