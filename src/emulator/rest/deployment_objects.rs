//! The JSON objects of deployments.

use serde_json::{Value, json};

use super::super::deployment::{Deployment, DeploymentStatus};
use super::super::model::moment;
use super::objects::Objects;

impl Objects<'_> {
    pub(super) fn deployment(&self, repository: &str, deployment: &Deployment) -> Value {
        let address = self.deployment_url(repository, deployment);
        json!({
            "url": address,
            "id": deployment.id,
            "node_id": deployment.node_id,
            "sha": deployment.sha,
            "ref": deployment.reference,
            "task": deployment.task,
            "payload": deployment.payload,
            "original_environment": deployment.original_environment,
            "environment": deployment.environment,
            "description": deployment.description,
            "creator": self.user(&deployment.creator),
            "created_at": moment(deployment.created_at),
            "updated_at": moment(deployment.updated_at),
            "statuses_url": format!("{address}/statuses"),
            "repository_url": self.repository_url(repository),
            "transient_environment": deployment.transient,
            "production_environment": deployment.production,
            "performed_via_github_app": null,
        })
    }

    pub(super) fn deployment_status(
        &self,
        repository: &str,
        deployment: &Deployment,
        status: &DeploymentStatus,
    ) -> Value {
        let address = self.deployment_url(repository, deployment);
        json!({
            "url": format!("{address}/statuses/{}", status.id),
            "id": status.id,
            "node_id": status.node_id,
            "state": status.state.word(),
            "creator": self.user(&status.creator),
            "description": status.description,
            "environment": status.environment,
            // The older name of the same.
            "target_url": status.log_url,
            "log_url": status.log_url,
            "environment_url": status.environment_url,
            "created_at": moment(status.created_at),
            "updated_at": moment(status.created_at),
            "deployment_url": address,
            "repository_url": self.repository_url(repository),
            "performed_via_github_app": null,
        })
    }

    fn deployment_url(&self, repository: &str, deployment: &Deployment) -> String {
        format!("{}/deployments/{}", self.repository_url(repository), deployment.id)
    }
}
