//! The one HTTP client: one TLS stack, one set of connections, for the forge and for Git servers alike.

use std::time::Duration;

use reqwest::Client;

use crate::error::Error;

/// What every request of ours says who asks.
pub(super) const AGENT: &str = concat!("bivouac/", env!("CARGO_PKG_VERSION"));

/// An error and what caused it, the innermost cause last.
pub(super) fn causes<'e>(error: &'e (dyn std::error::Error + 'static)) -> Vec<&'e (dyn std::error::Error + 'static)> {
    std::iter::successors(Some(error), |error| error.source()).collect()
}

/// A client that honours the proxies of the environment and follows no redirect: one followed with a token would hand it to
/// somebody else.
///
/// # Errors
///
/// When the system's certificates can not be used.
pub fn client() -> Result<Client, Error> {
    Client::builder()
        .user_agent(AGENT)
        .redirect(reqwest::redirect::Policy::none())
        .connect_timeout(Duration::from_secs(15))
        .read_timeout(Duration::from_mins(2))
        .build()
        .map_err(|why| Error::local("there is no HTTP client", why))
}
