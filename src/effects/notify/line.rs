//! The line of what one listener is still to be told, in order.

use std::collections::VecDeque;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use reqwest::Client;
use tokio::sync::{Notify, OnceCell, watch};
use tokio::time::{Instant, sleep, sleep_until, timeout};
use tracing::debug;

use super::Undelivered;
use super::addresses::Endpoint;
use super::attempt::{Failure, attempt};
use super::parcel::Parcel;
use super::reach::{self, Proxies};
use crate::domain::names::ListenerName;
use crate::domain::retry::RetryPolicy;

/// How long one attempt may take.
const ATTEMPT: Duration = Duration::from_secs(10);
/// The shortest pause before the next one.
const SHORTEST: Duration = Duration::from_millis(100);
/// The ceiling of the first pause.
const FIRST: Duration = Duration::from_millis(500);
/// The ceiling of every later one.
const LONGEST: Duration = Duration::from_secs(15);
/// What is tried for so long is given up, so that it does not keep what follows.
const PATIENCE: Duration = Duration::from_mins(5);
/// How many may wait. A sweep may tell of a thousand previews.
const ROOM: usize = 4096;

/// What one listener is still to be told.
pub(super) struct Line {
    listener: ListenerName,
    endpoint: Arc<Endpoint>,
    state: Mutex<State>,
    bell: Notify,
}

#[derive(Default)]
struct State {
    /// The first is being sent, and stays until that has come to an end.
    waiting: VecDeque<Arc<Parcel>>,
    /// Why the latest attempt with the first was in vain.
    failure: Option<Failure>,
    /// Whether the listener wants to hear nothing more.
    is_gone: bool,
    undelivered: Vec<Undelivered>,
}

/// The client that all lines share, made when it is first needed and not by who tells.
pub(super) struct Connection {
    pub(super) allow_private: bool,
    pub(super) proxies: Proxies,
    pub(super) client: OnceCell<Option<Client>>,
}

impl Connection {
    async fn client(&self) -> Option<&Client> {
        let make = || async {
            let (allow_private, proxies) = (self.allow_private, self.proxies.clone());
            let made = tokio::task::spawn_blocking(move || reach::client(allow_private, proxies)).await;
            made.ok().and_then(Result::ok)
        };
        self.client.get_or_init(make).await.as_ref()
    }
}

/// When the listener may be sent the next one, and until when.
struct Times {
    /// Not before, because it asked for that when it failed so.
    from: Option<(Instant, Failure)>,
    /// When all has to be over, once that is known.
    end: watch::Receiver<Option<Instant>>,
}

impl Line {
    pub(super) fn new(listener: ListenerName, endpoint: Arc<Endpoint>) -> Self {
        Self { listener, endpoint, state: Mutex::default(), bell: Notify::new() }
    }

    /// Puts one at the end of the line.
    pub(super) fn put(&self, parcel: Parcel) {
        let mut state = self.state();
        if state.is_gone {
            return self.give_up(&mut state, parcel.kind, Failure::Gone.to_string());
        }
        if state.waiting.len() >= ROOM {
            let why = format!("{ROOM} others wait to be told to it");
            return self.give_up(&mut state, parcel.kind, why);
        }
        state.waiting.push_back(Arc::new(parcel));
        drop(state);
        self.bell.notify_one();
    }

    /// Sends what is in the line, until it is empty after the end was said.
    pub(super) async fn send(self: Arc<Self>, connection: Arc<Connection>, end: watch::Receiver<Option<Instant>>) {
        let mut times = Times { from: None, end };
        loop {
            if times.end.has_changed().is_err() {
                // Nobody is left who wants to know.
                return;
            }
            let client = connection.client().await;
            // Nothing is put into the line after the end was said: looked at in this order, nothing is left behind.
            let is_over = times.end.borrow().is_some();
            let first = self.state().waiting.front().cloned();
            match (first, client) {
                (Some(parcel), Some(client)) => {
                    let told = self.deliver(client, &parcel, &mut times).await;
                    self.settle(told.err());
                }
                (Some(_), None) => {
                    self.settle(Some(Failure::Broken("the certificates of this machine can not be used")));
                }
                (None, _) if is_over => return,
                (None, _) => tokio::select! {
                    () = self.bell.notified() => {}
                    _ = times.end.changed() => {}
                },
            }
        }
    }

    /// Tries until it is told, can not be, or the time is up.
    async fn deliver(&self, client: &Client, parcel: &Parcel, times: &mut Times) -> Result<(), Failure> {
        let began = Instant::now();
        let (mut failed, mut is_last) = (0, false);
        loop {
            if let Some((from, failure)) = times.from.take()
                && times.wait(from, true).await == Left::Nothing
            {
                // It holds for what follows too.
                times.from = Some((from, failure.clone()));
                return Err(failure);
            }
            let limit = ATTEMPT.min(times.rest().unwrap_or(ATTEMPT));
            let attempt = timeout(limit, attempt(client, &self.endpoint, parcel)).await;
            let Err(failure) = attempt.unwrap_or(Err(Failure::TimedOut)) else { return Ok(()) };
            failed += 1;
            debug!("attempt {failed} to tell `{}` of `{}` failed: {failure}", self.listener, parcel.kind);
            self.state().failure = Some(failure.clone());
            times.from = failure.asked().map(|asked| (Instant::now() + asked, failure.clone()));
            let pause = pause(failed, began.elapsed()).filter(|_| failure.is_passing() && !is_last);
            let Some(pause) = pause else { return Err(failure) };
            match times.wait(Instant::now() + pause, false).await {
                Left::Nothing => return Err(failure),
                Left::OneAttempt => is_last = true,
                Left::Time => {}
            }
        }
    }

    /// Takes the first out of the line.
    fn settle(&self, failure: Option<Failure>) {
        let mut state = self.state();
        state.is_gone |= failure == Some(Failure::Gone);
        state.failure = None;
        let first = state.waiting.pop_front();
        let rest = if state.is_gone { std::mem::take(&mut state.waiting) } else { VecDeque::new() };
        if let Some(why) = failure {
            let kinds = first.into_iter().chain(rest).map(|parcel| parcel.kind.clone());
            for kind in kinds {
                self.give_up(&mut state, kind, why.to_string());
            }
        }
    }

    fn give_up(&self, state: &mut State, kind: String, why: String) {
        state.undelivered.push(Undelivered { listener: self.listener.clone(), kind, why });
    }

    /// What was not told, now that nothing more will be.
    pub(super) fn left(&self) -> Vec<Undelivered> {
        let mut state = self.state();
        let mut failure = state.failure.take();
        for parcel in std::mem::take(&mut state.waiting) {
            let why = match failure.take() {
                Some(failure) => format!("the time for it was up; at last, {failure}"),
                None => "the time for it was up".to_owned(),
            };
            self.give_up(&mut state, parcel.kind.clone(), why);
        }
        std::mem::take(&mut state.undelivered)
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Times {
    /// How long is left, where that is known.
    fn rest(&self) -> Option<Duration> {
        self.end.borrow().map(|end| end.saturating_duration_since(Instant::now()))
    }

    /// Waits until then; when the end comes before, for half of what is left, unless the listener `asked` for the whole.
    async fn wait(&mut self, until: Instant, asked: bool) -> Left {
        loop {
            let end = *self.end.borrow_and_update();
            if end.is_some_and(|end| end <= until) {
                let rest = self.rest().unwrap_or_default();
                if asked || rest < SHORTEST {
                    return Left::Nothing;
                }
                sleep(rest / 2).await;
                return Left::OneAttempt;
            }
            tokio::select! {
                () = sleep_until(until) => return Left::Time,
                changed = self.end.changed() => if changed.is_err() { return Left::Nothing },
            }
        }
    }
}

/// What is left after a pause.
#[derive(PartialEq, Eq)]
enum Left {
    /// Time to go on.
    Time,
    /// Time for one attempt more: the pauses do not get shorter towards the end, for a listener that fails under what it is sent.
    OneAttempt,
    Nothing,
}

/// The pause after so many attempts within that time, of which the ceiling doubles; nothing when it has been long enough.
fn pause(failed: u32, elapsed: Duration) -> Option<Duration> {
    let policy = RetryPolicy { patience: Duration::MAX, first: FIRST, longest: LONGEST };
    policy.wait(failed, elapsed, rand::random()).filter(|_| elapsed < PATIENCE).map(|wait| wait.max(SHORTEST))
}
