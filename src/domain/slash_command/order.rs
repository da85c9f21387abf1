//! What is to be done for a command: labels first, which is where everybody sees what is wanted, then the preview.

use super::{Answer, SlashCommand};
use crate::domain::approval::{Approval, Login, Means};
use crate::domain::configuration::{Forks, Labels as LabelRules, PreviewSettings, Ttl};
use crate::domain::decision::{Given, Intent};
use crate::domain::names::CommitId;
use crate::domain::pull_request::{PullRequest, PullRequestState};
use crate::domain::reason::code;

/// Labels that a pull request is given, and labels that it loses.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Labels {
    /// Those that it is given.
    pub added: Vec<String>,
    /// Those that it loses, as it has them.
    pub removed: Vec<String>,
}

impl Labels {
    /// Makes a pull request, as it was read, one that has these labels, and not those.
    pub fn put_on(&self, pull_request: &mut PullRequest) {
        pull_request.labels.retain(|label| !self.removed.contains(label));
        for label in &self.added {
            if !pull_request.has_label(label) {
                pull_request.labels.push(label.clone());
            }
        }
    }
}

/// What is to be done for a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Order {
    /// What changes of the labels.
    pub labels: Labels,
    /// What is asked of the preview.
    pub intent: Intent,
    /// What the writer approves.
    pub approval: Option<Given>,
    /// What they are told.
    pub answer: Answer,
    /// Whether what they asked for is not done.
    pub is_refused: bool,
}

impl Order {
    /// What to do for `command`, by somebody who may push. `named` is the commit that an approval names, if there is one.
    #[must_use]
    pub fn of(
        command: &SlashCommand,
        by: &Login,
        settings: &PreviewSettings,
        pull_request: &PullRequest,
        named: Option<&CommitId>,
    ) -> Self {
        let labels = &settings.labels;
        let is_open = pull_request.state == PullRequestState::Open;
        match command {
            SlashCommand::Help => Self::help(),
            SlashCommand::Status => Self::status(),
            SlashCommand::Remove => Self::remove(labels, pull_request, is_open),
            _ if !is_open => Self::refuse("the pull request is not open."),
            SlashCommand::Deploy => {
                let intent = Intent::Deploy { made_for: None, is_explicit: true };
                Self { labels: wanting(labels, pull_request), ..Self::act(intent, Answer::None) }
            }
            SlashCommand::Keep => Self::keep(settings, pull_request),
            SlashCommand::Extend(age) => Self::act(Intent::Prolong(*age), Answer::End),
            SlashCommand::Approve(_) => Self::approve(by, settings, pull_request, named),
        }
    }

    /// Says what can be said.
    #[must_use]
    pub fn help() -> Self {
        Self::tell(Answer::help())
    }

    /// Says how the preview stands.
    #[must_use]
    pub fn status() -> Self {
        Self::tell(Answer::Standing)
    }

    /// Whether an approval counts for anything here.
    #[must_use]
    pub fn may_approve(settings: &PreviewSettings, pull_request: &PullRequest) -> bool {
        let is_open = pull_request.state == PullRequestState::Open;
        is_open && pull_request.is_from_fork && settings.forks == Forks::Approved
    }

    fn act(intent: Intent, answer: Answer) -> Self {
        Self { labels: Labels::default(), intent, approval: None, answer, is_refused: false }
    }

    fn tell(answer: Answer) -> Self {
        Self::act(Intent::Look, answer)
    }

    /// Nothing is done, for that reason.
    #[must_use]
    pub fn refuse(because: impl Into<String>) -> Self {
        Self { is_refused: true, ..Self::tell(Answer::Text(because.into())) }
    }

    /// A label keeps it down. Where none is configured it goes all the same, and the next push brings it back.
    fn remove(labels: &LabelRules, pull_request: &PullRequest, is_open: bool) -> Self {
        let is_excluded = pull_request.label_of(&labels.exclude).is_some();
        match labels.exclude.first() {
            Some(label) if is_open && !is_excluded => {
                let labels = Labels { added: vec![label.clone()], removed: Vec::new() };
                Self { labels, ..Self::act(Intent::Teardown { force: false }, Answer::None) }
            }
            None if is_open => Self::act(Intent::Teardown { force: true }, Answer::None),
            _ => Self::act(Intent::Teardown { force: false }, Answer::None),
        }
    }

    fn keep(settings: &PreviewSettings, pull_request: &PullRequest) -> Self {
        let labels = &settings.labels;
        match labels.keep.first() {
            _ if settings.ttl == Ttl::None => Self::tell(Answer::End),
            None => Self::refuse("no label keeps a preview here: `preview.labels.keep` of `bivouac.yaml` names none."),
            Some(_) if pull_request.label_of(&labels.keep).is_some() => Self::tell(Answer::End),
            Some(label) => {
                let labels = Labels { added: vec![label.clone()], removed: Vec::new() };
                Self { labels, ..Self::tell(Answer::End) }
            }
        }
    }

    fn approve(by: &Login, settings: &PreviewSettings, pull_request: &PullRequest, named: Option<&CommitId>) -> Self {
        let head = &pull_request.head;
        match named {
            _ if !pull_request.is_from_fork => {
                Self::refuse("the pull request comes from no fork, so that nothing needs an approval.")
            }
            _ if settings.forks == Forks::Refused => {
                Self::refuse("previews for forks are refused here: `preview.forks` of `bivouac.yaml` says so.")
            }
            None => Self::refuse(
                "no commit, or more than one, begins like that: give all digits of the commit that you have read.",
            ),
            Some(named) if named != head => Self::refuse(format!(
                "{} is not the head any more, or never was: that is {}. Read what has changed before you approve it.",
                code(named.as_str()),
                code(head.short())
            )),
            Some(named) => {
                let approval = Approval { commit: named.clone(), by: by.clone() };
                Self {
                    labels: wanting(&settings.labels, pull_request),
                    approval: Some(Given { approval, means: Means::Command }),
                    ..Self::act(Intent::Deploy { made_for: Some(named.clone()), is_explicit: true }, Answer::None)
                }
            }
        }
    }
}

/// The labels that a pull request lacks, or has too many, to have a preview.
fn wanting(labels: &LabelRules, pull_request: &PullRequest) -> Labels {
    let excludes = |label: &&String| labels.exclude.iter().any(|other| other.to_lowercase() == label.to_lowercase());
    Labels {
        added: labels.require.iter().filter(|label| !pull_request.has_label(label)).cloned().collect(),
        removed: pull_request.labels.iter().filter(excludes).cloned().collect(),
    }
}

#[cfg(test)]
mod tests;
