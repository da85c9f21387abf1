//! What is plain language, an example or a stand-in, and so no secret.

/// What stands in the examples of manuals and charts, in lower case.
const EXAMPLES: [&str; 14] = [
    "example",
    "changeme",
    "change-me",
    "change_me",
    "placeholder",
    "redacted",
    "your-",
    "your_",
    "yourpassword",
    "insert-",
    "replace-me",
    "replaceme",
    "not-a-secret",
    "dummy",
];
/// So few different characters are no secret: `xxxxxxxx`, `********`, `12121212`.
const FEW: usize = 4;

/// Whether a text is made of words alone: letters, with nothing but blanks and punctuation of prose between them.
#[must_use]
pub fn is_wording(text: &str) -> bool {
    let parts = text.split(|character: char| !character.is_ascii_alphanumeric());
    let is_word = |part: &str| {
        let rest = part.get(1..).unwrap_or_default();
        part.bytes().all(|byte| byte.is_ascii_alphabetic())
            && (rest.bytes().all(|byte| byte.is_ascii_lowercase())
                || part.bytes().all(|byte| byte.is_ascii_uppercase()))
    };
    !text.contains(|character: char| character.is_ascii_punctuation() && !"-_./,:;!?'\"()".contains(character))
        && parts.filter(|part| !part.is_empty()).all(|part| part.len() <= 20 && is_word(part))
}

/// Whether a text is the path of a file: its first part is a word, and more follows.
pub(super) fn is_path(text: &str) -> bool {
    let path = ["/", "~/", "./", "../"].into_iter().find_map(|start| text.strip_prefix(start));
    let first = path.and_then(|path| path.trim_start_matches("../").split_once('/')).map(|(first, _)| first);
    !text.contains(char::is_whitespace) && first.is_some_and(|first| !first.is_empty() && is_wording(first))
}

/// Whether a text stands for a secret and is none: an example, a reference that is put in later, or something encrypted.
pub(super) fn is_stand_in(text: &str) -> bool {
    let text = text.trim();
    let is_within = |(start, end): (&str, &str)| text.starts_with(start) && text.ends_with(end);
    let pairs = [("<", ">"), ("${", "}"), ("$(", ")"), ("{{", "}}"), ("[[", "]]"), ("ENC[", "]"), ("%(", ")s")];
    pairs.into_iter().any(is_within) || is_example(text) || is_variable(text)
}

/// A text without what is put in later, and without words of examples: what is left may still be a secret.
pub(super) fn without_stand_ins(text: &str) -> String {
    let mut rest = text.to_owned();
    for (start, end) in [("{{", "}}"), ("${", "}"), ("$(", ")")] {
        while let Some(at) = rest.find(start) {
            let Some(length) = rest[at..].find(end) else { break };
            rest.replace_range(at..at + length + end.len(), " ");
        }
    }
    for example in EXAMPLES {
        while let Some(at) = rest.to_ascii_lowercase().find(example) {
            rest.replace_range(at..at + example.len(), " ");
        }
    }
    rest
}

/// Whether a text is one of those that stand in examples: by a word in it, or made of few characters again and again.
pub(super) fn is_example(text: &str) -> bool {
    let mut seen: Vec<char> = Vec::with_capacity(FEW + 1);
    for character in text.chars() {
        if !seen.contains(&character) {
            seen.push(character);
        }
        if seen.len() > FEW {
            break;
        }
    }
    if seen.len() <= FEW && text.len() >= 2 * seen.len() {
        return true;
    }
    let lower = text.to_ascii_lowercase();
    EXAMPLES.iter().any(|example| lower.contains(example))
}

/// `$NAME`, and nothing else.
fn is_variable(text: &str) -> bool {
    let name = text.strip_prefix('$');
    name.is_some_and(|name| !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_uppercase() || byte == b'_'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_told_from_what_was_made_at_random() {
        for words in [
            "previews",
            "correct horse battery",
            "cluster-secret-store",
            "Enter it, please!",
            "-----BEGIN PUBLIC KEY-----",
        ] {
            assert!(is_wording(words), "{words}");
        }
        for other in ["q9Zr", "tr0ub4dor", "aGVsbG8", "kJhGfDsA", "a=b", "AAAAABG5vbmUAAA"] {
            assert!(!is_wording(other), "{other}");
        }
    }

    #[test]
    fn a_stand_in_is_no_secret() {
        for text in [
            "",
            "xxxxxxxxxxxx",
            "<token>",
            "${TOKEN}",
            "$(TOKEN)",
            "$TOKEN",
            "{{ .Values.token }}",
            "ENC[AES256_GCM,data:x]",
            "changeme",
            "ghp_EXAMPLE1234",
            "1111222233334444",
        ] {
            assert!(is_stand_in(text), "{text}");
        }
        for text in ["hunter2x", "$ecret0word", "a${x}b1k9", "p{}rst9"] {
            assert!(!is_stand_in(text), "{text}");
        }
    }
}
