//! The workflows of an application repository, ready to use: what `bivouac init --workflows` copies.

use super::names::CommitId;

/// The workflows for pull requests from forks, which `init --workflows --forks` copies besides: file and text.
pub const FORK_FILES: [(&str, &str); 2] = [
    ("preview-fork-build.yml", include_str!("../../workflows/preview-fork-build.yml")),
    ("preview-fork.yml", include_str!("../../workflows/preview-fork.yml")),
];

/// Every other workflow: the name of its file, and its text, in which Bivouac's own actions are at [`UNRELEASED`] or at the commit of
/// the release before this one.
pub const FILES: [(&str, &str); 6] = [
    ("bootstrap-vault.yml", include_str!("../../workflows/bootstrap-vault.yml")),
    ("preview-by-hand.yml", include_str!("../../workflows/preview-by-hand.yml")),
    ("preview-command.yml", include_str!("../../workflows/preview-command.yml")),
    ("preview-sweep.yml", include_str!("../../workflows/preview-sweep.yml")),
    ("preview-teardown.yml", include_str!("../../workflows/preview-teardown.yml")),
    ("preview.yml", include_str!("../../workflows/preview.yml")),
];

/// The commit that stands for "there was no release yet", which no repository has.
pub const UNRELEASED: &str = "0000000000000000000000000000000000000000";

/// How the workflows name Bivouac's actions, up to the commit.
const OWN_ACTIONS: &str = "uses: bivouac-dev/bivouac/actions/";

/// The commit of Bivouac that a workflow runs, and the name of what was released from it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pin {
    /// The commit.
    pub commit: CommitId,
    /// Its name for people, such as `v1.2.0`.
    pub name: String,
}

/// The workflow with Bivouac's own actions at `pin`; all else stays as it is.
#[must_use]
pub fn pinned(workflow: &str, pin: &Pin) -> String {
    let at_the_pin = |line: &str| {
        let (before, rest) = line.split_once(OWN_ACTIONS)?;
        let (action, _) = rest.split_once('@')?;
        Some(format!("{before}{OWN_ACTIONS}{action}@{} # {}", pin.commit, pin.name))
    };
    workflow.lines().map(|line| at_the_pin(line).unwrap_or_else(|| line.to_owned()) + "\n").collect()
}

/// How the lines begin that a workflow has for forks alone.
const FOR_FORKS: [&str; 5] = [
    "actions: read # to fetch the images that the build",
    "contents: read # to see that the beginning of a commit's id",
    "packages: write # to push these images",
    "build-workflow: ",
    "image-timeout: ",
];

/// The workflow without what it has for forks, for a repository that refuses them: no permission is given for nothing.
#[must_use]
pub fn without_forks(workflow: &str) -> String {
    let is_for_forks = |line: &&str| FOR_FORKS.iter().any(|begins| line.trim_start().starts_with(begins));
    workflow.lines().filter(|line| !is_for_forks(line)).map(|line| line.to_owned() + "\n").collect()
}

/// Whether a workflow names no commit of Bivouac that exists.
#[must_use]
pub fn is_unreleased(workflow: &str) -> bool {
    workflow.contains(UNRELEASED)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pin() -> Pin {
        Pin { commit: "5f2c".repeat(10).parse().unwrap(), name: "v1.2.0".to_owned() }
    }

    #[test]
    fn every_workflow_runs_bivouac_at_the_pin_and_is_otherwise_the_same() {
        let of_forks = FORK_FILES.into_iter().filter(|(_, text)| text.contains(OWN_ACTIONS));
        for (name, text) in FILES.into_iter().chain(of_forks) {
            let pinned = pinned(text, &pin());
            assert!(pinned.contains(&format!("@{} # v1.2.0\n", pin().commit)), "{name}");
            assert!(!is_unreleased(&pinned), "{name}");
            let others = |text: &str| {
                text.lines().filter(|line| !line.contains(OWN_ACTIONS)).map(str::to_owned).collect::<Vec<_>>()
            };
            assert_eq!(others(&pinned), others(text), "{name}");
        }
    }

    #[test]
    fn only_the_workflow_of_commands_has_something_for_forks_alone() {
        for (name, text) in FILES {
            let (with, without) = (text.lines().count(), without_forks(text).lines().count());
            let expected = if name == "preview-command.yml" { FOR_FORKS.len() } else { 0 };
            assert_eq!(with - without, expected, "{name}");
        }
        let text = FILES.iter().find(|(name, _)| *name == "preview-command.yml").unwrap().1;
        let without = without_forks(text);
        assert!(!without.contains("fork") && without.contains("pull-requests: write"), "{without}");
    }

    #[test]
    fn the_actions_of_others_keep_their_pins() {
        let line = "      - uses: actions/checkout@11bd71901bbe5b1630ceea73d27597364c9af683 # v4.2.2\n";
        assert_eq!(pinned(line, &pin()), line);
    }
}
