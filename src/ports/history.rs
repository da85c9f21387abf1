//! The commits of the apps repository.

use std::future::Future;

use super::{AppsError, AppsRepository};
use crate::domain::history::Logged;

/// An apps repository whose commits can be read.
pub trait CommitLog: AppsRepository {
    /// The commits that led to `snapshot`, and that one, each after its parents. Of each its message and no more is read.
    fn commits(&self, snapshot: &Self::Snapshot) -> impl Future<Output = Result<Vec<Logged>, AppsError>> + Send;
}
