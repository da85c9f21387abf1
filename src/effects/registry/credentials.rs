//! The credentials for registries, and which of them is for which.

use super::docker::DockerConfiguration;
use crate::domain::names::ImageRepository;
use crate::env::{self, Environment};
use crate::error::Error;
use crate::ports::RegistryError;
use crate::secret::Secret;

/// The one registry that GitHub's token is for.
pub(super) const GITHUB_REGISTRY: &str = "ghcr.io";
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
    /// The token of github.com, if that is the forge: for `ghcr.io` only. What is public is read without it, if it is refused.
    pub github_token: Option<Secret>,
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
        let token = self.github_token.as_ref().filter(|_| repository.registry() == GITHUB_REGISTRY);
        Ok(token.map(|token| {
            let login = Login::Password { username: GITHUB_USER.to_owned(), password: token.clone() };
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
        let credentials = Credentials { github_token: Secret::new("hush"), ..Credentials::default() };
        let offer = async |text: &str| credentials.for_repository(&text.parse().unwrap()).await.unwrap();
        assert_eq!(offer("ghcr.io/acme/web").await.unwrap().source, Source::GitHub);
        for other in ["acme/web", "ghcr.io.evil.example/web", "ghcr.io:5000/web", "localhost:5000/ghcr.io/web"] {
            assert!(offer(other).await.is_none(), "{other}");
        }
    }
}
