//! The secrets of environments by the emulator's REST, each request and answer held against GitHub's description.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use bivouac::emulator::{Access, Account, Emulator, Settings};
use crypto_box::PublicKey;
use crypto_box::aead::OsRng;
use serde_json::{Value, json};

use super::support::{REPOSITORY, accounts, held, started};

const KEEPER: &str = "keeper-token";
const PLACE: &str = "/environments/live%2Feu/secrets";

async fn with_environment() -> Emulator {
    let mut accounts = accounts();
    accounts.push(Account::user("keeper", KEEPER, Access::Write).keeping_secrets());
    let emulator = started(Settings::new(accounts)).await;
    emulator.forge().create_environment(REPOSITORY, "live/eu").unwrap();
    emulator
}

async fn key(emulator: &Emulator) -> (String, PublicKey) {
    let answer = held(emulator, "GET", &format!("{PLACE}/public-key"), KEEPER, None).await;
    let key = STANDARD.decode(answer.json["key"].as_str().unwrap()).unwrap();
    (answer.json["key_id"].as_str().unwrap().to_owned(), PublicKey::from_slice(&key).unwrap())
}

fn sealed(key: &PublicKey, value: &str) -> String {
    STANDARD.encode(key.seal(&mut OsRng, value.as_bytes()).unwrap())
}

#[tokio::test]
async fn a_secret_is_put_and_put_again() {
    let emulator = with_environment().await;
    let (id, key) = key(&emulator).await;
    for (value, status) in [("first", 201), ("second", 204)] {
        let body = json!({"encrypted_value": sealed(&key, value), "key_id": id});
        let answer = held(&emulator, "PUT", &format!("{PLACE}/SECRET_ID"), KEEPER, Some(body)).await;
        assert_eq!(answer.status, status, "{}", answer.text);
        let kept = emulator.forge().environment_secret(REPOSITORY, "live/eu", "secret_id").unwrap();
        assert_eq!(kept.as_deref(), Some(value));
    }
    assert_eq!(emulator.forge().environment_secret(REPOSITORY, "live/eu", "OTHER").unwrap(), None);
}

#[tokio::test]
async fn what_can_not_be_put_is_told_as_github_tells() {
    let emulator = with_environment().await;
    let (id, key) = key(&emulator).await;
    let good = json!({"encrypted_value": sealed(&key, "x"), "key_id": id});
    let other_key = json!({"encrypted_value": sealed(&key, "x"), "key_id": "1"});
    let garbage = json!({"encrypted_value": "QUJD", "key_id": id});
    let (name, reserved, digit) = (&format!("{PLACE}/A"), &format!("{PLACE}/GITHUB_A"), &format!("{PLACE}/1A"));
    let (integration, improper) =
        ("Resource not accessible by integration", "Bad Request - improperly encrypted secret");
    let cases: Vec<(&str, &str, &Value, u16, &str)> = vec![
        (name, "octocat", &good, 401, "Bad credentials"),
        (name, "writer-token", &good, 403, integration),
        (name, "stranger-token", &good, 404, "Not Found"),
        ("/environments/nowhere/secrets/A", KEEPER, &good, 404, "Not Found"),
        (name, KEEPER, &other_key, 422, improper),
        (name, KEEPER, &garbage, 422, improper),
        (reserved, KEEPER, &good, 422, "Secret names must not start with GITHUB_."),
        (digit, KEEPER, &good, 422, "Secret names can only contain alphanumeric characters"),
    ];
    for (path, token, body, status, message) in cases {
        let answer = held(&emulator, "PUT", path, token, Some(body.clone())).await;
        assert_eq!(answer.status, status, "{path} {}", answer.text);
        assert!(answer.json["message"].as_str().unwrap().starts_with(message), "{path} {}", answer.text);
    }
    for (path, token, status) in [("live%2Feu", "actions-token", 403), ("nowhere", KEEPER, 404)] {
        let path = format!("/environments/{path}/secrets/public-key");
        assert_eq!(held(&emulator, "GET", &path, token, None).await.status, status);
    }
}
