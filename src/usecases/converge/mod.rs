//! One pull request's preview, made what it should be: the loop behind `deploy` and `teardown`.

mod gate;
mod guard;
mod step;

use std::collections::BTreeMap;
use std::time::Duration;

use jiff::Timestamp;
use tokio::time::Instant;

use crate::domain::approval::Login;
use crate::domain::checks::Finding;
use crate::domain::conversation::Conversation;
use crate::domain::decision::{Given, Intent};
use crate::domain::deployment::Environments;
use crate::domain::identity::Identity;
use crate::domain::names::{CommitId, ImageName, ImageTag, PullRequestNumber, RepositoryName};
use crate::domain::path::RepoPath;
use crate::domain::plan::Edit;
use crate::domain::pull_request::{PullRequest, Push};
use crate::domain::reason::Reason;
use crate::domain::slash_command::{Answer, Labels};
use crate::domain::vault::wanted::SecretPath;
use crate::error::Error;
use crate::ports::{
    AppsError, AppsRepository, Builds, Committed, ForgeError, ImagePublisher, Listeners, PullRequests, Registry,
    Renderer, SchemaArchives, Snapshot,
};
use crate::secret::KnownSecrets;
use crate::usecases::contention::Contention;
use crate::usecases::observe;
use crate::usecases::secrets::Removal;
use crate::usecases::wait::Waited;
use gate::Found;
pub use gate::{ForkBuilds, Gate};
use step::Step;

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
    /// What this run was told of an approval of a fork's commit, by somebody who may push.
    pub approval: Option<Given>,
    /// What was asked for in a comment, and is answered.
    pub question: Option<Question>,
    /// The push that has started this run, where one has.
    pub push: Option<Push>,
    /// Tags that are not the head commit.
    pub images: BTreeMap<ImageName, ImageTag>,
    /// How long to go on when the tip keeps moving.
    pub patience: Duration,
    /// Whether to write nothing anywhere.
    pub dry_run: bool,
    /// Which environments the deployments are in.
    pub environments: Environments,
    /// The address of this run.
    pub run: Option<String>,
    /// Who made this run, where that is known.
    pub by: Option<String>,
    /// The time now.
    pub now: Timestamp,
    /// The secrets of this run, none of which is ever committed.
    pub secrets: KnownSecrets,
}

/// Something that was asked for in a comment.
#[derive(Debug, Clone)]
pub struct Question {
    /// Who asked.
    pub by: Login,
    /// What they are told.
    pub answer: Answer,
    /// The labels that the pull request was given for it, and those that it lost: a forge may take a while to show them.
    pub labels: Labels,
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
    /// What the checks found that keeps nothing back.
    pub findings: Vec<Finding>,
    /// What was seen of the preview, where it was waited for.
    pub waited: Option<Waited>,
    /// What the preview may have for itself in a Vault, which goes with it; nothing where that was not looked at.
    pub secrets: Option<Removal>,
    /// What was removed of that.
    pub removed_secrets: Vec<SecretPath>,
}

impl Outcome {
    /// What is to be removed from a Vault, now that there is no preview. One of a fork never had anything there.
    #[must_use]
    pub fn secrets_to_remove(&self) -> Option<&Removal> {
        let is_gone = matches!(self.verdict, Verdict::Removed | Verdict::Absent) && !self.pull_request.is_from_fork;
        self.secrets.as_ref().filter(|removal| is_gone && !removal.paths.is_empty())
    }
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
    /// The preview was waited for, and was seen to show its commit.
    Ready,
    /// The preview was waited for, and was not seen to show its commit.
    Failed,
}

impl Verdict {
    /// Whether there is no preview now.
    #[must_use]
    pub fn leaves_none(self) -> bool {
        matches!(self, Self::Removed | Self::Absent | Self::Refused)
    }

    /// Whether there is a preview of the head now.
    #[must_use]
    pub fn leaves_one(self) -> bool {
        matches!(self, Self::Created | Self::Updated | Self::Unchanged | Self::Ready | Self::Failed)
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
            Self::Ready => "ready",
            Self::Failed => "failed",
        }
    }
}

/// How a run ended that did not fail.
#[derive(Debug)]
pub enum Ending {
    /// The preview is what it should be.
    Converged(Box<Converged>),
    /// The apps repository can not be read, and there is nothing to do in it: a run for a fork, or of a bot, has no secrets.
    Unread {
        /// `refused`, or `absent`.
        verdict: Verdict,
        /// Why there is no preview.
        reason: Reason,
    },
}

/// What was done, and what could not be told about it.
#[derive(Debug)]
pub struct Converged {
    /// What was done.
    pub outcome: Outcome,
    /// Why the comment could not be written. The commit stands all the same.
    pub not_announced: Option<ForgeError>,
}

/// For how long a forge may show labels as they were before this run changed them. Whatever it shows later is what people want.
const LAG: Duration = Duration::from_secs(3);
/// After how long a look at the world is taken anew before something is committed.
const STALE: Duration = Duration::from_secs(2);

/// Makes one pull request's preview what it should be, and tells the pull request and those who listen. What is put up goes
/// through `gate`.
///
/// # Errors
///
/// When something can not be read, is not allowed, is refused by the gate, or the tip keeps moving. Nothing was written then.
pub async fn converge(
    request: &Request,
    (forge, listeners): (&impl PullRequests, &impl Listeners),
    apps: &impl AppsRepository,
    gate: Option<&Gate<'_, impl Renderer, impl SchemaArchives, impl Registry + ImagePublisher, impl Builds>>,
) -> Result<Ending, Error> {
    let mut contention = Contention::new(request.patience);
    let needs = observe::needs_of_one(&request.root, request.number);
    let mut seen = Seen::default();
    let begun = Instant::now();
    loop {
        // Both are waited for, also when one fails: what has begun is ended in order.
        let (observed, snapshot) = tokio::join!(look_up(request, begun.elapsed() < LAG, forge), apps.observe(&needs));
        if let (Err(_), Err(error)) = (&observed, &snapshot) {
            tracing::error!("besides, {error}");
        }
        if let (Ok(observed), Err(error)) = (&observed, &snapshot)
            && let Some(reason) = refusal_without_secrets(&observed.pull_request, error)
        {
            let is_deploy = matches!(request.intent, Intent::Deploy { .. });
            return Ok(Ending::Unread { verdict: if is_deploy { Verdict::Refused } else { Verdict::Absent }, reason });
        }
        let (observed, snapshot) = (observed?, snapshot?);
        let Some(step) = decide(request, &snapshot, &observed, gate, &mut seen).await? else { continue };
        let committed = match step.cleared(request)? {
            Some(change) if !request.dry_run => apps.commit(&snapshot, &change, step.now).await?,
            _ => return Ok(step.finish(request, (forge, listeners), observed, None).await),
        };
        match committed {
            Committed::At(commit) => return Ok(step.finish(request, (forge, listeners), observed, Some(commit)).await),
            Committed::TipMoved => contention.wait().await?,
        }
    }
}

/// What was seen of images before this look at the world.
#[derive(Default)]
struct Seen {
    found: Found,
    /// The commit of a fork whose images were published.
    published: Option<CommitId>,
}

/// Decides, and has what would be put up pass the gate. Nothing when that took so long that the world has to be looked at anew.
async fn decide(
    request: &Request,
    snapshot: &impl Snapshot,
    observed: &Conversation,
    gate: Option<&Gate<'_, impl Renderer, impl SchemaArchives, impl Registry + ImagePublisher, impl Builds>>,
    seen: &mut Seen,
) -> Result<Option<Step>, Error> {
    loop {
        let mut step = Step::decide(request, snapshot, observed, &seen.found).await?;
        // Before programs get to see it, and a registry is asked.
        step.cleared(request)?;
        let Some(gate) = gate.filter(|_| step.puts_up()) else { return Ok(Some(step)) };
        let pull_request = &observed.pull_request;
        let is_unpublished = pull_request.is_from_fork && seen.published.as_ref() != Some(&pull_request.head);
        if is_unpublished && !request.dry_run && !step.plan.edits.is_empty() {
            let started = Instant::now();
            gate.publish(&step.images_of_the_head(&pull_request.head), &pull_request.head, pull_request).await?;
            seen.published = Some(pull_request.head.clone());
            if started.elapsed() > STALE {
                return Ok(None);
            }
        }
        let missing = step.images_to_find(&seen.found);
        if missing.is_empty() {
            if !step.plan.edits.is_empty() {
                step.findings = gate.check(snapshot, &step.configuration, &step.identity, &step.plan.edits).await?;
            }
            return Ok(Some(step));
        }
        let started = Instant::now();
        seen.found.extend(gate.find(&missing, &step.images, &step.configuration).await?);
        if started.elapsed() > STALE {
            return Ok(None);
        }
    }
}

/// Why a pull request whose run has no secrets gets no preview, when that is why the apps repository can not be read.
fn refusal_without_secrets(pull_request: &PullRequest, error: &AppsError) -> Option<Reason> {
    let is_locked = matches!(
        error,
        AppsError::BadCredentials { .. } | AppsError::NoRepository { .. } | AppsError::Forbidden { .. }
    );
    let bot = pull_request.author.as_ref().filter(|author| author.is_bot);
    match bot {
        _ if !is_locked => None,
        _ if pull_request.is_from_fork => Some(Reason::Fork),
        Some(author) => Some(Reason::Bot { login: author.login.clone() }),
        None => None,
    }
}

/// Looks a pull request up, with the labels that were just changed for it if the forge `may_lag`.
async fn look_up(request: &Request, may_lag: bool, forge: &impl PullRequests) -> Result<Conversation, Error> {
    let found = forge.look_up(request.number).await?;
    let labels = request.question.as_ref().filter(|_| may_lag).map(|question| &question.labels);
    let found = found.map(|mut observed| {
        if let Some(labels) = labels {
            labels.put_on(&mut observed.pull_request);
        }
        observed
    });
    found.ok_or_else(|| Error::NoPullRequest { repository: request.repository.clone(), number: request.number })
}
