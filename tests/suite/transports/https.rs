//! HTTPS, with a certificate authority of the test's own.

use std::path::PathBuf;
use std::process::Command;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

use super::{deploy, live_a_whole_life, move_the_tip_once, proxy};
use crate::world::{World, sha};

/// A TLS server in front of the emulator, and the file with the authority that vouches for it.
struct Server {
    port: u16,
    authority: PathBuf,
}

impl Server {
    fn start(world: &World) -> Self {
        let authority = authority("An authority");
        let file = world.home.path().join("authority.pem");
        std::fs::write(&file, authority.pem()).unwrap();
        let key = KeyPair::generate().unwrap();
        let certificate =
            CertificateParams::new(["localhost".to_owned()]).unwrap().signed_by(&key, &authority).unwrap();
        let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let configuration = ServerConfig::builder().with_no_client_auth();
        let configuration = configuration.with_single_cert(vec![certificate.der().clone()], key).unwrap();
        Self { port: proxy::with_tls(world, configuration), authority: file }
    }

    fn reach(&self, command: &mut Command, host: &str) {
        command
            .env("SSL_CERT_FILE", &self.authority)
            .env("BIVOUAC_APPS_REPOSITORY", format!("https://{host}:{}/acme/apps.git", self.port));
    }
}

fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

#[test]
fn a_preview_lives_over_https() {
    let world = World::new();
    let server = Server::start(&world);
    live_a_whole_life(&world, &|command| server.reach(command, "localhost"));
}

#[test]
fn a_moved_tip_is_looked_at_again_over_https() {
    let world = World::new();
    let server = Server::start(&world);
    world.open(7, &sha('a'));
    move_the_tip_once(&world);
    super::both_landed(&world, deploy(&world, 'a', &|command| server.reach(command, "localhost")));
}

#[test]
fn a_certificate_of_somebody_unknown_is_refused() {
    let world = World::new();
    let server = Server::start(&world);
    world.open(7, &sha('a'));
    let stranger = world.home.path().join("stranger.pem");
    std::fs::write(&stranger, authority("A stranger").pem()).unwrap();
    let run = deploy(&world, 'a', &|command| {
        server.reach(command, "localhost");
        command.env("SSL_CERT_FILE", &stranger);
    });
    assert_eq!(run.code, 6, "{}", run.stderr);
    assert!(run.stderr.contains("can not be reached") && run.stderr.contains("certificate"), "{}", run.stderr);
    assert!(run.stderr.contains("UnknownIssuer"), "{}", run.stderr);
    assert!(!run.stderr.contains("ERROR"), "a library speaks for itself, in its own form:\n{}", run.stderr);
}

#[test]
fn a_certificate_for_another_name_is_refused() {
    let world = World::new();
    let server = Server::start(&world);
    world.open(7, &sha('a'));
    let run = deploy(&world, 'a', &|command| server.reach(command, "127.0.0.1"));
    assert_eq!(run.code, 6, "{}", run.stderr);
    assert!(run.stderr.contains("not valid for name"), "{}", run.stderr);
}
