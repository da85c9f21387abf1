//! What a registry answers, and what it says when it refuses.

use std::time::Duration;

use oci_client::errors::{OciEnvelope, OciError};
use reqwest::StatusCode;
use reqwest::header::{HeaderMap, RETRY_AFTER};
use serde_json::Value;

use crate::domain::names::ImageRepository;
use crate::domain::visible::{disarmed, turns_around};
use crate::ports::RegistryError;

/// How much of a registry's words is shown, in characters.
const WORDS: usize = 300;

/// An answer, whose body is whole.
pub(super) struct Answer {
    pub(super) status: StatusCode,
    pub(super) headers: HeaderMap,
    pub(super) body: Vec<u8>,
}

impl Answer {
    /// What an answer means that is not the one that was asked for. `offered` says which credentials it speaks of.
    pub(super) fn error(&self, repository: &ImageRepository, offered: Option<&'static str>) -> RegistryError {
        let (repository, message) = (repository.clone(), self.words());
        match self.status {
            StatusCode::UNAUTHORIZED => RegistryError::BadCredentials { repository, offered, message },
            StatusCode::FORBIDDEN => RegistryError::Forbidden { repository, message },
            StatusCode::TOO_MANY_REQUESTS => {
                RegistryError::RateLimited { repository, message, retry_after: self.retry_after() }
            }
            status => RegistryError::Failed { repository, status: status.as_u16(), message },
        }
    }

    /// The words of the registry, if it has any: those of the specification's errors, or of a plain message.
    pub(super) fn words(&self) -> String {
        let words = if let Ok(envelope) = serde_json::from_slice::<OciEnvelope>(&self.body) {
            envelope.errors.iter().map(told).collect::<Vec<_>>().join("; ")
        } else {
            let answer: Value = serde_json::from_slice(&self.body).unwrap_or_default();
            let said = ["message", "details", "error_description"].iter().find_map(|name| answer.get(name)?.as_str());
            said.unwrap_or_default().to_owned()
        };
        let is_harmful = |character: char| character.is_control() || turns_around(character);
        let shown =
            words.trim().chars().take(WORDS).map(|character| if is_harmful(character) { ' ' } else { character });
        disarmed(&shown.collect::<String>())
    }

    fn retry_after(&self) -> Option<Duration> {
        let seconds = self.headers.get(RETRY_AFTER)?.to_str().ok()?.trim().parse::<u32>().ok()?;
        Some(Duration::from_secs(seconds.into()))
    }
}

fn told(error: &OciError) -> String {
    let code = serde_json::to_value(&error.code).unwrap_or_default();
    format!("{} {}", code.as_str().unwrap_or_default(), error.message).trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &str) -> Answer {
        let headers = HeaderMap::from_iter([(RETRY_AFTER, "7".parse().unwrap())]);
        Answer { status: StatusCode::from_u16(status).unwrap(), headers, body: body.as_bytes().to_vec() }
    }

    #[test]
    fn the_registrys_words_are_shown_without_what_harms_a_log() {
        let table = [
            (r#"{"errors":[{"code":"DENIED","message":"no"},{"code":"ODD"}]}"#, "DENIED no; ODD"),
            (r#"{"errors":[{"code":"X","message":"a\n::error::b\u202e##[c"}]}"#, "X a ::error::b # #[c"),
            (r#"{"details":"incorrect username or password"}"#, "incorrect username or password"),
            ("<html>", ""),
            ("", ""),
        ];
        for (body, words) in table {
            assert_eq!(answer(500, body).words(), words, "{body}");
        }
    }

    #[test]
    fn a_status_becomes_the_error_that_it_means_and_some_are_worth_another_look() {
        let repository: ImageRepository = "ghcr.io/acme/web".parse().unwrap();
        let table = [(401, false), (403, true), (429, true), (500, true), (503, true), (400, false), (302, false)];
        for (status, is_passing) in table {
            let error = answer(status, "").error(&repository, Some("there"));
            assert_eq!(error.is_passing(), is_passing, "{error}");
        }
        assert_eq!(answer(429, "").error(&repository, None).retry_after(), Some(Duration::from_secs(7)));
        assert_eq!(answer(503, "").error(&repository, None).retry_after(), None);
    }
}
