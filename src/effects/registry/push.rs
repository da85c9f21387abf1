//! Images that are put into registries.
//! <https://github.com/opencontainers/distribution-spec/blob/main/spec.md#push>

use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use super::OciRegistry;
use super::upload::{Part, Upload};
use crate::domain::image::{Digest, ImageReference, pause};
use crate::effects::artifact::{CheckedImage, LARGEST, Unusable};
use crate::ports::{ImagePublisher, PublishError, RegistryError};

/// How often something is sent again that did not arrive.
const AGAIN: u32 = 3;
/// The longest that a registry is left alone when it asks for that.
const LONGEST_WAIT: Duration = Duration::from_mins(1);

impl ImagePublisher for OciRegistry {
    async fn publish(&self, zip: &Path, member: &str, image: &ImageReference) -> Result<Digest, PublishError> {
        let checked = open(zip.to_owned(), member.to_owned()).await.map_err(|unusable| match unusable {
            Unusable::Refused(message) => {
                PublishError::Refused { image: image.clone(), member: member.to_owned(), message }
            }
            Unusable::Local { path, source } => PublishError::Local { path, source },
        })?;
        Ok(self.push(image, &Arc::new(checked)).await?)
    }
}

async fn open(zip: PathBuf, member: String) -> Result<CheckedImage, Unusable> {
    let path = zip.clone();
    let work = tokio::task::spawn_blocking(move || CheckedImage::open(&zip, &member, LARGEST));
    work.await.unwrap_or_else(|why| Err(Unusable::Local { path, source: io::Error::other(why) }))
}

impl OciRegistry {
    /// Sends what the registry has not got: first what others name, last the root, by its tag.
    async fn push(&self, image: &ImageReference, checked: &Arc<CheckedImage>) -> Result<Digest, RegistryError> {
        let mut upload = Upload::begin(self, &image.repository).await?;
        let root = &checked.image.root;
        // A tag may be one that can not be written again.
        if upload.stands_for(image).await?.as_ref() != Some(&root.blob.digest) {
            for blob in &checked.image.blobs {
                send(&mut upload, &Part::Blob(blob, checked)).await?;
            }
            for manifest in &checked.image.below {
                send(&mut upload, &Part::Manifest(manifest, manifest.blob.digest.as_str())).await?;
            }
            send(&mut upload, &Part::Manifest(root, image.tag.as_str())).await?;
        }
        upload.end();
        Ok(root.blob.digest.clone())
    }
}

/// Sends a part, and again from its start when it did not arrive.
async fn send(upload: &mut Upload<'_>, part: &Part<'_>) -> Result<(), RegistryError> {
    let mut failed = 0;
    loop {
        let error = match upload.send(part).await {
            Ok(()) => return Ok(()),
            Err(error) => error,
        };
        let asked = error.retry_after().unwrap_or_default();
        if failed == AGAIN || asked > LONGEST_WAIT || !may_arrive(&error) {
            return Err(error);
        }
        failed += 1;
        tracing::info!(why = %error, "sending a part of an image again");
        tokio::time::sleep(pause(failed, rand::random()).max(asked)).await;
    }
}

/// Whether it may arrive the next time. A registry of several servers can lose what it knows of an upload.
fn may_arrive(error: &RegistryError) -> bool {
    match error {
        RegistryError::Unreachable { .. } | RegistryError::RateLimited { .. } => true,
        RegistryError::Failed { status, message, .. } => *status >= 500 || message.starts_with("BLOB_UPLOAD_"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_registry_refuses_is_not_sent_again() {
        let repository = || "ghcr.io/acme/web".parse().unwrap();
        let failed = |status, message: &str| RegistryError::Failed {
            repository: repository(),
            status,
            message: message.to_owned(),
        };
        assert!(may_arrive(&failed(503, "")) && may_arrive(&failed(404, "BLOB_UPLOAD_UNKNOWN gone")));
        assert!(!may_arrive(&failed(400, "MANIFEST_INVALID")) && !may_arrive(&failed(404, "NAME_UNKNOWN")));
        assert!(!may_arrive(&RegistryError::Forbidden { repository: repository(), message: String::new() }));
        assert!(may_arrive(&RegistryError::Unreachable { repository: repository(), message: String::new() }));
    }
}
