//! Patterns of schemas are written for Go's RE2: what Rust's `regex` reads differently is rewritten.

use std::iter::Peekable;
use std::str::Chars;

/// The same pattern for `regex`: `\d`, `\w`, `\s` and `\b` are about ASCII, a `[` inside a class is a character as any
/// other, and so is a `{` that begins no repetition.
pub(super) fn translate(pattern: &str) -> String {
    let mut written = String::with_capacity(pattern.len() + 16);
    let mut rest = pattern.chars().peekable();
    while let Some(character) = rest.next() {
        match character {
            '\\' => written.push_str(&escape(&mut rest, false)),
            '[' => class(&mut rest, &mut written),
            '{' => match repetition(&rest) {
                Some(length) => {
                    written.push('{');
                    written.extend(rest.by_ref().take(length));
                }
                None => written.push_str(r"\{"),
            },
            '}' => written.push_str(r"\}"),
            other => written.push(other),
        }
    }
    written
}

/// What stands after a backslash.
fn escape(rest: &mut Peekable<Chars>, is_in_class: bool) -> String {
    let Some(character) = rest.next() else { return "\\".to_owned() };
    let ascii = match character {
        'd' => "[0-9]",
        'D' => "[^0-9]",
        'w' => "[0-9A-Za-z_]",
        'W' => "[^0-9A-Za-z_]",
        's' => r"[\t\n\x0C\r ]",
        'S' => r"[^\t\n\x0C\r ]",
        'b' if !is_in_class => r"(?-u:\b)",
        'B' if !is_in_class => r"(?-u:\B)",
        'p' | 'P' | 'x' => return format!("\\{character}{}", braced(rest)),
        other if other.is_ascii_alphanumeric() => return format!("\\{other}"),
        other => return literal(other),
    };
    ascii.to_owned()
}

/// What stands in braces here, with them.
fn braced(rest: &mut Peekable<Chars>) -> String {
    let mut written = String::new();
    if rest.peek() == Some(&'{') {
        for character in rest.by_ref() {
            written.push(character);
            if character == '}' {
                break;
            }
        }
    }
    written
}

/// A class, whose `[` was read.
fn class(rest: &mut Peekable<Chars>, written: &mut String) {
    written.push('[');
    if rest.next_if_eq(&'^').is_some() {
        written.push('^');
    }
    let mut is_first = true;
    while let Some(character) = rest.next() {
        let is_several = character == '[' && rest.peek() == Some(&':')
            || character == '\\' && rest.peek().is_some_and(|escaped| "dDwWsSpP".contains(*escaped));
        match character {
            ']' if !is_first => return written.push(']'),
            '[' if is_several => {
                written.push('[');
                for character in rest.by_ref() {
                    written.push(character);
                    if character == ']' {
                        break;
                    }
                }
            }
            '\\' => written.push_str(&escape(rest, true)),
            other => written.push_str(&literal(other)),
        }
        is_first = false;
        let mut ahead = rest.clone();
        if !is_several && ahead.next() == Some('-') && ahead.peek().is_some_and(|end| *end != ']') {
            rest.next();
            written.push('-');
            match rest.next() {
                Some('\\') => written.push_str(&escape(rest, true)),
                Some(end) => written.push_str(&literal(end)),
                None => {}
            }
        }
    }
}

/// How much of a repetition follows its `{`, if it is one: `2}`, `2,}` or `2,5}`.
fn repetition(rest: &Peekable<Chars>) -> Option<usize> {
    let inside: String = rest.clone().take_while(|character| *character != '}').collect();
    let is_closed = rest.clone().nth(inside.chars().count()) == Some('}');
    let (least, most) = inside.split_once(',').unwrap_or((&inside, ""));
    let is_number = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    (is_closed && !least.is_empty() && is_number(least) && is_number(most)).then(|| inside.len() + 1)
}

fn literal(character: char) -> String {
    regex::escape(character.encode_utf8(&mut [0; 4]))
}

#[cfg(test)]
mod tests {
    use regex::Regex;

    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_in_go() {
        for (pattern, fits, does_not) in [
            ("^[[]x$", "[x", "x"),
            ("^{a}$", "{a}", "a"),
            ("^[^[]+$", "ab", "a["),
            (r"^\w+$", "a_1", "é"),
            (r"^[\w.-]+$", "a.b-c", "é"),
            (r"^[\w-.]+$", "a-b.", "/"),
            (r"^[\x41-\x43\--/]+$", "AB-/", "D"),
            (r"^\d+$", "12", "١"),
            (r"^[^\s]$", "\u{a0}", "\t"),
            (r"^\S$", "\u{a0}", " "),
            (r"^[\D]$", "١", "1"),
            (r"\bb", "éb", "ab"),
            (r"a\Bb", "ab", "a b"),
            ("^a{2}$", "aa", "a{2}"),
            ("^a{2,}$", "aaa", "a"),
            ("^a{1,2}$", "aa", "aaa"),
            ("^a{,2}$", "a{,2}", "aa"),
            ("^a{x$", "a{x", "a"),
            ("^[]a]+$", "]a", "b"),
            ("^[^]a]+$", "b", "]"),
            ("^[a&&b]+$", "a&b", "c"),
            ("^[a~~b]+$", "~", "c"),
            ("^[+--]+$", "+,-", "."),
            ("^[a-]+$", "a-", "b"),
            ("^[-a]+$", "a-", "b"),
            ("^[a-c-]+$", "abc-", "d"),
            ("^[[:alpha:]_]+$", "ab_", "1"),
            (r"^\p{Greek}\x{41}\x41\pL$", "αAAb", "aAAb"),
            (r"^\<\-\/\_$", "<-/_", "-/_"),
            (r"^[\[\]\\]+$", r"[]\", "a"),
            (r"^\$\{\w+\}$", "${a}", "$a"),
            ("^${a}|b$", "b", "a"),
            ("^(?i)[a-z]$", "B", "1"),
        ] {
            let translated = translate(pattern);
            let regex = Regex::new(&translated).unwrap_or_else(|why| panic!("{pattern} {translated}: {why}"));
            assert!(regex.is_match(fits) && !regex.is_match(does_not), "{pattern} {translated}");
        }
        for broken in ["(", "[a", "[", r"\", "a[^", r"\p{", "*", "[a-"] {
            assert!(Regex::new(&translate(broken)).is_err(), "{broken}");
        }
    }
}
