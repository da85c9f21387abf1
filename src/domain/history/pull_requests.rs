//! Which preview a claim is about: one of an application and a pull request, also where not every commit says whose it is.

use std::collections::HashMap;

use super::Told;
use super::claims::Claim;
use crate::domain::names::{Application, CommitId, PreviewName, PullRequestNumber, RepositoryName};

/// The most applications with a preview of one pull request among which the one is sought that is meant.
const SOUGHT: usize = 64;

/// The preview of a pull request, over all its lives.
#[derive(Debug)]
pub(super) struct Track {
    pub(super) application: Option<Application>,
    /// The life that has not ended, among all lives.
    pub(super) open: Option<usize>,
    /// The life that began last, among all lives.
    pub(super) last: Option<usize>,
    /// What it was called last.
    preview: PreviewName,
    /// What it showed last.
    commit: Option<CommitId>,
}

/// A pull request by its number and the name of its repository in lower case: forges do not tell them apart by case.
type PullRequest = (String, PullRequestNumber);

/// All previews that were ever spoken of.
#[derive(Debug, Default)]
pub(super) struct Tracks {
    all: Vec<Track>,
    of: HashMap<PullRequest, Of>,
}

/// The previews of one pull request.
#[derive(Debug, Default)]
struct Of {
    all: Vec<usize>,
    by_application: HashMap<Application, usize>,
    /// The one of which nobody has said yet whose it is.
    of_nobody: Option<usize>,
}

impl Tracks {
    /// The one that a claim is about, which is a new one where there is none.
    pub(super) fn of(&mut self, claim: &Claim) -> usize {
        let index = self.find(claim).unwrap_or_else(|| self.add(claim));
        let track = &mut self.all[index];
        track.preview.clone_from(&claim.preview);
        if claim.commit.is_some() {
            track.commit.clone_from(&claim.commit);
        }
        index
    }

    /// The preview of an application and a pull request, if it was ever spoken of; it is that application's from now on.
    pub(super) fn seen(
        &mut self,
        application: &Application,
        repository: &RepositoryName,
        number: PullRequestNumber,
    ) -> Option<usize> {
        let of = self.of.get_mut(&key(repository, number))?;
        own(of, &mut self.all, application)
    }

    fn find(&mut self, claim: &Claim) -> Option<usize> {
        let of = self.of.get_mut(&key(&claim.repository, claim.number))?;
        let Some(application) = &claim.application else {
            // Whichever it fits: one that is there, unless it is put up; of the same name, and of the same commit.
            let fits = |index: &&usize| {
                let track = &self.all[**index];
                let is_due = track.open.is_some() == (claim.told != Some(Told::PutUp));
                (is_due, track.preview == claim.preview, track.commit == claim.commit)
            };
            return of.all.iter().take(SOUGHT).rev().max_by_key(fits).copied();
        };
        own(of, &mut self.all, application)
    }

    fn add(&mut self, claim: &Claim) -> usize {
        let index = self.all.len();
        let (application, preview) = (claim.application.clone(), claim.preview.clone());
        self.all.push(Track { application: application.clone(), open: None, last: None, preview, commit: None });
        let of = self.of.entry(key(&claim.repository, claim.number)).or_default();
        of.all.push(index);
        match application {
            Some(application) => drop(of.by_application.insert(application, index)),
            None => of.of_nobody = Some(index),
        }
        index
    }
}

/// The preview of that application, or the one of nobody, which is its from now on.
fn own(of: &mut Of, all: &mut [Track], application: &Application) -> Option<usize> {
    if let Some(index) = of.by_application.get(application) {
        return Some(*index);
    }
    let index = of.of_nobody.take()?;
    of.by_application.insert(application.clone(), index);
    all[index].application = Some(application.clone());
    Some(index)
}

fn key(repository: &RepositoryName, number: PullRequestNumber) -> PullRequest {
    (repository.to_string().to_ascii_lowercase(), number)
}

impl std::ops::Index<usize> for Tracks {
    type Output = Track;

    fn index(&self, index: usize) -> &Track {
        &self.all[index]
    }
}

impl std::ops::IndexMut<usize> for Tracks {
    fn index_mut(&mut self, index: usize) -> &mut Track {
        &mut self.all[index]
    }
}
