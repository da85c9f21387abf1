//! Where a query begins.

use std::rc::Rc;

use super::super::accounts::{Access, Account};
use super::super::forge::Forge;
use super::actors::{Session, Viewer};
use super::execute::{Arguments, FieldError, Object, Resolved, not_found, required};
use super::repository::RepositoryNode;
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
            Some(repository) => Ok(Resolved::object(RepositoryNode::new(&self.session, repository))),
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
