//! The errors of images that forks' builds leave: what the program ends with, and what to do.

use std::time::Duration;

use super::registry::in_words;
use crate::contract::ExitCode;
use crate::domain::fork_build::WorkflowFile;
use crate::domain::image::ImageReference;
use crate::domain::names::{CommitId, ImageRepository};
use crate::ports::PublishError;

/// Why the images of a fork's commit did not get into their registries.
#[derive(Debug, thiserror::Error)]
pub enum ForkImagesError {
    /// Two images whose artifacts would have one name.
    #[error("`{one}` and `{other}` would both come in the artifact `{artifact}`")]
    SameArtifact {
        /// One of them.
        one: ImageRepository,
        /// The other one.
        other: ImageRepository,
        /// The name.
        artifact: String,
    },
    /// No build went well, and none is under way.
    #[error("the build of `{commit}` by `{workflow}` failed: run {build}")]
    BuildFailed {
        /// The workflow.
        workflow: WorkflowFile,
        /// The commit.
        commit: CommitId,
        /// The forge's number of the latest run.
        build: u64,
    },
    /// No build went well in time.
    #[error("no build of `{commit}` by `{workflow}` succeeded within {}{}", in_words(*.waited), under_way(*.pending))]
    NoBuild {
        /// The workflow.
        workflow: WorkflowFile,
        /// The commit.
        commit: CommitId,
        /// How long it was waited for.
        waited: Duration,
        /// The run that has not ended, if there is one.
        pending: Option<u64>,
    },
    /// The build left no such artifact.
    #[error("run {build} left no artifact `{artifact}`, which would hold `{image}`")]
    NoArtifact {
        /// The image that it would hold.
        image: ImageReference,
        /// Its name.
        artifact: String,
        /// The forge's number of the run.
        build: u64,
    },
    /// The artifact is there no longer.
    #[error("the artifact `{artifact}` of run {build}, which held `{image}`, has expired")]
    Expired {
        /// The image that it held.
        image: ImageReference,
        /// Its name.
        artifact: String,
        /// The forge's number of the run.
        build: u64,
    },
    /// The artifact is too large.
    #[error("the artifact `{artifact}`, which holds `{image}`, is refused: it has {size} bytes; {limit} are taken")]
    TooLarge {
        /// The image that it holds.
        image: ImageReference,
        /// Its name.
        artifact: String,
        /// How many bytes it has.
        size: u64,
        /// How many it may have.
        limit: u64,
    },
    /// An image was not published.
    #[error(transparent)]
    Publish(#[from] PublishError),
}

fn under_way(pending: Option<u64>) -> String {
    pending.map_or_else(
        || "; there is none that has not ended".to_owned(),
        |build| format!("; run {build} waits for approval, or is under way"),
    )
}

impl ForkImagesError {
    pub(super) fn exit_code(&self) -> ExitCode {
        match self {
            Self::SameArtifact { .. } => ExitCode::Configuration,
            Self::BuildFailed { .. } | Self::NoBuild { .. } | Self::NoArtifact { .. } | Self::Expired { .. } => {
                ExitCode::Blocked
            }
            Self::TooLarge { .. } | Self::Publish(PublishError::Refused { .. }) => ExitCode::Unsafe,
            Self::Publish(PublishError::Registry(error)) => super::registry::code(error),
            Self::Publish(PublishError::Local { .. }) => ExitCode::Failed,
        }
    }

    pub(super) fn hint(&self) -> &'static str {
        match self {
            Self::SameArtifact { .. } => {
                "an artifact is named after the last part of its image's repository: give one of them another in `bivouac.yaml`"
            }
            Self::BuildFailed { .. } => {
                "look at that run, mend what it fails of, and run it again; nothing was published"
            }
            Self::NoBuild { .. } => {
                "see whether the build waits for somebody to approve it, or takes longer; then run this again, or allow for a longer wait"
            }
            Self::NoArtifact { .. } => {
                "see that the workflow uploads an artifact of this name for each image, then run the build again"
            }
            Self::Expired { .. } => "run the build again",
            Self::TooLarge { .. } | Self::Publish(PublishError::Refused { .. }) => {
                "nothing of it was sent: look at what the build does before you run it again; it has to leave what `docker save` writes, alone in its artifact"
            }
            Self::Publish(PublishError::Registry(error)) => super::registry::hint(error),
            Self::Publish(PublishError::Local { .. }) => {
                "see that there is room for the archive, twice, in the folder for temporary files"
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    #[test]
    fn what_a_build_left_ends_the_run_by_what_is_wrong_with_it() {
        let image = || ImageReference { repository: "ghcr.io/acme/web".parse().unwrap(), tag: "v1".parse().unwrap() };
        let (artifact, build) = ("bivouac-image-web".to_owned(), 7);
        let refused = PublishError::Refused { image: image(), member: "web.tar".to_owned(), message: "no".to_owned() };
        let table = [
            (ForkImagesError::NoArtifact { image: image(), artifact: artifact.clone(), build }, ExitCode::Blocked),
            (ForkImagesError::Expired { image: image(), artifact: artifact.clone(), build }, ExitCode::Blocked),
            (ForkImagesError::TooLarge { image: image(), artifact, size: 9, limit: 8 }, ExitCode::Unsafe),
            (ForkImagesError::Publish(refused), ExitCode::Unsafe),
        ];
        for (error, code) in table {
            let error = Error::from(error);
            assert_eq!(error.exit_code(), code, "{error}");
            assert!(error.hint().is_some(), "{error}");
        }
    }
}
