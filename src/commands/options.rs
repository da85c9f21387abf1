//! The options that several verbs share.

use std::path::PathBuf;
use std::str::FromStr;
use std::time::Duration;

use clap::{Args, ValueEnum};
use jiff::SignedDuration;

use super::secrets::VaultOptions;
use crate::domain::deployment::Environments;
use crate::domain::fork_build::WorkflowFile;
use crate::domain::names::{BranchName, CommitId, ImageName, ImageTag, PullRequestNumber, RepositoryName};
use crate::domain::path::RepoPath;
use crate::effects::git::Author;

/// What `deploy` and `teardown` share.
#[derive(Debug, Clone, Args)]
pub struct PreviewOptions {
    /// What every verb that writes takes.
    #[command(flatten)]
    pub writing: WritingOptions,
    /// Which pull request.
    #[command(flatten)]
    pub pull_request: PullRequestOptions,
    /// Where to.
    #[command(flatten)]
    pub apps: AppsOptions,
    /// Who is told besides.
    #[command(flatten)]
    pub listeners: ListenerOptions,
    /// Where what a preview has for itself is removed, when it goes.
    #[command(flatten)]
    pub vault: VaultOptions,
}

/// What every verb that writes takes.
#[derive(Debug, Clone, Args)]
pub struct WritingOptions {
    /// How long to go on when the apps repository's tip keeps moving
    #[arg(long, value_name = "TIME", default_value = "2m", value_parser = parse_duration)]
    pub patience: Duration,
    /// Show what would be committed, and write nothing anywhere
    #[arg(long)]
    pub dry_run: bool,
    /// The form of the result on standard output
    #[arg(long, value_enum, default_value_t)]
    pub format: Format,
    /// The environments that GitHub shows the previews in
    #[arg(long, value_enum, default_value_t)]
    pub deployments: Deployments,
    /// The file with the token that reads pull requests and writes comments and deployments; `BIVOUAC_GITHUB_TOKEN` or
    /// `GITHUB_TOKEN` holds the token itself
    #[arg(long, value_name = "FILE")]
    pub github_token_file: Option<PathBuf>,
}

/// The programs that render manifests.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Checks")]
pub struct ProgramOptions {
    /// The kustomize that builds overlays, or a kubectl; the first of the two on the `PATH` if not given
    #[arg(long, value_name = "PROGRAM")]
    pub kustomize: Option<PathBuf>,
    /// The helm that templates charts; the one on the `PATH` if not given
    #[arg(long, value_name = "PROGRAM")]
    pub helm: Option<PathBuf>,
}

/// What a commit has to pass.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Checks")]
pub struct GateOptions {
    /// What renders manifests.
    #[command(flatten)]
    pub programs: ProgramOptions,
    /// How long an image is waited for that is not in its registry yet
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = parse_duration)]
    pub image_timeout: Duration,
    /// The workflow whose runs build the images of forks, by its file name, such as `preview-fork-build.yml`: what a run left
    /// for an approved commit is pushed, unless the registry has it. Without this option nothing is pushed
    #[arg(long, value_name = "FILE")]
    pub build_workflow: Option<WorkflowFile>,
}

/// How long a preview is waited for.
#[derive(Debug, Clone, Args)]
pub struct WaitOptions {
    /// How long to wait until the preview is ready, as `checks.ready` of `bivouac.yaml` has it
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = parse_duration)]
    pub wait_timeout: Duration,
}

/// The environments of GitHub's Deployments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Deployments {
    /// All in the environment `preview`, so that none is left behind
    #[default]
    Shared,
    /// Each in its own, such as `preview/pr-7`, deleted with the preview where the token may (`administration: write`)
    PerPreview,
    /// None: the token needs no `deployments: write`
    // An `off` without quotation marks is `false` to many who read YAML.
    #[value(alias = "false")]
    Off,
}

impl From<Deployments> for Environments {
    fn from(chosen: Deployments) -> Self {
        match chosen {
            Deployments::Shared => Self::Shared,
            Deployments::PerPreview => Self::PerPreview,
            Deployments::Off => Self::Off,
        }
    }
}

/// Who commits, unless somebody else is named.
const AUTHOR: &str = "Bivouac <noreply@bivouac.dev>";

/// Where the overlays go, and how they get there.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Apps repository")]
pub struct AppsOptions {
    /// Which repository.
    #[command(flatten)]
    pub repository: AppsRepositoryOptions,
    /// The directory in the apps repository that holds `bivouac.yaml`
    #[arg(long, value_name = "DIRECTORY", default_value = ".")]
    pub path: RepoPath,
    /// How a commit gets to the apps repository
    #[arg(long, value_enum, default_value_t = Backend::Auto)]
    pub backend: Backend,
    /// The name and mail of the commits' author; the `github` backend's are by the token's owner
    #[arg(long, value_name = "NAME <MAIL>", default_value = AUTHOR, value_parser = parse_author)]
    pub author: Author,
    /// How it is reached.
    #[command(flatten)]
    pub transport: TransportOptions,
}

/// Where the overlays are, for a verb that reads all of them and commits nothing.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Apps repository")]
pub struct ReadingOptions {
    /// Which repository.
    #[command(flatten)]
    pub repository: AppsRepositoryOptions,
    /// How it is reached.
    #[command(flatten)]
    pub transport: TransportOptions,
}

/// Which repository the overlays go to.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Apps repository")]
pub struct AppsRepositoryOptions {
    /// The repository that the overlays go to: OWNER/NAME on `GITHUB_SERVER_URL`, or a URL
    #[arg(long, value_name = "OWNER/NAME or URL")]
    pub apps_repository: Option<String>,
    /// The branch of the apps repository; its default branch if not given
    #[arg(long, value_name = "BRANCH")]
    pub apps_branch: Option<BranchName>,
    /// The file with the token that may push to the apps repository; `BIVOUAC_APPS_TOKEN` holds the token itself. Without
    /// either, the GitHub token is used on GitHub's own server, and on this machine
    #[arg(long, value_name = "FILE")]
    pub apps_token_file: Option<PathBuf>,
}

/// How the apps repository is reached.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Apps repository")]
pub struct TransportOptions {
    /// Allow plain HTTP beyond this machine
    #[arg(long)]
    pub allow_http: bool,
    /// The file with the private key for SSH, in place of the user's set-up; a variable or an input may hold the key
    /// itself
    #[arg(long, value_name = "FILE")]
    pub ssh_key: Option<PathBuf>,
    /// The file with the host keys that SSH trusts, in place of the user's; a variable or an input may hold the keys
    /// themselves
    #[arg(long, value_name = "FILE")]
    pub ssh_known_hosts: Option<PathBuf>,
}

/// How a commit gets to the apps repository.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Backend {
    /// What fits the address: `github` for a repository on the forge itself, `git` for all else and for a forge that is too
    /// old
    Auto,
    /// Any Git server
    Git,
    /// GitHub's API: nothing is cloned, and GitHub signs the commit
    Github,
}

/// Who commits, unless somebody else is named.
#[must_use]
pub fn author() -> Author {
    Author { name: "Bivouac".to_owned(), mail: "noreply@bivouac.dev".to_owned() }
}

impl AppsOptions {
    /// Whether somebody said who shall be the commits' author.
    #[must_use]
    pub fn names_author(&self) -> bool {
        self.author != author()
    }
}

/// Who is told what becomes of previews, beside the pull request: those whom `notify` of `bivouac.yaml` names.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Listeners")]
pub struct ListenerOptions {
    /// The file with the addresses of those whom `notify` of `bivouac.yaml` names, one a line: NAME=https://…;
    /// `BIVOUAC_NOTIFY_ADDRESSES` holds the lines themselves
    #[arg(long, value_name = "FILE")]
    pub notify_addresses_file: Option<PathBuf>,
    /// The file with the secrets that events for them are signed with, one a line: NAME=whsec_…; `BIVOUAC_NOTIFY_SECRETS` holds
    /// the lines themselves
    #[arg(long, value_name = "FILE")]
    pub notify_secrets_file: Option<PathBuf>,
    /// How long the run goes on for the sake of listeners when all else is done; with `0s`, what is still on its way then is
    /// lost
    #[arg(long, value_name = "TIME", default_value = "10s", value_parser = parse_duration)]
    pub notify_timeout: Duration,
    /// Allow listeners at private addresses, which only the runner may reach
    #[arg(long)]
    pub notify_allow_private: bool,
}

/// Which pull request.
#[derive(Debug, Clone, Args)]
#[command(next_help_heading = "Pull request")]
pub struct PullRequestOptions {
    /// The application repository; else the event's, else `GITHUB_REPOSITORY`
    #[arg(long, value_name = "OWNER/NAME")]
    pub repository: Option<RepositoryName>,
    /// The pull request; else the event's
    #[arg(long, value_name = "NUMBER")]
    pub pull_request: Option<PullRequestNumber>,
    /// The head commit that this run was made for; else the event's
    #[arg(long, value_name = "SHA")]
    pub commit: Option<CommitId>,
}

/// The form of the data on standard output.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum Format {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
}

/// The form of the data on standard output, where it may be a page.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum PageFormat {
    /// For people
    #[default]
    Text,
    /// For programs
    Json,
    /// A page for browsers, in one file
    Html,
}

/// `NAME=TAG` of `--image`.
///
/// # Errors
///
/// When either is missing or wrong.
pub fn parse_image(text: &str) -> Result<(ImageName, ImageTag), String> {
    let (name, tag) = text.split_once('=').ok_or("write it as NAME=TAG, such as `backend=v1.2`")?;
    let name = ImageName::from_str(name).map_err(|why| why.to_string())?;
    Ok((name, ImageTag::from_str(tag).map_err(|why| why.to_string())?))
}

/// A length of time such as `2m` or `90s`.
///
/// # Errors
///
/// When it is none, or negative.
pub fn parse_duration(text: &str) -> Result<Duration, String> {
    let wrong = "give a length of time, such as `2m` or `90s`";
    let span: SignedDuration = text.parse().map_err(|_| wrong)?;
    Duration::try_from(span).map_err(|_| wrong.to_owned())
}

fn parse_author(text: &str) -> Result<Author, String> {
    let wrong = || "write it as `Name <mail>`".to_owned();
    let (name, mail) = text.trim().strip_suffix('>').and_then(|text| text.rsplit_once('<')).ok_or_else(wrong)?;
    let fine = |text: &str| {
        !text.is_empty() && !text.contains(|character: char| character.is_control() || "<>".contains(character))
    };
    let (name, mail) = (name.trim(), mail.trim());
    if fine(name) && fine(mail) { Ok(Author { name: name.to_owned(), mail: mail.to_owned() }) } else { Err(wrong()) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_author_is_the_one_that_the_help_names() {
        assert_eq!(parse_author(AUTHOR), Ok(author()));
    }
}
