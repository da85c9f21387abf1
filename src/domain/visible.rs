//! What is not seen in a text, or is taken for something else.

/// Whether a character turns the direction of the text around it.
/// <https://www.unicode.org/reports/tr9/#Directional_Formatting_Characters>
#[must_use]
pub fn turns_around(character: char) -> bool {
    matches!(character, '\u{61c}' | '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
}

/// The characters of somebody else's text on one line: without what turns the direction around it, and with a blank in place of
/// each control character.
pub fn in_one_line(text: &str) -> impl Iterator<Item = char> {
    let visible = text.chars().filter(|character| !turns_around(*character));
    visible.map(|character| if character.is_control() { ' ' } else { character })
}

/// The text without workflow commands of the old form, which a runner finds anywhere in a line.
#[must_use]
pub fn disarmed(text: &str) -> String {
    text.replace("##[", "# #[")
}
