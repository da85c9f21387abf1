//! Brings a Vault from whatever state it is in to the wanted one: observe, decide, act, and look again.

mod configure;
mod initialise;
mod join;
mod keys;
mod login;
mod mounts;
mod root;
mod secret_ids;
mod settings;
mod unseal;
mod wait;

use std::time::Duration;

use futures_util::future::join_all;
use jiff::Timestamp;

use self::keys::Keys;
use self::wait::Waiting;
use super::escrow;
use crate::domain::escrow::record::SCHEMA;
use crate::domain::escrow::{Ledger, Phase, Record};
use crate::domain::names::Application;
use crate::domain::vault::address::NodeAddress;
use crate::domain::vault::decision::{Obstacle, Seen, Step, decide};
use crate::domain::vault::pgp::PgpKey;
use crate::domain::vault::seen::{NodeSeen, View, status_of};
use crate::domain::vault::state::State;
use crate::domain::vault::wanted::Wanted;
use crate::error::BootstrapError;
use crate::ports::vault::{Done, HandOver, Mark, Progress, Vault, VaultError};
use crate::ports::{EscrowCipher, EscrowSink};
use crate::secret::Secret;

/// The world of a bootstrap.
pub struct World<'a, V, S, C, H> {
    /// The nodes.
    pub vault: &'a V,
    /// Where the escrow is kept.
    pub sinks: &'a [S],
    /// What encrypts it.
    pub cipher: &'a C,
    /// Where secrets go.
    pub hands: &'a H,
    /// Who hears of it.
    pub progress: &'a dyn Progress,
}

/// What a run is asked to do.
#[derive(Debug, Clone)]
pub struct Request {
    /// The desired state.
    pub wanted: Wanted,
    /// Whether anything may be written.
    pub mode: Mode,
    /// 32 hexadecimal digits that name this run.
    pub run: String,
    /// The address of this run.
    pub run_url: Option<String>,
    /// When it began.
    pub now: Timestamp,
    /// How long to wait for what may pass.
    pub patience: Duration,
    /// The keys of the people who keep a share each; none for custody by the escrow alone.
    pub pgp_keys: Vec<PgpKey>,
    /// A token to log in with.
    pub token: Option<Secret>,
    /// Shares given by hand.
    pub shares: Vec<Secret>,
    /// Mint a new secret-id for the deployer, even if the old one is good.
    pub rotates: bool,
    /// Mint a secret-id for the External Secrets reader.
    pub mints_reader: bool,
    /// The applications to mint a secret-id for. Each is wanted.
    pub mints_applications: Vec<Application>,
    /// Change version 1 of KV into version 2.
    pub upgrades_kv: bool,
    /// The cluster that may be given up for lost.
    pub given_up: Option<String>,
    /// Addresses that shares may go to although the escrow does not know them.
    pub acknowledged: Vec<NodeAddress>,
}

/// Whether anything may be written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mode {
    /// Make it as wanted.
    Apply,
    /// Report what differs.
    Check,
    /// Show the steps.
    DryRun,
}

/// What a run found and did.
#[derive(Debug, Default)]
pub struct Outcome {
    /// The state it was found in.
    pub state: Option<State>,
    /// Whether anything was changed.
    pub has_changed: bool,
    /// Everything that was looked at and done, in order.
    pub done: Vec<Done>,
    /// The deployer's role-id.
    pub role_id: Option<String>,
    /// The External Secrets reader's.
    pub reader_role_id: Option<String>,
    /// Those of the applications, in the order of their names.
    pub application_role_ids: Vec<(Application, String)>,
    /// The active node.
    pub active: Option<NodeAddress>,
}

impl Outcome {
    /// How many things differ.
    #[must_use]
    pub fn differences(&self) -> usize {
        self.done.iter().filter(|done| done.mark == Mark::Differs).count()
    }
}

/// One run.
struct Run<'a, V, S, C, H> {
    world: &'a World<'a, V, S, C, H>,
    request: &'a Request,
    outcome: &'a mut Outcome,
    /// What the escrow held when it was last read or written.
    ledger: Ledger,
    /// What is inside of it, if it could be opened.
    keys: Keys,
    /// Nodes that were told to join in this run.
    joined: Vec<NodeAddress>,
    /// A root token that was made for what the operator may not write.
    elevated: Option<login::Session>,
    /// Whether a node was unsealed with what the escrow holds.
    has_unsealed: bool,
    /// Initialisations whose answer was lost.
    broken: u32,
    /// How often another run was in the way.
    collisions: u32,
}

/// How many steps a node may take: to be initialised, to join and to be unsealed, each of them again some times.
const STEPS_OF_A_NODE: usize = 12;
/// How often another run may be in the way of one.
const COLLISIONS: u32 = 5;

/// Brings the Vault to the wanted state. What was found and done so far is in `outcome`, also when it ends early.
///
/// # Errors
///
/// Whatever keeps it from the wanted state.
pub async fn bootstrap<V, S, C, H>(
    world: &World<'_, V, S, C, H>,
    request: &Request,
    outcome: &mut Outcome,
) -> Result<(), BootstrapError>
where
    V: Vault,
    S: EscrowSink + Sync,
    C: EscrowCipher + Sync,
    H: HandOver,
{
    if request.mode == Mode::Apply {
        world.hands.is_ready()?;
    }
    let ledger = escrow::load(world.sinks).await?;
    let environment = request.wanted.environment.as_ref().map(ToString::to_string);
    escrow::of_environment(&ledger, environment.as_deref()).map_err(Box::new)?;
    let mut run = Run {
        world,
        request,
        outcome,
        ledger,
        keys: Keys::Nothing,
        joined: Vec::new(),
        elevated: None,
        has_unsealed: false,
        broken: 0,
        collisions: 0,
    };
    run.converge().await
}

impl<V, S, C, H> Run<'_, V, S, C, H>
where
    V: Vault,
    S: EscrowSink + Sync,
    C: EscrowCipher + Sync,
    H: HandOver,
{
    async fn converge(&mut self) -> Result<(), BootstrapError> {
        let mut waiting = Waiting::new(self.request.patience);
        let mut steps = 0;
        loop {
            self.open_escrow().await?;
            let nodes = self.look().await;
            let step = decide(&self.seen(&nodes));
            if self.outcome.state.is_none() && !matches!(step, Step::Wait(Obstacle::Unreachable { .. })) {
                self.outcome.state = Some(State::of(&step, &nodes));
            }
            if let Some(planned) = self.planned(&step) {
                return self.only_plan(planned);
            }
            match step {
                Step::Wait(obstacle) => {
                    if let Err(error) = waiting.wait(obstacle).await {
                        self.outcome.state.get_or_insert(State::Unreachable);
                        return Err(error);
                    }
                    self.ledger = escrow::load(self.world.sinks).await?;
                    continue;
                }
                Step::Initialise { node } => self.initialise(&node, &nodes).await?,
                Step::Join { node, leader } => self.join(&node, &leader).await?,
                Step::Unseal { node } => self.unseal(&node, &nodes).await?,
                Step::Configure { node, is_foreign, cluster_id } => {
                    let result = self.configure(&node, is_foreign, cluster_id, &nodes).await;
                    match result {
                        Err(error) if self.met_another_run(&error).await? => self.look_again(&error).await?,
                        result => return result,
                    }
                }
                Step::Refuse(obstacle) | Step::Ask(obstacle) => return Err(self.in_the_way(obstacle, &nodes)),
            }
            waiting = Waiting::new(self.request.patience);
            steps += 1;
            if steps > STEPS_OF_A_NODE * nodes.len() {
                return Err(BootstrapError::Restless);
            }
        }
    }

    /// Whether a failure comes from another run that makes the same changes at the same time.
    async fn met_another_run(&mut self, error: &BootstrapError) -> Result<bool, BootstrapError> {
        if self.request.mode != Mode::Apply || self.collisions >= COLLISIONS {
            return Ok(false);
        }
        match error {
            // By 500 OpenBao says that two transactions were in each other's way.
            BootstrapError::OtherRun { .. }
            | BootstrapError::EscrowMoves
            | BootstrapError::Vault(VaultError::Refused { status: 500, .. }) => Ok(true),
            // The token may be gone because the other one was quicker.
            BootstrapError::Vault(VaultError::Forbidden { .. }) | BootstrapError::NotReadBack { .. } => {
                self.ledger = escrow::load(self.world.sinks).await?;
                Ok(self.has_company())
            }
            _ => Ok(false),
        }
    }

    /// Lets the other run go on for a while, and forgets what is no longer so.
    async fn look_again(&mut self, error: &BootstrapError) -> Result<(), BootstrapError> {
        self.collisions += 1;
        tracing::info!("{error}: looking again");
        tokio::time::sleep(Duration::from_millis(rand::random_range(200..800))).await;
        self.ledger = escrow::load(self.world.sinks).await?;
        self.keys = Keys::Nothing;
        self.outcome.done.retain(|done| done.mark == Mark::Changed);
        Ok(())
    }

    /// What is in the way; where people keep a share each, with whose are wanted.
    fn in_the_way(&self, obstacle: Obstacle, nodes: &[NodeSeen]) -> BootstrapError {
        let holders = self.holders();
        match obstacle {
            Obstacle::NoShares { node } if !holders.is_empty() => {
                let status = status_of(nodes, &node);
                let (given, threshold) = status.map_or((0, 0), |status| (status.seal.progress, status.seal.threshold));
                BootstrapError::TooFewShares { node, given, threshold, holders }
            }
            obstacle => BootstrapError::Obstacle(obstacle),
        }
    }

    /// All nodes, at the same time.
    async fn look(&self) -> Vec<NodeSeen> {
        join_all(self.request.wanted.addresses.iter().map(|node| self.world.vault.look(node))).await
    }

    fn seen<'n>(&'n self, nodes: &'n [NodeSeen]) -> Seen<'n> {
        Seen {
            nodes,
            escrow: self.held(),
            shares: self.shares(),
            has_token: self.request.token.is_some(),
            given_up: self.request.given_up.as_deref(),
        }
    }

    /// What a step would do, where nothing may be written.
    fn planned(&self, step: &Step) -> Option<&'static str> {
        if self.request.mode == Mode::Apply {
            return None;
        }
        match step {
            Step::Initialise { .. } => Some("initialise it, and write its keys into the escrow"),
            Step::Join { .. } => Some("make it join the cluster"),
            Step::Unseal { .. } => Some("unseal it with the shares"),
            _ => None,
        }
    }

    fn only_plan(&mut self, planned: &str) -> Result<(), BootstrapError> {
        let node = self.request.wanted.addresses.first().map(ToString::to_string).unwrap_or_default();
        let differs = if self.request.mode == Mode::Check { Mark::Differs } else { Mark::Planned };
        self.report("Vault", differs, &format!("`{node}`: {planned}"));
        for what in settings::everything(&self.request.wanted) {
            self.report(&what, differs, "is not there, or can not be seen yet");
        }
        self.end_of_check()
    }

    /// The end of a run that was only to look.
    fn end_of_check(&self) -> Result<(), BootstrapError> {
        match (self.request.mode, self.outcome.differences()) {
            (Mode::Check, count) if count > 0 => Err(BootstrapError::Drift { count }),
            _ => Ok(()),
        }
    }

    fn begin(&self, what: &str) {
        self.world.progress.begins(what);
    }

    fn report(&mut self, what: &str, mark: Mark, detail: &str) {
        let done = Done { what: what.to_owned(), mark, detail: detail.to_owned() };
        self.world.progress.ends(&done);
        self.outcome.has_changed |= mark == Mark::Changed;
        self.outcome.done.push(done);
    }

    /// A record of this run, of the generation that comes next.
    fn record(&self, phase: Phase) -> Record {
        let wanted = &self.request.wanted;
        Record {
            schema: SCHEMA,
            generation: self.ledger.next_generation(),
            phase,
            run: self.request.run.clone(),
            at: self.request.now,
            environment: wanted.environment.as_ref().map(ToString::to_string),
            addresses: wanted.addresses.clone(),
            seal_type: String::new(),
            threshold: u32::from(wanted.key_shares.threshold()),
            shares: u32::from(wanted.key_shares.shares()),
            run_url: self.request.run_url.clone(),
            recipients: wanted.recipients.clone(),
            cluster_id: None,
            pgp_shares: Vec::new(),
            ciphertext: None,
        }
    }
}

/// The nodes that are not as they should be, once everything else is.
fn left_over(nodes: &[NodeSeen]) -> Option<Obstacle> {
    nodes.iter().find_map(|node| match &node.view {
        View::Silent { why } => Some(Obstacle::Unreachable { node: node.address.clone(), why: why.clone() }),
        View::Answers(status) if status.seal.is_sealed => Some(Obstacle::NoShares { node: node.address.clone() }),
        View::Answers(_) => None,
    })
}
