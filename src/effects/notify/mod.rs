//! Tells listeners what becomes of previews: as `CloudEvents` over HTTP, signed as Standard Webhooks, and as messages to
//! Slack and Teams.
//!
//! Each listener has a line of its own, in which nothing overtakes. What it is told gets there at least once while the run goes
//! on, or is told as [`Undelivered`]. Nobody waits for that before the end of the run, and then only so long.

mod addresses;
mod attempt;
mod cloud_event;
mod line;
mod parcel;
mod reach;
mod signature;

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::runtime::{Builder, Runtime};
use tokio::sync::{OnceCell, watch};
use tokio::task::JoinHandle;
use tokio::time::{Instant, timeout_at};
use tracing::instrument::WithSubscriber as _;

use crate::domain::configuration::{Listener, ListenerKind};
use crate::domain::lifecycle::LifecycleEvent;
use crate::domain::names::ListenerName;
use crate::ports::Listeners;
use crate::secret::Secret;
use addresses::{Endpoint, Signing};
use line::{Connection, Line};
use parcel::Parcel;
use reach::Proxies;

/// Those that send: what one listener floods us with keeps neither the run nor all others.
const THREADS: usize = 2;
/// No run is longer.
const LONGEST: Duration = Duration::from_hours(24);

/// What is allowed, and for how long.
#[derive(Debug, Clone, Copy)]
pub struct Settings {
    /// Whether listeners may be in private networks and on this machine.
    pub allow_private: bool,
    /// Whether plain HTTP is fine.
    pub allow_http: bool,
    /// How long the end of the run waits for what was not told yet.
    pub timeout: Duration,
}

/// Tells listeners, on threads of its own.
pub struct Notifier {
    endpoints: BTreeMap<ListenerName, Result<Arc<Endpoint>, &'static str>>,
    connection: Arc<Connection>,
    timeout: Duration,
    end: watch::Sender<Option<Instant>>,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    /// Apart from the run's own, made when there is something to tell.
    runtime: Option<Runtime>,
    lines: BTreeMap<ListenerName, (Arc<Line>, JoinHandle<()>)>,
    undelivered: Vec<Undelivered>,
}

/// What a listener was not told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Undelivered {
    /// The listener.
    pub listener: ListenerName,
    /// The type of the event.
    pub kind: String,
    /// Why, as half a sentence, in which the listener is "it". Says neither where the listener is nor what it answered.
    pub why: String,
}

impl fmt::Display for Undelivered {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "the listener `{}` was not told of `{}`: {}", self.listener, self.kind, self.why)
    }
}

impl Notifier {
    /// Reads the lines `NAME=https://…` and `NAME=whsec_…` of the environment. Of several secrets of one name, each signs.
    #[must_use]
    pub fn new(addresses: Option<&Secret>, secrets: Option<&Secret>, settings: Settings) -> Self {
        let proxies = Proxies::of_the_environment();
        let endpoints = addresses::read(addresses, secrets, &settings, &proxies);
        Self {
            endpoints: endpoints.into_iter().map(|(name, endpoint)| (name, endpoint.map(Arc::new))).collect(),
            connection: Arc::new(Connection {
                allow_private: settings.allow_private,
                proxies,
                client: OnceCell::new(),
            }),
            timeout: settings.timeout,
            end: watch::Sender::new(None),
            state: Mutex::default(),
        }
    }

    /// Waits for what is under way, but not longer than the settings say, and returns what was not told.
    pub async fn end(self) -> Vec<Undelivered> {
        let end = Instant::now() + self.timeout.min(LONGEST);
        self.end.send_replace(Some(end));
        let State { runtime, lines, mut undelivered } = std::mem::take(&mut *self.state());
        for (line, mut task) in lines.into_values() {
            if timeout_at(end, &mut task).await.is_err() {
                task.abort();
            }
            undelivered.extend(line.left());
        }
        stop(runtime);
        undelivered
    }

    /// Where that listener is, unless it can not be told anything.
    fn endpoint(&self, listener: &Listener) -> Result<&Arc<Endpoint>, &'static str> {
        let endpoint = self.endpoints.get(&listener.name).ok_or("it has no line in `BIVOUAC_NOTIFY_ADDRESSES`")?;
        let endpoint = endpoint.as_ref().map_err(|why| *why)?;
        match (listener.kind, &endpoint.signing) {
            (ListenerKind::CloudEvents, Signing::Impossible) => Err("there is no key that it could be signed with"),
            _ => Ok(endpoint),
        }
    }

    fn tell_one(&self, listener: &Listener, event: &LifecycleEvent) -> Result<(), &'static str> {
        let endpoint = self.endpoint(listener)?;
        let parcel = Parcel::of(event, listener).ok_or("it can not be put into words")?;
        let mut state = self.state();
        let State { runtime, lines, .. } = &mut *state;
        if runtime.is_none() {
            let made = Builder::new_multi_thread().worker_threads(THREADS).enable_all().build();
            *runtime = Some(made.map_err(|_| "this machine has no thread left that could send it")?);
        }
        let runtime = runtime.as_ref().ok_or("nothing is there that could send it")?;
        let (line, _) = lines.entry(listener.name.clone()).or_insert_with(|| {
            let line = Arc::new(Line::new(listener.name.clone(), Arc::clone(endpoint)));
            let sending = Arc::clone(&line).send(Arc::clone(&self.connection), self.end.subscribe());
            (line, runtime.spawn(sending.with_current_subscriber()))
        });
        line.put(parcel);
        Ok(())
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Notifier {
    fn drop(&mut self) {
        stop(self.state().runtime.take());
    }
}

/// Ends the threads without waiting for what they are at.
fn stop(runtime: Option<Runtime>) {
    if let Some(runtime) = runtime {
        runtime.shutdown_background();
    }
}

impl Listeners for Notifier {
    fn tell(&self, listeners: &[Listener], event: &LifecycleEvent) {
        for listener in listeners.iter().filter(|listener| listener.hears(event.step)) {
            let Err(why) = self.tell_one(listener, event) else { continue };
            let (listener, kind) = (listener.name.clone(), event.kind());
            self.state().undelivered.push(Undelivered { listener, kind, why: why.to_owned() });
        }
    }
}
