//! One request to a listener, and what came of it.

use std::fmt;
use std::time::Duration;

use jiff::Timestamp;
use reqwest::header::{DATE, HeaderMap, HeaderValue, RETRY_AFTER};
use reqwest::{Client, Response, StatusCode};
use tracing::instrument::WithSubscriber as _;
use tracing::subscriber::NoSubscriber;

use super::addresses::{Endpoint, Signing};
use super::parcel::Parcel;
use super::reach::LeadsInward;
use super::signature::signature;
use crate::domain::retry_after::{moment, retry_after};
use crate::effects::http;

/// The most of an answer that is read.
const BODY: usize = 4 * 1024;
/// How long it is read. A listener that has said that it was told is not asked twice because it goes on talking.
const READING: Duration = Duration::from_secs(2);
/// The longest word of Slack's for what is wrong.
const WORD: usize = 60;

/// Why an attempt was in vain. Nothing in it is the listener's own words, or says where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Failure {
    /// It answered with a status that says so.
    Status { status: u16, word: Option<String>, asked: Option<Duration> },
    /// It sends elsewhere.
    Redirected(u16),
    /// It wants to hear nothing more.
    Gone,
    /// There was no answer in time.
    TimedOut,
    /// It could not be connected to, or the connection broke.
    Broken(&'static str),
    /// Its certificate is refused.
    Certificate(&'static str),
    /// Its name leads into a private network.
    LeadsInward,
}

impl Failure {
    /// Whether the next attempt may end otherwise.
    pub(super) fn is_passing(&self) -> bool {
        match self {
            Self::Status { status, .. } => matches!(status, 408 | 425 | 429 | 500..),
            Self::TimedOut | Self::Broken(_) => true,
            Self::Redirected(_) | Self::Gone | Self::Certificate(_) | Self::LeadsInward => false,
        }
    }

    /// How long the listener wants to be left alone.
    pub(super) fn asked(&self) -> Option<Duration> {
        match self {
            Self::Status { asked, .. } => *asked,
            _ => None,
        }
    }
}

impl fmt::Display for Failure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Status { status, word: Some(word), .. } => {
                write!(formatter, "it answered with the status {status} (`{word}`)")
            }
            Self::Status { status, asked: Some(asked), .. } => {
                write!(formatter, "it answered with the status {status}, and asked to wait for {} s", asked.as_secs())
            }
            Self::Status { status, .. } => write!(formatter, "it answered with the status {status}"),
            Self::Redirected(status) => {
                write!(formatter, "it answered with the redirect {status}, which is not followed")
            }
            Self::Gone => formatter.write_str("it answered with the status 410: it wants to hear nothing more"),
            Self::TimedOut => formatter.write_str("it did not answer in time"),
            Self::Broken(why) => formatter.write_str(why),
            Self::Certificate(why) => write!(formatter, "its certificate is refused: {why}"),
            Self::LeadsInward => {
                formatter.write_str(
                    "its name leads into a private network, to this machine or to a metadata service: `--notify-allow-private` allows that",
                )
            }
        }
    }
}

/// Makes one request. It is signed anew: the receiver refuses signatures that are some minutes old. Nothing is logged on the way:
/// the libraries name whom they connect to.
pub(super) async fn attempt(client: &Client, endpoint: &Endpoint, parcel: &Parcel) -> Result<(), Failure> {
    request(client, endpoint, parcel).with_subscriber(NoSubscriber::new()).await
}

async fn request(client: &Client, endpoint: &Endpoint, parcel: &Parcel) -> Result<(), Failure> {
    let mut headers = parcel.headers.clone();
    if let (Signing::With(keys), Some(id)) = (&endpoint.signing, &parcel.id) {
        let now = Timestamp::now();
        let signature = signature(keys, id, now, &parcel.body);
        put(&mut headers, "webhook-id", id);
        put(&mut headers, "webhook-timestamp", &now.as_second().to_string());
        put(&mut headers, "webhook-signature", &signature);
    }
    let request = client.post(endpoint.url.clone()).headers(headers).body(parcel.body.clone());
    let response = request.send().await.map_err(|error| classified(&error))?;
    let (status, asked) = (response.status(), asked(response.headers()));
    let body = tokio::time::timeout(READING, read(response)).await;
    match status {
        // Half an answer may be that of a listener that fell over what it was told.
        _ if status.is_success() => body.unwrap_or(Ok(Vec::new())).map(|_| ()),
        StatusCode::GONE => Err(Failure::Gone),
        _ if status.is_redirection() => Err(Failure::Redirected(status.as_u16())),
        _ => {
            let word = body.ok().and_then(Result::ok).and_then(|body| word(&body));
            Err(Failure::Status { status: status.as_u16(), word, asked })
        }
    }
}

/// Each value is ASCII without control characters.
fn put(headers: &mut HeaderMap, name: &'static str, value: &str) {
    if let Ok(value) = HeaderValue::from_str(value) {
        headers.insert(name, value);
    }
}

fn asked(headers: &HeaderMap) -> Option<Duration> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok());
    let now = text(DATE).and_then(moment).unwrap_or_else(Timestamp::now);
    retry_after(text(RETRY_AFTER)?, now)
}

async fn read(mut response: Response) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| classified(&error))? {
        bytes.extend_from_slice(&chunk[..chunk.len().min(BODY - bytes.len())]);
        if bytes.len() == BODY {
            break;
        }
    }
    Ok(bytes)
}

/// Slack's word for what is wrong, such as `invalid_payload`, if the answer is nothing else.
/// <https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks/#handling_errors>
fn word(body: &[u8]) -> Option<String> {
    let text = std::str::from_utf8(body).ok()?.trim();
    let is_word = text.bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_');
    (is_word && !text.is_empty() && text.len() <= WORD).then(|| text.to_owned())
}

/// What went wrong, in our own words: those of the libraries name the host.
fn classified(error: &reqwest::Error) -> Failure {
    let causes = http::causes(error);
    if causes.iter().any(|cause| cause.is::<LeadsInward>()) {
        return Failure::LeadsInward;
    }
    let texts: Vec<_> = causes.iter().map(ToString::to_string).collect();
    if let Some(why) = texts.iter().rev().find_map(|text| text.strip_prefix("invalid peer certificate: ")) {
        return Failure::Certificate(refusal(why));
    }
    if error.is_timeout() {
        return Failure::TimedOut;
    }
    Failure::Broken(match texts.iter().any(|text| text == "dns error") {
        true => "its name is not known",
        false if error.is_connect() => "it could not be connected to",
        false => "the connection broke before the answer was there",
    })
}

fn refusal(why: &str) -> &'static str {
    let reasons = [
        ("UnknownIssuer", "it is signed by nobody who is trusted"),
        ("expired", "it has expired"),
        ("not valid yet", "it is not valid yet"),
        ("not valid for", "it is for another name"),
        ("NotValidForName", "it is for another name"),
    ];
    let known = reasons.iter().find(|(mark, _)| why.to_ascii_lowercase().contains(&mark.to_ascii_lowercase()));
    known.map_or("it is not valid", |(_, reason)| reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_may_pass_is_tried_again_and_nothing_else() {
        let status = |status| Failure::Status { status, word: None, asked: None };
        for (code, expected) in [
            (400, false),
            (401, false),
            (403, false),
            (404, false),
            (408, true),
            (413, false),
            (425, true),
            (429, true),
            (500, true),
            (501, true),
            (502, true),
            (503, true),
            (504, true),
            (599, true),
        ] {
            assert_eq!(status(code).is_passing(), expected, "{code}");
        }
    }

    #[test]
    fn only_a_word_of_an_answer_is_shown() {
        for (body, expected) in [
            ("invalid_payload", Some("invalid_payload")),
            ("channel_is_archived\n", Some("channel_is_archived")),
            ("", None),
            ("<html>", None),
            ("::error::x", None),
            ("https://hooks.example.com", None),
            ("ein Wort", None),
        ] {
            assert_eq!(word(body.as_bytes()).as_deref(), expected, "{body}");
        }
        assert_eq!(word("a".repeat(WORD + 1).as_bytes()), None);
        assert_eq!(word(&[0xff, 0xfe]), None);
    }
}
