//! What a preview is called.

use super::names::{Host, Namespace, PreviewName, PullRequestNumber};

/// The names of one pull request's preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The pull request.
    pub number: PullRequestNumber,
    /// The preview's name, and its directory's.
    pub name: PreviewName,
    /// The namespace that everything of it is in.
    pub namespace: Namespace,
    /// The DNS name under which it is reached.
    pub host: Host,
}

impl Identity {
    /// The address for a browser.
    #[must_use]
    pub fn url(&self) -> String {
        format!("https://{}", self.host)
    }
}

/// Whether a directory of that name can be the preview of a pull request, whatever its name was made by: every name holds the
/// number, by itself.
#[must_use]
pub fn may_be_called(directory: &str, number: PullRequestNumber) -> bool {
    let number = number.to_string();
    directory.split(|character: char| !character.is_ascii_digit()).any(|digits| digits == number)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_preview_is_called_by_the_number_of_its_pull_request() {
        let table = [
            ("pr-7", true),
            ("7", true),
            ("shop-7-preview", true),
            ("v2-pr7", true),
            ("pr-17", false),
            ("pr-70", false),
            ("pr-07", false),
            ("seven", false),
            ("", false),
        ];
        for (directory, expected) in table {
            assert_eq!(may_be_called(directory, "7".parse().unwrap()), expected, "{directory}");
        }
    }
}
