//! `bivouac bootstrap-vault`.

use clap::Args;

use crate::error::Error;

/// Bring up the Vault that previews take their secrets from. Not available yet.
///
/// These are the options that the workflow `bootstrap-vault.yml` gives. Until the command is there, it reads nothing, writes
/// nothing, and ends with code 2.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The address of a node, never of a load balancer. May be repeated
    #[arg(long, value_name = "URL")]
    pub vault_address: Vec<String>,
    /// The environment that the Vault is for
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// Report what differs from what is wanted, and write nothing
    #[arg(long)]
    pub check: bool,
    /// Show the steps, and write nothing
    #[arg(long)]
    pub dry_run: bool,
}

/// Runs it.
///
/// # Errors
///
/// Always: it is not available yet.
pub fn run(_: &Arguments) -> Result<(), Error> {
    let message = "`bootstrap-vault` is not available yet".to_owned();
    Err(Error::Usage {
        message,
        hint: "nothing was read or written; bring the Vault up by hand until a release has it",
    })
}
