//! `bivouac init`.

pub mod workflows;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::PathBuf;

use clap::Args;

use super::context::Context;
use super::report;
use crate::domain::configuration::{self, Configuration};
use crate::domain::layout::{ChartName, ChartRepository, ChartVersion, Layout};
use crate::domain::names::{Application, BranchName, Domain, ImageName, ImageRepository, RepositoryName};
use crate::domain::path::RepoPath;
use crate::domain::values::ValuesPath;
use crate::domain::vault::address::NodeAddress;
use crate::effects::files::{self, Written};
use crate::error::Error;

/// Lay out an apps repository, or an application repository's workflows.
///
/// Writes `bivouac.yaml`, a base `HelmRelease`, overlays for production, staging and previews, and Flux's side of it. It builds
/// with kustomize as it stands. With `--workflows` it writes the workflows of an application repository instead, ready to use.
/// A file that exists and says something else is never overwritten without `--force`.
#[derive(Debug, Args)]
#[expect(clippy::struct_excessive_bools, reason = "each is an option of its own")]
pub struct Arguments {
    /// The checkout of the apps repository; with `--workflows`, of the application repository
    #[arg(value_name = "DIRECTORY", default_value = ".")]
    pub directory: PathBuf,
    /// The name of the application
    #[arg(long, value_name = "NAME", required_unless_present = "workflows")]
    pub application: Option<Application>,
    /// The application repository, whose pull requests get previews
    #[arg(long, value_name = "OWNER/NAME", required_unless_present = "workflows")]
    pub repository: Option<RepositoryName>,
    /// The DNS name under which the previews are reached
    #[arg(long, value_name = "DOMAIN", required_unless_present = "workflows")]
    pub domain: Option<Domain>,
    /// The repository of an image; `NAME=ghcr.io/OWNER/NAME` of the application if not given. May be repeated
    #[arg(long, value_name = "NAME=REPOSITORY", value_parser = parse_image)]
    pub image: Vec<(ImageName, ImageRepository)>,
    /// Where the chart's values take the host
    #[arg(long, value_name = "PATH", default_value = "ingress.hostname")]
    pub ingress_host: ValuesPath,
    /// The name of the chart; the application's if not given
    #[arg(long, value_name = "NAME")]
    pub chart: Option<ChartName>,
    /// Where the chart is, `https://…` or `oci://…`; `oci://ghcr.io/OWNER/charts` if not given
    #[arg(long, value_name = "URL")]
    pub chart_repository: Option<ChartRepository>,
    /// The version of the chart, or a range of them
    #[arg(long, value_name = "VERSION", default_value = "*")]
    pub chart_version: ChartVersion,
    /// The address of the apps repository, as Flux reaches it; `https://github.com/OWNER/apps` if not given
    #[arg(long, value_name = "URL")]
    pub apps_url: Option<String>,
    /// Its branch
    #[arg(long, value_name = "BRANCH", default_value = "main")]
    pub apps_branch: BranchName,
    /// The Vault that previews have their Secrets from, as External Secrets reaches it; writes its store too
    #[arg(long, value_name = "URL")]
    pub vault_address: Option<NodeAddress>,
    /// Write that store alone, into an apps repository that is laid out already
    #[arg(long, requires = "vault_address")]
    pub secret_store: bool,
    /// The directory in it that the application gets
    #[arg(long, value_name = "DIRECTORY", default_value = ".")]
    pub path: RepoPath,
    /// Write the workflows of an application repository instead
    #[arg(long, conflicts_with_all = ["application", "repository", "domain", "image", "ingress_host", "chart",
        "chart_repository", "chart_version", "apps_url", "apps_branch", "vault_address", "secret_store", "path"])]
    pub workflows: bool,
    /// Write the workflows for pull requests from forks too, whose commits have to be approved
    #[arg(long)]
    pub forks: bool,
    /// The Bivouac that the workflows run, as a commit: that of the release of this program's version, of another release's tag,
    /// or one that you name. Without it, that of the release before this one
    #[arg(long, value_name = "TAG or COMMIT", requires = "workflows", num_args = 0..=1, require_equals = true,
        default_missing_value = "", value_parser = workflows::parse_revision)]
    pub pin: Option<workflows::Revision>,
    /// Overwrite files that say something else
    #[arg(long)]
    pub force: bool,
}

fn parse_image(text: &str) -> Result<(ImageName, ImageRepository), String> {
    let (name, repository) =
        text.split_once('=').ok_or("write it as NAME=REPOSITORY, such as `backend=ghcr.io/acme/backend`")?;
    let name = name.parse::<ImageName>().map_err(|why| why.to_string())?;
    Ok((name, repository.parse::<ImageRepository>().map_err(|why| why.to_string())?))
}

/// Runs it.
///
/// # Errors
///
/// When something is missing, a file is in the way, or can not be written.
pub async fn run(arguments: &Arguments, context: &Context) -> Result<(), Error> {
    let Arguments { directory, force, .. } = arguments;
    if arguments.forks && !arguments.workflows {
        let message = "`--forks` is about workflows".to_owned();
        return Err(Error::Usage { message, hint: "give `--workflows`, too" });
    }
    if arguments.workflows {
        return workflows::run(directory, arguments.pin.as_ref(), arguments.forks, *force, context).await;
    }
    let layout = layout(arguments)?;
    let mut files = layout.files();
    // Names that are fine by themselves may not be so together.
    let file = layout.root.join(configuration::FILE);
    Configuration::parse(file.clone(), &files[&file])?;
    if arguments.secret_store {
        files.retain(|path, _| *path == layout.store_file());
    }
    let written = files::write_all(directory, &files, *force)?;
    let mut text = listing(&written);
    if written.iter().any(|(_, written)| *written != Written::Unchanged) {
        text.push_str(&if arguments.secret_store { entry_steps(&layout) } else { flux_steps(&layout) });
        if layout.vault_address.is_some() {
            let _ = writeln!(text, "{}", store_steps(&layout.root));
        }
    }
    report::print(&text)
}

/// What becomes of a new apps repository.
fn flux_steps(layout: &Layout) -> String {
    format!(
        "\nNext: look through these files, commit and push them to {url}, and tell Flux once:\n  kubectl apply -f {chart} -f {previews}\n",
        url = layout.apps_url,
        chart = layout.root.join("flux/chart.yaml"),
        previews = layout.root.join("flux/previews.yaml"),
    )
}

/// What refers to the store in an apps repository that is there already.
fn entry_steps(layout: &Layout) -> String {
    format!("\nNext: look through it, and say in {}:\n\n{}", layout.root.join(configuration::FILE), layout.secrets())
}

/// How External Secrets gets to read the Vault. A role-id is no secret, a secret-id is one: it goes from file to file.
fn store_steps(root: &RepoPath) -> String {
    format!(
        "\nTell External Secrets what it reads the Vault with, from `reader-role-id` and `reader-secret-id-file` of\n\
         `bivouac bootstrap-vault --mint-reader-secret-id`:\n  \
         kubectl create secret generic bivouac-reader --namespace external-secrets \\\n    \
         --from-literal=role-id=ROLE_ID --from-file=secret-id=FILE\n  \
         kubectl apply -f {}",
        root.join("flux/secret-store.yaml")
    )
}

/// What became of each file, a line each.
fn listing(written: &[(RepoPath, Written)]) -> String {
    let mut text = String::new();
    for (path, written) in written {
        let word = match written {
            Written::Created => "created",
            Written::Overwritten => "overwritten",
            Written::Unchanged => "unchanged",
        };
        let _ = writeln!(text, "{word:<12} {path}");
    }
    text
}

fn layout(arguments: &Arguments) -> Result<Layout, Error> {
    let (Some(application), Some(repository), Some(domain)) =
        (&arguments.application, &arguments.repository, &arguments.domain)
    else {
        let message = "the application is not described".to_owned();
        return Err(Error::Usage { message, hint: "give `--application`, `--repository` and `--domain`" });
    };
    let owner = repository.owner().to_ascii_lowercase();
    let wrong = |what: &str, hint: &'static str| Error::Usage {
        message: format!("{what} can not be derived from `{repository}`"),
        hint,
    };
    let mut images: BTreeMap<_, _> = arguments.image.iter().cloned().collect();
    if images.len() < arguments.image.len() {
        let message = "an image is given two repositories".to_owned();
        return Err(Error::Usage { message, hint: "give each `--image` once" });
    }
    if images.is_empty() {
        let image = format!("ghcr.io/{repository}").to_ascii_lowercase();
        let hint = "give `--image NAME=REPOSITORY`";
        let name = application.as_str().parse().map_err(|_| wrong("an image's name", hint))?;
        images.insert(name, image.parse().map_err(|_| wrong("an image's repository", hint))?);
    }
    let chart = || application.as_str().parse().map_err(|_| wrong("the chart's name", "give `--chart`"));
    let chart_repository = || {
        let address = format!("oci://ghcr.io/{owner}/charts");
        address.parse().map_err(|_| wrong("the chart's address", "give `--chart-repository`"))
    };
    Ok(Layout {
        application: application.clone(),
        repository: repository.clone(),
        domain: domain.clone(),
        images,
        ingress_host: arguments.ingress_host.clone(),
        chart: arguments.chart.clone().map_or_else(chart, Ok)?,
        chart_repository: arguments.chart_repository.clone().map_or_else(chart_repository, Ok)?,
        chart_version: arguments.chart_version.clone(),
        apps_url: apps_url(arguments, &owner)?,
        apps_branch: arguments.apps_branch.clone(),
        root: arguments.path.clone(),
        vault_address: arguments.vault_address.clone(),
    })
}

fn apps_url(arguments: &Arguments, owner: &str) -> Result<String, Error> {
    let Some(url) = &arguments.apps_url else { return Ok(format!("https://github.com/{owner}/apps")) };
    let is_plain = url.bytes().all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte));
    if is_plain && ["https://", "http://", "ssh://"].iter().any(|scheme| url.starts_with(scheme)) {
        return Ok(url.clone());
    }
    let message = format!("`{}` is not an address that Flux can reach", url.escape_debug());
    Err(Error::Usage { message, hint: "give an `https://` or `ssh://` address" })
}
