//! Names of previews, applications, repositories, images and commits: parsed once, then carried as proof.

use std::fmt;
use std::str::FromStr;

use serde::Serialize;

use super::text_type::{InvalidText, text_type};

text_type! {
    /// The name of an application: a DNS label.
    Application, check_application
}
text_type! {
    /// The name of a preview, which is also its directory: a DNS label.
    PreviewName, check_preview_name
}
text_type! {
    /// A Kubernetes namespace: a DNS label.
    /// Rule: <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-label-names>
    Namespace, check_namespace
}
text_type! {
    /// A DNS name under which previews are reached, without a scheme, port or wildcard.
    Domain, check_domain
}
text_type! {
    /// The DNS name of one preview.
    Host, check_host
}
text_type! {
    /// The name by which an image is known in `bivouac.yaml`: a DNS label.
    ImageName, check_image_name
}
text_type! {
    /// The name by which somebody who is told of previews is known in `bivouac.yaml`: a DNS label.
    ListenerName, check_listener_name
}
text_type! {
    /// Where an image is: registry, if any, and repository, without a tag.
    /// Grammar: <https://github.com/distribution/reference/blob/main/reference.go>
    ImageRepository, check_image_repository
}
text_type! {
    /// The tag of an image, as the OCI distribution specification has it: `[a-zA-Z0-9_][a-zA-Z0-9._-]{0,127}`.
    ImageTag, check_image_tag
}
text_type! {
    /// A branch, under the rules of `git check-ref-format`.
    BranchName, check_branch
}
text_type! {
    /// The name of a secret that GitHub keeps for workflows.
    /// Rule: <https://docs.github.com/en/actions/reference/security/secrets#naming-your-secrets>
    SecretName, check_secret_name
}

/// The most characters of a DNS label (RFC 1035, section 2.3.4).
const LABEL_LENGTH: usize = 63;
/// The most characters of a DNS name (RFC 1035, section 2.3.4, less the length and root octets).
const NAME_LENGTH: usize = 253;

fn check_application(text: &str) -> Result<(), String> {
    check_label(text, "an application name")
}

fn check_preview_name(text: &str) -> Result<(), String> {
    check_label(text, "a preview name")
}

fn check_namespace(text: &str) -> Result<(), String> {
    check_label(text, "a namespace")
}

fn check_image_name(text: &str) -> Result<(), String> {
    check_label(text, "an image name")
}

fn check_secret_name(text: &str) -> Result<(), String> {
    let is_allowed = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
    let is_reserved = text.to_ascii_uppercase().starts_with("GITHUB_");
    if is_allowed && !is_reserved && text.bytes().next().is_some_and(|first| !first.is_ascii_digit()) {
        return Ok(());
    }
    let rule = "use letters, digits and `_`, not starting with a digit or with `GITHUB_`";
    Err(format!("`{}` is not the name of a secret: {rule}", text.escape_debug()))
}

fn check_domain(text: &str) -> Result<(), String> {
    check_dns_name(text, "a domain")
}

fn check_host(text: &str) -> Result<(), String> {
    check_dns_name(text, "a host")
}

fn is_label(text: &str) -> bool {
    let allowed = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    !text.is_empty()
        && text.len() <= LABEL_LENGTH
        && text.bytes().all(allowed)
        && !text.starts_with('-')
        && !text.ends_with('-')
}

fn check_listener_name(text: &str) -> Result<(), String> {
    check_label(text, "a name for a listener")
}

fn check_label(text: &str, what: &str) -> Result<(), String> {
    if is_label(text) {
        return Ok(());
    }
    let length = text.chars().count();
    let why = if length > LABEL_LENGTH { format!(", it has {length} characters") } else { String::new() };
    Err(format!(
        "`{text}` is not {what}{why}: use 1-{LABEL_LENGTH} of a-z, 0-9 and `-`, starting and ending with a letter or digit"
    ))
}

fn check_dns_name(text: &str, what: &str) -> Result<(), String> {
    if text.len() > NAME_LENGTH {
        return Err(format!("`{text}` is not {what}: it has {} characters, use at most {NAME_LENGTH}", text.len()));
    }
    for label in text.split('.') {
        if label == text {
            check_label(label, what)?;
        } else {
            check_label(label, "a DNS label").map_err(|why| format!("`{text}` is not {what}: {why}"))?;
        }
    }
    Ok(())
}

fn check_image_repository(text: &str) -> Result<(), String> {
    let (registry, path) = match text.split_once('/') {
        Some((first, rest)) if first.contains(['.', ':']) || first == "localhost" => (Some(first), rest),
        _ => (None, text),
    };
    let registry_is_fine = registry.is_none_or(|registry| {
        let (host, port) = registry.split_once(':').unwrap_or((registry, "443"));
        check_dns_name(&host.to_ascii_lowercase(), "").is_ok() && !port.starts_with('+') && port.parse::<u16>().is_ok()
    });
    if registry_is_fine && text.len() <= 255 && path.split('/').all(is_image_path_component) {
        return Ok(());
    }
    Err(format!(
        "`{text}` is not the repository of an image: use `registry/path` in lower case, without a tag or digest"
    ))
}

fn is_image_path_component(text: &str) -> bool {
    let is_word = |character: char| character.is_ascii_lowercase() || character.is_ascii_digit();
    let is_separator = |text: &str| matches!(text, "." | "_" | "__") || text.bytes().all(|byte| byte == b'-');
    text.starts_with(is_word) && text.ends_with(is_word) && text.split(is_word).all(is_separator)
}

fn check_image_tag(text: &str) -> Result<(), String> {
    let rest = |byte: u8| byte.is_ascii_alphanumeric() || b"._-".contains(&byte);
    let first = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    if text.len() <= 128
        && text.bytes().next().is_some_and(first)
        && text.bytes().all(|byte| rest(byte) || byte == b'_')
    {
        return Ok(());
    }
    Err(format!(
        "`{text}` is not an image tag: use 1-128 of letters, digits, `_`, `.` and `-`, not starting with `.` or `-`"
    ))
}

fn check_branch(text: &str) -> Result<(), String> {
    let forbidden = |character: char| character.is_ascii_control() || " ~^:?*[\\".contains(character);
    let broken = text.is_empty()
        || text.contains(forbidden)
        || text.contains("..")
        || text.contains("@{")
        || text == "@"
        || text.starts_with('-')
        || text.ends_with('.')
        || text.split('/').any(|part| {
            part.is_empty()
                || part.starts_with('.')
                || std::path::Path::new(part).extension().is_some_and(|extension| extension == "lock")
        });
    if broken {
        Err(format!("`{}` is not a branch: give its name, such as `main`", text.escape_debug()))
    } else {
        Ok(())
    }
}

impl From<&CommitId> for ImageTag {
    /// The id of a commit is a tag, since its digits are.
    fn from(commit: &CommitId) -> Self {
        Self(commit.0.clone())
    }
}

/// A repository on a forge, `owner/name`. Compared without regard to case, as forges do.
#[derive(Debug, Clone, Eq, Serialize, schemars::JsonSchema)]
#[serde(transparent)]
pub struct RepositoryName(String);

impl RepositoryName {
    /// The user or organisation.
    #[must_use]
    pub fn owner(&self) -> &str {
        self.0.split_once('/').map_or("", |(owner, _)| owner)
    }

    /// The name within its owner.
    #[must_use]
    pub fn name(&self) -> &str {
        self.0.split_once('/').map_or("", |(_, name)| name)
    }
}

impl PartialEq for RepositoryName {
    fn eq(&self, other: &Self) -> bool {
        self.0.eq_ignore_ascii_case(&other.0)
    }
}

impl fmt::Display for RepositoryName {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for RepositoryName {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let part = |part: &str| {
            (1..=100).contains(&part.len())
                && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-".contains(&byte))
                && part != "."
                && part != ".."
        };
        match text.split_once('/') {
            Some((owner, name)) if part(owner) && part(name) => Ok(Self(text.to_owned())),
            _ => Err(InvalidText(format!("`{}` is not a repository: write it as `owner/name`", text.escape_debug()))),
        }
    }
}

impl<'de> serde::Deserialize<'de> for RepositoryName {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}

/// The number of a pull request in its repository, counted from 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct PullRequestNumber(u32);

impl PullRequestNumber {
    /// The number.
    #[must_use]
    pub fn as_u32(self) -> u32 {
        self.0
    }
}

impl fmt::Display for PullRequestNumber {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(formatter)
    }
}

impl FromStr for PullRequestNumber {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        // GraphQL's `Int`, which the forge takes, ends at 2^31 - 1.
        match text.parse::<u32>() {
            Ok(number) if (1..=i32::MAX.unsigned_abs()).contains(&number) && !text.starts_with('+') => Ok(Self(number)),
            _ => Err(InvalidText(format!(
                "`{}` is not the number of a pull request: give a number from 1 on",
                text.escape_debug()
            ))),
        }
    }
}

/// The id of a commit: 40 hexadecimal digits (SHA-1) or 64 (SHA-256), in lower case.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(transparent)]
pub struct CommitId(String);

impl CommitId {
    /// All digits.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The first seven digits, for people to read.
    #[must_use]
    pub fn short(&self) -> &str {
        &self.0[..7]
    }
}

impl fmt::Display for CommitId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

impl FromStr for CommitId {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if matches!(text.len(), 40 | 64) && text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return Ok(Self(text.to_ascii_lowercase()));
        }
        Err(InvalidText(format!(
            "`{}` is not the id of a commit: give all 40 hexadecimal digits, not a branch or a short form",
            text.escape_debug()
        )))
    }
}

#[cfg(test)]
mod tests;
