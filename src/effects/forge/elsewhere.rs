//! What the forge does not hand out itself: it tells of another host, where it is under an address that is good by itself for a
//! short while. The token does not go there.

use std::time::Duration;

use http::Method;
use reqwest::{Client, Response, Url};

use super::answer::Innermost;
use super::limits::{Failure, Tries};
use super::{Interface, Request};
use crate::effects::git::is_loopback;
use crate::ports::ForgeError;

/// How long one attempt may take in all.
const PATIENCE: Duration = Duration::from_mins(10);

/// Why an attempt failed.
pub(super) struct Failed {
    pub(super) message: String,
    /// Whether another one may go better.
    pub(super) passes: bool,
}

impl Failed {
    /// The connection broke.
    pub(super) fn broken(why: reqwest::Error) -> Self {
        // Without the address: what it was fetched with is in there.
        Self { message: Innermost::of(&why.without_url()).to_string(), passes: true }
    }

    /// Another attempt would find the same.
    pub(super) fn for_good(message: String) -> Self {
        Self { message, passes: false }
    }

    /// Waits until there may be another attempt; fails with what went wrong when there is to be none.
    pub(super) async fn wait(self, tries: &mut Tries) -> Result<(), String> {
        let Some((wait, next)) = tries.after(Failure::Ambiguous, self.passes) else { return Err(self.message) };
        tracing::debug!(why = self.message, "fetching what is elsewhere again");
        tokio::time::sleep(wait).await;
        *tries = next;
        Ok(())
    }
}

impl Interface {
    /// Where the forge has what is asked for by `path`. Nothing when it can not be fetched safely from there.
    pub(super) async fn elsewhere(&self, path: String, what: &'static str) -> Result<Option<Url>, ForgeError> {
        let request = Request { method: Method::GET, path, body: None, what, is_repeatable: true };
        let told = self.send(&request).await?.elsewhere(what)?;
        let address = Url::parse(&self.address).and_then(|base| base.join(&told)).ok();
        Ok(address.filter(|address| address.scheme() == "https" || address.scheme() == "http" && is_loopback(address)))
    }
}

/// Begins to fetch what is at an address.
pub(super) async fn open(http: &Client, address: Url) -> Result<Response, Failed> {
    let response = http.get(address).timeout(PATIENCE).send().await.map_err(Failed::broken)?;
    let status = response.status();
    if status.is_success() {
        return Ok(response);
    }
    let passes = status.is_server_error() || status.as_u16() == 429;
    Err(Failed { message: format!("where it is, the answer is status {}", status.as_u16()), passes })
}
