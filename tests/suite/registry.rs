//! Images in registries: a real one, Debian's `docker-registry`, and some that mean harm.

mod credentials;
mod hostile;
mod lookups;
mod publishing;
mod scripted;
pub(crate) mod server;
mod tokens;
mod waiting;

use bivouac::domain::image::{Digest, ImageReference};
use bivouac::effects::registry::{Credentials, Login, OciRegistry};
use bivouac::ports::{Registry, RegistryError};
use bivouac::secret::Secret;

/// An image of a registry at an address such as `127.0.0.1:5000`.
fn image(address: &str, path: &str, tag: &str) -> ImageReference {
    ImageReference { repository: format!("{address}/{path}").parse().unwrap(), tag: tag.parse().unwrap() }
}

fn login(username: &str, password: &str) -> Login {
    Login::Password { username: username.to_owned(), password: Secret::new(password).unwrap() }
}

/// The credentials of the environment.
fn given(username: &str, password: &str) -> Credentials {
    Credentials { given: Some(login(username, password)), ..Credentials::default() }
}

/// One look with these credentials.
async fn look(credentials: Credentials, image: &ImageReference) -> Result<Option<Digest>, RegistryError> {
    OciRegistry::new(credentials, false).digest(image).await
}

/// One look without any.
async fn look_bare(image: &ImageReference) -> Result<Option<Digest>, RegistryError> {
    look(Credentials::default(), image).await
}

/// The digest of a text.
pub(crate) fn sha256(text: &str) -> String {
    let digest = aws_lc_rs::digest::digest(&aws_lc_rs::digest::SHA256, text.as_bytes());
    let digits: Vec<_> = digest.as_ref().iter().map(|byte| format!("{byte:02x}")).collect();
    format!("sha256:{}", digits.concat())
}
