//! Where an escrow is kept.

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;

use crate::domain::path::RepoPath;
use crate::domain::secrecy::shown;

/// `file:PATH` on this machine, or `git:PATH` in the apps repository.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SinkAddress {
    /// A file on this machine.
    File(PathBuf),
    /// A file in the apps repository, on the branch that the apps options name.
    Git(RepoPath),
}

/// Why a text is no sink.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum InvalidSink {
    /// Neither of the kinds.
    #[error("`{0}` is no place for an escrow: write it as `file:PATH`, or `git:PATH` in the apps repository")]
    Kind(String),
    /// Not a path in a repository.
    #[error("{0}")]
    Path(String),
}

impl FromStr for SinkAddress {
    type Err = InvalidSink;

    fn from_str(text: &str) -> Result<Self, InvalidSink> {
        let wrong = || InvalidSink::Kind(shown(text));
        let (kind, path) = text.split_once(':').ok_or_else(wrong)?;
        let names_a_file = !path.is_empty() && !path.ends_with('/') && !path.contains(char::is_control);
        match kind {
            "file" if names_a_file => Ok(Self::File(PathBuf::from(path))),
            "git" if names_a_file => {
                let path = path.parse::<RepoPath>().map_err(|why| InvalidSink::Path(why.to_string()))?;
                if path.is_top() { Err(wrong()) } else { Ok(Self::Git(path)) }
            }
            _ => Err(wrong()),
        }
    }
}

impl fmt::Display for SinkAddress {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path) => write!(formatter, "file:{}", path.display()),
            Self::Git(path) => write!(formatter, "git:{path}"),
        }
    }
}
