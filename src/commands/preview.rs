//! What `deploy` and `teardown` do alike: options to a request, a request to a result, a result to its readers.

use std::collections::BTreeMap;
use std::time::Duration;

use super::context::Context;
use super::options::{GateOptions, PreviewOptions};
use super::report;
use super::wait;
use crate::domain::decision::Intent;
use crate::domain::names::{CommitId, ImageName, ImageTag};
use crate::error::Error;
use crate::usecases::checks::Kit;
use crate::usecases::{Converged, Ending, Gate, Request, Verdict, converge};

/// What `deploy` does beyond what `teardown` does.
pub(super) struct Beyond<'a> {
    /// What a commit has to pass.
    pub(super) gate: &'a GateOptions,
    /// How long the preview is waited for, if it is.
    pub(super) timeout: Option<Duration>,
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
    let PreviewOptions { writing, pull_request, apps: apps_options } = options;
    let allow_http = apps_options.allow_http;
    let subject = context.subject(&pull_request)?;
    let (token_file, environments) = (writing.github_token_file.as_deref(), writing.deployments.into());
    let forge = context.forge(token_file, &subject.repository, allow_http, environments)?;
    let apps = context.apps(&apps_options, token_file)?;
    let request = Request {
        intent: intent(subject.commit, subject.is_explicit),
        repository: subject.repository,
        number: subject.number,
        root: apps_options.path,
        images,
        patience: writing.patience,
        dry_run: writing.dry_run,
        environments,
        run: context.run_url(),
        by: context.actor(),
        now: context.now,
    };
    let tools = match &beyond {
        Some(Beyond { gate, .. }) => Some((
            context.programs(&gate.programs)?,
            context.schema_archives()?,
            context.registry(token_file, allow_http)?,
            gate.image_timeout,
        )),
        None => None,
    };
    let gate = tools.as_ref().map(|(renderer, archives, registry, timeout)| {
        let kit = Kit { renderer, archives };
        Gate { kit, registry, image_timeout: *timeout }
    });
    let ended = converge(&request, &forge, &apps, gate.as_ref()).await;
    if let Err(Error::Refused(findings)) = &ended {
        report::tell_refused(findings, writing.format, context)?;
    }
    let timeout = beyond.and_then(|beyond| beyond.timeout);
    match ended? {
        Ending::Converged(converged) => {
            let is_up = converged.outcome.verdict.leaves_one() && !request.dry_run;
            let Some(timeout) = timeout.filter(|_| is_up) else {
                return report::tell(*converged, &request, writing.format, context);
            };
            match wait::wait_for(&request, timeout, true, &forge, &apps, context).await {
                Ok(waited) => report::tell(then(*converged, waited), &request, writing.format, context),
                Err(error) => report::tell(*converged, &request, writing.format, context).and(Err(error)),
            }
        }
        Ending::Unread { verdict, reason } => report::tell_unread(verdict, &reason, &request, writing.format, context),
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
