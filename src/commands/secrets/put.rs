//! `bivouac secrets put`.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::options::{OneOptions, key};
use super::{input, show};
use crate::commands::context::Context;
use crate::commands::options::parse_duration;
use crate::domain::deployment::Environments;
use crate::domain::preview_secrets::Way;
use crate::error::Error;
use crate::usecases::secrets::{Put, put, target};

/// Put values for one preview into the Vault.
///
/// They come from standard input or a file, never from an argument: lines `KEY=VALUE`, a JSON object, or with `--key` one value
/// alone. They go over those that are there already. The pull request has to be open, and not from a fork.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The key of the one value that all of the input is; its last line end is left out
    #[arg(long, value_name = "KEY")]
    pub key: Option<String>,
    /// The file with the values; standard input if not given
    #[arg(long, value_name = "FILE")]
    pub file: Option<PathBuf>,
    /// What the writing verbs share.
    #[command(flatten)]
    pub writing: WritingOptions,
    /// Whose.
    #[command(flatten)]
    pub one: OneOptions,
}

/// What `put` and `copy` share.
#[derive(Debug, Clone, Args)]
pub struct WritingOptions {
    /// Leave nothing of what is there: the preview has exactly these values then
    #[arg(long)]
    pub replace: bool,
    /// How long to go on when others write the same secrets
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = parse_duration)]
    pub patience: Duration,
    /// The file with the token that reads pull requests; `BIVOUAC_GITHUB_TOKEN` or `GITHUB_TOKEN` holds the token itself
    #[arg(long, value_name = "FILE")]
    pub github_token_file: Option<PathBuf>,
}

impl WritingOptions {
    pub(super) fn way(&self) -> Way {
        if self.replace { Way::Replace } else { Way::Merge }
    }
}

/// Runs it.
///
/// # Errors
///
/// When the values can not be used, may not be put, or the Vault can not be asked.
pub(super) async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    let Arguments { writing, one, .. } = arguments;
    let key = arguments.key.as_deref().map(key).transpose()?;
    let door = one.vault.door_of_any(context)?;
    let token_file = writing.github_token_file.as_deref();
    let allow_http = one.apps.transport.allow_http;
    let apps = context.apps(&one.apps, token_file)?;
    let request = one.request(&apps, context).await?;
    let forge = context.forge(token_file, &request.repository, allow_http, Environments::Off)?;
    let values = input::values(arguments.file.as_deref(), key.as_ref()).await?;
    let target = target(&request, &forge, &apps).await?;
    let how = Put { target: &target, way: writing.way(), patience: writing.patience, dry_run: one.dry_run };
    let done = put(&how, &values, &door.safe()).await?;
    show::done(&done, &target, one.dry_run, one.format, context)
}
