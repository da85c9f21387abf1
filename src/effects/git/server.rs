//! What a server tells of itself and of its branches.
//! <https://git-scm.com/docs/gitprotocol-v2>, <https://git-scm.com/docs/gitprotocol-pack>

use git2::Oid;

use super::packets::{Fault, Packet, Packets, Request};
use crate::domain::names::BranchName;
use crate::ports::AppsError;

/// Who asks.
pub(super) const AGENT: &str = concat!("agent=bivouac/", env!("CARGO_PKG_VERSION"));
const SHA_256: Fault =
    Fault::Unsupported("it names its objects by SHA-256, which is not supported: use one that names them by SHA-1");

/// What is known of a server. Until it is asked, it is taken for one like GitHub's: one request less for nearly all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Server {
    pub(super) version: Version,
    pub(super) filters: Filters,
    /// Whether it told so itself.
    pub(super) was_asked: bool,
}

/// A version of the protocol.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Version {
    Two,
    /// Versions 0 and 1: everything of a branch, or nothing.
    Old,
}

/// What of a commit a server lets be left out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filters {
    /// Files, and the directories from some depth on.
    FilesAndDepths,
    /// Files.
    Files,
    /// Nothing: everything comes.
    None,
}

impl Default for Server {
    fn default() -> Self {
        Self { version: Version::Two, filters: Filters::FilesAndDepths, was_asked: false }
    }
}

impl Filters {
    /// What is still to be hoped for when these are refused.
    pub(super) fn fewer(self) -> Self {
        match self {
            Self::FilesAndDepths => Self::Files,
            Self::Files | Self::None => Self::None,
        }
    }

    /// The filter for the tip of a branch of which directories are read down to a depth: all of them without one.
    pub(super) fn for_directories(self, depth: Option<usize>) -> Option<String> {
        match (self, depth) {
            (Self::FilesAndDepths, Some(depth)) => Some(format!("combine:blob:none+tree:{depth}")),
            (Self::FilesAndDepths, None) | (Self::Files, _) => Some("blob:none".to_owned()),
            (Self::None, _) => None,
        }
    }
}

/// The branches of a repository.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Heads {
    pub(super) branches: Vec<(BranchName, Oid)>,
    /// The one that `HEAD` names.
    pub(super) default: Option<BranchName>,
}

impl Heads {
    /// The branch that is wanted, or the default one, and its tip.
    pub(super) fn choose(&self, wanted: Option<&BranchName>, repository: &str) -> Result<(BranchName, Oid), AppsError> {
        let repository = repository.to_owned();
        let known =
            || self.branches.iter().take(10).map(|(name, _)| format!("`{name}`")).collect::<Vec<_>>().join(", ");
        let branch = match (wanted.or(self.default.as_ref()), self.branches.as_slice()) {
            (_, []) => return Err(AppsError::Empty { repository }),
            (Some(branch), _) | (None, [(branch, _)]) => branch,
            // A guess could be wrong, and then nobody would look at the branch that was written.
            (None, _) => return Err(AppsError::NoDefaultBranch { repository, known: known() }),
        };
        let found = self.branches.iter().find(|(name, _)| name == branch);
        found.cloned().ok_or_else(|| AppsError::NoBranch { repository, branch: branch.clone(), known: known() })
    }

    /// Takes in one reference. What is no branch, or can not be written, is passed over.
    fn take(&mut self, id: &str, name: &str, points_to: Option<&str>) -> Result<(), Fault> {
        if id.len() == 64 {
            return Err(SHA_256);
        }
        let id = Oid::from_str(id).map_err(|why| Fault::Senseless(why.message().to_owned()))?;
        if name == "HEAD" {
            self.default = points_to.and_then(|name| name.strip_prefix("refs/heads/")?.parse().ok());
            if let Some(default) = &self.default {
                self.add(default.clone(), id);
            }
        } else if let Some(Ok(branch)) = name.strip_prefix("refs/heads/").map(str::parse) {
            self.add(branch, id);
        }
        Ok(())
    }

    fn add(&mut self, branch: BranchName, id: Oid) {
        if !self.branches.iter().any(|(known, _)| *known == branch) {
            self.branches.push((branch, id));
        }
    }
}

/// The question for branches: the one that is wanted, or the one that `HEAD` names; or all of them.
pub(super) fn question_for_heads(wanted: Option<&BranchName>, all: bool) -> Vec<u8> {
    let prefixes = match wanted {
        _ if all => vec!["HEAD".to_owned(), "refs/heads/".to_owned()],
        Some(branch) => vec![format!("refs/heads/{branch}")],
        None => vec!["HEAD".to_owned()],
    };
    let prefixes = prefixes.into_iter().map(|prefix| format!("ref-prefix {prefix}"));
    Request::default().lines(["command=ls-refs", AGENT]).delimiter().line("symrefs").lines(prefixes).flush().bytes()
}

/// Reads the answer to a question for branches.
pub(super) fn heads(packets: &mut Packets<'_>) -> Result<Heads, Fault> {
    let mut heads = Heads::default();
    while let Some(line) = packets.next()?.text() {
        let mut words = line.split(' ');
        let (Some(id), Some(name)) = (words.next(), words.next()) else {
            return Err(Fault::Senseless(format!("`{}` is no reference", line.escape_debug())));
        };
        heads.take(id, name, words.find_map(|word| word.strip_prefix("symref-target:")))?;
    }
    Ok(heads)
}

/// Reads what a service tells of itself; and of its branches, where it is of an old version.
pub(super) fn advertisement(packets: &mut Packets<'_>) -> Result<(Server, Heads), Fault> {
    let mut line = packets.next()?.text();
    if line.as_deref().is_some_and(|line| line.starts_with("# service=")) {
        // Over HTTP a section of its own comes first.
        while packets.next()? != Packet::Flush {}
        line = packets.next()?.text();
    }
    if line.as_deref() == Some("version 2") { version_two(packets) } else { old_version(packets, line) }
}

fn version_two(packets: &mut Packets<'_>) -> Result<(Server, Heads), Fault> {
    let mut filters = Filters::None;
    while let Some(line) = packets.next()?.text() {
        match line.split_once('=') {
            Some(("fetch", features)) if features.split(' ').any(|feature| feature == "filter") => {
                filters = Filters::FilesAndDepths;
            }
            Some(("object-format", "sha256")) => return Err(SHA_256),
            _ => {}
        }
    }
    Ok((Server { version: Version::Two, filters, was_asked: true }, Heads::default()))
}

fn old_version(packets: &mut Packets<'_>, first: Option<String>) -> Result<(Server, Heads), Fault> {
    let (mut heads, mut line) = (Heads::default(), first.filter(|line| line != "version 1"));
    if line.is_none() {
        line = packets.next()?.text();
    }
    while let Some(text) = line {
        let (reference, capabilities) = text.split_once('\0').unwrap_or((&text, ""));
        let points_to = capabilities.split(' ').find_map(|word| word.strip_prefix("symref=HEAD:"));
        match reference.split_once(' ') {
            // Nothing there yet; and where the server's own history was cut.
            Some((_, "capabilities^{}") | ("shallow", _)) => {}
            Some((id, name)) => heads.take(id, name, points_to)?,
            _ => return Err(Fault::Senseless(format!("`{}` is no reference", reference.escape_debug()))),
        }
        line = packets.next()?.text();
    }
    Ok((Server { version: Version::Old, filters: Filters::None, was_asked: true }, heads))
}

#[cfg(test)]
mod tests;
