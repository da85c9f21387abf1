//! What previews had for themselves in a Vault: it goes with those that go, and what was left over goes too.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::Swept;
use super::roots::{Known, Root};
use crate::domain::preview_secrets::{Leftover, Owner, Ownership, left_over};
use crate::domain::pull_request::PullRequestState;
use crate::domain::sweep::{MISSING, Problem, Survey};
use crate::domain::vault::wanted::SecretPath;
use crate::error::{Error, SecretsError};
use crate::ports::vault::Vault;
use crate::ports::{AppsRepository, Keyring, PullRequests, Surveyed};
use crate::usecases::observe;
use crate::usecases::secrets::{Found, Opened, Safe, clear, foreign, look_through};

/// What is called failed where none of them could be looked at.
const VAULT: &str = "the secrets in the Vault";

/// Removes what previews that are not there had for themselves. What fails is told like any other failure.
pub(super) async fn take_along<P: PullRequests, F>(
    roots: &[Root],
    known: &Known<P, F>,
    (apps, safe): (&impl AppsRepository, Opened<'_, impl Vault, impl Keyring>),
    (dry_run, now): (bool, Timestamp),
    swept: &mut Swept,
) {
    let roots: Vec<_> = roots.iter().filter(|root| !root.configuration.document().secrets.is_empty()).collect();
    if roots.is_empty() {
        return;
    }
    let safe = match safe {
        Ok(Some(safe)) => safe,
        Ok(None) => {
            tracing::info!("no Vault is named with `--vault-address`: what previews had for themselves there is left");
            return;
        }
        Err(error) => return swept.failed.push((VAULT.to_owned(), error)),
    };
    let configurations: Vec<_> = roots.iter().map(|root| &root.configuration).collect();
    let found = match look_through(&configurations, &safe).await {
        Ok(found) => found,
        Err(error) => return swept.failed.push((VAULT.to_owned(), error.into())),
    };
    // No session is held while others are asked. Several Secrets may share one path.
    let mut going = BTreeSet::new();
    for (root, looked) in roots.iter().zip(found) {
        let failed = looked.failed.into_iter();
        swept.failed.extend(failed.map(|(path, why)| (format!("the secrets at {path}"), why.into())));
        match judge(root, looked.found, known, apps, (dry_run, now), swept).await {
            Ok(paths) => going.extend(paths),
            Err(error) => swept.failed.push((format!("the secrets of {}", root.label()), error)),
        }
    }
    if dry_run {
        swept.secrets = going.into_iter().collect();
    } else if !going.is_empty() {
        remove(going, &safe, swept).await;
    }
}

/// Removes what goes, in a session of its own.
async fn remove(going: BTreeSet<SecretPath>, safe: &Safe<'_, impl Vault, impl Keyring>, swept: &mut Swept) {
    match clear(going, safe).await {
        Ok(left) => {
            swept.secrets = left.removed;
            swept
                .failed
                .extend(left.failed.into_iter().map(|(path, why)| (format!("the secrets at {path}"), why.into())));
        }
        Err(error) => swept.failed.push((VAULT.to_owned(), error.into())),
    }
}

/// Those of what was found below a root's paths that go.
async fn judge<P: PullRequests, F>(
    root: &Root,
    found: Vec<Found>,
    known: &Known<P, F>,
    apps: &impl AppsRepository,
    (dry_run, now): (bool, Timestamp),
    swept: &mut Swept,
) -> Result<Vec<SecretPath>, Error> {
    let going: BTreeMap<_, _> =
        root.sweep.going.iter().map(|going| (going.name.as_str(), going.record.number)).collect();
    if found.is_empty() {
        return Ok(Vec::new());
    }
    // A preview may have been put up again in the meantime.
    let mut there = observe::names_there(&root.configuration.root(), apps).await?;
    if dry_run {
        there.retain(|name| !going.contains_key(name.as_str()));
    }
    let document = root.configuration.document();
    let (mut paths, mut unsure) = (Vec::new(), Vec::new());
    for Found { name, path, ownership } in found.into_iter().filter(|found| !there.contains(&found.name)) {
        let number = going.get(name.as_str());
        let is_its = |owner: &Owner| {
            number == Some(&owner.number)
                && owner.is_of(&document.application, &document.repository)
                && owner.is_at(&name)
        };
        match ownership {
            // What somebody put by hand for a preview that goes now was for that one.
            Ownership::Unsaid if number.is_some() => paths.push(path),
            Ownership::Unsaid => {}
            Ownership::Of(owner) if is_its(&owner) => paths.push(path),
            Ownership::Of(owner) if number.is_none() && root.configuration.owns(&owner, &name) => {
                unsure.push((path, owner));
            }
            other if number.is_some() => {
                let why = foreign(&path, other).into();
                swept.failed.push((format!("the secrets at {path}"), why));
            }
            other => tracing::warn!("{}: it is left alone", foreign(&path, other)),
        }
    }
    let Surveyed { pull_requests: survey, at } = survey(root, &unsure, known).await?;
    // This machine's clock may be wrong, and who is alone with it removes nothing by it.
    let now = at.map(|at| observe::time(now, Some(at)));
    for (path, owner) in unsure {
        match left_over(&owner, state(&survey, &owner), now) {
            Leftover::Goes(_) => paths.push(path),
            Leftover::Stays => {}
            Leftover::Unknown => {
                let why = match survey.get(&owner.number) {
                    Some(Err(why)) => why.clone(),
                    _ => MISSING.to_owned(),
                };
                let problem = Problem::Unreadable { number: owner.number, why };
                swept.failed.push((format!("the secrets at {path}"), SecretsError::Unreadable(problem).into()));
            }
        }
    }
    Ok(paths)
}

/// The pull requests of values whose preview is not there, as they are now.
async fn survey<P: PullRequests, F>(
    root: &Root,
    unsure: &[(SecretPath, Owner)],
    known: &Known<P, F>,
) -> Result<Surveyed, Error> {
    let repository = &root.configuration.document().repository;
    let numbers: BTreeSet<_> = unsure.iter().map(|(_, owner)| owner.number).collect();
    let Some(forge) = known.forge_of(repository).filter(|_| !numbers.is_empty()) else {
        return Ok(Surveyed { pull_requests: Survey::new(), at: None });
    };
    let numbers: Vec<_> = numbers.into_iter().collect();
    Ok(forge.survey(&numbers, false).await?)
}

fn state(survey: &Survey, owner: &Owner) -> Option<PullRequestState> {
    survey.get(&owner.number)?.as_ref().ok().map(|pull_request| pull_request.state)
}
