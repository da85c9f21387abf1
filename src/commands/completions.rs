//! `bivouac completions`.

use clap::{Args, Command};
use clap_complete::Shell;

use super::report;
use crate::error::Error;

/// Print what makes a shell complete Bivouac's commands and options.
///
/// For bash, for example: `bivouac completions bash > ~/.local/share/bash-completion/completions/bivouac`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The shell
    #[arg(value_name = "SHELL")]
    pub shell: Shell,
}

/// Runs it, for the command line `command`.
///
/// # Errors
///
/// When standard output can not be written.
pub fn run(arguments: &Arguments, mut command: Command) -> Result<(), Error> {
    let mut script = Vec::new();
    clap_complete::generate(arguments.shell, &mut command, "bivouac", &mut script);
    report::print(&String::from_utf8_lossy(&script))
}
