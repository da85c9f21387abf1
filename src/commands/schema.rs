//! `bivouac schema`.

use clap::{Args, ValueEnum};

use super::report;
use crate::domain::configuration::Document;
use crate::domain::lifecycle::PreviewEvent;
use crate::domain::vault::wanted;
use crate::error::Error;

/// Print the JSON Schema of `bivouac.yaml`, of another file, or of the events that listeners are told.
///
/// For editors: save it, and name it in the first line of the file as `# yaml-language-server: $schema=PATH`.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The file that it describes
    #[arg(value_enum, value_name = "FILE", default_value_t = File::Configuration)]
    pub file: File,
}

/// A file that has a schema.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum File {
    /// `bivouac.yaml`, the configuration of an application's previews.
    Configuration,
    /// The desired state of a Vault, for `bootstrap-vault`.
    Vault,
    /// The data of the events that listeners are told, which are no file.
    Event,
}

/// Runs it.
///
/// # Errors
///
/// When standard output can not be written.
#[expect(clippy::needless_pass_by_value, reason = "as every command's")]
pub fn run(arguments: Arguments) -> Result<(), Error> {
    report::print(&format!("{}\n", text(arguments.file)))
}

/// The schema, as indented JSON.
#[must_use]
pub fn text(file: File) -> String {
    let schema = match file {
        File::Configuration => schemars::schema_for!(Document),
        File::Vault => schemars::schema_for!(wanted::Document),
        File::Event => schemars::schema_for!(PreviewEvent),
    };
    serde_json::to_string_pretty(&schema).unwrap_or_else(|_| unreachable!("a schema is always JSON"))
}
