//! `bivouac deploy`.

use std::collections::BTreeMap;
use std::time::Duration;

use clap::Args;

use super::context::Context;
use super::options::{AppsOptions, Format, PullRequestOptions, parse_duration, parse_image};
use super::report;
use crate::domain::decision::Intent;
use crate::domain::names::{ImageName, ImageTag};
use crate::error::Error;
use crate::usecases::{Request, converge};

/// Put a pull request's preview up, or bring it up to date.
///
/// Reads the pull request as it is now, writes its overlay and its line in the roster in one commit, and tells the pull
/// request. Run twice it changes nothing. For a pull request that has closed, it takes the preview down.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The tag of an image; the head commit if not given. May be repeated
    #[arg(long, value_name = "NAME=TAG", value_parser = parse_image)]
    pub image: Vec<(ImageName, ImageTag)>,
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
    /// Where to.
    #[command(flatten)]
    pub apps: AppsOptions,
}

/// Runs it.
///
/// # Errors
///
/// When the preview could not be made what it should be, or the pull request could not be told.
pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    let images: BTreeMap<_, _> = arguments.image.iter().cloned().collect();
    if images.len() < arguments.image.len() {
        let message = "an image is given two tags".to_owned();
        return Err(Error::Usage { message, hint: "give each `--image` once" });
    }
    let subject = context.subject(&arguments.pull_request)?;
    let forge = context.forge(&arguments.pull_request, &subject.repository, arguments.apps.allow_http)?;
    let apps = context.apps(&arguments.apps, arguments.pull_request.github_token_file.as_deref())?;
    let request = Request {
        intent: Intent::Deploy { made_for: subject.commit },
        repository: subject.repository,
        number: subject.number,
        root: arguments.apps.path,
        images,
        patience: arguments.patience,
        dry_run: arguments.dry_run,
        run: context.run_url(),
        now: context.now,
    };
    let converged = converge(&request, &forge, &apps).await?;
    report::tell(converged, &request, arguments.format, context)
}
