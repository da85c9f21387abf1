//! What can be told of tokens and programs without writing anything.

use std::future::Future;

use super::{AppsError, ForgeError};
use crate::domain::diagnosis::access::AccessSeen;
use crate::domain::diagnosis::tools::{Tool, ToolSeen};

/// A token, and the application repository that it is for.
pub trait Rights {
    /// What the token may do there, as far as the forge tells.
    fn access(&self) -> impl Future<Output = Result<AccessSeen, ForgeError>> + Send;
}

/// The credentials for the apps repository.
pub trait PushRights {
    /// Proves that they may push, by asking for what every push begins with, and ending there.
    fn may_push(&self) -> impl Future<Output = Result<(), AppsError>> + Send;
}

/// The programs on this machine.
pub trait Tools {
    /// What a program says of its version.
    fn version(&self, tool: Tool) -> impl Future<Output = ToolSeen> + Send;
}
