//! What `deploy` and `teardown` do alike: options to a request, a request to a result, a result to its readers.

use std::collections::BTreeMap;

use super::context::Context;
use super::options::PreviewOptions;
use super::report;
use crate::domain::decision::Intent;
use crate::domain::names::{CommitId, ImageName, ImageTag};
use crate::error::Error;
use crate::usecases::{Request, converge};

/// Makes a preview what `intent` asks for, which is told the commit that the run was made for.
///
/// # Errors
///
/// When it could not be done, or the pull request could not be told.
pub(super) async fn run(
    intent: impl FnOnce(Option<CommitId>) -> Intent,
    images: BTreeMap<ImageName, ImageTag>,
    options: PreviewOptions,
    context: &Context,
) -> Result<(), Error> {
    let PreviewOptions { patience, dry_run, format, pull_request, apps: apps_options } = options;
    let subject = context.subject(&pull_request)?;
    let forge = context.forge(&pull_request, &subject.repository, apps_options.allow_http)?;
    let apps = context.apps(&apps_options, pull_request.github_token_file.as_deref())?;
    let request = Request {
        intent: intent(subject.commit),
        repository: subject.repository,
        number: subject.number,
        root: apps_options.path,
        images,
        patience,
        dry_run,
        run: context.run_url(),
        now: context.now,
    };
    let converged = converge(&request, &forge, &apps).await?;
    report::tell(converged, &request, format, context)
}
