//! What looks like a secret, so that no message quotes it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::vault::pgp;

/// How the body of a private key of OpenSSH's begins in Base64: `openssh-key-v1`.
const OPENSSH: &str = "b3BlbnNzaC1rZXktdjE";
/// How Base64 of a PEM text begins: `-----BEGIN`.
const PEM: &str = "LS0tLS1CRUdJT";
/// How a token begins: <https://developer.hashicorp.com/vault/docs/concepts/tokens#token-prefixes>.
const TOKENS: [&str; 3] = ["hvs.", "hvb.", "hvr."];
/// How a token of `OpenBao`'s and of older Vaults begins.
const SHORT_TOKENS: [&str; 3] = ["s.", "b.", "r."];
/// How long what follows is.
const TOKEN_LENGTH: usize = 24;
/// What is shorter than this is no key in Base64.
const KEY_LENGTH: usize = 60;
/// How much is shown of what could not be understood.
const SHOWN: usize = 40;

/// Whether a text is a private key or a token by its looks.
#[must_use]
pub fn looks_secret(text: &str) -> bool {
    let packed: String = text.split_whitespace().collect();
    text.to_ascii_lowercase().contains("age-secret-key-")
        || text.contains("PRIVATE KEY")
        || is_encoded_key(&packed)
        || is_token(text.trim())
}

/// Whether a text without white space is a private key in Base64.
pub(super) fn is_encoded_key(packed: &str) -> bool {
    packed.contains(OPENSSH) || is_key_in_base64(packed)
}

/// A text as a message may show it: its beginning, and nothing of a secret.
#[must_use]
pub fn shown(text: &str) -> String {
    if looks_secret(text) {
        return "…".to_owned();
    }
    let mut characters = text.chars();
    let start: String = characters.by_ref().take(SHOWN).collect();
    let more = if characters.next().is_some() { "…" } else { "" };
    format!("{}{more}", start.escape_debug())
}

fn is_token(text: &str) -> bool {
    let is_short = |rest: &str| {
        let key = rest.split('.').next().unwrap_or_default();
        key.len() >= TOKEN_LENGTH && key.bytes().all(|byte| byte.is_ascii_alphanumeric())
    };
    TOKENS.iter().any(|start| text.starts_with(start))
        || SHORT_TOKENS.iter().any(|start| text.strip_prefix(start).is_some_and(is_short))
}

fn is_key_in_base64(packed: &str) -> bool {
    let is_base64 = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    if packed.len() < KEY_LENGTH || !packed.bytes().all(is_base64) {
        return false;
    }
    let start = STANDARD.decode(&packed[..KEY_LENGTH]).unwrap_or_default();
    let is_private_pem = packed.starts_with(PEM) && String::from_utf8_lossy(&start).contains("PRIVATE KEY");
    is_private_pem || pgp::is_private(&start)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn private_keys_and_tokens_are_recognised() {
        let packet = |start: &[u8]| STANDARD.encode([start, &[7; 60]].concat());
        for secret in [
            "AGE-SECRET-KEY-1ABC".to_owned(),
            "age-secret-key-1abc".to_owned(),
            "x\n-----BEGIN OPENSSH PRIVATE KEY-----".to_owned(),
            "b3BlbnNzaC1rZXktdjEAAAAABG5vbmU".to_owned(),
            "b3BlbnNz\naC1rZXktdjEAAAAA".to_owned(),
            " hvs.abc ".to_owned(),
            "s.abcdefghijklmnopqrstuvwx".to_owned(),
            "s.abcdefghijklmnopqrstuvwx.a1b2c".to_owned(),
            packet(&[0x95, 1, 9, 4]),
            packet(&[0x94, 60, 4]),
            packet(&[0x9d, 1, 9, 4]),
            packet(&[0xc5, 60, 4]),
            packet(&[0xc7, 193, 9, 6]),
            STANDARD.encode("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nabcdefghijklmnopqrstuvwxyz"),
        ] {
            assert!(looks_secret(&secret), "{secret}");
            assert_eq!(shown(&secret), "…");
        }
    }

    #[test]
    fn what_is_public_is_not_taken_for_a_secret() {
        for public in [
            "age1qqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqqq".to_owned(),
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ0 alice@example".to_owned(),
            "lists/of/keys/which/are/long/names/of/folders/and/files/and/more/of/them".to_owned(),
            "s.txt".to_owned(),
            "keys/alice.asc".to_owned(),
            STANDARD.encode([&[0x99, 1, 9, 4][..], &[7; 60]].concat()),
            STANDARD.encode("-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nabcdefghijklmnopqrstuvwxyz"),
        ] {
            assert!(!looks_secret(&public), "{public}");
        }
        assert_eq!(shown("a\nb"), "a\\nb");
        assert_eq!(shown(&"a".repeat(41)), format!("{}…", "a".repeat(40)));
    }
}
