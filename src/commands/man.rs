//! `bivouac man`.

use std::fs;
use std::path::PathBuf;

use clap::{Args, Command};

use crate::error::Error;

/// Write the manual pages into a directory.
///
/// One for the program and one for each command; they say what the help says. `man -l FILE` shows one.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Where to; it is made when there is none
    #[arg(value_name = "DIRECTORY")]
    pub directory: PathBuf,
}

/// Runs it, for the command line `command`.
///
/// # Errors
///
/// When a page can not be written.
pub fn run(arguments: &Arguments, command: Command) -> Result<(), Error> {
    let directory = &arguments.directory;
    fs::create_dir_all(directory)
        .and_then(|()| clap_mangen::generate_to(command, directory))
        .map_err(|why| Error::local(format!("the manual pages can not be written to `{}`", directory.display()), why))
}
