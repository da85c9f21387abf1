//! The numbers of deployments. GraphQL's are `Int`s of 32 bits, which GitHub's have outgrown: what it does not tell is known
//! from our own comments, or asked of REST.

use std::collections::BTreeMap;

use http::Method;
use serde_json::Value;

use super::GitHub;
use super::reading::Unnumbered;
use crate::domain::comment::Marker;
use crate::domain::conversation::OurComment;
use crate::domain::deployment::{Deployment, DeploymentId, Standing};
use crate::domain::names::CommitId;
use crate::ports::ForgeError;

/// The most pages of one list that are read.
const PAGES: usize = 30;

impl GitHub {
    /// Finds the numbers that a comment of ours does not tell, for the deployments that are not over: commit by commit.
    pub(super) async fn numbered(&self, read: Vec<Unnumbered>, comments: &[OurComment]) -> Vec<Deployment> {
        let markers: Vec<_> = comments.iter().filter_map(|comment| Marker::read(&comment.body)).collect();
        let mut deployments = Vec::new();
        for Unnumbered { mut deployment, node } in read {
            deployment.id = deployment.id.or_else(|| told(&deployment, &markers));
            if is_needed(&deployment) {
                match self.numbers(&deployment.environment, deployment.commit.as_ref(), &[&node]).await {
                    Ok(numbers) => deployment.id = numbers.get(&node).copied(),
                    Err(error) => tracing::warn!("the number of a deployment is not known: {error}"),
                }
            }
            deployments.push(deployment);
        }
        deployments
    }

    /// Finds the numbers of the deployments that are not over, environment by environment.
    pub(super) async fn all_numbered(&self, read: Vec<Unnumbered>) -> Result<Vec<Deployment>, ForgeError> {
        let mut missing: BTreeMap<&str, Vec<&String>> = BTreeMap::new();
        for Unnumbered { deployment, node } in read.iter().filter(|read| is_needed(&read.deployment)) {
            missing.entry(&deployment.environment).or_default().push(node);
        }
        let mut numbers = BTreeMap::new();
        for (environment, nodes) in missing {
            numbers.extend(self.numbers(environment, None, &nodes).await?);
        }
        let number = |Unnumbered { mut deployment, node }| {
            deployment.id = deployment.id.or_else(|| numbers.get(&node).copied());
            deployment
        };
        Ok(read.into_iter().map(number).collect())
    }

    /// Lists deployments until those of `nodes` are among them.
    async fn numbers(
        &self,
        environment: &str,
        commit: Option<&CommitId>,
        nodes: &[&String],
    ) -> Result<BTreeMap<String, DeploymentId>, ForgeError> {
        let commit = commit.map_or_else(String::new, |commit| format!("&sha={commit}"));
        let environment = environment.replace('/', "%2F");
        let mut found = BTreeMap::new();
        for page in 1..=PAGES {
            let path = format!("deployments?environment={environment}{commit}&per_page=100&page={page}");
            let listed = self.done(self.write(Method::GET, &path, "list deployments", true)).await?;
            let listed = listed.as_array().map_or(&[][..], Vec::as_slice);
            let number =
                |one: &Value| Some((one.get("node_id")?.as_str()?.to_owned(), DeploymentId(one.get("id")?.as_u64()?)));
            found.extend(listed.iter().filter_map(number));
            if listed.len() < 100 || nodes.iter().all(|node| found.contains_key(*node)) {
                break;
            }
        }
        Ok(found)
    }
}

/// The number that our comment names, if it is about this deployment.
fn told(deployment: &Deployment, markers: &[Marker]) -> Option<DeploymentId> {
    let payload = deployment.payload.as_ref()?;
    let is_about =
        |marker: &&Marker| marker.application == payload.application && marker.generation == payload.generation;
    markers.iter().find(is_about)?.deployment
}

/// Whether something may have to be told of it, so that its number is needed.
fn is_needed(deployment: &Deployment) -> bool {
    deployment.id.is_none() && deployment.payload.is_some() && deployment.standing != Standing::Inactive
}
