//! The registries that images are pulled from.

use std::future::Future;
use std::time::Duration;

use super::{until, words};
use crate::domain::image::{Digest, ImageReference};
use crate::domain::names::ImageRepository;

/// The registries of images: each image says which one.
pub trait Registry {
    /// The digest of what a tag stands for now, which of an image for several platforms is the digest of their index. Nothing
    /// when there is no such tag, or no such repository.
    fn digest(&self, image: &ImageReference) -> impl Future<Output = Result<Option<Digest>, RegistryError>> + Send;
}

/// Why a registry could not be asked.
#[derive(Debug, thiserror::Error)]
pub enum RegistryError {
    /// The credentials are wrong or missing.
    #[error("the registry of `{repository}` {}{}", refusal(*.offered), words(.message))]
    BadCredentials {
        /// The repository.
        repository: ImageRepository,
        /// Where the credentials came from, if there were any.
        offered: Option<&'static str>,
        /// The registry's words.
        message: String,
    },
    /// The credentials may not read this, or not write it. Some registries say so of repositories that are not there yet.
    #[error("the registry of `{repository}` does not allow this access to it, or has no such repository{}", words(.message))]
    Forbidden {
        /// The repository.
        repository: ImageRepository,
        /// The registry's words.
        message: String,
    },
    /// The registry asks to come back later.
    #[error("the registry of `{repository}` limits how often it is asked{}{}", words(.message), until(*.retry_after))]
    RateLimited {
        /// The repository.
        repository: ImageRepository,
        /// The registry's words.
        message: String,
        /// After how long it may be asked again, where it says so.
        retry_after: Option<Duration>,
    },
    /// The registry could not be reached, or the connection broke.
    #[error("the registry of `{repository}` can not be reached: {message}")]
    Unreachable {
        /// The repository.
        repository: ImageRepository,
        /// What happened.
        message: String,
    },
    /// The registry answered with an error.
    #[error("the registry of `{repository}` failed: status {status}{}", words(.message))]
    Failed {
        /// The repository.
        repository: ImageRepository,
        /// The status of the answer.
        status: u16,
        /// The registry's words.
        message: String,
    },
    /// The answer is not one of a registry, or not to be trusted.
    #[error("the answer of the registry of `{repository}` makes no sense: {message}")]
    Senseless {
        /// The repository.
        repository: ImageRepository,
        /// What is wrong.
        message: String,
    },
    /// The credentials can not be read on this machine.
    #[error("the credentials for `{repository}` can not be read: {message}")]
    NoLogin {
        /// The repository.
        repository: ImageRepository,
        /// What is wrong with docker's configuration, or with the program that it names.
        message: String,
    },
}

/// What a registry says to credentials, or to their lack.
fn refusal(offered: Option<&'static str>) -> String {
    offered.map_or_else(
        || "asks for credentials, and there are none".to_owned(),
        |source| format!("does not accept the credentials ({source})"),
    )
}

impl RegistryError {
    /// Whether another look may find something else: while an image is still being pushed, its repository may be missing.
    #[must_use]
    pub fn is_passing(&self) -> bool {
        match self {
            Self::Forbidden { .. } | Self::RateLimited { .. } | Self::Unreachable { .. } => true,
            Self::Failed { status, .. } => *status >= 500,
            Self::BadCredentials { .. } | Self::Senseless { .. } | Self::NoLogin { .. } => false,
        }
    }

    /// How long the registry wants not to be asked, where it says so.
    #[must_use]
    pub fn retry_after(&self) -> Option<Duration> {
        match self {
            Self::RateLimited { retry_after, .. } => *retry_after,
            _ => None,
        }
    }
}
