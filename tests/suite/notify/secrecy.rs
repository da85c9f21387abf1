//! Addresses and keys are never shown.

use std::io::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use bivouac::domain::configuration::ListenerKind;
use bivouac::domain::lifecycle::Step;
use bivouac::ports::Listeners as _;
use tracing_subscriber::fmt::MakeWriter;

use super::receiver::{Answer, Receiver, status};
use super::{event, here, listener, notifier, ops};

/// Everything that is logged.
#[derive(Clone, Default)]
struct Log(Arc<Mutex<Vec<u8>>>);

impl Write for Log {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        self.0.lock().unwrap().extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for Log {
    type Writer = Self;

    fn make_writer(&'a self) -> Self::Writer {
        self.clone()
    }
}

impl Log {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.0.lock().unwrap()).into_owned()
    }
}

const KEY: &str = "whsec_c2VjcmV0c2VjcmV0c2VjcmV0c2VjcmV0";

#[tokio::test]
async fn no_log_and_no_message_shows_an_address_or_a_key() {
    let log = Log::default();
    let subscriber = tracing_subscriber::fmt().with_max_level(tracing::Level::TRACE).with_writer(log.clone()).finish();
    // What tells the listeners has the subscriber of who tells it.
    let listening = tracing::subscriber::set_default(subscriber);
    let undelivered = misbehave().await;
    drop(listening);
    let text = log.text();
    assert!(text.contains("attempt 1 to tell `ops`"), "{text}");
    assert!(text.contains("line 3 of the addresses of listeners is not `NAME=…`"), "{text}");
    assert!(text.contains("line 2 of the secrets of listeners, for `ops`, can not be used"), "{text}");
    let all = format!("{text}\n{}", undelivered.join("\n"));
    for secret in ["hush", "T000", "c2VjcmV0", "elsewhere.example", "whsec_bad"] {
        assert!(!all.contains(secret), "`{secret}` is shown:\n{all}");
    }
}

/// Listeners with all kinds of trouble. Returns what is said of them.
async fn misbehave() -> Vec<String> {
    let failing = Receiver::new(|before, _| if before == 0 { status(500) } else { Answer::Raw("HTTP/1.1 2") });
    let talking = Receiver::new(|_, request| {
        Answer::Status(400, vec![("location", "https://elsewhere.example".to_owned())], request.start.clone())
    });
    let addresses = [
        format!("ops={}", failing.url()),
        format!("chat={}", talking.url()),
        "https://hush.example.com/no-name".to_owned(),
        "wrong=https://ada:hush@elsewhere.example/".to_owned(),
        "plain=http://elsewhere.example/hush".to_owned(),
        "odd=hush://elsewhere.example/hush".to_owned(),
        "gone=https://hush.invalid/T000".to_owned(),
    ];
    let secrets = format!("ops={KEY}\nops=whsec_bad\nhush=whsec_bad\n{KEY}");
    let notifier = notifier(&addresses.join("\n"), &secrets.replace("hush=", "spare="), here(Duration::from_secs(3)));
    let listeners =
        ["wrong", "plain", "odd", "gone", "missing"].map(|name| listener(name, ListenerKind::CloudEvents, None));
    notifier.tell(&listeners, &event(Step::Ready));
    notifier.tell(&[ops(), listener("chat", ListenerKind::Slack, None)], &event(Step::Ready));
    let undelivered = notifier.end().await;
    assert_eq!(undelivered.len(), 7);
    undelivered.iter().flat_map(|one| [one.to_string(), format!("{one:?}")]).collect()
}
