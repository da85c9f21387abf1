//! A preview's own secrets, removed with all their versions and what is said of them.

use std::collections::BTreeSet;

use super::engine::Engine;
use super::put::{foreign, is_for};
use super::target::chosen;
use super::{Request, Safe, Verdict};
use crate::domain::configuration::Configuration;
use crate::domain::identity::Identity;
use crate::domain::names::PreviewName;
use crate::domain::path::RepoPath;
use crate::domain::plan::Edit;
use crate::domain::preview_secrets::{Ownership, PullRequestOf, written_paths};
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
    /// Those of them where values go, too, that somebody put by hand: the preview that they were for was there.
    pub by_hand: BTreeSet<SecretPath>,
    /// Whose.
    pub whose: PullRequestOf,
}

impl Removal {
    /// What a preview may have for itself: by the name that it has now, and by those of the directories that are removed, where
    /// what is written in these counts, too.
    #[must_use]
    pub fn of(configuration: &Configuration, identity: &Identity, edits: &[Edit]) -> Self {
        let went = edits.iter().filter_map(|edit| match edit {
            Edit::RemoveDirectory { path, files } => Some((path.file_name()?.parse::<PreviewName>().ok()?, files)),
            Edit::Write { .. } | Edit::RemoveFile { .. } => None,
        });
        let mut removal = Self::by_names(configuration, identity, std::iter::empty());
        for (name, files) in went {
            removal.by_hand.extend(written_paths(files, &name));
            removal.by_hand.extend(configuration.own_paths(&Identity { name, ..identity.clone() }));
        }
        removal.by_hand.retain(|path| !configuration.is_shared_path(path));
        let others = removal.by_hand.iter().filter(|path| !removal.paths.contains(path)).cloned();
        let others: Vec<_> = others.collect();
        removal.paths.extend(others);
        removal
    }

    fn by_names(configuration: &Configuration, identity: &Identity, others: impl Iterator<Item = PreviewName>) -> Self {
        let mut paths = configuration.own_paths(identity);
        for name in others.filter(|name| *name != identity.name) {
            paths.extend(configuration.own_paths(&Identity { name, ..identity.clone() }));
        }
        let document = configuration.document();
        let whose = PullRequestOf {
            application: document.application.clone(),
            repository: document.repository.clone(),
            number: identity.number,
        };
        Self { paths, by_hand: BTreeSet::new(), whose }
    }
}

/// What became of one path.
#[derive(Debug, Clone)]
pub struct Removed {
    /// Where.
    pub path: SecretPath,
    /// `removed` or `absent`.
    pub verdict: Verdict,
}

/// What was removed, or was not there, and what could not be removed.
#[derive(Debug, Default)]
pub struct Cleared {
    /// What became of each path.
    pub done: Vec<Removed>,
    /// Where something may be left, and why.
    pub failed: Vec<(SecretPath, SecretsError)>,
}

impl Cleared {
    /// What became of each path, and the first of what failed. The others are told in the log.
    #[must_use]
    pub fn apart(self) -> (Vec<Removed>, Option<SecretsError>) {
        let mut failed = self.failed.into_iter();
        let first = failed.next().map(|(_, why)| why);
        for (path, why) in failed {
            tracing::error!("besides, at `{path}`: {}", crate::error::with_causes(&why));
        }
        (self.done, first)
    }
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
    let mut removal = Removal::by_names(&configuration, &identity, there.into_iter());
    let shared = |path: &SecretPath| path.as_str().rsplit_once('/').map(|(shared, _)| shared.to_owned());
    removal.paths.retain(|path| secrets.iter().any(|secret| shared(path).as_deref() == Some(secret.path.as_str())));
    removal.by_hand = removal.paths.iter().cloned().collect();
    Ok(removal)
}

/// What of it is for no preview that there is now. Between a commit and this its pull request may have been opened and deployed
/// again, and values put for it.
///
/// # Errors
///
/// When the apps repository can not be read.
pub async fn without_preview(
    mut removal: Removal,
    root: &RepoPath,
    apps: &impl AppsRepository,
) -> Result<Removal, Error> {
    let there = observe::names_there(root, apps).await?;
    let is_gone = |path: &SecretPath| path.as_str().rsplit('/').next().is_some_and(|name| !there.contains(name));
    removal.paths.retain(is_gone);
    Ok(removal)
}

/// Removes them, in one session. What is not there is not missed, and what can not be removed does not keep the rest: it is refused,
/// or what is there was put for another application.
///
/// # Errors
///
/// When the Vault can not be opened.
pub async fn remove<V: Vault, K: Keyring>(
    removal: &Removal,
    dry_run: bool,
    safe: &Safe<'_, V, K>,
) -> Result<Cleared, SecretsError> {
    safe.open(async |engine| {
        let mut cleared = Cleared::default();
        for path in &removal.paths {
            match remove_one(path, removal, dry_run, engine).await {
                Ok(verdict) => cleared.done.push(Removed { path: path.clone(), verdict }),
                Err(why) => cleared.failed.push((path.clone(), why)),
            }
        }
        Ok(cleared)
    })
    .await
}

pub(super) async fn remove_one<V: Vault>(
    path: &SecretPath,
    removal: &Removal,
    dry_run: bool,
    engine: &Engine<'_, V>,
) -> Result<Verdict, SecretsError> {
    let Some(described) = engine.look(path).await? else { return Ok(Verdict::Absent) };
    match described.ownership() {
        Ownership::Unsaid if removal.by_hand.contains(path) => {}
        Ownership::Unsaid => return Ok(Verdict::Absent),
        Ownership::Of(owner) if is_for(&owner, path, &removal.whose) => {}
        other => return Err(foreign(path, other)),
    }
    if !dry_run {
        engine.remove(path).await?;
    }
    Ok(Verdict::Removed)
}
