//! `bivouac.yaml`, version 1, as it is written. The doc comments here are the reference that users read.

use std::collections::BTreeMap;
use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::checks::Checks;
use super::notify::Listener;
use super::secrets::PreviewSecret;
use crate::domain::filter::Filter;
use crate::domain::names::{Application, Domain, ImageName, ImageRepository, RepositoryName};
use crate::domain::path::RepoPath;
use crate::domain::template::Template;
use crate::domain::text_type::InvalidText;
use crate::domain::values::{Values, ValuesPath};

/// The configuration of one application's previews: `bivouac.yaml`, version 1.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
#[schemars(title = "bivouac.yaml")]
pub struct Document {
    /// The version of this format. Always `1`.
    #[schemars(with = "u32", range(min = 1, max = 1))]
    pub version: Version,
    /// The name of the application: a DNS label. It is part of namespaces, labels and commit messages.
    pub application: Application,
    /// The repository whose pull requests may have previews here, as `owner/name`. Nobody else's may.
    pub repository: RepositoryName,
    /// The DNS name under which the previews are reached.
    pub domain: Domain,
    /// What a preview is called, and which pull requests get one.
    #[serde(default)]
    pub preview: PreviewSettings,
    /// How the previews reach the cluster. Only `roster` is available yet.
    #[serde(default)]
    pub delivery: Delivery,
    /// The images of the application, by a name of your choice. At least one.
    #[schemars(length(min = 1))]
    pub images: BTreeMap<ImageName, Image>,
    /// Where in the values the address of the preview goes.
    #[serde(default)]
    pub ingress: Ingress,
    /// Merged into every preview's values. Strings may hold placeholders.
    #[serde(default)]
    pub values: Values,
    /// The Secrets that previews have from Vault, by External Secrets.
    #[serde(default)]
    pub secrets: Vec<PreviewSecret>,
    /// What has to hold before a commit, and when a preview counts as ready.
    #[serde(default)]
    pub checks: Checks,
    /// Who is told what becomes of previews, beside the pull request.
    #[serde(default)]
    pub notify: Vec<Listener>,
}

/// What a preview is called, and which pull requests get one.
#[derive(Debug, Clone, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct PreviewSettings {
    /// The name of a preview, and of its directory: a DNS label. Must hold `{number}`.
    #[schemars(with = "String")]
    pub name: Template,
    /// The preview's own namespace: a DNS label. Must hold `{number}` or `{name}`.
    #[schemars(with = "String")]
    pub namespace: Template,
    /// The host of a preview: a DNS name. Must hold `{number}`, `{name}` or `{namespace}`.
    #[schemars(with = "String")]
    pub host: Template,
    /// How long a preview lives after the last push: `none`, or a time such as `12h` or `7d`. One whose time is up is taken
    /// down by the next event or `sweep`; a push, or `deploy` by hand, brings it back.
    #[schemars(with = "String")]
    pub ttl: Ttl,
    /// How long before its end a preview's comment warns.
    #[schemars(with = "String")]
    pub ttl_warning: Age,
    /// How many previews there may be at once. Bringing one up to date never counts.
    pub limit: u32,
    /// Labels of the pull request that decide over its preview, in any case.
    pub labels: Labels,
    /// The target branches whose pull requests get a preview, as globs: `main`, `release/*`.
    pub branches: Filter,
    /// The changed files for which a pull request gets a preview, as globs: `src/**`. One file is enough.
    pub paths: Filter,
    /// Whether drafts get a preview.
    pub drafts: bool,
    /// What happens to pull requests from forks: they are refused, or each of their commits has to be approved by somebody who
    /// may push.
    pub forks: Forks,
    /// Whether pull requests of bots, such as Dependabot's, get a preview.
    pub bots: bool,
    /// Names of Secrets, ConfigMaps and ServiceAccounts that the cluster puts into every preview's namespace.
    pub provided: Vec<String>,
    /// Kustomize components for every preview, as paths from the root: `components/quota`.
    #[schemars(with = "Vec<String>")]
    pub components: Vec<Component>,
}

impl Default for PreviewSettings {
    fn default() -> Self {
        let template = |source: &str| source.parse().unwrap_or_else(|_| unreachable!("a default is a template"));
        Self {
            name: template("pr-{number}"),
            namespace: template("{application}-pr-{number}"),
            host: template("{name}.{domain}"),
            ttl: Ttl::None,
            ttl_warning: Age(Duration::from_hours(24)),
            limit: 50,
            labels: Labels::default(),
            branches: Filter::default(),
            paths: Filter::default(),
            drafts: true,
            forks: Forks::Refused,
            bots: false,
            provided: Vec::new(),
            components: Vec::new(),
        }
    }
}

/// Labels of the pull request that decide over its preview.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Labels {
    /// Only pull requests with all of these get a preview.
    pub require: Vec<String>,
    /// Pull requests with one of these get none.
    pub exclude: Vec<String>,
    /// A preview whose pull request has one of these does not expire.
    pub keep: Vec<String>,
}

impl Default for Labels {
    fn default() -> Self {
        Self { require: Vec::new(), exclude: vec!["no-preview".to_owned()], keep: vec!["keep-preview".to_owned()] }
    }
}

impl Labels {
    /// Why they could not be followed, if so: because of a label that no pull request can have, say.
    pub(super) fn contradiction(&self) -> Option<String> {
        let all = || self.require.iter().chain(&self.exclude).chain(&self.keep);
        if all().any(|label| label.trim().is_empty()) {
            return Some("a label is blank: no pull request can have it".to_owned());
        }
        // A forge takes the blanks away.
        if let Some(label) = all().find(|label| label.trim() != label.as_str()) {
            return Some(format!("the label `{label}` begins or ends with a blank: no pull request can have it"));
        }
        // An address that ends so is another one, however it is written.
        if let Some(label) = self.exclude.iter().find(|label| matches!(label.as_str(), "." | "..")) {
            return Some(format!("the label `{label}` can not be taken off by a command: give it another name"));
        }
        let is_excluded =
            |label: &&String| self.exclude.iter().any(|other| other.to_lowercase() == label.to_lowercase());
        let both = self.require.iter().find(is_excluded)?;
        Some(format!("the label `{both}` is required and excluded: no pull request could have a preview"))
    }
}

/// What happens to pull requests from forks.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Forks {
    /// They get no preview.
    Refused,
    /// They get one for each commit that somebody with write access approved.
    Approved,
}

/// How the previews reach the cluster.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Deserialize, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Delivery {
    /// One Flux Kustomization over the list of all previews.
    #[default]
    Roster,
    /// Reserved: one Flux Kustomization for each preview.
    FluxKustomization,
    /// Reserved: one Argo CD Application for each preview.
    Argocd,
}

/// One image of the application.
#[derive(Debug, Clone, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Image {
    /// Where the image is, without a tag: `ghcr.io/acme/wildside-backend`.
    pub repository: ImageRepository,
    /// The place in the values that takes `repository` and `tag`: `backend.image`. A dot within a key is `\.`.
    #[schemars(with = "String")]
    pub values: ValuesPath,
    /// Whether the tag in the values is the one of the image as it is now, `tag@sha256:…`. The image is looked up for that.
    #[serde(default)]
    pub pin: bool,
}

/// Where in the values the address of the preview goes.
#[derive(Debug, Clone, Default, Deserialize, Serialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ingress {
    /// The place, or the places, in the values that take the host: `ingress.hostname`.
    #[serde(default, deserialize_with = "one_or_many")]
    #[schemars(with = "OneOrMany")]
    pub host: Vec<ValuesPath>,
}

/// One path, or a list of them.
#[derive(JsonSchema)]
#[serde(untagged)]
#[expect(dead_code, reason = "describes the two forms to the JSON Schema; the parser is `one_or_many`")]
enum OneOrMany {
    One(String),
    Many(Vec<String>),
}

fn one_or_many<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Vec<ValuesPath>, D::Error> {
    struct Paths;

    impl<'de> serde::de::Visitor<'de> for Paths {
        type Value = Vec<ValuesPath>;

        fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
            formatter.write_str("a path into the values, or a list of them")
        }

        fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Self::Value, E> {
            text.parse().map(|path| vec![path]).map_err(E::custom)
        }

        fn visit_seq<A: serde::de::SeqAccess<'de>>(self, mut items: A) -> Result<Self::Value, A::Error> {
            let mut paths = Vec::new();
            while let Some(path) = items.next_element()? {
                paths.push(path);
            }
            Ok(paths)
        }
    }

    deserializer.deserialize_any(Paths)
}

/// The version of the format.
#[derive(Debug, Clone, Copy)]
pub struct Version;

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match u64::deserialize(deserializer)? {
            1 => Ok(Self),
            other => {
                Err(serde::de::Error::custom(format!("version `{other}` is not known: this Bivouac reads version 1")))
            }
        }
    }
}

/// A kustomize component, as a path from the root.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component(pub RepoPath);

impl Serialize for Component {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Component {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map(Self).map_err(serde::de::Error::custom)
    }
}

/// How long a preview lives after the last push.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ttl {
    /// Until its pull request closes.
    None,
    /// That long.
    After(Age),
}

impl Serialize for Ttl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::None => serializer.serialize_str("none"),
            Self::After(age) => age.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for Ttl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        match String::deserialize(deserializer)?.as_str() {
            "none" => Ok(Self::None),
            text => text.parse().map(Self::After).map_err(serde::de::Error::custom),
        }
    }
}

/// A length of time: a whole number and `m`, `h`, `d` or `w`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Age(pub Duration);

impl FromStr for Age {
    type Err = InvalidText;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let minutes = text.char_indices().last().and_then(|(at, unit)| {
            let minutes_of_unit = match unit {
                'm' => 1,
                'h' => 60,
                'd' => 24 * 60,
                'w' => 7 * 24 * 60,
                _ => return None,
            };
            text[..at].parse::<u32>().ok().filter(|count| *count > 0).map(|count| u64::from(count) * minutes_of_unit)
        });
        minutes.map(|minutes| Self(Duration::from_secs(minutes * 60))).ok_or_else(|| {
            InvalidText(format!(
                "`{text}` is not a length of time: use a whole number and m, h, d or w, such as `12h` or `7d`"
            ))
        })
    }
}

impl Serialize for Age {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let minutes = self.0.as_secs() / 60;
        let (count, unit) = if minutes.is_multiple_of(60) { (minutes / 60, 'h') } else { (minutes, 'm') };
        serializer.collect_str(&format_args!("{count}{unit}"))
    }
}

impl<'de> Deserialize<'de> for Age {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
    }
}
