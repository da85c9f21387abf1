//! Reads GraphQL documents: operations, fragments, arguments, variables; no directives.

use std::collections::BTreeMap;
use std::vec::IntoIter;

use serde_json::Value;

use super::Invalid;
use super::lexer::{Position, Token, parse_error, tokens};

/// Whether an operation only looks.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OperationKind {
    Query,
    Mutation,
}

/// Everything in one request's text.
#[derive(Debug, Default)]
pub(super) struct Document {
    pub(super) operations: Vec<Operation>,
    pub(super) fragments: BTreeMap<String, Fragment>,
}

/// One query or mutation.
#[derive(Debug)]
pub(super) struct Operation {
    pub(super) kind: OperationKind,
    pub(super) name: Option<String>,
    pub(super) variables: Vec<Variable>,
    pub(super) selections: Vec<Selection>,
}

/// A variable as it is declared.
#[derive(Debug)]
pub(super) struct Variable {
    pub(super) name: String,
    /// As it was written: `Int!`, `[String!]`.
    pub(super) type_name: String,
    pub(super) default: Option<Literal>,
}

/// Selections that hold for one type.
#[derive(Debug)]
pub(super) struct Fragment {
    /// None for an inline fragment without a condition.
    pub(super) condition: Option<String>,
    pub(super) selections: Vec<Selection>,
}

/// What is wanted of an object.
#[derive(Debug)]
pub(super) enum Selection {
    Field(Field),
    Inline(Fragment),
    Spread(String),
}

/// A field that is wanted.
#[derive(Debug)]
pub(super) struct Field {
    /// What it is called in the answer.
    pub(super) key: String,
    pub(super) name: String,
    pub(super) arguments: Vec<(String, Literal)>,
    pub(super) selections: Vec<Selection>,
    pub(super) position: Position,
}

/// A value in the text; names of enums are strings.
#[derive(Debug)]
pub(super) enum Literal {
    Value(Value),
    Variable(String),
    List(Vec<Literal>),
    Object(Vec<(String, Literal)>),
}

/// Reads a document.
pub(super) fn parse(text: &str) -> Result<Document, Invalid> {
    let mut parser = Parser::new(tokens(text)?);
    let mut document = Document::default();
    while parser.token != Token::End {
        if parser.accept_name("fragment") {
            let name = parser.name()?;
            parser.expect_name("on")?;
            let condition = Some(parser.name()?);
            let selections = parser.selections()?;
            document.fragments.insert(name, Fragment { condition, selections });
        } else {
            document.operations.push(parser.operation()?);
        }
    }
    Ok(document)
}

struct Parser {
    token: Token,
    position: Position,
    rest: IntoIter<(Token, Position)>,
}

impl Parser {
    fn new(tokens: Vec<(Token, Position)>) -> Self {
        let mut parser =
            Self { token: Token::End, position: Position { line: 1, column: 1 }, rest: tokens.into_iter() };
        parser.advance();
        parser
    }

    fn operation(&mut self) -> Result<Operation, Invalid> {
        let kind = if self.accept_name("mutation") {
            OperationKind::Mutation
        } else if self.accept_name("query") || self.token == Token::Sign('{') {
            OperationKind::Query
        } else {
            return Err(self.unexpected());
        };
        let name = if let Token::Name(_) = self.token { Some(self.name()?) } else { None };
        let variables = self.many_between('(', ')', Self::variable)?;
        Ok(Operation { kind, name, variables, selections: self.selections()? })
    }

    fn variable(&mut self) -> Result<Variable, Invalid> {
        self.expect('$')?;
        let name = self.name()?;
        self.expect(':')?;
        let type_name = self.type_name()?;
        let default = if self.accept('=') { Some(self.literal()?) } else { None };
        Ok(Variable { name, type_name, default })
    }

    fn type_name(&mut self) -> Result<String, Invalid> {
        let mut name = if self.accept('[') {
            let element = self.type_name()?;
            self.expect(']')?;
            format!("[{element}]")
        } else {
            self.name()?
        };
        if self.accept('!') {
            name.push('!');
        }
        Ok(name)
    }

    fn selections(&mut self) -> Result<Vec<Selection>, Invalid> {
        if self.token != Token::Sign('{') {
            return Err(self.unexpected());
        }
        self.many_between('{', '}', Self::selection)
    }

    fn selection(&mut self) -> Result<Selection, Invalid> {
        if self.token != Token::Spread {
            return Ok(Selection::Field(self.field()?));
        }
        self.advance();
        if self.accept_name("on") {
            let condition = Some(self.name()?);
            Ok(Selection::Inline(Fragment { condition, selections: self.selections()? }))
        } else if self.token == Token::Sign('{') {
            Ok(Selection::Inline(Fragment { condition: None, selections: self.selections()? }))
        } else {
            Ok(Selection::Spread(self.name()?))
        }
    }

    fn field(&mut self) -> Result<Field, Invalid> {
        let position = self.position;
        let key = self.name()?;
        let name = if self.accept(':') { self.name()? } else { key.clone() };
        let arguments = self.many_between('(', ')', Self::argument)?;
        let selections = self.many_between('{', '}', Self::selection)?;
        Ok(Field { key, name, arguments, selections, position })
    }

    fn argument(&mut self) -> Result<(String, Literal), Invalid> {
        let name = self.name()?;
        self.expect(':')?;
        Ok((name, self.literal()?))
    }

    fn literal(&mut self) -> Result<Literal, Invalid> {
        if self.accept('$') {
            return Ok(Literal::Variable(self.name()?));
        }
        match &self.token {
            Token::Sign('[') => Ok(Literal::List(self.any_between('[', ']', Self::literal)?)),
            Token::Sign('{') => Ok(Literal::Object(self.any_between('{', '}', Self::argument)?)),
            Token::Literal(value) => {
                let value = value.clone();
                self.advance();
                Ok(Literal::Value(value))
            }
            _ => Ok(Literal::Value(match self.name()?.as_str() {
                "true" => Value::Bool(true),
                "false" => Value::Bool(false),
                "null" => Value::Null,
                name => name.into(),
            })),
        }
    }

    /// One or more of something between two signs; none if the first sign is not there.
    fn many_between<T>(
        &mut self,
        open: char,
        close: char,
        one: fn(&mut Self) -> Result<T, Invalid>,
    ) -> Result<Vec<T>, Invalid> {
        if self.token != Token::Sign(open) {
            return Ok(Vec::new());
        }
        let many = self.any_between(open, close, one)?;
        if many.is_empty() { Err(self.unexpected()) } else { Ok(many) }
    }

    fn any_between<T>(
        &mut self,
        open: char,
        close: char,
        one: fn(&mut Self) -> Result<T, Invalid>,
    ) -> Result<Vec<T>, Invalid> {
        self.expect(open)?;
        let mut any = Vec::new();
        while !self.accept(close) {
            any.push(one(self)?);
        }
        Ok(any)
    }

    fn name(&mut self) -> Result<String, Invalid> {
        let Token::Name(name) = &self.token else {
            return Err(self.unexpected());
        };
        let name = name.clone();
        self.advance();
        Ok(name)
    }

    fn expect_name(&mut self, name: &str) -> Result<(), Invalid> {
        if self.accept_name(name) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn accept_name(&mut self, name: &str) -> bool {
        let found = matches!(&self.token, Token::Name(found) if found == name);
        if found {
            self.advance();
        }
        found
    }

    fn expect(&mut self, sign: char) -> Result<(), Invalid> {
        if self.accept(sign) { Ok(()) } else { Err(self.unexpected()) }
    }

    fn accept(&mut self, sign: char) -> bool {
        let found = self.token == Token::Sign(sign);
        if found {
            self.advance();
        }
        found
    }

    fn advance(&mut self) {
        if let Some((token, position)) = self.rest.next() {
            (self.token, self.position) = (token, position);
        }
    }

    fn unexpected(&self) -> Invalid {
        let what = match &self.token {
            Token::Name(name) => format!("{name:?}"),
            Token::Literal(value) => value.to_string(),
            Token::Sign('@') => "a directive, which the emulator does not know,".to_owned(),
            Token::Sign(sign) => format!("{:?}", sign.to_string()),
            Token::Spread => "\"...\"".to_owned(),
            Token::End => "the end".to_owned(),
        };
        parse_error(&what, self.position)
    }
}
