//! The chart of a `HelmRelease`, and the values that Flux would give it.
//! <https://fluxcd.io/flux/components/helm/helmreleases/>

use serde_json::{Map, Value};

use super::{Manifest, Place};
use crate::domain::base::HELM_GROUP;
use crate::domain::path::RepoPath;
use crate::domain::values::overlaid;
use crate::domain::yaml;

/// A chart to template, and what it is given.
#[derive(Debug, Clone, PartialEq)]
pub struct Chart {
    /// The name of the release.
    pub release: String,
    /// The namespace that it is installed into.
    pub namespace: String,
    /// Where the chart is.
    pub source: ChartSource,
    /// Files with values in the apps repository, before `values`.
    pub values_files: Vec<RepoPath>,
    /// The values.
    pub values: Value,
    /// The version of Kubernetes that it is templated for; helm's own if not given.
    pub kubernetes: Option<String>,
}

/// Where a chart is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChartSource {
    /// A folder in the apps repository.
    Folder(RepoPath),
    /// In a registry of OCI artefacts: its `oci://` address.
    Oci {
        /// The address.
        url: String,
        /// The version; the latest if not given.
        version: Option<String>,
    },
    /// In a repository of charts.
    Repository {
        /// The address of the repository.
        url: String,
        /// The name of the chart there.
        name: String,
        /// The version; the latest if not given.
        version: Option<String>,
    },
}

/// Why a chart can not be had.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unavailable {
    /// The source is not among the manifests of the overlay, and not known otherwise.
    #[error("its source, the {kind} `{name}`, is not in the overlay: name the chart's folder in `checks.chart-folder`")]
    Source {
        /// The kind of the source.
        kind: String,
        /// Its name.
        name: String,
    },
    /// The source is another Git repository or a bucket.
    #[error(
        "its source, the {kind} `{name}`, is not one that helm reads: name the chart's folder in `checks.chart-folder`"
    )]
    Elsewhere {
        /// The kind of the source.
        kind: String,
        /// Its name.
        name: String,
    },
    /// The source is a Git repository, and not this one as far as can be seen.
    #[error(
        "`{chart}` is no folder with a chart in the apps repository; if the GitRepository `{name}` is another one, name the chart's folder in `checks.chart-folder`"
    )]
    NoFolder {
        /// The folder, as the release names it.
        chart: String,
        /// The name of the source.
        name: String,
    },
    /// The folder that the configuration names has no chart.
    #[error("`checks.chart-folder` leads to `{folder}`, where no `Chart.yaml` is")]
    NoChart {
        /// The folder.
        folder: RepoPath,
    },
    /// Values are only in the cluster.
    #[error("it takes values from the {kind} `{name}`, which is in the cluster only")]
    Values {
        /// The kind of the object that holds them.
        kind: String,
        /// Its name.
        name: String,
    },
    /// Values that can not be read.
    #[error("the values that it takes from the ConfigMap `{name}` are no YAML map")]
    BrokenValues {
        /// The `ConfigMap`.
        name: String,
    },
    /// Files with values that can not be had.
    #[error("its values file `{file}` can not be had: only those of a chart in the apps repository can")]
    ValuesFile {
        /// The file, as the release names it.
        file: String,
    },
    /// An address that Flux would not take.
    #[error("the `url` of the OCIRepository `{name}` does not begin with `oci://`")]
    NotOci {
        /// The source.
        name: String,
    },
    /// The release does not say which chart it is.
    #[error("it names no chart")]
    Nothing,
}

/// What is known when a chart is looked for.
pub struct Surroundings<'a> {
    /// Everything that the overlay renders.
    pub manifests: &'a [Manifest],
    /// The folder of the chart, where the configuration names it.
    pub folder: Option<&'a RepoPath>,
    /// Whether a folder of the apps repository holds a chart.
    pub is_chart: &'a dyn Fn(&RepoPath) -> bool,
    /// The version of Kubernetes.
    pub kubernetes: Option<&'a str>,
}

/// Whether this is a release of Flux's.
#[must_use]
pub fn is_release(manifest: &Manifest) -> bool {
    manifest.kind() == "HelmRelease" && manifest.api_version().starts_with(HELM_GROUP)
}

impl Surroundings<'_> {
    /// The chart of a release.
    ///
    /// # Errors
    ///
    /// When it, or its values, can not be had.
    pub fn chart(&self, release: &Manifest) -> Result<Chart, Unavailable> {
        let text = |pointer: &str| text(&release.object, pointer);
        let target = text("/spec/targetNamespace");
        let name = match (text("/spec/releaseName"), target) {
            (Some(name), _) => name.to_owned(),
            (None, Some(target)) => format!("{target}-{}", release.name()),
            (None, None) => release.name().to_owned(),
        };
        let source = self.source(release)?;
        Ok(Chart {
            release: name,
            namespace: target.unwrap_or_else(|| release.namespace()).to_owned(),
            values_files: values_files(release, &source)?,
            source,
            values: self.values(release)?,
            kubernetes: self.kubernetes.map(str::to_owned),
        })
    }

    fn source(&self, release: &Manifest) -> Result<ChartSource, Unavailable> {
        if let Some(folder) = self.folder {
            let found = (self.is_chart)(folder).then(|| ChartSource::Folder(folder.clone()));
            return found.ok_or_else(|| Unavailable::NoChart { folder: folder.clone() });
        }
        let text_of = |pointer: &str| text(&release.object, pointer);
        if let Some(kind) = text_of("/spec/chartRef/kind") {
            let name = text_of("/spec/chartRef/name").unwrap_or_default();
            return self.referred(kind, name);
        }
        let name = text_of("/spec/chart/spec/chart").ok_or(Unavailable::Nothing)?;
        let version = text_of("/spec/chart/spec/version").map(str::to_owned);
        let kind = text_of("/spec/chart/spec/sourceRef/kind").unwrap_or_default();
        let source_name = text_of("/spec/chart/spec/sourceRef/name").unwrap_or_default();
        let known = || (kind.to_owned(), source_name.to_owned());
        if kind != "HelmRepository" {
            let folder = RepoPath::top().resolve(name.trim_start_matches('/')).filter(|folder| (self.is_chart)(folder));
            let (kind, source) = known();
            return match folder {
                Some(folder) if kind == "GitRepository" => Ok(ChartSource::Folder(folder)),
                None if kind == "GitRepository" => Err(Unavailable::NoFolder { chart: name.to_owned(), name: source }),
                _ => Err(Unavailable::Elsewhere { kind, name: source }),
            };
        }
        let source = self.object(kind, source_name).ok_or_else(|| {
            let (kind, name) = known();
            Unavailable::Source { kind, name }
        })?;
        let url = text(&source.object, "/spec/url").unwrap_or_default().trim_end_matches('/');
        Ok(match url.strip_prefix("oci://") {
            Some(_) => ChartSource::Oci { url: format!("{url}/{name}"), version },
            None => ChartSource::Repository { url: url.to_owned(), name: name.to_owned(), version },
        })
    }

    /// The chart that a `chartRef` leads to: an `OCIRepository` is one by itself.
    fn referred(&self, kind: &str, name: &str) -> Result<ChartSource, Unavailable> {
        let known = || (kind.to_owned(), name.to_owned());
        let (Some(source), "OCIRepository") = (self.object(kind, name), kind) else {
            let (kind, name) = known();
            return Err(Unavailable::Source { kind, name });
        };
        let text = |pointer: &str| text(&source.object, pointer).map(str::to_owned);
        let url = text("/spec/url").filter(|url| url.starts_with("oci://"));
        let url = url.ok_or_else(|| Unavailable::NotOci { name: name.to_owned() })?;
        match text("/spec/ref/digest") {
            Some(digest) => Ok(ChartSource::Oci { url: format!("{url}@{digest}"), version: None }),
            None => Ok(ChartSource::Oci { url, version: text("/spec/ref/semver").or_else(|| text("/spec/ref/tag")) }),
        }
    }

    /// The values that Flux would put together: those of other objects in their order, then the release's own.
    fn values(&self, release: &Manifest) -> Result<Value, Unavailable> {
        let mut values = Value::Object(Map::new());
        let entries = release.object.pointer("/spec/valuesFrom").and_then(Value::as_array);
        for entry in entries.into_iter().flatten() {
            let kind = text(entry, "/kind").unwrap_or_default();
            let name = text(entry, "/name").unwrap_or_default();
            let key = text(entry, "/valuesKey").unwrap_or("values.yaml");
            let held = self.object(kind, name).and_then(|object| object.object.get("data")?.get(key)?.as_str());
            // The data of a Secret is encoded, and is nothing to write into a file.
            let (Some(held), "ConfigMap", None) = (held, kind, text(entry, "/targetPath")) else {
                if entry.get("optional").and_then(Value::as_bool) == Some(true) {
                    continue;
                }
                return Err(Unavailable::Values { kind: kind.to_owned(), name: name.to_owned() });
            };
            let held: Value = yaml::parse(held).unwrap_or(Value::Bool(false));
            if !held.is_object() && !held.is_null() {
                return Err(Unavailable::BrokenValues { name: name.to_owned() });
            }
            values = overlaid(values, held);
        }
        Ok(overlaid(values, release.object.pointer("/spec/values").cloned().unwrap_or_default()))
    }

    fn object(&self, kind: &str, name: &str) -> Option<&Manifest> {
        self.manifests.iter().find(|manifest| manifest.kind() == kind && manifest.name() == name)
    }
}

/// The files with values that a release names, as paths from the top of its source.
fn values_files(release: &Manifest, source: &ChartSource) -> Result<Vec<RepoPath>, Unavailable> {
    let files = release.object.pointer("/spec/chart/spec/valuesFiles").and_then(Value::as_array);
    let files = files.into_iter().flatten().filter_map(Value::as_str);
    let is_local = matches!(source, ChartSource::Folder(_));
    let path = |file: &str| {
        let path = RepoPath::top().resolve(file).filter(|_| is_local);
        path.ok_or_else(|| Unavailable::ValuesFile { file: file.to_owned() })
    };
    files.map(path).collect()
}

fn text<'a>(value: &'a Value, pointer: &str) -> Option<&'a str> {
    value.pointer(pointer)?.as_str().filter(|text| !text.is_empty())
}

/// The objects that helm printed. One of a chart in `folder` comes from the template there that helm names above it.
///
/// # Errors
///
/// When it is not YAML.
pub fn manifests(printed: &str, folder: Option<&RepoPath>) -> Result<Vec<Manifest>, yaml::YamlError> {
    let mut found = Vec::new();
    for document in super::build::documents(printed) {
        let source = document.lines().find_map(|line| line.strip_prefix("# Source: "));
        let origin = source.and_then(|source| template(source, folder?));
        let objects = yaml::parse_all(document)?.into_iter();
        found.extend(objects.map(|object| Manifest { object, origin: origin.clone() }));
    }
    Ok(found)
}

/// A template as helm names it, `chart/templates/x.yaml`, in the folder of the chart.
fn template(named: &str, folder: &RepoPath) -> Option<RepoPath> {
    let (_, below) = named.trim().split_once('/')?;
    folder.resolve(below)
}

/// The place that helm's words are about: `chart/templates/x.yaml:12:4`.
#[must_use]
pub fn place(words: &str, folder: Option<&RepoPath>) -> Option<Place> {
    let parts = words.split(|character: char| character.is_whitespace() || "()'\"`<>".contains(character));
    let named = parts.map(|part| part.trim_matches(':')).find(|part| part.contains("/templates/"))?;
    let mut pieces = named.split(':');
    let file = template(pieces.next()?, folder?)?;
    Some(Place { file, line: pieces.next().and_then(|line| line.parse().ok()) })
}

#[cfg(test)]
mod tests;
