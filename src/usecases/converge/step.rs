//! One look at the world: what is decided, planned, and told.

use jiff::Timestamp;

use super::gate::{self, Found};
use super::{Converged, Ending, Outcome, Request, Verdict};
use crate::domain::announcement::Holding;
use crate::domain::approval::Login;
use crate::domain::checks::Finding;
use crate::domain::comment::{self, Marker, State, Story};
use crate::domain::commit_message::{self, CommitMessage};
use crate::domain::configuration::Configuration;
use crate::domain::conversation::Conversation;
use crate::domain::decision::{Intent, Situation, Wanted, decide};
use crate::domain::expiry::{self, Expiry};
use crate::domain::history::Told;
use crate::domain::identity::Identity;
use crate::domain::image::ImageReference;
use crate::domain::lifecycle;
use crate::domain::names::CommitId;
use crate::domain::overlay::{self, Ingredients, previews_directory};
use crate::domain::path::RepoPath;
use crate::domain::plan::{self, Change, Plan, Previews, Update};
use crate::domain::reason::Reason;
use crate::domain::slash_command::There;
use crate::error::Error;
use crate::ports::{Listeners, PullRequests, Snapshot};
use crate::usecases::announce::{Announced, Telling};
use crate::usecases::secrets::Removal;
use crate::usecases::{base, observe};

/// What one look at the world came to.
pub(super) struct Step {
    pub(super) configuration: Configuration,
    pub(super) identity: Identity,
    wanted: Wanted,
    pub(super) plan: Plan,
    tags: Vec<(String, String)>,
    /// The images that are to be looked up.
    pub(super) images: gate::Wanted,
    /// What the checks found that keeps nothing back.
    pub(super) findings: Vec<Finding>,
    /// The message of the commit that the plan needs; nothing when it changes nothing.
    pub(super) message: Option<String>,
    pub(super) now: Timestamp,
}

impl Step {
    pub(super) async fn decide(
        request: &Request,
        snapshot: &impl Snapshot,
        observed: &Conversation,
        found: &Found,
    ) -> Result<Self, Error> {
        let configuration = observe::configuration(snapshot, &request.root).await?;
        configuration.admit(&request.repository)?;
        let identity = configuration.identity(request.number)?;
        let now = observe::time(request.now, observed.at);
        let previews = observe::previews_of(snapshot, &request.root, &identity).await?;
        observe::warn_of_unreadable(&previews);
        let document = configuration.document();
        let recorded = previews.record_of(&document.repository, request.number);
        let may_be_new = matches!(request.intent, Intent::Deploy { .. } | Intent::Look | Intent::Prolong(_));
        let is_new = recorded.is_none() && may_be_new;
        let is_full = is_new && previews.names.len() >= document.preview.limit as usize;
        let holders = if is_full { observe::holders(snapshot, &request.root).await? } else { Vec::new() };
        let expired = observed.expired(&document.application);
        let situation = Situation {
            settings: &document.preview,
            pull_request: &observed.pull_request,
            recorded,
            expired: expired.as_ref(),
            holders: &holders,
            approval: request.approval.as_ref(),
            now,
        };
        let wanted = match decide(&request.intent, &situation) {
            Wanted::NoPreview(Reason::Forced) if request.question.is_some() => Wanted::NoPreview(Reason::Asked),
            wanted => wanted,
        };
        let told = observed.generation_told(&document.application);
        let ground = Ground { request, configuration: &configuration, identity: &identity, previews: &previews, told };
        let PutUp { plan, tags, images } = ground.plan(&wanted, &situation, snapshot, found).await?;
        let identity = match (&wanted, previews.preview_of(&document.repository, request.number)) {
            (Wanted::Prolonged(_) | Wanted::Standing(_), Some((name, directory, record))) => {
                observe::identity_there(identity.clone(), name, directory, record).unwrap_or(identity)
            }
            _ => identity,
        };
        let findings = Vec::new();
        let mut step = Self { configuration, identity, wanted, plan, tags, images, findings, message: None, now };
        step.message = (!step.plan.edits.is_empty()).then(|| step.commit_message(request));
        Ok(step)
    }

    pub(super) fn overlay(&self, request: &Request) -> RepoPath {
        previews_directory(&request.root).join(self.identity.name.as_str())
    }

    /// Whether a preview is put up or stays up.
    pub(super) fn puts_up(&self) -> bool {
        matches!(self.wanted, Wanted::Preview(_))
    }

    /// The images that have to be looked up still. One that is only to be there is not asked for where nothing changes.
    pub(super) fn images_to_find(&self, found: &Found) -> Vec<ImageReference> {
        let others = self.images.others.iter().filter(|_| !self.plan.edits.is_empty());
        let wanted = self.images.pinned.iter().chain(others);
        wanted.filter(|image| !found.contains_key(image)).cloned().collect()
    }

    /// The images whose tag is that commit.
    pub(super) fn images_of_the_head(&self, head: &CommitId) -> Vec<ImageReference> {
        let images = &self.configuration.document().images;
        let of_the_head = self.tags.iter().filter(|(_, tag)| tag == head.as_str());
        let named = of_the_head.filter_map(|(name, _)| images.iter().find(|(known, _)| known.as_str() == name));
        named.map(|(_, image)| ImageReference { repository: image.repository.clone(), tag: head.into() }).collect()
    }

    fn commit_message(&self, request: &Request) -> String {
        let record = self.plan.record.as_ref();
        let by: Option<Login> = request.by.as_ref().and_then(|by| by.parse().ok());
        CommitMessage {
            change: self.told(),
            application: &self.configuration.document().application,
            preview: &self.identity.name,
            repository: &request.repository,
            number: request.number,
            commit: record.map(|record| &record.commit),
            generation: record.map(|record| record.generation),
            pushed_at: self.pushed_at(request),
            approved_by: self.approver(),
            because: self.because(),
            reason: self.reason().map(Reason::word),
            by: by.as_ref(),
            run: request.run.as_deref(),
        }
        .to_string()
    }

    /// What the commit does to the preview.
    fn told(&self) -> Told {
        match (&self.wanted, self.plan.change) {
            (Wanted::Prolonged(_), _) => Told::Prolonged,
            (_, Change::Created) => Told::PutUp,
            (_, Change::Updated | Change::Unchanged) => Told::Updated,
            (_, Change::Removed | Change::Absent) => Told::Removed,
        }
    }

    /// When what is shown was pushed, where this run is the one for that push.
    fn pushed_at(&self, request: &Request) -> Option<Timestamp> {
        let push = request.push.as_ref().filter(|_| self.puts_up() && !request.intent.is_explicit())?;
        let record = self.plan.record.as_ref()?;
        (record.commit == push.commit).then_some(push.at)
    }

    /// Who approved what is shown, where something is.
    fn approver(&self) -> Option<&Login> {
        let record = self.plan.record.as_ref().filter(|_| self.puts_up())?;
        record.approval.as_ref().map(|approval| &approval.by)
    }

    fn because(&self) -> Option<String> {
        match self.wanted {
            Wanted::Prolonged(_) => Some(commit_message::PROLONGED.to_owned()),
            _ => self.reason().map(Reason::sentence),
        }
    }

    fn reason(&self) -> Option<&Reason> {
        match &self.wanted {
            Wanted::Preview(_) | Wanted::Prolonged(_) => None,
            Wanted::Standing(reason) => reason.as_ref(),
            // What was asked for is not why nothing was there.
            Wanted::NoPreview(Reason::Forced | Reason::Asked) if self.plan.change == Change::Absent => None,
            Wanted::NoPreview(reason) | Wanted::AsItIs(reason) => Some(reason),
        }
    }

    /// Whether a preview was asked for and is refused.
    fn is_refused(&self, intent: &Intent) -> bool {
        let refuses = matches!(&self.wanted, Wanted::NoPreview(reason) if reason.is_refusal());
        let is_asked_for = !matches!(intent, Intent::Teardown { .. } | Intent::Sweep);
        refuses && self.plan.change == Change::Absent && is_asked_for
    }

    fn verdict(&self, intent: &Intent) -> Verdict {
        match (&self.wanted, self.plan.change) {
            (Wanted::AsItIs(Reason::Superseded { .. }), _) => Verdict::Superseded,
            (Wanted::AsItIs(_) | Wanted::Standing(_), _) => Verdict::Kept,
            _ if self.is_refused(intent) => Verdict::Refused,
            (_, Change::Created) => Verdict::Created,
            (_, Change::Updated) => Verdict::Updated,
            (_, Change::Unchanged) => Verdict::Unchanged,
            (_, Change::Removed) => Verdict::Removed,
            (_, Change::Absent) => Verdict::Absent,
        }
    }

    fn expiry(&self, observed: &Conversation) -> Expiry {
        let settings = &self.configuration.document().preview;
        let record = self.plan.record.as_ref();
        record.map_or(Expiry::Never, |record| expiry::of(settings, &observed.pull_request, record))
    }

    /// What the comment should tell; nothing when this run has no say.
    fn marker(&self, request: &Request, observed: &Conversation) -> Option<Marker> {
        let application = &self.configuration.document().application;
        let state = match &self.wanted {
            Wanted::Preview(_) | Wanted::Prolonged(_) | Wanted::Standing(_) => {
                State::of_a_life(&self.expiry(observed), self.now)
            }
            Wanted::NoPreview(_) if self.is_refused(&request.intent) => State::Refused,
            Wanted::NoPreview(_) => State::Removed,
            Wanted::AsItIs(_) => return None,
        };
        Some(observed.marker(application, state, self.plan.record.as_ref(), self.reason()))
    }

    pub(super) async fn finish(
        self,
        request: &Request,
        (forge, listeners): (&impl PullRequests, &impl Listeners),
        observed: Conversation,
        apps_commit: Option<CommitId>,
    ) -> Ending {
        let pull_request = observed.pull_request.clone();
        let announced = match self.marker(request, &observed) {
            Some(marker) if !request.dry_run => {
                self.announce(marker, request, (forge, listeners), observed, apps_commit.as_ref()).await
            }
            _ => {
                let application = &self.configuration.document().application;
                let url = observed.comments_of(application).next().map(|(comment, _)| comment.url.clone());
                Announced { comment_url: url, error: None }
            }
        };
        let outcome = Outcome {
            secrets: self.removal(),
            removed_secrets: Vec::new(),
            verdict: self.verdict(&request.intent),
            reason: self.reason().cloned(),
            application: self.configuration.document().application.to_string(),
            overlay: self.overlay(request),
            pull_request,
            identity: self.identity,
            edits: self.plan.edits,
            apps_commit,
            comment_url: announced.comment_url,
            findings: self.findings,
            waited: None,
        };
        Ending::Converged(Box::new(Converged { outcome, not_announced: announced.error }))
    }

    /// What goes with the preview. Where none was there, values may have been put for one to come: they go when the pull request
    /// has ended, or somebody wants them gone.
    fn removal(&self) -> Option<Removal> {
        use Reason::{Asked, Closed, Forced, Merged};
        let is_over = matches!(self.wanted, Wanted::NoPreview(Closed | Merged | Forced | Asked));
        (is_over || self.plan.change == Change::Removed)
            .then(|| Removal::of(&self.configuration, &self.identity, &self.plan.edits))
    }

    async fn announce(
        &self,
        marker: Marker,
        request: &Request,
        (forge, listeners): (&impl PullRequests, &impl Listeners),
        observed: Conversation,
        apps_commit: Option<&CommitId>,
    ) -> Announced {
        let expiry = self.expiry(&observed);
        let answer = self.answer(request, &expiry, &observed);
        let keep = self.configuration.document().preview.labels.keep.first().map(String::as_str);
        let record = self.plan.record.as_ref();
        let story = match (marker.state, record, self.reason()) {
            (state, Some(record), _) if state.is_up() => Story::Up { record, tags: &self.tags, expiry: &expiry, keep },
            (State::Refused, _, Some(reason)) => Story::Refused { reason },
            (_, record, reason) => Story::Removed { reason, record },
        };
        let holding = Holding {
            marker,
            number: request.number,
            reason: self.reason(),
            taken: self.taken(),
            is_prolonged: matches!(self.wanted, Wanted::Prolonged(_)) && self.plan.change == Change::Updated,
            expires: comment::expires(&expiry, record.is_some_and(|record| record.approval.is_some())),
            seen: None,
            answer: answer.as_deref(),
            environments: request.environments,
        };
        let telling = Telling {
            holding,
            configuration: &self.configuration,
            identity: &self.identity,
            commit: record.map(|record| &record.commit),
            story,
            by: request.by.as_deref(),
            at: self.now,
            run: request.run.as_deref(),
            apps_commit,
            waited: None,
        };
        telling.announce(forge, listeners, observed).await
    }

    /// The step that the preview takes by this commit. A later end is none.
    fn taken(&self) -> Option<lifecycle::Step> {
        match (&self.wanted, self.plan.change) {
            (_, Change::Removed) => Some(lifecycle::Step::Removed),
            (Wanted::Preview(_), Change::Created) => Some(lifecycle::Step::Deploying),
            (Wanted::Preview(_), Change::Updated) => Some(lifecycle::Step::Updated),
            _ => None,
        }
    }

    /// What somebody is answered who asked for something in a comment.
    fn answer(&self, request: &Request, expiry: &Expiry, observed: &Conversation) -> Option<String> {
        let question = request.question.as_ref()?;
        let record = self.plan.record.as_ref().filter(|_| self.plan.change != Change::Removed);
        let there = There { record, expiry, head: &observed.pull_request.head };
        question.answer.line(&question.by, self.now, &there)
    }
}

/// A plan, and what there is to say of its images.
struct PutUp {
    plan: Plan,
    tags: Vec<(String, String)>,
    images: gate::Wanted,
}

impl From<Plan> for PutUp {
    fn from(plan: Plan) -> Self {
        Self { plan, tags: Vec::new(), images: gate::Wanted::default() }
    }
}

/// What a plan is made on.
struct Ground<'a> {
    request: &'a Request,
    configuration: &'a Configuration,
    identity: &'a Identity,
    previews: &'a Previews,
    /// The highest generation that the pull request's comment speaks of.
    told: u64,
}

impl Ground<'_> {
    async fn plan(
        &self,
        wanted: &Wanted,
        situation: &Situation<'_>,
        snapshot: &impl Snapshot,
        found: &Found,
    ) -> Result<PutUp, Error> {
        let Request { repository, number, .. } = self.request;
        let unchanged = |record| Plan { change: Change::Unchanged, edits: Vec::new(), record };
        Ok(match wanted {
            Wanted::Preview(commit) => {
                let is_explicit = self.request.intent.is_explicit();
                let is_renewed = situation.is_expired() || is_explicit && situation.lacks_an_end();
                let is_of_a_fork = situation.pull_request.is_from_fork;
                let approval = situation.approval_of_the_head().filter(|_| is_of_a_fork);
                let update = Update { commit, now: situation.now, told: self.told, is_renewed, approval };
                self.put_up(snapshot, update, found).await?
            }
            Wanted::NoPreview(_) => plan::take_down(self.previews, repository, *number, &self.identity.name)?.into(),
            Wanted::Prolonged(end) => {
                self.as_it_shows(plan::prolong(self.previews, repository, *number, *end, self.told)?)
            }
            Wanted::Standing(_) => self.as_it_shows(unchanged(situation.recorded.cloned())),
            Wanted::AsItIs(_) => unchanged(None).into(),
        })
    }

    /// A plan that leaves the images of the preview as they are.
    fn as_it_shows(&self, plan: Plan) -> PutUp {
        let there = self.previews.preview_of(&self.request.repository, self.request.number);
        let patch = there.and_then(|(_, directory, _)| directory.files.get(overlay::PATCH));
        let tags = patch.map_or_else(Vec::new, |patch| self.configuration.tags_in(patch));
        PutUp { plan, tags, images: gate::Wanted::default() }
    }

    /// Plans a preview, and says which tags its images have.
    async fn put_up(&self, snapshot: &impl Snapshot, update: Update<'_>, found: &Found) -> Result<PutUp, Error> {
        let Self { configuration, identity, previews, .. } = *self;
        let tags = configuration.tags(&self.request.images, update.commit)?;
        let images = gate::Wanted::of(configuration, &tags);
        let base = base::read(snapshot, configuration).await?;
        let pinned = gate::pinned_tags(configuration, &tags, found);
        let ingredients = Ingredients { configuration, base: &base, identity, tags: &pinned };
        let plan = plan::put_up(&ingredients, previews, update)?;
        let tags = tags.into_iter().map(|(name, tag)| (name.to_string(), tag)).collect();
        Ok(PutUp { plan, tags, images })
    }
}
