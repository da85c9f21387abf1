//! The registry's errors: what the program ends with, and what to do.

use std::time::Duration;

use crate::contract::ExitCode;
use crate::domain::image::ImageReference;
use crate::ports::RegistryError;

/// Images that were waited for, and did not come.
#[derive(Debug, thiserror::Error)]
#[error("{} after {}: {}", told(.images.len()), in_words(*.waited), named(.images))]
pub struct ImagesMissing {
    /// Each, in order.
    pub images: Vec<MissingImage>,
    /// How long they were waited for.
    pub waited: Duration,
}

/// An image that did not come.
#[derive(Debug)]
pub struct MissingImage {
    /// Which one.
    pub image: ImageReference,
    /// What the registry answered last: without an error, that there is no such tag.
    pub last: Option<RegistryError>,
}

fn told(count: usize) -> String {
    if count == 1 { "an image is not there".to_owned() } else { format!("{count} images are not there") }
}

pub(super) fn in_words(time: Duration) -> String {
    match time.as_secs() {
        0 => "one look".to_owned(),
        1 => "1 second".to_owned(),
        seconds if seconds % 60 == 0 => format!("{} minute{}", seconds / 60, if seconds == 60 { "" } else { "s" }),
        seconds => format!("{seconds} seconds"),
    }
}

fn named(images: &[MissingImage]) -> String {
    let each = images.iter().map(|missing| match &missing.last {
        Some(error) => format!("`{}` ({error})", missing.image),
        None => format!("`{}` (its registry has no such tag)", missing.image),
    });
    each.collect::<Vec<_>>().join("; ")
}

pub(super) fn code(error: &RegistryError) -> ExitCode {
    match error {
        RegistryError::BadCredentials { .. } | RegistryError::Forbidden { .. } => ExitCode::NotAllowed,
        RegistryError::RateLimited { .. }
        | RegistryError::Unreachable { .. }
        | RegistryError::Failed { .. }
        | RegistryError::Senseless { .. } => ExitCode::Unreachable,
        RegistryError::NoLogin { .. } => ExitCode::SetUp,
    }
}

pub(super) fn hint(error: &RegistryError) -> &'static str {
    match error {
        RegistryError::BadCredentials { .. } => {
            "log in with `docker login` (`docker/login-action`) in the same job, or set `BIVOUAC_REGISTRY_USERNAME` and `BIVOUAC_REGISTRY_TOKEN`"
        }
        RegistryError::Forbidden { .. } => {
            "give the login access to the image, to read it, or to write it where images of forks are published (on ghcr.io: `permissions: packages: read` or `write`, and the repository among those that the package gives this access)"
        }
        RegistryError::RateLimited { .. } => {
            "wait for the limit to pass, then run it again; most registries allow more to who is logged in"
        }
        RegistryError::Unreachable { .. } => {
            "check the registry's name in `bivouac.yaml` and the network, then run it again"
        }
        RegistryError::Failed { .. } => "check the registry's status, then run it again",
        RegistryError::Senseless { .. } => {
            "check the image's repository in `bivouac.yaml`: what answers there is a proxy, or no registry"
        }
        RegistryError::NoLogin { .. } => {
            "mend docker's `config.json` (`docker login` writes it), or set `BIVOUAC_REGISTRY_USERNAME` and `BIVOUAC_REGISTRY_TOKEN`"
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Error;

    fn image(text: &str) -> ImageReference {
        ImageReference { repository: text.parse().unwrap(), tag: "v1".parse().unwrap() }
    }

    #[test]
    fn every_missing_image_is_named_with_the_registrys_last_words() {
        let last = RegistryError::Failed {
            repository: "ghcr.io/acme/api".parse().unwrap(),
            status: 503,
            message: "come back".to_owned(),
        };
        let images = vec![
            MissingImage { image: image("ghcr.io/acme/web"), last: None },
            MissingImage { image: image("ghcr.io/acme/api"), last: Some(last) },
        ];
        let error = Error::from(ImagesMissing { images, waited: Duration::from_mins(5) });
        insta::assert_snapshot!(error, @"2 images are not there after 5 minutes: `ghcr.io/acme/web:v1` (its registry has no such tag); `ghcr.io/acme/api:v1` (the registry of `ghcr.io/acme/api` failed: status 503: come back)");
        assert_eq!(error.exit_code(), ExitCode::Blocked);
        assert!(error.hint().is_some());
    }

    #[test]
    fn the_time_is_told_as_people_tell_it() {
        let table = [(0, "one look"), (1, "1 second"), (59, "59 seconds"), (60, "1 minute"), (600, "10 minutes")];
        for (seconds, text) in table {
            assert_eq!(in_words(Duration::from_secs(seconds)), text);
        }
    }
}
