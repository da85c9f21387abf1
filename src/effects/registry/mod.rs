//! Registries of images, as the OCI distribution specification has them.
//! <https://github.com/opencontainers/distribution-spec/blob/main/spec.md>
//!
//! The names, media types and forms of errors are `oci-client`'s; the requests are ours (`docs/decisions/0036-oci-client.md`).

mod answer;
mod authorization;
mod challenge;
mod connection;
mod credentials;
mod docker;
mod helper;
mod manifest;
mod push;
mod upload;

pub use credentials::{Credentials, GitHubToken, Login};
pub use docker::DockerConfiguration;

use std::collections::BTreeMap;
use std::sync::Mutex;

use oci_client::Reference;
use reqwest::{StatusCode, Url};

use self::answer::Answer;
use self::authorization::{Access, Session};
use self::challenge::Challenge;
use self::connection::{Connection, Question};
use self::manifest::Looked;
use crate::domain::image::{Digest, ImageReference};
use crate::domain::names::ImageRepository;
use crate::effects::git::is_loopback;
use crate::ports::{Registry, RegistryError};

/// Registries over HTTPS, and over plain HTTP on this machine.
pub struct OciRegistry {
    connection: Connection,
    credentials: Credentials,
    allow_http: bool,
    /// How each repository was reached last: a token is good for several looks.
    sessions: Mutex<BTreeMap<(ImageRepository, Access), Session>>,
}

impl OciRegistry {
    /// Registries that are shown these credentials when they ask for some. With `allow_http`, one that can not be reached by
    /// HTTPS is tried by plain HTTP; one on this machine always is.
    #[must_use]
    pub fn new(credentials: Credentials, allow_http: bool) -> Self {
        Self { connection: Connection::default(), credentials, allow_http, sessions: Mutex::default() }
    }

    /// Finds out how the registry wants to be asked, by its own words on `/v2/`, as docker does.
    async fn open(&self, repository: &ImageRepository, access: Access) -> Result<Session, RegistryError> {
        let mut failed = None;
        for base in self.bases(repository)? {
            let mut ping = Question::get(base.clone());
            ping.url.set_path("/v2/");
            match self.connection.ask(repository, ping).await {
                Ok(answer) => return self.admitted(repository, base, access, answer).await,
                Err(error @ RegistryError::Unreachable { .. }) => failed = failed.or(Some(error)),
                Err(error) => return Err(error),
            }
        }
        Err(failed.unwrap_or_else(|| senseless(repository, "it has no address")))
    }

    async fn admitted(
        &self,
        repository: &ImageRepository,
        base: Url,
        access: Access,
        answer: Answer,
    ) -> Result<Session, RegistryError> {
        if answer.status == StatusCode::UNAUTHORIZED {
            let challenge = Challenge::of(&answer.headers);
            return self.authorize(repository, base, access, challenge).await;
        }
        if answer.status == StatusCode::TOO_MANY_REQUESTS || answer.status.is_server_error() {
            return Err(answer.error(repository, None));
        }
        // Whatever else it says there: what it says of the image counts.
        Ok(Session::anonymous(base, access))
    }

    /// Where the registry may be, in order.
    fn bases(&self, repository: &ImageRepository) -> Result<Vec<Url>, RegistryError> {
        let reference = Reference::with_tag(repository.registry().to_owned(), repository.path(), String::new());
        let url = |scheme: &str| {
            let url = Url::parse(&format!("{scheme}://{}/", reference.resolve_registry()));
            url.map_err(|why| senseless(repository, &format!("it has no address: {why}")))
        };
        let plain = url("http")?;
        if is_loopback(&plain) {
            return Ok(vec![plain]);
        }
        let mut bases = vec![url("https")?];
        bases.extend(self.allow_http.then_some(plain));
        Ok(bases)
    }

    fn kept(&self, repository: &ImageRepository, access: Access) -> Option<Session> {
        self.sessions.lock().ok()?.get(&(repository.clone(), access)).cloned()
    }

    fn keep(&self, repository: &ImageRepository, session: Session) {
        if let Ok(mut sessions) = self.sessions.lock() {
            sessions.insert((repository.clone(), session.access), session);
        }
    }
}

impl Registry for OciRegistry {
    async fn digest(&self, image: &ImageReference) -> Result<Option<Digest>, RegistryError> {
        let repository = &image.repository;
        let kept = self.kept(repository, Access::Pull);
        let was_kept = kept.is_some();
        let session = match kept {
            Some(session) => session,
            None => self.open(repository, Access::Pull).await?,
        };
        let answer = match self.look(image, &session).await? {
            Looked::Found(digest) => {
                self.keep(repository, session);
                return Ok(digest);
            }
            Looked::Unauthorized(answer) => answer,
        };
        // A token gets too old; and some registries ask for one only where it is needed.
        if !was_kept && session.is_challenged {
            return Err(session.refused(repository, &answer));
        }
        let challenge = Challenge::of(&answer.headers);
        let session = self.authorize(repository, session.base, Access::Pull, challenge).await?;
        match self.look(image, &session).await? {
            Looked::Found(digest) => {
                self.keep(repository, session);
                Ok(digest)
            }
            Looked::Unauthorized(answer) => Err(session.refused(repository, &answer)),
        }
    }
}

fn senseless(repository: &ImageRepository, message: &str) -> RegistryError {
    RegistryError::Senseless { repository: repository.clone(), message: message.to_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn bases(text: &str, allow_http: bool) -> Vec<String> {
        let registry = OciRegistry::new(Credentials::default(), allow_http);
        registry.bases(&text.parse().unwrap()).unwrap().iter().map(ToString::to_string).collect()
    }

    #[test]
    fn plain_http_is_for_this_machine_unless_it_is_allowed() {
        assert_eq!(bases("nginx", false), ["https://index.docker.io/"]);
        assert_eq!(bases("ghcr.io/acme/web", false), ["https://ghcr.io/"]);
        assert_eq!(bases("ghcr.io/acme/web", true), ["https://ghcr.io/", "http://ghcr.io/"]);
        for local in ["localhost:5000", "127.0.0.1:5000"] {
            assert_eq!(bases(&format!("{local}/web"), false), [format!("http://{local}/")]);
        }
        assert_eq!(bases("localhost.evil.example/web", false), ["https://localhost.evil.example/"]);
    }

    #[test]
    fn repositories_are_taken_apart_as_the_library_does() {
        for text in
            ["nginx", "acme/web", "index.docker.io/nginx", "ghcr.io/acme/web", "localhost:5000/web", "localhost/web"]
        {
            let repository: ImageRepository = text.parse().unwrap();
            let reference: Reference = format!("{text}:v1").parse().unwrap();
            let expected = (reference.registry(), reference.repository());
            assert_eq!((repository.registry(), repository.path().as_str()), expected, "{text}");
        }
    }
}
