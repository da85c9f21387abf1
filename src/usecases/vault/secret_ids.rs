//! The logins: the operator's, which lives in the escrow, and the deployer's, which is handed over.

use jiff::Timestamp;
use serde_json::{Value, json};

use super::login::{Kind, Session};
use super::{Mode, Request, Run};
use crate::domain::escrow::{AppRoleLogin, Contents, Phase};
use crate::domain::vault::address::NodeAddress;
use crate::error::BootstrapError;
use crate::ports::vault::{Access, HandOver, Login, Mark, Taker, Vault, VaultError};
use crate::ports::{EscrowCipher, EscrowSink};
use crate::secret::Secret;

/// A secret-id is replaced when less than this part of its life is left.
const LAST_PART: i64 = 4;

/// A secret-id as it was minted.
struct Minted {
    secret_id: Secret,
    accessor: String,
}

impl<V, S, C, H> Run<'_, V, S, C, H>
where
    V: Vault,
    S: EscrowSink + Sync,
    C: EscrowCipher + Sync,
    H: HandOver,
{
    pub(super) async fn secrets(&mut self, session: &Session) -> Result<(), BootstrapError> {
        let access = &session.access;
        let mut contents = self.contents().cloned();
        let before = contents.clone();
        self.role_ids(access, contents.as_mut()).await?;
        self.further_role_ids(access).await?;
        if let Some(contents) = &mut contents {
            self.operator(session, contents).await?;
        }
        let deployer = self.deployer(access, contents.as_mut()).await;
        // The operator's is written down in any case: it has no end, and nobody else knows it.
        let kept = match &contents {
            Some(now) if contents != before || self.has_new_address() => {
                self.keep_logins(access, before.as_ref(), now).await
            }
            _ => Ok(()),
        };
        let old = deployer?;
        kept?;
        // Only now, when the new one has logged in and is written down.
        if let Some(old) = old {
            self.destroy(access, &self.request.wanted.deployer.role.to_string(), &old).await?;
        }
        self.apart(access).await
    }

    /// Writes the logins down. Of two runs that have each minted one for the operator, the second is told so, and takes its own
    /// back.
    async fn keep_logins(
        &mut self,
        access: &Access,
        before: Option<&Contents>,
        contents: &Contents,
    ) -> Result<(), BootstrapError> {
        let mut record = self.record(Phase::Verified);
        self.inherit(&mut record);
        let kept = self.keep_contents(record, contents).await;
        let minted =
            contents.operator.as_ref().filter(|_| before.map(|before| &before.operator) != Some(&contents.operator));
        let Some(minted) = minted else { return kept };
        match kept {
            Ok(()) => self.only_operator(access, &minted.accessor).await,
            Err(error) => {
                let name = self.request.wanted.operator.role.to_string();
                self.take_back(access, &name, &minted.accessor).await;
                Err(error)
            }
        }
    }

    /// Destroys every login of the operator's but the one in the escrow: earlier runs minted them, and could not write them down.
    pub(super) async fn only_operator(&self, access: &Access, kept: &str) -> Result<(), BootstrapError> {
        let name = self.request.wanted.operator.role.to_string();
        let there = self.world.vault.list(access, &format!("{}/secret-id", self.role(&name))).await?;
        for accessor in there.iter().filter(|accessor| *accessor != kept) {
            self.destroy(access, &name, accessor).await?;
        }
        Ok(())
    }

    /// Whether an address was acknowledged that the escrow is to know from now on.
    fn has_new_address(&self) -> bool {
        let Some(record) = self.ledger.current() else { return false };
        let is_new = |address: &&NodeAddress| !record.addresses.contains(*address);
        self.request.mode == Mode::Apply && self.request.acknowledged.iter().any(|address| is_new(&address))
    }

    fn role(&self, name: &str) -> String {
        format!("auth/{}/role/{name}", self.request.wanted.approle_mount)
    }

    /// Puts back the deployer's role-id that the escrow knows, so that who uses it is not cut off; or learns it.
    async fn role_ids(&mut self, access: &Access, contents: Option<&mut Contents>) -> Result<(), BootstrapError> {
        let name = self.request.wanted.deployer.role.to_string();
        let found = self.role_id(access, &name).await?;
        let Some(contents) = contents else {
            self.outcome.role_id = found;
            return Ok(());
        };
        let what = format!("role-id of `{name}`");
        match (&contents.deployer_role_id, found) {
            (Some(known), Some(found)) if *known != found => {
                if !self.differs(&what, "is another than the recorded one") {
                    self.outcome.role_id = Some(found);
                    return Ok(());
                }
                let path = format!("{}/role-id", self.role(&name));
                self.world.vault.write(access, &path, &json!({ "role_id": known })).await?;
                if self.role_id(access, &name).await?.as_ref() != Some(known) {
                    return Err(BootstrapError::NotReadBack { what });
                }
                self.outcome.role_id = Some(known.clone());
                self.report(&what, Mark::Changed, "the recorded one was put back");
            }
            (_, found) => {
                self.outcome.role_id.clone_from(&found);
                if self.request.mode == Mode::Apply && found.is_some() {
                    contents.deployer_role_id = found;
                }
            }
        }
        Ok(())
    }

    /// Learns the reader's role-id and those of the applications, for whoever sets them up. A run that only shows its steps
    /// needs none.
    async fn further_role_ids(&mut self, access: &Access) -> Result<(), BootstrapError> {
        let Request { wanted, mode, .. } = self.request;
        if *mode == Mode::DryRun {
            return Ok(());
        }
        self.outcome.reader_role_id = self.visible_role_id(access, wanted.reader.role.as_str()).await?;
        self.outcome.application_role_ids.clear();
        for application in &wanted.applications {
            let found = self.visible_role_id(access, application.login.role.as_str()).await?;
            self.outcome.application_role_ids.extend(found.map(|role_id| (application.name.clone(), role_id)));
        }
        Ok(())
    }

    /// The role-id, where there is one that this login may see.
    async fn visible_role_id(&self, access: &Access, name: &str) -> Result<Option<String>, BootstrapError> {
        match self.role_id(access, name).await {
            Err(BootstrapError::Vault(VaultError::Forbidden { .. })) => Ok(None),
            found => found,
        }
    }

    async fn role_id(&self, access: &Access, name: &str) -> Result<Option<String>, BootstrapError> {
        let found = self.world.vault.read(access, &format!("{}/role-id", self.role(name))).await?;
        Ok(found.and_then(|data| data.get("role_id")?.as_str().map(str::to_owned)))
    }

    /// Gives the operator a login of its own, and proves it. It is what a later run logs in with.
    async fn operator(&mut self, session: &Session, contents: &mut Contents) -> Result<(), BootstrapError> {
        let access = &session.access;
        let name = self.request.wanted.operator.role.to_string();
        let what = format!("login of `{name}`");
        let lacks = match &contents.operator {
            None => "is not in the escrow",
            Some(login) if !self.is_login_good(session, &name, login).await? => "is in the escrow, and is not good",
            Some(_) => return Ok(()),
        };
        if !self.differs(&what, lacks) {
            return Ok(());
        }
        self.begin(&what);
        let role_id = self.role_id(access, &name).await?.and_then(|id| Secret::new(&id));
        let role_id = role_id.ok_or_else(|| BootstrapError::NotReadBack { what: what.clone() })?;
        let minted = self.mint(access, &name).await?;
        if let Err(error) = self.prove(access, role_id.clone(), &minted.secret_id).await {
            self.take_back(access, &name, &minted.accessor).await;
            return Err(error);
        }
        let mount = self.request.wanted.approle_mount.to_string();
        let Minted { secret_id, accessor } = minted;
        contents.operator = Some(AppRoleLogin { mount, role_id, secret_id, accessor });
        self.report(&what, Mark::Changed, "minted and proven");
        Ok(())
    }

    /// Whether the operator could log in with what the escrow holds. Who is logged in as the operator has just done so.
    async fn is_login_good(&self, session: &Session, name: &str, login: &AppRoleLogin) -> Result<bool, BootstrapError> {
        if session.kind == Kind::Operator {
            return Ok(true);
        }
        let role_id = self.role_id(&session.access, name).await?;
        Ok(role_id.as_deref() == Some(login.role_id.expose())
            && self.is_secret_good(&session.access, name, &login.accessor).await?)
    }

    /// Gives the deployer a secret-id that is good for a while, and returns the accessor of the one that it replaces.
    async fn deployer(
        &mut self,
        access: &Access,
        contents: Option<&mut Contents>,
    ) -> Result<Option<String>, BootstrapError> {
        let name = self.request.wanted.deployer.role.to_string();
        let what = format!("secret-id of `{name}`");
        self.begin(&what);
        let (old, is_good) = self.deployers(access, &name, contents.as_deref()).await?;
        if is_good && !self.request.rotates {
            self.report(&what, Mark::Fine, "");
            return Ok(None);
        }
        if !self
            .differs(&what, if self.request.rotates { "is to be rotated" } else { "is missing, or about to expire" })
        {
            return Ok(None);
        }
        let role_id = self.outcome.role_id.clone().ok_or_else(|| BootstrapError::NotReadBack { what: what.clone() })?;
        let minted = self.mint(access, &name).await?;
        let places = match self.leave(access, &role_id, &minted.secret_id).await {
            Ok(places) => places,
            Err(error) => {
                self.take_back(access, &name, &minted.accessor).await;
                return Err(error);
            }
        };
        if let Some(contents) = contents {
            contents.deployer_accessor = Some(minted.accessor);
        }
        self.report(&what, Mark::Changed, &format!("minted, proven, and left in {}", places.join(" and ")));
        Ok(old.filter(|_| is_good))
    }

    /// The accessor of the deployer's secret-id, where it is known, and whether it is good.
    async fn deployers(
        &self,
        access: &Access,
        name: &str,
        contents: Option<&Contents>,
    ) -> Result<(Option<String>, bool), BootstrapError> {
        if let Some(contents) = contents {
            let old = contents.deployer_accessor.clone();
            let is_good = match &old {
                Some(accessor) => self.is_secret_good(access, name, accessor).await?,
                None => false,
            };
            return Ok((old, is_good));
        }
        // Without an escrow that can be written, nobody knows which one is whose.
        match self.world.vault.list(access, &format!("{}/secret-id", self.role(name))).await {
            Ok(there) => Ok((None, !there.is_empty())),
            // The operator may not see them all, and needs not: it has the escrow.
            Err(VaultError::Forbidden { .. }) => Ok((None, true)),
            Err(error) => Err(error.into()),
        }
    }

    /// Hands the deployer's login over, and proves it.
    async fn leave(&self, access: &Access, role_id: &str, secret_id: &Secret) -> Result<Vec<String>, BootstrapError> {
        let places = self.world.hands.deliver(role_id, secret_id).await?;
        self.prove(access, secret_role(role_id)?, secret_id).await?;
        Ok(places)
    }

    /// Leaves the External Secrets reader and the applications a secret-id each, where that is asked for.
    async fn apart(&mut self, access: &Access) -> Result<(), BootstrapError> {
        let Request { wanted, mints_reader, mints_applications, .. } = self.request;
        let reader = mints_reader.then_some((&wanted.reader, Taker::Reader));
        let applications =
            wanted.applications.iter().filter(|application| mints_applications.contains(&application.name));
        let applications =
            applications.map(|application| (&application.login, Taker::Application(application.name.clone())));
        for (login, taker) in reader.into_iter().chain(applications) {
            self.mint_apart(access, login.role.as_str(), &taker).await?;
        }
        Ok(())
    }

    /// Mints a secret-id beside those that there are, proves it, and leaves it.
    async fn mint_apart(&mut self, access: &Access, name: &str, taker: &Taker) -> Result<(), BootstrapError> {
        let what = format!("secret-id of `{name}`");
        if !self.differs(&what, "is to be minted") {
            return Ok(());
        }
        self.begin(&what);
        let role_id =
            self.role_id(access, name).await?.ok_or_else(|| BootstrapError::NotReadBack { what: what.clone() })?;
        let minted = self.mint(access, name).await?;
        let place = match self.leave_apart(access, taker, &role_id, &minted.secret_id).await {
            Ok(place) => place,
            Err(error) => {
                self.take_back(access, name, &minted.accessor).await;
                return Err(error);
            }
        };
        self.report(&what, Mark::Changed, &format!("minted, proven, and left in {place}"));
        Ok(())
    }

    /// Proves the login, and leaves it.
    async fn leave_apart(
        &self,
        access: &Access,
        taker: &Taker,
        role_id: &str,
        secret_id: &Secret,
    ) -> Result<String, BootstrapError> {
        self.prove(access, secret_role(role_id)?, secret_id).await?;
        Ok(self.world.hands.deliver_apart(taker, secret_id)?)
    }

    async fn is_secret_good(&self, access: &Access, name: &str, accessor: &str) -> Result<bool, BootstrapError> {
        let path = format!("{}/secret-id-accessor/lookup", self.role(name));
        let found = self.world.vault.write(access, &path, &json!({ "secret_id_accessor": accessor })).await;
        match found {
            Ok(Some(found)) => {
                let is_it = found.get("secret_id_accessor").and_then(Value::as_str) == Some(accessor);
                Ok(is_it && is_lasting(&found, self.request.now))
            }
            // The servers do not agree on how they say that there is no such accessor.
            Ok(None) | Err(VaultError::Refused { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    async fn mint(&self, access: &Access, name: &str) -> Result<Minted, BootstrapError> {
        let run = self.request.run_url.as_deref().unwrap_or(&self.request.run);
        let body = json!({ "metadata": json!({ "minted-by": run }).to_string() });
        let minted = self.world.vault.write(access, &format!("{}/secret-id", self.role(name)), &body).await?;
        let text = |field: &str| minted.as_ref().and_then(|data| data.get(field)?.as_str());
        let (secret_id, accessor) = (text("secret_id").and_then(Secret::new), text("secret_id_accessor"));
        let (Some(secret_id), Some(accessor)) = (secret_id, accessor) else {
            return Err(BootstrapError::NotReadBack { what: format!("secret-id of `{name}`") });
        };
        self.world.hands.mask(&secret_id);
        Ok(Minted { secret_id, accessor: accessor.to_owned() })
    }

    /// Logs in, and gives the token back.
    async fn prove(&self, access: &Access, role_id: Secret, secret_id: &Secret) -> Result<(), BootstrapError> {
        let mount = self.request.wanted.approle_mount.to_string();
        let login = Login::AppRole { role_id, secret_id: secret_id.clone() };
        let token = self.world.vault.login(&access.node, &mount, &login).await?;
        self.revoke(&self.access(&access.node, token)).await
    }

    /// Destroys a secret-id that was minted in vain. What made it vain is what is told.
    async fn take_back(&self, access: &Access, name: &str, accessor: &str) {
        if let Err(why) = self.destroy(access, name, accessor).await {
            tracing::warn!("the secret-id of `{name}` that was minted in vain is still there: {why}");
        }
    }

    async fn destroy(&self, access: &Access, name: &str, accessor: &str) -> Result<(), BootstrapError> {
        let path = format!("{}/secret-id-accessor/destroy", self.role(name));
        match self.world.vault.write(access, &path, &json!({ "secret_id_accessor": accessor })).await {
            Ok(_) | Err(VaultError::Refused { .. }) => Ok(()),
            Err(error) => Err(error.into()),
        }
    }
}

fn secret_role(role_id: &str) -> Result<Secret, BootstrapError> {
    Secret::new(role_id).ok_or_else(|| BootstrapError::NotReadBack { what: "a role-id".to_owned() })
}

/// Whether a secret-id has more than the last part of its life before it. One without an end has.
fn is_lasting(found: &Value, now: Timestamp) -> bool {
    let seconds = found.get("secret_id_ttl").and_then(Value::as_i64).unwrap_or(0);
    let end = found.get("expiration_time").and_then(Value::as_str).and_then(|text| text.parse::<Timestamp>().ok());
    match end {
        // The servers' zero time stands for "never".
        Some(end) if end.as_second() > 0 => end.as_second() - now.as_second() > seconds / LAST_PART,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_is_replaced_in_the_last_part_of_its_life() {
        let now: Timestamp = "2026-11-21T10:00:00Z".parse().unwrap();
        let found = |end: &str| json!({ "secret_id_ttl": 14400, "expiration_time": end });
        assert!(is_lasting(&found("2026-11-21T11:00:01Z"), now));
        assert!(!is_lasting(&found("2026-11-21T11:00:00Z"), now));
        assert!(!is_lasting(&found("2026-11-21T09:00:00Z"), now));
        assert!(is_lasting(&found("0001-01-01T00:00:00Z"), now));
        assert!(is_lasting(&json!({ "secret_id_ttl": 0 }), now));
    }
}
