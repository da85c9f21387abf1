//! Somebody who issues tokens as GitHub's OIDC provider does, with a key of their own.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use rcgen::{KeyPair, PKCS_RSA_SHA256, RsaKeySize, SigningKey as _};
use serde_json::{Value, json};

/// Who GitHub says that it is.
const NAME: &str = "https://token.actions.githubusercontent.com";

/// An issuer of tokens that are signed by RS256.
pub(crate) struct Issuer {
    key: KeyPair,
}

impl Issuer {
    pub(crate) fn new() -> Self {
        Self { key: KeyPair::generate_rsa_for(&PKCS_RSA_SHA256, RsaKeySize::_2048).unwrap() }
    }

    /// The key that its tokens are proven by, in PEM.
    pub(crate) fn public(&self) -> String {
        self.key.public_key_pem()
    }

    /// The same as an entry of `jwt-validation-pubkeys` in a desired state, with so many blanks before each line.
    pub(crate) fn entry(&self, blanks: usize) -> String {
        let lines: Vec<_> = self.public().lines().map(|line| format!("{:blanks$}  {line}", "")).collect();
        format!("{:blanks$}- |\n{}", "", lines.join("\n"))
    }

    /// What GitHub says of a run of this workflow, to this audience.
    pub(crate) fn claims(repository_id: &str, workflow: &str, audience: &str) -> Value {
        let now = Timestamp::now().as_second();
        json!({
            "iss": NAME, "aud": audience, "sub": "repo:acme@1/wildside@2:ref:refs/heads/main", "jti": "1",
            "iat": now, "nbf": now - 60, "exp": now + 3600,
            "repository": "acme/wildside", "repository_id": repository_id, "repository_owner_id": "1",
            "ref": "refs/heads/main", "event_name": "schedule", "job_workflow_ref": workflow,
        })
    }

    /// A token that says so.
    pub(crate) fn token(&self, claims: &Value) -> String {
        let head = encoded(&json!({ "alg": "RS256", "typ": "JWT" }));
        let said = format!("{head}.{}", encoded(claims));
        let signature = self.key.sign(said.as_bytes()).unwrap();
        format!("{said}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    /// A token that says so, and that nobody has signed.
    pub(crate) fn unsigned(claims: &Value) -> String {
        format!("{}.{}.", encoded(&json!({ "alg": "none", "typ": "JWT" })), encoded(claims))
    }
}

fn encoded(value: &Value) -> String {
    URL_SAFE_NO_PAD.encode(value.to_string())
}
