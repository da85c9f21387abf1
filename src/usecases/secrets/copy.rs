//! Values copied from another path of the same mount to a preview's own.

use super::put::put_to;
use super::{Done, Put, Safe};
use crate::domain::configuration::SecretKey;
use crate::domain::preview_secrets::{MissingKey, says_another};
use crate::domain::vault::wanted::SecretPath;
use crate::error::SecretsError;
use crate::ports::Keyring;
use crate::ports::vault::Vault;

/// What is copied.
#[derive(Debug)]
pub struct Copy<'a> {
    /// From where.
    pub from: &'a SecretPath,
    /// Which keys; all of them if none is named.
    pub keys: &'a [SecretKey],
}

/// Copies values for a preview.
///
/// # Errors
///
/// When there are none, or they are another application's, one of the keys is not there, and those of [`put`](super::put).
pub async fn copy<V: Vault, K: Keyring>(
    copy: &Copy<'_>,
    put: &Put<'_>,
    safe: &Safe<'_, V, K>,
) -> Result<Done, SecretsError> {
    let Copy { from, keys } = *copy;
    safe.open(async |engine| {
        let found = engine.read_with_metadata(from).await?;
        let (_, values, metadata) = found.ok_or_else(|| SecretsError::NoSource { path: from.clone() })?;
        safe.mask(&values);
        let owner = &put.target.owner;
        if let Some(key) = says_another(&metadata, &owner.application, &owner.repository) {
            return Err(SecretsError::Unclear { path: from.clone(), key });
        }
        let values = values.only(keys).map_err(|MissingKey(key)| SecretsError::NoKey { path: from.clone(), key })?;
        put_to(put, &values, engine, safe).await
    })
    .await
}
