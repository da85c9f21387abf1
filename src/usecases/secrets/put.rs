//! Values put for a preview, by check-and-set: what others put meanwhile is kept.

use std::time::{Duration, Instant};

use super::engine::{Described, Engine, Written};
use super::{Safe, Target, Verdict};
use crate::domain::preview_secrets::{Owner, Ownership, PullRequestOf, Values, Way};
use crate::domain::retry::RetryPolicy;
use crate::domain::vault::wanted::SecretPath;
use crate::error::SecretsError;
use crate::ports::Keyring;
use crate::ports::vault::Vault;

/// What is put, where, and how.
#[derive(Debug)]
pub struct Put<'a> {
    /// Where, and whose it is.
    pub target: &'a Target,
    /// Whether what is there is kept.
    pub way: Way,
    /// How long to go on when others write there, too.
    pub patience: Duration,
    /// Whether to write nothing.
    pub dry_run: bool,
}

/// What came of it.
#[derive(Debug)]
pub struct Done {
    /// The ending.
    pub verdict: Verdict,
    /// Where.
    pub path: SecretPath,
    /// The version that is there now; none after a dry run that would write another one.
    pub version: Option<u64>,
    /// The keys that are there now, or would be.
    pub keys: Vec<String>,
}

/// Puts values for a preview.
///
/// # Errors
///
/// When the Vault can not be asked or refuses it, the path is another application's, or others write there for too long.
pub async fn put<V: Vault, K: Keyring>(
    put: &Put<'_>,
    values: &Values,
    safe: &Safe<'_, V, K>,
) -> Result<Done, SecretsError> {
    safe.mask(values);
    safe.open(async |engine| put_to(put, values, engine, safe).await).await
}

/// The same, in a session that is open.
pub(super) async fn put_to<V: Vault, K: Keyring>(
    put: &Put<'_>,
    values: &Values,
    engine: &Engine<'_, V>,
    safe: &Safe<'_, V, K>,
) -> Result<Done, SecretsError> {
    let (started, mut attempts) = (Instant::now(), 0);
    loop {
        if let Some(done) = attempt(put, values, engine, safe).await? {
            return Ok(done);
        }
        attempts += 1;
        let policy = RetryPolicy::for_a_moving_tip(put.patience);
        let Some(wait) = policy.wait(attempts, started.elapsed(), rand::random()) else {
            let path = put.target.path.clone();
            return Err(SecretsError::Contended { path, attempts, patience: put.patience });
        };
        tracing::info!(attempts, "`{}` was written by somebody else: looking again", put.target.path);
        tokio::time::sleep(wait).await;
    }
}

/// One attempt. Nothing when somebody else was faster.
async fn attempt<V: Vault, K: Keyring>(
    put: &Put<'_>,
    values: &Values,
    engine: &Engine<'_, V>,
    safe: &Safe<'_, V, K>,
) -> Result<Option<Done>, SecretsError> {
    let Target { path, owner } = put.target;
    // Before the values, whose version counts if there are any: of what was deleted only this knows the version.
    let described = engine.look(path).await?;
    let metadata = described.clone().unwrap_or_default();
    refuse_foreign(path, metadata.ownership(), owner)?;
    let found = engine.read(path).await?;
    let is_there = found.is_some();
    let (version, there) = found.unwrap_or_else(|| (metadata.version, Values::default()));
    safe.mask(&there);
    let wanted = values.put_to(&there, put.way);
    let verdict = match is_there {
        false => Verdict::Created,
        true if wanted == there => Verdict::Unchanged,
        true => Verdict::Updated,
    };
    let mut done = Done {
        verdict,
        path: path.clone(),
        version: Some(version).filter(|version| *version > 0),
        keys: wanted.keys().map(str::to_owned).collect(),
    };
    if put.dry_run {
        done.version = done.version.filter(|_| verdict == Verdict::Unchanged);
        return Ok(Some(done));
    }
    // First of all: values that nobody owns would never be removed.
    describe(put.target, described, engine).await?;
    if verdict != Verdict::Unchanged {
        match engine.write(path, &wanted, version).await? {
            Written::At(version) => done.version = Some(version),
            Written::Moved => return Ok(None),
        }
        if version == 0 {
            // Whoever removed the path in between has taken along whose it is.
            describe(put.target, engine.look(path).await?, engine).await?;
        }
    }
    Ok(Some(done))
}

/// Says whose the values are, unless that is said already.
async fn describe<V: Vault>(
    target: &Target,
    there: Option<Described>,
    engine: &Engine<'_, V>,
) -> Result<(), SecretsError> {
    let metadata = there.clone().unwrap_or_default().metadata;
    let wanted = target.owner.written_to(&metadata);
    if there.is_none() || wanted != metadata {
        engine.describe(&target.path, &wanted).await?;
    }
    Ok(())
}

/// Refuses a path whose values are, or may be, another application's.
fn refuse_foreign(path: &SecretPath, there: Ownership, ours: &Owner) -> Result<(), SecretsError> {
    match there {
        Ownership::Of(owner) if is_for(&owner, path, &ours.pull_request()) => Ok(()),
        Ownership::Unsaid => Ok(()),
        other => Err(foreign(path, other)),
    }
}

/// Whether values at a path are those of a pull request.
pub(super) fn is_for(owner: &Owner, path: &SecretPath, whose: &PullRequestOf) -> bool {
    let name = path.as_str().rsplit('/').next().unwrap_or_default();
    owner.pull_request() == *whose && owner.is_at(name)
}

/// Why values that somebody else has, or may have, are left alone.
pub(in crate::usecases) fn foreign(path: &SecretPath, there: Ownership) -> SecretsError {
    let path = path.clone();
    match there {
        Ownership::Of(owner) => SecretsError::Foreign { path, owner: Box::new(owner.pull_request()) },
        Ownership::Unclear { key } => SecretsError::Unclear { path, key },
        Ownership::Unsaid => SecretsError::Unclear { path, key: "managed-by" },
    }
}
