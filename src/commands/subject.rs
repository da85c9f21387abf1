//! Which pull request a run is about: options first, then the event.

use super::context::Context;
use super::options::PullRequestOptions;
use crate::domain::names::{CommitId, PullRequestNumber, RepositoryName};
use crate::domain::pull_request::Push;
use crate::env;
use crate::error::Error;
use crate::runner::{Event, Labelled};

/// Which pull request a run is about.
#[derive(Debug)]
pub struct Subject {
    /// The application repository.
    pub repository: RepositoryName,
    /// The pull request.
    pub number: PullRequestNumber,
    /// The head commit that the run was made for.
    pub commit: Option<CommitId>,
    /// Whether a person asked for it, rather than an event of the pull request.
    pub is_explicit: bool,
    /// That somebody put a label on it, where it comes from a fork.
    pub labelled: Option<Labelled>,
    /// When a head of it was pushed, where that is what has started this run.
    pub push: Option<Push>,
}

impl Context {
    /// Finds out which pull request is meant: options first, then the event.
    ///
    /// # Errors
    ///
    /// When neither says it.
    pub fn subject(&self, options: &PullRequestOptions) -> Result<Subject, Error> {
        self.subject_of(self.event(options)?, options)
    }

    /// The same, of an event that was read already.
    pub(super) fn subject_of(&self, event: Event, options: &PullRequestOptions) -> Result<Subject, Error> {
        let missing = |message: &str, hint| Error::Usage { message: message.to_owned(), hint };
        let number = options.pull_request.or(event.number).ok_or_else(|| {
            missing("the event names no pull request", "give `--pull-request`, or the input `pull-request`")
        })?;
        let is_explicit = !(event.is_of_pull_request && event.number == Some(number));
        // The event's commit is the head of the event's pull request, and of no other.
        let commit_of_event = event.commit.filter(|_| event.number == Some(number));
        let pushed_at = event.pushed_at.filter(|_| !is_explicit);
        let push = commit_of_event.clone().zip(pushed_at).map(|(commit, at)| Push { commit, at });
        let repository = self.application_repository(options, event.repository.clone())?;
        let is_here = event.repository.as_ref() == Some(&repository);
        let labelled = event.labelled.filter(|_| !is_explicit && is_here);
        let commit = options.commit.clone().or(commit_of_event);
        Ok(Subject { repository, number, commit, is_explicit, labelled, push: push.filter(|_| is_here) })
    }

    /// The event; a run without one has to name a pull request.
    pub(super) fn event(&self, options: &PullRequestOptions) -> Result<Event, Error> {
        match (options.pull_request, Event::read(&self.environment)) {
            (_, Ok(event)) => Ok(event),
            (Some(_), Err(_)) => Ok(Event::default()),
            (None, Err(error)) => Err(error),
        }
    }

    pub(super) fn application_repository(
        &self,
        options: &PullRequestOptions,
        of_event: Option<RepositoryName>,
    ) -> Result<RepositoryName, Error> {
        let in_environment = || self.environment.get(env::GITHUB_REPOSITORY).and_then(|name| name.trim().parse().ok());
        options.repository.clone().or(of_event).or_else(in_environment).ok_or_else(|| Error::Usage {
            message: "the application repository is not known".to_owned(),
            hint: "give `--repository OWNER/NAME`",
        })
    }
}
