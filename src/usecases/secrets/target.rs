//! Where secrets of a pull request's preview are put, once it is known that they may be.

use jiff::Timestamp;

use crate::domain::configuration::{Configuration, FILE, ObjectName, PreviewSecret};
use crate::domain::expiry;
use crate::domain::names::{PullRequestNumber, RepositoryName};
use crate::domain::path::RepoPath;
use crate::domain::preview_secrets::Owner;
use crate::domain::reason::Reason;
use crate::domain::vault::wanted::SecretPath;
use crate::error::{Error, SecretsError};
use crate::ports::{AppsRepository, PullRequests};
use crate::usecases::observe;

/// Whose secrets are meant.
#[derive(Debug, Clone)]
pub struct Request {
    /// The application repository.
    pub repository: RepositoryName,
    /// The pull request.
    pub number: PullRequestNumber,
    /// The root in the apps repository.
    pub root: RepoPath,
    /// Which of `secrets`; the only one if not named.
    pub secret: Option<ObjectName>,
    /// The time now.
    pub now: Timestamp,
}

/// Where they are put, and whose they are.
#[derive(Debug, Clone)]
pub struct Target {
    /// Where.
    pub path: SecretPath,
    /// Whose.
    pub owner: Owner,
}

/// The repository that the configuration of a root names.
///
/// # Errors
///
/// When the apps repository or the configuration can not be read.
pub async fn configured_repository(root: &RepoPath, apps: &impl AppsRepository) -> Result<RepositoryName, Error> {
    let snapshot = apps.observe(&observe::needs(root)).await?;
    Ok(observe::configuration(&snapshot, root).await?.document().repository.clone())
}

/// Finds out where the secrets of a pull request are put, and proves that they may be: it is open, and of the configured
/// repository itself.
///
/// # Errors
///
/// When they may not be, nothing says where, or something can not be read.
pub async fn target(request: &Request, forge: &impl PullRequests, apps: &impl AppsRepository) -> Result<Target, Error> {
    let Request { repository, number, root, .. } = request;
    let needs = observe::needs_of_one(root, *number);
    let (observed, snapshot) = tokio::join!(forge.look_up(*number), apps.observe(&needs));
    let snapshot = snapshot?;
    let configuration = observe::configuration(&snapshot, root).await?;
    configuration.admit(repository)?;
    let no_pull_request = || Error::NoPullRequest { repository: repository.clone(), number: *number };
    let observed = observed?.ok_or_else(no_pull_request)?;
    let pull_request = observed.pull_request;
    if pull_request.is_from_fork {
        return Err(SecretsError::Fork { repository: repository.clone(), number: *number }.into());
    }
    if let Some(reason) = Reason::of_the_end(pull_request.state) {
        return Err(SecretsError::Ended { repository: repository.clone(), number: *number, reason }.into());
    }
    let identity = configuration.identity(*number)?;
    let path = one_of(&configuration, request.secret.as_ref())?.own_path(&identity.name);
    let preview = Some(identity.name.clone());
    let previews = observe::previews_of(&snapshot, root, &identity).await?;
    let document = configuration.document();
    let recorded = previews.record_of(&document.repository, *number);
    let now = observe::time(request.now, observed.at);
    let expires_at = match recorded {
        Some(record) => record.expires_at,
        None => expiry::renewed(&document.preview, None, now),
    };
    let owner = Owner {
        application: document.application.clone(),
        repository: document.repository.clone(),
        number: *number,
        preview,
        commit: pull_request.head,
        expires_at,
    };
    Ok(Target { path, owner })
}

/// The one of `secrets` that is named, or the only one.
fn one_of<'a>(configuration: &'a Configuration, name: Option<&ObjectName>) -> Result<&'a PreviewSecret, SecretsError> {
    let some = chosen(configuration, name)?;
    match some.as_slice() {
        [one] => Ok(one),
        several => {
            Err(SecretsError::Several { file: configuration.root().join(FILE), known: names(several.iter().copied()) })
        }
    }
}

/// The one of `secrets` that is named, or all of them; at least one.
pub(super) fn chosen<'a>(
    configuration: &'a Configuration,
    name: Option<&ObjectName>,
) -> Result<Vec<&'a PreviewSecret>, SecretsError> {
    let (all, file) = (&configuration.document().secrets, || configuration.root().join(FILE));
    if all.is_empty() {
        return Err(SecretsError::None { file: file() });
    }
    let Some(name) = name else { return Ok(all.iter().collect()) };
    let named: Vec<_> = all.iter().filter(|secret| secret.name == *name).collect();
    if named.is_empty() {
        return Err(SecretsError::Unknown { file: file(), name: name.to_string(), known: names(all.iter()) });
    }
    Ok(named)
}

fn names<'a>(secrets: impl Iterator<Item = &'a PreviewSecret>) -> String {
    secrets.map(|secret| format!("`{}`", secret.name)).collect::<Vec<_>>().join(", ")
}
