//! Certificates are verified, whatever is allowed.
//!
//! Who is trusted is said by the environment of a process, so that those who are told of an authority are processes of their
//! own: the one test that is named, run once more.

use std::process::{Command, Output};
use std::time::Duration;

use bivouac::domain::lifecycle::Step;
use bivouac::ports::Listeners as _;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::receiver::Receiver;
use super::{event, here, notifier, ops};

/// Where the process that is told of an authority finds the listener.
const ADDRESS: &str = "TEST_OF_CERTIFICATES";

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

/// A listener with a certificate for that name, and its authority.
fn receiver(name: &str, change: impl Fn(&mut CertificateParams)) -> (Receiver, String) {
    let (authority, key) = (authority("An authority"), KeyPair::generate().unwrap());
    let mut parameters = CertificateParams::new([name.to_owned()]).unwrap();
    change(&mut parameters);
    let certificate = parameters.signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let configuration = ServerConfig::builder().with_no_client_auth();
    let configuration = configuration.with_single_cert(vec![certificate.der().clone()], key).unwrap();
    (Receiver::with_tls(configuration), authority.pem())
}

/// Tells that listener in another process, which trusts that authority. Returns why it was in vain, if it was.
fn told(receiver: &Receiver, authority: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("authority.pem");
    std::fs::write(&file, authority).unwrap();
    let mut command = Command::new(std::env::current_exe().unwrap());
    command.args(["--exact", "notify::tls::certificates_are_verified", "--nocapture", "--test-threads", "1"]);
    command.env_clear().env("HOME", folder.path()).env("SSL_CERT_FILE", &file);
    command.env(ADDRESS, format!("https://localhost:{}/", receiver.port()));
    let Output { status, stdout, stderr } = command.output().unwrap();
    let (out, err) = (String::from_utf8_lossy(&stdout), String::from_utf8_lossy(&stderr));
    assert!(status.success(), "{out}\n{err}");
    let outcome = out.lines().find_map(|line| line.split_once("outcome: "));
    outcome.unwrap_or_else(|| panic!("{out}\n{err}")).1.to_owned()
}

/// What the other process does.
fn tell(address: &str) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let undelivered = runtime.block_on(async {
        let notifier = notifier(&format!("ops={address}"), "", here(Duration::from_mins(1)));
        notifier.tell(&[ops()], &event(Step::Ready));
        notifier.end().await
    });
    let why = undelivered.first().map_or("told", |one| one.why.as_str());
    println!("\noutcome: {why}");
}

#[test]
fn certificates_are_verified() {
    if let Ok(address) = std::env::var(ADDRESS) {
        return tell(&address);
    }
    let (right, authority) = receiver("localhost", |_| {});
    assert_eq!(told(&right, &authority), "told");
    assert_eq!(right.received().len(), 1);
    let stranger = self::authority("A stranger").pem();
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
