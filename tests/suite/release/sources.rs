//! `cargo install` gets everything that the program is built from, and nothing that it is not.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Component, Path, PathBuf};
use std::process::Command;

use crate::files::top;

/// The files of the package, as Cargo would publish it.
fn packaged() -> BTreeSet<String> {
    let output = Command::new(env!("CARGO"))
        .args(["package", "--list", "--allow-dirty", "--offline"])
        .current_dir(top())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_owned).collect()
}

/// The Rust files below `src`.
fn sources() -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut waiting = vec![top().join("src")];
    while let Some(directory) = waiting.pop() {
        for entry in fs::read_dir(directory).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                waiting.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    found
}

/// What a source includes by a path of its own, as a path from the top.
fn included(source: &Path) -> Vec<String> {
    let text = fs::read_to_string(source).unwrap();
    let mut found = Vec::new();
    for name in ["include_str!(", "include_bytes!(", "include!("] {
        for (_, rest) in text.match_indices(name).map(|(at, _)| text[at..].split_at(name.len())) {
            let named = rest.trim_start().strip_prefix('"').and_then(|rest| rest.split('"').next());
            let named = named.unwrap_or_else(|| panic!("{}: what is included here?", source.display()));
            found.push(straightened(&source.parent().unwrap().join(named)));
        }
    }
    found
}

fn straightened(path: &Path) -> String {
    let mut straight = PathBuf::new();
    for part in path.strip_prefix(top()).unwrap().components() {
        match part {
            Component::ParentDir => assert!(straight.pop()),
            part => straight.push(part),
        }
    }
    straight.to_str().unwrap().to_owned()
}

#[test]
fn the_package_holds_what_the_sources_include() {
    let packaged = packaged();
    let sources = sources();
    assert!(sources.len() > 50, "there is nothing to check");
    for source in sources {
        assert!(packaged.contains(&straightened(&source)), "{}", source.display());
        for path in included(&source) {
            assert!(packaged.contains(&path), "`{path}` is included by `{}` and not packaged", source.display());
        }
    }
}

#[test]
fn the_package_holds_readme_and_licences_and_nothing_of_tests_and_releases() {
    let packaged = packaged();
    for name in ["Cargo.toml", "Cargo.lock", "README.md", "CHANGELOG.md", "LICENSE-MIT", "LICENSE-APACHE"] {
        assert!(packaged.contains(name), "{name}");
    }
    for path in &packaged {
        let top = path.split('/').next().unwrap();
        assert!(!["tests", "docs", "release", ".github", ".ci", "target"].contains(&top), "{path}");
    }
}
