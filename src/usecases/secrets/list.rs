//! The secrets that previews have for themselves, without a value of them.

use std::collections::BTreeSet;

use jiff::Timestamp;

use super::engine::Engine;
use super::target::chosen;
use super::{Safe, engine};
use crate::domain::configuration::{Configuration, ObjectName, PreviewSecret};
use crate::domain::names::{PullRequestNumber, RepositoryName};
use crate::domain::overlay::previews_directory;
use crate::domain::path::RepoPath;
use crate::domain::preview_secrets::Owner;
use crate::domain::vault::wanted::SecretPath;
use crate::error::{Error, SecretsError};
use crate::ports::vault::Vault;
use crate::ports::{AppsRepository, Keyring, Need, Snapshot as _};
use crate::usecases::observe;

/// What is listed.
#[derive(Debug, Clone)]
pub struct ListRequest {
    /// The root in the apps repository.
    pub root: RepoPath,
    /// The repository that the configuration has to name, if any.
    pub repository: Option<RepositoryName>,
    /// Which of `secrets`; all of them if not named.
    pub secret: Option<ObjectName>,
    /// The pull request; all of them if not named.
    pub number: Option<PullRequestNumber>,
}

/// The values of one preview at one path.
#[derive(Debug, Clone)]
pub struct Listed {
    /// What the preview is called.
    pub name: String,
    /// The name of the Secret.
    pub secret: ObjectName,
    /// Where they are.
    pub path: SecretPath,
    /// The number of the newest version; 0 where there is none.
    pub version: u64,
    /// When that was written.
    pub updated_at: Option<Timestamp>,
    /// Whose they are, where Bivouac put them.
    pub owner: Option<Owner>,
    /// Whether the preview is there.
    pub has_preview: bool,
}

/// Lists what previews have for themselves below each of `secrets`, and says besides what could not be looked at.
///
/// # Errors
///
/// When the apps repository can not be read, there are no `secrets`, or the Vault can not be asked.
pub async fn list<V: Vault, K: Keyring>(
    request: &ListRequest,
    apps: &impl AppsRepository,
    safe: &Safe<'_, V, K>,
) -> Result<(Vec<Listed>, Vec<SecretsError>), Error> {
    let parent = previews_directory(&request.root);
    let mut needs = observe::needs(&request.root);
    needs.push(Need::Names(parent.clone()));
    let snapshot = apps.observe(&needs).await?;
    let configuration = observe::configuration(&snapshot, &request.root).await?;
    if let Some(repository) = &request.repository {
        configuration.admit(repository)?;
    }
    let secrets = chosen(&configuration, request.secret.as_ref())?;
    let previews: BTreeSet<_> = snapshot.list(&parent).await?.into_iter().map(|(name, _)| name).collect();
    let look = Look { request, configuration: &configuration, previews: &previews };
    let listed = safe.open(async |engine| {
        let (mut listed, mut failed) = (Vec::new(), Vec::new());
        for secret in &secrets {
            if let Err(why) = look.at(secret, engine, (&mut listed, &mut failed)).await {
                failed.push(why);
            }
        }
        Ok((listed, failed))
    });
    let (mut listed, failed) = listed.await?;
    listed.sort_by_key(|one| (one.owner.as_ref().map(|owner| owner.number), one.name.clone(), one.path.clone()));
    Ok((listed, failed))
}

struct Look<'a> {
    request: &'a ListRequest,
    configuration: &'a Configuration,
    previews: &'a BTreeSet<String>,
}

impl Look<'_> {
    /// What there is below the path of one of `secrets`, and what of it can not be looked at.
    async fn at<V: Vault>(
        &self,
        secret: &PreviewSecret,
        engine: &Engine<'_, V>,
        (listed, failed): (&mut Vec<Listed>, &mut Vec<SecretsError>),
    ) -> Result<(), SecretsError> {
        for (name, path) in own_paths(self.configuration, secret, engine).await? {
            let described = match engine.look(&path).await {
                Ok(Some(described)) => described,
                Ok(None) => continue,
                Err(why) => {
                    failed.push(why);
                    continue;
                }
            };
            let number = self.number(&name, &described);
            let is_asked_for = number.is_some() && self.request.number.is_none_or(|wanted| number == Some(wanted));
            if is_asked_for {
                listed.push(Listed {
                    has_preview: self.previews.contains(&name),
                    name,
                    secret: secret.name.clone(),
                    path,
                    version: described.version,
                    updated_at: described.updated_at,
                    owner: described.owner(),
                });
            }
        }
        Ok(())
    }

    /// The pull request of a preview: as it was put down, or else by the name.
    fn number(&self, name: &str, described: &engine::Described) -> Option<PullRequestNumber> {
        described.owner().map(|owner| owner.number).or_else(|| self.configuration.number_of(name))
    }
}

/// Names below the path of one of `secrets` that may be previews', and where their values are.
pub(super) async fn own_paths<V: Vault>(
    configuration: &Configuration,
    secret: &PreviewSecret,
    engine: &Engine<'_, V>,
) -> Result<Vec<(String, SecretPath)>, SecretsError> {
    let names = engine.names(&secret.path).await?.into_iter();
    let paths = names.filter_map(|name| {
        let path = secret.own_path(&name.parse().ok()?);
        Some((name, path)).filter(|(_, path)| !configuration.is_shared_path(path))
    });
    Ok(paths.collect())
}
