//! What the reader can do about an error.

use super::{Error, escrow, registry};
use crate::domain::base::BaseError;
use crate::domain::escrow::Shortfall;
use crate::domain::overlay::OverlayError;
use crate::domain::plan::PlanError;
use crate::domain::sweep::Problem;
use crate::ports::{AppsError, ForgeError, RenderError};

impl Error {
    /// What the reader can do about it, where that is known.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        match self {
            Self::Usage { hint, .. } => Some(hint),
            Self::NoPullRequest { .. } => Some("check `--repository` and `--pull-request`"),
            Self::NoPreview { .. } => Some("`bivouac list` shows those that there are"),
            Self::NoConfiguration { .. } => {
                Some("name its directory with `--path`, or lay the repository out with `bivouac init`")
            }
            Self::NoRoots => Some("lay a root out with `bivouac init`"),
            Self::NotSwept(problem) => Some(problem_hint(problem)),
            Self::SeesNothing { .. } | Self::NotSurveyed { .. } => {
                Some("check that the token may read that repository's pull requests")
            }
            Self::Unswept { .. } => Some("the rest was done; what was left is tried again by the next sweep"),
            Self::SameApplication { .. } => Some("give one of them another `application`"),
            Self::SameHosts { .. } => Some("give one of them another `domain`, or another `preview.host`"),
            Self::NotAdmitted(_) => Some("set `repository` in it, if these pull requests may have previews here"),
            Self::NoBase { .. } | Self::NoKustomization { .. } => {
                Some("a root needs `base/kustomization.yaml` with one HelmRelease: `bivouac init` writes one")
            }
            Self::Base(error) => base_hint(error),
            Self::Plan(error) => plan_hint(error),
            Self::InTheWay { .. } => Some("remove or rename it: Bivouac needs that place, or reads from it"),
            Self::NotAComponent { .. } => Some(
                "give it `kind: Component` (kustomize.config.k8s.io/v1alpha1), or list it under `resources` of base",
            ),
            Self::NotFollowed { .. } => {
                Some("say the same with `patches` in the repository, or move it to the overlays that need it")
            }
            Self::Contended { .. } => Some("raise `--patience`, or serialise the jobs with a `concurrency` group"),
            Self::Apps(error) => apps_hint(error),
            Self::Forge(error) => forge_hint(error),
            Self::NotAnnounced(error) => {
                forge_hint(error).or(Some("run it again: the comment is all that is left to do"))
            }
            Self::WouldOverwrite { .. } => Some("give `--force` to overwrite them, or another directory"),
            Self::LooksSecret(leak) if leak.is_known() => Some(
                "nothing was committed; take it out of there: what a preview needs is kept in a Vault and named under `secrets`, and a value that this run was given is never committed",
            ),
            Self::LooksSecret(_) => Some(
                "nothing was committed; keep it in a Vault and name it under `secrets`, or, if it is none, list its key under `checks.not-secret` with the reason",
            ),
            Self::Refused(_) => Some(
                "nothing was committed; see it for yourself with `bivouac validate` in a checkout of the apps repository",
            ),
            Self::Render(RenderError::NoProgram { .. }) => Some(
                "install it (for kustomize, `kubectl` will do), name it with `--kustomize` or `--helm`, or turn the check off in `bivouac.yaml`",
            ),
            Self::Unhealthy { .. } => Some("each finding says what mends it; what can not be looked at may hide more"),
            Self::Stopped => Some("run it again: it goes on from whatever is there"),
            Self::NotADirectory { .. } => Some("name another directory"),
            Self::Escrow(error) => escrow::hint(error),
            Self::Registry(error) => Some(registry::hint(error)),
            Self::ImagesMissing(_) => Some(
                "see whether the job that pushes them has failed or takes longer: raise `--image-timeout`, or make that job one that this one `needs`",
            ),
            Self::ForkImages(error) => Some(error.hint()),
            Self::Bootstrap(error) => error.hint(),
            Self::Secrets(error) => error.hint(),
            Self::Wanted(_) => Some("`bivouac schema vault` prints what can be said, and docs/vault.md explains it"),
            Self::Cipher(error) => Some(escrow::cipher_hint(error)),
            Self::Shortfall(Shortfall::Edited { .. }) => Some(
                "give it no shares: find out who edited it, and put back what was there, from its history or another sink",
            ),
            Self::Shortfall(_) => {
                Some("an earlier generation may be whole (`bivouac escrow show`); keep everything until you know")
            }
            Self::NothingToWaitFor { .. } => Some(
                "say under `checks.ready` which `header` or `json` pointer holds the commit, or `flux: true`; docs/waiting.md explains it",
            ),
            Self::NotReady { .. } => Some(
                "look with `flux get helmreleases -A` and `kubectl get pods -A` why it does not come up, and give `--wait-timeout` if it needs longer",
            ),
            Self::NoKeys => Some("name the sinks that the Vault was brought up with"),
            Self::EscrowLags { .. } => {
                Some("whatever writes the escrow next brings it up to date; until then do not rely on it")
            }
            Self::OtherEnvironment { .. } => {
                Some("name its own sinks with `--escrow`, or the environment that they are of")
            }
            Self::UnknownImage(_)
            | Self::Configuration(_)
            | Self::NoResource { .. }
            | Self::OutOfTree { .. }
            | Self::NotYaml { .. }
            | Self::Render(_)
            | Self::Invalid { .. }
            | Self::NotRendered { .. }
            | Self::Local { .. } => None,
        }
    }
}

fn problem_hint(problem: &Problem) -> &'static str {
    match problem {
        Problem::Unreadable { .. } => {
            "nothing that can not be read is taken for closed: if it is gone for good, remove the preview's directory and its line in the list by hand"
        }
        Problem::Broken(_) => {
            "put the annotations of its patch right, or remove the directory and its line in the list by hand"
        }
        Problem::Stranger(_) => {
            "set `repository` in `bivouac.yaml`, or remove the directory and its line in the list by hand"
        }
        Problem::Unfit(_) => "remove it: Bivouac does not follow or replace it",
    }
}

fn base_hint(error: &BaseError) -> Option<&'static str> {
    match error {
        BaseError::NoRelease { .. } => Some("list the file that holds it under `resources` of base's kustomization"),
        BaseError::SeveralReleases { .. } => Some("keep one in base; one root is one application"),
        BaseError::HasNamespace { .. } => {
            Some("move it to the overlays that need it, such as `overlays/production`; a preview brings its own")
        }
        BaseError::NotYaml { .. } | BaseError::Unnamed { .. } | BaseError::Patch { .. } => None,
    }
}

fn plan_hint(error: &PlanError) -> Option<&'static str> {
    match error {
        PlanError::Overlay(OverlayError::NoNamespace { .. }) => {
            Some("state a namespace in the reference, or on the HelmRelease, or in base's kustomization")
        }
        PlanError::Overlay(OverlayError::NotProvided { .. }) => Some(
            "include it in base, list its name under `preview.provided` if the cluster puts it into every namespace, or name it under `secrets` if it is a Secret whose values are in a Vault",
        ),
        PlanError::Overlay(OverlayError::NotForForks { .. }) => Some(
            "make the reference `optional: true`, so that their previews come up without, or set `preview.forks: refused`",
        ),
        PlanError::Overlay(OverlayError::MadeTwice { .. }) => Some("give one of them another name, or leave it out"),
        PlanError::Taken { .. } => Some("give the applications different names with `preview.name`, or another root"),
        PlanError::Rewritten { .. } => {
            Some("run `deploy` for the pull request, which writes it as it should be, and ask again")
        }
        PlanError::Foreign { .. } => Some("move or remove the directory by hand, if nobody needs it"),
        PlanError::Overlay(OverlayError::Configuration(_)) | PlanError::Roster { .. } => None,
    }
}

pub(super) fn apps_hint(error: &AppsError) -> Option<&'static str> {
    match error {
        AppsError::BadCredentials { repository, .. } if repository.starts_with("ssh://") => {
            Some("give a key that may log in there with `--ssh-key`, or in `BIVOUAC_SSH_KEY`")
        }
        AppsError::BadCredentials { .. } => Some(
            "set `BIVOUAC_APPS_TOKEN` (the input `apps-token`) to a token that may push there; the GitHub token goes to its own server only",
        ),
        AppsError::Forbidden { .. } => Some(
            "give the token write access, `contents: write` on the apps repository; without `BIVOUAC_APPS_TOKEN` (the input `apps-token`) it is the GitHub token",
        ),
        AppsError::NoRepository { repository, .. } if repository.starts_with("file://") => Some("check the path"),
        AppsError::NoRepository { .. } => Some(
            "check the name, and that the token has access to it; without `BIVOUAC_APPS_TOKEN` (the input `apps-token`) it is the GitHub token",
        ),
        AppsError::Refused { .. } => Some(
            "let the token's owner push to this branch, by the rules of the branch or of the hook, or name another with `--apps-branch`",
        ),
        AppsError::Empty { .. } => Some("lay it out with `bivouac init`, commit and push that first"),
        AppsError::NoBranch { .. } | AppsError::NoDefaultBranch { .. } => {
            Some("name an existing one with `--apps-branch`")
        }
        AppsError::Unreachable { .. } => Some("check the address and the network, then run it again"),
        AppsError::RateLimited { .. } => Some("wait for the limit to pass, then run it again"),
        AppsError::Unsupported { .. } => Some("give `--backend git`"),
        AppsError::NotText { .. } | AppsError::Address { .. } | AppsError::Local { .. } => None,
    }
}

fn forge_hint(error: &ForgeError) -> Option<&'static str> {
    match error {
        ForgeError::BadCredentials { .. } => Some("set `GITHUB_TOKEN` (in a workflow: `${{ github.token }}`)"),
        ForgeError::Forbidden { what, .. } if what.contains("deployment") => {
            Some("give the job `permissions: deployments: write`, or do without deployments with `--deployments off`")
        }
        ForgeError::Forbidden { what, .. } | ForgeError::NotFound { what, .. } if what.contains("secret") => Some(
            "check that the environment is there, and set `BIVOUAC_ENVIRONMENT_TOKEN` to a token with `environments: write`, which `GITHUB_TOKEN` can not have",
        ),
        ForgeError::Forbidden { what, .. } | ForgeError::NotFound { what, .. }
            if what.contains("statuses of a commit") =>
        {
            Some("give the job `permissions: statuses: read`, which `checks.ready.flux` needs")
        }
        ForgeError::Forbidden { what, .. } if what.contains("builds of a commit") || what.contains("a build left") => {
            Some("give the job `permissions: actions: read`")
        }
        ForgeError::NotFound { what, .. } if what.contains("builds of a commit") => {
            Some("check the name of the workflow's file, and that it is on the default branch")
        }
        ForgeError::Forbidden { .. } => Some("give the job `permissions: pull-requests: write`"),
        ForgeError::NotFound { .. } => Some("check the repository's name, and that the token has access to it"),
        ForgeError::RateLimited { .. } => Some("wait for the limit to pass, then run it again"),
        ForgeError::Failed { .. } | ForgeError::Unreachable { .. } | ForgeError::Senseless { .. } => {
            Some("check the forge's status, then run it again")
        }
        ForgeError::Address { .. } | ForgeError::Local { .. } => None,
    }
}
