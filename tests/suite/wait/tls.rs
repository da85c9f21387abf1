//! TLS is verified, whatever is asked and wherever it is connected to.

use rcgen::CertificateParams;

use super::server::Preview;
use super::{failed, shows, world};
use crate::certificates;
use crate::world::{Run, World, sha};

/// A preview of the head, with a certificate for that name, and its authority.
fn preview(name: &str, change: impl Fn(&mut CertificateParams)) -> (Preview, String) {
    let (configuration, authority) = certificates::server(name, change);
    (Preview::with_tls(configuration, |_| shows(&sha('a'))), authority)
}

/// Waits for it at a fixed address, by a name that nobody knows, trusting that authority.
fn wait_for(preview: &Preview, authority: &str, timeout: &str) -> (World, Run) {
    let world = world(&format!("{{header: x-commit, address: '127.0.0.1:{}'}}", preview.port()));
    let file = world.home.path().join("authority.pem");
    std::fs::write(&file, authority).unwrap();
    let mut command =
        world.event_command("deploy", "synchronize", 7, &sha('a'), &["--wait", "--wait-timeout", timeout]);
    command.env("SSL_CERT_FILE", file);
    let run = world.run(command);
    (world, run)
}

#[test]
fn a_preview_with_a_certificate_for_its_name_is_reached_before_the_name_exists() {
    let (preview, authority) = preview("*.preview.example.com", |_| {});
    let (_, run) = wait_for(&preview, &authority, "60s");
    assert_eq!(run.ok().output("result"), "ready");
    assert!(preview.heads()[0].to_lowercase().contains("host: pr-7.preview.example.com\r\n"), "{:?}", preview.heads());
}

#[test]
fn a_certificate_for_another_name_or_by_somebody_unknown_or_out_of_date_is_refused() {
    let (wrong, authority) = preview("pr-8.preview.example.com", |_| {});
    let (_, run) = wait_for(&wrong, &authority, "1s");
    failed(run, "TLS: the certificate is refused: ");
    assert!(wrong.heads().is_empty());

    let (unknown, _) = preview("pr-7.preview.example.com", |_| {});
    let (_, run) = wait_for(&unknown, &certificates::authority("A stranger").pem(), "1s");
    failed(run, "TLS: the certificate is refused: UnknownIssuer");

    let (old, authority) = preview("pr-7.preview.example.com", |parameters| {
        parameters.not_before = rcgen::date_time_ymd(2020, 1, 1);
        parameters.not_after = rcgen::date_time_ymd(2020, 2, 1);
    });
    let (_, run) = wait_for(&old, &authority, "1s");
    failed(run, "TLS: the certificate is refused: certificate expired");
}

#[test]
fn plain_http_where_tls_is_expected_is_no_answer() {
    let plain = Preview::answering(|_| shows(&sha('a')));
    let (_, run) = wait_for(&plain, &certificates::authority("An authority").pem(), "1s");
    failed(run, "TLS: ");
}
