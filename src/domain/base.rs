//! The canonical `HelmRelease` that every overlay patches, and what it leans on.

mod release_patch;

pub use release_patch::ReleasePatch;

use serde_json::Value;

use super::path::RepoPath;
use super::yaml;

/// The API group of Flux's `HelmRelease`.
pub const HELM_GROUP: &str = "helm.toolkit.fluxcd.io";

/// One file that base includes, and what the kustomizations above it make of the objects in it.
#[derive(Debug, Clone, Default)]
pub struct Source {
    /// Where it stands.
    pub path: RepoPath,
    /// What it says.
    pub text: String,
    /// The namespace stated by the outermost kustomization that states one.
    pub namespace: Option<String>,
    /// What names become.
    pub names: Names,
}

/// What the kustomizations above an object make of its name, as far as others who refer to it can tell.
#[derive(Debug, Clone, Default)]
pub struct Names {
    /// What is put before it.
    pub prefix: String,
    /// What is put behind it.
    pub suffix: String,
    /// Whether references follow the change.
    pub are_followed: bool,
}

impl Names {
    /// The name that a reference has to have before kustomize runs to be right afterwards.
    fn referred_to_as(&self, name: &str) -> String {
        if self.are_followed { name.to_owned() } else { format!("{}{name}{}", self.prefix, self.suffix) }
    }
}

/// Everything that base includes.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The files, in the order in which kustomize includes them.
    pub files: Vec<Source>,
    /// Objects that kustomize generates under names that others can refer to.
    pub generated: Vec<Object>,
    /// The patches of each kustomization, the outermost first.
    pub patches: Vec<Vec<ReleasePatch>>,
    /// Resources that kustomize would fetch from elsewhere; they are not looked into.
    pub remote: Vec<String>,
}

/// An object by what others call it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Object {
    /// `Secret`, `ConfigMap`, …
    pub kind: String,
    /// Its name.
    pub name: String,
    /// The namespace that base puts it into, where it states one.
    pub namespace: Option<String>,
}

impl Object {
    /// An object that kustomize generates.
    #[must_use]
    pub fn generated(kind: &str, name: &str, names: &Names) -> Self {
        Self { kind: kind.to_owned(), name: names.referred_to_as(name), namespace: None }
    }
}

/// The one `HelmRelease` of base.
#[derive(Debug, Clone)]
pub struct Base {
    release: Value,
    /// The namespace that a kustomization moves everything into.
    moved_to: Option<String>,
    objects: Vec<Object>,
}

/// Base can not be used for previews.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    /// A file of base is not YAML.
    #[error("`{path}` is not YAML")]
    NotYaml {
        /// The file.
        path: RepoPath,
        /// What is wrong.
        source: yaml::YamlError,
    },
    /// No file holds a `HelmRelease`.
    #[error("`{base}` includes no HelmRelease ({HELM_GROUP}): {looked_at}")]
    NoRelease {
        /// The directory.
        base: RepoPath,
        /// The files that were looked at.
        looked_at: String,
    },
    /// More than one `HelmRelease`.
    #[error("`{base}` includes {} HelmReleases, a preview patches exactly one: {}", found.len(), found.join(", "))]
    SeveralReleases {
        /// The directory.
        base: RepoPath,
        /// Name and file of each.
        found: Vec<String>,
    },
    /// A `HelmRelease` without a name.
    #[error("the HelmRelease in `{path}` has no `metadata.name`")]
    Unnamed {
        /// The file.
        path: RepoPath,
    },
    /// A patch that kustomize could not apply.
    #[error("the patch in `{path}` can not be applied to the HelmRelease `{release}`: {message}")]
    Patch {
        /// The file.
        path: RepoPath,
        /// The `HelmRelease`.
        release: String,
        /// Why.
        message: String,
    },
    /// A Namespace would collide with the preview's own.
    #[error(
        "`{path}` holds the Namespace `{name}`, which kustomize would rename to the preview's own and refuse as a duplicate"
    )]
    HasNamespace {
        /// The file.
        path: RepoPath,
        /// The namespace's name.
        name: String,
    },
}

impl Base {
    /// Finds the `HelmRelease` among everything that `directory` includes.
    ///
    /// # Errors
    ///
    /// When there is none, or more than one, or a Namespace beside it.
    pub fn find(directory: &RepoPath, sources: &Sources) -> Result<Self, BaseError> {
        let Contents { mut releases, objects } = Contents::read(sources)?;
        let found = releases.iter().map(|(source, release)| {
            format!("`{}` in `{}`", text(release, "/metadata/name").unwrap_or_default(), source.path)
        });
        let found: Vec<_> = found.collect();
        if found.len() > 1 {
            return Err(BaseError::SeveralReleases { base: directory.clone(), found });
        }
        let Some((source, release)) = releases.pop() else {
            return Err(BaseError::NoRelease { base: directory.clone(), looked_at: looked_at(sources) });
        };
        if text(&release, "/metadata/name").is_none_or(str::is_empty) {
            return Err(BaseError::Unnamed { path: source.path.clone() });
        }
        let moved_to = source.namespace.clone();
        Self { release, moved_to, objects }.patched(sources)
    }

    /// This base, together with what the components of every preview bring into its namespace.
    ///
    /// # Errors
    ///
    /// When a file of theirs is not YAML, or holds a Namespace.
    pub fn with_components(mut self, sources: &Sources) -> Result<Self, BaseError> {
        self.objects.extend(Contents::read(sources)?.objects);
        self.patched(sources)
    }

    /// The release as it is after the patches, the innermost kustomization's first.
    fn patched(mut self, sources: &Sources) -> Result<Self, BaseError> {
        for patch in sources.patches.iter().rev().flatten() {
            patch.apply(&mut self.release)?;
        }
        Ok(self)
    }

    /// The `HelmRelease`'s name.
    #[must_use]
    pub fn release_name(&self) -> &str {
        text(&self.release, "/metadata/name").unwrap_or_default()
    }

    /// The namespace that base puts the `HelmRelease` into, where it states one.
    #[must_use]
    pub fn namespace(&self) -> Option<&str> {
        let stated = || text(&self.release, "/metadata/namespace").filter(|namespace| !namespace.is_empty());
        self.moved_to.as_deref().or_else(stated)
    }

    /// The API version that base uses for its `HelmRelease`.
    #[must_use]
    pub fn api_version(&self) -> &str {
        text(&self.release, "/apiVersion").unwrap_or_default()
    }

    /// A part of the `HelmRelease`'s specification, by JSON pointer.
    #[must_use]
    pub fn spec(&self, pointer: &str) -> Option<&Value> {
        self.release.pointer(&format!("/spec{pointer}")).filter(|value| !value.is_null())
    }

    /// The object of this kind and name that base itself brings into the preview's namespace.
    #[must_use]
    pub fn object(&self, kind: &str, name: &str) -> Option<&Object> {
        self.objects.iter().find(|object| object.kind == kind && object.name == name)
    }
}

/// What a set of files holds.
struct Contents<'a> {
    releases: Vec<(&'a Source, Value)>,
    objects: Vec<Object>,
}

impl<'a> Contents<'a> {
    fn read(sources: &'a Sources) -> Result<Self, BaseError> {
        let mut contents = Self { releases: Vec::new(), objects: sources.generated.clone() };
        for source in &sources.files {
            let not_yaml = |why| BaseError::NotYaml { path: source.path.clone(), source: why };
            for document in yaml::parse_all(&source.text).map_err(not_yaml)?.into_iter().flat_map(expanded) {
                let name = text(&document, "/metadata/name").unwrap_or_default();
                match (text(&document, "/kind"), group(&document)) {
                    (Some("Namespace"), "") => {
                        return Err(BaseError::HasNamespace { path: source.path.clone(), name: name.to_owned() });
                    }
                    (Some("HelmRelease"), HELM_GROUP) => contents.releases.push((source, document)),
                    _ => contents.objects.extend(provided_by(&document, source)),
                }
            }
        }
        Ok(contents)
    }
}

/// What other objects can refer to once `document` is there: itself, and the Secret that an operator makes of it.
fn provided_by(document: &Value, source: &Source) -> Vec<Object> {
    let (Some(kind), Some(name)) = (text(document, "/kind"), text(document, "/metadata/name")) else {
        return Vec::new();
    };
    let made = match kind {
        "ExternalSecret" => text(document, "/spec/target/name").or(Some(name)),
        "SealedSecret" => text(document, "/spec/template/metadata/name").or(Some(name)),
        _ => None,
    };
    let stated = text(document, "/metadata/namespace").map(str::to_owned);
    let namespace = source.namespace.clone().or(stated);
    let object = |kind: &str, name: String| Object { kind: kind.to_owned(), name, namespace: namespace.clone() };
    // What an operator makes has the name that it was told, whatever kustomize does to the object that tells it.
    let secret = made.map(|name| object("Secret", name.to_owned()));
    std::iter::once(object(kind, source.names.referred_to_as(name))).chain(secret).collect()
}

/// The objects of a list, which kustomize takes apart; any other document is itself.
fn expanded(document: Value) -> Vec<Value> {
    let is_list = text(&document, "/kind").is_some_and(|kind| kind.ends_with("List"));
    match document.get("items").and_then(Value::as_array) {
        Some(items) if is_list => items.clone(),
        _ => vec![document],
    }
}

fn text<'a>(document: &'a Value, pointer: &str) -> Option<&'a str> {
    document.pointer(pointer).and_then(Value::as_str)
}

fn group(document: &Value) -> &str {
    text(document, "/apiVersion").and_then(|version| version.split_once('/')).map_or("", |(group, _)| group)
}

fn looked_at(sources: &Sources) -> String {
    let mut files: Vec<_> = sources.files.iter().map(|source| format!("`{}`", source.path)).collect();
    files.extend(sources.remote.iter().map(|address| format!("`{address}` (elsewhere, not looked into)")));
    if files.is_empty() {
        "its kustomization lists no resources".to_owned()
    } else {
        format!("looked at {}", files.join(", "))
    }
}

#[cfg(test)]
mod tests;
