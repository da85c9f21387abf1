//! Which schema describes which kind, whatever layout the files have.

use std::collections::{BTreeMap, HashMap};

use serde_json::Value;

use super::SchemaError;
use super::document::Document;
use super::layout::{self, Release, named};
use super::object_meta;
use crate::domain::configuration::KubernetesVersion;
use crate::domain::yaml;

/// How a schema is meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    /// The structural schema of a CRD: what it does not name does not exist.
    Crd,
    /// A definition of Kubernetes' own OpenAPI: what is optional may be null.
    OpenApi,
    /// A JSON Schema that was made of either.
    JsonSchema,
}

/// Where the schema of a kind is.
#[derive(Debug, Clone)]
pub(super) struct Located {
    pub(super) document: usize,
    /// A JSON pointer.
    pub(super) pointer: String,
    pub(super) dialect: Dialect,
    /// Whether a version of this kind that is not here does not exist.
    pub(super) is_complete: bool,
}

/// Group (or its first label), lower-case kind, and the schema of each version.
type Kinds = HashMap<(String, String), BTreeMap<String, Located>>;

/// All schemas.
#[derive(Debug)]
pub(super) struct Index {
    pub(super) documents: Vec<Document>,
    names: HashMap<String, usize>,
    kinds: Kinds,
    /// From files whose name has the first label of the group alone.
    abbreviated: Kinds,
}

/// The place of the schema of metadata among the documents.
pub(super) const OBJECT_META: usize = 0;

impl Index {
    pub(super) fn new(
        files: Vec<(String, String)>,
        kubernetes: Option<&KubernetesVersion>,
    ) -> Result<Self, SchemaError> {
        let folder = chosen_folder(&files, kubernetes)?;
        let metadata = Document::read("ObjectMeta".to_owned(), object_meta());
        let mut index =
            Self { documents: vec![metadata], names: HashMap::new(), kinds: Kinds::new(), abbreviated: Kinds::new() };
        for (name, text) in files {
            let release = layout::release(&name).map(|(folder, _)| folder);
            let (is_of_release, is_other) = (release.is_some(), release.is_some() && release != folder.as_deref());
            if !is_other {
                index.add(name, text, is_of_release)?;
            }
        }
        Ok(index)
    }

    fn add(&mut self, name: String, text: String, is_complete: bool) -> Result<(), SchemaError> {
        if name.rsplit_once('.').is_none_or(|(_, ending)| ending != "json") {
            return self.add_yaml(&name, &text);
        }
        let document = self.documents.len();
        self.names.insert(name.clone(), document);
        let found = named(&name).map(|found| {
            let located = Located { document, pointer: String::new(), dialect: Dialect::JsonSchema, is_complete };
            let kinds = if found.is_whole { &mut self.kinds } else { &mut self.abbreviated };
            put(kinds, found.group, found.kind, found.version, located);
        });
        let is_helper = name.ends_with("_definitions.json") || name.ends_with("all.json");
        let may_list =
            text.contains("\"x-kubernetes-group-version-kind\"") || text.contains("\"CustomResourceDefinition\"");
        self.documents.push(Document::later(name, text));
        if found.is_none() && !is_helper && may_list {
            let value = self.documents[document].value()?.clone();
            self.add_openapi(document, &value);
            self.add_crds(&self.documents[document].name.clone(), value);
        }
        Ok(())
    }

    fn add_yaml(&mut self, name: &str, text: &str) -> Result<(), SchemaError> {
        if !text.contains("CustomResourceDefinition") {
            return Ok(());
        }
        match yaml::parse_all_of_large(text) {
            Ok(values) => values.into_iter().for_each(|value| self.add_crds(name, value)),
            // The template of a chart is no YAML yet.
            Err(_) if text.contains("{{") => {}
            Err(why) => return Err(SchemaError::Unreadable { file: name.to_owned(), why: why.to_string() }),
        }
        Ok(())
    }

    /// Takes a CRD, or those in a list, in all versions that are served.
    fn add_crds(&mut self, name: &str, mut value: Value) {
        if value["kind"].as_str().is_some_and(|kind| kind.ends_with("List")) {
            let items = value["items"].as_array_mut().map(std::mem::take).unwrap_or_default();
            return items.into_iter().for_each(|item| self.add_crds(name, item));
        }
        if value["kind"] != "CustomResourceDefinition" {
            return;
        }
        let document = self.documents.len();
        let spec = &value["spec"];
        let (group, kind) = (text(&spec["group"]), text(&spec["names"]["kind"]).to_lowercase());
        for (at, version) in spec["versions"].as_array().into_iter().flatten().enumerate() {
            if version["served"] == true && version["schema"]["openAPIV3Schema"].is_object() {
                let pointer = format!("/spec/versions/{at}/schema/openAPIV3Schema");
                let located = Located { document, pointer, dialect: Dialect::Crd, is_complete: true };
                put(&mut self.kinds, group, &kind, text(&version["name"]), located);
            }
        }
        self.documents.push(Document::read(name.to_owned(), value));
    }

    /// Takes the definitions of an OpenAPI description, version 2 or 3.
    fn add_openapi(&mut self, document: usize, value: &Value) {
        for place in ["/definitions", "/components/schemas"] {
            let definitions = value.pointer(place).and_then(Value::as_object).into_iter().flatten();
            for (name, definition) in definitions {
                let kinds = definition["x-kubernetes-group-version-kind"].as_array();
                // What several kinds share, such as DeleteOptions, is no object of its own.
                let [kind] = kinds.map_or(&[][..], Vec::as_slice) else { continue };
                let pointer = format!("{place}/{}", name.replace('~', "~0").replace('/', "~1"));
                let located = Located { document, pointer, dialect: Dialect::OpenApi, is_complete: true };
                put(
                    &mut self.kinds,
                    text(&kind["group"]),
                    &text(&kind["kind"]).to_lowercase(),
                    text(&kind["version"]),
                    located,
                );
            }
        }
    }

    /// The schema of a kind.
    pub(super) fn find(&self, group: &str, version: &str, kind: &str) -> Result<Option<&Located>, SchemaError> {
        let kind = kind.to_lowercase();
        if let Some(found) = self.kinds.get(&(group.to_owned(), kind.clone())).and_then(|found| found.get(version)) {
            return Ok(Some(found));
        }
        let Some(found) = self.abbreviated.get(&(label(group), kind)).and_then(|found| found.get(version)) else {
            return Ok(None);
        };
        // The first label of two groups may be the same: what the file says counts.
        let stated = &self.documents[found.document].value()?["x-kubernetes-group-version-kind"];
        let fits = stated.as_array().is_none_or(|all| all.iter().any(|one| text(&one["group"]) == group));
        Ok(fits.then_some(found))
    }

    /// The kind as its schema writes it, where the schema does, for one that was found whatever its case.
    pub(super) fn real_kind(&self, located: &Located, group: &str, kind: &str) -> Result<Option<&str>, SchemaError> {
        let document = self.documents[located.document].value()?;
        if located.dialect == Dialect::Crd {
            return Ok(document["spec"]["names"]["kind"].as_str());
        }
        let schema = document.pointer(&located.pointer).unwrap_or(&Value::Null);
        let stated = schema["x-kubernetes-group-version-kind"].as_array().into_iter().flatten();
        let of_group = stated.filter(|one| text(&one["group"]) == group).filter_map(|one| one["kind"].as_str());
        let alike: Vec<_> = of_group.filter(|stated| stated.to_lowercase() == kind.to_lowercase()).collect();
        Ok(alike.iter().find(|stated| **stated == kind).or(alike.first()).copied())
    }

    /// The versions of a kind that there are, if they are all that there are.
    pub(super) fn versions(&self, group: &str, kind: &str) -> Vec<&str> {
        let kind = kind.to_lowercase();
        let whole = self.kinds.get(&(group.to_owned(), kind.clone()));
        // In Kubernetes' own schemas a group is known by its first label, but somebody else's may begin with the same.
        let is_own = !group.contains('.') || group.ends_with(".k8s.io");
        let found = whole.or_else(|| self.abbreviated.get(&(label(group), kind)).filter(|_| is_own));
        let complete = found.into_iter().flatten().filter(|(_, located)| located.is_complete);
        complete.map(|(version, _)| version.as_str()).collect()
    }

    /// Follows a `$ref` that stands in a document.
    pub(super) fn follow(&self, from: usize, reference: &str) -> Result<(usize, &Value), SchemaError> {
        let (file, pointer) = reference.split_once('#').unwrap_or((reference, ""));
        let broken = || SchemaError::Reference { file: self.documents[from].name.clone(), to: reference.to_owned() };
        let document = match file {
            "" => from,
            file => *self.names.get(&self.documents[from].beside(file)).ok_or_else(broken)?,
        };
        Ok((document, self.documents[document].value()?.pointer(pointer).ok_or_else(broken)?))
    }
}

fn put(kinds: &mut Kinds, group: &str, kind: &str, version: &str, located: Located) {
    let versions = kinds.entry((group.to_owned(), kind.to_owned())).or_default();
    versions.entry(version.to_owned()).or_insert(located);
}

fn label(group: &str) -> String {
    group.split('.').next().unwrap_or_default().to_owned()
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Of the folders that are named after a version of Kubernetes, the one that fits.
fn chosen_folder(
    files: &[(String, String)],
    kubernetes: Option<&KubernetesVersion>,
) -> Result<Option<String>, SchemaError> {
    let found: BTreeMap<&str, Release> = files.iter().filter_map(|(name, _)| layout::release(name)).collect();
    let minor = kubernetes.and_then(|version| version.as_str().split_once('.')?.1.parse::<u16>().ok());
    let fits = found.iter().filter(|(_, release)| minor.is_none_or(|minor| minor == release.minor));
    let mut minors: Vec<_> = found.values().map(|release| release.minor).collect();
    minors.sort_unstable();
    minors.dedup();
    let there = minors.iter().map(|minor| format!("1.{minor}")).collect::<Vec<_>>().join(", ");
    match (fits.max_by_key(|(_, release)| **release), minor) {
        (Some(_), None) if minors.len() > 1 => Err(SchemaError::NoVersionNamed { there }),
        (Some((folder, _)), _) => Ok(Some((*folder).to_owned())),
        (None, Some(minor)) if !found.is_empty() => Err(SchemaError::NoVersion { wanted: format!("1.{minor}"), there }),
        (None, _) => Ok(None),
    }
}
