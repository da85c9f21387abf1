//! Requests to registries: bounded in time, in length, and in where they lead.

use std::error::Error as _;
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::{AUTHORIZATION, HeaderMap, HeaderValue, LOCATION};
use reqwest::{Body, Client, ClientBuilder, Method, Response, Url};

use super::answer::Answer;
use super::senseless;
use crate::domain::names::ImageRepository;
use crate::effects::git::is_loopback;
use crate::effects::http;
use crate::ports::RegistryError;

/// The most that an answer may hold, in bytes: what the specification asks of registries to take as a manifest.
const LONGEST_ANSWER: usize = 4 * 1024 * 1024;
/// How long a request may take that sends next to nothing, its answer included.
const PATIENCE: Duration = Duration::from_secs(30);
/// How many redirects are followed one after the other.
const REDIRECTS: usize = 4;

/// A request.
pub(super) struct Question {
    pub(super) method: Method,
    pub(super) url: Url,
    pub(super) headers: HeaderMap,
    pub(super) body: Option<Body>,
    /// How long it may take, its answer included.
    pub(super) patience: Duration,
}

impl Question {
    pub(super) fn get(url: Url) -> Self {
        Self { method: Method::GET, url, headers: HeaderMap::new(), body: None, patience: PATIENCE }
    }

    /// The same, with credentials. Logs do not show them.
    pub(super) fn with_authorization(mut self, authorization: Option<HeaderValue>) -> Self {
        if let Some(mut value) = authorization {
            value.set_sensitive(true);
            self.headers.insert(AUTHORIZATION, value);
        }
        self
    }
}

/// The clients, made when one is needed first, since the system's certificates are read for it.
#[derive(Default)]
pub(super) struct Connection {
    direct: OnceLock<Client>,
    other: OnceLock<Client>,
}

impl Connection {
    /// Sends a request, once, and follows nobody.
    pub(super) async fn ask(&self, repository: &ImageRepository, question: Question) -> Result<Answer, RegistryError> {
        let patience = question.patience;
        let broken = |why: reqwest::Error| unreachable(repository, &why, patience);
        let client = self.client(&question.url).map_err(broken)?;
        let request = client.request(question.method, question.url).headers(question.headers);
        let mut request = request.timeout(patience);
        if let Some(body) = question.body {
            request = request.body(body);
        }
        let mut response = request.send().await.map_err(broken)?;
        let body = whole(&mut response).await.map_err(broken)?;
        let body = body.ok_or_else(|| senseless(repository, "it is longer than 4 MiB"))?;
        Ok(Answer { status: response.status(), headers: response.headers().clone(), body })
    }

    /// Sends a request that only reads, and follows redirects, to HTTPS only. Nobody but the registry gets the credentials.
    pub(super) async fn follow(
        &self,
        repository: &ImageRepository,
        mut question: Question,
    ) -> Result<Answer, RegistryError> {
        for _redirect in 0..=REDIRECTS {
            let again = Question {
                method: question.method.clone(),
                url: question.url.clone(),
                headers: question.headers.clone(),
                body: None,
                patience: question.patience,
            };
            let answer = self.ask(repository, again).await?;
            let location = answer.headers.get(LOCATION).filter(|_| answer.status.is_redirection());
            let Some(location) = location else { return Ok(answer) };
            let to = location.to_str().ok().and_then(|location| question.url.join(location).ok());
            let to = to.filter(|to| may_lead(&question.url, to));
            let to = to.ok_or_else(|| senseless(repository, "it redirects to where no registry may lead"))?;
            if to.origin() != question.url.origin() {
                question.headers.remove(AUTHORIZATION);
            }
            question.url = to;
        }
        Err(senseless(repository, "it redirects without an end"))
    }

    fn client(&self, url: &Url) -> reqwest::Result<&Client> {
        if is_loopback(url) { made(&self.direct, || builder().no_proxy()) } else { made(&self.other, builder) }
    }
}

/// Whether a registry at `from` may name an address for a client to go to: one by HTTPS, or, in plain HTTP, one of its
/// own kind, on this machine or off it.
pub(super) fn may_lead(from: &Url, to: &Url) -> bool {
    let is_plain = from.scheme() == "http" && to.scheme() == "http";
    let has_no_user = to.username().is_empty() && to.password().is_none();
    has_no_user && (to.scheme() == "https" || is_plain && is_loopback(from) == is_loopback(to))
}

fn builder() -> ClientBuilder {
    Client::builder()
        .user_agent(http::AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(10))
}

fn made(place: &OnceLock<Client>, builder: impl FnOnce() -> ClientBuilder) -> reqwest::Result<&Client> {
    if let Some(client) = place.get() {
        return Ok(client);
    }
    let client = builder().build()?;
    Ok(place.get_or_init(|| client))
}

/// The body, unless it is longer than it may be.
async fn whole(response: &mut Response) -> reqwest::Result<Option<Vec<u8>>> {
    let mut body = Vec::new();
    while let Some(part) = response.chunk().await? {
        if body.len() + part.len() > LONGEST_ANSWER {
            return Ok(None);
        }
        body.extend_from_slice(&part);
    }
    Ok(Some(body))
}

/// The innermost cause: the outer ones repeat the address.
fn unreachable(repository: &ImageRepository, error: &reqwest::Error, patience: Duration) -> RegistryError {
    let mut cause = error.source();
    while let Some(inner) = cause.and_then(std::error::Error::source) {
        cause = Some(inner);
    }
    let message = match cause {
        _ if error.is_timeout() => format!("it did not answer within {} seconds", patience.as_secs()),
        Some(cause) => cause.to_string(),
        None => "the request failed".to_owned(),
    };
    RegistryError::Unreachable { repository: repository.clone(), message }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nobody_leads_from_https_to_plain_http_or_from_elsewhere_to_this_machine() {
        let table = [
            ("https://a.example", "https://b.example/token", true),
            ("https://a.example", "http://a.example/token", false),
            ("https://a.example", "http://127.0.0.1/token", false),
            ("https://a.example", "https://user:word@b.example/token", false),
            ("https://a.example", "ftp://a.example/token", false),
            ("http://127.0.0.1:5000", "http://localhost:5001/token", true),
            ("http://127.0.0.1:5000", "http://b.example/token", false),
            ("http://127.0.0.1:5000", "https://b.example/token", true),
            ("http://a.example", "http://b.example/token", true),
            ("http://a.example", "http://127.0.0.1/token", false),
        ];
        for (from, to, allowed) in table {
            let url = |text: &str| Url::parse(text).unwrap();
            assert_eq!(may_lead(&url(from), &url(to)), allowed, "{from} {to}");
        }
    }
}
