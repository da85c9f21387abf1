//! `bivouac schema`.

use clap::Args;

use super::report;
use crate::domain::configuration::Document;
use crate::error::Error;

/// Print the JSON Schema of `bivouac.yaml`.
///
/// For editors: save it, and name it in the first line of the file as `# yaml-language-server: $schema=PATH`.
#[derive(Debug, Args)]
pub struct Arguments {}

/// Runs it.
///
/// # Errors
///
/// When standard output can not be written.
pub fn run(_: Arguments) -> Result<(), Error> {
    report::print(&format!("{}\n", text()))
}

/// The schema, as indented JSON.
#[must_use]
pub fn text() -> String {
    serde_json::to_string_pretty(&schemars::schema_for!(Document))
        .unwrap_or_else(|_| unreachable!("a schema is always JSON"))
}
