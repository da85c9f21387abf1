//! What is said of commits.

use super::super::EmulatorError;
use super::super::commit_status::{CommitStatus, NewCommitStatus};
use super::Forge;

impl Forge {
    /// Posts a status on a commit, in anybody's name.
    ///
    /// # Errors
    ///
    /// When the repository or the commit is unknown.
    pub fn post_status(
        &self,
        repository: &str,
        sha: &str,
        new: NewCommitStatus,
    ) -> Result<CommitStatus, EmulatorError> {
        let created_at = (self.clock)();
        let mut state = self.lock();
        let found = state.known(repository)?.commit(sha);
        let sha = found.ok_or_else(|| EmulatorError::UnknownReference(sha.to_owned()))?;
        let status = CommitStatus { id: state.next_identifier(), said: new, created_at };
        state.repository(repository)?.statuses.entry(sha).or_default().push(status.clone());
        Ok(status)
    }
}
