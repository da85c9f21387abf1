//! `bivouac bootstrap-vault`.

mod checklist;
mod hands;
mod options;
mod show;

pub(in crate::commands) use options::pem;

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;

use super::context::Context;
use super::escrow;
use super::options::{AppsOptions, Format, parse_duration};
use crate::domain::names::{Application, RepositoryName};
use crate::domain::vault::address::NodeAddress;
use crate::effects::escrow::AgeCipher;
use crate::effects::vault::VaultNodes;
use crate::error::Error;
use crate::ports::EscrowCipher as _;
use crate::usecases::vault::{Mode, Outcome, World, bootstrap};

/// Bring up the Vault that previews take their secrets from, whatever state it is in.
///
/// Looks at every node, works out what there is to do, does it, and reads it back: initialise, keep the keys encrypted, unseal,
/// join, configure, and revoke the root token. Run twice it changes nothing. Works on `OpenBao` and on HashiCorp Vault.
#[derive(Debug, Args)]
pub struct Arguments {
    /// Report what differs from what is wanted, and write nothing; code 8 when something does
    #[arg(long, conflicts_with = "dry_run")]
    pub check: bool,
    /// Show the steps, and write nothing
    #[arg(long)]
    pub dry_run: bool,
    /// The form of the result on standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// How long to wait for what may pass: a node that does not answer, another run, an election
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = parse_duration)]
    pub patience: Duration,
    /// The Vault.
    #[command(flatten)]
    pub vault: VaultOptions,
    /// Its keys.
    #[command(flatten)]
    pub keys: KeyOptions,
    /// What is configured.
    #[command(flatten)]
    pub settings: SettingOptions,
    /// What is done only when it is asked for.
    #[command(flatten)]
    pub permissions: PermissionOptions,
    /// Where the deployer's login goes.
    #[command(flatten)]
    pub hand_over: HandOverOptions,
    /// The apps repository, for an escrow in it.
    #[command(flatten)]
    pub apps: AppsOptions,
}

/// Which Vault.
#[derive(Debug, Args)]
#[command(next_help_heading = "Vault")]
pub struct VaultOptions {
    /// The file with all of the desired state; `bivouac schema vault` prints its schema. An option replaces what it says
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// The address of a node, never of a load balancer; `VAULT_ADDR` if not given. May be repeated, one a node
    #[arg(long, value_name = "URL")]
    pub vault_address: Vec<String>,
    /// The environment that the Vault is for: it names the record and the commits
    #[arg(long, value_name = "NAME")]
    pub environment: Option<String>,
    /// The certificates to trust, in place of the system's: PEM, base64 of it, or a file; `VAULT_CACERT` if not given
    #[arg(long, value_name = "PEM", allow_hyphen_values = true)]
    pub ca_certificate: Option<String>,
}

/// The keys of a Vault, and who keeps them.
#[derive(Debug, Args)]
#[command(next_help_heading = "Keys")]
pub struct KeyOptions {
    /// Where the encrypted keys are kept: `file:PATH`, or `git:PATH` in the apps repository (from `--path`). May be repeated
    #[arg(long, value_name = "SINK")]
    pub escrow: Vec<String>,
    /// Who can open them: `age1…`, or an SSH public key. Two or more, one of them kept offline
    #[arg(long, value_name = "KEY")]
    pub recipient: Vec<String>,
    /// The `OpenPGP` public key of a person who keeps one share: a file, or base64. One for each share
    #[arg(long, value_name = "KEY")]
    pub pgp_key: Vec<String>,
    /// How many shares the key is split into; 5 if not given
    #[arg(long, value_name = "NUMBER")]
    pub key_shares: Option<u32>,
    /// How many of them unseal it; 3 if not given
    #[arg(long, value_name = "NUMBER")]
    pub key_threshold: Option<u32>,
    /// Allow a key of one share only
    #[arg(long)]
    pub single_share: bool,
}

/// What is configured.
#[derive(Debug, Args)]
#[command(next_help_heading = "Configuration")]
pub struct SettingOptions {
    /// Where KV version 2 is mounted; `secret` if not given
    #[arg(long, value_name = "PATH")]
    pub kv_mount: Option<String>,
    /// The `AppRole` of the deployer; `bivouac-deployer` if not given
    #[arg(long, value_name = "NAME")]
    pub approle_name: Option<String>,
    /// The name of its policy; `bivouac-deployer` if not given
    #[arg(long, value_name = "NAME")]
    pub approle_policy_name: Option<String>,
    /// The file with its policy, in place of one that allows its own prefix only
    #[arg(long, value_name = "FILE")]
    pub approle_policy: Option<PathBuf>,
    /// How long its tokens live; 1h if not given
    #[arg(long, value_name = "TIME")]
    pub token_ttl: Option<String>,
    /// How long they live at most; 4h if not given
    #[arg(long, value_name = "TIME")]
    pub token_max_ttl: Option<String>,
    /// How long its secret-id lives; 4h if not given
    #[arg(long, value_name = "TIME")]
    pub secret_id_ttl: Option<String>,
    /// The number of the repository whose workflows log in by GitHub's OIDC; no such login without it
    #[arg(long, value_name = "NUMBER")]
    pub github_repository_id: Option<String>,
    /// The workflow that logs in by it: OWNER/NAME/.github/workflows/FILE@REF
    #[arg(long, value_name = "WORKFLOW")]
    pub job_workflow_ref: Option<String>,
}

/// What is done only when it is asked for.
#[derive(Debug, Args)]
#[command(next_help_heading = "Permissions")]
pub struct PermissionOptions {
    /// Mint a new secret-id for the deployer although the old one is good; the old one is destroyed once the new one is proven
    #[arg(long)]
    pub rotate_secret_id: bool,
    /// Mint a secret-id without an end for the External Secrets reader, into a file
    #[arg(long)]
    pub mint_reader_secret_id: bool,
    /// Mint a secret-id for an application of the file's `applications`, into a file. May be repeated
    #[arg(long, value_name = "NAME")]
    pub mint_application_secret_id: Vec<Application>,
    /// Upgrade KV version 1 to version 2 where it is in place
    #[arg(long)]
    pub allow_kv_upgrade: bool,
    /// Initialise a Vault whose escrow has keys: the name of the cluster that is given up, as the refusal says it
    #[arg(long, value_name = "ID")]
    pub acknowledge_new_cluster: Option<String>,
    /// Give shares to an address that the escrow does not know. May be repeated
    #[arg(long, value_name = "URL")]
    pub acknowledge_address: Vec<NodeAddress>,
}

/// Where the deployer's login goes, beside a file of mode 0600.
#[derive(Debug, Args)]
#[command(next_help_heading = "Hand-over")]
pub struct HandOverOptions {
    /// Make the secret-id an output too. A masked value does not cross jobs: for steps of the same job only
    #[arg(long)]
    pub output_secret_id: bool,
    /// The environment on GitHub that gets the login as secrets `BIVOUAC_VAULT_ROLE_ID` and `BIVOUAC_VAULT_SECRET_ID`; needs
    /// a token with `environments: write` in `BIVOUAC_ENVIRONMENT_TOKEN`
    #[arg(long, value_name = "NAME")]
    pub secrets_environment: Option<String>,
    /// The repository of that environment; `GITHUB_REPOSITORY` if not given
    #[arg(long, value_name = "OWNER/NAME")]
    pub repository: Option<RepositoryName>,
    /// The file with the token that stands in for the apps repository's; `BIVOUAC_GITHUB_TOKEN` or `GITHUB_TOKEN` holds the
    /// token itself
    #[arg(long, value_name = "FILE")]
    pub github_token_file: Option<PathBuf>,
}

/// Runs it.
///
/// # Errors
///
/// Whatever keeps the Vault from the wanted state.
pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    leave_no_core_dump();
    let (request, certificates) = options::request(&arguments, context)?;
    let addresses = options::sinks(&request.wanted)?;
    options::is_lasting(&addresses, context)?;
    let token_file = arguments.hand_over.github_token_file.as_deref();
    let sinks = escrow::sinks(&addresses, &arguments.apps, token_file, arguments.patience, context)?;
    let nodes = VaultNodes::new(certificates.as_deref(), arguments.patience)?;
    let cipher = escrow::cipher(context)?;
    let hands = hands::Hands::new(&arguments.hand_over, arguments.apps.transport.allow_http, context)?;
    refuse_bad_recipients(&request.wanted.recipients)?;
    let checklist = checklist::Checklist::new(&context.runner);
    let world = World { vault: &nodes, sinks: &sinks, cipher: &cipher, hands: &hands, progress: &checklist };
    let mut outcome = Outcome::default();
    let result = bootstrap(&world, &request, &mut outcome).await;
    checklist.end();
    let shown = show::Shown { outcome: &outcome, request: &request, escrow: &addresses, left: &hands.left() };
    let told = shown.tell(arguments.format, context, result.is_ok());
    // What ended it is not hidden by what can not be told.
    result.map_err(Error::from).and(told)
}

/// Refuses what nothing can be encrypted to before anybody is asked anything. Whose identity was given is of no account here.
fn refuse_bad_recipients(recipients: &[String]) -> Result<(), Error> {
    if recipients.is_empty() { Ok(()) } else { Ok(AgeCipher::default().try_out(recipients)?) }
}

/// A program that dies leaves no copy of its memory, in which there may be keys.
pub(in crate::commands) fn leave_no_core_dump() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, setrlimit};
        if let Err(why) = setrlimit(Resource::Core, Rlimit { current: Some(0), maximum: Some(0) }) {
            tracing::debug!("core dumps can not be switched off: {why}");
        }
    }
}

impl Arguments {
    fn mode(&self) -> Mode {
        match (self.check, self.dry_run) {
            (true, _) => Mode::Check,
            (_, true) => Mode::DryRun,
            _ => Mode::Apply,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::ExitCode;
    use crate::effects::escrow::new_identity;

    #[test]
    fn recipients_are_tried_out_before_anything_else() {
        let (one, other) = (new_identity().1, new_identity().1);
        assert!(refuse_bad_recipients(&[]).is_ok());
        assert!(refuse_bad_recipients(&[one.clone(), other]).is_ok());
        for bad in [vec![one.clone()], vec![one.clone(), one.clone()], vec![one.clone(), "age1x".to_owned()]] {
            assert_eq!(refuse_bad_recipients(&bad).unwrap_err().exit_code(), ExitCode::Usage, "{bad:?}");
        }
    }
}
