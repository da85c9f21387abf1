//! Tells those who listen, over HTTP: the least that does.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Mutex;
use std::time::Duration;

use serde_json::json;

use crate::domain::configuration::Listener;
use crate::domain::lifecycle::LifecycleEvent;
use crate::domain::names::ListenerName;
use crate::ports::Listeners;
use crate::secret::Secret;

/// How events are delivered.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Whether an address may be of a private network.
    pub allow_private: bool,
    /// Whether plain HTTP may go beyond this machine.
    pub allow_http: bool,
    /// How long the run goes on for the sake of listeners when all else is done.
    pub timeout: Duration,
}

/// Who delivers.
#[derive(Debug)]
pub struct Notifier {
    addresses: BTreeMap<String, Secret>,
    settings: Settings,
    waiting: Mutex<Vec<(ListenerName, LifecycleEvent)>>,
}

/// An event that did not get where it should.
#[derive(Debug)]
pub struct Undelivered {
    /// To whom.
    pub listener: ListenerName,
    /// The type of the event.
    pub kind: String,
    /// Why.
    pub why: String,
}

impl fmt::Display for Undelivered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "`{}` was not told of `{}`: {}", self.listener, self.kind, self.why)
    }
}

impl Notifier {
    /// Takes the lines `NAME=https://…` and `NAME=whsec_…`.
    #[must_use]
    pub fn new(addresses: Option<&Secret>, _secrets: Option<&Secret>, settings: Settings) -> Self {
        let lines = addresses.map_or("", Secret::expose).lines();
        let named = lines.filter_map(|line| line.trim().split_once('='));
        let addresses = named.filter_map(|(name, address)| Some((name.to_owned(), Secret::new(address)?))).collect();
        Self { addresses, settings, waiting: Mutex::default() }
    }

    /// Gives what is still under way at most the timeout, and says what did not get there.
    pub async fn end(self) -> Vec<Undelivered> {
        let client = reqwest::Client::builder().timeout(self.settings.timeout).build().unwrap_or_default();
        let mut undelivered = Vec::new();
        for (listener, event) in self.waiting.into_inner().unwrap_or_default() {
            let event = event.cloud_event();
            let Some(address) = self.addresses.get(listener.as_str()) else { continue };
            let body = json!({
                "specversion": "1.0",
                "id": event.id,
                "source": event.source,
                "type": event.kind,
                "subject": event.subject,
                "time": event.time.to_string(),
                "datacontenttype": "application/json",
                "dataschema": event.data_schema,
                "correlationid": event.correlation_id,
                "data": event.data,
            });
            let sent = client.post(address.expose()).json(&body).send().await;
            let why = match sent.map_err(reqwest::Error::without_url).and_then(reqwest::Response::error_for_status) {
                Ok(_) => continue,
                Err(error) => error.without_url().to_string(),
            };
            undelivered.push(Undelivered { listener, kind: event.kind, why });
        }
        undelivered
    }
}

impl Listeners for Notifier {
    fn tell(&self, listeners: &[Listener], event: &LifecycleEvent) {
        let Ok(mut waiting) = self.waiting.lock() else { return };
        let hearing = listeners.iter().filter(|listener| listener.hears(event.step));
        waiting.extend(hearing.map(|listener| (listener.name.clone(), event.clone())));
    }
}
