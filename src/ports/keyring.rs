//! What a session with a Vault needs of the machine that it is opened from.

use std::future::Future;

use crate::error::Error;
use crate::secret::Secret;

/// Who hides secrets, knows who the job is, and keeps a session from being cut off.
pub trait Keyring: Sync {
    /// From now on a signal to stop waits: a token would be left behind.
    fn hold(&self);

    /// From now on a signal to stop counts again.
    fn release(&self);

    /// Keeps a secret from the log, at the moment it is made or read.
    fn mask(&self, secret: &Secret);

    /// A token of GitHub's OIDC provider for an audience.
    fn identity_token(&self, audience: &str) -> impl Future<Output = Result<Secret, Box<Error>>> + Send;
}
