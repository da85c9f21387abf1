//! What a commit has to pass: its images are in their registries, and what would be pushed passes the checks.

use std::collections::BTreeMap;
use std::path::Path;
use std::time::Duration;

use crate::domain::checks::Finding;
use crate::domain::configuration::{Configuration, Strictness};
use crate::domain::fork_build::WorkflowFile;
use crate::domain::identity::Identity;
use crate::domain::image::{Digest, ImageReference};
use crate::domain::names::{CommitId, ImageName};
use crate::domain::plan::Edit;
use crate::domain::pull_request::PullRequest;
use crate::error::Error;
use crate::ports::{Builds, ImagePublisher, Registry, Renderer, SchemaArchives, Snapshot};
use crate::usecases::checks::{self, Kit};
use crate::usecases::fork_images::{self, ForkCommit, Source};
use crate::usecases::images;

/// What a commit has to pass.
pub struct Gate<'a, R, A, G, B> {
    /// What checks are made with.
    pub kit: Kit<'a, R, A>,
    /// Where images are looked up.
    pub registry: &'a G,
    /// How long an image is waited for.
    pub image_timeout: Duration,
    /// Where the images of forks come from, where they are to be published.
    pub forks: Option<ForkBuilds<'a, B>>,
}

/// Where the images of forks come from.
pub struct ForkBuilds<'a, B> {
    /// The runs of workflows, and what they left.
    pub builds: &'a B,
    /// The workflow that builds the images of forks.
    pub workflow: &'a WorkflowFile,
    /// A folder of ours, for what is fetched.
    pub folder: &'a Path,
}

/// What was found of images: nothing of one that is not there, and need not be.
pub(super) type Found = BTreeMap<ImageReference, Option<Digest>>;

/// The images of a preview that are to be looked up.
#[derive(Debug, Default)]
pub(super) struct Wanted {
    /// Those whose digest goes into the values.
    pub(super) pinned: Vec<ImageReference>,
    /// Those that only have to be there.
    pub(super) others: Vec<ImageReference>,
}

impl Wanted {
    pub(super) fn of(configuration: &Configuration, tags: &BTreeMap<ImageName, String>) -> Self {
        let document = configuration.document();
        let mut wanted = Self::default();
        for (name, image) in &document.images {
            let Some(tag) = tags.get(name).and_then(|tag| tag.parse().ok()) else { continue };
            let reference = ImageReference { repository: image.repository.clone(), tag };
            if image.pin {
                wanted.pinned.push(reference);
            } else if document.checks.images != Strictness::Off {
                wanted.others.push(reference);
            }
        }
        wanted
    }
}

/// The tags as they go into the values: those of pinned images with what they stand for.
pub(super) fn pinned_tags(
    configuration: &Configuration,
    tags: &BTreeMap<ImageName, String>,
    found: &Found,
) -> BTreeMap<ImageName, String> {
    let pinned = |name: &ImageName, tag: &String| {
        let image = configuration.document().images.get(name).filter(|image| image.pin)?;
        let reference = ImageReference { repository: image.repository.clone(), tag: tag.parse().ok()? };
        let digest = found.get(&reference)?.as_ref()?;
        Some(format!("{tag}@{digest}"))
    };
    tags.iter().map(|(name, tag)| (name.clone(), pinned(name, tag).unwrap_or_else(|| tag.clone()))).collect()
}

impl<R: Renderer, A: SchemaArchives, G: Registry + ImagePublisher, B: Builds> Gate<'_, R, A, G, B> {
    /// Waits for images. One that is pinned has to be there, whatever the check says.
    pub(super) async fn find(
        &self,
        missing: &[ImageReference],
        wanted: &Wanted,
        configuration: &Configuration,
    ) -> Result<Found, Error> {
        match images::wait_for(missing, self.registry, self.image_timeout).await {
            Ok(found) => Ok(found.into_iter().map(|(image, digest)| (image, Some(digest))).collect()),
            Err(error) => {
                let is_needed = missing.iter().any(|image| wanted.pinned.contains(image));
                if is_needed || configuration.document().checks.images != Strictness::Warn {
                    return Err(error);
                }
                tracing::warn!("{error}");
                Ok(missing.iter().map(|image| (image.clone(), None)).collect())
            }
        }
    }

    /// Publishes the images that the build of a fork's commit left, as far as their registries do not have them.
    pub(super) async fn publish(
        &self,
        images: &[ImageReference],
        commit: &CommitId,
        pull_request: &PullRequest,
    ) -> Result<(), Error> {
        let Some(ForkBuilds { builds, workflow, folder }) = &self.forks else { return Ok(()) };
        let of = ForkCommit { commit, head_repository: pull_request.head_repository.as_ref() };
        let timeout = self.image_timeout;
        let source = Source { builds: *builds, registry: self.registry, workflow, timeout, folder };
        fork_images::publish(images, &of, &source).await?;
        Ok(())
    }

    /// Checks what would be pushed, and returns what is only to be told.
    pub(super) async fn check(
        &self,
        snapshot: &impl Snapshot,
        configuration: &Configuration,
        identity: &Identity,
        edits: &[Edit],
    ) -> Result<Vec<Finding>, Error> {
        checks::before_commit(&self.kit, snapshot, configuration, identity, edits).await
    }
}
