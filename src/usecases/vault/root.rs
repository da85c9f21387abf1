//! A root token: made of the shares where there is no other way, and revoked in all cases.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use serde_json::{Value, json};

use super::Run;
use super::login::{Kind, Session};
use crate::domain::escrow::Phase;
use crate::domain::vault::address::NodeAddress;
use crate::error::BootstrapError;
use crate::ports::vault::{Access, HandOver, Mark, Vault, VaultError};
use crate::ports::{EscrowCipher, EscrowSink};
use crate::secret::Secret;

/// Where a root token is made (`docs/api-docs/system/generate-root` of both servers; `OpenBao` has it off unless its
/// configuration says otherwise, and answers 405 then).
const ATTEMPT: &str = "sys/generate-root/attempt";

impl<V, S, C, H> Run<'_, V, S, C, H>
where
    V: Vault,
    S: EscrowSink + Sync,
    C: EscrowCipher + Sync,
    H: HandOver,
{
    /// Makes a root token of the shares, if the server allows it.
    pub(super) async fn generate_root(&mut self, node: &NodeAddress) -> Result<Session, BootstrapError> {
        let no_login = |why: String| BootstrapError::NoLogin { node: node.clone(), why };
        let shares = self.shares_for_root();
        if shares.is_empty() {
            return Err(no_login("there are no shares to make a root token of".to_owned()));
        }
        if self.request.mode != super::Mode::Apply {
            return Err(no_login("a root token would have to be made, which this run is not to do".to_owned()));
        }
        self.is_known(node)?;
        let access = Access { node: node.clone(), token: None };
        let begun = match self.world.vault.write(&access, ATTEMPT, &json!({})).await {
            Ok(begun) => begun.unwrap_or_default(),
            Err(VaultError::Refused { status, message, .. }) => {
                return Err(no_login(
                    format!("the server does not make root tokens ({status}) {message}").trim().to_owned(),
                ));
            }
            Err(VaultError::Forbidden { message, .. }) => return Err(no_login(message)),
            Err(error) => return Err(error.into()),
        };
        // From here to its revocation, nobody else knows the token.
        self.world.hands.hold();
        let made = match self.give_shares(&access, &begun, &shares).await {
            Ok(Some(token)) => {
                tracing::info!("a root token was made for this run");
                return Ok(Session { access: self.access(node, token), kind: Kind::Generated });
            }
            Ok(None) => no_login("there are too few shares to make a root token of: give all in one run".to_owned()),
            Err(error) => error,
        };
        // An attempt that is left open would keep others from making one.
        if let Err(why) = self.world.vault.delete(&access, ATTEMPT).await {
            tracing::warn!("the attempt to make a root token is still open: {why}");
        }
        self.world.hands.release();
        Err(made)
    }

    /// The shares that a root token is made of. What is encrypted to people is none.
    fn shares_for_root(&self) -> Vec<Secret> {
        let recovery = self.contents().map(|contents| contents.recovery_shares.clone()).unwrap_or_default();
        let is_usable = self.request.shares.is_empty() && !recovery.is_empty() && !self.is_for_people();
        if is_usable { recovery } else { self.usable_shares().to_vec() }
    }

    /// Writes to a path, and says as whom. What the operator may not write, a root token of the shares may, where there is a way
    /// to one.
    pub(super) async fn write(
        &mut self,
        session: &Session,
        what: &str,
        path: &str,
        body: &Value,
    ) -> Result<Access, BootstrapError> {
        let refused = match self.world.vault.write(&session.access, path, body).await {
            Ok(_) => return Ok(session.access.clone()),
            Err(refused @ VaultError::Forbidden { .. }) if session.kind == Kind::Operator => refused,
            Err(error) => return Err(error.into()),
        };
        if self.elevated.is_none() {
            let root = self.generate_root(&session.access.node).await;
            let not_allowed =
                |why| BootstrapError::NotOfOperator { what: what.to_owned(), why: format!("{refused}; {why}") };
            self.elevated = Some(root.map_err(not_allowed)?);
        }
        let access = self.elevated.as_ref().map_or_else(|| session.access.clone(), |root| root.access.clone());
        self.world.vault.write(&access, path, body).await?;
        Ok(access)
    }

    /// Gives the shares to an attempt, and returns the token; nothing when they are too few, and the attempt is given up.
    async fn give_shares(
        &self,
        access: &Access,
        begun: &Value,
        shares: &[Secret],
    ) -> Result<Option<Secret>, BootstrapError> {
        let text = |name: &str| begun.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
        let (nonce, password) = (text("nonce"), text("otp"));
        for share in shares {
            let body = json!({ "key": share.expose(), "nonce": nonce });
            let answer = self.world.vault.write(access, "sys/generate-root/update", &body).await?.unwrap_or_default();
            if answer.get("complete").and_then(Value::as_bool) == Some(true) {
                let encoded = answer.get("encoded_token").and_then(Value::as_str).unwrap_or_default();
                return Ok(decoded(encoded, &password));
            }
        }
        Ok(None)
    }

    /// Revokes the root token of the initialisation, once the operator can log in without it, and forgets it.
    pub(super) async fn retire_root(&mut self, session: &Session) -> Result<(), BootstrapError> {
        let Some(mut contents) = self.contents().cloned() else { return Ok(()) };
        let Some(root) = contents.root_token.take() else { return Ok(()) };
        let what = "root token";
        if self.request.mode != super::Mode::Apply {
            self.differs(what, "is to be revoked");
            return Ok(());
        }
        self.begin(what);
        let Some(operator) = &contents.operator else {
            self.report(what, Mark::Warned, "kept in the escrow: the operator has no login yet");
            return Ok(());
        };
        let access = self.access(&session.access.node, root);
        let was_good = self.is_good(&access).await?;
        if was_good {
            // The last chance: the operator may not see its own logins.
            self.only_operator(&access, &operator.accessor).await?;
            self.revoke(&access).await?;
            if self.is_good(&access).await? {
                return Err(BootstrapError::RootNotRevoked);
            }
        }
        let mut record = self.record(Phase::Verified);
        self.inherit(&mut record);
        self.keep_contents(record, &contents).await?;
        let told = if was_good {
            "revoked: the operator's login is proven"
        } else {
            "was not good any more, and is forgotten"
        };
        self.report(what, Mark::Changed, told);
        Ok(())
    }
}

/// The token in the answer: Base64 of it, each byte changed by the one-time password.
fn decoded(encoded: &str, password: &str) -> Option<Secret> {
    let bytes = STANDARD_NO_PAD.decode(encoded.trim_end_matches('=')).ok()?;
    let token: Vec<u8> = bytes.iter().zip(password.bytes()).map(|(byte, key)| byte ^ key).collect();
    Secret::new(std::str::from_utf8(&token).ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_decoded_with_the_one_time_password() {
        let password = "abcdefgh";
        let encoded: Vec<u8> = "s.token1".bytes().zip(password.bytes()).map(|(byte, key)| byte ^ key).collect();
        let encoded = STANDARD_NO_PAD.encode(encoded);
        assert_eq!(decoded(&encoded, password).unwrap().expose(), "s.token1");
        assert_eq!(decoded("no base64!", password), None);
    }
}
