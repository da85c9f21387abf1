//! Pull requests, and what is on them.

use std::rc::Rc;
use std::sync::Arc;

use super::super::model::{Comment, PullRequest, PullRequestState, moment};
use super::super::state::Repository;
use super::actors::{Session, actor};
use super::connection::{Connection, Key};
use super::execute::{Arguments, FieldError, Object, Resolved};
use super::repository::{NamedRepository, RepositoryNode};

/// A pull request.
pub(super) struct PullRequestNode {
    session: Rc<Session>,
    repository: Arc<Repository>,
    pull_request: Arc<PullRequest>,
}

impl PullRequestNode {
    pub(super) fn new(session: &Rc<Session>, repository: &Arc<Repository>, pull_request: &Arc<PullRequest>) -> Self {
        Self { session: Rc::clone(session), repository: Arc::clone(repository), pull_request: Arc::clone(pull_request) }
    }

    fn repository_named(&self, name: Option<&str>) -> Resolved {
        let Some(name) = name else {
            return Resolved::null();
        };
        match self.session.forge.repository(name) {
            Some(repository) => Resolved::object(RepositoryNode::new(&self.session, repository)),
            // A fork need not have been made known to be named.
            None => Resolved::object(NamedRepository(name.to_owned())),
        }
    }

    fn labels(&self, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let items = (0..).map(Key::Number).zip(&self.pull_request.labels).collect();
        Connection::page("labels", "Label", items, |label| Rc::new(Label(label.clone())), arguments)
    }

    fn files(&self, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let items = (0..).map(Key::Number).zip(&self.pull_request.files).collect();
        let node = |path: &String| -> Rc<dyn Object> { Rc::new(ChangedFile(path.clone())) };
        Connection::page("files", "PullRequestChangedFile", items, node, arguments)
    }

    fn comments(&self, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let comments = self.repository.comments.on(self.pull_request.number);
        let items = comments.map(|comment| (Key::Number(comment.id), comment)).collect();
        let node = |comment: &Arc<Comment>| -> Rc<dyn Object> {
            Rc::new(CommentNode(Rc::clone(&self.session), Arc::clone(comment)))
        };
        Connection::page("comments", "IssueComment", items, node, arguments)
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
            "files" => self.files(arguments)?,
            "changedFiles" | "additions" => Resolved::value(of.files.len()),
            "deletions" => Resolved::value(0),
            "createdAt" => Resolved::value(moment(of.created_at)),
            "updatedAt" => Resolved::value(moment(of.updated_at)),
            "closedAt" => Resolved::value(of.closed_at.map(moment)),
            "mergedAt" => Resolved::value(of.merged_at.map(moment)),
            _ => return Err(FieldError::Unknown),
        })
    }
}

struct CommentNode(Rc<Session>, Arc<Comment>);

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
            "lastEditedAt" => Resolved::value(comment.last_edit.as_ref().map(|(at, _)| moment(*at))),
            "editor" => comment.last_edit.as_ref().map_or_else(Resolved::null, |(_, editor)| actor(session, editor)),
            "includesCreatedEdit" => Resolved::value(comment.last_edit.is_some()),
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

/// A file of which one line was added.
struct ChangedFile(String);

impl Object for ChangedFile {
    fn type_name(&self) -> &'static str {
        "PullRequestChangedFile"
    }

    fn field(&self, name: &str, _: &Arguments) -> Result<Resolved, FieldError> {
        Ok(match name {
            "path" => Resolved::value(self.0.as_str()),
            "additions" => Resolved::value(1),
            "deletions" => Resolved::value(0),
            "changeType" => Resolved::value("MODIFIED"),
            "viewerViewedState" => Resolved::value("UNVIEWED"),
            _ => return Err(FieldError::Unknown),
        })
    }
}

/// GraphQL's `PullRequestState`.
pub(super) fn state(of: &PullRequest) -> &'static str {
    match of.state {
        PullRequestState::Open => "OPEN",
        PullRequestState::Closed => "CLOSED",
        PullRequestState::Merged => "MERGED",
    }
}
