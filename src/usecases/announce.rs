//! What has to be said of a preview, said: to who listens, by its deployment and its comment, and then the end of what is over.

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::announcement::{Announcement, CommentStep, DeploymentStep, Holding, announcement, news};
use crate::domain::comment::{Comment, State, Story};
use crate::domain::configuration::Configuration;
use crate::domain::conversation::Conversation;
use crate::domain::deployment::{DeploymentId, DeploymentStatus, NewDeployment, Payload};
use crate::domain::expiry::Expiry;
use crate::domain::identity::Identity;
use crate::domain::lifecycle::{Cause, LifecycleEvent, Sighting, Step};
use crate::domain::names::CommitId;
use crate::domain::overlay::previews_directory;
use crate::domain::pull_request::PullRequest;
use crate::ports::{ForgeError, Listeners, PullRequests};

/// How often an announcement is begun anew after an answer that leaves open what took effect.
const ATTEMPTS: u32 = 3;
/// How long is waited before.
const PAUSE: Duration = Duration::from_millis(500);

/// Everything that there is to say of one preview.
pub struct Telling<'a> {
    /// What holds.
    pub holding: Holding<'a>,
    /// The configuration of its root, which says who listens.
    pub configuration: &'a Configuration,
    /// What the preview is called.
    pub identity: &'a Identity,
    /// The commit that it shows, or showed.
    pub commit: Option<&'a CommitId>,
    /// What people read of it.
    pub story: Story<'a>,
    /// Who made the run, where that is known.
    pub by: Option<&'a str>,
    /// When the run was made.
    pub at: Timestamp,
    /// The page of the run.
    pub run: Option<&'a str>,
    /// The commit in the apps repository, where this run made one.
    pub apps_commit: Option<&'a CommitId>,
    /// How long it was waited for.
    pub waited: Option<Duration>,
}

/// What came of an announcement.
#[derive(Debug, Default)]
pub struct Announced {
    /// The comment, where there is one.
    pub comment_url: Option<String>,
    /// What could not be said.
    pub error: Option<ForgeError>,
}

impl Telling<'_> {
    /// What has to be said, after what was said before.
    #[must_use]
    pub fn plan(&self, said: &Conversation) -> Announcement {
        announcement(&self.holding, said)
    }

    /// Tells those who listen what is news to them, after what was said before.
    pub fn spread(&self, listeners: &impl Listeners, said: &Conversation) {
        self.spread_steps(&news(&self.holding, said), listeners, &said.pull_request);
    }

    /// Tells those who listen what was seen by who waited, where nobody can say what was said before.
    pub fn spread_sighting(&self, listeners: &impl Listeners, pull_request: &PullRequest) {
        self.spread_steps(self.holding.sighting().as_slice(), listeners, pull_request);
    }

    fn spread_steps(&self, steps: &[Step], listeners: &impl Listeners, pull_request: &PullRequest) {
        for step in steps {
            listeners.tell(&self.configuration.document().notify, &self.event(*step, pull_request));
        }
    }

    fn event(&self, step: Step, pull_request: &PullRequest) -> LifecycleEvent {
        let document = self.configuration.document();
        let (record, tags, expiry) = match &self.story {
            Story::Up { record, tags, expiry, .. } => (Some(*record), *tags, Some(*expiry)),
            Story::Removed { record, .. } => (*record, &[][..], None),
            Story::Refused { .. } => (None, &[][..], None),
        };
        // What was taken down by a run that was stopped did not go for what refuses it now.
        let is_why = match step {
            Step::Removed => self.holding.marker.state == State::Removed,
            step => step == Step::Refused,
        };
        let cause = self.holding.reason.filter(|_| is_why);
        let is_sighting = Some(step) == self.holding.sighting();
        LifecycleEvent {
            step,
            at: self.at,
            application: document.application.clone(),
            repository: document.repository.clone(),
            pull_request: pull_request.clone(),
            identity: self.identity.clone(),
            overlay: previews_directory(&self.configuration.root()).join(self.identity.name.as_str()),
            generation: self.holding.marker.generation,
            record: record.cloned(),
            images: tags.to_vec(),
            apps_commit: self.apps_commit.cloned(),
            reason: cause.map(|reason| Cause { word: reason.word().to_owned(), sentence: reason.sentence() }),
            expires_at: expiry.and_then(|expiry| match expiry {
                Expiry::At { end, .. } => Some(*end),
                Expiry::Never | Expiry::Kept { .. } => None,
            }),
            seen: self
                .holding
                .seen
                .filter(|_| is_sighting)
                .map(|last| Sighting { seconds: self.waited.unwrap_or_default().as_secs(), last: last.to_owned() }),
            by: self.by.map(str::to_owned),
            run: self.run.map(str::to_owned),
        }
    }

    /// Says it. What fails does not keep the rest from being said; after an answer that leaves open what took effect, it looks
    /// again at what was said. Those who listen are told first, of what was said before: a run that is stopped afterwards leaves
    /// the rest to another one, which may tell them the same once more.
    pub async fn announce(
        &self,
        forge: &impl PullRequests,
        listeners: &impl Listeners,
        mut said: Conversation,
    ) -> Announced {
        self.spread(listeners, &said);
        let mut attempt = 1;
        loop {
            let announced = self.say(&self.plan(&said), forge, &said).await;
            let is_open = announced.error.as_ref().is_some_and(ForgeError::leaves_open_what_took_effect);
            if !is_open || attempt == ATTEMPTS {
                return announced;
            }
            tokio::time::sleep(PAUSE).await;
            match forge.look_up(self.holding.number).await {
                Ok(Some(again)) => said = again,
                _ => return announced,
            }
            attempt += 1;
        }
    }

    async fn say(&self, plan: &Announcement, forge: &impl PullRequests, said: &Conversation) -> Announced {
        let mut errors = Vec::new();
        let deployment = self.begin(&plan.deployment, forge).await.unwrap_or_else(|error| {
            errors.push(error);
            None
        });
        let comment = self.comment(&plan.comment, deployment, forge, said).await;
        let is_told = comment.is_ok();
        let comment_url = comment.unwrap_or_else(|error| {
            errors.push(error);
            None
        });
        // Told after the comment: where the preview went meanwhile, this is what a sweep finds a comment by that is wrong.
        if let Some(id) = deployment.filter(|_| !matches!(plan.deployment, DeploymentStep::Stands(_))) {
            let status = self.status();
            errors.extend(forge.tell_deployment(id, &status, self.run).await.err());
        }
        // A deployment that is not over says that somebody is still to be told.
        if is_told {
            errors.extend(self.retire(plan, forge).await.err());
        }
        for id in &plan.duplicates {
            errors.extend(forge.delete_comment(*id).await.err());
        }
        let mut errors = errors.into_iter();
        let error = errors.next();
        errors.for_each(|error| tracing::warn!("besides, {error}"));
        Announced { comment_url, error }
    }

    /// Ends the deployments that are over, and the environment that none is left in.
    async fn retire(&self, plan: &Announcement, forge: &impl PullRequests) -> Result<(), ForgeError> {
        for id in &plan.retired {
            forge.tell_deployment(*id, &DeploymentStatus::Inactive, self.run).await?;
        }
        let Some(environment) = &plan.left_behind else { return Ok(()) };
        match forge.delete_environment(environment).await {
            Err(ForgeError::Forbidden { .. }) => {
                tracing::debug!(environment, "the token may not delete it");
                Ok(())
            }
            // Nothing that is said tells of it: a second look would not find it.
            Err(error) if error.leaves_open_what_took_effect() => {
                tracing::warn!("the environment `{environment}` is left to the next sweep: {error}");
                Ok(())
            }
            deleted => deleted,
        }
    }

    /// The deployment of the preview, which is made if need be; nothing where there is to be none.
    async fn begin(
        &self,
        step: &DeploymentStep,
        forge: &impl PullRequests,
    ) -> Result<Option<DeploymentId>, ForgeError> {
        match (step, self.commit) {
            (DeploymentStep::Stands(id) | DeploymentStep::Resume(id), _) => Ok(Some(*id)),
            (DeploymentStep::Begin(environment), Some(commit)) => {
                let id = forge.begin_deployment(&self.new_deployment(environment, commit)).await?;
                tracing::debug!(id = id.0, "the deployment is made");
                Ok(Some(id))
            }
            (DeploymentStep::None | DeploymentStep::Begin(_), _) => Ok(None),
        }
    }

    /// How the deployment of what is up stands.
    fn status(&self) -> DeploymentStatus {
        let url = self.identity.url();
        match self.holding.marker.rollout.map(|rollout| rollout.is_ready) {
            None => DeploymentStatus::InProgress { url },
            Some(true) => DeploymentStatus::Success { url },
            Some(false) => DeploymentStatus::Failure { url },
        }
    }

    fn new_deployment(&self, environment: &str, commit: &CommitId) -> NewDeployment {
        let marker = &self.holding.marker;
        NewDeployment {
            commit: commit.clone(),
            environment: environment.to_owned(),
            payload: Payload {
                application: marker.application.clone(),
                pull_request: self.holding.number,
                generation: marker.generation,
            },
            description: format!("Preview {} of {}", self.identity.name, marker.application),
        }
    }

    async fn comment(
        &self,
        step: &CommentStep,
        deployment: Option<DeploymentId>,
        forge: &impl PullRequests,
        said: &Conversation,
    ) -> Result<Option<String>, ForgeError> {
        let number = self.holding.number;
        match step {
            CommentStep::Quiet(url) => Ok(url.clone()),
            CommentStep::Write => forge.comment(number, &self.body(deployment, said)).await.map(Some),
            CommentStep::Edit(id, url) => match forge.edit_comment(*id, &self.body(deployment, said)).await {
                // Somebody has deleted it meanwhile.
                Err(ForgeError::NotFound { .. }) => forge.comment(number, &self.body(deployment, said)).await.map(Some),
                edited => edited.map(|()| Some(url.clone())),
            },
        }
    }

    fn body(&self, deployment: Option<DeploymentId>, said: &Conversation) -> String {
        let mut marker = self.holding.marker.clone();
        marker.deployment = deployment;
        Comment {
            marker,
            identity: self.identity,
            pull_request: &said.pull_request,
            story: self.story.clone(),
            seen: self.holding.seen,
            answer: self.holding.answer,
            by: self.by,
            at: self.at,
            run: self.run,
        }
        .body()
    }
}
