//! What the bare repositories hold: refs, commits, trees and blobs, each read when a field of it is asked for.

mod blobs;
mod commits;
mod references;
mod trees;

use std::rc::Rc;
use std::sync::Arc;

use git2::{ObjectType, Oid};

use super::super::state::Repository;
use super::actors::Session;
use super::execute::{FieldError, Resolved, broken};
use super::repository::RepositoryNode;
use blobs::BlobNode;
use trees::TreeNode;

pub(super) use commits::CommitNode;
pub(super) use references::ReferenceNode;

/// The repository that something is found in, and who looks.
#[derive(Clone)]
pub(super) struct Place {
    session: Rc<Session>,
    repository: Arc<Repository>,
}

impl Place {
    pub(super) fn new(session: &Rc<Session>, repository: &Arc<Repository>) -> Self {
        Self { session: Rc::clone(session), repository: Arc::clone(repository) }
    }

    pub(super) fn git(&self) -> Result<Rc<git2::Repository>, FieldError> {
        self.session.git(&self.repository)
    }

    /// The object of this whole identifier; of a commit that only a pull request knows, what is known.
    pub(super) fn identified(&self, oid: &str) -> Result<Resolved, FieldError> {
        match whole(oid).map(|oid| self.object(oid, b"")) {
            Some(found) if !matches!(found, Ok(Resolved::Value(_))) => found,
            _ => Ok(self.repository.commit(oid).map_or_else(Resolved::null, |oid| self.commit(oid))),
        }
    }

    /// What git takes an expression to mean, such as `HEAD`, `main`, a whole identifier, or one of these with `:` and
    /// a path behind it; else the commit that only a pull request knows.
    pub(super) fn meant(&self, expression: &str) -> Result<Resolved, FieldError> {
        let git = self.git()?;
        let found = git.revparse_single(expression).and_then(|found| match found.kind() {
            Some(ObjectType::Tag) => found.peel(ObjectType::Any),
            _ => Ok(found),
        });
        if let Ok(found) = found {
            let path = expression.split_once(':').map_or("", |(_, path)| path);
            return self.object(found.id(), path.trim_end_matches('/').as_bytes());
        }
        Ok(self.repository.resolve(expression).map_or_else(Resolved::null, |oid| self.commit(oid)))
    }

    /// The object of an identifier, and for a tree the path that it was found at; nothing where there is none.
    fn object(&self, oid: Oid, path: &[u8]) -> Result<Resolved, FieldError> {
        let header = self.git()?.odb().map_err(|error| broken(&error))?.read_header(oid);
        Ok(match header {
            Ok((_, ObjectType::Commit)) => self.commit(oid.to_string()),
            Ok((_, ObjectType::Tree)) => Resolved::object(TreeNode::new(self.clone(), oid, path)),
            Ok((_, ObjectType::Blob)) => Resolved::object(BlobNode::new(self.clone(), oid)),
            _ => Resolved::null(),
        })
    }

    fn commit(&self, oid: String) -> Resolved {
        Resolved::object(CommitNode::new(self.clone(), oid))
    }

    fn size(&self, oid: Oid) -> Result<usize, FieldError> {
        let header = self.git()?.odb().and_then(|odb| odb.read_header(oid));
        Ok(header.map_err(|error| broken(&error))?.0)
    }

    /// A field that every `GitObject` has; `kind` begins the node identifiers of its type.
    fn field_of_object(&self, kind: char, oid: &str, name: &str) -> Result<Resolved, FieldError> {
        let path = || format!("/{}/commit/{oid}", self.repository.name);
        Ok(match name {
            "id" => Resolved::value(format!("{kind}_{oid}")),
            "oid" => Resolved::value(oid),
            "abbreviatedOid" => Resolved::value(&oid[..7]),
            "commitResourcePath" => Resolved::value(path()),
            "commitUrl" => Resolved::value(self.address(&path())),
            "repository" => self.repository(),
            _ => return Err(FieldError::Unknown),
        })
    }

    fn repository(&self) -> Resolved {
        Resolved::object(RepositoryNode::new(&self.session, Arc::clone(&self.repository)))
    }

    fn address(&self, path: &str) -> String {
        format!("{}{path}", self.session.forge.server_url())
    }
}

/// A whole identifier: libgit2 would take the beginning of one for one with zeros behind it.
pub(super) fn whole(oid: &str) -> Option<Oid> {
    Oid::from_str(oid).ok().filter(|_| oid.len() == 40)
}
