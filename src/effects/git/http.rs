//! Git's smart HTTP protocol, one request at a time, over reqwest.
//! <https://git-scm.com/docs/http-protocol>

use std::io::{self, Read, Write};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use git2::transport::Service;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderValue, LOCATION};
use reqwest::{Client, Method, Response, StatusCode};
use tokio::runtime::Handle;

use super::transport::Failure;
use crate::ports::AppsError;
use crate::secret::Secret;

/// How often a request that changes nothing is sent before its failure counts.
const ATTEMPTS: u32 = 3;
/// The most of an error's answer that is shown.
const SHOWN: usize = 600;

/// A smart-HTTP server, and who we are there.
pub(super) struct HttpConnection {
    client: Client,
    authorization: Option<HeaderValue>,
    repository: String,
    runtime: Handle,
    failure: Failure,
}

impl HttpConnection {
    /// `user` is the name that goes with `token`; servers that take tokens ignore it.
    pub(super) fn new(
        client: Client,
        repository: String,
        user: &str,
        token: Option<&Secret>,
        failure: Failure,
    ) -> Result<Self, AppsError> {
        let authorization = token.map(|token| basic(user, token)).transpose()?;
        Ok(Self { client, authorization, repository, runtime: Handle::current(), failure })
    }

    pub(super) fn stream(&self, url: &str, service: Service) -> HttpStream {
        let (name, is_advertisement) = match service {
            Service::UploadPackLs => ("git-upload-pack", true),
            Service::UploadPack => ("git-upload-pack", false),
            Service::ReceivePackLs => ("git-receive-pack", true),
            Service::ReceivePack => ("git-receive-pack", false),
        };
        let base = url.trim_end_matches('/');
        let url = if is_advertisement { format!("{base}/info/refs?service={name}") } else { format!("{base}/{name}") };
        HttpStream {
            exchange: Exchange {
                client: self.client.clone(),
                authorization: self.authorization.clone(),
                repository: self.repository.clone(),
                what: if name == "git-upload-pack" { "read it" } else { "push to it" },
                url,
                service: name,
                is_advertisement,
            },
            runtime: self.runtime.clone(),
            failure: self.failure.clone(),
            body: Vec::new(),
            answer: None,
            chunk: Vec::new(),
        }
    }
}

fn basic(user: &str, token: &Secret) -> Result<HeaderValue, AppsError> {
    let encoded = BASE64_STANDARD.encode(format!("{user}:{}", token.expose()));
    let mut value = HeaderValue::from_str(&format!("Basic {encoded}"))
        .map_err(|_| AppsError::Local { message: "the token can not be sent in a header".to_owned() })?;
    value.set_sensitive(true);
    Ok(value)
}

/// One request, sent when its answer is first read.
pub(super) struct HttpStream {
    exchange: Exchange,
    runtime: Handle,
    failure: Failure,
    body: Vec<u8>,
    answer: Option<Response>,
    chunk: Vec<u8>,
}

impl Write for HttpStream {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.body.extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Read for HttpStream {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let result = self.runtime.clone().block_on(self.read_some(buffer));
        result.map_err(|error| {
            let text = error.to_string();
            self.failure.note(error);
            io::Error::other(text)
        })
    }
}

impl HttpStream {
    async fn read_some(&mut self, buffer: &mut [u8]) -> Result<usize, AppsError> {
        if self.answer.is_none() {
            self.answer = Some(self.exchange.send(std::mem::take(&mut self.body)).await?);
        }
        while self.chunk.is_empty() {
            let Some(answer) = &mut self.answer else { return Ok(0) };
            match answer.chunk().await {
                Ok(Some(bytes)) => self.chunk = bytes.to_vec(),
                Ok(None) => return Ok(0),
                Err(why) => return Err(self.exchange.unreachable(&why)),
            }
        }
        let count = buffer.len().min(self.chunk.len());
        buffer[..count].copy_from_slice(&self.chunk[..count]);
        self.chunk.drain(..count);
        Ok(count)
    }
}

struct Exchange {
    client: Client,
    authorization: Option<HeaderValue>,
    repository: String,
    what: &'static str,
    url: String,
    service: &'static str,
    is_advertisement: bool,
}

impl Exchange {
    /// Sends the request, again after a short wait when that can do no harm, and judges the answer's status.
    async fn send(&self, body: Vec<u8>) -> Result<Response, AppsError> {
        let changes_something = !self.is_advertisement && self.service == "git-receive-pack";
        let mut attempt = 1;
        loop {
            let error = match self.request(body.clone()).send().await {
                Ok(answer) if answer.status().is_server_error() => self.refusal(answer).await,
                Ok(answer) => return self.judge(answer).await,
                Err(why) => self.unreachable(&why),
            };
            if changes_something || attempt == ATTEMPTS {
                return Err(error);
            }
            tracing::debug!(attempt, %error, "asking the Git server again");
            tokio::time::sleep(Duration::from_millis(200) * 4_u32.pow(attempt - 1)).await;
            attempt += 1;
        }
    }

    fn request(&self, body: Vec<u8>) -> reqwest::RequestBuilder {
        let method = if self.is_advertisement { Method::GET } else { Method::POST };
        let mut request = self.client.request(method, &self.url);
        if !self.is_advertisement {
            request = request
                .header(CONTENT_TYPE, format!("application/x-{}-request", self.service))
                .header(ACCEPT, format!("application/x-{}-result", self.service))
                .body(body);
        }
        match &self.authorization {
            Some(value) => request.header(AUTHORIZATION, value.clone()),
            None => request,
        }
    }

    async fn judge(&self, answer: Response) -> Result<Response, AppsError> {
        if answer.status() != StatusCode::OK {
            return Err(self.refusal(answer).await);
        }
        let suffix = if self.is_advertisement { "advertisement" } else { "result" };
        let expected = format!("application/x-{}-{suffix}", self.service);
        let found = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if found == expected {
            return Ok(answer);
        }
        let message = format!("what answers there is not a Git server (`{}`)", found.escape_debug());
        Err(AppsError::Address { repository: self.repository.clone(), message })
    }

    async fn refusal(&self, answer: Response) -> AppsError {
        let status = answer.status();
        let moved = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let repository = self.repository.clone();
        let message = shown(&answer.text().await.unwrap_or_default());
        match status {
            StatusCode::UNAUTHORIZED => AppsError::BadCredentials { repository, message },
            StatusCode::FORBIDDEN => AppsError::Forbidden { repository, what: self.what, message },
            StatusCode::NOT_FOUND | StatusCode::GONE => AppsError::NoRepository { repository, message },
            _ if status.is_redirection() => {
                let to = moved.as_deref().and_then(|to| to.split("/info/refs").next()).unwrap_or("another address");
                let message = format!("it has moved to `{}`: name that address", to.escape_debug());
                AppsError::Address { repository, message }
            }
            _ => AppsError::Unreachable {
                repository,
                message: format!("the server answered {status} {message}").trim_end().to_owned(),
            },
        }
    }

    fn unreachable(&self, why: &reqwest::Error) -> AppsError {
        let mut message = String::new();
        let mut cause: Option<&dyn std::error::Error> = Some(why);
        while let Some(error) = cause {
            // The outermost one repeats the address.
            message = error.to_string();
            cause = error.source();
        }
        AppsError::Unreachable { repository: self.repository.clone(), message }
    }
}

/// An error's answer as one line that is safe to show; a page of HTML says nothing.
fn shown(text: &str) -> String {
    let text = text.trim();
    if text.starts_with('<') {
        return String::new();
    }
    let plain: String =
        text.chars().map(|character| if character.is_control() { ' ' } else { character }).take(SHOWN).collect();
    plain.trim().to_owned()
}
