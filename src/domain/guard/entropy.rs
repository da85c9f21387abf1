//! What was made at random, as far as one can see.
//!
//! A value is taken apart at what separates words. It counts as random when the parts that are no words have together as many
//! characters as a password needs: no letters that one could speak, no number, no word with a number behind it.

use super::words::{is_path, is_stand_in, without_stand_ins};

/// So many characters that make no words are random.
pub(super) const SHORTEST: usize = 8;
/// The shortest that is a word beyond doubt.
const SHORTEST_WORD: usize = 3;
/// The longest that is still a word, or a number.
const LONGEST_WORD: usize = 18;
/// The longest number that stands behind a word: `postgres16`, `db-2026`.
const LONGEST_NUMBER: usize = 4;
/// So many consonants in a row no word has.
const CONSONANTS: usize = 6;
/// How public things begin that look random.
const PUBLIC: [&str; 8] = [
    "ssh-ed25519 ",
    "ssh-rsa ",
    "ecdsa-sha2-",
    "sk-ssh-",
    "sk-ecdsa-",
    "age1",
    "-----BEGIN CERTIFICATE",
    "-----BEGIN PUBLIC KEY",
];

/// How digests begin, and how many digits they have: <https://github.com/opencontainers/image-spec/blob/main/descriptor.md>.
const DIGESTS: [(&str, usize); 3] = [("sha1", 40), ("sha256", 64), ("sha512", 128)];

/// Whether a value looks random, and is neither public nor a stand-in. What is beside a stand-in may be random.
pub(super) fn is_random(value: &str) -> bool {
    let whole = value.trim();
    let rest = without_stand_ins(whole);
    let value = rest.trim();
    let is_public = PUBLIC.iter().any(|start| value.starts_with(start)) || is_digest(value);
    if value.len() < SHORTEST || is_stand_in(value) || is_public {
        return false;
    }
    if is_place(whole) || is_timestamp(value) || value.parse::<f64>().is_ok() {
        return false;
    }
    let is_separator = |character: char| " -_./:,;@|{}[]\t\r\n".contains(character);
    let (words, odd): (Vec<_>, Vec<_>) = value.split(is_separator).partition(|part| is_word(part));
    // Beside what is no word, what could be one counts only if it has some letters and no number.
    let doubtful =
        words.iter().filter(|word| word.len() < SHORTEST_WORD || word.contains(|digit: char| digit.is_ascii_digit()));
    let count = |part: &str| part.chars().count();
    !odd.is_empty() && odd.iter().chain(doubtful).map(|part| count(part)).sum::<usize>() >= SHORTEST
}

/// A path, or an address without a password: those with one have a shape.
fn is_place(value: &str) -> bool {
    let is_path = is_path(value);
    let is_address = value.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    });
    (is_path || is_address) && !value.contains(char::is_whitespace)
}

/// The digest of something public, in hexadecimal digits or in Base64.
fn is_digest(value: &str) -> bool {
    DIGESTS.iter().any(|(start, digits)| {
        let rest = value.strip_prefix(start).and_then(|rest| rest.strip_prefix([':', '-']));
        rest.is_some_and(|rest| rest.len() == *digits || rest.len() == (digits / 2).div_ceil(3) * 4)
    })
}

/// RFC 3339.
fn is_timestamp(value: &str) -> bool {
    value.parse::<jiff::Timestamp>().is_ok()
}

/// Whether a part is one that a person would write: a word or several in one, a number, or a word with a number.
fn is_word(part: &str) -> bool {
    let word = part.trim_end_matches(|character: char| character.is_ascii_digit());
    let number = part.len() - word.len();
    if word.is_empty() {
        return number <= LONGEST_WORD;
    }
    if !word.bytes().all(|byte| byte.is_ascii_alphabetic()) {
        // In other scripts nobody writes tokens.
        return word.chars().all(char::is_alphabetic);
    }
    let humps = humps(word);
    let is_few = humps.len() <= 2 + word.len() / 5;
    number <= LONGEST_NUMBER && is_few && humps.iter().all(|hump| is_spoken(hump))
}

/// Letters that one could speak: not too many, and not all consonants.
fn is_spoken(letters: &str) -> bool {
    let is_vowel = |byte: u8| b"aeiouyAEIOUY".contains(&byte);
    let longest = letters.as_bytes().split(|byte| is_vowel(*byte)).map(<[u8]>::len).max().unwrap_or_default();
    let is_initials = letters.bytes().all(|byte| byte.is_ascii_uppercase()) && letters.len() <= CONSONANTS;
    letters.len() <= LONGEST_WORD && (longest < CONSONANTS || is_initials)
}

/// The words that were joined into one: `adminPassword`, `OIDCClient`.
fn humps(word: &str) -> Vec<&str> {
    let bytes = word.as_bytes();
    let is_upper = |at: usize| bytes[at].is_ascii_uppercase();
    let is_lower = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_lowercase);
    let starts = (1..bytes.len()).filter(|at| is_upper(*at) && (is_lower(at - 1) || is_lower(at + 1)));
    let mut humps = Vec::new();
    let mut last = 0;
    for start in starts {
        humps.push(&word[last..start]);
        last = start;
    }
    humps.push(&word[last..]);
    humps
}
