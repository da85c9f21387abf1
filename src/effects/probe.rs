//! Questions to previews over HTTP. They carry no credentials, follow nothing, and verify TLS whatever is asked.

use std::io;
use std::net::SocketAddr;
use std::sync::OnceLock;
use std::time::Duration;

use reqwest::header::{HOST, HeaderMap, LOCATION};
use reqwest::{Client, Response};

use crate::domain::readiness::{Answer, Body, Probe};
use crate::effects::http;
use crate::ports::{ProbeError, Prober};

/// How long a connection may take.
const CONNECT: Duration = Duration::from_secs(5);
/// How long an answer may take, from the first byte sent to the last one read.
const WHOLE: Duration = Duration::from_secs(10);
/// The most of a body that is read.
const BODY: usize = 1024 * 1024;

/// What asks one preview.
#[derive(Default)]
pub struct HttpProber(OnceLock<Client>);

impl HttpProber {
    /// The client, made for the address that is fixed when it is first needed.
    fn client(&self, probe: &Probe) -> Result<&Client, ProbeError> {
        if let Some(client) = self.0.get() {
            return Ok(client);
        }
        let builder = Client::builder()
            .user_agent(http::AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(CONNECT)
            .timeout(WHOLE)
            // A connection that was kept would lead to what answered before.
            .pool_max_idle_per_host(0)
            // The `Host` header is ours to choose.
            .http1_only();
        let builder = match (probe.address, probe.url.host_str()) {
            (Some(address), Some(host)) => {
                // A port of 0 is the URL's.
                let to = SocketAddr::new(address.ip, address.port.unwrap_or(0));
                builder.no_proxy().resolve_to_addrs(host, &[to])
            }
            _ => builder,
        };
        let client = builder.build().map_err(|why| ProbeError::Other(format!("there is no HTTP client: {why}")))?;
        Ok(self.0.get_or_init(|| client))
    }
}

impl Prober for HttpProber {
    async fn ask(&self, probe: &Probe) -> Result<Answer, ProbeError> {
        let mut url = probe.url.clone();
        let mut host = probe.host.clone();
        if probe.address.is_some_and(|address| address.port.is_some()) && url.port().is_some() {
            // The port of the URL would be the one that is connected to.
            host = host.or_else(|| Some(url.authority().to_owned()));
            let _ = url.set_port(None);
        }
        let mut request = self.client(probe)?.get(url);
        if let Some(host) = host {
            request = request.header(HOST, host);
        }
        let failed = |error: reqwest::Error| classified(&error, probe.url.host_str().unwrap_or_default());
        let response = request.send().await.map_err(failed)?;
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let is_wanted = probe.json.is_some() && status == u16::from(probe.status);
        let body = if is_wanted { read(response).await.map_err(failed)? } else { Body::Unread };
        let header = probe.header.as_ref().and_then(|name| values(&headers, name.as_str()));
        Ok(Answer { status, location: values(&headers, LOCATION.as_str()), header, body })
    }
}

/// All values of a header, as text.
fn values(headers: &HeaderMap, name: &str) -> Option<String> {
    let all: Vec<_> = headers.get_all(name).iter().map(|value| String::from_utf8_lossy(value.as_bytes())).collect();
    (!all.is_empty()).then(|| all.join(", "))
}

async fn read(mut response: Response) -> Result<Body, reqwest::Error> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await? {
        if bytes.len() + chunk.len() > BODY {
            return Ok(Body::TooLong);
        }
        bytes.extend_from_slice(&chunk);
    }
    Ok(serde_json::from_slice(&bytes).map_or_else(|why| Body::Junk(why.to_string()), Body::Json))
}

/// Why there was no answer, in the words of what went wrong first.
fn classified(error: &reqwest::Error, host: &str) -> ProbeError {
    let causes = http::causes(error);
    let texts: Vec<_> = causes.iter().map(ToString::to_string).collect();
    let innermost = texts.last().cloned().unwrap_or_default();
    let is_io = |kind: io::ErrorKind| {
        causes.iter().any(|cause| cause.downcast_ref::<io::Error>().is_some_and(|found| found.kind() == kind))
    };
    if let Some(why) = texts.iter().rev().find_map(|text| text.strip_prefix("invalid peer certificate: ")) {
        return ProbeError::Tls(format!("the certificate is refused: {why}"));
    }
    if texts.iter().any(|text| text == "dns error") {
        return ProbeError::NoName(host.to_owned());
    }
    if error.is_timeout() || is_io(io::ErrorKind::TimedOut) {
        return ProbeError::TimedOut(if error.is_connect() { CONNECT } else { WHOLE });
    }
    if is_io(io::ErrorKind::ConnectionRefused) {
        return ProbeError::Refused;
    }
    let is_tls = ["received fatal alert", "received corrupt message", "tls"];
    if texts.iter().any(|text| is_tls.iter().any(|word| text.to_ascii_lowercase().starts_with(word))) {
        return ProbeError::Tls(innermost);
    }
    ProbeError::Other(innermost)
}
