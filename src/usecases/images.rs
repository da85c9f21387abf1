//! Waits for the images of a preview: one whose images are not there yet would not start.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use futures_util::future::try_join_all;
use tokio::time::Instant;

use crate::domain::image::{Digest, ImageReference, pause};
use crate::error::{Error, ImagesMissing, MissingImage};
use crate::ports::{Registry, RegistryError};

/// How long a look may take when the time to wait is over before that.
const PATIENCE_FOR_ONE_LOOK: Duration = Duration::from_secs(30);
/// How often the log says what is still waited for.
const TOLD_EVERY: Duration = Duration::from_secs(30);

/// The digests of all images, each of which is waited for up to `timeout`; looked for once even if that is zero.
///
/// # Errors
///
/// When an image is not there in time, and at once when a registry answers something that waiting does not mend, such as that
/// the credentials are wrong.
pub async fn wait_for(
    images: &[ImageReference],
    registry: &impl Registry,
    timeout: Duration,
) -> Result<BTreeMap<ImageReference, Digest>, Error> {
    let images: BTreeSet<_> = images.iter().collect();
    let started = Instant::now();
    let waits = images.into_iter().map(async |image| {
        let found = Wait { image, registry, timeout, started, looks: 0, told: None }.end().await?;
        Ok::<_, RegistryError>((image.clone(), found))
    });
    let mut digests = BTreeMap::new();
    let mut missing = Vec::new();
    for (image, found) in try_join_all(waits).await? {
        match found {
            Ok(digest) => _ = digests.insert(image, digest),
            Err(last) => missing.push(MissingImage { image, last }),
        }
    }
    if missing.is_empty() {
        return Ok(digests);
    }
    Err(ImagesMissing { images: missing, waited: timeout }.into())
}

/// The wait for one image.
struct Wait<'a, R> {
    image: &'a ImageReference,
    registry: &'a R,
    timeout: Duration,
    started: Instant,
    looks: u32,
    told: Option<Instant>,
}

/// The digest, or the registry's last words: none when it just has no such tag.
type Found = Result<Digest, Option<RegistryError>>;

impl<R: Registry> Wait<'_, R> {
    /// Looks until the image is there or the time is over.
    async fn end(mut self) -> Result<Found, RegistryError> {
        loop {
            let last = match self.look().await {
                Ok(Some(digest)) => {
                    if self.looks > 1 {
                        tracing::info!(image = %self.image, digest = %digest, "the image is there");
                    }
                    return Ok(Ok(digest));
                }
                Ok(None) => None,
                Err(error) if error.is_passing() => Some(error),
                Err(error) => return Err(error),
            };
            let Some(pause) = self.pause(last.as_ref()) else { return Ok(Err(last)) };
            self.tell(last.as_ref());
            tokio::time::sleep(pause).await;
        }
    }

    async fn look(&mut self) -> Result<Option<Digest>, RegistryError> {
        self.looks += 1;
        let patience = self.rest().max(PATIENCE_FOR_ONE_LOOK);
        let looked = tokio::time::timeout(patience, self.registry.digest(self.image)).await;
        looked.unwrap_or_else(|_| {
            let message = format!("it did not answer for {} seconds", patience.as_secs());
            Err(RegistryError::Unreachable { repository: self.image.repository.clone(), message })
        })
    }

    /// How much is left of the time.
    fn rest(&self) -> Duration {
        self.timeout.saturating_sub(self.started.elapsed())
    }

    /// How long to wait for the next look, the last of which is when the time is over. Nothing when it is over, or when the
    /// registry does not want to be asked before that.
    fn pause(&self, last: Option<&RegistryError>) -> Option<Duration> {
        let rest = self.rest();
        let asked = last.and_then(RegistryError::retry_after).unwrap_or_default();
        let pause = pause(self.looks, rand::random()).min(rest).max(asked);
        (!rest.is_zero() && pause <= rest).then_some(pause)
    }

    /// Says what is waited for: at first, and now and then.
    fn tell(&mut self, last: Option<&RegistryError>) {
        if self.told.is_some_and(|told| told.elapsed() < TOLD_EVERY) {
            return;
        }
        let (image, waited) = (self.image, self.started.elapsed().as_secs());
        let why = last.map_or_else(|| "its registry has no such tag".to_owned(), ToString::to_string);
        if self.told.is_none() {
            tracing::info!(%image, why, "waiting for an image for up to {} seconds", self.timeout.as_secs());
        } else {
            tracing::info!(%image, why, "still waiting for an image, {waited} seconds now");
        }
        self.told = Some(Instant::now());
    }
}
