//! What a preview had for itself in a Vault, which goes with it.

use crate::commands::context::Context;
use crate::error::{Error, SecretsError};
use crate::usecases::secrets::{Removal, Verdict as Ended, remove};
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
    context: &Context,
) -> Result<(), Error> {
    let Some(removal) = outcome.secrets_to_remove() else { return Ok(()) };
    if request.dry_run {
        let would_go = outcome.verdict == Verdict::Removed && !named.addresses().is_empty();
        outcome.removed_secrets = if would_go { removal.paths.clone() } else { Vec::new() };
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
        Err(error) if was_there => return Err(left(removal, error)),
        // A run that has no secrets, as of a bot, and had nothing to take down.
        Err(error) => {
            tracing::warn!("whether it has secrets of its own in the Vault was not looked at: {error}");
            return Ok(());
        }
    };
    match remove(removal, false, &door.safe()).await {
        Ok(removed) => {
            let removed = removed.into_iter().filter(|one| one.verdict == Ended::Removed);
            outcome.removed_secrets = removed.map(|one| one.path).collect();
            Ok(())
        }
        Err(error) => Err(left(removal, error.into())),
    }
}

fn left(removal: &Removal, why: Error) -> Error {
    let paths: Vec<_> = removal.paths.iter().map(|path| format!("`{path}`")).collect();
    SecretsError::Left { paths: paths.join(" and "), source: Box::new(why) }.into()
}

/// Where what the preview had for itself was removed, or would be.
pub(in crate::commands) fn told(outcome: &Outcome, dry_run: bool) -> Option<String> {
    let paths: Vec<_> = outcome.removed_secrets.iter().map(|path| format!("`{path}`")).collect();
    let paths = (!paths.is_empty()).then(|| paths.join(" and "))?;
    Some(if dry_run { format!("what is at {paths} would be removed") } else { format!("removed at {paths}") })
}
