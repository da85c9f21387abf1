//! What the apps repository's history says of a new generation: a subject for people, trailers for programs.

use std::fmt;

use super::record::Record;
use crate::domain::path::RepoPath;

/// The message of the commit that adds a record.
#[derive(Debug, Clone)]
pub struct EscrowMessage<'a> {
    /// The file.
    pub path: &'a RepoPath,
    /// The record that is added.
    pub record: &'a Record,
}

impl fmt::Display for EscrowMessage<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Record { generation, phase, environment, run_url, .. } = self.record;
        let scope = environment.clone().unwrap_or_else(|| self.path.to_string());
        writeln!(formatter, "escrow({}): generation {generation}, {phase}\n", one_line(&scope))?;
        writeln!(formatter, "Bivouac-Escrow: {}", self.path)?;
        writeln!(formatter, "Bivouac-Generation: {generation}")?;
        match run_url {
            Some(run) => writeln!(formatter, "Bivouac-Run: {}", one_line(run)),
            None => Ok(()),
        }
    }
}

/// A record that was read from somewhere may say anything.
fn one_line(text: &str) -> String {
    text.chars().map(|character| if character.is_control() { ' ' } else { character }).collect()
}
