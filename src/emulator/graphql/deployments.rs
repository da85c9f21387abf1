//! Deployments, the commits that they are of, and the environments that they are made to.

use std::rc::Rc;
use std::sync::Arc;

use super::super::deployment::{Deployment, DeploymentStatus, Environment};
use super::super::model::moment;
use super::super::state::Repository;
use super::actors::{Session, somebody};
use super::connection::{Connection, Key};
use super::execute::{Arguments, FieldError, Object, Resolved};
use super::git::{CommitNode, Place};
use super::repository::RepositoryNode;

/// The deployments of a repository, or of one commit of it. Understands `environments`, and the direction of `orderBy`.
pub(super) fn deployments(
    session: &Rc<Session>,
    repository: &Arc<Repository>,
    commit: Option<&str>,
    arguments: &Arguments,
) -> Result<Resolved, FieldError> {
    let found = repository.deployments.find(commit, arguments.list("environments").as_deref());
    let mut items: Vec<_> = found.into_iter().map(|of| (Key::Number(of.id), of)).collect();
    if arguments.is_descending() {
        items.reverse();
    }
    let node = |of: &Arc<Deployment>| -> Rc<dyn Object> { Rc::new(DeploymentNode::new(session, repository, of)) };
    Connection::page("deployments", "Deployment", items, node, arguments)
}

struct DeploymentNode {
    session: Rc<Session>,
    repository: Arc<Repository>,
    deployment: Arc<Deployment>,
}

impl DeploymentNode {
    fn new(session: &Rc<Session>, repository: &Arc<Repository>, deployment: &Arc<Deployment>) -> Self {
        Self { session: Rc::clone(session), repository: Arc::clone(repository), deployment: Arc::clone(deployment) }
    }

    fn commit(&self) -> Resolved {
        Resolved::object(CommitNode::new(Place::new(&self.session, &self.repository), self.deployment.sha.clone()))
    }

    fn status(&self, index: usize) -> StatusNode {
        StatusNode { of: Self::new(&self.session, &self.repository, &self.deployment), index }
    }

    fn latest_status(&self) -> Resolved {
        let latest = self.deployment.statuses.len().checked_sub(1);
        latest.map_or_else(Resolved::null, |latest| Resolved::object(self.status(latest)))
    }

    /// The newest first, as REST lists them; GitHub does not describe the order.
    fn statuses(&self, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let statuses = self.deployment.statuses.iter().enumerate().rev();
        let items = statuses.map(|(index, status)| (Key::Number(status.id), index)).collect();
        Connection::page("statuses", "DeploymentStatus", items, |index| Rc::new(self.status(index)), arguments)
    }
}

impl Object for DeploymentNode {
    fn type_name(&self) -> &'static str {
        "Deployment"
    }

    fn is(&self, type_name: &str) -> bool {
        matches!(type_name, "Deployment" | "Node")
    }

    fn field(&self, name: &str, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let of = &self.deployment;
        Ok(match name {
            "id" => Resolved::value(of.node_id.as_str()),
            // An Int of GraphQL has 32 bits.
            "databaseId" => Resolved::value(i32::try_from(of.id).ok()),
            "task" => Resolved::value(of.task.as_str()),
            "payload" => Resolved::value(of.payload.to_string()),
            "environment" | "latestEnvironment" => Resolved::value(of.environment.as_str()),
            "originalEnvironment" => Resolved::value(of.original_environment.as_str()),
            "description" => Resolved::value(of.description.clone()),
            "commitOid" => Resolved::value(of.sha.as_str()),
            "commit" => self.commit(),
            "state" => Resolved::value(of.state(self.session.forge.now())),
            "creator" => somebody(&self.session, &of.creator),
            "repository" => Resolved::object(RepositoryNode::new(&self.session, Arc::clone(&self.repository))),
            "latestStatus" => self.latest_status(),
            "statuses" => self.statuses(arguments)?,
            "createdAt" => Resolved::value(moment(of.created_at)),
            "updatedAt" => Resolved::value(moment(of.updated_at)),
            _ => return Err(FieldError::Unknown),
        })
    }
}

struct StatusNode {
    of: DeploymentNode,
    index: usize,
}

impl StatusNode {
    fn status(&self) -> &DeploymentStatus {
        &self.of.deployment.statuses[self.index]
    }
}

impl Object for StatusNode {
    fn type_name(&self) -> &'static str {
        "DeploymentStatus"
    }

    fn is(&self, type_name: &str) -> bool {
        matches!(type_name, "DeploymentStatus" | "Node")
    }

    fn field(&self, name: &str, _: &Arguments) -> Result<Resolved, FieldError> {
        let status = self.status();
        Ok(match name {
            "id" => Resolved::value(status.node_id.as_str()),
            "state" => Resolved::value(status.state.word().to_uppercase()),
            "environment" => Resolved::value(status.environment.as_str()),
            "environmentUrl" => said(&status.environment_url),
            "logUrl" => said(&status.log_url),
            "description" => Resolved::value(status.description.as_str()),
            "creator" => somebody(&self.of.session, &status.creator),
            "deployment" => {
                Resolved::object(DeploymentNode::new(&self.of.session, &self.of.repository, &self.of.deployment))
            }
            "createdAt" | "updatedAt" => Resolved::value(moment(status.created_at)),
            _ => return Err(FieldError::Unknown),
        })
    }
}

/// An environment.
pub(super) struct EnvironmentNode(Environment);

impl EnvironmentNode {
    pub(super) fn new(environment: &Environment) -> Self {
        Self(environment.clone())
    }
}

impl Object for EnvironmentNode {
    fn type_name(&self) -> &'static str {
        "Environment"
    }

    fn is(&self, type_name: &str) -> bool {
        matches!(type_name, "Environment" | "Node")
    }

    fn field(&self, name: &str, _: &Arguments) -> Result<Resolved, FieldError> {
        Ok(match name {
            "id" => Resolved::value(self.0.node_id.as_str()),
            "databaseId" => Resolved::value(i32::try_from(self.0.id).ok()),
            "name" => Resolved::value(self.0.name.as_str()),
            _ => return Err(FieldError::Unknown),
        })
    }
}

/// An address, or nothing where none was said.
fn said(address: &str) -> Resolved {
    if address.is_empty() { Resolved::null() } else { Resolved::value(address) }
}
