//! A session with a Vault: a node that answers, a login, and the token given back, however it ended.

use serde_json::json;

use crate::domain::vault::address::NodeAddress;
use crate::domain::vault::seen::{NodeSeen, View};
use crate::domain::vault::wanted::{MountPath, RoleName};
use crate::error::SecretsError;
use crate::ports::Keyring;
use crate::ports::vault::{Access, Login, Vault, VaultError};
use crate::secret::Secret;

/// How tokens begin that are not kept by the server, and can not be given back.
const BATCH_TOKENS: [&str; 2] = ["b.", "hvb."];

/// Which Vault, and as whom.
#[derive(Debug, Clone)]
pub struct Entrance {
    /// Its nodes, of which one has to answer.
    pub addresses: Vec<NodeAddress>,
    /// How one gets in.
    pub login: Entry,
}

/// How one gets into a Vault.
#[derive(Debug, Clone)]
pub enum Entry {
    /// With a token that somebody gave. It is theirs, and is never revoked.
    Given(Secret),
    /// By an `AppRole`.
    AppRole {
        /// Where the auth method is mounted.
        mount: MountPath,
        /// Which role.
        role_id: Secret,
        /// Its password.
        secret_id: Secret,
    },
    /// By a token of GitHub's OIDC provider.
    Identity {
        /// Where the auth method is mounted.
        mount: MountPath,
        /// The role.
        role: RoleName,
        /// The audience of the token.
        audience: String,
    },
}

/// Opens a session, does the work in it, and gives the token back on both paths.
///
/// # Errors
///
/// When no node can be used, or nobody can log in; that of the work; and else, when the token could not be given back.
pub(super) async fn with<V: Vault, K: Keyring, T>(
    (vault, keyring): (&V, &K),
    entrance: &Entrance,
    work: impl AsyncFnOnce(&Access) -> Result<T, SecretsError>,
) -> Result<T, SecretsError> {
    let node = usable(vault, &entrance.addresses).await?;
    if let Entry::Given(token) = &entrance.login {
        let access = Access { node, token: Some(token.clone()) };
        return match work(&access).await {
            // A token that is not good sees nothing either.
            Err(SecretsError::NotKv2 { .. }) if !is_good(vault, &access).await? => {
                Err(SecretsError::BadToken { node: access.node })
            }
            ended => ended,
        };
    }
    let login = login(keyring, &entrance.login).await?;
    keyring.hold();
    let ended = Box::pin(logged_in((vault, keyring), node, &login, work)).await;
    keyring.release();
    ended
}

async fn is_good(vault: &impl Vault, access: &Access) -> Result<bool, SecretsError> {
    match vault.read(access, "auth/token/lookup-self").await {
        Ok(_) => Ok(true),
        Err(VaultError::Forbidden { .. }) => Ok(false),
        Err(error) => Err(error.into()),
    }
}

async fn logged_in<V: Vault, T>(
    (vault, keyring): (&V, &impl Keyring),
    node: NodeAddress,
    (mount, login): &(MountPath, Login),
    work: impl AsyncFnOnce(&Access) -> Result<T, SecretsError>,
) -> Result<T, SecretsError> {
    let token = vault.login(&node, mount.as_str(), login).await?;
    keyring.mask(&token);
    let access = Access { node, token: Some(token) };
    let ended = work(&access).await;
    match (ended, give_back(vault, &access).await) {
        (ended, Ok(())) => ended,
        (Ok(_), Err(error)) => Err(error),
        (Err(first), Err(error)) => {
            tracing::warn!("besides, {}", crate::error::with_causes(&error));
            Err(first)
        }
    }
}

/// What the Vault is told of who logs in.
async fn login(keyring: &impl Keyring, entry: &Entry) -> Result<(MountPath, Login), SecretsError> {
    Ok(match entry {
        Entry::AppRole { mount, role_id, secret_id } => {
            (mount.clone(), Login::AppRole { role_id: role_id.clone(), secret_id: secret_id.clone() })
        }
        Entry::Identity { mount, role, audience } => {
            let token = keyring.identity_token(audience).await?;
            keyring.mask(&token);
            (mount.clone(), Login::Jwt { role: role.to_string(), token })
        }
        Entry::Given(_) => unreachable!("who has a token does not log in"),
    })
}

async fn give_back(vault: &impl Vault, access: &Access) -> Result<(), SecretsError> {
    let token = access.token.as_ref().map_or("", Secret::expose);
    if BATCH_TOKENS.iter().any(|start| token.starts_with(start)) {
        return Ok(());
    }
    match vault.write(access, "auth/token/revoke-self", &json!({})).await {
        Ok(_) => Ok(()),
        // It was good for a while only, or for some requests.
        Err(why @ VaultError::Forbidden { .. }) => {
            tracing::warn!("the token of this run is over already, or may not be given back and ends by itself: {why}");
            Ok(())
        }
        Err(source) => Err(SecretsError::NotGivenBack { node: access.node.clone(), source }),
    }
}

/// The first node that answers and is open.
async fn usable(vault: &impl Vault, addresses: &[NodeAddress]) -> Result<NodeAddress, SecretsError> {
    let mut why = Vec::new();
    for address in addresses {
        match unfit(&vault.look(address).await) {
            None => return Ok(address.clone()),
            Some(reason) => why.push(format!("`{address}` {reason}")),
        }
    }
    Err(SecretsError::NoNode { why })
}

/// Why a node can not be used; nothing when it can.
fn unfit(seen: &NodeSeen) -> Option<String> {
    match &seen.view {
        View::Silent { why } => Some(format!("can not be reached ({why})")),
        View::Answers(status) if !status.is_initialised => Some("is not initialised".to_owned()),
        View::Answers(status) if status.seal.is_sealed => Some("is sealed".to_owned()),
        View::Answers(_) => None,
    }
}
