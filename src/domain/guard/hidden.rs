//! What a text holds in another encoding.

use std::borrow::Cow;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::DecodePaddingMode;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig};

/// What is shorter holds nothing that counts.
const SHORTEST: usize = 12;
/// A run of Base64 among other text counts from this length on.
const SHORTEST_RUN: usize = 24;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// A text without what is white in it, if there is any.
pub(super) fn packed(text: &str) -> Cow<'_, str> {
    if text.contains(char::is_whitespace) { text.split_whitespace().collect() } else { text.into() }
}

/// The texts that are within a text, decoded once.
pub(super) fn decoded(text: &str) -> Vec<String> {
    if text.len() < SHORTEST {
        return Vec::new();
    }
    let packed = packed(text);
    let mut found: Vec<_> = percent_decoded(text).into_iter().chain(hexadecimal_decoded(&packed)).collect();
    match base64_decoded(&packed) {
        Some(whole) => found.push(whole),
        None => found.extend(runs(text).filter_map(base64_decoded)),
    }
    found
}

/// Long runs of the characters of Base64.
fn runs(text: &str) -> impl Iterator<Item = &str> {
    let is_end = |character: char| !character.is_ascii_alphanumeric() && !"+/_-=".contains(character);
    let pieces = text.split(is_end).filter(|piece| piece.len() >= SHORTEST_RUN);
    // `key=BASE64` is one piece with what it begins with.
    pieces
        .map(|piece| piece.trim_end_matches('=').rsplit('=').next().unwrap_or(piece))
        .filter(|run| run.len() >= SHORTEST_RUN)
}

fn base64_decoded(text: &str) -> Option<String> {
    let engine = if text.contains(['-', '_']) { &URL_SAFE } else { &STANDARD };
    readable(engine.decode(text.trim_end_matches('=')).ok()?)
}

fn hexadecimal_decoded(text: &str) -> Option<String> {
    if text.len() < 2 * SHORTEST || text.len() % 2 == 1 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    let pairs = text.as_bytes().chunks_exact(2).map(|pair| std::str::from_utf8(pair).unwrap_or_default());
    readable(pairs.map(|pair| u8::from_str_radix(pair, 16).unwrap_or_default()).collect())
}

/// RFC 3986, section 2.1.
fn percent_decoded(text: &str) -> Option<String> {
    let (first, rest) = text.split_once('%')?;
    let (parts, mut bytes) = (rest.split('%'), first.as_bytes().to_vec());
    let mut is_encoded = false;
    for part in parts {
        if let Some(byte) = part.get(..2).and_then(|code| u8::from_str_radix(code, 16).ok()) {
            is_encoded = true;
            bytes.push(byte);
            bytes.extend(&part.as_bytes()[2..]);
        } else {
            bytes.push(b'%');
            bytes.extend(part.as_bytes());
        }
    }
    if is_encoded { readable(bytes) } else { None }
}

/// Bytes as text, if that is what they are.
fn readable(bytes: Vec<u8>) -> Option<String> {
    let text = String::from_utf8(bytes).ok()?;
    let is_readable = |character: char| !character.is_control() || character.is_whitespace();
    (text.len() >= 8 && text.chars().all(is_readable)).then_some(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn what_is_encoded_is_read() {
        for text in [
            "aGVsbG8sIHdvcmxkIQ==",
            "aGVsbG8sIHdvcmxkIQ",
            "aGVsbG8s\n  IHdvcmxkIQ==\n",
            "68656c6c6f2c20776f726c6421",
            "hello%2C%20world%21",
        ] {
            assert_eq!(decoded(text), ["hello, world!"], "{text}");
        }
        assert_eq!(decoded("x: aGVsbG8sIHdvcmxkISBXaG8gaXM=, y"), ["hello, world! Who is"]);
        assert_eq!(decoded("TOKEN=aGVsbG8sIHdvcmxkISBXaG8gaXM="), ["hello, world! Who is"]);
    }

    #[test]
    fn what_is_not_encoded_is_left() {
        for text in [
            "",
            "ghcr.io/acme/wildside-backend",
            "100 %",
            "5f2c9d15f2c9d15f2c9d15f2c9d15f2c9d15f2c9",
            "plain text of some length",
        ] {
            assert_eq!(decoded(text), Vec::<String>::new(), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in any::<String>()) {
            let _ = (decoded(&text), packed(&text));
        }
    }
}
