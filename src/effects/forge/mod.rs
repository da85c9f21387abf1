//! GitHub, through octocrab: GraphQL to look, REST to write.

mod access;
mod answer;
mod builds;
mod discussion;
mod elsewhere;
mod ledger;
mod limits;
mod numbers;
mod operations;
mod questions;
mod reading;
mod repository;
mod secrets;
mod statuses;
mod writes;

use http::Method;
use octocrab::Octocrab;
use reqwest::{Client, Url};
use serde_json::{Value, json};

use crate::domain::conversation::{CommentId, Conversation};
use crate::domain::deployment::{DeploymentId, DeploymentStatus, Environments, NewDeployment};
use crate::domain::names::{Application, PullRequestNumber, RepositoryName};
use crate::effects::git::is_loopback;
use crate::ports::{ForgeError, Ledger, PullRequests, Surveyed};
use crate::secret::Secret;
use answer::{Answer, Reply};
use limits::{Failure, Tries};
pub use operations::{
    COMMIT_TO_APPS_REPOSITORY, FIND_APPS_COMMIT, FIND_PULL_REQUESTS, OBSERVE_APPS_REPOSITORY, OBSERVE_BRANCHES,
    OBSERVE_CONVERSATIONS, OBSERVE_DEPLOYMENTS, OBSERVE_ENVIRONMENTS, OBSERVE_PULL_REQUEST, OBSERVE_PULL_REQUEST_ONLY,
    OPERATIONS, Operation, READ_APPS_REPOSITORY, SURVEY_CHANGES, SURVEY_PULL_REQUESTS,
};
pub use repository::{GitHubRepository, GitHubSnapshot};

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
    /// For what is elsewhere: without the token.
    http: Client,
    rest: Interface,
    graphql: Interface,
    repository: RepositoryName,
    environments: Environments,
}

/// One of the two interfaces: a client for its server, and its path there.
struct Interface {
    client: Octocrab,
    /// What its client sends. The words of a server that repeats it are not shown so.
    token: Option<Secret>,
    address: String,
    path: String,
}

/// One request, to be sent as often as it takes.
struct Request {
    method: Method,
    path: String,
    body: Option<Value>,
    /// What is tried with it.
    what: &'static str,
    /// Whether it does no harm when it takes effect twice.
    is_repeatable: bool,
}

impl GitHub {
    /// The pull requests of `repository`, read and commented on with `token`, and the deployments of their previews to
    /// `environments`.
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
        environments: Environments,
    ) -> Result<Self, ForgeError> {
        let rest = Interface::connect(http, &addresses.rest, token, allow_http)?;
        let graphql = Interface::connect(http, &addresses.graphql, token, allow_http)?;
        Ok(Self { http: http.clone(), rest, graphql, repository, environments })
    }

    /// Asks for things of the repository. `variables` are those beside its name.
    async fn ask(
        &self,
        operation: &Operation,
        text: &str,
        mut variables: Value,
        what: &'static str,
    ) -> Result<Reply, ForgeError> {
        variables["owner"] = self.repository.owner().into();
        variables["name"] = self.repository.name().into();
        let body = json!({"query": text, "variables": variables, "operationName": operation.name});
        let path = self.graphql.path.clone();
        let request = Request { method: Method::POST, path, body: Some(body), what, is_repeatable: true };
        self.graphql.send(&request).await?.graphql(what)
    }
}

impl Interface {
    /// The interface at an address. Its client sends its token to that server only.
    fn connect(http: &Client, address: &str, token: Option<&Secret>, allow_http: bool) -> Result<Self, ForgeError> {
        let (address, path) = Self::locate(address, allow_http)?;
        Ok(Self { client: client(http, &address, token)?, token: token.cloned(), address, path })
    }

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

    /// Sends a request, again after a wait where that can do no harm. What comes back may still be a refusal.
    async fn send(&self, request: &Request) -> Result<Answer, ForgeError> {
        let what = request.what;
        let mut tries = Tries::default();
        loop {
            let (failure, error) = match self.exchange(request).await {
                Ok(answer) => match answer.failure() {
                    None => return Ok(answer),
                    Some(failure) => (failure, answer.refusal(what)),
                },
                Err(error) => (Failure::Ambiguous, error),
            };
            let Some((wait, next)) = tries.after(failure, request.is_repeatable) else { return Err(error) };
            match failure {
                Failure::Limited(_) => {
                    tracing::info!(
                        "the forge limits how often it is asked: waiting {} seconds before trying again to {what}",
                        wait.as_secs()
                    );
                }
                Failure::Ambiguous => tracing::debug!(%error, what, "asking the forge again"),
            }
            tokio::time::sleep(wait).await;
            tries = next;
        }
    }

    async fn exchange(&self, request: &Request) -> Result<Answer, ForgeError> {
        let unreachable = |source: octocrab::Error| ForgeError::Unreachable {
            address: self.address.clone(),
            source: Box::new(answer::Innermost::of(&source)),
        };
        let head = http::request::Builder::new().method(request.method.clone()).uri(&request.path);
        let built = self.client.build_request(head, request.body.as_ref()).map_err(unreachable)?;
        let response = self.client.execute(built).await.map_err(unreachable)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let text = self.client.body_to_string(response).await.map_err(unreachable)?;
        tracing::debug!(status, what = request.what, "the forge answered");
        // What it has to say of its own is in refusals and beside data. What files say is left as it is.
        let has_words = !(200..300).contains(&status) || text.contains("\"errors\":");
        let text = match &self.token {
            Some(token) if has_words => token.left_out_of(&text),
            _ => text,
        };
        Ok(Answer::new(status, &headers, &text))
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
        self.read_conversation(number, self.environments != Environments::Off).await
    }

    async fn survey(&self, numbers: &[PullRequestNumber], with_changes: bool) -> Result<Surveyed, ForgeError> {
        self.read_pull_requests(numbers, with_changes).await
    }

    async fn conversations(
        &self,
        numbers: &[PullRequestNumber],
        application: &Application,
    ) -> Result<Vec<Conversation>, ForgeError> {
        self.read_conversations(numbers, application).await
    }

    async fn ledger(&self) -> Result<Ledger, ForgeError> {
        self.read_ledger().await
    }

    async fn comment(&self, number: PullRequestNumber, body: &str) -> Result<String, ForgeError> {
        self.write_comment(number, body).await
    }

    async fn edit_comment(&self, id: CommentId, body: &str) -> Result<(), ForgeError> {
        self.replace_comment(id, body).await
    }

    async fn delete_comment(&self, id: CommentId) -> Result<(), ForgeError> {
        self.remove_comment(id).await
    }

    async fn begin_deployment(&self, deployment: &NewDeployment) -> Result<DeploymentId, ForgeError> {
        self.make_deployment(deployment).await
    }

    async fn tell_deployment(
        &self,
        id: DeploymentId,
        status: &DeploymentStatus,
        run: Option<&str>,
    ) -> Result<(), ForgeError> {
        self.write_status(id, status, run).await
    }

    async fn delete_environment(&self, name: &str) -> Result<(), ForgeError> {
        self.remove_environment(name).await
    }
}
