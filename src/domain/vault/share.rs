//! Shares that people give by hand.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::secret::Secret;

/// Why a text is no share. It never quotes it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("share {0} is neither hexadecimal nor Base64 of at least 16 bytes")]
pub struct InvalidShare(pub usize);

/// Reads shares apart by blanks or line ends, in hexadecimal or Base64. One that stands twice is one.
///
/// # Errors
///
/// When one of them is none.
pub fn parse_shares(text: &str) -> Result<Vec<Secret>, InvalidShare> {
    let mut seen = BTreeSet::new();
    let mut shares = Vec::new();
    for (index, word) in text.split_whitespace().enumerate() {
        let bytes = hexadecimal(word).or_else(|| STANDARD.decode(word).ok());
        let bytes = bytes.filter(|bytes| bytes.len() >= 16).ok_or(InvalidShare(index + 1))?;
        let same = STANDARD.encode(bytes);
        if let (Some(share), true) = (Secret::new(&same), seen.insert(same)) {
            shares.push(share);
        }
    }
    Ok(shares)
}

fn hexadecimal(word: &str) -> Option<Vec<u8>> {
    if !word.len().is_multiple_of(2) || !word.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    (0..word.len()).step_by(2).map(|at| u8::from_str_radix(&word[at..at + 2], 16).ok()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_share_in_two_spellings_is_one() {
        let hexadecimal = "00112233445566778899aabbccddeeff01";
        let base64 = STANDARD.encode(super::hexadecimal(hexadecimal).unwrap());
        let shares = parse_shares(&format!("{hexadecimal}\r\n {} {base64}\n", hexadecimal.to_uppercase())).unwrap();
        assert_eq!(shares.iter().map(Secret::expose).collect::<Vec<_>>(), [base64]);
    }

    #[test]
    fn what_is_no_share_is_refused_and_not_quoted() {
        for (text, number) in [("hunter2!", 1), ("00112233445566778899aabbccddeeff01 abc", 2), ("AAAA", 1)] {
            let error = parse_shares(text).unwrap_err();
            assert_eq!(error, InvalidShare(number));
            assert!(!error.to_string().contains(text));
        }
        assert_eq!(parse_shares(" \n").unwrap(), []);
    }
}
