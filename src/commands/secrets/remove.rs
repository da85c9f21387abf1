//! `bivouac secrets remove`.

use std::path::PathBuf;

use clap::Args;

use super::options::OneOptions;
use super::show;
use crate::commands::context::Context;
use crate::error::Error;
use crate::usecases::secrets::{Verdict, removal, remove};

/// Remove what one preview has for itself in the Vault, with all versions.
///
/// What previews share stays. It works for a pull request that is closed, or gone: the forge is not asked. Where there is nothing,
/// that is a success.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The file with the token that stands in for the apps repository's; `BIVOUAC_GITHUB_TOKEN` or `GITHUB_TOKEN` holds the
    /// token itself
    #[arg(long, value_name = "FILE")]
    pub github_token_file: Option<PathBuf>,
    /// Whose.
    #[command(flatten)]
    pub one: OneOptions,
}

/// Runs it.
///
/// # Errors
///
/// When the apps repository can not be read, or the Vault can not be asked.
pub(super) async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    let Arguments { one, github_token_file } = arguments;
    let door = one.vault.door_of_any(context)?;
    let apps = context.apps(&one.apps, github_token_file.as_deref())?;
    let request = one.request(&apps, context).await?;
    let removal = removal(&request, &apps).await?;
    let (removed, failed) = remove(&removal, one.dry_run, &door.safe()).await?.apart();
    match failed {
        // What was removed of several is told, and not that there was nothing where that is not known.
        Some(why) if removed.iter().all(|one| one.verdict == Verdict::Absent) => Err(why.into()),
        Some(why) => show::removed(&removed, &request, one.dry_run, one.format, context).and(Err(why.into())),
        None => show::removed(&removed, &request, one.dry_run, one.format, context),
    }
}
