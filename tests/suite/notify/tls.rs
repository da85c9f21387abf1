//! Certificates are verified, whatever is allowed.

use std::time::Duration;

use bivouac::domain::lifecycle::Step;
use bivouac::ports::Listeners as _;
use rcgen::CertificateParams;

use super::receiver::Receiver;
use super::{event, here, notifier, ops, process};
use crate::certificates;

/// A listener with a certificate for that name, and its authority.
fn receiver(name: &str, change: impl Fn(&mut CertificateParams)) -> (Receiver, String) {
    let (configuration, authority) = certificates::server(name, change);
    (Receiver::with_tls(configuration), authority)
}

/// Tells that listener in another process, which trusts that authority. Returns why it was in vain, if it was.
fn told(receiver: &Receiver, authority: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, authority).unwrap();
    let address = format!("https://localhost:{}/", receiver.port());
    let trusted = [("SSL_CERT_FILE", file.to_str().unwrap())];
    process::told("notify::tls::certificates_are_verified", &address, &trusted)
}

#[test]
fn certificates_are_verified() {
    if process::is_the_other(here(Duration::from_mins(1))) {
        return;
    }
    let (right, authority) = receiver("localhost", |_| {});
    assert_eq!(told(&right, &authority), "told");
    assert_eq!(right.received().len(), 1);
    let stranger = certificates::authority("A stranger").pem();
    assert_eq!(told(&right, &stranger), "its certificate is refused: it is signed by nobody who is trusted");
    assert_eq!(right.received().len(), 1);

    let (other, authority) = receiver("other.example.com", |_| {});
    assert_eq!(told(&other, &authority), "its certificate is refused: it is for another name");

    let (old, authority) = receiver("localhost", |parameters| {
        parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2020, 2, 1);
    });
    assert_eq!(told(&old, &authority), "its certificate is refused: it has expired");

    let (new, authority) = receiver("localhost", |parameters| {
        parameters.not_before = rcgen::date_time_ymd(2120, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2121, 1, 1);
    });
    assert_eq!(told(&new, &authority), "its certificate is refused: it is not valid yet");
    assert!([other, old, new].iter().all(|refused| refused.received().is_empty()));
}

#[tokio::test]
async fn a_certificate_that_nobody_signed_is_refused_at_once_and_plain_http_is_no_tls() {
    let (receiver, _) = receiver("localhost", |_| {});
    let notifier = notifier(&format!("ops=https://localhost:{}/", receiver.port()), "", here(Duration::from_mins(1)));
    notifier.tell(&[ops()], &event(Step::Ready));
    let undelivered = notifier.end().await;
    assert_eq!(undelivered[0].why, "its certificate is refused: it is signed by nobody who is trusted");
    assert_eq!(receiver.connections(), 1);

    let plain = Receiver::content();
    let notifier =
        super::notifier(&format!("ops=https://localhost:{}/", plain.port()), "", here(Duration::from_secs(2)));
    notifier.tell(&[ops()], &event(Step::Ready));
    assert_eq!(notifier.end().await.len(), 1);
    assert!(plain.received().iter().all(|request| request.body.is_empty()));
}
