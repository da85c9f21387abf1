//! `bivouac secrets list`.

use std::path::PathBuf;

use clap::Args;

use super::VaultOptions;
use super::options::secret_name;
use super::show;
use crate::commands::context::Context;
use crate::commands::options::{AppsOptions, Format};
use crate::domain::names::{PullRequestNumber, RepositoryName};
use crate::error::Error;
use crate::usecases::secrets::{ListRequest, list};

/// Show which previews have secrets of their own in the Vault, without their values.
///
/// Of each: the path, its version and when that was written, whose it is, until when, and whether there is such a preview.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Which of `secrets` of `bivouac.yaml`, by its name; all of them if not given
    #[arg(long, value_name = "NAME")]
    pub secret: Option<String>,
    /// The pull request; all of them if not given
    #[arg(long, value_name = "NUMBER")]
    pub pull_request: Option<PullRequestNumber>,
    /// The application repository, if it is to be checked that `bivouac.yaml` names it
    #[arg(long, value_name = "OWNER/NAME")]
    pub repository: Option<RepositoryName>,
    /// The form of the result on standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// The file with the token that stands in for the apps repository's; `BIVOUAC_GITHUB_TOKEN` or `GITHUB_TOKEN` holds the
    /// token itself
    #[arg(long, value_name = "FILE")]
    pub github_token_file: Option<PathBuf>,
    /// Which apps repository.
    #[command(flatten)]
    pub apps: AppsOptions,
    /// Which Vault.
    #[command(flatten)]
    pub vault: VaultOptions,
}

/// Runs it.
///
/// # Errors
///
/// When the apps repository can not be read, or the Vault can not be asked.
pub(super) async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    let Arguments { secret, pull_request, repository, format, github_token_file, apps: options, vault } = arguments;
    let request = ListRequest {
        root: options.path.clone(),
        repository,
        secret: secret_name(secret.as_deref())?,
        number: pull_request,
    };
    let door = vault.door_of_any(context)?;
    let apps = context.apps(&options, github_token_file.as_deref())?;
    let (listed, failed) = list(&request, &apps, &door.safe()).await?;
    if failed.is_empty() || !listed.is_empty() {
        show::listed(&listed, pull_request, format)?;
    }
    let mut failed = failed.into_iter();
    let first = failed.next();
    failed.for_each(|why| tracing::error!("besides, {}", crate::error::with_causes(&why)));
    first.map_or(Ok(()), |why| Err(why.into()))
}
