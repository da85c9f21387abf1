//! What the apps repository's history says of a change: a subject for people, trailers for programs.

use std::collections::BTreeSet;
use std::fmt;

use jiff::Timestamp;

use super::approval::Login;
use super::history::Told;
use super::names::{Application, CommitId, PreviewName, PullRequestNumber, RepositoryName};
use super::sweep::Going;

/// The names of the trailers: what a history is read by.
pub mod trailer {
    /// The preview: what follows is about it, up to the next one.
    pub const PREVIEW: &str = "Bivouac-Preview";
    /// The pull request, as `owner/name#number`.
    pub const PULL_REQUEST: &str = "Bivouac-Pull-Request";
    /// The head commit that the preview shows, or showed.
    pub const COMMIT: &str = "Bivouac-Commit";
    /// Whose preview.
    pub const APPLICATION: &str = "Bivouac-Application";
    /// What the commit does to the preview.
    pub const CHANGE: &str = "Bivouac-Change";
    /// The generation that the preview is at, or was.
    pub const GENERATION: &str = "Bivouac-Generation";
    /// Why it is taken down, in one word.
    pub const REASON: &str = "Bivouac-Reason";
    /// When the head commit was pushed.
    pub const PUSHED_AT: &str = "Bivouac-Pushed-At";
    /// Who approved the head commit.
    pub const APPROVED_BY: &str = "Bivouac-Approved-By";
    /// Who made the run.
    pub const BY: &str = "Bivouac-By";
    /// The page of the run.
    pub const RUN: &str = "Bivouac-Run";
}

/// Why the end of a preview was moved, as half a sentence.
pub const PROLONGED: &str = "somebody asked for a later end";

/// The message of one commit.
#[derive(Debug, Clone)]
pub struct CommitMessage<'a> {
    /// What the commit does.
    pub change: Told,
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
    /// The generation that it is at, or was.
    pub generation: Option<u64>,
    /// When that commit was pushed, where this run is the one for the push.
    pub pushed_at: Option<Timestamp>,
    /// Who approved that commit, where it needed an approval.
    pub approved_by: Option<&'a Login>,
    /// Half a sentence: why the preview is taken down, or brought up to date.
    pub because: Option<String>,
    /// Why it is taken down, in one word.
    pub reason: Option<&'static str>,
    /// Who made the run.
    pub by: Option<&'a Login>,
    /// The address of the run that made the commit.
    pub run: Option<&'a str>,
}

impl fmt::Display for CommitMessage<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (application, preview) = (self.application, self.preview);
        let at = self.commit.map_or_else(String::new, |commit| format!(" at {}", commit.short()));
        let subject = match self.change {
            Told::PutUp => format!("put up {preview}{at}"),
            Told::Updated | Told::Prolonged => format!("bring {preview} up to date{at}"),
            Told::Removed => format!("take down {preview}"),
        };
        writeln!(formatter, "preview({application}): {subject}\n")?;
        if let Some(because) = &self.because {
            writeln!(formatter, "Because {because}.\n")?;
        }
        write(formatter, trailer::PREVIEW, Some(preview))?;
        write(formatter, trailer::PULL_REQUEST, Some(format!("{}#{}", self.repository, self.number)))?;
        write(formatter, trailer::COMMIT, self.commit)?;
        write(formatter, trailer::APPLICATION, Some(application))?;
        write(formatter, trailer::CHANGE, Some(self.change.word()))?;
        write(formatter, trailer::GENERATION, self.generation)?;
        write(formatter, trailer::PUSHED_AT, self.pushed_at)?;
        write(formatter, trailer::REASON, self.reason.filter(|_| self.change == Told::Removed))?;
        write(formatter, trailer::APPROVED_BY, self.approved_by)?;
        write(formatter, trailer::BY, self.by)?;
        write(formatter, trailer::RUN, self.run)
    }
}

/// Writes a trailer, where there is something to say.
fn write(formatter: &mut fmt::Formatter<'_>, name: &str, value: Option<impl fmt::Display>) -> fmt::Result {
    value.map_or(Ok(()), |value| writeln!(formatter, "{name}: {value}"))
}

/// The message of the commit of a sweep.
#[derive(Debug, Clone)]
pub struct SweepMessage<'a> {
    /// The previews that are taken down, each with its application.
    pub removals: Vec<(&'a Application, &'a Going)>,
    /// What is put in order, as half sentences.
    pub healed: Vec<String>,
    /// The address of the run that made the commit.
    pub run: Option<&'a str>,
}

impl fmt::Display for SweepMessage<'_> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let applications: BTreeSet<_> = self.removals.iter().map(|(application, _)| application.as_str()).collect();
        let scope = match applications.first() {
            Some(only) if applications.len() == 1 => format!("({only})"),
            _ => String::new(),
        };
        let subject = match self.removals.as_slice() {
            [] => "put the list of previews in order".to_owned(),
            [(_, only)] => format!("take down {}", only.name),
            several => format!("take down {} previews", several.len()),
        };
        writeln!(formatter, "preview{scope}: {subject}\n")?;
        for (_, Going { name, reason, .. }) in &self.removals {
            writeln!(formatter, "- {name}: {}", reason.sentence())?;
        }
        for healed in &self.healed {
            writeln!(formatter, "- {healed}")?;
        }
        writeln!(formatter)?;
        for (application, Going { name, record, reason }) in &self.removals {
            write(formatter, trailer::PREVIEW, Some(name))?;
            write(formatter, trailer::PULL_REQUEST, Some(format!("{}#{}", record.repository, record.number)))?;
            write(formatter, trailer::COMMIT, Some(&record.commit))?;
            write(formatter, trailer::APPLICATION, Some(application))?;
            write(formatter, trailer::CHANGE, Some(Told::Removed.word()))?;
            write(formatter, trailer::GENERATION, Some(record.generation))?;
            write(formatter, trailer::REASON, Some(reason.word()))?;
        }
        write(formatter, trailer::RUN, self.run)
    }
}

#[cfg(test)]
mod tests;
