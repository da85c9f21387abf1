//! What a server is to be like, and the file that tells it so.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, IsCa, KeyPair};

/// What a server is to be like. Copies with TLS share their authority.
#[derive(Clone)]
pub(crate) struct Settings {
    /// The name of the node, for one that keeps its data.
    node: Option<String>,
    authority: Option<Arc<CertifiedIssuer<'static, KeyPair>>>,
    has_static_seal: bool,
    is_lenient: bool,
    is_audited: bool,
}

impl Settings {
    /// A server that forgets everything when it stops: over plain HTTP, sealed by shares, without an audit device, and that lets
    /// nobody create one by a request, nor make a root token from shares.
    pub(crate) fn in_memory() -> Self {
        Self { node: None, authority: None, has_static_seal: false, is_lenient: false, is_audited: false }
    }

    /// The same, but one that keeps its data by Raft, under this name.
    pub(crate) fn raft(node: &str) -> Self {
        Self { node: Some(node.to_owned()), ..Self::in_memory() }
    }

    /// The same under another name.
    pub(crate) fn named(self, node: &str) -> Self {
        Self { node: Some(node.to_owned()), ..self }
    }

    /// Over HTTPS, with an authority of its own.
    pub(crate) fn with_tls(self) -> Self {
        let mut parameters = CertificateParams::default();
        parameters.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        parameters.distinguished_name.push(DnType::CommonName, "An authority for a Vault");
        let authority = CertifiedIssuer::self_signed(parameters, KeyPair::generate().unwrap()).unwrap();
        Self { authority: Some(Arc::new(authority)), ..self }
    }

    /// Unseals itself with a key in a file, once it is initialised. The key is the same for every server.
    pub(crate) fn with_static_seal(self) -> Self {
        Self { has_static_seal: true, ..self }
    }

    /// Lets audit devices be created by a request, and root tokens be made from shares.
    pub(crate) fn lenient(self) -> Self {
        Self { is_lenient: true, ..self }
    }

    /// Has an audit device from the start, whose lines are what `Bao::audit_lines` reads.
    pub(crate) fn audited(self) -> Self {
        Self { is_audited: true, ..self }
    }

    /// The certificate of the authority, in PEM; none without TLS.
    pub(super) fn authority(&self) -> Option<String> {
        self.authority.as_ref().map(|authority| authority.pem())
    }

    pub(super) fn scheme(&self) -> &'static str {
        if self.authority.is_some() { "https" } else { "http" }
    }

    pub(super) fn keeps_data(&self) -> bool {
        self.node.is_some()
    }

    pub(super) fn unseals_itself(&self) -> bool {
        self.has_static_seal
    }

    /// Writes the configuration and all that it names into a folder.
    pub(super) fn write(&self, folder: &Path, port: u16) {
        let mut lines = vec![format!("api_addr = \"{}://127.0.0.1:{port}\"", self.scheme())];
        lines.push(format!("cluster_addr = \"https://127.0.0.1:{}\"", port + 1));
        lines.extend(self.storage(&path(folder, "data")));
        lines.extend(self.listener(folder, port));
        if self.has_static_seal {
            let file = path(folder, "seal-key");
            fs::write(&file, [7; 32]).unwrap();
            let key = format!("  current_key = \"file://{file}\"");
            lines.extend(block("seal \"static\"", &["  current_key_id = \"1\"".to_owned(), key]));
        }
        if self.is_lenient {
            lines.push("unsafe_allow_api_audit_creation = true".to_owned());
        }
        if self.is_audited {
            let options = block("  options", &[format!("    file_path = \"{}\"", path(folder, "audit.log"))]);
            lines.extend(block("audit \"file\" \"main\"", &options));
        }
        fs::write(path(folder, "server.hcl"), lines.join("\n") + "\n").unwrap();
    }

    fn listener(&self, folder: &Path, port: u16) -> Vec<String> {
        let mut lines = vec![format!("  address = \"127.0.0.1:{port}\"")];
        if let Some(authority) = &self.authority {
            let (certificate, key) = certificate(authority);
            for (name, file, text) in [("cert", "certificate.pem", certificate), ("key", "key.pem", key)] {
                fs::write(path(folder, file), text).unwrap();
                lines.push(format!("  tls_{name}_file = \"{}\"", path(folder, file)));
            }
        } else {
            lines.push("  tls_disable = true".to_owned());
        }
        if self.is_lenient {
            lines.push("  disable_unauthed_generate_root_endpoints = false".to_owned());
        }
        block("listener \"tcp\"", &lines)
    }

    fn storage(&self, data: &str) -> Vec<String> {
        let Some(node) = &self.node else { return block("storage \"inmem\"", &[]) };
        fs::create_dir_all(data).unwrap();
        // By themselves a node that is alone takes some ten seconds to elect itself, and the leader as long to look at others.
        let lines = [
            format!("path = \"{data}\""),
            format!("node_id = \"{node}\""),
            "performance_multiplier = 1".to_owned(),
            "autopilot_update_interval = \"500ms\"".to_owned(),
            "autopilot_reconcile_interval = \"500ms\"".to_owned(),
        ];
        block("storage \"raft\"", &lines.map(|line| format!("  {line}")))
    }
}

fn path(folder: &Path, name: &str) -> String {
    folder.join(name).display().to_string()
}

fn block(name: &str, lines: &[String]) -> Vec<String> {
    let mut block = vec![format!("{name} {{")];
    block.extend_from_slice(lines);
    block.push("}".to_owned());
    block
}

/// A certificate for loopback, and its key, in PEM.
fn certificate(authority: &CertifiedIssuer<'static, KeyPair>) -> (String, String) {
    let key = KeyPair::generate().unwrap();
    let names = ["127.0.0.1".to_owned(), "localhost".to_owned()];
    let certificate = CertificateParams::new(names).unwrap().signed_by(&key, authority).unwrap();
    (certificate.pem(), key.serialize_pem())
}
