//! What previews have for themselves, looked through in one session and removed in another.

use std::collections::BTreeSet;

use super::Safe;
use super::engine::Engine;
use super::list::own_paths;
use crate::domain::configuration::Configuration;
use crate::domain::preview_secrets::Ownership;
use crate::domain::vault::wanted::SecretPath;
use crate::error::SecretsError;
use crate::ports::Keyring;
use crate::ports::vault::Vault;

/// Values below one of the paths that previews share.
#[derive(Debug, Clone)]
pub struct Found {
    /// The name of the preview that they would be for.
    pub name: String,
    /// Where.
    pub path: SecretPath,
    /// Whose they are.
    pub ownership: Ownership,
}

/// What was removed, and what could not be.
#[derive(Debug, Default)]
pub struct Left {
    /// Where something was removed.
    pub removed: Vec<SecretPath>,
    /// What could not be removed, and why.
    pub failed: Vec<(SecretPath, SecretsError)>,
}

/// What was found for one configuration, and what could not be looked at: a login may be for some paths only.
#[derive(Debug, Default)]
pub struct Looked {
    /// What was found.
    pub found: Vec<Found>,
    /// What could not be looked at, and why.
    pub failed: Vec<(SecretPath, SecretsError)>,
}

/// Looks through what previews have for themselves: what was found for each configuration, in their order.
///
/// # Errors
///
/// When the Vault can not be opened.
pub async fn look_through<V: Vault, K: Keyring>(
    configurations: &[&Configuration],
    safe: &Safe<'_, V, K>,
) -> Result<Vec<Looked>, SecretsError> {
    safe.open(async |engine| {
        let mut all = Vec::new();
        for configuration in configurations {
            all.push(look(configuration, engine).await);
        }
        Ok(all)
    })
    .await
}

/// Removes what is at these paths, each once.
///
/// # Errors
///
/// When the Vault can not be opened.
pub async fn clear<V: Vault, K: Keyring>(
    paths: BTreeSet<SecretPath>,
    safe: &Safe<'_, V, K>,
) -> Result<Left, SecretsError> {
    safe.open(async |engine| {
        let mut left = Left::default();
        for path in paths {
            match engine.remove(&path).await {
                Ok(()) => left.removed.push(path),
                Err(error) => left.failed.push((path, error)),
            }
        }
        Ok(left)
    })
    .await
}

async fn look<V: Vault>(configuration: &Configuration, engine: &Engine<'_, V>) -> Looked {
    let mut looked = Looked::default();
    for secret in &configuration.document().secrets {
        let paths = match own_paths(configuration, secret, engine).await {
            Ok(paths) => paths,
            Err(why) => {
                looked.failed.push((secret.path.clone(), why));
                continue;
            }
        };
        for (name, path) in paths {
            match engine.look(&path).await {
                Ok(Some(described)) => looked.found.push(Found { name, path, ownership: described.ownership() }),
                Ok(None) => {}
                Err(why) => looked.failed.push((path, why)),
            }
        }
    }
    looked
}
