//! Many overlays built in one run of kustomize, and told apart again in what comes out.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::{Manifest, Place};
use crate::domain::kustomization::is_remote;
use crate::domain::path::RepoPath;
use crate::domain::yaml::{self, YamlError};

/// What says in the output which overlay an object is of.
const OVERLAY: &str = "bivouac.dev/overlay";
/// Where kustomize writes which file an object comes from.
/// <https://kubectl.docs.kubernetes.io/references/kustomize/kustomization/buildmetadata/>
const ORIGIN: &str = "config.kubernetes.io/origin";

/// A kustomization around the one at `path` that says of each object which overlay it is of.
#[must_use]
pub fn wrapper(path: &str, mark: usize) -> String {
    let transformer = json!({
        "apiVersion": "builtin",
        "kind": "AnnotationsTransformer",
        "metadata": {"name": "overlay"},
        "annotations": {OVERLAY: mark.to_string()},
        "fieldSpecs": [{"path": "metadata/annotations", "create": true}],
    });
    yaml::write(&json!({"resources": [path], "transformers": [transformer.to_string()]}))
}

/// A kustomization over the wrappers at `paths`, which says of each object which file it comes from.
#[must_use]
pub fn batch(paths: &[String]) -> String {
    yaml::write(&json!({"resources": paths, "buildMetadata": ["originAnnotations"]}))
}

/// The documents of a rendered text. Only a separator can begin a line with `---`: whatever else does is indented.
pub fn documents(text: &str) -> impl Iterator<Item = &str> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let here = rest?;
        let here = here.strip_prefix("---\n").unwrap_or(here);
        let (document, after) = match here.split_once("\n---\n") {
            Some((document, after)) => (document, Some(after)),
            None => (here, None),
        };
        rest = after;
        Some(document)
    })
}

/// The objects in what kustomize printed, by the marks of their overlays. `locate` makes a path that it names one in the
/// repository.
///
/// # Errors
///
/// When it is not YAML, or an object has no mark.
pub fn manifests(
    printed: &str,
    locate: impl Fn(&str) -> Option<RepoPath>,
) -> Result<BTreeMap<usize, Vec<Manifest>>, YamlError> {
    let mut found: BTreeMap<usize, Vec<Manifest>> = BTreeMap::new();
    for document in documents(printed) {
        for mut object in yaml::parse_all(document)? {
            let mark = take_annotation(&mut object, OVERLAY).and_then(|mark| mark.parse().ok());
            let unmarked = || YamlError { line: 1, column: 1, message: "an object is of no overlay".to_owned() };
            let origin =
                take_annotation(&mut object, ORIGIN).and_then(|origin| origin_of(&origin)).and_then(|at| locate(&at));
            found.entry(mark.ok_or_else(unmarked)?).or_default().push(Manifest { object, origin });
        }
    }
    Ok(found)
}

/// The file that an object comes from, or that generated it. One of another repository has none here.
fn origin_of(annotation: &str) -> Option<String> {
    let origin: Value = yaml::parse(annotation).ok()?;
    let text = |key: &str| origin.get(key).and_then(Value::as_str);
    if text("repo").is_some() {
        return None;
    }
    text("path").or_else(|| text("configuredIn")).map(str::to_owned)
}

/// Takes an annotation out, and what is empty without it.
fn take_annotation(object: &mut Value, name: &str) -> Option<String> {
    let metadata = object.get_mut("metadata")?.as_object_mut()?;
    let annotations = metadata.get_mut("annotations")?.as_object_mut()?;
    let text = annotations.shift_remove(name)?.as_str().map(str::to_owned);
    if annotations.is_empty() {
        metadata.shift_remove("annotations");
    }
    text
}

/// Why something does not render, in the words of the program that was to do it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Failure {
    /// What it is about, where that is known.
    pub place: Option<Place>,
    /// What was said.
    pub words: String,
}

/// What kustomize said of a build that failed, without what is around the overlay. `tree` is the folder that it ran on.
#[must_use]
pub fn explain(words: &str, tree: &str, overlay: &RepoPath) -> Failure {
    if let Some(failure) = of_an_object(words, tree) {
        return failure;
    }
    let words = words.trim().trim_start_matches("error: ").replace(&format!("{tree}/"), "").replace(tree, ".");
    // Everything before it is about the kustomizations around the overlay.
    let own = format!("recursed accumulation of path '{overlay}': ");
    let target = format!("couldn't make target for path '{overlay}': ");
    let words = match (words.find(&own), words.find(&target)) {
        (Some(at), _) => words[at + own.len()..].to_owned(),
        (None, Some(at)) => words[at..].to_owned(),
        (None, None) => words,
    };
    Failure { place: Some(place(&words, overlay)), words }
}

/// What kustomize said of an object that it can not print. It prints it all the same before its words, as Go does, with
/// whatever a Secret holds.
fn of_an_object(words: &str, tree: &str) -> Option<Failure> {
    let printed = words.trim().trim_start_matches("error: ").strip_prefix("map[string]interface {}")?;
    let words = printed.strip_prefix("(nil): ").or_else(|| Some(printed.rsplit_once("}: ")?.1))?;
    let folder = format!("/{}/", tree.rsplit('/').next()?);
    let origin = printed.split_once(&format!("\"{ORIGIN}\":\"path: ")).and_then(|(_, rest)| rest.split("\\n").next());
    let file = origin.and_then(|origin| origin.split_once(&folder).map_or(origin, |(_, path)| path).parse().ok());
    Some(Failure { place: file.map(Place::file), words: words.to_owned() })
}

/// The place that a message is about: the last directory that it went into, the file that it names there, and the line.
fn place(words: &str, overlay: &RepoPath) -> Place {
    let after = |mark: &str, end: char| {
        let at = words.rfind(mark)? + mark.len();
        Some(words[at..].split(end).next().unwrap_or_default())
    };
    let entered = [after("accumulation of path '", '\''), after("make target for path '", '\'')];
    let directory = entered.into_iter().flatten().filter_map(|path| path.parse::<RepoPath>().ok()).next_back();
    let directory = directory.unwrap_or_else(|| overlay.clone());
    let named = after("in File: ", ' ')
        .or_else(|| after("path: \"", '"'))
        .or_else(|| after("patch file from path(", ')'))
        .or_else(|| after("resources from '", '\''));
    let named = named.map(str::trim).filter(|name| !is_remote(name));
    let file = named.and_then(|name| directory.resolve(name)).filter(|file| file != &directory);
    let line = after("yaml: line ", ':').and_then(|line| line.parse().ok());
    let file = file.unwrap_or_else(|| directory.join("kustomization.yaml"));
    Place { file, line }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(text: &str) -> RepoPath {
        text.parse().unwrap()
    }

    #[test]
    fn documents_are_told_apart() {
        let found: Vec<_> = documents("a: 1\n---\nb: |\n  ---\n  x\n---\n---\nc: 1\n").collect();
        assert_eq!(found, ["a: 1", "b: |\n  ---\n  x", "c: 1\n"]);
        assert_eq!(documents("---\na: 1\n").collect::<Vec<_>>(), ["a: 1\n"]);
    }

    #[test]
    fn objects_go_to_their_overlays_without_what_was_added() {
        let printed = "
kind: Namespace
metadata:
  annotations:
    bivouac.dev/overlay: \"1\"
    config.kubernetes.io/origin: |
      path: ../tree/base/x.yaml
  name: a
---
kind: ConfigMap
metadata:
  annotations:
    bivouac.dev/overlay: \"2\"
    config.kubernetes.io/origin: |
      configuredIn: ../tree/base/kustomization.yaml
      configuredBy: {kind: ConfigMapGenerator}
    kept: \"1\"
---
kind: X
metadata:
  annotations:
    bivouac.dev/overlay: \"3\"
    config.kubernetes.io/origin: |
      path: y.yaml
      repo: https://example.com/x
";
        let found = manifests(printed, |path| path.strip_prefix("../tree/")?.parse().ok()).unwrap();
        let first = &found[&1][0];
        assert_eq!(first.object, json!({"kind": "Namespace", "metadata": {"name": "a"}}));
        assert_eq!(first.origin, Some(path("base/x.yaml")));
        let second = &found[&2][0];
        assert_eq!(second.object["metadata"], json!({"annotations": {"kept": "1"}}));
        assert_eq!(second.origin, Some(path("base/kustomization.yaml")));
        assert_eq!(found[&3][0].origin, None);
        assert!(manifests("a: [\n", |_| None).is_err());
        assert!(manifests("kind: X\n", |_| None).is_err());
    }

    #[test]
    fn a_failure_is_told_from_the_overlay_on() {
        let around = "error: accumulating resources: accumulation err='accumulating resources from '../1': '/t/w/1' must resolve to a file': recursed accumulation of path '/t/w/1': accumulating resources: accumulation err='accumulating resources from '../../o/pr-1': '/t/o/pr-1' must resolve to a file': recursed accumulation of path '/t/o/pr-1': ";
        for (words, file, line) in [
            (
                "accumulating resources: accumulation err='accumulating resources from '../../base': '/t/base' must resolve to a file': recursed accumulation of path '/t/base': accumulating resources: accumulating resources from 'helmrelease.yaml': MalformedYAMLError: yaml: line 10: did not find expected node content in File: helmrelease.yaml",
                "base/helmrelease.yaml",
                Some(10),
            ),
            (
                "accumulating resources: accumulation err='accumulating resources from '../../base': '/t/base' must resolve to a file': couldn't make target for path '/t/base': invalid Kustomization: json: unknown field \"foo\"",
                "base/kustomization.yaml",
                None,
            ),
            (
                "accumulating resources: accumulation err='accumulating resources from 'missing.yaml': evalsymlink failure on '/t/o/pr-1/missing.yaml' : lstat /t/o/pr-1/missing.yaml: no such file or directory'",
                "o/pr-1/missing.yaml",
                None,
            ),
            ("unable to parse SM or JSON patch from [path: \"patch.yaml\"]", "o/pr-1/patch.yaml", None),
            ("something else", "o/pr-1/kustomization.yaml", None),
            (
                "accumulating resources: accumulation err='accumulating resources from 'https://example.com/x.yaml': no': must build at directory",
                "o/pr-1/kustomization.yaml",
                None,
            ),
        ] {
            let failure = explain(&format!("{around}{words}\n"), "/t", &path("o/pr-1"));
            assert_eq!(failure.place, Some(Place { file: path(file), line }), "{words}");
            assert_eq!(failure.words, words.replace("/t/", ""));
        }
    }

    #[test]
    fn an_object_that_can_not_be_printed_is_not_shown() {
        let words = r#"error: map[string]interface {}{"data":map[interface {}]interface {}{1:"aHVzaA=="}, "metadata":map[string]interface {}{"annotations":map[string]interface {}{"config.kubernetes.io/origin":"path: ../../bivouac-x/base/a.yaml\n"}}}: json: unsupported type: map[interface {}]interface {}"#;
        let failure = explain(words, "/tmp/bivouac-x", &path("o/pr-1"));
        assert_eq!(failure.place, Some(Place::file(path("base/a.yaml"))));
        assert_eq!(failure.words, "json: unsupported type: map[interface {}]interface {}");
        let words = r#"error: map[string]interface {}(nil): yaml: invalid map key: []interface {}{"a"}"#;
        let failure = explain(words, "/tmp/bivouac-x", &path("o/pr-1"));
        assert_eq!(failure, Failure { place: None, words: r#"yaml: invalid map key: []interface {}{"a"}"#.to_owned() });
    }
}
