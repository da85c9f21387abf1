//! Git's smart HTTP protocol, one request at a time, over reqwest.
//! <https://git-scm.com/docs/http-protocol>

use std::io::{self, BufReader, Read};
use std::time::Duration;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use reqwest::header::{ACCEPT, AUTHORIZATION, CONTENT_TYPE, HeaderMap, HeaderValue, LOCATION, RETRY_AFTER};
use reqwest::{Client, Method, Response, StatusCode};
use tokio::runtime::Handle;

use super::connection::Service;
use super::packets::Fault;
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
    /// What the words of a server that repeats them are not to show: the token, as it is and as it is sent.
    credentials: Vec<Secret>,
    repository: String,
    runtime: Handle,
}

impl HttpConnection {
    /// `user` is the name that goes with `token`; servers that take tokens ignore it.
    pub(super) fn new(
        client: Client,
        repository: String,
        user: &str,
        token: Option<&Secret>,
    ) -> Result<Self, AppsError> {
        let encoded = token.map(|token| encoded(user, token));
        let authorization = encoded.as_ref().map(basic).transpose()?;
        let credentials = token.cloned().into_iter().chain(encoded).collect();
        Ok(Self { client, authorization, credentials, repository, runtime: Handle::current() })
    }

    /// Asks what a service tells of itself.
    pub(super) fn advertisement(&self, service: Service) -> Result<Box<dyn Read + '_>, Fault> {
        self.exchange(service, None)
    }

    /// Sends a request to a service.
    pub(super) fn post(&self, service: Service, body: Vec<u8>) -> Result<Box<dyn Read + '_>, Fault> {
        self.exchange(service, Some(body))
    }

    fn exchange(&self, service: Service, body: Option<Vec<u8>>) -> Result<Box<dyn Read + '_>, Fault> {
        let (base, name) = (self.repository.trim_end_matches('/'), service.name());
        let url = match body {
            Some(_) => format!("{base}/git-{name}"),
            None => format!("{base}/info/refs?service=git-{name}"),
        };
        let exchange = Exchange { connection: self, service, url, body };
        let answer = self.runtime.block_on(exchange.send())?;
        let body =
            Body { answer, chunk: bytes::Bytes::new(), runtime: self.runtime.clone(), repository: &self.repository };
        Ok(Box::new(BufReader::new(body)))
    }
}

fn encoded(user: &str, token: &Secret) -> Secret {
    Secret::of(BASE64_STANDARD.encode(format!("{user}:{}", token.expose())))
}

fn basic(encoded: &Secret) -> Result<HeaderValue, AppsError> {
    let mut value = HeaderValue::from_str(&format!("Basic {}", encoded.expose()))
        .map_err(|_| AppsError::Local { message: "the token can not be sent in a header".to_owned() })?;
    value.set_sensitive(true);
    Ok(value)
}

/// What an answer says, as it comes.
struct Body<'c> {
    answer: Response,
    chunk: bytes::Bytes,
    runtime: Handle,
    repository: &'c str,
}

impl Read for Body<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        while self.chunk.is_empty() {
            match self.runtime.block_on(self.answer.chunk()) {
                Ok(Some(bytes)) => self.chunk = bytes,
                Ok(None) => return Ok(0),
                // Whoever stalls once is not waited for again.
                Err(why) if why.is_timeout() => return Err(io::Error::other(unreachable(self.repository, &why))),
                Err(why) => return Err(io::Error::other(innermost(&why))),
            }
        }
        let count = buffer.len().min(self.chunk.len());
        buffer[..count].copy_from_slice(&self.chunk.split_to(count));
        Ok(count)
    }
}

/// One request.
struct Exchange<'c> {
    connection: &'c HttpConnection,
    service: Service,
    url: String,
    /// What is sent; nothing where the service is asked of itself.
    body: Option<Vec<u8>>,
}

impl Exchange<'_> {
    /// Sends the request, again after a short wait when that can do no harm, and judges the answer's status.
    async fn send(&self) -> Result<Response, Fault> {
        let mut attempt = 1;
        loop {
            let error = match self.request().send().await {
                Ok(answer) if answer.status().is_server_error() && answer.status() != StatusCode::NOT_IMPLEMENTED => {
                    self.refusal(answer).await
                }
                Ok(answer) => return self.judge(answer).await,
                // Whoever stalls once is not waited for again.
                Err(why) if why.is_timeout() && !why.is_connect() => {
                    return Err(unreachable(&self.connection.repository, &why).into());
                }
                Err(why) => unreachable(&self.connection.repository, &why),
            };
            if self.changes_something() || attempt == ATTEMPTS {
                return Err(error.into());
            }
            tracing::debug!(attempt, %error, "asking the Git server again");
            tokio::time::sleep(Duration::from_millis(200) * 4_u32.pow(attempt - 1)).await;
            attempt += 1;
        }
    }

    fn request(&self) -> reqwest::RequestBuilder {
        let (client, name) = (&self.connection.client, self.service.name());
        let request = match &self.body {
            None => client.request(Method::GET, &self.url),
            Some(body) => client
                .request(Method::POST, &self.url)
                .header(CONTENT_TYPE, format!("application/x-git-{name}-request"))
                .header(ACCEPT, format!("application/x-git-{name}-result"))
                .body(body.clone()),
        };
        // Pushing has one version only.
        let request = if self.service == Service::UploadPack { request.header(PROTOCOL, "version=2") } else { request };
        match &self.connection.authorization {
            Some(value) => request.header(AUTHORIZATION, value.clone()),
            None => request,
        }
    }

    fn changes_something(&self) -> bool {
        self.body.is_some() && self.service == Service::ReceivePack
    }

    async fn judge(&self, answer: Response) -> Result<Response, Fault> {
        let status = answer.status();
        if is_not_understood(status) {
            return Err(Fault::Senseless(format!("the server answered {status}")));
        }
        if status != StatusCode::OK {
            return Err(self.refusal(answer).await.into());
        }
        let suffix = if self.body.is_some() { "result" } else { "advertisement" };
        let expected = format!("application/x-git-{}-{suffix}", self.service.name());
        let found = answer.headers().get(CONTENT_TYPE).and_then(|value| value.to_str().ok()).unwrap_or_default();
        if found == expected {
            return Ok(answer);
        }
        let message = format!("what answers there is not a Git server (`{}`)", found.escape_debug());
        if self.changes_something() {
            // Whoever it is that answers, the push may have landed.
            return Err(Fault::Broken(message));
        }
        Err(AppsError::Address { repository: self.connection.repository.clone(), message }.into())
    }

    async fn refusal(&self, answer: Response) -> AppsError {
        let status = answer.status();
        let moved = answer.headers().get(LOCATION).and_then(|value| value.to_str().ok()).map(str::to_owned);
        let retry_after = retry_after(answer.headers());
        let repository = self.connection.repository.clone();
        let words = answer.text().await.unwrap_or_default();
        let credentials = self.connection.credentials.iter();
        let message = shown(&credentials.fold(words, |words, secret| secret.left_out_of(&words)));
        match status {
            StatusCode::TOO_MANY_REQUESTS => AppsError::RateLimited { repository, message, retry_after },
            StatusCode::UNAUTHORIZED => AppsError::BadCredentials { repository, message },
            StatusCode::FORBIDDEN => AppsError::Forbidden { repository, what: self.what(), message },
            StatusCode::NOT_FOUND | StatusCode::GONE => AppsError::NoRepository { repository, message },
            _ if status.is_redirection() => {
                let service = format!("/git-{}", self.service.name());
                let to = moved.as_deref().and_then(|to| to.split("/info/refs").next()?.split(&service).next());
                let to = to.unwrap_or("another address");
                let message = format!("it has moved to `{}`: name that address", to.escape_debug());
                AppsError::Address { repository, message }
            }
            _ => AppsError::Unreachable {
                repository,
                message: format!("the server answered {status} {message}").trim_end().to_owned(),
            },
        }
    }

    fn what(&self) -> &'static str {
        match self.service {
            Service::UploadPack => "read it",
            Service::ReceivePack => "push to it",
        }
    }
}

/// After how long a server may be asked again, where it says so in seconds.
fn retry_after(headers: &HeaderMap) -> Option<Duration> {
    let seconds = headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse::<u32>().ok()?;
    Some(Duration::from_secs(seconds.into()))
}

/// The header that says which version of the protocol we would like.
const PROTOCOL: &str = "git-protocol";

/// Whether a server says that it does not know what it was asked.
fn is_not_understood(status: StatusCode) -> bool {
    matches!(
        status,
        StatusCode::BAD_REQUEST
            | StatusCode::METHOD_NOT_ALLOWED
            | StatusCode::NOT_ACCEPTABLE
            | StatusCode::UNSUPPORTED_MEDIA_TYPE
            | StatusCode::NOT_IMPLEMENTED
    )
}

fn unreachable(repository: &str, why: &reqwest::Error) -> AppsError {
    AppsError::Unreachable { repository: repository.to_owned(), message: innermost(why) }
}

/// What an error comes down to: the ones around it repeat the address.
fn innermost(why: &reqwest::Error) -> String {
    let mut error: &dyn std::error::Error = why;
    while let Some(source) = error.source() {
        error = source;
    }
    error.to_string()
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

#[cfg(test)]
mod tests {
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A server that reads requests, says `words`, and nothing more; with how often it was asked.
    fn stalling(words: &'static str) -> (String, Arc<AtomicUsize>) {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let (address, asked) = (listener.local_addr().unwrap(), Arc::new(AtomicUsize::new(0)));
        let counter = Arc::clone(&asked);
        std::thread::spawn(move || {
            let mut kept = Vec::new();
            for mut client in listener.incoming().flatten() {
                counter.fetch_add(1, Ordering::SeqCst);
                let _request = client.read(&mut [0; 4096]);
                let _hung_up = io::Write::write_all(&mut client, words.as_bytes());
                kept.push(client);
            }
        });
        (format!("http://{address}/x"), asked)
    }

    #[test]
    fn a_server_that_stalls_is_not_waited_for_again() {
        const HEAD: &str = "HTTP/1.1 200 OK\r\ncontent-type: application/x-git-upload-pack-result\r\ncontent-length: 99\r\n\r\n0006a\n";
        for words in ["", "HTTP/1.1 200 OK\r\n", HEAD] {
            let (repository, asked) = stalling(words);
            let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            let _entered = runtime.enter();
            let client = Client::builder().read_timeout(Duration::from_millis(300)).build().unwrap();
            let connection = HttpConnection::new(client, repository, "", None).unwrap();
            let read = connection.post(Service::UploadPack, Vec::new()).and_then(|mut answer| {
                let mut bytes = Vec::new();
                Ok(answer.read_to_end(&mut bytes)?)
            });
            assert!(matches!(read, Err(Fault::Apps(AppsError::Unreachable { .. }))), "{words}: {read:?}");
            assert_eq!(asked.load(Ordering::SeqCst), 1, "{words}");
        }
    }
}
