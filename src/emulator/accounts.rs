//! Who has a token, and what it opens.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

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
    /// Whether it may administer what it may write: the token of a workflow never may.
    pub administers: bool,
    /// Whether it may put secrets into the environments of what it may write: the token of a workflow never may.
    pub keeps_secrets: bool,
}

impl Account {
    /// A person with the same access everywhere.
    pub fn user(login: impl Into<String>, token: impl Into<String>, access: Access) -> Self {
        Self {
            login: login.into(),
            token: Token::new(token),
            access,
            exceptions: BTreeMap::new(),
            is_bot: false,
            administers: false,
            keeps_secrets: false,
        }
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

    /// The same account with the permission to administer, such as to delete environments.
    #[must_use]
    pub fn administering(self) -> Self {
        Self { administers: true, ..self }
    }

    /// The same account with the permission to put secrets into environments.
    #[must_use]
    pub fn keeping_secrets(self) -> Self {
        Self { keeps_secrets: true, ..self }
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

/// Everybody who has a token, as they are now; clones share them.
#[derive(Clone)]
pub(super) struct Accounts(Arc<Mutex<Vec<Account>>>);

impl Accounts {
    pub(super) fn new(accounts: Vec<Account>) -> Self {
        Self(Arc::new(Mutex::new(accounts)))
    }

    /// The account of an API request: `Authorization: Bearer x`, or `token x` as older clients write it.
    pub(super) fn by_bearer(&self, authorization: &str) -> Option<Account> {
        let (scheme, token) = authorization.split_once(' ')?;
        let known = scheme.eq_ignore_ascii_case("bearer") || scheme.eq_ignore_ascii_case("token");
        if known { self.by_token(token.trim()) } else { None }
    }

    /// The account of a git request: the password is the token, the user name is anything.
    pub(super) fn by_password(&self, authorization: &str) -> Option<Account> {
        let (scheme, credentials) = authorization.split_once(' ')?;
        // actions/checkout writes the scheme in lower case.
        if !scheme.eq_ignore_ascii_case("basic") {
            return None;
        }
        let credentials = String::from_utf8(STANDARD.decode(credentials.trim()).ok()?).ok()?;
        let (_, password) = credentials.split_once(':')?;
        self.by_token(password)
    }

    /// The account of this login, in whatever letters.
    pub(super) fn by_login(&self, login: &str) -> Option<Account> {
        self.lock().iter().find(|account| account.login.eq_ignore_ascii_case(login)).cloned()
    }

    /// Changes the account of this login; says whether there is one.
    pub(super) fn change(&self, login: &str, change: impl FnOnce(&mut Account)) -> bool {
        let mut accounts = self.lock();
        let found = accounts.iter_mut().find(|account| account.login == login);
        found.map(change).is_some()
    }

    fn by_token(&self, token: &str) -> Option<Account> {
        self.lock().iter().find(|account| account.token.expose() == token).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Vec<Account>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}
