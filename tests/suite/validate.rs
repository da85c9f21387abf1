//! `validate` and `diff` on checkouts, with the real kustomize and helm.

mod checkouts;
mod diffs;
mod findings;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::Value;
use tempfile::TempDir;

use crate::built::{Layout, kustomization};
use crate::world::{Run, World, read_outputs, tools};

/// A checkout of an apps repository, and what `bivouac` says of it.
struct Checkout {
    folder: TempDir,
    home: TempDir,
}

impl Checkout {
    fn new(files: &BTreeMap<String, String>) -> Self {
        let checkout = Self { folder: TempDir::new().unwrap(), home: TempDir::new().unwrap() };
        fs::create_dir(checkout.folder.path().join(".git")).unwrap();
        for (path, text) in files {
            checkout.write(path, text);
        }
        checkout
    }

    fn write(&self, path: &str, text: &str) {
        let place = self.folder.path().join(path);
        fs::create_dir_all(place.parent().unwrap()).unwrap();
        fs::write(place, text).unwrap();
    }

    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_bivouac"));
        command.current_dir(self.folder.path()).env_clear().env("PATH", std::env::var_os("PATH").unwrap_or_default());
        command.env("HOME", self.home.path()).env("TMPDIR", self.home.path()).env("GITHUB_ACTIONS", "true");
        command.env("BIVOUAC_KUSTOMIZE", tools().join("bin/kubectl")).args(arguments);
        command
    }

    fn run(&self, mut command: Command) -> Run {
        let file = |name: &str| {
            let path = self.home.path().join(name);
            fs::write(&path, "").unwrap();
            path
        };
        let (outputs, summary) = (file("outputs"), file("summary"));
        command.env("GITHUB_OUTPUT", &outputs).env("GITHUB_STEP_SUMMARY", &summary);
        let before = state(self.folder.path());
        let output = command.output().unwrap();
        assert_eq!(state(self.folder.path()), before);
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        let run = Run {
            code: output.status.code().unwrap_or(-1),
            stdout: text(&output.stdout),
            stderr: text(&output.stderr),
            outputs: read_outputs(&fs::read_to_string(outputs).unwrap()),
            summary: fs::read_to_string(summary).unwrap(),
        };
        let here = self.folder.path().to_string_lossy().into_owned();
        assert!(!run.stdout.contains(&here) && !run.stdout.contains("/bivouac-"), "{}", run.stdout);
        assert!(!run.summary.contains("bivouac-"), "{}", run.summary);
        let left = fs::read_dir(self.home.path()).unwrap().map(|entry| entry.unwrap().file_name());
        assert!(left.into_iter().all(|name| !name.to_string_lossy().starts_with("bivouac-")));
        run
    }

    fn validate(&self, arguments: &[&str]) -> Run {
        self.run(self.command(&[&["validate"], arguments].concat()))
    }

    /// The findings as JSON, which say what the text says.
    fn findings(&self) -> Vec<Value> {
        let run = self.validate(&["--format", "json"]);
        let document: Value = serde_json::from_str(&run.stdout).unwrap();
        let findings = document["findings"].as_array().unwrap().clone();
        let refusals = findings.iter().filter(|finding| finding["severity"] == "refused").count();
        assert_eq!(run.code, if refusals > 0 { 12 } else { 0 }, "{}", run.stderr);
        assert_eq!(run.output("refusals"), refusals.to_string());
        let text = self.validate(&[]);
        assert_eq!((text.code, &text.outputs), (run.code, &run.outputs));
        for finding in &findings {
            let message = finding["message"].as_str().unwrap().lines().next().unwrap();
            assert!(text.stdout.contains(message), "{message}\n{}", text.stdout);
        }
        findings
    }

    /// The place of the only finding.
    fn place(&self) -> (String, u64) {
        let findings = self.findings();
        assert_eq!(findings.len(), 1, "{findings:#?}");
        (findings[0]["file"].as_str().unwrap().to_owned(), findings[0]["line"].as_u64().unwrap_or_default())
    }
}

/// Every file below a folder with its bytes, every directory, and where links lead.
fn state(folder: &Path) -> BTreeMap<String, Vec<u8>> {
    let mut found = BTreeMap::new();
    let mut waiting = vec![folder.to_owned()];
    while let Some(here) = waiting.pop() {
        for entry in fs::read_dir(&here).unwrap() {
            let path = entry.unwrap().path();
            let kind = fs::symlink_metadata(&path).unwrap();
            let bytes = match (kind.is_dir(), kind.is_symlink()) {
                (true, _) => {
                    waiting.push(path.clone());
                    Vec::new()
                }
                (_, true) => fs::read_link(&path).unwrap().to_string_lossy().into_owned().into_bytes(),
                _ => fs::read(&path).unwrap_or_default(),
            };
            found.insert(path.to_string_lossy().into_owned(), bytes);
        }
    }
    found
}

/// The application with overlays that people wrote.
fn layout() -> Layout {
    let overlay = |name: &str| kustomization(&format!("namespace: {name}\nresources: [../../base]"));
    let layout = Layout::new().with("overlays/production/kustomization.yaml", &overlay("production"));
    layout.with("overlays/staging/kustomization.yaml", &overlay("staging"))
}

/// Two roots, each with its overlays.
fn two_roots() -> BTreeMap<String, String> {
    let files = layout().0;
    let in_root = |root: &str, application: &str| -> BTreeMap<String, String> {
        let named = |text: &str| text.replace("wildside", application).replace("preview.", &format!("{application}."));
        files.iter().map(|(path, text)| (format!("{root}/{path}"), named(text))).collect()
    };
    let mut all = in_root("apps/one", "one");
    all.extend(in_root("apps/two", "two"));
    all
}
