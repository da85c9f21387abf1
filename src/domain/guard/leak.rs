//! What was found, told by its place and never by what it says.

use std::fmt;

use crate::domain::path::RepoPath;

/// So many of what was found are named in one message.
const SHOWN: usize = 3;

/// What keeps a change from being committed: it would hold what looks like secrets.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the commit would hold what looks like a secret: {}", listed(.0))]
pub struct Leak(Vec<Found>);

impl Leak {
    /// What was found; nothing when nothing was.
    pub(super) fn of(found: Vec<Found>) -> Option<Self> {
        (!found.is_empty()).then_some(Self(found))
    }

    /// Each of them.
    #[must_use]
    pub fn found(&self) -> &[Found] {
        &self.0
    }

    /// Whether one of them is a secret beyond doubt.
    #[must_use]
    pub fn is_known(&self) -> bool {
        self.0.iter().any(|found| found.what == Kind::Known)
    }
}

/// Something that looks like a secret.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found {
    /// What it stands in.
    pub place: Place,
    /// The line, from 1, where there is one.
    pub line: Option<usize>,
    /// The keys that lead to it, as the configuration names them; nothing outside of values, such as in a comment.
    pub key: Option<String>,
    /// What it looks like.
    pub what: Kind,
}

impl Found {
    /// What was found under which key, for where its file and line are shown already.
    #[must_use]
    pub fn without_place(&self) -> String {
        self.key.as_ref().map_or_else(|| self.what.to_string(), |key| format!("`{key}`: {}", self.what))
    }
}

/// What something stands in.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Place {
    /// A file.
    File(RepoPath),
    /// The path of a file or directory, which is not told.
    Path,
    /// The message of the commit.
    Message,
}

/// What something looks like.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// It is a secret of this run: read or made by it.
    Known,
    /// It is the value of this variable, whose name tells of a secret.
    Variable(String),
    /// It has the form of the tokens of somebody.
    Shape(&'static str),
    /// It is random, and its key tells of a secret.
    Random,
    /// It is a Secret with its values.
    Manifest,
}

impl fmt::Display for Kind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Known => formatter.write_str("a secret of this run"),
            Self::Variable(name) => write!(formatter, "the value of the variable `{name}`"),
            Self::Shape(name) => formatter.write_str(name),
            Self::Random => formatter.write_str("a random value, under a key that tells of a secret"),
            Self::Manifest => formatter.write_str("a Secret with its values"),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "`{path}`"),
            Self::Path => formatter.write_str("the name of a file"),
            Self::Message => formatter.write_str("the message of the commit"),
        }
    }
}

impl fmt::Display for Found {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.place)?;
        if let Some(line) = self.line {
            write!(formatter, ", line {line}")?;
        }
        if let Some(key) = &self.key {
            write!(formatter, ", `{key}`")?;
        }
        write!(formatter, ": {}", self.what)
    }
}

fn listed(found: &[Found]) -> String {
    let shown: Vec<_> = found.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = match found.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!("; and {more} more"),
    };
    shown.join("; ") + &more
}
