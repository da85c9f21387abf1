//! What is inside of the ciphertext: the one thing that must never be lost, and never be seen.

use serde_json::{Map, Value, json};

use super::record::Record;
use crate::domain::vault::address::NodeAddress;
use crate::secret::Secret;

/// How the operator logs in once the root token is revoked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AppRoleLogin {
    /// Where the method is mounted.
    pub mount: String,
    /// Which role.
    pub role_id: Secret,
    /// What proves it.
    pub secret_id: Secret,
    /// What the server calls the secret, for looking it up and destroying it.
    pub accessor: String,
}

/// What the record said when it was encrypted. Everybody who can write the escrow can change a record, and nobody without the
/// keys what is inside of one.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Sealed {
    /// Where the nodes were.
    pub addresses: Vec<NodeAddress>,
    /// How many shares unseal it.
    pub threshold: u32,
    /// How many shares there are.
    pub shares: u32,
    /// What seals it.
    pub seal_type: String,
    /// Which cluster it was, if that was known.
    pub cluster_id: Option<String>,
    /// The environment that the Vault is for.
    pub environment: Option<String>,
}

/// What a Vault's initialisation returned, and what was made with it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Contents {
    /// The shares that unseal it.
    pub unseal_shares: Vec<Secret>,
    /// The shares of a Vault that unseals itself.
    pub recovery_shares: Vec<Secret>,
    /// The root token, as long as it is good.
    pub root_token: Option<Secret>,
    /// The operator's login.
    pub operator: Option<AppRoleLogin>,
    /// The deployer's role, to be put back should it be lost.
    pub deployer_role_id: Option<String>,
    /// The role of the External Secrets reader, likewise.
    pub reader_role_id: Option<String>,
    /// How a later run knows that the deployer's secret is still good.
    pub deployer_accessor: Option<String>,
    /// What the record said when this was encrypted.
    pub sealed: Option<Sealed>,
}

/// Why a text is not what an escrow holds. It never quotes the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ContentsError {
    /// Something else was encrypted.
    #[error("what the escrow holds is no JSON object")]
    NotAnObject,
    /// A field is not what it should be.
    #[error("what the escrow holds is broken: `{0}` is not of the right kind, or missing")]
    Field(&'static str),
}

impl Sealed {
    fn to_value(&self) -> Value {
        json!({
            "addresses": self.addresses.iter().map(NodeAddress::as_str).collect::<Vec<_>>(),
            "threshold": self.threshold,
            "shares": self.shares,
            "seal_type": self.seal_type,
            "cluster_id": self.cluster_id,
            "environment": self.environment,
        })
    }
}

impl Contents {
    /// The same, with what a record says of them inside.
    #[must_use]
    pub fn sealed_with(&self, record: &Record) -> Self {
        let sealed = Sealed {
            addresses: record.addresses.clone(),
            threshold: record.threshold,
            shares: record.shares,
            seal_type: record.seal_type.clone(),
            cluster_id: record.cluster_id.clone(),
            environment: record.environment.clone(),
        };
        Self { sealed: Some(sealed), ..self.clone() }
    }

    /// The text that is encrypted.
    #[must_use]
    pub fn to_json(&self) -> Secret {
        let texts = |secrets: &[Secret]| secrets.iter().map(Secret::expose).map(Value::from).collect::<Vec<_>>();
        let mut object = Map::new();
        object.insert("unseal_shares".to_owned(), texts(&self.unseal_shares).into());
        object.insert("recovery_shares".to_owned(), texts(&self.recovery_shares).into());
        let operator = self.operator.as_ref().map(|login| {
            json!({
                "mount": login.mount,
                "role_id": login.role_id.expose(),
                "secret_id": login.secret_id.expose(),
                "accessor": login.accessor,
            })
        });
        let optional = [
            ("root_token", self.root_token.as_ref().map(|token| token.expose().into())),
            ("operator", operator),
            ("deployer_role_id", self.deployer_role_id.clone().map(Value::from)),
            ("reader_role_id", self.reader_role_id.clone().map(Value::from)),
            ("deployer_accessor", self.deployer_accessor.clone().map(Value::from)),
            ("sealed", self.sealed.as_ref().map(Sealed::to_value)),
        ];
        for (name, value) in optional {
            if let Some(value) = value {
                object.insert(name.to_owned(), value);
            }
        }
        Secret::of(Value::Object(object).to_string())
    }

    /// Reads what was decrypted. Fields that are not known here are passed over.
    ///
    /// # Errors
    ///
    /// When it is something else.
    pub fn from_json(text: &str) -> Result<Self, ContentsError> {
        let Ok(Value::Object(object)) = serde_json::from_str(text) else { return Err(ContentsError::NotAnObject) };
        Ok(Self {
            unseal_shares: secrets(&object, "unseal_shares")?,
            recovery_shares: secrets(&object, "recovery_shares")?,
            root_token: optional(&object, "root_token", secret)?,
            operator: optional(&object, "operator", login)?,
            deployer_role_id: optional(&object, "deployer_role_id", plain)?,
            reader_role_id: optional(&object, "reader_role_id", plain)?,
            deployer_accessor: optional(&object, "deployer_accessor", plain)?,
            sealed: optional(&object, "sealed", sealed)?,
        })
    }
}

fn secret(value: &Value) -> Option<Secret> {
    value.as_str().and_then(Secret::new)
}

fn plain(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn sealed(value: &Value) -> Option<Sealed> {
    let number = |name: &str| value.get(name)?.as_u64()?.try_into().ok();
    // What is not there was not known; what is there has to be a text.
    let known = |name: &str| match value.get(name) {
        None | Some(Value::Null) => Some(None),
        Some(value) => plain(value).map(Some),
    };
    let addresses = value.get("addresses")?.as_array()?.iter();
    Some(Sealed {
        addresses: addresses.map(|address| address.as_str()?.parse().ok()).collect::<Option<_>>()?,
        threshold: number("threshold")?,
        shares: number("shares")?,
        seal_type: plain(value.get("seal_type")?)?,
        cluster_id: known("cluster_id")?,
        environment: known("environment")?,
    })
}

fn login(value: &Value) -> Option<AppRoleLogin> {
    Some(AppRoleLogin {
        mount: plain(value.get("mount")?)?,
        role_id: secret(value.get("role_id")?)?,
        secret_id: secret(value.get("secret_id")?)?,
        accessor: plain(value.get("accessor")?)?,
    })
}

/// What `read` makes of a field; nothing where it is missing or `null`.
fn optional<T>(
    object: &Map<String, Value>,
    name: &'static str,
    read: fn(&Value) -> Option<T>,
) -> Result<Option<T>, ContentsError> {
    match object.get(name) {
        None | Some(Value::Null) => Ok(None),
        Some(value) => read(value).map(Some).ok_or(ContentsError::Field(name)),
    }
}

fn secrets(object: &Map<String, Value>, name: &'static str) -> Result<Vec<Secret>, ContentsError> {
    let Some(value) = object.get(name) else { return Ok(Vec::new()) };
    let list = value.as_array().ok_or(ContentsError::Field(name))?;
    list.iter().map(|value| secret(value).ok_or(ContentsError::Field(name))).collect()
}
