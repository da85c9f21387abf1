//! What one listener is told of one step, ready to be sent.

use bytes::Bytes;
use http::header::{CONTENT_TYPE, HeaderMap, HeaderValue};
use serde_json::Value;

use super::cloud_event::{content, encoded};
use crate::domain::configuration::{Listener, ListenerKind};
use crate::domain::lifecycle::LifecycleEvent;
use crate::domain::lifecycle::message::{Message, slack, teams};

const JSON: HeaderValue = HeaderValue::from_static("application/json; charset=utf-8");

/// A request but for its signature, which is made for each attempt.
#[derive(Debug)]
pub(super) struct Parcel {
    /// The type of the event.
    pub(super) kind: String,
    /// What is signed as its name, where it is signed: the event's own, the same for every attempt.
    pub(super) id: Option<String>,
    pub(super) headers: HeaderMap,
    pub(super) body: Bytes,
}

impl Parcel {
    /// What that listener is told; nothing when the event can not be put into words, which no event of ours is.
    pub(super) fn of(event: &LifecycleEvent, listener: &Listener) -> Option<Self> {
        match listener.kind {
            ListenerKind::Slack => Some(Self::message(event.kind(), &slack(&Message::of(event)))),
            ListenerKind::Teams => Some(Self::message(event.kind(), &teams(&Message::of(event)))),
            ListenerKind::CloudEvents => {
                let told = event.cloud_event();
                let content = content(&told, listener.mode.unwrap_or_default()).ok()?;
                let id = Some(encoded(&told.id));
                Some(Self { kind: told.kind, id, headers: content.headers, body: content.body })
            }
        }
    }

    /// Slack and Teams check no signatures.
    fn message(kind: String, message: &Value) -> Self {
        let headers = HeaderMap::from_iter([(CONTENT_TYPE, JSON)]);
        Self { kind, id: None, headers, body: message.to_string().into() }
    }
}
