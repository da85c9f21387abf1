//! The secrets of this run, found in whatever form they come.

use std::collections::{BTreeMap, HashMap};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD_NO_PAD, URL_SAFE_NO_PAD};

use super::Kind;
use super::words::is_wording;
use crate::domain::hexadecimal::hexadecimal;

/// What is shorter is found in texts that have nothing to do with it.
const SHORTEST: usize = 8;
/// A line of a secret of several counts from this length on: shorter ones are what every such secret has.
const SHORTEST_LINE: usize = 16;
/// How many bits of a text's bytes are looked up before the bytes are.
const BITS: u32 = 16;
/// Who logs in where only the password counts, by the word of the forges.
const EVERYBODY: [&str; 4] = ["x-access-token", "x-token-auth", "gitlab-ci-token", "x-oauth-basic"];

/// The secrets that a run knows, ready to be looked for.
#[derive(Default)]
pub struct Known {
    forms: HashMap<u64, Vec<(Vec<u8>, Kind)>>,
    /// Which beginnings there are, by some bits of them: most places of a text are passed by one look at this.
    beginnings: Vec<u64>,
}

impl Known {
    /// Takes secrets, each whole and line by line, and all that they may be written as.
    pub fn new<'a>(secrets: impl IntoIterator<Item = &'a str>) -> Self {
        Self::of(secrets.into_iter().map(|secret| (secret, Kind::Known)))
    }

    /// Takes secrets, and what each is known as. What is known twice is known as the worse.
    pub fn of<'a>(secrets: impl IntoIterator<Item = (&'a str, Kind)>) -> Self {
        let mut forms: BTreeMap<Vec<u8>, Kind> = BTreeMap::new();
        for (secret, kind) in secrets {
            let secret = secret.trim();
            let lines = secret.lines().map(str::trim).filter(|line| line.len() < secret.len());
            let lines = lines.filter(|line| line.len() >= SHORTEST_LINE && !is_wording(line));
            let lines = lines.chain(secret.lines().filter_map(assigned));
            for text in lines.chain([secret]).filter(|text| text.len() >= SHORTEST && !EVERYBODY.contains(text)) {
                for form in forms_of(text) {
                    let known = forms.entry(form).or_insert_with(|| kind.clone());
                    *known = kind.clone().min(known.clone());
                }
            }
        }
        let mut known = Self { forms: HashMap::new(), beginnings: vec![0; 1 << (BITS - 6)] };
        for (form, kind) in forms {
            let Some(beginning) = beginning(&form) else { continue };
            let (word, bit) = place(beginning);
            known.beginnings[word] |= bit;
            known.forms.entry(beginning).or_default().push((form, kind));
        }
        known
    }

    /// Where in a text one of them stands: the bytes at which each begins.
    #[must_use]
    pub fn find(&self, text: &str) -> Vec<usize> {
        self.each(text).into_iter().map(|(at, _)| at).collect()
    }

    /// The worst that there is in a text.
    pub(super) fn kind_of(&self, text: &str) -> Option<Kind> {
        self.each(text).into_iter().map(|(_, kind)| kind).min().cloned()
    }

    /// Where each stands in a text, and what it is known as.
    pub(super) fn each(&self, text: &str) -> Vec<(usize, &Kind)> {
        if self.forms.is_empty() {
            return Vec::new();
        }
        let mut found = Vec::new();
        let mut next = 0;
        for (at, bytes) in text.as_bytes().windows(SHORTEST).enumerate() {
            let Some(beginning) = beginning(bytes) else { continue };
            let (word, bit) = place(beginning);
            if at < next || self.beginnings[word] & bit == 0 {
                continue;
            }
            let forms = self.forms.get(&beginning).into_iter().flatten();
            let here = forms.filter(|(form, _)| text.as_bytes()[at..].starts_with(form));
            if let Some((form, kind)) = here.max_by_key(|(form, _)| form.len()) {
                next = at + form.len();
                found.push((at, kind));
            }
        }
        found
    }
}

/// What stands behind the first `=` or `:` of a line, unless that is words or an address.
fn assigned(line: &str) -> Option<&str> {
    let (_, value) = line.split_once(['=', ':'])?;
    let value = value.trim_matches([' ', '\t', '"', '\'', ',']);
    (value.len() >= SHORTEST && !is_wording(value) && !value.contains("//")).then_some(value)
}

fn beginning(bytes: &[u8]) -> Option<u64> {
    bytes.first_chunk().map(|bytes| u64::from_le_bytes(*bytes))
}

/// The bit that stands for a beginning.
fn place(beginning: u64) -> (usize, u64) {
    // Fibonacci hashing: <https://en.wikipedia.org/wiki/Hash_function#Fibonacci_hashing>
    let hash = beginning.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - BITS);
    (usize::try_from(hash >> 6).unwrap_or_default(), 1 << (hash & 63))
}

/// A text as it is, and in every form in which it is still to be read.
fn forms_of(text: &str) -> Vec<Vec<u8>> {
    let bytes = text.as_bytes();
    let hexadecimal = hexadecimal(bytes);
    let json = serde_json::Value::from(text).to_string();
    let json = json.trim_matches('"');
    let mut forms = vec![text.to_owned(), json.to_owned(), json.replace('/', "\\/"), text.replace('\'', "''")];
    forms.extend([hexadecimal.to_uppercase(), hexadecimal]);
    for kept in ["-._~", "-._~!$&'()*+,;=:@/?", ""] {
        let percent = percent_encoded(bytes, kept);
        forms.extend([percent.replace("%20", "+"), lower_percent(&percent), percent]);
    }
    for before in 0..3 {
        forms.push(aligned(&STANDARD_NO_PAD.encode([&[0; 3][..before], bytes].concat()), before, bytes.len()));
        forms.push(aligned(&URL_SAFE_NO_PAD.encode([&[0; 3][..before], bytes].concat()), before, bytes.len()));
    }
    forms.into_iter().map(String::into_bytes).collect()
}

/// The characters of Base64 that depend on nothing but the secret, which `before` bytes stand in front of.
fn aligned(encoded: &str, before: usize, length: usize) -> String {
    encoded[(8 * before).div_ceil(6)..8 * (before + length) / 6].to_owned()
}

/// RFC 3986, section 2.1, but for letters, digits and what is `kept`.
fn percent_encoded(bytes: &[u8], kept: &str) -> String {
    let encode = |&byte: &u8| match char::from(byte) {
        character if character.is_ascii_alphanumeric() || kept.contains(character) => character.to_string(),
        _ => format!("%{byte:02X}"),
    };
    bytes.iter().map(encode).collect()
}

fn lower_percent(text: &str) -> String {
    let mut parts = text.split('%');
    let first = parts.next().unwrap_or_default().to_owned();
    parts.fold(first, |whole, part| {
        let (code, rest) = part.split_at(part.len().min(2));
        whole + "%" + &code.to_lowercase() + rest
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use base64::engine::general_purpose::{STANDARD, URL_SAFE};
    use proptest::prelude::*;

    const SECRET: &str = "hush+/\"hush\"-q9Z?";

    fn finds(known: &Known, text: &str) -> bool {
        !known.find(text).is_empty()
    }

    #[test]
    fn a_secret_is_found_as_it_is_and_in_other_forms() {
        let known = Known::new([SECRET]);
        for (text, at) in [(SECRET.to_owned(), 0), (format!("a: {SECRET} b"), 3)] {
            assert_eq!(known.find(&text), [at]);
        }
        for text in [
            serde_json::to_string(SECRET).unwrap(),
            hexadecimal(SECRET.as_bytes()),
            "hush%2B%2F%22hush%22-q9Z%3F".to_owned(),
            "hush%2b%2f%22hush%22-q9Z%3f".to_owned(),
            "hush%2B%2F%22hush%22%2Dq9Z%3F".to_owned(),
        ] {
            assert!(finds(&known, &format!("value={text};")), "{text}");
        }
        assert!(!finds(&known, "hush+/\"hush\"-q9Z"));
    }

    #[test]
    fn what_is_short_or_everybodys_is_not_looked_for() {
        assert!(!finds(&Known::new(["secrets"]), "secrets"));
        assert!(!finds(&Known::new(["x-access-token"]), "x-access-token"));
        assert!(!finds(&Known::default(), "anything at all"));
    }

    #[test]
    fn each_line_of_a_secret_is_looked_for_unless_it_is_mere_words() {
        let known =
            Known::new(["-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAABG5v\nend of the whole file\n"]);
        assert!(finds(&known, "x: b3BlbnNzaC1rZXktdjEAAAAABG5v"));
        assert!(!finds(&known, "end of the whole file"));
    }

    #[test]
    fn what_a_line_of_a_secret_assigns_is_looked_for() {
        for secret in ["A=1\nDB=q9Zr-kk31\n", "{\n  \"DB\": \"q9Zr-kk31\",\n}", "admin:q9Zr-kk31"] {
            assert!(finds(&Known::new([secret]), "note: q9Zr-kk31"), "{secret}");
        }
        assert!(!finds(&Known::new(["user: somebody\nkey=q9Zr-kk31"]), "a: somebody"));
    }

    proptest! {
        #[test]
        fn base64_of_a_secret_is_found_wherever_it_stands(
            before in "[a-z]{0,5}", secret in "[!-~]{8,40}", after in "[ -~]{0,5}",
        ) {
            let known = Known::new([secret.as_str()]);
            let whole = format!("{before}{secret}{after}");
            prop_assert!(finds(&known, &STANDARD.encode(&whole)));
            prop_assert!(finds(&known, &URL_SAFE.encode(&whole)));
            prop_assert!(finds(&known, &whole));
        }
    }
}
