//! `bivouac escrow`.

mod options;
mod rekey;
mod show;
mod verify;

use clap::{Args, Subcommand};

pub use options::{EscrowOptions, cipher, new_run, parse_environment, sinks};

use super::context::Context;
use crate::error::Error;

/// Look after the escrow: the encrypted record of what a Vault's initialisation returned.
///
/// It is kept in a file or in the apps repository, one generation a line, and nothing in it is ever overwritten. Only its
/// recipients can open it: each of them alone.
#[derive(Debug, Args)]
pub struct Arguments {
    /// What to do with it.
    #[command(subcommand)]
    pub verb: Verb,
}

/// What there is to do with an escrow.
#[derive(Debug, Subcommand)]
#[expect(
    missing_docs,
    reason = "clap would take a doc comment here for the help, which is beside each verb's arguments"
)]
pub enum Verb {
    Show(show::Arguments),
    Verify(verify::Arguments),
    Rekey(rekey::Arguments),
}

/// Runs it.
///
/// # Errors
///
/// When the escrow can not be read, opened or written, or its places disagree.
pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    match arguments.verb {
        Verb::Show(arguments) => show::run(arguments, context).await,
        Verb::Verify(arguments) => verify::run(arguments, context).await,
        Verb::Rekey(arguments) => rekey::run(arguments, context).await,
    }
}
