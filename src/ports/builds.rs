//! What it takes to bring the images of a fork's commit into their registries.

use std::future::Future;
use std::path::{Path, PathBuf};

use crate::domain::fork_build::{Artifact, Build, RunHead, WorkflowFile};
use crate::domain::image::{Digest, ImageReference};
use crate::domain::names::{CommitId, PullRequestNumber};
use crate::ports::{ForgeError, RegistryError};

/// The runs of a repository's workflows, and what they left.
pub trait Builds {
    /// The runs of a workflow for the head commit of pull requests, the latest first.
    fn builds(
        &self,
        workflow: &WorkflowFile,
        commit: &CommitId,
    ) -> impl Future<Output = Result<Vec<Build>, ForgeError>> + Send;

    /// What a run left.
    fn artifacts(&self, build: u64) -> impl Future<Output = Result<Vec<Artifact>, ForgeError>> + Send;

    /// Writes an artifact into a new file: a zip archive, of at most `limit` bytes.
    fn download(&self, artifact: u64, file: &Path, limit: u64) -> impl Future<Output = Result<(), ForgeError>> + Send;

    /// The open pull requests with that head, the oldest first.
    fn pull_requests_of(
        &self,
        head: &RunHead,
    ) -> impl Future<Output = Result<Vec<PullRequestNumber>, ForgeError>> + Send;
}

/// Registries that take images.
pub trait ImagePublisher {
    /// Puts the image that the file `member` of a zip archive holds into its registry, after all of it was checked: nothing is
    /// sent of an archive that is not what it says.
    fn publish(
        &self,
        zip: &Path,
        member: &str,
        image: &ImageReference,
    ) -> impl Future<Output = Result<Digest, PublishError>> + Send;
}

/// Why an image was not published.
#[derive(Debug, thiserror::Error)]
pub enum PublishError {
    /// What the build left is not an image, or not one that is safe to take.
    #[error("`{member}`, which the build of `{image}` left, is refused: {message}")]
    Refused {
        /// The image that it was for.
        image: ImageReference,
        /// The file.
        member: String,
        /// What is wrong with it. It quotes the archive, whose text is hostile, without control characters.
        message: String,
    },
    /// A file of this machine can not be read or written.
    #[error("`{path}` can not be used")]
    Local {
        /// The file.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// The registry does not take it.
    #[error(transparent)]
    Registry(#[from] RegistryError),
}
