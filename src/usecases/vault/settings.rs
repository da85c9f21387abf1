//! Policies, roles and the JWT method: each read, compared field by field, written and read back.

use serde_json::Value;

use super::login::{Kind, Session};
use super::{Mode, Run};
use crate::domain::vault::resources::{Drift, Resource, drift, resources};
use crate::domain::vault::wanted::Wanted;
use crate::error::BootstrapError;
use crate::ports::vault::{Access, HandOver, Mark, Vault, VaultError};
use crate::ports::{EscrowCipher, EscrowSink};

/// Everything that is configured, by name.
pub(super) fn everything(wanted: &Wanted) -> Vec<String> {
    let mounts = [format!("secrets engine `{}`", wanted.kv_mount), format!("auth method `{}`", wanted.approle_mount)];
    let audit = wanted.audit.iter().map(|_| "audit device".to_owned());
    let jwt = wanted.github.iter().map(|github| format!("auth method `{}`", github.mount));
    let resources = resources(wanted).into_iter().map(|resource| resource.what);
    audit.chain(mounts).chain(jwt).chain(resources).collect()
}

impl<V, S, C, H> Run<'_, V, S, C, H>
where
    V: Vault,
    S: EscrowSink + Sync,
    C: EscrowCipher + Sync,
    H: HandOver,
{
    /// Makes all of them as wanted. One that can not be written does not keep the others from being.
    pub(super) async fn settings(&mut self, session: &Session) -> Result<(), BootstrapError> {
        let mut first = None;
        for resource in resources(&self.request.wanted) {
            if let Err(error) = self.setting(session, &resource).await {
                tracing::warn!("{}: {error}", resource.what);
                first.get_or_insert(error);
            }
        }
        first.map_or(Ok(()), Err)
    }

    async fn setting(&mut self, session: &Session, resource: &Resource) -> Result<(), BootstrapError> {
        self.begin(&resource.what);
        let found = self.world.vault.read(&session.access, &resource.read).await?;
        let drifts = drift(resource, found.as_ref());
        if drifts.is_empty() {
            self.report(&resource.what, Mark::Fine, "");
            return Ok(());
        }
        let told = told(&drifts);
        if self.request.mode != Mode::Apply {
            self.differs(&resource.what, &told);
            return Ok(());
        }
        let body = resource.body(found.as_ref());
        let access = self.write_setting(session, resource, &body).await?;
        let found = self.world.vault.read(&access, &resource.read).await?;
        if let Some(left) = drift(resource, found.as_ref()).first() {
            return Err(BootstrapError::NotReadBack { what: left.to_string() });
        }
        self.report(&resource.what, Mark::Changed, &told);
        Ok(())
    }

    /// Writes all fields. What the operator may not write, a root token of the shares may, where there is a way to one.
    async fn write_setting(
        &mut self,
        session: &Session,
        resource: &Resource,
        body: &Value,
    ) -> Result<Access, BootstrapError> {
        let refused = match self.world.vault.write(&session.access, &resource.write, body).await {
            Ok(_) => return Ok(session.access.clone()),
            Err(refused @ VaultError::Forbidden { .. }) if session.kind == Kind::Operator => refused,
            Err(error) => return Err(error.into()),
        };
        if self.elevated.is_none() {
            let root = self.generate_root(&session.access.node).await;
            self.elevated = Some(root.map_err(|why| BootstrapError::NotOfOperator {
                what: resource.what.clone(),
                why: format!("{refused}; {why}"),
            })?);
        }
        let access = self.elevated.as_ref().map_or_else(|| session.access.clone(), |root| root.access.clone());
        self.world.vault.write(&access, &resource.write, body).await?;
        Ok(access)
    }
}

/// The differences in one line; or that there is nothing.
fn told(drifts: &[Drift]) -> String {
    if drifts.iter().all(|drift| drift.is.is_empty()) {
        return "is missing".to_owned();
    }
    let told: Vec<_> =
        drifts.iter().map(|drift| format!("{}: is {}, wanted {}", drift.field, drift.is, drift.wanted)).collect();
    told.join("; ")
}
