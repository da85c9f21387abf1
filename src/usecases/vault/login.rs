//! Who the Vault is configured as.

use serde_json::json;

use super::Run;
use super::keys::Keys;
use crate::domain::vault::address::NodeAddress;
use crate::domain::vault::decision::Obstacle;
use crate::error::BootstrapError;
use crate::ports::vault::{Access, HandOver, Login, Vault, VaultError};
use crate::ports::{EscrowCipher, EscrowSink};
use crate::secret::Secret;

/// A token, and where it is from.
pub(super) struct Session {
    pub(super) access: Access,
    pub(super) kind: Kind,
}

/// Where a token is from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    /// Somebody gave it. It is theirs, and is never revoked.
    Given,
    /// The root token of the initialisation, out of the escrow. Revoked once the operator's login is proven.
    Root,
    /// The operator's, made for this run.
    Operator,
    /// A root token, made for this run.
    Generated,
}

impl<V, S, C, H> Run<'_, V, S, C, H>
where
    V: Vault,
    S: EscrowSink + Sync,
    C: EscrowCipher + Sync,
    H: HandOver,
{
    /// Logs in: with the token that was given, with the root token of an initialisation that is not finished, as the operator
    /// by GitHub's OIDC, as the operator by its `AppRole`, or with a root token made of the shares.
    pub(super) async fn log_in(&mut self, node: &NodeAddress) -> Result<Session, BootstrapError> {
        if let Some(token) = self.request.token.clone() {
            let access = self.access(node, token);
            if self.is_good(&access).await? {
                return Ok(Session { access, kind: Kind::Given });
            }
            if self.contents().is_none() {
                return Err(BootstrapError::BadToken { node: node.clone() });
            }
            tracing::warn!("the token that was given is not good: the escrow's logins are tried");
        }
        if self.ledger.current().is_some() {
            self.is_known(node)?;
        }
        if let Some(root) = self.contents().and_then(|contents| contents.root_token.clone()) {
            let access = self.access(node, root);
            if self.is_good(&access).await? {
                return Ok(Session { access, kind: Kind::Root });
            }
        }
        if let Some(session) = self.log_in_by_oidc(node).await? {
            return Ok(session);
        }
        if let Some(operator) = self.contents().and_then(|contents| contents.operator.clone()) {
            let login = Login::AppRole { role_id: operator.role_id, secret_id: operator.secret_id };
            match self.world.vault.login(node, &operator.mount, &login).await {
                Ok(token) => return Ok(Session { access: self.access(node, token), kind: Kind::Operator }),
                Err(VaultError::Forbidden { message, .. }) => {
                    tracing::warn!("the operator can not log in ({message}): a root token is made of the shares");
                }
                Err(error) => return Err(error.into()),
            }
        }
        if matches!(self.keys, Keys::Locked) {
            return Err(BootstrapError::Obstacle(Obstacle::NoIdentity { node: node.clone() }));
        }
        self.generate_root(node).await
    }

    /// The operator's token by GitHub's OIDC, if the job may have one and the Vault knows its role.
    async fn log_in_by_oidc(&mut self, node: &NodeAddress) -> Result<Option<Session>, BootstrapError> {
        let wanted = &self.request.wanted;
        let Some(github) = wanted.github.as_ref().filter(|github| github.operator.is_some()) else {
            return Ok(None);
        };
        let token = match self.world.hands.oidc_token(&github.audience).await {
            Ok(Some(token)) => token,
            Ok(None) => return Ok(None),
            Err(why) => {
                tracing::warn!("{why}: the AppRole is tried");
                return Ok(None);
            }
        };
        self.world.hands.mask(&token);
        let login = Login::Jwt { role: wanted.operator.role.to_string(), token };
        match self.world.vault.login(node, github.mount.as_str(), &login).await {
            Ok(token) => Ok(Some(Session { access: self.access(node, token), kind: Kind::Operator })),
            Err(VaultError::Forbidden { message, .. }) => {
                tracing::info!("the login by GitHub's OIDC was refused ({message}): the AppRole is tried");
                Ok(None)
            }
            Err(error) => Err(error.into()),
        }
    }

    pub(super) fn access(&self, node: &NodeAddress, token: Secret) -> Access {
        self.world.hands.mask(&token);
        Access { node: node.clone(), token: Some(token) }
    }

    /// Whether a token is good for anything.
    pub(super) async fn is_good(&self, access: &Access) -> Result<bool, BootstrapError> {
        match self.world.vault.read(access, "auth/token/lookup-self").await {
            Ok(found) => Ok(found.is_some()),
            Err(VaultError::Forbidden { .. }) => Ok(false),
            Err(error) => Err(error.into()),
        }
    }

    /// Gives back a token that was made for this run.
    pub(super) async fn log_out(&self, session: &Session) -> Result<(), BootstrapError> {
        match session.kind {
            Kind::Given | Kind::Root => Ok(()),
            Kind::Operator | Kind::Generated => self.revoke(&session.access).await,
        }
    }

    /// Revokes a token.
    pub(super) async fn revoke(&self, access: &Access) -> Result<(), BootstrapError> {
        self.world.vault.write(access, "auth/token/revoke-self", &json!({})).await?;
        Ok(())
    }
}
