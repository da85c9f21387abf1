//! The world that a command runs in, made of its options and the environment.

use std::cell::OnceCell;
use std::path::{Path, PathBuf};

use jiff::Timestamp;
use reqwest::Client;

use super::options::{
    self, AppsOptions, AppsRepositoryOptions, Backend, ProgramOptions, ReadingOptions, TransportOptions,
};
use crate::cli::is_text;
use crate::domain::deployment::Environments;
use crate::domain::names::RepositoryName;
use crate::effects::apps::Apps;
use crate::effects::forge::{Addresses, GitHub, GitHubRepository};
use crate::effects::git::{self, Address, Author, GitRepository, HeldFile};
use crate::effects::http;
use crate::effects::programs::{Named, Programs};
use crate::effects::registry::{Credentials, DockerConfiguration, GitHubToken, Login, OciRegistry};
use crate::effects::schemas::{self, Archives};
use crate::effects::scratch::Scratch;
use crate::env::{self, Environment};
use crate::error::Error;
use crate::runner::Runner;
use crate::secret::Secret;

/// Where GitHub is, for browsers and Git.
const GITHUB_SERVER: &str = "https://github.com";
/// Where GitHub's REST is.
const GITHUB_API: &str = "https://api.github.com";

/// What `main` read once.
pub struct Context {
    /// The environment.
    pub environment: Environment,
    /// The runner, where there is one.
    pub runner: Runner,
    /// The time, in whole seconds.
    pub now: Timestamp,
    http: OnceCell<Client>,
}

impl Context {
    /// The world as the environment has it.
    #[must_use]
    pub fn new(environment: Environment, now: Timestamp) -> Self {
        let runner = Runner::new(&environment);
        let now = Timestamp::from_second(now.as_second()).unwrap_or(now);
        Self { environment, runner, now, http: OnceCell::new() }
    }

    /// The forge that the pull requests of `repository` are on.
    ///
    /// # Errors
    ///
    /// When the token's file can not be read, or an address can not be used.
    pub fn forge(
        &self,
        token_file: Option<&Path>,
        repository: &RepositoryName,
        allow_http: bool,
        environments: Environments,
    ) -> Result<GitHub, Error> {
        let token = self.github_token(token_file)?;
        if token.is_none() {
            let hint = "set `GITHUB_TOKEN` (in a workflow: `${{ github.token }}`), or give `--github-token-file`";
            return Err(Error::Usage { message: "there is no token for the forge".to_owned(), hint });
        }
        let repository = repository.clone();
        Ok(GitHub::new(self.http()?, &self.addresses(), token.as_ref(), repository, allow_http, environments)?)
    }

    /// The forge, to put secrets into the environments of `repository`. The workflow's own token may never do that.
    ///
    /// # Errors
    ///
    /// When there is no token, its file can not be read, or an address can not be used.
    pub fn environment_secrets(&self, repository: &RepositoryName, allow_http: bool) -> Result<GitHub, Error> {
        let token = match self.environment.secret(env::ENVIRONMENT_TOKEN, None)? {
            Some(token) => {
                self.runner.mask(&token);
                token
            }
            None => self.github_token(None)?.ok_or_else(|| Error::Usage {
                message: "there is no token to put a secret into an environment with".to_owned(),
                hint: "set `BIVOUAC_ENVIRONMENT_TOKEN` to a token with `environments: write`, which `GITHUB_TOKEN` can not have",
            })?,
        };
        let (repository, off) = (repository.clone(), Environments::Off);
        Ok(GitHub::new(self.http()?, &self.addresses(), Some(&token), repository, allow_http, off)?)
    }

    /// The apps repository, by the backend that was chosen or fits its address.
    ///
    /// # Errors
    ///
    /// When it is not named, its address can not be used or is not for that backend, or a file can not be read.
    pub fn apps(&self, options: &AppsOptions, github_token_file: Option<&Path>) -> Result<Apps, Error> {
        let AppsOptions { repository, transport, author, .. } = options;
        let (address, token) = self.apps_address(repository, transport, github_token_file)?;
        let git = |token| self.git(repository, transport, author, &address, token);
        match (options.backend, self.on_github(options, &address, token.as_ref())?) {
            (Backend::Git, _) | (Backend::Auto, None) => Ok(Apps::Git(git(token)?)),
            (Backend::Auto, Some(github)) => Ok(Apps::auto(github, git(token)?)),
            (Backend::Github, Some(github)) => Ok(Apps::GitHub(github)),
            (Backend::Github, None) => Err(self.not_on_github(&address, token.as_ref())),
        }
    }

    /// The apps repository as Git has it, whatever the backend: what may push may commit through the forge, too.
    ///
    /// # Errors
    ///
    /// When it is not named, its address can not be used, or a file can not be read.
    pub fn apps_by_git(&self, options: &AppsOptions, github_token_file: Option<&Path>) -> Result<GitRepository, Error> {
        let AppsOptions { repository, transport, author, .. } = options;
        let (address, token) = self.apps_address(repository, transport, github_token_file)?;
        self.git(repository, transport, author, &address, token)
    }

    /// The apps repository as Git has it, to be read.
    ///
    /// # Errors
    ///
    /// When it is not named, its address can not be used, or a file can not be read.
    pub fn apps_to_read(&self, options: &ReadingOptions) -> Result<GitRepository, Error> {
        let ReadingOptions { repository, transport } = options;
        let (address, token) = self.apps_address(repository, transport, None)?;
        self.git(repository, transport, &options::author(), &address, token)
    }

    /// The token for the apps repository, to be looked at. Nothing when that is not on the forge, or there is no token.
    ///
    /// # Errors
    ///
    /// When it is not named, an address can not be used, or a file can not be read.
    pub fn apps_rights(
        &self,
        options: &AppsOptions,
        github_token_file: Option<&Path>,
    ) -> Result<Option<GitHub>, Error> {
        let (address, token) = self.apps_address(&options.repository, &options.transport, github_token_file)?;
        let (Some(name), Some(token)) = (self.name_on_forge(&address), token) else { return Ok(None) };
        let (http, addresses) = (self.http()?, self.addresses());
        Ok(Some(GitHub::new(http, &addresses, Some(&token), name, options.transport.allow_http, Environments::Off)?))
    }

    /// Where the apps repository is, and the token for it.
    fn apps_address(
        &self,
        repository: &AppsRepositoryOptions,
        transport: &TransportOptions,
        github_token_file: Option<&Path>,
    ) -> Result<(Address, Option<Secret>), Error> {
        let Some(name) = &repository.apps_repository else {
            let message = "the apps repository is not named".to_owned();
            return Err(Error::Usage {
                message,
                hint: "give `--apps-repository` (the input `apps-repository` of an action, the variable `BIVOUAC_APPS_REPOSITORY` of the repository): OWNER/NAME, or a URL",
            });
        };
        let address = Address::parse(name, self.server_url(), transport.allow_http)?;
        if let Address::Http(http) = &address
            && let Some(user) = &http.user
        {
            self.runner.mask_user(user);
        }
        let token = self.apps_token(repository.apps_token_file.as_deref(), github_token_file, &address)?;
        Ok((address, token))
    }

    fn git(
        &self,
        repository: &AppsRepositoryOptions,
        transport: &TransportOptions,
        author: &Author,
        address: &Address,
        token: Option<Secret>,
    ) -> Result<GitRepository, Error> {
        let credentials = git::Credentials {
            token,
            ssh_key: self.file_or_text(env::SSH_KEY, transport.ssh_key.as_ref())?,
            ssh_known_hosts: self.file_or_text(env::SSH_KNOWN_HOSTS, transport.ssh_known_hosts.as_ref())?,
        };
        Ok(GitRepository::new(self.http()?, address, repository.apps_branch.clone(), credentials, author.clone())?)
    }

    /// The apps repository as the forge's API has it, if it is on the forge and there is a token for it.
    fn on_github(
        &self,
        options: &AppsOptions,
        address: &Address,
        token: Option<&Secret>,
    ) -> Result<Option<GitHubRepository>, Error> {
        let (Some(name), Some(token)) = (self.name_on_forge(address), token) else { return Ok(None) };
        if options.backend == Backend::Git {
            return Ok(None);
        }
        if options.names_author() {
            tracing::info!("`--author` has no effect here: through the forge's API the token's owner is the author");
        }
        let (branch, allow_http) = (options.repository.apps_branch.clone(), options.transport.allow_http);
        let addresses = self.addresses();
        let github = GitHubRepository::new(self.http()?, &addresses, token, name, address.url(), branch, allow_http)?;
        Ok(Some(github))
    }

    /// What a repository is called on the forge, if it is there.
    fn name_on_forge(&self, address: &Address) -> Option<RepositoryName> {
        let Address::Http(http) = address else { return None };
        let server = reqwest::Url::parse(self.server_url()).ok()?;
        // Where only one of the two is set, nobody knows whether they belong together, and a token goes to neither by chance.
        let are_of_one_forge = (self.server_url() == GITHUB_SERVER) == (self.addresses().rest == GITHUB_API);
        let is_there = are_of_one_forge && server.origin() == http.url.origin();
        let path = http.url.path().trim_matches('/');
        is_there.then(|| path.strip_suffix(".git").unwrap_or(path).parse().ok())?
    }

    /// Why the `github` backend can not be used.
    fn not_on_github(&self, address: &Address, token: Option<&Secret>) -> Error {
        if self.name_on_forge(address).is_some() && token.is_none() {
            let message = "`--backend github` needs a token".to_owned();
            let hint = "set `BIVOUAC_APPS_TOKEN` or `GITHUB_TOKEN` (in a workflow: `${{ github.token }}`)";
            return Error::Usage { message, hint };
        }
        let message = format!(
            "`--backend github` is for a repository on the forge, `{}`, and `{}` is none",
            self.server_url(),
            address.url()
        );
        Error::Usage { message, hint: "give `--backend git`, or name the repository as OWNER/NAME" }
    }

    /// The programs that render manifests.
    ///
    /// # Errors
    ///
    /// When a named one is not there.
    pub fn programs(&self, options: &ProgramOptions) -> Result<Programs, Error> {
        let named = Named { kustomize: options.kustomize.clone(), helm: options.helm.clone() };
        Programs::find(&named, self.environment.get(env::PATH))
    }

    /// Where archives of schemas are fetched from, and kept.
    ///
    /// # Errors
    ///
    /// When the system's certificates can not be used.
    pub fn schema_archives(&self) -> Result<Archives, Error> {
        Ok(Archives { client: self.http_client()?, cache: schemas::cache_folder(&self.environment) })
    }

    /// The registries of images, with what there is to log in with.
    ///
    /// # Errors
    ///
    /// When a login is given by half, or a file can not be read.
    pub fn registry(&self, github_token_file: Option<&Path>, allow_http: bool) -> Result<OciRegistry, Error> {
        let given = Login::from_environment(&self.environment)?;
        if let Some(login) = &given {
            self.runner.mask(login.secret());
        }
        let is_github = self.server_url() == GITHUB_SERVER;
        let token = if is_github { self.github_token(github_token_file)? } else { None };
        let github = token.map(GitHubToken::of_github_com);
        let docker = DockerConfiguration::from_environment(&self.environment);
        Ok(OciRegistry::new(Credentials { given, docker, github }, allow_http))
    }

    /// Who made this run, where that is known.
    #[must_use]
    pub fn actor(&self) -> Option<String> {
        self.environment.get(env::GITHUB_ACTOR).map(|actor| actor.trim().to_owned())
    }

    /// The address of this run.
    #[must_use]
    pub fn run_url(&self) -> Option<String> {
        let (repository, run) =
            (self.environment.get(env::GITHUB_REPOSITORY)?, self.environment.get(env::GITHUB_RUN_ID)?);
        let repository: RepositoryName = repository.trim().parse().ok()?;
        let run: u64 = run.trim().parse().ok()?;
        Some(format!("{}/{repository}/actions/runs/{run}", self.server_url()))
    }

    /// The repository that is named, else the one of the run.
    ///
    /// # Errors
    ///
    /// When neither is known.
    pub fn repository(&self, named: Option<&RepositoryName>) -> Result<RepositoryName, Error> {
        let of_run = || self.environment.get(env::GITHUB_REPOSITORY).and_then(|name| name.trim().parse().ok());
        named.cloned().or_else(of_run).ok_or_else(|| Error::Usage {
            message: "the repository is not known".to_owned(),
            hint: "give `--repository OWNER/NAME`",
        })
    }

    /// A handle on the one HTTP client.
    ///
    /// # Errors
    ///
    /// When the system's certificates can not be used.
    pub fn http_client(&self) -> Result<Client, Error> {
        self.http().cloned()
    }

    /// The HTTP client, made when it is first needed.
    fn http(&self) -> Result<&Client, Error> {
        if let Some(client) = self.http.get() {
            return Ok(client);
        }
        let client = http::client()?;
        Ok(self.http.get_or_init(|| client))
    }

    /// Where GitHub is, for browsers and Git.
    #[must_use]
    pub fn server_url(&self) -> &str {
        self.environment.get(env::GITHUB_SERVER_URL).unwrap_or(GITHUB_SERVER).trim().trim_end_matches('/')
    }

    fn addresses(&self) -> Addresses {
        let rest = self.environment.get(env::GITHUB_API_URL).unwrap_or(GITHUB_API).trim().trim_end_matches('/');
        let graphql = match (self.environment.get(env::GITHUB_GRAPHQL_URL), rest.strip_suffix("/api/v3")) {
            (Some(graphql), _) => graphql.trim().to_owned(),
            (None, Some(server)) => format!("{server}/api/graphql"),
            (None, None) => format!("{rest}/graphql"),
        };
        Addresses { rest: rest.to_owned(), graphql }
    }

    fn github_token(&self, file: Option<&Path>) -> Result<Option<Secret>, Error> {
        let named = self.environment.secret(env::BIVOUAC_GITHUB_TOKEN, file)?;
        let token = match named {
            Some(token) => Some(token),
            None => self.environment.secret(env::GITHUB_TOKEN, None)?,
        };
        if let Some(token) = &token {
            self.runner.mask(token);
        }
        Ok(token)
    }

    /// The token for the apps repository. The GitHub token stands in for it on GitHub's own server (or this machine): sent to
    /// any other it would be leaked.
    fn apps_token(
        &self,
        file: Option<&Path>,
        github_token_file: Option<&Path>,
        address: &Address,
    ) -> Result<Option<Secret>, Error> {
        let token = self.environment.secret(env::APPS_TOKEN, file)?;
        if let Some(token) = &token {
            self.runner.mask(token);
        }
        let home = reqwest::Url::parse(self.server_url()).ok();
        let is_at_home =
            matches!((&home, address), (Some(home), Address::Http(http)) if home.origin() == http.url.origin());
        match token {
            None if is_at_home || address.is_loopback() => self.github_token(github_token_file),
            token => Ok(token),
        }
    }

    /// The file that was named; or one made of the text that the variable holds.
    fn file_or_text(&self, variable: &str, file: Option<&PathBuf>) -> Result<Option<HeldFile>, Error> {
        let text = self.environment.get(variable).filter(|text| is_text(text));
        let (None, Some(text)) = (file, text) else { return Ok(file.cloned().map(HeldFile::Named)) };
        Secret::new(text).iter().filter(|_| variable == env::SSH_KEY).for_each(|key| self.runner.mask(key));
        Scratch::file(text.trim())
            .map(|file| Some(HeldFile::Temporary(file)))
            .map_err(|why| Error::local("a private file can not be made", why))
    }
}
