//! A repository's deployments and environments, to be found by more than their number.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::super::deployment::{Deployment, DeploymentStatusState, Environment};

/// The deployments by number, and the numbers by environment and by commit: a query asks for a hundred environments at
/// once, of thousands.
#[derive(Clone, Default)]
pub(crate) struct Deployments {
    all: BTreeMap<u64, Arc<Deployment>>,
    by_environment: BTreeMap<String, BTreeSet<u64>>,
    by_commit: BTreeMap<String, BTreeSet<u64>>,
}

impl Deployments {
    pub(crate) fn get(&self, id: u64) -> Option<&Arc<Deployment>> {
        self.all.get(&id)
    }

    /// All of them, the oldest first.
    pub(crate) fn all(&self) -> impl DoubleEndedIterator<Item = &Arc<Deployment>> {
        self.all.values()
    }

    /// Those of a commit and of some environments, the oldest first; without either, all.
    pub(crate) fn find(&self, commit: Option<&str>, environments: Option<&[&str]>) -> Vec<&Arc<Deployment>> {
        let found: Vec<_> = match (commit, environments) {
            (Some(commit), _) => self.numbered(self.by_commit.get(commit)).collect(),
            (None, Some([only])) => self.numbered(self.by_environment.get(*only)).collect(),
            (None, Some(several)) => {
                let numbers = several.iter().filter_map(|name| self.by_environment.get(*name)).flatten();
                numbers.collect::<BTreeSet<_>>().into_iter().filter_map(|id| self.all.get(id)).collect()
            }
            (None, None) => self.all.values().collect(),
        };
        let is_wanted =
            |of: &&Arc<Deployment>| environments.is_none_or(|names| names.contains(&of.environment.as_str()));
        found.into_iter().filter(is_wanted).collect()
    }

    pub(crate) fn insert(&mut self, deployment: Deployment) {
        self.remove(deployment.id);
        self.by_environment.entry(deployment.environment.clone()).or_default().insert(deployment.id);
        self.by_commit.entry(deployment.sha.clone()).or_default().insert(deployment.id);
        self.all.insert(deployment.id, Arc::new(deployment));
    }

    pub(crate) fn remove(&mut self, id: u64) -> Option<Arc<Deployment>> {
        let removed = self.all.remove(&id)?;
        for (index, key) in [(&mut self.by_environment, &removed.environment), (&mut self.by_commit, &removed.sha)] {
            if let Some(numbers) = index.get_mut(key) {
                numbers.remove(&id);
                if numbers.is_empty() {
                    index.remove(key);
                }
            }
        }
        Some(removed)
    }

    /// The deployments that a success of `deployment` makes inactive: "all prior non-transient, non-production
    /// environment deployments with the same repository and environment name" that had a success.
    pub(crate) fn outdated_by(&self, deployment: &Deployment) -> Vec<u64> {
        let same = self.find(None, Some(&[&deployment.environment]));
        let is_outdated = |of: &&Arc<Deployment>| {
            of.id < deployment.id
                && !of.transient
                && !of.production
                && of.latest() == Some(DeploymentStatusState::Success)
        };
        same.into_iter().filter(is_outdated).map(|of| of.id).collect()
    }

    /// Whether GitHub refuses to delete a deployment: it is the active one of its environment, and not the only one.
    /// A newer success takes the activity over.
    pub(crate) fn is_kept(&self, deployment: &Deployment) -> bool {
        let same = self.find(None, Some(&[&deployment.environment]));
        let active = same.iter().rfind(|of| of.latest() == Some(DeploymentStatusState::Success));
        active.is_some_and(|active| active.id == deployment.id) && same.len() > 1
    }

    fn numbered<'a>(&'a self, numbers: Option<&'a BTreeSet<u64>>) -> impl Iterator<Item = &'a Arc<Deployment>> {
        numbers.into_iter().flatten().filter_map(|id| self.all.get(id))
    }
}

/// The environments; GitHub does not tell capitals from small letters in their names.
#[derive(Clone, Default)]
pub(crate) struct Environments(BTreeMap<String, Environment>);

impl Environments {
    pub(crate) fn get(&self, name: &str) -> Option<&Environment> {
        self.0.get(&name.to_lowercase())
    }

    pub(crate) fn find(&mut self, name: &str) -> Option<&mut Environment> {
        self.0.get_mut(&name.to_lowercase())
    }

    /// All of them, by name.
    pub(crate) fn all(&self) -> impl Iterator<Item = &Environment> {
        self.0.values()
    }

    pub(crate) fn insert(&mut self, environment: Environment) {
        self.0.insert(environment.name.to_lowercase(), environment);
    }

    pub(crate) fn remove(&mut self, name: &str) -> Option<Environment> {
        self.0.remove(&name.to_lowercase())
    }
}
