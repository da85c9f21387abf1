//! Policies, roles and the JWT method: each read, compared field by field, written and read back.

use super::login::{Kind, Session};
use super::{Mode, Run};
use crate::domain::vault::policy::difference;
use crate::domain::vault::resources::{Drift, Resource, drift, resources};
use crate::domain::vault::wanted::Wanted;
use crate::error::BootstrapError;
use crate::ports::vault::{HandOver, Mark, Vault, VaultError};
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
        let found = match self.world.vault.read(&session.access, &resource.read).await {
            // The operator's policy names each path: what the desired state has anew is not in it before that is written.
            Err(VaultError::Forbidden { .. }) if session.kind == Kind::Operator && self.request.mode != Mode::Apply => {
                self.differs(&resource.what, "is not known to the operator's policy yet");
                return Ok(());
            }
            found => found?,
        };
        let drifts = drift(resource, found.as_ref());
        if drifts.is_empty() {
            self.report(&resource.what, Mark::Fine, "");
            return Ok(());
        }
        if self.request.mode != Mode::Apply {
            self.differs(&resource.what, &told(&drifts, "is", "differs"));
            return Ok(());
        }
        let body = resource.body(found.as_ref());
        let access = match self.write(session, &resource.what, &resource.write, &body).await {
            Err(BootstrapError::Vault(VaultError::Refused { node, message, .. })) if is_about_issuer(&message) => {
                return Err(BootstrapError::NoIssuer { node, message });
            }
            Err(error @ BootstrapError::Vault(VaultError::Refused { .. })) => {
                let is_as_before = self.world.vault.read(&session.access, &resource.read).await? == found;
                let what = resource.what.clone();
                return Err(if is_as_before { error } else { BootstrapError::OtherRun { what } });
            }
            access => access?,
        };
        let found = self.world.vault.read(&access, &resource.read).await?;
        if let Some(left) = drift(resource, found.as_ref()).first() {
            return Err(BootstrapError::NotReadBack { what: left.to_string() });
        }
        self.report(&resource.what, Mark::Changed, &told(&drifts, "was", "differed"));
        Ok(())
    }
}

/// Whether a server's words say that it could not ask who issues tokens, as `pathConfigWrite` of its JWT method has them:
/// <https://github.com/openbao/openbao/blob/main/builtin/credential/jwt/path_config.go>
fn is_about_issuer(message: &str) -> bool {
    ["error checking oidc discovery URL", "error checking jwks URL"].iter().any(|words| message.contains(words))
}

/// The differences in one line; or that there is nothing.
fn told(drifts: &[Drift], is: &str, differs: &str) -> String {
    let told = |drift: &Drift| {
        if drift.field.is_empty() {
            return format!("{is} missing");
        }
        if drift.is.contains('\n') || drift.wanted.contains('\n') {
            return format!("`{}` {differs}\n{}", drift.field, difference(&drift.is, &drift.wanted).trim_end());
        }
        format!("`{}` {is} {}, wanted {}", drift.field, drift.is, drift.wanted)
    };
    drifts.iter().map(told).collect::<Vec<_>>().join("; ")
}
