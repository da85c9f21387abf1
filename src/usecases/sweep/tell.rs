//! What a sweep tells: the removals that nobody was told of, its own, and what fell behind.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use jiff::Timestamp;

use super::roots::{Known, Root};
use super::{Request, Swept};
use crate::domain::announcement::Holding;
use crate::domain::comment::{self, State, Story};
use crate::domain::configuration::Configuration;
use crate::domain::conversation::Conversation;
use crate::domain::deployment::{Deployment, Standing, own_environment};
use crate::domain::expiry::{self, Expiry};
use crate::domain::identity::Identity;
use crate::domain::lifecycle::Step;
use crate::domain::names::{Application, PreviewName, PullRequestNumber};
use crate::domain::overlay;
use crate::domain::pace::Pace;
use crate::domain::plan::Previews;
use crate::domain::reason::Reason;
use crate::domain::record::Record;
use crate::error::Error;
use crate::ports::{AppsRepository, ForgeError, Ledger, Listeners, PullRequests};
use crate::usecases::announce::Telling;
use crate::usecases::observe;

/// How many pull requests are read at a time.
const BATCH: usize = 50;

/// Tells the pull requests of every root, and those who listen, what holds of their previews, as fast as the forge allows.
pub(super) async fn everything<P: PullRequests, F>(
    roots: &[Root],
    (known, listeners): (&Known<P, F>, &impl Listeners),
    request: &Request,
    now: Timestamp,
    apps: &impl AppsRepository,
    swept: &mut Swept,
) {
    let mut pacing = Pacing { started: Instant::now(), pace: Pace::default(), is_stopped: false };
    for root in roots {
        let Some(forge) = known.forge_of(&root.configuration.document().repository) else { continue };
        let ledger = match forge.ledger().await {
            Ok(ledger) => ledger,
            Err(error) => {
                swept.failed.push((root.label(), Error::NotAnnounced(error)));
                Ledger::default()
            }
        };
        let untold = root.untold(&ledger);
        let mut teller =
            Teller { root, known, forge, listeners, apps, ledger, request, now, pacing: &mut pacing, swept };
        teller.tell(untold.into_iter().map(What::Untold).collect()).await;
        teller.tell(root.sweep.going.iter().map(|going| What::Gone(&going.record, &going.reason)).collect()).await;
        let staying = root.sweep.staying.iter().map(|(name, record)| What::Stays(name, record));
        teller.tell(staying.collect()).await;
        teller.delete_environments().await;
    }
}

/// How fast the forge is told things.
struct Pacing {
    started: Instant,
    pace: Pace,
    /// Whether the forge, or the hour, has no room for more.
    is_stopped: bool,
}

impl Root {
    /// The pull requests without a preview whose deployment is not over: nobody was told that the preview went.
    fn untold(&self, ledger: &Ledger) -> Vec<PullRequestNumber> {
        let application = &self.configuration.document().application;
        // The oldest first.
        let open = ledger.deployments.iter().rev().filter(|known| known.standing != Standing::Inactive);
        let ours =
            open.filter_map(|known| known.payload.as_ref()).filter(|payload| payload.application == *application);
        let mut seen = BTreeSet::new();
        let numbers = ours.map(|payload| payload.pull_request).filter(|number| seen.insert(*number));
        numbers.filter(|number| !may_have(&self.configuration, *number, &self.previews)).collect()
    }
}

/// The previews of every root of that application, as they are now.
async fn roots_of(
    application: &Application,
    apps: &impl AppsRepository,
) -> Result<Vec<(Configuration, Previews)>, Error> {
    let snapshot = apps.observe(&[]).await?;
    let mut found = Vec::new();
    for root in observe::roots(&snapshot).await? {
        match observe::own_configuration(&snapshot, &root).await {
            Ok(configuration) if configuration.document().application == *application => {
                let previews = observe::previews(&snapshot, &root).await?;
                found.push((configuration, previews));
            }
            _ => {}
        }
    }
    Ok(found)
}

/// Whether a pull request has a preview, or something that may be a broken one.
fn may_have(configuration: &Configuration, number: PullRequestNumber, previews: &Previews) -> bool {
    let is_recorded = previews.record_of(&configuration.document().repository, number).is_some();
    let name = configuration.identity(number).map(|identity| identity.name);
    is_recorded || name.is_ok_and(|name| previews.names.contains(name.as_str()))
}

/// What there is to tell.
enum What<'a> {
    /// A preview went, and nobody was told.
    Untold(PullRequestNumber),
    /// A preview went now.
    Gone(&'a Record, &'a Reason),
    /// A preview is there, in the directory of that name.
    Stays(&'a str, &'a Record),
}

impl What<'_> {
    fn number(&self) -> PullRequestNumber {
        match self {
            Self::Untold(number) => *number,
            Self::Gone(record, _) | Self::Stays(_, record) => record.number,
        }
    }
}

struct Teller<'a, P, F, L, A> {
    root: &'a Root,
    known: &'a Known<P, F>,
    forge: &'a P,
    listeners: &'a L,
    apps: &'a A,
    ledger: Ledger,
    request: &'a Request,
    now: Timestamp,
    pacing: &'a mut Pacing,
    swept: &'a mut Swept,
}

impl<P: PullRequests, F, L: Listeners, A: AppsRepository> Teller<'_, P, F, L, A> {
    async fn tell(&mut self, all: Vec<What<'_>>) {
        for batch in all.chunks(BATCH) {
            let numbers: Vec<_> = batch.iter().map(What::number).collect();
            if self.pacing.is_stopped {
                // What stays may well have been told already.
                self.swept.waiting += batch.iter().filter(|what| !matches!(what, What::Stays(..))).count();
                self.leave(batch).await;
                continue;
            }
            let application = &self.root.configuration.document().application;
            let read = match self.forge.conversations(&numbers, application).await {
                Ok(read) => read,
                Err(error) => {
                    self.fail(&self.root.label(), error);
                    self.leave(batch).await;
                    continue;
                }
            };
            let back = match self.came_back(batch).await {
                Ok(back) => back,
                Err(error) => {
                    self.swept.failed.push((self.root.label(), error));
                    self.swept.waiting += batch.len();
                    self.leave(batch).await;
                    continue;
                }
            };
            let mut said: BTreeMap<_, _> = read.into_iter().map(|said| (said.pull_request.number, said)).collect();
            for what in batch.iter().filter(|what| !back.contains(&what.number())) {
                if let Some(said) = said.remove(&what.number()) {
                    self.tell_one(what, Some(said)).await;
                } else {
                    self.swept.waiting += usize::from(!matches!(what, What::Stays(..)));
                    self.leave(std::slice::from_ref(what)).await;
                }
            }
        }
    }

    /// Those of the previews that went which have been put up again, since or in the meantime: their own run tells of them.
    async fn came_back(&self, batch: &[What<'_>]) -> Result<BTreeSet<PullRequestNumber>, Error> {
        let went: Vec<_> = batch.iter().filter(|what| !matches!(what, What::Stays(..))).map(What::number).collect();
        if went.is_empty() {
            return Ok(BTreeSet::new());
        }
        // Another root may be of this application, too.
        let roots = roots_of(&self.root.configuration.document().application, self.apps).await?;
        let has = |number| roots.iter().any(|(configuration, previews)| may_have(configuration, number, previews));
        Ok(went.into_iter().filter(|number| has(*number)).collect())
    }

    /// What can not be said now is left to the next sweep, which knows it by a deployment. Where there is none to know it by, those
    /// who listen would never hear of it.
    async fn leave(&mut self, batch: &[What<'_>]) {
        for what in batch.iter().filter(|what| matches!(what, What::Gone(..))) {
            if !self.is_remembered(what.number()) {
                self.tell_one(what, None).await;
            }
        }
    }

    /// Whether a deployment that is not over remembers a preview.
    fn is_remembered(&self, number: PullRequestNumber) -> bool {
        let application = &self.root.configuration.document().application;
        let open = |known: &&Deployment| known.is_of(application, number) && known.standing != Standing::Inactive;
        self.ledger.deployments.iter().any(|known| open(&known))
    }

    /// Tells the pull request, on which that was said before; where nobody can say what was, those who listen alone.
    async fn tell_one(&mut self, what: &What<'_>, said: Option<Conversation>) {
        let (root, request, number) = (self.root, self.request, what.number());
        let document = root.configuration.document();
        let found = || self.known.pull_request(&document.repository, number);
        let is_heard = said.is_some();
        let Some(mut said) = said.or_else(|| found().cloned().map(Conversation::unread)) else { return };
        let Some(identity) = root.identity_of(what) else { return };
        said.deployments = self.deployments(what);
        said.has_all_deployments = self.ledger.is_whole;
        let closed = Reason::of_the_end(said.pull_request.state);
        let keep = document.preview.labels.keep.first().map(String::as_str);
        let (reason, record, expiry, tags) = match what {
            What::Untold(_) => (closed.as_ref(), None, Expiry::Never, Vec::new()),
            What::Gone(record, reason) => (Some(*reason), Some(*record), Expiry::Never, Vec::new()),
            What::Stays(name, record) => {
                let expiry = expiry::of(&document.preview, &said.pull_request, record);
                (None, Some(*record), expiry, root.tags(name))
            }
        };
        let (state, story) = match what {
            What::Stays(_, record) => {
                let story = Story::Up { record, tags: &tags, expiry: &expiry, keep };
                (State::of_a_life(&expiry, self.now), story)
            }
            What::Untold(_) | What::Gone(..) => (State::Removed, Story::Removed { reason, record }),
        };
        let apps_commit = self.swept.apps_commit.clone().filter(|_| matches!(what, What::Gone(..)));
        let holding = Holding {
            marker: said.marker(&document.application, state, record, reason),
            number,
            reason,
            taken: matches!(what, What::Gone(..)).then_some(Step::Removed),
            is_prolonged: false,
            expires: comment::expires(&expiry, record.is_some_and(|record| record.approval.is_some())),
            seen: None,
            answer: None,
            environments: request.environments,
        };
        let telling = Telling {
            holding,
            configuration: &root.configuration,
            identity: &identity,
            commit: record.map(|record| &record.commit),
            story,
            by: None,
            at: self.now,
            run: request.run.as_deref(),
            apps_commit: apps_commit.as_ref(),
            waited: None,
        };
        if is_heard {
            self.say(&telling, said, &identity.name).await;
        } else {
            telling.spread(self.listeners, &said);
        }
    }

    /// Says it, if there is anything to say, when there is room for it.
    async fn say(&mut self, telling: &Telling<'_>, said: Conversation, name: &PreviewName) {
        let requests = telling.plan(&said).requests();
        if requests == 0 {
            return telling.spread(self.listeners, &said);
        }
        let wait = self.pacing.pace.wait(requests, self.pacing.started.elapsed()).filter(|_| !self.pacing.is_stopped);
        let Some(wait) = wait else {
            self.pacing.is_stopped = true;
            self.swept.waiting += 1;
            if telling.holding.taken.is_some() && !self.is_remembered(telling.holding.number) {
                telling.spread(self.listeners, &said);
            }
            return;
        };
        if !wait.is_zero() {
            tracing::info!(?wait, "waiting, as the forge takes only so many comments and deployments a minute");
            tokio::time::sleep(wait).await;
        }
        let announced = telling.announce(self.forge, self.listeners, said).await;
        for _ in 0..requests {
            self.pacing.pace.count(self.pacing.started.elapsed());
        }
        let name = self.root.name_of(name.as_str());
        match announced.error {
            None => self.swept.announced.push(name),
            Some(error) => self.fail(&name, error),
        }
    }

    /// Deletes the environments that no preview, and no deployment that is not over, is in.
    async fn delete_environments(&mut self) {
        let here: BTreeSet<_> = self.root.sweep.staying.values().map(|record| own_environment(record.number)).collect();
        let is_used = |environment: &String| {
            let deployments = || self.ledger.deployments.iter().filter(|known| known.environment == *environment);
            // One that never had a deployment of ours is somebody else's.
            let is_ours = deployments().any(|known| known.payload.is_some());
            here.contains(environment)
                || !self.ledger.is_whole
                || !is_ours
                || deployments().any(|known| known.standing != Standing::Inactive)
        };
        let unused: Vec<_> =
            self.ledger.environments.iter().filter(|environment| !is_used(environment)).cloned().collect();
        for environment in unused {
            let wait = self.pacing.pace.wait(1, self.pacing.started.elapsed()).filter(|_| !self.pacing.is_stopped);
            let Some(wait) = wait else { return };
            tokio::time::sleep(wait).await;
            self.pacing.pace.count(self.pacing.started.elapsed());
            match self.forge.delete_environment(&environment).await {
                Ok(()) => {}
                Err(ForgeError::Forbidden { .. }) => return,
                Err(error) => self.fail(&environment, error),
            }
        }
    }

    fn fail(&mut self, what: &str, error: ForgeError) {
        self.pacing.is_stopped |= matches!(error, ForgeError::RateLimited { .. } | ForgeError::BadCredentials { .. });
        self.swept.failed.push((what.to_owned(), Error::NotAnnounced(error)));
    }

    /// What the ledger has of a preview; nothing where it may have more that was not read.
    fn deployments(&self, what: &What<'_>) -> Option<Vec<Deployment>> {
        let application = &self.root.configuration.document().application;
        let known = self.ledger.deployments.iter().filter(|known| {
            let is_in_its_environment = known.environment == own_environment(what.number());
            known.is_of(application, what.number()) || is_in_its_environment
        });
        let known: Vec<_> = known.cloned().collect();
        (self.ledger.is_whole || !known.is_empty()).then_some(known)
    }
}

impl Root {
    /// What a preview is called: where it is there, by what was rendered, which the configuration may have moved on from.
    fn identity_of(&self, what: &What<'_>) -> Option<Identity> {
        let configured = self.configuration.identity(what.number()).ok()?;
        let What::Stays(name, record) = what else { return Some(configured) };
        observe::identity_there(configured, name, self.previews.directories.get(*name)?, record)
    }

    /// The tags that a preview's patch has now.
    fn tags(&self, name: &str) -> Vec<(String, String)> {
        let files = self.previews.directories.get(name).map(|directory| &directory.files);
        let patch = files.and_then(|files| files.get(overlay::PATCH)).map_or("", String::as_str);
        self.configuration.tags_in(patch)
    }
}
