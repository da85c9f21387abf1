//! What a preview had for itself in a Vault, which goes with it.

use crate::commands::context::Context;
use crate::domain::path::RepoPath;
use crate::domain::vault::wanted::SecretPath;
use crate::error::{Error, SecretsError};
use crate::ports::vault::Vault;
use crate::ports::{AppsRepository, Keyring};
use crate::usecases::secrets::{Removal, Safe, Verdict as Ended, remove, without_preview};
use crate::usecases::{Outcome, Request, Verdict};

use super::{Named, VaultOptions};

/// Removes what a preview had for itself, if it is gone and a Vault is named. A dry run names the paths, and asks no Vault.
///
/// # Errors
///
/// When it could not be removed: the preview is gone all the same.
pub(in crate::commands) async fn take_along(
    outcome: &mut Outcome,
    request: &Request,
    (options, named): (&VaultOptions, Named),
    apps: &impl AppsRepository,
    context: &Context,
) -> Result<(), Error> {
    let Some(removal) = outcome.secrets_to_remove().cloned() else { return Ok(()) };
    if request.dry_run {
        let would_go = outcome.verdict == Verdict::Removed && !named.addresses().is_empty();
        outcome.removed_secrets = if would_go { removal.paths } else { Vec::new() };
        return Ok(());
    }
    let was_there = outcome.verdict == Verdict::Removed;
    let door = match options.door(named, context) {
        Ok(Some(door)) => door,
        Ok(None) => {
            if was_there {
                tracing::info!(
                    "no Vault is named with `--vault-address`: what the preview had for itself there, if anything, is left"
                );
            }
            return Ok(());
        }
        Err(error) if was_there => return Err(left(&removal.paths, was_there, error)),
        // A run that has no secrets, as of a bot, and had nothing to take down.
        Err(error) => {
            tracing::warn!("whether it has secrets of its own in the Vault was not looked at: {error}");
            return Ok(());
        }
    };
    clear(outcome, removal, &request.root, (&door.safe(), was_there), apps).await
}

async fn clear<V: Vault, K: Keyring>(
    outcome: &mut Outcome,
    removal: Removal,
    root: &RepoPath,
    (safe, was_there): (&Safe<'_, V, K>, bool),
    apps: &impl AppsRepository,
) -> Result<(), Error> {
    let paths = removal.paths.clone();
    let removal = match without_preview(removal, root, apps).await {
        Ok(removal) if removal.paths.is_empty() => return Ok(()),
        Ok(removal) => removal,
        Err(error) => return Err(left(&paths, was_there, error)),
    };
    let cleared = match remove(&removal, false, safe).await {
        Ok(cleared) => cleared,
        Err(error) => return Err(left(&removal.paths, was_there, error.into())),
    };
    let paths: Vec<_> = cleared.failed.iter().map(|(path, _)| path.clone()).collect();
    let (done, failed) = cleared.apart();
    let removed = done.into_iter().filter(|one| one.verdict == Ended::Removed);
    outcome.removed_secrets = removed.map(|one| one.path).collect();
    failed.map_or(Ok(()), |why| Err(left(&paths, was_there, why.into())))
}

fn left(paths: &[SecretPath], was_there: bool, why: Error) -> Error {
    let paths = paths.iter().map(|path| format!("`{path}`")).collect::<Vec<_>>().join(" and ");
    let source = Box::new(why);
    let error = if was_there { SecretsError::Left { paths, source } } else { SecretsError::Unsure { paths, source } };
    error.into()
}

/// Where what the preview had for itself was removed, or would be.
pub(in crate::commands) fn told(outcome: &Outcome, dry_run: bool) -> Option<String> {
    let paths: Vec<_> = outcome.removed_secrets.iter().map(|path| format!("`{path}`")).collect();
    let paths = (!paths.is_empty()).then(|| paths.join(" and "))?;
    Some(if dry_run { format!("what is at {paths} would be removed") } else { format!("removed at {paths}") })
}
