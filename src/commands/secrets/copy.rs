//! `bivouac secrets copy`.

use clap::Args;

use super::options::{OneOptions, key};
use super::put::WritingOptions;
use super::show;
use crate::commands::context::Context;
use crate::domain::deployment::Environments;
use crate::domain::vault::wanted::SecretPath;
use crate::error::Error;
use crate::usecases::secrets::{Copy, Put, copy, target};

/// Copy values within the Vault to those of one preview.
///
/// They go over those that are there already, as with `put`. The pull request has to be open, and not from a fork.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Where the values are, below the mount: `previews/wildside`, or those of another stage
    #[arg(long, value_name = "PATH")]
    pub from: SecretPath,
    /// A key to copy; all of them if not given. May be repeated
    #[arg(long, value_name = "KEY")]
    pub key: Vec<String>,
    /// What the writing verbs share.
    #[command(flatten)]
    pub writing: WritingOptions,
    /// Whose.
    #[command(flatten)]
    pub one: OneOptions,
}

/// Runs it.
///
/// # Errors
///
/// When there are none, they may not be put, or the Vault can not be asked.
pub(super) async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    let Arguments { from, writing, one, .. } = arguments;
    let keys = arguments.key.iter().map(|text| key(text)).collect::<Result<Vec<_>, _>>()?;
    let door = one.vault.door_of_any(context)?;
    let token_file = writing.github_token_file.as_deref();
    let allow_http = one.apps.transport.allow_http;
    let apps = context.apps(&one.apps, token_file)?;
    let request = one.request(&apps, context).await?;
    let forge = context.forge(token_file, &request.repository, allow_http, Environments::Off)?;
    let target = target(&request, &forge, &apps).await?;
    let how = Put { target: &target, way: writing.way(), patience: writing.patience, dry_run: one.dry_run };
    let done = copy(&Copy { from: &from, keys: &keys }, &how, &door.safe()).await?;
    show::done(&done, &target, one.dry_run, one.format, context)
}
