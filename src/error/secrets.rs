//! What can go wrong with the secrets of previews: what the program ends with, and what to do.

use std::time::Duration;

use super::Error;
use crate::contract::ExitCode;
use crate::domain::configuration::SecretKey;
use crate::domain::names::{PullRequestNumber, RepositoryName};
use crate::domain::path::RepoPath;
use crate::domain::preview_secrets::{InvalidValues, PullRequestOf};
use crate::domain::reason::Reason;
use crate::domain::sweep::Problem;
use crate::domain::vault::address::NodeAddress;
use crate::domain::vault::wanted::{MountPath, SecretPath};
use crate::ports::vault::{NO_TLS, VaultError};

/// What to do about a node that listens without TLS.
pub(super) const LET_IT_SPEAK_TLS: &str =
    "let the node listen with TLS and name that port; `http://` is for a Vault on this machine alone";

/// Why a preview's own secrets are not as wanted.
#[derive(Debug, thiserror::Error)]
pub enum SecretsError {
    /// A node, or the login that is used.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// No node can be used.
    #[error("no node of the Vault can be used: {}", why.join("; "))]
    NoNode {
        /// Why not, for each of them.
        why: Vec<String>,
    },
    /// The token of this run is still good.
    #[error("what there was to do at `{node}` is done, but the token of this run could not be given back")]
    NotGivenBack {
        /// Which node.
        node: NodeAddress,
        /// Why.
        source: VaultError,
    },
    /// The token that was given.
    #[error("`{node}` does not accept the token that was given")]
    BadToken {
        /// Which node.
        node: NodeAddress,
    },
    /// Nothing that secrets can be put into.
    #[error("there is no KV version 2 at `{mount}`: {found}")]
    NotKv2 {
        /// Where it was looked for.
        mount: MountPath,
        /// What is there.
        found: String,
    },
    /// Previews have no secrets.
    #[error("`{file}` has no `secrets`")]
    None {
        /// The configuration.
        file: RepoPath,
    },
    /// Nothing says which.
    #[error("`{file}` has several `secrets`: {known}")]
    Several {
        /// The configuration.
        file: RepoPath,
        /// Their names.
        known: String,
    },
    /// There is none of that name.
    #[error("`{file}` has no secret `{name}`: it has {known}")]
    Unknown {
        /// The configuration.
        file: RepoPath,
        /// The name.
        name: String,
        /// Those that there are.
        known: String,
    },
    /// What was given are no values.
    #[error("what was given can not be put")]
    Values(#[from] InvalidValues),
    /// The pull request is closed.
    #[error("nothing is put for `{repository}#{number}`: {}", reason.sentence())]
    Ended {
        /// Where it is.
        repository: RepositoryName,
        /// Its number.
        number: PullRequestNumber,
        /// How it ended.
        reason: Reason,
    },
    /// The pull request is a stranger's.
    #[error("nothing is put for `{repository}#{number}`: it comes from a fork, whose preview gets no secrets")]
    Fork {
        /// Where it is.
        repository: RepositoryName,
        /// Its number.
        number: PullRequestNumber,
    },
    /// The path is in use.
    #[error("what is at `{path}` was put for {owner}")]
    Foreign {
        /// Where.
        path: SecretPath,
        /// Whose it is.
        owner: Box<PullRequestOf>,
    },
    /// The path may be in use.
    #[error("what is at `{path}` may be somebody else's: its metadata does not say what it should of `{key}`")]
    Unclear {
        /// Where.
        path: SecretPath,
        /// Which key of the metadata.
        key: &'static str,
    },
    /// Nothing to copy.
    #[error("there are no secrets at `{path}`")]
    NoSource {
        /// Where.
        path: SecretPath,
    },
    /// Not all that is to be copied.
    #[error("at `{path}` there is no key `{key}`")]
    NoKey {
        /// Where.
        path: SecretPath,
        /// Which key.
        key: SecretKey,
    },
    /// The pull request that values were put for can not be read.
    #[error(transparent)]
    Unreadable(Problem),
    /// Others write there, too.
    #[error("`{path}` was written by others {attempts} times in a row, for longer than the patience of {patience:?}")]
    Contended {
        /// Where.
        path: SecretPath,
        /// How often it was tried.
        attempts: u32,
        /// How long was allowed.
        patience: Duration,
    },
    /// The preview is gone, and not all that belonged to it.
    #[error("the preview is gone, its own secrets at {paths} are not")]
    Left {
        /// Where.
        paths: String,
        /// Why.
        source: Box<Error>,
    },
    /// There was no preview, and there may be what belonged to it.
    #[error("there is no preview, and whether it left secrets of its own at {paths} is not known")]
    Unsure {
        /// Where.
        paths: String,
        /// Why.
        source: Box<Error>,
    },
    /// Something outside of the Vault.
    #[error(transparent)]
    Other(#[from] Box<Error>),
}

impl From<Error> for SecretsError {
    fn from(error: Error) -> Self {
        match error {
            Error::Secrets(error) => error,
            error => Self::Other(Box::new(error)),
        }
    }
}

impl SecretsError {
    /// What the program ends with.
    #[must_use]
    pub fn exit_code(&self) -> ExitCode {
        match self {
            Self::Vault(error) | Self::NotGivenBack { source: error, .. } => vault_code(error),
            Self::BadToken { .. } => ExitCode::NotAllowed,
            Self::NoNode { .. } | Self::Unreadable(_) => ExitCode::Unreachable,
            Self::None { .. } => ExitCode::Configuration,
            Self::Several { .. }
            | Self::Unknown { .. }
            | Self::Values(_)
            | Self::Ended { .. }
            | Self::NoSource { .. }
            | Self::NoKey { .. } => ExitCode::Usage,
            Self::NotKv2 { .. } | Self::Fork { .. } | Self::Foreign { .. } | Self::Unclear { .. } => ExitCode::Unsafe,
            Self::Contended { .. } => ExitCode::Contended,
            Self::Left { source, .. } | Self::Unsure { source, .. } | Self::Other(source) => source.exit_code(),
        }
    }

    /// What the reader can do about it.
    #[must_use]
    pub fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::Vault(error) => return vault_hint(error),
            Self::NoNode { why } if why.iter().any(|why| why.contains(NO_TLS)) => LET_IT_SPEAK_TLS,
            Self::NoNode { .. } => {
                "check `--vault-address`, `--ca-certificate` and the firewall; `bivouac bootstrap-vault` unseals what is sealed"
            }
            Self::NotGivenBack { .. } => "it ends by itself; the role's policy has to allow `auth/token/revoke-self`",
            Self::BadToken { .. } => {
                "the token in `BIVOUAC_VAULT_TOKEN` or `VAULT_TOKEN` is wrong or expired, or may not even look itself up: unset it, or give another"
            }
            Self::NotKv2 { .. } => "name the mount with `--kv-mount`; the policy has to allow something below it",
            Self::None { .. } => "say under `secrets` what previews take from the Vault; docs/secrets.md explains it",
            Self::Several { .. } | Self::Unknown { .. } => "name one of them with `--secret`",
            Self::Values(_) => {
                "give lines `KEY=VALUE` or a JSON object, or `--key` with one value alone, at standard input or with `--file`"
            }
            Self::Ended { .. } => {
                "`bivouac secrets remove` removes what there still is of it; a sweep does once the pull request is closed or the time is up"
            }
            Self::Fork { .. } => {
                "somebody who may push to the repository can push the branch there, and open a pull request of it"
            }
            Self::Foreign { .. } => {
                "give the secrets of each application a `path` of their own in `bivouac.yaml`, or remove what is there by hand"
            }
            Self::Unclear { .. } => {
                "if nobody needs it, remove what is there by hand; else give the metadata back what it said"
            }
            Self::NoSource { .. } => "check the path, which begins below the mount, and that the role may read it",
            Self::NoKey { .. } => {
                "nothing was copied; name keys that are there with `--key`, or leave it out to copy all of them"
            }
            Self::Unreadable(_) => {
                "nothing that can not be read is taken for closed: if it is gone for good, remove them with `bivouac secrets remove`"
            }
            Self::Contended { .. } => "raise `--patience`, or serialise the jobs with a `concurrency` group",
            Self::Left { .. } | Self::Unsure { .. } => {
                "`bivouac secrets remove` removes them; a sweep does once the pull request is closed or the time is up"
            }
            Self::Other(error) => return error.hint(),
        })
    }
}

fn vault_code(error: &VaultError) -> ExitCode {
    match error {
        VaultError::Forbidden { .. } => ExitCode::NotAllowed,
        VaultError::Unreachable { .. } | VaultError::Senseless { .. } | VaultError::Refused { status: 500.., .. } => {
            ExitCode::Unreachable
        }
        VaultError::Refused { .. } => ExitCode::Failed,
    }
}

fn vault_hint(error: &VaultError) -> Option<&'static str> {
    match error {
        VaultError::Forbidden { what, .. } if what.starts_with("log in") => Some(
            "check the role (`--vault-role`, `--vault-role-id`), its mount, and that the secret-id in `BIVOUAC_VAULT_SECRET_ID` has not expired",
        ),
        VaultError::Forbidden { .. } => {
            Some("the policy of the login has to allow that path: docs/secrets.md shows it")
        }
        VaultError::Unreachable { message, .. } if message.contains(NO_TLS) => Some(LET_IT_SPEAK_TLS),
        VaultError::Unreachable { .. } => {
            Some("check the address, the certificate (`--ca-certificate`) and the firewall, then run it again")
        }
        VaultError::Senseless { .. } => Some("what answers there is a proxy, or no Vault: name the node itself"),
        VaultError::Refused { .. } => None,
    }
}
