//! What a sweep finds in a root: the previews that should not be there, and what is not in order.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::configuration::Configuration;
use super::decision::{Intent, Situation, Wanted, decide};
use super::names::{PullRequestNumber, RepositoryName};
use super::overlay::previews_directory;
use super::plan::{Edit, PlanError, Previews};
use super::pull_request::PullRequest;
use super::reason::Reason;
use super::record::{Record, RecordError};

/// A preview that is taken down.
#[derive(Debug, Clone)]
pub struct Going {
    /// Its directory's name.
    pub name: String,
    /// What was remembered of it.
    pub record: Record,
    /// Why it goes.
    pub reason: Reason,
}

/// Something in a root that nothing is done about.
#[derive(Debug, Clone, thiserror::Error)]
pub enum Problem {
    /// The pull request can not be read, so nobody knows whether it is closed.
    #[error("pull request {number} can not be read: {why}")]
    Unreadable {
        /// Which.
        number: PullRequestNumber,
        /// Why.
        why: String,
    },
    /// The record of a preview is broken.
    #[error("its record is broken: {0}")]
    Broken(RecordError),
    /// There is something in its directory that is not followed.
    #[error("{0}")]
    Unfit(String),
    /// The preview is of a repository that the configuration does not name.
    #[error("it is a preview of `{0}`, which `bivouac.yaml` does not name")]
    Stranger(RepositoryName),
}

/// What is put in order in the roster.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Healed {
    /// An entry had no directory: the list did not build.
    Entry(String),
    /// A preview had no entry: Flux did not see it.
    Missing(String),
}

impl std::fmt::Display for Healed {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Entry(name) => write!(formatter, "the list named `{name}`, which is not there"),
            Self::Missing(name) => write!(formatter, "the list did not name `{name}`"),
        }
    }
}

/// What a sweep of one root comes to.
#[derive(Debug, Clone, Default)]
pub struct Sweep {
    /// The previews that go, those that were put up first before the others.
    pub going: Vec<Going>,
    /// The previews that stay, by the name of their directory.
    pub staying: BTreeMap<String, Record>,
    /// What could not be decided, by the name of the directory.
    pub problems: Vec<(String, Problem)>,
    /// Directories that were not made by Bivouac.
    pub foreign: Vec<String>,
    /// What is put in order in the roster.
    pub healed: Vec<Healed>,
    /// What is to be changed, in the order in which people read it.
    pub edits: Vec<Edit>,
}

/// Why a pull request can not be read that the forge does not know.
pub const MISSING: &str = "there is no such pull request, or the token can not see it";

/// What is known of the pull requests of a repository: as they are now, or why they can not be read.
pub type Survey = BTreeMap<PullRequestNumber, Result<PullRequest, String>>;

/// Decides over every preview of a root.
///
/// # Errors
///
/// When the roster can not be edited.
pub fn sweep(
    configuration: &Configuration,
    previews: &Previews,
    survey: &Survey,
    now: Timestamp,
) -> Result<Sweep, PlanError> {
    let mut sweep = Sweep::default();
    for (name, directory) in &previews.directories {
        match &directory.record {
            Err(error) if error.is_of_something_else() => sweep.foreign.push(name.clone()),
            Err(error) => sweep.problems.push((name.clone(), Problem::Broken(error.clone()))),
            Ok(record) => match judge(configuration, record, survey, now) {
                Ok(Some(reason)) => sweep.going.push(Going { name: name.clone(), record: record.clone(), reason }),
                Ok(None) => drop(sweep.staying.insert(name.clone(), record.clone())),
                Err(problem) => sweep.problems.push((name.clone(), problem)),
            },
        }
    }
    let unfit = previews.unreadable.iter().cloned();
    sweep.problems.extend(unfit.map(|(name, why)| (name, Problem::Unfit(why))));
    sweep.going.sort_by_key(|going| (going.record.created_at, going.record.number));
    sweep.plan(previews)?;
    Ok(sweep)
}

/// Why a preview should not be there; nothing when it should.
fn judge(
    configuration: &Configuration,
    record: &Record,
    survey: &Survey,
    now: Timestamp,
) -> Result<Option<Reason>, Problem> {
    if record.repository != configuration.document().repository {
        return Err(Problem::Stranger(record.repository.clone()));
    }
    let unreadable = |why: &str| Problem::Unreadable { number: record.number, why: why.to_owned() };
    let pull_request = match survey.get(&record.number) {
        Some(Ok(pull_request)) => pull_request,
        Some(Err(why)) => return Err(unreadable(why)),
        None => return Err(unreadable("it was not asked for")),
    };
    let settings = &configuration.document().preview;
    let situation =
        Situation { settings, pull_request, recorded: Some(record), expired: None, holders: &[], approval: None, now };
    Ok(match decide(&Intent::Sweep, &situation) {
        Wanted::NoPreview(reason) => Some(reason),
        Wanted::Preview(_) | Wanted::Prolonged(_) | Wanted::Standing(_) | Wanted::AsItIs(_) => None,
    })
}

impl Sweep {
    fn plan(&mut self, previews: &Previews) -> Result<(), PlanError> {
        let parent = previews_directory(&previews.root);
        for going in &self.going {
            self.edits.extend(
                previews
                    .directories
                    .get(&going.name)
                    .map(|found| Edit::RemoveDirectory { path: parent.join(&going.name), files: found.files.clone() }),
            );
        }
        let (listed, unlisted) = previews.inconsistencies()?;
        let gone = self.going.iter().map(|going| going.name.as_str());
        let gone: Vec<_> = gone.chain(listed.iter().map(String::as_str)).collect();
        let missing: Vec<_> = unlisted.into_iter().filter(|name| self.staying.contains_key(name)).collect();
        self.edits.extend(previews.relisted(&gone, &missing, !self.edits.is_empty())?);
        self.healed.extend(listed.iter().cloned().map(Healed::Entry));
        self.healed.extend(missing.into_iter().map(Healed::Missing));
        Ok(())
    }

    /// Whether the forge knows none of the pull requests that it was asked for: as if the token had lost its access.
    #[must_use]
    pub fn sees_nothing(&self) -> bool {
        let is_unreadable =
            |(_, problem): &(String, Problem)| matches!(problem, Problem::Unreadable { why, .. } if why == MISSING);
        self.going.is_empty() && self.staying.is_empty() && self.problems.iter().any(is_unreadable)
    }
}

#[cfg(test)]
mod tests;
