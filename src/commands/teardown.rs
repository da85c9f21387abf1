//! `bivouac teardown`.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;

use super::context::Context;
use super::options::{AppsOptions, Format, PullRequestOptions, parse_duration};
use super::report;
use crate::domain::decision::Intent;
use crate::error::Error;
use crate::usecases::{Request, converge};

/// Take a pull request's preview down.
///
/// Removes the overlay and its line in the roster in one commit, and tells the pull request. The preview of a pull request
/// that is open in fact is kept, unless `--force` is given. Where there is no preview, that is a success.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Take the preview down even when the pull request is open
    #[arg(long)]
    pub force: bool,
    /// How long to go on when the apps repository's tip keeps moving
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = parse_duration)]
    pub patience: Duration,
    /// Show what would be committed, and write nothing anywhere
    #[arg(long)]
    pub dry_run: bool,
    /// The form of the result on standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which pull request.
    #[command(flatten)]
    pub pull_request: PullRequestOptions,
    /// Where from.
    #[command(flatten)]
    pub apps: AppsOptions,
}

/// Runs it.
///
/// # Errors
///
/// When the preview could not be taken down, or the pull request could not be told.
pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    let subject = context.subject(&arguments.pull_request)?;
    let forge = context.forge(&arguments.pull_request, &subject.repository, arguments.apps.allow_http)?;
    let apps = context.apps(&arguments.apps, arguments.pull_request.github_token_file.as_deref())?;
    let request = Request {
        intent: Intent::Teardown { force: arguments.force },
        repository: subject.repository,
        number: subject.number,
        root: arguments.apps.path,
        images: BTreeMap::new(),
        patience: arguments.patience,
        dry_run: arguments.dry_run,
        run: context.run_url(),
        now: context.now,
    };
    let converged = converge(&request, &forge, &apps).await?;
    report::tell(converged, &request, arguments.format, context)
}
