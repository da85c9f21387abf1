//! What happens when a listener misbehaves.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bivouac::domain::configuration::ListenerKind;
use bivouac::domain::lifecycle::Step;
use bivouac::ports::Listeners as _;

use super::receiver::{Answer, Receiver, status};
use super::{PATIENT, event, here, listener, notifier, numbered, ops, tell};

/// Longer than an attempt is left alone, and shorter than anybody waits for.
const SHORT: Duration = Duration::from_secs(3);

/// Tells a receiver that answers so at first, and is content later. Returns how often it was asked.
async fn asked(answer: impl Fn(usize) -> Option<Answer> + Send + Sync + 'static) -> usize {
    let receiver = Receiver::new(move |before, _| answer(before).unwrap_or_else(|| status(200)));
    let undelivered = tell(&receiver, &[event(Step::Ready)], PATIENT).await;
    assert_eq!(undelivered, []);
    let ids: Vec<_> = receiver.received().iter().map(|request| request.json()["id"].clone()).collect();
    assert!(ids.iter().all(|id| *id == ids[0]), "{ids:?}");
    ids.len()
}

/// Tells a receiver that never answers otherwise. Returns why it was in vain, and how often it was asked.
async fn refused(answer: impl Fn() -> Answer + Send + Sync + 'static, timeout: Duration) -> (String, usize) {
    let receiver = Receiver::new(move |_, _| answer());
    let began = Instant::now();
    let undelivered = tell(&receiver, &[event(Step::Ready)], timeout).await;
    assert!(began.elapsed() < timeout + PATIENT, "{:?}", began.elapsed());
    let [undelivered] = &undelivered[..] else { panic!("{undelivered:?}") };
    assert_eq!((undelivered.listener.as_str(), undelivered.kind.as_str()), ("ops", "dev.bivouac.preview.ready"));
    (undelivered.why.clone(), receiver.received().len())
}

#[tokio::test]
async fn an_event_is_told_once_when_nothing_goes_wrong_and_the_end_waits_for_nothing_more() {
    let receiver = Receiver::content();
    let began = Instant::now();
    assert_eq!(tell(&receiver, &[event(Step::Ready)], Duration::from_hours(1)).await, []);
    assert!(began.elapsed() < PATIENT);
    let [request] = &receiver.received()[..] else { panic!("it was told more than once") };
    assert_eq!(request.start, "POST /services/T000/hush-hush HTTP/1.1");
    assert!(request.header("user-agent").starts_with("bivouac/"));
}

#[tokio::test]
async fn the_end_of_a_run_that_told_nothing_comes_at_once() {
    let began = Instant::now();
    assert_eq!(notifier("ops=https://example.com", "", here(Duration::from_hours(1))).end().await, []);
    assert!(began.elapsed() < PATIENT);
}

#[tokio::test]
async fn a_listener_that_fails_three_times_is_told_at_the_fourth() {
    assert_eq!(asked(|before| (before < 3).then(|| status(500))).await, 4);
}

#[tokio::test]
async fn what_may_pass_is_tried_again() {
    for code in [408, 425, 429, 502, 503, 504] {
        assert_eq!(asked(move |before| (before < 1).then(|| status(code))).await, 2, "{code}");
    }
}

#[tokio::test]
async fn a_connection_that_is_closed_half_way_is_tried_again() {
    for half in [
        "",
        "HTTP/1.1 200",
        "HTTP/1.1 200 OK\r\ncontent-le",
        "HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nhalf",
        "not HTTP at all\r\n\r\n",
    ] {
        assert_eq!(asked(move |before| (before < 2).then_some(Answer::Raw(half))).await, 3, "{half}");
    }
}

#[tokio::test]
async fn a_listener_that_asks_for_time_gets_it() {
    let late = |seconds| Answer::Status(429, vec![("Retry-After", seconds)], String::new());
    let receiver = Receiver::new(move |before, _| if before == 0 { late("2".to_owned()) } else { status(200) });
    assert_eq!(tell(&receiver, &[event(Step::Ready)], PATIENT).await, []);
    let [first, second] = &receiver.received()[..] else { panic!("{}", receiver.received().len()) };
    assert!(second.at - first.at >= Duration::from_millis(1900), "{:?}", second.at - first.at);
}

#[tokio::test]
async fn a_date_to_wait_for_is_counted_by_the_listeners_clock() {
    let answer = |before: usize| {
        let headers = [("Date", "Sun, 06 Nov 1994 08:49:37 GMT"), ("Retry-After", "Sun, 06 Nov 1994 08:49:39 GMT")];
        let headers = headers.map(|(name, value)| (name, value.to_owned())).to_vec();
        if before == 0 { Answer::Status(503, headers, String::new()) } else { status(200) }
    };
    let receiver = Receiver::new(move |before, _| answer(before));
    assert_eq!(tell(&receiver, &[event(Step::Ready)], PATIENT).await, []);
    let [first, second] = &receiver.received()[..] else { panic!("{}", receiver.received().len()) };
    assert!(second.at - first.at >= Duration::from_millis(1900), "{:?}", second.at - first.at);
}

#[tokio::test]
async fn a_listener_that_asks_for_more_time_than_is_left_is_given_up_with_all_that_is_for_it() {
    let answer = || Answer::Status(429, vec![("retry-after", "3600".to_owned())], String::new());
    let receiver = Receiver::new(move |_, _| answer());
    let began = Instant::now();
    let undelivered = tell(&receiver, &[event(Step::Deploying), event(Step::Ready)], Duration::from_mins(30)).await;
    assert!(began.elapsed() < PATIENT);
    assert_eq!(receiver.received().len(), 1);
    let told: Vec<_> = undelivered.iter().map(ToString::to_string).collect();
    let why = "it answered with the status 429, and asked to wait for 3600 s";
    assert_eq!(
        told,
        ["deploying", "ready"]
            .map(|step| { format!("the listener `ops` was not told of `dev.bivouac.preview.{step}`: {why}") })
    );
}

#[tokio::test]
async fn what_will_not_pass_is_not_tried_again() {
    for (code, expected) in [
        (400, "it answered with the status 400"),
        (401, "it answered with the status 401"),
        (404, "it answered with the status 404"),
        (410, "it answered with the status 410: it wants to hear nothing more"),
        (304, "it answered with the redirect 304, which is not followed"),
    ] {
        assert_eq!(refused(move || status(code), PATIENT).await, (expected.to_owned(), 1));
    }
}

#[tokio::test]
async fn a_word_of_slacks_is_told_and_no_sentence() {
    let answer = |body: &'static str| move || Answer::Status(400, Vec::new(), body.to_owned());
    let (why, _) = refused(answer("invalid_payload"), PATIENT).await;
    assert_eq!(why, "it answered with the status 400 (`invalid_payload`)");
    let (why, _) = refused(answer("no such thing at https://hush.example.com"), PATIENT).await;
    assert_eq!(why, "it answered with the status 400");
}

#[tokio::test]
async fn a_listener_that_is_gone_hears_nothing_more_in_this_run() {
    let receiver = Receiver::new(|before, _| status(if before == 0 { 200 } else { 410 }));
    let events = [numbered(1), numbered(2), numbered(3), numbered(4)];
    let undelivered = tell(&receiver, &events, PATIENT).await;
    assert_eq!((receiver.received().len(), undelivered.len()), (2, 3));

    let notifier = notifier(&format!("ops={}", receiver.url()), "", here(PATIENT));
    notifier.tell(&[ops()], &numbered(5));
    receiver.has_received(3).await;
    // It is told that the listener is gone some time after the listener said so.
    for _ in 0..3 {
        tokio::time::sleep(Duration::from_millis(100)).await;
        notifier.tell(&[ops()], &numbered(6));
    }
    assert_eq!(notifier.end().await.len(), 4);
    assert_eq!(receiver.received().len(), 3);
}

#[tokio::test]
async fn a_redirect_is_told_and_its_target_hears_nothing() {
    let other = Arc::new(Receiver::content());
    for code in [301, 302, 303, 307, 308] {
        let target = other.url();
        let answer = move || Answer::Status(code, vec![("location", target.clone())], String::new());
        let expected = format!("it answered with the redirect {code}, which is not followed");
        assert_eq!(refused(answer, PATIENT).await, (expected, 1));
    }
    assert_eq!(other.connections(), 0);
}

#[tokio::test]
async fn a_listener_that_says_nothing_holds_the_end_up_no_longer_than_was_said() {
    let (why, _) = refused(|| Answer::Silence, SHORT).await;
    assert!(why.contains("it did not answer in time") || why == "the time for it was up", "{why}");
}

#[tokio::test]
async fn a_listener_that_keeps_failing_is_tried_for_as_long_as_there_is_time() {
    let (why, asked) = refused(|| status(500), SHORT).await;
    assert!(why.contains("it answered with the status 500"), "{why}");
    assert!((2..60).contains(&asked), "{asked}");
}

#[tokio::test]
async fn a_listener_that_is_not_there_is_told_of() {
    let port = Receiver::content().port();
    let notifier = notifier(&format!("ops=http://127.0.0.1:{port}/"), "", here(SHORT));
    notifier.tell(&[ops()], &event(Step::Ready));
    let undelivered = notifier.end().await;
    assert!(undelivered[0].why.contains("it could not be connected to"), "{undelivered:?}");
}

#[tokio::test]
async fn an_answer_that_never_ends_counts_by_its_status() {
    let endless = "HTTP/1.1 200 OK\r\ncontent-length: 100000000\r\n\r\n";
    assert_eq!(asked(move |_| Some(Answer::Trickle(endless))).await, 1);
    let endless = "HTTP/1.1 404 Not Found\r\ntransfer-encoding: chunked\r\n\r\nffffff\r\n";
    let (why, asked) = refused(move || Answer::Trickle(endless), PATIENT).await;
    assert_eq!((why.as_str(), asked), ("it answered with the status 404", 1));
}

#[tokio::test]
async fn a_head_that_never_ends_is_not_waited_for() {
    let (why, _) = refused(|| Answer::Trickle("HTTP/1.1 200 OK\r\nx-slow: "), SHORT).await;
    assert!(why.contains("in time") || why == "the time for it was up", "{why}");
}

#[tokio::test]
async fn telling_returns_at_once_however_slow_a_listener_is() {
    let receiver = Receiver::new(|_, _| Answer::Silence);
    let notifier = notifier(&format!("ops={}", receiver.url()), "", here(Duration::ZERO));
    let events: Vec<_> = (1..=100).map(numbered).collect();
    let began = Instant::now();
    for event in &events {
        notifier.tell(&[ops()], event);
    }
    assert!(began.elapsed() < PATIENT);
    assert_eq!(notifier.end().await.len(), 100);
}

#[tokio::test]
async fn a_listener_without_an_address_is_told_of_and_the_others_hear() {
    let receiver = Receiver::content();
    let notifier = notifier(&format!("ops={}", receiver.url()), "", here(PATIENT));
    notifier.tell(&[listener("chat", ListenerKind::Slack, None), ops()], &event(Step::Ready));
    let undelivered = notifier.end().await;
    let told: Vec<_> = undelivered.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "the listener `chat` was not told of `dev.bivouac.preview.ready`: it has no line in `BIVOUAC_NOTIFY_ADDRESSES`"
        ]
    );
    assert_eq!(receiver.received().len(), 1);
}
