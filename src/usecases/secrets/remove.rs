//! A preview's own secrets, removed with all their versions and what is said of them.

use super::engine::Engine;
use super::put::foreign;
use super::target::chosen;
use super::{Request, Safe, Verdict};
use crate::domain::names::{Application, RepositoryName};
use crate::domain::vault::wanted::SecretPath;
use crate::error::{Error, SecretsError};
use crate::ports::vault::Vault;
use crate::ports::{AppsRepository, Keyring};
use crate::usecases::observe;

/// What is removed.
#[derive(Debug, Clone)]
pub struct Removal {
    /// Where.
    pub paths: Vec<SecretPath>,
    /// The application that the preview is of.
    pub application: Application,
    /// The repository of its pull request.
    pub repository: RepositoryName,
}

/// What became of one path.
#[derive(Debug, Clone)]
pub struct Removed {
    /// Where.
    pub path: SecretPath,
    /// `removed` or `absent`.
    pub verdict: Verdict,
}

/// Finds out where the secrets of a pull request's preview are: by the name that it has now, and by the one that it was put up
/// under. The forge is not asked, since what is closed, or gone, is removed all the same.
///
/// # Errors
///
/// When the apps repository or the configuration can not be read, or has no such secret.
pub async fn removal(request: &Request, apps: &impl AppsRepository) -> Result<Removal, Error> {
    let Request { repository, number, root, secret, .. } = request;
    let snapshot = apps.observe(&observe::needs_of_one(root, *number)).await?;
    let configuration = observe::configuration(&snapshot, root).await?;
    configuration.admit(repository)?;
    let secrets = chosen(&configuration, secret.as_ref())?;
    let identity = configuration.identity(*number)?;
    let previews = observe::previews_of(&snapshot, root, &identity).await?;
    let document = configuration.document();
    let there = previews.preview_of(&document.repository, *number).and_then(|(name, ..)| name.parse().ok());
    let names = [Some(identity.name.clone()), there.filter(|name| *name != identity.name)];
    let paths = names.iter().flatten().flat_map(|name| secrets.iter().map(move |secret| secret.own_path(name)));
    Ok(Removal {
        paths: paths.collect(),
        application: document.application.clone(),
        repository: document.repository.clone(),
    })
}

/// Removes them, in one session. What is not there is not missed.
///
/// # Errors
///
/// When the Vault can not be asked or refuses it, or what is there was put for another application.
pub async fn remove<V: Vault, K: Keyring>(
    removal: &Removal,
    dry_run: bool,
    safe: &Safe<'_, V, K>,
) -> Result<Vec<Removed>, SecretsError> {
    safe.open(async |engine| {
        let mut done = Vec::new();
        for path in &removal.paths {
            let verdict = remove_one(path, removal, dry_run, engine).await?;
            done.push(Removed { path: path.clone(), verdict });
        }
        Ok(done)
    })
    .await
}

async fn remove_one<V: Vault>(
    path: &SecretPath,
    removal: &Removal,
    dry_run: bool,
    engine: &Engine<'_, V>,
) -> Result<Verdict, SecretsError> {
    let Some(described) = engine.look(path).await? else { return Ok(Verdict::Absent) };
    let owner = described.owner().filter(|owner| !owner.is_of(&removal.application, &removal.repository));
    if let Some(owner) = owner {
        return Err(foreign(path, &owner));
    }
    if !dry_run {
        engine.remove(path).await?;
    }
    Ok(Verdict::Removed)
}
