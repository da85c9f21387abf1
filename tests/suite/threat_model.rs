//! The threat model, sentence by sentence: each rests on a test that there is, or on an argument that is given.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

use crate::files::top;

const PAGE: &str = "docs/threat-model.md";
const ARGUMENTS: &str = "\n## Arguments\n";

/// Every test of the program and of the suite, by its path: `actions::forks::it_does_so`, `domain::record::tests::it_does_so`.
fn tests() -> BTreeSet<String> {
    let mut found = BTreeSet::new();
    for root in ["src", "tests/suite"] {
        for file in rust_files(&top().join(root)) {
            let relative = file.strip_prefix(top().join(root)).unwrap().with_extension("");
            let mut path: Vec<_> = relative.iter().map(|part| part.to_str().unwrap().to_owned()).collect();
            path.retain(|part| part != "mod");
            let text = fs::read_to_string(&file).unwrap();
            let inline = text.contains("\nmod tests {\n");
            let mut is_test = false;
            for line in text.lines().map(str::trim_start) {
                is_test |= line == "#[test]" || line.starts_with("#[tokio::test");
                let Some(rest) = line.strip_prefix("fn ").or_else(|| line.strip_prefix("async fn ")) else { continue };
                if std::mem::take(&mut is_test) {
                    let name = rest.split(['(', '<']).next().unwrap();
                    let inside = if inline { "tests::" } else { "" };
                    found.insert(format!("{}::{inside}{name}", path.join("::")));
                }
            }
        }
    }
    found
}

fn rust_files(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(rust_files(&path));
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(path);
        }
    }
    found
}

/// The statements of the page: every entry of a list before the arguments, each in one line.
fn statements(page: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut is_open = false;
    for line in page.lines() {
        if let Some(begun) = line.strip_prefix("- ") {
            found.push(begun.to_owned());
            is_open = true;
        } else if is_open && line.starts_with("  ") {
            let last = found.last_mut().unwrap();
            last.push(' ');
            last.push_str(line.trim());
        } else {
            is_open = false;
        }
    }
    found
}

/// What a statement rests on: the names of tests, or of arguments.
fn grounds(statement: &str) -> (&str, Vec<&str>) {
    let (sentence, rest) = statement.rsplit_once(" (").unwrap_or_else(|| panic!("it rests on nothing: {statement}"));
    let inside = rest.strip_suffix(')').unwrap_or_else(|| panic!("it does not end with what it rests on: {statement}"));
    assert!(
        sentence.ends_with('.') && !sentence.trim_end_matches('.').contains(". "),
        "one sentence each: {statement}"
    );
    match inside.split_once(' ') {
        Some(("test" | "tests", names)) => ("test", names.split(", ").map(|name| name.trim_matches('`')).collect()),
        Some(("argument" | "arguments", names)) => ("argument", names.split(", ").collect()),
        _ => panic!("it rests on neither a test nor an argument: {statement}"),
    }
}

#[test]
fn every_sentence_rests_on_a_test_that_there_is_or_on_an_argument_that_is_given() {
    let page = fs::read_to_string(top().join(PAGE)).unwrap();
    let (stated, argued) = page.split_once(ARGUMENTS).unwrap();
    let arguments: BTreeMap<_, _> =
        argued.split("\n**").skip(1).filter_map(|argument| argument.split_once(".** ")).collect();
    let (tests, mut used) = (tests(), BTreeSet::new());
    assert!(tests.len() > 1_000, "{} tests were found", tests.len());
    let statements = statements(stated);
    assert!(statements.len() > 50, "{} statements were found", statements.len());
    for statement in &statements {
        let (kind, names) = grounds(statement);
        for name in names {
            if kind == "test" {
                assert!(tests.contains(name), "there is no test `{name}`: {statement}");
            } else {
                assert!(
                    arguments.get(name).is_some_and(|argument| argument.len() > 40),
                    "no argument {name}: {statement}"
                );
                used.insert(name);
            }
        }
    }
    let idle: Vec<_> = arguments.keys().filter(|name| !used.contains(*name)).collect();
    assert!(idle.is_empty(), "nothing rests on {idle:?}");
}

#[test]
fn every_workflow_that_is_copied_has_a_part_of_its_own() {
    use bivouac::domain::workflows::{FILES, FORK_FILES};

    let page = fs::read_to_string(top().join(PAGE)).unwrap();
    let headings: Vec<_> = page.lines().filter(|line| line.starts_with("## ")).collect();
    for (file, _) in FILES.iter().chain(&FORK_FILES) {
        assert!(headings.iter().any(|heading| heading.contains(&format!("`{file}`"))), "{file}");
    }
}
