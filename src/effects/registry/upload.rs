//! The requests that put the parts of an image into a repository.

use std::fs::File;
use std::io;
use std::os::unix::fs::FileExt as _;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use aws_lc_rs::digest;
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use reqwest::header::{CONTENT_LENGTH, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Method, StatusCode, Url};
use tokio::sync::mpsc;

use super::answer::Answer;
use super::authorization::{Access, Session};
use super::challenge::Challenge;
use super::connection::{Question, may_lead};
use super::manifest::{Looked, stated};
use super::{OciRegistry, senseless};
use crate::domain::image::{Digest, ImageReference};
use crate::domain::names::ImageRepository;
use crate::domain::oci::{Blob, Manifest};
use crate::effects::artifact::{CheckedImage, Place};
use crate::ports::RegistryError;

/// How long a part may take whatever its size is; and how many bytes a second are expected besides.
const PATIENCE: Duration = Duration::from_mins(2);
const SLOWEST: u64 = 512 * 1024;
/// How much of a file is read at once, in bytes, and how many such pieces wait to be sent.
const PIECE: usize = 256 * 1024;
const PIECES: usize = 4;
/// The two names of Docker Hub's registry.
const DOCKER_HUB: [&str; 2] = ["index.docker.io", "registry-1.docker.io"];

/// A part of an image.
pub(super) enum Part<'a> {
    /// A config or a layer, and what it is in.
    Blob(&'a Blob, &'a Arc<CheckedImage>),
    /// A manifest or an index, and the digest or tag that it is sent as.
    Manifest(&'a Manifest, &'a str),
}

/// How a repository is written to.
pub(super) struct Upload<'a> {
    registry: &'a OciRegistry,
    repository: &'a ImageRepository,
    session: Session,
    /// Whether the registry has let the session in: if it does no longer, that is too old.
    is_proven: bool,
}

impl<'a> Upload<'a> {
    pub(super) async fn begin(
        registry: &'a OciRegistry,
        repository: &'a ImageRepository,
    ) -> Result<Self, RegistryError> {
        if let Some(session) = registry.kept(repository, Access::Push) {
            return Ok(Self { registry, repository, session, is_proven: true });
        }
        let session = registry.open(repository, Access::Push).await?;
        Ok(Self { registry, repository, session, is_proven: false })
    }

    /// Remembers how the repository was reached.
    pub(super) fn end(self) {
        self.registry.keep(self.repository, self.session);
    }

    /// What a tag stands for, as far as that is told.
    pub(super) async fn stands_for(&mut self, image: &ImageReference) -> Result<Option<Digest>, RegistryError> {
        loop {
            match self.registry.look(image, &self.session).await {
                Ok(Looked::Found(digest)) => {
                    self.is_proven = true;
                    return Ok(digest);
                }
                Ok(Looked::Unauthorized(answer)) => self.renew(&answer).await?,
                // Of a repository that is not there yet some say that it may not be read.
                Err(RegistryError::Forbidden { .. }) => return Ok(None),
                Err(error) => return Err(error),
            }
        }
    }

    /// Sends a part, unless it is a blob that is there.
    pub(super) async fn send(&mut self, part: &Part<'_>) -> Result<(), RegistryError> {
        match part {
            Part::Blob(blob, checked) if !self.has(blob).await? => self.blob(blob, checked).await,
            Part::Blob(..) => Ok(()),
            Part::Manifest(manifest, name) => self.manifest(manifest, name).await,
        }
    }

    async fn has(&mut self, blob: &Blob) -> Result<bool, RegistryError> {
        let url = self.url(&format!("blobs/{}", blob.digest));
        let question = || Question { method: Method::HEAD, ..Question::get(url.clone()) };
        Ok(self.ask(question).await?.status == StatusCode::OK)
    }

    async fn blob(&mut self, blob: &Blob, checked: &Arc<CheckedImage>) -> Result<(), RegistryError> {
        let url = self.url("blobs/uploads/");
        let empty = || {
            let mut question = Question { method: Method::POST, ..Question::get(url.clone()) };
            question.headers.insert(CONTENT_LENGTH, HeaderValue::from_static("0"));
            question
        };
        let begun = self.ask(empty).await?;
        if begun.status != StatusCode::ACCEPTED {
            return Err(self.error(&begun));
        }
        let mut url = self.place(&url, &begun)?;
        url.query_pairs_mut().append_pair("digest", blob.digest.as_str());
        let place = checked.layout.place(blob).map_err(|why| senseless(self.repository, &why.to_string()))?;
        let question = || {
            let mut question = put(url.clone(), "application/octet-stream", place.length);
            question.body = Some(reqwest::Body::wrap(Pieces::of(checked, place, &blob.digest)));
            question
        };
        let ended = self.ask(question).await?;
        if ended.status.is_success() { Ok(()) } else { Err(self.error(&ended)) }
    }

    async fn manifest(&mut self, manifest: &Manifest, name: &str) -> Result<(), RegistryError> {
        let url = self.url(&format!("manifests/{name}"));
        let question = || {
            let mut question = put(url.clone(), manifest.kind.media_type(), manifest.blob.size);
            question.body = Some(manifest.bytes.clone().into());
            question
        };
        let answer = self.ask(question).await?;
        if !answer.status.is_success() {
            return Err(self.error(&answer));
        }
        match stated(self.repository, &answer)? {
            Some(digest) if digest != manifest.blob.digest => {
                Err(senseless(self.repository, "the manifest that it took is not the one that was sent"))
            }
            _ => Ok(()),
        }
    }

    fn url(&self, path: &str) -> Url {
        let mut url = self.session.base.clone();
        url.set_path(&format!("/v2/{}/{path}", self.repository.path()));
        url
    }

    /// Asks as the session says, and once more when that is too old. Only what reads is led elsewhere.
    async fn ask(&mut self, question: impl Fn() -> Question) -> Result<Answer, RegistryError> {
        loop {
            let mut question = question();
            // Another port of the same host is somebody else.
            if question.url.origin() == self.session.base.origin() {
                question = question.with_authorization(self.session.authorization());
            }
            let connection = &self.registry.connection;
            let answer = match question.method {
                Method::HEAD => connection.follow(self.repository, question).await?,
                _ => connection.ask(self.repository, question).await?,
            };
            if answer.status != StatusCode::UNAUTHORIZED {
                self.is_proven = true;
                return Ok(answer);
            }
            self.renew(&answer).await?;
        }
    }

    /// Gets access anew, unless what the registry refuses is new.
    async fn renew(&mut self, answer: &Answer) -> Result<(), RegistryError> {
        if self.session.is_challenged && !self.is_proven {
            return Err(self.session.refused(self.repository, answer));
        }
        let (base, challenge) = (self.session.base.clone(), Challenge::of(&answer.headers));
        self.session = self.registry.authorize(self.repository, base, Access::Push, challenge).await?;
        self.is_proven = false;
        Ok(())
    }

    /// Where the registry wants to have a blob: nobody else gets it.
    fn place(&self, asked: &Url, begun: &Answer) -> Result<Url, RegistryError> {
        let location = begun.headers.get(LOCATION).and_then(|location| location.to_str().ok());
        let place = location.and_then(|location| asked.join(location).ok());
        let place = place.filter(|place| may_lead(asked, place) && is_same_host(asked, place));
        place.ok_or_else(|| senseless(self.repository, "it sends an upload to where no image may go"))
    }

    fn error(&self, answer: &Answer) -> RegistryError {
        if answer.status == StatusCode::METHOD_NOT_ALLOWED {
            return RegistryError::Forbidden { repository: self.repository.clone(), message: answer.words() };
        }
        self.session.refused(self.repository, answer)
    }
}

fn is_same_host(one: &Url, other: &Url) -> bool {
    let is_hub = |url: &Url| url.port().is_none() && url.host_str().is_some_and(|host| DOCKER_HUB.contains(&host));
    one.host() == other.host() || is_hub(one) && is_hub(other)
}

fn put(url: Url, kind: &'static str, length: u64) -> Question {
    let mut question = Question { method: Method::PUT, ..Question::get(url) };
    question.headers.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    question.headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
    question.patience = PATIENCE + Duration::from_secs(length / SLOWEST);
    question
}

/// A part of a file as the body of a request.
struct Pieces {
    from: mpsc::Receiver<io::Result<Bytes>>,
    left: u64,
}

impl Pieces {
    fn of(checked: &Arc<CheckedImage>, place: Place, digest: &Digest) -> Self {
        let (to, from) = mpsc::channel(PIECES);
        let (checked, digest) = (Arc::clone(checked), digest.clone());
        tokio::task::spawn_blocking(move || {
            if let Err(why) = read(&checked, place, &digest, &to) {
                let _ = to.blocking_send(Err(why));
            }
        });
        Self { from, left: place.length }
    }
}

/// Hands a part of the file over, piece by piece. The last one follows only if all of them are what they should be.
fn read(checked: &CheckedImage, place: Place, digest: &Digest, to: &mpsc::Sender<io::Result<Bytes>>) -> io::Result<()> {
    let file = File::open(checked.file())?;
    let mut context = digest::Context::new(&digest::SHA256);
    let (mut at, end) = (place.start, place.start + place.length);
    while at < end {
        let mut piece = vec![0; usize::try_from(end - at).unwrap_or(PIECE).min(PIECE)];
        file.read_exact_at(&mut piece, at)?;
        context.update(&piece);
        at += piece.len() as u64;
        if at == end && crate::effects::artifact::shown(context.clone()) != digest.as_str() {
            return Err(io::Error::other("the unpacked image has changed"));
        }
        if to.blocking_send(Ok(piece.into())).is_err() {
            break;
        }
    }
    Ok(())
}

impl Body for Pieces {
    type Data = Bytes;
    type Error = io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, io::Error>>> {
        let polled = self.from.poll_recv(context);
        if let Poll::Ready(Some(Ok(piece))) = &polled {
            self.left = self.left.saturating_sub(piece.len() as u64);
        }
        polled.map(|piece| piece.map(|piece| piece.map(Frame::data)))
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_upload_stays_with_the_host_of_the_registry() {
        let url = |text: &str| Url::parse(text).unwrap();
        assert!(is_same_host(&url("https://a.example/v2/"), &url("https://a.example/upload")));
        assert!(is_same_host(&url("https://a.example/v2/"), &url("https://a.example:8443/upload")));
        assert!(is_same_host(&url("https://index.docker.io/v2/"), &url("https://registry-1.docker.io/v2/")));
        assert!(!is_same_host(&url("https://a.example/v2/"), &url("https://b.a.example/upload")));
        assert!(!is_same_host(&url("https://a.example/v2/"), &url("https://registry-1.docker.io/v2/")));
    }
}
