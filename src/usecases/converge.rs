//! One pull request's preview, made what it should be: the loop behind `deploy` and `teardown`.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use jiff::Timestamp;

use super::{announce, base, observe};
use crate::domain::comment::{Marker, State};
use crate::domain::commit_message::CommitMessage;
use crate::domain::configuration::Configuration;
use crate::domain::decision::{Intent, Reason, Wanted, decide};
use crate::domain::identity::Identity;
use crate::domain::names::{CommitId, ImageName, ImageTag, PullRequestNumber, RepositoryName};
use crate::domain::overlay::{Ingredients, previews_directory};
use crate::domain::path::RepoPath;
use crate::domain::plan::{self, Change, Edit, Plan};
use crate::domain::pull_request::PullRequest;
use crate::domain::retry::RetryPolicy;
use crate::error::Error;
use crate::ports::{AppsRepository, Committed, Conversation, ForgeError, PullRequests};

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Whether it shall be put up or taken down.
    pub intent: Intent,
    /// The application repository.
    pub repository: RepositoryName,
    /// The pull request.
    pub number: PullRequestNumber,
    /// The root in the apps repository.
    pub root: RepoPath,
    /// Tags that are not the head commit.
    pub images: BTreeMap<ImageName, ImageTag>,
    /// How long to go on when the tip keeps moving.
    pub patience: Duration,
    /// Whether to write nothing anywhere.
    pub dry_run: bool,
    /// The address of this run, for the commit.
    pub run: Option<String>,
    /// The time now.
    pub now: Timestamp,
}

/// What came of it.
#[derive(Debug)]
pub struct Outcome {
    /// The ending.
    pub verdict: Verdict,
    /// Why, where nothing was put up.
    pub reason: Option<Reason>,
    /// The pull request as it was found.
    pub pull_request: PullRequest,
    /// What the preview is called.
    pub identity: Identity,
    /// The application's name.
    pub application: String,
    /// The preview's directory in the apps repository.
    pub overlay: RepoPath,
    /// What was changed, or would be.
    pub edits: Vec<Edit>,
    /// The commit in the apps repository, where there was something to change.
    pub apps_commit: Option<CommitId>,
    /// The comment on the pull request, where there is one.
    pub comment_url: Option<String>,
}

/// The ending of a run that did not fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// A preview was put up.
    Created,
    /// A preview was changed.
    Updated,
    /// The preview was there already, just so.
    Unchanged,
    /// The preview was taken down.
    Removed,
    /// There was no preview to take down.
    Absent,
    /// The pull request is open, so its preview stays.
    Kept,
    /// The pull request has moved on, and another run is responsible.
    Superseded,
    /// The pull request gets no preview.
    Refused,
}

impl Verdict {
    /// Whether there is no preview now.
    #[must_use]
    pub fn leaves_none(self) -> bool {
        matches!(self, Self::Removed | Self::Absent | Self::Refused)
    }

    /// The word in the outputs.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Updated => "updated",
            Self::Unchanged => "unchanged",
            Self::Removed => "removed",
            Self::Absent => "absent",
            Self::Kept => "kept",
            Self::Superseded => "superseded",
            Self::Refused => "refused",
        }
    }
}

/// What was done, and what could not be told about it.
#[derive(Debug)]
pub struct Converged {
    /// What was done.
    pub outcome: Outcome,
    /// Why the comment could not be written. The commit stands all the same.
    pub not_announced: Option<ForgeError>,
}

/// Makes one pull request's preview what it should be.
///
/// # Errors
///
/// When something can not be read, is not allowed, or the tip keeps moving. Nothing was written then.
pub async fn converge(
    request: &Request,
    forge: &impl PullRequests,
    apps: &impl AppsRepository,
) -> Result<Converged, Error> {
    let policy = RetryPolicy::for_a_moving_tip(request.patience);
    let started = Instant::now();
    let mut failed = 0;
    loop {
        // Both are waited for, also when one fails: what has begun is ended in order.
        let (observed, snapshot) = tokio::join!(look_up(request, forge), apps.observe());
        if let (Err(_), Err(error)) = (&observed, &snapshot) {
            tracing::error!("besides, {error}");
        }
        let (observed, snapshot) = (observed?, snapshot?);
        let step = Step::decide(request, &snapshot, &observed).await?;
        let committed = match &step.message {
            Some(message) if !request.dry_run => apps.commit(&snapshot, &step.plan.edits, message, request.now).await?,
            _ => return step.finish(request, forge, observed, None).await,
        };
        match committed {
            Committed::At(commit) => return step.finish(request, forge, observed, Some(commit)).await,
            Committed::TipMoved => failed += 1,
        }
        let Some(wait) = policy.wait(failed, started.elapsed(), rand::random()) else {
            return Err(Error::Contended { attempts: failed, patience: request.patience });
        };
        tracing::info!(attempt = failed, wait = ?wait, "the apps repository's tip has moved: looking again");
        tokio::time::sleep(wait).await;
    }
}

async fn look_up(request: &Request, forge: &impl PullRequests) -> Result<Conversation, Error> {
    let found = forge.look_up(request.number).await?;
    found.ok_or_else(|| Error::NoPullRequest { repository: request.repository.clone(), number: request.number })
}

/// What one look at the world came to.
struct Step {
    configuration: Configuration,
    identity: Identity,
    wanted: Wanted,
    plan: Plan,
    /// The message of the commit that the plan needs; nothing when it changes nothing.
    message: Option<String>,
}

impl Step {
    async fn decide(
        request: &Request,
        snapshot: &impl crate::ports::Snapshot,
        observed: &Conversation,
    ) -> Result<Self, Error> {
        let configuration = observe::configuration(snapshot, &request.root).await?;
        configuration.admit(&request.repository)?;
        let identity = configuration.identity(request.number)?;
        let wanted = decide(&request.intent, &observed.pull_request);
        let concerns = observe::concerns(identity.name.as_str(), request.number);
        let previews = observe::previews(snapshot, &request.root, concerns).await?;
        let plan = match &wanted {
            Wanted::Preview(commit) => {
                let tags = configuration.tags(&request.images, commit)?;
                let base = base::read(snapshot, &configuration).await?;
                let ingredients =
                    Ingredients { configuration: &configuration, base: &base, identity: &identity, tags: &tags };
                let told = announce::generation_told(&configuration, observed);
                plan::put_up(&ingredients, &previews, commit, request.now, told)?
            }
            Wanted::NoPreview(_) => plan::take_down(&previews, &request.repository, request.number, &identity.name)?,
            Wanted::AsItIs(_) => Plan { change: Change::Unchanged, edits: Vec::new(), record: None },
        };
        let mut step = Self { configuration, identity, wanted, plan, message: None };
        step.message = (!step.plan.edits.is_empty()).then(|| step.commit_message(request));
        Ok(step)
    }

    fn commit_message(&self, request: &Request) -> String {
        CommitMessage {
            change: self.plan.change,
            application: &self.configuration.document().application,
            preview: &self.identity.name,
            repository: &request.repository,
            number: request.number,
            commit: self.plan.record.as_ref().map(|record| &record.commit),
            because: self.reason().map(Reason::sentence),
            run: request.run.as_deref(),
        }
        .to_string()
    }

    fn reason(&self) -> Option<&Reason> {
        match &self.wanted {
            Wanted::Preview(_) => None,
            // What was asked for is not why nothing was there.
            Wanted::NoPreview(Reason::Forced) if self.plan.change == Change::Absent => None,
            Wanted::NoPreview(reason) | Wanted::AsItIs(reason) => Some(reason),
        }
    }

    fn verdict(&self) -> Verdict {
        match (&self.wanted, self.plan.change) {
            (Wanted::AsItIs(Reason::Superseded { .. }), _) => Verdict::Superseded,
            (Wanted::AsItIs(_), _) => Verdict::Kept,
            (Wanted::NoPreview(Reason::Fork), _) => Verdict::Refused,
            (_, Change::Created) => Verdict::Created,
            (_, Change::Updated) => Verdict::Updated,
            (_, Change::Unchanged) => Verdict::Unchanged,
            (_, Change::Removed) => Verdict::Removed,
            (_, Change::Absent) => Verdict::Absent,
        }
    }

    /// What the comment should tell; nothing when this run has no say.
    fn told(&self, observed: &Conversation) -> Option<Marker> {
        let state = match &self.wanted {
            Wanted::Preview(_) => State::Deploying,
            Wanted::NoPreview(Reason::Fork) => State::Refused,
            Wanted::NoPreview(_) => State::Removed,
            Wanted::AsItIs(_) => return None,
        };
        let application = &self.configuration.document().application;
        let told = announce::generation_told(&self.configuration, observed);
        // Going is a change too: a late run that still speaks of the preview stays silent.
        let going = u64::from(self.plan.change == Change::Removed);
        let untold = u64::from(announce::is_told_to_be_up(application, observed));
        let generation = match (&self.plan.record, &self.wanted) {
            (Some(record), _) => record.generation + going,
            (None, Wanted::NoPreview(_)) => told + untold,
            (None, _) => told,
        };
        Some(Marker { application: application.clone(), generation, state })
    }

    async fn finish(
        self,
        request: &Request,
        forge: &impl PullRequests,
        observed: Conversation,
        apps_commit: Option<CommitId>,
    ) -> Result<Converged, Error> {
        let announcement = announce::Announcement {
            marker: self.told(&observed),
            application: &self.configuration.document().application,
            identity: &self.identity,
            commit: self.plan.record.as_ref().map(|record| &record.commit),
            because: self.reason().map(Reason::sentence),
            write: !request.dry_run,
        };
        let (comment_url, not_announced) = match announcement.make(forge, &observed).await {
            Ok(url) => (url, None),
            Err(error) => (None, Some(error)),
        };
        let outcome = Outcome {
            verdict: self.verdict(),
            reason: self.reason().cloned(),
            application: self.configuration.document().application.to_string(),
            overlay: previews_directory(&request.root).join(self.identity.name.as_str()),
            pull_request: observed.pull_request,
            identity: self.identity,
            edits: self.plan.edits,
            apps_commit,
            comment_url,
        };
        Ok(Converged { outcome, not_announced })
    }
}
