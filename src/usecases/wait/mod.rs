//! A preview that is waited for until it is ready for its commit: what `bivouac wait` and `deploy --wait` do.

mod look;
mod watch;

use std::time::Duration;

use crate::domain::announcement::Holding;
use crate::domain::comment::{self, Rollout, State, Story};
use crate::domain::conversation::Conversation;
use crate::domain::expiry;
use crate::domain::readiness::Seen;
use crate::domain::reason::Reason;
use crate::error::Error;
use crate::ports::{AppsRepository, CommitStatuses, ForgeError, Listeners, Prober, Progress, PullRequests};
use crate::usecases::announce::{Announced, Telling};
use crate::usecases::converge::{Converged, Outcome, Request, Verdict};
use crate::usecases::observe;
use look::{Found, Target, look};
use watch::{Ended, Watch};

/// What was seen of a preview that was waited for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Waited {
    /// How long it was waited for.
    pub took: Duration,
    /// What was seen last.
    pub seen: Seen,
}

/// How long is waited, and after what.
#[derive(Debug, Clone, Copy)]
pub struct Patience {
    /// After how long it is given up.
    pub timeout: Duration,
    /// Whether the preview was put up by this very run, so that the apps repository is to have it.
    pub is_just_put_up: bool,
}

/// What there is to wait with.
pub struct World<'a, F, L, A, P> {
    /// The forge.
    pub forge: &'a F,
    /// Those who listen.
    pub listeners: &'a L,
    /// The apps repository.
    pub apps: &'a A,
    /// What asks the preview.
    pub prober: &'a P,
}

/// Waits until the preview of a pull request is ready for the commit that it was put up for, and tells the pull request.
///
/// # Errors
///
/// When something can not be read, or nothing says when a preview is ready. Nothing was told then.
pub async fn wait<F: PullRequests + CommitStatuses, L: Listeners, A: AppsRepository, P: Prober>(
    request: &Request,
    patience: Patience,
    world: &World<'_, F, L, A, P>,
    progress: &mut impl Progress,
) -> Result<Converged, Error> {
    let target = match look(request, patience.is_just_put_up, world.forge, world.apps).await? {
        Found::Target(target) => *target,
        Found::None(outcome) => return Ok(Converged { outcome: *outcome, not_announced: None }),
    };
    tracing::info!(
        "waiting for {} to be ready for {}, for up to {}",
        target.identity.name,
        target.record.commit.short(),
        comment::length(patience.timeout.as_secs())
    );
    let mut watch = Watch::new(&target, request.number, patience.timeout, world.forge, world.prober);
    let ended = watch.until_the_end(progress).await;
    progress.end();
    let (ended, waited) = (ended?, watch.waited());
    let said = watch.last_look().await;
    Ok(target.conclude(ended, waited, said, request, (world.forge, world.listeners)).await)
}

impl Target {
    /// Tells what came of it, unless somebody else has the say by now.
    async fn conclude(
        self,
        ended: Ended,
        waited: Waited,
        said: Result<Conversation, ForgeError>,
        request: &Request,
        (forge, listeners): (&impl PullRequests, &impl Listeners),
    ) -> Converged {
        let reason = match (&ended, &said) {
            (Ended::MovedOn(reason), _) => Some(reason.clone()),
            (_, Ok(said)) => self.moved_on(said),
            (_, Err(_)) => None,
        };
        let is_ready = matches!(ended, Ended::Ready);
        let (announced, pull_request) = match (said, &reason) {
            (said, None) if !request.dry_run => {
                let pull_request = said.as_ref().ok().map(|said| said.pull_request.clone());
                let announced = self.announce(is_ready, &waited, said, request, (forge, listeners)).await;
                (announced, pull_request)
            }
            (Ok(said), _) => (Announced { comment_url: self.comment_url(&said), error: None }, Some(said.pull_request)),
            (Err(error), None) => (Announced { comment_url: None, error: Some(error) }, None),
            (Err(_), Some(_)) => (Announced::default(), None),
        };
        let verdict = match &reason {
            Some(_) => Verdict::Superseded,
            None if is_ready => Verdict::Ready,
            None => Verdict::Failed,
        };
        let mut outcome = self.outcome(verdict, reason, announced.comment_url);
        outcome.waited = (verdict != Verdict::Superseded).then_some(waited);
        outcome.pull_request = pull_request.unwrap_or(outcome.pull_request);
        Converged { outcome, not_announced: announced.error }
    }

    async fn announce(
        &self,
        is_ready: bool,
        waited: &Waited,
        said: Result<Conversation, ForgeError>,
        request: &Request,
        (forge, listeners): (&impl PullRequests, &impl Listeners),
    ) -> Announced {
        let (said, error) = match said {
            Ok(said) => (said, None),
            Err(error) => (Conversation::unread(self.pull_request.clone()), Some(error)),
        };
        let document = self.configuration.document();
        let now = observe::time(request.now.saturating_add(waited.took).unwrap_or(request.now), said.at);
        let expiry = expiry::of(&document.preview, &said.pull_request, &self.record);
        let state = State::of_a_life(&expiry, now);
        let rollout = Rollout { is_ready, took: Some(waited.took.as_secs()) };
        let marker = said.marker(&document.application, state, Some(&self.record), None).after(rollout);
        let holding = Holding {
            marker,
            number: request.number,
            reason: None,
            taken: None,
            is_prolonged: false,
            expires: comment::expires(&expiry, self.record.approval.is_some()),
            seen: Some(waited.seen.as_str()),
            answer: None,
            environments: request.environments,
        };
        let keep = document.preview.labels.keep.first().map(String::as_str);
        let telling = Telling {
            holding,
            configuration: &self.configuration,
            identity: &self.identity,
            commit: Some(&self.record.commit),
            story: Story::Up { record: &self.record, tags: &self.tags, expiry: &expiry, keep },
            by: request.by.as_deref(),
            at: now,
            run: request.run.as_deref(),
            apps_commit: None,
            waited: Some(waited.took),
        };
        let Some(error) = error else { return telling.announce(forge, listeners, said).await };
        telling.spread_sighting(listeners, &said.pull_request);
        Announced { comment_url: None, error: Some(error) }
    }

    fn outcome(&self, verdict: Verdict, reason: Option<Reason>, comment_url: Option<String>) -> Outcome {
        Outcome {
            secrets: None,
            removed_secrets: Vec::new(),
            verdict,
            reason,
            application: self.configuration.document().application.to_string(),
            overlay: self.overlay.clone(),
            pull_request: self.pull_request.clone(),
            identity: self.identity.clone(),
            edits: Vec::new(),
            apps_commit: None,
            comment_url,
            findings: Vec::new(),
            waited: None,
        }
    }
}
