//! Which Vault, who logs in, and which preview is meant.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use crate::commands::bootstrap_vault::pem;
use crate::commands::context::Context;
use crate::commands::options::{AppsOptions, Format, PullRequestOptions};
use crate::domain::configuration::{ObjectName, SecretKey};
use crate::domain::names::{PullRequestNumber, RepositoryName};
use crate::domain::vault::address::{InvalidNodeAddress, NodeAddress};
use crate::domain::vault::wanted::{MountPath, RoleName};
use crate::effects::vault::VaultNodes;
use crate::effects::{oidc, stop};
use crate::env;
use crate::error::Error;
use crate::ports::{AppsRepository, Keyring};
use crate::runner::Runner;
use crate::secret::Secret;
use crate::usecases::secrets::{Entrance, Entry, Request, Safe, configured_repository};

/// How long a node may take to answer.
const PATIENCE: Duration = Duration::from_secs(30);

/// The role for the login by GitHub's OIDC that nobody has to name.
const ROLE: &str = "bivouac-deployer";

/// Which Vault, and who logs in.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Vault")]
pub struct VaultOptions {
    /// The address of a node, never of a load balancer. May be repeated, one a node: the first that answers is asked
    #[arg(long, value_name = "URL")]
    pub vault_address: Vec<String>,
    /// The certificates to trust, in place of the system's: PEM, base64 of it, or a file; `VAULT_CACERT` if not given
    #[arg(long, value_name = "PEM", allow_hyphen_values = true)]
    pub ca_certificate: Option<String>,
    /// Where KV version 2 is mounted
    #[arg(long, value_name = "PATH", default_value = "secret")]
    pub kv_mount: MountPath,
    /// The role for the login by GitHub's OIDC
    #[arg(long, value_name = "NAME", default_value = ROLE)]
    pub vault_role: RoleName,
    /// Where the login by GitHub's OIDC is mounted
    #[arg(long, value_name = "PATH", default_value = "jwt")]
    pub vault_jwt_mount: MountPath,
    /// Where the login by `AppRole` is mounted
    #[arg(long, value_name = "PATH", default_value = "approle")]
    pub vault_approle_mount: MountPath,
    /// The audience of GitHub's OIDC token; the first address if not given
    #[arg(long, value_name = "TEXT", value_parser = one_word)]
    pub vault_audience: Option<String>,
    /// The role-id for the login by `AppRole`, which needs a secret-id too
    #[arg(long, value_name = "ID", value_parser = one_word)]
    pub vault_role_id: Option<String>,
    /// The file with the secret-id for the login by `AppRole`; `BIVOUAC_VAULT_SECRET_ID` holds the secret-id itself
    #[arg(long, value_name = "FILE")]
    pub vault_secret_id_file: Option<PathBuf>,
}

/// What the verbs that are about one preview share.
#[derive(Debug, Clone, Args)]
pub struct OneOptions {
    /// Which of `secrets` of `bivouac.yaml`, by its name
    #[arg(long, value_name = "NAME")]
    pub secret: Option<String>,
    /// Show what would be done, and write nothing anywhere
    #[arg(long)]
    pub dry_run: bool,
    /// The form of the result on standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// Which pull request.
    #[command(flatten)]
    pub pull_request: SubjectOptions,
    /// Which apps repository.
    #[command(flatten)]
    pub apps: AppsOptions,
    /// Which Vault.
    #[command(flatten)]
    pub vault: VaultOptions,
}

/// Which pull request.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Pull request")]
pub struct SubjectOptions {
    /// The application repository; else the event's, else `GITHUB_REPOSITORY`, else the one that `bivouac.yaml` names
    #[arg(long, value_name = "OWNER/NAME")]
    pub repository: Option<RepositoryName>,
    /// The pull request; else the event's
    #[arg(long, value_name = "NUMBER")]
    pub pull_request: Option<PullRequestNumber>,
}

/// What a Vault is opened with: a client, a login, and the machine.
pub(in crate::commands) struct Door {
    nodes: VaultNodes,
    keyring: RunnerKeyring,
    entrance: Entrance,
    mount: MountPath,
}

impl Door {
    /// The Vault behind it.
    #[must_use]
    pub(in crate::commands) fn safe(&self) -> Safe<'_, VaultNodes, RunnerKeyring> {
        let Self { nodes, keyring, entrance, mount } = self;
        Safe { vault: nodes, keyring, entrance, mount }
    }
}

impl VaultOptions {
    /// The door of the Vault that is named, or else of the one that all programs use.
    ///
    /// # Errors
    ///
    /// When none is named, nothing says how to log in, or something that is named can not be used.
    pub(super) fn door_of_any(&self, context: &Context) -> Result<Door, Error> {
        let mut named = self.named(context)?;
        if named.addresses.is_empty() {
            named.addresses = parsed(context.environment.get(env::VAULT_ADDR).into_iter().map(str::trim))?;
        }
        if named.addresses.is_empty() {
            let hint = "give `--vault-address`, or set `BIVOUAC_VAULT_ADDRESSES` or `VAULT_ADDR`";
            return Err(Error::Usage { message: "the Vault is not named".to_owned(), hint });
        }
        self.door_to(named, &[env::VAULT_TOKEN_OWN, env::VAULT_TOKEN], context)
    }

    /// What is named, read and found usable.
    ///
    /// # Errors
    ///
    /// When something that is named can not be used.
    pub(in crate::commands) fn named(&self, context: &Context) -> Result<Named, Error> {
        // Where there is one line only, as in the form that starts a workflow, several stand in it, apart by blanks.
        let addresses = parsed(self.vault_address.iter().flat_map(|text| text.split_whitespace()))?;
        let certificates = self.ca_certificate.as_deref().map(|text| pem(text, Path::new(""))).transpose()?;
        let file = self.vault_secret_id_file.as_deref();
        let secret_id = context.environment.secret(env::VAULT_SECRET_ID, file).map_err(|why| match file {
            // It would be quoted, and may be the secret-id itself.
            Some(_) => Error::Usage {
                message: "the file that `--vault-secret-id-file` names can not be used".to_owned(),
                hint: "check its name, and put the secret-id into it, alone",
            },
            None => why,
        })?;
        if let Some(secret_id) = &secret_id {
            context.runner.mask(secret_id);
        }
        Ok(Named { addresses, certificates, secret_id })
    }

    /// The door of the Vault that is named, for what is removed with previews. Nothing when none is.
    ///
    /// # Errors
    ///
    /// When nothing says how to log in, or something that is named can not be used.
    pub(in crate::commands) fn door(&self, named: Named, context: &Context) -> Result<Option<Door>, Error> {
        if named.addresses.is_empty() {
            return Ok(None);
        }
        self.door_to(named, &[env::VAULT_TOKEN_OWN], context).map(Some)
    }

    fn door_to(&self, named: Named, tokens: &[&str], context: &Context) -> Result<Door, Error> {
        if context.environment.get(env::VAULT_NAMESPACE).is_some() {
            return Err(Error::Usage {
                message: "`VAULT_NAMESPACE` is set, and namespaces of a Vault are not supported".to_owned(),
                hint: "use a Vault, or a mount, of the root namespace, and leave the variable out",
            });
        }
        let Named { addresses, certificates, secret_id } = named;
        let in_environment = || context.environment.get(env::VAULT_CACERT).map(|text| pem(text, Path::new("")));
        let certificates = certificates.map_or_else(|| in_environment().transpose(), |pem| Ok(Some(pem)))?;
        let oidc = oidc::Provider::new(&context.environment, || context.http_client())?;
        let audience = self.vault_audience.clone().or_else(|| addresses.first().map(ToString::to_string));
        let has_secret_id = secret_id.is_some();
        let login = match (given(tokens, context)?, self.vault_role_id.as_deref().and_then(Secret::new), secret_id) {
            (Some(token), ..) => Entry::Given(token),
            (None, Some(role_id), Some(secret_id)) => {
                Entry::AppRole { mount: self.vault_approle_mount.clone(), role_id, secret_id }
            }
            _ if oidc.is_some() => Entry::Identity {
                mount: self.vault_jwt_mount.clone(),
                role: self.vault_role.clone(),
                audience: audience.unwrap_or_default(),
            },
            (_, role_id, _) => {
                return Err(no_login(role_id.is_some(), has_secret_id, self.vault_role.as_str() != ROLE));
            }
        };
        Ok(Door {
            nodes: VaultNodes::new(certificates.as_deref(), PATIENCE)?,
            keyring: RunnerKeyring { runner: context.runner.clone(), oidc },
            entrance: Entrance { addresses, login },
            mount: self.kv_mount.clone(),
        })
    }
}

/// What the options name, read and found usable.
pub(in crate::commands) struct Named {
    addresses: Vec<NodeAddress>,
    certificates: Option<String>,
    secret_id: Option<Secret>,
}

impl Named {
    /// The nodes that are named.
    pub(super) fn addresses(&self) -> &[NodeAddress] {
        &self.addresses
    }
}

/// The first token that somebody gave.
fn given(names: &[&str], context: &Context) -> Result<Option<Secret>, Error> {
    for name in names {
        if let Some(token) = context.environment.secret(name, None)? {
            context.runner.mask(&token);
            return Ok(Some(token));
        }
    }
    Ok(None)
}

fn no_login(has_role_id: bool, has_secret_id: bool, names_a_role: bool) -> Error {
    let (message, hint) = match (has_role_id, has_secret_id) {
        (true, _) => (
            "the login by AppRole has a role-id, and no secret-id",
            "give the secret-id with `--vault-secret-id-file`, in `BIVOUAC_VAULT_SECRET_ID`, or in the file that `BIVOUAC_VAULT_SECRET_ID_FILE` names",
        ),
        (false, true) => (
            "the login by AppRole has a secret-id, and no role-id",
            "give the role-id with `--vault-role-id`, or in `BIVOUAC_VAULT_ROLE_ID`",
        ),
        (false, false) if names_a_role => (
            "the role is one for the login by GitHub's OIDC, and there is no token of GitHub's OIDC provider to be had",
            "give the job `permissions: id-token: write`, which is missing; outside of a job, log in with `--vault-role-id` and a secret-id",
        ),
        (false, false) => (
            "nothing says how to log in to the Vault",
            "give `--vault-role-id` with the secret-id in `BIVOUAC_VAULT_SECRET_ID` or the file that `BIVOUAC_VAULT_SECRET_ID_FILE` names, or the job `permissions: id-token: write` for the login by GitHub's OIDC, or a token in `BIVOUAC_VAULT_TOKEN`",
        ),
    };
    Error::Usage { message: message.to_owned(), hint }
}

/// A text without blanks: the id of a role, an audience.
fn one_word(text: &str) -> Result<String, String> {
    if !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Ok(text.to_owned());
    }
    Err("it is one word, without blanks".to_owned())
}

fn parsed<'a>(addresses: impl Iterator<Item = &'a str>) -> Result<Vec<NodeAddress>, Error> {
    let parsed = addresses.map(str::parse::<NodeAddress>);
    parsed.collect::<Result<_, _>>().map_err(|why| Error::Usage {
        message: match why {
            InvalidNodeAddress::Shape(_) => "what `--vault-address` says is not the address of a Vault",
            InvalidNodeAddress::Credentials(_) => "what `--vault-address` says holds a name or a password",
            InvalidNodeAddress::Plain(_) => "what `--vault-address` says is plain HTTP to another machine",
        }
        .to_owned(),
        hint: "write it as `https://` and a host, as `bootstrap-vault` takes it",
    })
}

impl OneOptions {
    /// Whose secrets are meant: by the options, else by the event, and what neither says of the repository, by the configuration.
    ///
    /// # Errors
    ///
    /// When none says it, or the configuration can not be read.
    pub(super) async fn request(&self, apps: &impl AppsRepository, context: &Context) -> Result<Request, Error> {
        let SubjectOptions { repository, pull_request } = self.pull_request.clone();
        let mut options = PullRequestOptions { repository, pull_request, commit: None };
        let event = context.event(&options)?;
        if context.application_repository(&options, event.repository.clone()).is_err() {
            options.repository = Some(configured_repository(&self.apps.path, apps).await?);
        }
        let subject = context.subject_of(event, &options)?;
        Ok(Request {
            repository: subject.repository,
            number: subject.number,
            root: self.apps.path.clone(),
            secret: secret_name(self.secret.as_deref())?,
            now: context.now,
        })
    }
}

/// The name of one of `secrets`. What is none is not quoted: it may be a value that somebody put there.
pub(super) fn secret_name(text: Option<&str>) -> Result<Option<ObjectName>, Error> {
    let parsed = text.map(|text| text.trim().parse::<ObjectName>());
    parsed.transpose().map_err(|_| Error::Usage {
        message: "what `--secret` says is not the name of a Secret".to_owned(),
        hint: "give the `name` of one of `secrets` in `bivouac.yaml`; values are never arguments",
    })
}

/// The key of a value, which is not quoted where it is none.
pub(super) fn key(text: &str) -> Result<SecretKey, Error> {
    text.parse().map_err(|_| Error::Usage {
        message: "what `--key` says is not a key of a Secret".to_owned(),
        hint: "use letters, digits, `-`, `_` and `.`; values are never arguments",
    })
}

/// The runner, GitHub's OIDC provider, and the signals of this machine.
pub(in crate::commands) struct RunnerKeyring {
    runner: Runner,
    oidc: Option<oidc::Provider>,
}

impl Keyring for RunnerKeyring {
    fn hold(&self) {
        stop::hold();
    }

    fn release(&self) {
        stop::release();
    }

    fn mask(&self, secret: &Secret) {
        self.runner.mask(secret);
    }

    async fn identity_token(&self, audience: &str) -> Result<Secret, Box<Error>> {
        match &self.oidc {
            Some(provider) => provider.token(audience).await.map_err(Box::new),
            None => Err(Box::new(Error::local("there is no token of GitHub's OIDC provider", "the job may have none"))),
        }
    }
}
