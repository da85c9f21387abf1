//! What the apps repository's history says of a change: a subject for people, trailers for programs.

use std::fmt;

use super::names::{Application, CommitId, PreviewName, PullRequestNumber, RepositoryName};
use super::plan::Change;

/// The message of one commit.
#[derive(Debug, Clone)]
pub struct CommitMessage<'a> {
    /// What the commit does.
    pub change: Change,
    /// Whose preview.
    pub application: &'a Application,
    /// The preview.
    pub preview: &'a PreviewName,
    /// The application repository.
    pub repository: &'a RepositoryName,
    /// The pull request.
    pub number: PullRequestNumber,
    /// The head commit that the preview shows, or showed.
    pub commit: Option<&'a CommitId>,
    /// Half a sentence: why the preview is taken down.
    pub because: Option<String>,
    /// The address of the run that made the commit.
    pub run: Option<&'a str>,
}

impl fmt::Display for CommitMessage<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (application, preview) = (self.application, self.preview);
        let at = self.commit.map_or_else(String::new, |commit| format!(" at {}", commit.short()));
        let subject = match self.change {
            Change::Created => format!("put up {preview}{at}"),
            Change::Updated | Change::Unchanged => format!("bring {preview} up to date{at}"),
            Change::Removed | Change::Absent => format!("take down {preview}"),
        };
        writeln!(formatter, "preview({application}): {subject}\n")?;
        if let Some(because) = &self.because {
            writeln!(formatter, "Because {because}.\n")?;
        }
        writeln!(formatter, "Bivouac-Preview: {preview}")?;
        writeln!(formatter, "Bivouac-Pull-Request: {}#{}", self.repository, self.number)?;
        if let Some(commit) = self.commit {
            writeln!(formatter, "Bivouac-Commit: {commit}")?;
        }
        if let Some(run) = self.run {
            writeln!(formatter, "Bivouac-Run: {run}")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_subject_is_for_people_and_the_trailers_for_programs() {
        let commit = "5f2c9d1a".repeat(5).parse().unwrap();
        let message = CommitMessage {
            change: Change::Created,
            application: &"wildside".parse().unwrap(),
            preview: &"pr-123".parse().unwrap(),
            repository: &"acme/wildside".parse().unwrap(),
            number: "123".parse().unwrap(),
            commit: Some(&commit),
            because: None,
            run: Some("https://github.com/acme/wildside/actions/runs/1"),
        };
        insta::assert_snapshot!(message.to_string(), @"
        preview(wildside): put up pr-123 at 5f2c9d1

        Bivouac-Preview: pr-123
        Bivouac-Pull-Request: acme/wildside#123
        Bivouac-Commit: 5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a5f2c9d1a
        Bivouac-Run: https://github.com/acme/wildside/actions/runs/1
        ");
        let removed = CommitMessage {
            change: Change::Removed,
            because: Some("the pull request is merged".to_owned()),
            ..message
        };
        insta::assert_snapshot!(removed.to_string().lines().take(3).collect::<Vec<_>>().join("\n"), @"
        preview(wildside): take down pr-123

        Because the pull request is merged.
        ");
    }
}
