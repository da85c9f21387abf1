//! Who hears what, in which order.

use bivouac::domain::configuration::{Listener, ListenerKind};
use bivouac::domain::lifecycle::Step;
use bivouac::ports::Listeners as _;

use super::receiver::{Receiver, status};
use super::{PATIENT, event, here, listener, notifier, numbered, ops, tell};

#[tokio::test]
async fn nothing_overtakes_what_was_told_before() {
    // Each second request fails, so that each event is tried twice.
    let receiver = Receiver::new(|before, _| status(if before % 2 == 0 { 503 } else { 200 }));
    let steps = [Step::Deploying, Step::Updated, Step::Ready];
    assert_eq!(tell(&receiver, &steps.map(event), PATIENT).await, []);
    let kinds: Vec<_> = receiver.received().iter().map(|request| request.json()["type"].clone()).collect();
    let expected = steps.map(|step| format!("dev.bivouac.preview.{step}"));
    assert_eq!(kinds, [0, 0, 1, 1, 2, 2].map(|index| expected[index].clone()));
}

#[tokio::test]
async fn a_thousand_events_are_all_told_in_order_over_one_connection() {
    let receiver = Receiver::content();
    let events: Vec<_> = (1..=1000).map(numbered).collect();
    assert_eq!(tell(&receiver, &events, PATIENT * 5).await, []);
    let ids: Vec<_> = receiver.received().iter().map(|request| request.json()["id"].clone()).collect();
    let expected: Vec<_> = events.iter().map(|event| event.cloud_event().id).collect();
    assert_eq!(ids, expected);
    assert_eq!(receiver.connections(), 1);
}

#[tokio::test]
async fn more_than_there_is_room_for_are_told_of_and_take_no_memory() {
    let receiver = Receiver::new(|_, _| super::receiver::Answer::Silence);
    let notifier = notifier(&format!("ops={}", receiver.url()), "", here(std::time::Duration::ZERO));
    for generation in 0..5000 {
        notifier.tell(&[ops()], &numbered(generation));
    }
    let undelivered = notifier.end().await;
    let crowded = undelivered.iter().filter(|one| one.why == "4096 others wait to be told to it").count();
    assert_eq!((undelivered.len(), crowded), (5000, 5000 - 4096));
}

#[tokio::test]
async fn each_listener_hears_its_own_steps_and_none_waits_for_another() {
    let (slow, chat, cards) =
        (Receiver::new(|_, _| super::receiver::Answer::Silence), Receiver::content(), Receiver::content());
    let addresses = format!("slow={}\nchat={}\ncards={}", slow.url(), chat.url(), cards.url());
    let notifier = notifier(&addresses, "", here(PATIENT / 20));
    let listeners = [
        listener("slow", ListenerKind::CloudEvents, None),
        Listener { events: Some(vec![Step::Ready, Step::Failed]), ..listener("chat", ListenerKind::Slack, None) },
        Listener { events: Some(Vec::new()), ..listener("cards", ListenerKind::Teams, None) },
    ];
    for step in Step::ALL {
        notifier.tell(&listeners, &event(step));
    }
    chat.has_received(2).await;
    assert_eq!(notifier.end().await.len(), 7, "the slow one hears nothing");
    let titles: Vec<_> =
        chat.received().iter().map(|request| request.json()["blocks"][0]["text"]["text"].clone()).collect();
    assert_eq!(titles, ["✅ Preview pr-123 of wildside is ready", "❌ Preview pr-123 of wildside did not get ready"]);
    assert_eq!(cards.connections(), 0);
}

#[tokio::test]
async fn chats_get_json_without_a_signature() {
    let receiver = Receiver::content();
    let secret = format!("x=whsec_{}", "A".repeat(32));
    for (kind, key) in [(ListenerKind::Slack, "blocks"), (ListenerKind::Teams, "attachments")] {
        let notifier = notifier(&format!("x={}", receiver.url()), &secret, here(PATIENT));
        notifier.tell(&[listener("x", kind, None)], &event(Step::Ready));
        assert_eq!(notifier.end().await, []);
        let request = receiver.received().pop().unwrap();
        assert_eq!(request.header("content-type"), "application/json; charset=utf-8");
        assert!(request.json()[key].is_array());
        assert!(!request.headers.contains_key("webhook-signature"));
    }
}
