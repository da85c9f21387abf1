//! The deployments and environments of the forge.

use jiff::Timestamp;

use super::super::EmulatorError;
use super::super::deployment::{
    Deployment, DeploymentStatus, DeploymentStatusState, NewDeployment, NewDeploymentStatus,
};
use super::super::state::State;
use super::Forge;

impl Forge {
    /// The deployments of a repository, the oldest first.
    ///
    /// # Errors
    ///
    /// When the repository is unknown.
    pub fn deployments(&self, repository: &str) -> Result<Vec<Deployment>, EmulatorError> {
        let state = self.lock();
        Ok(state.known(repository)?.deployments.all().map(|deployment| deployment.as_ref().clone()).collect())
    }

    /// Makes a deployment, in anybody's name; its environment comes into being with it.
    ///
    /// # Errors
    ///
    /// When the repository is unknown, or the reference is neither a commit of a pull request nor one in git.
    pub fn create_deployment(&self, repository: &str, new: NewDeployment) -> Result<Deployment, EmulatorError> {
        let now = (self.clock)();
        let mut state = self.lock();
        let found = state.known(repository)?.resolve(&new.reference);
        let sha = found.ok_or_else(|| EmulatorError::UnknownReference(new.reference.clone()))?;
        let deployment = made(new, state.next_small_identifier(), sha, now);
        state.add_environment(repository, &deployment.environment)?;
        state.repository(repository)?.deployments.insert(deployment.clone());
        Ok(deployment)
    }

    /// Gives a deployment a status, in anybody's name. A success makes others of the environment inactive, if it is
    /// to.
    ///
    /// # Errors
    ///
    /// When there is no such deployment.
    pub fn add_deployment_status(
        &self,
        repository: &str,
        id: u64,
        new: NewDeploymentStatus,
    ) -> Result<DeploymentStatus, EmulatorError> {
        let now = (self.clock)();
        let mut state = self.lock();
        let replaces = new.auto_inactive && new.state == DeploymentStatusState::Success;
        let creator = new.creator.clone();
        let status = add_status(&mut state, repository, id, new, now)?;
        state.add_environment(repository, &status.environment)?;
        if replaces {
            let deployments = &state.known(repository)?.deployments;
            let outdated = deployments.get(id).map(|deployment| deployments.outdated_by(deployment));
            for id in outdated.unwrap_or_default() {
                let inactive = NewDeploymentStatus {
                    creator: creator.clone(),
                    ..NewDeploymentStatus::of(DeploymentStatusState::Inactive)
                };
                add_status(&mut state, repository, id, inactive, now)?;
            }
        }
        Ok(status)
    }

    /// Deletes a deployment, active or not.
    ///
    /// # Errors
    ///
    /// When there is no such deployment.
    pub fn delete_deployment(&self, repository: &str, id: u64) -> Result<(), EmulatorError> {
        let removed = self.lock().repository(repository)?.deployments.remove(id);
        removed.map(drop).ok_or(EmulatorError::UnknownDeployment(id))
    }

    /// The names of a repository's environments, in their order.
    ///
    /// # Errors
    ///
    /// When the repository is unknown.
    pub fn environments(&self, repository: &str) -> Result<Vec<String>, EmulatorError> {
        let state = self.lock();
        Ok(state.known(repository)?.environments.all().map(|environment| environment.name.clone()).collect())
    }

    /// Deletes an environment. Its deployments stay: GitHub documents that its secrets and protection rules go, and
    /// says nothing of deployments, which keep the environment as a text of their own. The next deployment of that
    /// name brings the environment back.
    ///
    /// # Errors
    ///
    /// When there is no such environment.
    pub fn delete_environment(&self, repository: &str, name: &str) -> Result<(), EmulatorError> {
        let removed = self.lock().repository(repository)?.environments.remove(name);
        removed.map(drop).ok_or_else(|| EmulatorError::UnknownEnvironment(name.to_owned()))
    }

    /// Lets the deployments and environments that follow have the numbers from `first` on.
    ///
    /// They begin where GraphQL's `databaseId`, an `Int`, holds them. GitHub's own have outgrown that: from `1 << 31` on,
    /// `databaseId` is null here, as that of a comment is.
    pub fn number_deployments_from(&self, first: u64) {
        self.lock().next_small_identifier = first;
    }
}

fn made(new: NewDeployment, id: u64, sha: String, now: Timestamp) -> Deployment {
    Deployment {
        id,
        node_id: format!("DE_{id:x}"),
        reference: new.reference,
        sha,
        task: new.task,
        payload: new.payload,
        original_environment: new.environment.clone(),
        environment: new.environment,
        description: new.description,
        transient: new.transient,
        production: new.production,
        creator: new.creator,
        created_at: now,
        updated_at: now,
        statuses: Vec::new(),
    }
}

fn add_status(
    state: &mut State,
    repository: &str,
    id: u64,
    new: NewDeploymentStatus,
    now: Timestamp,
) -> Result<DeploymentStatus, EmulatorError> {
    let status_id = state.next_identifier();
    let deployments = &mut state.repository(repository)?.deployments;
    let mut deployment = deployments.get(id).ok_or(EmulatorError::UnknownDeployment(id))?.as_ref().clone();
    let status = DeploymentStatus {
        id: status_id,
        node_id: format!("DES_{status_id:x}"),
        state: new.state,
        environment: new.environment.unwrap_or_else(|| deployment.environment.clone()),
        environment_url: new.environment_url,
        log_url: new.log_url,
        description: new.description,
        creator: new.creator,
        created_at: now,
    };
    deployment.environment.clone_from(&status.environment);
    deployment.updated_at = now;
    deployment.statuses.push(status.clone());
    deployments.insert(deployment);
    Ok(status)
}
