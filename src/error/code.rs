//! What the program ends with.

use super::{Error, escrow, registry};
use crate::contract::ExitCode;
use crate::domain::plan::PlanError;
use crate::domain::sweep::Problem;
use crate::domain::vault::wanted::WantedError;
use crate::ports::{AppsError, ForgeError};

impl Error {
    /// What the program ends with.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Usage { .. }
            | Self::NoPullRequest { .. }
            | Self::NoPreview { .. }
            | Self::UnknownImage(_)
            | Self::Wanted(WantedError::Option { .. } | WantedError::Nowhere(_)) => ExitCode::Usage,
            Self::NoRoots
            | Self::Wanted(WantedError::File { .. })
            | Self::NoConfiguration { .. }
            | Self::Configuration(_)
            | Self::SameHosts { .. }
            | Self::SameApplication { .. }
            | Self::NothingToWaitFor { .. }
            | Self::NoBase { .. }
            | Self::NoKustomization { .. }
            | Self::NoResource { .. }
            | Self::NotAComponent { .. }
            | Self::NotFollowed { .. }
            | Self::OutOfTree { .. }
            | Self::NotYaml { .. }
            | Self::Base(_)
            | Self::Plan(PlanError::Overlay(_) | PlanError::Roster { .. }) => ExitCode::Configuration,
            Self::NotAdmitted(_)
            | Self::InTheWay { .. }
            | Self::LooksSecret(_)
            | Self::WouldOverwrite { .. }
            | Self::NotADirectory { .. }
            | Self::Shortfall(_)
            | Self::OtherEnvironment { .. }
            | Self::NotSwept(Problem::Broken(_) | Problem::Stranger(_) | Problem::Unfit(_))
            | Self::Plan(PlanError::Taken { .. } | PlanError::Foreign { .. } | PlanError::Rewritten { .. }) => {
                ExitCode::Unsafe
            }
            Self::NotSwept(Problem::Unreadable { .. }) => ExitCode::Unreachable,
            Self::SeesNothing { .. } | Self::NotSurveyed { .. } => ExitCode::NotAllowed,
            Self::Unswept { first, .. } => first.exit_code(),
            Self::Contended { .. } => ExitCode::Contended,
            // What can not be looked at may hide the rest.
            Self::Render(_) | Self::Unhealthy { set_up: 1.., .. } => ExitCode::SetUp,
            Self::Refused(_)
            | Self::Invalid { .. }
            | Self::NotRendered { .. }
            | Self::ImagesMissing(_)
            | Self::NotReady { .. }
            | Self::Unhealthy { .. } => ExitCode::Blocked,
            Self::Apps(error) => apps_code(error),
            Self::Forge(error) | Self::NotAnnounced(error) => forge_code(error),
            Self::Escrow(error) => escrow::code(error),
            Self::Registry(error) => registry::code(error),
            Self::ForkImages(error) => error.exit_code(),
            Self::Bootstrap(error) => error.exit_code(),
            Self::Secrets(error) => error.exit_code(),
            Self::Cipher(error) => escrow::cipher_code(error),
            Self::NoKeys | Self::EscrowLags { .. } | Self::Stopped | Self::Local { .. } => ExitCode::Failed,
        }
    }
}

pub(super) fn apps_code(error: &AppsError) -> ExitCode {
    match error {
        AppsError::BadCredentials { .. }
        | AppsError::Forbidden { .. }
        | AppsError::NoRepository { .. }
        | AppsError::Refused { .. } => ExitCode::NotAllowed,
        AppsError::Empty { .. }
        | AppsError::NoBranch { .. }
        | AppsError::NoDefaultBranch { .. }
        | AppsError::NotText { .. } => ExitCode::Configuration,
        AppsError::Address { .. } | AppsError::Unsupported { .. } => ExitCode::Usage,
        AppsError::Unreachable { .. } | AppsError::RateLimited { .. } => ExitCode::Unreachable,
        AppsError::Local { .. } => ExitCode::Failed,
    }
}

fn forge_code(error: &ForgeError) -> ExitCode {
    match error {
        ForgeError::BadCredentials { .. } | ForgeError::Forbidden { .. } | ForgeError::NotFound { .. } => {
            ExitCode::NotAllowed
        }
        ForgeError::RateLimited { .. }
        | ForgeError::Failed { .. }
        | ForgeError::Unreachable { .. }
        | ForgeError::Senseless { .. } => ExitCode::Unreachable,
        ForgeError::Address { .. } => ExitCode::Usage,
        ForgeError::Local { .. } => ExitCode::Failed,
    }
}
