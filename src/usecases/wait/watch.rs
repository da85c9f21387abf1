//! The loop: ask, judge, wait a while, and now and then look whether anybody still wants to know.

use std::time::{Duration, Instant};

use super::Waited;
use super::look::Target;
use crate::domain::conversation::Conversation;
use crate::domain::names::PullRequestNumber;
use crate::domain::readiness::{Judgement, Probe, Seen, judge_statuses};
use crate::domain::reason::Reason;
use crate::domain::retry::RetryPolicy;
use crate::error::Error;
use crate::ports::{CommitStatuses, ForgeError, ProbeError, Prober, Progress, PullRequests};

/// The ceiling of the first wait between two questions, and that of every later one.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(10);
/// No wait is shorter than this, however little time is left.
const SHORTEST: Duration = Duration::from_millis(500);
/// The least time that an answer gets.
const LEAST: Duration = Duration::from_secs(1);
/// How often the pull request is looked at; in a short wait more often.
const LOOK: Duration = Duration::from_secs(30);

/// How a wait ended.
pub(super) enum Ended {
    /// The preview is ready.
    Ready,
    /// There was no time left.
    TimeIsUp,
    /// Nobody wants to know any more.
    MovedOn(Reason),
}

/// One wait.
pub(super) struct Watch<'a, F, P> {
    target: &'a Target,
    number: PullRequestNumber,
    policy: RetryPolicy,
    forge: &'a F,
    prober: &'a P,
    started: Instant,
    looked: Instant,
    waited: Waited,
}

impl<'a, F: PullRequests + CommitStatuses, P: Prober> Watch<'a, F, P> {
    pub(super) fn new(
        target: &'a Target,
        number: PullRequestNumber,
        timeout: Duration,
        forge: &'a F,
        prober: &'a P,
    ) -> Self {
        let policy = RetryPolicy { patience: timeout, first: FIRST, longest: LONGEST };
        let (started, waited) = (Instant::now(), Waited { took: Duration::ZERO, seen: Seen::new("nothing") });
        Self { target, number, policy, forge, prober, started, looked: started, waited }
    }

    /// How long it was waited until what was seen last.
    pub(super) fn waited(&self) -> Waited {
        self.waited.clone()
    }

    pub(super) async fn until_the_end(&mut self, progress: &mut impl Progress) -> Result<Ended, Error> {
        let mut attempts = 0;
        loop {
            attempts += 1;
            let judgement = self.judge().await?;
            self.waited = Waited { took: self.started.elapsed(), seen: judgement.seen().clone() };
            progress.saw(self.waited.took, &self.waited.seen);
            if judgement.is_ready() {
                return Ok(Ended::Ready);
            }
            if let Some(reason) = self.look_again().await {
                return Ok(Ended::MovedOn(reason));
            }
            let chance = 0.5 + rand::random::<f64>() / 2.0;
            match self.policy.wait(attempts, self.started.elapsed(), chance) {
                Some(wait) => tokio::time::sleep(wait.max(SHORTEST)).await,
                None => return Ok(Ended::TimeIsUp),
            }
        }
    }

    /// What is said of the pull request in the end.
    pub(super) async fn last_look(&self) -> Result<Conversation, ForgeError> {
        let gone = || ForgeError::NotFound { what: "look the pull request up again", message: String::new() };
        self.forge.look_up(self.number).await?.ok_or_else(gone)
    }

    async fn judge(&self) -> Result<Judgement, Error> {
        let asked = match &self.target.probe {
            Some(probe) => Some(self.ask(probe).await),
            None => None,
        };
        let told = if self.target.asks_flux { Some(self.ask_flux().await?) } else { None };
        Ok(match (asked, told) {
            (Some(asked), Some(told)) => asked.and(&told),
            (Some(one), None) | (None, Some(one)) => one,
            (None, None) => Judgement::NotYet(Seen::new("nothing is asked")),
        })
    }

    async fn ask(&self, probe: &Probe) -> Judgement {
        let left = self.policy.patience.saturating_sub(self.started.elapsed()).max(LEAST);
        match tokio::time::timeout(left, self.prober.ask(probe)).await {
            Ok(Ok(answer)) => probe.judge(&answer, &self.target.record.commit),
            Ok(Err(error)) => Judgement::NotYet(Seen::new(&error.to_string())),
            Err(_) => Judgement::NotYet(Seen::new(&ProbeError::TimedOut(left).to_string())),
        }
    }

    async fn ask_flux(&self) -> Result<Judgement, Error> {
        let Target { record, release, identity, .. } = self.target;
        match self.forge.statuses(&record.commit).await {
            Ok(statuses) => Ok(judge_statuses(&statuses, release, &identity.namespace, record.created_at)),
            Err(error) if may_pass(&error) => Ok(Judgement::NotYet(Seen::new(&error.to_string()))),
            Err(error) => Err(error.into()),
        }
    }

    /// Looks at the pull request when it is time to.
    async fn look_again(&mut self) -> Option<Reason> {
        if self.looked.elapsed() < LOOK.min(self.policy.patience / 4) {
            return None;
        }
        self.looked = Instant::now();
        match self.last_look().await {
            Ok(said) => self.target.moved_on(&said),
            Err(error) => {
                tracing::warn!("the pull request could not be looked at: {error}");
                None
            }
        }
    }
}

/// Whether the forge may answer the same question some time later.
fn may_pass(error: &ForgeError) -> bool {
    match error {
        ForgeError::RateLimited { .. }
        | ForgeError::Failed { .. }
        | ForgeError::Unreachable { .. }
        | ForgeError::Senseless { .. } => true,
        ForgeError::BadCredentials { .. }
        | ForgeError::Forbidden { .. }
        | ForgeError::NotFound { .. }
        | ForgeError::Address { .. }
        | ForgeError::Local { .. } => false,
    }
}
