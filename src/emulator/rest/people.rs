//! What people may do.

use serde_json::{Value, json};

use super::super::accounts::{Access, Account};
use super::super::answer::Answer;
use super::super::model::{Actor, ActorKind, PullRequestState};
use super::super::percent;
use super::super::role::Role;
use super::super::state::Repository;
use super::Call;
use super::refusal::Refusal;

impl Call<'_> {
    /// The permission in the words of the first roles, and the role itself. A person who was given none may look, as in a
    /// repository that everybody may see. An App is no person.
    pub(super) fn show_permission(&self, login: &str) -> Result<Answer, Refusal> {
        if !self.account.is_bot && self.account.access_to(&self.repository) < Access::Write {
            return Err(Refusal::new(403, "Must have push access to view collaborator permission."));
        }
        let login = percent::decoded(login);
        let account = self.context.accounts.by_login(&login);
        let known = match &account {
            Some(account) if account.is_bot => None,
            Some(account) => Some(account.login.clone()),
            None => self.context.forge.person(&login),
        };
        let known = known.ok_or_else(|| Refusal::new(404, format!("{login} is not a user")))?;
        let role = self.role(&*self.repository()?, &known, account.as_ref());
        let mut user = self.objects().user(&Actor::user(known));
        user["permissions"] = permissions(role);
        user["role_name"] = role.word().into();
        user["user_view_type"] = "public".into();
        let shown = json!({"permission": role.base().word(), "role_name": role.word(), "user": user});
        Ok(Answer::json(200, &shown))
    }

    /// What the author of something is to the repository.
    pub(super) fn association(&self, repository: &Repository, author: &Actor) -> &'static str {
        let account = self.context.accounts.by_login(&author.login);
        let has_merged = |author: &Actor| {
            repository.pull_requests.values().any(|of| of.state == PullRequestState::Merged && of.author == *author)
        };
        if author.kind != ActorKind::User {
            "NONE"
        } else if author.login.eq_ignore_ascii_case(repository.name.owner()) {
            "OWNER"
        } else if given(repository, &author.login).is_some_and(|role| role != Role::None)
            || account.is_some_and(|account| account.access_to(&self.repository) == Access::Write)
        {
            "COLLABORATOR"
        } else if has_merged(author) {
            "CONTRIBUTOR"
        } else {
            "NONE"
        }
    }

    fn role(&self, repository: &Repository, login: &str, account: Option<&Account>) -> Role {
        let of_account = |account: &Account| match account.access_to(&self.repository) {
            Access::Write if account.administers => Role::Admin,
            Access::Write => Role::Write,
            Access::Read => Role::Read,
            Access::None => Role::None,
        };
        let role = given(repository, login).or_else(|| account.map(of_account));
        let owner = || if login.eq_ignore_ascii_case(repository.name.owner()) { Role::Admin } else { Role::Read };
        role.unwrap_or_else(owner)
    }
}

fn given(repository: &Repository, login: &str) -> Option<Role> {
    repository.roles.get(&login.to_lowercase()).copied()
}

fn permissions(role: Role) -> Value {
    let rank = [Role::None, Role::Read, Role::Triage, Role::Write, Role::Maintain, Role::Admin];
    let at = |role: Role| rank.iter().position(|known| *known == role);
    let has = |wanted: Role| at(role) >= at(wanted);
    json!({
        "admin": has(Role::Admin),
        "maintain": has(Role::Maintain),
        "push": has(Role::Write),
        "triage": has(Role::Triage),
        "pull": has(Role::Read),
    })
}
