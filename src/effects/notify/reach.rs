//! The client for listeners: it connects to nothing that leads into a private network, verifies TLS, and follows nothing.

use std::fmt;
use std::net::SocketAddr;
use std::time::Duration;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use reqwest::{Client, Url};

use crate::domain::address_range::is_public;
use crate::effects::http;

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// Where the environment names proxies, as reqwest reads it.
const VARIABLES: [&str; 6] = ["HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy", "ALL_PROXY", "all_proxy"];

/// The hosts of the proxies of the environment. They may be in a private network, and mostly are.
#[derive(Debug, Clone, Default)]
pub(super) struct Proxies(Vec<String>);

impl Proxies {
    /// Those that reqwest uses too.
    pub(super) fn of_the_environment() -> Self {
        let values: Vec<_> = VARIABLES.iter().filter_map(|name| std::env::var(name).ok()).collect();
        Self::of(values.iter().map(String::as_str))
    }

    pub(super) fn of<'a>(values: impl IntoIterator<Item = &'a str>) -> Self {
        let url = |value: &str| {
            if value.contains("://") { Url::parse(value) } else { Url::parse(&format!("http://{value}")) }
        };
        let hosts = values.into_iter().filter_map(|value| url(value.trim()).ok()?.host_str().map(str::to_owned));
        Self(hosts.collect())
    }

    pub(super) fn include(&self, name: &str) -> bool {
        self.0.iter().any(|proxy| proxy.eq_ignore_ascii_case(name))
    }
}

/// The client.
///
/// The proxies of the environment are used, for runners that reach nothing without them. Such a proxy resolves names itself, so
/// that what a name stands for is then the proxy's to refuse; addresses that are written as such are refused here all the same.
///
/// # Errors
///
/// When the system's certificates can not be used.
pub(super) fn client(allow_private: bool, proxies: Proxies) -> Result<Client, reqwest::Error> {
    Client::builder()
        .user_agent(http::AGENT)
        .redirect(reqwest::redirect::Policy::none())
        // What is tried again is decided elsewhere.
        .retry(reqwest::retry::never())
        .referer(false)
        .connect_timeout(CONNECT)
        .dns_resolver(Guarded { allow_private, proxies })
        .build()
}

/// Resolves names, and refuses those that lead into a private network: all of a name, when one of its addresses does, since
/// which of them is connected to is left to chance.
struct Guarded {
    allow_private: bool,
    proxies: Proxies,
}

impl Resolve for Guarded {
    fn resolve(&self, name: Name) -> Resolving {
        let name = name.as_str().to_owned();
        let is_free = self.allow_private || self.proxies.include(&name);
        Box::pin(async move {
            // Port 0 is the URL's.
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name, 0)).await?.collect();
            if !is_free && found.iter().any(|address| !is_public(address.ip())) {
                return Err(LeadsInward.into());
            }
            let found: Addrs = Box::new(found.into_iter());
            Ok(found)
        })
    }
}

/// A name stands for an address that is refused.
#[derive(Debug)]
pub(super) struct LeadsInward;

impl fmt::Display for LeadsInward {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("the name leads into a private network")
    }
}

impl std::error::Error for LeadsInward {}

#[cfg(test)]
mod tests {
    use std::error::Error;
    use std::net::TcpListener;

    use super::*;

    /// Asks this machine by its name, which is looked at nowhere but in the resolver; returns whether that is refused.
    async fn is_refused(allow_private: bool, proxies: Proxies) -> bool {
        let listener = TcpListener::bind(("127.0.0.1", 0)).unwrap();
        let address = format!("http://localhost:{}/", listener.local_addr().unwrap().port());
        // What listens there hangs up at once.
        std::thread::spawn(move || drop(listener.accept()));
        let error = client(allow_private, proxies).unwrap().post(&address).send().await.unwrap_err();
        let mut cause: Option<&dyn Error> = Some(&error);
        while let Some(error) = cause {
            if error.is::<LeadsInward>() {
                return true;
            }
            cause = error.source();
        }
        false
    }

    #[tokio::test]
    async fn a_name_that_stands_for_this_machine_is_refused_unless_that_is_allowed_or_it_is_a_proxys() {
        assert!(is_refused(false, Proxies::default()).await);
        assert!(!is_refused(true, Proxies::default()).await);
        assert!(!is_refused(false, Proxies::of(["http://LOCALHOST:3128"])).await);
    }
}
