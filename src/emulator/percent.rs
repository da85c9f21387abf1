//! Percent-encoding in paths and queries (RFC 3986, section 2.1).

use std::borrow::Cow;

/// Undoes the encoding; what is not encoded right stays as it is, and what is no UTF-8 then is replaced.
pub(super) fn decoded(text: &str) -> Cow<'_, str> {
    if !text.contains('%') {
        return Cow::Borrowed(text);
    }
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).and_then(|digits| std::str::from_utf8(digits).ok());
        let digits = digits.filter(|digits| digits.bytes().all(|digit| digit.is_ascii_hexdigit()));
        match digits.and_then(|digits| u8::from_str_radix(digits, 16).ok()) {
            Some(byte) if *first == b'%' => {
                bytes.push(byte);
                rest = &after[2..];
            }
            _ => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    Cow::Owned(String::from_utf8_lossy(&bytes).into_owned())
}

/// A text as one step of a path.
pub(super) fn encoded(text: &str) -> String {
    let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || b"-._~".contains(byte);
    let step = |byte: u8| if is_plain(&byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") };
    text.bytes().map(step).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_is_encoded_is_decoded() {
        for (text, meant) in [
            ("preview%2Fpr-7", "preview/pr-7"),
            ("100%", "100%"),
            ("%zz%+1%4", "%zz%+1%4"),
            ("%C3%A9", "é"),
            ("a+b", "a+b"),
            ("%252F", "%2F"),
        ] {
            assert_eq!(decoded(text), meant);
            assert_eq!(decoded(&encoded(meant)), meant);
        }
    }
}
