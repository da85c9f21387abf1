//! A repository as it is reached over GitHub's interfaces, and their errors in the words of the port.

use http::Method;
use reqwest::Client;
use serde_json::{Value, json};

use super::super::answer::{Answer, shown};
use super::super::{Interface, Request};
use super::reading;
use crate::domain::names::RepositoryName;
use crate::ports::{AppsError, ForgeError};

/// Where a repository is.
pub(super) struct Remote {
    /// For what is elsewhere: without the token.
    pub(super) http: Client,
    pub(super) rest: Interface,
    pub(super) graphql: Interface,
    pub(super) name: RepositoryName,
    /// What it is called in messages.
    pub(super) shown: String,
}

impl Remote {
    /// Asks for things of the repository. `variables` are those beside its name. Nothing of the answer is missing but what is
    /// not there.
    pub(super) async fn ask(
        &self,
        name: &str,
        text: &str,
        mut variables: Value,
        what: &'static str,
    ) -> Result<Value, AppsError> {
        variables["owner"] = self.name.owner().into();
        variables["name"] = self.name.name().into();
        let body = json!({"query": text, "variables": variables, "operationName": name});
        let answer = self.send(body, what, true).await.map_err(|why| self.error(why))?;
        if let Some(message) = answer.unknown_field() {
            return Err(self.unsupported(message));
        }
        let reply = answer.graphql(what).map_err(|why| self.error(why))?;
        reply.whole().map_err(|trouble| self.error(trouble.error(what)))
    }

    /// Sends something to GraphQL, again only if that does no harm.
    pub(super) async fn send(
        &self,
        body: Value,
        what: &'static str,
        is_repeatable: bool,
    ) -> Result<Answer, ForgeError> {
        let path = self.graphql.path.clone();
        self.graphql.send(&Request { method: Method::POST, path, body: Some(body), what, is_repeatable }).await
    }

    /// Reads the bytes of a file, as GraphQL does not tell them.
    pub(super) async fn blob(&self, oid: &str) -> Result<Vec<u8>, AppsError> {
        let what = "read a file of it";
        let path = format!("{}/repos/{}/git/blobs/{oid}", self.rest.path, self.name);
        let request = Request { method: Method::GET, path, body: None, what, is_repeatable: true };
        let sent = self.rest.send(&request).await;
        let told = sent.and_then(|answer| answer.success(what)).map_err(|why| match why {
            // The repository is there: GraphQL has just told of the file.
            ForgeError::NotFound { .. } => self.senseless("it has told of a file that it does not have"),
            why => self.error(why),
        })?;
        reading::blob(&told).map_err(|why| self.senseless(&why))
    }

    pub(super) fn error(&self, why: ForgeError) -> AppsError {
        error(&self.shown, why)
    }

    pub(super) fn senseless(&self, why: &str) -> AppsError {
        let message = format!("its answer makes no sense: {}", shown(why));
        AppsError::Unreachable { repository: self.shown.clone(), message }
    }

    pub(super) fn unsupported(&self, message: String) -> AppsError {
        AppsError::Unsupported { repository: self.shown.clone(), message }
    }
}

/// What an error of the forge's means for the repository that is `shown` so.
pub(super) fn error(shown: &str, why: ForgeError) -> AppsError {
    let repository = shown.to_owned();
    match why {
        ForgeError::BadCredentials { message } => AppsError::BadCredentials { repository, message },
        ForgeError::Forbidden { what, message } => AppsError::Forbidden { repository, what, message },
        ForgeError::NotFound { message, .. } => AppsError::NoRepository { repository, message },
        ForgeError::RateLimited { message, retry_after } => AppsError::RateLimited { repository, message, retry_after },
        ForgeError::Address { address, message } => AppsError::Address { repository: address, message },
        ForgeError::Unreachable { source, .. } => AppsError::Unreachable { repository, message: source.to_string() },
        ForgeError::Local { .. } => AppsError::Local { message: why.to_string() },
        ForgeError::Failed { .. } | ForgeError::Senseless { .. } => {
            AppsError::Unreachable { repository, message: why.to_string() }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_error_of_the_forge_keeps_its_meaning() {
        let (what, message) = ("read a file", || "so it says".to_owned());
        let failed = ForgeError::Failed { what, status: 502, message: message() };
        let table = [
            (
                ForgeError::BadCredentials { message: message() },
                "the apps repository `x` does not accept the credentials: so it says",
            ),
            (
                ForgeError::Forbidden { what, message: message() },
                "the apps repository `x` does not allow to read a file: so it says",
            ),
            (
                ForgeError::NotFound { what, message: message() },
                "there is no apps repository `x`, or the credentials can not see it: so it says",
            ),
            (
                ForgeError::RateLimited { message: message(), retry_after: None },
                "the forge limits how often it is asked for the apps repository `x`: so it says",
            ),
            (
                failed,
                "the apps repository `x` can not be reached: the forge failed to read a file: status 502: so it says",
            ),
        ];
        for (why, expected) in table {
            assert_eq!(error("x", why).to_string(), expected);
        }
    }
}
