//! What a kustomization leads to: everything that has to be there for it to build.

use serde_json::Value;

use crate::domain::kustomization::is_remote;
use crate::domain::yaml::{self, YamlError};

/// The keys whose entries are paths of files and directories, or manifests that stand there themselves.
const PATHS: [&str; 9] = [
    "resources",
    "bases",
    "components",
    "crds",
    "configurations",
    "patchesStrategicMerge",
    "transformers",
    "generators",
    "validators",
];
/// The keys whose entries hold a `path`.
const WITH_PATH: [&str; 3] = ["patches", "patchesJson6902", "replacements"];
/// The keys whose entries name files to make something of.
const GENERATORS: [&str; 2] = ["configMapGenerator", "secretGenerator"];

/// The paths that a kustomization names, as it names them. What is fetched from elsewhere is left out.
///
/// # Errors
///
/// When the text is not YAML.
pub fn references(text: &str) -> Result<Vec<String>, YamlError> {
    let documents = yaml::parse_all(text)?;
    let mut found = Vec::new();
    for document in &documents {
        let entries = |key: &str| document.get(key).and_then(Value::as_array).into_iter().flatten();
        found.extend(PATHS.iter().flat_map(|key| entries(key)).filter_map(Value::as_str));
        found.extend(WITH_PATH.iter().flat_map(|key| entries(key)).filter_map(|entry| entry.get("path")?.as_str()));
        for generator in GENERATORS.iter().flat_map(|key| entries(key)) {
            let files = ["files", "envs"].iter().filter_map(|key| generator.get(key)?.as_array()).flatten();
            let files = files.filter_map(Value::as_str).chain(generator.get("env").and_then(Value::as_str));
            found.extend(files.map(|file| file.split_once('=').map_or(file, |(_, path)| path)));
        }
        found.extend(document.pointer("/openapi/path").and_then(Value::as_str));
    }
    Ok(found.into_iter().filter(|path| is_path(path)).map(str::to_owned).collect())
}

/// Whether this is a path in the repository, rather than an address or a manifest.
fn is_path(text: &str) -> bool {
    !text.trim().is_empty() && !text.contains('\n') && !is_remote(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_reference_is_found() {
        let text = "
resources: [a.yaml, ../base, https://example.com/x.yaml, 7]
bases: [b]
components: [../c]
crds: [d.yaml]
configurations: [e.yaml]
patchesStrategicMerge: [f.yaml, \"kind: X\\nmetadata: {}\"]
transformers: [g.yaml]
generators: [h]
validators: [i.yaml]
patches: [{path: j.yaml}, {patch: inline}]
patchesJson6902: [{path: k.json, target: {kind: X}}]
replacements: [{path: l.yaml}, {source: {}}]
configMapGenerator: [{name: m, files: [n.txt, key=o.txt], envs: [p.env], env: q.env, literals: [r=s]}]
secretGenerator: [{name: t, files: [u]}]
openapi: {path: v.json}
namePrefix: w-
";
        let found = references(text).unwrap();
        let expected = [
            "a.yaml", "../base", "b", "../c", "d.yaml", "e.yaml", "f.yaml", "g.yaml", "h", "i.yaml", "j.yaml",
            "k.json", "l.yaml", "n.txt", "o.txt", "p.env", "q.env", "u", "v.json",
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_says_nothing_leads_nowhere() {
        for text in ["", "# x\n", "7\n", "- a\n", "resources:\n", "resources: a.yaml\n", "patches: [{}]\n"] {
            assert_eq!(references(text).unwrap(), Vec::<String>::new(), "{text:?}");
        }
        assert!(references("resources: [").is_err());
    }
}
