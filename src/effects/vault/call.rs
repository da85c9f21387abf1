//! A request of any kind through the client of vaultrs, and its answer as it came.

use std::pin::Pin;

use http::{Request, Response};
use rustify::endpoint::Endpoint;
use rustify::enums::{RequestMethod, RequestType, ResponseType};
use rustify::errors::ClientError;
use serde_json::Value;
use vaultrs::client::{Client, VaultClient};

use crate::ports::vault::NO_TLS;

/// The most that an answer may hold, in bytes: the longest list of a Vault's is far from it.
const LONGEST_ANSWER: usize = 16 * 1024 * 1024;
/// How much of a server's words is shown.
const WORDS: usize = 300;

/// A request. It has no `Debug`: its body may hold a share or a secret.
#[derive(Clone)]
pub(super) struct Call {
    method: RequestMethod,
    path: String,
    body: Option<Value>,
}

/// What came back.
pub(super) struct Answer {
    /// The status.
    pub(super) status: u16,
    /// The body.
    pub(super) body: Vec<u8>,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub(super) enum Failure {
    /// The connection could not be made, or broke.
    #[error("{0}")]
    Broken(String),
    /// It can not be asked with this, and was not asked.
    #[error("{0}")]
    Unsent(&'static str),
}

impl Call {
    pub(super) fn get(path: &str) -> Self {
        Self { method: RequestMethod::GET, path: path.to_owned(), body: None }
    }

    pub(super) fn delete(path: &str) -> Self {
        Self { method: RequestMethod::DELETE, path: path.to_owned(), body: None }
    }

    pub(super) fn list(path: &str) -> Self {
        Self { method: RequestMethod::LIST, path: path.to_owned(), body: None }
    }

    pub(super) fn post(path: &str, body: Value) -> Self {
        Self { method: RequestMethod::POST, path: path.to_owned(), body: Some(body) }
    }

    pub(super) fn put(path: &str, body: Value) -> Self {
        Self { method: RequestMethod::PUT, path: path.to_owned(), body: Some(body) }
    }

    /// Sends it, once.
    pub(super) async fn send(self, client: &VaultClient) -> Result<Answer, Failure> {
        let bounded = BoundedClient { base: &client.http.base, http: &client.http.http };
        match self.with_middleware(client.middle()).exec(&bounded).await {
            Ok(result) => Ok(Answer { status: result.response.status().as_u16(), body: result.raw() }),
            Err(ClientError::ServerResponseError { code, content }) => {
                Ok(Answer { status: code, body: content.unwrap_or_default().into_bytes() })
            }
            Err(error) => Err(Failure::Broken(root_cause(&error))),
        }
    }
}

/// Sends as rustify's own client does, and reads no more of an answer than it may hold.
struct BoundedClient<'a> {
    base: &'a str,
    http: &'a reqwest::Client,
}

/// What `async_trait` makes of a method.
type Sent<'a> = Pin<Box<dyn Future<Output = Result<Response<Vec<u8>>, ClientError>> + Send + 'a>>;

impl rustify::client::Client for BoundedClient<'_> {
    fn send<'life, 'sent>(&'life self, request: Request<Vec<u8>>) -> Sent<'sent>
    where
        'life: 'sent,
        Self: 'sent,
    {
        Box::pin(async move {
            let request = reqwest::Request::try_from(request);
            let request = request.map_err(|source| ClientError::ReqwestBuildError { source })?;
            let (url, method) = (request.url().to_string(), request.method().to_string());
            let sent = self.http.execute(request).await;
            let mut response = sent.map_err(|why| ClientError::RequestError { source: why.into(), url, method })?;
            let mut body = Vec::new();
            let broken = |why: reqwest::Error| ClientError::ResponseError { source: why.into() };
            while let Some(part) = response.chunk().await.map_err(broken)? {
                if body.len() + part.len() > LONGEST_ANSWER {
                    return Err(ClientError::ResponseError { source: TooLong.into() });
                }
                body.extend_from_slice(&part);
            }
            let answer = Response::builder().status(response.status()).body(body);
            answer.map_err(|why| ClientError::ResponseError { source: why.into() })
        })
    }

    fn base(&self) -> &str {
        self.base
    }
}

/// An answer that does not end where an answer does.
#[derive(Debug, thiserror::Error)]
#[error("its answer is longer than {} MiB", LONGEST_ANSWER / 1024 / 1024)]
struct TooLong;

impl Endpoint for Call {
    type Response = Value;
    const REQUEST_BODY_TYPE: RequestType = RequestType::JSON;
    const RESPONSE_BODY_TYPE: ResponseType = ResponseType::JSON;

    fn path(&self) -> String {
        self.path.clone()
    }

    fn method(&self) -> RequestMethod {
        self.method.clone()
    }

    fn body(&self) -> Result<Option<Vec<u8>>, ClientError> {
        Ok(self.body.as_ref().map(|body| body.to_string().into_bytes()))
    }
}

impl Answer {
    /// The body, if it is JSON.
    pub(super) fn json(&self) -> Option<Value> {
        if self.body.is_empty() {
            return Some(Value::Null);
        }
        serde_json::from_slice(&self.body).ok()
    }

    /// Whether what answered is in between: a failure that is not in the form in which a Vault tells one. To say that there is
    /// nothing, it lists `errors`, or has the `data` of a version that was deleted.
    pub(super) fn is_of_proxy(&self) -> bool {
        let answer = self.json().filter(Value::is_object);
        match self.status {
            404 => !answer.is_some_and(|answer| answer.get("errors").is_some() || answer.get("data").is_some()),
            status => status >= 500 && answer.is_none(),
        }
    }

    /// Whether it has too much to do. To `sys/health` the same status says that a node stands by.
    pub(super) fn is_busy(&self, call: &Call) -> bool {
        self.status == 429 && call.path != "sys/health"
    }

    /// The server's words.
    pub(super) fn message(&self) -> String {
        let answer = self.json();
        let errors = answer.as_ref().and_then(|answer| answer.get("errors")?.as_array());
        let words: Vec<_> = errors.into_iter().flatten().filter_map(Value::as_str).map(str::trim).collect();
        let words = words.join("; ").replace(['\n', '\t'], " ");
        words.chars().filter(|character| !character.is_control()).take(WORDS).collect()
    }
}

/// The innermost cause: the outer ones repeat the address.
fn root_cause(error: &dyn std::error::Error) -> String {
    let mut cause = error;
    while let Some(inner) = cause.source() {
        cause = inner;
    }
    let cause = cause.to_string();
    // In the words of rustls, of bytes that are no record of TLS.
    if cause.contains("InvalidContentType") { NO_TLS.to_owned() } else { cause }
}
