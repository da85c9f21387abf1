//! The configuration of previews: `bivouac.yaml`, parsed and proven possible.

mod checks;
mod document;
mod error;
mod not_secret;
mod notify;
mod ready;
mod secrets;
pub(in crate::domain) mod shape;

pub use checks::{Checks, Folder, KubernetesVersion, Rule, SchemaArchive, Sha256, Strictness};
pub use document::{Age, Component, Delivery, Document, Forks, Image, Ingress, Labels, PreviewSettings, Ttl, Version};
pub use error::ConfigurationError;
pub use not_secret::{KeyPath, NotSecret, Reason as WhyNotSecret};
pub use notify::{ContentMode, Listener, ListenerKind};
pub use ready::Ready;
pub use secrets::{ObjectName, PreviewSecret, SecretKey, StoreKind};

use std::collections::BTreeMap;
use std::sync::{Arc, LazyLock};

use serde_json::{Map, Value};
use serde_path_to_error::Segment;

use super::identity::Identity;
use super::names::{CommitId, ImageName, ImageTag, Namespace, PreviewName, PullRequestNumber, RepositoryName};
use super::path::RepoPath;
use super::template::{Placeholder, Template};
use super::values::{self, SetTwice, Values};
use super::yaml::{self, Place, Places};

/// What editors are told of the file, and what it is held against.
static SCHEMA: LazyLock<Value> = LazyLock::new(|| schemars::schema_for!(Document).into());

/// The name of the file that makes a directory a root.
pub const FILE: &str = "bivouac.yaml";

/// A configuration that was read and found possible.
#[derive(Debug, Clone)]
pub struct Configuration {
    document: Document,
    source: Source,
}

/// Where the configuration stood, for messages about it.
#[derive(Debug, Clone)]
struct Source {
    file: RepoPath,
    places: Arc<Option<Places>>,
}

impl Source {
    /// An error at the first of these keys that the file has; at its start when it has none of them.
    fn error(&self, keys: &[&[&str]], message: impl Into<String>) -> ConfigurationError {
        let place = |key: &&[&str]| self.places.as_ref().as_ref().and_then(|places| places.of_key(key));
        self.at(keys.iter().find_map(place), message.into())
    }

    /// An error at the value that `path` leads to, or at the nearest that there is around it.
    fn error_at_value(&self, path: &[String], message: String) -> ConfigurationError {
        let place = |length| self.places.as_ref().as_ref().and_then(|places| places.of_value(&path[..length]));
        self.at((0..=path.len()).rev().find_map(place), message)
    }

    fn at(&self, place: Option<Place>, message: String) -> ConfigurationError {
        let (line, column) = place.unwrap_or((1, 1));
        ConfigurationError { file: self.file.clone(), line, column, message }
    }

    /// Reads the document: YAML first, then its shape, then each value.
    fn document(&self, text: &str) -> Result<Document, ConfigurationError> {
        let value: Value =
            yaml::parse(text).map_err(|error| self.at(Some((error.line, error.column)), error.message))?;
        if value.is_null() {
            let message =
                "it is empty: it needs at least `version`, `application`, `repository`, `domain` and `images`";
            return Err(self.at(None, message.to_owned()));
        }
        shape::check(&SCHEMA, &value).map_err(|wrong| {
            if wrong.is_about_key {
                let keys: Vec<_> = wrong.path.iter().map(String::as_str).collect();
                self.error(&[&keys], wrong.message)
            } else {
                self.error_at_value(&wrong.path, wrong.message)
            }
        })?;
        serde_path_to_error::deserialize(shape::without_blanks(value)).map_err(|error| {
            let step = |step: &Segment| match step {
                Segment::Seq { index } => index.to_string(),
                other => other.to_string(),
            };
            let path: Vec<_> = error.path().iter().map(step).collect();
            let message = error.inner().to_string();
            let message = if shape::is_of_secrets(&path) { secrets::without_quote(&message) } else { message };
            self.error_at_value(&path, message)
        })
    }
}

impl Configuration {
    /// Reads the text of `file` and proves that every name, template and value in it can be.
    ///
    /// # Errors
    ///
    /// With line and column, for anything that is unknown, of the wrong type, impossible, or not available yet.
    pub fn parse(file: RepoPath, text: &str) -> Result<Self, ConfigurationError> {
        let source = Source { file, places: Arc::new(Places::read(text)) };
        let document = source.document(text)?;
        let configuration = Self { document, source };
        configuration.refuse_what_is_not_available()?;
        configuration.refuse_contradictions()?;
        configuration.prove_templates()?;
        configuration.prove_ready()?;
        configuration.prove_listeners()?;
        configuration.prove_secrets()?;
        Ok(configuration)
    }

    /// What the file says.
    #[must_use]
    pub fn document(&self) -> &Document {
        &self.document
    }

    /// The directory that the file makes a root.
    #[must_use]
    pub fn root(&self) -> RepoPath {
        self.source.file.parent().unwrap_or_default()
    }

    /// Proves that pull requests of `repository` may have previews here.
    ///
    /// # Errors
    ///
    /// When the file names another repository.
    pub fn admit(&self, repository: &RepositoryName) -> Result<(), NotAdmitted> {
        if self.document.repository == *repository {
            return Ok(());
        }
        Err(NotAdmitted {
            file: self.source.file.clone(),
            named: self.document.repository.clone(),
            asked: repository.clone(),
        })
    }

    /// Whether both would give the preview of one and the same number the same host.
    #[must_use]
    pub fn has_the_hosts_of(&self, other: &Self) -> bool {
        let host = |configuration: &Self| configuration.identity(first_pull_request()).map(|identity| identity.host);
        host(self).is_ok_and(|mine| host(other).is_ok_and(|others| mine == others))
    }

    /// Whether both are of one application of one repository: its pull requests have one comment for it, and one namespace.
    #[must_use]
    pub fn is_of_the_application_of(&self, other: &Self) -> bool {
        let (mine, others) = (&self.document, &other.document);
        mine.application == others.application && mine.repository == others.repository
    }

    /// The names of a pull request's preview.
    ///
    /// # Errors
    ///
    /// When a template yields something that is no name for this pull request, such as a host label that is too long.
    pub fn identity(&self, number: PullRequestNumber) -> Result<Identity, ConfigurationError> {
        let preview = &self.document.preview;
        let number_text = number.to_string();
        let fill = |template: &Template, name: &str, namespace: &str| {
            template.fill(|placeholder| match placeholder {
                Placeholder::Application => self.document.application.as_str(),
                Placeholder::Domain => self.document.domain.as_str(),
                Placeholder::Number => &number_text,
                Placeholder::Name => name,
                Placeholder::Namespace => namespace,
                Placeholder::Host | Placeholder::Commit | Placeholder::ShortCommit => "",
            })
        };
        let wrong = |key: &str, template: &Template, why: &dyn std::fmt::Display| {
            let message = format!("`preview.{key}: {template}` does not work for pull request {number}: {why}");
            self.source.error(&[&["preview", key], &["application"], &["domain"]], message)
        };
        let name: PreviewName =
            fill(&preview.name, "", "").parse().map_err(|why| wrong("name", &preview.name, &why))?;
        let namespace: Namespace = fill(&preview.namespace, name.as_str(), "")
            .parse()
            .map_err(|why| wrong("namespace", &preview.namespace, &why))?;
        let host = fill(&preview.host, name.as_str(), namespace.as_str())
            .parse()
            .map_err(|why| wrong("host", &preview.host, &why))?;
        Ok(Identity { number, name, namespace, host })
    }

    /// The tag of every configured image: the one in `chosen`, else the head commit.
    ///
    /// # Errors
    ///
    /// When `chosen` names an image that is not configured.
    pub fn tags(
        &self,
        chosen: &BTreeMap<ImageName, ImageTag>,
        commit: &CommitId,
    ) -> Result<BTreeMap<ImageName, String>, UnknownImage> {
        let known = &self.document.images;
        if let Some(unknown) = chosen.keys().find(|name| !known.contains_key(name)) {
            let known = known.keys().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ");
            return Err(UnknownImage { name: unknown.clone(), file: self.source.file.clone(), known });
        }
        let tag = |name| chosen.get(name).map_or(commit.as_str(), ImageTag::as_str).to_owned();
        Ok(known.keys().map(|name| (name.clone(), tag(name))).collect())
    }

    /// The tag of every configured image, by its name, as the text of a preview's patch has it.
    #[must_use]
    pub fn tags_in(&self, patch: &str) -> Vec<(String, String)> {
        let document: Value = yaml::parse(patch).unwrap_or_default();
        let Some(values) = document.pointer("/spec/values").and_then(Value::as_object) else { return Vec::new() };
        let tag = |image: &Image| values::get(values, &image.values)?.get("tag")?.as_str().map(without_digest);
        let tags = self.document.images.iter().map(|(name, image)| Some((name.to_string(), tag(image)?)));
        tags.flatten().collect()
    }

    /// The values that make base a preview: images, address, and `values` of the configuration.
    ///
    /// # Errors
    ///
    /// When two of them want the same place.
    pub fn preview_values(
        &self,
        identity: &Identity,
        tags: &BTreeMap<ImageName, String>,
        commit: &CommitId,
    ) -> Result<Values, ConfigurationError> {
        let mut values = Values::new();
        let twice = |key: &str, name: &str, why: SetTwice| self.source.error(&[&[key, name], &[key]], why.to_string());
        for (name, image) in &self.document.images {
            let tag = tags.get(name).map_or(commit.as_str(), String::as_str);
            let entries = [("repository", image.repository.as_str()), ("tag", tag)];
            let map = Map::from_iter(entries.map(|(key, text)| (key.to_owned(), Value::from(text))));
            values::set(&mut values, &image.values, map.into()).map_err(|why| twice("images", name.as_str(), why))?;
        }
        for path in &self.document.ingress.host {
            let host = Value::from(identity.host.as_str());
            values::set(&mut values, path, host).map_err(|why| twice("ingress", "host", why))?;
        }
        for (key, value) in &self.document.values {
            let filled = values::map_strings(value, &|text| self.fill_value(text, key, identity, commit))?;
            let entry = Map::from_iter([(key.clone(), filled)]);
            values::merge(&mut values, entry).map_err(|why| twice("values", key, why))?;
        }
        Ok(values)
    }

    fn fill_value(
        &self,
        text: &str,
        key: &str,
        identity: &Identity,
        commit: &CommitId,
    ) -> Result<String, ConfigurationError> {
        let template: Template =
            text.parse().map_err(|why| self.source.error(&[&["values", key], &["values"]], format!("{why}")))?;
        Ok(self.fill(&template, identity, commit))
    }

    /// A text with what it says of a preview of that commit.
    fn fill(&self, template: &Template, identity: &Identity, commit: &CommitId) -> String {
        let number = identity.number.to_string();
        template.fill(|placeholder| match placeholder {
            Placeholder::Application => self.document.application.as_str(),
            Placeholder::Domain => self.document.domain.as_str(),
            Placeholder::Number => &number,
            Placeholder::Name => identity.name.as_str(),
            Placeholder::Namespace => identity.namespace.as_str(),
            Placeholder::Host => identity.host.as_str(),
            Placeholder::Commit => commit.as_str(),
            Placeholder::ShortCommit => commit.short(),
        })
    }

    fn refuse_what_is_not_available(&self) -> Result<(), ConfigurationError> {
        let document = &self.document;
        let used: [(&[&str], bool); 2] =
            [(&["delivery"], document.delivery != Delivery::default()), (&["images"], document.images.is_empty())];
        let Some((place, _)) = used.into_iter().find(|(_, used)| *used) else { return Ok(()) };
        let key = place.join(".");
        let message = match key.as_str() {
            "images" => {
                "`images` is empty: name at least one image, with its `repository` and its path in the `values`"
                    .to_owned()
            }
            _ => format!("`{key}` is not available yet: leave it out"),
        };
        Err(self.source.error(&[place], message))
    }

    fn refuse_contradictions(&self) -> Result<(), ConfigurationError> {
        let checks = &self.document.checks;
        let rule = checks.rules.get(&Rule::MandatoryLabels).copied().unwrap_or_default();
        if rule != Strictness::Off && checks.mandatory_labels.is_empty() {
            let message = "the rule `mandatory-labels` asks for no label: list them in `checks.mandatory-labels`";
            return Err(self.source.error(&[&["checks", "rules", "mandatory-labels"], &["checks"]], message));
        }
        match self.document.preview.labels.contradiction() {
            Some(message) => Err(self.source.error(&[&["preview", "labels"]], message)),
            None => Ok(()),
        }
    }

    fn prove_templates(&self) -> Result<(), ConfigurationError> {
        use Placeholder::{Application, Domain, Name, Namespace, Number};
        let preview = &self.document.preview;
        let rules: [(&str, &Template, &[Placeholder], &[Placeholder]); 3] = [
            ("name", &preview.name, &[Number], &[Application, Number]),
            ("namespace", &preview.namespace, &[Number, Name], &[Application, Number, Name]),
            ("host", &preview.host, &[Number, Name, Namespace], &[Application, Domain, Number, Name, Namespace]),
        ];
        let words = |placeholders: &[Placeholder]| {
            placeholders.iter().map(|placeholder| format!("`{{{}}}`", placeholder.word())).collect::<Vec<_>>()
        };
        for (key, template, needed, allowed) in rules {
            let place: &[&str] = &["preview", key];
            if !template.mentions_any(needed) {
                let needed = words(needed).join(" or ");
                let message =
                    format!("`preview.{key}: {template}` is the same for every pull request: put {needed} into it");
                return Err(self.source.error(&[place], message));
            }
            if let Some(wrong) = template.placeholders().find(|placeholder| !allowed.contains(placeholder)) {
                let message =
                    format!("`preview.{key}` can not hold `{{{}}}`: use {}", wrong.word(), words(allowed).join(", "));
                return Err(self.source.error(&[place], message));
            }
        }
        let first = first_pull_request();
        let commit = any_commit();
        let identity = self.identity(first)?;
        self.preview_values(&identity, &BTreeMap::new(), &commit).map(|_| ())
    }
}

/// A tag without the digest that it was pinned with.
fn without_digest(tag: &str) -> String {
    tag.split('@').next().unwrap_or_default().to_owned()
}

fn first_pull_request() -> PullRequestNumber {
    "1".parse().unwrap_or_else(|_| unreachable!("1 is a number of a pull request"))
}

fn any_commit() -> CommitId {
    "0".repeat(40).parse().unwrap_or_else(|_| unreachable!("40 digits are a commit"))
}

/// A pull request of a repository that the configuration does not name.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{file}` is for pull requests of `{named}`, not of `{asked}`")]
pub struct NotAdmitted {
    file: RepoPath,
    named: RepositoryName,
    asked: RepositoryName,
}

/// A tag was given for an image that the configuration does not know.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{file}` has no image `{name}`: it has {known}")]
pub struct UnknownImage {
    name: ImageName,
    file: RepoPath,
    known: String,
}

#[cfg(test)]
mod tests;
