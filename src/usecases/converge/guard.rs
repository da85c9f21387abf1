//! The guard in front of a commit, and of the plan that a dry run shows.

use super::Request;
use super::step::Step;
use crate::domain::guard::{Cleared, Guard, Leak};

impl Step {
    /// What is to be committed, searched for secrets; nothing when nothing changes.
    pub(super) fn cleared(&self, request: &Request) -> Result<Option<Cleared<'_>>, Leak> {
        let Some(message) = &self.message else { return Ok(None) };
        let known = request.secrets.known();
        let guard = Guard::new(&known).allowing(&self.configuration.document().checks.not_secret);
        let guard = if self.puts_up() { guard.rendering(self.overlay(request)) } else { guard };
        let change = guard.clear(&self.plan.edits, message)?;
        for found in change.allowed() {
            tracing::debug!("allowed by `checks.not-secret`: {found}");
        }
        Ok(Some(change))
    }
}
