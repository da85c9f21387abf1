//! Where a query begins.

use std::rc::Rc;

use super::super::accounts::Account;
use super::super::server::Context;
use super::actors::{Session, Viewer};
use super::create_commit::create_commit;
use super::execute::{Arguments, FieldError, Object, Resolved, required};
use super::repository::RepositoryNode;
use super::syntax::OperationKind;

/// Where every operation begins.
pub(super) struct Root {
    session: Rc<Session>,
    kind: OperationKind,
}

impl Root {
    pub(super) fn new(context: &Context, viewer: &Account, kind: OperationKind) -> Self {
        Self { session: Rc::new(Session::new(context, viewer)), kind }
    }

    fn repository(&self, arguments: &Arguments) -> Result<Resolved, FieldError> {
        let full_name = format!("{}/{}", required(arguments, "owner")?, required(arguments, "name")?);
        Ok(Resolved::object(RepositoryNode::new(&self.session, self.session.repository(&full_name)?)))
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
            (OperationKind::Mutation, "createCommitOnBranch") => create_commit(&self.session, arguments)?,
            _ => return Err(FieldError::Unknown),
        })
    }
}
