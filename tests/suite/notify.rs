//! Listeners are told over real sockets: what they receive, what happens when they misbehave, and who is never reached.

mod conformance;
mod delivery;
mod order;
mod reach;
mod receiver;
mod secrecy;
mod signatures;
mod tls;

use std::time::Duration;

use bivouac::domain::configuration::{ContentMode, Listener, ListenerKind};
use bivouac::domain::identity::Identity;
use bivouac::domain::lifecycle::{LifecycleEvent, Step};
use bivouac::domain::pull_request::{Author, Changes, PullRequest, PullRequestState};
use bivouac::effects::notify::{Notifier, Settings, Undelivered};
use bivouac::ports::Listeners as _;
use bivouac::secret::Secret;
use receiver::Receiver;

/// A step of the preview of pull request 123.
fn event(step: Step) -> LifecycleEvent {
    LifecycleEvent {
        step,
        at: "2026-11-22T12:00:00Z".parse().unwrap(),
        application: "wildside".parse().unwrap(),
        repository: "acme/wildside".parse().unwrap(),
        pull_request: PullRequest {
            number: "123".parse().unwrap(),
            state: PullRequestState::Open,
            head: "a".repeat(40).parse().unwrap(),
            head_repository: None,
            target: "main".to_owned(),
            is_from_fork: false,
            is_draft: false,
            author: Some(Author { login: "ada".to_owned(), is_bot: false }),
            labels: Vec::new(),
            changes: Changes::default(),
            title: "Größe & <search> \u{202e}\"%\r\n::error::x".to_owned(),
            url: "https://github.com/acme/wildside/pull/123".to_owned(),
        },
        identity: Identity {
            number: "123".parse().unwrap(),
            name: "pr-123".parse().unwrap(),
            namespace: "wildside-pr-123".parse().unwrap(),
            host: "pr-123.preview.example.com".parse().unwrap(),
        },
        overlay: "overlays/ephemeral/pr-123".parse().unwrap(),
        generation: 3,
        record: None,
        images: Vec::new(),
        apps_commit: None,
        reason: None,
        expires_at: None,
        seen: None,
        by: Some("ada".to_owned()),
        run: Some("https://github.com/acme/wildside/actions/runs/1".to_owned()),
    }
}

/// One of many, told apart by its generation.
fn numbered(generation: u64) -> LifecycleEvent {
    LifecycleEvent { generation, ..event(Step::Updated) }
}

fn listener(name: &str, kind: ListenerKind, mode: Option<ContentMode>) -> Listener {
    Listener { name: name.parse().unwrap(), kind, events: None, mode }
}

/// Takes `CloudEvents`.
fn ops() -> Listener {
    listener("ops", ListenerKind::CloudEvents, None)
}

/// For receivers on this machine.
fn here(timeout: Duration) -> Settings {
    Settings { allow_private: true, allow_http: false, timeout }
}

/// Long enough for a machine that is busy.
const PATIENT: Duration = Duration::from_secs(60);

fn notifier(addresses: &str, secrets: &str, settings: Settings) -> Notifier {
    Notifier::new(Secret::new(addresses).as_ref(), Secret::new(secrets).as_ref(), settings)
}

/// Tells `ops`, who is that receiver, and waits for it to be told.
async fn tell(receiver: &Receiver, events: &[LifecycleEvent], timeout: Duration) -> Vec<Undelivered> {
    let notifier = notifier(&format!("ops={}", receiver.url()), "", here(timeout));
    for event in events {
        notifier.tell(&[ops()], event);
    }
    notifier.end().await
}
