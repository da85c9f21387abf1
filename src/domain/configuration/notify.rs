//! `notify` of `bivouac.yaml`: who is told what becomes of previews. The doc comments here are the reference that users read.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Configuration, ConfigurationError};
use crate::domain::lifecycle::Step;
use crate::domain::names::ListenerName;

/// Somebody who is told what becomes of previews. The address is not written here: the environment of the run has it, as a line
/// `NAME=https://…` of `BIVOUAC_NOTIFY_ADDRESSES`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Listener {
    /// The name by which the environment has the address: a DNS label.
    pub name: ListenerName,
    /// What listens there.
    pub kind: ListenerKind,
    /// The steps that are told. All of them if not given.
    #[schemars(with = "Vec<Step>", length(min = 1))]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub events: Option<Vec<Step>>,
    /// How a `CloudEvent` is put into a request. Only for `cloudevents`; `structured` if not given.
    #[schemars(with = "ContentMode")]
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<ContentMode>,
}

impl Listener {
    /// Whether it wants to hear of that step.
    #[must_use]
    pub fn hears(&self, step: Step) -> bool {
        self.events.as_ref().is_none_or(|events| events.contains(&step))
    }
}

/// What listens at an address. `slack` and `teams` get messages for people, each of which stands by itself: an incoming webhook
/// says nothing that a later message could answer to or replace, so that there is no thread or card for each preview.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ListenerKind {
    /// Something that takes `CloudEvents` 1.0 over HTTP. They are signed as Standard Webhooks where the environment of the run has
    /// a line `NAME=whsec_…` of `BIVOUAC_NOTIFY_SECRETS`.
    #[serde(rename = "cloudevents")]
    CloudEvents,
    /// An incoming webhook of Slack's.
    Slack,
    /// A workflow of Teams that posts what a webhook receives: one Adaptive Card.
    Teams,
}

/// How a `CloudEvent` is put into a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum ContentMode {
    /// All of it is the body, as JSON.
    #[default]
    Structured,
    /// The data is the body, and the attributes are headers.
    Binary,
}

impl Configuration {
    /// Proves that each listener can be told from the others, and hears of something.
    pub(super) fn prove_listeners(&self) -> Result<(), ConfigurationError> {
        let listeners = &self.document.notify;
        for (index, listener) in listeners.iter().enumerate() {
            let wrong = |path: &[&str], message: String| {
                let index = index.to_string();
                let place = ["notify", &index].into_iter().chain(path.iter().copied()).map(str::to_owned);
                Err(self.source.error_at_value(&place.collect::<Vec<_>>(), message))
            };
            let name = &listener.name;
            if listeners[..index].iter().any(|other| other.name == *name) {
                return wrong(&["name"], format!("two listeners are called `{name}`: give each its own name"));
            }
            if listener.mode.is_some() && listener.kind != ListenerKind::CloudEvents {
                return wrong(&["mode"], "`mode` is for `kind: cloudevents` only: leave it out".to_owned());
            }
            let Some(events) = &listener.events else { continue };
            if events.is_empty() {
                let message = format!("`{name}` would hear of nothing: name an event, or leave `events` out for all");
                return wrong(&["events"], message);
            }
            let again = events.iter().enumerate().find(|(position, event)| events[..*position].contains(event));
            if let Some((position, event)) = again {
                let message = format!("`{event}` stands here twice: name each event once");
                return wrong(&["events", &position.to_string()], message);
            }
        }
        Ok(())
    }
}
