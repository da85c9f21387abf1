//! What a preview is called.

use super::names::{Host, Namespace, PreviewName, PullRequestNumber};

/// The names of one pull request's preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The pull request.
    pub number: PullRequestNumber,
    /// The preview's name, and its directory's.
    pub name: PreviewName,
    /// The namespace that everything of it is in.
    pub namespace: Namespace,
    /// The DNS name under which it is reached.
    pub host: Host,
}

impl Identity {
    /// The address for a browser.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}", self.host)
    }
}
