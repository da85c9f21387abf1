//! `bivouac secrets`.

mod copy;
mod gone;
mod input;
mod list;
mod options;
mod put;
mod remove;
mod show;

use clap::{Args, Subcommand};

pub use options::VaultOptions;

pub(super) use gone::{take_along, told};
pub(super) use options::{Door, Named};

use super::bootstrap_vault::leave_no_core_dump;
use super::context::Context;
use crate::error::Error;

/// Look after the secrets that a preview has for itself in a Vault.
///
/// What all previews of an application share is at the `path` that `secrets` of `bivouac.yaml` names; what one preview has for
/// itself is beside it, at `path/NAME`, and goes with the preview. Values are never arguments and are never shown. A pull request
/// from a fork gets none.
#[derive(Debug, Args)]
pub struct Arguments {
    /// What to do with them.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What there is to do with a preview's own secrets.
#[derive(Debug, Subcommand)]
#[expect(
    missing_docs,
    reason = "clap would take a doc comment here for the help, which is beside each verb's arguments"
)]
pub enum Verb {
    Put(put::Arguments),
    Copy(copy::Arguments),
    List(list::Arguments),
    Remove(remove::Arguments),
}

/// Runs it.
///
/// # Errors
///
/// When it may not be done, the Vault can not be asked, or it refuses.
pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    leave_no_core_dump();
    match arguments.verb {
        Verb::Put(arguments) => put::run(arguments, context).await,
        Verb::Copy(arguments) => copy::run(arguments, context).await,
        Verb::List(arguments) => list::run(arguments, context).await,
        Verb::Remove(arguments) => remove::run(arguments, context).await,
    }
}
