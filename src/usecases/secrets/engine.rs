//! KV version 2: what is at a path, what is said of it, and how both are written and removed.
//! <https://openbao.org/api-docs/secret/kv/kv-v2/>

use jiff::Timestamp;
use serde_json::{Map, Value, json};

use crate::domain::preview_secrets::{Owner, Ownership, Values};
use crate::domain::vault::wanted::{MountPath, SecretPath};
use crate::error::SecretsError;
use crate::ports::vault::{Access, Vault, VaultError};

/// A mounted engine, and who asks it.
pub(super) struct Engine<'a, V> {
    vault: &'a V,
    access: &'a Access,
    mount: &'a MountPath,
}

/// What is said of a path.
#[derive(Debug, Clone, Default)]
pub(super) struct Described {
    /// The number of the newest version; 0 while there is none.
    pub(super) version: u64,
    /// When that was written.
    pub(super) updated_at: Option<Timestamp>,
    /// What users wrote beside it.
    pub(super) metadata: Map<String, Value>,
}

impl Described {
    /// Whose the values are.
    pub(super) fn ownership(&self) -> Ownership {
        Ownership::read(&self.metadata)
    }

    /// Whose the values are, where Bivouac put them.
    pub(super) fn owner(&self) -> Option<Owner> {
        self.ownership().owner()
    }
}

/// How an attempt to write ended. That somebody else was faster is an answer, not an error.
pub(super) enum Written {
    /// It is this version.
    At(u64),
    /// Another version is there than was thought.
    Moved,
}

impl<'a, V: Vault> Engine<'a, V> {
    /// The engine at a mount, once it is known to be one of version 2: another one would take metadata for values.
    pub(super) async fn open(vault: &'a V, access: &'a Access, mount: &'a MountPath) -> Result<Self, SecretsError> {
        let found = match vault.read(access, &format!("sys/internal/ui/mounts/{mount}")).await {
            Ok(found) => found.unwrap_or_default(),
            Err(VaultError::Forbidden { message, .. }) => {
                let found = format!("the server says `{}`", message.escape_debug());
                return Err(SecretsError::NotKv2 { mount: mount.clone(), found });
            }
            Err(error) => return Err(error.into()),
        };
        let text = |path: &str| found.pointer(path).and_then(Value::as_str);
        match (text("/type"), text("/options/version")) {
            (Some("kv"), Some("2")) => Ok(Self { vault, access, mount }),
            (Some("kv" | "generic"), _) => {
                Err(SecretsError::NotKv2 { mount: mount.clone(), found: "it is of version 1".to_owned() })
            }
            (kind, _) => {
                let found = kind.filter(|kind| !kind.is_empty()).map_or_else(
                    || "there is nothing, or this login may see nothing below it".to_owned(),
                    |kind| format!("the server says `{}`", kind.escape_debug()),
                );
                Err(SecretsError::NotKv2 { mount: mount.clone(), found })
            }
        }
    }

    /// What is said of a path; nothing when there is nothing at it.
    pub(super) async fn look(&self, path: &SecretPath) -> Result<Option<Described>, SecretsError> {
        let found = self.vault.read(self.access, &self.metadata(path)).await?;
        Ok(found.map(|found| {
            let version = found.get("current_version").and_then(Value::as_u64).unwrap_or_default();
            let time = found.get("updated_time").and_then(Value::as_str);
            let metadata = found.get("custom_metadata").and_then(Value::as_object).cloned();
            Described {
                version,
                updated_at: time.and_then(|time| time.parse().ok()),
                metadata: metadata.unwrap_or_default(),
            }
        }))
    }

    /// The values at a path and their version; nothing when there are none, or the newest version was deleted.
    pub(super) async fn read(&self, path: &SecretPath) -> Result<Option<(u64, Values)>, SecretsError> {
        Ok(self.read_with_metadata(path).await?.map(|(version, values, _)| (version, values)))
    }

    /// The same, with what users wrote beside it.
    pub(super) async fn read_with_metadata(
        &self,
        path: &SecretPath,
    ) -> Result<Option<(u64, Values, Map<String, Value>)>, SecretsError> {
        let asked = format!("{}/data/{path}", self.mount);
        let Some(mut found) = self.vault.read(self.access, &asked).await? else { return Ok(None) };
        let senseless = || VaultError::Senseless { node: self.access.node.clone(), what: format!("read `{asked}`") };
        let version = found.pointer("/metadata/version").and_then(Value::as_u64).ok_or_else(senseless)?;
        match found.get_mut("data").map(Value::take) {
            Some(Value::Object(values)) => {
                let metadata = found.pointer("/metadata/custom_metadata").and_then(Value::as_object).cloned();
                Ok(Some((version, Values::of_vault(values), metadata.unwrap_or_default())))
            }
            Some(Value::Null) => Ok(None),
            _ => Err(senseless().into()),
        }
    }

    /// Writes values, provided that the newest version is still this one.
    pub(super) async fn write(
        &self,
        path: &SecretPath,
        values: &Values,
        version: u64,
    ) -> Result<Written, SecretsError> {
        let body = json!({ "options": { "cas": version }, "data": values.as_json() });
        let asked = format!("{}/data/{path}", self.mount);
        match self.vault.write(self.access, &asked, &body).await {
            Ok(written) => {
                let version = written.as_ref().and_then(|data| data.get("version")?.as_u64());
                let senseless =
                    || VaultError::Senseless { node: self.access.node.clone(), what: format!("write `{asked}`") };
                Ok(Written::At(version.ok_or_else(senseless)?))
            }
            Err(VaultError::Refused { status: 400, message, .. }) if message.contains("check-and-set") => {
                Ok(Written::Moved)
            }
            Err(error) => Err(error.into()),
        }
    }

    /// Says whose the values at a path are, before or after there are any.
    pub(super) async fn describe(&self, path: &SecretPath, metadata: &Map<String, Value>) -> Result<(), SecretsError> {
        let body = json!({ "custom_metadata": metadata });
        self.vault.write(self.access, &self.metadata(path), &body).await?;
        Ok(())
    }

    /// Removes a path with all its versions, and what is said of it.
    pub(super) async fn remove(&self, path: &SecretPath) -> Result<(), SecretsError> {
        Ok(self.vault.delete(self.access, &self.metadata(path)).await?)
    }

    /// The names of what has values directly below a path.
    pub(super) async fn names(&self, path: &SecretPath) -> Result<Vec<String>, SecretsError> {
        let mut names = self.vault.list(self.access, &self.metadata(path)).await?;
        names.retain(|name| !name.ends_with('/'));
        Ok(names)
    }

    fn metadata(&self, path: &SecretPath) -> String {
        format!("{}/metadata/{path}", self.mount)
    }
}
