//! The `OpenPGP` keys that shares are encrypted to, for custody by people.

use aws_lc_rs::digest::{SHA1_FOR_LEGACY_USE_ONLY, digest};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::domain::hexadecimal::hexadecimal;

/// A public key, as a Vault takes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PgpKey {
    /// The key in Base64, without armour.
    pub base64: String,
    /// Its fingerprint, in hexadecimal: the SHA-1 of a key of version 4 (RFC 9580, section 5.5.4).
    pub fingerprint: String,
}

/// Why a text is no key that can be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidPgpKey {
    /// Not a key at all.
    #[error("this is no OpenPGP public key: export one with `gpg --export --armor NAME`")]
    NotAKey,
    /// A private one.
    #[error("this is a private OpenPGP key: give the public one, and tell nobody of the private one")]
    Private,
    /// Another version of the format.
    #[error("this OpenPGP key has version {0}: a Vault takes keys of version 4")]
    Version(u8),
}

impl PgpKey {
    /// Reads a key: armoured, or Base64 of it.
    ///
    /// # Errors
    ///
    /// When it is none, or not one that a Vault takes.
    pub fn parse(text: &str) -> Result<Self, InvalidPgpKey> {
        let bytes = STANDARD.decode(without_armour(text)?).map_err(|_| InvalidPgpKey::NotAKey)?;
        if is_private(&bytes) {
            return Err(InvalidPgpKey::Private);
        }
        let (tag, body) = first_packet(&bytes).ok_or(InvalidPgpKey::NotAKey)?;
        match tag {
            6 => {}
            5 | 7 => return Err(InvalidPgpKey::Private),
            _ => return Err(InvalidPgpKey::NotAKey),
        }
        let version = *body.first().ok_or(InvalidPgpKey::NotAKey)?;
        if version != 4 {
            return Err(InvalidPgpKey::Version(version));
        }
        let length = u16::try_from(body.len()).map_err(|_| InvalidPgpKey::NotAKey)?;
        let mut hashed = vec![0x99];
        hashed.extend(length.to_be_bytes());
        hashed.extend(body);
        let hash = digest(&SHA1_FOR_LEGACY_USE_ONLY, &hashed);
        Ok(Self { base64: STANDARD.encode(&bytes), fingerprint: hexadecimal(hash.as_ref()) })
    }
}

/// The Base64 between the lines of the armour, without the checksum (RFC 9580, section 6).
fn without_armour(text: &str) -> Result<String, InvalidPgpKey> {
    let text = text.trim();
    if text.contains("PRIVATE KEY BLOCK") {
        return Err(InvalidPgpKey::Private);
    }
    if !text.starts_with("-----BEGIN PGP PUBLIC KEY BLOCK-----") {
        return Ok(text.split_whitespace().collect());
    }
    let body = text.lines().skip(1).skip_while(|line| !line.trim().is_empty());
    let lines = body.map(str::trim).take_while(|line| !line.starts_with(['-', '=']));
    Ok(lines.collect())
}

/// Whether the start of a key is that of a private one. It need not be whole.
pub(in crate::domain) fn is_private(start: &[u8]) -> bool {
    let version =
        header(start).and_then(|(tag, _, body)| matches!(tag, 5 | 7).then(|| body.first().copied()).flatten());
    version.is_some_and(|version| (2..=6).contains(&version))
}

/// The tag of the first packet and its body (RFC 9580, section 4.2).
fn first_packet(bytes: &[u8]) -> Option<(u8, &[u8])> {
    let (tag, length, rest) = header(bytes)?;
    Some((tag, rest.get(..length)?))
}

/// The tag of the first packet, how long its body is, and what follows.
fn header(bytes: &[u8]) -> Option<(u8, usize, &[u8])> {
    let (first, rest) = bytes.split_first()?;
    if first & 0x80 == 0 {
        return None;
    }
    let number = |bytes: &[u8]| bytes.iter().fold(0_usize, |number, byte| number << 8 | usize::from(*byte));
    Some(if first & 0x40 != 0 {
        let (length, rest) = rest.split_first()?;
        match length {
            0..=191 => (first & 0x3f, usize::from(*length), rest),
            192..=223 => {
                let (second, rest) = rest.split_first()?;
                (first & 0x3f, (usize::from(*length) - 192) * 256 + usize::from(*second) + 192, rest)
            }
            255 => (first & 0x3f, number(rest.get(..4)?), &rest[4..]),
            _ => return None,
        }
    } else {
        let size = match first & 3 {
            0 => 1,
            1 => 2,
            2 => 4,
            _ => return None,
        };
        ((first >> 2) & 0xf, number(rest.get(..size)?), &rest[size..])
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_no_public_key_is_refused() {
        assert_eq!(PgpKey::parse("hello"), Err(InvalidPgpKey::NotAKey));
        assert_eq!(PgpKey::parse("-----BEGIN PGP PRIVATE KEY BLOCK-----\n\nxx"), Err(InvalidPgpKey::Private));
        assert_eq!(PgpKey::parse(&STANDARD.encode([0xc6, 1, 6])), Err(InvalidPgpKey::Version(6)));
        assert_eq!(PgpKey::parse(&STANDARD.encode([0xc5, 1, 4])), Err(InvalidPgpKey::Private));
        for cut in [&[0xc6][..], &[0xc6, 200], &[0x98], &[0x99, 1], &[0xc6, 5, 4], &[0xc6, 0]] {
            assert_eq!(PgpKey::parse(&STANDARD.encode(cut)), Err(InvalidPgpKey::NotAKey), "{cut:?}");
        }
    }
}
