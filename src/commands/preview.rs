//! What `deploy` and `teardown` do alike: options to a request, a request to a result, a result to its readers.

use std::collections::BTreeMap;

use super::context::Context;
use super::options::{GateOptions, PreviewOptions};
use super::report;
use crate::domain::decision::Intent;
use crate::domain::names::{CommitId, ImageName, ImageTag};
use crate::error::Error;
use crate::usecases::{Ending, Gate, Request, converge};

/// Makes a preview what `intent` asks for, which is told the commit that the run was made for, and whether a person asked for it.
///
/// # Errors
///
/// When it could not be done, or the pull request could not be told.
pub(super) async fn run(
    intent: impl FnOnce(Option<CommitId>, bool) -> Intent,
    images: BTreeMap<ImageName, ImageTag>,
    options: PreviewOptions,
    gate: Option<&GateOptions>,
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
    let (programs, registry) =
        (context.programs(gate.map(|gate| &gate.programs))?, context.registry(token_file, allow_http)?);
    let gate = gate.map(|gate| Gate { renderer: &programs, registry: &registry, image_timeout: gate.image_timeout });
    let ended = converge(&request, &forge, &apps, gate.as_ref()).await;
    if let Err(Error::Refused(findings)) = &ended {
        report::tell_refused(findings, writing.format, context)?;
    }
    match ended? {
        Ending::Converged(converged) => report::tell(*converged, &request, writing.format, context),
        Ending::Unread { verdict, reason } => report::tell_unread(verdict, &reason, &request, writing.format, context),
    }
}
