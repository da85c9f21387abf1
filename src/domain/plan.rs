//! What must change in the apps repository for the wanted to hold. Touches nothing.

mod overlay_edit;
mod roster_edit;

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;

use super::approval::Approval;
use super::expiry;
use super::names::{CommitId, PreviewName, PullRequestNumber, RepositoryName};
use super::overlay::{Ingredients, Overlay, OverlayError, PATCH, previews_directory};
use super::path::RepoPath;
use super::record::{Record, RecordError};
use super::roster::RosterError;
use roster_edit::RosterEdit;

/// The previews of a root, as far as they matter.
#[derive(Debug, Clone)]
pub struct Previews {
    /// The root.
    pub root: RepoPath,
    /// The directories that were read, by name.
    pub directories: BTreeMap<String, Directory>,
    /// The names of everything that is there.
    pub names: BTreeSet<String>,
    /// The directories that could not be read, by name, and why.
    pub unreadable: Vec<(String, String)>,
    /// The roster, where there is one: its path and text.
    pub roster: Option<(RepoPath, String)>,
}

/// What was found in a directory below `overlays/ephemeral`.
#[derive(Debug, Clone)]
pub struct Directory {
    /// The texts of the files that Bivouac knows, by name.
    pub files: BTreeMap<String, String>,
    /// What the record says.
    pub record: Result<Record, RecordError>,
}

/// One change of a file or directory.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Edit {
    /// The file is to say `after`.
    Write {
        /// The file.
        path: RepoPath,
        /// What it says now, if it is there.
        before: Option<String>,
        /// What it shall say.
        after: String,
    },
    /// The file is to go.
    RemoveFile {
        /// The file.
        path: RepoPath,
        /// What it says now.
        before: String,
    },
    /// The directory is to go, with all that is in it.
    RemoveDirectory {
        /// The directory.
        path: RepoPath,
        /// The files in it that Bivouac knows, for the diff.
        files: BTreeMap<String, String>,
    },
}

impl Edit {
    /// What is changed.
    #[must_use]
    pub fn path(&self) -> &RepoPath {
        let (Self::Write { path, .. } | Self::RemoveFile { path, .. } | Self::RemoveDirectory { path, .. }) = self;
        path
    }
}

/// What a plan comes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Change {
    /// A preview is put up.
    Created,
    /// A preview is changed.
    Updated,
    /// A preview is there already, just so.
    Unchanged,
    /// A preview is taken down.
    Removed,
    /// There was none to take down.
    Absent,
}

/// The edits that make the wanted hold.
#[derive(Debug, Clone)]
pub struct Plan {
    /// What it comes to.
    pub change: Change,
    /// In the order in which people read them; empty when nothing is to change.
    pub edits: Vec<Edit>,
    /// The record of the preview as it is afterwards, or was before it went.
    pub record: Option<Record>,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// Base can not be made a preview.
    #[error(transparent)]
    Overlay(#[from] OverlayError),
    /// The roster can not be edited.
    #[error("`{path}` can not be edited")]
    Roster {
        /// The roster.
        path: RepoPath,
        /// Why.
        source: RosterError,
    },
    /// The directory belongs to another pull request.
    #[error("`{path}` is the preview of {repository}#{number}, not of this pull request")]
    Taken {
        /// The directory.
        path: RepoPath,
        /// Whose it is.
        repository: RepositoryName,
        /// Which pull request's.
        number: PullRequestNumber,
    },
    /// Somebody has written the preview's patch anew.
    #[error("`{path}` was written anew by somebody, so that its end alone can not be put off")]
    Rewritten {
        /// The patch.
        path: RepoPath,
    },
    /// The directory was not made by Bivouac, or its record was broken.
    #[error("`{path}` is not a preview that Bivouac knows")]
    Foreign {
        /// The directory.
        path: RepoPath,
        /// What is wrong with its record.
        source: RecordError,
    },
}

/// What a preview is to become.
#[derive(Debug, Clone, Copy)]
pub struct Update<'a> {
    /// The head commit that it shall show.
    pub commit: &'a CommitId,
    /// The time.
    pub now: Timestamp,
    /// The highest generation that the pull request's comment speaks of: a removed preview's record is gone, its comment is
    /// not.
    pub told: u64,
    /// Whether its time was up, and begins anew without a push.
    pub is_renewed: bool,
    /// The approval of a fork's commit.
    pub approval: Option<&'a Approval>,
}

/// Plans a preview.
///
/// # Errors
///
/// When the directory is somebody else's, base can not be made a preview, or the roster can not be edited.
pub fn put_up(ingredients: &Ingredients<'_>, previews: &Previews, update: Update<'_>) -> Result<Plan, PlanError> {
    let identity = ingredients.identity;
    let repository = &ingredients.configuration.document().repository;
    let existing = own_directory(previews, &identity.name, repository, identity.number)?;
    let stale = previews.of(repository, identity.number).filter(|(name, _)| *name != identity.name.as_str());
    let before = existing.or_else(|| stale.clone().next().map(|(_, directory)| directory));
    let former = before.and_then(|directory| directory.record.as_ref().ok());

    let (record, overlay) = recorded(ingredients, existing, former, update)?;
    let path = previews_directory(&previews.root).join(identity.name.as_str());
    let mut edits = overlay.edits(&path, existing);
    let mut roster = RosterEdit::start(previews)?;
    for (name, directory) in stale {
        edits.push(previews.removal(name, directory));
        roster.remove(name)?;
    }
    roster.add(&identity.name)?;
    edits.extend(roster.finish(true));
    let change = match (former, edits.is_empty()) {
        (None, _) => Change::Created,
        (Some(_), true) => Change::Unchanged,
        (Some(_), false) => Change::Updated,
    };
    Ok(Plan { change, edits, record: Some(record) })
}

/// The record and the files of a preview of `commit`: as they are, if they would be the same, else of a generation of their own.
fn recorded(
    ingredients: &Ingredients<'_>,
    existing: Option<&Directory>,
    former: Option<&Record>,
    update: Update<'_>,
) -> Result<(Record, Overlay), PlanError> {
    let Update { commit, now, told, is_renewed, approval } = update;
    let expires_at = former.and_then(|record| record.expires_at);
    let is_pushed = former.is_none_or(|record| record.commit != *commit);
    let settings = &ingredients.configuration.document().preview;
    let mut record = Record {
        repository: ingredients.configuration.document().repository.clone(),
        number: ingredients.identity.number,
        commit: commit.clone(),
        generation: former.map_or(told.saturating_add(1), |record| record.generation),
        created_at: former.map_or(now, |record| record.created_at),
        expires_at: if is_pushed || is_renewed { expiry::renewed(settings, expires_at, now) } else { expires_at },
        approval: approval.cloned(),
        url: ingredients.identity.url(),
    };
    let mut overlay = ingredients.render(&record)?;
    if let Some(former) = former.filter(|_| existing.is_none_or(|directory| !directory.holds(&overlay))) {
        record.generation = former.generation.max(told).saturating_add(1);
        overlay = ingredients.render(&record)?;
    }
    Ok((record, overlay))
}

/// Plans that a pull request's preview, if it has one, lives until `end` at least, and is otherwise as it is. `told` is the
/// highest generation that the pull request's comment speaks of.
///
/// # Errors
///
/// When somebody has written its patch anew.
pub fn prolong(
    previews: &Previews,
    repository: &RepositoryName,
    number: PullRequestNumber,
    end: Timestamp,
    told: u64,
) -> Result<Plan, PlanError> {
    let Some((name, directory, former)) = previews.preview_of(repository, number) else {
        return Ok(Plan { change: Change::Absent, edits: Vec::new(), record: None });
    };
    let mut record = former.clone();
    record.expires_at = former.expires_at.max(Some(end));
    if record == *former {
        return Ok(Plan { change: Change::Unchanged, edits: Vec::new(), record: Some(record) });
    }
    record.generation = former.generation.max(told).saturating_add(1);
    let path = previews_directory(&previews.root).join(name).join(PATCH);
    let before = directory.files.get(PATCH).cloned();
    match before.as_deref().and_then(|patch| record.put_into(patch)) {
        Some(after) => {
            let edits = vec![Edit::Write { path, before, after }];
            Ok(Plan { change: Change::Updated, edits, record: Some(record) })
        }
        None => Err(PlanError::Rewritten { path }),
    }
}

/// Plans that a pull request has no preview. `name` is what its preview would be called now.
///
/// # Errors
///
/// When the directory was not made by Bivouac, or the roster can not be edited.
pub fn take_down(
    previews: &Previews,
    repository: &RepositoryName,
    number: PullRequestNumber,
    name: &PreviewName,
) -> Result<Plan, PlanError> {
    let mut edits = Vec::new();
    let mut roster = RosterEdit::start(previews)?;
    let mut record = None;
    for (directory_name, directory) in previews.of(repository, number) {
        edits.push(previews.removal(directory_name, directory));
        roster.remove(directory_name)?;
        record = directory.record.as_ref().ok().cloned();
    }
    match previews.directories.get(name.as_str()) {
        Some(_) if record.is_none() => {
            own_directory(previews, name, repository, number)?;
        }
        // An entry without its directory breaks the build of the whole roster.
        None => roster.remove(name.as_str())?,
        Some(_) => {}
    }
    let roster = roster.finish(!edits.is_empty());
    edits.extend(roster);
    let change = if edits.is_empty() { Change::Absent } else { Change::Removed };
    Ok(Plan { change, edits, record })
}

impl Previews {
    /// The directories that are this pull request's, whatever they are called.
    fn of<'a>(
        &'a self,
        repository: &'a RepositoryName,
        number: PullRequestNumber,
    ) -> impl Iterator<Item = (&'a str, &'a Directory)> + Clone {
        self.directories.iter().filter_map(move |(name, directory)| {
            let is_its = directory.record.as_ref().is_ok_and(|record| record.is_of(repository, number));
            is_its.then_some((name.as_str(), directory))
        })
    }

    /// A pull request's preview, if it has one: the name of its directory, what is in there, and the record.
    #[must_use]
    pub fn preview_of<'a>(
        &'a self,
        repository: &'a RepositoryName,
        number: PullRequestNumber,
    ) -> Option<(&'a str, &'a Directory, &'a Record)> {
        self.of(repository, number)
            .find_map(|(name, directory)| Some((name, directory, directory.record.as_ref().ok()?)))
    }

    /// The record of a pull request's preview, if it has one.
    #[must_use]
    pub fn record_of<'a>(&'a self, repository: &'a RepositoryName, number: PullRequestNumber) -> Option<&'a Record> {
        self.preview_of(repository, number).map(|(_, _, record)| record)
    }

    /// The entries of the roster that name nothing that is there, and the directories with a record that no entry names.
    ///
    /// # Errors
    ///
    /// When the roster can not be read.
    pub fn inconsistencies(&self) -> Result<(Vec<String>, Vec<String>), PlanError> {
        let roster = RosterEdit::start(self)?.roster;
        let is_absent = |name: &&str| name.parse::<PreviewName>().is_ok() && !self.names.contains(*name);
        let absent: BTreeSet<_> = roster.directories().filter(is_absent).map(str::to_owned).collect();
        let listed: BTreeSet<_> = roster.directories().collect();
        let known = self.directories.iter().filter(|(_, directory)| directory.record.is_ok());
        let unlisted = known.map(|(name, _)| name).filter(|name| !listed.contains(name.as_str())).cloned().collect();
        Ok((absent.into_iter().collect(), unlisted))
    }

    /// The edit that takes names off the roster and puts others on it, where there is one to make.
    ///
    /// # Errors
    ///
    /// When the roster can not be edited.
    pub fn relisted(
        &self,
        gone: &[&str],
        missing: &[String],
        beside_other_edits: bool,
    ) -> Result<Option<Edit>, PlanError> {
        let mut roster = RosterEdit::start(self)?;
        roster.replace(|roster| roster.without_all(gone))?;
        for name in missing {
            roster.replace(|roster| roster.with(name))?;
        }
        Ok(roster.finish(beside_other_edits))
    }

    fn removal(&self, name: &str, directory: &Directory) -> Edit {
        Edit::RemoveDirectory { path: previews_directory(&self.root).join(name), files: directory.files.clone() }
    }
}

/// The directory of that name, provided that it is this pull request's or not there.
fn own_directory<'a>(
    previews: &'a Previews,
    name: &PreviewName,
    repository: &RepositoryName,
    number: PullRequestNumber,
) -> Result<Option<&'a Directory>, PlanError> {
    let Some(directory) = previews.directories.get(name.as_str()) else { return Ok(None) };
    let path = previews_directory(&previews.root).join(name.as_str());
    match &directory.record {
        Ok(record) if record.is_of(repository, number) => Ok(Some(directory)),
        Ok(record) => Err(PlanError::Taken { path, repository: record.repository.clone(), number: record.number }),
        Err(why) => Err(PlanError::Foreign { path, source: why.clone() }),
    }
}

#[cfg(test)]
mod tests;
