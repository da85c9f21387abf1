//! `bivouac doctor`.

mod show;

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;

use super::bootstrap_vault::pem;
use super::context::Context;
use super::options::{AppsOptions, Format, ProgramOptions};
use super::report;
use crate::domain::configuration::Configuration;
use crate::domain::deployment::Environments;
use crate::domain::diagnosis::{Diagnosis, Topic, Verdict, workflows};
use crate::domain::names::RepositoryName;
use crate::domain::vault::address::NodeAddress;
use crate::effects::tools::Programs;
use crate::effects::vault::VaultNodes;
use crate::effects::workflow_files;
use crate::env;
use crate::error::Error;
use crate::usecases::doctor::{apps, end_of_apps_token, github_token, of_error, push_rights, registries, tools, vault};

/// Where GitHub looks for workflows.
const WORKFLOWS: &str = ".github/workflows";
/// How long a node of a Vault may take to answer.
const PATIENCE: Duration = Duration::from_secs(10);

/// Look for what is not set up, and for what blocks a release.
///
/// Looks at the tokens, the apps repository, the programs that checks run, the workflows and the Vault, and says of each
/// finding what mends it. Nothing is written anywhere. A problem of the set-up (the runner, a token) ends with 11, one that
/// blocks a release with 12; where there are both, with 11: what can not be looked at may hide the rest.
#[derive(Debug, Args)]
pub struct Arguments {
    /// The form of the result on standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// The application repository; else `GITHUB_REPOSITORY`, else the one in `bivouac.yaml`
    #[arg(long, value_name = "OWNER/NAME")]
    pub repository: Option<RepositoryName>,
    /// The file with the token that reads pull requests and writes comments and deployments; `BIVOUAC_GITHUB_TOKEN` or
    /// `GITHUB_TOKEN` holds the token itself
    #[arg(long, value_name = "FILE")]
    pub github_token_file: Option<PathBuf>,
    /// The folder with the workflows; `.github/workflows` if not given
    #[arg(long, value_name = "DIRECTORY")]
    pub workflow_folder: Option<PathBuf>,
    /// The programs.
    #[command(flatten)]
    pub programs: ProgramOptions,
    /// Where.
    #[command(flatten)]
    pub apps: AppsOptions,
    /// Which Vault.
    #[command(flatten)]
    pub vault: VaultOptions,
}

/// Which Vault.
#[derive(Debug, Args)]
#[command(next_help_heading = "Vault")]
pub struct VaultOptions {
    /// The address of a node; `VAULT_ADDR` if not given, and no Vault without either. May be repeated, one a node
    #[arg(long, value_name = "URL")]
    pub vault_address: Vec<String>,
    /// The certificates to trust, in place of the system's: PEM, base64 of it, or a file; `VAULT_CACERT` if not given
    #[arg(long, value_name = "PEM", allow_hyphen_values = true)]
    pub ca_certificate: Option<String>,
}

/// Runs it.
///
/// # Errors
///
/// When something was found that is not set up, or blocks a release.
pub async fn run(arguments: Arguments, context: &Context) -> Result<(), Error> {
    let mut found = look(&arguments, context).await;
    found.sort_by_key(|diagnosis| diagnosis.topic);
    report::print(&match arguments.format {
        Format::Text => show::text(&found),
        Format::Json => report::json_text(&show::json(&found)),
    })?;
    show::annotate(&context.runner, &found);
    report::hand_over(&context.runner, &[], &show::summary(&found))?;
    let count = |verdict| found.iter().filter(|diagnosis| diagnosis.verdict == verdict).count();
    match (count(Verdict::SetUp), count(Verdict::Blocking)) {
        (0, 0) => Ok(()),
        (set_up, blocking) => Err(Error::Unhealthy { set_up, blocking }),
    }
}

/// Looks at every topic, whatever the others come to.
async fn look(arguments: &Arguments, context: &Context) -> Vec<Diagnosis> {
    let (options, token_file) = (&arguments.apps, arguments.github_token_file.as_deref());
    let (mut found, configuration) = apps(context.apps(options, token_file), &options.path).await;
    // Without a name there is one finding, which is above, and nobody to push to.
    if options.repository.apps_repository.is_some() {
        found.push(push_rights(context.apps_by_git(options, token_file)).await);
        if let Ok(Some(rights)) = context.apps_rights(options, token_file) {
            found.extend(end_of_apps_token(&rights, context.now).await);
        }
    }
    found.extend(of_forge(arguments, context, configuration.as_ref()).await);
    let named = &arguments.programs;
    let programs = Programs { kustomize: named.kustomize.clone(), helm: named.helm.clone() };
    let checks = configuration.as_ref().map(|configuration| &configuration.document().checks);
    found.extend(tools(&programs, checks).await);
    if let Some(configuration) = &configuration {
        let registry = context.registry(token_file, options.transport.allow_http);
        found.extend(registries(registry, configuration).await);
    }
    found.extend(of_workflows(arguments.workflow_folder.as_deref()));
    found.extend(of_vault(&arguments.vault, context).await);
    found
}

async fn of_forge(arguments: &Arguments, context: &Context, configuration: Option<&Configuration>) -> Vec<Diagnosis> {
    let configured = configuration.map(|configuration| configuration.document().repository.clone());
    let repository = match context.repository(arguments.repository.as_ref()) {
        Ok(repository) => repository,
        Err(error) => match configured {
            Some(repository) => repository,
            None => return vec![of_error(Topic::Tokens, &error)],
        },
    };
    let (token_file, allow_http) = (arguments.github_token_file.as_deref(), arguments.apps.transport.allow_http);
    let forge = context.forge(token_file, &repository, allow_http, Environments::Off);
    github_token(forge, &repository, context.now).await
}

fn of_workflows(named: Option<&Path>) -> Vec<Diagnosis> {
    let folder = named.unwrap_or(Path::new(WORKFLOWS));
    let (topic, shown) = (Topic::Workflows, folder.display());
    match (workflow_files::read(folder), named) {
        (Ok(Some(files)), _) => workflows::judge(&files),
        (Ok(None), None) => {
            let mend =
                "run it in a checkout of the application repository, or name the folder with `--workflow-folder`";
            vec![Diagnosis::unknown(topic, format!("there is no `{shown}` here"), mend)]
        }
        (Ok(None), Some(_)) => {
            vec![Diagnosis::set_up(
                topic,
                format!("there is no folder `{shown}`"),
                "name another one with `--workflow-folder`",
            )]
        }
        (Err(why), _) => {
            let what = format!("the folder `{shown}` can not be read: {why}");
            vec![Diagnosis::set_up(topic, what, "name another one with `--workflow-folder`")]
        }
    }
}

async fn of_vault(options: &VaultOptions, context: &Context) -> Vec<Diagnosis> {
    let named = options.vault_address.iter().flat_map(|text| text.split_whitespace()).map(str::to_owned);
    let mut addresses: Vec<_> = named.collect();
    if addresses.is_empty() {
        addresses.extend(context.environment.get(env::VAULT_ADDR).map(|address| address.trim().to_owned()));
    }
    let (mut found, mut nodes) = (Vec::new(), Vec::new());
    for address in addresses {
        match address.parse::<NodeAddress>() {
            Ok(node) => nodes.push(node),
            Err(why) => {
                let mend = "write it as `https://` and a host, as `bootstrap-vault` takes it";
                found.push(Diagnosis::set_up(Topic::Vault, why.to_string(), mend));
            }
        }
    }
    if nodes.is_empty() {
        return found;
    }
    match clients(options, context) {
        Ok(clients) => found.extend(vault(&clients, &nodes).await),
        Err(error) => found.push(of_error(Topic::Vault, &error)),
    }
    found
}

fn clients(options: &VaultOptions, context: &Context) -> Result<VaultNodes, Error> {
    let named = options.ca_certificate.as_deref().or_else(|| context.environment.get(env::VAULT_CACERT));
    let certificates = named.map(|text| pem(text, Path::new(""))).transpose()?;
    VaultNodes::new(certificates.as_deref(), PATIENCE)
}
