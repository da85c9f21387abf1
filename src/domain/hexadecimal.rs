//! Bytes as the digits that people and programs know them by.

use std::fmt::Write as _;

/// Two hexadecimal digits for each byte, in lower case.
#[must_use]
pub fn hexadecimal(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
