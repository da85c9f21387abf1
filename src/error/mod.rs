//! Everything that can end a run, with what to do about it and the exit code.

mod bootstrap;
mod code;
mod escrow;
mod fork_images;
mod hint;
mod registry;
mod secrets;

pub use bootstrap::BootstrapError;
pub use fork_images::ForkImagesError;
pub use registry::{ImagesMissing, MissingImage};
pub use secrets::SecretsError;

use std::path::PathBuf;
use std::time::Duration;

use crate::domain::base::BaseError;
use crate::domain::checks::{Finding, Severity};
use crate::domain::configuration::{ConfigurationError, NotAdmitted, UnknownImage};
use crate::domain::escrow::Shortfall;
use crate::domain::guard::Leak;
use crate::domain::names::{PullRequestNumber, RepositoryName};
use crate::domain::path::RepoPath;
use crate::domain::plan::PlanError;
use crate::domain::readiness::Seen;
use crate::domain::sweep::Problem;
use crate::domain::vault::wanted::WantedError;
use crate::domain::yaml::YamlError;
use crate::ports::{AppsError, CipherError, EntryKind, EscrowError, ForgeError, RegistryError, RenderError};

/// Why a run ended early.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The command line, the environment or the event does not say what is needed.
    #[error("{message}")]
    Usage {
        /// What is missing or wrong.
        message: String,
        /// What to do.
        hint: &'static str,
    },
    /// No such pull request.
    #[error("`{repository}` has no pull request {number}, or the token can not see it")]
    NoPullRequest {
        /// Where it was looked for.
        repository: RepositoryName,
        /// Its number.
        number: PullRequestNumber,
    },
    /// A tag for an image that is not configured.
    #[error(transparent)]
    UnknownImage(#[from] UnknownImage),
    /// No `bivouac.yaml` in the root.
    #[error("the apps repository has no `{file}`")]
    NoConfiguration {
        /// Where it was looked for.
        file: RepoPath,
    },
    /// `bivouac.yaml` can not be used.
    #[error(transparent)]
    Configuration(#[from] ConfigurationError),
    /// Two roots would give their previews the same hosts.
    #[error("`{file}` and `{other}` give their previews the same hosts")]
    SameHosts {
        /// The configuration of this root.
        file: RepoPath,
        /// The configuration of the other one.
        other: RepoPath,
    },
    /// Two roots are of the same application of the same repository.
    #[error("`{file}` and `{other}` are of one application, whose pull requests have one comment and one namespace")]
    SameApplication {
        /// The configuration of this root.
        file: RepoPath,
        /// The configuration of the other one.
        other: RepoPath,
    },
    /// The pull request's repository is not configured.
    #[error(transparent)]
    NotAdmitted(#[from] NotAdmitted),
    /// No base.
    #[error("the apps repository has no `{base}`")]
    NoBase {
        /// Where it was looked for.
        base: RepoPath,
    },
    /// A directory that is included has no kustomization.
    #[error("`{directory}` has no `kustomization.yaml`")]
    NoKustomization {
        /// The directory.
        directory: RepoPath,
    },
    /// A kustomization includes something that is not there.
    #[error("`{file}` includes `{path}`, which is not there")]
    NoResource {
        /// The kustomization.
        file: RepoPath,
        /// What is missing.
        path: RepoPath,
    },
    /// A component that kustomize would not take for one.
    #[error("`{file}` is not a component: its `kind` is not `Component`")]
    NotAComponent {
        /// Its kustomization.
        file: RepoPath,
    },
    /// A kustomization uses something whose effect on the release is not known here.
    #[error("`{file}` uses {what}, whose effect on the HelmRelease Bivouac does not follow")]
    NotFollowed {
        /// The kustomization.
        file: RepoPath,
        /// What it uses.
        what: &'static str,
    },
    /// A kustomization includes something outside the repository.
    #[error("`{file}` includes `{resource}`, which leads out of the repository")]
    OutOfTree {
        /// The kustomization.
        file: RepoPath,
        /// What it includes.
        resource: String,
    },
    /// A file that is not YAML.
    #[error("`{path}` can not be read")]
    NotYaml {
        /// The file.
        path: RepoPath,
        /// Where and why.
        source: YamlError,
    },
    /// Base can not be used.
    #[error(transparent)]
    Base(#[from] BaseError),
    /// There is no plan.
    #[error(transparent)]
    Plan(#[from] PlanError),
    /// Something is where something else should be.
    #[error("`{path}` in the apps repository is {}, which Bivouac does not follow or replace", kind.with_article())]
    InTheWay {
        /// Where.
        path: RepoPath,
        /// What is there.
        kind: EntryKind,
    },
    /// The tip kept moving.
    #[error("the apps repository's tip moved {attempts} times in a row, for longer than the patience of {patience:?}")]
    Contended {
        /// How many commits were tried.
        attempts: u32,
        /// How long was allowed.
        patience: Duration,
    },
    /// The apps repository.
    #[error(transparent)]
    Apps(#[from] AppsError),
    /// The forge.
    #[error(transparent)]
    Forge(#[from] ForgeError),
    /// The preview is as it should be, but the comment does not say so.
    #[error("the apps repository is as it should be, but the pull request could not be told")]
    NotAnnounced(#[source] ForgeError),
    /// No root at all.
    #[error("the apps repository has no `bivouac.yaml` anywhere")]
    NoRoots,
    /// A preview that a sweep could not decide over.
    #[error(transparent)]
    NotSwept(#[from] Problem),
    /// A repository that was not read.
    #[error("the pull requests of `{repository}` could not be read")]
    NotSurveyed {
        /// The repository.
        repository: RepositoryName,
    },
    /// A repository none of whose pull requests can be read.
    #[error(
        "none of the {pull_requests} pull requests of `{repository}` with a preview can be read, as if the token had lost its access: nothing was taken down"
    )]
    SeesNothing {
        /// The repository.
        repository: RepositoryName,
        /// How many were asked for.
        pull_requests: usize,
    },
    /// A sweep that did all it could, and not all that there was to do.
    #[error("the sweep could not do everything: {}", what.join(", "))]
    Unswept {
        /// What was left, by the names of previews and roots.
        what: Vec<String>,
        /// The first failure, whose code counts.
        #[source]
        first: Box<Error>,
    },
    /// Files exist that say something else.
    #[error("these files exist and say something else: {}", files.join(", "))]
    WouldOverwrite {
        /// The files.
        files: Vec<String>,
    },
    /// A file where a directory should be, on this machine.
    #[error("`{}` is a file, not a directory", path.display())]
    NotADirectory {
        /// The file.
        path: PathBuf,
    },
    /// The escrow.
    #[error(transparent)]
    Escrow(#[from] EscrowError),
    /// A registry.
    #[error(transparent)]
    Registry(#[from] RegistryError),
    /// Images that did not come.
    #[error(transparent)]
    ImagesMissing(#[from] ImagesMissing),
    /// The images of a fork's commit.
    #[error(transparent)]
    ForkImages(#[from] ForkImagesError),
    /// The desired state of a Vault can not be used.
    #[error(transparent)]
    Wanted(#[from] WantedError),
    /// A Vault is not as wanted.
    #[error(transparent)]
    Bootstrap(#[from] BootstrapError),
    /// The secrets of previews.
    #[error(transparent)]
    Secrets(#[from] SecretsError),
    /// What encrypts and decrypts the escrow.
    #[error(transparent)]
    Cipher(#[from] CipherError),
    /// The escrow holds something else than its record says.
    #[error(transparent)]
    Shortfall(#[from] Shortfall),
    /// An escrow without keys.
    #[error("the escrow holds no keys")]
    NoKeys,
    /// An escrow that has not got what another one has.
    #[error("the escrow `{sink}` lags behind: it holds {holds} of {of} generations")]
    EscrowLags {
        /// Which one.
        sink: String,
        /// How many it holds.
        holds: usize,
        /// Of how many.
        of: usize,
    },
    /// The escrow of another Vault.
    #[error("the escrow is of the environment `{found}`, not of `{wanted}`")]
    OtherEnvironment {
        /// Whose it is.
        found: String,
        /// Whose was asked for.
        wanted: String,
    },
    /// What would be committed looks like a secret.
    #[error(transparent)]
    LooksSecret(#[from] Leak),
    /// Checks refuse what would be committed, or what is there.
    #[error("{}", refused(.0))]
    Refused(Vec<Finding>),
    /// Checks refuse what is there.
    #[error("{refusals} finding{} refuse{} {overlays} overlay{}", plural(*.refusals), singular(*.refusals), plural(*.overlays))]
    Invalid {
        /// How many findings refuse something.
        refusals: usize,
        /// How many overlays they are about.
        overlays: usize,
    },
    /// No such preview.
    #[error("the apps repository has no preview `{overlay}`")]
    NoPreview {
        /// Where it was looked for.
        overlay: RepoPath,
    },
    /// Something does not build.
    #[error("`{directory}` does not build: {words}")]
    NotRendered {
        /// What.
        directory: RepoPath,
        /// Kustomize's words.
        words: String,
    },
    /// A check can not be made on this machine.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// What `doctor` found.
    #[error("{}", found(*.set_up, *.blocking))]
    Unhealthy {
        /// How many findings are about the set-up.
        set_up: usize,
        /// How many block a release.
        blocking: usize,
    },
    /// Nothing says when a preview is ready.
    #[error("`{file}` does not say when a preview is ready: it has no `checks.ready`")]
    NothingToWaitFor {
        /// The configuration.
        file: RepoPath,
    },
    /// A preview that was waited for in vain.
    #[error("the preview {name} did not get ready for {commit} within {within}; last seen: {seen}")]
    NotReady {
        /// Its name.
        name: String,
        /// The commit, cut short.
        commit: String,
        /// How long it was waited for.
        within: String,
        /// What was seen last.
        seen: Seen,
    },
    /// The program was told to stop.
    #[error("stopped before the end")]
    Stopped,
    /// This machine: a file, a directory, a pipe.
    #[error("{what}")]
    Local {
        /// What was tried, and on what.
        what: String,
        /// Why it failed.
        source: Box<dyn std::error::Error + Send + Sync>,
    },
}

impl Error {
    /// A failed piece of work on this machine.
    pub fn local(what: impl Into<String>, source: impl Into<Box<dyn std::error::Error + Send + Sync>>) -> Self {
        Self::Local { what: what.into(), source: source.into() }
    }
}

fn found(set_up: usize, blocking: usize) -> String {
    let of_set_up = if set_up == 1 { "1 finding is" } else { "findings are" };
    let of_blocking = if blocking == 1 { "1 finding blocks" } else { "findings block" };
    let counted = |count: usize, text: &str, end: &str| match count {
        0 => None,
        1 => Some(format!("{text} {end}")),
        count => Some(format!("{count} {text} {end}")),
    };
    let parts = [counted(set_up, of_set_up, "about the set-up"), counted(blocking, of_blocking, "a release")];
    parts.into_iter().flatten().collect::<Vec<_>>().join(", and ")
}

/// An error and what caused it, in one text.
#[must_use]
pub fn with_causes(error: &dyn std::error::Error) -> String {
    let causes = std::iter::successors(error.source(), |cause| cause.source());
    causes.fold(error.to_string(), |text, cause| format!("{text}: {cause}"))
}

fn plural(count: usize) -> &'static str {
    if count == 1 { "" } else { "s" }
}

fn singular(count: usize) -> &'static str {
    if count == 1 { "s" } else { "" }
}

/// How many findings there are, and the first of those that refuse.
fn refused(findings: &[Finding]) -> String {
    let mut refusals = findings.iter().filter(|finding| finding.severity == Severity::Refusal);
    let count = refusals.clone().count();
    let first = refusals.next().map_or_else(String::new, |finding| format!(": {finding}"));
    let more = if count > 1 { format!(", and {} more", count - 1) } else { String::new() };
    format!("refused by the checks{first}{more}")
}
