//! Places in the apps repository.

use std::fmt;
use std::str::FromStr;

use super::text_type::InvalidText;

/// A path inside a Git repository, from its top: components joined by `/`, none of them `.`, `..` or `.git`.
/// The top itself is the empty path and shows as `.`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct RepoPath(String);

impl RepoPath {
    /// The top of the repository.
    #[must_use]
    pub fn top() -> Self {
        Self::default()
    }

    /// Whether this is the top of the repository.
    #[must_use]
    pub fn is_top(&self) -> bool {
        self.0.is_empty()
    }

    /// The path as Git writes it; empty for the top.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The path of `relative` below this one.
    ///
    /// `relative` may only go down; what people write in a kustomization goes through [`RepoPath::resolve`].
    #[must_use]
    pub fn join(&self, relative: &str) -> Self {
        if self.is_top() { Self(relative.to_owned()) } else { Self(format!("{}/{relative}", self.0)) }
    }

    /// The path of `below`, seen from this one.
    #[must_use]
    pub fn join_path(&self, below: &Self) -> Self {
        if below.is_top() { self.clone() } else { self.join(&below.0) }
    }

    /// Follows a relative path as written in a file of this directory, `..` and `.` included.
    /// Nothing when it leaves the repository or is no path at all.
    #[must_use]
    pub fn resolve(&self, relative: &str) -> Option<Self> {
        if relative.starts_with('/') || relative.contains(['\\', '\0']) {
            return None;
        }
        let mut components: Vec<&str> = self.components().collect();
        for component in relative.split('/') {
            match component {
                "" | "." => {}
                ".." => {
                    components.pop()?;
                }
                name => components.push(name),
            }
        }
        Some(Self(components.join("/")))
    }

    /// The directory that holds this path; nothing for the top.
    #[must_use]
    pub fn parent(&self) -> Option<Self> {
        if self.is_top() {
            return None;
        }
        Some(self.0.rsplit_once('/').map_or_else(Self::top, |(parent, _)| Self(parent.to_owned())))
    }

    /// The last component; nothing for the top.
    #[must_use]
    pub fn file_name(&self) -> Option<&str> {
        self.components().last()
    }

    /// What follows the last dot of the last component; blank when there is none.
    #[must_use]
    pub fn extension(&self) -> &str {
        self.file_name().and_then(|name| name.rsplit_once('.')).map_or("", |(_, extension)| extension)
    }

    /// The components, from the top down.
    pub fn components(&self) -> impl Iterator<Item = &str> {
        self.0.split('/').filter(|component| !component.is_empty())
    }

    /// The relative path that leads from this directory to `target`, as a kustomization writes it.
    #[must_use]
    pub fn relative(&self, target: &Self) -> String {
        let (from, to): (Vec<_>, Vec<_>) = (self.components().collect(), target.components().collect());
        let shared = from.iter().zip(&to).take_while(|(left, right)| left == right).count();
        let ups = std::iter::repeat_n("..", from.len() - shared);
        let path: Vec<_> = ups.chain(to[shared..].iter().copied()).collect();
        if path.is_empty() { ".".to_owned() } else { path.join("/") }
    }
}

impl fmt::Display for RepoPath {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(if self.is_top() { "." } else { &self.0 })
    }
}

impl FromStr for RepoPath {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let refused = || {
            InvalidText(format!(
                "`{}` is not a path in the repository: give it from the top, without `..`, such as `apps/wildside`",
                text.escape_debug()
            ))
        };
        if text.starts_with('/') || text.contains(|character: char| character == '\\' || character.is_control()) {
            return Err(refused());
        }
        let components: Vec<_> = text.split('/').filter(|component| !matches!(*component, "" | ".")).collect();
        if components.iter().any(|component| *component == ".." || component.eq_ignore_ascii_case(".git")) {
            return Err(refused());
        }
        Ok(Self(components.join("/")))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn path(text: &str) -> RepoPath {
        text.parse().unwrap()
    }

    #[test]
    fn a_path_never_leaves_the_repository() {
        for broken in ["/etc", "../x", "a/../../b", "a/.git/config", "a\\b", "a\nb"] {
            assert!(broken.parse::<RepoPath>().is_err(), "{broken}");
        }
        assert_eq!(path("./apps//wildside/"), path("apps/wildside"));
        assert_eq!(path("base").resolve("../../x"), None);
        assert_eq!(path("a/b").resolve("../c/./d"), Some(path("a/c/d")));
    }

    #[test]
    fn the_way_from_an_overlay_to_base_is_relative() {
        assert_eq!(path("overlays/ephemeral/pr-1").relative(&path("base")), "../../../base");
        assert_eq!(
            path("a/overlays/ephemeral/pr-1").relative(&path("a/components/quota")),
            "../../../components/quota"
        );
        assert_eq!(path("a").relative(&path("a")), ".");
    }

    #[test]
    fn the_top_is_shown_as_a_dot() {
        assert_eq!(path(".").to_string(), ".");
        assert_eq!(path(".").join("bivouac.yaml").as_str(), "bivouac.yaml");
        assert_eq!(path("a/b").parent(), Some(path("a")));
        assert_eq!(path("a").parent(), Some(RepoPath::top()));
    }

    #[test]
    fn what_is_no_relative_path_leads_nowhere() {
        for broken in ["/etc", "/", "a\\b", "a\0", "..", "../base"] {
            assert_eq!(RepoPath::top().resolve(broken), None, "{broken:?}");
        }
        for (relative, found) in [("", "base"), (".", "base"), ("a//b/", "base/a/b"), ("..", "."), ("../x", "x")] {
            assert_eq!(path("base").resolve(relative), Some(path(found)), "{relative:?}");
        }
    }

    #[test]
    fn a_path_ends_with_the_name_of_its_file_and_the_top_has_neither_name_nor_parent() {
        assert_eq!((path("a/b.yaml").file_name(), path("a").file_name()), (Some("b.yaml"), Some("a")));
        assert_eq!((RepoPath::top().file_name(), RepoPath::top().parent()), (None, None));
    }

    proptest! {
        #[test]
        fn the_way_from_anywhere_to_anywhere_arrives(from in "([a-c]/){0,4}", to in "([a-c]/){0,4}") {
            let (from, to) = (path(&from), path(&to));
            prop_assert_eq!(from.resolve(&from.relative(&to)), Some(to));
        }

        #[test]
        fn a_path_is_its_parent_and_its_name(text in "[a-c]{1,3}(/[a-c]{1,3}){0,4}") {
            let whole = path(&text);
            prop_assert_eq!(whole.parent().unwrap().join(whole.file_name().unwrap()), whole);
        }
    }
}
