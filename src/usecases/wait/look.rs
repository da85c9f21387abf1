//! Which preview is waited for: the one that is recorded, if it is of the commit that it should be of.

use std::time::Duration;

use serde_json::Value;

use crate::domain::configuration::Configuration;
use crate::domain::conversation::Conversation;
use crate::domain::decision::Intent;
use crate::domain::identity::Identity;
use crate::domain::names::CommitId;
use crate::domain::overlay::{self, previews_directory};
use crate::domain::path::RepoPath;
use crate::domain::pull_request::PullRequest;
use crate::domain::readiness::Probe;
use crate::domain::reason::Reason;
use crate::domain::record::Record;
use crate::domain::{configuration, yaml};
use crate::error::Error;
use crate::ports::{AppsRepository, PullRequests};
use crate::usecases::converge::{Outcome, Request, Verdict};
use crate::usecases::observe;

/// How often the apps repository is read until it has what was just pushed to it: an API may lag behind.
const LOOKS: u32 = 5;
/// How long is waited between.
const PAUSE: Duration = Duration::from_secs(1);

/// A preview that is waited for.
pub(super) struct Target {
    pub(super) configuration: Configuration,
    pub(super) identity: Identity,
    pub(super) record: Record,
    pub(super) overlay: RepoPath,
    pub(super) pull_request: PullRequest,
    /// The tag of each image, by the name of the image.
    pub(super) tags: Vec<(String, String)>,
    /// The name of its `HelmRelease`.
    pub(super) release: String,
    /// What is asked of it.
    pub(super) probe: Option<Probe>,
    /// Whether Flux has to say that it is there.
    pub(super) asks_flux: bool,
    /// The highest generation that was told of before.
    pub(super) told: u64,
}

/// What a look at the apps repository came to.
pub(super) enum Found {
    /// A preview to wait for.
    Target(Box<Target>),
    /// None.
    None(Box<Outcome>),
}

/// Looks for the preview of a pull request.
pub(super) async fn look(
    request: &Request,
    is_just_put_up: bool,
    forge: &impl PullRequests,
    apps: &impl AppsRepository,
) -> Result<Found, Error> {
    let mut looks = 1;
    loop {
        let found = look_once(request, forge, apps).await?;
        let is_over = |outcome: &Outcome| outcome.pull_request.head != *made_for(request, &outcome.pull_request);
        match &found {
            Found::None(outcome) if is_just_put_up && looks < LOOKS && !is_over(outcome) => {}
            _ => return Ok(found),
        }
        looks += 1;
        tokio::time::sleep(PAUSE).await;
    }
}

async fn look_once(request: &Request, forge: &impl PullRequests, apps: &impl AppsRepository) -> Result<Found, Error> {
    let needs = observe::needs_of_one(&request.root, request.number);
    let (said, snapshot) = tokio::join!(forge.look_up(request.number), apps.observe(&needs));
    let no_pull_request = || Error::NoPullRequest { repository: request.repository.clone(), number: request.number };
    let (said, snapshot) = (said?.ok_or_else(no_pull_request)?, snapshot?);
    let configuration = observe::configuration(&snapshot, &request.root).await?;
    configuration.admit(&request.repository)?;
    let file = request.root.join(configuration::FILE);
    let ready = configuration.document().checks.ready.as_ref().ok_or(Error::NothingToWaitFor { file })?;
    let asks_flux = ready.flux;
    let configured = configuration.identity(request.number)?;
    let previews = observe::previews_of(&snapshot, &request.root, &configured).await?;
    let parent = previews_directory(&request.root);
    let application = &configuration.document().application;
    let none = |identity: Identity, verdict, reason| {
        let comment_url = said.comments_of(application).next().map(|(comment, _)| comment.url.clone());
        Found::None(Box::new(Outcome {
            secrets: None,
            removed_secrets: Vec::new(),
            verdict,
            reason,
            pull_request: said.pull_request.clone(),
            overlay: parent.join(identity.name.as_str()),
            identity,
            application: application.to_string(),
            edits: Vec::new(),
            apps_commit: None,
            comment_url,
            findings: Vec::new(),
            waited: None,
        }))
    };
    let end = Reason::of_the_end(said.pull_request.state);
    let Some((name, directory, record)) = previews.preview_of(&request.repository, request.number) else {
        return Ok(none(configured, Verdict::Absent, end));
    };
    let Some(identity) = observe::identity_there(configured.clone(), name, directory, record) else {
        return Ok(none(configured, Verdict::Absent, end));
    };
    if let Some(reason) = end.or_else(|| other_commit(record, request, &said.pull_request)) {
        return Ok(none(identity, Verdict::Superseded, Some(reason)));
    }
    let patch = directory.files.get(overlay::PATCH).map_or("", String::as_str);
    let release =
        yaml::parse(patch).ok().and_then(|patch: Value| Some(patch.pointer("/metadata/name")?.as_str()?.to_owned()));
    let target = Target {
        probe: configuration.probe(&identity, &record.commit)?,
        tags: configuration.tags_in(patch),
        overlay: parent.join(name),
        record: record.clone(),
        release: release.unwrap_or_default(),
        told: said.generation_told(application).max(record.generation),
        pull_request: said.pull_request.clone(),
        asks_flux,
        identity,
        configuration,
    };
    Ok(Found::Target(Box::new(target)))
}

/// The commit that a run is for: the one it was made for, or the head.
fn made_for<'a>(request: &'a Request, pull_request: &'a PullRequest) -> &'a CommitId {
    match &request.intent {
        Intent::Deploy { made_for: Some(commit), .. } => commit,
        _ => &pull_request.head,
    }
}

/// Why a preview is not the one to wait for, where it is of another commit than the head, or than the run was made for.
fn other_commit(record: &Record, request: &Request, pull_request: &PullRequest) -> Option<Reason> {
    let head = &pull_request.head;
    let mut others = [&record.commit, made_for(request, pull_request)].into_iter().filter(|commit| *commit != head);
    others.next().map(|other| Reason::Superseded { made_for: other.clone(), head: head.clone() })
}

impl Target {
    /// Why somebody else has the say of this preview now.
    pub(super) fn moved_on(&self, said: &Conversation) -> Option<Reason> {
        let pull_request = &said.pull_request;
        let end = Reason::of_the_end(pull_request.state);
        let is_other = pull_request.head != self.record.commit;
        let superseded = is_other
            .then(|| Reason::Superseded { made_for: self.record.commit.clone(), head: pull_request.head.clone() });
        let is_overtaken = said.generation_told(&self.configuration.document().application) > self.told;
        end.or(superseded).or_else(|| is_overtaken.then_some(Reason::Overtaken))
    }

    /// The comment that there is.
    pub(super) fn comment_url(&self, said: &Conversation) -> Option<String> {
        let application = &self.configuration.document().application;
        said.comments_of(application).next().map(|(comment, _)| comment.url.clone())
    }
}
