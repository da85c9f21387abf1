//! What `deploy`, `teardown` and `command` do alike: options to a request, a request to a result, a result to its readers.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use super::context::Context;
use super::listeners;
use super::options::{AppsOptions, GateOptions, PreviewOptions, PullRequestOptions, WritingOptions};
use super::report;
use super::secrets::{self, Named, VaultOptions};
use super::subject::Subject;
use super::wait;
use crate::domain::decision::{Given, Intent};
use crate::domain::fork_build::WorkflowFile;
use crate::domain::names::{CommitId, ImageName, ImageTag, PullRequestNumber, RepositoryName};
use crate::effects::apps::Apps;
use crate::effects::forge::GitHub;
use crate::effects::notify::Notifier;
use crate::effects::programs::Programs;
use crate::effects::registry::OciRegistry;
use crate::effects::schemas::Archives;
use crate::effects::scratch::Scratch;
use crate::error::Error;
use crate::ports::{AppsRepository, Builds as _};
use crate::runner::Labelled;
use crate::usecases::checks::Kit;
use crate::usecases::{Converged, Ending, ForkBuilds, Gate, Request, Verdict, approval, converge};

/// How many other pull requests with the same head are named.
const SHOWN: usize = 10;

/// What `deploy` does beyond what `teardown` does.
pub(super) struct Beyond<'a> {
    /// What a commit has to pass.
    pub(super) gate: &'a GateOptions,
    /// How long the preview is waited for, if it is.
    pub(super) timeout: Option<Duration>,
}

/// What a commit is made to pass with.
pub(super) struct Tools {
    builds: Option<(WorkflowFile, Scratch)>,
    renderer: Programs,
    archives: Archives,
    registry: OciRegistry,
    image_timeout: Duration,
}

impl Tools {
    /// The tools that the options name.
    ///
    /// # Errors
    ///
    /// When one of them is not there, or a login for a registry can not be read.
    pub(super) fn find(
        gate: &GateOptions,
        token_file: Option<&Path>,
        allow_http: bool,
        context: &Context,
    ) -> Result<Self, Error> {
        let folder = || Scratch::folder().map_err(|why| Error::local("a private folder can not be made", why));
        let builds = match &gate.build_workflow {
            Some(workflow) => Some((workflow.clone(), folder()?)),
            None => None,
        };
        Ok(Self {
            builds,
            renderer: context.programs(&gate.programs)?,
            archives: context.schema_archives()?,
            registry: context.registry(token_file, allow_http)?,
            image_timeout: gate.image_timeout,
        })
    }

    pub(super) fn gate<'a>(&'a self, forge: &'a GitHub) -> Gate<'a, Programs, Archives, OciRegistry, GitHub> {
        let kit = Kit { renderer: &self.renderer, archives: &self.archives };
        let forks = self.builds.as_ref();
        let forks = forks.map(|(workflow, folder)| ForkBuilds { builds: forge, workflow, folder: folder.path() });
        Gate { kit, registry: &self.registry, image_timeout: self.image_timeout, forks }
    }
}

/// Makes a preview what `intent` asks for, which is told the commit that the run was made for, and whether a person asked for it.
///
/// # Errors
///
/// When it could not be done, or the pull request could not be told.
pub(super) async fn run(
    intent: impl FnOnce(Option<CommitId>, bool) -> Intent,
    images: BTreeMap<ImageName, ImageTag>,
    options: PreviewOptions,
    beyond: Option<Beyond<'_>>,
    context: &Context,
) -> Result<(), Error> {
    let (listeners, allow_http) = (options.listeners.clone(), options.apps.transport.allow_http);
    let run = async |notifier: &Notifier| {
        Box::pin(converge_and_tell(intent, images, options, beyond, notifier, context)).await
    };
    Box::pin(listeners::with(&listeners, allow_http, context, run)).await
}

async fn converge_and_tell(
    intent: impl FnOnce(Option<CommitId>, bool) -> Intent,
    images: BTreeMap<ImageName, ImageTag>,
    options: PreviewOptions,
    beyond: Option<Beyond<'_>>,
    notifier: &Notifier,
    context: &Context,
) -> Result<(), Error> {
    let PreviewOptions { writing, pull_request, apps: apps_options, vault, .. } = options;
    let way_in = vault.named(context)?;
    let Some((subject, forge)) = subject(&pull_request, &writing, apps_options.transport.allow_http, context).await?
    else {
        return Ok(());
    };
    let token_file = writing.github_token_file.as_deref();
    let apps = context.apps(&apps_options, token_file)?;
    let approval = match &beyond {
        Some(_) => approval(&subject, &forge).await?,
        None => None,
    };
    let intent = intent(subject.commit, subject.is_explicit);
    let named = request(intent, subject.repository, subject.number, &writing, &apps_options, context);
    let request = Request { approval, push: subject.push, images, ..named };
    let tools = match &beyond {
        Some(beyond) => Some(Tools::find(beyond.gate, token_file, apps_options.transport.allow_http, context)?),
        None => None,
    };
    let gate = tools.as_ref().map(|tools| tools.gate(&forge));
    let ended = converge(&request, (&forge, notifier), &apps, gate.as_ref()).await;
    if let Err(Error::Refused(findings)) = &ended {
        report::tell_refused(findings, writing.format, context)?;
    }
    let timeout = beyond.and_then(|beyond| beyond.timeout);
    let ended = take_along(ended?, &request, (&vault, way_in), &apps, context).await;
    tell(ended, timeout, &request, &writing, (&forge, notifier, &apps), context).await
}

/// What came of a request, and of what the preview had for itself in a Vault, where it is gone.
pub(super) struct Ended {
    ending: Ending,
    not_removed: Option<Error>,
}

/// Removes what a preview had for itself, where it is gone. What can not be removed is told when all else was.
pub(super) async fn take_along(
    mut ending: Ending,
    request: &Request,
    vault: (&VaultOptions, Named),
    apps: &impl AppsRepository,
    context: &Context,
) -> Ended {
    let not_removed = match &mut ending {
        Ending::Converged(converged) => {
            Box::pin(secrets::take_along(&mut converged.outcome, request, vault, apps, context)).await.err()
        }
        Ending::Unread { .. } => None,
    };
    Ended { ending, not_removed }
}

/// A request for a preview, with the world's own part of it.
pub(super) fn request(
    intent: Intent,
    repository: RepositoryName,
    number: PullRequestNumber,
    writing: &WritingOptions,
    apps: &AppsOptions,
    context: &Context,
) -> Request {
    Request {
        intent,
        repository,
        number,
        root: apps.path.clone(),
        approval: None,
        question: None,
        push: None,
        images: BTreeMap::new(),
        patience: writing.patience,
        dry_run: writing.dry_run,
        environments: writing.deployments.into(),
        run: context.run_url(),
        by: context.actor(),
        now: context.now,
        secrets: context.runner.known_secrets().clone(),
    }
}

/// The pull request that is meant, and its forge. Nothing when a run has ended whose head no open pull request has any more.
async fn subject(
    options: &PullRequestOptions,
    writing: &WritingOptions,
    allow_http: bool,
    context: &Context,
) -> Result<Option<(Subject, GitHub)>, Error> {
    let (token_file, environments) = (writing.github_token_file.as_deref(), writing.deployments.into());
    let event = context.event(options)?;
    let Some(head) = event.head.clone().filter(|_| options.pull_request.is_none()) else {
        let subject = context.subject_of(event, options)?;
        let forge = context.forge(token_file, &subject.repository, allow_http, environments)?;
        return Ok(Some((subject, forge)));
    };
    let repository = context.application_repository(options, event.repository)?;
    let forge = context.forge(token_file, &repository, allow_http, environments)?;
    let numbers = forge.pull_requests_of(&head).await?;
    let Some((number, others)) = numbers.split_first() else {
        report::tell_nobody(&head, writing.format, context)?;
        return Ok(None);
    };
    if !others.is_empty() {
        let more = if others.len() > SHOWN { ", …" } else { "" };
        let others = others.iter().take(SHOWN).map(|number| format!("#{number}")).collect::<Vec<_>>().join(", ");
        tracing::warn!(
            "{others}{more} have the same head as #{number}: a comment `/preview deploy` there brings their previews"
        );
    }
    let commit = Some(options.commit.clone().unwrap_or(head.commit));
    let subject = Subject { repository, number: *number, commit, is_explicit: false, labelled: None, push: None };
    Ok(Some((subject, forge)))
}

/// The approval that a label is, if that is what has started this run.
async fn approval(subject: &Subject, forge: &GitHub) -> Result<Option<Given>, Error> {
    let Some(Labelled { label, by, account, commit }) = subject.labelled.clone() else { return Ok(None) };
    Ok(approval::by_label(label, by, account, commit, forge).await?)
}

/// Shows what came of a request, and waits for the preview first, where that is wanted.
pub(super) async fn tell(
    ended: Ended,
    timeout: Option<Duration>,
    request: &Request,
    writing: &WritingOptions,
    world: (&GitHub, &Notifier, &Apps),
    context: &Context,
) -> Result<(), Error> {
    let converged = match ended.ending {
        Ending::Converged(converged) => *converged,
        Ending::Unread { verdict, reason } => {
            return report::tell_unread(verdict, &reason, request, writing.format, context);
        }
    };
    if let Some(error) = ended.not_removed {
        let told = report::tell(converged, request, writing.format, context);
        if let Err(also) = told {
            tracing::error!("besides, {}", report::with_causes(&also));
        }
        return Err(error);
    }
    let is_up = converged.outcome.verdict.leaves_one() && !request.dry_run;
    let Some(timeout) = timeout.filter(|_| is_up) else {
        return report::tell(converged, request, writing.format, context);
    };
    match wait::wait_for(request, timeout, true, world, context).await {
        Ok(waited) => report::tell(then(converged, waited), request, writing.format, context),
        Err(error) => report::tell(converged, request, writing.format, context).and(Err(error)),
    }
}

/// What was done, and then waited for.
fn then(done: Converged, mut waited: Converged) -> Converged {
    waited.outcome.edits = done.outcome.edits;
    waited.outcome.apps_commit = done.outcome.apps_commit;
    waited.outcome.comment_url = waited.outcome.comment_url.or(done.outcome.comment_url);
    // Who waited to the end has said all that there was to say.
    if !matches!(waited.outcome.verdict, Verdict::Ready | Verdict::Failed) {
        waited.not_announced = waited.not_announced.or(done.not_announced);
    }
    waited
}
