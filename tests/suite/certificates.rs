//! Servers with certificates of an authority of their own.

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};
use tokio_rustls::rustls::ServerConfig;
use tokio_rustls::rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};

/// An authority that nobody trusts yet.
pub(crate) fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut parameters = CertificateParams::default();
    parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    parameters.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap()
}

/// A server with a certificate for that name, and the certificate of its authority.
pub(crate) fn server(name: &str, change: impl Fn(&mut CertificateParams)) -> (ServerConfig, String) {
    let (authority, key) = (authority("An authority"), KeyPair::generate().unwrap());
    let mut parameters = CertificateParams::new([name.to_owned()]).unwrap();
    change(&mut parameters);
    let certificate = parameters.signed_by(&key, &authority).unwrap();
    let key = PrivateKeyDer::from(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let configuration = ServerConfig::builder().with_no_client_auth();
    (configuration.with_single_cert(vec![certificate.der().clone()], key).unwrap(), authority.pem())
}
