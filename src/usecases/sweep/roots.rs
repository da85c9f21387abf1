//! The roots that are swept, and what is known of the pull requests of their previews.

use std::collections::BTreeMap;

use jiff::Timestamp;

use super::Roots;
use crate::domain::configuration::{Configuration, NotSecret};
use crate::domain::filter::Filter;
use crate::domain::guard::{self, Guard};
use crate::domain::names::{PullRequestNumber, RepositoryName};
use crate::domain::overlay::previews_directory;
use crate::domain::path::RepoPath;
use crate::domain::plan::Previews;
use crate::domain::pull_request::PullRequest;
use crate::domain::sweep::{Survey, Sweep, sweep};
use crate::error::Error;
use crate::ports::{PullRequests, Snapshot};
use crate::usecases::observe;

/// One root, and what is decided over its previews.
pub(super) struct Root {
    pub(super) configuration: Configuration,
    pub(super) previews: Previews,
    pub(super) sweep: Sweep,
    /// Whether others are swept beside it.
    is_one_of_many: bool,
}

/// Reads the roots that are asked for. One that can not be read ends a run that is for it alone.
pub(super) async fn read(snapshot: &impl Snapshot, wanted: &Roots) -> Result<(Vec<Root>, Vec<(String, Error)>), Error> {
    let (mut found, mut failures) = (Vec::new(), Vec::new());
    match wanted {
        Roots::One(root) => found.push(read_one(snapshot, root, None).await?),
        Roots::All => {
            let all = observe::roots(snapshot).await?;
            for root in &all {
                match read_one(snapshot, root, Some(&all)).await {
                    Ok(root) => found.push(root),
                    Err(error) => failures.push((format!("the root `{root}`"), error)),
                }
            }
            if found.is_empty() && failures.is_empty() {
                return Err(Error::NoRoots);
            }
        }
    }
    Ok((found, failures))
}

async fn read_one(snapshot: &impl Snapshot, root: &RepoPath, all: Option<&[RepoPath]>) -> Result<Root, Error> {
    let configuration = match all {
        Some(all) => observe::configuration_beside(snapshot, root, all).await?,
        None => observe::configuration(snapshot, root).await?,
    };
    let previews = observe::previews(snapshot, root).await?;
    Ok(Root { configuration, previews, sweep: Sweep::default(), is_one_of_many: all.is_some() })
}

impl Root {
    /// Decides over every preview.
    pub(super) fn decide<P, F>(&mut self, known: &mut Known<P, F>, now: Timestamp) -> Result<(), Error> {
        let survey = known.survey_of(&self.configuration.document().repository)?;
        self.sweep = sweep(&self.configuration, &self.previews, survey, now)?;
        if self.sweep.sees_nothing() {
            let repository = self.configuration.document().repository.clone();
            return Err(Error::SeesNothing { repository, pull_requests: self.sweep.problems.len() });
        }
        Ok(())
    }

    /// Looks for secrets in what would be written of it.
    pub(super) fn search(&self, secrets: &guard::Known) -> Result<(), Error> {
        Guard::new(secrets).allowing(self.not_secret()).clear(&self.sweep.edits, "")?;
        Ok(())
    }

    /// What looks like a secret in it and is none.
    pub(super) fn not_secret(&self) -> &[NotSecret] {
        &self.configuration.document().checks.not_secret
    }

    /// What people call it.
    pub(super) fn label(&self) -> String {
        format!("the root `{}`", self.configuration.root())
    }

    /// What people call one of its previews.
    pub(super) fn name_of(&self, preview: &str) -> String {
        let root = self.configuration.root();
        if self.is_one_of_many && !root.is_top() { root.join(preview).to_string() } else { preview.to_owned() }
    }

    /// Where its previews are.
    pub(super) fn directory(&self) -> RepoPath {
        previews_directory(&self.configuration.root())
    }

    fn pull_requests(&self) -> impl Iterator<Item = (PullRequestNumber, u64)> {
        let repository = &self.configuration.document().repository;
        let records = self.previews.directories.values().filter_map(|directory| directory.record.as_ref().ok());
        records.filter(move |record| record.repository == *repository).map(|record| (record.number, record.generation))
    }
}

/// What is known of the pull requests of every repository.
pub(super) struct Known<P, F> {
    forge_of: F,
    repositories: Vec<Repository<P>>,
    /// What time it is for the forge.
    pub(super) at: Option<Timestamp>,
}

struct Repository<P> {
    name: RepositoryName,
    forge: Option<P>,
    state: State,
    /// The generation that each preview had when its pull request was asked for.
    asked: BTreeMap<PullRequestNumber, u64>,
}

enum State {
    Read(Survey),
    Failed(Option<Error>),
}

impl<P, F> Known<P, F> {
    pub(super) fn new(forge_of: F) -> Self {
        Self { forge_of, repositories: Vec::new(), at: None }
    }

    /// The pull requests of a repository, or why they can not be read: told once.
    fn survey_of(&mut self, repository: &RepositoryName) -> Result<&Survey, Error> {
        let unknown = || Error::NotSurveyed { repository: repository.clone() };
        let known = self.repositories.iter_mut().find(|known| known.name == *repository).ok_or_else(unknown)?;
        match &mut known.state {
            State::Read(survey) => Ok(survey),
            State::Failed(error) => Err(error.take().unwrap_or_else(unknown)),
        }
    }

    /// A pull request as it was found.
    pub(super) fn pull_request(&self, repository: &RepositoryName, number: PullRequestNumber) -> Option<&PullRequest> {
        let known = self.repositories.iter().find(|known| known.name == *repository)?;
        let State::Read(survey) = &known.state else { return None };
        survey.get(&number)?.as_ref().ok()
    }

    /// Forgets the pull requests whose previews were to go: by the time of another look they may have been reopened.
    pub(super) fn forget_going(&mut self, roots: &[Root]) {
        for root in roots {
            let repository = &root.configuration.document().repository;
            for known in self.repositories.iter_mut().filter(|known| known.name == *repository) {
                for going in &root.sweep.going {
                    known.asked.remove(&going.record.number);
                }
            }
        }
    }

    /// The forge of a repository that could be read.
    pub(super) fn forge_of(&self, repository: &RepositoryName) -> Option<&P> {
        let known = self.repositories.iter().find(|known| known.name == *repository)?;
        known.forge.as_ref().filter(|_| matches!(known.state, State::Read(_)))
    }
}

/// Whether one of the roots of a repository's previews asks for the files that a pull request changes: all of them are told of
/// a pull request at once.
fn is_about_changes(roots: &[Root], repository: &RepositoryName) -> bool {
    let mut documents = roots.iter().map(|root| root.configuration.document());
    documents.any(|document| document.repository == *repository && document.preview.paths != Filter::default())
}

impl<P: PullRequests, F: Fn(&RepositoryName) -> Result<P, Error>> Known<P, F> {
    /// Asks for the pull requests of all previews, each once for each generation that its preview has.
    pub(super) async fn survey(&mut self, roots: &[Root]) {
        for root in roots {
            let document = root.configuration.document();
            let with_changes = is_about_changes(roots, &document.repository);
            let index = self.repository(&document.repository);
            let known = &mut self.repositories[index];
            let unknown =
                root.pull_requests().filter(|(number, generation)| known.asked.get(number) != Some(generation));
            let unknown: BTreeMap<_, _> = unknown.collect();
            let (Some(forge), State::Read(survey)) = (&known.forge, &mut known.state) else { continue };
            if unknown.is_empty() {
                continue;
            }
            let numbers: Vec<_> = unknown.keys().copied().collect();
            match forge.survey(&numbers, with_changes).await {
                Ok(surveyed) => {
                    self.at = surveyed.at.or(self.at);
                    survey.extend(surveyed.pull_requests);
                    known.asked.extend(unknown);
                }
                Err(error) => known.state = State::Failed(Some(error.into())),
            }
        }
    }

    fn repository(&mut self, name: &RepositoryName) -> usize {
        if let Some(index) = self.repositories.iter().position(|known| known.name == *name) {
            return index;
        }
        let (forge, state) = match (self.forge_of)(name) {
            Ok(forge) => (Some(forge), State::Read(Survey::new())),
            Err(error) => (None, State::Failed(Some(error))),
        };
        self.repositories.push(Repository { name: name.clone(), forge, state, asked: BTreeMap::new() });
        self.repositories.len() - 1
    }
}
