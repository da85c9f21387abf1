//! What is found wrong with the manifests of an overlay before it is committed.

pub mod build;
pub mod chart;
pub mod closure;
pub mod difference;
pub mod policy;
pub mod schema;

use std::borrow::Cow;
use std::fmt;

use serde_json::Value;

use super::configuration::Strictness;
use super::path::RepoPath;
use super::yaml;

/// One object of Kubernetes, as kustomize or helm rendered it.
#[derive(Debug, Clone, PartialEq)]
pub struct Manifest {
    /// What it says.
    pub object: Value,
    /// The file that it comes from, where that is known.
    pub origin: Option<RepoPath>,
}

impl Manifest {
    /// Its kind; blank when it states none.
    #[must_use]
    pub fn kind(&self) -> &str {
        self.text("/kind")
    }

    /// Its group and version; blank when it states none.
    #[must_use]
    pub fn api_version(&self) -> &str {
        self.text("/apiVersion")
    }

    /// Its name; blank when it states none.
    #[must_use]
    pub fn name(&self) -> &str {
        self.text("/metadata/name")
    }

    /// Its namespace; blank when it states none.
    #[must_use]
    pub fn namespace(&self) -> &str {
        self.text("/metadata/namespace")
    }

    /// Kind and name, for messages: ``Deployment `web` ``.
    #[must_use]
    pub fn title(&self) -> String {
        format!("{} `{}`", self.kind(), self.name())
    }

    /// The objects in it, if it is a list, such as `v1 List`; otherwise itself.
    #[must_use]
    pub fn unfolded(&self) -> Vec<Cow<'_, Self>> {
        let items = self.object.get("items").and_then(Value::as_array).filter(|_| self.kind().ends_with("List"));
        let Some(items) = items else { return vec![Cow::Borrowed(self)] };
        let items = items.iter().map(|item| Self { object: item.clone(), origin: self.origin.clone() });
        items
            .flat_map(|item| item.unfolded().into_iter().map(|part| Cow::Owned(part.into_owned())).collect::<Vec<_>>())
            .collect()
    }

    fn text(&self, pointer: &str) -> &str {
        self.object.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
    }
}

/// What is checked before a commit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Check {
    /// That the configuration and base can be used.
    Root,
    /// That the overlay builds.
    Build,
    /// That every line of the roster leads to something.
    Roster,
    /// That the whole roster builds.
    RosterBuild,
    /// That the chart templates with the values.
    Chart,
    /// That all is valid for Kubernetes and the CRDs.
    Schemas,
    /// That the policies have nothing to say.
    Policies,
    /// That the images are there.
    Images,
    /// That nothing looks like a secret.
    Secrets,
}

impl Check {
    /// The key in `checks:`, or `root` and `secrets`, which are always made.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::Root => "root",
            Self::Build => "build",
            Self::Roster => "roster",
            Self::RosterBuild => "roster-build",
            Self::Chart => "chart",
            Self::Schemas => "schemas",
            Self::Policies => "policies",
            Self::Images => "images",
            Self::Secrets => "secrets",
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.word())
    }
}

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// It is told.
    Warning,
    /// Nothing is committed.
    Refusal,
}

impl Severity {
    /// How much it matters where a check is that strict; nothing where it is off.
    #[must_use]
    pub fn under(self, strictness: Strictness) -> Option<Self> {
        match strictness {
            Strictness::Off => None,
            Strictness::Warn => Some(Self::Warning),
            Strictness::Require => Some(self),
        }
    }
}

/// Where something is wrong.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Place {
    /// The file.
    pub file: RepoPath,
    /// The line, from 1, where it is known.
    pub line: Option<usize>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Finding {
    /// Which check.
    pub check: Check,
    /// How much it matters.
    pub severity: Severity,
    /// The overlay that it is about.
    pub overlay: RepoPath,
    /// Where it is, where that is known.
    pub place: Option<Place>,
    /// The object that it is about: its kind and name.
    pub object: Option<String>,
    /// What is wrong, in the words of the tool that found it.
    pub message: String,
}

impl Finding {
    /// What is wrong with one manifest of an overlay. Its place is the file that the manifest is from.
    #[must_use]
    pub fn about(manifest: &Manifest, overlay: &RepoPath, check: Check, severity: Severity, message: String) -> Self {
        let place = manifest.origin.clone().map(|file| Place { file, line: None });
        Self { check, severity, overlay: overlay.clone(), place, object: Some(manifest.title()), message }
    }

    /// The finding where its check is that strict; nothing where it is off.
    #[must_use]
    pub fn under(self, strictness: Strictness) -> Option<Self> {
        let severity = self.severity.under(strictness)?;
        Some(Self { severity, ..self })
    }
}

impl Finding {
    /// What is wrong with which object, for where its place is shown already.
    #[must_use]
    pub fn without_place(&self) -> String {
        let Self { check, object, message, .. } = self;
        match object.as_ref().filter(|object| !message.starts_with(object.as_str())) {
            Some(object) => format!("{object}: {message} ({check})"),
            None => format!("{message} ({check})"),
        }
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.place {
            Some(place) => write!(formatter, "{place}: {}", self.without_place()),
            None => write!(formatter, "{}: {}", self.overlay, self.without_place()),
        }
    }
}

impl Place {
    /// The file as a whole.
    #[must_use]
    pub fn file(file: RepoPath) -> Self {
        Self { file, line: None }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            Some(line) => write!(formatter, "{}:{line}", self.file),
            None => write!(formatter, "{}", self.file),
        }
    }
}

/// The line of a file that an object of it begins in, from 1: of several documents, the one of that kind and name.
#[must_use]
pub fn line_of(text: &str, kind: &str, name: &str) -> Option<usize> {
    let mut start = 1;
    for document in text.split_inclusive('\n').collect::<Vec<_>>().split(|line| line.trim_end() == "---") {
        let whole: String = document.concat();
        let objects = yaml::parse_all(&whole).unwrap_or_default();
        let is_meant = |object: &Value| {
            object.get("kind").and_then(Value::as_str) == Some(kind)
                && object.pointer("/metadata/name").and_then(Value::as_str) == Some(name)
        };
        if objects.iter().any(is_meant) {
            let is_content = |line: &&str| !line.trim().is_empty() && !line.starts_with(['#', '%']);
            return Some(start + document.iter().position(is_content).unwrap_or_default());
        }
        start += document.len() + 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_object_is_found_where_it_begins() {
        let text = "# x\n---\n# y\nkind: A\nmetadata: {name: a}\n---\n\nkind: B\nmetadata:\n  name: b\n";
        assert_eq!(line_of(text, "A", "a"), Some(4));
        assert_eq!(line_of(text, "B", "b"), Some(8));
        assert_eq!(line_of(text, "B", "a"), None);
        assert_eq!(line_of("{{ if x }}\nkind: A", "A", "a"), None);
    }
}
