//! What was made at random, as far as one can see.
//!
//! A value is taken apart at what separates words. It counts as random when the parts that are no words have together as many
//! characters as a password needs: no letters that one could speak, no number, no word with a number behind it.

use super::words::is_stand_in;

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
const PUBLIC: [&str; 13] = [
    "sha256:",
    "sha512:",
    "sha256-",
    "sha512-",
    "sha1:",
    "ssh-ed25519 ",
    "ssh-rsa ",
    "ecdsa-sha2-",
    "sk-ssh-",
    "sk-ecdsa-",
    "age1",
    "-----BEGIN CERTIFICATE",
    "-----BEGIN PUBLIC KEY",
];

/// Whether a value looks random, and is neither public nor a stand-in.
pub(super) fn is_random(value: &str) -> bool {
    let value = value.trim();
    let is_template = value.contains("{{") || value.contains("${") || value.contains("$(");
    if value.len() < SHORTEST
        || is_template
        || is_stand_in(value)
        || PUBLIC.iter().any(|start| value.starts_with(start))
    {
        return false;
    }
    if is_place(value) || is_timestamp(value) || value.parse::<f64>().is_ok() {
        return false;
    }
    let is_separator = |character: char| " -_./:,;@|\t\r\n".contains(character);
    let (words, odd): (Vec<_>, Vec<_>) = value.split(is_separator).partition(|part| is_word(part));
    // Beside what is no word, what could be one counts only if it has some letters and no number.
    let doubtful =
        words.iter().filter(|word| word.len() < SHORTEST_WORD || word.contains(|digit: char| digit.is_ascii_digit()));
    let count = |part: &str| part.chars().count();
    !odd.is_empty() && odd.iter().chain(doubtful).map(|part| count(part)).sum::<usize>() >= SHORTEST
}

/// A path, or an address without a password: those with one have a shape.
fn is_place(value: &str) -> bool {
    let is_path = value.starts_with(['/', '~']) || value.starts_with("./") || value.starts_with("../");
    let is_address = value.split_once("://").is_some_and(|(scheme, _)| {
        !scheme.is_empty() && scheme.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"+-.".contains(&byte))
    });
    (is_path || is_address) && !value.contains(char::is_whitespace)
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
