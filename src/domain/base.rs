//! The canonical `HelmRelease` that every overlay patches, and what it leans on.

use serde_json::Value;

use super::path::RepoPath;
use super::yaml;

/// The API group of Flux's `HelmRelease`.
pub const HELM_GROUP: &str = "helm.toolkit.fluxcd.io";

/// One file that base includes, and the namespace that the kustomizations above it move it into.
#[derive(Debug, Clone)]
pub struct Source {
    /// Where it stands.
    pub path: RepoPath,
    /// What it says.
    pub text: String,
    /// The namespace stated by the outermost kustomization that states one.
    pub namespace: Option<String>,
}

/// Everything that base includes.
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The files, in the order in which kustomize includes them.
    pub files: Vec<Source>,
    /// Objects that kustomize generates: kind and name.
    pub generated: Vec<Object>,
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
}

/// The one `HelmRelease` of base.
#[derive(Debug, Clone)]
pub struct Base {
    release: Value,
    namespace: Option<String>,
    objects: Vec<Object>,
}

/// Base can not be used for previews.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BaseError {
    /// A file of base is not YAML.
    #[error("`{path}` is not YAML: {source}")]
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
        let stated = || text(&release, "/metadata/namespace").map(str::to_owned);
        let namespace = source.namespace.clone().or_else(stated);
        Ok(Self { release, namespace, objects })
    }

    /// This base, together with what the components of every preview bring into its namespace.
    ///
    /// # Errors
    ///
    /// When a file of theirs is not YAML, or holds a Namespace.
    pub fn with_components(mut self, sources: &Sources) -> Result<Self, BaseError> {
        self.objects.extend(Contents::read(sources)?.objects);
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
        self.namespace.as_deref()
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

    /// Whether base itself brings an object of this kind and name into the preview's namespace.
    #[must_use]
    pub fn provides(&self, kind: &str, name: &str) -> bool {
        self.objects.iter().any(|object| object.kind == kind && object.name == name)
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
            for document in yaml::parse_all(&source.text).map_err(not_yaml)? {
                let name = text(&document, "/metadata/name").unwrap_or_default();
                match (text(&document, "/kind"), group(&document)) {
                    (Some("Namespace"), "") => {
                        return Err(BaseError::HasNamespace { path: source.path.clone(), name: name.to_owned() });
                    }
                    (Some("HelmRelease"), HELM_GROUP) => contents.releases.push((source, document)),
                    _ => contents.objects.extend(provided_by(&document)),
                }
            }
        }
        Ok(contents)
    }
}

/// What other objects can refer to once `document` is there: itself, and the Secret that an operator makes of it.
fn provided_by(document: &Value) -> Vec<Object> {
    let (Some(kind), Some(name)) = (text(document, "/kind"), text(document, "/metadata/name")) else {
        return Vec::new();
    };
    let made = match kind {
        "ExternalSecret" => text(document, "/spec/target/name").or(Some(name)),
        "SealedSecret" => text(document, "/spec/template/metadata/name").or(Some(name)),
        _ => None,
    };
    let secret = made.map(|name| Object { kind: "Secret".to_owned(), name: name.to_owned() });
    std::iter::once(Object { kind: kind.to_owned(), name: name.to_owned() }).chain(secret).collect()
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
mod tests {
    use super::*;
    use indoc::indoc;

    const RELEASE: &str = indoc! {"
        apiVersion: helm.toolkit.fluxcd.io/v2
        kind: HelmRelease
        metadata: {name: wildside}
        spec: {chart: {spec: {chart: ./chart}}}
    "};

    fn find(files: &[(&str, &str)]) -> Result<Base, BaseError> {
        let file = |(path, text): &(&str, &str)| Source {
            path: path.parse().unwrap(),
            text: (*text).to_owned(),
            namespace: None,
        };
        let sources = Sources { files: files.iter().map(file).collect(), ..Sources::default() };
        Base::find(&"base".parse().unwrap(), &sources)
    }

    #[test]
    fn the_release_is_found_in_any_file_and_among_other_documents() {
        let several = format!("apiVersion: v1\nkind: ConfigMap\nmetadata: {{name: settings}}\n---\n{RELEASE}");
        let base = find(&[("base/a.yaml", "# nothing\n"), ("base/helmrelease.yml", &several)]).unwrap();
        assert_eq!(base.release_name(), "wildside");
        assert!(base.provides("ConfigMap", "settings") && !base.provides("Secret", "settings"));
    }

    #[test]
    fn without_a_release_the_files_that_were_looked_at_are_named() {
        let error = find(&[("base/a.yaml", "kind: Service\n"), ("base/b.yaml", "")]).unwrap_err().to_string();
        insta::assert_snapshot!(error, @"`base` includes no HelmRelease (helm.toolkit.fluxcd.io): looked at `base/a.yaml`, `base/b.yaml`");
    }

    #[test]
    fn two_releases_are_one_too_many() {
        let other = RELEASE.replace("wildside", "second");
        let error = find(&[("base/a.yaml", RELEASE), ("base/b.yaml", &other)]).unwrap_err().to_string();
        insta::assert_snapshot!(error, @"`base` includes 2 HelmReleases, a preview patches exactly one: `wildside` in `base/a.yaml`, `second` in `base/b.yaml`");
    }

    #[test]
    fn a_namespace_in_base_is_refused() {
        let error = find(&[
            ("base/ns.yaml", "apiVersion: v1\nkind: Namespace\nmetadata: {name: x}\n"),
            ("base/a.yaml", RELEASE),
        ]);
        assert!(matches!(error, Err(BaseError::HasNamespace { .. })));
    }

    #[test]
    fn an_external_secret_stands_for_the_secret_it_makes() {
        let external = "kind: ExternalSecret\nmetadata: {name: a}\nspec: {target: {name: made}}\n";
        let base = find(&[("base/a.yaml", RELEASE), ("base/s.yaml", external)]).unwrap();
        assert!(base.provides("Secret", "made") && !base.provides("Secret", "a"));
    }
}
