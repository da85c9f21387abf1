//! The objects of GitHub's schema that can be asked, with the fields that Bivouac asks for and those beside them.

use std::rc::Rc;

use super::super::accounts::{Access, Account};
use super::super::forge::Forge;
use super::super::model::{Actor, Comment, PullRequest, PullRequestState, moment};
use super::super::state::Repository;
use super::actors::{Session, Viewer, actor};
use super::connection::{Connection, Item};
use super::execute::{Arguments, FieldError, Object, Resolved};
use super::syntax::OperationKind;

/// Where every operation begins.
pub(super) struct Root {
    session: Rc<Session>,
    kind: OperationKind,
}

impl Root {
    pub(super) fn new(forge: &Forge, viewer: &Account, kind: OperationKind) -> Self {
        Self { session: Rc::new(Session { forge: forge.clone(), viewer: viewer.clone() }), kind }
    }

    fn repository(&self, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let full_name = format!("{}/{}", required(arguments, "owner")?, required(arguments, "name")?);
        let readable = self.session.viewer.access_to(&full_name) > Access::None;
        match self.session.forge.repository(&full_name).filter(|_| readable) {
            Some(repository) => Ok(Resolved::object(RepositoryNode(Rc::clone(&self.session), Rc::new(repository)))),
            None => Err(not_found(format!("Could not resolve to a Repository with the name '{full_name}'."))),
        }
    }
}

impl Object for Root {
    fn type_name(&self) -> &'static str {
        match self.kind {
            OperationKind::Query => "Query",
            OperationKind::Mutation => "Mutation",
        }
    }

    fn field(&self, name: &str, arguments: &Arguments) -> Result<Resolved, FieldError> {
        Ok(match (self.kind, name) {
            (OperationKind::Query, "repository") => self.repository(arguments)?,
            (OperationKind::Query, "viewer") => Resolved::object(Viewer::new(&self.session)),
            _ => return Err(FieldError::Unknown),
        })
    }
}

struct RepositoryNode(Rc<Session>, Rc<Repository>);

impl RepositoryNode {
    fn pull_request(&self, of: &PullRequest) -> PullRequestNode {
        PullRequestNode { session: Rc::clone(&self.0), repository: Rc::clone(&self.1), pull_request: of.clone() }
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
        let wanted = |of: &&PullRequest| {
            states.as_ref().is_none_or(|states| states.contains(&state(of)))
                && labels.as_ref().is_none_or(|labels| of.labels.iter().any(|label| labels.contains(&label.as_str())))
                && head.is_none_or(|head| of.head_ref == head)
                && base.is_none_or(|base| of.base_ref == base)
        };
        let found = self.1.pull_requests.values().filter(wanted);
        let mut items: Vec<Item> =
            found.map(|of| Item { key: of.number, object: Rc::new(self.pull_request(of)) }).collect();
        if arguments.value("orderBy")["direction"] == "DESC" {
            items.reverse();
        }
        Connection::page("pullRequests", "PullRequest", items, arguments)
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
            _ => return Err(FieldError::Unknown),
        })
    }
}

struct PullRequestNode {
    session: Rc<Session>,
    repository: Rc<Repository>,
    pull_request: PullRequest,
}

impl PullRequestNode {
    fn repository_named(&self, name: Option<&str>) -> Resolved {
        let Some(name) = name else {
            return Resolved::null();
        };
        match self.session.forge.repository(name) {
            Some(repository) => Resolved::object(RepositoryNode(Rc::clone(&self.session), Rc::new(repository))),
            // A fork need not have been made known to be named.
            None => Resolved::object(NamedRepository(name.to_owned())),
        }
    }

    fn labels(&self, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let labels = self.pull_request.labels.iter().cloned();
        let items = (0..).zip(labels).map(|(key, label)| Item { key, object: Rc::new(Label(label)) });
        Connection::page("labels", "Label", items.collect(), arguments)
    }

    fn comments(&self, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let comments = self.repository.comments_on(self.pull_request.number).into_iter();
        let items = comments
            .map(|comment| Item { key: comment.id, object: Rc::new(CommentNode(Rc::clone(&self.session), comment)) });
        Connection::page("comments", "IssueComment", items.collect(), arguments)
    }
}

impl Object for PullRequestNode {
    fn type_name(&self) -> &'static str {
        "PullRequest"
    }

    fn is(&self, type_name: &str) -> bool {
        matches!(type_name, "PullRequest" | "Node" | "Comment" | "Labelable" | "Closable" | "UniformResourceLocatable")
    }

    fn field(&self, name: &str, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let of = &self.pull_request;
        Ok(match name {
            "id" => Resolved::value(of.node_id.as_str()),
            "fullDatabaseId" => Resolved::value(of.id.to_string()),
            "number" => Resolved::value(of.number),
            "title" => Resolved::value(of.title.as_str()),
            "body" => Resolved::value(of.body.as_str()),
            "url" => Resolved::value(of.url.as_str()),
            "state" => Resolved::value(state(of)),
            "closed" => Resolved::value(of.state != PullRequestState::Open),
            "merged" => Resolved::value(of.state == PullRequestState::Merged),
            "isDraft" => Resolved::value(of.is_draft),
            "isCrossRepository" => Resolved::value(of.head_repository.as_ref() != Some(&of.base_repository)),
            "headRefOid" => Resolved::value(of.head_sha.as_str()),
            "headRefName" => Resolved::value(of.head_ref.as_str()),
            "baseRefOid" => Resolved::value(of.base_sha.as_str()),
            "baseRefName" => Resolved::value(of.base_ref.as_str()),
            "author" => actor(&self.session, &of.author),
            "viewerDidAuthor" => Resolved::value(of.author.login == self.session.viewer.login),
            "headRepository" => self.repository_named(of.head_repository.as_deref()),
            "baseRepository" | "repository" => self.repository_named(Some(&of.base_repository)),
            "labels" => self.labels(arguments)?,
            "comments" => self.comments(arguments)?,
            "createdAt" => Resolved::value(moment(of.created_at)),
            "updatedAt" => Resolved::value(moment(of.updated_at)),
            "closedAt" => Resolved::value(of.closed_at.map(moment)),
            "mergedAt" => Resolved::value(of.merged_at.map(moment)),
            _ => return Err(FieldError::Unknown),
        })
    }
}

struct NamedRepository(String);

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

struct CommentNode(Rc<Session>, Comment);

impl Object for CommentNode {
    fn type_name(&self) -> &'static str {
        "IssueComment"
    }

    fn is(&self, type_name: &str) -> bool {
        matches!(type_name, "IssueComment" | "Node" | "Comment" | "UniformResourceLocatable")
    }

    fn field(&self, name: &str, _: &Arguments) -> Result<Resolved, FieldError> {
        let Self(session, comment) = self;
        Ok(match name {
            "id" => Resolved::value(comment.node_id.as_str()),
            // A BigInt, which JSON carries as a string.
            "fullDatabaseId" => Resolved::value(comment.id.to_string()),
            // An Int of GraphQL has 32 bits, and GitHub's numbers have outgrown them.
            "databaseId" => Resolved::value(i32::try_from(comment.id).ok()),
            "url" => Resolved::value(comment.url.as_str()),
            "body" => Resolved::value(comment.body.as_str()),
            "author" => actor(session, &comment.author),
            "viewerDidAuthor" => Resolved::value(comment.author.login == session.viewer.login),
            "isMinimized" => Resolved::value(false),
            "createdAt" => Resolved::value(moment(comment.created_at)),
            "updatedAt" => Resolved::value(moment(comment.updated_at)),
            _ => return Err(FieldError::Unknown),
        })
    }
}

struct Label(String);

impl Object for Label {
    fn type_name(&self) -> &'static str {
        "Label"
    }

    fn field(&self, name: &str, _: &Arguments) -> Result<Resolved, FieldError> {
        Ok(match name {
            "name" => Resolved::value(self.0.as_str()),
            "description" => Resolved::null(),
            "color" => Resolved::value("ededed"),
            _ => return Err(FieldError::Unknown),
        })
    }
}

fn state(of: &PullRequest) -> &'static str {
    match of.state {
        PullRequestState::Open => "OPEN",
        PullRequestState::Closed => "CLOSED",
        PullRequestState::Merged => "MERGED",
    }
}

fn required<'a>(arguments: &'a Arguments, name: &str) -> Result<&'a str, FieldError> {
    arguments.text(name).ok_or_else(|| missing(name))
}

fn missing(name: &str) -> FieldError {
    FieldError::Failed {
        kind: "missingRequiredArguments",
        message: format!("Field is missing required arguments: {name}"),
    }
}

fn not_found(message: String) -> FieldError {
    FieldError::Failed { kind: "NOT_FOUND", message }
}
