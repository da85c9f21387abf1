//! Signatures, as another implementation of Standard Webhooks checks them.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bivouac::domain::configuration::{ContentMode, ListenerKind};
use bivouac::domain::lifecycle::Step;
use bivouac::ports::Listeners as _;
use standardwebhooks::Webhook;

use super::receiver::{Received, Receiver, status};
use super::{PATIENT, event, here, listener, notifier};

fn key(digit: u8) -> String {
    format!("whsec_{}", STANDARD.encode([digit; 32]))
}

/// What is received of one event by whoever has these secrets, when it is told at the last of so many attempts.
async fn received(secrets: &str, mode: ContentMode, attempts: usize) -> Vec<Received> {
    let receiver = Receiver::new(move |before, _| status(if before + 1 < attempts { 503 } else { 200 }));
    let notifier = notifier(&format!("ops={}", receiver.url()), secrets, here(PATIENT));
    notifier.tell(&[listener("ops", ListenerKind::CloudEvents, Some(mode))], &event(Step::Ready));
    assert_eq!(notifier.end().await, []);
    receiver.received()
}

fn verifies(secret: &str, request: &Received) -> bool {
    Webhook::new(secret).unwrap().verify(&request.body, &request.headers).is_ok()
}

#[tokio::test]
async fn both_modes_are_signed_for_each_key_and_nobody_elses() {
    for mode in [ContentMode::Structured, ContentMode::Binary] {
        let secrets = format!("ops={}\nother={}\nops={}", key(1), key(3), key(2));
        let [request] = &received(&secrets, mode, 1).await[..] else { panic!("it was told more than once") };
        assert!(verifies(&key(1), request) && verifies(&key(2), request));
        assert!(!verifies(&key(3), request));
        assert_eq!(request.header("webhook-signature").split(' ').count(), 2);
    }
}

#[tokio::test]
async fn a_change_of_one_byte_anywhere_is_noticed() {
    let requests = received(&format!("ops={}", key(1)), ContentMode::Structured, 1).await;
    let request = &requests[0];
    assert!(verifies(&key(1), request));
    for index in 0..request.body.len() {
        let mut changed = request.clone();
        // The lowest bit keeps ASCII what it is, and the verifier takes UTF-8 only.
        changed.body[index] ^= 1;
        assert!(!verifies(&key(1), &changed), "byte {index}");
    }
    for name in ["webhook-id", "webhook-timestamp"] {
        let mut changed = request.clone();
        changed.headers.insert(name, format!("{}1", request.header(name)).parse().unwrap());
        assert!(!verifies(&key(1), &changed), "{name}");
    }
}

#[tokio::test]
async fn each_attempt_has_the_events_id_and_a_signature_of_its_own_time() {
    let requests = received(&format!("ops={}", key(1)), ContentMode::Binary, 4).await;
    assert_eq!(requests.len(), 4);
    for request in &requests {
        assert!(verifies(&key(1), request));
        assert_eq!(request.header("webhook-id"), request.header("ce-id"));
        assert_eq!(request.header("webhook-id"), requests[0].header("webhook-id"));
    }
    let times: Vec<u64> = requests.iter().map(|request| request.header("webhook-timestamp").parse().unwrap()).collect();
    assert!(times.is_sorted());
    let apart = requests[3].at - requests[0].at;
    assert!(times[3] - times[0] + 1 >= apart.as_secs(), "{times:?}, {apart:?}");
}

#[tokio::test]
async fn what_can_not_be_signed_is_not_sent() {
    let receiver = Receiver::content();
    let notifier = notifier(&format!("ops={}", receiver.url()), "ops=whsec_c2hvcnQ=", here(Duration::from_secs(1)));
    notifier.tell(&[listener("ops", ListenerKind::CloudEvents, None)], &event(Step::Ready));
    let undelivered = notifier.end().await;
    assert_eq!(undelivered[0].why, "there is no key that it could be signed with");
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn what_no_signature_is_asked_for_has_none() {
    for request in received("", ContentMode::Structured, 1).await {
        assert!(request.headers.keys().all(|name| !name.as_str().starts_with("webhook-")));
    }
}
