//! Brings the images of a fork's commit into their registries: out of what its build left, which had no credentials for them.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use tokio::time::Instant;

use crate::domain::fork_build::{Artifact, Build, BuildStanding, WorkflowFile, artifact_name, file_name};
use crate::domain::image::{ImageReference, pause};
use crate::domain::names::{CommitId, RepositoryName};
use crate::error::{Error, ForkImagesError};
use crate::ports::{Builds, ForgeError, ImagePublisher, Registry, RegistryError};

/// The most bytes of an artifact, as it is fetched.
pub const LARGEST_ARTIFACT: u64 = 8 * 1024 * 1024 * 1024;
/// How often the log says what is still waited for.
const TOLD_EVERY: Duration = Duration::from_secs(30);

/// Whose images they are.
#[derive(Debug, Clone, Copy)]
pub struct ForkCommit<'a> {
    /// The commit.
    pub commit: &'a CommitId,
    /// Where it came from; nothing when that is gone. A build of another repository does not count.
    pub head_repository: Option<&'a RepositoryName>,
}

/// Where they come from, and where they go.
#[derive(Debug)]
pub struct Source<'a, B, R> {
    /// The builds of forks.
    pub builds: &'a B,
    /// The registries.
    pub registry: &'a R,
    /// The workflow that builds.
    pub workflow: &'a WorkflowFile,
    /// How long to wait for a build that succeeds; it is looked for once even if that is zero.
    pub timeout: Duration,
    /// A folder of ours, for what is fetched.
    pub folder: &'a Path,
}

/// Publishes those of the images that their registries have not got under these tags, and says whether there was any.
///
/// # Errors
///
/// When two images would come in one artifact; when no build succeeds in time, or all have failed; when it did not leave the
/// image, or something that is none; and when the forge or a registry refuses.
pub async fn publish<B: Builds, R: Registry + ImagePublisher>(
    wanted: &[ImageReference],
    of: &ForkCommit<'_>,
    by: &Source<'_, B, R>,
) -> Result<bool, Error> {
    let wanted = by_artifact(wanted)?;
    let mut missing = Vec::new();
    for (artifact, image) in wanted {
        if by.lacks(image).await? {
            missing.push((artifact, image));
        }
    }
    if missing.is_empty() {
        return Ok(false);
    }
    let build = by.build(of).await?;
    let artifacts = by.builds.artifacts(build).await?;
    // Whether all are there is known before the first is published.
    let found = missing.into_iter().map(|(name, image)| Ok((image, find(&artifacts, name, image, build)?)));
    for (image, artifact) in found.collect::<Result<Vec<_>, ForkImagesError>>()? {
        by.bring(image, artifact).await?;
    }
    Ok(true)
}

/// The images by the names of their artifacts.
fn by_artifact(wanted: &[ImageReference]) -> Result<BTreeMap<String, &ImageReference>, ForkImagesError> {
    let mut named: BTreeMap<String, &ImageReference> = BTreeMap::new();
    for image in wanted {
        let artifact = artifact_name(&image.repository);
        if let Some(other) = named.get(&artifact).filter(|other| **other != image) {
            let (one, other) = (other.repository.clone(), image.repository.clone());
            return Err(ForkImagesError::SameArtifact { one, other, artifact });
        }
        named.insert(artifact, image);
    }
    Ok(named)
}

/// The artifact of an image: the latest, where a run was made again.
fn find<'a>(
    artifacts: &'a [Artifact],
    name: String,
    image: &ImageReference,
    build: u64,
) -> Result<&'a Artifact, ForkImagesError> {
    let (image, artifact) = (image.clone(), name);
    let latest = artifacts.iter().filter(|found| found.name == artifact).max_by_key(|found| found.id);
    match latest {
        None => Err(ForkImagesError::NoArtifact { image, artifact, build }),
        Some(found) if found.is_expired => Err(ForkImagesError::Expired { image, artifact, build }),
        Some(found) if found.size > LARGEST_ARTIFACT => {
            Err(ForkImagesError::TooLarge { image, artifact, size: found.size, limit: LARGEST_ARTIFACT })
        }
        Some(found) => Ok(found),
    }
}

impl<B: Builds, R: Registry + ImagePublisher> Source<'_, B, R> {
    async fn lacks(&self, image: &ImageReference) -> Result<bool, RegistryError> {
        match self.registry.digest(image).await {
            Ok(digest) => Ok(digest.is_none()),
            // Some say so of a repository that is not there yet. Whether it may be written is found out by writing.
            Err(RegistryError::Forbidden { .. }) => Ok(true),
            Err(error) => Err(error),
        }
    }

    /// Fetches an artifact and publishes the image in it.
    async fn bring(&self, image: &ImageReference, artifact: &Artifact) -> Result<(), Error> {
        let file = self.folder.join(format!("artifact-{}.zip", artifact.id));
        self.builds.download(artifact.id, &file, LARGEST_ARTIFACT).await?;
        let published = self.registry.publish(&file, &file_name(&image.repository), image).await;
        // The folder goes in the end, but the next one needs the room.
        if let Err(why) = tokio::fs::remove_file(&file).await {
            tracing::debug!(%why, "an artifact stays for now");
        }
        let digest = published.map_err(ForkImagesError::from)?;
        tracing::info!(%image, %digest, "published the image of a fork");
        Ok(())
    }

    /// The latest build that succeeded, which is waited for.
    async fn build(&self, of: &ForkCommit<'_>) -> Result<u64, Error> {
        let (started, mut told, mut looks) = (Instant::now(), None, 0);
        loop {
            looks += 1;
            let looked = self.builds.builds(self.workflow, of.commit).await;
            let standing = match looked {
                Ok(builds) => Standing::of(&builds, of.head_repository),
                Err(error) if passes(&error) && started.elapsed() < self.timeout => Standing::Unknown(error),
                Err(error) => return Err(error.into()),
            };
            let (workflow, commit) = (self.workflow.clone(), of.commit.clone());
            let (pending, why) = match standing {
                Standing::Succeeded(build) => return Ok(build),
                Standing::Failed(build) => {
                    return Err(ForkImagesError::BuildFailed { workflow, commit, build }.into());
                }
                Standing::Pending(build) => (Some(build), format!("run {build} has not ended")),
                Standing::None => (None, "there is no run yet".to_owned()),
                Standing::Unknown(error) => (None, error.to_string()),
            };
            let rest = self.timeout.saturating_sub(started.elapsed());
            if rest.is_zero() {
                return Err(ForkImagesError::NoBuild { workflow, commit, waited: self.timeout, pending }.into());
            }
            self.tell(&mut told, started, &commit, &why);
            tokio::time::sleep(pause(looks, rand::random()).min(rest)).await;
        }
    }

    /// Says what is waited for: at first, and now and then.
    fn tell(&self, told: &mut Option<Instant>, started: Instant, commit: &CommitId, why: &str) {
        if told.is_some_and(|told| told.elapsed() < TOLD_EVERY) {
            return;
        }
        let (workflow, waited) = (self.workflow, started.elapsed().as_secs());
        if told.is_none() {
            tracing::info!(%workflow, %commit, why, "waiting for a build for up to {} seconds", self.timeout.as_secs());
        } else {
            tracing::info!(%workflow, %commit, why, "still waiting for a build, {waited} seconds now");
        }
        *told = Some(Instant::now());
    }
}

/// How the builds of a commit stand, by the number of the latest that says so.
enum Standing {
    Succeeded(u64),
    Pending(u64),
    Failed(u64),
    None,
    Unknown(ForgeError),
}

impl Standing {
    /// One that succeeded counts, whatever came after it; then one that still may.
    fn of(builds: &[Build], head_repository: Option<&RepositoryName>) -> Self {
        let latest = |standing: BuildStanding| {
            let mut own = builds.iter().filter(|build| build.head_repository.as_ref() == head_repository);
            own.find(|build| build.standing == standing).map(|build| build.id)
        };
        let succeeded = latest(BuildStanding::Succeeded).map(Self::Succeeded);
        succeeded
            .or_else(|| latest(BuildStanding::Pending).map(Self::Pending))
            .or_else(|| latest(BuildStanding::Failed).map(Self::Failed))
            .unwrap_or(Self::None)
    }
}

/// Whether another look may go better.
fn passes(error: &ForgeError) -> bool {
    match error {
        ForgeError::Unreachable { .. } => true,
        ForgeError::Failed { status, .. } => *status >= 500,
        _ => false,
    }
}

#[cfg(test)]
mod tests;
