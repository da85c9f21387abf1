//! `bivouac wait`.

mod progress;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::context::Context;
use super::listeners;
use super::options::{AppsOptions, Deployments, Format, ListenerOptions, PullRequestOptions, WaitOptions};
use super::report;
use crate::domain::decision::Intent;
use crate::effects::apps::Apps;
use crate::effects::forge::GitHub;
use crate::effects::notify::Notifier;
use crate::effects::probe::HttpProber;
use crate::error::Error;
use crate::usecases::wait::{Patience, World, wait};
use crate::usecases::{Converged, Request};
use progress::Watcher;

/// Wait until a pull request's preview is ready for its commit.
///
/// Asks the preview, or looks at what Flux says of the release on the commit, as `checks.ready` of `bivouac.yaml` has it, until
/// both are about the head commit; then tells the pull request. It commits nothing. A preview that is not ready in time is a
/// failure (exit code 12); a pull request that has moved on meanwhile is none.
#[derive(Debug, Args)]
pub struct Arguments {
    /// How long.
    #[command(flatten)]
    pub patience: WaitOptions,
    /// Wait, and tell the pull request nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The form of the result on standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// The environments that GitHub shows the previews in
    #[arg(long, value_enum, default_value_t)]
    pub deployments: Deployments,
    /// The file with the token that reads pull requests and writes comments and deployments; `BIVOUAC_GITHUB_TOKEN` or
    /// `GITHUB_TOKEN` holds the token itself
    #[arg(long, value_name = "FILE")]
    pub github_token_file: Option<PathBuf>,
    /// Which pull request.
    #[command(flatten)]
    pub pull_request: PullRequestOptions,
    /// Where its preview is recorded.
    #[command(flatten)]
    pub apps: AppsOptions,
    /// Who is told besides.
    #[command(flatten)]
    pub listeners: ListenerOptions,
}

/// Runs it.
///
/// # Errors
///
/// When the preview did not get ready, something could not be read, or the pull request could not be told.
pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    let (listeners, allow_http) = (arguments.listeners.clone(), arguments.apps.transport.allow_http);
    let run = async |notifier: &Notifier| Box::pin(wait_and_tell(arguments, notifier, context)).await;
    Box::pin(listeners::with(&listeners, allow_http, context, run)).await
}

async fn wait_and_tell(arguments: Arguments, notifier: &Notifier, context: &Context) -> Result<(), Error> {
    let subject = context.subject(&arguments.pull_request)?;
    let (token_file, environments) = (arguments.github_token_file.as_deref(), arguments.deployments.into());
    let forge = context.forge(token_file, &subject.repository, arguments.apps.transport.allow_http, environments)?;
    let apps = context.apps(&arguments.apps, token_file)?;
    let request = Request {
        intent: Intent::Deploy { made_for: subject.commit, is_explicit: subject.is_explicit },
        repository: subject.repository,
        number: subject.number,
        approval: None,
        question: None,
        push: None,
        root: arguments.apps.path,
        images: BTreeMap::new(),
        patience: Duration::ZERO,
        dry_run: arguments.dry_run,
        environments,
        run: context.run_url(),
        by: context.actor(),
        now: context.now,
        secrets: context.runner.known_secrets().clone(),
    };
    let waited = wait_for(&request, arguments.patience.wait_timeout, false, (&forge, notifier, &apps), context).await?;
    report::tell(waited, &request, arguments.format, context)
}

/// Waits for a preview with the world as it is; one that `is_just_put_up` has to be in the apps repository.
///
/// # Errors
///
/// When something could not be read, or nothing says when a preview is ready.
pub(super) async fn wait_for(
    request: &Request,
    timeout: Duration,
    is_just_put_up: bool,
    (forge, listeners, apps): (&GitHub, &Notifier, &Apps),
    context: &Context,
) -> Result<Converged, Error> {
    let prober = HttpProber::default();
    let world = World { forge, listeners, apps, prober: &prober };
    let mut watcher = Watcher::new(&context.runner);
    wait(request, Patience { timeout, is_just_put_up }, &world, &mut watcher).await
}
