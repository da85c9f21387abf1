//! What has to be said of a preview for the pull request to tell the truth: decided from what holds and what was said.

mod news;

pub use news::news;

use super::comment::{Marker, Rollout, SHOWN, State, is_untouched};
use super::conversation::{CommentId, Conversation, OurComment};
use super::deployment::{Deployment, DeploymentId, Environments, Standing, own_environment};
use super::lifecycle::Step;
use super::names::PullRequestNumber;
use super::reason::{Holder, Reason, code};

/// What holds of a preview.
#[derive(Debug, Clone)]
pub struct Holding<'a> {
    /// The marker that the comment is to have, but for its deployment.
    pub marker: Marker,
    /// The pull request.
    pub number: PullRequestNumber,
    /// Why there is no preview.
    pub reason: Option<&'a Reason>,
    /// The step that this very run took by a commit.
    pub taken: Option<Step>,
    /// Whether this very run gave it a later end by a commit, which is no step.
    pub is_prolonged: bool,
    /// What people are told of its end.
    pub expires: Option<String>,
    /// What was seen last by who waited for it just now.
    pub seen: Option<&'a str>,
    /// What somebody is answered who asked for something in a comment: a line of Markdown.
    pub answer: Option<&'a str>,
    /// Which environments its deployments are in.
    pub environments: Environments,
}

/// What has to be said, in this order: the comment names the deployment of a preview that is there, and a deployment that is
/// not over stands for a removal that is still to be told.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    /// The deployment of the preview.
    pub deployment: DeploymentStep,
    /// The comment.
    pub comment: CommentStep,
    /// The deployments that are over.
    pub retired: Vec<DeploymentId>,
    /// An environment that is left without a preview.
    pub left_behind: Option<String>,
    /// Comments of ours that say the same again.
    pub duplicates: Vec<CommentId>,
}

/// What has to be said of a deployment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DeploymentStep {
    /// There is none to speak of.
    None,
    /// It stands as it should.
    Stands(DeploymentId),
    /// It was made; how it stands now was not told.
    Resume(DeploymentId),
    /// It is to be made in this environment.
    Begin(String),
}

/// What has to be said in the comment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CommentStep {
    /// Nothing; the comment, where there is one, is there.
    Quiet(Option<String>),
    /// It is to be written.
    Write,
    /// It is to be changed.
    Edit(CommentId, String),
}

impl Announcement {
    /// Nothing to say, but for where the comment is.
    #[must_use]
    pub fn quiet(url: Option<String>) -> Self {
        Self {
            deployment: DeploymentStep::None,
            retired: Vec::new(),
            left_behind: None,
            comment: CommentStep::Quiet(url),
            duplicates: Vec::new(),
        }
    }

    /// How many requests it takes.
    #[must_use]
    pub fn requests(&self) -> usize {
        let deployment = match self.deployment {
            DeploymentStep::None | DeploymentStep::Stands(_) => 0,
            DeploymentStep::Resume(_) => 1,
            DeploymentStep::Begin(_) => 2,
        };
        let comment = usize::from(!matches!(self.comment, CommentStep::Quiet(_)));
        deployment + self.retired.len() + usize::from(self.left_behind.is_some()) + comment + self.duplicates.len()
    }
}

/// Decides what has to be said. Who speaks of a later generation has the last word.
#[must_use]
pub fn announcement(holding: &Holding<'_>, said: &Conversation) -> Announcement {
    let Holding { marker, number, environments, .. } = holding;
    let comments: Vec<_> = said.comments_of(&marker.application).collect();
    let first = comments.first();
    let url = first.map(|(comment, _)| comment.url.clone());
    let ours: Vec<_> =
        said.deployments.iter().flatten().filter(|known| known.is_of(&marker.application, *number)).collect();
    if is_spoken_for(marker, &comments, &ours) {
        return Announcement::quiet(url);
    }
    let unseen = first.map(|(_, told)| told).filter(|told| is_unseen(told, &ours));
    let is_readable = *environments != Environments::Off && said.deployments.is_some();
    let deployment = match environments.of(*number) {
        Some(environment) if is_readable && marker.state.is_up() => {
            // It may be too long ago to be among those that were read. Where all were read, somebody has deleted it.
            standing(marker, environment, &ours, unseen.filter(|_| !said.has_all_deployments))
        }
        _ => DeploymentStep::None,
    };
    let retired = if is_readable { retired(&deployment, marker, &ours, unseen) } else { Vec::new() };
    let comment = match first {
        // Nothing was ever said about a preview that is gone now: there is nothing to correct.
        None if marker.state == State::Removed && holding.answer.is_none() => CommentStep::Quiet(None),
        None => CommentStep::Write,
        Some((comment, told)) if holding.is_told_by(comment, told, &deployment) => CommentStep::Quiet(url),
        Some((comment, _)) => CommentStep::Edit(comment.id, comment.url.clone()),
    };
    // As long as the comment speaks of a preview, a run may have stopped before it came to the environment.
    let is_news = !retired.is_empty() || first.is_some_and(|(_, told)| told.state.is_up());
    let left_behind = (*environments == Environments::PerPreview && !marker.state.is_up() && is_news)
        .then(|| own_environment(*number))
        .filter(|own| !retired.is_empty() || ours.iter().any(|known| known.environment == *own))
        .filter(|own| is_empty_without(&retired, own, said.deployments.iter().flatten()));
    let duplicates = comments.iter().skip(1).map(|(comment, _)| comment.id).collect();
    Announcement { deployment, comment, retired, left_behind, duplicates }
}

/// Whether somebody speaks of a later generation.
fn is_spoken_for(marker: &Marker, comments: &[(&OurComment, Marker)], ours: &[&Deployment]) -> bool {
    let told = comments.iter().map(|(_, told)| told.generation);
    let deployed = ours.iter().filter_map(|known| known.payload.as_ref()).map(|payload| payload.generation);
    told.chain(deployed).any(|generation| generation > marker.generation)
}

/// Whether a comment names a deployment that is not among those that were read.
fn is_unseen(told: &Marker, ours: &[&Deployment]) -> bool {
    told.deployment.is_some_and(|id| ours.iter().all(|known| known.id != Some(id)))
}

/// The deployment of the generation that is up. `unseen` is the marker of a comment whose deployment was not read.
fn standing(marker: &Marker, environment: String, ours: &[&Deployment], unseen: Option<&Marker>) -> DeploymentStep {
    let is_current = |known: &&&Deployment| {
        known.environment == environment
            && known.payload.as_ref().is_some_and(|payload| payload.generation == marker.generation)
    };
    let current = ours.iter().filter(is_current).filter_map(|known| Some((known.id?, known.standing)));
    if let Some((id, standing)) = current.min_by_key(|(id, _)| *id) {
        return if is_told(standing, marker.rollout) { DeploymentStep::Stands(id) } else { DeploymentStep::Resume(id) };
    }
    let told = unseen.filter(|told| told.generation == marker.generation);
    match told.and_then(|told| Some((told, told.deployment?))) {
        Some((told, id)) if is_same(told.rollout, marker.rollout) => DeploymentStep::Stands(id),
        Some((_, id)) => DeploymentStep::Resume(id),
        None => DeploymentStep::Begin(environment),
    }
}

/// Whether a deployment that stands like that says what came of waiting. Where nothing is known of that, what it says is
/// left as it is.
fn is_told(standing: Standing, rollout: Option<Rollout>) -> bool {
    match rollout.map(|rollout| rollout.is_ready) {
        _ if matches!(standing, Standing::Begun | Standing::Inactive) => false,
        None => true,
        Some(true) => standing == Standing::Ready,
        Some(false) => standing == Standing::Failed,
    }
}

/// Whether both say the same of waiting; how long it took is no news.
fn is_same(one: Option<Rollout>, other: Option<Rollout>) -> bool {
    one.map(|rollout| rollout.is_ready) == other.map(|rollout| rollout.is_ready)
}

/// The deployments that another one has taken over from, or whose preview is gone.
fn retired(step: &DeploymentStep, marker: &Marker, ours: &[&Deployment], unseen: Option<&Marker>) -> Vec<DeploymentId> {
    let current = match step {
        DeploymentStep::Stands(id) | DeploymentStep::Resume(id) => Some(*id),
        DeploymentStep::None | DeploymentStep::Begin(_) => None,
    };
    let seen = ours.iter().filter(|known| known.standing != Standing::Inactive).filter_map(|known| known.id);
    // One in an environment that is not in use any more may not have been asked for.
    let is_over = |told: &&Marker| {
        let has_another = matches!(step, DeploymentStep::Begin(_));
        told.state.is_up() && (told.generation < marker.generation || !marker.state.is_up() || has_another)
    };
    let unseen = unseen.filter(is_over);
    seen.chain(unseen.and_then(|told| told.deployment)).filter(|id| Some(*id) != current).collect()
}

/// Whether nothing is left in an environment once these are over.
fn is_empty_without<'a>(
    retired: &[DeploymentId],
    environment: &str,
    mut known: impl Iterator<Item = &'a Deployment>,
) -> bool {
    known.all(|known| {
        known.environment != environment
            || known.standing == Standing::Inactive
            || known.id.is_some_and(|id| retired.contains(&id))
    })
}

impl Holding<'_> {
    /// Whether a comment tells this already.
    fn is_told_by(&self, comment: &OurComment, told: &Marker, deployment: &DeploymentStep) -> bool {
        let names_deployment = match deployment {
            DeploymentStep::Stands(id) | DeploymentStep::Resume(id) => told.deployment == Some(*id),
            DeploymentStep::None => true,
            DeploymentStep::Begin(_) => false,
        };
        let answers = self.answer.is_none_or(|answer| comment.body.lines().any(|line| line == answer));
        is_untouched(&comment.body) && names_deployment && answers && self.says_the_same(comment, told)
    }

    fn says_the_same(&self, comment: &OurComment, told: &Marker) -> bool {
        let reason = self.reason.map(Reason::word);
        let is_same_reason = told.reason.as_deref() == reason || told.reason.is_none();
        match (told.state, self.marker.state) {
            _ if self.taken == Some(Step::Removed) => {
                told.state == State::Removed && told.generation == self.marker.generation
            }
            // Why it went was told when it went; and what never was there can not have gone.
            (State::Removed | State::Refused, State::Removed) => true,
            (State::Removed, State::Refused) => {
                is_same_reason && told.reason.is_some() && self.gives_the_reason(comment)
            }
            (State::Refused, State::Refused) => is_same_reason && self.gives_the_reason(comment),
            (told_state, state) => {
                told_state == state
                    && told.generation == self.marker.generation
                    && is_same(told.rollout, self.marker.rollout)
                    && told.unapproved == self.marker.unapproved
                    && self.tells_the_end(comment)
                    && self.tells_what_was_seen(comment)
            }
        }
    }

    /// A preview that fails again may fail in another way.
    fn tells_what_was_seen(&self, comment: &OurComment) -> bool {
        let is_news = self.marker.rollout.is_some_and(|rollout| !rollout.is_ready);
        let seen = self.seen.filter(|_| is_news);
        seen.is_none_or(|seen| comment.body.contains(&format!("| Last answer | {} |", code(seen))))
    }

    /// A label, or another `preview.ttl`, changes the end without a change of the preview.
    fn tells_the_end(&self, comment: &OurComment) -> bool {
        let mut rows = comment.body.lines();
        let told = rows.find_map(|row| row.strip_prefix("| Expires | ")?.strip_suffix(" |"));
        told == self.expires.as_deref()
    }

    /// One word may stand for another label or branch, and the previews that hold the places come and go.
    fn gives_the_reason(&self, comment: &OurComment) -> bool {
        match self.reason {
            Some(Reason::Limit { limit, holders }) if !holders.is_empty() => {
                let named = comment.body.lines().filter(|line| line.starts_with("- [")).count();
                let is_there = |holder: &Holder| comment.body.contains(&format!("- [{}]", holder.name));
                let is_same = comment.body.contains(&format!("the limit of {limit} is reached"));
                is_same && named == holders.len().min(SHOWN) && holders.iter().take(SHOWN).all(is_there)
            }
            // Two commits may begin alike.
            Some(Reason::Unapproved { head }) => comment.body.contains(head.as_str()),
            Some(reason) => comment.body.contains(&reason.sentence()),
            None => true,
        }
    }
}

#[cfg(test)]
mod tests;
