//! What a use case needs to find out whether a preview is ready.

use std::future::Future;
use std::time::Duration;

use crate::domain::names::CommitId;
use crate::domain::readiness::{Answer, CommitStatus, Probe, Seen};
use crate::ports::ForgeError;

/// Asks a preview, without any credentials.
pub trait Prober {
    /// The answer, once; nothing is followed and nothing is tried again.
    fn ask(&self, probe: &Probe) -> impl Future<Output = Result<Answer, ProbeError>> + Send;
}

/// What others say of the commits of one repository.
pub trait CommitStatuses {
    /// The statuses of a commit, the latest first.
    fn statuses(&self, commit: &CommitId) -> impl Future<Output = Result<Vec<CommitStatus>, ForgeError>> + Send;
}

/// Who watches while a preview is waited for.
pub trait Progress {
    /// Something was seen, so long after the wait began.
    fn saw(&mut self, elapsed: Duration, seen: &Seen);

    /// The wait is over.
    fn end(&mut self);
}

/// Why a preview gave no answer. All of it may pass.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ProbeError {
    /// The name of its host is not known.
    #[error("the name `{0}` is not known")]
    NoName(String),
    /// Nobody listens there.
    #[error("the connection was refused")]
    Refused,
    /// No answer came.
    #[error("no answer within {} s", .0.as_millis().div_ceil(1000))]
    TimedOut(Duration),
    /// The certificate is not one for that host, or not one to trust.
    #[error("TLS: {0}")]
    Tls(String),
    /// Anything else.
    #[error("no answer: {0}")]
    Other(String),
}
