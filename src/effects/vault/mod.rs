//! Vault and OpenBao, through vaultrs.
//!
//! What vaultrs has no endpoint for, or reads less of than there is, goes through its client as plain JSON: see
//! `docs/decisions/0033-vaultrs.md`.

mod call;
mod initialised;
mod look;

use std::sync::OnceLock;
use std::time::{Duration, Instant};

use reqwest::{Certificate, Client, ClientBuilder, Url};
use serde_json::{Value, json};
use vaultrs::api::EndpointMiddleware;
use vaultrs::client::{VaultClient, VaultClientSettingsBuilder};

use self::call::{Answer, Call, Failure};
use self::initialised::initialised;
use crate::domain::vault::address::NodeAddress;
use crate::domain::vault::seen::{NodeSeen, Seal, View};
use crate::effects::http;
use crate::error::Error;
use crate::ports::vault::{Access, Initialisation, InitialiseError, Initialised, Login, Vault, VaultError};
use crate::secret::Secret;

/// How long a node may take to answer, at most and at least, whatever the patience of the run is.
const SLOWEST: Duration = Duration::from_secs(30);
const FASTEST: Duration = Duration::from_secs(2);
/// How long a node may take to be initialised. The contract asks for two minutes at least: keys are made, and storage is
/// written.
const PATIENCE_FOR_INITIALISATION: Duration = Duration::from_mins(3);
/// How often a read is sent when the connection breaks or a proxy answers.
const ATTEMPTS: u32 = 3;

/// What is said where requests can not be made at all.
const NO_CLIENT: &str = "there is no HTTP client for the Vault";
/// What is said of an address that no request can be made of.
const NO_ADDRESS: &str = "the address can not be used";

/// The nodes of a Vault, over HTTP.
pub struct VaultNodes {
    ordinary: Clients,
    initialising: Clients,
    leader_certificate: Option<String>,
    patience: Duration,
}

/// Of each kind two: what goes to this machine does not go through a proxy, which would read it. Each is made when it is first
/// needed, since the system's certificates are read for it.
struct Clients {
    trusted: Option<Vec<Certificate>>,
    timeout: Duration,
    kept_connections: usize,
    direct: OnceLock<Client>,
    other: OnceLock<Client>,
}

impl VaultNodes {
    /// A client that trusts the system's certificates, or only those given (PEM). A node that does not answer is waited for
    /// as long as the `patience`, within what is sensible for one request.
    ///
    /// # Errors
    ///
    /// When the certificates can not be used.
    pub fn new(certificates: Option<&str>, patience: Duration) -> Result<Self, Error> {
        let trusted = certificates.map(trusted).transpose()?;
        let ordinary = Clients::new(trusted.clone(), patience.clamp(FASTEST, SLOWEST), 1);
        // Certificates that can not be used are told of before anything is asked.
        ordinary.other().map_err(|why| Error::local(NO_CLIENT, why))?;
        Ok(Self {
            ordinary,
            // A connection that is not kept can not break unnoticed, and so no request is ever sent again on another.
            initialising: Clients::new(trusted, PATIENCE_FOR_INITIALISATION, 0),
            leader_certificate: certificates.map(str::to_owned),
            patience,
        })
    }

    /// One request to a node.
    async fn call(&self, access: &Access, call: Call) -> Result<Answer, Failure> {
        self.send(&self.ordinary, access, call).await
    }

    async fn send(&self, clients: &Clients, access: &Access, call: Call) -> Result<Answer, Failure> {
        let http = if access.node.is_loopback() { clients.direct() } else { clients.other() };
        let http = http.map_err(|_| Failure::Unsent(NO_CLIENT))?;
        let client = vault_client(http.clone(), &access.node, access.token.as_ref())?;
        call.send(&client).await
    }

    /// A request that changes nothing: sent again when the connection breaks, or the node has too much to do, while there is
    /// patience.
    async fn ask(&self, access: &Access, call: Call) -> Result<Answer, Failure> {
        let started = Instant::now();
        let mut attempt = 1;
        loop {
            let result = self.call(access, call.clone()).await;
            let may_pass = match &result {
                Err(Failure::Broken(_)) => true,
                Err(Failure::Unsent(_)) => false,
                Ok(answer) => answer.is_of_proxy() || answer.is_busy(&call),
            };
            let pause = Duration::from_millis(200) * attempt;
            if !may_pass || attempt == ATTEMPTS || started.elapsed() + pause >= self.patience {
                return result;
            }
            tokio::time::sleep(pause).await;
            attempt += 1;
        }
    }
}

impl Clients {
    fn new(trusted: Option<Vec<Certificate>>, timeout: Duration, kept_connections: usize) -> Self {
        Self { trusted, timeout, kept_connections, direct: OnceLock::new(), other: OnceLock::new() }
    }

    /// For this machine.
    fn direct(&self) -> reqwest::Result<&Client> {
        made(&self.direct, || self.builder().no_proxy())
    }

    /// For any other.
    fn other(&self) -> reqwest::Result<&Client> {
        made(&self.other, || self.builder())
    }

    /// No redirect is followed, since it would take the token along.
    fn builder(&self) -> ClientBuilder {
        let builder = Client::builder()
            .user_agent(http::AGENT)
            .redirect(reqwest::redirect::Policy::none())
            .connect_timeout(Duration::from_secs(15))
            .timeout(self.timeout)
            .pool_max_idle_per_host(self.kept_connections);
        match &self.trusted {
            Some(certificates) => builder.tls_certs_only(certificates.clone()),
            None => builder,
        }
    }
}

/// The client, made now if it was not made before.
fn made(place: &OnceLock<Client>, builder: impl FnOnce() -> ClientBuilder) -> reqwest::Result<&Client> {
    if let Some(client) = place.get() {
        return Ok(client);
    }
    let client = builder().build()?;
    Ok(place.get_or_init(|| client))
}

/// The certificates in a PEM text: one at least, and no key among them, which the nodes would be sent.
fn trusted(pem: &str) -> Result<Vec<Certificate>, Error> {
    let refused = |message: &str| Error::Usage {
        message: format!("`--ca-certificate`: {message}"),
        hint: "give the certificate of the authority that signed the Vault's, as PEM, and nothing else",
    };
    if pem.contains("PRIVATE KEY") {
        return Err(refused("there is a private key in it"));
    }
    let certificates = Certificate::from_pem_bundle(pem.as_bytes())
        .map_err(|why| Error::local("the certificates of `--ca-certificate` can not be used", why))?;
    if certificates.is_empty() { Err(refused("there is no certificate in it")) } else { Ok(certificates) }
}

/// The client of vaultrs on a connection of ours: its own follows redirects, and reads `VAULT_SKIP_VERIFY`.
fn vault_client(http: Client, node: &NodeAddress, token: Option<&Secret>) -> Result<VaultClient, Failure> {
    let token = token.map_or_else(String::new, |token| token.expose().to_owned());
    // Neither the client of vaultrs nor its settings take a text that they can not use: they panic.
    if !is_sendable(&token) {
        return Err(Failure::Unsent("its token has characters that no token has, and was not sent"));
    }
    if Url::parse(node.as_str()).is_err() {
        return Err(Failure::Unsent(NO_ADDRESS));
    }
    let settings = VaultClientSettingsBuilder::default()
        .address(node.as_str())
        .ca_certs(Vec::new())
        .identity(None)
        .token("")
        .verify(true)
        .build()
        .map_err(|_| Failure::Unsent(NO_ADDRESS))?;
    let middle = EndpointMiddleware { token, version: "v1".to_owned(), wrap: None, namespace: None };
    Ok(VaultClient { http: rustify::clients::reqwest::Client::new(node.as_str(), http), middle, settings })
}

/// Whether a token can be one: it is sent in a header.
fn is_sendable(token: &str) -> bool {
    token.bytes().all(|byte| byte.is_ascii_graphic())
}

impl Vault for VaultNodes {
    async fn look(&self, node: &NodeAddress) -> NodeSeen {
        let view = match self.status(node).await {
            Ok(status) => View::Answers(status),
            Err(why) => View::Silent { why },
        };
        NodeSeen { address: node.clone(), view }
    }

    async fn initialise(&self, node: &NodeAddress, how: &Initialisation) -> Result<Initialised, InitialiseError> {
        let access = Access { node: node.clone(), token: None };
        let answer = self.send(&self.initialising, &access, Call::put("sys/init", initialisation(how))).await;
        let broken = |message: String| InitialiseError::Broken { node: node.clone(), message };
        let answer = answer.map_err(|failure| broken(failure.to_string()))?;
        match answer.status {
            200 => initialised(&answer.body).ok_or_else(|| broken("its answer was cut off".to_owned())),
            400 if answer.message().contains("already initialized") => {
                Err(InitialiseError::Already { node: node.clone() })
            }
            429 => Err(broken("it has too much to do (429)".to_owned())),
            400..=499 => Err(InitialiseError::Refused { node: node.clone(), message: answer.message() }),
            status => Err(broken(format!("it answered {status}"))),
        }
    }

    async fn submit(&self, node: &NodeAddress, share: &Secret) -> Result<Seal, VaultError> {
        self.seal_call(node, "take a share", json!({ "key": share.expose() })).await
    }

    async fn forget_shares(&self, node: &NodeAddress) -> Result<Seal, VaultError> {
        self.seal_call(node, "forget its shares", json!({ "reset": true })).await
    }

    async fn join(&self, node: &NodeAddress, leader: &NodeAddress) -> Result<(), VaultError> {
        let mut body = json!({ "leader_api_addr": leader.as_str() });
        if let Some(certificate) = &self.leader_certificate {
            body["leader_ca_cert"] = Value::String(certificate.clone());
        }
        let access = Access { node: node.clone(), token: None };
        let what = "join the cluster";
        let answer = self.call(&access, Call::post("sys/storage/raft/join", body)).await;
        let answer = succeeded(answer, node, what)?;
        match answer.json().and_then(|answer| answer.get("joined").and_then(Value::as_bool)) {
            Some(true) => Ok(()),
            _ => Err(VaultError::Senseless { node: node.clone(), what: what.to_owned() }),
        }
    }

    async fn login(&self, node: &NodeAddress, mount: &str, login: &Login) -> Result<Secret, VaultError> {
        let body = match login {
            Login::AppRole { role_id, secret_id } => {
                json!({ "role_id": role_id.expose(), "secret_id": secret_id.expose() })
            }
            Login::Jwt { role, token } => json!({ "role": role, "jwt": token.expose() }),
        };
        let what = format!("log in at `auth/{mount}`");
        let access = Access { node: node.clone(), token: None };
        let answer = self.call(&access, Call::post(&format!("auth/{mount}/login"), body)).await;
        let answer = match succeeded(answer, node, &what) {
            // A wrong role or secret is a bad request to these endpoints.
            Err(VaultError::Refused { node, what, status: 400 | 404, message }) => {
                return Err(VaultError::Forbidden { node, what, message });
            }
            answer => answer?,
        };
        let token = answer.json().and_then(|answer| Secret::new(answer.pointer("/auth/client_token")?.as_str()?));
        token
            .filter(|token| is_sendable(token.expose()))
            .ok_or_else(|| VaultError::Senseless { node: node.clone(), what })
    }

    async fn read(&self, access: &Access, path: &str) -> Result<Option<Value>, VaultError> {
        self.found(access, Call::get(path), &format!("read `{path}`")).await
    }

    async fn list(&self, access: &Access, path: &str) -> Result<Vec<String>, VaultError> {
        let found = self.found(access, Call::list(path), &format!("list `{path}`")).await?;
        let keys = found.as_ref().and_then(|data| data.get("keys")?.as_array());
        Ok(keys.into_iter().flatten().filter_map(Value::as_str).map(str::to_owned).collect())
    }

    async fn delete(&self, access: &Access, path: &str) -> Result<(), VaultError> {
        let what = format!("delete `{path}`");
        succeeded(self.call(access, Call::delete(path)).await, &access.node, &what).map(|_| ())
    }

    async fn write(&self, access: &Access, path: &str, body: &Value) -> Result<Option<Value>, VaultError> {
        let what = format!("write `{path}`");
        let answer = succeeded(self.call(access, Call::post(path, body.clone())).await, &access.node, &what)?;
        Ok(answer.json().map(data).filter(|data| !data.is_null()))
    }
}

impl VaultNodes {
    async fn found(&self, access: &Access, call: Call, what: &str) -> Result<Option<Value>, VaultError> {
        match succeeded(self.ask(access, call).await, &access.node, what) {
            Ok(answer) => {
                let senseless = || VaultError::Senseless { node: access.node.clone(), what: what.to_owned() };
                // An answer without a body says that there is nothing only where it says that it has none.
                if answer.status == 204 {
                    return Ok(None);
                }
                answer.json().map(data).filter(|data| !data.is_null()).map(Some).ok_or_else(senseless)
            }
            Err(VaultError::Refused { status: 404, .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn seal_call(&self, node: &NodeAddress, what: &str, body: Value) -> Result<Seal, VaultError> {
        let access = Access { node: node.clone(), token: None };
        let answer = succeeded(self.call(&access, Call::put("sys/unseal", body)).await, node, what)?;
        // A Vault that takes shares says how many it needs.
        let seal = answer.json().as_ref().and_then(look::seal).filter(|seal| !seal.is_sealed || seal.threshold > 0);
        seal.ok_or_else(|| VaultError::Senseless { node: node.clone(), what: what.to_owned() })
    }
}

/// What is within `data`, or the whole where there is no such thing.
fn data(mut answer: Value) -> Value {
    match answer.get_mut("data").map(Value::take) {
        Some(data) if !data.is_null() => data,
        _ => answer,
    }
}

/// The answer, if it is a good one.
fn succeeded(answer: Result<Answer, Failure>, node: &NodeAddress, what: &str) -> Result<Answer, VaultError> {
    let (node, what) = (node.clone(), what.to_owned());
    let answer = match answer {
        Ok(answer) => answer,
        Err(failure) => return Err(VaultError::Unreachable { node, message: failure.to_string() }),
    };
    let message = answer.message();
    match answer.status {
        200..=299 => Ok(answer),
        401 | 403 => Err(VaultError::Forbidden { node, what, message }),
        300..=399 => {
            Err(VaultError::Unreachable { node, message: "it sends elsewhere, where no token goes".to_owned() })
        }
        429 => Err(VaultError::Unreachable { node, message: "it has too much to do (429)".to_owned() }),
        status if answer.is_of_proxy() => {
            Err(VaultError::Unreachable { node, message: format!("it answered {status}") })
        }
        status => Err(VaultError::Refused { node, what, status, message }),
    }
}

fn initialisation(how: &Initialisation) -> Value {
    let (shares, threshold, keys) = if how.is_automatic {
        ("recovery_shares", "recovery_threshold", "recovery_pgp_keys")
    } else {
        ("secret_shares", "secret_threshold", "pgp_keys")
    };
    let mut body = json!({ shares: how.shares, threshold: how.threshold });
    if !how.pgp_keys.is_empty() {
        body[keys] = json!(how.pgp_keys);
    }
    body
}

#[cfg(test)]
mod tests;
