//! Names on a Vault: parsed once, then carried as proof.

use std::fmt;
use std::str::FromStr;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize};

use crate::domain::names::{Application, BranchName, CommitId, RepositoryName};
use crate::domain::text_type::{InvalidText, text_default, text_type};
use crate::domain::vault::address::NodeAddress;

text_type! {
    /// The name of an environment: a DNS label.
    Environment, check_environment
}
text_type! {
    /// Where a secrets engine, an auth method or an audit device is mounted: names joined by `/`.
    MountPath, check_mount
}
text_type! {
    /// A path below a mount: names joined by `/`.
    SecretPath, check_secret_path
}
text_type! {
    /// The name of a role. Lower case, since AppRole stores it so:
    /// <https://github.com/openbao/openbao/blob/main/builtin/credential/approle/path_role.go>
    RoleName, check_role
}
text_type! {
    /// The name of a policy. Lower case, since Vault stores it so:
    /// <https://github.com/openbao/openbao/blob/main/vault/policy_store.go>
    PolicyName, check_policy
}
text_type! {
    /// One workflow file at one ref, as the claim `job_workflow_ref` of GitHub's tokens names it:
    /// <https://docs.github.com/en/actions/reference/security/oidc>
    WorkflowReference, check_workflow
}
text_type! {
    /// An address on the web: `https://host/path`, or `http://` on this machine.
    WebAddress, check_web_address
}

/// The most characters of a name. Vault takes more; nobody reads more.
const NAME_LENGTH: usize = 128;
/// Mounts that are Vault's own: <https://github.com/openbao/openbao/blob/main/vault/mount.go>, and the auth method `token`.
const OWN_MOUNTS: [&str; 6] = ["audit", "auth", "cubbyhole", "identity", "sys", "token"];
/// Policies that are Vault's own: `nonAssignablePolicies` and `immutablePolicies` of its policy store.
const OWN_POLICIES: [&str; 4] = ["control-group", "default", "response-wrapping", "root"];

impl SecretPath {
    /// The path of an application below this one.
    pub(super) fn below(&self, application: &Application) -> Self {
        text_default(&format!("{self}/{application}"))
    }

    /// Whether it is another path, or below it.
    #[must_use]
    pub fn is_within(&self, other: &Self) -> bool {
        let rest = self.as_str().strip_prefix(other.as_str());
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    }

    /// What stands in front of a path that is written as in requests to KV version 2: the mount, and `data/` or `metadata/`.
    pub(super) fn in_front(&self, mount: &MountPath) -> Option<String> {
        let fronts = ["data", "metadata"].map(|kind| format!("{mount}/{kind}/"));
        fronts.into_iter().find(|front| format!("{self}/").starts_with(front))
    }
}

fn is_name(text: &str, is_allowed: impl Fn(u8) -> bool) -> bool {
    let ends_well = |byte: Option<u8>| byte.is_some_and(|byte| byte.is_ascii_alphanumeric());
    text.len() <= NAME_LENGTH
        && text.bytes().all(|byte| is_allowed(byte) || b"-_.".contains(&byte))
        && ends_well(text.bytes().next())
        && ends_well(text.bytes().next_back())
}

fn is_lower(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit()
}

fn check_environment(text: &str) -> Result<(), String> {
    let is_label = text.len() <= 63 && is_name(text, is_lower) && !text.contains(['_', '.']);
    if is_label {
        return Ok(());
    }
    Err(format!(
        "`{}` is not an environment: use 1-63 of a-z, 0-9 and `-`, starting and ending with a letter or digit",
        text.escape_debug()
    ))
}

fn is_path(text: &str) -> bool {
    text.split('/').all(|part| is_name(part, |byte| byte.is_ascii_alphanumeric()))
}

fn check_mount(text: &str) -> Result<(), String> {
    if !is_path(text) {
        return Err(format!(
            "`{}` is not where something is mounted: use letters, digits, `-`, `_` and `.`, with `/` between names and none at either end",
            text.escape_debug()
        ));
    }
    let first = text.split('/').next().unwrap_or_default();
    if OWN_MOUNTS.contains(&first.to_ascii_lowercase().as_str()) {
        return Err(format!("`{text}` is Vault's own: mount it elsewhere, such as at `secret`"));
    }
    Ok(())
}

fn check_secret_path(text: &str) -> Result<(), String> {
    if is_path(text) {
        return Ok(());
    }
    Err(format!(
        "`{}` is not a path of secrets: use letters, digits, `-`, `_` and `.`, with `/` between names and none at either end",
        text.escape_debug()
    ))
}

fn check_role(text: &str) -> Result<(), String> {
    if is_name(text, is_lower) {
        return Ok(());
    }
    Err(format!(
        "`{}` is not the name of a role: use 1-{NAME_LENGTH} of a-z, 0-9, `-`, `_` and `.`, starting and ending with a letter or digit",
        text.escape_debug()
    ))
}

fn check_policy(text: &str) -> Result<(), String> {
    if !is_name(text, is_lower) {
        return Err(format!(
            "`{}` is not the name of a policy: use 1-{NAME_LENGTH} of a-z, 0-9, `-`, `_` and `.`, starting and ending with a letter or digit",
            text.escape_debug()
        ));
    }
    if OWN_POLICIES.contains(&text) {
        return Err(format!("the policy `{text}` is Vault's own: give it a name of your choice"));
    }
    Ok(())
}

/// A ref that a pull request brings along names nobody's reviewed workflow, and a glob names any.
fn check_workflow(text: &str) -> Result<(), String> {
    let is_right = || {
        let (file, reference) = text.split_once('@')?;
        let (repository, name) = file.split_once("/.github/workflows/")?;
        let is_file = is_name(name, |byte| byte.is_ascii_alphanumeric())
            && std::path::Path::new(name).extension().is_some_and(|ending| ending == "yml" || ending == "yaml");
        let short = reference.strip_prefix("refs/heads/").or_else(|| reference.strip_prefix("refs/tags/"));
        let is_reference = match short {
            Some(short) => short.parse::<BranchName>().is_ok() && !short.contains(char::is_whitespace),
            None => reference.parse::<CommitId>().is_ok(),
        };
        (repository.parse::<RepositoryName>().is_ok() && is_file && is_reference).then_some(())
    };
    is_right().ok_or_else(|| {
        format!(
            "`{}` is not a workflow at a ref: write it as `owner/name/.github/workflows/file.yml@refs/heads/main`, with a branch, a tag or the id of a commit, and without globs",
            text.escape_debug()
        )
    })
}

fn check_web_address(text: &str) -> Result<(), String> {
    let is_right = || {
        let (scheme, rest) = text.split_once("://")?;
        let (authority, path) = rest.split_once('/').unwrap_or((rest, ""));
        let is_plain = |byte: u8| byte.is_ascii_graphic() && !b"\"'<>\\^`{|}#?@".contains(&byte);
        format!("{scheme}://{authority}").parse::<NodeAddress>().ok()?;
        path.bytes().all(is_plain).then_some(())
    };
    is_right().ok_or_else(|| {
        "this is not an address on the web: write it as `https://host/path`, without a query or a password".to_owned()
    })
}

/// The number by which GitHub knows a repository: it stays when the repository is renamed, and is never given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(into = "String")]
pub struct RepositoryId(u64);

impl From<RepositoryId> for String {
    fn from(id: RepositoryId) -> Self {
        id.to_string()
    }
}

impl fmt::Display for RepositoryId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for RepositoryId {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, InvalidText> {
        let is_number = text.bytes().all(|byte| byte.is_ascii_digit()) && !text.starts_with('0');
        text.parse().ok().filter(|_| is_number).map(Self).ok_or_else(|| {
            InvalidText(format!(
                "`{}` is not the id of a repository: give its number, as `gh api repos/OWNER/NAME --jq .id` prints it",
                text.escape_debug()
            ))
        })
    }
}

impl<'de> Deserialize<'de> for RepositoryId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        text_or_number(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

impl JsonSchema for RepositoryId {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        "RepositoryId".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({"type": ["string", "integer"]})
    }
}

/// What YAML has as a text, or as a whole number that needs no quotes.
pub(super) fn text_or_number<'de, D: Deserializer<'de>>(deserializer: D) -> Result<String, D::Error> {
    struct Either;

    impl serde::de::Visitor<'_> for Either {
        type Value = String;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a text or a whole number")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<String, E> {
            Ok(text.to_owned())
        }

        fn visit_u64<E: serde::de::Error>(self, number: u64) -> Result<String, E> {
            Ok(number.to_string())
        }
    }

    deserializer.deserialize_any(Either)
}
