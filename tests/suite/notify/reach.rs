//! Who is never reached.

use std::time::Duration;

use bivouac::domain::lifecycle::Step;
use bivouac::effects::notify::Settings;
use bivouac::ports::Listeners as _;

use super::receiver::Receiver;
use super::{PATIENT, event, notifier, ops, process};

const STRICT: Settings = Settings { allow_private: false, allow_http: true, timeout: PATIENT };

async fn why(address: &str, settings: Settings) -> String {
    let notifier = notifier(&format!("ops={address}"), "", settings);
    notifier.tell(&[ops()], &event(Step::Ready));
    let undelivered = notifier.end().await;
    assert_eq!(undelivered.len(), 1, "{address}");
    undelivered[0].why.clone()
}

#[tokio::test]
async fn this_machine_is_not_reached_in_any_spelling() {
    let receiver = Receiver::content();
    let port = receiver.port();
    for host in [
        "127.0.0.1",
        "127.1",
        "0x7f.1",
        "2130706433",
        "0177.0.0.1",
        "[::ffff:127.0.0.1]",
        "[::ffff:7f00:1]",
        "0.0.0.0",
        "localhost",
        "LocalHost.",
    ] {
        let why = why(&format!("http://{host}:{port}/"), STRICT).await;
        assert_eq!(
            why,
            "its address leads into a private network, to this machine or to a metadata service: `--notify-allow-private` allows that",
            "{host}"
        );
    }
    assert_eq!(receiver.connections(), 0);
}

#[tokio::test]
async fn metadata_services_are_not_reached() {
    for address in [
        "http://169.254.169.254/latest/meta-data/",
        "http://[fd00:ec2::254]/",
        "http://168.63.129.16/",
        "http://100.100.100.200/",
        "http://metadata.google.internal/",
        "http://[64:ff9b::a9fe:a9fe]/",
    ] {
        let why = why(address, STRICT).await;
        assert!(why.starts_with("its address leads into a private network"), "{why}");
    }
}

#[tokio::test]
async fn plain_http_is_for_this_machine_unless_it_is_allowed() {
    let here = Settings { allow_private: true, allow_http: false, timeout: Duration::from_secs(1) };
    assert_eq!(
        why("http://192.168.0.1/", here).await,
        "its address is plain HTTP, which anybody on the way can read and change: `--allow-http` allows it"
    );
}

#[tokio::test]
async fn a_name_that_nobody_knows_is_told_so() {
    let settings = Settings { timeout: Duration::from_secs(2), ..STRICT };
    let why = why("https://nowhere.invalid/", settings).await;
    assert!(why.contains("its name is not known") || why.contains("the time for it was up"), "{why}");
}

#[test]
fn a_proxy_of_the_environment_is_used_wherever_it_is_and_leads_nowhere_inward() {
    if process::is_the_other(STRICT) {
        return;
    }
    let (proxy, here) = (Receiver::content(), Receiver::content());
    let address = format!("http://localhost:{}", proxy.port());
    let told = |listener: &str| {
        let test = "notify::reach::a_proxy_of_the_environment_is_used_wherever_it_is_and_leads_nowhere_inward";
        process::told(test, listener, &[("http_proxy", &address)])
    };
    assert_eq!(told("http://listener.invalid/hook"), "told");
    assert_eq!(proxy.received()[0].start, "POST http://listener.invalid/hook HTTP/1.1");

    let inward = "its address leads into a private network, to this machine or to a metadata service: `--notify-allow-private` allows that";
    for host in ["127.0.0.1", "localhost", "[::1]", "169.254.169.254"] {
        assert_eq!(told(&format!("http://{host}:{}/", here.port())), inward, "{host}");
    }
    assert_eq!((proxy.received().len(), here.connections()), (1, 0));
}
