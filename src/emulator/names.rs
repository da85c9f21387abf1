//! The names of repositories, which become folders and addresses.

use std::fmt;

use super::EmulatorError;

const LONGEST_OWNER: usize = 39;
const LONGEST_NAME: usize = 100;

/// A repository's owner and name; both are safe as a path component.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct RepositoryName {
    owner: String,
    name: String,
}

impl RepositoryName {
    pub(super) fn new(owner: &str, name: &str) -> Result<Self, EmulatorError> {
        if is_owner(owner) && is_name(name) {
            Ok(Self { owner: owner.to_owned(), name: name.to_owned() })
        } else {
            Err(EmulatorError::InvalidName(format!("{owner}/{name}")))
        }
    }

    pub(super) fn owner(&self) -> &str {
        &self.owner
    }

    pub(super) fn name(&self) -> &str {
        &self.name
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}/{}", self.owner, self.name)
    }
}

fn is_owner(owner: &str) -> bool {
    (1..=LONGEST_OWNER).contains(&owner.len())
        && owner.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'))
}

fn is_name(name: &str) -> bool {
    (1..=LONGEST_NAME).contains(&name.len())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
        && !matches!(name, "." | "..")
        // The address with `.git` and the one without must not mean two repositories.
        && name.strip_suffix(".git").is_none()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_could_leave_the_folder_is_no_name() {
        for (owner, name) in [
            ("..", "x"),
            ("acme", ".."),
            ("acme", "."),
            ("acme", ""),
            ("", "x"),
            ("a/b", "x"),
            ("acme", "x.git"),
            ("acme", "%2e%2e"),
            ("acme", "a\\b"),
        ] {
            assert!(RepositoryName::new(owner, name).is_err(), "{owner}/{name}");
        }
        assert_eq!(RepositoryName::new("acme", "wild.side_1").unwrap().to_string(), "acme/wild.side_1");
    }
}
