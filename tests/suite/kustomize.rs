//! What Flux would make of an overlay: real `kubectl kustomize`, real `helm template`, and Kubernetes' own schemas.

use std::path::Path;
use std::process::{Command, Output, Stdio};

use serde_json::Value;
use tempfile::TempDir;

use crate::world::tools;

/// Builds a directory with the real kustomize. An error is what kustomize says.
pub(crate) fn build(directory: &Path) -> Result<Vec<Value>, String> {
    let output = tool("kubectl").arg("kustomize").arg(directory).output().unwrap();
    if !output.status.success() {
        return Err(text(&output.stderr));
    }
    Ok(documents(&text(&output.stdout)))
}

/// Templates the chart of the tests with the values of a built `HelmRelease`, in the namespace that the release is in.
pub(crate) fn template(release: &Value) -> Vec<Value> {
    let folder = TempDir::new().unwrap();
    let values = folder.path().join("values.json");
    std::fs::write(&values, release["spec"]["values"].to_string()).unwrap();
    let chart = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/fixtures/chart");
    let (name, namespace) = (&release["metadata"]["name"], &release["metadata"]["namespace"]);
    let output = tool("helm")
        .args(["template", name.as_str().unwrap(), "--namespace", namespace.as_str().unwrap(), "--values"])
        .args([&values, &chart])
        .output()
        .unwrap();
    let manifests = succeeded(&output);
    let file = folder.path().join("manifests.yaml");
    std::fs::write(&file, &manifests).unwrap();
    succeeded(&tool("kubernetes-validate").args(["-k", "1.34", "--strict"]).arg(&file).output().unwrap());
    documents(&manifests)
}

/// The only object of that kind.
pub(crate) fn only<'a>(objects: &'a [Value], kind: &str) -> &'a Value {
    let found: Vec<_> = objects.iter().filter(|object| object["kind"] == kind).collect();
    assert_eq!(found.len(), 1, "{kind} in {objects:#?}");
    found[0]
}

/// One of the real programs, in an environment of its own.
pub(crate) fn tool(name: &str) -> Command {
    let mut command = Command::new(tools().join("bin").join(name));
    command
        .env_clear()
        .env("PATH", std::env::var_os("PATH").unwrap_or_default())
        .env("HOME", std::env::temp_dir())
        .env("HELM_NO_PLUGINS", "1")
        .stdin(Stdio::null());
    command
}

/// The documents of a text, without the empty ones.
pub(crate) fn documents(text: &str) -> Vec<Value> {
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).unwrap();
    documents.into_iter().filter(|document| !document.is_null()).collect()
}

fn succeeded(output: &Output) -> String {
    assert!(output.status.success(), "{}{}", text(&output.stdout), text(&output.stderr));
    text(&output.stdout)
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
