//! Where and why `bivouac.yaml` can not be used.

use crate::domain::path::RepoPath;

/// `bivouac.yaml` can not be used: where, what is wrong, and what would be right.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{file}` line {line}, column {column}: {message}")]
pub struct ConfigurationError {
    pub(super) file: RepoPath,
    pub(super) line: usize,
    pub(super) column: usize,
    pub(super) message: String,
}

impl ConfigurationError {
    /// The file that is meant.
    #[must_use]
    pub fn file(&self) -> &RepoPath {
        &self.file
    }

    /// The line that is meant, from 1.
    #[must_use]
    pub fn line(&self) -> usize {
        self.line
    }

    /// What is wrong there, and what would be right.
    #[must_use]
    pub fn message(&self) -> &str {
        &self.message
    }
}
