//! Sealed boxes: what only the owner of a key can open (libsodium's `crypto_box_seal`).
//!
//! Source: <https://doc.libsodium.org/public-key_cryptography/sealed_boxes>

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use crypto_box::PublicKey;
use crypto_box::aead::OsRng;

use crate::secret::Secret;

/// Why a secret could not be sealed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SealError {
    /// The key is none.
    #[error("the public key is not 32 bytes in base64")]
    Key,
    /// The cipher failed.
    #[error("the secret could not be encrypted")]
    Cipher,
}

/// Seals a secret for the owner of a public key of 32 bytes. Both the key and what is returned are in base64.
///
/// # Errors
///
/// When the key is none.
pub fn seal(public_key: &str, secret: &Secret) -> Result<String, SealError> {
    let bytes = STANDARD.decode(public_key.trim()).map_err(|_| SealError::Key)?;
    let key = PublicKey::from_slice(&bytes).map_err(|_| SealError::Key)?;
    let sealed = key.seal(&mut OsRng, secret.expose().as_bytes()).map_err(|_| SealError::Cipher)?;
    Ok(STANDARD.encode(sealed))
}

#[cfg(test)]
mod tests {
    use crypto_box::SecretKey;

    use super::*;

    #[test]
    fn what_is_sealed_is_opened_by_the_secret_key_only() {
        let [owner, stranger] = [(); 2].map(|()| SecretKey::generate(&mut OsRng));
        let key = STANDARD.encode(owner.public_key().as_bytes());
        let secret = Secret::new("a secret, of any length ü").unwrap();
        let sealed = STANDARD.decode(seal(&key, &secret).unwrap()).unwrap();
        assert_eq!(owner.unseal(&sealed).unwrap(), secret.expose().as_bytes());
        assert!(stranger.unseal(&sealed).is_err());
        // 32 bytes of a key that is used once, and 16 that prove that nothing was changed.
        assert_eq!(sealed.len(), secret.expose().len() + 48);
        assert_ne!(STANDARD.decode(seal(&key, &secret).unwrap()).unwrap(), sealed);
    }

    #[test]
    fn a_key_that_is_none_is_refused() {
        let secret = Secret::new("x").unwrap();
        for key in ["", "no base64!", "c2hvcnQ=", &STANDARD.encode([1; 33])] {
            assert_eq!(seal(key, &secret), Err(SealError::Key), "{key}");
        }
    }
}
