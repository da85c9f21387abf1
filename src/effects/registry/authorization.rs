//! Access to a repository: who may be shown which credentials, and the tokens that come of it.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use oci_client::token_cache::RegistryToken;
use reqwest::header::{CONTENT_TYPE, HeaderValue};
use reqwest::{Method, StatusCode, Url};

use super::answer::Answer;
use super::challenge::Challenge;
use super::connection::{Question, may_lead};
use super::credentials::{Login, Offer, Source};
use super::{OciRegistry, senseless};
use crate::domain::names::ImageRepository;
use crate::ports::RegistryError;

/// By what name a server of tokens knows the program.
const CLIENT_ID: &str = "bivouac";

/// What is to be done with a repository. A token for reading is not one for writing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Access {
    Pull,
    Push,
}

impl Access {
    /// As servers of tokens know it: <https://distribution.github.io/distribution/spec/auth/scope/>
    fn actions(self) -> &'static str {
        match self {
            Self::Pull => "pull",
            Self::Push => "pull,push",
        }
    }
}

/// How a registry is asked for one repository.
#[derive(Clone)]
pub(super) struct Session {
    /// Where the registry is.
    pub(super) base: Url,
    /// Whether the registry has said how it wants to be asked.
    pub(super) is_challenged: bool,
    /// What it is for.
    pub(super) access: Access,
    authorization: Option<HeaderValue>,
    offered: Option<&'static str>,
}

impl Session {
    /// Without credentials, since nobody has asked for any.
    pub(super) fn anonymous(base: Url, access: Access) -> Self {
        Self { base, is_challenged: false, access, authorization: None, offered: None }
    }

    pub(super) fn authorization(&self) -> Option<HeaderValue> {
        self.authorization.clone()
    }

    /// The error for an answer that does not let this in.
    pub(super) fn refused(&self, repository: &ImageRepository, answer: &Answer) -> RegistryError {
        match Challenge::of(&answer.headers) {
            // The token is good, but not for this: Docker Hub says so of repositories that are not there.
            Some(Challenge::Bearer { is_insufficient: true, .. }) if self.authorization.is_some() => {
                RegistryError::Forbidden { repository: repository.clone(), message: answer.words() }
            }
            _ => answer.error(repository, self.offered),
        }
    }
}

impl OciRegistry {
    /// Gets access in the way that the registry asks for.
    pub(super) async fn authorize(
        &self,
        repository: &ImageRepository,
        base: Url,
        access: Access,
        challenge: Option<Challenge>,
    ) -> Result<Session, RegistryError> {
        let offer = self.credentials.for_repository(repository).await?;
        // GitHub's token goes nowhere else, whatever a registry names.
        let offer = offer.filter(|offer| self.may_see(offer, &base));
        let offered = offer.as_ref().map(|offer| offer.source.name());
        let bad = |message: &str| {
            let (repository, message) = (repository.clone(), message.to_owned());
            RegistryError::BadCredentials { repository, offered, message }
        };
        match challenge {
            Some(Challenge::Bearer { realm, service, .. }) => {
                let realm = Realm::new(repository, &base, &realm, service)?;
                let (token, offered) = self.granted(repository, &realm, access, offer.as_ref()).await?;
                Ok(Session { base, is_challenged: true, access, authorization: Some(token), offered })
            }
            Some(Challenge::Basic) => match offer.map(|offer| offer.login) {
                Some(Login::Password { username, password }) => {
                    let authorization = Some(basic(&username, password.expose()));
                    Ok(Session { base, is_challenged: true, access, authorization, offered })
                }
                Some(Login::IdentityToken(_)) => Err(bad("it asks for a password, and there is an identity token")),
                None => Err(bad("")),
            },
            None => Err(bad("it does not say how it wants to be asked")),
        }
    }

    /// A token, and whose credentials it was given for.
    async fn granted(
        &self,
        repository: &ImageRepository,
        realm: &Realm,
        access: Access,
        offer: Option<&Offer>,
    ) -> Result<(HeaderValue, Option<&'static str>), RegistryError> {
        // What is public can be read by everybody, also by those whose token may not read packages.
        let may_be_without = access == Access::Pull && offer.is_some_and(|offer| offer.source == Source::GitHub);
        let offer = offer.filter(|offer| self.may_see(offer, &realm.address));
        let offered = offer.map(|offer| offer.source.name());
        let question = realm.question(repository, access, offer.map(|offer| &offer.login));
        let answer = self.connection.ask(repository, question).await?;
        if answer.status == StatusCode::OK {
            return Ok((token(repository, &answer)?, offered));
        }
        let refused = matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
        if refused && may_be_without {
            let anonymous = self.connection.ask(repository, realm.question(repository, access, None)).await?;
            if anonymous.status == StatusCode::OK {
                return Ok((token(repository, &anonymous)?, None));
            }
        }
        Err(answer.error(repository, offered))
    }

    /// Whether an address may be shown a login: GitHub's goes to its own registry only.
    fn may_see(&self, offer: &Offer, url: &Url) -> bool {
        offer.source != Source::GitHub || self.credentials.github.as_ref().is_some_and(|github| github.is_for(url))
    }
}

fn basic(username: &str, password: &str) -> HeaderValue {
    let text = format!("Basic {}", STANDARD.encode(format!("{username}:{password}")));
    let mut value = HeaderValue::try_from(text).unwrap_or_else(|_| HeaderValue::from_static(""));
    value.set_sensitive(true);
    value
}

/// The token in an answer, for a header: what a server says is put into no other place.
fn token(repository: &ImageRepository, answer: &Answer) -> Result<HeaderValue, RegistryError> {
    let none = || senseless(repository, "it gives no token where it promised one");
    let token: RegistryToken = serde_json::from_slice(&answer.body).map_err(|_| none())?;
    if token.token().is_empty() || !token.token().bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(none());
    }
    let mut value = HeaderValue::try_from(token.bearer_token()).map_err(|_| none())?;
    value.set_sensitive(true);
    Ok(value)
}

/// Where a registry sends its clients for tokens.
struct Realm {
    address: Url,
    service: Option<String>,
}

impl Realm {
    /// The realm that a registry at `base` names, if credentials may go there: by HTTPS, or on this machine from a registry on
    /// it. Which host it is, is the registry's to say: Docker Hub's is not where its images are.
    fn new(
        repository: &ImageRepository,
        base: &Url,
        realm: &str,
        service: Option<String>,
    ) -> Result<Self, RegistryError> {
        let address = Url::parse(realm).ok().filter(|realm| may_lead(base, realm));
        let address = address.ok_or_else(|| senseless(repository, "it sends for a token to where no login may go"))?;
        Ok(Self { address, service })
    }

    fn question(&self, repository: &ImageRepository, access: Access, login: Option<&Login>) -> Question {
        let scope = format!("repository:{}:{}", repository.path(), access.actions());
        let mut fields = vec![("scope", scope.as_str())];
        fields.extend(self.service.as_deref().map(|service| ("service", service)));
        let mut question = Question::get(self.address.clone());
        match login {
            Some(Login::IdentityToken(secret)) => {
                fields.extend([("grant_type", "refresh_token"), ("client_id", CLIENT_ID)]);
                fields.push(("refresh_token", secret.expose()));
                question.method = Method::POST;
                question.body = Some(form(&fields).into());
                let kind = HeaderValue::from_static("application/x-www-form-urlencoded");
                question.headers.insert(CONTENT_TYPE, kind);
                question
            }
            Some(Login::Password { username, password }) => {
                question.url.query_pairs_mut().extend_pairs(fields);
                question.with_authorization(Some(basic(username, password.expose())))
            }
            None => {
                question.url.query_pairs_mut().extend_pairs(fields);
                question
            }
        }
    }
}

fn form(fields: &[(&str, &str)]) -> String {
    let url = Url::parse_with_params("http://form.invalid/", fields);
    url.ok().and_then(|url| url.query().map(str::to_owned)).unwrap_or_default()
}
