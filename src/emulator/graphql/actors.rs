//! Who asks, and who made what.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;

use super::super::accounts::{Access, Account};
use super::super::bare::GitPrograms;
use super::super::forge::Forge;
use super::super::model::{Actor, ActorKind};
use super::super::server::Context;
use super::super::state::Repository;
use super::execute::{Arguments, FieldError, Object, Resolved, broken, not_found};

/// Who asks, and whom.
pub(super) struct Session {
    pub(super) forge: Forge,
    pub(super) viewer: Account,
    pub(super) programs: Arc<GitPrograms>,
    /// The repositories whose git was opened, by number: each once for a request.
    opened: RefCell<BTreeMap<u64, Rc<git2::Repository>>>,
}

impl Session {
    pub(super) fn new(context: &Context, viewer: &Account) -> Self {
        Self {
            forge: context.forge.clone(),
            viewer: viewer.clone(),
            programs: Arc::clone(&context.git),
            opened: RefCell::default(),
        }
    }

    /// A repository that may be seen.
    pub(super) fn repository(&self, full_name: &str) -> Result<Arc<Repository>, FieldError> {
        let readable = self.viewer.access_to(full_name) > Access::None;
        let found = self.forge.repository(full_name).filter(|_| readable);
        found.ok_or_else(|| not_found(format!("Could not resolve to a Repository with the name '{full_name}'.")))
    }

    /// The git of a repository. What it reads is there now, whenever it was opened.
    pub(super) fn git(&self, repository: &Repository) -> Result<Rc<git2::Repository>, FieldError> {
        if let Some(opened) = self.opened.borrow().get(&repository.id) {
            return Ok(Rc::clone(opened));
        }
        let opened = Rc::new(repository.git().map_err(|error| broken(&error))?);
        self.opened.borrow_mut().insert(repository.id, Rc::clone(&opened));
        Ok(opened)
    }
}

/// Whoever asks, as `viewer` shows them.
pub(super) struct Viewer(String);

impl Viewer {
    pub(super) fn new(session: &Session) -> Self {
        // Here GitHub gives an app's login whole; as an author it has no `[bot]`.
        Self(session.viewer.login.clone())
    }
}

impl Object for Viewer {
    fn type_name(&self) -> &'static str {
        "User"
    }

    fn field(&self, name: &str, _: &Arguments) -> Result<Resolved, FieldError> {
        Ok(match name {
            "login" => Resolved::value(self.0.as_str()),
            _ => return Err(FieldError::Unknown),
        })
    }
}

struct ActorNode {
    actor: Actor,
    server_url: String,
}

impl ActorNode {
    /// GraphQL calls an app by its name alone.
    fn login(&self) -> &str {
        self.actor.login.strip_suffix("[bot]").unwrap_or(&self.actor.login)
    }
}

impl Object for ActorNode {
    fn type_name(&self) -> &'static str {
        if self.actor.kind == ActorKind::Bot { "Bot" } else { "User" }
    }

    fn is(&self, type_name: &str) -> bool {
        type_name == self.type_name() || matches!(type_name, "Actor" | "Node" | "UniformResourceLocatable")
    }

    fn field(&self, name: &str, _: &Arguments) -> Result<Resolved, FieldError> {
        let path = if self.actor.kind == ActorKind::Bot { "apps/" } else { "" };
        Ok(match name {
            "login" => Resolved::value(self.login()),
            "url" => Resolved::value(format!("{}/{path}{}", self.server_url, self.login())),
            _ => return Err(FieldError::Unknown),
        })
    }
}

/// The author of something; nobody, when the account is gone.
pub(super) fn actor(session: &Session, actor: &Actor) -> Resolved {
    match actor.kind {
        ActorKind::Ghost => Resolved::null(),
        ActorKind::User | ActorKind::Bot => somebody(session, actor),
    }
}

/// Who did something, where GraphQL always has somebody: for an account that is gone, GitHub's user `ghost`.
pub(super) fn somebody(session: &Session, actor: &Actor) -> Resolved {
    Resolved::object(ActorNode { actor: actor.clone(), server_url: session.forge.server_url().to_owned() })
}
