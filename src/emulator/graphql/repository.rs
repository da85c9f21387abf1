//! Repositories.

use std::rc::Rc;
use std::sync::Arc;

use super::super::accounts::Access;
use super::super::deployment::Environment;
use super::super::model::{Actor, PullRequest, moment};
use super::super::state::Repository;
use super::actors::{Session, actor};
use super::connection::{Connection, Key};
use super::deployments::{EnvironmentNode, deployments};
use super::execute::{Arguments, FieldError, Object, Resolved, missing, not_found, required};
use super::git::Place;
use super::pull_request::{PullRequestNode, state};

/// A repository as it was when the query began.
pub(super) struct RepositoryNode(Rc<Session>, Arc<Repository>);

impl RepositoryNode {
    pub(super) fn new(session: &Rc<Session>, repository: Arc<Repository>) -> Self {
        Self(Rc::clone(session), repository)
    }

    fn pull_request(&self, of: &Arc<PullRequest>) -> PullRequestNode {
        PullRequestNode::new(&self.0, &self.1, of)
    }

    fn numbered(&self, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let number = arguments.integer("number").ok_or_else(|| missing("number"))?;
        let found = u64::try_from(number).ok().and_then(|number| self.1.pull_requests.get(&number));
        match found {
            Some(found) => Ok(Resolved::object(self.pull_request(found))),
            None => Err(not_found(format!("Could not resolve to a PullRequest with the number of {number}."))),
        }
    }

    /// Understands `states`, `labels`, `headRefName`, `baseRefName` and `orderBy`, the latter by creation whatever its field.
    fn pull_requests(&self, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let (states, labels) = (arguments.list("states"), arguments.list("labels"));
        let (head, base) = (arguments.text("headRefName"), arguments.text("baseRefName"));
        let wanted = |of: &&Arc<PullRequest>| {
            states.as_ref().is_none_or(|states| states.contains(&state(of)))
                && labels.as_ref().is_none_or(|labels| of.labels.iter().any(|label| labels.contains(&label.as_str())))
                && head.is_none_or(|head| of.head_ref == head)
                && base.is_none_or(|base| of.base_ref == base)
        };
        let found = self.1.pull_requests.values().filter(wanted);
        let mut items: Vec<_> = found.map(|of| (Key::Number(of.number), of)).collect();
        if arguments.is_descending() {
            items.reverse();
        }
        Connection::page("pullRequests", "PullRequest", items, |of| Rc::new(self.pull_request(of)), arguments)
    }

    fn git(&self) -> Place {
        Place::new(&self.0, &self.1)
    }

    /// What `oid` or `expression` means; nothing when there is none.
    fn object(&self, arguments: &Arguments) -> Result<Resolved, FieldError> {
        match (arguments.text("oid"), arguments.text("expression")) {
            (Some(oid), _) => self.git().identified(oid),
            (None, Some(expression)) => self.git().meant(expression),
            (None, None) => Ok(Resolved::null()),
        }
    }

    fn environment(&self, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let found = self.1.environments.get(required(arguments, "name")?);
        Ok(found.map_or_else(Resolved::null, |found| Resolved::object(EnvironmentNode::new(found))))
    }

    /// Understands `names`, and the direction of `orderBy`.
    fn environments(&self, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let names = arguments.list("names").unwrap_or_default();
        let found = self.1.environments.all();
        let found = found.filter(|found| names.is_empty() || names.contains(&found.name.as_str()));
        let mut items: Vec<_> = found.map(|found| (Key::Name(found.name.to_lowercase()), found)).collect();
        if arguments.is_descending() {
            items.reverse();
        }
        let node = |found: &Environment| -> Rc<dyn Object> { Rc::new(EnvironmentNode::new(found)) };
        Connection::page("environments", "Environment", items, node, arguments)
    }
}

impl Object for RepositoryNode {
    fn type_name(&self) -> &'static str {
        "Repository"
    }

    fn is(&self, type_name: &str) -> bool {
        matches!(type_name, "Repository" | "Node" | "RepositoryInfo" | "UniformResourceLocatable")
    }

    fn field(&self, name: &str, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let full_name = self.1.name.to_string();
        Ok(match name {
            "id" => Resolved::value(self.1.node_id.as_str()),
            "name" => Resolved::value(self.1.name.name()),
            "nameWithOwner" => Resolved::value(full_name),
            "owner" => actor(&self.0, &Actor::user(self.1.name.owner())),
            "url" => Resolved::value(format!("{}/{full_name}", self.0.forge.server_url())),
            "resourcePath" => Resolved::value(format!("/{full_name}")),
            "isPrivate" => Resolved::value(true),
            "isFork" | "isArchived" => Resolved::value(false),
            "createdAt" => Resolved::value(moment(self.1.created_at)),
            "viewerPermission" => {
                let writes = self.0.viewer.access_to(&full_name) == Access::Write;
                Resolved::value(if writes { "WRITE" } else { "READ" })
            }
            "pullRequest" => self.numbered(arguments)?,
            "pullRequests" => self.pull_requests(arguments)?,
            "deployments" => deployments(&self.0, &self.1, None, arguments)?,
            "environment" => self.environment(arguments)?,
            "environments" => self.environments(arguments)?,
            "object" => self.object(arguments)?,
            "ref" => self.git().reference(required(arguments, "qualifiedName")?)?,
            "refs" => self.git().references(arguments)?,
            "defaultBranchRef" => self.git().default_branch()?,
            "isEmpty" => Resolved::value(self.git().is_empty()?),
            _ => return Err(FieldError::Unknown),
        })
    }
}

/// A repository of which nothing but its name is known.
pub(super) struct NamedRepository(pub(super) String);

impl Object for NamedRepository {
    fn type_name(&self) -> &'static str {
        "Repository"
    }

    fn field(&self, name: &str, _: &Arguments) -> Result<Resolved, FieldError> {
        Ok(match name {
            "nameWithOwner" => Resolved::value(self.0.as_str()),
            "name" => Resolved::value(self.0.rsplit('/').next()),
            "isFork" => Resolved::value(true),
            _ => return Err(FieldError::Unknown),
        })
    }
}
