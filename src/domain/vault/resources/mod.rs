//! What a desired state means on the server: each thing to be read, compared and written, as data.
//!
//! Mounts and audit devices are not among them: those are created, not written.

mod drift;
mod github;
mod policies;
mod roles;

use serde_json::{Map, Value};

pub use drift::{Drift, drift};

use super::wanted::{Lifetime, Login, PolicyName, Wanted};

/// One thing to be read, compared and written.
#[derive(Debug, Clone)]
pub struct Resource {
    /// What it is, for people: "policy `bivouac-deployer`".
    pub what: String,
    /// Where it is read, below `/v1/`.
    pub read: String,
    /// Where it is written, below `/v1/`, by POST.
    pub write: String,
    /// Each of its fields.
    pub fields: Vec<Field>,
    /// Whether the operator's policy lets it be written. Otherwise that takes a root token, or somebody else's login.
    pub operator_writes: bool,
}

/// One field of a thing on the server.
#[derive(Debug, Clone)]
pub struct Field {
    /// Its name, as Vault has it.
    pub name: &'static str,
    /// What it is to be.
    pub wanted: Value,
    /// How it is compared.
    pub compare: Compare,
    /// When it is written.
    pub written: Written,
}

/// How a field is compared. Vault's nothings (null, an empty text, list or map) are the same everywhere.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Compare {
    /// As it is.
    Exact,
    /// As a length of time, in seconds or as `1h`.
    Seconds,
    /// As a list in any order.
    Set,
    /// As a policy, by what it allows.
    Policy,
}

/// When a field is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Written {
    /// Each time.
    Always,
    /// Only when the thing is not there yet: later the server refuses it.
    AtCreation,
    /// Only when the server has answered with it: not every Vault knows it.
    WhereKnown,
    /// Never: writing the thing resets it.
    ByItself,
}

/// Everything that is wanted, in the order in which it is written: the policies first, since roles name them.
#[must_use]
pub fn resources(wanted: &Wanted) -> Vec<Resource> {
    let mut all = policies::resources(wanted);
    all.extend(roles::resources(wanted));
    all.extend(github::resources(wanted));
    all
}

pub use policies::{application_policy, deployer_policy, operator_policy, reader_policy};

impl Resource {
    /// What is written, given what was read (the `data` of the answer; nothing when the thing is missing).
    #[must_use]
    pub fn body(&self, read: Option<&Value>) -> Value {
        let is_written = |field: &&Field| match field.written {
            Written::Always => true,
            Written::AtCreation => read.is_none(),
            Written::WhereKnown => read.is_some_and(|data| data.get(field.name).is_some()),
            Written::ByItself => false,
        };
        let entry = |field: &Field| (field.name.to_owned(), field.wanted.clone());
        Value::Object(self.fields.iter().filter(is_written).map(entry).collect())
    }
}

impl Field {
    fn new(name: &'static str, wanted: impl Into<Value>) -> Self {
        Self { name, wanted: wanted.into(), compare: Compare::Exact, written: Written::Always }
    }

    fn seconds(name: &'static str, time: Lifetime) -> Self {
        Self { compare: Compare::Seconds, ..Self::new(name, time.seconds()) }
    }

    fn set(name: &'static str, items: Vec<String>) -> Self {
        Self { compare: Compare::Set, ..Self::new(name, items) }
    }

    fn empty_map(name: &'static str) -> Self {
        Self::new(name, Map::new())
    }

    fn where_known(self) -> Self {
        Self { written: Written::WhereKnown, ..self }
    }
}

/// The fields of the token that a role gives. They are the same for each auth method:
/// <https://openbao.org/api-docs/auth/approle/#parameters> and <https://openbao.org/api-docs/auth/jwt/#parameters-1>,
/// <https://developer.hashicorp.com/vault/api-docs/auth/approle#parameters>.
///
/// The type is `service` and not `default`, which a mount can turn into `batch`: a batch token can not be revoked.
fn token_fields(login: &Login, policy: &PolicyName) -> Vec<Field> {
    vec![
        Field::set("token_policies", vec![policy.to_string()]),
        Field::seconds("token_ttl", login.token_ttl),
        Field::seconds("token_max_ttl", login.token_max_ttl),
        Field::seconds("token_explicit_max_ttl", Lifetime::NONE),
        Field::seconds("token_period", Lifetime::NONE),
        Field::new("token_num_uses", 0),
        Field::new("token_no_default_policy", false),
        Field::new("token_type", "service"),
        Field::set("token_bound_cidrs", Vec::new()),
        Field::new("token_strictly_bind_ip", false).where_known(),
    ]
}

#[cfg(test)]
mod tests;
