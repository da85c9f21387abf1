//! Signatures of Standard Webhooks.
//! <https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md>

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use jiff::Timestamp;

/// How many bytes a key has.
const LENGTH: std::ops::RangeInclusive<usize> = 24..=64;

/// The key that an endpoint checks signatures with. Never shown.
pub(super) struct Key(hmac::Key);

impl Key {
    /// Reads `whsec_` and the key in base64.
    ///
    /// # Errors
    ///
    /// Says what it should be.
    pub(super) fn read(text: &str) -> Result<Self, &'static str> {
        let encoded = text.strip_prefix("whsec_").ok_or("the secret does not start with `whsec_`")?;
        let bytes = STANDARD.decode(encoded).map_err(|_| "what follows `whsec_` is not base64")?;
        if !LENGTH.contains(&bytes.len()) {
            return Err("the secret has less than 24 bytes, or more than 64");
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }
}

/// The value of `webhook-signature`: one signature for each key.
pub(super) fn signature(keys: &[Key], id: &str, at: Timestamp, body: &[u8]) -> String {
    let head = format!("{id}.{}.", at.as_second());
    let signatures = keys.iter().map(|Key(key)| {
        let mut signing = hmac::Context::with_key(key);
        signing.update(head.as_bytes());
        signing.update(body);
        format!("v1,{}", STANDARD.encode(signing.sign()))
    });
    signatures.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_example_of_the_specification_comes_out() {
        let key = Key::read("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let at = Timestamp::from_second(1_614_265_330).unwrap();
        let made = signature(&[key], "msg_p5jXN8AQM9LWM0D4loKWxJek", at, br#"{"test": 2432232314}"#);
        assert_eq!(made, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn a_key_has_from_24_to_64_bytes() {
        for (text, is_fine) in [
            (format!("whsec_{}", STANDARD.encode([7; 24])), true),
            (format!("whsec_{}", STANDARD.encode([7; 64])), true),
            (format!("whsec_{}", STANDARD.encode([7; 23])), false),
            (format!("whsec_{}", STANDARD.encode([7; 65])), false),
            (STANDARD.encode([7; 32]), false),
            ("whsec_".to_owned(), false),
            ("whsec_not base64".to_owned(), false),
        ] {
            assert_eq!(Key::read(&text).is_ok(), is_fine, "{text}");
        }
    }
}
