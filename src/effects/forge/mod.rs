//! GitHub, through octocrab: one GraphQL query to look, REST to write.

mod answer;
mod operations;

use std::time::Duration;

use octocrab::Octocrab;
use reqwest::{Client, Url};
use serde_json::{Value, json};

use crate::domain::names::{PullRequestNumber, RepositoryName};
use crate::effects::git::is_loopback;
use crate::ports::{CommentId, Conversation, ForgeError, OurComment, PullRequests};
use crate::secret::Secret;
use answer::Answer;
pub use operations::{OBSERVE_PULL_REQUEST, OPERATIONS, Operation};

/// How often a question is asked before its failure counts.
const ATTEMPTS: u32 = 3;

/// Where GitHub's two interfaces are.
#[derive(Debug, Clone)]
pub struct Addresses {
    /// REST, such as `https://api.github.com` or `https://github.example.com/api/v3`.
    pub rest: String,
    /// GraphQL, such as `https://api.github.com/graphql`.
    pub graphql: String,
}

/// The pull requests of one repository on GitHub.
pub struct GitHub {
    rest: Interface,
    graphql: Interface,
    repository: RepositoryName,
}

/// One of the two interfaces: a client for its server, and its path there.
struct Interface {
    client: Octocrab,
    address: String,
    path: String,
}

impl GitHub {
    /// The pull requests of `repository`, read and commented on with `token`.
    ///
    /// # Errors
    ///
    /// When an address is no URL, or is plain HTTP over a network without `allow_http`.
    pub fn new(
        http: &Client,
        addresses: &Addresses,
        token: Option<&Secret>,
        repository: RepositoryName,
        allow_http: bool,
    ) -> Result<Self, ForgeError> {
        let (server, path) = Interface::locate(&addresses.rest, allow_http)?;
        let rest = Interface { client: client(http, &server, token)?, address: server, path };
        let (server, path) = Interface::locate(&addresses.graphql, allow_http)?;
        // A client sends its token to one server only.
        let graphql = Interface { client: client(http, &server, token)?, address: server, path };
        Ok(Self { rest, graphql, repository })
    }

    async fn ask(&self, operation: &Operation, variables: &Value) -> Result<Value, ForgeError> {
        let body = json!({"query": operation.text, "variables": variables, "operationName": operation.name});
        let what = "read the pull request";
        let mut attempt = 1;
        loop {
            let sent = self.graphql.client._post(self.graphql.path.as_str(), Some(&body)).await;
            let error = match self.graphql.read(sent, what).await {
                Ok(answer) if answer.status < 500 => return answer.graphql(what),
                Ok(answer) => answer.refusal(what),
                Err(error) => error,
            };
            if attempt == ATTEMPTS {
                return Err(error);
            }
            tracing::debug!(attempt, %error, "asking the forge again");
            tokio::time::sleep(Duration::from_millis(200) * 4_u32.pow(attempt - 1)).await;
            attempt += 1;
        }
    }

    fn comment_path(&self, id: CommentId) -> String {
        format!("{}/repos/{}/issues/comments/{}", self.rest.path, self.repository, id.0)
    }
}

impl Interface {
    /// The server and the path of an address.
    fn locate(address: &str, allow_http: bool) -> Result<(String, String), ForgeError> {
        let refused = |message: String| ForgeError::Address { address: address.escape_debug().to_string(), message };
        let url = Url::parse(address).map_err(|why| refused(format!("it is not a URL ({why})")))?;
        match url.scheme() {
            "https" => {}
            "http" if allow_http || is_loopback(&url) => {}
            "http" => {
                return Err(refused(
                    "plain HTTP would send the token in the clear: use `https://` or give `--allow-http`".to_owned(),
                ));
            }
            other => return Err(refused(format!("`{other}` is not HTTP"))),
        }
        Ok((url.origin().ascii_serialization(), url.path().trim_end_matches('/').to_owned()))
    }

    async fn read(
        &self,
        sent: octocrab::Result<http::Response<http_body_util::combinators::BoxBody<bytes::Bytes, octocrab::Error>>>,
        what: &'static str,
    ) -> Result<Answer, ForgeError> {
        let unreachable = |source: octocrab::Error| ForgeError::Unreachable {
            address: self.address.clone(),
            source: Box::new(answer::Innermost::of(&source)),
        };
        let response = sent.map_err(unreachable)?;
        let (status, is_limited) = (response.status().as_u16(), answer::is_rate_limited(response.headers()));
        let text = self.client.body_to_string(response).await.map_err(unreachable)?;
        tracing::debug!(status, what, "the forge answered");
        Ok(Answer { status, is_limited, text })
    }
}

fn client(http: &Client, server: &str, token: Option<&Secret>) -> Result<Octocrab, ForgeError> {
    let refused = |why: octocrab::Error| ForgeError::Address { address: server.to_owned(), message: why.to_string() };
    let builder = Octocrab::builder().base_uri(server).map_err(refused)?;
    let builder = match token {
        Some(token) => builder.personal_token(token.expose().to_owned()),
        None => builder,
    };
    builder.build_with_reqwest(http.clone()).map_err(refused)
}

impl PullRequests for GitHub {
    async fn look_up(&self, number: PullRequestNumber) -> Result<Option<Conversation>, ForgeError> {
        let mut after = Value::Null;
        let mut our_comments = Vec::new();
        loop {
            let variables = json!({
                "owner": self.repository.owner(),
                "name": self.repository.name(),
                "number": number.as_u32(),
                "after": after,
            });
            let data = self.ask(&OBSERVE_PULL_REQUEST, &variables).await?;
            let Some(page) = answer::page(&data, &self.repository)? else { return Ok(None) };
            our_comments.extend(page.our_comments);
            match page.next {
                Some(next) => after = next.into(),
                None => return Ok(Some(Conversation { pull_request: page.pull_request, our_comments })),
            }
        }
    }

    async fn comment(&self, number: PullRequestNumber, body: &str) -> Result<String, ForgeError> {
        let what = "write a comment";
        let path = format!("{}/repos/{}/issues/{number}/comments", self.rest.path, self.repository);
        let sent = self.rest.client._post(path, Some(&json!({"body": body}))).await;
        let created = self.rest.read(sent, what).await?.success(what)?;
        Ok(answer::text(&created, "/html_url"))
    }

    async fn edit_comment(&self, id: CommentId, body: &str) -> Result<(), ForgeError> {
        let what = "edit a comment";
        let sent = self.rest.client._patch(self.comment_path(id), Some(&json!({"body": body}))).await;
        self.rest.read(sent, what).await?.success(what).map(|_| ())
    }

    async fn delete_comment(&self, id: CommentId) -> Result<(), ForgeError> {
        let what = "delete a comment";
        let sent = self.rest.client._delete(self.comment_path(id), None::<&()>).await;
        match self.rest.read(sent, what).await?.success(what) {
            Err(ForgeError::NotFound { .. }) => Ok(()),
            result => result.map(|_| ()),
        }
    }
}

/// What one question about a pull request brought.
struct Page {
    pull_request: crate::domain::pull_request::PullRequest,
    our_comments: Vec<OurComment>,
    next: Option<String>,
}
