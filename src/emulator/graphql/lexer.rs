//! The words of a GraphQL document (October 2021 edition, section 2.1).

use serde_json::{Number, Value};

use super::Invalid;

/// A place in a document, both counted from one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Position {
    pub(super) line: usize,
    pub(super) column: usize,
}

/// A word or sign.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Token {
    Name(String),
    /// A number or a string.
    Literal(Value),
    Sign(char),
    /// `...`
    Spread,
    End,
}

/// Splits a document into its tokens; the last one is the end.
pub(super) fn tokens(text: &str) -> Result<Vec<(Token, Position)>, Invalid> {
    let mut lexer = Lexer { rest: text, position: Position { line: 1, column: 1 } };
    let mut tokens = Vec::new();
    loop {
        lexer.skip_ignored();
        let position = lexer.position;
        let token = lexer.token()?;
        let ended = token == Token::End;
        tokens.push((token, position));
        if ended {
            return Ok(tokens);
        }
    }
}

/// The error for something unexpected at a place.
pub(super) fn parse_error(what: &str, position: Position) -> Invalid {
    let Position { line, column } = position;
    Invalid::new(format!("Parse error on {what} at [{line}, {column}]"))
        .with("locations", serde_json::json!([{"line": line, "column": column}]))
}

struct Lexer<'a> {
    rest: &'a str,
    position: Position,
}

impl<'a> Lexer<'a> {
    fn skip_ignored(&mut self) {
        loop {
            if self.rest.starts_with('#') {
                self.take_while(|character| character != '\n');
            } else if self.rest.starts_with(is_ignored) {
                self.take_while(is_ignored);
            } else {
                return;
            }
        }
    }

    fn token(&mut self) -> Result<Token, Invalid> {
        let Some(first) = self.rest.chars().next() else {
            return Ok(Token::End);
        };
        if self.rest.starts_with("...") {
            self.take(3);
            Ok(Token::Spread)
        } else if is_name_start(first) {
            Ok(Token::Name(
                self.take_while(|character| is_name_start(character) || character.is_ascii_digit()).to_owned(),
            ))
        } else if first == '-' || first.is_ascii_digit() {
            self.number()
        } else if first == '"' {
            self.string()
        } else if "{}()[]:!=$@".contains(first) {
            self.take(1);
            Ok(Token::Sign(first))
        } else {
            Err(parse_error(&format!("{first:?}"), self.position))
        }
    }

    fn number(&mut self) -> Result<Token, Invalid> {
        let position = self.position;
        let text = self.take_while(|character| character.is_ascii_digit() || "+-.eE".contains(character));
        let number = text.parse::<Number>().map_err(|_| parse_error(&format!("{text:?}"), position))?;
        Ok(Token::Literal(Value::Number(number)))
    }

    fn string(&mut self) -> Result<Token, Invalid> {
        let position = self.position;
        if self.rest.starts_with("\"\"\"") {
            return Err(parse_error("a block string, which the emulator does not know,", position));
        }
        // Escapes are those of JSON, so that JSON can read what was found to be a whole string.
        let mut escaped = false;
        let end = self.rest.char_indices().skip(1).find(|(_, character)| {
            let ends = *character == '"' && !escaped;
            escaped = *character == '\\' && !escaped;
            ends
        });
        let (end, _) = end.ok_or_else(|| parse_error("an unterminated string", position))?;
        let text = self.take(end + 1);
        serde_json::from_str(text).map(Token::Literal).map_err(|_| parse_error(text, position))
    }

    fn take_while(&mut self, wanted: impl Fn(char) -> bool) -> &'a str {
        let end = self.rest.find(|character| !wanted(character)).unwrap_or(self.rest.len());
        self.take(end)
    }

    fn take(&mut self, bytes: usize) -> &'a str {
        let (taken, rest) = self.rest.split_at(bytes);
        self.rest = rest;
        for character in taken.chars() {
            if character == '\n' {
                self.position = Position { line: self.position.line + 1, column: 1 };
            } else {
                self.position.column += 1;
            }
        }
        taken
    }
}

fn is_ignored(character: char) -> bool {
    character.is_whitespace() || character == ',' || character == '\u{feff}'
}

fn is_name_start(character: char) -> bool {
    character == '_' || character.is_ascii_alphabetic()
}
