//! The digest of what a tag stands for.

use aws_lc_rs::digest;
use oci_client::manifest::{
    IMAGE_MANIFEST_LIST_MEDIA_TYPE, IMAGE_MANIFEST_MEDIA_TYPE, OCI_IMAGE_INDEX_MEDIA_TYPE, OCI_IMAGE_MEDIA_TYPE,
};
use reqwest::header::{ACCEPT, HeaderName, HeaderValue};
use reqwest::{Method, StatusCode};
use serde_json::Value;

use super::answer::Answer;
use super::authorization::Session;
use super::connection::Question;
use super::{OciRegistry, senseless};
use crate::domain::hexadecimal::hexadecimal;
use crate::domain::image::{Digest, ImageReference};
use crate::domain::names::ImageRepository;
use crate::ports::RegistryError;

/// Where a registry says the digest of what it sends.
const DIGEST: HeaderName = HeaderName::from_static("docker-content-digest");

/// What a look has found.
pub(super) enum Looked {
    /// The digest, or that there is no such tag.
    Found(Option<Digest>),
    /// That the registry wants to be asked in another way.
    Unauthorized(Answer),
}

impl OciRegistry {
    /// Asks for the digest alone, and for the manifest only where the registry does not say it: some count what is read.
    pub(super) async fn look(&self, image: &ImageReference, session: &Session) -> Result<Looked, RegistryError> {
        let answer = self.manifest(Method::HEAD, image, session).await?;
        match answer.status {
            StatusCode::OK => {
                if let Some(digest) = stated(&image.repository, &answer)? {
                    return Ok(Looked::Found(Some(digest)));
                }
            }
            StatusCode::METHOD_NOT_ALLOWED | StatusCode::NOT_IMPLEMENTED => {}
            _ => return other(&image.repository, session, answer),
        }
        let answer = self.manifest(Method::GET, image, session).await?;
        match answer.status {
            StatusCode::OK => read(&image.repository, &answer).map(|digest| Looked::Found(Some(digest))),
            _ => other(&image.repository, session, answer),
        }
    }

    async fn manifest(
        &self,
        method: Method,
        image: &ImageReference,
        session: &Session,
    ) -> Result<Answer, RegistryError> {
        let mut url = session.base.clone();
        url.set_path(&format!("/v2/{}/manifests/{}", image.repository.path(), image.tag));
        let mut question = Question::get(url).with_authorization(session.authorization());
        question.method = method;
        // Without the first two a registry picks an image for one platform.
        let kinds = [
            OCI_IMAGE_INDEX_MEDIA_TYPE,
            IMAGE_MANIFEST_LIST_MEDIA_TYPE,
            OCI_IMAGE_MEDIA_TYPE,
            IMAGE_MANIFEST_MEDIA_TYPE,
        ];
        for kind in kinds {
            question.headers.append(ACCEPT, HeaderValue::from_static(kind));
        }
        self.connection.follow(&image.repository, question).await
    }
}

/// What an answer means that has neither digest nor manifest.
fn other(repository: &ImageRepository, session: &Session, answer: Answer) -> Result<Looked, RegistryError> {
    match answer.status {
        StatusCode::NOT_FOUND => Ok(Looked::Found(None)),
        StatusCode::UNAUTHORIZED => Ok(Looked::Unauthorized(answer)),
        _ => Err(session.refused(repository, &answer)),
    }
}

/// The digest that the registry says, if it says one.
pub(super) fn stated(repository: &ImageRepository, answer: &Answer) -> Result<Option<Digest>, RegistryError> {
    let Some(value) = answer.headers.get(DIGEST) else { return Ok(None) };
    let digest = value.to_str().ok().and_then(|text| text.trim().parse().ok());
    digest.map(Some).ok_or_else(|| senseless(repository, "its digest is none"))
}

/// The digest of the manifest that was sent, which is the one that the registry says, if it says one.
fn read(repository: &ImageRepository, answer: &Answer) -> Result<Digest, RegistryError> {
    let manifest: Value = serde_json::from_slice(&answer.body).unwrap_or_default();
    if manifest.get("schemaVersion").and_then(Value::as_u64) != Some(2) {
        return Err(senseless(repository, "what it sends is no manifest"));
    }
    let stated = stated(repository, answer)?;
    let is_long = stated.as_ref().is_some_and(|digest| digest.as_str().starts_with("sha512:"));
    let (name, algorithm) = if is_long { ("sha512", &digest::SHA512) } else { ("sha256", &digest::SHA256) };
    let found = digest::digest(algorithm, &answer.body);
    let found = format!("{name}:{}", hexadecimal(found.as_ref()))
        .parse()
        .map_err(|_| senseless(repository, "it has no digest"))?;
    if stated.is_some_and(|stated| stated != found) {
        return Err(senseless(repository, "the manifest that it sends is not the one whose digest it states"));
    }
    Ok(found)
}
