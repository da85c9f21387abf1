//! `bivouac teardown`.

use std::collections::BTreeMap;

use clap::Args;

use super::context::Context;
use super::options::PreviewOptions;
use super::preview;
use crate::domain::decision::Intent;
use crate::error::Error;

/// Take a pull request's preview down.
///
/// Removes the overlay and its line in the list of previews in one commit, and tells the pull request. The preview of a pull
/// request that is open in fact is kept, unless `--force` is given. Where there is no preview, that is a success.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Take the preview down even when the pull request is open
    #[arg(long)]
    pub force: bool,
    /// What `deploy` takes too.
    #[command(flatten)]
    pub preview: PreviewOptions,
}

/// Runs it.
///
/// # Errors
///
/// When the preview could not be taken down, or the pull request could not be told.
pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    let intent = Intent::Teardown { force: arguments.force };
    Box::pin(preview::run(|_, _| intent, BTreeMap::new(), arguments.preview, None, context)).await
}
