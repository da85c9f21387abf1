//! `bivouac deploy`.

use std::collections::BTreeMap;

use clap::Args;

use super::context::Context;
use super::options::{GateOptions, PreviewOptions, WaitOptions, parse_image};
use super::preview::{self, Beyond};
use crate::domain::decision::Intent;
use crate::domain::names::{ImageName, ImageTag};
use crate::error::Error;

/// Put a pull request's preview up, or bring it up to date.
///
/// Reads the pull request as it is now, writes its overlay and its line in the list of previews in one commit, and tells the pull
/// request. Run twice it changes nothing. For a pull request that has closed, it takes the preview down. One that the rules of
/// `bivouac.yaml` refuse is told why, and that is no failure. With `--wait` it ends when the preview is ready for its commit.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The tag of an image; the head commit if not given. May be repeated
    #[arg(long, value_name = "NAME=TAG", value_parser = parse_image)]
    pub image: Vec<(ImageName, ImageTag)>,
    /// What a commit has to pass.
    #[command(flatten)]
    pub gate: GateOptions,
    /// Wait until the preview is ready for its commit, and tell the pull request what came of it
    #[arg(long)]
    pub wait: bool,
    /// How long.
    #[command(flatten)]
    pub patience: WaitOptions,
    /// What `teardown` takes too.
    #[command(flatten)]
    pub preview: PreviewOptions,
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
    let intent = |made_for, is_explicit| Intent::Deploy { made_for, is_explicit };
    let timeout = arguments.wait.then_some(arguments.patience.wait_timeout);
    let beyond = Beyond { gate: &arguments.gate, timeout };
    Box::pin(preview::run(intent, images, arguments.preview, Some(beyond), context)).await
}
