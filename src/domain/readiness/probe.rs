//! A question to a preview over HTTP, and its answer.

use core::net::{IpAddr, SocketAddr};
use std::str::FromStr;

use http::HeaderName;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;
use url::{Host, Url};

use super::seen::{Judgement, Seen, holds, quoted};
use crate::domain::names::CommitId;
use crate::domain::text_type::{InvalidText, text_type};

text_type! {
    /// The name of a header of an answer, such as `x-commit`.
    FieldName, check_field_name
}

text_type! {
    /// Where in a JSON document something is, such as `/build/commit`: <https://www.rfc-editor.org/rfc/rfc6901>.
    JsonPointer, check_pointer
}

fn check_field_name(text: &str) -> Result<(), String> {
    let is_fine = HeaderName::from_str(text).is_ok();
    if is_fine { Ok(()) } else { Err(format!("`{}` is not the name of a header", text.escape_debug())) }
}

fn check_pointer(text: &str) -> Result<(), String> {
    let escapes_are_fine = text.split('~').skip(1).all(|rest| rest.starts_with(['0', '1']));
    if text.starts_with('/') && escapes_are_fine {
        return Ok(());
    }
    let shown = text.escape_debug();
    Err(format!(
        "`{shown}` is not a JSON pointer: begin each step with `/`, such as `/build/commit` (`~1` is a slash in a key)"
    ))
}

/// The status that an answer must have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct ExpectedStatus(u16);

impl Default for ExpectedStatus {
    fn default() -> Self {
        Self(200)
    }
}

impl TryFrom<u16> for ExpectedStatus {
    type Error = InvalidText;

    fn try_from(status: u16) -> Result<Self, InvalidText> {
        let wrong = || InvalidText(format!("`{status}` is no status of an answer: use one from 200 to 599"));
        (200..600).contains(&status).then_some(Self(status)).ok_or_else(wrong)
    }
}

impl From<ExpectedStatus> for u16 {
    fn from(status: ExpectedStatus) -> Self {
        status.0
    }
}

/// An address that is connected to in place of the one that a name stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct FixedAddress {
    /// The address.
    pub ip: IpAddr,
    /// The port; the URL's if not given.
    pub port: Option<u16>,
}

impl FromStr for FixedAddress {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        if let Ok(address) = text.parse::<SocketAddr>() {
            return Ok(Self { ip: address.ip(), port: Some(address.port()) });
        }
        let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
        let wrong = || {
            InvalidText(format!(
                "`{}` is not an address: use one such as `203.0.113.7`, `203.0.113.7:8443` or `[2001:db8::7]:8443`",
                text.escape_debug()
            ))
        };
        bare.parse().map(|ip| Self { ip, port: None }).map_err(|_| wrong())
    }
}

impl Serialize for FixedAddress {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self.port {
            Some(port) => serializer.collect_str(&SocketAddr::new(self.ip, port)),
            None => serializer.collect_str(&self.ip),
        }
    }
}

impl<'de> Deserialize<'de> for FixedAddress {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// A question to a preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Probe {
    /// What is asked for, without a name or a password in it.
    pub url: Url,
    /// The `Host` header, where it is not what the URL says.
    pub host: Option<String>,
    /// The address that is connected to.
    pub address: Option<FixedAddress>,
    /// The status that the answer must have.
    pub status: ExpectedStatus,
    /// The header that must hold the commit.
    pub header: Option<FieldName>,
    /// Where the body must hold the commit.
    pub json: Option<JsonPointer>,
}

/// Why nothing can be asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidProbe {
    /// Not an address.
    #[error("`{0}` is not an address: write it as `https://{{host}}/` ({1})")]
    Url(String, String),
    /// Not HTTP.
    #[error("`{0}` is not `https://`")]
    Scheme(String),
    /// Plain HTTP to somewhere else.
    #[error(
        "`{0}` is plain HTTP over a network, where anybody on the way can answer in place of the preview: use `https://`"
    )]
    Plain(String),
    /// A name or a password in the address.
    #[error("the address holds a name or a password: nothing secret is sent to a preview")]
    Credentials,
    /// A host that is none.
    #[error("`{0}` is not a host")]
    Host(String),
    /// An address that stands for no name.
    #[error("`url` names an address already: give one of the two")]
    Twice,
}

impl InvalidProbe {
    /// The key that is wrong.
    #[must_use]
    pub fn key(&self) -> &'static str {
        match self {
            Self::Url(..) | Self::Scheme(_) | Self::Plain(_) | Self::Credentials => "url",
            Self::Host(_) => "host",
            Self::Twice => "address",
        }
    }
}

impl Probe {
    /// The question for that address.
    ///
    /// # Errors
    ///
    /// When it is no address, not for a preview, or plain HTTP to somewhere that anybody can be in the way of.
    pub fn new(url: &str, host: Option<&str>, address: Option<FixedAddress>) -> Result<Self, InvalidProbe> {
        let shown = || url.escape_debug().to_string();
        let parsed = Url::parse(url).map_err(|why| InvalidProbe::Url(shown(), why.to_string()))?;
        if !parsed.username().is_empty() || parsed.password().is_some() {
            return Err(InvalidProbe::Credentials);
        }
        let at = parsed.host().ok_or_else(|| InvalidProbe::Scheme(shown()))?;
        if address.is_some() && !matches!(at, Host::Domain(_)) {
            return Err(InvalidProbe::Twice);
        }
        match parsed.scheme() {
            "https" => {}
            "http" if is_near(&at, address) => {}
            "http" => return Err(InvalidProbe::Plain(shown())),
            _ => return Err(InvalidProbe::Scheme(shown())),
        }
        let is_host = |text: &&str| text.parse::<http::uri::Authority>().is_ok_and(|host| !host.as_str().contains('@'));
        if let Some(wrong) = host.filter(|text| !is_host(text)) {
            return Err(InvalidProbe::Host(wrong.escape_debug().to_string()));
        }
        let (status, host) = (ExpectedStatus::default(), host.map(str::to_owned));
        Ok(Self { url: parsed, host, address, status, header: None, json: None })
    }

    /// What follows from an answer.
    #[must_use]
    pub fn judge(&self, answer: &Answer, commit: &CommitId) -> Judgement {
        let status = u16::from(self.status);
        if answer.status != status {
            let to = answer.location.as_deref().map(|to| format!(" to {}", quoted(to))).unwrap_or_default();
            return Judgement::NotYet(Seen::new(&format!("status {}{to}, not {status}", answer.status)));
        }
        let mut words = vec![format!("status {status}")];
        let mut is_ready = true;
        let found = self.header.as_ref().map(|name| judge_header(name, answer, commit));
        let pointed = self.json.as_ref().map(|pointer| judge_json(pointer, &answer.body, commit));
        for (said, is_fine) in found.into_iter().chain(pointed) {
            words.push(said);
            is_ready &= is_fine;
        }
        let seen = Seen::new(&words.join(", "));
        if is_ready { Judgement::Ready(seen) } else { Judgement::NotYet(seen) }
    }
}

fn judge_header(name: &FieldName, answer: &Answer, commit: &CommitId) -> (String, bool) {
    let name = name.as_str();
    match &answer.header {
        Some(value) if holds(value, commit) => (format!("header {name} holds {}", commit.short()), true),
        Some(value) => (format!("header {name} holds {}, not {}", quoted(value), commit.short()), false),
        None => (format!("no header {name}"), false),
    }
}

fn judge_json(pointer: &JsonPointer, body: &Body, commit: &CommitId) -> (String, bool) {
    let at = pointer.as_str();
    let value = match body {
        Body::Json(value) => value.pointer(at),
        Body::Junk(why) => return (format!("the body is no JSON: {}", quoted(why)), false),
        Body::TooLong => return ("the body is longer than 1 MiB".to_owned(), false),
        Body::Unread => return ("the body was not read".to_owned(), false),
    };
    let text = match value {
        Some(Value::String(text)) => text.clone(),
        Some(value @ (Value::Number(_) | Value::Bool(_) | Value::Null)) => value.to_string(),
        Some(Value::Array(_)) => return (format!("{} is a list", quoted(at)), false),
        Some(Value::Object(_)) => return (format!("{} is an object", quoted(at)), false),
        None => return (format!("nothing at {}", quoted(at)), false),
    };
    if holds(&text, commit) {
        return (format!("{} holds {}", quoted(at), commit.short()), true);
    }
    (format!("{} holds {}, not {}", quoted(at), quoted(&text), commit.short()), false)
}

/// Whether nobody outside is on the way: this machine, a private network, or the cluster's own.
fn is_near(host: &Host<&str>, address: Option<FixedAddress>) -> bool {
    let is_private = |ip: IpAddr| match ip {
        IpAddr::V4(ip) => ip.is_loopback() || ip.is_private(),
        IpAddr::V6(ip) => ip.is_loopback() || ip.is_unique_local(),
    };
    match (address, host) {
        (Some(address), _) => is_private(address.ip),
        (None, Host::Ipv4(ip)) => is_private((*ip).into()),
        (None, Host::Ipv6(ip)) => is_private((*ip).into()),
        (None, Host::Domain(name)) => {
            let service = [".svc", ".svc.cluster.local"];
            *name == "localhost" || service.iter().any(|end| name.ends_with(end))
        }
    }
}

/// What a preview answered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Where a redirect leads.
    pub location: Option<String>,
    /// The header that was asked for, all its values together.
    pub header: Option<String>,
    /// Its body.
    pub body: Body,
}

/// The body of an answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Body {
    /// Nobody asked for it.
    Unread,
    /// A JSON document.
    Json(Value),
    /// Something else: why it is no JSON.
    Junk(String),
    /// More than is read.
    TooLong,
}
