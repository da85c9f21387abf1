//! The login by GitHub's OIDC: a provider on loopback, with a key of its own in place of GitHub's.

use std::fmt::Write as _;

use aws_lc_rs::encoding::{AsDer as _, PublicKeyX509Der};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::{KeyPair, KeySize};
use aws_lc_rs::signature::{KeyPair as _, RSA_PKCS1_SHA256};
use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use bivouac::emulator::Answer;
use jiff::Timestamp;
use serde_json::{Value, json};

use super::world::{CANARY, SecretsWorld};
use crate::vault::proxy::{Proxy, Verdict};
use crate::world::Run;

const ISSUER: &str = "https://token.actions.githubusercontent.com";
/// What the job asks the provider with.
const ASKING: &str = "token-to-ask-for-tokens";

/// A provider's key.
struct Issuer(KeyPair);

impl Issuer {
    fn new() -> Self {
        Self(KeyPair::generate(KeySize::Rsa2048).unwrap())
    }

    /// Its public half, in PEM.
    fn public(&self) -> String {
        let der: PublicKeyX509Der<'_> = self.0.public_key().as_der().unwrap();
        let packed = STANDARD.encode(der.as_ref());
        let mut pem = String::from("-----BEGIN PUBLIC KEY-----\n");
        for line in packed.as_bytes().chunks(64) {
            let _ = writeln!(pem, "{}", std::str::from_utf8(line).unwrap());
        }
        pem + "-----END PUBLIC KEY-----\n"
    }

    /// A token of a job of that repository.
    fn token(&self, repository_id: &str, audience: &str) -> String {
        let now = Timestamp::now().as_second();
        let packed = |value: Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let claims = json!({
            "iss": ISSUER, "aud": audience, "sub": "repo:acme/wildside", "repository_id": repository_id,
            "iat": now - 5, "nbf": now - 5, "exp": now + 300,
        });
        let signed = format!("{}.{}", packed(json!({"alg": "RS256", "typ": "JWT"})), packed(claims));
        let mut signature = vec![0; self.0.public_modulus_len()];
        self.0.sign(&RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature).unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }
}

/// Lets jobs of repository 123456 log in with this issuer's tokens.
fn trust(it: &SecretsWorld, issuer: &Issuer, audience: &str) {
    let put = |path: &str, body: Value| it.bao.done("PUT", path, Some(&it.root), Some(body));
    put("sys/auth/jwt", json!({"type": "jwt"}));
    put("auth/jwt/config", json!({"jwt_validation_pubkeys": [issuer.public()], "bound_issuer": ISSUER}));
    let role = json!({
        "role_type": "jwt", "user_claim": "repository_id", "bound_audiences": [audience],
        "bound_claims": {"repository_id": "123456"}, "token_policies": "bivouac-deployer", "token_ttl": "1h",
    });
    put("auth/jwt/role/bivouac-deployer", role);
}

/// Puts something, in a job that asks this provider who it is.
fn put(it: &SecretsWorld, provider: &Proxy, more: &[&str]) -> Run {
    let mut command = it.command(&[&["put"], more].concat());
    command.env_remove("BIVOUAC_VAULT_SECRET_ID").stdin(it.input(&format!("A={CANARY}")));
    command.env("ACTIONS_ID_TOKEN_REQUEST_URL", format!("{}/token?api-version=2", provider.address()));
    command.env("ACTIONS_ID_TOKEN_REQUEST_TOKEN", ASKING);
    it.run(command)
}

#[test]
fn a_job_logs_in_by_what_github_says_it_is() {
    let it = SecretsWorld::new();
    let issuer = Issuer::new();
    let audience = it.bao.address();
    trust(&it, &issuer, &audience);
    let provider = Proxy::before(&it.bao);
    let token = issuer.token("123456", &audience);
    let value = token.clone();
    provider.intercept(move |_| Verdict::Answer(Answer::json(200, &json!({"value": value}))));
    let run = put(&it, &provider, &[]).ok();
    assert_eq!(run.output("result"), "created");
    assert!(run.stderr.contains(&format!("::add-mask::{token}")), "{}", run.stderr);
    let log: String = run.stderr.lines().filter(|line| !line.starts_with("::add-mask::")).collect();
    assert!(!log.contains(&token) && !log.contains(ASKING), "{log}");
    let asked = provider.requests();
    let encoded = audience.replace(':', "%3A").replace('/', "%2F");
    assert!(asked.len() == 1 && asked[0].path.contains(&format!("audience={encoded}")), "{}", asked[0].path);
    assert_eq!((it.logins(), it.tokens_left()), (1, 0));

    // Of another repository, or for another audience.
    for (token, more) in [
        (issuer.token("654321", &audience), &[][..]),
        (issuer.token("123456", "elsewhere"), &["--vault-audience", "elsewhere"]),
        (issuer.token("123456", &audience), &["--vault-role", "another"]),
        (Issuer::new().token("123456", &audience), &[]),
    ] {
        provider.intercept(move |_| Verdict::Answer(Answer::json(200, &json!({"value": token}))));
        let run = put(&it, &provider, more);
        assert!(run.code == 4 && run.stderr.contains("log in at `auth/jwt`"), "{run:?}");
    }
    assert_eq!(it.tokens_left(), 0);
}

#[test]
fn a_provider_that_gives_no_token_is_told_of() {
    let it = SecretsWorld::new();
    let provider = Proxy::before(&it.bao);
    provider.intercept(|_| Verdict::Answer(Answer::json(500, &json!({}))));
    let run = put(&it, &provider, &[]);
    assert!(run.code == 1 && run.stderr.contains("GitHub's OIDC provider gave no token"), "{run:?}");
    assert_eq!(it.logins(), 0);
}
