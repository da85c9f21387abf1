//! The apps repository through GitHub's interfaces alone: nothing is cloned, and the commit is GitHub's own.

mod archive;
mod commit;
mod download;
mod known;
mod lost;
mod questions;
mod reading;
mod remote;
mod snapshot;
mod verdict;

pub use snapshot::GitHubSnapshot;

use std::sync::Arc;

use jiff::Timestamp;
use reqwest::Client;
use serde_json::json;

use super::operations::OBSERVE_BRANCHES;
use super::{Addresses, Interface};
use crate::domain::guard::Cleared;
use crate::domain::names::{BranchName, RepositoryName};
use crate::ports::{AppsError, AppsRepository, Committed, Need};
use crate::secret::Secret;
use known::Known;
use questions::{Question, Revision};
use remote::Remote;

/// One branch of a repository on GitHub.
pub struct GitHubRepository {
    remote: Arc<Remote>,
    branch: Option<BranchName>,
}

impl GitHubRepository {
    /// The branch of the repository `name`, which is called `shown` in messages; its default branch where none is named.
    ///
    /// # Errors
    ///
    /// When an address of the forge is no URL, or is plain HTTP over a network without `allow_http`.
    pub fn new(
        http: &Client,
        addresses: &Addresses,
        token: &Secret,
        name: RepositoryName,
        shown: String,
        branch: Option<BranchName>,
        allow_http: bool,
    ) -> Result<Self, AppsError> {
        let connect = |address: &str| Interface::connect(http, address, Some(token), allow_http);
        let interfaces = connect(&addresses.rest).and_then(|rest| Ok((rest, connect(&addresses.graphql)?)));
        let (rest, graphql) = interfaces.map_err(|why| remote::error(&shown, why))?;
        Ok(Self { remote: Arc::new(Remote { http: http.clone(), rest, graphql, name, shown }), branch })
    }

    /// Why there is no tip to read.
    async fn no_tip(&self) -> AppsError {
        let repository = self.remote.shown.clone();
        let known = match self.known_branches().await {
            Ok(known) => known,
            Err(error) => return error,
        };
        match &self.branch {
            Some(branch) => AppsError::NoBranch { repository, branch: branch.clone(), known },
            None => AppsError::NoDefaultBranch { repository, known },
        }
    }

    async fn known_branches(&self) -> Result<String, AppsError> {
        let (name, text) = (OBSERVE_BRANCHES.name, OBSERVE_BRANCHES.text);
        let told = self.remote.ask(name, text, json!({}), "read its branches").await?;
        let nodes = told.pointer("/refs/nodes").and_then(|nodes| nodes.as_array()).into_iter().flatten();
        let names = nodes.filter_map(|node| node.get("name")?.as_str());
        let names: Vec<_> =
            names.filter_map(|name| name.parse::<BranchName>().ok()).map(|name| format!("`{name}`")).collect();
        Ok(names.join(", "))
    }
}

impl AppsRepository for GitHubRepository {
    type Snapshot = GitHubSnapshot;

    async fn observe(&self, needs: &[Need]) -> Result<GitHubSnapshot, AppsError> {
        let mut known = Known::default();
        let asks = known.missing(needs);
        let question = Question::new(Revision::Tip(self.branch.as_ref()), &asks);
        let mut told = self.remote.ask(question.name, &question.text, question.variables, "read it").await?;
        if told.get("isEmpty").and_then(serde_json::Value::as_bool) == Some(true) {
            return Err(AppsError::Empty { repository: self.remote.shown.clone() });
        }
        let (Some(first), Some(last)) = (reading::tip(&told, "first"), reading::tip(&told, "last")) else {
            return Err(self.no_tip().await);
        };
        if first == last {
            reading::learn(&mut known, &mut told, &asks).map_err(|why| self.remote.senseless(&why))?;
        } else {
            // What was read in between may be of either. The commit itself does not move.
            tracing::debug!("the branch moved while it was read: reading its tip again");
        }
        tracing::debug!(branch = last.branch, tip = last.oid, "read the apps repository");
        let snapshot = GitHubSnapshot::new(Arc::clone(&self.remote), last, known);
        snapshot.read(needs).await?;
        Ok(snapshot)
    }

    async fn commit(
        &self,
        snapshot: &GitHubSnapshot,
        change: &Cleared<'_>,
        _at: Timestamp,
    ) -> Result<Committed, AppsError> {
        snapshot.commit(change).await
    }
}
