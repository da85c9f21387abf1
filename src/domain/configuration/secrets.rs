//! `secrets` of `bivouac.yaml`: what previews take from Vault. The doc comments here are the reference that users read.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{Age, Configuration, ConfigurationError};
use crate::domain::identity::Identity;
use crate::domain::names::{PreviewName, PullRequestNumber};
use crate::domain::template::Placeholder;
use crate::domain::text_type::{text_default, text_type};
use crate::domain::vault::wanted::SecretPath;

/// A Secret that External Secrets makes in every preview's namespace, out of what a store has: the values at `path`, and above
/// them those that the preview has for itself at `path/NAME`. A pull request from a fork gets none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct PreviewSecret {
    /// The name of the Secret, and of the `ExternalSecret` that makes it.
    pub name: ObjectName,
    /// The name of the store.
    pub store: ObjectName,
    /// The kind of the store.
    #[serde(default)]
    pub kind: StoreKind,
    /// Where the values are that all previews share, below the mount of the store: `previews/wildside`. No name in it may be that of
    /// a preview.
    pub path: SecretPath,
    /// The keys that the Secret has. All that there are if not given.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keys: Vec<SecretKey>,
    /// Keys that are put together, by a template of External Secrets' each: `{URL: "postgres://{{ .user }}@db"}`. Beside these and
    /// `keys`, the Secret has no others.
    #[schemars(with = "BTreeMap<String, String>")]
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub template: BTreeMap<SecretKey, String>,
    /// How often the store is asked again.
    #[schemars(with = "String")]
    #[serde(default = "an_hour")]
    pub refresh: Age,
}

impl PreviewSecret {
    /// Where the values of one preview are.
    #[must_use]
    pub fn own_path(&self, preview: &PreviewName) -> SecretPath {
        text_default(&format!("{}/{preview}", self.path))
    }
}

/// The kinds of stores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
pub enum StoreKind {
    /// One for many namespaces.
    #[default]
    ClusterSecretStore,
    /// One in the preview's own namespace, which a component or the cluster puts there.
    SecretStore,
}

impl StoreKind {
    /// Its name, as Kubernetes has it.
    #[must_use]
    pub fn word(self) -> &'static str {
        match self {
            Self::ClusterSecretStore => "ClusterSecretStore",
            Self::SecretStore => "SecretStore",
        }
    }
}

text_type! {
    /// The name of a Secret or a store: a DNS name.
    /// Rule: <https://kubernetes.io/docs/concepts/overview/working-with-objects/names/#dns-subdomain-names>
    ObjectName, check_object_name
}
text_type! {
    /// A key of a Secret: letters, digits, `-`, `_` and `.`.
    /// Rule: <https://kubernetes.io/docs/concepts/configuration/secret/#restriction-names-data>
    SecretKey, check_key
}

/// What is wrong, after the keys that lead there.
type Wrong = (String, String);

/// The most characters of a DNS name, and of a key of a Secret.
const LONGEST: usize = 253;
/// Where the values of all previews are.
const PREFIX: &str = "previews";
/// What stands between the mount and the path where KV version 2 is asked.
const WORDS_OF_THE_API: [&str; 2] = ["data", "metadata"];
/// The most digits of the number of a pull request.
const MOST_DIGITS: usize = 10;
/// Go, in which the operator is written, has no length of time over 292 years; nobody means one that long.
const LONGEST_REFRESH: Duration = Duration::from_hours(365 * 24);

fn check_object_name(text: &str) -> Result<(), String> {
    let is_fine = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    let is_label = |label: &str| {
        !label.is_empty() && label.bytes().all(is_fine) && !label.starts_with('-') && !label.ends_with('-')
    };
    if text.len() <= LONGEST && text.split('.').all(is_label) {
        return Ok(());
    }
    Err(format!(
        "`{}` is not the name of a Secret or a store: use a-z, 0-9, `-` and `.`, starting and ending with a letter or digit",
        text.escape_debug()
    ))
}

fn check_key(text: &str) -> Result<(), String> {
    let is_fine = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.".contains(&byte);
    let is_key = (1..=LONGEST).contains(&text.len()) && text.bytes().all(is_fine) && !matches!(text, "." | "..");
    if is_key {
        return Ok(());
    }
    Err(format!(
        "`{}` is not a key of a Secret: use letters, digits, `-`, `_` and `.`",
        crate::domain::secrecy::shown(text)
    ))
}

/// A message that begins with what stands there, without it: it may be a value that belongs into the store.
pub(super) fn without_quote(message: &str) -> String {
    let rule = message.rsplit_once("` is not ").map_or("what belongs here", |(_, rule)| rule);
    format!("this is not {rule}")
}

fn an_hour() -> Age {
    Age(Duration::from_hours(1))
}

impl Configuration {
    /// Where a preview's own values are: one place for each path in `secrets`, each once.
    #[must_use]
    pub fn own_paths(&self, identity: &Identity) -> Vec<SecretPath> {
        let paths: BTreeSet<_> = self.document.secrets.iter().map(|secret| secret.own_path(&identity.name)).collect();
        paths.into_iter().collect()
    }

    /// Proves that the Secrets can be told from each other, that no path is a preview's own, and that no value stands in the file.
    pub(super) fn prove_secrets(&self) -> Result<(), ConfigurationError> {
        let secrets = &self.document.secrets;
        for (index, secret) in secrets.iter().enumerate() {
            let told = secrets[..index].iter().any(|other| other.name == secret.name);
            let twice = told.then(|| ("name".to_owned(), "two Secrets have this name: give each its own".to_owned()));
            let wrong = twice.or_else(|| self.path_of_the_api(secret)).or_else(|| self.wrong_path(secret));
            let wrong = wrong.or_else(|| secret.wrong());
            let Some((place, message)) = wrong else { continue };
            let steps = format!("secrets/{index}/{place}");
            let steps: Vec<_> = steps.split('/').map(str::to_owned).collect();
            return Err(self.source.error_at_value(&steps, message));
        }
        Ok(())
    }

    /// What is wrong with a path that has the mount and a word of the API in front.
    fn path_of_the_api(&self, secret: &PreviewSecret) -> Option<Wrong> {
        let (mount, rest) = secret.path.as_str().split_once('/')?;
        let (word, rest) = rest.split_once('/').unwrap_or((rest, ""));
        // An application may be called `data`, and be below the prefix of all previews.
        if mount == PREFIX || !WORDS_OF_THE_API.contains(&word) {
            return None;
        }
        let application = &self.document.application;
        let right = if rest.is_empty() { format!("{PREFIX}/{application}") } else { rest.to_owned() };
        let message = format!("a path begins below the mount, without `{word}`: write it as `{right}`");
        Some(("path".to_owned(), message))
    }

    /// What is wrong with where the shared values are.
    fn wrong_path(&self, secret: &PreviewSecret) -> Option<Wrong> {
        let segment = secret.path.as_str().split('/').find(|segment| self.is_name_of_a_preview(segment))?;
        let message = format!(
            "`{segment}` is what a preview would be called, so that these would be its own values: name the path that all of them \
             share, such as `previews/{}`",
            self.document.application
        );
        Some(("path".to_owned(), message))
    }

    fn is_name_of_a_preview(&self, segment: &str) -> bool {
        let template = &self.document.preview.name;
        let name = |number: &str| {
            template.fill(|placeholder| match placeholder {
                Placeholder::Application => self.document.application.as_str(),
                _ => number,
            })
        };
        let is_number = |text: &str| text.parse::<PullRequestNumber>().is_ok_and(|number| number.to_string() == text);
        let mut starts = 0..segment.len();
        starts.any(|start| {
            let digits = segment.bytes().skip(start).take_while(u8::is_ascii_digit).take(MOST_DIGITS).count();
            let mut numbers = (1..=digits).map(|length| &segment[start..start + length]);
            numbers.any(|number| is_number(number) && name(number) == segment)
        })
    }
}

impl PreviewSecret {
    /// What is wrong with it by itself. No template is quoted: it may be a value that belongs into the store.
    fn wrong(&self) -> Option<Wrong> {
        if self.refresh.0 > LONGEST_REFRESH {
            return Some(("refresh".to_owned(), "the store would be asked too rarely: use at most `365d`".to_owned()));
        }
        for (index, key) in self.keys.iter().enumerate() {
            let place = || format!("keys/{index}");
            if self.keys[..index].contains(key) {
                return Some((place(), format!("`{key}` stands here twice: name each key once")));
            }
            if self.template.contains_key(key) {
                return Some((place(), format!("`{key}` stands in `keys` and in `template`: leave it out of one")));
            }
        }
        if let Some((key, _)) = self.template.iter().find(|(_, text)| !is_closed(text)) {
            let message = format!(
                "the template of `{key}` can not be read: braces or quotation marks that open in it do not close; write it such as \
                 `{{{{ .password }}}}`"
            );
            return Some((format!("template/{key}"), message));
        }
        let (key, _) = self.template.iter().find(|(_, text)| !text.contains("{{"))?;
        let message = format!(
            "the template of `{key}` takes nothing from the store, and whoever reads this file would have it as it stands: put the \
             value into the store, and refer to it, such as by `{{{{ .password }}}}`"
        );
        Some((format!("template/{key}"), message))
    }
}

/// Whether everything that opens in a template closes. Rule: <https://pkg.go.dev/text/template#hdr-Text_and_spaces>
fn is_closed(text: &str) -> bool {
    let mut rest = text;
    while let Some((_, action)) = rest.split_once("{{") {
        let trimmed = action.strip_prefix("- ").unwrap_or(action);
        let after = match trimmed.strip_prefix("/*") {
            Some(comment) => comment.split_once("*/").and_then(|(_, end)| end.split_once("}}").map(|(_, after)| after)),
            None => after_action(action),
        };
        let Some(after) = after else { return false };
        rest = after;
    }
    true
}

/// What follows an action, in whose quotation marks braces close nothing.
fn after_action(action: &str) -> Option<&str> {
    let (mut quote, mut is_escaped) = (None, false);
    for (at, character) in action.char_indices() {
        match quote {
            _ if is_escaped => is_escaped = false,
            Some(mark) if character == mark => quote = None,
            Some(mark) => is_escaped = character == '\\' && mark != '`',
            None if matches!(character, '"' | '\'' | '`') => quote = Some(character),
            None if action[at..].starts_with("}}") => return Some(&action[at + 2..]),
            None => {}
        }
    }
    None
}
