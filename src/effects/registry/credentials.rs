//! The credentials for registries, and which of them is for which.

use reqwest::Url;

use super::docker::DockerConfiguration;
use crate::domain::names::ImageRepository;
use crate::effects::git::is_loopback;
use crate::env::{self, Environment};
use crate::error::Error;
use crate::ports::RegistryError;
use crate::secret::Secret;

/// The one registry that the token of github.com is for.
const GITHUB_REGISTRY: &str = "ghcr.io";
/// Who its owner is, which GitHub's registry does not look at.
const GITHUB_USER: &str = "x-access-token";

/// What somebody logs in with.
#[derive(Debug, Clone)]
pub enum Login {
    /// A name and a password, or a token that stands for one.
    Password {
        /// The name.
        username: String,
        /// The password.
        password: Secret,
    },
    /// What other tokens are given for.
    IdentityToken(Secret),
}

impl Login {
    /// The login in the environment, for the registries of the configured images. Its secret is to be masked.
    ///
    /// # Errors
    ///
    /// When one half of it is missing, or can not be read.
    pub fn from_environment(environment: &Environment) -> Result<Option<Self>, Error> {
        let username = environment.get(env::REGISTRY_USERNAME).map(|name| name.trim().to_owned());
        let password = environment.secret(env::REGISTRY_TOKEN, None)?;
        match (username, password) {
            (None, None) => Ok(None),
            (Some(username), Some(password)) if !username.contains(':') && !username.contains(char::is_control) => {
                Ok(Some(Self::Password { username, password }))
            }
            (Some(_), Some(_)) => Err(Error::Usage {
                message: format!("`{}` is no name to log in with", env::REGISTRY_USERNAME),
                hint: "give a name without a colon, and the token in the other variable",
            }),
            (there, _) => {
                let (has, lacks) = match there {
                    Some(_) => (env::REGISTRY_USERNAME, env::REGISTRY_TOKEN),
                    None => (env::REGISTRY_TOKEN, env::REGISTRY_USERNAME),
                };
                Err(Error::Usage {
                    message: format!("`{has}` is set, and `{lacks}` is not"),
                    hint: "set both, or neither; most registries take any name with a token",
                })
            }
        }
    }

    /// What nobody may see of it.
    #[must_use]
    pub fn secret(&self) -> &Secret {
        let (Self::Password { password: secret, .. } | Self::IdentityToken(secret)) = self;
        secret
    }
}

/// All that there is to log in with. The first that is there counts.
#[derive(Debug, Default)]
pub struct Credentials {
    /// What was given for the registries of the configured images.
    pub given: Option<Login>,
    /// What docker knows.
    pub docker: Option<DockerConfiguration>,
    /// The token of the forge, for its own registry only. What is public is read without it, if it is refused.
    pub github: Option<GitHubToken>,
}

/// The token of a forge, and the one registry that it is for.
#[derive(Debug, Clone)]
pub struct GitHubToken {
    /// The token.
    pub token: Secret,
    /// The registry, such as `ghcr.io`.
    pub registry: String,
}

impl GitHubToken {
    /// A token of github.com, which is for `ghcr.io`.
    #[must_use]
    pub fn of_github_com(token: Secret) -> Self {
        Self { token, registry: GITHUB_REGISTRY.to_owned() }
    }

    /// Whether an address is the registry's: by HTTPS, or on this machine.
    pub(super) fn is_for(&self, url: &Url) -> bool {
        let host = url.host_str().unwrap_or_default();
        let place = url.port().map_or_else(|| host.to_owned(), |port| format!("{host}:{port}"));
        place == self.registry && (url.scheme() == "https" || is_loopback(url))
    }
}

/// A login, and where it came from.
pub(super) struct Offer {
    pub(super) login: Login,
    pub(super) source: Source,
}

/// Where a login came from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Source {
    Environment,
    Docker,
    GitHub,
}

impl Source {
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Environment => "of `BIVOUAC_REGISTRY_USERNAME` and `BIVOUAC_REGISTRY_TOKEN`",
            Self::Docker => "of docker's configuration",
            Self::GitHub => "the GitHub token",
        }
    }
}

impl Credentials {
    /// The login for a repository's registry, if there is one.
    pub(super) async fn for_repository(&self, repository: &ImageRepository) -> Result<Option<Offer>, RegistryError> {
        if let Some(login) = &self.given {
            return Ok(Some(Offer { login: login.clone(), source: Source::Environment }));
        }
        if let Some(docker) = &self.docker {
            let login = docker.login(repository.registry()).await;
            let login = login.map_err(|message| RegistryError::NoLogin { repository: repository.clone(), message })?;
            if let Some(login) = login {
                return Ok(Some(Offer { login, source: Source::Docker }));
            }
        }
        let github = self.github.as_ref().filter(|github| repository.registry() == github.registry);
        Ok(github.map(|github| {
            let login = Login::Password { username: GITHUB_USER.to_owned(), password: github.token.clone() };
            Offer { login, source: Source::GitHub }
        }))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::contract::ExitCode;

    fn from(variables: &[(&str, &str)]) -> Result<Option<Login>, Error> {
        let variables = variables.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
        Login::from_environment(&Environment::new(variables))
    }

    #[test]
    fn a_login_of_the_environment_has_both_halves() {
        let (name, token) = (("BIVOUAC_REGISTRY_USERNAME", "me"), ("BIVOUAC_REGISTRY_TOKEN", "hush"));
        assert!(from(&[]).unwrap().is_none());
        let login = from(&[name, token]).unwrap().unwrap();
        assert_eq!(login.secret().expose(), "hush");
        assert!(!format!("{login:?}").contains("hush"));
        let wrong: [&[_]; 4] =
            [&[name], &[token], &[("BIVOUAC_REGISTRY_USERNAME", "a:b"), token], &[name, (token.0, "a b")]];
        for variables in wrong {
            assert_eq!(from(variables).unwrap_err().exit_code(), ExitCode::Usage, "{variables:?}");
        }
    }

    #[tokio::test]
    async fn the_github_token_is_for_ghcr_io_alone() {
        let github = Some(GitHubToken::of_github_com(Secret::new("hush").unwrap()));
        let credentials = Credentials { github: github.clone(), ..Credentials::default() };
        let offer = async |text: &str| credentials.for_repository(&text.parse().unwrap()).await.unwrap();
        assert_eq!(offer("ghcr.io/acme/web").await.unwrap().source, Source::GitHub);
        for other in ["acme/web", "ghcr.io.evil.example/web", "ghcr.io:5000/web", "localhost:5000/ghcr.io/web"] {
            assert!(offer(other).await.is_none(), "{other}");
        }
        let goes_to = |url: &str| github.as_ref().unwrap().is_for(&Url::parse(url).unwrap());
        assert!(goes_to("https://ghcr.io/token"));
        for other in ["http://ghcr.io/token", "https://ghcr.io:444/token", "https://ghcr.io.evil.example/token"] {
            assert!(!goes_to(other), "{other}");
        }
    }
}
