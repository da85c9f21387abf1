//! A different secret in every place that takes one, and then a search for each of them in all that the program says, writes, sends
//! and starts.

mod commands;
mod ground;
mod own;
mod troubles;
mod vault;
mod watched;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use bivouac::domain::hexadecimal::hexadecimal;

/// A secret that is nowhere but in the one place that takes it.
#[derive(Clone)]
struct Canary {
    /// The variable that takes it.
    name: &'static str,
    /// What the variable says.
    value: String,
    /// What must not be seen: of a text with lines or with names before secrets, each secret alone.
    secrets: Vec<String>,
}

impl Canary {
    /// A secret of one word.
    fn word(name: &'static str, value: &str) -> Self {
        Self { name, value: value.to_owned(), secrets: vec![value.to_owned()] }
    }

    /// A text with secrets in it.
    fn text(name: &'static str, value: &str, secrets: &[&str]) -> Self {
        Self { name, value: value.to_owned(), secrets: secrets.iter().map(|&secret| secret.to_owned()).collect() }
    }
}

/// A place that was searched, and what stands in it.
struct Place {
    name: String,
    content: Vec<u8>,
}

impl Place {
    fn new(name: impl Into<String>, content: impl Into<Vec<u8>>) -> Self {
        Self { name: name.into(), content: content.into() }
    }
}

/// The first of the places that shows one of the secrets, in whichever of its forms: which secret, and where.
fn leak(canaries: &[Canary], places: &[Place]) -> Option<String> {
    for canary in canaries {
        for form in canary.secrets.iter().flat_map(|secret| forms(secret)) {
            let found = places.iter().find(|place| contains(&place.content, form.as_bytes()));
            if let Some(place) = found {
                return Some(format!("`{}` is in {} as `{form}`", canary.name, place.name));
            }
        }
    }
    None
}

fn contains(content: &[u8], part: &[u8]) -> bool {
    content.windows(part.len()).any(|window| window == part)
}

/// What a secret looks like: as it is, in hexadecimal digits, percent-encoded, and in Base64 wherever in a longer text it begins.
fn forms(secret: &str) -> Vec<String> {
    let hexadecimal = hexadecimal(secret.as_bytes());
    let percent = secret.bytes().map(|byte| match byte {
        b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    });
    let mut forms = vec![secret.to_owned(), hexadecimal, percent.collect()];
    for before in 0..3 {
        let bytes = [&[0; 2][..before], secret.as_bytes()].concat();
        // The digits at both ends depend on what stands beside.
        let (first, last) = ((before * 8).div_ceil(6), bytes.len() * 8 / 6);
        for encoded in [STANDARD_NO_PAD.encode(&bytes), URL_SAFE_NO_PAD.encode(&bytes)] {
            forms.push(encoded[first..last].to_owned());
        }
    }
    forms
}

#[test]
fn a_secret_is_found_in_each_of_its_forms() {
    let secret = "canary/one+two";
    let canary = [Canary::word("X", secret)];
    let basic = base64::engine::general_purpose::STANDARD.encode(format!("x-access-token:{secret}"));
    for text in [
        format!("token {secret}."),
        format!("Basic {basic}"),
        base64::engine::general_purpose::STANDARD.encode(format!("{secret}:x")),
        base64::engine::general_purpose::URL_SAFE.encode(format!("ab{secret}cd")),
        "63616e6172792f6f6e652b74776f".to_owned(),
        "?q=canary%2Fone%2Btwo".to_owned(),
    ] {
        assert!(leak(&canary, &[Place::new("a place", text.as_str())]).is_some(), "{text}");
    }
    assert_eq!(leak(&canary, &[Place::new("a place", "canary/one and two")]), None);
}
