//! All previews of a root, or of every root: what should not be there goes, in one commit, and is told.

mod roots;
mod secrets;
mod tell;

use std::time::Duration;

use jiff::Timestamp;

use crate::domain::commit_message::SweepMessage;
use crate::domain::deployment::Environments;
use crate::domain::guard::Guard;
use crate::domain::names::{CommitId, RepositoryName};
use crate::domain::path::RepoPath;
use crate::domain::plan::Edit;
use crate::domain::vault::wanted::SecretPath;
use crate::error::Error;
use crate::ports::vault::Vault;
use crate::ports::{AppsRepository, Committed, Keyring, Listeners, PullRequests};
use crate::secret::KnownSecrets;
use crate::usecases::contention::Contention;
use crate::usecases::observe;
use crate::usecases::secrets::Safe;
use roots::{Known, Root};

/// Which roots are swept.
#[derive(Debug, Clone)]
pub enum Roots {
    /// This one.
    One(RepoPath),
    /// Every one that there is.
    All,
}

/// What is asked for.
#[derive(Debug, Clone)]
pub struct Request {
    /// Which roots are swept.
    pub roots: Roots,
    /// How long to go on when the tip keeps moving.
    pub patience: Duration,
    /// Whether to write nothing anywhere.
    pub dry_run: bool,
    /// Which environments the deployments are in.
    pub environments: Environments,
    /// The address of this run.
    pub run: Option<String>,
    /// The time now.
    pub now: Timestamp,
    /// The secrets of this run, none of which is ever committed.
    pub secrets: KnownSecrets,
}

/// What came of it.
#[derive(Debug, Default)]
pub struct Swept {
    /// The previews that were taken down.
    pub removed: Vec<Removed>,
    /// How many previews stay.
    pub staying: usize,
    /// What was put in order, as sentences.
    pub healed: Vec<String>,
    /// Directories among the previews that were not made by Bivouac.
    pub foreign: Vec<RepoPath>,
    /// The previews whose pull request was told something.
    pub announced: Vec<String>,
    /// How many are still to be told, by the next sweep.
    pub waiting: usize,
    /// What could not be done, and on which preview or root.
    pub failed: Vec<(String, Error)>,
    /// What was changed, or would be.
    pub edits: Vec<Edit>,
    /// The commit in the apps repository, where there was something to change.
    pub apps_commit: Option<CommitId>,
    /// Where in a Vault something was removed that previews had for themselves, or would be.
    pub secrets: Vec<SecretPath>,
}

/// A preview that was taken down.
#[derive(Debug)]
pub struct Removed {
    /// What it is called: by its name, and its root where that is not the only one.
    pub name: String,
    /// Its pull request, as `owner/name#number`.
    pub pull_request: String,
    /// Why.
    pub reason: String,
}

/// Takes down what should not be there, and announces what was not announced, to the pull requests and to those who listen. What
/// previews had for themselves in a Vault goes with them, if there is a way in.
///
/// # Errors
///
/// When the apps repository can not be read or written. What fails for one root or preview only is in [`Swept::failed`].
pub async fn sweep<P: PullRequests>(
    request: &Request,
    (forge_of, listeners): (impl Fn(&RepositoryName) -> Result<P, Error>, &impl Listeners),
    apps: &impl AppsRepository,
    safe: Result<Option<Safe<'_, impl Vault, impl Keyring>>, Error>,
) -> Result<Swept, Error> {
    let mut contention = Contention::new(request.patience);
    let needs = match &request.roots {
        Roots::One(root) => observe::needs_of_all(root),
        Roots::All => Vec::new(),
    };
    let mut known = Known::new(forge_of);
    loop {
        let snapshot = apps.observe(&needs).await?;
        let (mut roots, mut failures) = roots::read(&snapshot, &request.roots).await?;
        known.survey(&roots).await;
        let now = observe::time(request.now, known.at);
        let secrets = request.secrets.known();
        roots.retain_mut(|root| match root.decide(&mut known, now).and_then(|()| root.search(&secrets)) {
            Ok(()) => true,
            Err(error) => {
                failures.push((root.label(), error));
                false
            }
        });
        let edits: Vec<_> = roots.iter().flat_map(|root| root.sweep.edits.clone()).collect();
        let committed = if edits.is_empty() || request.dry_run {
            None
        } else {
            let message = message(&roots, request.run.as_deref());
            let allowed: Vec<_> = roots.iter().flat_map(Root::not_secret).cloned().collect();
            let change = Guard::new(&secrets).allowing(&allowed).clear(&edits, &message)?;
            match apps.commit(&snapshot, &change, now).await? {
                Committed::At(commit) => Some(commit),
                Committed::TipMoved => {
                    contention.wait().await?;
                    known.forget_going(&roots);
                    continue;
                }
            }
        };
        let mut swept = outcome(&roots, edits, committed, failures);
        if !request.dry_run {
            tell::everything(&roots, (&known, listeners), request, now, apps, &mut swept).await;
        }
        secrets::take_along(&roots, &known, (apps, safe), (request.dry_run, now), &mut swept).await;
        return Ok(swept);
    }
}

fn message(roots: &[Root], run: Option<&str>) -> String {
    let removals = roots.iter().flat_map(|root| {
        let document = root.configuration.document();
        root.sweep.going.iter().map(move |going| (&document.application, going))
    });
    let healed = roots.iter().flat_map(|root| root.sweep.healed.iter().map(ToString::to_string));
    SweepMessage { removals: removals.collect(), healed: healed.collect(), run }.to_string()
}

fn outcome(roots: &[Root], edits: Vec<Edit>, apps_commit: Option<CommitId>, failed: Vec<(String, Error)>) -> Swept {
    let mut swept = Swept { failed, edits, apps_commit, ..Swept::default() };
    for root in roots {
        for going in &root.sweep.going {
            swept.removed.push(Removed {
                name: root.name_of(&going.name),
                pull_request: format!("{}#{}", going.record.repository, going.record.number),
                reason: going.reason.sentence(),
            });
        }
        swept.staying += root.sweep.staying.len();
        swept.healed.extend(root.sweep.healed.iter().map(ToString::to_string));
        swept.foreign.extend(root.sweep.foreign.iter().map(|name| root.directory().join(name)));
        let problems = root.sweep.problems.iter();
        swept.failed.extend(problems.map(|(name, problem)| (root.name_of(name), Error::NotSwept(problem.clone()))));
    }
    swept
}
