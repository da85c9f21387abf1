//! GitHub's OIDC provider, which says what a job is.
//! <https://docs.github.com/en/actions/reference/security/oidc>

use reqwest::{Client, Url};
use serde_json::Value;

use crate::effects::git::is_loopback;
use crate::env::{self, Environment};
use crate::error::Error;
use crate::secret::Secret;

/// Where a job gets its tokens.
pub struct Provider {
    http: Client,
    url: Url,
    token: Secret,
}

impl Provider {
    /// The provider of this job, if it has `permissions: id-token: write`.
    ///
    /// # Errors
    ///
    /// When its address can not be used, or there is no HTTP client.
    pub fn new(environment: &Environment, http: impl FnOnce() -> Result<Client, Error>) -> Result<Option<Self>, Error> {
        let url = environment.get(env::ACTIONS_ID_TOKEN_REQUEST_URL);
        let token = environment.get(env::ACTIONS_ID_TOKEN_REQUEST_TOKEN).and_then(Secret::new);
        let (Some(url), Some(token)) = (url, token) else { return Ok(None) };
        let wrong = || Error::Usage {
            message: format!("`{}` is no address that a token may go to", env::ACTIONS_ID_TOKEN_REQUEST_URL),
            hint: "the runner sets it to an `https://` address: do not set it yourself",
        };
        let url = Url::parse(url.trim()).map_err(|_| wrong())?;
        if url.scheme() != "https" && !is_loopback(&url) {
            return Err(wrong());
        }
        Ok(Some(Self { http: http()?, url, token }))
    }

    /// A token for an audience.
    ///
    /// # Errors
    ///
    /// When the provider does not give one.
    pub async fn token(&self, audience: &str) -> Result<Secret, Error> {
        let failed = |why: String| Error::local("GitHub's OIDC provider gave no token", why);
        let mut url = self.url.clone();
        url.query_pairs_mut().append_pair("audience", audience);
        let answer = self.http.get(url).bearer_auth(self.token.expose()).send().await;
        let answer = answer.map_err(|why| failed(why.without_url().to_string()))?;
        if !answer.status().is_success() {
            return Err(failed(format!("it answered {}", answer.status().as_u16())));
        }
        let answer: Value = answer.json().await.map_err(|why| failed(why.without_url().to_string()))?;
        let token = answer.get("value").and_then(Value::as_str).and_then(Secret::new);
        token.ok_or_else(|| failed("its answer has none".to_owned()))
    }
}
