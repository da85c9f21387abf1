//! Who has a token, and what it opens.

use std::collections::BTreeMap;
use std::fmt;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::model::Actor;

/// A token that does not show itself.
#[derive(Clone, PartialEq, Eq)]
pub struct Token(String);

impl Token {
    /// Takes the token as it is.
    pub fn new(token: impl Into<String>) -> Self {
        Self(token.into())
    }

    /// The token itself.
    #[must_use]
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Token {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Token")
    }
}

/// What a token may do with a repository.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Access {
    /// The repository seems not to exist.
    None,
    /// Look and fetch.
    Read,
    /// Comment and push as well.
    Write,
}

/// Somebody with a token.
#[derive(Clone, Debug)]
pub struct Account {
    /// The login as REST has it: `octocat`, `github-actions[bot]`.
    pub login: String,
    /// What proves to be this account.
    pub token: Token,
    /// What the token may do where nothing else is said.
    pub access: Access,
    /// What it may do with single repositories, by `owner/name`.
    pub exceptions: BTreeMap<String, Access>,
    /// Whether it is an app rather than a person.
    pub is_bot: bool,
}

impl Account {
    /// A person with the same access everywhere.
    pub fn user(login: impl Into<String>, token: impl Into<String>, access: Access) -> Self {
        Self { login: login.into(), token: Token::new(token), access, exceptions: BTreeMap::new(), is_bot: false }
    }

    /// An app with the same access everywhere; its login ends in `[bot]`.
    pub fn bot(login: impl Into<String>, token: impl Into<String>, access: Access) -> Self {
        Self { is_bot: true, ..Self::user(login, token, access) }
    }

    /// The same account with another access to `repository`, given as `owner/name`.
    #[must_use]
    pub fn with_access_to(mut self, repository: impl Into<String>, access: Access) -> Self {
        self.exceptions.insert(repository.into(), access);
        self
    }

    /// What the token may do with `repository`, given as `owner/name`.
    #[must_use]
    pub fn access_to(&self, repository: &str) -> Access {
        self.exceptions.get(repository).copied().unwrap_or(self.access)
    }

    /// The account as the author of something.
    #[must_use]
    pub fn actor(&self) -> Actor {
        if self.is_bot { Actor::bot(&self.login) } else { Actor::user(&self.login) }
    }
}

/// The account of an API request: `Authorization: Bearer x`, or `token x` as older clients write it.
pub(super) fn by_bearer<'a>(accounts: &'a [Account], authorization: &str) -> Option<&'a Account> {
    let (scheme, token) = authorization.split_once(' ')?;
    let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
    accounts.iter().find(|account| known && account.token.expose() == token.trim())
}

/// The account of a git request: the password is the token, the user name is anything.
pub(super) fn by_password<'a>(accounts: &'a [Account], authorization: &str) -> Option<&'a Account> {
    let (scheme, credentials) = authorization.split_once(' ')?;
    // actions/checkout writes the scheme in lower case.
    if !scheme.eq_ignore_ascii_case("basic") {
        return None;
    }
    let credentials = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
    let (_, password) = credentials.split_once(':')?;
    accounts.iter().find(|account| account.token.expose() == password)
}
